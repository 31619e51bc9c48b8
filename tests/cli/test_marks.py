"""Suspend, resume, bury, flag, reset, and undo of everything from new processes."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from cli.inside import cards, progress

DECK = """
    deck: d
    cards:
      - {id: a, front: f, back: b, reverse: r}
      - {id: b, front: f, back: b}
      - {id: c, front: f, back: b}
"""


@pytest.fixture
def decks(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deck of three cards and a reverse; one of them is learnt."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-20T18:00:00+01:00")
    cards("import", deck_file(DECK), check=True)
    cards("review", "--plain", "--limit", "1", stdin="\n3\n", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    return home


def due() -> list[str]:
    found: list[str] = json.loads(cards("due", "--json", check=True).out)["cards"]
    return found


def one(card: str) -> dict[str, Any]:
    return progress()[card]


def test_suspended_cards_are_not_asked_until_resumed(decks: Path):
    """Several cards at once; the schedule stays."""
    before = one("d/a")

    assert "d/a is put away; `cards resume` brings it back\n" in cards("suspend", "a", "b", check=True).out
    assert ["d/a~reverse", "d/c"] == due()
    assert one("d/a")["suspended"]

    cards("resume", "a", "b", check=True)

    assert ["d/a", "d/b", "d/c"] == due()
    assert before == one("d/a")


def test_buried_cards_come_back_tomorrow(decks: Path, monkeypatch: pytest.MonkeyPatch):
    """Bury is for a day; resume ends it early."""
    assert "d/b is put away until 2026-11-23\n" == cards("bury", "b", check=True).out
    assert ["d/a", "d/c"] == due()
    assert "2026-11-23" == one("d/b")["buried_until"]

    monkeypatch.setenv("CARDS_NOW", "2026-11-23T05:00:00+01:00")

    assert ["d/a", "d/b", "d/c"] == due()


def test_resume_ends_a_burial(decks: Path):
    """One word brings back what was put away in either way, and says so if nothing was."""
    cards("bury", "b", check=True)

    assert "d/b is asked again\nd/c was not put away\n" == cards("resume", "b", "c", check=True).out
    assert ["d/a", "d/b", "d/c"] == due()


def test_flags_come_and_go(decks: Path):
    """A flag changes nothing but the list of flagged cards."""
    cards("flag", "b", check=True)
    assert one("d/b")["flagged"]

    cards("flag", "--off", "b", check=True)
    assert not one("d/b")["flagged"]


def test_reset_makes_a_card_new_and_keeps_its_history(decks: Path):
    """The log keeps the answers."""
    cards("reset", "a", check=True)

    row = one("d/a")

    assert ("new", None, 0) == (row["state"], row["due"], row["repetitions"])
    assert "18:00  good  " in cards("show", "a", check=True).out


def test_undo_goes_back_to_the_first_state_step_by_step(home: Path, deck_file, run):
    """Every action has one undo, each from a process of its own; the states come back in reverse."""
    clock = {"CARDS_NOW": "2026-11-22T18:00:00+01:00"}

    def state() -> list[dict[str, Any]]:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CARDS_NOW", clock["CARDS_NOW"])
            return [*progress().values(), json.loads(cards("config", "--json", check=True).out)["settings"]]

    run("import", deck_file(DECK), env=clock, check=True)
    states = [state()]
    for command, typed in (
        (["review", "--plain", "--limit", "1"], "\n1\n"),
        (["review", "--plain", "--limit", "1"], "\n4\n"),
        (["suspend", "b"], ""),
        (["flag", "a"], ""),
        (["config", "new_per_day", "3"], ""),
        (["config", "new_per_day", "1", "-d", "d"], ""),
        (["bury", "c"], ""),
        (["reset", "a"], ""),
        (["resume", "b"], ""),
        (["config", "new_per_day", "--unset"], ""),
    ):
        run(*command, input=typed, env=clock, check=True)
        states.append(state())
    assert all(before != after for before, after in pairwise(states[1:6]))

    back = [states.pop()]
    while states:
        assert "took back: " in run("undo", env=clock, check=True).out
        back.append(state())
        assert states.pop() == back[-1]

    assert "took back: the import of deck d;" in run("undo", env=clock, check=True).out
    assert {"retired"} == {row["state"] for row in progress().values()}, "what is in the log is known"
    assert (0, "", "nothing left to undo\n") == run("undo", env=clock)


def test_what_was_done_fits_a_narrow_screen(decks: Path, monkeypatch: pytest.MonkeyPatch):
    """Folded between words."""
    monkeypatch.setenv("COLUMNS", "40")

    said = [*cards("suspend", "a", check=True).out.splitlines(), *cards("reset", "a", check=True).out.splitlines()]
    assert ["d/a is put away; `cards resume` brings", "  it back"] == said[:2]
    assert all(len(line) <= 40 for line in said)


def test_undo_takes_several_steps_and_names_each(decks: Path):
    """What was taken back is said, newest first."""
    cards("flag", "a", check=True)
    cards("bury", "b", check=True)

    out = cards("undo", "2", check=True).out

    assert ["d/b buried", "d/a flagged"] == [line[11:].partition(" (")[0] for line in out.splitlines()]


def test_undo_stops_at_the_beginning(decks: Path):
    """More steps than there are actions is no error."""
    ran = cards("undo", "50", check=True)

    assert ["d/a graded go", "the import of"] == [line[11:24].rstrip() for line in ran.out.splitlines()]
    assert "nothing left to undo\n" == ran.err
    assert {"retired"} == {row["state"] for row in progress().values()}, "what is in the log is known"


def test_what_was_taken_back_is_told_with_the_time_of_its_place(decks: Path, monkeypatch: pytest.MonkeyPatch):
    """As `cards log` tells it, wherever the person is now."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T23:30:00+09:00")
    cards("review", "--plain", "--limit", "1", stdin="\n3\n", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-23T12:00:00+13:00")

    assert "(2026-11-22 23:30)" in cards("undo", check=True).out


def test_undo_on_an_empty_home_creates_nothing(home: Path):
    """There is nothing to undo, and no database to say so."""
    assert (0, "", "nothing left to undo\n") == cards("undo")
    assert not home.exists()


def test_undo_leaves_what_came_from_elsewhere(decks: Path, tmp_path: Path):
    """What another device did is not this device's last action; to import it is."""
    log, folder = tmp_path / "x.jsonl", tmp_path / "folder" / "log"
    line = '{"v":1,"id":"1","kind":"review","card":"d/c","grade":5,"at":"2026-11-21T12:00:00Z","device":"desk"}\n'
    log.write_text('{"card":"d/b","grade":5,"at":"2026-11-21T12:00:00Z"}\n', encoding="utf-8")
    folder.mkdir(parents=True)
    (folder / "desk.jsonl").write_text(line, encoding="utf-8")
    cards("sync", folder.parent, "--yes", check=True)
    cards("import", log, check=True)
    assert {"d/a", "d/b", "d/c"} == {name for name, row in progress().items() if row["state"] == "review"}

    cards("undo", "2", check=True)

    assert {"d/c"} == {name for name, row in progress().items() if row["state"] == "review"}


@pytest.mark.parametrize(
    ("command", "said"), [("suspend", "suspended"), ("bury", "buried"), ("flag", "flagged"), ("reset", "started anew")]
)
def test_undo_says_in_words_what_it_took_back(decks: Path, command: str, said: str):
    """`d/a suspended`, as in `d/a graded good`."""
    cards(command, "a", check=True)

    assert cards("undo", check=True).out.startswith(f"took back: d/a {said} (")
