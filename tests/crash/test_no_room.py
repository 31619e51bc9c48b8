"""Disks that are full, folders that may only be read, databases that go away under a sitting."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.inside import cards
from crash.sittings import Sitter, Start, write_deck
from crash.soundness import check_derived, state

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals and mounts of Unix")
Run = Callable[..., object]


def mounted(place: Path, *options: str) -> None:
    done = subprocess.run(["mount", *options, str(place)], capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 700 KB."""
    place = tmp_path / "small"
    place.mkdir()
    mounted(place, "-t", "tmpfs", "-o", "size=700k,mode=700", "tmpfs")
    yield place
    subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


@pytest.fixture
def only_to_read(home: Path, deck: Path) -> Iterator[Path]:
    """A home with a log, where nothing may be written: root by a mount, others by the rights of the folder."""
    cards("review", "--plain", "--limit", "2", stdin="\n3\n\n3\n", check=True)
    if os.geteuid():
        home.chmod(0o500)
        (home / "cards.db").chmod(0o400)
    else:
        mounted(home, "--bind", str(home))
        mounted(home, "-o", "remount,ro,bind")
    yield home
    if os.geteuid():
        home.chmod(0o700)
        (home / "cards.db").chmod(0o600)
    else:
        subprocess.run(["umount", "-l", str(home)], capture_output=True, check=False)


def graded(home: Path) -> int:
    return len(state(home).log)


# ---------------------------------------------------------------- a full disk


def test_a_full_disk_is_no_damage(run: Run, small_disk: Path, tmp_path: Path) -> None:
    """Where SQLite has no room for what it needs to read, doctor says so, and has nothing to save."""
    env = {"CARDS_HOME": str(small_disk / "home")}
    run("import", write_deck(tmp_path / "d.yaml"), env=env, check=True)
    fill(small_disk / "filler")
    for command in ("undo", "due"):  # the first leaves a write-ahead log
        assert "the disk is full" in run(command, env=env).err
    found = run("doctor", env=env)

    assert "cannot be read; the disk is full" in " ".join(found.out.split())
    assert "damaged" not in found.out


def test_a_full_disk_is_told_and_the_sitting_goes_on_after_room_was_made(
    start: Start, run: Run, small_disk: Path, tmp_path: Path
) -> None:
    """The answer that found no room is not stored and says so, with the cure; made room for, it is given again."""
    home = small_disk / "home"
    run("import", write_deck(tmp_path / "d.yaml"), env={"CARDS_HOME": str(home)}, check=True)
    person = start("review", "--new", "100", home=home)
    person.grade()
    person.see("2/40")
    filler = small_disk / "filler"
    fill(filler)
    done = until_refused(person)
    shown = person.words()
    stored = graded_beside(home, tmp_path)

    assert "the disk is full:" in shown
    assert "make room, then do it again; everything before it is stored" in shown
    assert done == stored

    filler.unlink()
    person.type("3")
    person.see(f"{done + 2}/40")
    person.end()
    assert (0, True) == (person.leaves(), person.is_sane())
    assert done + 1 == graded(home)
    check_derived(home, tmp_path)


def test_a_disk_with_room_for_no_other_file_is_told_as_full(run: Run, tmp_path: Path) -> None:
    """There are bytes, but no place for the files that SQLite puts beside a database."""
    place = tmp_path / "small"
    place.mkdir()
    mounted(place, "-t", "tmpfs", "-o", "size=8m,nr_inodes=12,mode=700", "tmpfs")
    try:
        env = {"CARDS_HOME": str(place / "home")}
        run("import", write_deck(tmp_path / "d.yaml"), env=env, check=True)
        fillers = [place / f"{n}" for n in range(os.statvfs(place).f_ffree)]
        for filler in fillers:
            filler.touch()
        told = run("due", env=env)
        for filler in fillers:
            filler.unlink()

        assert (5, True) == (told.code, "the disk is full" in told.err)
        run("due", env=env, check=True)
    finally:
        subprocess.run(["umount", "-l", str(place)], capture_output=True, check=False)


def fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass


def until_refused(person: Sitter) -> int:
    """Grades until a grade is not stored; how many were."""
    for number in range(1, 40):
        person.type(" ")
        person.see("1 again")
        person.type("3")
        shown = person.look(lambda s, n=number: f"{n + 2}/40" in s or "not stored" in s, "a sign")
        if "not stored" in shown:
            return number
    raise AssertionError(person.shown())


def graded_beside(home: Path, folder: Path) -> int:
    """How many grades are in the files, seen through a copy where there is room."""
    copy = folder / "elsewhere"
    copy.mkdir()
    for name in ("cards.db", "cards.db-wal"):
        shutil.copyfile(home / name, copy / name)
    return graded(copy)


@pytest.mark.slow
def test_a_limit_of_file_sizes_is_told_as_one_line(start: Start, run: Run, home: Path, deck: Path) -> None:
    """The system refuses to let the file grow: told like a disk that does not take it, and the terminal is sane."""
    limit = (home / "cards.db").stat().st_size // 512 + 60
    person = start("review", "--new", "100", home=home, before=f"ulimit -f {limit}")
    person.grade()
    person.see("2/40")
    until_refused(person)
    person.end()

    assert (0, True) == (person.leaves(), person.is_sane())
    assert "hint: the disk may be full" in person.raw.decode() or "make room" in person.raw.decode()


# ---------------------------------------------------------------- nothing may be written


READS = (
    "due", "due --short", "list", "list question", "decks", "show d/c1", "log", "stats --json", "stats --plain", "export log",
    "export progress", "export deck d", "config",
)  # fmt: skip
WRITES = ("suspend d/c1", "undo", "import d.yaml", "review --plain", "review --json")


def test_what_only_reads_works_where_nothing_may_be_written(only_to_read: Path) -> None:
    """As always, and nothing is left beside the database."""
    before = sorted(one.name for one in only_to_read.iterdir())
    for command in READS:
        ran = cards(*command.split(), check=True)

        assert (True, "") == (bool(ran.out), ran.err), command
        assert before == sorted(one.name for one in only_to_read.iterdir())


def test_what_writes_says_in_a_line_that_it_cannot(only_to_read: Path, deck: Path) -> None:
    """With the cure, before anything is done; nobody is asked a question in vain."""
    write_deck(deck, front="Other")
    for command in WRITES:
        ran = cards(*command.replace("d.yaml", str(deck)).split(), stdin="\n3\n")

        assert (5, 2, "") == (ran.code, len(ran.err.splitlines()), ran.out), ran
        assert ran.err.startswith("error: nothing can be stored: `")


def test_a_review_on_a_terminal_says_first_that_nothing_can_be_stored(start: Start, only_to_read: Path) -> None:
    """One line and the cure, no question, and the terminal as it was."""
    person = start("review", home=only_to_read)

    assert (5, True) == (person.leaves(), person.is_sane())
    assert person.words().startswith("error: nothing can be stored")
    assert "Question" not in person.shown()


# ---------------------------------------------------------------- the database goes away


@pytest.mark.parametrize(
    "how", ["renamed", *(pytest.param(how, marks=pytest.mark.slow) for how in ("removed", "replaced"))]
)
def test_a_database_that_goes_away_is_told_at_the_next_grade(
    start: Start, run: Run, home: Path, deck: Path, tmp_path: Path, how: str
) -> None:
    """One line and the cure, exit 5, and nothing is pretended: what is not in the file at that path is not stored."""
    person = start("review", "--new", "100", home=home)
    person.grade()
    person.see("2/40")
    if how == "removed":
        shutil.rmtree(home)
    else:
        home.rename(tmp_path / "moved")
    if how == "replaced":
        run("import", deck, check=True)
    person.grade()

    assert (5, True) == (person.leaves(), person.is_sane())
    said = "was replaced by another file" if how == "replaced" else "is gone"
    expected = f"error: not stored: `{home / 'cards.db'}` {said}"
    assert "".join(expected.split()) in "".join(person.shown().split())  # a long path breaks anywhere
    assert "hint: " in person.words()
    if how != "removed":
        assert 1 == graded(tmp_path / "moved")
    if how == "replaced":
        assert 0 == graded(home)


@pytest.mark.slow
def test_a_disk_that_is_taken_out_is_told_at_the_next_grade(
    start: Start, run: Run, small_disk: Path, tmp_path: Path
) -> None:
    """As a stick that is pulled: its folder is empty then."""
    home = small_disk / "home"
    run("import", write_deck(tmp_path / "d.yaml"), env={"CARDS_HOME": str(home)}, check=True)
    person = start("review", "--new", "100", home=home)
    person.grade()
    person.see("2/40")
    subprocess.run(["umount", "-l", str(small_disk)], check=True)
    person.grade()

    assert (5, True) == (person.leaves(), person.is_sane())
    assert "is gone" in person.words()


@pytest.mark.slow
def test_a_pipe_is_told_the_same(run: Run, home: Path, deck: Path) -> None:
    """The line by line review ends with 5 as well, after what was stored."""
    child = subprocess.Popen(
        [sys.executable, "-m", "flashcards", "review", "--plain"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "CARDS_HOME": str(home)},
    )  # fmt: skip
    while "card 1 of" not in child.stdout.readline():
        pass
    shutil.rmtree(home)
    _, errors = child.communicate("\n3\n\n3\n", timeout=60)

    assert (5, 2) == (child.returncode, len(errors.splitlines())), errors
    assert errors.startswith("error: not stored: `")
