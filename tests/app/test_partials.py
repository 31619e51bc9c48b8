"""What a kill leaves beside a file: taken away by the next one who writes there, if it is surely ours."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.inside import cards

from flashcards.app import partials

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are asked for as on Unix")
HOUR = 3_600


def dead_process() -> int:
    """The number of a process that has just ended."""
    process = subprocess.Popen(["true"])
    process.wait()
    return process.pid


def left_by(process: int, target: Path, *, seconds_ago: int = HOUR) -> Path:
    path = target.with_name(f".{target.name}.{process}.part")
    path.write_text("half")
    then = path.stat().st_mtime - seconds_ago
    os.utime(path, (then, then))
    return path


def test_what_a_killed_export_left_goes_with_the_next(home: Path, tmp_path: Path) -> None:
    """Only what is old, bears the name of this file, and was written by a process that is no more."""
    target = tmp_path / "progress.csv"
    dead = dead_process()
    old = left_by(dead, target)
    stay = [
        left_by(os.getppid(), target),
        left_by(dead, tmp_path / "other.csv"),
        left_by(dead + 1, target, seconds_ago=-HOUR),
        tmp_path / ".progress.csv.notes.part",
        tmp_path / ".progress.csv.swp",
    ]
    for one in stay[3:]:
        one.write_text("somebody's")

    cards("export", "progress", "--format", "csv", "-o", target, check=True)

    assert not old.exists()
    assert [True] * 5 == [one.exists() for one in stay]


def test_what_a_killed_edit_left_goes_with_the_next(home: Path, tmp_path: Path) -> None:
    """The same beside a deck file."""
    target = tmp_path / "mine.yaml"
    target.write_text("deck: mine\ncards:\n- front: One?\n  back: eins\n")
    cards("import", target, check=True)
    old = left_by(dead_process(), target)

    cards("new", "mine", "--front", "Two?", "--back", "zwei", check=True)

    assert [target] == [one for one in tmp_path.iterdir() if one.is_file()]
    assert not old.exists()
    assert partials.beside(target).name == f".mine.yaml.{os.getpid()}.part"
