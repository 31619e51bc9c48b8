"""All numbers of the statistics at once, for the screen, the report and the files. docs/statistics.md defines them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from heapq import nlargest
from typing import NamedTuple

from flashcards import stats
from flashcards.app import App
from flashcards.model import CardId
from flashcards.pauses import without_pauses
from flashcards.session.leeches import is_leech
from flashcards.stats import MATURE_DAYS, Ahead, Commands, DayCount, Retention, Share, Streak
from flashcards.store.answers import ALL, Answers, Learnt, Mistake, Within

TARGET = 0.9
"""The retention that SM-2 and its kin aim at; a line in the charts, no setting."""
YEAR = 365
PERIODS = (("today", 1), ("7 days", 7), ("30 days", 30), ("1 year", YEAR))
SEED = 1
HARDEST = 10
INTERVAL_EDGES = (1, 2, 4, 8, 15, 31, 61, 121, 241, 366, 731)
"""Days from which a bar of the intervals begins; the last has no end."""
EASE_EDGES = (1.3, 1.5, 1.7, 1.9, 2.1, 2.3, 2.5, 2.7, 2.9)


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
        with without_pauses():
            return _statistics(app, answers, within, days_ahead, tags=tags)
    finally:
        answers.close()


def _statistics(app: App, answers: Answers, within: Within, days_ahead: int, *, tags: bool) -> Statistics:
    today = app.today
    ever = answers.days(within._replace(since=None, until=None))
    days = {day: count for day, count in ever.items() if _is_within(day, within)}
    total = stats.total(days.values())
    used = ever if not (within.decks or within.tags) else answers.days()
    cards = [*answers.learnt(within, tags=tags)]
    stages = [*map(_stage, cards)]
    states = [card.state for card in cards if card.state and not card.suspended]
    dues = Counter(state.due for state in states)
    due = tuple(stats.forecast(dues, today, days_ahead))
    hours = answers.hours(within)
    return Statistics(
        day=today,
        within=within,
        days=days,
        total=total,
        today=ever.get(today, DayCount()),
        periods=_periods(ever, today),
        streak=stats.streaks(used, today),
        weeks=tuple(Week(monday, count, stats.retained(count).all) for monday, count in stats.per_week(days).items()),
        retention=stats.retained(total),
        target=TARGET,
        hours=tuple(hours.get(hour, DayCount()) for hour in range(24)),
        weekdays=_weekdays(days),
        stages=Stages(**Counter(stages)),
        intervals=_bars([state.interval_days for state in states], INTERVAL_EDGES),
        ease=_bars([state.ease_hundredths / 100 for state in states], EASE_EDGES),
        due=due,
        ahead=stats.simulate(states, app.store.scheduler, today, days_ahead, stats.chances(total), seed=SEED),
        load=stats.load(states),
        balance=stats.balance(due[:30]),
        decks=_decks(app, answers, within, cards, stages),
        tags=_tags(answers, within, cards, stages) if tags else (),
        hardest=_hardest(app, answers, within, cards),
        leeches=sum(card.state is not None and is_leech(card.state.lapses, app.leech_lapses) for card in cards),
        commands=answers.commands(within),
        mistakes=tuple(answers.mistakes(within)),
    )


def _is_within(day: date, within: Within) -> bool:
    return (within.since or date.min) <= day <= (within.until or date.max)


def _periods(days: Mapping[date, DayCount], today: date) -> tuple[Period, ...]:
    last = [
        Period(name, stats.total(n for d, n in days.items() if today - timedelta(days=length) < d <= today))
        for name, length in PERIODS
    ]
    return (*last, Period("all", stats.total(days.values())))


def _weekdays(days: Mapping[date, DayCount]) -> tuple[DayCount, ...]:
    of: list[list[DayCount]] = [[] for _ in range(7)]
    for day, count in days.items():
        of[day.weekday()].append(count)
    return tuple(map(stats.total, of))


def _stage(card: Learnt) -> str:
    if card.suspended:
        return "suspended"
    if card.state is None:
        return "new"
    return "mature" if card.state.interval_days >= MATURE_DAYS else "young"


def _staged(keys: Iterable[str], stages: Iterable[str]) -> dict[str, Stages]:
    """How many cards of each key are at each stage; keys in their order."""
    counts: dict[str, dict[str, int]] = {}
    for (key, stage), number in Counter(zip(keys, stages, strict=True)).items():
        counts.setdefault(key, {})[stage] = number
    return {key: Stages(**of) for key, of in counts.items()}


def _bars(values: Sequence[float], edges: Sequence[float]) -> tuple[Bar, ...]:
    from bisect import bisect_right

    counts = Counter(max(0, bisect_right(edges, value) - 1) for value in values)
    ends = (*edges[1:], None)
    return tuple(Bar(since, until, counts[place]) for place, (since, until) in enumerate(zip(edges, ends, strict=True)))


def _decks(
    app: App, answers: Answers, within: Within, cards: Sequence[Learnt], stages: Sequence[str]
) -> tuple[DeckNumbers, ...]:
    counts, today = answers.by_deck(within), app.today
    staged = _staged((card.deck for card in cards), stages)
    known = Counter(card.deck for card in cards if card.state is not None and card.state.repetitions > 0)
    due = Counter(card.deck for card in cards if _is_due(card, today))
    return tuple(
        DeckNumbers(
            deck=source.deck,
            title=source.title,
            stages=staged[source.deck],
            known=known[source.deck],
            due=due[source.deck],
            done=counts.get(source.deck, DayCount()),
        )
        for source in app.store.decks()
        if source.deck in staged
    )


def _is_due(card: Learnt, today: date) -> bool:
    return card.state is not None and not card.suspended and card.state.due <= today


def _tags(answers: Answers, within: Within, cards: Sequence[Learnt], stages: Sequence[str]) -> tuple[TagNumbers, ...]:
    by_tag: dict[str, Stages] = {}
    for (tags, stage), number in Counter(zip((card.tags for card in cards), stages, strict=True)).items():
        for tag in tags:
            before = by_tag.get(tag, Stages())
            by_tag[tag] = before._replace(**{stage: getattr(before, stage) + number})
    counts = answers.by_tag(within) if by_tag else {}
    numbers = [TagNumbers(tag, its, counts.get(tag, DayCount())) for tag, its in by_tag.items()]
    return tuple(sorted(numbers, key=lambda one: (-one.stages.cards, one.tag)))


def _hardest(app: App, answers: Answers, within: Within, cards: Sequence[Learnt]) -> tuple[Hard, ...]:
    lapsed = [(card.state.lapses, card) for card in cards if card.state and card.state.lapses]
    worst = [card for _, card in nlargest(HARDEST, lapsed, key=lambda one: one[0])]
    counts = answers.by_card(within, [card.name for card in worst])
    typed = answers.most_typed([card.name for card in worst])
    hard = [_hard(app, card, counts.get(card.name, DayCount()), typed.get(card.name)) for card in worst]
    return tuple(sorted(hard, key=lambda one: (-one.lapses, -one.done.again, one.card)))


def _hard(app: App, learnt: Learnt, count: DayCount, typed: str | None) -> Hard:
    row = app.store.card(learnt.card)
    lapses = learnt.state.lapses if learnt.state else 0
    return Hard(
        card=learnt.card,
        front=row.card.front if row and row.card else "",
        lapses=lapses,
        leech=is_leech(lapses, app.leech_lapses),
        done=count,
        typed=typed,
    )
