"""All numbers of the statistics at once, for the screen, the report and the files. docs/statistics.md defines them."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from flashcards import stats
from flashcards.app import App
from flashcards.app.streaks import streaks
from flashcards.model import CardId, is_leech
from flashcards.pauses import without_pauses
from flashcards.stats import Ahead, Chances, Commands, DayCount, Retention, Share, Streak
from flashcards.store.answers import ALL, Answers, Mistake, Stage, Within

TARGET = 0.9
"""The retention that SM-2 and its kin aim at; a line in the charts, no setting."""
YEAR = 365
PERIODS = (("today", 1), ("7 days", 7), ("30 days", 30), ("1 year", YEAR))
SEED = 1
HARDEST = 10
INTERVAL_EDGES = (1, 2, 4, 8, 15, 31, 61, 121, 241, 366, 731)
"""Days from which a bar of the intervals begins; the last has no end."""
EASE_EDGES = (130, 150, 170, 190, 210, 230, 250, 270, 290)
"""Hundredths."""
MOST_PLAYED = 3_000
"""Cards in the lottery of the days to come."""


class Period(NamedTuple):
    """The last days up to today, or all."""

    name: str
    done: DayCount


class Week(NamedTuple):
    """A week with a study day."""

    monday: date
    done: DayCount
    retention: Share


class Stages(NamedTuple):
    """Cards by how far they are; the parts add up to all."""

    new: int = 0
    young: int = 0
    """With an interval of less than 21 days."""
    mature: int = 0
    suspended: int = 0
    """At whatever stage; in none of the others."""

    @property
    def cards(self) -> int:
        """All of them."""
        return sum(self)


class Bar(NamedTuple):
    """Cards between two edges; `until` is where the next bar begins, None where none does."""

    since: float
    until: float | None
    cards: int


class DeckNumbers(NamedTuple):
    """One deck. Counts are of the days asked about, stages and what is due of now."""

    deck: str
    title: str
    stages: Stages
    known: int
    """Cards whose last review that counted was right."""
    due: int
    """Today, overdue ones included."""
    done: DayCount


class TagNumbers(NamedTuple):
    """The cards with one tag."""

    tag: str
    stages: Stages
    done: DayCount


class Hard(NamedTuple):
    """A card that is hard to keep."""

    card: CardId
    front: str
    lapses: int
    leech: bool
    done: DayCount
    typed: str | None
    """The wrong answer that was typed most often."""


class Statistics(NamedTuple):
    """Everything. Numbers of the past are of the days asked about, unless they say otherwise."""

    day: date
    """Today's study day."""
    within: Within
    days: Mapping[date, DayCount]
    """Each study day with an answer, oldest first."""
    total: DayCount
    today: DayCount
    """Whatever days were asked about; as the periods and the streak."""
    periods: tuple[Period, ...]
    streak: Streak
    """Over all decks and tags."""
    weeks: tuple[Week, ...]
    retention: Retention
    target: float
    hours: tuple[DayCount, ...]
    """24."""
    weekdays: tuple[DayCount, ...]
    """7, Monday first."""
    stages: Stages
    intervals: tuple[Bar, ...]
    """Days, of the cards that are learnt and not suspended."""
    ease: tuple[Bar, ...]
    due: tuple[int, ...]
    """Cards due on each day ahead as things stand, today first with all that is overdue."""
    ahead: Ahead
    """The same days with the reviews that those reviews will cause (`stats.simulate`)."""
    load: float
    """Reviews a day in the long run: the sum of 1 / interval."""
    balance: float | None
    """The busiest of the next 30 days by their mean."""
    decks: tuple[DeckNumbers, ...]
    tags: tuple[TagNumbers, ...]
    """The most frequent first."""
    hardest: tuple[Hard, ...]
    leeches: int
    commands: Commands
    mistakes: tuple[Mistake, ...]


def statistics(app: App, within: Within = ALL, *, days_ahead: int = YEAR, tags: bool = True) -> Statistics:
    """All numbers; `days_ahead` study days are looked into the future. Without `tags` those stay empty."""
    answers = Answers(app.store.path)
    try:
        with without_pauses(), answers.at_rest():
            return _statistics(app, answers, within, days_ahead, tags=tags)
    finally:
        answers.close()


def _statistics(app: App, answers: Answers, within: Within, days_ahead: int, *, tags: bool) -> Statistics:
    today = app.today
    ever = answers.days(within._replace(since=None, until=None))
    days = {day: count for day, count in ever.items() if _is_within(day, within)}
    total = stats.total(days.values())
    used = ever if not (within.decks or within.tags) else answers.days()
    stages = answers.stages(today, within)
    intervals, lapses = answers.spread("interval", within), answers.spread("lapses", within)
    due = _due(answers, within, today, days_ahead)
    hours = answers.hours(within)
    return Statistics(
        day=today,
        within=within,
        days=days,
        total=total,
        today=ever.get(today, DayCount()),
        periods=_periods(ever, today),
        streak=streaks(app, answers, used),
        weeks=tuple(Week(monday, count, stats.retained(count).all) for monday, count in stats.per_week(days).items()),
        retention=stats.retained(total),
        target=TARGET,
        hours=tuple(hours.get(hour, DayCount()) for hour in range(24)),
        weekdays=_weekdays(days),
        stages=_staged(stages).get("", Stages()),
        intervals=_bars(intervals, INTERVAL_EDGES),
        ease=_as_factors(_bars(answers.spread("ease", within), EASE_EDGES)),
        due=due.reviews,
        ahead=_ahead(app, answers, within, due, stats.chances(total)),
        load=sum(cards / max(1, days) for days, cards in intervals.items()),
        balance=stats.balance(due.reviews[:30]),
        decks=_decks(app, answers, within, stages),
        tags=_tags(answers, within, today) if tags else (),
        hardest=_hardest(app, answers, within),
        leeches=sum(cards for number, cards in lapses.items() if is_leech(number, app.leech_lapses)),
        commands=answers.commands(within),
        mistakes=tuple(answers.mistakes(within)),
    )


def _due(answers: Answers, within: Within, today: date, days: int) -> Ahead:
    """What is due on each day as things stand, exactly; overdue cards today."""
    young, mature = [0] * days, [0] * days
    for day, its_young, its_mature in answers.dues(_until(today, days), within):
        place = max(0, (day - today).days)
        young[place] += its_young
        mature[place] += its_mature
    return Ahead(tuple(young), tuple(mature))


def _until(today: date, days: int) -> date:
    return today + timedelta(days=days - 1)


def _ahead(app: App, answers: Answers, within: Within, due: Ahead, likely: Chances) -> Ahead:
    """The same with repeats; of very many cards only some are played, and their repeats count so many times."""
    days, today = len(due.young), app.today
    every = 1 + sum(due.reviews) // MOST_PLAYED
    sample = answers.schedules(_until(today, days), within, every)
    played = stats.simulate(sample, app.store.scheduler, today, days, likely, seed=SEED)
    return stats.expected(due, sample, every, played, today)


def _is_within(day: date, within: Within) -> bool:
    return (within.since or date.min) <= day <= (within.until or date.max)


def _periods(days: Mapping[date, DayCount], today: date) -> tuple[Period, ...]:
    year = [(ago, days[day]) for ago in range(YEAR) if (day := today - timedelta(days=ago)) in days]
    last = [Period(name, stats.total(done for ago, done in year if ago < length)) for name, length in PERIODS]
    return (*last, Period("all", stats.total(days.values())))


def _weekdays(days: Mapping[date, DayCount]) -> tuple[DayCount, ...]:
    of: list[list[DayCount]] = [[] for _ in range(7)]
    for day, count in days.items():
        of[day.weekday()].append(count)
    return tuple(map(stats.total, of))


def _staged(rows: Iterable[Stage]) -> dict[str, Stages]:
    """How many cards of each key are at each stage; "" is all of them."""
    counts: dict[str, Counter[str]] = {}
    for row in rows:
        for key in (row.key, ""):
            counts.setdefault(key, Counter())[row.stage] += row.cards
    return {key: Stages(**of) for key, of in counts.items()}


def _bars(spread: Mapping[int, int], edges: Sequence[int]) -> tuple[Bar, ...]:
    cards = [0] * len(edges)
    for number, its in spread.items():
        cards[max(0, bisect_right(edges, number) - 1)] += its
    ends = (*edges[1:], None)
    return tuple(Bar(*one) for one in zip(edges, ends, cards, strict=True))


def _as_factors(bars: Iterable[Bar]) -> tuple[Bar, ...]:
    """Hundredths as what they are hundredths of."""
    return tuple(Bar(bar.since / 100, bar.until and bar.until / 100, bar.cards) for bar in bars)


def _decks(app: App, answers: Answers, within: Within, stages: Sequence[Stage]) -> tuple[DeckNumbers, ...]:
    counts, staged = answers.by_deck(within), _staged(stages)
    return tuple(
        DeckNumbers(
            deck=source.deck,
            title=source.title,
            stages=staged[source.deck],
            known=sum(row.known for row in stages if row.key == source.deck),
            due=sum(row.due for row in stages if row.key == source.deck),
            done=counts.get(source.deck, DayCount()),
        )
        for source in app.store.decks()
        if source.deck in staged
    )


def _tags(answers: Answers, within: Within, today: date) -> tuple[TagNumbers, ...]:
    rows, counts = answers.by_tag(today, within)
    staged = _staged(rows)
    numbers = [TagNumbers(tag, its, counts.get(tag, DayCount())) for tag, its in staged.items() if tag]
    return tuple(sorted(numbers, key=lambda one: (-one.stages.cards, one.tag)))


def _hardest(app: App, answers: Answers, within: Within) -> tuple[Hard, ...]:
    worst = answers.lapsed(HARDEST, within)
    names = [name for _, name, _ in worst]
    counts, typed = answers.by_card(within, names), answers.most_typed(names)
    hard = [
        Hard(
            card=card,
            front=row.card.front if (row := app.store.card(card)) and row.card else "",
            lapses=lapses,
            leech=is_leech(lapses, app.leech_lapses),
            done=counts.get(name, DayCount()),
            typed=typed.get(name),
        )
        for card, name, lapses in worst
    ]
    return tuple(sorted(hard, key=lambda one: (-one.lapses, -one.done.again, one.card)))
