"""From what a person names to files: decks and review logs in files, folders, patterns and what came along."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from flashcards.errors import CardsError, UnknownFormat
from flashcards.places import bundled_deck, bundled_names

DECK_SUFFIXES = (".yaml", ".yml")
LOG_SUFFIX = ".jsonl"


def find_files(sources: Iterable[str]) -> tuple[list[Path], list[Path]]:
    """The deck files and the review logs that the sources name; raises for a source that names nothing.

    In a folder only files count that say `deck:`; a file that is named must be readable. A bare
    name that no file has may be that of a deck that came along.
    """
    decks: dict[str, Path] = {}
    logs: dict[str, Path] = {}
    for source in sources:
        for path in _expand(source):
            (logs if path.suffix == LOG_SUFFIX else decks).setdefault(os.path.realpath(path), path)
    return list(decks.values()), list(logs.values())


def _expand(source: str) -> list[Path]:
    path = Path(os.path.expanduser(source))  # noqa: PTH111  (a `~name` that nobody has stays as it is)
    if path.is_dir():
        return _or_nothing(sorted(_in_folder(path)), f"`{source}` has no deck in it")
    if not path.exists() and source in bundled_names():
        return [Path(bundled_deck(source))]
    if path.exists() or not any(c in source for c in "*?["):
        return [_known_suffix(path)]
    from glob import glob

    found = [Path(name) for name in sorted(glob(str(path), recursive=True))]  # noqa: PTH207  (patterns with folders)
    return _or_nothing([_known_suffix(one) for one in found if one.is_file()], f"`{source}` matches no file")


def _in_folder(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(parent, name)
            if name.startswith(".") or not path.is_file():
                continue  # an editor's lock or backup, a pipe, a link to nowhere
            if path.suffix == LOG_SUFFIX or (path.suffix in DECK_SUFFIXES and _says_deck(path)):
                yield path


def _says_deck(path: Path) -> bool:
    """Whether a YAML file in a folder means to be a deck; other YAML lies in many folders."""
    try:
        with path.open("rb") as file:
            start = file.read(65536)
    except OSError as error:
        raise unreadable(path, error) from None
    return any(line.lstrip(b"\xef\xbb\xbf").startswith((b"deck:", b"cards:")) for line in start.splitlines())


def unreadable(path: Path, error: OSError) -> CardsError:
    """The error for a file that cannot be opened."""
    return CardsError(f"cannot read `{path}`: {error.strerror}", hint="check the name of the file")


def _known_suffix(path: Path) -> Path:
    if not path.suffix and not path.exists():
        raise CardsError(
            f"cannot read `{path}`: there is no such file or folder",
            hint=f"check the name; the decks that came along are {', '.join(bundled_names())}",
        )
    if path.suffix not in (*DECK_SUFFIXES, LOG_SUFFIX):
        raise UnknownFormat(f"`{path}` is of no known format", hint="decks end in .yaml or .yml, review logs in .jsonl")
    return path


def _or_nothing(found: list[Path], message: str) -> list[Path]:
    if not found:
        raise CardsError(message, hint="decks end in .yaml or .yml, review logs in .jsonl")
    return found
