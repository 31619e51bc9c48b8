"""Fuzz spreads due days within its reach, the same way everywhere, and leaves intervals alone."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import CARDS, days, grades, names, sm2_states

from flashcards.model import Grade, Sm2State
from flashcards.schedulers.fuzz import reach, spread
from flashcards.schedulers.sm2 import Sm2

AT = datetime(2026, 1, 5, 12, tzinfo=UTC)
waits = st.integers(1, 36_500)


@given(waits, names, st.integers(0, 50))
def test_stays_within_its_reach(wait, salt, repetitions):
    """A due day moves by at most `reach` either way, and never to today."""
    actual = spread(wait, salt, repetitions)

    assert abs(actual - wait) <= reach(wait)
    assert actual >= 1


@given(waits)
def test_reach_grows_with_the_interval(wait):
    """A longer interval has at least the reach of a shorter one, and a small share of it."""
    assert reach(wait) <= reach(wait + 1) <= 1 + 0.15 * wait


@pytest.mark.parametrize(
    ("wait", "expected"), [(1, 0), (2, 0), (3, 1), (7, 1), (10, 1), (20, 2), (21, 2), (100, 6), (365, 20)]
)
def test_reach_by_hand(wait, expected):
    """One day from 3 days on, then 15 % to 7, 10 % to 20 and 5 % beyond."""
    actual = reach(wait)

    assert expected == actual


@pytest.mark.parametrize(
    ("wait", "salt", "repetitions", "expected"),
    [(100, "venv/create", 5, 103), (100, "venv/layout~c1", 5, 106), (100, "venv/create", 6, 101), (6, "git/log", 2, 7)],
)
def test_dice_are_the_same_on_every_machine(wait, salt, repetitions, expected):
    """Pinned throws: changing the dice would move due days of every learner."""
    actual = spread(wait, salt, repetitions)

    assert expected == actual


def test_cards_learnt_together_drift_apart():
    """A hundred cards with one interval fall on every day within reach."""
    actual = {spread(100, f"venv/card-{number}", 5) for number in range(100)}

    assert set(range(94, 107)) == actual


@given(st.none() | sm2_states(), grades, days)
def test_never_moves_the_interval(state, grade, day):
    """With fuzz, only the due day differs from the state without."""
    plain = Sm2().step(state, grade, AT, day, CARDS[0])

    fuzzed = Sm2(fuzz=True).step(state, grade, AT, day, CARDS[0])

    assert plain == fuzzed._replace(due=plain.due)
    assert abs((fuzzed.due - plain.due).days) <= reach(plain.interval_days)


def test_fuzz_is_thrown_by_card_and_repetition():
    """The due day is the one that `spread` gives for the card and its new count of successes."""
    day = date(2026, 1, 5)
    state = Sm2State(repetitions=4, ease_hundredths=250, interval_days=40, due=day)

    actual = [Sm2(fuzz=True).step(state, Grade.GOOD, AT, day, card).due for card in CARDS]

    assert [day + timedelta(days=spread(100, card, 5)) for card in CARDS] == actual
    assert len(set(actual)) > 1
