"""A deck file that is written survives what may happen meanwhile: kills, full disks, rights, links, line ends."""

import os
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.inside import cards, progress

from flashcards.app import writing
from flashcards.app.finding import find_files

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kills, limits and rights as Unix has them")

KILLED = """
    import os, random, signal, sys
    from pathlib import Path
    from flashcards.app.writing import Written, replace

    path, rounds = Path(sys.argv[1]), int(sys.argv[2])
    old, new = path.read_bytes(), b"deck: new\\n" + b"#" * 300_000
    dice = random.Random(1)
    seen = set()
    for _ in range(rounds):
        child = os.fork()
        if not child:
            while True:
                now = path.read_bytes()
                replace(Written(path, now, new if now == old else old))
        first = path.read_bytes()
        while path.read_bytes() == first:
            pass
        for _ in range(dice.randrange(200)):
            seen.add(path.read_bytes())
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        seen.add(path.read_bytes())
    sys.exit(0 if seen == {old, new} else 1)
"""
DROP_ALL_RIGHTS = 24, 1
"""PR_CAPBSET_DROP and CAP_DAC_OVERRIDE: root asks for rights like everybody else."""


@pytest.fixture
def mine(home: Path, deck_file: Callable[..., Path]) -> Path:
    """A deck of the person's own with two cards that have no ids, taken in."""
    path = deck_file("deck: mine\ncards:\n- front: One?\n  back: eins\n- front: Two?\n  back: zwei\n", "mine.yaml")
    cards("import", path, check=True)
    return path


def limited(*args: object, size: int | None = None) -> "subprocess.CompletedProcess[str]":
    """The real program, as nobody special, with a limit for the size of a file."""

    def limits() -> None:
        import ctypes
        import resource

        if size is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
        if not os.getuid():
            ctypes.CDLL(None).prctl(*DROP_ALL_RIGHTS, 0, 0, 0)

    command = [sys.executable, "-m", "flashcards", *map(str, args)]
    env = {**os.environ}  # without what readline has put into that of the process
    return subprocess.run(command, preexec_fn=limits, env=env, capture_output=True, text=True, timeout=60, check=False)


# ---------------------------------------------------------------- kills


@pytest.mark.parametrize("rounds", [10, pytest.param(60, marks=pytest.mark.slow)])
def test_a_file_is_the_old_or_the_new_one_whenever_the_writer_is_killed(mine: Path, rounds: int) -> None:
    """Also to those who read meanwhile; what a kill leaves behind is never taken for a deck."""
    before = mine.read_bytes()
    mine.write_bytes(before)

    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), str(mine), str(rounds)], capture_output=True, check=False
    )

    assert (0, b"") == (done.returncode, done.stderr)
    mine.write_bytes(before)
    assert ([mine], []) == find_files([str(mine.parent)])
    assert ([mine], []) == find_files([f"{mine.parent}/*"])


# ---------------------------------------------------------------- no room, no rights


@pytest.mark.skipif(sys.platform != "linux", reason="root gives up its rights by a call of Linux")
@pytest.mark.parametrize(
    ("hinder", "hint"),
    [
        (lambda mine: mine.write_text(mine.read_text() + "#" * 600_000), "make room"),
        (lambda mine: mine.parent.chmod(0o555), "rights"),
        (lambda mine: mine.chmod(0o444), "chmod u+w"),
    ],
    ids=["full disk", "folder", "file"],
)
def test_what_cannot_be_written_is_told_in_a_line_and_stays(
    mine: Path, hinder: Callable[[Path], object], hint: str
) -> None:
    """With the cure; no part of a file is left beside it, and the program knows nothing new."""
    hinder(mine)
    before, known = mine.read_bytes(), progress()

    ran = limited("new", "mine", "--front", "Three?", "--back", "drei", size=500_000)

    assert (1, 2) == (ran.returncode, len(ran.stderr.splitlines())), ran.stderr
    assert hint in ran.stderr
    assert ([mine], before, known) == ([*mine.parent.iterdir()], mine.read_bytes(), progress())
    mine.parent.chmod(0o755)


def test_files_that_belong_together_are_written_together(mine: Path, deck_file: Callable[..., Path]) -> None:
    """The second cannot be written: the first is as it was."""
    other = deck_file("deck: other\ncards: []\n", "other.yaml")
    both = [writing.Written(path, path.read_bytes(), b"new") for path in (mine, other)]
    before = mine.read_bytes()
    other.write_bytes(b"somebody was faster")

    with pytest.raises(writing.CardsError, match="was changed meanwhile"):
        writing.replace_all(both)

    assert (before, b"somebody was faster") == (mine.read_bytes(), other.read_bytes())


def test_a_new_deck_that_finds_no_room_leaves_nothing(home: Path, tmp_path: Path) -> None:
    """Half a deck would be in the way of the next try."""
    ran = limited("deck", "new", "x", "-o", tmp_path / "x.yaml", size=500)

    assert (1, False) == (ran.returncode, (tmp_path / "x.yaml").exists()), ran.stderr


# ---------------------------------------------------------------- what a file is besides its text


def test_links_rights_marks_and_line_ends_stay(mine: Path, deck_file: Callable[..., Path], tmp_path: Path) -> None:
    """A file in a folder of dotfiles, from Windows, that a link leads to: `new`, `check --write-ids` and `move`."""
    real = tmp_path / "dotfiles" / "w.yaml"
    real.parent.mkdir()
    text = "deck: w\r\ncards:\r\n- front: A?\r\n  back: b\r\n- front: C?\r\n  back: d\r\n"
    real.write_bytes(b"\xef\xbb\xbf" + text.encode())
    real.chmod(0o640)
    link = mine.parent / "w.yaml"
    link.symlink_to(real)
    cards("import", link, check=True)

    cards("new", "w", "--front", "E?", "--back", "f", check=True)
    cards("check", "--write-ids", link, check=True)
    cards("move", "w/a", "mine", check=True)

    expected = "deck: w\r\ncards:\r\n- front: C?\r\n  id: c\r\n  back: d\r\n- id: e\r\n  front: E?\r\n  back: f\r\n"
    assert b"\xef\xbb\xbf" + expected.encode() == real.read_bytes()
    assert mine.read_bytes().endswith(b"- front: A?\n  was: [w/a]\n  id: a\n  back: b\n")
    assert (True, 0o640) == (link.is_symlink(), stat.S_IMODE(real.stat().st_mode))
    assert {"mine/a", "mine/one", "mine/two", "w/c", "w/e"} == set(progress())
