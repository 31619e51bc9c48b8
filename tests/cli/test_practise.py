"""`cards run`: one text judged for scripts, a practice for people; nothing is graded or stored."""

import json
import os
import sys
from pathlib import Path

import pexpect
import pytest
from cli.inside import cards, progress
from sandboxed import needs_sandbox

DECK = """
    deck: d
    cards:
      - id: touch
        front: Make the file `b`.
        answer: touch b
        run:
          shells: [bash, sh]
          checks:
            - file_exists: b
          hints:
            - {when: {answer: "^mkdir"}, say: That makes a directory.}
      - id: code
        front: Make the file `b`.
        answer: touch b
        run: {checks: [{script: "[ -f b ]"}]}
      - {id: why, front: Why?, back: Because.}
"""


@pytest.fixture
def deck(home: Path, deck_file) -> Path:
    """A home with the deck in it."""
    cards("import", deck_file(DECK), check=True)
    return home


def judged(*args: str) -> tuple[int, dict]:
    """The exit code and the object that is printed."""
    ran = cards("run", *args, "--json")
    return ran.code, json.loads(ran.out)


@needs_sandbox
@pytest.mark.parametrize(
    ("answer", "code", "verdict"),
    [("touch b", 0, "pass"), (": > b", 0, "pass"), ("touch c", 8, "fail"), ("mkdir b", 8, "fail"), ("", 8, "fail")],
)
def test_an_answer_is_judged_by_its_effect(deck: Path, answer: str, code: int, verdict: str) -> None:
    """Any way to the effect passes with 0, any other ends with 8."""
    ended, found = judged("d/touch", "--answer", answer)

    assert (code, verdict) == (ended, found["verdict"])
    assert "cards.run/1" == found["schema"]
    assert found["level"] in {"strong", "good"}
    assert found["took_ms"] >= 0


@needs_sandbox
def test_a_failure_says_what_was_expected_and_found(deck: Path) -> None:
    """The check, both sides of it, and the hint for the likely slip."""
    _, found = judged("touch", "--answer", "mkdir c")

    assert [{"ok": False, "says": "there is no `b`; you made `c/`", "expected": "b", "found": "c/"}] == found["checks"]
    assert ["That makes a directory."] == found["hints"]


@needs_sandbox
def test_words_say_the_same(deck: Path) -> None:
    """Without --json a person reads it."""
    ran = cards("run", "touch", "--answer", "mkdir c")

    assert 8 == ran.code
    assert "✗ there is no b" in ran.out
    assert "That makes a directory." in ran.out


@needs_sandbox
def test_nothing_is_stored(deck: Path) -> None:
    """A practice leaves no review behind, and gives no consent for later."""
    cards("run", "touch", "--answer", "touch b", check=True)

    assert 0 == progress()["d/touch"]["reviews"]
    assert "ask" in cards("config", "run").out


@needs_sandbox
def test_the_shell_can_be_chosen(deck: Path) -> None:
    """`--shell` picks one of those that the card is meant for."""
    assert "sh" == judged("touch", "--answer", "touch b", "--shell", "sh")[1]["shell"]
    refused = cards("run", "touch", "--answer", "touch b", "--shell", "fish")
    assert (2, True) == (refused.code, "is not meant for fish" in refused.err)


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (["nobody", "--answer", "x"], 4, "no card called `nobody`"),
        (["why", "--answer", "x"], 2, "`d/why` has nothing to run"),
        (["touch"], 2, "there is no terminal"),
        (["touch", "--json"], 2, "`--json` prints one verdict"),
    ],
)
def test_what_makes_no_sense_is_refused(deck: Path, args: list[str], code: int, says: str) -> None:
    """One clear line, with the exit code that stands in the help."""
    ran = cards("run", *args)

    assert code == ran.code
    assert says in ran.err


@pytest.mark.parametrize("variable", ["CARDS_NO_RUN", "CARDS_RUN"])
def test_turned_off_is_turned_off(deck: Path, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """The variable and the setting beat even a text that was given to be run."""
    monkeypatch.setenv(variable, "never" if variable == "CARDS_RUN" else "1")
    code, found = judged("touch", "--answer", "touch b")

    assert (7, "cannot") == (code, found["verdict"])
    assert "turned off" in found["reason"]


def test_deck_code_waits_for_trust(deck: Path) -> None:
    """Giving an answer is consent to that text, not to what the deck brings."""
    code, found = judged("code", "--answer", "touch b")

    assert (7, "cannot") == (code, found["verdict"])
    assert "cards trust d" == found["cure"]


@needs_sandbox
def test_a_person_practises_until_it_passes(deck: Path) -> None:
    """Consent, a failed try, another one, once more, and leaving: in a real terminal."""
    child = pexpect.spawn(
        sys.executable, ["-m", "flashcards", "run", "touch"], dimensions=(30, 80), timeout=60, env={**os.environ}
    )
    child.expect("Make the file")
    child.send("touch c\r")
    child.expect("Run what you type")
    child.send("y")
    child.expect("there is no")
    child.expect("try again")
    child.send("\x15touch b\r")
    child.expect("once more")
    child.send("r")
    child.expect("Make the file")
    child.send("touch b\r")
    child.expect("once more")
    child.send("\r")
    child.expect(pexpect.EOF)
    child.close()

    assert 0 == child.exitstatus
    assert 0 == progress()["d/touch"]["reviews"]
