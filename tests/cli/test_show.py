"""`cards show`: history as a table, what each grade would do, what was typed wrong."""

import json
from pathlib import Path

import pytest
from cli.inside import cards

DECK = """
    deck: d
    cards:
      - {id: undo, front: Take back the last commit, answer: git reset HEAD~}
"""


@pytest.fixture
def leech(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A card that lapsed twice, with a threshold of two, flagged."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    log = deck_file(
        '{"card":"d/undo","grade":4,"at":"2026-11-01T12:00:00Z","typed":"git reset HEAD~","took_ms":65000}\n'
        '{"card":"d/undo","grade":1,"at":"2026-11-02T12:00:00Z","typed":"git reset --hard"}\n'
        '{"card":"d/undo","grade":4,"at":"2026-11-02T12:01:00Z","mode":"drill"}\n'
        '{"card":"d/undo","grade":4,"at":"2026-11-03T12:00:00Z","verdict":"pass","tries":2,"typed":"git reset @~"}\n'
        '{"card":"d/undo","grade":1,"at":"2026-11-04T12:00:00Z","typed":"git reset --hard"}\n',
        "x.jsonl",
    )
    cards("import", deck_file(DECK), log, check=True)
    cards("config", "leech_lapses", "2", check=True)
    cards("flag", "undo", check=True)
    return home


def test_the_history_is_a_table(leech: Path, monkeypatch: pytest.MonkeyPatch):
    """Day, grade, interval after it, time, what was typed; drills are named, marks stand between."""
    monkeypatch.setenv("COLUMNS", "80")

    out = cards("show", "undo", check=True).out

    assert """\
schedule: due 2026-11-05, interval 1d, ease 2.50, 0 in a row, 2 lapses
flagged, a leech
if graded now:
  again  1d     2026-11-23  ease 2.50
  hard   1d     2026-11-23  ease 2.36
  good   1d     2026-11-23  ease 2.50
  easy   1d     2026-11-23  ease 2.60

typed wrong: git reset --hard (2 times)

history: 5 answers
  2026-11-01 12:00  good     1d        1 min 5 s  git reset HEAD~
  2026-11-02 12:00  again    1d                   git reset --hard
  2026-11-02 12:01  good     drill
  2026-11-03 12:00  good     1d                   git reset @~  (pass, 2 tries)
  2026-11-04 12:00  again    1d                   git reset --hard
  flagged (2026-11-22 18:00)
""" == out[out.index("schedule:") :]


def test_a_long_answer_is_a_line_of_the_history(leech: Path, deck_file):
    """Ten thousand characters, and lines of their own, would bury all others; `--json` has them."""
    typed = "first\\n\\tsecond" + "x" * 10_000
    log = deck_file(f'{{"card":"d/undo","grade":4,"at":"2026-11-05T12:00:00Z","typed":"{typed}"}}\n', "y.jsonl")
    cards("import", log, check=True)

    out = cards("show", "undo", check=True).out

    assert "  first second" in out
    assert len(out) < 2_000


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_show_fits_the_terminal(leech: Path, monkeypatch: pytest.MonkeyPatch, columns: int):
    """On a narrow screen what was typed stands below its grade."""
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = cards("show", "undo", check=True).out.splitlines()

    assert [] == [line for line in lines if len(line) > columns]


def test_json_has_grades_and_mistakes_beside_the_log(leech: Path):
    """Added to cards.card/1."""
    found = json.loads(cards("show", "undo", "--json", check=True).out)

    assert [("again", 1), ("hard", 3), ("good", 4), ("easy", 5)] == [(g["name"], g["grade"]) for g in found["grades"]]
    assert "2026-11-23" == found["grades"][0]["due"]
    assert [{"typed": "git reset --hard", "times": 2}] == found["mistakes"]
    assert (True, 6) == (found["card"]["leech"], len(found["log"]))
