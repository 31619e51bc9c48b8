"""Opening the database: durable settings, known versions only, one clear error for each fault."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flashcards.errors import CardsError, StoreDamaged, StoreError, StoreLocked, StoreTooNew

STEPS = ("m001_events", "m002_library")
"""The names of all migrations, so that the start-up path need not import them."""
BUSY_SECONDS = 10
"""How long to wait for another process; a grade takes milliseconds, an import a second."""

PRAGMAS = (
    "pragma journal_mode = wal",
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma trusted_schema = off",
)


def connect(path: Path) -> sqlite3.Connection:
    """An open, migrated database at `path`; raises StoreError and leaves a newer one untouched."""
    new = not path.exists()
    if new:
        _make_private(path)
    with clear_errors(path):
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    applied = _applied(connection)
    if applied - set(STEPS):
        raise StoreTooNew(path)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    if applied != set(STEPS):
        from flashcards.store.migrations import apply  # 80 to 115 ms of sqlite_utils, once per version

        apply(connection)


def _applied(connection: sqlite3.Connection) -> set[str]:
    """The names of the migrations that this database has seen, without writing to it."""
    if not connection.execute("select 1 from sqlite_master where name = '_sqlite_migrations'").fetchone():
        return set()
    rows = connection.execute("select name from _sqlite_migrations where migration_set = 'cards'")
    return {name for (name,) in rows}


def _make_private(path: Path) -> None:
    """A new database belongs to its owner alone: answers may hold secrets."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreError(
            f"cannot write to `{path.parent}`: {error.strerror}", hint="set CARDS_HOME to a folder of your own"
        ) from None


@contextmanager
def clear_errors(path: Path) -> Iterator[None]:
    """Turns what SQLite says into one line with a cure."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _operational(error, path) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            raise
        raise StoreDamaged(path, str(error)) from error


def _operational(error: sqlite3.OperationalError, path: Path) -> CardsError | sqlite3.OperationalError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreLocked(path)
    cures = {
        "full": "the disk is full: make room, then give the answer again; everything before it is stored",
        "disk I/O error": "the disk does not answer: check it, then give the answer again",
        "readonly": "make the file and its folder writable",
        "unable to open": "check that the folder is there and that you may write to it",
    }
    for word, cure in cures.items():
        if word in text:
            return StoreError(f"cannot use `{path}`: {text}", hint=cure)
    if "malformed" in text:
        return StoreDamaged(path, text)
    return error
