"""Files put in place all together: complete or not at all, never outside their folder."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, NamedTuple, Self

from flashcards.app.library import DeckChange
from flashcards.app.unfinished import PLACED, STAGE, Move, write_plan
from flashcards.errors import CardsError
from flashcards.store import Store
from flashcards.store.backup_file import settle

CHUNK_BYTES = 1 << 20
MOST_SINGLE_SYNCS = 50
"""From more files on the system is asked once to write everything."""


class ToPlace(NamedTuple):
    """A file to be: where, and what gives its bytes."""

    target: Path
    open: Callable[[], BinaryIO]


class Placing:
    """Stages files, then renames them; on an error everything is as it was before.

    Its `with` stands around the transaction of the database: `stage` first, `publish` last, then
    the commit. A failure of either takes the other back. A crash leaves whole files, old or new, and a plan by
    which `unfinished` sees to it that the files and the database say the same.
    """

    def __init__(self, folder: Path, store: Store) -> None:
        self.folder = folder
        self._store = store
        self._stage: Path | None = None
        self._staged: list[tuple[Path, Path]] = []
        self._published: list[tuple[Path, Path | None]] = []
        self._made: list[Path] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None and not self._is_committed():
            self._take_back()
        if self._stage:
            shutil.rmtree(self._stage, ignore_errors=True)

    def _is_committed(self) -> bool:
        """Whether the database has it all: an interrupt that came while the disk was waited for is told afterwards."""
        if self._stage is None or self._store.is_in_transaction:
            return False
        try:
            return self._store.meta(PLACED) == self._stage.name
        except CardsError:
            return False

    def stage(self, files: Iterable[ToPlace]) -> None:
        """Writes the files where nobody looks; called inside a transaction, so nobody else is at it."""
        try:
            for number, one in enumerate(files):
                self._staged.append((self._one(one, number), one.target))
            self._sync()
        except OSError as error:
            raise cannot_write(self.folder, error) from None

    def dated(self, change: DeckChange) -> DeckChange:
        """The change with the date of its file, so that nobody takes the file for edited."""
        path = Path(change.source.path)
        dates = (staged.stat().st_mtime_ns for staged, place in self._staged if place == path)
        return change._replace(source=change.source._replace(mtime_ns=next(dates, change.source.mtime_ns)))

    def publish(self) -> None:
        """Renames every file to its place."""
        try:
            moves = []
            for number, (staged, target) in enumerate(self._staged):
                self._made += _make_folders(target.parent)
                backup = self._backup(target, number)
                self._published.append((target, backup))
                name, place = (backup.name if backup else ""), os.path.relpath(target, self.folder)
                moves.append(Move(staged.name, place, staged.stat().st_ino, name))
            if self._stage:
                write_plan(self._stage, moves)
                self._store.note_meta(PLACED, self._stage.name)
            for staged, target in self._staged:
                staged.replace(target)
            for folder in {target.parent for _, target in self._staged}:
                settle(str(folder))  # the names on disk before the database says that they are there
        except OSError as error:
            raise cannot_write(self.folder, error) from None

    def _one(self, one: ToPlace, number: int) -> Path:
        if self._stage is None:
            self._made += _make_folders(self.folder)
            self._stage = Path(tempfile.mkdtemp(prefix=STAGE, dir=self.folder))
        staged = self._stage / f"new-{number}"
        with one.open() as source, staged.open("xb") as file:
            shutil.copyfileobj(source, file, CHUNK_BYTES)
        return staged

    def _sync(self) -> None:
        if len(self._staged) > MOST_SINGLE_SYNCS and hasattr(os, "sync"):
            os.sync()
            return
        for staged, _ in self._staged:
            with staged.open("r+b") as file:
                os.fsync(file.fileno())

    def _backup(self, target: Path, number: int) -> Path | None:
        if self._stage is None or not os.path.lexists(target):
            return None
        backup = self._stage / f"old-{number}"
        try:
            os.link(target, backup, follow_symlinks=False)
        except OSError:  # a file system without links
            shutil.copy2(target, backup)
        return backup

    def _take_back(self) -> None:
        waiting = {target for staged, target in self._staged if staged.exists()}
        for target, backup in reversed(self._published):
            with suppress(OSError):
                if target in waiting:
                    continue
                if backup:
                    backup.replace(target)
                else:
                    target.unlink(missing_ok=True)
        if self._stage:
            shutil.rmtree(self._stage, ignore_errors=True)
        for folder in reversed(self._made):
            with suppress(OSError):  # not empty: somebody else's files
                folder.rmdir()


def same(target: Path, source: Callable[[], BinaryIO]) -> bool:
    """Whether the file that is there says the same."""
    with target.open("rb") as one, source() as other:
        while True:
            mine, theirs = one.read(CHUNK_BYTES), _read(other)
            if mine != theirs:
                return False
            if not mine:
                return True


def _read(file: BinaryIO) -> bytes:
    """A whole chunk: a stream that unpacks gives less at a time."""
    pieces, left = [], CHUNK_BYTES
    while left and (piece := file.read(left)):
        pieces.append(piece)
        left -= len(piece)
    return b"".join(pieces)


def is_inside(folder: Path, target: Path) -> bool:
    """Whether `target` lies in `folder`, links followed as far as there are any."""
    root, place = os.path.realpath(folder), os.path.realpath(target.parent)
    return place == root or place.startswith(root + os.sep)


def cannot_write(folder: Path, error: OSError) -> CardsError:
    """The error for a disk that is full or a folder that is closed."""
    return CardsError(
        f"cannot write into `{folder}`: {error.strerror or error}", hint="nothing was changed; make room or allow it"
    )


def _make_folders(folder: Path) -> list[Path]:
    """Makes the folder and those above it; the ones that were made, from above."""
    missing = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(exist_ok=True, mode=0o700)  # they stand in a person's home
    return missing[::-1]
