"""The log as devices exchange it: what a folder does not have yet, what came from one, many lines at once."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from flashcards.log import LAST_ID, from_line, to_line
from flashcards.model import CardId, Event, Review
from flashcards.store.base import pieces
from flashcards.store.connect import clear_errors
from flashcards.store.events import KNOWN
from flashcards.store.filling import Filling
from flashcards.store.lines import row_of
from flashcards.union import merge

LAST = f"{LAST_ID:032x}"
"""No id of ours stands behind it."""
REPLACE = """
    update events set kind = ?, card = ?, at = ?, day = ?, device = ?, batch = ?, target = ?, line = ? where id = ?
"""


class Snapshot(NamedTuple):
    """The log at one moment, as far as a sync asks for it."""

    events: int
    own: list[tuple[str, str]]
    """Ids and lines of this device's events behind a cursor."""
    cursor: str
    """The newest id of this device."""


class Taken(NamedTuple):
    """What became of events from elsewhere."""

    fresh: list[Event]
    """The ones that were not there."""
    cards: set[CardId]
    replaced: list[str]
    """Lines that gave way to another version of their event."""


class Exchanged(Filling):
    """A store that meets other devices' logs; only a sync opens it."""

    def snapshot(self, device: str, after: str) -> Snapshot:
        """How many events there are, and which ones this device wrote since."""
        with clear_errors(self.path):
            self._connection.execute("begin")
            try:
                count = self.count()
                sql = "select id, line from events where device = ? and id > ? and id < ? order by id"
                own = [*self._select(sql, [device, after, LAST])] if after else []
                (newest,) = self._first("select max(id) from events where device = ? and id < ?", [device, LAST]) or (
                    "",
                )
            finally:
                self._connection.execute("rollback")
        return Snapshot(count, [(name, line) for name, line in own], newest or "")

    def ids(self) -> set[str]:
        """The ids of all events."""
        return {*self._column("select id from events")}

    def have_history(self, decks: Iterable[str]) -> list[str]:
        """Those of these decks of which a card was ever graded, here or elsewhere."""
        sql = "select 1 from memory where card > ? || '/' and card < ? || '0' limit 1"
        return [deck for deck in decks if self._first(sql, [deck, deck])]

    def lines(self, ids: Iterable[str]) -> dict[str, str]:
        """The lines of those of these events that the log has."""
        found = dict[str, str]()
        for some in pieces(ids):
            found |= dict(self._select(f"select id, line {KNOWN}", [json.dumps(some)]))
        return found

    def lines_without(self, ids: Collection[str]) -> Iterator[str]:
        """The lines of all events but these, in the order of their ids, drawn one by one."""
        for name, line in self._select("select id, line from events order by id"):
            if name not in ids:
                yield line

    def take(self, events: Sequence[Event], keep: Callable[[str], object] = str) -> Taken:
        """Adds events that are not there yet; of those that are there in other words the one stays that a merge keeps.

        So all devices come to the same log, in whatever order versions of an event reach them. What gives way is
        given to `keep` before.
        """
        with self.together():
            there = self.lines(event.id for event in events) if events else {}
            news = merge(event for event in events if event.id not in there)
            changed = {e.id: e for e in self._fit_to_keep(merge(e for e in events if e.id in there))}
            replaced = []
            for name, event in changed.items():
                mine = from_line(there[name])
                if isinstance(mine, Review) and mine != event == mine._replace(typed=None):
                    self._take_out([there[name]])  # a mark is on its way; there is nothing to keep
                elif merge([mine], [event])[0] is not mine and to_line(event) != there[name]:
                    keep(there[name])
                    replaced.append(there[name])
                    if getattr(event, "typed", None) is None:
                        self._take_out([there[name]])  # with all that was made of it, and its bytes
                    self._replace(event)
            cards = {*self.append(news)}
            if replaced:
                both = [*map(from_line, replaced), *changed.values()]
                cards |= {card for event in both if (card := getattr(event, "card", None))}
                self._replay_all()
        return Taken(news, cards, replaced)

    def _replace(self, event: Event) -> None:
        name, *columns = row_of(event)
        with self._without("trigger", "events_no_update"):
            self._connection.execute(REPLACE, [*columns, name])
