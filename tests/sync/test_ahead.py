"""Pieces that a thread makes ahead: the same ones in the same order, and nothing goes on when nobody takes them."""

import threading

import pytest

from flashcards.sync.ahead import AHEAD, ahead


def counted(most, made):
    for number in range(most):
        made.append(number)
        yield number


def test_all_pieces_come_in_order():
    """However many there are."""
    assert [*range(10 * AHEAD)] == [*ahead(iter(range(10 * AHEAD)))]


def test_what_is_raised_while_they_are_made_is_raised_where_they_are_taken():
    """Behind all that was made before it."""

    def broken():
        yield 1
        raise ValueError("no more")

    walk = ahead(broken())

    assert 1 == next(walk)
    with pytest.raises(ValueError, match="no more"):
        next(walk)


def test_nothing_is_made_any_more_when_nobody_takes_it():
    """The thread ends with the walk, after a few pieces that it had begun."""
    made, before = [], threading.active_count()
    walk = ahead(counted(1000, made))
    next(walk)
    walk.close()

    assert before == threading.active_count()
    assert len(made) <= AHEAD + 3
