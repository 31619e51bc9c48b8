"""Draws the pictures of docs/screens from a made-up learner's year: `python tools/make_screens.py`.

The same seed and the same frozen evening make the same pictures. A folder may
be named to draw them elsewhere.
"""

import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import NamedTuple

TOP = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TOP))
os.environ["CARDS_NOW"] = "2026-11-28T21:30:00+01:00"

from rich.console import Console  # noqa: E402  (the clock is set first)
from rich.terminal_theme import DEFAULT_TERMINAL_THEME, TerminalTheme  # noqa: E402

from bench.history import History, reviews  # noqa: E402
from flashcards.app import App, library  # noqa: E402
from flashcards.app.statistics import Statistics, statistics  # noqa: E402
from flashcards.model import Review  # noqa: E402
from flashcards.ui.statistics import screen  # noqa: E402
from flashcards.ui.words import UNICODE  # noqa: E402

DECKS = ("git", "venv", "shell", "pip")
HISTORY = History(reviews=5_000, years=1.4, seed=7)
DARK = TerminalTheme(
    (30, 32, 36),
    (208, 211, 216),
    [
        (60, 64, 72),
        (224, 108, 117),
        (152, 195, 121),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (208, 211, 216),
    ],
    [
        (120, 126, 138),
        (224, 108, 117),
        (152, 195, 121),
        (229, 192, 123),
        (97, 175, 239),
        (198, 120, 221),
        (86, 182, 194),
        (255, 255, 255),
    ],
)


class Picture(NamedTuple):
    """One file."""

    name: str
    width: int
    theme: TerminalTheme


PICTURES = (
    Picture("stats-40", 40, DARK),
    Picture("stats-80", 80, DARK),
    Picture("stats-80-light", 80, DEFAULT_TERMINAL_THEME),
    Picture("stats-160", 160, DARK),
)


def made_up(app: App) -> Iterator[Review]:
    """A year with the cards of the decks that come along, with slips such as people make."""
    texts = {row.card.id: next(iter(row.card.answer.values()), "") for row in app.store.all_rows() if row.card}
    names = [*texts]
    Random(HISTORY.seed).shuffle(names)
    for review in reviews(HISTORY):
        place = int(review.card.rpartition("-")[2])
        card = names[place % len(names)]
        typed = texts[card]
        if not typed:
            plain = {"verdict": None, "tries": None, "hints": None, "typed": None}
            yield review._replace(card=card, **plain)
        elif review.verdict == "fail":
            yield review._replace(card=card, typed=slip(typed, Random(review.id)))
        else:
            yield review._replace(card=card, typed=typed if review.typed else None)


def slip(answer: str, dice: Random) -> str:
    """A wrong answer: a word too few, or an option forgotten."""
    words = answer.split()
    options = [word for word in words if word.startswith("-")]
    wrong = dice.choice([*options, words[-1]]) if len(words) > 1 else words[-1]
    return " ".join(word for word in words if word is not wrong) or answer[:-1]


def svg(numbers: Statistics, picture: Picture) -> str:
    """The screen as a picture that asks nothing of the network."""
    console = Console(
        record=True,
        file=io.StringIO(),
        width=picture.width,
        force_terminal=True,
        color_system="standard",
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line in screen(numbers, picture.width, UNICODE):
        console.print(line, soft_wrap=True)
    text = console.export_svg(title="cards stats", theme=picture.theme, unique_id=picture.name)
    return re.sub(r"\s*@font-face \{.*?\n    \}", "", text, flags=re.DOTALL)


def main(folder: Path) -> None:
    """All pictures."""
    with TemporaryDirectory() as home:
        os.environ["CARDS_HOME"] = home
        app = App()
        try:
            readings = [library.read(app.store, TOP / "decks" / f"{deck}.yaml") for deck in DECKS]
            library.take(app.store, [reading.change for reading in readings if reading.change])
            app.store.append(made_up(app))
            numbers = statistics(app)
        finally:
            app.close()
    for picture in PICTURES:
        (folder / f"{picture.name}.svg").write_text(svg(numbers, picture), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else TOP / "docs" / "screens")
