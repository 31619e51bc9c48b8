"""Charts from numbers: whatever the numbers are, the lines fit and the parts add up."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text

from flashcards.ui import charts
from flashcards.ui.charts import BLOCKS, LETTERS, Bars

TODAY = date(2026, 11, 28)
inks = st.sampled_from([BLOCKS, LETTERS])
counts = st.integers(0, 10_000)
texts = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=30)


def plain(lines):
    return [line.plain for line in lines]


# ---------------------------------------------------------------- heat map


def test_a_heat_map_of_three_weeks():
    """A column a week, Monday on top, nothing behind the last day, then what the shades mean."""
    days = {TODAY - timedelta(days=ago): ago for ago in range(18)}

    assert [
        "         Oct Nov",
        "Mon   ·········▓▒",
        "      ·········▓░",
        "Wed   ········█▓░",
        "      ········█▓░",
        "Fri   ········█▒░",
        "      ········█▒·",
        "      ········█▒",
        "      · 0  ░ 1-4",
        "      ▒ 5-8",
        "      ▓ 9-12",
        "      █ 13+",
    ] == plain(charts.heat_map(days, TODAY, 17, BLOCKS))


@given(
    st.dictionaries(st.integers(0, 800).map(lambda ago: TODAY - timedelta(days=ago)), counts), st.integers(8, 220), inks
)
def test_a_heat_map_fits(days, width, ink):
    """Seven days between the months and the legend, no line wider than asked for."""
    lines = charts.heat_map(days, TODAY, width, ink)

    assert 9 <= len(lines)
    assert all(line.cell_len <= width for line in lines)
    assert all(line.plain.isascii() for line in lines) or ink is BLOCKS


@given(st.lists(counts, min_size=1))
def test_the_shades_are_in_order(numbers):
    """Nothing has the shade for nothing, the most the strongest, and more is never lighter."""
    edges = charts.steps(numbers)
    shades = [charts.shade(number, edges) for number in sorted(numbers)]

    assert shades == sorted(shades)
    assert all((shade == 0) == (number == 0) for number, shade in zip(sorted(numbers), shades, strict=True))
    assert not max(numbers) or shades[-1] == charts.STEPS


@pytest.mark.parametrize("last", [date.min, date.min + timedelta(days=9), date.max])
def test_the_ends_of_the_calendar_are_harmless(last):
    """A log from elsewhere may name any day."""
    assert 9 == len(charts.heat_map({last: 1}, last, 80, BLOCKS))


# ---------------------------------------------------------------- bars


def test_bars_stand_before_others():
    """Eighths of a line for the bars, whole lines for what stands behind, the target where no bar is."""
    how = Bars(rows=2, most=4, behind=(4, 4, 1, 0), line=2)

    assert ["░█__", "▄█▂ "] == plain(charts.bars((1, 4, 0.5, 0), how, BLOCKS))


@given(st.lists(st.none() | st.floats(0, 1e6), max_size=60), st.integers(1, 6), st.integers(1, 3), inks)
def test_bars_have_a_column_for_each_number(values, rows, cell, ink):
    """As many lines and columns as asked for; more than nothing is seen; no bar is higher than a greater one."""
    how = Bars(rows=rows, cell=cell, gap=cell - 1, most=max([*filter(None, values), 0]))
    lines = plain(charts.bars(values, how, ink))
    inked = [sum(line[place * cell] != " " for line in lines) for place in range(len(values))]

    assert [len(values) * cell] * rows == [len(line) for line in lines]
    assert all(bool(value) == bool(height) for value, height in zip(values, inked, strict=True))
    assert [height for _, height in sorted(zip(map(float, (v or 0 for v in values)), inked, strict=True))] == sorted(
        inked
    )


@given(st.lists(counts, max_size=60), inks)
def test_a_sparkline_is_as_long_as_its_numbers(values, ink):
    """One sign a number, none of them empty."""
    line = charts.sparkline(values, ink).plain

    assert len(values) == len(line)
    assert " " not in line


@given(counts, counts, st.integers(2, 40), inks)
def test_a_meter_is_full_only_when_all_is_there(part, more, width, ink):
    """And empty only when nothing is."""
    line = charts.meter(part, part + more, width, ink).plain

    assert width == len(line)
    assert (line.count(ink.full) == width) == bool(part and not more)
    assert (line.count(ink.full) == 0) == (part == 0)


@given(st.lists(counts, min_size=1, max_size=4), st.integers(4, 200))
def test_the_parts_of_a_bar_add_up(parts, width):
    """All columns are given out, none to nothing, one at least to something, the most to the largest (but for ties)."""
    columns = charts.stack(parts, width)

    assert sum(columns) == (width if sum(parts) else 0)
    assert all(bool(part) == bool(column) for part, column in zip(parts, columns, strict=True))
    assert columns[parts.index(max(parts))] >= max(columns) - 1


# ---------------------------------------------------------------- text


@given(texts, st.integers(0, 40), inks)
def test_a_fitted_text_fits(text, width, ink):
    """Wide letters count twice; what fits stays as it is."""
    found = charts.fitted(text, width, ink)

    assert found.cell_len <= max(width, 0)
    assert Text(text).cell_len > width or text == found.plain


@given(st.lists(st.tuples(texts, texts, texts), max_size=5), st.integers(1, 100), inks)
def test_a_table_fits(rows, width, ink):
    """A row a line, whatever the cells hold."""
    lines = charts.table(("name ", "number", "text "), rows, width, ink)

    assert len(rows) + 1 == len(lines)
    assert all(line.cell_len <= width for line in lines)


def test_a_long_text_leaves_room_for_the_name():
    """The text at the end of a row is cut first, down to half of what there is."""
    lines = charts.table(("name ", "n", "text "), [("a-long-name", "1", "word " * 9)], 30, BLOCKS)

    assert ["name         n  text", "a-long-name  1  word word wor…"] == [line.rstrip() for line in plain(lines)]


@given(st.lists(texts, max_size=8), st.integers(1, 100), inks)
def test_facts_break_between_facts(pieces, width, ink):
    """No line is too long, and the short facts are all there."""
    lines = charts.facts(pieces, width, " · ", ink)

    assert all(line.cell_len <= width for line in lines)
    assert all(any(piece in line.plain for line in lines) for piece in pieces if Text(piece).cell_len <= width)


def test_a_comma_stays_with_what_it_follows():
    """A title that is folded ends its line with the comma."""
    assert ["first,", "  second"] == plain(charts.facts(["first", "second"], 10, ", ", BLOCKS, hang=2))


def test_columns_stand_beside_each_other():
    """The right one begins at the same place in each line, and takes no style from the left."""
    lines = charts.beside([Text("left", "bold")], [Text("right"), Text("more")], 6, 2)

    assert ["left    right", "        more"] == plain(lines)
    assert [(0, 4)] == [(span.start, span.end) for span in lines[0].spans if span.style == "bold"]
