"""A damaged database saved: a fresh one, made beside it of all that is still to be had, takes its place when whole."""

import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from flashcards import clock
from flashcards.app.checkup.remains import Rescue
from flashcards.app.library import deck_in, digest
from flashcards.errors import StoreError, StoreLocked
from flashcards.log import from_line
from flashcards.places import Places
from flashcards.store import Store, health
from flashcards.store.backup_file import settle

SHARED_BYTES = (0x40000002, 510)
"""Where every connection of SQLite holds a lock as long as it has a database with a write-ahead log open."""


def save(places: Places, rescue: Rescue) -> str:
    """Makes the fresh database and puts it in place; returns where the damaged file lies now.

    Nobody else may have it open; raises StoreLocked. Until the fresh one is whole and on disk, nothing is moved.
    """
    database = os.path.realpath(places.database)  # a link stays one
    with _alone(database):
        if health.state_of(database) != rescue.seen:
            raise StoreError(
                f"`{database}` was written meanwhile", hint="close other sessions of cards, then try again"
            )
        fresh = f"{Path(database).parent}/.{Path(database).name}.fresh"
        _forget(fresh)
        try:
            _build(fresh, rescue)
            kept = _aside(database, clock.local().date())
            Path(fresh).replace(database)
            settle(str(Path(database).parent))
        finally:
            _forget(fresh)
    return kept


def _build(path: str, rescue: Rescue) -> None:
    store = Store(path)
    try:
        store.append(from_line(line) for line in rescue.lines.values())
        for _, source, _ in sorted(rescue.decks.values()):
            text = zlib.decompress(source.source)
            if deck := deck_in(source, text):
                store.put_decks([(deck, source._replace(hash=digest(text)))])
        for name, value in rescue.facts.items():
            store.note_meta(name, value)
    finally:
        store.close()
    found = health.integrity(path, full=True)
    if found.state != "ok":
        raise StoreError(f"the fresh database is not whole: {found.state}", hint="nothing was changed; check the disk")
    with Path(path).open("rb+") as file:
        os.fsync(file.fileno())


def _aside(database: str, day: date) -> str:
    """Keeps the damaged files under another name; the file itself stays in its place until the fresh one takes it."""
    kept = name = f"{database}.damaged-{day}"
    number = 1
    while Path(kept).exists() and not _same(kept, database):
        number += 1
        kept = f"{name}-{number}"
    if Path(database).exists() and not Path(kept).exists():
        _second_name(database, kept)
    for end in ("-wal", "-shm"):
        with suppress(FileNotFoundError):
            Path(f"{database}{end}").replace(f"{kept}{end}")
    settle(str(Path(database).parent))
    return kept


def _same(one: str, other: str) -> bool:
    try:
        return Path(one).samefile(other)
    except OSError:
        return False


def _second_name(path: str, other: str) -> None:
    from shutil import copy2

    try:
        os.link(path, other)
    except OSError:  # a file system without links
        copy2(path, other)


def _forget(fresh: str) -> None:
    for end in ("", "-wal", "-shm", "-busy"):
        Path(f"{fresh}{end}").unlink(missing_ok=True)


@contextmanager
def _alone(database: str) -> Iterator[None]:
    """Nobody else has the database open, and who wants to waits; where the system has no such locks it is believed."""
    if not Path(database).exists():
        yield
        return
    try:
        import fcntl
    except ImportError:
        yield
        return
    descriptor = os.open(database, os.O_RDWR)
    try:
        start, length = SHARED_BYTES
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
        except OSError:
            raise StoreLocked(database) from None
        yield
    finally:
        os.close(descriptor)
