"""SM-2 does what its text says: golden table, hand-computed rows, laws."""

import json
from datetime import UTC, date, datetime

import make_golden
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import after, history
from strategies import CARDS, days, grades, sm2_states

from flashcards import schedulers
from flashcards.errors import BadRequest
from flashcards.model import Grade, Sm2State
from flashcards.schedulers.sm2 import Sm2, Variant

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
START = make_golden.START
VARIANTS: tuple[Variant, ...] = ("text", "code")
readings = st.sampled_from(VARIANTS)
sequences = st.lists(grades, min_size=1, max_size=60)


def run(sequence, variant: Variant = "text", start: date = START) -> list[Sm2State]:
    """The states of a card that is new on `start` and graded on each due day."""
    scheduler = Sm2(variant=variant)
    state, states, day = None, [], start
    for grade in sequence:
        state = scheduler.step(state, Grade(grade), AT, day, CARDS[0])
        states.append(state)
        day = state.due
    return states


def row(state: Sm2State) -> list[object]:
    """A state as a row of the golden table."""
    return [*state._replace(due=state.due.isoformat())]


def table() -> list[dict]:
    """The rows of the golden table, without its header."""
    lines = make_golden.PATH.read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines[1:]]


# ---------------------------------------------------------------- the table


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_state_of_the_golden_table(variant: Variant):
    """Every sequence of the table gives the states of the table, all columns, after every grade."""
    expected = {tuple(each["grades"]): each["states"] for each in table() if each["reading"] == variant}

    actual = {sequence: [row(state) for state in run(sequence, variant)] for sequence in expected}

    assert len(expected) >= 240
    assert expected == actual


def test_golden_table_is_what_the_oracle_makes():
    """The published file is the output of its program, byte for byte."""
    expected = make_golden.text()

    actual = make_golden.PATH.read_bytes().decode()

    assert expected == actual


def test_golden_header_names_the_columns_of_a_state():
    """A stranger can read the table with the header alone."""
    header = json.loads(make_golden.PATH.read_text(encoding="utf-8").splitlines()[0])

    assert list(Sm2State._fields) == header["columns"]
    assert {"text", "code"} == set(header["readings"])


# ---------------------------------------------------------------- by hand

INTERVALS = [
    pytest.param("text", [5] * 10, [1, 6, 17, 50, 150, 465, 1488, 4911, 16698, 36500], id="five-5s-give-150-not-151"),
    pytest.param("code", [5] * 6, [1, 6, 16, 45, 130, 390], id="code-all-5s"),
    pytest.param("text", [4] * 6, [1, 6, 15, 38, 95, 238], id="all-4s-keep-2.50-and-round-up"),
    pytest.param("code", [4] * 6, [1, 6, 15, 38, 95, 238], id="code-37.5-and-237.5-to-even"),
    pytest.param("code", [4] * 2 + [4, 4, 4, 4, 4], [1, 6, 15, 38, 95, 238, 595], id="code-595"),
    pytest.param("text", [5] * 12 + [1] + [4] * 5, [1, 1, 6, 23, 86, 319], id="failure-keeps-3.70"),
    pytest.param("code", [5] * 12 + [1] + [4] * 5, [1, 1, 6, 19, 60, 190], id="code-failure-lowers-to-3.16"),
    pytest.param("text", [4, 4, 4, 2, 4, 4, 4], [1, 6, 15, 1, 1, 6, 15], id="begins-again-after-a-failure"),
    pytest.param("text", [4, 4, 4, 4, 3, 3, 4], [90, 200, 444], id="200-times-2.22-is-444-not-445"),
    pytest.param("text", [3, 4, 4, 5, 3, 4, 3], [200, 436], id="200-times-2.18-is-436-not-437"),
]


@pytest.mark.parametrize(("variant", "sequence", "expected"), INTERVALS)
def test_intervals_by_hand(variant: Variant, sequence, expected):
    """The last intervals of sequences that were worked out on paper."""
    actual = [state.interval_days for state in run(sequence, variant)]

    assert expected == actual[-len(expected) :]


@pytest.mark.parametrize("variant", VARIANTS)
def test_all_3s_reach_the_least_ease_at_the_ninth(variant: Variant):
    """0.14 less each time: 2.36 … 1.38, then 1.30 and not 1.24, and it stays there."""
    expected = [236, 222, 208, 194, 180, 166, 152, 138, 130, 130, 130]

    actual = [state.ease_hundredths for state in run([3] * 11, variant)]

    assert expected == actual


@pytest.mark.parametrize(("grade", "expected"), [(0, 170), (1, 196), (2, 218), (3, 236), (4, 250), (5, 260)])
def test_change_of_ease_by_grade(grade, expected):
    """Step 5 for each grade: -0.80, -0.54, -0.32, -0.14, 0, +0.10; `text` leaves failures alone."""
    actual = {variant: run([grade], variant)[0].ease_hundredths for variant in VARIANTS}

    assert {"text": expected if grade >= 3 else 250, "code": expected} == actual


def test_failures_of_a_card_that_was_never_known_are_no_lapses():
    """A lapse is a failure after a success."""
    expected = [0, 0, 0, 1, 1, 1, 2]

    actual = [state.lapses for state in run([1, 0, 4, 2, 2, 5, 0])]

    assert expected == actual


# ---------------------------------------------------------------- laws


@given(sequences, readings, days)
def test_equals_the_oracle(sequence, variant, start):
    """Both readings equal the independent one, state by state."""
    expected = [known.row() for known in history(sequence, start, variant)]

    actual = [row(state) for state in run(sequence, variant, start)]

    assert expected == actual


def test_products_without_a_fraction_are_not_rounded():
    """Where interval times E-factor is a whole number, that is the interval: floats miss 303 of these."""
    pairs = [(days, ease) for ease in range(130, 400) for days in range(1, 1000) if days * ease % 100 == 0]
    states = [Sm2State(repetitions=3, ease_hundredths=ease, interval_days=days, due=START) for days, ease in pairs]

    for variant in VARIANTS:
        actual = [Sm2(variant=variant).step(state, Grade.GOOD, AT, START, CARDS[0]).interval_days for state in states]

        assert [days * ease // 100 for days, ease in pairs] == actual


@given(sequences, readings, st.lists(st.integers(0, 400), min_size=60, max_size=60))
def test_early_and_late_reviews_follow_the_same_formula(sequence, variant, waits):
    """The interval grows from the previous interval, whatever time has passed."""
    scheduler, state, known = Sm2(variant=variant), None, None
    for grade, wait in zip(sequence, waits, strict=False):
        day = date.fromordinal(START.toordinal() + wait)
        state, known = scheduler.step(state, grade, AT, day, CARDS[0]), after(known, grade, day, variant)

        assert known.row() == row(state)


@given(sm2_states(), grades, days, readings)
def test_ease_is_never_below_130(state, grade, day, variant):
    """Step 5: an E-factor below 1.3 becomes 1.3."""
    actual = Sm2(variant=variant).step(state, grade, AT, day, CARDS[0])

    assert actual.ease_hundredths >= 130


@given(st.none() | sm2_states(), days, readings)
def test_interval_is_monotone_in_the_grade(state, day, variant):
    """A better grade never brings the card back sooner."""
    actual = [Sm2(variant=variant).step(state, grade, AT, day, CARDS[0]).interval_days for grade in Grade]

    assert sorted(actual) == actual


@given(st.none() | sm2_states(), grades, st.dates(), readings, st.booleans())
def test_due_is_never_before_the_day_after(state, grade, day, variant, fuzz):
    """A graded card comes back on a later day, to the end of the calendar."""
    actual = Sm2(variant=variant, fuzz=fuzz).step(state, grade, AT, day, CARDS[0])

    assert actual.due > day or actual.due == date.max == day
    assert 1 <= actual.interval_days <= 36_500


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_hundred_5s_stay_in_the_calendar(variant: Variant):
    """The cap of 36,500 days holds, and the last due day is the last of the calendar."""
    actual = run([5] * 100, variant)

    assert all(state.interval_days == 36_500 for state in actual[10:])
    assert date.max == actual[-1].due
    assert 1250 == actual[-1].ease_hundredths


@given(st.none() | sm2_states(), grades, days, readings, st.booleans())
def test_step_is_pure(state, grade, day, variant, fuzz):
    """The same arguments give the same state, from any instance, at any hour, and change nothing."""
    before = tuple(state or ())

    first = Sm2(variant=variant, fuzz=fuzz).step(state, grade, AT, day, CARDS[0])
    second = Sm2(variant=variant, fuzz=fuzz).step(state, grade, datetime.max.replace(tzinfo=UTC), day, CARDS[0])

    assert first == second
    assert before == tuple(state or ())


@given(st.none() | sm2_states(), grades, days, readings)
def test_states_are_plain_whole_numbers(state, grade, day, variant):
    """No float and no bool gets into a state."""
    actual = Sm2(variant=variant).step(state, grade, AT, day, CARDS[0])

    assert [int, int, int, date, int] == [type(value) for value in actual]


# ---------------------------------------------------------------- recall, and the table of schedulers


def test_recall_is_nine_tenths_when_due():
    """1 on the day of the review, 0.9 at the end of the interval, 0.81 after two."""
    state = run([4, 4])[-1]
    reviewed = state.due.toordinal() - 6

    actual = [Sm2().recall(state, date.fromordinal(reviewed + wait)) for wait in (-3, 0, 6, 12)]

    assert [1.0, 1.0, 0.9, 0.81] == pytest.approx(actual)


@given(sm2_states(), st.dates())
def test_recall_is_a_probability(state, day):
    """From 0 to 1, however early or late."""
    actual = Sm2().recall(state, day)

    assert 0 <= actual <= 1


def test_schedulers_are_found_by_name():
    """`sm2` with its options; another name is a mistake of the request."""
    found = schedulers.get("sm2", variant="code", fuzz=True)

    assert ("sm2", "code", True) == (found.name, found.variant, found.fuzz)
    assert ("text", False) == (schedulers.get().variant, schedulers.get().fuzz)
    with pytest.raises(BadRequest, match="no scheduler called `sm3`"):
        schedulers.get("sm3")
