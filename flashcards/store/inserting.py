"""Events into the log: what is not there yet, each in its row; many at once for little more than their bytes."""

import json
from collections.abc import Iterable
from itertools import chain, islice
from operator import attrgetter
from typing import TypeAlias

from flashcards.model import Event
from flashcards.store.base import pieces
from flashcards.store.events import KNOWN
from flashcards.store.lines import row_of
from flashcards.store.redacted import Redacted

MANY_EVENTS = 1_000
INSERT = "insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?)"


Fresh: TypeAlias = tuple[str, str, Event]
"""An event that was just inserted, behind its place in the log (`log.order`), so that a list of them can be sorted."""


class Inserting(Redacted):
    """Writes the log; nothing else does."""

    def _insert_new(self, events: Iterable[Event]) -> list[Fresh]:
        """Inserts what is not there yet and gives it back."""
        rest = iter(events)
        first = list(islice(rest, MANY_EVENTS))
        if len(first) < MANY_EVENTS:
            self._check_free_pages(len(first))
            return self._insert(self._unknown(first))
        self._takes_long()
        rest = chain(first, rest)
        if self._is_empty():
            with self._without("trigger", "events_once"), self._without("index"):
                return self._insert_first(rest)
        fresh = []
        with self._without("trigger", "events_once"):
            for piece in pieces(rest):
                fresh += self._insert(self._unknown(piece))
        return fresh

    def _insert_first(self, events: Iterable[Event]) -> list[Fresh]:
        """Fills an empty log: in the order of its key, so that each page is written once and nothing is looked up."""
        by_id: dict[str, Event] = {}
        for event in sorted(events, key=attrgetter("id")):
            by_id.setdefault(event.id, event)
        return [one for piece in pieces(by_id.values()) for one in self._insert(piece)]

    def _unknown(self, events: list[Event]) -> list[Event]:
        """The events that the log does not have, each once."""
        by_id: dict[str, Event] = {}
        for event in events:
            by_id.setdefault(event.id, event)
        for known in [*self._column(f"select id {KNOWN}", [json.dumps([*by_id])])]:
            del by_id[known]
        return list(by_id.values())

    def _insert(self, events: list[Event]) -> list[Fresh]:
        events = self._fit_to_keep(events)
        rows = list(map(row_of, events))
        self._connection.executemany(INSERT, rows)
        return [(row[3], row[0], event) for row, event in zip(rows, events, strict=True)]
