"""Charts for a terminal: numbers in, lines of text out, readable without colour and without Unicode too. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby, pairwise
from operator import itemgetter
from typing import NamedTuple

from rich.text import Text

from flashcards.ui.words import UNICODE, Signs

ACCENT, DIM = "cyan", "dim"
STRONG = 2
"""Parts of a whole that are in colour; the others stand back."""
STEPS = 4
"""Shades of a heat map, without the one for nothing."""
EIGHTHS = 8
WEEKS = 53
"""Columns of a year: 52 weeks and a day or two."""
WEEKDAYS = ("Mon", "", "Wed", "", "Fri", "", "")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MARGIN = 6
"""Columns of the weekdays, and of the labels of an axis."""


class Ink(NamedTuple):
    """What charts are drawn with."""

    shades: str
    """From nothing to most."""
    eighths: str
    """Heights of a bar within a line, from nothing to all of it."""
    parts: str
    """Textures of the parts of a whole, the strongest first."""
    full: str
    rest: str
    """A bar that lies, and what it leaves."""
    shadow: str
    """What stands behind a bar."""
    target: str
    cut: str
    """Ends a text that was too long."""


BLOCKS = Ink(shades="·░▒▓█", eighths=" ▁▂▃▄▅▆▇█", parts="█▒░·", full="━", rest="─", shadow="░", target="_", cut="…")
LETTERS = Ink(shades=".:+*#", eighths=" ..::++##", parts="#+:.", full="=", rest="-", shadow="-", target="_", cut="~")


def ink(signs: Signs) -> Ink:
    """What goes with these signs."""
    return BLOCKS if signs is UNICODE else LETTERS


def styled(text: str, style: str = "") -> Text:
    """A text whose style ends with it, whatever is appended."""
    return Text().append(text, style)


def joined(pieces: Iterable[tuple[str, str]]) -> Text:
    """Pieces with their styles; neighbours of one style are drawn at once, which halves the time."""
    line = Text()
    for style, alike in groupby(pieces, itemgetter(1)):
        line.append("".join(text for text, _ in alike), style)
    return line


# ---------------------------------------------------------------- heat map


def steps(numbers: Iterable[int]) -> tuple[int, ...]:
    """The least number of each shade but the one for nothing: a quarter of the days has each, where that can be."""
    some = sorted(number for number in numbers if number)
    if not some:
        return ()
    found = [some[0]]
    for quarter in range(1, STEPS):
        edge = max(some[len(some) * quarter // STEPS], found[-1] + 1)
        if edge <= some[-1]:
            found.append(edge)
    return tuple(found)


def shade(number: int, edges: Sequence[int]) -> int:
    """Which shade a number has: 0 for nothing, STEPS for the most."""
    reached = sum(number >= edge for edge in edges)
    return reached and reached + STEPS - len(edges)


def mondays(last: date, width: int) -> list[date]:
    """The weeks up to the one of `last`, as many as fit; one begins before the calendar does."""
    monday = last.toordinal() - last.weekday()
    weeks = max(1, min(WEEKS, width - MARGIN, (monday - 1) // 7 + 1))
    return [date.fromordinal(monday - 7 * week) for week in range(weeks - 1, -1, -1)]


def cell_in(width: int) -> int:
    """Columns of a week."""
    return 2 if width >= MARGIN + 2 * WEEKS else 1


def heat_map(days: Mapping[date, int], last: date, width: int, ink: Ink) -> list[Text]:
    """A column for each week up to the one of `last`, with the months above, then what the shades mean."""
    shown, cell = mondays(last, width), cell_in(width)
    first = shown[0].toordinal()
    edges = steps(number for day, number in days.items() if first <= day.toordinal() <= last.toordinal())
    lines = [months(shown, cell)]
    for weekday, name in enumerate(WEEKDAYS):
        ordinals = [day for monday in shown if (day := monday.toordinal() + weekday) <= last.toordinal()]
        shades = [shade(days.get(date.fromordinal(day), 0), edges) for day in ordinals]
        pieces = [(ink.shades[at] * cell, ACCENT if at else DIM) for at in shades]
        lines.append(joined([(f"{name:<{MARGIN}}", DIM), *pieces]))
    legend = facts(_legend(edges, ink, cell), width - MARGIN, "  ", ink)
    return [*lines, *(Text(" " * MARGIN).append_text(line) for line in legend)]


def months(weeks: Sequence[date], cell: int) -> Text:
    """The names of the months, each above the first week that begins in it, where there is room."""
    found, end = "", len(weeks) * cell
    fresh = [weeks[0].day <= 7, *(before.month != monday.month for before, monday in pairwise(weeks))]  # noqa: PLR2004
    for place, monday in enumerate(weeks):
        if fresh[place] and len(found) <= place * cell <= end - len(MONTHS[0]):
            found = f"{found:<{place * cell}}{MONTHS[monday.month - 1]} "
    return styled(" " * MARGIN + found.rstrip(), DIM)


def _legend(edges: Sequence[int], ink: Ink, cell: int) -> Iterator[Text]:
    yield Text().append(ink.shades[0] * cell, DIM).append(" 0", DIM)
    reaches = [f"{low}" if low + 1 == high else f"{low}-{high - 1}" for low, high in pairwise(edges)]
    reaches += [f"{edge}+" for edge in edges[-1:]]
    for edge, reach in zip(edges, reaches, strict=True):
        yield Text().append(ink.shades[shade(edge, edges)] * cell, ACCENT).append(f" {reach}", DIM)


# ---------------------------------------------------------------- bars


class Bars(NamedTuple):
    """How upright bars are drawn."""

    rows: int = 4
    cell: int = 1
    """Columns of a bar, its gap included."""
    gap: int = 0
    floor: float = 0.0
    """Where a bar begins."""
    most: float = 1.0
    """Where it reaches the top."""
    behind: Sequence[float] = ()
    """Bars that stand behind the others, in whole lines."""
    faint: Collection[int] = ()
    """Places of bars that say little."""
    line: float | None = None
    """A value with a line behind the bars, at the bottom of the row in which it lies."""


def bars(values: Sequence[float | None], how: Bars, ink: Ink) -> list[Text]:
    """Upright bars, from the top row to the bottom; None has none. What is more than the floor can be seen."""
    heights = [_height(value, how) for value in values]
    behind = [_height(value, how) for value in how.behind] or [0] * len(heights)
    marked = None if how.line is None else int((how.line - how.floor) / (how.most - how.floor) * how.rows)
    lines = []
    for row in range(how.rows - 1, -1, -1):
        empty = ink.target if row == marked else " "
        pieces = []
        for place, (height, back) in enumerate(zip(heights, behind, strict=True)):
            sign = _in_row(height - row * EIGHTHS, back - row * EIGHTHS, ink) or empty
            strong = sign not in {empty, ink.shadow}
            style = (f"{DIM} {ACCENT}" if place in how.faint else ACCENT) if strong else DIM
            pieces += [(sign * (how.cell - how.gap), style), (empty * how.gap, DIM)]
        lines.append(joined(pieces))
    return lines


def _in_row(height: int, behind: int, ink: Ink) -> str:
    """What a line shows of a bar that reaches so many eighths into it, and of the one behind."""
    if height > 0:
        return ink.eighths[min(height, EIGHTHS)]
    return ink.shadow if behind >= EIGHTHS // 2 else ""


def _height(value: float | None, how: Bars) -> int:
    """In eighths of a line."""
    if not value or how.most <= how.floor:
        return 0
    full = how.rows * EIGHTHS
    return max(1, min(round((value - how.floor) / (how.most - how.floor) * full), full))


def sparkline(values: Sequence[float], ink: Ink) -> Text:
    """A line of bars, the greatest one full; nothing is a line at the bottom, so that every place can be counted."""
    how = Bars(rows=1, most=max([*values, 0]))
    return joined((ink.eighths[max(1, _height(value, how))], ACCENT if value > 0 else DIM) for value in values)


def meter(part: int, whole: int, width: int, ink: Ink) -> Text:
    """How much of a whole: full only where all of it is, empty only where none is."""
    full = width * part // whole if whole > 0 else 0
    if part > 0 and width > 1:
        full = max(1, full)
    return Text().append(ink.full * full, ACCENT).append(ink.rest * (width - full), DIM)


def stack(parts: Sequence[int], width: int) -> list[int]:
    """Columns of each part, adding up to `width`: the largest remainders get what is left; nothing gets none."""
    whole = sum(parts)
    if not whole:
        return [0] * len(parts)
    found = [part * width // whole for part in parts]
    order = sorted(range(len(parts)), key=lambda place: -(parts[place] * width % whole))
    for place in order[: width - sum(found)]:
        found[place] += 1
    for place, part in enumerate(parts):  # what is there can be seen, if only the largest can spare a column
        if part and not found[place] and max(found) > 1:
            found[found.index(max(found))] -= 1
            found[place] = 1
    return found


def stacked(parts: Sequence[int], width: int, ink: Ink) -> Text:
    """The parts of a whole beside each other, each with a texture of its own."""
    columns = enumerate(stack(parts, width))
    return joined((ink.parts[place] * many, ACCENT if place < STRONG else DIM) for place, many in columns)


# ---------------------------------------------------------------- text


def fitted(text: str | Text, width: int, ink: Ink) -> Text:
    """A text of at most so many columns; where it was cut, that is seen."""
    found = Text(text) if isinstance(text, str) else text.copy()
    if found.cell_len > width:
        found.truncate(max(0, width - 1), overflow="crop")
        found.append(ink.cut if width > 0 else "", DIM)
    return found


def table(head: Sequence[str], rows: Iterable[Iterable[str | Text]], width: int, ink: Ink) -> list[Text]:
    """Rows below a head; a column stands at its right edge, and at the left one where the head ends with a blank.

    Where the screen is narrow, a text in the last column gives way to half of what is left, then the first column.
    """
    cells = [[styled(name.strip(), DIM) for name in head]]
    cells += [[Text(one) if isinstance(one, str) else one for one in row] for row in rows]
    wide = [max(row[place].cell_len for row in cells) for place in range(len(head))]
    if len(head) > 1 and _stands_left(head[-1]):
        room = width - sum(wide[1:-1]) - 2 * (len(head) - 1)
        wide[-1] = max(0, min(wide[-1], room - min(wide[0], room // 2)))
    wide[0] = max(1, min(wide[0], width - sum(wide[1:]) - 2 * (len(head) - 1)))
    return [fitted(_row(head, row, wide, ink), width, ink) for row in cells]


def _stands_left(name: str) -> bool:
    return name.endswith(" ")


def _row(head: Sequence[str], row: Sequence[Text], wide: Sequence[int], ink: Ink) -> Text:
    line = Text()
    for place, cell in enumerate(row):
        shown = fitted(cell, wide[place], ink)
        gap = " " * (wide[place] - shown.cell_len)
        left = place == 0 or _stands_left(head[place])
        line.append("  " if place else "").append_text(shown if left else Text(gap).append_text(shown))
        line.append(gap if left and place < len(row) - 1 else "")
    return line


def facts(pieces: Iterable[str | Text], width: int, between: str, ink: Ink, hang: int = 0) -> list[Text]:
    """Short facts in one line, or in several, broken between the facts; a comma stays with what it follows."""
    lines: list[Text] = []
    for piece in pieces:
        text = Text(piece) if isinstance(piece, str) else piece
        if lines and lines[-1].cell_len + len(between) + text.cell_len <= width:
            lines[-1].append(between, DIM).append_text(text)
        else:
            if lines and between.startswith(",") and lines[-1].cell_len < width:
                lines[-1].append(",")
            lines.append(fitted(Text(" " * hang if lines else "").append_text(text), width, ink))
    return lines


def beside(left: Sequence[Text], right: Sequence[Text], width: int, gap: int) -> list[Text]:
    """Two columns of lines, the left one `width` wide."""
    lines = []
    for place in range(max(len(left), len(right))):
        line = Text().append_text(left[place]) if place < len(left) else Text()
        if place < len(right) and right[place].cell_len:
            line.append(" " * (width - line.cell_len + gap)).append_text(right[place])
        lines.append(line)
    return lines
