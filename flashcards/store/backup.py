"""Backups: a database of what cannot be rebuilt, in a file that is whole or not there.

A backup is read from a connection of its own, in one transaction, so that others read and write meanwhile.
"""

import os
import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from typing import NamedTuple

from flashcards import clock
from flashcards.errors import CardsError, StoreDamaged, StoreLocked
from flashcards.store.backup_file import pack_file, private, replacing, told
from flashcards.store.backup_reading import Held, opened
from flashcards.store.connect import all_or_nothing, check_owner, may_write, opened_as, to_read

__all__ = ["Backup", "BackupFailed", "Held", "lines", "listed", "make", "name_of", "only_one", "opened", "rewrite"]

TRUTH = ("_sqlite_migrations", "events", "decks", "meta")
"""What a backup holds. Everything else is made of it again when the database is opened."""
OF_DERIVED = ("derived", "answered")
"""Facts of `meta` about tables that a backup does not hold."""
NAME = re.compile(r"cards-(\d{4}-\d\d-\d\d)(?:T(\d{6})-([a-z][a-z0-9-]{0,40}))?\.db\.gz")
"""`cards-2026-11-29.db.gz` of a day, `cards-2026-11-29T101500-before-import.db.gz` of a moment and a reason."""
STRAY = re.compile(rf"\.{NAME.pattern}\.[a-z]+")
"""What a process that was killed left behind."""
LOCK = ".lock"
END = ".db.gz"
PATIENCE_SECONDS = 120
"""For the backup of another process; one of a million events takes 5 s."""
TAKES = 0.75
"""Of the room of the database: the copy, and what it is compressed to."""
STEPS_BETWEEN_LOOKS = 500_000
"""Of SQLite's machine, from one look for Ctrl-C to the next: some milliseconds."""


class Backup(NamedTuple):
    """One file of the folder."""

    path: str
    day: date
    at: str = ""
    """`101500`, the time on the clock; empty for the one of the day."""
    reason: str = ""
    """`before-import` …; empty for the one of the day."""
    size: int = 0
    made: int = 0
    """When the file was written: which of one day is the newer one."""

    @property
    def name(self) -> str:
        """The name of the file."""
        return os.path.basename(self.path)


class BackupFailed(CardsError):
    """A backup could not be made; nothing else is wrong."""


def name_of(moment: datetime, reason: str = "") -> str:
    """The name of a backup that is made at a local moment: of its day, or of the moment if it has a reason."""
    return f"cards-{moment:%Y-%m-%d}.db.gz" if not reason else f"cards-{moment:%Y-%m-%dT%H%M%S}-{reason}.db.gz"


def backup_at(path: str) -> Backup | None:
    """What the name of a file says; None where it is not one of ours."""
    found = NAME.fullmatch(os.path.basename(path))
    if found is None:
        return None
    try:
        day = date.fromisoformat(found[1])
    except ValueError:
        return None
    return Backup(path=path, day=day, at=found[2] or "", reason=found[3] or "")


def listed(folder: str) -> list[Backup]:
    """The backups of a folder, newest first; no folder holds none, and links are none of ours."""
    found = []
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            backup = backup_at(entry.path)
            with suppress(OSError):
                if backup and entry.is_file(follow_symlinks=False):
                    facts = entry.stat(follow_symlinks=False)
                    found.append(backup._replace(size=facts.st_size, made=facts.st_mtime_ns))
    return newest_first(found)


def newest_first(backups: Iterable[Backup]) -> list[Backup]:
    """In the order of their days; those of one day in the order in which they were made."""
    return sorted(backups, key=lambda one: (one.day, one.made, one.at, one.name), reverse=True)


def counted(path: str) -> int | None:
    """How many reviews a backup holds, as its head tells it, or a look at a plain one; None where neither does."""
    number = told(path).get("reviews")
    if number is None and not path.endswith(".gz"):
        with opened(path) as held:
            _, number = held.counts()
    return number if isinstance(number, int) else None


def lines(path: str) -> Iterator[str]:
    """The log in a backup, line by line."""
    with opened(path) as held:
        yield from held.lines()


def make(database: str, target: str) -> None:
    """Writes a backup of `database` to `target`, compressed if that ends with `.gz`; replaces what is there.

    Raises BackupFailed where there is no room or no way, StoreDamaged where the database cannot be read.
    """
    with _clear(database, target), _reading(database) as connection:
        _write(connection, database, target)


def rewrite(path: str, change: Callable[[str], str]) -> bool:
    """Writes a backup anew with `change` made of every line of its log; whether any line changed.

    The old text is in no page of the new file: that is filled row by row.
    """
    facts = os.stat(path)
    with opened(path, again=True) as held:
        found = any(change(line) != line for line in held.lines())
        if found:
            with _clear(path, path), _reading(held.path) as connection:
                connection.create_function("changed", 1, change, deterministic=True)
                _write(connection, path, path, "changed(line)")
            os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # which of a day is the newer one
    return found


def before_migration(database: str) -> list[str]:
    """Makes a backup before the tables change; what to tell a person if that was not possible.

    The change is made in any case: it is one transaction, and nobody could go on learning otherwise.
    """
    folder = os.path.join(os.path.dirname(database), "backups")
    name = name_of(clock.now().astimezone(clock.zone()), "before-migration")
    try:
        with only_one(folder) as mine:
            if mine:
                make(database, free(folder, name))
    except (CardsError, OSError, sqlite3.Error) as error:
        return [f"no backup before the upgrade of `{database}`: {error}"]
    return []


def free(folder: str, name: str) -> str:
    """The path of a new backup; what was made for the same reason in the same second stays."""
    stem, number, path = name.removesuffix(END), 1, os.path.join(folder, name)
    while os.path.lexists(path):
        number += 1
        path = os.path.join(folder, f"{stem}-{number}{END}")
    return path


@contextmanager
def only_one(folder: str, seconds: float = PATIENCE_SECONDS) -> Iterator[bool]:
    """The right to write into the folder, which ends with the process; False if another has it for too long.

    What killed processes left there is swept away.
    """
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with closing(_lock_of(folder, seconds)) as lock:
        try:
            lock.execute("pragma journal_mode = memory")  # nothing is ever written, so no file beside it
            lock.execute("begin exclusive")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise BackupFailed(f"cannot write to `{folder}`: {error}", hint=ROOM) from None
            yield False
            return
        except sqlite3.DatabaseError:
            raise _no_lock(folder) from None
        for name in os.listdir(folder):
            if STRAY.fullmatch(name):
                with suppress(OSError):
                    os.unlink(os.path.join(folder, name))
        yield True


def _lock_of(folder: str, seconds: float) -> sqlite3.Connection:
    path = os.path.join(folder, LOCK)
    if os.path.lexists(path) and (os.path.islink(path) or not os.path.isfile(path)):
        raise _no_lock(folder)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return sqlite3.connect(path, timeout=seconds, isolation_level=None)


def _no_lock(folder: str) -> BackupFailed:
    path = os.path.join(folder, LOCK)
    return BackupFailed(f"`{path}` is not the empty file that it should be", hint="delete it, then run `cards backup`")


def _write(connection: sqlite3.Connection, database: str, target: str, line: str = "line") -> None:
    target = os.path.abspath(target)
    folder, name = os.path.split(target)
    _check_room(folder, database, target)
    copy, packed = os.path.join(folder, f".{name}.copy"), os.path.join(folder, f".{name}.part")
    if not target.endswith(".gz"):
        with replacing(target, copy):
            _copy(connection, database, copy, line)
            with open(copy, "rb+") as file:
                os.fsync(file.fileno())
        return
    try:
        about = _copy(connection, database, copy, line)
        with replacing(target, packed):
            pack_file(copy, packed, about)
    finally:
        with suppress(OSError):
            os.unlink(copy)


def _check_room(folder: str, database: str, target: str) -> None:
    """Raises where the disk is too full, at once and not after seconds: the next command will try again."""
    try:
        room = os.statvfs(folder)
        free, need = room.f_bavail * room.f_frsize, int(os.path.getsize(database) * TAKES)
    except (AttributeError, OSError):  # not on Windows; and what cannot be asked is tried
        return
    if free < need:
        text = f"it takes about {need / 1e6:.1f} MB, and {free / 1e6:.1f} are free"
        raise BackupFailed(f"cannot write the backup `{target}`: {text}", hint=ROOM)


def _copy(connection: sqlite3.Connection, database: str, copy: str, line: str) -> dict[str, int]:
    """Fills the file `copy`, as it was at one moment, and checks it; tells what is in it."""
    os.close(private(copy))
    connection.execute("attach ? as copy", [os.fsencode(copy)])  # a name may be no text
    try:
        # Nobody looks at it before it is complete, and one that is not is thrown away.
        connection.execute("pragma copy.journal_mode = off")
        connection.execute("pragma copy.synchronous = off")
        with all_or_nothing(connection, "begin"):
            for table in TRUTH:
                _copy_table(connection, table, line)
            marks = ", ".join("?" * len(OF_DERIVED))
            connection.execute(f"delete from copy.meta where name in ({marks})", OF_DERIVED)  # noqa: S608
        if connection.execute("pragma copy.quick_check(1)").fetchone() != ("ok",):
            raise StoreDamaged(database, "what was read of it makes no sense")
        sql = "select count(*), count(day) from copy.events"
        events, reviews = connection.execute(sql).fetchone()
    finally:
        with suppress(sqlite3.Error):
            connection.execute("detach copy")
    return {"events": events, "reviews": reviews}


def _copy_table(connection: sqlite3.Connection, table: str, line: str) -> None:
    sql = "select type, sql from main.sqlite_master where tbl_name = ? and sql is not null order by type = 'table' desc"
    made = connection.execute(sql, [table]).fetchall()
    if not made:  # of an older version
        return
    _create(connection, *made[0])
    columns = [name for _, name, *_ in connection.execute(f"pragma main.table_info({table})")]
    chosen = ", ".join(line if column == "line" else f'"{column}"' for column in columns)
    order = " order by id" if table == "events" else ""
    connection.execute(f"insert into copy.{table} select {chosen} from main.{table}{order}")  # noqa: S608  (own names)
    for kind, statement in made[1:]:
        # The indexes of the log double the size and the time; `Memories` makes them when they are missing.
        if table != "events" or kind == "trigger":
            _create(connection, kind, statement)


def _create(connection: sqlite3.Connection, kind: str, statement: str) -> None:
    connection.execute(
        re.sub(rf"^\s*create\s+((?:unique\s+)?{kind})\s+", r"create \1 copy.", statement, flags=re.IGNORECASE)
    )


@contextmanager
def _reading(path: str) -> Iterator[sqlite3.Connection]:
    check_owner(path)
    with closing(opened_as(path, "rw") if may_write(path) else to_read(path)) as connection:
        connection.set_progress_handler(lambda: 0, STEPS_BETWEEN_LOOKS)  # Ctrl-C is seen between two calls of Python's
        yield connection


@contextmanager
def _clear(database: str, target: str) -> Iterator[None]:
    """Says in one line why there is no backup."""
    try:
        yield
    except OSError as error:
        raise BackupFailed(f"cannot write the backup `{target}`: {error.strerror}", hint=ROOM) from None
    except sqlite3.OperationalError as error:
        text = str(error)
        if "interrupted" in text:
            raise KeyboardInterrupt from None
        if "locked" in text:
            raise StoreLocked(database) from None
        raise BackupFailed(f"cannot write the backup `{target}`: {text}", hint=ROOM) from None
    except sqlite3.DatabaseError as error:
        raise StoreDamaged(database, str(error)) from None
    except UnicodeDecodeError:  # SQLite names in its message what it cannot read
        raise StoreDamaged(database, "names in it are no text") from None


ROOM = "make room on the disk, or the folder writable, then run `cards backup`"
