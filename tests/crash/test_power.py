"""Power that goes: copies of the files as they were at some moment, whole, torn, and in the middle of a checkpoint.

The process that grades is stopped for a copy, so that the copy is what the disk would hold if everything written had
reached it; what had not yet been waited for may be missing, which the torn copies show. The file of shared memory is
no part of a copy: it is rebuilt.
"""

import os
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
from crash import soundness
from thorough import times

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="processes are stopped and killed as on Unix")
HEADER, FRAME = 32, 24
"""Bytes of the write-ahead log: before its frames, and before the page of each."""

GRADES = """
    import sys
    from datetime import UTC, datetime, timedelta
    from flashcards.log import next_id
    from flashcards.model import Grade, Review
    from flashcards.store import Store

    store, last, at = Store(sys.argv[1]), "", datetime(2026, 3, 1, 8, tzinfo=UTC)
    for number in range(int(sys.argv[2])):
        at += timedelta(minutes=7)
        last = next_id(at, last, number)
        store.append([Review(
            id=last, card=f"d/c{number % 60}", grade=Grade(number % 6), at=at, offset_minutes=0, day=at.date(),
            mode="scheduled", device="x", typed="x" * (number % 900),
        )])
        print(last, flush=True)
    sys.stdin.read()
"""


class Copy(NamedTuple):
    """The files of one moment, and what was acknowledged before it."""

    home: Path
    acknowledged: list[str]


class Grader:
    """A process that grades and says what is stored."""

    def __init__(self, home: Path, grades: int) -> None:
        self.home, self.said = home, []
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(GRADES), str(home / "cards.db"), str(grades)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        os.set_blocking(self.process.stdout.fileno(), False)
        self._rest = b""

    def heard(self) -> list[str]:
        """All that was acknowledged until now."""
        while data := self.process.stdout.read():
            *lines, self._rest = (self._rest + data).split(b"\n")
            self.said += [line.decode() for line in lines]
        return [*self.said]

    def copied(self, to: Path) -> Copy:
        """The files as they are, between two of its steps."""
        os.kill(self.process.pid, signal.SIGSTOP)
        os.waitid(os.P_PID, self.process.pid, os.WSTOPPED)
        acknowledged = self.heard()
        to.mkdir()
        for name in ("cards.db", "cards.db-wal"):
            if (self.home / name).exists():
                shutil.copyfile(self.home / name, to / name)
        os.kill(self.process.pid, signal.SIGCONT)
        return Copy(to, acknowledged)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdin.close()
        self.process.stdout.close()


def copies(folder: Path, grades: int, number: int) -> tuple[list[Copy], list[str]]:
    """Copies at random moments, and all that the grader stored."""
    grader, dice, found = Grader(folder / "home", grades), random.Random(number), []
    try:
        while len(grader.heard()) < 2:
            assert grader.process.poll() is None
        while not found or (len(grader.heard()) < grades and len(found) < number):
            found.append(grader.copied(folder / f"copy-{len(found)}"))
            until = time.monotonic() + dice.uniform(0, 0.02)
            while time.monotonic() < until:
                pass
    finally:
        grader.end()
    return found, log_of(folder / "home")


def log_of(home: Path) -> list[str]:
    return [line.split()[0] for line in soundness.state(home).log]


def is_start(found: list[str], whole: list[str]) -> bool:
    return found == whole[: len(found)]


@pytest.mark.parametrize(
    "number", [3, pytest.param(times(20, 1000), marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_copy_of_any_moment_holds_all_that_was_acknowledged(tmp_path: Path, number: int) -> None:
    """It opens, its derived tables equal a replay, and the log goes at least as far as was promised."""
    found, whole = copies(tmp_path, 60 * number, number)

    assert found
    for copy in found:
        log = log_of(copy.home)
        assert copy.acknowledged == log[: len(copy.acknowledged)]
        assert len(log) <= len(copy.acknowledged) + 1
        assert is_start(log, whole)
    for copy in found[:: times(3, 1)]:
        soundness.check_derived(copy.home, tmp_path)
    print(f"copies of a moment: {len(found)}, up to {len(found[-1].acknowledged)} grades")


@pytest.mark.parametrize(
    "number", [6, pytest.param(times(30, 2000), marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_torn_write_ahead_log_gives_a_start_of_the_log(tmp_path: Path, number: int) -> None:
    """Cut at any byte, or garbage from there on: what is read is what was stored until some moment, and no more."""
    (copy, *_), whole = copies_of_a_long_wal(tmp_path)
    wal, dice, shorter = (copy.home / "cards.db-wal").read_bytes(), random.Random(number), 0
    before = log_of(copy.home)
    for one in range(number):
        torn = tmp_path / f"torn-{one}"
        torn.mkdir()
        shutil.copyfile(copy.home / "cards.db", torn / "cards.db")
        place = dice.randrange(len(wal))
        rest = b"" if one % 2 else dice.randbytes(min(dice.randrange(1, 5_000), len(wal) - place))
        (torn / "cards.db-wal").write_bytes(wal[:place] + rest)
        found = log_of(torn)

        assert is_start(found, whole)
        if not one % 5:
            soundness.check_derived(torn, tmp_path)
        shorter += len(found) < len(before)
        shutil.rmtree(torn)
    print(f"torn logs: {number}, of which {shorter} had lost something")
    assert shorter


def copies_of_a_long_wal(folder: Path) -> tuple[list[Copy], list[str]]:
    grader = Grader(folder / "home", 70)
    try:
        while len(grader.heard()) < 70:
            assert grader.process.poll() is None
        found = [grader.copied(folder / "copy")]
    finally:
        grader.end()
    return found, log_of(folder / "home")


@pytest.mark.parametrize(
    "number", [3, pytest.param(times(10, 500), marks=[pytest.mark.slow, pytest.mark.timeout(900)])]
)
def test_a_checkpoint_that_was_cut_off_loses_nothing(tmp_path: Path, number: int) -> None:
    """Pages that were half moved into the database are still whole in the write-ahead log."""
    (copy, *_), whole = copies_of_a_long_wal(tmp_path)
    wal, dice = (copy.home / "cards.db-wal").read_bytes(), random.Random(number)
    size, pages = pages_in(wal)
    assert len(pages) > 5
    for one in range(number):
        torn = tmp_path / f"torn-{one}"
        shutil.copytree(copy.home, torn)
        (torn / "cards.db-shm").unlink(missing_ok=True)
        with (torn / "cards.db").open("r+b") as file:
            for page in dice.sample(sorted(pages), dice.randrange(1, len(pages) + 1)):
                start, length = dice.randrange(size), dice.randrange(1, size)
                file.seek((page - 1) * size + start)
                file.write(dice.randbytes(min(length, size - start)))

        assert whole == log_of(torn)
        shutil.rmtree(torn)
    print(f"checkpoints cut off: {number}, pages in the log: {len(pages)}")


def pages_in(wal: bytes) -> tuple[int, set[int]]:
    """The size of a page, and the numbers of those whose newest version is in the log."""
    size, salt = struct.unpack(">I", wal[8:12])[0], wal[16:24]
    found: set[int] = set()
    since: set[int] = set()
    for place in range(HEADER, len(wal) - size - FRAME + 1, size + FRAME):
        page, commit = struct.unpack(">II", wal[place : place + 8])
        if wal[place + 8 : place + 16] != salt:
            break
        since.add(page)
        if commit:
            found |= since
            since = set()
    return size, found


def test_a_torn_copy_is_really_torn(tmp_path: Path) -> None:
    """Without its write-ahead log a copy has lost what the tests look for."""
    (copy, *_), whole = copies_of_a_long_wal(tmp_path)
    (copy.home / "cards.db-wal").unlink()
    with closing(sqlite3.connect(copy.home / "cards.db")) as connection:
        tables = [name for (name,) in connection.execute("select name from sqlite_master where name = 'events'")]
        found = connection.execute("select count(*) from events").fetchone()[0] if tables else 0

    assert found < len(whole)
