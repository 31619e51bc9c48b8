"""What the tests of crashes ask for: a home with a deck, and people at terminals."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.inside import cards
from crash.sittings import Start, sittings, write_deck


@pytest.fixture
def start(tmp_path: Path, home: Path) -> Iterator[Start]:
    """Starts the program in a pseudo-terminal."""
    with sittings(tmp_path) as start:
        yield start


@pytest.fixture
def deck(home: Path, tmp_path: Path) -> Path:
    """A deck of forty plain cards, taken in."""
    path = write_deck(tmp_path / "d.yaml")
    cards("import", path, check=True)
    return path
