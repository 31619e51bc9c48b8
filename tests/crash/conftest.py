"""What the tests of crashes ask for: a home with a deck, people at terminals, and a desk where commands come to harm."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.inside import cards
from crash import nursery
from crash.scenes import Desk
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


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """One desk and one nursery for all tests of a file: to start them costs more than a test, and all homes lie at one path."""
    with nursery.opened() as children:
        yield Desk(tmp_path_factory.mktemp("desk"), children)
