"""What the screen and the sentences of the statistics say alike: numbers, shares, verdicts."""

from datetime import date
from typing import TYPE_CHECKING

from flashcards.stats import DayCount, Share, right_share
from flashcards.ui.words import count, duration, line, percent

if TYPE_CHECKING:
    from flashcards.app.statistics import Statistics

MINUTE_MS = 60_000
LEAST_TOLD_MS = 500
"""Less is no time that a person took."""


def number(value: int) -> str:
    """`1,008`."""
    return f"{value:,}"


def many(value: int, noun: str, nouns: str = "") -> str:
    """A number and its noun: `1 review`, `1,008 reviews`."""
    return count(value, noun) if value == 1 else f"{value:,} {nouns or f'{noun}s'}"


def share(value: float | None) -> str:
    """`86 %`, or a dash for a part of nothing."""
    return "-" if value is None else percent(value)


def certain(one: Share) -> str:
    """`82 % (81-83)`: with the 95 % interval, unless it is less than a per cent."""
    low, high = (f"{edge * 100:.0f}" for edge in one.interval)
    return f"{share(one.value)} ({low}-{high})" if one.whole and low != high else share(one.value)


def long_time(took_ms: int) -> str:
    """Minutes and hours; seconds only below a minute."""
    return duration(took_ms // MINUTE_MS * MINUTE_MS if took_ms >= MINUTE_MS else took_ms)


def spent(took_ms: int) -> str:
    """The time that something took, or nothing where nobody took any."""
    return long_time(took_ms) if took_ms >= LEAST_TOLD_MS else ""


def clock_time(hour: int) -> str:
    """`8:00`."""
    return f"{hour}:00"


def answers(done: DayCount) -> int:
    """All that was answered, practice included."""
    return done.reviews + done.extra


def periods(numbers: "Statistics") -> list[tuple[str, DayCount]]:
    """The days asked about, the last ones as far as they are not yet all, and all."""
    every = numbers.periods[-1]
    chosen = [("chosen", numbers.total)] if numbers.within.since or numbers.within.until else []
    last = [(one.name, one.done) for one in numbers.periods[1:-1] if one.done != every.done]
    return [*chosen, *last, ("all", every.done)]


def scope(numbers: "Statistics") -> str:
    """What the numbers are about."""
    within = numbers.within
    decks = ", ".join(map(line, within.decks)) or "all decks"
    tags = f"tagged {' or '.join(map(line, within.tags))}" if within.tags else ""
    since = f"since {within.since}" if within.since else ""
    until = f"until {within.until}" if within.until else ""
    return " ".join(filter(None, (decks, tags, since, until)))


def verdict(numbers: "Statistics", one: Share) -> str:
    """A share beside the target; what lies within the interval is no difference."""
    low, high = one.interval
    side = "below" if high < numbers.target else "above" if low > numbers.target else "near"
    return f"{side} the target of {percent(numbers.target)}"


def shown_until(numbers: "Statistics") -> date:
    """The last day of the charts."""
    return min(numbers.within.until or numbers.day, numbers.day)


def best_hour(numbers: "Statistics") -> str:
    """The hour with the best answers, if it is surely better than the others; else nothing."""
    whole = right_share(numbers.hours) or 0.0
    shares = [Share(done.right, done.reviews) for done in numbers.hours]
    hour = max(range(len(shares)), key=lambda one: shares[one].interval[0] if shares[one].whole else -1.0)
    surely = shares[hour].interval[0] > whole
    return f"best at {clock_time(hour)} with {share(shares[hour].value)} right" if surely else ""
