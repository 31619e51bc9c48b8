"""What the tests of crashes ask for: a home with a deck, and people at terminals."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from crash.sittings import Start, sittings, write_deck


@pytest.fixture
def start(tmp_path: Path, home: Path) -> Iterator[Start]:
    """Starts the program in a pseudo-terminal."""
    with sittings(tmp_path) as start:
        yield start


@pytest.fixture
def deck(run: Callable[..., object], home: Path, tmp_path: Path) -> Path:
    """A deck of forty plain cards, taken in."""
    path = write_deck(tmp_path / "d.yaml")
    run("import", path, check=True)
    return path
