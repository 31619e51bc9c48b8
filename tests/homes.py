"""Homes of a test's own making: where their things lie, and an app that is open on one for a while."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flashcards.app import App
from flashcards.places import Places


def places(home: Path | str) -> Places:
    """Where the database and the settings of a home lie."""
    return Places(database=f"{home}/cards.db", config=f"{home}/config.toml")


@contextmanager
def opened(home: Path | str) -> Iterator[App]:
    """A process that works with this home."""
    app = App(places(home))
    try:
        yield app
    finally:
        app.close()
