"""The screen of `cards stats`: from the numbers to lines of text that fit."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from rich.text import Text

from flashcards.stats import DayCount, Share, retained, right_share, total
from flashcards.ui import charts
from flashcards.ui.charts import ACCENT, DIM, MARGIN, STRONG, Bars, Ink, styled
from flashcards.ui.statistics_words import (
    answers,
    best_hour,
    certain,
    clock_time,
    long_time,
    many,
    number,
    periods,
    scope,
    share,
    shown_until,
    spent,
    verdict,
)
from flashcards.ui.words import Signs, line, percent

if TYPE_CHECKING:
    from flashcards.app.statistics import DeckNumbers, Hard, Statistics

BESIDE = 150
"""Columns from which there are two columns of sections."""
GAP = 4
WIDEST = 112
"""Columns of a section; a heat map fills them, more is hard to read."""
MEDIUM, ROOMY = 60, 76
"""Columns from which tables have all that they can say."""
MONTH, YEAR = 30, 365
FLOOR = 0.5
"""Of the bars of retention: where hardly anybody is below, and two per cent make a difference that is seen."""
FEW = 10
"""Reviews of a week below which its retention says little."""
MOST_DECKS, MOST_TAGS, NARROW_HARDEST = 15, 8, 5
BAR = 16

Lines = list[Text]


class Room(NamedTuple):
    """Where a section is drawn."""

    width: int
    ink: Ink
    dot: str

    def facts(self, *pieces: str | Text, hang: int = 0) -> Lines:
        """Short facts between dots."""
        return charts.facts([one for one in pieces if one], self.width, f" {self.dot} ", self.ink, hang)

    def titled(self, *pieces: str) -> Lines:
        """What a section has found, in a few words."""
        return charts.facts([styled(one, "bold") for one in pieces if one], self.width, ", ", self.ink, 2)


Section = Callable[["Statistics", Room], Lines]


def screen(numbers: "Statistics", width: int, signs: Signs) -> Lines:
    """All of it, no line longer than `width`."""
    ink, dot = charts.ink(signs), signs.dot
    if width < BESIDE:
        room = Room(min(width, WIDEST), ink, dot)
        return _trimmed([*head(numbers, room), *_sections(numbers, room, ALONE)])
    half = Room(min((width - GAP) // 2, WIDEST), ink, dot)
    whole = half._replace(width=2 * half.width + GAP)
    left, right = (_sections(numbers, half, sections) for sections in (LEFT, RIGHT))
    return _trimmed([*head(numbers, whole), *charts.beside(left, right, half.width, GAP)])


def _trimmed(lines: Lines) -> Lines:
    """Without blanks at the ends, which a narrower window would fold."""
    for one in lines:
        one.rstrip()
    return lines


def _sections(numbers: "Statistics", room: Room, sections: Sequence[Section]) -> Lines:
    """One below the other, a blank line before each that has something to say."""
    return [one for section in sections for found in [section(numbers, room)] if found for one in (Text(), *found)]


# ---------------------------------------------------------------- what was done


def head(numbers: "Statistics", room: Room) -> Lines:
    """Whose numbers, today, the streak."""
    day = str(numbers.day)
    about = charts.fitted(styled(scope(numbers), "bold"), max(room.width - len(day) - 2, 0), room.ink)
    first = about.append(" " * (room.width - about.cell_len - len(day))).append(day, DIM)
    left, right = room.facts(*_today(numbers)), room.facts(*_streak(numbers))
    if len(left) == len(right) == 1 and left[0].cell_len + right[0].cell_len + GAP <= room.width:
        gap = " " * (room.width - left[0].cell_len - right[0].cell_len)
        return [first, Text(), left[0].append(gap).append_text(right[0])]
    return [first, Text(), *left, *right]


def _today(numbers: "Statistics") -> list[str | Text]:
    done = numbers.today
    if not answers(done):
        return ["nothing answered today" if numbers.streak.longest else "nothing answered yet: `cards review` starts"]
    extra = f"{number(done.extra)} for practice" if done.extra else ""
    right = f"{share(right_share([done]))} right" if done.reviews else ""
    return [f"today {many(done.reviews, 'review')}", extra, right, spent(done.took_ms)]


def _streak(numbers: "Statistics") -> list[str | Text]:
    streak = numbers.streak
    if not streak.longest:
        return []
    off = f"{many(streak.days_off, 'day')} off in hand" if streak.days_off else ""
    return [f"streak {many(streak.current, 'day')}", f"longest {number(streak.longest)}", off]


def lately(numbers: "Statistics", room: Room) -> Lines:
    """The last days in numbers."""
    rows = periods(numbers)
    if not any(answers(done) for _, done in rows):
        return []
    columns: list[tuple[str, int, Callable[[DayCount], str]]] = [
        ("reviews", 0, lambda done: number(done.reviews)),
        ("new", MEDIUM, lambda done: number(done.new)),
        ("relearned", ROOMY, lambda done: number(done.relearned)),
        ("right", 0, lambda done: share(right_share([done]))),
        ("retention", 0, lambda done: share(retained(done).all.value)),
        ("time", MEDIUM, lambda done: long_time(done.took_ms)),
    ]
    shown = [(name, told) for name, least, told in columns if room.width >= least]
    cells = [[name, *(told(done) for _, told in shown)] for name, done in rows]
    return charts.table(["", *(name for name, _ in shown)], cells, room.width, room.ink)


def year(numbers: "Statistics", room: Room) -> Lines:
    """A square for each day."""
    last = shown_until(numbers)
    given = {day: answers(done) for day, done in numbers.days.items()}
    first = max(charts.mondays(last, room.width)[0], numbers.within.since or date.min, min(given, default=last))
    shown = {day: some for day, some in given.items() if first <= day <= last}
    if not shown:
        return []
    busiest = max(shown, key=lambda day: (shown[day], day))
    title = room.titled(
        f"answers on {len(shown)} of {many((last - first).days + 1, 'day')}",
        f"most on {busiest}: {number(shown[busiest])}",
    )
    return [*title, *charts.heat_map(shown, last, room.width, room.ink)]


def retention(numbers: "Statistics", room: Room) -> Lines:
    """A bar for each week, under the same weeks as the year's squares; the numbers are of a whole year."""
    last, weeks = shown_until(numbers), {week.monday: week.retention for week in numbers.weeks}
    kept = retained(total(done for day, done in numbers.days.items() if (last - day).days in range(YEAR)))
    if not kept.all.whole:
        return []
    shown = charts.mondays(last, room.width)
    shares = [weeks.get(monday, Share(0, 0)) for monday in shown]
    how = Bars(
        rows=5,
        cell=charts.cell_in(room.width),
        floor=FLOOR,
        faint={place for place, one in enumerate(shares) if 0 < one.whole < FEW},
        line=numbers.target,
    )
    drawn = charts.bars([None if one.value is None else max(one.value, FLOOR) for one in shares], how, room.ink)
    labels = ["100 %", percent(numbers.target), "", "", ""]
    pieces = [f"young {certain(kept.young)}", f"mature {certain(kept.mature)}", "with 95 % certainty"]
    pieces += [f"faint: fewer than {FEW} reviews"] if how.faint else []
    return [
        *room.titled(f"retention {certain(kept.all)}", verdict(numbers, kept.all)),
        *_labelled(labels, drawn),
        styled(f"{percent(FLOOR):>{MARGIN - 1}} ", DIM).append_text(charts.months(shown, how.cell)[MARGIN:]),
        *room.facts(*pieces, hang=2),
    ]


def _labelled(labels: Sequence[str], drawn: Lines) -> Lines:
    return [styled(f"{label:>{MARGIN - 1}} ", DIM).append_text(one) for label, one in zip(labels, drawn, strict=True)]


# ---------------------------------------------------------------- what comes, and where things stand


def forecast(numbers: "Statistics", room: Room) -> Lines:
    """The next 30 days: what is due as things stand, and the reviews that those will cause."""
    due, ahead = numbers.due, numbers.ahead.reviews
    if not sum(ahead):
        return []
    soon = ahead[:MONTH]
    most = max(soon, default=0)
    place = soon.index(most)
    busiest = f"most on {numbers.day + timedelta(days=place)}" if place else "most today"
    title = (f"about {many(sum(soon), 'review')} in the next {MONTH} days", f"{busiest}: {number(most)}")
    cell = max(1, min(3, (room.width - MARGIN) // MONTH))
    shown = min(MONTH, max(1, room.width - MARGIN))
    how = Bars(rows=4, cell=cell, gap=int(cell > 1), most=max(most, 1), behind=soon[:shown])
    rows = [
        (styled(room.ink.parts[0], ACCENT).append(" as it stands"), due),
        (styled(room.ink.shadow, DIM).append(" with repeats"), ahead),
    ]
    spans = [("today", 1), ("7 days", 7), ("30 days", MONTH), ("a year", len(due))][room.width < MEDIUM :]
    cells: list[list[str | Text]] = [
        [name, *(number(sum(values[:days])) for _, days in spans)] for name, values in rows
    ]
    return [
        *room.titled(*(title if most else (f"nothing comes in the next {MONTH} days",))),
        *_labelled([number(most), "", "", ""], charts.bars(due[:shown], how, room.ink)),
        _days_ahead(numbers.day, cell, room.width),
        *charts.table(["", *(name for name, _ in spans)], cells, room.width, room.ink),
    ]


def _days_ahead(today: date, cell: int, width: int) -> Text:
    """The day below the first bar of each week, where there is room."""
    axis = f"{'':{MARGIN}}today"
    for week in range(1, MONTH // 7 + 1):
        day = today + timedelta(days=7 * week)
        label = f"{charts.MONTHS[day.month - 1]} {day.day}"
        start = MARGIN + 7 * week * cell
        axis = f"{axis:<{start}}{label}" if start + len(label) <= width else axis
    return styled(axis, DIM)


def stages(numbers: "Statistics", room: Room) -> Lines:
    """How far the cards are."""
    now = numbers.stages
    if not now.cards:
        return []
    known = sum(deck.known for deck in numbers.decks)
    parts = {"mature": now.mature, "young": now.young, "new": now.new, "suspended": now.suspended}
    legend = [
        styled(f"{room.ink.parts[place]} ", ACCENT if place < STRONG else DIM).append(f"{name} {number(some)}")
        for place, (name, some) in enumerate(parts.items())
        if some
    ]
    return [
        *room.titled(f"{number(known)} of {many(now.cards, 'card')} known", f"{number(now.mature)} mature"),
        charts.stacked([*parts.values()], min(room.width, MARGIN + charts.WEEKS), room.ink),
        *charts.facts(legend, room.width, "   ", room.ink),
    ]


def times(numbers: "Statistics", room: Room) -> Lines:
    """When the answers were given."""
    hours = [answers(done) for done in numbers.hours]
    weekdays = [answers(done) for done in numbers.weekdays]
    if not sum(hours):
        return []
    best = best_hour(numbers)
    return [
        *room.titled(f"most answers at {clock_time(hours.index(max(hours)))}", best),
        *room.facts(
            styled("0:00 ", DIM).append_text(charts.sparkline(hours, room.ink)).append(" 23:00", DIM),
            styled("Mon ", DIM).append_text(charts.sparkline(weekdays, room.ink)).append(" Sun", DIM),
        ),
    ]


# ---------------------------------------------------------------- parts


def decks(numbers: "Statistics", room: Room) -> Lines:
    """Each deck in a row."""
    if not numbers.decks:
        return []
    known = [f"{number(deck.known)} of {number(deck.stages.cards)}" for deck in numbers.decks]
    digits, bar = max(map(len, known)), BAR if room.width >= ROOMY else BAR // 2 if room.width >= MEDIUM else 0

    def meter(deck: "DeckNumbers") -> Text:
        told = f"{number(deck.known)} of {number(deck.stages.cards)}"
        drawn = charts.meter(deck.known, deck.stages.cards, bar, room.ink)
        return drawn.append(f"{'  ' if bar else ''}{told:>{digits}}")

    columns: list[tuple[str, int, Callable[[DeckNumbers], str | Text]]] = [
        ("deck ", 0, lambda deck: line(deck.deck)),
        ("known ", 0, meter),
        ("due", 0, lambda deck: number(deck.due)),
        ("retention", 0, lambda deck: share(retained(deck.done).all.value)),
        ("reviews", MEDIUM, lambda deck: number(deck.done.reviews)),
    ]
    shown = [(name, told) for name, least, told in columns if room.width >= least]
    rows = [[told(deck) for _, told in shown] for deck in numbers.decks[:MOST_DECKS]]
    more = len(numbers.decks) - len(rows)
    return [
        *charts.table([name for name, _ in shown], rows, room.width, room.ink),
        *([styled(f"and {many(more, 'more deck')}: `cards decks`", DIM)] if more else []),
    ]


def tags(numbers: "Statistics", room: Room) -> Lines:
    """The most frequent tags."""
    if not numbers.tags:
        return []
    rows = [
        [line(one.tag), number(one.stages.cards), share(retained(one.done).all.value), number(one.done.reviews)]
        for one in numbers.tags[:MOST_TAGS]
    ]
    return charts.table(["tag ", "cards", "retention", "reviews"], rows, room.width, room.ink)


def commands(numbers: "Statistics", room: Room) -> Lines:
    """How commands went, and what was typed instead."""
    done = numbers.commands
    if not done.judged:
        return []
    first = percent(done.first_try / done.judged)
    tries = f"{done.tries / done.judged:.1f} tries each"
    hints = many(done.hints, "hint") if done.hints else ""
    cannot = f"{number(done.cannot)} could not be verified" if done.cannot else ""
    lines = [
        *room.titled(f"commands: {first} right at the first try"),
        *room.facts(f"{number(done.judged)} run", tries, hints, cannot),
    ]
    if numbers.mistakes:
        most = [f"{line(one.typed)} ({line(one.card)}, {one.times}x)" for one in numbers.mistakes]
        lines += room.facts(styled("most often wrong: ", DIM).append(most[0], ""), *most[1:])[:1]
    return lines


def hardest(numbers: "Statistics", room: Room) -> Lines:
    """The cards that were forgotten most often; what was typed or asked stands below the name where it is narrow."""
    shown = numbers.hardest[: None if room.width >= ROOMY else NARROW_HARDEST]
    if not shown:
        return []
    about = "most typed wrong " if any(one.typed for one in shown) else "question "
    texts = [line((one.typed or "") if about.startswith("most") else one.front) for one in shown]
    rows: list[list[str | Text]] = [
        [_name(one, room.width), str(one.lapses), share(right_share([one.done]))] for one in shown
    ]
    if room.width >= MEDIUM:
        rows = [[*row, text] for row, text in zip(rows, texts, strict=True)]
        lines = charts.table(["hardest ", "lapses", "right", about], rows, room.width, room.ink)
    else:
        first, *others = charts.table(["hardest ", "lapses", "right"], rows, room.width, room.ink)
        below = [charts.fitted(styled(f"  {text}", DIM), room.width, room.ink) for text in texts]
        lines = [first, *(one for both in zip(others, below, strict=True) for one in both if one.plain.strip())]
    if numbers.leeches:
        leeches = many(numbers.leeches, "leech", "leeches")
        lines += room.facts(styled(f"{leeches}: `cards list --leech`", DIM))
    return lines


def _name(one: "Hard", width: int) -> Text:
    return Text(line(one.card)).append(" (leech)" if one.leech and width >= ROOMY else "", DIM)


LEFT: Sequence[Section] = (year, retention, forecast, times, commands)
RIGHT: Sequence[Section] = (lately, stages, decks, tags, hardest)
ALONE: Sequence[Section] = (lately, year, retention, forecast, stages, times, decks, commands, hardest)
