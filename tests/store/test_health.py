"""What lies in the place of a database, and the moment that stands in an id, by which a clock that jumped is noticed."""

from datetime import UTC, datetime

import pytest

from flashcards.log import next_id
from flashcards.store.actions import moment_of
from flashcards.store.health import integrity

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_an_id_of_this_program_holds_its_moment():
    """To the millisecond."""
    assert AT == moment_of(next_id(AT, "", 7))


@pytest.mark.parametrize("identity", ["", "anki:1", "0" * 31, "0" * 33, "f" * 32, "0" + "z" * 31, "1" + "0" * 31])
def test_an_id_of_another_program_holds_none(identity):
    """No clock is blamed for it."""
    assert moment_of(identity) is None


@pytest.mark.parametrize(
    ("file", "log", "state"),
    [
        (None, None, "missing"),
        (None, b"frames", "bare log"),
        (b"", None, "empty"),
        (b"", b"", "empty"),
        (b"", b"frames", "bare log"),
        (b"hello", None, "damaged"),
        (b"hello", b"frames", "damaged"),
    ],
)
def test_what_is_in_the_place_of_a_database_is_told_apart(tmp_path, file, log, state):
    """Where there is nothing, nothing is damaged; a log alone is what a kill, or a wrong copy, left."""
    for name, content in (("cards.db", file), ("cards.db-wal", log)):
        if content is not None:
            (tmp_path / name).write_bytes(content)

    assert state == integrity(str(tmp_path / "cards.db")).state
