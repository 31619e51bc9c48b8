"""Questions of the statistics: counts by hour, card and command; the cards with their schedules."""

import json
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Literal, NamedTuple

from flashcards.model import CardId, Sm2State
from flashcards.stats import MATURE_DAYS, Commands, DayCount, plus
from flashcards.stats.commands import judged
from flashcards.store.catalog import among
from flashcards.store.derived import COMES, COUNTS
from flashcards.store.events import DECK
from flashcards.store.replayed import study_day
from flashcards.store.tallies import COLUMNS, SUMS, TALLIED, TERMS, Tallies


class Within(NamedTuple):
    """What the statistics are asked about; nothing named is everything."""

    since: date | None = None
    """The first study day."""
    until: date | None = None
    """The last one."""
    decks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """A card with any of these."""


ALL = Within()


class Stage(NamedTuple):
    """Cards of a deck, or with a tag, that are equally far."""

    key: str
    """The deck, or the tag."""
    stage: str
    """new, young, mature, suspended."""
    cards: int
    known: int
    due: int
    """Today, what is overdue included."""


class Mistake(NamedTuple):
    """A wrong answer, and how often it was typed."""

    card: CardId
    typed: str
    times: int


class Answers(Tallies):
    """Answers about answers. Every number is that of `flashcards.stats` over the standing log."""

    def days(self, within: Within = ALL) -> dict[date, DayCount]:
        """The counts of each study day with an answer, oldest first."""
        return {date.fromordinal(day): count for day, count in self._sums("day", within)}

    def hours(self, within: Within = ALL) -> dict[int, DayCount]:
        """The counts of each hour of the day, 0 to 23, on the clock where the person was."""
        return dict(self._sums("hour", within))

    def by_deck(self, within: Within = ALL) -> dict[str, DayCount]:
        """The counts of each deck that was ever answered, whether it is still there or not."""
        return dict(self._sums("deck", within))

    def by_card(self, within: Within = ALL, cards: Iterable[CardId] | None = None) -> dict[CardId, DayCount]:
        """The counts of some cards, or of all that were ever answered."""
        self.count_answers()
        where, values = where_of(within, DECK)
        if cards is not None:
            where += " and card in (select value from json_each(?))"
            values.append(json.dumps([*cards]))
        if within.since or within.until:
            sql = f"select card, {SUMS} from answered where {where} group by card"  # noqa: S608
        else:
            sql = f"select card, {COLUMNS} from effort where {where}"  # noqa: S608
        return {CardId(card): DayCount(*count) for card, *count in self._select(sql, values)}

    def _sums(self, key: str, within: Within) -> Iterator[tuple[Any, DayCount]]:
        self.count_answers()
        table, sums = counted_in(within)
        where, values = where_of(within)
        sql = f"select {key}, {sums} from {table} where {where} group by {key} order by {key}"  # noqa: S608
        for place, *count in self._select(sql, values):
            yield place, DayCount(*count)

    def commands(self, within: Within = ALL) -> Commands:
        """How commands went that were run, of the reviews that count."""
        self.count_answers()
        where, values = where_of(within, DECK)
        sql = f"""
            select verdict, tries, hints, count(*) from answered
            where verdict in ('pass', 'fail', 'cannot') and kind > 0 and {where}
            group by verdict, tries, hints
        """  # noqa: S608
        whole = Commands()
        for verdict, tries, hints, times in self._select(sql, values):
            whole = Commands(*(n + times * one for n, one in zip(whole, judged(verdict, tries, hints), strict=True)))
        return whole

    def mistakes(self, within: Within = ALL, most: int = 10) -> list[Mistake]:
        """The wrong answers that were typed most often."""
        self.count_answers()
        where, values = where_of(within, DECK)
        sql = f"""
            select card, typed, count(*) as times from answered where typed is not null and {where}
            group by card, typed order by times desc, card, typed limit ?
        """  # noqa: S608
        return [Mistake(CardId(card), typed, times) for card, typed, times in self._select(sql, [*values, most])]

    def most_typed(self, cards: Iterable[CardId]) -> dict[CardId, str]:
        """The wrong answer that was typed most often for each of some cards."""
        sql = """
            select card, typed from answered where typed is not null and card in (select value from json_each(?))
            group by card, typed order by count(*), typed desc
        """
        return {CardId(card): typed for card, typed in self._select(sql, [json.dumps([*cards])])}

    def stages(self, today: date, within: Within = ALL) -> list[Stage]:
        """How far the cards of each deck are; as all that follows, of the cards that decks have, on any day."""
        where, values = _cards(within)
        sql = f"select deck as key, {STAGES} from cards where {where} group by key, stage"  # noqa: S608
        return [Stage(*row) for row in self._select(sql, [today.isoformat(), *values])]

    def by_tag(self, today: date, within: Within = ALL) -> tuple[list[Stage], dict[str, DayCount]]:
        """How far the cards with each tag are, and their counts; a card with two tags is in both.

        What a card did before its deck gave it up counts, as it does for decks and where a tag is asked about.
        """
        self.count_answers()
        which, values = _cards(within, AT_ALL)
        days, bounds = where_of(Within(within.since, within.until))
        if within.since or within.until:
            told = f"(select card, {NAMED_SUMS} from answered where {days} group by card)"  # noqa: S608
        else:
            told = "effort"
        sql = f"""
            select tags, retired, {STAGES}, {", ".join(f"coalesce({one}, 0)" for one in TALLIED.split(", "))}
            from cards left join aliases on aliases.old = cards.card
            left join {told} as told on told.card = coalesce(aliases.card, cards.card)
            where tags is not null and {which} group by tags, retired, stage
        """  # noqa: S608
        stages: list[Stage] = []
        counts: dict[str, DayCount] = {}
        for tags, retired, stage, cards, known, due, *count in self._select(sql, [today.isoformat(), *bounds, *values]):
            for tag in json.loads(tags):
                if not retired:
                    stages.append(Stage(tag, stage, cards, known, due))
                counts[tag] = plus(counts.get(tag, DayCount()), DayCount(*count))
        return stages, counts

    def spread(self, column: Literal["interval", "ease", "lapses"], within: Within = ALL) -> dict[int, int]:
        """How many of the learnt cards have each number of days, hundredths or lapses.

        Suspended ones have no part in what is to come; a leech is one nevertheless, as everywhere.
        """
        where, values = _cards(within)
        # Not by what is due: an index of that leads back to each card, the one of all that is asked here does not.
        learnt = f"{column} is not null" + ("" if column == "lapses" else " and away = 0")
        sql = f"select {column}, count(*) from cards where {learnt} and {where} group by {column} order by {column}"  # noqa: S608
        return dict(self._select(sql, values))

    def dues(self, until: date, within: Within = ALL) -> list[tuple[date, int, int]]:
        """(day on which they come, young cards, mature cards) up to `until`, suspended ones left out."""
        where, values = _cards(within)
        sql = f"""
            select {COMES}, count(*) - sum(interval >= {MATURE_DAYS}), sum(interval >= {MATURE_DAYS}) from cards
            where {LEARNT} and {COMES} <= ? and {where} group by 1 order by 1
        """  # noqa: S608
        rows = self._select(sql, [until.isoformat(), *values])
        return [(date.fromisoformat(due), young, mature) for due, young, mature in rows]

    def schedules(self, until: date, within: Within = ALL, every: int = 1) -> list[Sm2State]:
        """The schedules behind `dues`, of every n-th card in the order of the decks."""
        where, values = _cards(within)
        sql = f"""
            select repetitions, ease, interval, {COMES}, lapses from cards
            where {LEARNT} and {COMES} <= ? and place % ? = 0 and {where} order by place
        """  # noqa: S608
        rows = self._select(sql, [until.isoformat(), every, *values])
        return [Sm2State(n, ease, days, study_day(due), lapses) for n, ease, days, due, lapses in rows]

    def lapsed(self, most: int, within: Within = ALL) -> list[tuple[CardId, CardId, int]]:
        """(card, the name under which it is counted, lapses) of the cards with the most lapses."""
        where, values = _cards(within)
        sql = f"""
            select cards.card, coalesce(aliases.card, cards.card), lapses
            from cards left join aliases on aliases.old = cards.card
            where lapses > 0 and {where} order by lapses desc, cards.card limit ?
        """  # noqa: S608
        return [(CardId(card), CardId(name), lapses) for card, name, lapses in self._select(sql, [*values, most])]


NAMED_SUMS = ", ".join(f'{term.strip()} as "{name}"' for term, name in zip(TERMS, COUNTS, strict=True))
LEARNT = "due is not null and not away"
STAGES = f"""
    case when away then 'suspended' when due is null then 'new' when interval >= {MATURE_DAYS} then 'mature'
        else 'young' end as stage,
    count(*), sum(known), sum(due is not null and {COMES} <= ? and not away)
"""


AT_ALL = "not (retired and coalesce(aliases.card in (select card from cards), false))"
"""Cards that decks have or had, each under one name."""


def _cards(within: Within, which: str = "not retired") -> tuple[str, list[str]]:
    """A condition on the cards of the decks, and its values."""
    where, values = among(within.decks)
    if within.tags:
        where += " and exists (select 1 from json_each(cards.tags) as its where its.value in"
        where += " (select value from json_each(?)))"
        values.append(json.dumps(within.tags))
    return which + where, values


TAGGED = """
    select coalesce(aliases.card, cards.card) from cards left join aliases on aliases.old = cards.card
    where exists (
        select 1 from json_each(cards.tags) as own where own.value in (select value from json_each(?))
    )
"""


def counted_in(within: Within) -> tuple[str, str]:
    """A table with the columns `day`, `deck` and `hour`, and the sums of a `DayCount` in it."""
    return (f"(select *, {DECK} as deck from answered)", SUMS) if within.tags else ("tally", TALLIED)  # noqa: S608


def where_of(within: Within, deck: str = "deck") -> tuple[str, list[Any]]:
    """A condition on the columns `day`, `card` if there are tags, and `deck`; and its values."""
    decks, names = among(within.decks, column=deck)
    values: list[Any]
    where, values = f"true{decks}", [*names]
    for sign, day in ((">=", within.since), ("<=", within.until)):
        if day:
            where += f" and day {sign} ?"
            values.append(day.toordinal())
    if within.tags:
        where += f" and card in ({TAGGED})"
        values.append(json.dumps(within.tags))
    return where, values
