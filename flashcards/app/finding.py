"""From what a person names to files: decks and review logs in files, folders, patterns and what came along."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from flashcards.app.ordinary import contents, ordinary, unreadable
from flashcards.errors import BadRequest, CardsError, UnknownFormat
from flashcards.places import bundled_deck, bundled_names

DECK_SUFFIXES = (".yaml", ".yml")
LOG_SUFFIX = ".jsonl"
DECK_LINE = re.compile(r"""^\ufeff?(?:\{ *)?(["']?)(?:cards|deck)\1 *:(?: *(["']?)([a-z0-9-]+)\2)?""", re.MULTILINE)
"""The first key of a deck, in a file that need not be good YAML; `{` where it is written like JSON."""
LOOK_BYTES = 65536
IN_FOLDERS = (".md", ".markdown", ".apkg", ".colpkg")
"""What of other formats is found in a folder; tables lie in many folders for other reasons, so they are named."""
BACKUPS = (".db", ".db.gz")
"""What a person may take for something to import."""


class Found(NamedTuple):
    """The files that the sources name: decks, review logs, and what decks can be made of."""

    decks: list[Path]
    logs: list[Path]
    foreign: dict[Path, str]
    """The folder in which each was found, as it was named; "" where the file was named itself."""


def find_files(sources: Iterable[str]) -> tuple[list[Path], list[Path]]:
    """The deck files and the review logs that the sources name; raises for a source that names nothing.

    In a folder only files count that say `deck:`; a file that is named must be readable. A bare
    name that no file has may be that of a deck that came along.
    """
    found = _find(sources, foreign=False)
    return found.decks, found.logs


def find_all(sources: Iterable[str]) -> Found:
    """As `find_files`, with the files of other formats."""
    return _find(sources, foreign=True)


def _find(sources: Iterable[str], *, foreign: bool) -> Found:
    kinds: tuple[dict[str, Path], ...] = ({}, {}, {})
    folders: dict[Path, str] = {}
    for source in sources:
        is_folder = os.path.isdir(os.path.expanduser(source))  # noqa: PTH111, PTH112  (as below)
        for path in _expand(source, foreign=foreign):
            kind = 1 if _is_log(path) else 0 if is_deck(path) else 2
            kinds[kind].setdefault(os.path.realpath(path), path)
            folders[path] = source if is_folder and folders.get(path, source) else ""
    decks, logs, others = (list(kind.values()) for kind in kinds)
    return Found(decks=decks, logs=logs, foreign={path: folders[path] for path in others})


def _expand(source: str, *, foreign: bool) -> list[Path]:
    if not source:  # a variable that was never set is not this folder
        raise BadRequest("the name of a file is empty", hint="name a file; `.` is this folder")
    path = Path(os.path.expanduser(source))  # noqa: PTH111  (a `~name` that nobody has stays as it is)
    if path.is_dir():
        os.listdir(path)  # noqa: PTH208  (a walk takes a folder that may not be read for an empty one)
        return _or_nothing(sorted(_in_folder(path, foreign=foreign)), f"`{source}` has no deck in it", foreign=foreign)
    if not path.exists() and source in bundled_names():
        return [Path(bundled_deck(source))]
    if path.exists() or not any(c in source for c in "*?["):
        return [_known_suffix(path, foreign=foreign)]
    from glob import glob

    found = [Path(name) for name in sorted(glob(str(path), recursive=True))]  # noqa: PTH207  (patterns with folders)
    known = [_known_suffix(one, foreign=foreign) for one in found if one.is_file()]
    return _or_nothing(known, f"`{source}` matches no file", foreign=foreign)


def _in_folder(folder: Path, *, foreign: bool) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(parent, name)
            if name.startswith(".") or not os.path.isfile(path):  # noqa: PTH113  (one that may not be looked at is none)
                continue  # an editor's lock or backup, a pipe, a link to nowhere
            wanted = _is_log(path) or (foreign and path.suffix.lower() in IN_FOLDERS)
            if wanted or (is_deck(path) and _says_deck(path)):
                yield path


def is_deck(path: Path) -> bool:
    """Whether a file is called like a deck."""
    return path.suffix.lower() in DECK_SUFFIXES


def _is_log(path: Path) -> bool:
    return path.suffix.lower() == LOG_SUFFIX


def _says_deck(path: Path) -> bool:
    """Whether a YAML file in a folder means to be a deck; other YAML lies in many folders."""
    try:
        with ordinary(path) as file:
            start = file.read(LOOK_BYTES)
    except OSError as error:
        raise unreadable(path, error) from None
    return bool(DECK_LINE.search(start.decode("utf-8", errors="replace").replace("\r", "\n")))


def deck_said(path: Path) -> str:
    """The deck that a file says it holds, however it is written, and with faults as well; "" where it says none."""
    from flashcards.formats import for_path  # PyYAML: 20 ms, and only where two files may hold one deck

    try:
        data, _ = contents(path)
    except OSError:
        return ""
    deck, _ = for_path(path).parse(data, str(path))
    if deck:
        return deck.id
    said = DECK_LINE.finditer(data.decode("utf-8", errors="replace").replace("\r", "\n"))
    return next((found[3] for found in said if found[3]), "")


def _known_suffix(path: Path, *, foreign: bool) -> Path:
    if not path.suffix and not path.exists():
        raise CardsError(
            f"cannot read `{path}`: there is no such file or folder",
            hint=f"check the name; the decks that came along are {', '.join(bundled_names())}",
        )
    own = is_deck(path) or _is_log(path)
    if not own and not (foreign and is_foreign(path)):
        more = f"; `cards import --dry-run {path}` reads it" if not foreign and is_foreign(path) else ""
        if path.name.endswith(BACKUPS):
            raise UnknownFormat(f"`{path}` is no deck and no log", hint=f"if it is a backup: `cards restore {path}`")
        raise UnknownFormat(f"`{path}` is of no known format", hint=_endings(foreign=foreign) + more)
    if not own and not path.is_file():
        raise CardsError(f"cannot read `{path}`: there is no such file", hint="check the name of the file")
    return path


def is_foreign(path: Path) -> bool:
    """Whether decks can be made of a file, by its name."""
    from flashcards.formats import foreign  # the module that reads it; 10 to 40 ms, only for such a file

    return foreign(path) is not None


def _endings(*, foreign: bool) -> str:
    if not foreign:
        return "decks end in .yaml or .yml, review logs in .jsonl"
    from flashcards.formats import FOREIGN

    return f"decks end in .yaml or .yml, review logs in .jsonl, other formats in {', '.join(FOREIGN)}"


def _or_nothing(found: list[Path], message: str, *, foreign: bool) -> list[Path]:
    if not found:
        raise CardsError(message, hint=_endings(foreign=foreign))
    return found
