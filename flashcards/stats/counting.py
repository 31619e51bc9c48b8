"""Reviews in, counts out: what each review was at its place in the log, and the sums per study day.

A review *counts* if it moved the schedule: the first of a card on a study
day, neither drill nor cram (`replay.counts`). Imported history is the
person's own history and counts like the rest. A review that counts is *new*
if its card had nothing to be remembered by: never reviewed, or reset since,
and no baseline. Else it is *young* or *mature* by the days since the last one
that counted, and *relearned* if that one failed. The days that really passed
are used, not the interval that was planned: they say how long a memory had to
last, under any scheduler and for history brought from elsewhere.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from enum import IntEnum
from operator import add
from types import MappingProxyType
from typing import NamedTuple

from flashcards.log import revision
from flashcards.model import Baseline, CardId, Event, Grade, Mark, Mode, Review

DAYS_IN_A_WEEK = 7
MATURE_DAYS = 21
"""A memory that had to last so long is mature (the usual border, three weeks)."""

LONGEST_MS = 86_400_000
"""No answer takes longer than a day; a log that says so must not outgrow a database's whole numbers."""

SAME: Mapping[CardId, CardId] = MappingProxyType({})
"""Nothing was renamed."""


class Kind(IntEnum):
    """What a review was."""

    EXTRA, NEW, YOUNG, MATURE = range(4)


class Graded(NamedTuple):
    """A review and what it was at its place in the log."""

    review: Review
    kind: Kind
    relearned: bool
    """It counts, and the last one of its card that counted failed."""

    @property
    def counts(self) -> bool:
        """Whether it moved the schedule."""
        return self.kind != Kind.EXTRA

    @property
    def new(self) -> bool:
        """It counts, and its card was new."""
        return self.kind == Kind.NEW


class Course:
    """One card's way through the log: told its events in order, it says what each review was."""

    __slots__ = ("_failed", "_interval", "_last", "_rev")

    def __init__(self) -> None:
        self._last = 0
        """The ordinal of the last day that counted; 0 is none."""
        self._interval: int | None = None
        """Days, if the card was learnt elsewhere."""
        self._failed = False
        self._rev = 1

    def review(self, day: int, grade: int, mode: Mode) -> tuple[Kind, bool]:
        """What a review on the day with this ordinal was, and whether it relearned."""
        last = self._last
        if day <= last or mode in {"drill", "cram"}:
            return Kind.EXTRA, False
        passed = day - last if last else self._interval
        relearned, self._failed, self._last = self._failed, grade < Grade.HARD, day
        if passed is None:
            return Kind.NEW, False
        return (Kind.MATURE if passed >= MATURE_DAYS else Kind.YOUNG), relearned

    def baseline(self, interval_days: object) -> None:
        """The card was learnt elsewhere and had this interval; the state of another scheduler may say anything."""
        self._interval = int(interval_days) if isinstance(interval_days, int | float) else 0

    def reset(self, value: str | None) -> None:
        """The card starts anew; for a revision only once, however many devices noticed it (`replay`)."""
        rev = revision(value)
        if rev is not None:
            if rev <= self._rev:
                return
            self._rev = rev
        self._last, self._interval, self._failed = 0, None, False


def graded(events: Iterable[Event], names: Mapping[CardId, CardId] = SAME) -> Iterator[Graded]:
    """Every review of a standing log (`log.standing`), in its order; `names` leads from former ids to new ones."""
    courses: dict[CardId, Course] = {}
    for event in events:
        if not isinstance(event, Review | Mark | Baseline):
            continue
        course = courses.setdefault(names.get(event.card, event.card), Course())
        if isinstance(event, Review):
            yield Graded(event, *course.review(event.day.toordinal(), event.grade, event.mode))
        elif isinstance(event, Baseline):
            course.baseline(event.state.get("interval_days"))
        elif event.mark == "reset":
            course.reset(event.value)


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
    relearned: int = 0
    """Of those that count, the ones whose card had failed the time before."""
    mature: int = 0
    """Of those that count, the ones 21 days or more after the one before."""
    mature_recalled: int = 0
    """Of the mature ones, the right ones."""
    hard: int = 0
    """Of those that count, with a grade of 3."""
    easy: int = 0
    """Of those that count, with a grade of 5."""

    @property
    def again(self) -> int:
        """The failed ones: reviews - right."""
        return self.reviews - self.right

    @property
    def good(self) -> int:
        """Those with a grade of 4: right - hard - easy."""
        return self.right - self.hard - self.easy

    @property
    def each_ms(self) -> int | None:
        """The mean time of an answer in whole milliseconds: took_ms / (reviews + extra); None without an answer."""
        answers = self.reviews + self.extra
        return round(self.took_ms / answers) if answers else None

    @property
    def tested(self) -> int:
        """Those that tested a memory: reviews - new."""
        return self.reviews - self.new

    @property
    def young(self) -> int:
        """Of the tested ones, those less than 21 days after the one before."""
        return self.tested - self.mature

    @property
    def young_recalled(self) -> int:
        """Of the young ones, the right ones."""
        return self.recalled - self.mature_recalled


def per_day(events: Iterable[Event], names: Mapping[CardId, CardId] = SAME) -> dict[date, DayCount]:
    """The counts of each study day on which something was answered, of a standing log; oldest day first."""
    days: dict[date, DayCount] = {}
    for one in graded(events, names):
        day = one.review.day
        days[day] = plus(days.get(day, DayCount()), counted(one))
    return dict(sorted(days.items()))


def counted(one: Graded) -> DayCount:
    """One review as a count."""
    return count(one.kind, one.review.grade, one.review.took_ms, relearned=one.relearned)


def count(kind: int, grade: int, took_ms: int | None, *, relearned: bool | int) -> DayCount:
    """What one review adds."""
    counts = kind != Kind.EXTRA
    right, mature = counts and grade >= Grade.HARD, kind == Kind.MATURE
    return DayCount(
        reviews=int(counts),
        right=int(right),
        new=int(kind == Kind.NEW),
        recalled=int(right and kind != Kind.NEW),
        extra=int(not counts),
        took_ms=min(took_ms or 0, LONGEST_MS),
        relearned=int(relearned),
        mature=int(mature),
        mature_recalled=int(mature and right),
        hard=int(counts and grade == Grade.HARD),
        easy=int(counts and grade == Grade.EASY),
    )


def plus(one: DayCount, other: DayCount) -> DayCount:
    """The sum of two."""
    return DayCount(*map(add, one, other))


def total(counts: Iterable[DayCount]) -> DayCount:
    """The sum, field by field."""
    columns = tuple(zip(*counts, strict=True))
    return DayCount(*map(sum, columns))


def per_week(days: Mapping[date, DayCount]) -> dict[date, DayCount]:
    """The counts of each week, by its Monday; a week without a study day is absent."""
    weeks: dict[int, list[DayCount]] = {}
    for day, count in sorted(days.items()):
        weeks.setdefault((day.toordinal() - 1) // DAYS_IN_A_WEEK, []).append(count)  # the first day was a Monday
    return {date.fromordinal(week * DAYS_IN_A_WEEK + 1): total(counts) for week, counts in weeks.items()}
