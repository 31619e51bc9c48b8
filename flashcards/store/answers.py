"""Questions of the statistics: counts by hour, card and command; the cards with their schedules."""

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from flashcards.model import CardId, Sm2State
from flashcards.stats import Commands, DayCount
from flashcards.store.tallies import COLUMNS, DECK, SUMS, TALLIED, Tallies


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


class Learnt(NamedTuple):
    """A card that a deck has, and where it stands."""

    card: CardId
    name: CardId
    """Under which it is counted: another where its history went to another."""
    deck: str
    state: Sm2State | None
    suspended: bool
    tags: tuple[str, ...]


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
        where, values = _where(within, DECK)
        where += _tagged(within, values)
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
        if within.tags:
            table, deck, sums = f"(select *, {DECK} as deck from answered)", "deck", SUMS  # noqa: S608
        else:
            table, deck, sums = "tally", "deck", TALLIED
        where, values = _where(within, deck)
        where += _tagged(within, values)
        sql = f"select {key}, {sums} from {table} where {where} group by {key} order by {key}"  # noqa: S608
        for place, *count in self._select(sql, values):
            yield place, DayCount(*count)

    def commands(self, within: Within = ALL) -> Commands:
        """How commands went that were run, of the reviews that count."""
        self.count_answers()
        where, values = _where(within, DECK)
        passed, tried = "verdict = 'pass'", "max(1, coalesce(tries, 0))"
        sql = f"""
            select count(*), sum({passed}), sum({passed} and {tried} = 1 and coalesce(hints, 0) = 0),
                sum({tried}), sum(coalesce(hints, 0))
            from answered where verdict in ('pass', 'fail') and kind > 0 and {where}{_tagged(within, values)}
        """  # noqa: S608
        judged = self._first(sql, values) or ()
        sql = f"""
            select count(*) from answered where verdict = 'cannot' and kind > 0 and {where}{_tagged(within, [])}
        """  # noqa: S608
        return Commands(*(number or 0 for number in judged))._replace(cannot=self._number(sql, values))

    def mistakes(self, within: Within = ALL, most: int = 10) -> list[Mistake]:
        """The wrong answers that were typed most often."""
        self.count_answers()
        where, values = _where(within, DECK)
        sql = f"""
            select card, typed, count(*) as times from answered where typed is not null and {where}
            {_tagged(within, values)} group by card, typed order by times desc, card, typed limit ?
        """  # noqa: S608
        return [Mistake(CardId(card), typed, times) for card, typed, times in self._select(sql, [*values, most])]

    def most_typed(self, cards: Iterable[CardId]) -> dict[CardId, str]:
        """The wrong answer that was typed most often for each of some cards."""
        sql = """
            select card, typed from answered where typed is not null and card in (select value from json_each(?))
            group by card, typed order by count(*), typed desc
        """
        return {CardId(card): typed for card, typed in self._select(sql, [json.dumps([*cards])])}

    def by_tag(self, within: Within = ALL) -> dict[str, DayCount]:
        """The counts of the cards with each tag; a card with two tags is in both."""
        self.count_answers()
        where, values = _where(within, "cards.deck")
        if within.tags:
            where += f" and told.card in ({TAGGED})"
            values.append(json.dumps(within.tags))
        table, sums = ("answered", SUMS) if within.since or within.until else ("effort", TALLIED)
        sql = f"""
            select own.value, {sums} from cards join json_each(content, '$.tags') as own
            left join aliases on aliases.old = cards.card
            join {table} as told on told.card = coalesce(aliases.card, cards.card)
            where not retired and {where} group by own.value
        """  # noqa: S608
        return {tag: DayCount(*count) for tag, *count in self._select(sql, values)}

    def learnt(self, within: Within = ALL, *, tags: bool = True) -> Iterator[Learnt]:
        """The cards of the decks with their schedules, in the order of decks and files; the days do not matter.

        Without `tags`, which cost as much as all the rest, no card has any.
        """
        where, values = _among("deck", within.decks)
        own = "json_extract(content, '$.tags')" if tags or within.tags else "null"
        sql = f"""
            select cards.card, coalesce(aliases.card, cards.card), deck, {own}, coalesce(memory.suspended, 0),
                json_extract(
                    state, '$.repetitions', '$.ease_hundredths', '$.interval_days', '$.lapses', '$.due'
                )
            from cards left join aliases on aliases.old = cards.card
            left join memory on memory.card = coalesce(aliases.card, cards.card) and memory.scheduler = ?
            where not retired and {where} order by place
        """  # noqa: S608
        for card, name, deck, told, suspended, state in self._select(sql, [self.scheduler.name, *values]):
            words = _tags(told)
            if not within.tags or not set(within.tags).isdisjoint(words):
                yield Learnt(card, name, deck, _state(state) if state else None, suspended == 1, words)


TAGGED = """
    select coalesce(aliases.card, cards.card) from cards left join aliases on aliases.old = cards.card
    where exists (
        select 1 from json_each(content, '$.tags') as own where own.value in (select value from json_each(?))
    )
"""


def _where(within: Within, deck: str) -> tuple[str, list[str | int]]:
    """A condition on the columns `day` and `deck`, and its values."""
    where, values = _among(deck, within.decks)
    for sign, day in ((">=", within.since), ("<=", within.until)):
        if day:
            where += f" and day {sign} ?"
            values.append(day.toordinal())
    return where, values


def _among(deck: str, decks: Sequence[str]) -> tuple[str, list[str | int]]:
    return (f"{deck} in ({', '.join('?' * len(decks))})", [*decks]) if decks else ("true", [])


def _tagged(within: Within, values: list[str | int]) -> str:
    """A condition on the column `card`; its value is added to `values`."""
    if not within.tags:
        return ""
    values.append(json.dumps(within.tags))
    return f" and card in ({TAGGED})"


@lru_cache(maxsize=1024)
def _tags(text: str | None) -> tuple[str, ...]:
    return tuple(json.loads(text)) if text else ()


def _state(numbers: str) -> Sm2State:
    """Of a list in JSON: read by hand, since there are as many as cards."""
    repetitions, ease, interval, lapses, due = numbers[1:-2].split(",")
    return Sm2State(int(repetitions), int(ease), int(interval), _day(due[1:]), int(lapses))


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    return date.fromisoformat(text)
