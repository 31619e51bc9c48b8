"""Reviews in, numbers out: study days, retention, streaks, what comes due.

`per_day` turns the standing log into one row of counts per study day; all
else is computed from such rows, which a database can count as well. A review
*counts* if it moved the schedule: the first of a card on a study day, neither
drill nor cram (`replay.counts`). Imported history is the person's own history
and counts like the rest. A review is *new* if its card had nothing to be
remembered by: never reviewed, or reset since, and no baseline.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from math import sqrt
from operator import add
from typing import NamedTuple

from flashcards.model import Baseline, CardId, Event, Grade, Mark, Memory, Review

USUAL_MS = 20_000
"""Milliseconds a card takes while nobody has answered one; a guess."""
Z_95 = 1.959964
"""The normal quantile of 0.975, for an interval that covers 95 %."""


class Graded(NamedTuple):
    """A review and what it was at its place in the log."""

    review: Review
    counts: bool
    new: bool
    """It counts, and its card was new."""


class DayCount(NamedTuple):
    """What was answered on a study day, or in any other stretch of time."""

    reviews: int = 0
    """Those that count."""
    right: int = 0
    """Of those, with a grade of 3 or more."""
    new: int = 0
    """Of those, the cards that were new."""
    recalled: int = 0
    """Right, and the card was not new."""
    extra: int = 0
    """Drills, cram, second reviews of a day: they do not count."""
    took_ms: int = 0
    """Time spent on all of them, extra ones included, as far as it is known."""

    @property
    def again(self) -> int:
        """The failed ones: reviews - right."""
        return self.reviews - self.right


def graded(events: Iterable[Event]) -> Iterator[Graded]:
    """Every review of a standing log (`log.standing`), in its order."""
    last_day: dict[CardId, date] = {}
    known: set[CardId] = set()
    for event in events:
        if isinstance(event, Baseline):
            known.add(event.card)
        elif isinstance(event, Mark) and event.mark == "reset":
            last_day.pop(event.card, None)
            known.discard(event.card)
        elif isinstance(event, Review):
            last = last_day.get(event.card)
            counts = event.mode not in {"drill", "cram"} and (last is None or event.day > last)
            yield Graded(event, counts=counts, new=counts and event.card not in known)
            if counts:
                last_day[event.card] = event.day
                known.add(event.card)


def per_day(events: Iterable[Event]) -> dict[date, DayCount]:
    """The counts of each study day on which something was answered, of a standing log; oldest day first."""
    days: dict[date, DayCount] = {}
    for one in graded(events):
        day = one.review.day
        days[day] = DayCount(*map(add, days.get(day, DayCount()), _count(one)))
    return dict(sorted(days.items()))


def _count(one: Graded) -> DayCount:
    right = one.counts and one.review.grade >= Grade.HARD
    return DayCount(
        reviews=int(one.counts),
        right=int(right),
        new=int(one.new),
        recalled=int(right and not one.new),
        extra=int(not one.counts),
        took_ms=one.review.took_ms or 0,
    )


def total(counts: Iterable[DayCount]) -> DayCount:
    """The sum, field by field."""
    columns = tuple(zip(*counts, strict=True))
    return DayCount(*map(sum, columns))


def per_week(days: Mapping[date, DayCount]) -> dict[date, DayCount]:
    """The counts of each week, by its Monday; a week without a study day is absent."""
    weeks: dict[date, list[DayCount]] = {}
    for day, count in sorted(days.items()):
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(count)
    return {monday: total(counts) for monday, counts in weeks.items()}


# ---------------------------------------------------------------- shares


def retention(counts: Iterable[DayCount]) -> float | None:
    """How much was still known: sum(recalled) / sum(reviews - new), 0 to 1; None if no old card was reviewed."""
    whole = total(counts)
    return _share(whole.recalled, whole.reviews - whole.new)


def right_share(counts: Iterable[DayCount]) -> float | None:
    """How much was right, new cards included: sum(right) / sum(reviews), 0 to 1; None without a review."""
    whole = total(counts)
    return _share(whole.right, whole.reviews)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def interval(part: int, whole: int) -> tuple[float, float]:
    """Where a share of `part` in `whole` may truly lie, with 95 % confidence: Wilson's score interval.

    (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), Wilson 1927; (0, 1) for a whole of nothing.
    """
    if not whole:
        return 0.0, 1.0
    share, z2 = part / whole, Z_95**2 / whole
    middle, reach = share + z2 / 2, Z_95 * sqrt(share * (1 - share) / whole + z2 / (4 * whole))
    return max(0.0, (middle - reach) / (1 + z2)), min(1.0, (middle + reach) / (1 + z2))


# ---------------------------------------------------------------- streaks


def streak(days: Collection[date], today: date) -> int:
    """How many study days in a row were used, up to today or, while today is not yet done, to yesterday.

    `days` are those with any answer: the keys of `per_day`. Drills, cram and
    imported history keep a streak too; days after today do not matter.
    """
    used, last = _ordinals(days), today.toordinal()
    return _run(used, last if last in used else last - 1)


def longest_streak(days: Collection[date]) -> int:
    """The most study days in a row that were ever used."""
    used = _ordinals(days)
    return max((_run(used, day) for day in used if day + 1 not in used), default=0)


def _ordinals(days: Collection[date]) -> set[int]:
    """The days as numbers, which do not end where the calendar does."""
    return {day.toordinal() for day in days}


def _run(used: set[int], end: int) -> int:
    """How many days without a gap end at `end`."""
    length = 0
    while end - length in used:
        length += 1
    return length


# ---------------------------------------------------------------- what comes


def forecast(dues: Iterable[date] | Mapping[date, int], today: date, days: int) -> list[int]:
    """How many cards come due on each of `days` study days: today first, with all that is overdue.

    `dues` is the day of each card, or the number of cards per day. Cards that
    are new, suspended or retired are the caller's to leave out.
    """
    ahead = [0] * days
    for day, cards in Counter(dues).items():
        place = max(0, (day - today).days)
        if place < days:
            ahead[place] += cards
    return ahead


def is_known(memory: Memory) -> bool:
    """Whether the last review that counted was a success: at least one repetition in a row."""
    return memory.state is not None and memory.state.repetitions >= 1


def known(memories: Iterable[Memory]) -> int:
    """How many cards are known; the share is this over the cards of the deck, new ones included."""
    return sum(map(is_known, memories))


def typical_ms(took: Sequence[int]) -> int:
    """The median time of an answer in whole milliseconds, USUAL_MS if there is none.

    The median, because a lunch break in front of a question says nothing.
    """
    if not took:
        return USUAL_MS
    ordered = sorted(took)
    half = len(ordered) // 2
    return (ordered[half] + ordered[-half - 1]) // 2
