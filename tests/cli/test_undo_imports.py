"""`cards undo` of imports: the decks that were new go with the history that came with them, and come back."""

import json
import shlex
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from anki_packages import BASIC, database, package
from cli.inside import cards, progress
from strategies import a_review

from flashcards.log import to_line
from flashcards.places import places
from flashcards.store import Store

TEXT = "deck: {}\ncards:\n- {{id: a, front: What?, back: That.}}\n- {{id: b, front: Who?, back: He.}}\n"


@pytest.fixture(autouse=True)
def _day(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Decks of two cards, by name."""
    found = {name: tmp_path / f"{name}.yaml" for name in ("d", "e", "f")}
    for name, path in found.items():
        path.write_text(TEXT.format(name), encoding="utf-8")
    return found


def packed_at(folder: Path) -> Path:
    """A package of a card with its history."""
    known = {"type": 2, "queue": 2, "due": 2600, "ivl": 15, "factor": 2500, "reps": 2, "did": 10}
    answers = [(1_600_000_000_000 + n, 11, 3, 15, 1, 2500, 5000, 1) for n in range(3)]
    packed = folder / "x.apkg"
    packed.write_bytes(
        package(database([(1, "g1", BASIC, "", ("uno", "one"))], [{"id": 11, "nid": 1, **known}], answers))
    )
    return packed


def decks() -> list[str]:
    return [one["deck"] for one in json.loads(cards("decks", "--json", check=True).out)["decks"]]


def undone(*args: str) -> list[str]:
    """What is told, without the way back."""
    return [
        line.removeprefix("took back: ").partition(";")[0] for line in cards("undo", *args, check=True).out.splitlines()
    ]


def tables() -> list[object]:
    """All that is derived from decks and log, but for the places in which decks came."""
    with closing(sqlite3.connect(places().database)) as database:
        return [
            [*database.execute("select card, deck, retired, content, due, known from cards order by card")],
            [*database.execute("select * from memory order by card")],
            [*database.execute("select deck, path, hash from decks order by deck")],
            [*database.execute("select * from aliases order by old")],
        ]


def test_the_import_of_a_deck_is_an_action(files: dict[str, Path]):
    """It is taken back as the last one; a grade of before stays, and the import brings the deck back."""
    cards("import", files["d"], check=True)
    cards("review", "--plain", "--limit", "1", stdin="\n3\n", check=True)
    before = tables()
    cards("import", files["e"], check=True)

    out = cards("undo", check=True).out

    assert f"took back: the import of deck e; its file stays, and `cards import {files['e']}` brings it back\n" == out
    assert before == tables()
    assert files["e"].read_text(encoding="utf-8") == TEXT.format("e")

    assert "e: 2 new" in cards("import", files["e"], check=True).out
    assert ["d", "e"] == decks()


def test_the_way_back_can_be_copied_into_a_shell(tmp_path: Path):
    """Also where a name has a blank."""
    path = tmp_path / "my deck.yaml"
    path.write_text(TEXT.format("d"), encoding="utf-8")
    cards("import", path, check=True)

    told = cards("undo", check=True).out

    assert ["cards", "import", str(path)] == shlex.split(told.split("`")[1])


def test_imports_and_other_actions_are_taken_back_in_their_order(files: dict[str, Path]):
    """The newest first, however they are mixed, in one command or in several."""
    states = []
    for command in (
        ("import", files["d"]),
        ("flag", "d/a"),
        ("import", files["e"]),
        ("import", files["f"]),
        ("suspend", "e/a", "f/a"),
        ("config", "new_per_day", "3"),
    ):
        states.append(cards("list", "--json").out)
        cards(*command, check=True)

    told = [*undone("2"), *undone(), *undone("9")]

    assert ["new_per_day = 3", "e/a suspended", "the import of deck f"] == [one.partition(" (")[0] for one in told[:3]]
    assert ["the import of deck e", "d/a flagged", "the import of deck d"] == [
        one.partition(" (")[0] for one in told[3:]
    ]
    assert [] == decks()
    assert "nothing left to undo\n" == cards("undo").err


def test_what_one_command_brought_is_one_step(files: dict[str, Path], tmp_path: Path):
    """Decks, and what is made into decks."""
    table = tmp_path / "g.tsv"
    table.write_text("front\tback\nuno\tone\n", encoding="utf-8")
    cards("import", *files.values(), table, check=True)
    assert ["d", "e", "f", "g"] == sorted(decks())

    assert ["the import of deck d", "the import of deck e", "the import of deck f", "the import of deck g"] == sorted(
        undone()
    )
    assert [] == decks()


def test_a_changed_file_is_no_action(files: dict[str, Path]):
    """What was changed in a file is taken back in the file."""
    cards("import", files["d"], check=True)
    cards("flag", "d/a", check=True)
    files["d"].write_text(TEXT.format("d") + "- {id: c, front: Which?, back: This.}\n", encoding="utf-8")
    cards("import", files["d"], check=True)

    assert ["d/a flagged (2026-11-22 18:00)"] == undone()
    assert {"d/a", "d/b", "d/c"} == set(progress())


def test_a_deck_with_a_new_name_is_no_new_deck(files: dict[str, Path]):
    """It had been there, under the name that it was given up for."""
    cards("import", files["d"], check=True)
    files["d"].write_text("was: d\n" + TEXT.format("x"), encoding="utf-8")
    cards("import", files["d"], check=True)

    assert not any("deck x" in one for one in undone("9"))


def test_a_deck_that_was_taken_out_by_hand_is_no_step(files: dict[str, Path]):
    """There is nothing to take back of it."""
    cards("import", files["d"], check=True)
    cards("import", files["e"], check=True)
    cards("deck", "remove", "e", check=True)

    assert ["the import of deck d"] == undone()


def test_a_deck_that_came_back_by_a_restore_is_no_step(files: dict[str, Path], tmp_path: Path):
    """Nobody imported what is there now, though the name is one that an import brought."""
    cards("import", files["d"], check=True)
    cards("backup", tmp_path / "b.db.gz", check=True)
    cards("deck", "remove", "d", check=True)
    cards("restore", tmp_path / "b.db.gz", "--yes", check=True)

    assert (0, "", "nothing left to undo\n") == cards("undo")
    assert ["d"] == decks()


def test_a_name_that_was_given_up_is_forgotten(files: dict[str, Path]):
    """Another deck may come under it."""
    cards("import", files["d"], check=True)
    files["d"].write_text("was: d\n" + TEXT.format("x"), encoding="utf-8")
    cards("import", files["d"], check=True)

    with closing(Store(places().database)) as store:
        assert "[]" == store.meta("brought decks")


def test_a_deck_that_came_by_a_sync_is_no_step(files: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """It is another device that imported it."""
    (tmp_path / "folder").mkdir()
    cards("import", files["d"], check=True)
    cards("sync", tmp_path / "folder", check=True)
    monkeypatch.setenv("CARDS_HOME", str(tmp_path / "other"))
    cards("sync", tmp_path / "folder", check=True)

    assert (0, "", "nothing left to undo\n") == cards("undo")
    assert ["d"] == decks()


@pytest.mark.parametrize("text", [None, TEXT.format("other")])
def test_a_deck_whose_file_is_gone_stays(files: dict[str, Path], text: str | None):
    """Only this home has what it said; `cards deck remove` takes it out."""
    cards("import", *files.values(), check=True)
    files["e"].unlink() if text is None else files["e"].write_text(text, encoding="utf-8")

    assert ["the import of deck d", "the import of deck f"] == undone("9")
    assert ["e"] == decks()


def test_a_log_and_the_decks_beside_it_are_one_step(files: dict[str, Path], tmp_path: Path):
    """What one command brought is taken back by one."""
    log = tmp_path / "log.jsonl"
    log.write_text(to_line(a_review(1, "2026-03-02", card="d/a")) + "\n", encoding="utf-8")
    cards("import", files["d"], log, check=True)

    assert 2 == len(undone())
    assert ([], 0) == (decks(), progress()["d/a"]["reviews"])


def test_a_package_goes_with_its_history_and_comes_back_with_it(tmp_path: Path):
    """One step takes both, and the import of the same package brings both, which is a step again."""
    packed = packed_at(tmp_path)
    history, deck = "the imported history of 1 card, 4 events", "the import of deck spanish-verbs"

    cards("import", packed, check=True)
    imported = tables()
    assert [history, deck] == undone()
    assert [] == decks()

    cards("import", packed, check=True)
    assert imported[0] == tables()[0]
    assert ["spanish-verbs"] == decks()

    assert deck in undone()
    assert [] == decks()
    assert {"retired"} == {row["state"] for row in progress().values()}
    assert {0} == {row["reviews"] for row in progress().values()}


def test_a_package_beside_a_log_of_the_same_events_goes_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """They came by the log, and so does the deck."""
    packed, log = packed_at(tmp_path), tmp_path / "log.jsonl"
    cards("import", packed, check=True)
    cards("export", "log", "-o", log, check=True)
    monkeypatch.setenv("CARDS_HOME", str(tmp_path / "other"))
    cards("import", packed, log, check=True)

    assert "the import of deck spanish-verbs" in undone()
    assert [] == decks()


def test_an_import_by_a_clock_that_was_ahead_is_taken_back_in_its_order(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
):
    """What was done last is what came last, not what has the latest date."""
    cards("import", files["d"], check=True)
    monkeypatch.setenv("CARDS_NOW", "2027-11-22T18:00:00+01:00")
    cards("flag", "d/a", check=True)
    cards("import", files["e"], check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:05:00+01:00")
    cards("bury", "d/b", check=True)

    told = [one.partition(" (")[0] for one in undone("4")]

    assert ["d/b buried", "the import of deck e", "d/a flagged", "the import of deck d"] == told


@pytest.mark.parametrize("said", ["", "{}", "[1]", '[["", "", 5]]', '[["", "", ["nobody"]]]', "[" * 9999])
def test_what_makes_no_sense_is_not_known(files: dict[str, Path], said: str):
    """The fact may come from anybody's program: then a deck is taken out by hand."""
    cards("import", files["d"], check=True)
    store = Store(places().database)
    store.note_meta("brought decks", said)
    store.close()

    assert (0, "", "nothing left to undo\n") == cards("undo")
    assert ["d"] == decks()
