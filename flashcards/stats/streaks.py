"""Study days in a row.

A streak is a row of study days with an answer. Seven of them earn a day off,
of which two at most are kept; a day without an answer uses one, and where
there is none to use, it ends the streak. Days off do not lengthen it. Drills,
cram and imported history keep a streak too.

A calendar day that a flight to the east jumped over is no day without an
answer: the moments of the answers before and after it, and where the person
was, tell so (`spared`).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple

DAYS_FOR_A_DAY_OFF = 7
MOST_DAYS_OFF = 2
MOST_SPARED = 2
"""Days that one journey can jump over: between the farthest zones lie 26 hours."""
LONGEST_GAP = MOST_DAYS_OFF + MOST_SPARED
"""So many missing days may be bridged; more of them end a streak whatever happened."""

NOTHING: Mapping[date, int] = MappingProxyType({})


class Streak(NamedTuple):
    """How long somebody kept at it."""

    current: int
    """Days with an answer, up to today or, while today is not yet done, to yesterday."""
    longest: int
    days_off: int
    """How many days may be missed from here on without ending it."""


class Moment(NamedTuple):
    """When and where an answer was given."""

    at: datetime
    offset_minutes: int


class _Run(NamedTuple):
    """A streak as it stands on the ordinal `end`."""

    end: int
    length: int
    days_off: int


def streaks(
    days: Collection[date], today: date, spare: Mapping[date, int] = NOTHING, latest: date | None = None
) -> Streak:
    """The streak up to today and the longest one; `days` are those with any answer, and what is after `latest` is not.

    `spare` says of the day behind a gap, today as well, how many of the days
    missing before it a journey jumped over. `latest` is today, or as `lived` says.
    """
    last, longest, latest = _Run(0, 0, 0), 0, latest or today
    for run in _runs((day.toordinal() for day in days if day <= latest), _ordinals(spare)):
        last, longest = run, max(longest, run.length)
    missed = max(0, today.toordinal() - last.end - 1 - spare.get(today, 0))
    if missed > last.days_off:
        return Streak(0, longest, 0)
    return Streak(last.length, longest, last.days_off - missed)


def streak(days: Collection[date], today: date, spare: Mapping[date, int] = NOTHING) -> int:
    """The streak up to today."""
    return streaks(days, today, spare).current


def longest_streak(days: Collection[date], spare: Mapping[date, int] = NOTHING) -> int:
    """The most study days in a row that were ever used."""
    runs = _runs((day.toordinal() for day in days), _ordinals(spare))
    return max((run.length for run in runs), default=0)


def lived(today: date, first_of: Mapping[date, Moment], now: datetime) -> date:
    """The last study day that counts: today, or one of a later date that was used before `now`.

    Who flew west over the date line has a day behind them that is still to come here.
    """
    return max((day for day, first in first_of.items() if first.at <= now), default=today)


def gaps(days: Iterable[date], today: date, latest: date) -> list[tuple[date, date]]:
    """The used days, or today, before which a few are missing, each behind the used day before it."""
    used = sorted({day for day in days if day <= latest})
    pairs = pairwise([*used, today])
    return [(before, after) for before, after in pairs if 1 < (after - before).days <= LONGEST_GAP + 1]


def spared(missing: int, before: Moment, after: Moment) -> int:
    """How many of the days missing between two answers were jumped over and not missed.

    Where clocks went ahead between them, only those days were missed that must
    have been, wherever the person was: none within 48 elapsed hours, one
    within 72, and so on.
    """
    if after.offset_minutes <= before.offset_minutes:
        return 0
    missed = max(0, (after.at - before.at) // timedelta(days=1) - 1)
    return min(max(0, missing - missed), MOST_SPARED)


def _ordinals(spare: Mapping[date, int]) -> Mapping[int, int]:
    return {day.toordinal(): days for day, days in spare.items()}


def _runs(days: Iterable[int], spare: Mapping[int, int]) -> Iterator[_Run]:
    """The streak on each used day."""
    end, length, days_off = 0, 0, 0
    for day in sorted(set(days)):
        missed = day - end - 1 - spare.get(day, 0)
        if missed > days_off:
            length, days_off, missed = 0, 0, 0
        length += 1
        earned = length % DAYS_FOR_A_DAY_OFF == 0
        days_off = min(days_off - missed + earned, MOST_DAYS_OFF)
        end = day
        yield _Run(end, length, days_off)
