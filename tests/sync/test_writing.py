"""Files that are whole or not there, and lines that are on disk when they are said to be."""

import gzip
import os
import stat
import sys
from pathlib import Path

import pytest

from flashcards.sync.writing import Compressed, append, put

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="links, rights and folders of Unix")
FIRST, SECOND = b"first\n", b"second\n"


@pytest.fixture
def calls(monkeypatch):
    """What the system was asked to bring to disk or to rename, in order."""
    found = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor):
        facts = os.fstat(descriptor)
        found.append("the folder" if stat.S_ISDIR(facts.st_mode) else f"{facts.st_size} bytes")
        fsync(descriptor)

    def replaced(source, target):
        found.append(f"the name {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return found


def broken():
    yield FIRST
    raise OSError(28, "no room")


def test_a_file_is_on_disk_before_it_has_its_name_and_its_name_before_that_is_said(tmp_path, calls):
    """After a power loss there is the old file or the whole new one."""
    put(str(tmp_path / "a"), [FIRST, SECOND])

    assert ["13 bytes", "the name a", "the folder"] == calls
    assert FIRST + SECOND == (tmp_path / "a").read_bytes()
    assert 0o600 == (tmp_path / "a").stat().st_mode & 0o777


@pytest.mark.parametrize("wrap", [None, Compressed])
def test_what_goes_wrong_leaves_the_old_file_and_nothing_else(tmp_path, calls, wrap):
    """The error is told to who asked."""
    (tmp_path / "a").write_bytes(b"old")

    with pytest.raises(OSError, match="no room"):
        put(str(tmp_path / "a"), broken(), wrap)

    assert [("a", b"old")] == [(path.name, path.read_bytes()) for path in tmp_path.iterdir()]
    assert [] == calls


def test_what_a_process_of_the_same_number_left_behind_is_written_over(tmp_path):
    """Also where it is a link to somebody's file."""
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / f".a.{os.getpid()}.part").symlink_to("other")

    put(str(tmp_path / "a"), [FIRST])

    assert {"a": FIRST, "other": b"other"} == {path.name: path.read_bytes() for path in tmp_path.iterdir()}


def test_a_compressed_file_is_whole_and_the_same_bytes_for_the_same_lines(tmp_path, calls):
    """So that no carrier carries it twice."""
    for name in "ab":
        put(str(tmp_path / name), [FIRST, SECOND], Compressed)

    assert FIRST + SECOND == gzip.decompress((tmp_path / "a").read_bytes())
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert f"{(tmp_path / 'a').stat().st_size} bytes" == calls[0]


def test_lines_are_on_disk_when_they_were_added_and_a_new_name_as_well(tmp_path, calls):
    """A file that was there needs no look at its folder."""
    append(str(tmp_path / "a"), [FIRST])
    append(str(tmp_path / "a"), [SECOND])

    assert ["6 bytes", "the folder", "13 bytes"] == calls
    assert FIRST + SECOND == (tmp_path / "a").read_bytes()
    assert 0o600 == (tmp_path / "a").stat().st_mode & 0o777


def test_lines_are_not_added_through_a_link(tmp_path):
    """What it leads to is none of ours."""
    (tmp_path / "other").write_bytes(b"other")
    (tmp_path / "a").symlink_to("other")

    with pytest.raises(OSError, match="a"):
        append(str(tmp_path / "a"), [FIRST])

    assert b"other" == (tmp_path / "other").read_bytes()
