"""The statistics in sentences: for a screen reader, and for a terminal that can only print."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from flashcards.stats import DayCount, Share, retained, right_share
from flashcards.ui.statistics_words import (
    answers,
    best_hour,
    clock_time,
    many,
    number,
    periods,
    scope,
    share,
    shown_until,
    spent,
    verdict,
)
from flashcards.ui.words import line, percent

if TYPE_CHECKING:
    from flashcards.app.statistics import Statistics

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TOLD_MONTHS, TOLD_WEEKS, TOLD_DAYS = 12, 12, 7
NAMES = {"chosen": "In the days asked about", "1 year": "In the last year", "all": "In all"}
SPANS = (("today", 1), ("in 7 days", 7), ("in 30 days", 30), ("in a year", 365))


def sentences(numbers: "Statistics") -> Iterator[str]:
    """A sentence a line, an empty one between the parts."""
    parts = [[*part(numbers)] for part in PARTS]
    for place, told in enumerate(one for one in parts if one):
        yield from [""] * bool(place)
        yield from told


def _head(numbers: "Statistics") -> Iterator[str]:
    yield f"Statistics of {scope(numbers)}, on {numbers.day}."
    yield f"Today: {_done(numbers.today)}."
    streak = numbers.streak
    if streak.longest:
        yield (
            f"Streak: {many(streak.current, 'day')}; the longest was {many(streak.longest, 'day')};"
            f" {many(streak.days_off, 'day')} off in hand."
        )


def _done(done: DayCount) -> str:
    """What was done in some stretch of time."""
    if not answers(done):
        return "nothing answered"
    told = [many(done.reviews, "review")]
    told += [f"{number(done.new)} of them new"] if done.new else []
    told += [f"{number(done.relearned)} relearned"] if done.relearned else []
    told += [f"{number(done.extra)} more for practice"] if done.extra else []
    told += [f"{share(right_share([done]))} right"] if done.reviews else []
    kept = retained(done).all
    told += [f"retention {_certain(kept)}"] if kept.whole else []
    return ", ".join(filter(None, [*told, spent(done.took_ms)]))


def _certain(one: Share) -> str:
    low, high = one.interval
    return f"{share(one.value)} of {number(one.whole)}, likely {low * 100:.0f} to {high * 100:.0f}"


def _periods(numbers: "Statistics") -> Iterator[str]:
    for name, done in periods(numbers):
        yield f"{NAMES.get(name) or f'In the last {name}'}: {_done(done)}."


def _year(numbers: "Statistics") -> Iterator[str]:
    months: dict[tuple[int, int], list[DayCount]] = {}
    for day, done in numbers.days.items():
        months.setdefault((day.year, day.month), []).append(done)
    last = [*months.items()][: -TOLD_MONTHS - 1 : -1]
    if last:
        yield "Month by month, the latest first:"
    for (year, month), days in last:
        yield f"{MONTHS[month - 1]} {year}: {many(sum(map(answers, days)), 'answer')} on {many(len(days), 'day')}."
    shown = {day: answers(done) for day, done in numbers.days.items() if day <= shown_until(numbers)}
    if shown:
        busiest = max(shown, key=lambda day: (shown[day], day))
        yield f"Most on {busiest}: {many(shown[busiest], 'answer')}."


def _retention(numbers: "Statistics") -> Iterator[str]:
    kept = numbers.retention
    if not kept.all.whole:
        return
    yield f"Retention: {_certain(kept.all)}; {verdict(numbers, kept.all)}."
    for name, one in (("Young cards", kept.young), ("Mature cards", kept.mature)):
        if one.whole:
            yield f"{name}: {_certain(one)}."
    yield "Week by week, the latest first:"
    for week in numbers.weeks[: -TOLD_WEEKS - 1 : -1]:
        yield f"Week of {week.monday}: {_certain(week.retention) if week.retention.whole else 'no old card asked'}."


def _forecast(numbers: "Statistics") -> Iterator[str]:
    due, ahead = numbers.due, numbers.ahead.reviews
    if not sum(ahead):
        return
    for name, days in SPANS:
        if days <= len(due) or name == SPANS[-1][0]:
            follow = f"with the reviews that follow about {number(sum(ahead[:days]))}"
            yield f"Due {name}: {number(sum(due[:days]))}; {follow}."
    for place in range(1, min(TOLD_DAYS, len(due))):
        day = numbers.day + timedelta(days=place)
        told = f"{number(due[place])} due, about {many(ahead[place], 'review')}" if ahead[place] else "nothing"
        yield f"{WEEKDAYS[day.weekday()]}, {day}: {told}."
    month = ahead[:30]
    if any(month):
        busiest = numbers.day + timedelta(days=month.index(max(month)))
        yield f"Most of the next 30 days on {busiest}: {number(max(month))}."


def _cards(numbers: "Statistics") -> Iterator[str]:
    now = numbers.stages
    parts = ", ".join(f"{number(some)} {name}" for name, some in now._asdict().items() if some)
    yield f"{many(now.cards, 'card')}{f': {parts}' if parts else ''}."


def _times(numbers: "Statistics") -> Iterator[str]:
    hours, weekdays = [answers(one) for one in numbers.hours], [answers(one) for one in numbers.weekdays]
    if sum(hours):
        at = clock_time(hours.index(max(hours)))
        best = best_hour(numbers)
        yield f"Most answers at {at} and on {WEEKDAYS[weekdays.index(max(weekdays))]}s{f', {best}' if best else ''}."


def _decks(numbers: "Statistics") -> Iterator[str]:
    for deck in numbers.decks:
        known = f"{number(deck.known)} of {many(deck.stages.cards, 'card')} known"
        yield f"Deck {line(deck.deck)}: {known}, {number(deck.due)} due; {_done(deck.done)}."


def _tags(numbers: "Statistics") -> Iterator[str]:
    for tag in numbers.tags:
        yield f"Tag {line(tag.tag)}: {many(tag.stages.cards, 'card')}; {_done(tag.done)}."


def _commands(numbers: "Statistics") -> Iterator[str]:
    done = numbers.commands
    if not done.judged:
        return
    yield (
        f"Commands: {number(done.judged)} run, {percent(done.first_try / done.judged)} right at the first try,"
        f" {done.tries / done.judged:.1f} tries each, {many(done.hints, 'hint')},"
        f" {number(done.cannot)} could not be verified."
    )
    for one in numbers.mistakes:
        yield f"Typed wrong {many(one.times, 'time')} for {line(one.card)}: {line(one.typed)}"


def _hardest(numbers: "Statistics") -> Iterator[str]:
    for place, one in enumerate(numbers.hardest, 1):
        typed = f"; most typed wrong: {line(one.typed)}" if one.typed else ""
        told = f"{many(one.lapses, 'lapse')}, {share(right_share([one.done]))} right{', a leech' if one.leech else ''}"
        yield f"Hardest card {place}: {line(one.card)}, {told}{typed}"
    if numbers.leeches:
        yield f"{many(numbers.leeches, 'leech', 'leeches')}: `cards list --leech` lists them."


PARTS = (
    _head,
    _periods,
    _year,
    _retention,
    _forecast,
    _cards,
    _times,
    _decks,
    _tags,
    _commands,
    _hardest,
)
