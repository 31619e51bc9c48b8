"""What a person is asked when decks come in or are written: the real program in a pseudo-terminal."""

import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.inside import cards, progress
from ui.person import CTRL_C, ENTER, Person

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")

DECK = """
    deck: d
    cards:
      - front: How do you list all the files?
        back: ls -a
      - front: Who wrote the very first program?
        back: Ada
"""
OLD, NEW = "d/how-do-you-list-all-the-files", "d/how-does-one-list-all-the-files"
SECOND, SECOND_NEW = "d/who-wrote-the-very-first-program", "d/who-wrote-the-very-first-of-all-programs"
Begin = Callable[..., Person]


@pytest.fixture
def begin(home: Path, tmp_path: Path) -> Iterator[Begin]:
    """Starts a command at a terminal of so many columns, with what is added to the environment."""
    people: list[Person] = []

    def begin(*args: object, columns: int = 80, **env: str) -> Person:
        command = [sys.executable, "-m", "flashcards", *map(str, args)]
        people.append(Person(command, columns, 40, {**os.environ, **env}, tmp_path / "log"))
        return people[-1]

    yield begin
    for person in people:
        person.close()


@pytest.fixture
def reworded(home: Path, deck_file: Callable[..., Path]) -> Path:
    """A deck whose two cards, which have no ids, were reviewed once and then worded anew."""
    path = deck_file(DECK, "d.yaml")
    cards("import", path, check=True)
    cards("review", "d", "--plain", stdin="\n4\n\n4\n", check=True)
    deck_file(DECK.replace("do you", "does one").replace("first program", "first of all programs"), "d.yaml")
    return path


def reviews() -> dict[str, int]:
    return {name: one["reviews"] for name, one in progress().items() if one["state"] != "retired"}


# ---------------------------------------------------------------- reworded cards


def test_each_reworded_card_is_asked_about(reworded: Path, begin: Begin) -> None:
    """Both texts and how much they are alike; y keeps the history, n does not, anything else asks again."""
    person = begin("import", reworded)
    person.see("(9", "% alike)", "was: How do you list", "now: How does one list", "keep its history? [y/n]:")
    person.type("maybe", ENTER)
    person.see("invalid input")
    person.type("y", ENTER)
    person.see("was: Who wrote the very first program?")
    person.type("n", ENTER)

    assert 0 == person.leaves()
    assert "1 new, 1 retired (restored if it returns), 1 renamed (history kept)" in person.shown()
    assert {NEW: 1, SECOND_NEW: 0} == reviews()
    ran = cards("import", reworded, check=True)
    assert f"{SECOND_NEW} may be {SECOND} reworded" in ran.err  # as long as nobody said yes, it may be said


def test_ctrl_c_at_the_question_takes_nothing_in(reworded: Path, begin: Begin) -> None:
    """Also not the answers that were given before; and no mark is left behind."""
    log, known = cards("export", "log").out, progress()
    person = begin("import", reworded, columns=40)
    person.see("keep its history? [y/n]:")
    person.type("y", ENTER)
    person.see("was: Who wrote the very first")
    person.type(CTRL_C)

    assert 130 == person.leaves()
    assert "Traceback" not in person.shown()
    assert (log, known) == (cards("export", "log").out, progress())
    assert {OLD: 1, SECOND: 1} == reviews()


def test_where_nobody_can_be_asked_nothing_is_guessed(reworded: Path) -> None:
    """The proposals are told with the cure, as text and as JSON; the option takes them."""
    (deck,) = json.loads((ran := cards("import", reworded, "--dry-run", "--json", check=True)).out)["decks"]
    assert ([], "") == (deck["renames"], ran.err)
    assert [(NEW, OLD), (SECOND_NEW, SECOND)] == [(one["card"], one["old"]) for one in deck["proposed_renames"]]
    assert all(60 <= one["percent"] < 100 for one in deck["proposed_renames"])

    ran = cards("import", reworded, check=True)
    assert "2 new, 2 retired (restored if it returns)" in ran.out
    assert f"{NEW} may be {OLD} reworded (9" in ran.err
    assert 1 == ran.err.count("hint: the same sources with --accept-renames keep their history")
    assert {NEW: 0, SECOND_NEW: 0} == reviews()

    (deck,) = json.loads(cards("import", reworded, "--accept-renames", "--json", check=True).out)["decks"]
    assert [[NEW, OLD], [SECOND_NEW, SECOND]] == [[one["card"], one["old"]] for one in deck["renames"]]
    assert [] == deck["proposed_renames"]
    assert {NEW: 1, SECOND_NEW: 1} == reviews()
    assert "no change" in (ran := cards("import", reworded)).out
    assert "" == ran.err


# ---------------------------------------------------------------- a new card


def test_a_card_is_asked_for_at_a_terminal(home: Path, deck_file: Callable[..., Path], begin: Begin) -> None:
    """Question by question; it is shown before it is written, a word that is no answer asks again; ctrl-c writes nothing."""
    path = deck_file(DECK, "d.yaml")
    cards("import", path, check=True)
    before = path.read_bytes()
    person = begin("new", columns=40)
    person.see("a new card for", "question:")
    person.type("Hidden files?", ENTER)
    person.see("answer, to be typed")
    person.type(CTRL_C)
    assert (130, before) == (person.leaves(), path.read_bytes())

    person = begin("new", "d", columns=40)
    person.type("Hidden ☃ files?", ENTER, "ls -a # all", ENTER, ENTER, "unix", ENTER)
    person.see('answer: "ls -a # all"', "tags: [unix]", "append it? [Y/n]")
    person.type("what", ENTER)
    person.see("invalid input")
    person.type(ENTER)
    assert 0 == person.leaves()

    tail = '\n  - id: hidden-files\n    front: Hidden ☃ files?\n    answer: "ls -a # all"\n    tags: [unix]\n'
    assert before.decode() + tail.removeprefix("\n") == path.read_text()
    assert "d/hidden-files" in progress()


# ---------------------------------------------------------------- the first minutes


def test_a_key_that_the_first_offer_does_not_know_is_told(home: Path, begin: Begin) -> None:
    """Once, with those it knows."""
    person = begin("review", columns=40)
    person.see("start with Python virtual")
    person.type("xx")
    shown = person.see("starts, n leaves")
    person.type("n")

    assert (0, 1) == (person.leaves(), " ".join(shown.split()).count("that key does nothing here: enter or y starts"))
    assert "takes in the others" in person.shown()


def test_what_a_new_person_tries_says_what_to_do(home: Path) -> None:
    """A group alone shows its help; a deck of the program is checked by no name at all."""
    ran = cards("export")
    assert (2, "", True) == (ran.code, ran.out, ran.err.startswith("Usage: cards export"))
    assert "error" not in ran.err
    assert "cards export anki -o everything.apkg" in ran.err

    cards("import", "venv", check=True)
    assert "venv: 22 cards" in cards("check", check=True).out
