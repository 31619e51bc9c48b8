"""Sittings at a real terminal that are ended at a random moment: nothing acknowledged is lost, the terminal is sane."""

import random
import re
import signal
import sys
import time
from pathlib import Path

import pytest
from crash.sittings import Sitter, Start
from crash.soundness import check_derived, state
from thorough import times
from ui.person import close_window

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals and signals of Unix")
NUMBER = re.compile(r"(\d+)/40")
ENDS = {"kill": signal.SIGKILL, "term": signal.SIGTERM, "hang up": signal.SIGHUP, "ctrl-c": signal.SIGINT}


def keep_grading(person: Sitter, seconds: float) -> None:
    """Types as fast as the screen follows, for so long."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        person.type(" 3")
        before = shown(person)
        person.look(lambda _, n=before: shown(person) > n or time.monotonic() > until, "the next card")


def shown(person: Sitter) -> int:
    """The number of the newest card that was on the screen."""
    return max(map(int, NUMBER.findall(person.raw.decode(errors="replace"))), default=0)


def end(person: Sitter, how: str) -> int:
    """Ends it that way; what was written until then counts as seen."""
    if how == "ctrl-c":
        person.type("\x03")
    else:
        person.child.kill(ENDS[how])
    return person.leaves()


@pytest.mark.parametrize(
    ("how", "rounds"),
    [
        *((how, 1) for how in ("kill", "hang up")),
        *(pytest.param(how, times(1, 50), marks=[pytest.mark.slow, pytest.mark.timeout(1200)]) for how in ENDS),
    ],
)
def test_a_sitting_that_is_ended_has_lost_nothing(
    start: Start, home: Path, deck: Path, tmp_path: Path, how: str, rounds: int
) -> None:
    """All cards but the one on the screen are in the log, at most one more; the terminal is as it was."""
    dice, stored = random.Random(rounds), 0
    for _ in range(rounds):
        person = start("review", "--cram", home=home)
        person.see("1/40")
        keep_grading(person, dice.uniform(0.05, 0.5))
        code = end(person, how)
        acknowledged, found = shown(person) - 1, len(state(home).log) - stored

        assert found in {acknowledged, acknowledged + 1}
        if how == "kill":
            assert signal.SIGKILL == person.child.signalstatus
        else:
            assert ({"term": 143, "hang up": 129, "ctrl-c": 130}[how], True) == (code, person.is_sane())
            assert "Traceback" not in person.raw.decode()
        stored += found
    check_derived(home, tmp_path)
    print(f"{how}: {rounds} sittings, {stored} grades")


@pytest.mark.slow
def test_a_terminal_that_is_closed_has_lost_nothing(start: Start, home: Path, deck: Path) -> None:
    """The window is gone in the middle of a sitting: the program ends, and all grades are there."""
    person = start("review", home=home)
    person.see("1/20")
    for number in range(2, 5):
        person.grade()
        person.see(f"{number}/20")
    close_window(person.child)

    assert not person.child.isalive()
    assert 3 == len(state(home).log)
