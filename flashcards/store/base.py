"""One connection: transactions, selects, facts about the store, one clear error for each fault."""

import os
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from itertools import islice
from operator import itemgetter
from os import PathLike, fspath
from typing import Any, TypeAlias, TypeVar

from flashcards.errors import StoreDamaged, StoreGone, StoreReadOnly
from flashcards.log import LineError
from flashcards.store import turns
from flashcards.store.connect import clear_errors, connect, leave, may_write

Sign: TypeAlias = Callable[[str], AbstractContextManager[object]]
"""Shows a person what is waited for while a block runs."""
AT_ONCE = 10_000
"""Ids and events of one statement; it bounds the memory of a long import."""
SOME_ROWS = 100
"""From so many on, a write may fill free pages by the dozen; a grade takes none or one."""
Values: TypeAlias = Sequence[Any] | Mapping[str, Any]
"""What a statement is asked with."""
OTHERS = "waiting for another `cards`, which is reading a long history"


Item = TypeVar("Item")


def pieces(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """Items by the thousand, for one statement each."""
    rest = iter(items)
    while some := list(islice(rest, size)):
        yield some


def is_sign_of_damage(error: BaseException | None) -> bool:
    """Whether a damaged file may be behind an error: it is damage, or nobody reckoned with it."""
    signs = (StoreDamaged, LineError, sqlite3.DatabaseError, LookupError, ValueError, TypeError, AttributeError)
    return isinstance(error, signs)


class Base:
    """What all rooms of the store stand on."""

    device = ""
    """The name under which this connection writes, once it was asked for (`app.device`)."""

    has_written = False
    """Whether this connection stored anything that cannot be rebuilt: an event, a deck."""

    is_damaged = False
    """Whether anything of it made no sense; then it is left as it is."""

    _turn: turns.Turn | None = None

    def __init__(self, path: str | PathLike[str], sign: Sign = nullcontext) -> None:
        """Opens it; `sign` is for what may take long before anything else can happen."""
        self.path = fspath(path)
        self.warnings: list[str] = []
        """What went wrong without harm while it was opened, for a person to read."""
        self._connection = connect(self.path, self.warnings)
        self.is_read_only = not may_write(self.path)
        """Whether it can be looked at and no more."""
        self._file = _identity(self.path)
        self._sign = sign
        try:
            with clear_errors(self.path):
                self._opened()
        except BaseException:
            leave(self._connection, self.path)
            raise
        self._sign = nullcontext  # from here on the screen is somebody else's

    def close(self) -> None:
        """Lets go of the file."""
        if self.is_damaged or is_sign_of_damage(sys.exc_info()[1]):
            leave(self._connection, self.path)
        else:
            self._connection.close()

    def check_writable(self) -> None:
        """Raises where nothing can be stored, before anybody does something in vain."""
        if self.is_read_only:
            raise StoreReadOnly(self.path)

    def meta(self, name: str, default: str | None = None) -> str | None:
        """A fact about this store; with a default, it is written the first time."""
        found = self._first("select value from meta where name = ?", [name])
        if found is None and default is not None:
            with self._transaction():
                self._connection.execute("insert or ignore into meta (name, value) values (?, ?)", [name, default])
            return self.meta(name)
        return found[0] if found else None

    @property
    def is_in_transaction(self) -> bool:
        """Whether one is under way, so that nothing of it is certain yet."""
        return self._connection.in_transaction

    def note_meta(self, name: str, value: str) -> None:
        """Writes down a fact about this store, whatever was known of it before."""
        with self._transaction():
            self._connection.execute("insert or replace into meta (name, value) values (?, ?)", [name, value])

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes everything inside one transaction."""
        with self._transaction():
            yield

    @contextmanager
    def together_for_long(self) -> Iterator[None]:
        """The same; other processes wait for its end, however long it takes."""
        with self._transaction():
            self._takes_long()
            yield

    def _opened(self) -> None:
        """What is to be done once, when the database is open."""

    def _begun(self) -> None:
        """What is to be done when a transaction has begun."""

    def _committed(self) -> None:
        """What is to be done when a transaction is on disk; it must not fail."""

    def _failed(self) -> None:
        """What is to be forgotten when a transaction failed."""

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        self.check_writable()
        with clear_errors(self.path):
            self._begin()
            try:
                self._check_place()
                self._begun()
                yield
                self._connection.execute("commit")
                self._committed()
            except BaseException as error:
                self._failed()
                self.is_damaged |= isinstance(error, StoreDamaged) or "malformed" in str(error)
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise
            finally:
                if self._turn is not None:
                    self._turn.end()
                    self._turn = None

    def _begin(self) -> None:
        """Waits for other writers: a moment for most of them, to its end for long work that says what it is."""
        while True:
            long = turns.is_taken(self.path)
            try:
                with self._sign(OTHERS) if long else nullcontext():
                    self._connection.execute("begin immediate")
            except sqlite3.OperationalError as error:
                if "locked" not in str(error) or not (long or turns.is_taken(self.path)):
                    raise
            else:
                return

    def _check_place(self) -> None:
        """What is written into a file that nobody finds again is not stored."""
        now = _identity(self.path)
        if now != self._file:
            raise StoreGone(self.path, replaced=now is not None)

    def _takes_long(self) -> None:
        """Tells other processes that this transaction takes long; they wait for its end."""
        if self._turn is None:
            self._turn = turns.Turn(self.path)
            self._check_free_pages(SOME_ROWS)

    def _check_free_pages(self, rows: int) -> None:
        """Before so many rows: raises where a page that is said to be free may hold others, which would be lost.

        Only a walk through all pages tells that: 8 ms of 10,000 reviews, 1.4 s of a million; most files have none free.
        """
        if rows >= SOME_ROWS and self._number("select freelist_count from pragma_freelist_count"):
            found = " ".join(str(self._first("pragma main.quick_check(1)")[0]).split())  # type: ignore[index]
            if found != "ok":
                raise StoreDamaged(self.path, found)

    def _select(self, sql: str, values: Values = ()) -> Iterator[tuple[Any, ...]]:
        """Rows one by one; a damaged page may be met at any of them."""
        try:
            with clear_errors(self.path):
                for row in self._connection.execute(sql, values):  # noqa: UP028  (it would close the cursor, perhaps too late)
                    yield row
        except StoreDamaged:
            self.is_damaged = True
            raise

    def _first(self, sql: str, values: Values = ()) -> tuple[Any, ...] | None:
        return next(self._select(sql, values), None)

    def _column(self, sql: str, values: Values = ()) -> Iterator[Any]:
        """The first value of each row."""
        return map(itemgetter(0), self._select(sql, values))

    def _number(self, sql: str, values: Values = ()) -> int:
        return sum(self._column(sql, values))


def _identity(path: str) -> tuple[int, int] | None:
    """Which file lies there; None if none does."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
