"""Study days in a row.

A streak is a row of study days with an answer. Seven of them earn a day off,
of which two at most are kept; a day without an answer uses one, and where
there is none to use, it ends the streak. Days off do not lengthen it. Drills,
cram and imported history keep a streak too.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date
from typing import NamedTuple

DAYS_FOR_A_DAY_OFF = 7
MOST_DAYS_OFF = 2


class Streak(NamedTuple):
    """How long somebody kept at it."""

    current: int
    """Days with an answer, up to today or, while today is not yet done, to yesterday."""
    longest: int
    days_off: int
    """How many days may be missed from here on without ending it."""


class _Run(NamedTuple):
    """A streak as it stands on the ordinal `end`."""

    end: int
    length: int
    days_off: int


def streaks(days: Collection[date], today: date) -> Streak:
    """The streak up to today and the longest one; `days` are those with any answer, and what is after today is not."""
    last, longest = _Run(0, 0, 0), 0
    for run in _runs(day.toordinal() for day in days if day <= today):
        last, longest = run, max(longest, run.length)
    missed = max(0, today.toordinal() - last.end - 1)
    if missed > last.days_off:
        return Streak(0, longest, 0)
    return Streak(last.length, longest, last.days_off - missed)


def streak(days: Collection[date], today: date) -> int:
    """The streak up to today."""
    return streaks(days, today).current


def longest_streak(days: Collection[date]) -> int:
    """The most study days in a row that were ever used."""
    return max((run.length for run in _runs(day.toordinal() for day in days)), default=0)


def _runs(days: Iterable[int]) -> Iterator[_Run]:
    """The streak on each used day."""
    end, length, days_off = 0, 0, 0
    for day in sorted(set(days)):
        missed = day - end - 1
        if missed > days_off:
            length, days_off, missed = 0, 0, 0
        length += 1
        earned = length % DAYS_FOR_A_DAY_OFF == 0
        days_off = min(days_off - missed + earned, MOST_DAYS_OFF)
        end = day
        yield _Run(end, length, days_off)
