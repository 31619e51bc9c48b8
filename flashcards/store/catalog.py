"""The decks as last read and their cards, with what is known of each."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from flashcards.model import Card, CardId, Deck, Memory
from flashcards.store import derived
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
        """One card by its whole id; None if neither decks nor log know it."""
        return next(self._rows("cards.card = ?", [card]), None) or next(self._orphans("memory.card = ?", [card]), None)

    def find(self, name: str) -> list[CardId]:
        """The cards called `name` in any deck: those that decks have, else those that are only remembered."""
        sql = "select card, not retired from cards where substr(card, instr(card, '/') + 1) = ? order by place"
        found = [(CardId(card), bool(live)) for card, live in self._select(sql, [name])]
        sql = "select distinct card from memory where substr(card, instr(card, '/') + 1) = ?"
        return [card for card, live in found if live] or [CardId(card) for (card,) in self._select(sql, [name])]

    def names(self) -> list[CardId]:
        """The cards that decks have, in their order."""
        return [CardId(card) for (card,) in self._select("select card from cards where not retired order by place")]

    def _rows(self, where: str = "true", values: Sequence[Any] = ()) -> Iterator[Row]:
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
        where, values = among(decks)
        yield from self._rows(f"true{where}", values)
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
            (
                card.id,
                deck.id,
                place * PLACES_PER_DECK + index,
                derived.card_text(card),
                " ".join(card.platform) or None,
            )
            for index, card in enumerate(deck.cards)
        ]
        self._connection.execute("update cards set retired = 1 where deck = ?", [deck.id])
        self._connection.executemany(
            """
            insert into cards (card, deck, place, retired, content, platform, due, away, buried_until, known)
            values (?, ?, ?, 0, ?, ?, null, 0, null, 0)
            on conflict (card) do update set place = excluded.place, retired = 0,
                content = excluded.content, platform = excluded.platform
            """,
            rows,
        )
        self._connection.execute(
            """
            update cards set due = json_extract(memory.state, '$.due'), away = memory.suspended,
                buried_until = memory.buried_until,
                known = coalesce(json_extract(memory.state, '$.repetitions') > 0, 0)
            from memory where memory.card = cards.card and memory.scheduler = ? and cards.deck = ?
            """,
            [self._schedule().now().name, deck.id],
        )


def among(decks: Sequence[str], without: Sequence[str] = ()) -> tuple[str, list[str]]:
    """A condition for the decks, nothing for all, less those in `without`; and its values."""
    where = f" and deck in ({', '.join('?' * len(decks))})" if decks else ""
    where += f" and deck not in ({', '.join('?' * len(without))})" if without else ""
    return where, [*decks, *without]
