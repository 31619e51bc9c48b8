"""SM-2: when a card comes back, as its author wrote it down.

Source: P. A. Woźniak, *Optimization of learning* (1990), chapter 3.2,
"Application of a computer to improve the results obtained in working with the
SuperMemo method", steps 1 to 7, read literally (`text`). The SuperMemo
plug-in by the same author computes differently; that reading is `code`.

Arithmetic is exact: every change of the E-factor is a whole number of
hundredths, so it is kept as an integer of hundredths and floats never appear.
"""

from datetime import date, datetime, timedelta
from typing import Literal

from flashcards.model import Grade, Sm2State
from flashcards.schedulers.fuzz import spread

FIRST_EASE = 250
"""Step 2: every item starts with an E-factor of 2.5."""
LEAST_EASE = 130
"""Step 5: an E-factor below 1.3 becomes 1.3."""
FIRST_INTERVALS = (1, 6)
"""Step 3: I(1) and I(2), in days."""
LONGEST_INTERVAL = 36_500
"""A hundred years of days; the text has no limit, the calendar does (ours)."""

Variant = Literal["text", "code"]


class Sm2:
    """SM-2 with one of its two readings; `fuzz` spreads due days, never intervals."""

    name = "sm2"

    def __init__(self, *, variant: Variant = "text", fuzz: bool = False) -> None:
        self.variant = variant
        self.fuzz = fuzz

    def step(self, state: Sm2State | None, grade: Grade, at: datetime, day: date, salt: str) -> Sm2State:  # noqa: ARG002  (`at`: SM-2 counts in days)
        """The state after `grade` on study day `day` (steps 3, 5 and 6)."""
        before = state or Sm2State(repetitions=0, ease_hundredths=FIRST_EASE, interval_days=0, due=day)
        failed = grade < Grade.HARD
        ease = before.ease_hundredths if failed and self.variant == "text" else next_ease(before.ease_hundredths, grade)
        interval = FIRST_INTERVALS[0] if failed else self._grow(before, ease)
        repetitions = 0 if failed else before.repetitions + 1
        days = spread(interval, salt, repetitions) if self.fuzz else interval
        lapses = before.lapses + (failed and before.repetitions > 0)
        # By position: a third of the time, where statistics look a year ahead.
        return Sm2State(repetitions, ease, interval, _later(day, days), lapses)

    def recall(self, state: Sm2State, day: date) -> float:
        """0.9 at the end of the interval, falling by the same factor per interval.

        SM-2 predicts nothing; this is the curve that comparisons of schedulers
        give it: p = 0.9 ^ (days since the review / interval).
        """
        elapsed = (day - state.due).days + state.interval_days
        return float(0.9 ** (max(elapsed, 0) / state.interval_days))

    def _grow(self, before: Sm2State, ease: int) -> int:
        """Step 3: I(1) = 1, I(2) = 6, I(n) = I(n-1) * EF, fractions rounded up."""
        if before.repetitions < len(FIRST_INTERVALS):
            return FIRST_INTERVALS[before.repetitions]
        if self.variant == "code":
            return min(_half_even(before.interval_days * before.ease_hundredths), LONGEST_INTERVAL)
        return min(-(-before.interval_days * ease // 100), LONGEST_INTERVAL)


def next_ease(ease_hundredths: int, grade: Grade) -> int:
    """Step 5: EF' = EF + (0.1 - (5-q) * (0.08 + (5-q) * 0.02)), at least 1.3; in hundredths."""
    missing = 5 - grade
    return max(LEAST_EASE, ease_hundredths + 10 - missing * (8 + missing * 2))


def _half_even(hundredths: int) -> int:
    """A number of hundredths as a whole number, ties to the even one (Delphi's `round`)."""
    whole, rest = divmod(hundredths, 100)
    return whole + (rest > 50 or (rest == 50 and whole % 2 == 1))  # noqa: PLR2004  (half of a hundred)


def _later(day: date, days: int) -> date:
    """`days` after `day`, or the last day of the calendar."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max
