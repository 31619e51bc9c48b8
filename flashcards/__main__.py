"""The way in: `cards` and `python -m flashcards`."""

import gc
import sys

OBJECTS_BEFORE_COLLECTING = 50_000
"""Python looks for garbage after 700 new objects; at start-up that is 5 % of the time and finds nothing."""

INTERRUPTED = 130
"""The exit code after ctrl-c."""


def main() -> None:
    """Answers `--version` at once, hands everything else to the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from flashcards import __version__

        print(f"cards {__version__}")  # noqa: T201  (click is not imported yet, on purpose)
        return
    gc.set_threshold(OBJECTS_BEFORE_COLLECTING)
    try:
        from flashcards.cli import run

        code = run()
    except KeyboardInterrupt:  # while the rest is imported, or when all is done
        code = INTERRUPTED
    sys.exit(code)


if __name__ == "__main__":
    main()
