"""The cards that may come up, drawn row by row, and how many there are."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from flashcards.due import Candidate
from flashcards.store import derived
from flashcards.store.catalog import Catalog, among

READY = "not retired and not away and (buried_until is null or buried_until <= ?)"


class Store(Catalog):
    """One database: the log, the decks, the memories, and what is due. Every method is one transaction."""

    def reviews_due(
        self, until: date, today: date, decks: Sequence[str] = (), *, without: Sequence[str] = ()
    ) -> Iterator[Candidate]:
        """Cards due on or before `until`, the longest overdue first; drawn row by row."""
        where, values = among(decks, without)
        sql = f"""
            select content, due, place from cards
            where due is not null and due <= ? and {READY}{where} order by due, place
        """  # noqa: S608
        return self._candidates(sql, [until.isoformat(), today.isoformat(), *values])

    def new_cards(self, today: date, decks: Sequence[str] = (), *, without: Sequence[str] = ()) -> Iterator[Candidate]:
        """Cards without a schedule, in the order of decks and files; drawn row by row."""
        where, values = among(decks, without)
        sql = f"select content, due, place from cards where due is null and {READY}{where} order by place"  # noqa: S608
        return self._candidates(sql, [today.isoformat(), *values])

    def drills(self, day: date, decks: Sequence[str] = ()) -> Iterator[Candidate]:
        """Cards that still have to come back on study day `day`, the longest waiting first."""
        where, values = among(decks)
        sql = f"""
            select content, due, place from memory join cards
            on cards.card = memory.card or cards.card in (select old from aliases where aliases.card = memory.card)
            where drill = ? and scheduler = ? and not retired and not away
            and (cards.buried_until is null or cards.buried_until <= ?){where} order by at, event, place
        """  # noqa: S608
        return self._candidates(sql, [day.isoformat(), self.scheduler.name, day.isoformat(), *values])

    def count_due(self, today: date, decks: Sequence[str] = (), *, platform: str = "") -> int:
        """How many cards are due (on this platform), caps and siblings aside."""
        where, values = among(decks)
        where += " and (platform is null or instr(platform, ?) > 0)"
        sql = f"select count(*) from cards where due is not null and due <= ? and {READY}{where}"  # noqa: S608
        return self._number(sql, [today.isoformat(), today.isoformat(), *values, platform])

    def dues_by_deck(self, until: date) -> list[tuple[str, date, int]]:
        """(deck, due day, cards) up to `until`, for a forecast."""
        sql = f"""
            select deck, {derived.COMES}, count(*) from cards
            where due is not null and due <= ? and {derived.COMES} <= ? and not retired and not away group by 1, 2
        """  # noqa: S608
        return [(deck, date.fromisoformat(due), n) for deck, due, n in self._select(sql, [until.isoformat()] * 2)]

    def known_by_deck(self) -> dict[str, tuple[int, int]]:
        """How many of a deck's cards are known (last scheduled grade 3 or more), and how many there are."""
        sql = "select deck, sum(known), count(*) from cards where not retired group by deck"
        return {deck: (known, total) for deck, known, total in self._select(sql)}

    def _candidates(self, sql: str, values: Sequence[Any]) -> Iterator[Candidate]:
        for content, due, place in self._select(sql, values):
            card = derived.card_from(content)
            yield Candidate(
                card=card.id,
                deck=card.deck,
                note=card.note,
                due=date.fromisoformat(due) if due else None,
                after=card.after,
                platform=card.platform,
                tags=card.tags,
                place=place,
            )
