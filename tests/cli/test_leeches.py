"""Leeches from end to end: the settings, what a review does, how a leech is found and brought back."""

import json
import os
import sys
from pathlib import Path

import pytest
from cli.inside import cards, progress
from ui.person import ENTER, Person

DECK = """
    deck: d
    cards:
      - {id: undo, front: Take back the last commit, answer: git reset HEAD~, back: b}
      - {id: other, front: f, back: b}
"""


@pytest.fixture
def lapsed(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card that lapsed once, with a threshold of two; it is due, and so is another."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    log = deck_file(
        '{"card":"d/undo","grade":4,"at":"2026-11-01T12:00:00Z"}\n'
        '{"card":"d/undo","grade":1,"at":"2026-11-02T12:00:00Z","typed":"git reset --hard"}\n'
        '{"card":"d/undo","grade":4,"at":"2026-11-03T12:00:00Z","typed":"git reset HEAD~"}\n'
        '{"card":"d/other","grade":4,"at":"2026-11-03T12:00:00Z"}\n',
        "x.jsonl",
    )
    cards("import", deck_file(DECK), log, check=True)
    cards("config", "leech_lapses", "2", check=True)
    return home


def test_a_review_puts_a_leech_away_and_undo_brings_both_back(lapsed: Path):
    """One line says what happened; one undo takes back the grade and the mark."""
    before = progress()["d/undo"]

    ran = cards("review", "--plain", stdin="git reset --hard\n1\n\n4\n", check=True)

    assert (
        "note: `d/undo` is a leech, 2 lapses, and is suspended: `cards resume d/undo` brings it back;"
        " typed wrong: git reset --hard (2 times)\n"
    ) in ran.out
    assert (True, True, 2) == tuple(progress()["d/undo"][name] for name in ("suspended", "leech", "lapses"))
    cards("undo", check=True)  # the grade of the other card
    assert " and 1 more\n" in cards("undo", check=True).out
    assert before == progress()["d/undo"]


def test_a_leech_of_the_setting_flag_stays(lapsed: Path):
    """It is flagged and comes back today."""
    cards("config", "leech_action", "flag", check=True)

    ran = cards("review", "--plain", stdin="x\n1\n\n4\n", check=True)

    assert "is flagged: `cards flag --off d/undo` takes that off" in ran.out
    row = progress()["d/undo"]
    assert (True, False, True) == (row["flagged"], row["suspended"], row["leech"])


def test_the_notice_reaches_other_front_ends(lapsed: Path):
    """On the next question, or on the end."""
    said = '{"do":"answer","text":"x"}\n{"do":"grade","grade":1}\n{"do":"quit"}\n'

    views = [json.loads(line) for line in cards("review", "--json", stdin=said, check=True).out.splitlines()]

    assert "`d/undo` is a leech" in views[3]["notice"]
    assert "" == views[4]["notice"]


def test_no_leeches_where_the_setting_is_nought(lapsed: Path):
    """Neither marked nor counted."""
    cards("config", "leech_lapses", "0", check=True)

    out = cards("review", "--plain", stdin="x\n1\n\n4\n", check=True).out

    assert "leech" not in out
    assert not progress()["d/undo"]["leech"]


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")
@pytest.mark.parametrize("action", ["suspend", pytest.param("flag", marks=pytest.mark.slow)])
def test_the_eighth_lapse_is_told_at_the_terminal(
    home: Path, deck_file, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, action: str
):
    """With the wrong answers that were typed; one undo takes back the grade and the mark; `show` and `list` tell them."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    days = [(4, "", 2 * n + 1) for n in range(8)] + [(1, f"git reset {n % 2}", 2 * n + 2) for n in range(7)]
    log = [
        json.dumps({"card": "d/undo", "grade": grade, "typed": typed, "at": f"2026-11-{day:02}T12:00:00Z"})
        for grade, typed, day in days
    ]
    log.append('{"card":"d/other","grade":4,"at":"2026-11-20T12:00:00Z"}')
    cards("import", deck_file(DECK), deck_file("\n".join(log), "x.jsonl"), check=True)
    cards("config", "leech_action", action, check=True)
    before = progress()["d/undo"]
    person = Person([sys.executable, "-m", "flashcards", "review"], 60, 40, {**os.environ}, tmp_path / "log")

    person.see("Take back the last commit")
    person.type("git reset 1", ENTER)
    person.see("1 again")
    person.type("1")
    shown = " ".join(person.see("leech").split())
    person.type("u")
    person.see("undone")
    undone = progress()["d/undo"]
    person.close()
    cards("review", "--plain", stdin="git reset 1\n1\n:q\n", check=True)

    assert f"`d/undo` is a leech, 8 lapses, and is {'suspended' if action == 'suspend' else 'flagged'}" in shown
    assert "typed wrong: git reset 1 (4 times), git reset 0 (4 times)" in shown
    assert before == undone
    row = progress()["d/undo"]
    assert (8, action == "suspend", action == "flag") == (row["lapses"], row["suspended"], row["flagged"])
    for ran in (cards("show", "d/undo", check=True), cards("list", "--leech", check=True)):
        assert "git reset 1 (4 times)" in ran.out
