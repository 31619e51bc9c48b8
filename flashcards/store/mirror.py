"""The derived tables made once more, in memory, from the log and the decks of a database that is only read."""

import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, nullcontext
from typing import Any, NamedTuple

from flashcards.errors import StoreDamaged
from flashcards.model import Deck
from flashcards.store import derived
from flashcards.store.catalog import DeckSource
from flashcards.store.connect import address
from flashcards.store.derived import COUNTED, DONE
from flashcards.store.health import decoded, is_still, looked_at
from flashcards.store.tallies import Tallies

TRUTH = ("decks", "meta")
"""What is copied, since it is written on the way; the log is only read."""
OF_ANSWERS = ("answered", "tally", "effort")
"""Tables that are filled by the first look at the statistics."""
NOT_COMPARED = ("stale", "restored")
"""The first says what is to be counted yet; the second may hold more than a replay finds, at no harm."""
MOST_SHOWN = 5

Parsed = Callable[[DeckSource, bytes], Deck | None]
"""The deck in a text; None if it has faults."""


class Difference(NamedTuple):
    """How a derived table differs from what a replay makes."""

    table: str
    rows: int
    """That are missing, or there in vain; one that says something else is both."""
    keys: tuple[str, ...]
    """Of the first few."""


class Reader(Tallies):
    """A store that can be looked at and no more: opening it changes nothing, whatever it needs."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.warnings = []
        self.is_read_only = True
        self._sign = nullcontext
        self._connection = self._connected()

    def _connected(self) -> sqlite3.Connection:
        return looked_at(self.path)


class Mirror(Reader):
    """A store in memory over the log of another."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.is_read_only = False
        self._connection.text_factory = decoded
        there = address(path, "ro", still=is_still(path))
        self._connection.execute("attach ? as looked_at", [os.fsencode(there)])  # may be no text
        for table in TRUTH:
            (sql,) = self._of("select sql from looked_at.sqlite_master where name = ?", [table])
            self._connection.execute(sql)
            self._connection.execute(f"insert into main.{table} select * from looked_at.{table}")  # noqa: S608
        for statement in derived.SCHEMA:
            self._connection.execute(statement)

    def _connected(self) -> sqlite3.Connection:
        return sqlite3.connect("file:mirror?mode=memory", uri=True, isolation_level=None)

    def differences(self, parsed: Parsed) -> Iterator[Difference]:
        """Makes everything anew and compares it table by table."""
        with self._transaction():
            self._replay_all()
        for source in self.decks(sources=True):
            if deck := parsed(source, zlib.decompress(source.source)):
                self.put_decks([(deck, source)])
        tables = [table for table in derived.TABLES if table not in (*OF_ANSWERS, *NOT_COMPARED)]
        if self._is_all_counted():
            self.count_answers()
            tables += OF_ANSWERS
        for table in tables:
            if difference := self._compared(table):
                yield difference

    def _is_all_counted(self) -> bool:
        (counted,) = self._of("select (select value from looked_at.meta where name = ?)", [COUNTED])
        (stale,) = self._of("select count(*) from looked_at.stale")
        return bool(counted == DONE and not stale)

    def _compared(self, table: str) -> Difference | None:
        where = " where not retired" if table == "cards" else ""
        mine, theirs = (f"select * from {schema}.{table}{where}" for schema in ("main", "looked_at"))  # noqa: S608
        both = f"select * from ({mine} except {theirs}) union all select * from ({theirs} except {mine})"  # noqa: S608
        rows, keys = 0, dict[str, None]()
        for row in self._connection.execute(both):
            rows += 1
            if len(keys) < MOST_SHOWN:
                keys[str(row[0])] = None
        return Difference(table, rows, tuple(keys)) if rows else None

    def _of(self, sql: str, values: Any = ()) -> tuple[Any, ...]:  # noqa: ANN401  (what SQLite takes)
        found: tuple[Any, ...] = self._connection.execute(sql, values).fetchone()
        return found

    def _takes_long(self) -> None:
        """Nobody waits for it."""

    def _check_place(self) -> None:
        """It lies nowhere."""


def differences(path: str, parsed: Parsed) -> list[Difference]:
    """How the derived tables of a database differ from what its log and decks say."""
    try:
        with closing(Mirror(path)) as mirror:
            return list(mirror.differences(parsed))
    except (sqlite3.Error, UnicodeDecodeError, zlib.error) as error:
        raise StoreDamaged(path, str(error)) from error
