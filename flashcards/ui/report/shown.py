"""What the page says about its charts: headline figures, and a panel for each chart with its numbers. Pure."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from flashcards.stats import DayCount, Share, retained, right_share, total
from flashcards.ui.report import titles
from flashcards.ui.report.drawn import FEWEST, Line, firm
from flashcards.ui.report.listed import text
from flashcards.ui.report.titles import MONTH_DAYS, Tile, day_name, many, number, span
from flashcards.ui.words import duration, percent

if TYPE_CHECKING:
    from flashcards.app.statistics import Bar, Statistics
    from flashcards.stats import Streak

DAYS_TOLD, WEEKS_TOLD = 31, 53
"""Rows of the tables of days and of weeks ahead."""
Row = tuple[str, ...]


class Table(NamedTuple):
    """The numbers behind a chart."""

    head: Row
    rows: Sequence[Row]


class Panel(NamedTuple):
    """A chart, what it found, what it draws, and its numbers; no numbers, no chart."""

    name: str
    title: str
    note: str
    tables: tuple[Table, ...]


# ---------------------------------------------------------------- headline


def tiles(numbers: "Statistics") -> tuple[Tile, ...]:
    """The six figures on top."""
    stages = numbers.stages
    learnt = stages.young + stages.mature
    return (
        Tile("Due today", number(numbers.due[0]), _about(numbers) if numbers.due[0] else "nothing to repeat"),
        Tile("Streak", many(numbers.streak.current, "day"), _longest(numbers.streak)),
        *_done(numbers),
        Tile("Mature cards", number(stages.mature), f"of {number(learnt)} learnt, {number(stages.new)} new"),
    )


def _done(numbers: "Statistics") -> tuple[Tile, ...]:
    """Of the last 30 days; of the days that were asked about, if some were: those outside of them are not known."""
    if numbers.within.since or numbers.within.until:
        done, days = numbers.total, len(numbers.days)
        name, change, spread = "these days", many(done.new, "new card"), f"on {many(days, 'day')}"
    else:
        done, before = _last(numbers.days, numbers.day, 0), _last(numbers.days, numbers.day, MONTH_DAYS)
        name, change = "30 days", _change(done.reviews, before.reviews)
        spread = f"{duration(_minutes(done.took_ms / MONTH_DAYS))} a day"
    each = f"{spread}, {duration(done.each_ms)} an answer" if done.each_ms else spread
    share = retained(done).all
    return (
        Tile(
            f"Retention, {name}",
            "–" if share.value is None else f"{share.value * 100:.1f} %",
            f"{span(share)}, target {percent(numbers.target)}" if share.whole else "nothing tested",
        ),
        Tile(f"Reviews, {name}", number(done.reviews), change),
        Tile(f"Time, {name}", _hours(done.took_ms), each),
    )


def _longest(streak: "Streak") -> str:
    if streak.current and streak.current == streak.longest:
        return "the longest so far"
    return f"longest {many(streak.longest, 'day')}"


def _about(numbers: "Statistics") -> str:
    done = numbers.total
    each = done.took_ms / (done.reviews + done.extra or 1)
    return f"about {duration(max(60_000, _minutes(numbers.due[0] * each)))}" if done.took_ms else "reviews"


def _last(days: Mapping[date, DayCount], today: date, skip: int) -> DayCount:
    until = today - timedelta(days=skip)
    chosen = (until - timedelta(days=back) for back in range(MONTH_DAYS))
    return total(days[day] for day in chosen if day in days)


def _change(now: int, before: int) -> str:
    if not before:
        return "none in the 30 days before"
    change = round((now - before) / before * 100)
    return f"{change:+} % on the 30 before".replace("-", "−") if change else "as many as in the 30 before"


def _hours(milliseconds: int) -> str:
    hours = milliseconds / 3_600_000
    if hours >= 100:  # noqa: PLR2004  (of hundreds, tenths say nothing)
        return f"{number(round(hours))} h"
    return f"{hours:.1f} h" if hours >= 1 else duration(_minutes(milliseconds)) if milliseconds else "0 min"


def _minutes(milliseconds: float) -> int:
    """Whole minutes from one on, so that a time stays short."""
    return round(milliseconds / 60_000) * 60_000 if milliseconds >= 60_000 else round(milliseconds)  # noqa: PLR2004  (a minute)


# ---------------------------------------------------------------- panels


def panels(numbers: "Statistics", drawn: Line, months: Mapping[date, DayCount]) -> dict[str, Panel]:
    """A panel for each chart, by its name."""
    made = (
        _days(numbers, months),
        _retention(numbers, drawn),
        _due(numbers),
        *_cards(numbers),
        _hour(numbers),
        _week(numbers),
    )
    return {panel.name: panel for panel in made}


def _days(numbers: "Statistics", counted: Mapping[date, DayCount]) -> Panel:
    head = ("reviews", "new", "right", "retention", "time")
    months = [(f"{month:%b %Y}", *_counted(done)) for month, done in counted.items()]
    days = [(day_name(day), *_counted(done)) for day, done in [*numbers.days.items()][-DAYS_TOLD:]]
    used, done = len(numbers.days), numbers.total
    note = f"{many(done.reviews, 'review')} on {many(used, 'day')}, {_hours(done.took_ms)} in all."
    narrowed = numbers.within.since or numbers.within.until  # what was done on other days is not known here
    title = titles.of_some_days(used) if narrowed else titles.of_days(numbers.days, numbers.day)
    if not used:
        return Panel("days", title, "" if narrowed else "`cards review` begins.", ())
    tables = (Table(("month", *head), months[::-1]), Table(("day", *head), days[::-1]))
    return Panel("days", title, note, tables)


def _counted(done: DayCount) -> Row:
    right = right_share([done])
    return (
        number(done.reviews),
        number(done.new),
        "–" if right is None else percent(right),
        _share(retained(done).all),
        duration(_minutes(done.took_ms)),
    )


def _share(share: Share) -> str:
    return "–" if share.value is None else percent(share.value)


def _retention(numbers: "Statistics", drawn: Line) -> Panel:
    whole = numbers.retention
    title = titles.of_retention(titles.recent(numbers.days, numbers.day), numbers.target, ever=whole.all.whole)
    if not drawn.points:
        return Panel("retention", title, "Retention counts cards that come up again on a later day.", ())
    note = f"Each point is a {drawn.step}, the band its 95 % interval."
    if len(kept := firm(drawn.points)) < len(drawn.points):
        less = many(len(drawn.points) - len(kept), drawn.step)
        note += f" Not drawn: {less} with fewer than {FEWEST} reviews."
    if whole.young.whole and whole.mature.whole:
        note += f" Young cards {_share(whole.young)}, mature cards {_share(whole.mature)} in all."
    rows = [
        (f"{point.since:%b %Y}" if drawn.step != "week" else day_name(point.since), *_certain(point.share))
        for point in drawn.points[::-1]
    ]
    return Panel("retention", title, note, (Table((f"{drawn.step} from", *CERTAIN), rows),))


CERTAIN = ("recalled", "of", "retention", "95 % interval")


def _certain(share: Share) -> Row:
    return number(share.part), number(share.whole), _share(share), span(share)


def _due(numbers: "Statistics") -> Panel:
    young, mature, standing = numbers.ahead.young, numbers.ahead.mature, numbers.due
    head = ("young", "mature", "as things stand")
    days = [
        (day_name(numbers.day + timedelta(days=place)), *map(number, (young[place], mature[place], standing[place])))
        for place in range(min(len(standing), DAYS_TOLD))
    ]
    weeks = [
        (
            day_name(numbers.day + timedelta(days=place)),
            *(number(sum(of[place : place + 7])) for of in (young, mature, standing)),
        )
        for place in range(0, len(standing), 7)
    ][:WEEKS_TOLD]
    note = "Bars: reviews to expect, with those that they will cause. Line: cards due as things stand."
    if numbers.load >= 1:
        note += f" In the long run about {number(round(numbers.load))} a day."
    reviews = [*map(sum, zip(young, mature, strict=True))]
    tables = (Table(("day", *head), days), Table(("week from", *head), weeks)) if any(reviews) or any(standing) else ()
    return Panel("due", titles.of_due(reviews, numbers.day), note, tables)


def _cards(numbers: "Statistics") -> tuple[Panel, Panel]:
    intervals = [(_days_of(bar), number(bar.cards)) for bar in numbers.intervals]
    ease = [(_ease_of(bar), number(bar.cards)) for bar in numbers.ease]
    return (
        Panel(
            "intervals",
            titles.of_intervals(numbers.intervals),
            "Cards by the time between their last review and the next; a bar is named by where it begins.",
            _table(("interval", "cards"), intervals, numbers.intervals),
        ),
        Panel(
            "ease",
            titles.of_ease(numbers.ease),
            "Cards by ease: each interval is about so many times the one before.",
            _table(("ease", "cards"), ease, numbers.ease),
        ),
    )


def _table(head: Row, rows: Sequence[Row], bars: "Sequence[Bar]") -> tuple[Table, ...]:
    return (Table(head, rows),) if any(bar.cards for bar in bars) else ()


def _days_of(bar: "Bar") -> str:
    if bar.until is None:
        return f"{bar.since:.0f} days or more"
    last = int(bar.until) - 1
    return f"{bar.since:.0f} days" if last == bar.since else f"{bar.since:.0f}–{last} days"


def _ease_of(bar: "Bar") -> str:
    return f"{bar.since:.1f} or more" if bar.until is None else f"{bar.since:.1f} to {bar.until:.1f}"


def _hour(numbers: "Statistics") -> Panel:
    rows = [(f"{hour}:00", number(done.reviews), _right(done)) for hour, done in enumerate(numbers.hours)]
    note = "Reviews by the hour at which they were answered, on your clock."
    return Panel("hours", titles.of_hours(numbers.hours), note, _told(("hour", "reviews", "right"), rows, numbers))


def _week(numbers: "Statistics") -> Panel:
    named = zip(titles.WEEKDAYS, numbers.weekdays, strict=True)
    rows = [(name, number(done.reviews), _right(done)) for name, done in named]
    title = titles.of_weekdays(numbers.weekdays)
    return Panel("weekdays", title, "Reviews by study day.", _told(("weekday", "reviews", "right"), rows, numbers))


def _told(head: Row, rows: Sequence[Row], numbers: "Statistics") -> tuple[Table, ...]:
    return (Table(head, rows),) if numbers.total.reviews else ()


def _right(done: DayCount) -> str:
    right = right_share([done])
    return "–" if right is None else percent(right)


# ---------------------------------------------------------------- the rest of the page


def long_day(day: date) -> str:
    """`Sunday, 29 November 2026`."""
    return f"{titles.WEEKDAYS[day.weekday()]}, {day.day} {day:%B %Y}"


def scope(numbers: "Statistics") -> str:
    """Of what the numbers are: decks, tags, days."""
    within = numbers.within
    parts = [", ".join(map(text, within.decks)) or "all decks"]
    if within.tags:
        parts.append("tagged " + ", ".join(map(text, within.tags)))
    if within.since:
        parts.append(f"since {day_name(within.since)}")
    if within.until:
        parts.append(f"until {day_name(within.until)}")
    return " · ".join(parts)


def shade_names(edges: Sequence[int]) -> list[str]:
    """What each shade stands for: `1–19`, …, `50 or more`."""
    ends = [*edges[1:], None]
    return [_range(since, until) for since, until in zip(edges, ends, strict=True)]


def _range(since: int, until: int | None) -> str:
    if until is None:
        return f"{number(since)} or more"
    return number(since) if until == since + 1 else f"{number(since)}–{number(until - 1)}"
