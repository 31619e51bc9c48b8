"""A card edited in the middle of a review: the real program in a pseudo-terminal, with editors that are scripts."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.inside import cards, progress
from desk import MemoryDesk, card
from ui.person import CTRL_C, ENTER, ESC, Person

from flashcards.errors import NotFound
from flashcards.model import Card, CardId, Grade
from flashcards.session import Answer, Done, Question, Session

DECK = """
    deck: d
    cards:
      - id: why
        front: Why is that?
        back: Because it is.
      - id: ls
        front: List all files.
        answer: ls -a
"""
Begin = Callable[..., Person]


@pytest.fixture
def begin(home: Path, tmp_path: Path, deck_file: Callable[..., Path]) -> Iterator[Begin]:
    """A review of `DECK` with an editor that does what a line of shell says with the file."""
    people: list[Person] = []
    path = deck_file(DECK, "d.yaml")
    cards("import", path, check=True)
    editor = tmp_path / "vim"

    def begin(script: str, *args: str) -> Person:
        editor.write_text(f"#!/bin/sh\nfor file; do :; done\n{script}\n")
        editor.chmod(0o755)
        env = {**os.environ, "EDITOR": str(editor)}
        command = [sys.executable, "-m", "flashcards", "review", *args]
        people.append(Person(command, 80, 40, env, tmp_path / "log"))
        return people[-1]

    yield begin
    for person in people:
        person.close()


# ---------------------------------------------------------------- the session


def test_the_same_card_is_asked_with_its_new_text() -> None:
    """Before and after the answer is shown; what was typed is compared anew, and the time goes on."""
    desk = MemoryDesk([card("d/a", answer={"": "ls"})])
    texts = {}

    def load(name: CardId) -> Card:
        if name not in texts:
            raise NotFound(f"`{name}` is no longer in its deck")
        return texts[name]

    texts |= desk.cards
    session = Session([card("d/a").id], [], desk.desk()._replace(load=load))
    texts |= {card("d/a").id: card("d/a", front="new", answer={"": "ls -a"})}

    view = session.reread()
    assert isinstance(view, Question)
    assert ("new", "ls -a", 1) == (view.card.front, view.answer, view.number)

    session.reveal("ls")
    texts |= {card("d/a").id: card("d/a", answer={"": "ls"})}
    shown = session.reread()
    assert isinstance(shown, Answer)
    assert ("ls", Grade.GOOD) == (shown.typed, shown.suggested)

    texts.clear()
    gone = session.reread()
    assert isinstance(gone, Done)
    assert "no longer in its deck" in gone.notice


# ---------------------------------------------------------------- the terminal


def test_e_edits_the_card_and_goes_on_with_it(begin: Begin, tmp_path: Path) -> None:
    """At the question and, as `E`, at the answer; the terminal is the editor's as it was found, and the grade counts."""
    person = begin(
        f'stty -a > {tmp_path}/mode; echo "$@" >> {tmp_path}/said; sed -i "s/that?/this?/; s/it is/so/" "$file"'
    )
    person.see("Why is that?", "show the answer")
    person.type("e")
    person.see("Why is this?", "text changed, history kept", "show the answer")
    assert " icanon" in (tmp_path / "mode").read_text()
    assert (tmp_path / "said").read_text().startswith("+4 ")

    person.type(" ")
    person.see("Because so.", "1 again")
    person.type("E")
    person.see("nothing changed", "1 again")
    person.type("4")
    person.see("List all files.", "esc ? keys")
    person.type(ESC, "e")
    person.see("nothing changed", "esc ? keys")
    person.type("ls -a", ENTER)
    person.see("enter to accept")
    person.type("q")
    person.see("enter leave")
    person.type(ENTER)
    assert 0 == person.leaves()

    assert [1, 0] == [progress()[name]["reviews"] for name in ("d/why", "d/ls")]
    assert b"owned" not in person.raw


def test_ctrl_c_ends_the_editor_and_not_the_review(begin: Begin) -> None:
    """The editor dies of it; the card is still there."""
    person = begin("echo in the editor; exec sleep 60")
    person.see("show the answer")
    person.type("e")
    person.see("in the editor")
    person.type(CTRL_C)
    person.see("nothing changed", "show the answer")
    person.type("q")

    assert 0 == person.leaves()


def test_a_faulty_edit_is_told_and_the_last_good_version_goes_on(begin: Begin) -> None:
    """The person may go back to the editor, or leave it."""
    person = begin('sed -i "s/back:/bck:/" "$file"')
    person.see("show the answer")
    person.type("e")
    person.see("unknown key `bck`", "back to the editor?")
    person.type("n", ENTER)
    person.see("the last good version goes", "show the answer")
    person.type(" ")
    person.see("Because it is.")
    person.type(CTRL_C)

    assert 130 == person.leaves()


def test_a_card_that_vanished_gives_way_to_the_next(begin: Begin) -> None:
    """That is said, and the review goes on."""
    person = begin('sed -i 4,6d "$file"')
    person.see("show the answer")
    person.type("e")
    person.see("List all files.", "no longer in its deck")
    person.type(CTRL_C)

    assert 130 == person.leaves()


def test_a_deck_of_the_program_is_not_edited(begin: Begin) -> None:
    """It is said whose it is, and the card stays."""
    cards("import", "venv", check=True)
    person = begin('echo "owned"', "venv", "--plain")
    person.type(":e", ENTER)
    person.see("belongs to the program")
    person.type(":q", ENTER)

    person.leaves()
    assert b"owned" not in person.raw


def test_line_by_line_the_card_is_edited_too(begin: Begin) -> None:
    """`:e` at a question, `edit` at an answer."""
    person = begin('sed -i "s/that?/this?/; s/it is/so/" "$file"', "--plain")
    person.see("Why is that?")
    person.type(":e", ENTER)
    person.see("text changed, history kept", "Why is this?")
    person.type(ENTER)
    person.see("Because so.")
    person.type("edit", ENTER)
    person.see("nothing changed")
    person.type("q", ENTER)

    assert 0 == person.leaves()


def test_a_deck_that_is_edited_in_another_terminal_does_not_disturb(
    begin: Begin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is on screen stays, the cards that come have their new text, and every grade counts, also of one that left."""
    person = begin("true")
    person.see("Why is that?", "show the answer")
    monkeypatch.setenv("EDITOR", str(tmp_path / "other"))
    (tmp_path / "other").write_text(
        '#!/bin/sh\nsed -i "s/List all files./Show all files./; s/it is/so/; s/front: Why/front: But why/" "$1"\n'
    )
    (tmp_path / "other").chmod(0o755)
    assert "text changed" in cards("edit", "d/ls", check=True).out

    person.type(" ")
    person.see("Because it is.", "1 again")  # not under the eyes of who reads it
    person.type("4")
    person.see("Show all files.")
    (tmp_path / "decks" / "d.yaml").write_text("deck: d\ncards:\n  - {id: why, front: Why?, back: So.}\n")
    cards("import", tmp_path / "decks" / "d.yaml", check=True)
    person.type("ls -a", ENTER)
    person.see("enter to accept")
    person.type(ENTER)
    person.see("2 cards in", "1 of 1 known", "enter leave")
    person.type(ENTER)

    assert 0 == person.leaves()
    assert "Traceback" not in person.shown()
    assert [1, "Why?"] == [progress()["d/why"][name] for name in ("reviews", "front")]
    assert '"card":"d/ls"' in cards("export", "log", check=True).out
