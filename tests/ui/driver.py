"""A sitting over a few cards in memory, in a process of its own: `python driver.py SCENE FILE`.

Tests start it in a pseudo-terminal. FILE gets one line per event, as it is recorded.
"""

from flashcards.ui.keys import Tty

if __name__ == "__main__":
    with Tty() as tty:
        import sys
        from pathlib import Path

        sys.path.insert(0, str(Path(__file__).parents[1]))
        from ui.scenes import play

        code = play(tty, sys.argv[1], Path(sys.argv[2]))
    raise SystemExit(code)
