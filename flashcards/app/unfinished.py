"""Imports that were cut off between their files and the database: taken back before anybody reads those files.

An import puts its files in place inside its transaction, just before the end of it. If the machine stops between
the two, the folder in which the files waited is still there, with a plan of what went where; the database says
whether the transaction came to its end.
"""

import json
import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from flashcards.store import Store

STAGE = ".incoming-"
"""How the folders begin in which files wait."""
PLAN = "plan.json"
PLACED = "placed"
"""The fact in the database that names the last folder whose import came to its end."""


class Move(NamedTuple):
    """A file that went to its place."""

    staged: str
    """Its name in the folder where it waited."""
    target: str
    """Its place, as seen from the folder of the decks."""
    file: int
    """The number that the file system gave it: what lies there later is still this file, or somebody else's."""
    backup: str = ""
    """What was there before, in the folder where it waited."""


def write_plan(stage: Path, moves: list[Move]) -> None:
    """Notes what is about to be moved, on disk before the first move."""
    with (stage / PLAN).open("x", encoding="utf-8") as file:
        json.dump(moves, file)
        file.flush()
        os.fsync(file.fileno())


def taken_back(store: Store) -> bool:
    """Takes back what an import that never came to its end had put in place; whether there was any."""
    folder = Path(os.path.dirname(store.path), "decks")  # noqa: PTH120  (text, as the store has it)
    if store.is_read_only or not any(_stages(folder)):
        return False
    with store.together():  # an import that is still at it holds this lock
        for stage in _stages(folder):
            if store.meta(PLACED) != stage.name:
                _take_back(folder, stage)
            shutil.rmtree(stage, ignore_errors=True)
    return True


def _stages(folder: Path) -> list[Path]:
    try:
        return [Path(folder, name) for name in os.listdir(folder) if name.startswith(STAGE)]  # noqa: PTH208  (quicker)
    except OSError:
        return []


def _take_back(folder: Path, stage: Path) -> None:
    for move in reversed(_moves(stage)):
        target, backup = folder / move.target, stage / move.backup
        with suppress(OSError):
            if (stage / move.staged).exists() or target.lstat().st_ino != move.file:
                continue  # it never went there, or somebody has changed it since
            if move.backup:
                backup.replace(target)
            else:
                target.unlink()
                _remove_empty(target.parent, folder)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top:
        folder.rmdir()
        folder = folder.parent


def _moves(stage: Path) -> list[Move]:
    """The plan; nothing where there is none: then nothing was moved. What makes no sense was not written here."""
    try:
        moves = [Move(*one) for one in json.loads((stage / PLAN).read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError, RecursionError):
        return []
    return [move for move in moves if all(map(_stays, (move.staged, move.target, move.backup)))]


def _stays(name: object) -> bool:
    """Whether it is the name of a file that lies in its folder."""
    try:
        return isinstance(name, str) and b"\0" not in os.fsencode(name) and _is_inside(Path(name))
    except UnicodeEncodeError:  # half a character
        return False


def _is_inside(path: Path) -> bool:
    return not path.is_absolute() and ".." not in path.parts
