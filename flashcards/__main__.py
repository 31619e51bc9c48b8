"""The way in: `cards` and `python -m flashcards`."""

import sys


def main() -> None:
    """Answers `--version` at once, hands everything else to the command line."""
    if sys.argv[1:] in (["--version"], ["-V"]):
        from flashcards import __version__

        print(f"cards {__version__}")  # noqa: T201  (click is not imported yet, on purpose)
        return
    from flashcards.cli import run

    sys.exit(run())


if __name__ == "__main__":
    main()
