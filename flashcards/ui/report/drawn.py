"""What the charts draw: few numbers, rounded, in columns, so that ten years take less room than a picture. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from flashcards.stats import DayCount, Share

if TYPE_CHECKING:
    from flashcards.app.statistics import Statistics

Step = Literal["week", "month", "quarter"]
MOST_POINTS = 130
"""Of a line, so that it can still be read: two and a half years by week, ten by month."""
ENOUGH = 40
"""Reviews behind the usual point of retention, so that its band says something."""
FEWEST_POINTS = 6
"""Of a line that says something."""
LEVELS = 4
"""Shades of a day with reviews."""
FEWEST = 20
"""Reviews behind a point that is drawn; with fewer the line would only jump. The table has them all."""
YEAR = 366
FARTHEST = 40 * YEAR
"""Days of the past that are drawn, and of those to come a year: a clock that was far off makes no endless page."""


class Point(NamedTuple):
    """Retention in a stretch of time."""

    since: date
    share: Share


class Line(NamedTuple):
    """Retention over time, oldest first."""

    step: Step
    points: tuple[Point, ...]


def chart_data(numbers: "Statistics", line: Line, edges: Sequence[int]) -> dict[str, Any]:
    """Everything that the page's script draws."""
    return {
        "today": numbers.day.isoformat(),
        "target": numbers.target,
        "days": _days(numbers.days, numbers.day),
        "edges": list(edges),
        "retention": {"step": line.step, "points": [*map(_point, firm(line.points))]},
        "due": {"young": numbers.ahead.young, "mature": numbers.ahead.mature, "standing": numbers.due},
        "intervals": [(bar.since, bar.until, bar.cards) for bar in numbers.intervals],
        "ease": [(bar.since, bar.until, bar.cards) for bar in numbers.ease],
        "hours": [(done.reviews, done.right) for done in numbers.hours],
        "weekdays": [(done.reviews, done.right) for done in numbers.weekdays],
    }


def _days(days: Mapping[date, DayCount], today: date) -> dict[str, Any]:
    """One column for each number, a place for each day since the first one."""
    first = max(min(days, default=today), today - timedelta(days=FARTHEST))
    until = min(max([today, *days]), today + timedelta(days=YEAR))
    none = DayCount()
    every = [days.get(first + timedelta(days=place), none) for place in range((until - first).days + 1)]
    return {
        "first": first.isoformat(),
        "reviews": [done.reviews for done in every],
        "extra": [done.extra for done in every],
        "minutes": [-(-done.took_ms // 60_000) for done in every],
    }


def _point(point: Point) -> tuple[str, float, float, float, int]:
    low, high = point.share.interval
    value = point.share.part / point.share.whole
    return point.since.isoformat(), round(value, 3), round(low, 3), round(high, 3), point.share.whole


# ---------------------------------------------------------------- retention over time


def firm(points: Sequence[Point]) -> Sequence[Point]:
    """Those with enough reviews behind them to be drawn; all where none has."""
    return [point for point in points if point.share.whole >= FEWEST] or points


def retention_line(weeks: Iterable[tuple[date, Share]], months: Mapping[date, Share]) -> Line:
    """By week where that can be read: few enough points, each with enough behind it; else by month or quarter.

    A young history, of which little would be left by the longer step, keeps the shorter one.
    """
    of_weeks = [Point(monday, share) for monday, share in weeks if share.whole]
    of_months = [Point(month, share) for month, share in months.items() if share.whole]
    quarters = _quarters(of_months)
    steps: tuple[tuple[Step, list[Point], int], ...] = (
        ("week", of_weeks, len(of_months)),
        ("month", of_months, len(quarters)),
    )
    for step, points, longer in steps:
        enough = sum(point.share.whole for point in points) >= ENOUGH * len(points)
        if len(points) <= MOST_POINTS and (enough or longer < FEWEST_POINTS):
            return Line(step, tuple(points))
    return Line("quarter", quarters)


def _quarters(months: Iterable[Point]) -> tuple[Point, ...]:
    quarters: dict[date, Share] = {}
    for month, share in months:
        first = month.replace(month=month.month - (month.month - 1) % 3)
        quarters[first] = _sum(quarters.get(first), share)
    return tuple(Point(first, share) for first, share in quarters.items())


def per_month(days: Mapping[date, DayCount]) -> dict[date, DayCount]:
    """The sums of each month with an answer, by its first day, oldest first."""
    months: dict[date, list[DayCount]] = {}
    for day, done in days.items():
        months.setdefault(day.replace(day=1), []).append(done)
    return {month: DayCount(*map(sum, zip(*its, strict=True))) for month, its in months.items()}


def _sum(one: Share | None, other: Share) -> Share:
    return other if one is None else Share(one.part + other.part, one.whole + other.whole)


# ---------------------------------------------------------------- shades


def shades(days: Mapping[date, DayCount], today: date) -> tuple[int, ...]:
    """Reviews from which a day is darker: 1, and round numbers near the quarters of the last year's days, or of all."""
    year = [done.reviews for day, done in days.items() if done.reviews and day > today - timedelta(days=YEAR)]
    reviews = sorted(year or [done.reviews for done in days.values() if done.reviews])
    if not reviews:
        return (1,)
    quarters = [_round(reviews[len(reviews) * part // LEVELS]) for part in range(1, LEVELS)]
    return tuple(accumulate([1, *quarters], lambda before, edge: max(before + 1, edge)))


def _round(value: int) -> int:
    """Down to two digits."""
    unit = int("1".ljust(len(str(value)) - 1, "0"))
    return value // unit * unit
