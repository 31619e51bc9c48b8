"""`cards sync` as it is typed: one line, a folder that is remembered, questions, exit codes, JSON."""

import json
import os
from pathlib import Path

import pytest
from cli.inside import cards
from strategies import a_review

from flashcards.app import taking_in
from flashcards.log import to_line

DECK = "deck: d\ncards:\n  - {id: a, front: x, back: y}\n"
THEIRS = "".join(to_line(a_review(n, "2026-03-02", card="d/a", device="desk-1111")) + "\n" for n in range(3))


@pytest.fixture
def folder(home, tmp_path):
    """An empty folder beside a home with one card, one action."""
    (tmp_path / "d.yaml").write_text(DECK)
    cards("import", tmp_path / "d.yaml", check=True)
    cards("flag", "d/a", check=True)
    place = tmp_path / "carried"
    place.mkdir()
    return place


def test_one_line_says_what_went_where(folder):
    """Events that went out, events that came in and whose they were, cards that changed; then nothing is new."""
    first = cards("sync", folder, "--no-decks", check=True)
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS)
    second = cards("sync", check=True)
    third = cards("sync", check=True)

    assert "sent 1 event\n" == first.out
    assert "got 3 events of desk-1111 · 1 card changed\n" == second.out
    assert "nothing new\n" == third.out
    assert "" == first.err + second.err + third.err


def test_an_answer_in_other_words_is_news(folder):
    """It changes a card, though the number of events stays."""
    cards("sync", folder, check=True)
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS)
    cards("sync", check=True)
    (folder / "log" / "desk-2222.jsonl").write_text(THEIRS.replace('"kind":"review"', '"kind":"a"'))
    changed = cards("sync", check=True)

    assert "1 card changed\n" == changed.out
    assert "3 events came in other words" in changed.err


def test_a_home_that_a_folder_filled_gets_its_backup_with_the_next_command(home, tmp_path, monkeypatch):
    """All of it lies in the folder as well, so nobody waits for another copy."""
    monkeypatch.setattr(taking_in, "MANY_BYTES", 200)
    (tmp_path / "carried" / "log").mkdir(parents=True)
    (tmp_path / "carried" / "log" / "desk-1111.jsonl").write_text(THEIRS)
    cards("sync", tmp_path / "carried", "--yes", check=True)
    filled = [*home.glob("backups/*.gz")]
    cards("list", check=True)

    assert ([], 1) == (filled, len([*home.glob("backups/*.gz")]))


def test_a_deck_that_came_along_is_named_where_only_its_history_came(folder):
    """It lies in the program and not in the folder: one command brings its cards, and then nothing is told."""
    cards("sync", folder, check=True)
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS.replace("d/a", "git/status"))
    told = cards("sync", check=True)
    again = cards("sync", check=True)

    assert "got 3 events of desk-1111 · 1 card changed\n" == told.out
    assert "deck git has a history and no cards here: `cards import git`\n" == told.err
    assert ("nothing new\n", "") == (again.out, again.err)


def test_who_carries_decks_by_other_means_is_told_of_none(folder):
    """They come when they come; until then their events wait."""
    cards("sync", folder, "--no-decks", check=True)
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS.replace("d/a", "git/status"))
    ran = cards("sync", check=True)

    assert ("got 3 events of desk-1111 · 1 card changed\n", "") == (ran.out, ran.err)


def test_of_lines_that_are_no_events_the_first_are_told(folder):
    """With what is wrong with them; of the others the number."""
    cards("sync", folder, check=True)
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS + "".join(f"rubbish {n}\n" for n in range(5)))
    told = json.loads(cards("sync", "--json").out)["told"]

    assert [f"rubbish {n}" for n in range(3)] == [one["hint"] for one in told if one["kind"] == "line"]
    assert 1 == len([one for one in told if one["kind"] == "faulty"])


def test_the_folder_is_remembered_as_a_setting(folder):
    """Under its full name, whatever it was called; a dry run remembers nothing."""
    cards("sync", folder, "--dry-run", check=True)
    nothing = cards("sync")
    cards("sync", os.path.relpath(folder), check=True)

    assert (2, "error: no folder is named\nhint: `cards sync FOLDER` once; it is remembered\n") == (
        nothing.code,
        nothing.err,
    )
    assert f"{folder}\n" == cards("config", "sync", check=True).out


def test_a_folder_with_a_strange_name_is_remembered(folder, tmp_path):
    """Quotation marks and backslashes come back as they were."""
    strange = tmp_path / 'a "b" \\ é'
    strange.mkdir()
    cards("sync", strange, check=True)

    assert "nothing new\n" == cards("sync", check=True).out


def test_json_has_all_of_it(folder):
    """One object of a schema."""
    (folder / "log").mkdir()
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS + '{"v":1}\n')
    ran = cards("sync", folder, "--json", "--no-decks")
    found = json.loads(ran.out)

    assert 1 == ran.code
    assert ("cards.sync/1", str(folder), 1, {"desk-1111": 3}, 1) == tuple(
        found[n] for n in ("schema", "folder", "sent", "got", "cards")
    )
    assert (False, False) == (found["complete"], found["dry_run"])
    assert ["faulty", "line"] == sorted(one["kind"] for one in found["told"])


def test_what_is_wrong_is_told_beside_what_was_done(folder):
    """On the other stream, with what to do; the exit code says that something was left."""
    (folder / "log").mkdir()
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS + "rubbish\n")
    (folder / "log" / "desk-1111 (1).jsonl").write_text(THEIRS)
    (folder / "log" / "phone-2222.jsonl").write_text('{"v":9,"id":"x","kind":"y","at":"2026-03-02T00:00Z"}\n')
    ran = cards("sync", folder, "--no-decks")
    more = cards("sync", "-v", "--no-decks")

    assert 1 == ran.code
    assert "sent 1 event · got 3 events of desk-1111 · 1 card changed\n" == ran.out
    assert (
        "desk-1111 (1).jsonl: a copy that no device writes; it was read as well (delete it when you like)\n"
        "desk-1111.jsonl: 1 line is no event (the other lines were taken)\n"
        "phone-2222.jsonl: a newer version of cards wrote it (log version 9) (upgrade cards; nothing of it was taken)\n"
    ) == "".join(sorted(ran.err.splitlines(keepends=True)))
    assert "nothing else is new\n" == more.out


def test_a_deck_is_kept_or_taken(folder):
    """Both at once is no answer, and nothing is done."""
    ran = cards("sync", folder, "--mine", "d", "--theirs", "d")

    assert (2, []) == (ran.code, [*folder.iterdir()])
    assert "kept or taken, not both" in ran.err


def test_a_folder_that_is_not_there_is_an_error_with_its_cure(home, tmp_path):
    """It is not made: a disk may be missing."""
    ran = cards("sync", tmp_path / "nowhere")

    assert 1 == ran.code
    assert ran.err.startswith(f"error: there is no folder `{tmp_path / 'nowhere'}`\nhint: `mkdir -p ")
    assert not (tmp_path / "nowhere").exists()


def test_a_file_is_no_folder(home, tmp_path):
    """It is told."""
    (tmp_path / "file").touch()

    assert 2 == cards("sync", tmp_path / "file").code


def test_a_folder_with_other_things_in_it_is_asked_about(folder):
    """A slip of the finger fills no folder of photographs; --yes says that it is meant."""
    (folder / "photo.jpg").touch()
    (folder / ".stfolder").mkdir()
    refused = cards("sync", folder)
    before = sorted(path.name for path in folder.iterdir())
    agreed = cards("sync", folder, "--yes")

    assert (2, "--yes uses it all the same; nothing was changed" in refused.err) == (refused.code, True)
    assert [".stfolder", "photo.jpg"] == before
    assert 0 == agreed.code
    assert 0 == cards("sync", folder).code


def test_what_systems_put_into_a_folder_does_not_count(folder):
    """Hidden files and the like are no reason to ask."""
    for name in (".stfolder", ".git", "lost+found"):
        (folder / name).mkdir()
    (folder / "desktop.ini").touch()

    assert 0 == cards("sync", folder).code


def test_a_folder_that_is_suddenly_empty_is_asked_about(folder):
    """Its disk may not be there, and the mount point is no sync folder."""
    cards("sync", folder, check=True)
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    ran = cards("sync")

    assert 2 == ran.code
    assert "is empty, though it was synced before: is its disk there?" in ran.err
    assert [] == [*folder.iterdir()]
    assert "sent 1 event\n" == cards("sync", "--yes", "--no-decks", check=True).out


def test_the_home_is_no_sync_folder(folder, home):
    """Neither it nor what is in it."""
    (home / "inside").mkdir()

    assert [2, 2] == [cards("sync", home, "--yes").code, cards("sync", home / "inside", "--yes").code]


def test_a_home_directory_of_hidden_files_is_asked_about(folder):
    """Nobody means `cards sync ~`."""
    ran = cards("sync", Path.home())

    assert (2, True, []) == (ran.code, "is your home directory" in ran.err, [*Path.home().iterdir()])


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads whatever it likes")
def test_logs_that_may_not_be_read_are_told_with_the_cure(folder):
    """They are not taken away."""
    cards("sync", folder, check=True)
    (folder / "log").chmod(0o000)
    ran = cards("sync")
    (folder / "log").chmod(0o700)

    assert (1, True) == (ran.code, "log: cannot read it: Permission denied (check who may read it)" in ran.err)


def test_a_copy_of_a_marker_alone_missing_is_no_question(folder):
    """A carrier may bring the marker last."""
    (folder / "log").mkdir()
    (folder / "log" / "desk-1111.jsonl").write_text(THEIRS)

    assert 0 == cards("sync", folder).code
