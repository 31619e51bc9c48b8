"""Anki's packages, `.apkg` and `.colpkg`: a `plain.Format`, as a module.

Its modules are called `reader` and `writer`: one called `write` would take the place of the function.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from flashcards.formats.plain import Beside, Brought, Options, PlainDeck

name = "anki"
suffixes = (".apkg", ".colpkg", ".anki2", ".anki21")


def read(path: "Path", name: str, options: "Options") -> "Brought":
    """What the package at `path` holds."""
    from flashcards.formats.anki.reader import read as take_in  # sqlite3, zipfile, zstandard: 40 ms, only for packages

    return take_in(path, name, options)


def write(decks: "Sequence[PlainDeck]", beside: "Sequence[Beside]" = ()) -> "Iterable[bytes]":
    """The decks as a package."""
    from flashcards.formats.anki.writer import write as give_out  # the same

    return give_out(decks, beside)
