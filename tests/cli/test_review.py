"""`cards review` without a terminal: line by line, as JSON lines, and from an empty home."""

import json
from pathlib import Path

import pytest
from cli.inside import cards, progress

DECK = """
    deck: d
    cards:
      - {id: ls, front: List all files., answer: ls -a, tags: [command]}
      - {id: why, front: Why?, back: Because.}
      - {id: how, front: How?, back: So., tags: [x]}
"""


@pytest.fixture
def deck(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    cards("import", deck_file(DECK), check=True)
    return home


def learnt() -> list[str]:
    return [card for card, row in progress().items() if row["state"] == "review"]


def asked(out: str) -> list[str]:
    return [line.split()[4].rstrip(",") for line in out.splitlines() if line.startswith("card ")]


# ---------------------------------------------------------------- the first run


def test_an_empty_home_starts_with_the_deck_that_came_along(home: Path):
    """Without a terminal nobody is asked: the deck is taken in, and that is said on the error stream."""
    ran = cards("review", check=True)

    assert ran.err.startswith("no decks yet: took in `venv`")
    assert 1 == ran.err.count("\n")
    assert "card 1 of 2: venv/why, new\n" in ran.out
    assert "" == cards("review", check=True).err


def test_the_first_deck_can_be_replaced_by_a_copy(home: Path, tmp_path: Path):
    """A person who edits a copy of it keeps the history."""
    cards("review", stdin="\n4\n", check=True)
    copy = tmp_path / "venv.yaml"
    copy.write_bytes((Path(__file__).parents[2] / "decks" / "venv.yaml").read_bytes())

    cards("import", copy, check=True)

    assert ["venv/why"] == learnt()
    assert f"{copy}\n" in cards("decks", check=True).out


# ---------------------------------------------------------------- line by line


def test_the_end_of_the_input_is_the_end_of_the_sitting(deck: Path):
    """What was graded stays; the exit code is 0."""
    ran = cards("review", "--plain", stdin="ls -a\n4\n\n")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.endswith("done: 1 card, 1 right at once, 0 drills, 0 skipped, 0 s\n2 cards left\n")
    assert ["d/ls"] == learnt()


@pytest.mark.parametrize("bad", ["7", "maybe", "0", "-1", "4 4"])
def test_a_bad_grade_stops_a_script_and_loses_nothing(deck: Path, bad: str):
    """Exit code 2 with the line named; what came before it is stored, the card itself is not graded."""
    ran = cards("review", "--plain", stdin=f"ls -a\n4\n\n{bad}\n\n4\n")

    assert 2 == ran.code
    assert f"error: `{bad}` is no grade\nhint: grades: 1 again, 2 hard, 3 good, 4 easy\n" == ran.err
    assert ["d/ls"] == learnt()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["d/ls", "d/why", "d/how"]),
        (["d"], ["d/ls", "d/why", "d/how"]),
        (["--tag", "x"], ["d/how"]),
        (["--tag", "x", "--tag", "command"], ["d/ls", "d/how"]),
        (["--limit", "1"], ["d/ls"]),
        (["--new", "2"], ["d/ls", "d/why"]),
        (["--new", "0"], []),
        (["--cram", "--tag", "command"], ["d/ls"]),
        (["--no-run", "--limit", "1"], ["d/ls"]),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith(("-", "d")) and "/" not in value[0] else "",
)
def test_flags_choose_the_cards(deck: Path, options: list[str], names: list[str]):
    """Decks, tags, caps and limits narrow the sitting."""
    assert names == asked(cards("review", "--plain", *options, stdin=":s\n" * 9, check=True).out)


def test_cram_asks_again_and_moves_nothing(deck: Path):
    """Practice leaves the schedule alone, and is in the log."""
    cards("review", "--plain", stdin="ls -a\n4\n\n4\n\n4\n", check=True)
    before = progress()

    ran = cards("review", "--plain", "--cram", stdin="\n1\n\n1\n\n1\n", check=True)

    assert ["d/ls", "d/why", "d/how"] == asked(ran.out)
    assert before == progress()
    assert 3 == cards("export", "log", check=True).out.count('"mode":"cram"')


def test_minutes_end_the_sitting_at_the_next_card(deck: Path):
    """A tiny budget ends before the first card."""
    out = cards("review", "--plain", "--minutes", "0.0000001", check=True).out

    assert [] == asked(out)
    assert "3 cards left" in out


def test_what_was_typed_is_in_the_log(deck: Path):
    """With mode and the moment; the duration is measured although the calendar stands still."""
    cards("review", "--plain", stdin="ls -A\n1\n", check=True)

    event = json.loads(cards("export", "log", check=True).out)

    assert ("review", "d/ls", 1, "ls -A") == (event["kind"], event["card"], event["grade"], event["typed"])
    assert ("2026-11-22T17:00:00.000Z", 60, "2026-11-22") == (event["at"], event["offset"], event["day"])
    assert 0 <= event["took_ms"] < 60_000


def test_the_keys_work_in_a_script(deck: Path):
    """Skip, flag, bury, suspend, undo and quit by their letters."""
    cards("review", "--plain", stdin=":s\n:f\n:b\n:u\n:!\n:q\n", check=True)

    rows = progress()

    assert (True, None) == (rows["d/why"]["flagged"], rows["d/why"]["buried_until"])
    assert rows["d/why"]["suspended"]
    assert [] == learnt()


# ---------------------------------------------------------------- JSON lines


def test_json_lines_hold_a_whole_sitting(deck: Path):
    """The protocol of docs/session-protocol.md on the real entry point, error included."""
    said = [
        {"do": "answer", "text": "ls -a"},
        {"do": "grade", "grade": 5},
        {"do": "grade", "grade": 4},
        {"do": "reveal"},
        {"do": "grade", "grade": 0},
        {"do": "undo"},
        {"do": "quit"},
    ]

    ran = cards("review", "--json", stdin="".join(json.dumps(line) + "\n" for line in said), check=True)

    protocol, first, *heard = map(json.loads, ran.out.splitlines())
    assert ({"protocol": "cards.session/1"}, "d/ls") == (protocol, first["card"])
    assert ["answer", "question", None, "answer", "question", "question", "done"] == [one.get("view") for one in heard]
    assert "there is no answer on screen to grade" == heard[2]["error"]["message"]
    assert ["d/ls"] == learnt()


def test_json_takes_nonsense_without_falling_over(deck: Path):
    """Every line is answered, and the sitting goes on."""
    ran = cards("review", "--json", stdin='nonsense\n[]\n{"do": 1}\n\n{"do": "reveal"}\n', check=True)

    views = [json.loads(line) for line in ran.out.splitlines()]

    assert [True, True, True, False, False] == ["error" in view for view in views[2:]]
    assert "done" == views[-1]["view"]


def test_a_deck_may_follow_ahead(deck: Path):
    """`--ahead venv` looks a day ahead in that deck, as `--ahead 1 venv` does."""
    expected = cards("review", "--plain", "--ahead", "1", "d", check=True).out

    assert expected == cards("review", "--plain", "--ahead", "d", check=True).out
    assert 4 == cards("review", "--plain", "--ahead", "nosuch").code
    assert 2 == cards("review", "--plain", "--ahead=-1").code
