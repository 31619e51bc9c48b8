"""Crashes: real processes and a real `kill -9`; every grade that was acknowledged is in the log.

A grade is acknowledged when the next question, or the end, is on the screen.
What is in the pipe when the process dies counts as seen.
"""

import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from thorough import times

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` is a thing of Unix")

CARDS = 200
MANY = 1_000
PATIENT = 30
"""Seconds after which a child that says nothing is taken for dead."""
SHOWN = re.compile(r"^(?:card \d+ of \d+|\d+ cards? to come back): (\S+), ", re.MULTILINE)
ENDED = re.compile(r"^done: ", re.MULTILINE)
ALL_GRADES = "1234"
RANDOM_KILLS = times(15, 50)
PASSING = "34"
"""What is graded lower comes back in the same sitting, or in the next."""

Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def start(home: Path) -> Iterator[Start]:
    """Starts the real program with pipes at all three ends; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def start(*args: str | Path, **options) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "flashcards", *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "CARDS_HOME": str(home)},
            **options,
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=PATIENT)


def write_deck(path: Path, name: str, number: int, *, front: str = "Question", first: int = 0) -> Path:
    """A deck of so many plain cards."""
    cards = [f"  - id: c{n}\n    front: {front} {n}?\n    back: Answer {n}.\n" for n in range(first, first + number)]
    path.write_text(f"deck: {name}\ntitle: {front}\ncards:\n{''.join(cards)}", encoding="utf-8")
    return path


@pytest.fixture
def deck(run, tmp_path: Path) -> Path:
    """A deck of two hundred cards, taken in."""
    path = write_deck(tmp_path / "deck.yaml", "d", CARDS)
    run("import", path, check=True)
    return path


def answer_until_it_dies(child: "subprocess.Popen[str]", grades: Iterator[str]) -> None:
    """Turns every card and grades it, as fast as the pipe takes it; one answer for each thing that was shown."""
    try:
        for line in child.stdout:
            child.transcript.append(line)
            if SHOWN.match(line):
                child.stdin.write("\n")
            elif line.startswith("4 easy:"):
                child.stdin.write(f"{next(grades)}\n")
            child.stdin.flush()
    except (BrokenPipeError, ConnectionResetError):
        child.transcript.extend(child.stdout)


def reviewed_until(child: "subprocess.Popen[str]", grades: Iterator[str], delay: float, signal_number: int) -> str:
    """All that the child said, which got the signal `delay` seconds after its first question."""
    child.transcript = []
    while not SHOWN.match(line := child.stdout.readline()):
        assert line, child.stderr.read()
    child.transcript.append(line)
    child.stdin.write("\n")
    child.stdin.flush()
    timer = threading.Timer(delay, child.send_signal, [signal_number])
    timer.start()
    answer_until_it_dies(child, grades)
    timer.cancel()
    assert child.wait(PATIENT) in {-signal_number, 130, 0}, child.stderr.read()
    return "".join(child.transcript)


def acknowledged(transcript: str) -> list[str]:
    """The cards whose grade was followed by something: all that were shown but the last, or all if it ended."""
    shown = SHOWN.findall(transcript)
    return shown if ENDED.search(transcript) else shown[:-1]


def reviews_in(run, home: Path) -> list[str]:
    """The cards of the standing log, as it is exported, after a look whether the database is sound."""
    connection = sqlite3.connect(home / "cards.db")
    assert [("ok",)] == connection.execute("pragma integrity_check").fetchall()
    connection.close()
    lines = run("export", "log", check=True).out.splitlines()
    return [event["card"] for event in map(json.loads, lines) if event["kind"] == "review"]


def survives(start: Start, run, home: Path, rounds: int, seed: int, signal_number: int = signal.SIGKILL) -> int:
    """Kills so many reviews and looks each time; how many grades were stored in all."""
    dice = random.Random(seed)
    stored = 0
    for _ in range(rounds):
        child = start("review", "--plain", "--new", "1000", "--cram")
        grades = iter(lambda: dice.choice(ALL_GRADES), None)
        transcript = reviewed_until(child, grades, dice.uniform(0, 0.4), signal_number)
        promised = acknowledged(transcript)
        found = reviews_in(run, home)[stored:]

        assert promised == found[: len(promised)]
        assert len(found) - len(promised) in {0, 1}
        stored += len(found)
    return stored


def test_no_acknowledged_grade_is_lost_by_kill_9(start, run, home, deck):
    """Five reviews of all cards, each killed at a random moment: the log has what the screen promised."""
    assert 0 < survives(start, run, home, rounds=5, seed=1)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_acknowledged_grade_is_lost_by_many_kills(start, run, home, deck):
    """The same at many random moments; at fifty, by hand."""
    assert 0 < survives(start, run, home, rounds=RANDOM_KILLS, seed=3)


def test_no_acknowledged_grade_is_lost_by_ctrl_c(start, run, home, deck):
    """An interrupt at a random moment ends with 130 and keeps every grade."""
    assert 0 < survives(start, run, home, rounds=4, seed=4, signal_number=signal.SIGINT)


def test_ctrl_c_ends_with_130_and_without_a_traceback(start, run, home, deck):
    """The exit code is that of an interrupt, and nothing on standard error looks like a fault."""
    child = start("review", "--plain")
    while not SHOWN.match(child.stdout.readline()):
        pass
    child.send_signal(signal.SIGINT)
    _, errors = child.communicate(timeout=PATIENT)

    assert (130, False) == (child.returncode, "Traceback" in errors)


def test_a_review_goes_on_where_the_killed_one_was(start, run, home, deck):
    """After the kill the cards that were graded are not asked again, all others are."""
    dice = random.Random(5)
    child = start("review", "--plain", "--new", "1000")
    grades = iter(lambda: dice.choice(PASSING), None)
    transcript = reviewed_until(child, grades, 0.1, signal.SIGKILL)
    graded = reviews_in(run, home)
    rest = run("review", "--plain", "--new", "1000", input="\n3\n" * 3 * CARDS, check=True).out
    again = SHOWN.findall(rest)

    assert set(acknowledged(transcript)) <= set(graded)
    assert set() == set(graded) & set(again)
    assert {f"d/c{n}" for n in range(CARDS)} == {*graded, *again}
    assert ENDED.search(rest) or not again


# ---------------------------------------------------------------- two terminals


def test_two_terminals_at_once_lose_nothing(start, run, home, deck):
    """Two reviews of the same cards at one time: both come to their end, and every grade is in the log."""
    children = [start("review", "--plain", "--new", "1000", "--cram") for _ in range(2)]
    for child in children:
        child.transcript = []
    threads = [
        threading.Thread(target=answer_until_it_dies, args=(child, iter(lambda: "3", None))) for child in children
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENT * 2)
    endings = ["".join(child.transcript) for child in children]

    assert [0, 0] == [child.wait(PATIENT) for child in children]
    assert [True, True] == [bool(ENDED.search(text)) for text in endings]
    assert sorted(2 * [f"d/c{n}" for n in range(CARDS)]) == sorted(reviews_in(run, home))


# ---------------------------------------------------------------- a full disk


def test_a_full_disk_keeps_every_acknowledged_grade(start, run, home, deck):
    """The grade that found no room ends the review with 5 and a cure; those before it are stored."""
    import resource  # not on Windows

    held = sqlite3.connect(home / "cards.db")
    held.execute("select count(*) from events").fetchall()
    room = 120_000 + (home / "cards.db").stat().st_size
    child = start(
        "review",
        "--plain",
        "--new",
        "1000",
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )
    child.transcript = []
    answer_until_it_dies(child, iter(lambda: "3", None))
    code, errors = child.wait(PATIENT), child.stderr.read()
    held.close()
    promised = acknowledged("".join(child.transcript))

    assert (5, False) == (code, "Traceback" in errors)
    assert "hint: the disk" in errors
    assert 0 < len(promised) < CARDS
    assert promised == reviews_in(run, home)


# ---------------------------------------------------------------- an import that is killed


def size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # not there yet, or just gone
        return 0


def kill_an_import(start: Start, path: Path, wal: Path, delay: float) -> bool:
    """Kills `cards import` after a while, or, with 0, when its first byte is written; whether it was still at work."""
    child = start("import", path)
    while not delay and child.poll() is None and not size(wal):
        pass
    timer = threading.Timer(delay, child.kill)
    timer.start()
    child.communicate(timeout=PATIENT)
    timer.cancel()
    return child.returncode < 0


def fronts(run) -> dict[str, int]:
    """How many cards there are of each wording, retired ones aside."""
    rows = map(json.loads, run("list", "--json", check=True).out.splitlines())
    return Counter(row["front"].partition(" ")[0] for row in rows if row["state"] != "retired")


@pytest.mark.parametrize(
    "rounds", [pytest.param(4), pytest.param(times(10, 30), marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_an_import_that_is_killed_took_in_all_or_nothing(start, run, home, tmp_path, rounds):
    """A thousand cards over a thousand others, again and again: the old ones or the new ones, never some of both."""
    dice = random.Random(rounds)
    words = ("Old", "New")
    files = [
        write_deck(tmp_path / f"{word}.yaml", "big", MANY, front=word, first=50 * n) for n, word in enumerate(words)
    ]
    target = tmp_path / "big.yaml"
    target.write_bytes(files[0].read_bytes())
    begun = time.monotonic()
    run("import", target, check=True)
    took, killed = time.monotonic() - begun, 0
    for number in count():
        if number >= rounds and killed:
            break
        (now,) = fronts(run)
        target.write_bytes(files[1 - words.index(now)].read_bytes())
        killed += kill_an_import(start, target, home / "cards.db-wal", dice.uniform(took * 0.4, took) * (number % 2))

        assert fronts(run) in [{word: MANY} for word in words]
        assert [] == reviews_in(run, home)
