"""The table of deck formats: which module reads a file, by its suffix."""

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from flashcards.errors import UnknownFormat
from flashcards.model import Deck, Problem

BUILT_IN = {".yaml": "flashcards.formats.yaml", ".yml": "flashcards.formats.yaml"}
"""Suffix to module. A module is imported when the first file asks for it."""


class Format(Protocol):
    """A module, or any object, that reads decks."""

    def parse(self, data: bytes, name: str) -> tuple[Deck | None, list[Problem]]:
        """The deck in `data`, called `name` in messages; None when there is any problem."""
        ...


def for_path(path: Path) -> Format:
    """What reads `path`, going by its suffix; raises UnknownFormat."""
    module = BUILT_IN.get(path.suffix.lower())
    if module is None:
        raise UnknownFormat(f"no format fits `{path.name}`", hint="there are: " + ", ".join(sorted(BUILT_IN)))
    return cast("Format", import_module(module))
