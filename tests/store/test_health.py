"""The moment that stands in an id, by which a clock that jumped is noticed."""

from datetime import UTC, datetime

import pytest

from flashcards.log import next_id
from flashcards.store.actions import moment_of

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_an_id_of_this_program_holds_its_moment():
    """To the millisecond."""
    assert AT == moment_of(next_id(AT, "", 7))


@pytest.mark.parametrize("identity", ["", "anki:1", "0" * 31, "0" * 33, "f" * 32, "0" + "z" * 31, "1" + "0" * 31])
def test_an_id_of_another_program_holds_none(identity):
    """No clock is blamed for it."""
    assert moment_of(identity) is None
