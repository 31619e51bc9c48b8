"""Opening the database: durable settings, known versions only, one clear error for each fault."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress

from flashcards.errors import (
    BadRequest,
    CardsError,
    StoreDamaged,
    StoreError,
    StoreForeign,
    StoreLocked,
    StoreReadOnly,
    StoreTooNew,
)

STEPS = ("m001_events", "m002_library")
"""The names of all migrations, so that the start-up path need not import them."""
TRIGGERS = {"events_once", "events_no_update", "events_no_delete"}
"""Those of the log; nothing else acts by itself."""
BUSY_SECONDS = 10
"""How long to wait for another process; a grade takes milliseconds, an import a second."""

WAL_ATTEMPTS = 100
"""How often to try for the write-ahead log while others open the same new database."""

PRAGMAS = (
    "pragma synchronous = full",
    "pragma foreign_keys = on",
    "pragma cache_size = -65536",  # 64 MB at most, taken only when a long import needs it: it saves a fifth of the time
)


def connect(path: str, warnings: list[str] | None = None) -> sqlite3.Connection:
    """An open, migrated database at `path`; raises StoreError and leaves a newer one untouched.

    `warnings` gets what went wrong without harm.
    """
    check_owner(path)
    _check_there(path)
    if not os.path.exists(path):
        _make_private(path)
    with clear_errors(path):
        if not may_write(path):
            return to_read(path)
        if has_unwritten(path):
            _peek(path)
            from flashcards.store import leftover  # only after a crash, or beside another process

            leftover.check(path)
        connection = _connected(path, BUSY_SECONDS, uri=False)
        try:
            _prepare(connection, path, warnings if warnings is not None else [])
        except BaseException:
            leave(connection, path)
            raise
    return connection


def leave(connection: sqlite3.Connection, path: str) -> None:
    """Closes it and leaves the file as it is.

    The last connection moves what is in the write-ahead log into the file as it closes, and that one may be damaged.
    A connection that can only read, and so cannot do that, is there to be the last. It outlives this call, since a
    cursor that is still in use, perhaps in the traceback of an error, closes its connection only when it ends.
    """
    with suppress(sqlite3.Error, UnicodeDecodeError):
        if has_unwritten(path):
            _LAST[:] = [opened_as(path, "ro", seconds=1)]
            _LAST[0].execute("pragma schema_version").fetchone()
    connection.close()


_LAST: list[sqlite3.Connection] = []
"""The connection that is closed after all others; a process leaves one database at most."""


def may_write(path: str) -> bool:
    """Whether anything can be stored: SQLite writes into the file and beside it."""
    real = os.path.realpath(path)  # a link is followed, and what SQLite writes lies where it leads
    return os.access(real, os.W_OK) and os.access(os.path.dirname(real), os.W_OK)


def to_read(path: str) -> sqlite3.Connection:
    """A connection to a database where nothing can be written, not even the locks beside it.

    Nothing in the write-ahead log means that the file is whole by itself. Otherwise SQLite needs the index of that
    log, which a program that still runs has made; without it there is no way to read both.
    """
    unwritten = has_unwritten(path)
    if unwritten and not os.path.exists(f"{path}-shm"):
        raise StoreError(
            f"`{path}` cannot be read here: a crash left something in `{path}-wal`, and nothing may be written",
            hint="make the folder writable once, or copy both files into a folder of your own",
        )
    with closed_if_it_fails(opened_as(path, "ro", still=not unwritten)) as connection:
        if _known_steps(connection, path) != set(STEPS):
            raise StoreReadOnly(path)
    return connection


def opened_as(path: str, mode: str, *, still: bool = False, seconds: float | None = None) -> sqlite3.Connection:
    """A plain connection to a file that is there, to read (`ro`) or to write (`rw`); see `address`."""
    return _connected(address(path, mode, still=still), BUSY_SECONDS if seconds is None else seconds, uri=True)


def _connected(where: str, seconds: float, *, uri: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(where, uri=uri, timeout=seconds, isolation_level=None, check_same_thread=False)
    connection.execute("pragma trusted_schema = off")  # before anything of the file is read
    return connection


def address(path: str, mode: str, *, still: bool = False) -> str:
    """What SQLite opens; a file that lies `still` without a lock, and with no other file beside it."""
    host = "//" if path.startswith("/") else ""  # none: else two slashes in front would make one of the first folder
    quoted = path.replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{host}{quoted}?mode={mode}{'&immutable=1' if still else ''}"


@contextmanager
def closed_if_it_fails(connection: sqlite3.Connection) -> Iterator[sqlite3.Connection]:
    """The connection, for somebody who makes it ready."""
    try:
        yield connection
    except BaseException:
        connection.close()
        raise


@contextmanager
def all_or_nothing(connection: sqlite3.Connection, begin: str = "begin immediate") -> Iterator[None]:
    """One transaction."""
    connection.execute(begin)
    try:
        yield
        connection.execute("commit")
    except BaseException:
        if connection.in_transaction:  # a full disk ends it by itself
            connection.execute("rollback")
        raise


def _prepare(connection: sqlite3.Connection, path: str, warnings: list[str]) -> None:
    applied = _known_steps(connection, path)
    _use_wal(connection)
    for pragma in PRAGMAS:
        connection.execute(pragma)
    if applied != set(STEPS):
        if applied:
            from flashcards.store.backup import before_migration

            warnings += before_migration(path)
        from flashcards.store.migrations import apply  # 80 to 115 ms of sqlite_utils, once per version

        apply(connection)


def _known_steps(connection: sqlite3.Connection, path: str) -> set[str]:
    """The names of the migrations that this database has seen, without writing to it; raises for a newer one."""
    parts = [*connection.execute("select type, name from sqlite_master where type in ('table', 'trigger')")]
    tables = {name for kind, name in parts if kind == "table"}
    if not tables:
        return set()
    if "_sqlite_migrations" not in tables:
        raise StoreError(
            f"`{path}` belongs to another program", hint="set CARDS_HOME to a folder of your own; nothing was changed"
        )
    rows = connection.execute("select name from _sqlite_migrations where migration_set = 'cards'")
    applied = {name for (name,) in rows}
    if applied - set(STEPS):
        raise StoreTooNew(path)
    if strange := {name for kind, name in parts if kind == "trigger"} - TRIGGERS:  # it would act on what is written
        raise StoreDamaged(path, f"it has a trigger `{min(strange)}`, which cards did not make")
    return applied


def has_unwritten(path: str) -> bool:
    """Whether a crash or another process left something in the write-ahead log."""
    return bytes_of(f"{path}-wal") > 0


def _peek(path: str) -> None:
    """Refuses a newer database through a connection that cannot write.

    Closing an ordinary one would move what is in the write-ahead log into the database.
    """
    with closing(opened_as(path, "ro")) as connection:
        _known_steps(connection, path)


def _use_wal(connection: sqlite3.Connection) -> None:
    """Turns on the write-ahead log.

    Two processes that meet at a new database are refused this at once, without
    the usual wait; so they wait for a lock of the usual kind and try again.
    """
    for _ in range(WAL_ATTEMPTS):
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            connection.execute("begin exclusive")
            connection.execute("commit")
        else:
            return


def check_owner(path: str) -> None:
    """Refuses what belongs to somebody else, who could read answers, plant events or take the file away.

    A link is followed: what counts is whose file and folder stand at its end. A folder of root's is fine, since root
    can do all that anyway. Root itself is not stopped: it may open every file, a container often has but root, and
    what SQLite makes beside a database it gives to the owner of that.
    """
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return
    mine, real = os.geteuid(), os.path.realpath(path)
    for what, owners in ((os.path.dirname(real), {mine, 0}), (real, {mine})):
        try:
            owner = os.stat(what).st_uid
        except OSError:  # not there yet, or not to be seen: opening it says which
            continue
        if owner not in owners:
            raise StoreForeign(what)


def _check_there(path: str) -> None:
    """Refuses what SQLite would take for a new database: it would throw away the write-ahead log that is left."""
    if bytes_of(path):
        return
    if has_unwritten(path) and not bytes_of(path):  # another process may just have made it
        raise StoreDamaged(path, "it is gone, only its write-ahead log is left")
    if os.path.exists(path) and _has_backups(path):
        raise StoreDamaged(path, "it is empty, but there are backups")


def traces(path: str) -> tuple[int, int] | None:
    """Bytes and date of a file, by which one sees that somebody wrote; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def bytes_of(path: str) -> int:
    """How long a file is; 0 where there is none."""
    return (traces(path) or (0, 0))[0]


def _has_backups(path: str) -> bool:
    with suppress(OSError):  # no folder, or none that may be read
        return any(name.endswith(".db.gz") for name in os.listdir(os.path.join(os.path.dirname(path), "backups")))
    return False


def _make_private(path: str) -> None:
    """A new database belongs to its owner alone: answers may hold secrets."""
    folder = os.path.dirname(path)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
        from flashcards.store.backup_file import settle  # once in the life of a home

        settle(folder)
        settle(os.path.dirname(folder))
    except OSError as error:
        raise StoreError(
            f"cannot write to `{folder}`: {error.strerror}", hint="set CARDS_HOME to a folder of your own"
        ) from None


@contextmanager
def clear_errors(path: str) -> Iterator[None]:
    """Turns what SQLite says into one line with a cure."""
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _operational(error, path) from error
    except sqlite3.DatabaseError as error:
        if isinstance(error, (sqlite3.IntegrityError, sqlite3.ProgrammingError)):
            raise
        raise StoreDamaged(path, str(error)) from error
    except UnicodeDecodeError as error:  # SQLite names in its message what it could not read
        raise StoreDamaged(path, "names in it are no text") from error
    except UnicodeEncodeError as error:  # the name of a file, or an argument, in letters of an old system
        shown = error.object.encode("utf-8", "backslashreplace").decode()
        raise BadRequest(f"`{shown}` is no text", hint="give it a name in UTF-8") from None


SPOILT = ("malformed", "no such table", "no such column", "Could not decode", "it is a view", "use DROP VIEW")
"""What SQLite says where a file is not what this program made."""
LITTLE_BYTES = 1 << 20
"""Less free room than this, and a write that failed did so for want of it."""
LITTLE_FILES = 4
"""Files that a disk has still a place for: SQLite puts two beside a database, a backup takes a third."""
NO_ROOM = "make room, then do it again; everything before it is stored"


def _operational(error: sqlite3.OperationalError, path: str) -> CardsError | sqlite3.OperationalError:
    text = str(error)
    if "locked" in text or "busy" in text:
        return StoreLocked(path)
    if "full" in text or (any(words in text for words in ("disk I/O error", "unable to open")) and is_full(path)):
        return StoreError(f"the disk is full: `{path}` cannot grow", hint=NO_ROOM)
    if "readonly" in text:
        damaged = may_write(path) and os.path.exists(path)
        return StoreDamaged(path, "its head says that it may only be read") if damaged else StoreReadOnly(path)
    cures = {
        "disk I/O error": "the disk may be full, faulty, or lack what a database needs: check it, then do it again",
        "vtable constructor failed": "try again; nothing was changed",  # the index of words, whatever the reason
        "interrupted": "try again; nothing was changed",
        "unable to open": "check that the folder is there and that you may write to it",
    }
    for word, cure in cures.items():
        if word in text:
            return StoreError(f"cannot use `{path}`: {text}", hint=cure)
    if any(words in text for words in SPOILT):
        return StoreDamaged(path, text)
    return error


def is_full(path: str) -> bool:
    """Whether there is no room left: SQLite's own message does not always say so."""
    if not hasattr(os, "statvfs"):
        return False
    try:
        found = os.statvfs(os.path.dirname(os.path.realpath(path)))
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < LITTLE_BYTES or found.f_files > 0 <= found.f_favail < LITTLE_FILES
