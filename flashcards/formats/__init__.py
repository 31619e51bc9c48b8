"""The table of formats: which module reads and writes a file, by its suffix or by its name."""

from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from flashcards.errors import CardsError, UnknownFormat
from flashcards.model import Deck, Problem

if TYPE_CHECKING:
    from flashcards.formats.plain import Format

BUILT_IN = {".yaml": "flashcards.formats.yaml", ".yml": "flashcards.formats.yaml"}
"""Deck files proper: suffix to module. A module is imported when the first file asks for it."""
FOREIGN = {
    ".csv": "flashcards.formats.csv",
    ".tsv": "flashcards.formats.csv",
    ".txt": "flashcards.formats.csv",
    ".md": "flashcards.formats.markdown",
    ".markdown": "flashcards.formats.markdown",
    ".apkg": "flashcards.formats.anki",
    ".colpkg": "flashcards.formats.anki",
    ".anki2": "flashcards.formats.anki",
    ".anki21": "flashcards.formats.anki",
}
"""What is taken in by making YAML of it: suffix to module, which is a `plain.Format`."""
GROUP = "flashcards.format.v1"
"""The entry points by which other packages add formats: a name, and a `plain.Format`."""


class DeckFormat(Protocol):
    """A module, or any object, that reads decks."""

    def parse(self, data: bytes, name: str) -> tuple[Deck | None, list[Problem]]:
        """The deck in `data`, called `name` in messages; None when there is any problem."""
        ...


def for_path(path: Path) -> DeckFormat:
    """What reads the deck file `path`, going by its suffix; raises UnknownFormat."""
    module = BUILT_IN.get(path.suffix.lower())
    if module is None:
        raise UnknownFormat(f"no format fits `{path.name}`", hint="there are: " + ", ".join(sorted(BUILT_IN)))
    return cast("DeckFormat", import_module(module))


def foreign(path: Path) -> "Format | None":
    """What reads a file that is no deck file proper, going by its suffix; None if nothing does."""
    suffix = path.suffix.lower()
    if suffix in FOREIGN:
        return cast("Format", import_module(FOREIGN[suffix]))
    return next((one for one in installed().values() if suffix in one.suffixes), None)


def by_name(name: str) -> "Format":
    """The format called `name`; raises UnknownFormat."""
    for module in dict.fromkeys(FOREIGN.values()):
        if module.rpartition(".")[2] == name:
            return cast("Format", import_module(module))
    found = installed().get(name)
    if found is None:
        raise UnknownFormat(f"no format is called `{name}`", hint="there are: " + ", ".join(names()))
    return found


def names() -> list[str]:
    """The names of all formats but YAML, those of other packages last."""
    return [*dict.fromkeys(module.rpartition(".")[2] for module in FOREIGN.values()), *installed()]


def installed() -> "dict[str, Format]":
    """The formats of other packages, by name; raises CardsError where one of them does not load."""
    return _installed()


@cache
def _installed() -> "dict[str, Format]":
    from importlib.metadata import entry_points  # 50 ms, only where no format of ours fits

    found = {}
    for point in entry_points(group=GROUP):
        try:
            found[point.name] = cast("Format", point.load())
        except Exception as error:  # noqa: BLE001  (whatever a package does while it is imported)
            raise CardsError(
                f"the format `{point.name}` of another package cannot be loaded: {error}",
                hint=f"`{point.value}` is where it should be: upgrade that package, or remove it",
            ) from None
    return found
