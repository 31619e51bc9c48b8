"""Rows in, nouns out: the log, the decks as last read, and what is derived from both.

The `events` are the truth and only ever grow. `cards` and `memory` are
derived: after every append they equal the replay of the log, whatever order
the events came in.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from os import PathLike, fspath
from typing import Any, NamedTuple

from flashcards.due import Candidate, Seen
from flashcards.log import from_line, order, stamp, to_line
from flashcards.model import Card, CardId, Deck, Event, Memory, Review, Scheduler, Setting, Undo
from flashcards.replay import advance, fold
from flashcards.store import derived
from flashcards.store.connect import clear_errors, connect
from flashcards.store.schedule import NAMES as SCHEDULE_SETTINGS
from flashcards.store.schedule import Timeline

NO_CARD = CardId("")
PLACES_PER_DECK = 10_000_000
"""Room for cards between one deck and the next in the order of new cards."""


class DeckSource(NamedTuple):
    """Where a deck comes from and what the file was like when it was last read without a fault."""

    deck: str
    title: str
    path: str
    size: int
    mtime_ns: int
    hash: str
    source: bytes = b""


class Row(NamedTuple):
    """A card, what is known of it, and whether its deck still has it."""

    card: Card | None
    memory: Memory
    retired: bool


STANDING = """
    kind != 'undo'
    and not exists (select 1 from events undo where undo.target = events.id)
    and (batch is null or not exists (select 1 from events undo where undo.target = events.batch))
"""
READY = "not retired and not away and (buried_until is null or buried_until <= ?)"


class Store:
    """One database. Every method is one transaction."""

    def __init__(self, path: str | PathLike[str]) -> None:
        self.path = fspath(path)
        self._connection = connect(self.path)
        self._timeline: Timeline | None = None
        self._data_version: tuple[int, ...] | None = None
        try:
            with clear_errors(self.path):
                self._check_derived()
        except BaseException:
            self._connection.close()
            raise

    def close(self) -> None:
        """Lets go of the file."""
        self._connection.close()

    # ------------------------------------------------------------ the log

    def append(self, events: Iterable[Event]) -> dict[CardId, Memory]:
        """Adds events that are not there yet, durably, and returns the memories that changed.

        One transaction: when this returns, the events and what follows from
        them are on disk; when it raises, nothing happened.
        """
        with self._transaction():
            fresh = [event for event in events if self._insert(event)]
            return self._remember(fresh)

    def events(self, card: CardId | None = None, *, standing: bool = False) -> Iterator[Event]:
        """The log in order (at, id), of one card or whole."""
        where = [STANDING] if standing else []
        where += ["card = ?"] if card else []
        sql = f"select line from events where {' and '.join(where) or 'true'} order by at, id"  # noqa: S608  (constants)
        for (line,) in self._select(sql, [card] if card else []):
            yield from_line(line)

    def review_days(self) -> Iterator[date]:
        """The study days with a standing review, newest first; drawn one by one."""
        sql = f"""
            with recursive days (found) as (
                select max(day) from events where day is not null
                union all
                select (select max(day) from events where day < days.found) from days where days.found is not null
            )
            select found from days where exists (select 1 from events where day = days.found and {STANDING})
        """  # noqa: S608
        for (day,) in self._select(sql):
            yield date.fromisoformat(day)

    def reviews_of(self, day: date) -> list[Review]:
        """The standing reviews of one study day, in order."""
        sql = f"select line from events where day = ? and {STANDING} order by at, id"  # noqa: S608
        events = (from_line(line) for (line,) in self._select(sql, [day.isoformat()]))
        return [event for event in events if isinstance(event, Review)]

    def last_action(self, device: str) -> list[Event]:
        """The newest standing event of the device, or the whole batch it belongs to; empty if there is none."""
        sql = f"select id, batch from events where device = ? and {STANDING} order by id desc limit 1"  # noqa: S608
        found = self._first(sql, [device])
        if found is None:
            return []
        column, key = ("batch", found[1]) if found[1] else ("id", found[0])
        sql = f"select line from events where {column} = ? and {STANDING} order by at, id"  # noqa: S608  (constants)
        return [from_line(line) for (line,) in self._select(sql, [key])]

    def count_unknown(self, ids: Iterable[str]) -> int:
        """How many of these event ids the log does not have."""
        sql = "select 1 from events where id = ?"
        return sum(self._first(sql, [one]) is None for one in ids)

    def newest_id(self, device: str) -> str:
        """The greatest event id of the device, "" if there is none."""
        found = self._first("select max(id) from events where device = ?", [device])
        return (found and found[0]) or ""

    def settings(self) -> list[Setting]:
        """The standing settings, oldest first."""
        sql = f"select line from events where kind = 'setting' and {STANDING} order by at, id"  # noqa: S608
        events = (from_line(line) for (line,) in self._select(sql))
        return [event for event in events if isinstance(event, Setting)]

    def meta(self, name: str, default: str | None = None) -> str | None:
        """A fact about this store; with a default, it is written the first time."""
        found = self._first("select value from meta where name = ?", [name])
        if found is None and default is not None:
            with self._transaction():
                self._connection.execute("insert or ignore into meta (name, value) values (?, ?)", [name, default])
            return self.meta(name)
        return found[0] if found else None

    @property
    def scheduler(self) -> Scheduler:
        """The scheduler in force."""
        if not self._connection.in_transaction:
            self._notice_others()
        return self._schedule().now()

    def rebuild(self) -> int:
        """Drops the memories and replays the whole log; returns how many cards it names."""
        with self._transaction():
            return self._replay_all()

    # ------------------------------------------------------------ memories

    def memory(self, card: CardId) -> Memory:
        """What is known of one card; an empty memory if nothing is."""
        return self._memory(card) or Memory(card=card)

    def seen(self, day: date) -> list[Seen]:
        """The cards whose review of study day `day` moved their schedule."""
        sql = "select card, first_day = last_day from memory where last_day = ? and scheduler = ?"
        rows = self._select(sql, [day.isoformat(), self.scheduler.name])
        return [
            Seen(note=CardId(card.partition("~")[0]), deck=card.partition("/")[0], was_new=bool(new))
            for card, new in rows
        ]

    # ------------------------------------------------------------ cards that may come up

    def reviews_due(self, until: date, today: date, decks: Sequence[str] = ()) -> Iterator[Candidate]:
        """Cards due on or before `until`, the longest overdue first; drawn row by row."""
        where, values = _among(decks)
        sql = (
            f"select content, due from cards where due is not null and due <= ? and {READY}{where} order by due, place"  # noqa: S608
        )
        return self._candidates(sql, [until.isoformat(), today.isoformat(), *values])

    def new_cards(self, today: date, decks: Sequence[str] = ()) -> Iterator[Candidate]:
        """Cards without a schedule, in the order of decks and files; drawn row by row."""
        where, values = _among(decks)
        sql = f"select content, due from cards where due is null and {READY}{where} order by place"  # noqa: S608
        return self._candidates(sql, [today.isoformat(), *values])

    def drills(self, day: date, decks: Sequence[str] = ()) -> Iterator[Candidate]:
        """Cards that still have to come back on study day `day`, the longest waiting first."""
        where, values = _among(decks)
        sql = f"""
            select content, due from memory join cards using (card)
            where drill = ? and scheduler = ? and not retired and not away
            and (cards.buried_until is null or cards.buried_until <= ?){where} order by at, event
        """  # noqa: S608
        return self._candidates(sql, [day.isoformat(), self.scheduler.name, day.isoformat(), *values])

    def count_due(self, today: date, decks: Sequence[str] = ()) -> int:
        """How many cards are due, caps and siblings aside."""
        where, values = _among(decks)
        sql = f"select count(*) from cards where due is not null and due <= ? and {READY}{where}"  # noqa: S608
        return self._number(sql, [today.isoformat(), today.isoformat(), *values])

    def count_new(self, today: date, decks: Sequence[str] = ()) -> int:
        """How many cards are new, caps and siblings aside."""
        where, values = _among(decks)
        sql = f"select count(*) from cards where due is null and {READY}{where}"  # noqa: S608
        return self._number(sql, [today.isoformat(), *values])

    def dues_by_deck(self, until: date) -> list[tuple[str, date, int]]:
        """(deck, due day, cards) up to `until`, for a forecast."""
        sql = """
            select deck, due, count(*) from cards
            where due is not null and due <= ? and not retired and not away group by deck, due
        """
        return [(deck, date.fromisoformat(due), n) for deck, due, n in self._select(sql, [until.isoformat()])]

    def known_by_deck(self) -> dict[str, tuple[int, int]]:
        """How many of a deck's cards are known (last scheduled grade 3 or more), and how many there are."""
        sql = """
            select deck, coalesce(sum(json_extract(state, '$.repetitions') > 0), 0), count(*)
            from cards left join memory on memory.card = cards.card and memory.scheduler = ?
            where not retired group by deck
        """
        return {deck: (known, total) for deck, known, total in self._select(sql, [self.scheduler.name])}

    # ------------------------------------------------------------ cards and decks

    def card(self, card: CardId) -> Row | None:
        """One card by its whole id; None if neither decks nor log know it."""
        return next(self.rows("cards.card = ?", [card]), None) or next(self._orphans("memory.card = ?", [card]), None)

    def rows(self, where: str = "true", values: Sequence[Any] = ()) -> Iterator[Row]:
        """Cards that decks have or had, with their memories, in the order of decks and files."""
        sql = f"""
            select content, retired, memory.{derived.MEMORY_COLUMNS.replace(", ", ", memory.")}, memory.at, memory.event
            from cards left join memory on memory.card = cards.card and memory.scheduler = ?
            where {where} order by retired, place
        """  # noqa: S608
        for content, retired, *memory in self._select(sql, [self.scheduler.name, *values]):
            card = derived.card_from(content)
            known = derived.memory_from(tuple(memory)) if memory[0] else Memory(card=card.id)
            yield Row(card=card, memory=known, retired=bool(retired))

    def all_rows(self, decks: Sequence[str] = ()) -> Iterator[Row]:
        """Every card of the decks (none named: all), then cards that only the log knows."""
        where, values = _among(decks)
        yield from self.rows(f"true{where}", values)
        if not decks:
            yield from self._orphans("true", [])

    def deck_cards(self, deck: str) -> dict[CardId, tuple[str, int, bool]]:
        """The index of one deck: content, place and whether it is retired, by card."""
        sql = "select card, content, place, retired from cards where deck = ?"
        return {CardId(c): (content, place, bool(gone)) for c, content, place, gone in self._select(sql, [deck])}

    def decks(self, *, sources: bool = False) -> list[DeckSource]:
        """Every deck, in the order in which they came; with their text if `sources`."""
        blob = "source" if sources else "x''"
        sql = f"select deck, title, path, size, mtime_ns, hash, {blob} from decks order by place"  # noqa: S608
        return [DeckSource(*row) for row in self._select(sql)]

    def put_decks(self, decks: Sequence[tuple[Deck, DeckSource]]) -> None:
        """Takes in decks as they are now; cards that left are retired and keep their history."""
        with self._transaction():
            for deck, source in decks:
                self._put_source(source)
                self._put_cards(deck)

    def touch_deck(self, source: DeckSource) -> None:
        """Notes that the file looks different but says the same."""
        with self._transaction():
            self._put_source(source)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Makes everything inside one transaction."""
        with self._transaction():
            yield

    # ------------------------------------------------------------ inside

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._connection.in_transaction:
            yield
            return
        with clear_errors(self.path):
            self._connection.execute("begin immediate")
            try:
                self._notice_others()
                yield
                self._connection.execute("commit")
            except BaseException:
                self._timeline = None
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise

    def _select(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows one by one; a damaged page may be met at any of them."""
        with clear_errors(self.path):
            yield from self._connection.execute(sql, values)

    def _first(self, sql: str, values: Sequence[Any] = ()) -> tuple[Any, ...] | None:
        return next(self._select(sql, values), None)

    def _number(self, sql: str, values: Sequence[Any]) -> int:
        return sum(number for (number,) in self._select(sql, values))

    def _notice_others(self) -> None:
        """Forgets the timeline once another process wrote: it may have changed a setting."""
        version = self._first("pragma data_version")
        if version != self._data_version:
            self._data_version = version
            self._timeline = None

    def _schedule(self) -> Timeline:
        if self._timeline is None:
            self._timeline = Timeline(self.settings())
        return self._timeline

    def _check_derived(self) -> None:
        if self.meta("derived") == derived.VERSION:
            return
        with self._transaction():
            if self.meta("derived") == derived.VERSION:  # another process was faster
                return
            derived.create(self._connection)
            # An empty hash makes the card index be read again from the decks' own text.
            self._connection.execute("update decks set hash = ''")
            self._replay_all()

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
        touched: dict[CardId, Event | None] = {}
        for event in fresh:
            for card in self._cards_of(event):
                touched[card] = None if card in touched or isinstance(event, Undo) else event
        return {card: self._update(card, event) for card, event in touched.items()}

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

    def _update(self, card: CardId, event: Event | None) -> Memory:
        """The card's memory after one more event; replayed where the event is not simply the newest."""
        before = self._memory(card) or Memory(card=card)
        if event is None or order(event) <= before.order or self._is_undone(event):
            memory = fold(card, self.events(card, standing=True), self._schedule().at)
        else:
            memory = advance(before, event, self._schedule().at(event))
        self._put_memory(memory)
        return memory

    def _is_undone(self, event: Event) -> bool:
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
        self._connection.execute(
            "update cards set due = ?, away = ?, buried_until = ? where card = ?",
            [due, int(memory.suspended), buried, memory.card],
        )

    def _replay_all(self) -> int:
        self._timeline = None
        self._connection.execute("delete from memory")
        self._connection.execute("update cards set due = null, away = 0, buried_until = null")
        cards = self._connection.execute("select distinct card from events where card is not null").fetchall()
        for (card,) in cards:
            self._put_memory(fold(card, self.events(card, standing=True), self._schedule().at))
        return len(cards)

    def _candidates(self, sql: str, values: Sequence[Any]) -> Iterator[Candidate]:
        for content, due in self._select(sql, values):
            card = derived.card_from(content)
            yield Candidate(
                card=card.id,
                deck=card.deck,
                note=card.note,
                due=date.fromisoformat(due) if due else None,
                after=card.after,
                platform=card.platform,
                tags=card.tags,
            )

    def _orphans(self, where: str, values: Sequence[Any]) -> Iterator[Row]:
        sql = f"""
            select {derived.MEMORY_COLUMNS}, at, event from memory
            where scheduler = ? and {where} and card not in (select card from cards) order by card
        """  # noqa: S608
        for row in self._select(sql, [self.scheduler.name, *values]):
            yield Row(card=None, memory=derived.memory_from(row), retired=True)

    def _put_source(self, source: DeckSource) -> None:
        self._connection.execute(
            """
            insert into decks (deck, place, title, path, size, mtime_ns, hash, source)
            values (:deck, (select coalesce(max(place), 0) + 1 from decks),
                    :title, :path, :size, :mtime_ns, :hash, :source)
            on conflict (deck) do update set title = :title, path = :path,
                size = :size, mtime_ns = :mtime_ns, hash = :hash, source = :source
            """,
            source._asdict(),
        )

    def _put_cards(self, deck: Deck) -> None:
        (place,) = self._connection.execute("select place from decks where deck = ?", [deck.id]).fetchone()
        rows = [
            (card.id, deck.id, place * PLACES_PER_DECK + index, derived.card_text(card))
            for index, card in enumerate(deck.cards)
        ]
        self._connection.execute("update cards set retired = 1 where deck = ?", [deck.id])
        self._connection.executemany(
            """
            insert into cards (card, deck, place, retired, content, due, away, buried_until)
            values (?, ?, ?, 0, ?, null, 0, null)
            on conflict (card) do update set place = excluded.place, retired = 0, content = excluded.content
            """,
            rows,
        )
        self._connection.execute(
            """
            update cards set due = json_extract(memory.state, '$.due'), away = memory.suspended,
                buried_until = memory.buried_until
            from memory where memory.card = cards.card and memory.scheduler = ? and cards.deck = ?
            """,
            [self._schedule().now().name, deck.id],
        )


def _among(decks: Sequence[str]) -> tuple[str, list[str]]:
    """A condition for the decks, nothing for all, and its values."""
    return (f" and deck in ({', '.join('?' * len(decks))})", list(decks)) if decks else ("", [])
