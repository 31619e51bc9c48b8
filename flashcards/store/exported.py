"""Rows for files: cards, days and reviews, drawn one by one, so that memory does not grow with the log."""

import json
from collections.abc import Iterator
from datetime import datetime
from os import PathLike
from typing import Any, NamedTuple

from flashcards.log import next_id, stamp
from flashcards.model import CardId
from flashcards.stats import DayCount
from flashcards.store.answers import Answers, Within, counted_in, where_of
from flashcards.store.catalog import Row, among
from flashcards.store.events import DECK, STANDING
from flashcards.store.schedule import NAMES as SCHEDULE_SETTINGS

CACHE = "pragma cache_size = -8192"
"""8 MB: with more, a million lines are sorted in memory and not in a file."""
NAME = "coalesce((select aliases.card from aliases where old = events.card), events.card)"
MET = f"""
    with met (name) as (select {NAME} from events where day >= ?),
    named (card) as (select name from met union select old from aliases where aliases.card in (select name from met))
"""  # noqa: S608  (constants)
"""All ids of the cards with a review since some day."""
CHANGED = f"""
    select {NAME} from (
        select card from events where day >= ?
        union select card from events where card is not null and at >= ?
        union select card from events where card is not null and batch >= ?
        union select gone.card from events undo join events gone on gone.id = undo.target or gone.batch = undo.target
        where undo.target is not null and undo.at >= ? and gone.card is not null
        union select gone.card from events restore, json_each(restore.line, '$.takes') named
        join events gone on gone.id = named.value or gone.batch = named.value
        where restore.target = '' and restore.at >= ? and gone.card is not null
    ) as events
"""  # noqa: S608  (constants)
"""The cards that something happened to; ids of batches begin with the moment when they came."""


class Told(NamedTuple):
    """A standing event of a card, in the order of the log."""

    card: CardId
    """Under its name of today."""
    id: str
    kind: str
    day: str | None
    at: str
    line: str


class Exported(Answers):
    """A store that is read from end to end."""

    def __init__(self, path: str | PathLike[str]) -> None:
        super().__init__(path)
        self._connection.execute(CACHE)

    def cards(self, within: Within, begin: datetime | None = None) -> Iterator[Row]:
        """The cards of the decks in their order, then those that only the log knows.

        `begin` is the moment when the day `within.since` began: only cards with a review since that
        day, or with another event since that moment, or one that was brought or taken back since.
        """
        changed = self._changed(within, begin)
        listed, values = (
            ("true", list[str]()) if changed is None else ("{} in (select value from json_each(?))", [changed])
        )
        where, decks = among(within.decks)
        rows = self._rows(listed.format("coalesce(aliases.card, cards.card)") + where, [*values, *decks])
        wanted = set(within.tags)
        yield from (row for row in rows if not wanted or (row.card and not wanted.isdisjoint(row.card.tags)))
        if not wanted:
            where, decks = among(within.decks, column=DECK)
            yield from self._orphans(listed.format("memory.card") + where, [*values, *decks])

    def _changed(self, within: Within, begin: datetime | None) -> str | None:
        """The names of the cards that something happened to, as JSON; None: all of them, as after another scheduler."""
        if not within.since or not begin:
            return None
        moment = stamp(begin)
        if any(stamp(event.at) >= moment for event in self.settings() if event.name in SCHEDULE_SETTINGS):
            return None
        values = [within.since.isoformat(), moment, next_id(begin, "", 0)[:12], moment, moment]
        return json.dumps([*self._column(CHANGED, values)])

    def count_cards(self) -> int:
        """About how many rows `cards` has."""
        return self._number("select count(*) from cards")

    def day_decks(self, within: Within) -> Iterator[tuple[int, str, DayCount]]:
        """The counts of each study day and deck, oldest first; the day is its ordinal. `count_answers` comes before."""
        table, sums = counted_in(within)
        where, values = where_of(within)
        sql = f"select day, deck, {sums} from {table} where {where} group by day, deck order by day, deck"  # noqa: S608
        for day, deck, *count in self._select(sql, values):
            yield day, deck, DayCount(*count)

    def count_reviews(self) -> int:
        """How many reviews there are, undone ones included."""
        return self._number("select count(*) from events where day is not null")

    def told(self, within: Within) -> Iterator[Told]:
        """The standing reviews in order, with the events that say what a review was.

        Of cards with a review since `within.since`, all from their first on; decks and tags as asked for.
        """
        met, narrowed, values = "", "", list[Any]()
        if within.since:
            met, narrowed, values = MET, " and events.card in (select card from named)", [within.since.isoformat()]
        sql = f"""
            {met} select {NAME}, id, kind, day, at, line from events
            where card is not null and kind in ('review', 'mark', 'baseline') and {STANDING}{narrowed} order by at, id
        """  # noqa: S608
        shown, tagged, decks = self._shown(), self._tagged_names(within), set(within.decks)
        for card, *rest in self._select(sql, values):
            if tagged is not None and card not in tagged:
                continue
            name = shown.get(card, card)
            if not decks or name.partition("/")[0] in decks:
                yield Told(CardId(name), *rest)

    def _shown(self) -> dict[str, str]:
        """Under which name a card is found among `cards`, where a deck here still has only a former one."""
        sql = """
            select aliases.card, min(old) from aliases join cards on cards.card = aliases.old
            where not retired and aliases.card not in (select card from cards) group by aliases.card
        """
        return dict(self._select(sql))

    def _tagged_names(self, within: Within) -> set[str] | None:
        if not within.tags:
            return None
        where, values = where_of(Within(tags=within.tags))
        sql = f"select card from memory where {where}"  # noqa: S608
        return {*self._column(sql, values)}

    def deck_titles(self) -> dict[str, tuple[str | None, int]]:
        """Title and number of cards of each deck, in the order of decks; no title for one that only the log knows."""
        found: dict[str, tuple[str | None, int]] = {}
        sql = """
            select decks.deck, title, (select count(*) from cards where cards.deck = decks.deck and not retired)
            from decks order by place
        """
        for deck, title, cards in self._select(sql):
            found[deck] = (title or None, cards)
        sql = f"select {DECK} from memory union select deck from cards union select deck from tally order by 1"  # noqa: S608
        for deck in self._column(sql):
            found.setdefault(deck, (None, 0))
        return found
