"""Backups, read: opened so that nothing in them is believed, and closed without a trace."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress

from flashcards.errors import BackupDamaged, CardsError, StoreError, StoreTooNew
from flashcards.store.backup_file import GZIP, SQLITE, told, unpack
from flashcards.store.catalog import DeckSource
from flashcards.store.connect import STEPS, TRIGGERS, closed_if_it_fails, opened_as

READABLE = "check the name of the file, and that there is room to unpack it"
LISTED = "`cards restore` lists those that there are"
LONGEST_VALUE = 64 << 20
"""Bytes of a text or a deck in it; nothing that is kept comes near."""
DEFENSIVE = 1010
"""SQLITE_DBCONFIG_DEFENSIVE, which Python names from 3.12 on."""
ODD = f"""
    select case type when 'table' then 'virtual table' else type end from sqlite_master
    where type = 'view' or type = 'table' and sql like 'create%virtual%table%' and name <> 'search'
        or type = 'trigger' and name not in ({", ".join(f"'{name}'" for name in TRIGGERS)}) limit 1
"""  # noqa: S608  (constants)
"""What acts when it is looked at. The index of words is there where a whole database is taken for a backup."""
DECKS = "select deck, title, path, size, mtime_ns, hash, source from decks order by place"


class Held:
    """What a backup holds. The file may be anybody's: each value is taken with its type."""

    def __init__(self, connection: sqlite3.Connection, path: str, shown: str) -> None:
        self._connection = connection
        self.path = path
        """The plain database."""
        self._shown = shown

    def ids(self) -> Iterator[str]:
        """The ids of the events, in their order."""
        return self._texts("select id from events order by id")

    def lines(self) -> Iterator[str]:
        """The log, in the order of the ids."""
        return self._texts("select line from events order by id")

    def counts(self) -> tuple[int, int]:
        """How many events there are, and how many of them are reviews; those that were taken back included."""
        with _clear(self._shown):
            events, reviews = self._connection.execute("select count(*), count(day) from events").fetchone()
        return events, reviews

    def is_home(self) -> bool:
        """Whether it is a database that is used, or was."""
        with _clear(self._shown):
            return self._connection.execute("select 1 from sqlite_master where name = 'memory'").fetchone() is not None

    def decks(self) -> list[DeckSource]:
        """The decks as they were last read, with their text."""
        with _clear(self._shown):
            rows = self._connection.execute(DECKS).fetchall()
        kinds = (str, str, str, int, int, str, bytes)
        if any(not isinstance(value, kind) for row in rows for value, kind in zip(row, kinds, strict=True)):
            raise BackupDamaged(self._shown, "a deck in it makes no sense")
        return [DeckSource(*row) for row in rows]

    def _texts(self, sql: str) -> Iterator[str]:
        with _clear(self._shown):
            for (text,) in self._connection.execute(sql):
                if not isinstance(text, str):
                    raise BackupDamaged(self._shown, "an event in it is no text")
                yield text


def is_backup(path: str) -> bool:
    """Whether a file begins like a database or like something compressed; raises CardsError for what cannot be read."""
    try:
        with open(path, "rb") as file:
            start = file.read(len(SQLITE))
    except OSError as error:
        raise CardsError(f"cannot read `{path}`: {error.strerror}", hint=READABLE) from None
    return start == SQLITE or start.startswith(GZIP)


@contextmanager
def opened(path: str, *, again: bool = False) -> Iterator[Held]:
    """A backup, compressed or plain, to be read only; raises StoreError for what is damaged, newer or none of ours.

    What was unpacked loses its name at once, so that a kill leaves no answers behind. One that is opened `again` lies
    beside the backup under a name that is swept away (`backup.STRAY`).
    """
    with ExitStack() as stack:
        plain = _unpacked(path, stack, beside=again)
        with _clear(path):
            connection = stack.enter_context(closing(_connected(plain)))
            _check(connection, path)
        if plain != path and not again:
            with suppress(OSError):  # Windows keeps what is open
                os.unlink(plain)
        yield Held(connection, plain, path)


def may_be_replaced(path: str) -> bool:
    """Whether a new backup may take the place of a file: an older one, whole or not, or nothing at all.

    A database with more tables than a backup has is somebody's home.
    """
    try:
        if not os.path.getsize(path) or told(path):
            return True
        with opened(path) as held:
            return not held.is_home()
    except (CardsError, OSError):
        return False


def _unpacked(path: str, stack: ExitStack, *, beside: bool) -> str:
    """The plain database behind a file; one that had to be unpacked is gone when the stack is."""
    try:
        with open(path, "rb") as file:
            if file.read(len(GZIP)) != GZIP:
                return path
            file.seek(0)
            plain = stack.enter_context(_room_beside(path) if beside else _room())
            unpack(file, plain)
        with open(plain, "rb") as unpacked:
            if unpacked.read(len(SQLITE)) != SQLITE:
                raise StoreError(f"`{path}` is no backup of cards", hint=LISTED)
    except ValueError as error:
        raise BackupDamaged(path, str(error)) from None
    except OSError as error:
        raise CardsError(f"cannot read `{path}`: {error.strerror}", hint=READABLE) from None
    return plain


@contextmanager
def _room() -> Iterator[str]:
    """The name of a file that is gone afterwards."""
    from tempfile import TemporaryDirectory  # 5 ms, and only where something is unpacked

    with TemporaryDirectory(prefix="cards-") as folder:
        yield os.path.join(folder, "cards.db")


@contextmanager
def _room_beside(path: str) -> Iterator[str]:
    folder, name = os.path.split(os.path.abspath(path))
    plain = os.path.join(folder, f".{name}.plain")
    try:
        yield plain
    finally:
        with suppress(OSError):
            os.unlink(plain)


def _connected(path: str) -> sqlite3.Connection:
    """For reading only; a database that lies still is opened without the files that SQLite puts beside it."""
    still = not os.path.exists(f"{path}-wal")
    with closed_if_it_fails(opened_as(os.path.abspath(path), "ro", still=still)) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST_VALUE)
        defend(connection)
    return connection


def defend(connection: sqlite3.Connection) -> None:
    """Trusts nothing in a file that may be damaged, or made to harm."""
    connection.execute("pragma cell_size_check = on")
    if set_option := getattr(connection, "setconfig", None):  # from Python 3.12 on
        set_option(DEFENSIVE, True)  # noqa: FBT003


def _check(connection: sqlite3.Connection, shown: str) -> None:
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    if odd := connection.execute(ODD).fetchone():
        raise StoreError(f"`{shown}` has a {odd[0]}, which no backup of cards has", hint="take one from elsewhere")
    if not {"events", "decks", "_sqlite_migrations"} <= tables:
        raise StoreError(f"`{shown}` is no backup of cards", hint=LISTED)
    applied = connection.execute("select name from _sqlite_migrations where migration_set = 'cards'")
    if {name for (name,) in applied} - set(STEPS):
        raise StoreTooNew(shown)
    if connection.execute("pragma quick_check(1)").fetchone() != ("ok",):
        raise BackupDamaged(shown, "what is in it makes no sense")


@contextmanager
def _clear(shown: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise BackupDamaged(shown, str(error)) from None
    except UnicodeDecodeError:  # SQLite names in its message what it cannot read
        raise BackupDamaged(shown, "names in it are no text") from None
