"""Several at once: two sittings, an import, a prompt, eight writers; nobody is turned away, nothing is graded twice."""

import json
import os
import random
import re
import sqlite3
import subprocess
import sys
import textwrap
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from cli.inside import cards, progress
from crash.sittings import CARDS, ME, Sitter, Start, write_deck
from crash.soundness import check_derived, state
from thorough import times

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="terminals of Unix")
Run = Callable[..., object]
TOLD = "was graded in another terminal first; your grade counts as a drill"
NUMBER = re.compile(rb"\d+/40")
AS_WELL = "was graded in another terminal as well; your grade came first and counts"
GONE = "was graded meanwhile in another terminal"


def log() -> list[dict[str, object]]:
    return [json.loads(line) for line in cards("export", "log", check=True).out.splitlines()]


def times_graded() -> Counter[str]:
    """How often each card's schedule was meant to move."""
    return Counter(event["card"] for event in log() if event["kind"] == "review" and event["mode"] == "scheduled")


def hurry(person: Sitter, dice: random.Random) -> None:
    """Grades to the end, with moments of thought here and there."""
    while "enter leave" not in person.shown():
        seen = len(NUMBER.findall(person.raw))
        person.type(" ")
        person.look(lambda s: "1 again" in s.rpartition("space show")[2] or "enter leave" in s, "the answer")
        if not dice.randrange(4):
            person.child.expect(pexpect.TIMEOUT, timeout=dice.uniform(0, 0.05))
        person.type("3")
        person.look(lambda s, n=seen: len(NUMBER.findall(person.raw)) > n or "enter leave" in s, "the next card")
    person.type("q")
    assert 0 == person.leaves()


def told(*people: Sitter) -> int:
    texts = [" ".join(person.raw.decode().split()) for person in people]
    return sum(text.count(TOLD) + text.count(AS_WELL) for text in texts)


# ---------------------------------------------------------------- two sittings


def test_a_card_that_was_graded_in_another_terminal_meanwhile_is_told(start: Start, home: Path, deck: Path) -> None:
    """Both show the answer of one card; the second grade counts as a drill and says so, and the schedule moved once."""
    one, other = (start("review", home=home) for _ in range(2))
    for person in (one, other):
        person.see("1/20", "Question 0?")
        person.type(" ")
        person.see("1 again")
    one.type("3")
    one.see("2/20")
    other.type("1")
    other.see("2/20", "space show the answer")

    assert f"`d/c0` {TOLD}" in other.words()
    assert not told(one)
    assert (1, 0) == (progress()["d/c0"]["repetitions"], progress()["d/c0"]["lapses"])


@pytest.mark.slow
def test_a_card_that_was_graded_elsewhere_before_it_is_shown_is_left_out(start: Start, home: Path, deck: Path) -> None:
    """It is not asked a second time, and the sitting says why."""
    one, other = (start("review", home=home) for _ in range(2))
    for person in (one, other):
        person.see("1/20")
    for number in (2, 3):
        one.grade()
        one.see(f"{number}/20")
    other.type("s")
    other.see("Question 2?")

    assert f"`d/c1` {GONE}" in other.words()
    assert {"d/c0": 1, "d/c1": 1} == times_graded()


@pytest.mark.parametrize("seed", [pytest.param(n, marks=pytest.mark.slow) for n in range(1, times(2, 40))])
def test_two_sittings_of_one_deck_grade_no_card_twice_untold(
    start: Start, home: Path, deck: Path, tmp_path: Path, seed: int
) -> None:
    """Two people, each in a hurry, at the same cards at the same time: whatever happens twice is told."""
    people = [start("review", "--new", "100", home=home) for _ in range(2)]
    for person in people:
        person.see("1/40")
    dice = [random.Random(seed), random.Random(-seed)]
    hurried = [threading.Thread(target=hurry, args=pair) for pair in zip(people, dice, strict=True)]
    for one in hurried:
        one.start()
    for one in hurried:
        one.join()
    found = Counter(event["card"] for event in log() if event["kind"] == "review")
    twice = sum(found.values()) - CARDS

    assert CARDS == len(found)
    assert {1} == {*times_graded().values()} or times_graded().total() - CARDS <= told(*people)
    assert twice <= told(*people)
    check_derived(home, tmp_path)
    print(f"two sittings: {twice} cards graded twice, all told")


# ---------------------------------------------------------------- others beside a sitting


@pytest.mark.slow
def test_an_import_during_a_review_changes_the_next_cards(start: Start, run: Run, home: Path, deck: Path) -> None:
    """What is on the screen can be graded, the next card has its new text, and one that is gone is left out."""
    person = start("review", home=home)
    person.see("1/20", "Question 0?")
    person.type(" ")
    person.see("1 again")
    write_deck(deck, front="Said anew,")
    deck.write_text(deck.read_text().replace("  - id: c1\n    front: Said anew, 1?\n    back: Answer 1.\n", ""))
    run("import", deck, check=True)
    person.type("3")
    person.see("Said anew, 2?")

    assert "`d/c1` is no longer in its deck" in person.words()
    assert {"d/c0": 1} == times_graded()


@pytest.mark.slow
def test_a_prompt_beside_a_sitting_is_never_turned_away(start: Start, run: Run, home: Path, deck: Path) -> None:
    """`cards due --short` again and again while cards are graded: each call answers, none says a word of locks."""
    person = start("review", "--new", "100", home=home)
    person.see("1/40")
    stop, found = threading.Event(), []

    def ask() -> None:
        while not stop.is_set():
            found.append(run("due", "--short"))

    asking = threading.Thread(target=ask)
    asking.start()
    for number in range(2, 20):
        person.grade()
        person.see(f"{number}/40")
    stop.set()
    asking.join()

    assert found
    assert {(0, "")} == {(ran.code, ran.err) for ran in found}
    assert 18 == len(log())


def test_a_grade_waits_for_another_program_that_is_writing(start: Start, home: Path, deck: Path) -> None:
    """A second or more is only waited for; nothing of it is seen."""
    person = start("review", home=home)
    person.see("1/20")
    person.type(" ")
    person.see("1 again")
    other = sqlite3.connect(home / "cards.db", isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    timer = threading.Timer(1.2, other.rollback)
    timer.start()
    person.type("3")
    person.see("2/20")
    timer.join()
    other.close()

    assert "locked" not in person.raw.decode()
    assert {"d/c0": 1} == times_graded()


# ---------------------------------------------------------------- eight writers

WRITER = """
    import sys, time
    from flashcards.app import App
    from flashcards.app.reviewing import Wish, sit
    from flashcards.errors import StoreLocked

    def one():
        session = sit(app, Wish(cram=True)).session
        for _ in range(number):
            session.skip()
        session.reveal(), session.grade(3)
        print(session._steps[-1].event.id, flush=True)
        session.flag()
        print(session._steps[-1].event.id, flush=True)
        if number % 2:
            undone = app.undo()
            print("undone", undone[0].id if undone else "-", flush=True)

    number = int(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + float(sys.argv[1])
    app = App()
    while time.monotonic() < until:
        try:
            one()
        except StoreLocked:  # refused after ten seconds, on a very busy machine: told, and not stored
            pass
    app.close()
"""


@pytest.mark.parametrize("seconds", [pytest.param(times(1, 60), marks=[pytest.mark.slow, pytest.mark.timeout(600)])])
def test_eight_writers_find_in_the_log_exactly_what_each_was_told(
    home: Path, deck: Path, tmp_path: Path, seconds: float
) -> None:
    """Grades, marks and undos of eight processes at once: nothing is missing, nothing is there that nobody was told."""
    command = [sys.executable, "-c", textwrap.dedent(WRITER)]
    writers = [
        subprocess.Popen(
            [*command, str(seconds), str(number)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ},
        )
        for number in range(8)
    ]  # fmt: skip
    for one in writers:
        assert "ready\n" == one.stdout.readline()
    for one in writers:
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=seconds + 60) for one in writers]
    lines = [line.split() for out, _ in said for line in out.splitlines()]
    promised = [words[0] for words in lines if len(words) == 1]
    undone = [words[1] for words in lines if words[0] == "undone" and words[1] != "-"]
    found = log()
    undos = [event for event in found if event["kind"] == "undo"]

    assert [""] * 8 == [err for _, err in said]
    assert sorted(promised) == sorted(event["id"] for event in found if event["kind"] != "undo")
    assert sorted(undone) == sorted(event["target"] for event in undos)
    assert state(home).log
    check_derived(home, tmp_path)
    print(f"eight writers, {seconds} s: {len(found)} events, differences 0")


def test_the_words_of_this_file_are_those_of_the_program() -> None:
    """What the tests above look for is really said."""
    folder = Path(__file__).parents[2] / "flashcards" / "session"
    source = "".join(file.read_text() for file in folder.glob("*.py"))

    assert {True} == {words in source for words in (TOLD, AS_WELL, GONE)}
    assert ME
