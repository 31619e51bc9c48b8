"""The screen of `cards stats`: read at 40, 80 and 160 columns, and true to its width at all others."""

import re
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import times
from ui.numbers import EVIL, TODAY, day_count, hostile, many_days, statistics

from flashcards.stats import Ahead, DayCount
from flashcards.store.answers import Within
from flashcards.ui.statistics import screen
from flashcards.ui.statistics_spoken import sentences
from flashcards.ui.statistics_words import best_hour, verdict
from flashcards.ui.words import ASCII, UNICODE, count

SNAPSHOTS = Path(__file__).parent / "snapshots"
TOP = Path(__file__).parents[2]
PICTURES = TOP / "docs" / "screens"


def drawn(numbers, width=80, signs=UNICODE):
    return [line.plain for line in screen(numbers, width, signs)]


@pytest.mark.parametrize("width", [40, 80, 160])
def test_the_screen_is_what_was_read(width):
    """Written anew by hand, and read, when the screen is to change: `stats-WIDTH.txt`."""
    assert (SNAPSHOTS / f"stats-{width}.txt").read_text(encoding="utf-8").splitlines() == drawn(statistics(), width)


def test_the_sentences_are_what_was_read():
    """All that the screen says, a sentence a line."""
    assert (SNAPSHOTS / "stats-plain.txt").read_text(encoding="utf-8").splitlines() == [*sentences(statistics())]


days = st.dictionaries(
    st.integers(0, 4000).map(lambda ago: TODAY - timedelta(days=ago)),
    st.integers(0, 2000).map(day_count) | st.just(DayCount(extra=3)),
    max_size=12,
)


@settings(max_examples=times(15, 300))
@given(days, st.integers(24, 230), st.sampled_from([UNICODE, ASCII]))
def test_no_line_is_wider_than_the_terminal(some, width, signs):
    """Whatever was done: 24 columns or 230, with Unicode or without; nothing stands at the end of a line."""
    lines = screen(statistics(some), width, signs)

    assert all(line.cell_len <= width and line.plain == line.plain.rstrip() for line in lines)
    assert signs is UNICODE or "".join(line.plain for line in lines).isascii()


@pytest.mark.parametrize("told", [drawn, sentences], ids=["screen", "plain"])
def test_no_text_steers_the_terminal(told):
    """Names, tags, fronts and answers pass through `words.line`."""
    text = "\n".join(told(hostile()))

    assert EVIL not in text
    assert text.replace("\n", "").isprintable()
    assert "aredbde[bold]f" in text


def test_nothing_answered_says_how_to_begin():
    """Decks and stages, no chart without a number."""
    lines = drawn(statistics({})._replace(due=(0,) * 365, ahead=statistics().ahead._replace(young=(), mature=())))

    assert "nothing answered yet: `cards review` starts" in lines
    assert not [line for line in lines if line.startswith(("answers on", "retention", "about"))]


def test_one_day_is_a_year_with_one_square():
    """Today's square, no retention where nothing old was asked, one row of numbers."""
    lines = drawn(statistics({TODAY: DayCount(reviews=2, right=1, new=2)}))

    assert "answers on 1 of 1 day, most on 2026-11-28: 2" in lines
    assert 1 == sum(line.startswith(("7 days", "30 days", "1 year", "all  ")) for line in lines[1:])
    assert not [line for line in lines if line.startswith("retention")]


def test_nothing_soon_is_no_busiest_day():
    """Cards that come in half a year: the month before them has no peak."""
    late = tuple(3 * (place == 200) for place in range(365))
    numbers = statistics()._replace(due=late, ahead=Ahead(young=late, mature=(0,) * 365))

    drawn = "\n".join(one.plain for one in screen(numbers, 80, UNICODE))
    assert "nothing comes in the next 30 days" in drawn
    assert not any(one.startswith("Most of the next") for one in sentences(numbers))


def test_the_days_asked_about_end_the_charts():
    """`--until` moves the year; the first line says what is shown."""
    until = TODAY - timedelta(days=100)
    chosen = {day: n for day, n in many_days().items() if day <= until}
    numbers = statistics(chosen, Within(decks=("git",), tags=("a", "b"), since=date(2026, 1, 1), until=until))
    lines = drawn(numbers)

    assert lines[0].startswith("git tagged a or b since 2026-01-01 until 2026-08-20  ")
    assert [line for line in lines if line.startswith("chosen ")]
    assert "Aug" in next(line for line in lines if line.startswith("        ") and "Jan" in line).split()[-1]


@pytest.mark.parametrize(
    ("recalled", "tested", "expected"),
    [(800, 1000, "below"), (895, 1000, "near"), (960, 1000, "above"), (3, 4, "near")],
)
def test_a_verdict_waits_for_certainty(recalled, tested, expected):
    """What lies within the 95 % interval is no difference."""
    share = statistics().retention.all._replace(part=recalled, whole=tested)

    assert f"{expected} the target of 90 %" == verdict(statistics(), share)


def test_an_hour_is_best_only_when_that_is_sure():
    """Two right answers at dawn are no habit; eighty of eighty are."""
    usual, lucky = DayCount(reviews=100, right=80), DayCount(reviews=2, right=2)
    hours = [DayCount()] * 24

    def at_dawn(done):
        return best_hour(statistics()._replace(hours=(*hours[:5], done, *hours[6:19], usual, *hours[20:])))

    assert ("", "best at 5:00 with 100 % right") == (at_dawn(lucky), at_dawn(DayCount(reviews=80, right=80)))


# ---------------------------------------------------------------- pictures


def told(picture):
    """The texts of a picture, without what the drawing library adds around them."""
    return re.findall(r">([^<]+)</text>", picture.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_pictures_show_the_screen_as_it_is(tmp_path):
    """Write them anew: `python tools/make_screens.py`."""
    subprocess.run([sys.executable, TOP / "tools" / "make_screens.py", tmp_path], check=True)

    fresh = {picture.name: told(picture) for picture in tmp_path.glob("*.svg")}
    assert fresh == {name: told(PICTURES / name) for name in fresh}
    assert {"stats-40.svg", "stats-80.svg", "stats-80-light.svg", "stats-160.svg"} == fresh.keys()


def test_the_pictures_ask_nothing_of_the_network():
    """No font, no image, no script from elsewhere."""
    pictures = [*PICTURES.glob("stats-*.svg")]

    assert pictures
    for picture in pictures:
        text = picture.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
        assert not re.findall(r"url\(\s*[\"']?(?!#)|<script|<image|@import|src=|href=", text)


def test_a_number_of_four_digits_has_a_comma() -> None:
    """In whatever sentence it stands."""
    assert ("1 card", "7 cards", "1,200 cards") == (count(1, "card"), count(7, "card"), count(1200, "card"))
