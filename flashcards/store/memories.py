"""What is known of each card: after every append it equals the replay of the log.

Events may come in any order, from this device or another; where one is not
simply the newest of its card, the card is replayed.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from itertools import chain, islice
from typing import Any

from flashcards.due import Seen
from flashcards.errors import StoreChanged
from flashcards.model import CardId, Event, Memory, Review, Scheduler, Setting
from flashcards.replay import follow
from flashcards.store import derived
from flashcards.store.base import pieces
from flashcards.store.inserting import MANY_EVENTS, Fresh, Inserting
from flashcards.store.replayed import ROWS, ROWS_OF, replayed
from flashcards.store.schedule import NAMES as SCHEDULE_SETTINGS
from flashcards.store.schedule import Timeline

CARDS_AT_ONCE = 1_000
NEWER = (
    "a newer cards was here; what it had worked out of the log is worked out anew, and will be again when it is back: "
    "nothing is lost, but use one version"
)


class Memories(Inserting):
    """Appends to the log and keeps the memories in step, in one transaction."""

    _timeline: Timeline | None = None
    _data_version: tuple[Any, ...] | None = None

    def append(self, events: Iterable[Event]) -> dict[CardId, Memory]:
        """Adds events that are not there yet, durably, and returns the memories that changed.

        One transaction: when this returns, the events and what follows from
        them are on disk; when it raises, nothing happened.
        """
        with self._transaction():
            rest = iter(events)
            first = list(islice(rest, MANY_EVENTS))
            if len(first) == MANY_EVENTS and self._is_empty():
                return self._append_first(chain(first, rest))
            fresh = self._insert_new(chain(first, rest))
            self.has_written = self.has_written or bool(fresh)
            return self._remember(fresh)

    def _append_first(self, events: Iterable[Event]) -> dict[CardId, Memory]:
        """Fills an empty log, and replays it from there: to keep a million events meanwhile takes 800 MB."""
        cards = self._insert_first(events)
        self.has_written = True
        self._replay_all()
        now = self.resolved({*cards, *self.aliases()})
        known = self._memories([*{*now.values()}])
        return {card: known[to] if to == card else known[to]._replace(card=card) for card, to in now.items()}

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
        """What is known of one card, under whatever name; an empty memory if nothing is."""
        now = self.resolve(card)
        return self._memories([now])[now]._replace(card=card)

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

    def _remember(self, fresh: list[Fresh]) -> dict[CardId, Memory]:
        """Brings the derived tables up to date with events that were just inserted."""
        acts = [event for _, _, event in fresh if type(event) is not Review]  # of the reviews there may be very many
        changed = self._note_gone(acts)
        if self._moves_schedules(acts, changed):
            self._timeline = None
            self._replay_all()
        moved = self._renew_aliases() if self._note_renames(acts, changed) else set()
        named = self._by_card(fresh)
        anew = self._cards_named(changed) if changed else set()
        now = self.resolved({*named, *moved, *anew})
        touched: dict[CardId, list[Fresh]] = {now[card]: [] for card in anew}
        for card, news in named.items():
            touched.setdefault(now[card], []).extend(news)
        taken, again = self._taken(fresh), {now[card] for card in anew}
        again |= {card for card in moved if now[card] == card}
        known = {}
        for card, memory in self._memories([card for card in touched if card not in moved]).items():
            if card not in again and (updated := self._update(memory, touched[card], taken)):
                known[card] = updated
            else:
                again.add(card)
        known |= self._folds(again)
        self._put_memories(known.values())
        self._forget(card for card in moved if now[card] != card or not known[card].order[0])
        self._note_stale({*now, *now.values()})
        return {card: known[to] if to == card else known[to]._replace(card=card) for card, to in now.items()}

    def _moves_schedules(self, events: Iterable[Event], changed: Collection[str]) -> bool:
        settings = [event for event in events if isinstance(event, Setting)]
        settings += self._settings_named(changed) if changed else []
        return any(setting.name in SCHEDULE_SETTINGS for setting in settings)

    def _by_card(self, fresh: list[Fresh]) -> dict[CardId, list[Fresh]]:
        """The events by the cards that they name."""
        named: defaultdict[CardId, list[Fresh]] = defaultdict(list)
        for one in fresh:
            card = getattr(one[2], "card", None)
            if card is not None:
                named[card].append(one)
        return named

    def _update(self, memory: Memory, news: list[Fresh], taken: set[str]) -> Memory | None:
        """A card's memory after some more events; None where these do not simply follow those before."""
        news.sort()
        events = [event for _, _, event in news]
        if news[0][:2] <= memory.order:
            return None
        if taken and any(event.id in taken or event.batch in taken for event in events):
            return None
        return follow(memory, events, self._schedule().at)

    def _folds(self, cards: Collection[CardId]) -> dict[CardId, Memory]:
        """The memories of cards from their events, all in one walk."""
        found = {card: Memory(card=card) for card in cards}
        if found:
            names = {old: card for old, card in self.aliases().items() if card in found}
            rows = self._select(ROWS_OF, [json.dumps([*found, *names])])
            found |= {memory.card: memory for memory in replayed(rows, names, self._schedule().at)}
        return found

    def _forget(self, cards: Iterable[CardId]) -> None:
        """Takes out the memories of ids that stand for no events."""
        for card in cards:
            if self.resolve(card) != card or next(self.events(card), None) is None:
                self._connection.execute("delete from memory where card = ?", [card])

    def _note_stale(self, cards: Iterable[CardId]) -> None:
        """The statistics read these cards again, if they were ever looked at."""
        sql = """
            insert or ignore into stale select value from json_each(?)
            where exists (select 1 from meta where name = ?)
        """
        self._connection.execute(sql, [json.dumps([*cards]), derived.COUNTED])

    def _taken(self, fresh: list[Fresh]) -> set[str]:
        """Which of the events, or of their batches, are taken back, as by an undo that came before them."""
        names = {name for _, name, _ in fresh} | {event.batch for _, _, event in fresh if event.batch}
        if len(names) < MANY_EVENTS:
            return self._gone_among(names)
        return names.intersection(self._column("select name from gone"))

    def _memories(self, cards: list[CardId]) -> dict[CardId, Memory]:
        """What is known of some cards; an empty memory where nothing is."""
        sql = f"""
            select {derived.MEMORY_COLUMNS}, at, event from memory
            where scheduler = ? and card in (select value from json_each(?))
        """  # noqa: S608
        found = {card: Memory(card=card) for card in cards}
        for row in self._select(sql, [self._schedule().now().name, json.dumps(cards)]):
            memory = derived.memory_from(row)
            found[memory.card] = memory
        return found

    def _put_memories(self, memories: Iterable[Memory]) -> None:
        scheduler, rows, cards = self._schedule().now().name, [], []
        for memory in memories:
            rows.append(derived.memory_row(memory, scheduler))
            buried = memory.buried_until.isoformat() if memory.buried_until else None
            cards.append((*derived.schedule_row(memory.state), int(memory.suspended), buried, memory.card))
        if not rows:
            return
        marks = ", ".join("?" * len(rows[0]))
        self._connection.executemany(f"insert or replace into memory values ({marks})", rows)  # noqa: S608
        sql = f"update cards set {derived.SCHEDULE}, away = ?, buried_until = ? where card = ?"  # noqa: S608
        self._connection.executemany(sql, cards)
        if self._first("select 1 from aliases"):
            sql = sql.replace("card = ?", "card in (select old from aliases where card = ?)")
            self._connection.executemany(sql, cards)

    def _replay_all(self) -> int:
        self._begin_anew()
        self._find_gone()
        marks = self._marks()
        self._find_renames(marks)
        self._find_redactions(marks)
        return self._put_all(replayed(self._select(ROWS), self.aliases(), self._schedule().at))

    def _begin_anew(self) -> None:
        """Forgets all that is known of cards."""
        self._takes_long()
        self._timeline = None
        self._connection.execute("delete from memory")
        self._connection.execute("delete from meta where name = ?", [derived.COUNTED])
        sql = f"update cards set {derived.SCHEDULE}, away = 0, buried_until = null"  # noqa: S608
        self._connection.execute(sql, derived.schedule_row(None))

    def _put_all(self, memories: Iterator[Memory]) -> int:
        cards = 0
        for some in pieces(memories, CARDS_AT_ONCE):
            self._put_memories(some)
            cards += len(some)
        return cards

    def _schedule(self) -> Timeline:
        if self._timeline is None:
            self._timeline = Timeline(self.settings())
        return self._timeline

    def _begun(self) -> None:
        """Forgets the timeline once another process wrote: it may have changed a setting."""
        version = self._first("pragma data_version")
        if version != self._data_version:
            if self._data_version and self.meta("derived") != derived.VERSION:
                raise StoreChanged(self.path)
            self._data_version = version
            self._timeline = None

    def _opened(self) -> None:
        if self.meta("derived") == derived.VERSION:
            return
        with self._transaction():
            if self.meta("derived") == derived.VERSION:  # another process was faster
                return
            self._takes_long()
            if _is_newer(self.meta("derived")):
                self.warnings.append(f"`{self.path}`: {NEWER}")
            with self._sign("reading the whole history anew, once after an upgrade"):
                derived.create(self._connection)
                self._make_indexes()
                # An empty hash makes the card index be read again from the decks' own text.
                self._connection.execute("update decks set hash = ''")
                self._replay_all()

    def _make_indexes(self) -> None:
        """A backup has none of the log's: they are half of its size."""
        sql = "select 1 from sqlite_master where tbl_name = 'events' and type = 'index' and sql is not null"
        if self._first(sql) is None:
            from flashcards.store.migrations import EVENTS  # 80 to 115 ms of sqlite_utils, once

            for statement in EVENTS:
                if statement.startswith("create index"):
                    self._connection.execute(statement)

    def _failed(self) -> None:
        self._timeline = None


def _is_newer(version: str | None) -> bool:
    return version is not None and version.isdecimal() and int(version) > int(derived.VERSION)
