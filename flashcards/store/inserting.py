"""Events into the log: what is not there yet, each in its row; many at once for little more than their bytes."""

import json
from collections.abc import Iterable
from itertools import chain, islice
from operator import attrgetter
from typing import TypeAlias

from flashcards.model import CardId, Event
from flashcards.store.base import pieces
from flashcards.store.events import KNOWN
from flashcards.store.lines import row_of
from flashcards.store.redacted import Redacted

MANY_EVENTS = 1_000
FIRST_AT_ONCE = 50_000
"""Of an empty log: 100 MB."""
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
        fresh = []
        with self._without("trigger", "events_once"):
            for piece in pieces(chain(first, rest)):
                fresh += self._insert(self._unknown(piece))
        return fresh

    def _insert_first(self, events: Iterable[Event]) -> set[CardId]:
        """Fills an empty log and keeps nothing of it in memory; the cards that it names.

        Many at once in the order of its key, so that each page is written a few times at most.
        """
        self._takes_long()
        cards: set[CardId] = set()
        with self._without("trigger", "events_once"), self._without("index"):
            greatest = ""
            for piece in pieces(events, FIRST_AT_ONCE):
                piece.sort(key=attrgetter("id"))
                # Most logs are in this order, and then nothing has to be looked up.
                fresh = self._insert([*_once(piece).values()] if piece[0].id > greatest else self._unknown(piece))
                greatest = max(greatest, piece[-1].id)
                cards.update(card for _, _, event in fresh if (card := getattr(event, "card", None)) is not None)
        return cards

    def _unknown(self, events: list[Event]) -> list[Event]:
        """The events that the log does not have, each once."""
        by_id = _once(events)
        for known in [*self._column(f"select id {KNOWN}", [json.dumps([*by_id])])]:
            del by_id[known]
        return list(by_id.values())

    def _insert(self, events: list[Event]) -> list[Fresh]:
        events = self._fit_to_keep(events)
        rows = list(map(row_of, events))
        self._connection.executemany(INSERT, rows)
        return [(row[3], row[0], event) for row, event in zip(rows, events, strict=True)]


def _once(events: Iterable[Event]) -> dict[str, Event]:
    """The events by their ids; of two with one id the first."""
    by_id: dict[str, Event] = {}
    for event in events:
        by_id.setdefault(event.id, event)
    return by_id
