"""How much was known: retention and its certainty."""

from collections.abc import Iterable
from math import sqrt
from typing import NamedTuple

from flashcards.stats.counting import DayCount, total

Z_95 = 1.959964
"""The normal quantile of 0.975, for an interval that covers 95 %."""


class Share(NamedTuple):
    """A part of a whole."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """0 to 1; None for a part of nothing."""
        return _share(self.part, self.whole)

    @property
    def interval(self) -> tuple[float, float]:
        """Where it may truly lie, with 95 % confidence."""
        return interval(self.part, self.whole)


class Retention(NamedTuple):
    """How much was still known when it was asked for again: true retention."""

    all: Share
    young: Share
    mature: Share


def retained(count: DayCount) -> Retention:
    """The true retention of a stretch of time: recalled of tested, and the same of young and mature reviews."""
    return Retention(
        all=Share(count.recalled, count.tested),
        young=Share(count.young_recalled, count.young),
        mature=Share(count.mature_recalled, count.mature),
    )


def retention(counts: Iterable[DayCount]) -> float | None:
    """How much was still known: sum(recalled) / sum(reviews - new), 0 to 1; None if no old card was reviewed."""
    whole = total(counts)
    return _share(whole.recalled, whole.tested)


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
