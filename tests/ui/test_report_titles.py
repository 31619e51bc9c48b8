"""What the report says it found: right for no data, one day, ten years."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.stats import DayCount, Share
from flashcards.ui.report import titles
from flashcards.ui.report.drawn import Point, firm, per_month, retention_line, shades
from flashcards.ui.report.titles import Recent

TODAY = date(2026, 11, 29)
NOTHING = Share(0, 0)


def seen(part: int, whole: int) -> DayCount:
    """A day on which cards were tested, and so many recalled."""
    return DayCount(reviews=whole, right=part, recalled=part)


@pytest.mark.parametrize(
    ("now", "before", "title"),
    [
        (NOTHING, NOTHING, "No card was seen a second time yet"),
        (Share(7, 8), NOTHING, "7 of 8 remembered: too few to judge"),
        (Share(45, 50), NOTHING, "Retention is 90 %, on target"),
        (Share(910, 1000), Share(905, 1000), "Retention holds at 91 %, one point above target"),
        (Share(80, 100), Share(85, 100), "Retention holds at 80 %, 10 points below target"),
        (Share(930, 1000), Share(880, 1000), "Retention rose to 93 %, three points above target"),
        (Share(880, 1000), Share(930, 1000), "Retention fell to 88 %, two points below target"),
        (Share(9050, 10000), Share(8950, 10000), "Retention holds at 90 %, on target"),
        (Share(50, 50), Share(60, 60), "Retention holds at 100 %, 10 points above target"),
    ],
)
def test_retention(now: Share, before: Share, title: str):
    """A change is told only where it is more than chance, and the target beside it."""
    assert title == titles.of_retention(Recent(now, before), 0.9)


def test_after_a_pause_nobody_is_told_that_no_card_ever_came_back():
    """Of the last 90 days nothing is known, of the years before much is."""
    assert "No card came up again in the last 90 days" == titles.of_retention(Recent(NOTHING, NOTHING), 0.9, ever=500)


def test_recent_days_end_with_the_last_answer():
    """Ninety days and the ninety before, up to the last day that is there, also when nothing was done for long."""
    days = {TODAY - timedelta(days=back): seen(back % 2, 1) for back in range(400, 700)}

    found = titles.recent(days, TODAY)

    assert (90, 90) == (found.now.whole, found.before.whole)
    assert Recent(NOTHING, NOTHING) == titles.recent({}, TODAY)


@pytest.mark.parametrize(
    ("back", "title"),
    [
        ([], "No reviews yet"),
        ([0], "The first day of many"),
        ([1, 0], "Reviews on every one of the last 2 days"),
        ([3000, 5, 1], "Reviews on 2 of the last 365 days"),
        ([400], "No reviews in the last year"),
    ],
)
def test_days(back: list[int], title: str):
    """How steady somebody was, in the last year or since the first day."""
    assert title == titles.of_days({TODAY - timedelta(days=one): seen(1, 1) for one in back}, TODAY)


@pytest.mark.parametrize(
    ("due", "title"),
    [
        ([], "Nothing is due in the next 30 days"),
        ([0] * 30 + [5], "Nothing is due in the next 30 days"),
        ([1] + [0] * 40, "1 card due today, the most of the next 30 days"),
        ([4, 9, 9], "4 cards due today; the busiest day is Mon 30 Nov with 9"),
        ([0, 0, 1234], "Nothing due today; the busiest day is Tue 1 Dec with 1,234"),
    ],
)
def test_due(due: list[int], title: str):
    """What is due now, and the first of the busiest days."""
    assert title == titles.of_due(due, TODAY)


@pytest.mark.parametrize(
    ("cards", "title"),
    [
        ([0, 0, 0, 0], "No card has an interval yet"),
        ([3, 1, 0, 0], "More than half of the cards come back within a day"),
        ([2, 1, 1, 0], "Half of the cards wait 8 days or longer"),
        ([1, 0, 5, 0], "Half of the cards wait 4 months or longer"),
        ([0, 0, 0, 1], "Half of the cards wait 2 years or longer"),
    ],
)
def test_intervals(cards: list[int], title: str):
    """The longest wait that half of the cards reach."""
    edges = [1, 8, 121, 731, None]

    assert title == titles.of_intervals([*zip(edges, edges[1:], cards, strict=False)])


@pytest.mark.parametrize(
    ("cards", "title"),
    [
        ([0, 0, 0], "No card has an ease yet"),
        ([0, 1, 9], "Half of the cards have an ease of 2.5 or more"),
        ([1, 9, 0], "Half of the cards have an ease of 1.5 or more; 10 % are below 1.5"),
        ([3, 0, 1], "75 % of the cards have an ease below 1.5"),
    ],
)
def test_ease(cards: list[int], title: str):
    """What half of the cards reach, and how many are stuck."""
    edges = [1.3, 1.5, 2.5, None]

    assert title == titles.of_ease([*zip(edges, edges[1:], cards, strict=False)])


def test_hours_name_one_that_is_surely_different():
    """Of 24 hours some look better by chance: only a clear one is named."""
    level = [seen(80, 100)] * 24

    assert "No hour has reviews yet" == titles.of_hours([DayCount()] * 24)
    assert "Most reviews happen around 0:00" == titles.of_hours(level)
    assert "Most reviews happen around 9:00; 9:00 goes best, 97 % right" == titles.of_hours(
        [*level[:9], seen(290, 300), *level[10:]]
    )
    assert "Most reviews happen around 0:00; 23:00 goes worst, 50 % right" == titles.of_hours(
        [*level[:23], seen(50, 100)]
    )


@pytest.mark.parametrize(
    ("reviews", "title"),
    [
        ([0] * 7, "No weekday has reviews yet"),
        ([0, 0, 4, 0, 0, 0, 0], "Too few reviews to compare the days of the week"),
        ([0, 0, 400, 0, 0, 0, 0], "All reviews were on a Wednesday"),
        ([100, 99, 98, 97, 96, 99, 100], "Every day of the week gets its share"),
        ([100, 99, 98, 97, 120, 99, 50], "Friday is the busiest day, Sunday the quietest"),
    ],
)
def test_weekdays(reviews: list[int], title: str):
    """The busiest and the quietest, where they differ."""
    assert title == titles.of_weekdays([DayCount(reviews=one) for one in reviews])


@pytest.mark.parametrize(
    ("shares", "title"),
    [
        ([], "No decks yet"),
        ([NOTHING, Share(1, 2)], "2 decks, too few reviews to compare"),
        ([Share(95, 100)], "The deck is 5 points above target"),
        ([Share(95, 100), Share(1, 2), Share(80, 100)], "1 of 2 decks is on target or above"),
        ([Share(95, 100), Share(90, 100)], "All 2 decks are on target or above"),
        ([Share(9, 100), Share(8, 100)], "None of 2 decks is on target or above"),
    ],
)
def test_decks(shares: list[Share], title: str):
    """Decks with few reviews are not judged."""
    assert title == titles.of_decks(shares, 0.9)


@pytest.mark.parametrize(
    ("tags", "title"),
    [
        ([], "No tags"),
        ([("a", Share(80, 100))], "1 tag"),
        ([("a", Share(80, 100)), ("b", Share(82, 100))], "2 tags, none surely harder than the rest"),
        ([("a", Share(50, 100)), ("b", Share(82, 100))], "“a” is the hardest tag: 50 % kept"),
        ([("a", Share(82, 100)), ("b", Share(99, 100))], "“b” is the easiest tag: 99 % kept"),
        ([("a", Share(50, 100)), ("b", Share(99, 100))], "“a” is the hardest tag, “b” the easiest"),
    ],
)
def test_tags(tags: list[tuple[str, Share]], title: str):
    """A tag is named where it differs from the rest by more than chance."""
    assert title == titles.of_tags(tags, Share(810, 1000))


@pytest.mark.parametrize(
    ("title", "found"),
    [
        ("No card was ever forgotten", titles.of_hardest([], 0)),
        ("No card was forgotten more than once", titles.of_hardest([1, 1], 0)),
        ("The hardest card was forgotten 5 times", titles.of_hardest([5, 1], 0)),
        ("1 card keeps slipping: rewrite or split", titles.of_hardest([9], 1)),
        ("1,200 cards keep slipping: rewrite or split", titles.of_hardest([9], 1200)),
        ("No commands were run yet", titles.of_commands(0, 0, 0)),
        ("2 commands could not be run here", titles.of_commands(0, 0, 2)),
        ("3 of 4 commands right at the first try", titles.of_commands(4, 3, 0)),
        ("72 % of commands are right at the first try", titles.of_commands(100, 72, 0)),
    ],
)
def test_cards_and_commands(title: str, found: str):
    """How bad it is, and how good."""
    assert title == found


# ---------------------------------------------------------------- what the charts draw


@given(st.lists(st.integers(1, 5000), max_size=400))
def test_shades_rise_and_begin_with_one(reviews: Sequence[int]):
    """Each shade begins later than the one before; the first is any review at all."""
    days = {TODAY - timedelta(days=back): DayCount(reviews=one) for back, one in enumerate(reviews)}

    edges = shades(days, TODAY)

    assert [1, *sorted({*edges[1:]})] == [*edges]
    assert edges[-1] <= max([*reviews, 4]) + 3


@given(st.integers(1, 4000), st.integers(1, 60))
def test_retention_is_drawn_so_that_it_can_be_read(length: int, tested: int):
    """By week, month or quarter: nothing is lost, and the points are never too many for a line."""
    days = {TODAY - timedelta(days=back): seen(tested // 2, tested) for back in range(0, length, 2)}
    weeks: dict[date, Share] = {}
    for day, done in sorted(days.items()):
        monday = day - timedelta(days=day.weekday())
        before = weeks.get(monday, NOTHING)
        weeks[monday] = Share(before.part + done.recalled, before.whole + done.tested)
    months = {month: Share(done.recalled, done.tested) for month, done in per_month(dict(sorted(days.items()))).items()}

    line = retention_line(weeks.items(), months)

    assert sum(done.tested for done in days.values()) == sum(point.share.whole for point in line.points)
    assert sorted(line.points) == [*line.points]
    assert len(line.points) <= 134


def test_a_young_history_keeps_its_weeks():
    """Few reviews a week are drawn by week while there are months for hardly a line, then by month."""
    days = [TODAY - timedelta(days=7 * back) for back in range(60, -1, -1)]

    def step(count: int) -> str:
        weeks = [(day, Share(4, 5)) for day in days[:count]]
        return retention_line(weeks, {day.replace(day=1): Share(16, 20) for day, _ in weeks}).step

    assert ["week", "week", "month"] == [step(count) for count in (1, 20, 40)]


def test_points_with_little_behind_them_are_not_drawn():
    """One review recalled is no 100 %; where all points are like that, they are all there is."""
    small, large = Point(TODAY, Share(1, 1)), Point(TODAY, Share(20, 21))

    assert [large] == firm([small, large])
    assert [small] == firm([small])
