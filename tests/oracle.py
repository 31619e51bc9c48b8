"""SM-2 a second time, from its text alone, with fractions: what the program is measured against.

Source: P. A. Woźniak, *Optimization of learning* (1990), 3.2, steps 1 to 7, and
the plug-in of the same author for the second reading. Nothing here comes from
the package under test, and it is written for being checked by eye, not for speed:

`text`  the interval grows by the *new* E-factor and is rounded up; a failure leaves the E-factor alone
`code`  the interval grows by the *old* E-factor and is rounded half to even; every grade changes the E-factor
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

START = Fraction("2.5")
FLOOR = Fraction("1.3")
CAP = 36_500


@dataclass(frozen=True)
class Known:
    """What SM-2 knows of a card after a grade."""

    repetitions: int
    ease: Fraction
    interval_days: int
    due: date
    lapses: int

    def row(self) -> list[int | str]:
        """The state as the golden table writes it: ease in hundredths, due as a date."""
        hundredths = self.ease * 100
        if hundredths.denominator != 1:
            raise AssertionError(f"{self.ease} is no whole number of hundredths")
        return [self.repetitions, int(hundredths), self.interval_days, self.due.isoformat(), self.lapses]


def changed(ease: Fraction, grade: int) -> Fraction:
    """Step 5, in the form of the preamble: EF - 0.8 + 0.28 q - 0.02 q², never below 1.3."""
    return max(FLOOR, ease - Fraction("0.8") + Fraction("0.28") * grade - Fraction("0.02") * grade * grade)


def after(known: Known | None, grade: int, day: date, reading: str = "text") -> Known:
    """What is known after `grade` on study day `day`; `known` is None for a new card."""
    n, old, interval, lapses = (
        (0, START, 0, 0) if known is None else (known.repetitions, known.ease, known.interval_days, known.lapses)
    )
    new = changed(old, grade)
    if grade < 3:  # step 6: begin again, as if new
        kept = old if reading == "text" else new
        return Known(0, kept, 1, later(day, 1), lapses + (1 if n else 0))
    if n == 0:
        interval = 1
    elif n == 1:
        interval = 6
    else:
        interval = math.ceil(interval * new) if reading == "text" else round(interval * old)
    interval = min(interval, CAP)
    return Known(n + 1, new, interval, later(day, interval), lapses)


def later(day: date, days: int) -> date:
    """`days` after `day`; the calendar ends at 9999-12-31."""
    return date.fromordinal(min(day.toordinal() + days, date.max.toordinal()))


def history(grades: Iterable[int], start: date, reading: str = "text") -> list[Known]:
    """Every state of a card that is new on `start` and then graded on the day it is due."""
    states: list[Known] = []
    day = start
    for grade in grades:
        states.append(after(states[-1] if states else None, grade, day, reading))
        day = states[-1].due
    return states


@dataclass(frozen=True)
class Told:
    """What a whole log of one card comes to."""

    known: Known | None
    counted: int
    last_day: date | None
    drill: date | None


def replayed(reviews: Iterable[tuple[date, int]], reading: str = "text") -> Told:
    """The outcome of (study day, grade) pairs of one card, in the order of the log.

    The first review of a study day counts; the later ones, and any that
    arrive for a day already past, are drills. A card is drilled until 4.
    """
    known: Known | None = None
    seen: list[date] = []
    drill = None
    for day, grade in reviews:
        if all(day > other for other in seen):
            known = after(known, grade, day, reading)
            seen.append(day)
        drill = day if grade < 4 else None
    return Told(known, len(seen), seen[-1] if seen else None, drill)
