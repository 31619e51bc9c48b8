"""What a sync folder is before anything is written into it."""

import json
import sys

import pytest

from flashcards.errors import BadRequest, CardsError
from flashcards.sync.folder import Folder


@pytest.mark.parametrize(
    ("names", "state"),
    [
        ([], "empty"),
        ([".stfolder", ".git", "Desktop.ini", "lost+found"], "empty"),
        (["notes.txt"], "other"),
        ([".hidden", "notes.txt"], "other"),
        (["log"], "other"),
        (["log", "log/desk-1111 (conflicted copy).jsonl"], "other"),
        (["log", "log/desk-1111.jsonl"], "ours"),
        (["cards-sync.json"], "ours"),
        (["notes.txt", "cards-sync.json"], "ours"),
    ],
)
def test_a_folder_is_ours_empty_or_somebody_elses(tmp_path, names, state):
    """What carriers and systems put there by themselves makes no folder another's; a copy alone makes it not ours."""
    for name in names:
        path = tmp_path / name
        path.write_text("") if "." in name else path.mkdir()

    assert state == Folder(str(tmp_path)).state()


def test_what_is_no_folder_is_told_with_its_cure(tmp_path):
    """Nothing there, a file, or something that cannot be read."""
    (tmp_path / "file").write_text("")
    said = []
    for name, kind in (("nothing", CardsError), ("file", BadRequest), ("x" * 300, CardsError)):
        with pytest.raises(kind) as caught:
            Folder(str(tmp_path / name)).state()
        said.append(caught.value.message.partition(" `")[0])

    assert ["there is no folder", "`" + str(tmp_path / "file") + "` is no folder", "cannot read"] == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"version": 2, "id": "abc"}, "is of a newer version"),
        ({"version": 0, "id": "abc"}, "makes no sense"),
        ({"version": 1}, "makes no sense"),
        ({"version": 1, "id": 7}, "makes no sense"),
        ({"version": 1, "id": "../x"}, "makes no sense"),
        ({"version": 1, "id": "x" * 65}, "makes no sense"),
        ([], "makes no sense"),
    ],
)
def test_a_mark_that_is_not_ours_to_read_stays_as_it_is(tmp_path, fields, said):
    """Of a newer version, or spoilt."""
    (tmp_path / "cards-sync.json").write_text(json.dumps(fields))

    with pytest.raises(CardsError, match=said):
        Folder(str(tmp_path)).identity()

    assert json.dumps(fields) == (tmp_path / "cards-sync.json").read_text()


@pytest.mark.skipif(sys.platform == "win32", reason="links of Unix")
def test_a_mark_that_is_a_link_is_not_followed(tmp_path):
    """What it leads to is none of the folder's, even if it looks like one."""
    (tmp_path / "elsewhere").write_text(json.dumps({"version": 1, "id": "abc"}))
    (tmp_path / "cards-sync.json").symlink_to("elsewhere")

    with pytest.raises(CardsError, match="is no plain file"):
        Folder(str(tmp_path)).identity()


@pytest.mark.skipif(sys.platform == "win32", reason="links of Unix")
def test_what_stands_among_the_logs_and_is_none_is_told(tmp_path):
    """Links, folders; and a folder of logs that is a link or no folder holds none."""
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "desk-1111.jsonl").write_text("")
    (tmp_path / "log" / "phone-2222.jsonl").mkdir()
    (tmp_path / "log" / "tower-3333.jsonl").symlink_to("desk-1111.jsonl")
    files, odd = Folder(str(tmp_path)).files()
    (tmp_path / "linked").mkdir()
    (tmp_path / "linked" / "log").symlink_to(tmp_path / "log")

    assert ["desk-1111.jsonl"] == [file.name for file in files]
    assert [
        ("phone-2222.jsonl", "it is no plain file"),
        ("tower-3333.jsonl", "it is a link; links are not followed"),
    ] == odd
    assert ({}, [("log", "it is a link; links are not followed")]) == Folder(str(tmp_path / "linked")).files()
    assert ({}, []) == Folder(str(tmp_path / "nothing")).files()


def test_a_folder_has_one_id(tmp_path):
    """It is made once, and read ever after; where there is none, that is no fault."""
    folder = Folder(str(tmp_path))

    assert "" == folder.identity()
    assert folder.make() == folder.identity() == folder.identity()
    (tmp_path / "cards-sync.json").write_text(json.dumps({"version": 1, "id": "x" * 64}))
    assert "x" * 64 == folder.identity()
