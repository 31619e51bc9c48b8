"""Texts taken out of the log: the one change that the log knows, and no byte of them is left behind.

A mark `redact` names a review; what was typed in it goes from its line and from what is derived of it, whichever of
the two came first. A row that was overwritten still lies in free pages and in the write-ahead log, so afterwards the
database is written anew.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from flashcards.errors import CardsError
from flashcards.log import STAMP, from_line, stamp, to_line
from flashcards.model import CardId, Event, EventId, Mark, Review
from flashcards.redaction import Redactions, is_redaction
from flashcards.store.aliases import Aliases
from flashcards.store.connect import BUSY_SECONDS, clear_errors
from flashcards.store.derived import COUNTED, DONE
from flashcards.store.events import LAST, NAMES
from flashcards.store.turns import Turn

UNSWEPT = "unswept"
"""The fact in `meta` that a text was taken out and its bytes may still lie in the files."""
CLEANED = "backups redacted"
"""The fact that says for how many marks the backups were cleaned."""
PATIENCE_MS = 500
"""For other processes, where nobody waits for the end of it."""
SHORTEST_PART = 4
"""Characters by which an event may be named."""


class Redacted(Aliases):
    """Keeps the table of marks that take texts out, and takes them out."""

    _took_out = False
    """Whether a text was taken out in the transaction that is under way."""

    def _fit_to_keep(self, events: list[Event]) -> list[Event]:
        """The events that are to be inserted, without the texts that marks take out: known ones, or some of these."""
        marks = [event for event in events if is_redaction(event)]
        if marks:
            self._note_redactions(marks)
            self._take_out_named(marks)
        typed = [event for event in events if type(event) is Review and event.typed is not None]
        if not typed or self._first("select 1 from redacts limit 1") is None:
            return events
        known = self._redactions_of(typed)
        return [known.without(event) for event in events] if known != Redactions() else events

    def _note_redactions(self, marks: Iterable[Event]) -> None:
        rows = [(m.id, m.card, m.value or None, stamp(m.at)) for m in marks if isinstance(m, Mark)]
        self._connection.executemany("insert or ignore into redacts values (?, ?, ?, ?)", rows)

    def _redactions_of(self, reviews: list[Review]) -> Redactions:
        """What is known to be taken out of these reviews."""
        sql = "select distinct value from redacts where value in (select value from json_each(?))"
        events = self._column(sql, [json.dumps([review.id for review in reviews])])
        sql = """
            select card, max(at || event) from redacts
            where value is null and card in (select value from json_each(?)) group by card
        """
        cards = self._select(sql, [json.dumps([*{review.card for review in reviews}])])
        return Redactions(
            frozenset(events),
            tuple((CardId(card), (place[:STAMP], place[STAMP:])) for card, place in cards),
        )

    def _take_out_named(self, marks: Iterable[Event]) -> None:
        """Takes out what these marks name of what is there already."""
        named = [mark.value for mark in marks if isinstance(mark, Mark) and mark.value]
        sql = "select line from events where kind = 'review' and id in (select value from json_each(?))"
        lines = [*self._column(sql, [json.dumps(named)])]
        sql = "select line from events where kind = 'review' and card = ? and (at, id) < (?, ?)"
        for mark in marks:
            if isinstance(mark, Mark) and not mark.value:
                lines += [*self._column(sql, [mark.card, stamp(mark.at), mark.id])]
        self._take_out(lines)

    def _find_redactions(self, marks: Iterable[Event]) -> None:
        """Fills the table from the marks of the whole log; takes out what a program that did not know how has kept."""
        self._connection.execute("delete from redacts")
        marks = [mark for mark in marks if is_redaction(mark)]
        if marks:
            self._note_redactions(marks)
            self._take_out_named(marks)

    def _take_out(self, lines: Iterable[str]) -> None:
        reviews = [one for one in map(from_line, lines) if isinstance(one, Review) and one.typed is not None]
        if not reviews:
            return
        self._connection.execute("pragma secure_delete = on")
        rows = {review.id: to_line(review._replace(typed=None)) for review in reviews}
        with self._without("trigger", "events_no_update"):
            sql = "update events set line = ? where id = ?"
            self._connection.executemany(sql, [(line, name) for name, line in rows.items()])
        self._take_out_of_counts(reviews)
        self.note_meta(UNSWEPT, "1")
        self._took_out = True

    def _take_out_of_counts(self, reviews: list[Review]) -> None:
        """What the statistics keep of wrong answers goes at once; they count these cards again when they are asked.

        They may have counted them before a card was renamed, so all its names are looked at, and each text as well.
        Whoever counts the whole log just now has read the text already, so that has to begin anew.
        """
        cards = {name for review in reviews for name in self._column(NAMES, [review.card] * 4)}
        cards |= set(self.resolved(cards).values())
        values = [json.dumps([*cards]), json.dumps([review.typed for review in reviews])]
        among = "in (select value from json_each(?))"
        where = f"typed is not null and (card {among} or typed {among})"
        sql = f"insert or ignore into stale select distinct card from answered where {where}"  # noqa: S608
        self._connection.execute(sql, values)
        self._connection.execute(f"update answered set typed = null where {where}", values)  # noqa: S608
        self._connection.execute("delete from meta where name = ? and value != ?", [COUNTED, DONE])

    # ------------------------------------------------------------ bytes

    def sweep(self, patience_ms: int = BUSY_SECONDS * 1000) -> bool:
        """Writes the database anew if a text was taken out; whether none of its bytes can be left.

        Not so while another process reads what was there before, for longer than this one has patience.
        """
        if self.is_swept:
            return True
        turn = self._turn or Turn(self.path)
        try:
            with clear_errors(self.path):
                self._connection.execute(f"pragma busy_timeout = {patience_ms:d}")
                self._connection.execute("pragma secure_delete = on")
                if not (self._is_emptied() and self._has_room()):  # looks that cost nothing, before a walk
                    return False
                self._connection.execute("vacuum")
                if not self._is_emptied():
                    return False
        finally:
            self._connection.execute(f"pragma busy_timeout = {BUSY_SECONDS * 1000}")
            if turn is not self._turn:
                turn.end()
        with self._transaction():
            self._connection.execute("delete from meta where name = ?", [UNSWEPT])
        return True

    @property
    def is_swept(self) -> bool:
        """Whether no byte of what was taken out can be left."""
        return self.meta(UNSWEPT) is None

    @property
    def has_redactions(self) -> bool:
        """Whether any mark takes something out; hardly any home has one."""
        return self._first("select 1 from redacts limit 1") is not None

    def is_clean(self, day: str) -> bool:
        """Whether all that marks ask for was done, here and in the backups; or tried in vain on this day already."""
        count = self.count_redactions()
        if not count:
            return True
        return self.is_swept and self.meta(CLEANED) in {str(count), f"{count} in vain {day}"}

    def note_cleaned(self, count: int, in_vain: str = "") -> None:
        """Notes that the backups are clean of what so many marks name, or the day on which they could not be."""
        value = f"{count} in vain {in_vain}" if in_vain else str(count)
        if self.meta(CLEANED) != value:
            self.note_meta(CLEANED, value)

    def _is_emptied(self) -> bool:
        """Moves the write-ahead log into the database; whether nobody kept us from emptying it."""
        (busy, _, _) = self._connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        return not busy

    def _has_room(self) -> bool:
        """Whether a second copy fits: to try in vain would fill the disk for a while, and at every command."""
        if not hasattr(os, "statvfs"):
            return True
        pages = self._number("select page_count - freelist_count from pragma_page_count, pragma_freelist_count")
        room = os.statvfs(self.path)
        return room.f_bavail * room.f_frsize >= pages * self._number("select page_size from pragma_page_size")

    def _committed(self) -> None:
        super()._committed()
        if self._took_out:
            self._took_out = False
            with suppress(CardsError, sqlite3.Error):  # what was to be stored is stored, and others may try again
                self.sweep(PATIENCE_MS)

    # ------------------------------------------------------------ which

    def typed_in(self, name: str) -> dict[EventId, Review]:
        """The reviews of the event, or of the batch, whose id is `name`, or of events whose id begins or ends so."""
        column, ids = self._named(name)
        sql = f"select line from events where kind = 'review' and {column} in (select value from json_each(?))"  # noqa: S608
        return {review.id: review for review in self._of_kind(Review, sql, [json.dumps(ids)])}

    def _named(self, name: str) -> tuple[str, list[str]]:
        for column in ("id", "batch"):
            if self._first(f"select 1 from events where {column} = ?", [name]):  # noqa: S608
                return column, [name]
        if len(name) < SHORTEST_PART:
            return "id", []
        sql = "select id from events where kind = 'review' and (substr(id, 1, ?) = ? or substr(id, -?) = ?)"
        return "id", [*self._column(sql, [len(name), name, len(name), name])]

    def newest_typed(self, device: str, *, until: str = LAST) -> Review | None:
        """The newest review of the device in which something was typed, be it taken out: twice is the same one.

        None whose id is greater than `until`.
        """
        known = self.redactions().events
        sql = "select line from events where device = ? and id <= ? and kind = 'review' order by id desc"
        for event in self._events(sql, [device, until]):
            if isinstance(event, Review) and (event.typed or event.id in known):
                return event
        return None

    def typed_alike(self, texts: Iterable[str]) -> list[EventId]:
        """The reviews in which one of these texts was typed, no more and no less; the newest first."""
        sql = """
            select id from events where kind = 'review' and instr(line, '"typed":') > 0
            and line ->> 'typed' in (select value from json_each(?)) order by at desc, id desc
        """
        return [*map(EventId, self._column(sql, [json.dumps([*texts])]))]

    def count_redactions(self) -> int:
        """How many marks take something out."""
        return self._number("select count(*) from redacts")

    def redactions(self) -> Redactions:
        """All that marks take out."""
        events = self._column("select value from redacts where value is not null")
        cards = self._select("select card, at, event from redacts where value is null order by at, event")
        return Redactions(
            frozenset(events),
            tuple({CardId(card): (CardId(card), (at, name)) for card, at, name in cards}.values()),
        )

    @contextmanager
    def _without(self, kind: str, name: str = "") -> Iterator[None]:
        """A trigger, or all indexes, of the log away for a while: what forbids a change, or costs many events too much.

        Those cost more than the events do one by one: the trigger passes by known ids, which were looked up (15 us of
        22 each), and the indexes of an empty log are quicker made of all rows at once. They are dropped and made again
        in the same transaction, so that nobody ever meets the log without them.
        """
        sql = "select name, sql from sqlite_master where tbl_name = 'events' and type = ? and sql is not null"
        spared = [one for one in self._select(sql, [kind]) if name in {"", one[0]}]
        for found, _ in spared:
            self._connection.execute(f"drop {kind} {found}")
        yield
        for _, statement in spared:
            self._connection.execute(statement)
