"""What tests of a real terminal ask for: a person at a sitting of `scenes.py`."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from ui.person import ENTER, Person, Sit

DRIVER = Path(__file__).with_name("driver.py")


@pytest.fixture
def sit(tmp_path: Path) -> Iterator[Sit]:
    """Starts a sitting: `sit("typed", columns=40, NO_COLOR="1")`."""
    people: list[Person] = []
    log = tmp_path / "log"

    def sit(scene: str, *, columns: int = 80, rows: int = 30, shell: bool = False, **env: str) -> Person:
        command = [sys.executable, str(DRIVER), scene, str(log)]
        whole = {**_environment(tmp_path), **env}
        people.append(Person(["bash", "--norc", "-i"] if shell else command, columns, rows, whole, log))
        if shell:
            people[-1].see("$")
            people[-1].type(" ".join(command), "; echo code=$?", ENTER)
        return people[-1]

    yield sit
    for person in people:
        person.close()


def _environment(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "CARDS_HOME": str(home),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
        "PS1": "$ ",
    }
