"""Draws what a screen would show into a text."""

from collections.abc import Callable
from io import BytesIO, StringIO, TextIOWrapper

from rich.console import Console

from flashcards.ui.screen import Screen


def drawn(draw: Callable[[Screen], object], width: int = 80, *, color: bool = False) -> str:
    """What `draw` puts on a screen of that width."""
    file = StringIO()
    console = Console(
        file=file,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=color,
        color_system="standard" if color else None,
    )
    draw(Screen(console))
    return file.getvalue()


def in_ascii(draw: Callable[[Screen], object]) -> str:
    """The same on a terminal without Unicode."""
    file = TextIOWrapper(BytesIO(), encoding="ascii", errors="strict", write_through=True)
    draw(Screen(Console(file=file, width=80, highlight=False, markup=False, emoji=False)))
    assert isinstance(file.buffer, BytesIO)
    return file.buffer.getvalue().decode("ascii")
