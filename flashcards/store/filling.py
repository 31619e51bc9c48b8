"""An empty log filled with another device's: as quick as the disk, and the memories from what passes by.

To look each event up again costs as much as to write it, so what a schedule needs of it is kept aside meanwhile,
packed into a text for each review. The indexes are made of all rows at once, while the memories are worked out.
"""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

from flashcards.log import STAMP, order
from flashcards.model import CardId, Event, EventId, Mark, Memory, Review, Undo
from flashcards.redaction import is_redaction
from flashcards.replay import SchedulerFor, fold
from flashcards.store.lines import row_of
from flashcards.store.replayed import GRADES, MODE_OF, study_day
from flashcards.store.store import Store

COLUMNS = 9
"""Of a review as `sync.parsing` finds it: line, id, card, grade, moment, day, mode, device, batch."""
AT_ONCE = 1000
"""Reviews that one statement inserts, where SQLite takes so many values.

It takes a quarter of the time less than one by one; and as long as it works, who reads the file may go on.
"""
FILL = """
    insert or ignore into events (line, id, card, at, day, device, batch, kind)
    select column1, column2, column3, column5, column6, column8, nullif(column9, ''), 'review' from (values {})
"""
OTHERS = "insert or ignore into events values (?, ?, ?, ?, ?, ?, ?, ?, ?)"
WHOLE = ("events_card", "events_device", "events_day")
"""The indexes that hold every row, or nearly every one."""
DAY = 10
Block: TypeAlias = tuple[Sequence[tuple[Any, ...]], Sequence[Event]]


@cache
def _fill(rows: int) -> str:
    one = f"({', '.join('?' * COLUMNS)})"
    return FILL.format(", ".join([one] * rows))


class Passed:
    """What passed by, as far as memories need it."""

    def __init__(self) -> None:
        self.given = 0
        self.marks: list[Event] = []
        self._reviews: defaultdict[str, list[str]] = defaultdict(list)
        self._others: defaultdict[str, list[Event]] = defaultdict(list)

    def note(self, rows: Sequence[tuple[Any, ...]], events: Sequence[Event]) -> None:
        """Keeps a block: of a review a text that sorts like its place in the log."""
        self.given += len(rows) + len(events)
        reviews = self._reviews
        for _, name, card, grade, at, day, mode, _, batch in rows:
            reviews[card].append(f"{at}{name}\n{batch}\n{day}{grade}{mode[0]}")
        for event in events:
            if isinstance(event, Mark):
                self.marks.append(event)
            card = getattr(event, "card", None)
            if card is not None and not isinstance(event, Undo):
                self._others[card].append(event)

    def memories(self, gone: set[str], names: dict[CardId, CardId], scheduler_for: SchedulerFor) -> Iterator[Memory]:
        """The memories of all cards; `gone` is what was taken back, `names` says what former ids stand for."""
        joined = {*names, *names.values(), *self._others}
        several: defaultdict[CardId, list[Event]] = defaultdict(list)
        for name in [*self._reviews.keys() | self._others.keys()]:
            card = CardId(name)
            texts = self._reviews.pop(card, [])
            texts.sort()
            events: list[Event] = [review for text in texts if (review := _review(card, text, gone))]
            if card not in joined:
                yield fold(card, events, scheduler_for)
                continue
            events += [e for e in self._others.get(card, ()) if e.id not in gone and e.batch not in gone]
            several[names.get(card, card)] += events
        for card, events in several.items():
            yield fold(card, sorted(events, key=order), scheduler_for)


def _review(card: CardId, text: str, gone: set[str]) -> Review | None:
    place, batch, rest = text.split("\n")
    name = place[STAMP:]
    if gone and (name in gone or batch in gone):
        return None
    at = datetime.fromisoformat(place[:STAMP])
    return Review(EventId(name), card, GRADES[rest[DAY]], at, 0, study_day(rest[:DAY]), MODE_OF[rest[DAY + 1]])


class Filling(Store):
    """A store that takes in a whole log at once."""

    @property
    def changes(self) -> int:
        """How many rows were written since it was opened."""
        return self._connection.total_changes

    def fill(self, files: Iterable[Iterable[Block]], unfit: type[Exception]) -> tuple[int, int]:
        """Fills a log with files of blocks: reviews as lines and columns, and other events.

        A file that raises `unfit` on its way adds nothing. Returns how many events are new, and of how many cards
        there are some. Of two versions of an event the first stays, until they are compared.
        """
        with self.together_for_long(), self._without("trigger", "events_once"):
            before, passed, later = self.count(), Passed(), self._without_indexes()
            for blocks in files:
                self._connection.execute("savepoint one_file")
                try:
                    self._insert_blocks(blocks, passed)
                except unfit:
                    self._connection.execute("rollback to one_file")
                self._connection.execute("release one_file")
            events = self.count() - before
            if before or passed.given != events:  # some were there, came twice, or were of no use
                self._made_beside(later, iter(()))
                return events, self._replay_all()
            memories = self._made_beside(later, self._worked_out(passed))
            redactions = [mark for mark in passed.marks if is_redaction(mark)]
            self._note_redactions(redactions)
            self._take_out_named(redactions)
            return events, self._put_all(iter(memories))

    def _insert_blocks(self, blocks: Iterable[Block], passed: Passed) -> None:
        at_once = min(AT_ONCE, self._connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER) // COLUMNS)
        for rows, others in blocks:
            for start in range(0, len(rows), at_once):
                some = rows[start : start + at_once]
                self._connection.execute(_fill(len(some)), [*chain.from_iterable(some)])
            self._connection.executemany(OTHERS, map(row_of, others))
            passed.note(rows, others)

    def _without_indexes(self) -> list[str]:
        """Drops the indexes that hold every row; what makes them again."""
        sql = "select name, sql from sqlite_master where type = 'index' and name in (select value from json_each(?))"
        found = [*self._select(sql, [json.dumps(WHOLE)])]
        for name, _ in found:
            self._connection.execute(f"drop index {name}")
        return [statement for _, statement in found]

    def _made_beside(self, statements: list[str], memories: Iterator[Memory]) -> list[Memory]:
        """Has SQLite make indexes, which needs no Python, while the memories are worked out, which need no SQLite."""
        from threading import Thread  # 1 ms, once in the life of a home

        failed: list[BaseException] = []

        def make() -> None:
            try:
                for statement in statements:
                    self._connection.execute(statement)
            except sqlite3.Error as error:
                failed.append(error)

        thread = Thread(target=make)
        thread.start()
        try:
            return [*memories]
        finally:
            thread.join()
            if failed:
                raise failed[0]

    def _worked_out(self, passed: Passed) -> Iterator[Memory]:
        self._begin_anew()
        self._find_gone()
        if self._note_renames(passed.marks):
            self._renew_aliases()
        gone = {*self._column("select name from gone")}
        return passed.memories(gone, self.aliases(), self._schedule().at)
