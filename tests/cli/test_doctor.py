"""`cards doctor`: what is known of the sandboxes here, and what would make it better."""

import json
import sys
from pathlib import Path

import pytest
from cli.inside import cards
from sandboxed import needs_sandbox

DECK = """
    deck: d
    cards:
      - {id: touch, front: f, answer: touch b, run: {checks: [{file_exists: b}]}}
"""


def facts(*args: str, code: int = 0) -> dict:
    ran = cards("doctor", "--json", *args)
    assert code == ran.code, ran
    return json.loads(ran.out)


def test_without_a_probe_nothing_is_claimed(home: Path) -> None:
    """Nothing is concluded from what is installed."""
    found = facts()

    assert "cards.doctor/1" == found["schema"]
    assert (False, None, "") == (found["probed"], found["level"], found["claim"])
    assert "cards doctor --probe" in cards("doctor").out


@needs_sandbox
def test_a_probe_tells_each_sandbox(home: Path, sandbox: str) -> None:
    """All three are tried; the best of them is used, and what it protects is said."""
    found = facts("--probe")

    assert ["namespaces", "bubblewrap", "landlock"] == [one["backend"] for one in found["sandboxes"]]
    assert sandbox == found["level"]
    assert "no network" in found["claim"]
    assert all(one["level"] or one["why"] for one in found["sandboxes"])


@needs_sandbox
def test_what_was_found_out_is_remembered(home: Path) -> None:
    """Also what a run found out; until the machine is started anew."""
    before = facts("--probe")
    assert before["sandboxes"] == facts()["sandboxes"]
    memory = home / "sandbox.json"
    memory.write_text(memory.read_text().replace('"boot": "', '"boot": "another'))

    assert not facts()["probed"]


@needs_sandbox
def test_a_run_is_a_probe_too(home: Path, deck_file) -> None:
    """Whoever has run something knows the level."""
    cards("import", deck_file(DECK), check=True)
    cards("run", "touch", "--answer", "touch b", check=True)

    assert facts()["probed"]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"boot": 1}', '{"boot": "x", "tried": 7}'])
def test_a_spoilt_memory_is_none(home: Path, text: str) -> None:
    """The file is a memory of ours; without it doctor asks for a probe."""
    cards("doctor", check=True)
    home.mkdir(exist_ok=True)
    (home / "sandbox.json").write_text(text)

    assert not facts()["probed"]


def test_the_consent_is_told(home: Path) -> None:
    """Whether commands are run, and how to change that."""
    for value, words in (
        ("ask", "not run before you have agreed"),
        ("yes", "since you agreed"),
        ("never", "never run"),
    ):
        cards("config", "run", value, check=True)
        assert words in cards("doctor", check=True).out


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_a_home_that_others_may_change_or_read_is_told(home: Path) -> None:
    """With the cure, as a problem; a private home is one line that says so."""
    cards("config", "day_start", "05:00", check=True)
    private, said = facts()["home"]["open_to_others"], cards("doctor").out
    home.chmod(0o775)
    (home / "cards.db").chmod(0o644)
    opened = facts(code=1)["home"]["open_to_others"]
    shown = cards("doctor").out

    assert ([], True) == (private, "nobody else may read or change it" in said)
    assert [f"chmod go-w {home}", f"chmod go-r {home / 'cards.db'}"] == [one.split(": ")[1] for one in opened]
    assert "others may change" in shown
