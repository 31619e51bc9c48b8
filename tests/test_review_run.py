"""A review that really runs what is typed: the whole way from the key to the log, in a pseudo-terminal."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.inside import cards
from sandboxed import needs_sandbox
from ui.person import CTRL_C, CTRL_D, CTRL_G, ENTER, PATIENCE, Person

pytestmark = [needs_sandbox]

ME = [sys.executable, "-m", "flashcards"]
DECK = """
    deck: d
    cards:
      - id: touch
        front: Make the file b.
        answer: touch b
        accept: ["echo > b"]
        run:
          shells: [bash, sh, zsh, fish]
          timeout: 60s
          checks:
            - file_exists: b
      - id: last
        front: Is that all?
        back: Yes.
"""
CLEAR = "\x15"
"""Ctrl-U: what stands in the line goes."""


class Sitting:
    """A person in a review, and what became of it."""

    def __init__(self, home: Path, columns: int = 80) -> None:
        env = {**os.environ, "CARDS_HOME": str(home), "SHELL": "/bin/bash"}
        self.person = Person([*ME, "review"], columns, 40, env, home / "nothing")

    def typed(self, text: str) -> None:
        self.person.type(CLEAR, text, ENTER)


@pytest.fixture
def deck(home: Path, deck_file) -> Path:
    """A home with the deck in it."""
    cards("import", deck_file(DECK), check=True)
    return home


@pytest.fixture
def willing(deck: Path) -> Path:
    """The same on a machine where commands may be run."""
    cards("config", "run", "yes", check=True)
    return deck


@pytest.fixture
def sitting(willing: Path) -> Iterator[Sitting]:
    """A review that has begun."""
    sitting = Sitting(willing)
    sitting.person.see("Make the file b.", "bash ▸", "enter run")
    yield sitting
    sitting.person.close()


def reviews() -> list[dict]:
    """The reviews of the log."""
    lines = cards("export", "log", check=True).out.splitlines()
    return [event for event in map(json.loads, lines) if event["kind"] == "review"]


def test_the_consent_is_asked_once(deck: Path) -> None:
    """A yes runs the command at once, and the next review does not ask."""
    first = Sitting(deck)
    first.person.see("bash ▸")
    first.typed("touch b")
    first.person.see("Run what you type in a sandbox?")
    first.person.type("y")
    first.person.see("✓ b is there", "▸ good, enter to accept")
    first.person.type(ENTER)
    first.person.see("Is that all?")
    first.person.type(CTRL_D)
    assert 0 == first.person.leaves()

    assert "yes" in cards("config", "run").out
    assert ("pass", 1, "touch b", 4) == tuple(reviews()[0][key] for key in ("verdict", "tries", "typed", "grade"))


def test_a_pass_after_a_retry_is_hard(sitting: Sitting) -> None:
    """The failed try shows what was expected and found; the log knows how often it was tried."""
    sitting.typed("touch c")
    sitting.person.see("✗ there is no b", "expected  b", "found     c", "enter try again")
    sitting.typed("touch b")
    sitting.person.see("▸ hard, enter to accept", "passed on the second try")
    sitting.person.type(ENTER)
    sitting.person.see("Is that all?")

    assert ("pass", 2, "touch b", 3) == tuple(reviews()[0][key] for key in ("verdict", "tries", "typed", "grade"))
    assert "touch b  (pass, 2 tries)" in cards("show", "d/touch", check=True).out


def test_giving_up_is_again(sitting: Sitting) -> None:
    """The answer is shown, and the last try is kept."""
    sitting.typed("touch c")
    sitting.person.see("enter try again")
    sitting.person.type(CTRL_G)
    sitting.person.see("touch b", "▸ again, enter to accept")
    sitting.person.type(ENTER)
    sitting.person.see("Is that all?")

    assert ("fail", 1, "touch c", 1) == tuple(reviews()[0][key] for key in ("verdict", "tries", "typed", "grade"))


def test_ctrl_c_stops_the_command_and_not_the_review(sitting: Sitting) -> None:
    """The text is in the line again; nothing is left running, and the review goes on."""
    marker = f"86400.{os.getpid()}"
    sitting.typed(f"sleep {marker}")
    sitting.person.see("ctrl-c stops it")
    while marker not in processes():  # the sign of life may be there before the sandbox is
        pass
    sitting.person.type(CTRL_C)
    sitting.person.see("stopped", f"sleep {marker}")
    assert marker not in processes()
    sitting.typed("touch b")

    sitting.person.see("▸ good, enter to accept")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_no_command_survives_the_program(sitting: Sitting, number: int) -> None:
    """However the program ends while a command runs, the command ends with it."""
    marker = f"86401.{os.getpid()}{int(number)}"
    sitting.typed(f"setsid sleep {marker} & sleep {marker}")
    sitting.person.see("ctrl-c stops it")
    while marker not in processes():  # the sign of life may be there before the sandbox is
        pass
    os.kill(sitting.person.child.pid, number)
    sitting.person.leaves()
    deadline = time.monotonic() + PATIENCE
    while marker in processes():
        assert time.monotonic() < deadline, processes()

    assert [] == reviews()


def test_what_is_turned_off_is_compared(willing: Path) -> None:
    """CARDS_NO_RUN: the text is compared, and accepted texts count."""
    os.environ["CARDS_NO_RUN"] = "1"  # taken back by the fixture of the home
    sitting = Sitting(willing)
    sitting.person.see("bash ▸", "enter check")
    sitting.typed("echo > b")
    sitting.person.see("right, another way to write it", "▸ good, enter to accept")
    sitting.person.type(ENTER)
    sitting.person.see("Is that all?")

    assert "verdict" not in reviews()[0]


@pytest.mark.parametrize("columns", [40, 120])
def test_it_fits_every_screen(willing: Path, columns: int) -> None:
    """A failure and a pass, on a narrow screen and a wide one; no line is longer than the screen."""
    sitting = Sitting(willing, columns)
    sitting.person.see("Make the file b.")
    sitting.typed("mkdir a && cd a && echo hello")
    sitting.person.see("there is no b", "hello", "enter try again")
    sitting.typed("touch b")
    sitting.person.see("enter to accept")

    assert all(len(line) <= columns for line in sitting.person.shown().splitlines())


def test_a_script_stays_in_step(willing: Path) -> None:
    """Line by line without a terminal a command has one try, and its line the next one's place."""
    ran = cards("review", "--plain", stdin="touch c\n1\n\n3\n", check=True)

    assert "fail" in ran.out
    assert "done: 2 cards" in ran.out
    assert ["fail", None] == [review.get("verdict") for review in reviews()]


def test_a_script_is_never_asked(deck: Path) -> None:
    """Without consent on this machine the text is compared."""
    ran = cards("review", "--plain", stdin="touch b\n3\n\n3\n", check=True)

    assert "Run what you type" not in ran.out
    assert [None, None] == [review.get("verdict") for review in reviews()]


def processes() -> str:
    """The command lines of everything that runs."""
    return subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
