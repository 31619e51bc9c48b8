"""Numbers from reviews: golden days made by hand, and laws."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flashcards.clock import study_day
from flashcards.model import Baseline, CardId, EventId, Grade, Mark, Memory, Review, Sm2State
from flashcards.replay import counts as moves_the_schedule
from flashcards.replay import fold
from flashcards.schedulers.sm2 import Sm2
from flashcards.stats import (
    USUAL_MS,
    DayCount,
    Moment,
    Streak,
    forecast,
    gaps,
    graded,
    interval,
    is_known,
    known,
    lived,
    longest_streak,
    per_day,
    per_week,
    retention,
    right_share,
    streak,
    streaks,
    total,
    typical_ms,
)

MONDAY = date(2026, 11, 16)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=n) for n in (1, 2, 3))
SUNDAY = MONDAY + timedelta(days=6)
NOON = datetime(2026, 11, 16, 12, tzinfo=UTC)


def review(card, day, grade=Grade.GOOD, mode="scheduled", took_ms=None):
    at = NOON + (day - MONDAY)
    identity = EventId(f"{card}-{day}-{mode}-{grade}")
    return Review(
        id=identity,
        card=CardId(f"venv/{card}"),
        grade=grade,
        at=at,
        offset_minutes=0,
        day=day,
        mode=mode,
        took_ms=took_ms,
    )


def reset(card):
    return Mark(id=EventId(f"reset-{card}"), card=CardId(f"venv/{card}"), mark="reset", at=NOON, device="laptop")


def baseline(card):
    return Baseline(
        id=EventId(f"base-{card}"), card=CardId(f"venv/{card}"), scheduler="sm2", state={}, at=NOON, device="laptop"
    )


def test_a_day_counts_reviews_right_new_recalled_extra_and_time():
    """Two days with new and old cards, a drill, a cram and a failure, counted by hand."""
    log = [
        review("a", MONDAY, Grade.GOOD, took_ms=4000),
        review("b", MONDAY, Grade.WRONG, took_ms=9000),
        review("b", MONDAY, Grade.GOOD, mode="drill", took_ms=2000),
        review("a", TUESDAY, Grade.HARD, took_ms=3000),
        review("b", TUESDAY, Grade.NEARLY),
        review("c", TUESDAY, Grade.EASY, took_ms=1000),
        review("d", TUESDAY, Grade.EASY, mode="cram", took_ms=500),
    ]

    assert {
        MONDAY: DayCount(reviews=2, right=1, new=2, recalled=0, extra=1, took_ms=15_000),
        TUESDAY: DayCount(reviews=3, right=2, new=1, recalled=1, extra=1, took_ms=4_500, relearned=1, hard=1, easy=1),
    } == per_day(log)


def test_days_come_oldest_first():
    """The study day orders the rows, even where a journey put the events in another order."""
    log = [review("a", TUESDAY), review("b", MONDAY)]

    assert [MONDAY, TUESDAY] == list(per_day(log))


def test_a_second_review_of_a_day_does_not_count():
    """Only the first scheduled review of a card on a study day counts, whatever its mode says."""
    log = [review("a", MONDAY, Grade.WRONG), review("a", MONDAY, Grade.EASY)]

    assert DayCount(reviews=1, right=0, new=1, extra=1) == per_day(log)[MONDAY]


def test_imported_history_counts():
    """An imported review is a review like any other."""
    log = [review("a", MONDAY, mode="imported"), review("a", TUESDAY)]

    assert [DayCount(reviews=1, right=1, new=1), DayCount(reviews=1, right=1, recalled=1)] == list(
        per_day(log).values()
    )


def test_a_reset_card_is_new_again_even_on_its_day():
    """After a reset the next review counts, as that of a new card."""
    log = [review("a", MONDAY), reset("a"), review("a", MONDAY, Grade.WRONG)]

    assert DayCount(reviews=2, right=1, new=2) == per_day(log)[MONDAY]


def test_a_card_with_a_baseline_is_not_new():
    """A state brought from elsewhere is something to remember."""
    log = [baseline("a"), review("a", MONDAY)]

    assert DayCount(reviews=1, right=1, recalled=1) == per_day(log)[MONDAY]


def test_a_drill_or_cram_does_not_make_a_card_old():
    """Practice leaves a new card new."""
    log = [review("a", MONDAY, mode="cram"), review("a", MONDAY, mode="drill"), review("a", MONDAY)]

    assert DayCount(reviews=1, right=1, new=1, extra=2) == per_day(log)[MONDAY]


@pytest.mark.parametrize(("grade", "right"), [(0, 0), (1, 0), (2, 0), (3, 1), (4, 1), (5, 1)])
def test_a_grade_of_three_or_more_is_right(grade, right):
    """The line between failure and success is that of SM-2."""
    count = per_day([review("a", MONDAY, Grade(grade))])[MONDAY]

    assert (right, 1 - right) == (count.right, count.again)


events = st.lists(
    st.one_of(
        st.builds(
            review,
            st.sampled_from("abc"),
            st.integers(0, 6).map(lambda n: MONDAY + timedelta(days=n)),
            st.sampled_from(Grade),
            st.sampled_from(["scheduled", "drill", "cram", "imported"]),
            st.none() | st.integers(0, 60_000),
        ),
        st.builds(reset, st.sampled_from("abc")),
    ),
    max_size=30,
)


@given(events)
def test_a_review_counts_exactly_when_it_moves_the_schedule(log):
    """The statistics and the replay never disagree about which reviews count."""
    seen = {one.review.id: [] for one in graded(log)}
    for one in graded(log):
        seen[one.review.id].append(one.counts)
    expected = {identity: [] for identity in seen}
    for index, event in enumerate(log):
        if isinstance(event, Review):
            before = fold(event.card, [e for e in log[:index] if e.card == event.card], lambda _: Sm2())
            expected[event.id].append(moves_the_schedule(before, event))

    assert expected == seen


@given(events)
def test_the_counts_of_a_day_fit_together(log):
    """No part is larger than its whole, and every review is counted once."""
    days = per_day(log)

    for count in days.values():
        assert 0 <= count.recalled <= count.right <= count.reviews
        assert count.right - count.recalled <= count.new <= count.reviews
    assert sum(isinstance(event, Review) for event in log) == sum(c.reviews + c.extra for c in days.values())


@given(st.lists(st.builds(DayCount, *[st.integers(0, 99)] * 6)), st.integers(0, 10))
def test_total_does_not_depend_on_the_grouping(counts, cut):
    """The sum of two sums is the sum of all, so days, weeks and years agree."""
    assert total(counts) == total([total(counts[:cut]), total(counts[cut:])])


def test_weeks_begin_on_monday():
    """Monday to Sunday make one row, under the Monday."""
    days = {
        SUNDAY: DayCount(reviews=2, took_ms=5),
        MONDAY: DayCount(reviews=1),
        SUNDAY + timedelta(days=1): DayCount(1),
    }

    assert {MONDAY: DayCount(3, took_ms=5), MONDAY + timedelta(days=7): DayCount(1)} == per_week(days)


# ---------------------------------------------------------------- shares


def test_retention_leaves_out_new_cards():
    """9 of 10 old cards were recalled; the 5 new ones, all right or all wrong, change nothing."""
    all_right, all_wrong = DayCount(15, right=14, new=5, recalled=9), DayCount(15, right=9, new=5, recalled=9)

    assert (0.9, 0.9) == (retention([all_right]), retention([all_wrong]))


def test_retention_weighs_reviews_and_not_days():
    """One day with 1 of 1 and one with 1 of 3 make 2 of 4."""
    assert retention([DayCount(1, 1, 0, 1), DayCount(3, 1, 0, 1)]) == 0.5


@pytest.mark.parametrize("counts", [[], [DayCount()], [DayCount(3, right=2, new=3)], [DayCount(extra=7)]])
def test_without_old_cards_there_is_no_retention(counts):
    """Nothing to remember gives no number, not 0 and not 100 %."""
    assert retention(counts) is None


def test_right_share_includes_new_cards():
    """6 of 7 is the 86 % of the end screen; nothing reviewed gives no number."""
    assert (6 / 7, None) == (right_share([DayCount(7, right=6, new=3)]), right_share([]))


@pytest.mark.parametrize(
    ("part", "whole", "expected"),
    [(81, 263, (0.2553, 0.3662)), (15, 148, (0.0624, 0.1605)), (0, 20, (0, 0.1611)), (1, 29, (0.0061, 0.1718))],
)
def test_the_interval_is_that_of_the_published_table(part, whole, expected):
    """Newcombe 1998, Statistics in Medicine 17:857, table I, method 3."""
    assert pytest.approx(expected, abs=5e-5) == interval(part, whole)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_the_interval_contains_the_share_and_is_symmetric(right, wrong):
    """Low <= share <= high, all in 0 to 1; what holds for right answers holds for wrong ones, mirrored."""
    low, high = interval(right, right + wrong)
    mirrored = interval(wrong, right + wrong)

    assert pytest.approx((1 - mirrored[1], 1 - mirrored[0])) == (low, high)
    assert 0 <= low < high <= 1
    assert right + wrong == 0 or low - 1e-9 <= right / (right + wrong) <= high + 1e-9


# ---------------------------------------------------------------- streaks


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], 0),
        ([WEDNESDAY], 1),
        ([TUESDAY], 1),
        ([MONDAY], 0),
        ([MONDAY, TUESDAY], 2),
        ([MONDAY, TUESDAY, WEDNESDAY], 3),
        ([MONDAY, WEDNESDAY], 1),
        ([WEDNESDAY, THURSDAY, SUNDAY], 1),
        ([THURSDAY], 0),
    ],
)
def test_a_streak_ends_today_or_yesterday(days, expected):
    """It is Wednesday: today not yet done breaks nothing, a missed yesterday does, tomorrow does not matter."""
    assert expected == streak(days, WEDNESDAY)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        ([], 0),
        ([MONDAY], 1),
        ([MONDAY, WEDNESDAY, THURSDAY, SUNDAY], 2),
        ([THURSDAY, TUESDAY, WEDNESDAY, TUESDAY], 3),
        ([date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)], 3),
        ([date(2025, 12, 31), date(2026, 1, 1)], 2),
    ],
)
def test_the_longest_streak_crosses_months_and_years(days, expected):
    """Order and repetition of the days do not matter; leap days are days."""
    assert expected == longest_streak(days)


def a_row(days, first=MONDAY):
    """So many study days in a row."""
    return [first + timedelta(days=n) for n in range(days)]


@pytest.mark.parametrize(
    ("days", "since", "expected"),
    [
        ([], 0, Streak(0, 0, 0)),
        (a_row(6), 0, Streak(6, 6, 0)),
        (a_row(7), 0, Streak(7, 7, 1)),
        (a_row(7), 1, Streak(7, 7, 1)),
        (a_row(7), 2, Streak(7, 7, 0)),
        (a_row(7), 3, Streak(0, 7, 0)),
        (a_row(14), 0, Streak(14, 14, 2)),
        (a_row(21), 0, Streak(21, 21, 2)),
        ([*a_row(7), MONDAY + timedelta(days=8)], 0, Streak(8, 8, 0)),
        ([*a_row(7), MONDAY + timedelta(days=9)], 0, Streak(1, 7, 0)),
    ],
)
def test_seven_days_earn_a_day_off(days, since, expected):
    """Two are kept at most; one is used where a day is missed, and an end of the streak takes all of them."""
    assert expected == streaks(days, max(days, default=MONDAY) + timedelta(days=since))


def test_gaps_are_looked_at_that_a_journey_may_have_made():
    """One day to four; a longer one ends a streak whatever happened, and what is behind the last day is none yet."""
    days = [MONDAY + timedelta(days=n) for n in (0, 1, 3, 8, 14, 15, 20)]
    pairs = [tuple((day - MONDAY).days for day in pair) for pair in gaps(days, days[-2] + timedelta(days=2), days[-2])]

    assert [(1, 3), (3, 8), (15, 17)] == pairs


def test_a_later_day_that_was_lived_already_counts():
    """By a moment that is not still to come."""
    first = {TUESDAY: Moment(NOON, 0), WEDNESDAY: Moment(NOON + timedelta(seconds=1), 0)}

    assert [TUESDAY, WEDNESDAY] == [lived(MONDAY, first, NOON + timedelta(seconds=late)) for late in (0, 1)]
    assert MONDAY == lived(MONDAY, first, NOON - timedelta(seconds=1))


def test_a_streak_survives_the_clock_change():
    """A study day is a date, so the short night of spring and the long one of autumn are days like others."""
    home = ZoneInfo("Europe/Berlin")
    autumn = [datetime(2026, 10, day, 22, 30, tzinfo=UTC) for day in (24, 25, 26)]
    spring = [datetime(2026, 3, day, 22, 30, tzinfo=UTC) for day in (28, 29, 30)]
    days = [{study_day(at, home) for at in moments} for moments in (autumn, spring)]

    assert [3, 3] == [streak(used, max(used)) for used in days]


@pytest.mark.parametrize("end", [date.min, date.max])
def test_the_ends_of_the_calendar_are_harmless(end):
    """A log from elsewhere may name any day."""
    assert (1, 1) == (streak([end], end), longest_streak([end]))


some_days = st.sets(st.integers(0, 40).map(lambda n: MONDAY + timedelta(days=n)))


@given(some_days, st.integers(0, 41).map(lambda n: MONDAY + timedelta(days=n)))
def test_studying_today_makes_the_streak_one_longer(days, today):
    """Answering a card on a day not yet used adds one to the streak; the best is never below it."""
    before, after = streak(days - {today}, today), streak(days | {today}, today)

    assert before + 1 == after
    assert longest_streak(days | {today}) >= after


# ---------------------------------------------------------------- what comes


def test_a_forecast_puts_what_is_overdue_on_today():
    """Overdue and today's cards are index 0; what lies behind the last day is left out."""
    dues = [MONDAY, TUESDAY, WEDNESDAY, THURSDAY, THURSDAY, SUNDAY]

    assert [3, 2, 0] == forecast(dues, WEDNESDAY, 3)


def test_a_forecast_of_no_days_is_empty():
    """Nothing asked, nothing told."""
    assert [] == forecast([MONDAY], MONDAY, 0)


@given(st.lists(st.integers(-9, 20).map(lambda n: MONDAY + timedelta(days=n))), st.integers(1, 30))
def test_a_forecast_is_the_same_from_cards_and_from_counted_days(dues, days):
    """Rows of day and number give what the single days give; far enough ahead no card is lost."""
    assert forecast(dues, MONDAY, days) == forecast(Counter(dues), MONDAY, days)
    assert len(dues) == sum(forecast(dues, MONDAY, 21))


def remembered(repetitions):
    state = Sm2State(repetitions=repetitions, ease_hundredths=250, interval_days=1, due=MONDAY)
    return Memory(card=CardId("venv/a"), state=state)


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        (Memory(card=CardId("venv/a"), passed=True), False),
        (remembered(0), False),
        (remembered(1), True),
        (remembered(9), True),
    ],
)
def test_a_card_is_known_after_a_success(memory, expected):
    """New, reset and just forgotten cards are not known, even if they once were."""
    assert expected == is_known(memory)


def test_known_counts_the_known_cards():
    """Two of four."""
    assert known([remembered(2), remembered(0), Memory(card=CardId("venv/a")), remembered(1)]) == 2


@pytest.mark.parametrize(
    ("took", "expected"),
    [
        ((), USUAL_MS),
        ((7000,), 7000),
        ((9000, 1000, 5000), 5000),
        ((1000, 4000), 2500),
        ((1000, 2000, 3_600_000), 2000),
    ],
)
def test_the_typical_time_is_the_median(took, expected):
    """The middle one, the mean of the middle two, or a guess; a lunch break does not move it."""
    assert expected == typical_ms(took)
