"""What each part of the report found, said in a sentence that is right for any history, an empty one too. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise
from math import sqrt
from typing import NamedTuple

from flashcards.stats import DayCount, Share
from flashcards.ui.words import count, percent

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
FEW = 20
"""Reviews below which a share says nothing yet."""
SURE = 1.96
"""Standard errors for a difference to be told: 95 % of the normal distribution."""
SURE_OF_MANY = 3
"""The same where many shares are looked at, of which one in twenty would stick out by chance."""
RECENT_DAYS = 90
MONTH_DAYS = 30
DAYS_IN_A_MONTH = 30.4
DAYS_IN_A_YEAR = 365


class Tile(NamedTuple):
    """A headline figure."""

    name: str
    value: str
    note: str


def number(value: int) -> str:
    """With a comma after the thousands: `11,906`."""
    return f"{value:,}"


def many(value: int, noun: str) -> str:
    """A number and its noun: `1 day`, `11,906 days`."""
    return count(value, noun).replace(str(value), number(value), 1)


def span(share: Share) -> str:
    """Where a share may truly lie: `88–93 %`; nothing for a share of nothing."""
    if not share.whole:
        return ""
    low, high = share.interval
    return f"{round(low * 100)}–{round(high * 100)} %"


def day_name(day: date) -> str:
    """A day as people say it: `Thu 3 Dec 2026`."""
    return f"{WEEKDAYS[day.weekday()][:3]} {day.day} {day:%b %Y}"


def differs(one: Share, other: Share, errors: float = SURE) -> bool:
    """Whether two shares differ by more than so many standard errors (two-proportion z-test, pooled)."""
    whole = one.whole + other.whole
    pooled = (one.part + other.part) / whole if whole else 0.0
    if one.value is None or other.value is None or not 0 < pooled < 1:
        return False
    error = sqrt(pooled * (1 - pooled) * (1 / one.whole + 1 / other.whole))
    return abs(one.value - other.value) > errors * error


# ---------------------------------------------------------------- what was done


def of_days(days: Mapping[date, DayCount], today: date) -> str:
    """How steady: days with an answer, of the last year or of all since the first."""
    if not days:
        return "No reviews yet"
    back = min((today - min(days)).days + 1, DAYS_IN_A_YEAR)
    used = sum(today - timedelta(days=back) < day <= today for day in days)
    if not used:
        return "No reviews in the last year"
    if back <= 1:
        return "The first day of many"
    if used == back:
        return f"Reviews on every one of the last {many(back, 'day')}"
    return f"Reviews on {number(used)} of the last {many(back, 'day')}"


def of_some_days(used: int) -> str:
    """The same where only some days were asked about."""
    return f"Reviews on {many(used, 'day')}" if used else "No reviews on these days"


class Recent(NamedTuple):
    """Retention of the last 90 days, and of the 90 before."""

    now: Share
    before: Share


def recent(days: Mapping[date, DayCount], today: date) -> Recent:
    """The two, up to the last day that is there."""
    end = min(today, max(days, default=today))
    between = [end - timedelta(days=RECENT_DAYS * back) for back in range(3)]
    return Recent(*(_between(days, since, until) for until, since in pairwise(between)))


def _between(days: Mapping[date, DayCount], since: date, until: date) -> Share:
    chosen = [done for day, done in days.items() if since < day <= until]
    return Share(sum(done.recalled for done in chosen), sum(done.tested for done in chosen))


def of_retention(found: Recent, target: float, *, ever: int = 0) -> str:
    """How retention moved, and where it stands to the target; `ever` is how many reviews tested a memory at all."""
    now = found.now
    if now.value is None:
        return f"No card came up again in the last {RECENT_DAYS} days" if ever else "No card was seen a second time yet"
    if now.whole < FEW:
        return f"{now.part} of {now.whole} remembered: too few to judge"
    return f"Retention {_moved(found)} {percent(now.value)}, {against(now.value, target)}"


def _moved(found: Recent) -> str:
    now, before = found.now.value or 0.0, found.before.value
    if before is None or found.before.whole < FEW:
        return "is"
    if not differs(found.now, found.before) or round(now * 100) == round(before * 100):
        return "holds at"
    return "rose to" if now > before else "fell to"


def against(value: float, target: float) -> str:
    """A share beside its target: `on target`, `one point above target`."""
    points = round(value * 100) - round(target * 100)
    if not points:
        return "on target"
    words = {1: "one point", 2: "two points", 3: "three points"}.get(abs(points), f"{abs(points)} points")
    return f"{words} {'above' if points > 0 else 'below'} target"


# ---------------------------------------------------------------- what comes


def of_due(reviews: Sequence[int], today: date) -> str:
    """What is due now, and the busiest day of the next month."""
    month = reviews[:MONTH_DAYS]
    if not any(month):
        return "Nothing is due in the next 30 days"
    busiest = max(range(len(month)), key=lambda place: (month[place], -place))
    now = f"{many(month[0], 'card')} due today" if month[0] else "Nothing due today"
    if not busiest:
        return f"{now}, the most of the next 30 days"
    return f"{now}; the busiest day is {day_name(today + timedelta(days=busiest))[:-5]} with {number(month[busiest])}"


# ---------------------------------------------------------------- how the cards stand

Piece = tuple[float, float | None, int]
"""A bar: where it begins, where it ends (None: nowhere) and how many are in it."""


def of_intervals(bars: Sequence[Piece]) -> str:
    """The longest edge that half of the cards reach."""
    middle = _half(bars)
    if middle is None:
        return "No card has an interval yet"
    if middle <= bars[0][0]:
        return "More than half of the cards come back within a day"
    return f"Half of the cards wait {length(int(middle))} or longer"


def length(days: int) -> str:
    """A wait in words: `15 days`, `4 months`, `2 years`."""
    if days < DAYS_IN_A_MONTH * 2 - 1:
        return count(days, "day")
    if days < DAYS_IN_A_YEAR - 1:
        return count(round(days / DAYS_IN_A_MONTH), "month")
    return count(round(days / DAYS_IN_A_YEAR), "year")


def of_ease(bars: Sequence[Piece]) -> str:
    """What half of the cards reach, and how many are stuck at the bottom."""
    middle, cards = _half(bars), sum(piece[2] for piece in bars)
    if middle is None:
        return "No card has an ease yet"
    low, edge = bars[0][2] / cards, bars[0][1] or 0
    if low > 0.5:  # noqa: PLR2004  (half)
        return f"{percent(low)} of the cards have an ease below {edge:.1f}"
    stuck = f"; {percent(low)} are below {edge:.1f}" if round(low * 100) else ""
    return f"Half of the cards have an ease of {middle:.1f} or more{stuck}"


def _half(bars: Sequence[Piece]) -> float | None:
    """The highest edge with half of the cards on it or above."""
    cards = sum(piece[2] for piece in bars)
    above = 0
    for since, _, here in reversed(bars):
        above += here
        if cards and above * 2 >= cards:
            return since
    return None


# ---------------------------------------------------------------- when


def of_hours(hours: Sequence[DayCount]) -> str:
    """The hour with the most reviews, and the one that is surely better or worse than the rest."""
    if not any(done.reviews for done in hours):
        return "No hour has reviews yet"
    busiest = max(range(len(hours)), key=lambda hour: hours[hour].reviews)
    odd = _odd_hour(hours)
    return f"Most reviews happen around {busiest}:00" + (f"; {odd}" if odd else "")


def _odd_hour(hours: Sequence[DayCount]) -> str:
    right, reviews = sum(done.right for done in hours), sum(done.reviews for done in hours)
    odd = [
        (one.part / one.whole, hour)
        for hour, done in enumerate(hours)
        if (one := Share(done.right, done.reviews)).whole >= FEW
        and differs(one, Share(right - done.right, reviews - done.reviews), SURE_OF_MANY)
    ]
    if not odd:
        return ""
    value, hour = max(odd)
    if value > right / reviews:
        return f"{hour}:00 goes best, {percent(value)} right"
    value, hour = min(odd)
    return f"{hour}:00 goes worst, {percent(value)} right"


def of_weekdays(weekdays: Sequence[DayCount]) -> str:
    """The busiest and the quietest day of the week."""
    reviews = [done.reviews for done in weekdays]
    most, least = max(reviews), min(reviews)
    if not most:
        return "No weekday has reviews yet"
    if sum(reviews) < FEW * len(reviews):
        return "Too few reviews to compare the days of the week"
    busiest = WEEKDAYS[reviews.index(most)]
    if reviews.count(0) == len(reviews) - 1:
        return f"All reviews were on a {busiest}"
    if most < least * 1.1:
        return "Every day of the week gets its share"
    return f"{busiest} is the busiest day, {WEEKDAYS[reviews.index(least)]} the quietest"


# ---------------------------------------------------------------- decks, cards, commands


def of_decks(shares: Sequence[Share], target: float) -> str:
    """How many decks are on target, of those that can be judged."""
    values = [share.value for share in shares if share.value is not None and share.whole >= FEW]
    if not shares:
        return "No decks yet"
    if not values:
        return f"{many(len(shares), 'deck')}, too few reviews to compare"
    good = sum(round(value * 100) >= round(target * 100) for value in values)
    if len(values) == 1:
        return f"The deck is {against(values[0], target)}"
    return f"{_of(good, len(values), 'deck')} on target or above"


def of_tags(tags: Sequence[tuple[str, Share]], whole: Share) -> str:
    """The tags that are surely harder or easier than the rest, if there are any."""
    if not tags:
        return "No tags"
    odd = sorted(
        (share.part / share.whole, name)
        for name, share in tags
        if share.whole >= FEW
        and differs(share, Share(whole.part - share.part, whole.whole - share.whole), SURE_OF_MANY)
    )
    if not odd or whole.value is None:
        return (
            f"{many(len(tags), 'tag')}, none surely harder than the rest" if len(tags) > 1 else many(len(tags), "tag")
        )
    (low, worst), (high, best) = odd[0], odd[-1]
    if low < whole.value < high:
        return f"“{worst}” is the hardest tag, “{best}” the easiest"
    if low < whole.value:
        return f"“{worst}” is the hardest tag: {percent(low)} kept"
    return f"“{best}” is the easiest tag: {percent(high)} kept"


def _of(part: int, whole: int, noun: str) -> str:
    if not part:
        return f"None of {many(whole, noun)} is"
    if part == whole:
        return f"All {many(whole, noun)} are"
    return f"{part} of {many(whole, noun)} {'is' if part == 1 else 'are'}"


def of_hardest(lapses: Sequence[int], leeches: int) -> str:
    """How bad it is, and what to do."""
    if not lapses:
        return "No card was ever forgotten"
    if leeches:
        return f"{many(leeches, 'card')} {'keeps' if leeches == 1 else 'keep'} slipping: rewrite or split"
    if lapses[0] == 1:
        return "No card was forgotten more than once"
    return f"The hardest card was forgotten {lapses[0]} times"


def of_commands(judged: int, first_try: int, cannot: int) -> str:
    """How many were right at once."""
    if not judged:
        return f"{many(cannot, 'command')} could not be run here" if cannot else "No commands were run yet"
    if judged < FEW:
        return f"{first_try} of {many(judged, 'command')} right at the first try"
    return f"{percent(first_try / judged)} of commands are right at the first try"
