"""`cards sync` and decks: what it says, what it remembers, what a script gets."""

import json
from pathlib import Path

import pytest
from cli.inside import cards

FRENCH = "deck: french\ncards:\n  - id: chat\n    front: le chat\n    back: the cat\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    """A deck of the person's own, taken in by the first device."""
    path = tmp_path / "french.yaml"
    path.write_text(FRENCH, encoding="utf-8")
    cards("import", path, check=True)
    return path


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The same program on another device."""

    def other(*args: object, **options):
        with monkeypatch.context() as patch:
            patch.setenv("CARDS_HOME", str(tmp_path / "other"))
            return cards(*args, **options)

    return other


def test_decks_travel_and_the_second_time_nothing_is_new(own, folder, other):
    """A line says which went out, which came."""
    assert "sent deck french\n" == cards("sync", folder, check=True).out
    assert "got deck french\n" == other("sync", folder, check=True).out
    assert "nothing new\n" == cards("sync", check=True).out == other("sync", check=True).out
    assert "le chat" in other("list", check=True).out


def test_decks_stay_where_they_are_if_that_is_wanted_and_it_is_remembered(own, folder, other):
    """For who carries decks by other means."""
    assert "nothing new\n" == cards("sync", folder, "--no-decks", check=True).out
    assert "nothing new\n" == cards("sync", check=True).out
    assert not (folder / "decks").exists()
    assert "sent deck french\n" == cards("sync", "--decks", check=True).out
    assert "nothing new\n" == other("sync", folder, "--no-decks", check=True).out
    assert not (folder.parent / "other" / "decks").exists()


def test_a_dry_run_says_what_would_travel_and_remembers_nothing(own, folder, other):
    """Neither a file nor a setting is written."""
    assert "would send deck french\n" == cards("sync", folder, "--dry-run", check=True).out
    assert [] == [*folder.iterdir()]
    cards("sync", folder, check=True)

    assert "would get deck french\n" == other("sync", folder, "--dry-run", "--no-decks", "--decks", check=True).out
    assert "" == other("list", check=True).out


def test_what_both_changed_is_told_in_one_line_with_the_cure(own, folder, other):
    """It goes to standard error, and the sync has done all the rest."""
    cards("sync", folder, check=True)
    other("sync", folder, check=True)
    theirs = folder.parent / "other" / "decks" / "french.yaml"
    theirs.write_text(FRENCH.replace("the cat", "a cat"), encoding="utf-8")
    own.write_text(FRENCH.replace("the cat", "some cat"), encoding="utf-8")
    other("sync", check=True)

    ran = cards("sync", check=True)

    assert "nothing else is new\n" == ran.out
    cure = "`cards sync --mine french` keeps yours, `--theirs french` takes the other"
    assert f"deck french was changed here and elsewhere; each has kept its own: {cure}\n" == ran.err
    assert "sent deck french\n" == cards("sync", "--mine", "french", check=True).out
    assert "got deck french\n" == other("sync", check=True).out
    assert "some cat" in theirs.read_text("utf-8")


def test_a_deck_that_is_named_and_is_none_is_told(own, folder):
    """A slip of the keyboard decides nothing; nothing was changed."""
    ran = cards("sync", folder, "--mine", "frnch")

    assert (4, "") == (ran.code, ran.out)
    assert "no deck `frnch` travels with this folder" in ran.err
    assert not (folder / "decks").exists()


def test_a_script_gets_the_decks_as_fields(own, folder, other):
    """What went out, what came with its changes, what was told."""
    sent = json.loads(cards("sync", folder, "--json", check=True).out)["decks"]
    taken = json.loads(other("sync", folder, "--json", check=True).out)["decks"]

    nothing = {"sent": [], "taken": [], "pictures_sent": 0, "pictures_taken": 0, "told": [], "whole": True}
    assert {**nothing, "sent": ["french"]} == sent
    assert {**nothing, "taken": [{"deck": "french", "changes": {"new": 1}}]} == taken


def test_a_fault_in_a_deck_of_the_folder_reaches_no_terminal_as_it_is(own, folder):
    """It is told with its line; what a terminal would obey is shown, not sent."""
    cards("sync", folder, check=True)
    (folder / "decks" / "evil.yaml").write_text(
        'deck: evil\ncards:\n  - "\x1b]0;owned\x07\\e[31m": x\n', encoding="utf-8"
    )

    ran = cards("sync", check=True)

    assert "deck evil has faults in the folder: line 3" in ran.err
    assert "\x1b" not in ran.err + ran.out
    assert "\x07" not in ran.err + ran.out


def test_a_deck_that_cannot_be_written_is_a_sync_that_did_not_end(own, folder, home, other):
    """A timer that syncs by itself sees it at the exit code; the next sync brings the deck."""
    other("sync", folder, "--yes", check=True)
    cards("sync", folder, check=True)
    there = folder.parent / "other"
    (there / "decks").write_text("in the way")
    failed = other("sync", "--json")
    (there / "decks").unlink()

    assert (1, False, False) == (
        failed.code,
        json.loads(failed.out)["complete"],
        json.loads(failed.out)["decks"]["whole"],
    )
    assert "got deck french\n" == other("sync", check=True).out
