"""The garbage collector rests while much is made, and is as it was afterwards."""

import gc

import pytest

from flashcards.pauses import without_pauses


def test_the_collector_rests_and_goes_on() -> None:
    """It is off inside, on again afterwards, and what was made meanwhile counts as old."""
    with without_pauses():
        inside = gc.isenabled()
        made = [[number] for number in range(100_000)]
        young = gc.get_count()[0]

    assert (False, True) == (inside, gc.isenabled())
    assert gc.get_count()[0] < len(made) <= young


def test_an_error_turns_it_on_again() -> None:
    """However the work ends."""
    with pytest.raises(KeyError), without_pauses():
        raise KeyError

    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    """Who turned it off before turns it on again."""
    gc.disable()
    try:
        with without_pauses():
            pass

        assert not gc.isenabled()
    finally:
        gc.enable()
