"""The decks as last read and their cards, with what is known of each."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any, NamedTuple

from flashcards.log import stamp
from flashcards.model import NOTHING, Card, CardId, Deck, Event, EventId, Memory
from flashcards.replay import follow
from flashcards.store import derived, search
from flashcards.store.connect import clear_errors
from flashcards.store.memories import Memories

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


class Catalog(Memories):
    """Decks in, cards out."""

    def card(self, card: CardId) -> Row | None:
        """One card by its whole id, or by one it had before; None if neither decks nor log know it."""
        now = self.resolve(card)
        for name in dict.fromkeys([card, now]):  # a former id that a deck of this device still has is found there
            if row := next(self._rows("cards.card = ?", [name]), None):
                return row
        return next(self._orphans("memory.card = ?", [now]), None)

    def find(self, name: str) -> list[CardId]:
        """The cards called `name` in any deck: those that decks have, else those that are only remembered."""
        sql = "select card, not retired from cards where substr(card, instr(card, '/') + 1) = ? order by place"
        found = [(CardId(card), bool(live)) for card, live in self._select(sql, [name])]
        sql = """
            select card from memory where substr(card, instr(card, '/') + 1) = ?
            union select card from aliases where substr(old, instr(old, '/') + 1) = ? order by card
        """
        return [card for card, live in found if live] or [*map(CardId, self._column(sql, [name] * 2))]

    def names(self) -> list[CardId]:
        """The cards that decks have, in their order."""
        return [*map(CardId, self._column("select card from cards where not retired order by place"))]

    def tags(self) -> list[str]:
        """Every tag of a card that a deck has or had."""
        sql = "select distinct own.value from cards, json_each(cards.tags) as own order by own.value"
        return [*self._column(sql)]

    def _rows(self, where: str = "true", values: Sequence[Any] = ()) -> Iterator[Row]:
        """Cards that decks have or had, with their memories, in the order of decks and files."""
        sql = f"""
            select content, retired, memory.{derived.MEMORY_COLUMNS.replace(", ", ", memory.")}, memory.at, memory.event
            from cards left join aliases on aliases.old = cards.card
            left join memory on memory.card = coalesce(aliases.card, cards.card) and memory.scheduler = ?
            where {where} and not (retired and aliases.old is not null) order by retired, place
        """  # noqa: S608
        for content, retired, *memory in self._select(sql, [self.scheduler.name, *values]):
            card = derived.card_from(content)
            known = derived.memory_from(tuple(memory))._replace(card=card.id) if memory[0] else Memory(card=card.id)
            yield Row(card=card, memory=known, retired=bool(retired))

    def all_rows(self, decks: Sequence[str] = ()) -> Iterator[Row]:
        """Every card of the decks (none named: all), then cards that only the log knows."""
        where, values = among(decks)
        yield from self._rows(f"true{where}", values)
        if not decks:
            yield from self._orphans("true", [])

    def history(self, card: CardId) -> Iterator[tuple[Event, Memory]]:
        """The standing events of a card in order, each with what was known of the card after it."""
        self._begun()  # the schedule of now: another process may have changed it
        scheduler_for = self._schedule().at
        memory = Memory(card=card)
        for event in self.events(card, standing=True):
            memory = follow(memory, [event], scheduler_for)
            yield event, memory

    def ahead_of(self, cards: Iterable[CardId], at: datetime) -> tuple[EventId, ...]:
        """Standing events of cards that a clock which ran ahead put later: a reset takes them back.

        It could only stand behind them, and what is answered until then would not count.
        """
        late = [card for card in cards if self.memory(card).order[0] > stamp(at)]
        return tuple(event.id for card in late for event in self.events(card, standing=True) if event.at > at)

    def search(self, query: search.Query, decks: Sequence[str] = ()) -> Iterator[Row]:
        """Those of `all_rows` in whose texts, tags or name the words of `query` stand."""
        found = self._candidates_of(query.expression)
        if found is None:
            rows = self.all_rows(decks)
        else:
            where, values = among(decks)
            listed = "cards.card in (select value from json_each(?))"
            rows = chain(
                self._rows(f"{listed}{where}", [json.dumps(found), *values]),
                () if decks else self._orphans("true", []),
            )
        for row in rows:
            if query.fits(search.text_of(row.card) if row.card else row.memory.card):
                yield row

    def deck_cards(self, deck: str) -> dict[CardId, tuple[str, int, bool]]:
        """The index of one deck: content, place and whether it is retired, by card."""
        sql = "select card, content, place, retired from cards where deck = ?"
        return {CardId(c): (content, place, bool(gone)) for c, content, place, gone in self._select(sql, [deck])}

    def decks(self, *, sources: bool = False) -> list[DeckSource]:
        """Every deck, in the order in which they came; with their text if `sources`."""
        return self._decks("true", sources=sources)

    def deck_called(self, deck: str, *, sources: bool = False) -> DeckSource | None:
        """What `decks` says of one; with its text if `sources`."""
        return next(iter(self._decks("deck = ?", deck, sources=sources)), None)

    def deck_at(self, path: str) -> DeckSource | None:
        """What `decks` says of the one in a file."""
        return next(iter(self._decks("path = ?", path)), None)

    def _decks(self, where: str, *values: str, sources: bool = False) -> list[DeckSource]:
        blob = "source" if sources else "x''"
        sql = f"select deck, title, path, size, mtime_ns, hash, {blob} from decks where {where} order by place"  # noqa: S608
        return [DeckSource(*row) for row in self._select(sql, values)]

    def put_decks(
        self, decks: Sequence[tuple[Deck, DeckSource]], texts: Mapping[str, Mapping[str, str]] = NOTHING
    ) -> None:
        """Takes in decks as they are now; cards that left are retired and keep their history.

        `texts` holds by deck what was already made of its cards by `card_text`.
        """
        with self._transaction():
            self._check_free_pages(sum(len(deck.cards) for deck, _ in decks))
            self.has_written = self.has_written or bool(decks)
            for deck, source in decks:
                self._put_source(source)
                self._put_cards(deck, texts.get(deck.id, NOTHING))

    def touch_deck(self, source: DeckSource) -> None:
        """Notes that the file looks different but says the same."""
        with self._transaction():
            self._put_source(source)

    def drop_deck(self, deck: str) -> None:
        """Forgets a deck that has another name now; its cards are retired and keep their history."""
        with self._transaction():
            self.has_written = True
            self._connection.execute("update cards set retired = 1 where deck = ?", [deck])
            self._connection.execute("delete from decks where deck = ?", [deck])

    def forget_deck(self, deck: str) -> None:
        """Forgets a deck as if it had never come: cards of which nothing was ever recorded go with it."""
        with self._transaction():
            self.drop_deck(deck)
            sql = """
                select card from cards where deck = ? and card not in (select card from memory)
                and card not in (select card from aliases) and card not in (select old from aliases)
            """
            cards = [*self._column(sql, [deck])]
            self._connection.execute(
                "delete from cards where card in (select value from json_each(?))", [json.dumps(cards)]
            )
            search.forget(self._connection, cards)

    def _orphans(self, where: str, values: Sequence[Any]) -> Iterator[Row]:
        sql = f"""
            select {derived.MEMORY_COLUMNS}, at, event from memory
            where scheduler = ? and {where} and card not in (select card from cards)
            and card not in (select aliases.card from aliases join cards on cards.card = aliases.old where not retired)
            order by card
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

    def _put_cards(self, deck: Deck, texts: Mapping[str, str]) -> None:
        (place,) = self._connection.execute("select place from decks where deck = ?", [deck.id]).fetchone()
        rows = [
            (
                card.id,
                deck.id,
                place * PLACES_PER_DECK + index,
                texts.get(card.id) or derived.card_text(card),
                " ".join(card.platform) or None,
                json.dumps(card.tags) if card.tags else None,
            )
            for index, card in enumerate(deck.cards)
        ]
        self._forget_words(deck, dict(row[::3] for row in rows))
        self._connection.execute("update cards set retired = 1 where deck = ?", [deck.id])
        self._connection.executemany(
            """
            insert into cards (card, deck, place, retired, content, platform, tags, due, away, buried_until, known)
            values (?, ?, ?, 0, ?, ?, ?, null, 0, null, 0)
            on conflict (card) do update set place = excluded.place, retired = 0,
                content = excluded.content, platform = excluded.platform, tags = excluded.tags
            """,
            rows,
        )
        self._connection.execute(
            """
            update cards set due = memory.state ->> 'due', away = memory.suspended,
                buried_until = memory.buried_until,
                known = coalesce(memory.state ->> 'repetitions' > 0, 0),
                repetitions = memory.state ->> 'repetitions', ease = memory.state ->> 'ease_hundredths',
                interval = memory.state ->> 'interval_days', lapses = memory.state ->> 'lapses'
            from memory where memory.scheduler = ? and cards.deck = ?
            and memory.card = coalesce((select aliases.card from aliases where old = cards.card), cards.card)
            """,
            [self._schedule().now().name, deck.id],
        )

    def _forget_words(self, deck: Deck, contents: dict[str, str]) -> None:
        """What the index knows of cards that say something else now goes; the next search reads them anew."""
        known = self._connection.execute("select card, content from cards where deck = ?", [deck.id])
        search.forget(self._connection, [card for card, content in known if contents.get(card, content) != content])

    def _candidates_of(self, expression: str) -> list[CardId] | None:
        """The cards that may fit, from the index; None: all may."""
        with clear_errors(self.path):
            if not expression or not search.is_there(self._connection):
                return None
            if search.missing(self._connection):
                if self.is_read_only:
                    return None
                with self._transaction():
                    search.put(self._connection, map(derived.card_from, search.missing(self._connection)))
            return search.candidates(self._connection, expression)


def among(decks: Sequence[str], without: Sequence[str] = (), column: str = "deck") -> tuple[str, list[str]]:
    """A condition for the decks, nothing for all, less those in `without`; and its values."""
    where = f" and {column} in ({', '.join('?' * len(decks))})" if decks else ""
    where += f" and {column} not in ({', '.join('?' * len(without))})" if without else ""
    return where, [*decks, *without]
