"""What is known of each card: after every append it equals the replay of the log.

Events may come in any order, from this device or another; where one is not
simply the newest of its card, the card is replayed.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flashcards.due import Seen
from flashcards.log import from_line, order, stamp, to_line
from flashcards.model import CardId, Event, Memory, Review, Scheduler, Setting, Undo
from flashcards.replay import advance, fold
from flashcards.store import derived
from flashcards.store.events import Events
from flashcards.store.schedule import NAMES as SCHEDULE_SETTINGS
from flashcards.store.schedule import Timeline


class Memories(Events):
    """Appends to the log and keeps the memories in step, in one transaction."""

    _timeline: Timeline | None = None
    _data_version: tuple[Any, ...] | None = None

    def append(self, events: Iterable[Event]) -> dict[CardId, Memory]:
        """Adds events that are not there yet, durably, and returns the memories that changed.

        One transaction: when this returns, the events and what follows from
        them are on disk; when it raises, nothing happened.
        """
        with self._transaction():
            fresh = [event for event in events if self._insert(event)]
            return self._remember(fresh)

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler in force."""
        if not self._connection.in_transaction:
            self._begun()
        return self._schedule().now()

    def rebuild(self) -> int:
        """Drops the memories and replays the whole log; returns how many cards it names."""
        with self._transaction():
            return self._replay_all()

    def memory(self, card: CardId) -> Memory:
        """What is known of one card; an empty memory if nothing is."""
        return self._memory(card) or Memory(card=card)

    def seen(self, day: date) -> list[Seen]:
        """The cards whose review of study day `day` moved their schedule."""
        sql = "select card, first_day = last_day from memory where last_day = ? and scheduler = ?"
        rows = self._select(sql, [day.isoformat(), self.scheduler.name])
        return [
            Seen(
                note=CardId(card.partition("~")[0]),
                deck=card.partition("/")[0],
                was_new=bool(new),
                card=CardId(card),
            )
            for card, new in rows
        ]

    def _insert(self, event: Event) -> bool:
        """Whether the event was not there yet."""
        values = (
            event.id,
            getattr(event, "kind", type(event).__name__.lower()),
            getattr(event, "card", None),
            stamp(event.at),
            event.day.isoformat() if isinstance(event, Review) else None,
            event.device,
            event.batch,
            getattr(event, "target", None),
            to_line(event),
        )
        before = self._connection.total_changes
        self._connection.execute("insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
        return self._connection.total_changes > before

    def _remember(self, fresh: list[Event]) -> dict[CardId, Memory]:
        """Brings the derived tables up to date with events that were just inserted."""
        if any(self._moves_schedules(event) for event in fresh):
            self._timeline = None
            self._replay_all()
        touched: dict[CardId, list[Event]] = {}
        for event in fresh:
            for card in self._cards_of(event):
                touched.setdefault(card, []).append(event)
        return {card: self._update(card, news) for card, news in touched.items()}

    def _moves_schedules(self, event: Event) -> bool:
        if isinstance(event, Undo):
            return any(isinstance(e, Setting) and e.name in SCHEDULE_SETTINGS for e in self._targets(event))
        return isinstance(event, Setting) and event.name in SCHEDULE_SETTINGS

    def _targets(self, undo: Undo) -> list[Event]:
        sql = "select line from events where id = ? union all select line from events where batch = ?"
        return [from_line(line) for (line,) in self._connection.execute(sql, [undo.target, undo.target])]

    def _cards_of(self, event: Event) -> set[CardId]:
        if isinstance(event, Undo):
            cards = {getattr(target, "card", None) for target in self._targets(event)}
        else:
            cards = {getattr(event, "card", None)}
        return {card for card in cards if card is not None}

    def _update(self, card: CardId, news: list[Event]) -> Memory:
        """The card's memory after some more events; replayed where these do not simply follow those before."""
        memory = self._memory(card) or Memory(card=card)
        news = sorted(news, key=order)
        if order(news[0]) <= memory.order or any(map(self._takes_back, news)):
            memory = fold(card, self.events(card, standing=True), self._schedule().at)
        else:
            for event in news:
                memory = advance(memory, event, self._schedule().at(event))
        self._put_memory(memory)
        return memory

    def _takes_back(self, event: Event) -> bool:
        """Whether the event is an undo, or was itself undone before it came."""
        if isinstance(event, Undo):
            return True
        sql = "select 1 from events where target in (?, ?)"
        return self._connection.execute(sql, [event.id, event.batch or event.id]).fetchone() is not None

    def _memory(self, card: CardId) -> Memory | None:
        sql = f"select {derived.MEMORY_COLUMNS}, at, event from memory where card = ? and scheduler = ?"  # noqa: S608
        row = self._first(sql, [card, self._schedule().now().name])
        return derived.memory_from(row) if row else None

    def _put_memory(self, memory: Memory) -> None:
        row = derived.memory_row(memory, self._schedule().now().name)
        marks = ", ".join("?" * len(row))
        self._connection.execute(f"insert or replace into memory values ({marks})", row)  # noqa: S608
        due = memory.state.due.isoformat() if memory.state else None
        buried = memory.buried_until.isoformat() if memory.buried_until else None
        known = memory.state is not None and memory.state.repetitions > 0
        self._connection.execute(
            "update cards set due = ?, away = ?, buried_until = ?, known = ? where card = ?",
            [due, int(memory.suspended), buried, int(known), memory.card],
        )

    def _replay_all(self) -> int:
        self._timeline = None
        self._connection.execute("delete from memory")
        self._connection.execute("update cards set due = null, away = 0, buried_until = null, known = 0")
        cards = self._connection.execute("select distinct card from events where card is not null").fetchall()
        for (card,) in cards:
            self._put_memory(fold(card, self.events(card, standing=True), self._schedule().at))
        return len(cards)

    def _schedule(self) -> Timeline:
        if self._timeline is None:
            self._timeline = Timeline(self.settings())
        return self._timeline

    def _begun(self) -> None:
        """Forgets the timeline once another process wrote: it may have changed a setting."""
        version = self._first("pragma data_version")
        if version != self._data_version:
            self._data_version = version
            self._timeline = None

    def _opened(self) -> None:
        if self.meta("derived") == derived.VERSION:
            return
        with self._transaction():
            if self.meta("derived") == derived.VERSION:  # another process was faster
                return
            derived.create(self._connection)
            # An empty hash makes the card index be read again from the decks' own text.
            self._connection.execute("update decks set hash = ''")
            self._replay_all()

    def _failed(self) -> None:
        self._timeline = None
