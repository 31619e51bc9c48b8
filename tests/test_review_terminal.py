"""`cards review` as a person meets it: the real program in a pseudo-terminal, seen through a terminal emulator."""

import os
import signal
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cli.inside import cards, progress
from ui.person import CTRL_C, CTRL_D, CTRL_Z, ENTER
from ui.person import Person as AtTerminal

DECK = """
    deck: d
    title: Small
    cards:
      - {id: ls, front: List all files., answer: ls -a, back: Also hidden ones., explain: {-a: all}}
      - {id: why, front: Why is that?, back: Because it is.}
"""
ME = [sys.executable, "-m", "flashcards"]
WIDTHS = [40, 80, 120]
HEAVY = {
    "difflib",
    "hashlib",
    "importlib.metadata",
    "prompt_toolkit",
    "pygments",
    "rich.markdown",
    "rich.syntax",
    "rich.table",
    "sqlite_utils",
    "subprocess",
    "yaml",
    "zoneinfo",
}
"""What must not be imported before the first question stands there."""
SPY = """
import sys
from flashcards.ui import terminal
real = terminal.run
def painted():
    with open({path!r}, "w") as file:
        file.write(chr(10).join(sys.modules))
terminal.run = lambda *args, **how: real(*args, on_painted=painted, **how)
sys.argv = ["cards", "review"]
from flashcards.__main__ import main
main()
"""


class Person(AtTerminal):
    """Types at the program's terminal and looks at its screen."""

    def __init__(self, command: list[str], columns: int) -> None:
        super().__init__(command, columns, 40, dict(os.environ), Path("no-log"))

    def see(self, *texts: str) -> str:
        """Waits until all texts are on the screen, wherever lines break; gives the screen."""
        return self.look(lambda _: all(text in self.joined() for text in texts), f"{texts}")

    def joined(self) -> str:
        """The screen without line ends and runs of blanks."""
        return " ".join(self.shown().split())

    def is_sane(self) -> bool:
        """The terminal is as it was: mode, paste marks off, cursor shown."""
        return (
            self.fresh == termios.tcgetattr(self.child.child_fd)
            and self.raw.rfind(b"\x1b[?2004l") > self.raw.rfind(b"\x1b[?2004h")
            and self.raw.rfind(b"\x1b[?25h") >= self.raw.rfind(b"\x1b[?25l")
        )


Sit = Callable[..., Person]


@pytest.fixture
def sit(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sit]:
    """Starts the program in a terminal: `sit(columns=40)`."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    monkeypatch.setenv("SHELL", "/bin/bash")
    people: list[Person] = []

    def sit(*arguments: str, columns: int = 80, command: list[str] | None = None) -> Person:
        people.append(Person(command or [*ME, "review", *arguments], columns))
        return people[-1]

    yield sit
    for person in people:
        person.close()


@pytest.fixture
def deck(sit: Sit, deck_file) -> Path:
    path: Path = deck_file(DECK)
    cards("import", path, check=True)
    return path


def learnt() -> dict[str, int]:
    return {card: row["reviews"] for card, row in progress().items() if row["reviews"]}


def log() -> list[str]:
    """The kinds of events that were written."""
    return [line.partition('"kind":"')[2].partition('"')[0] for line in cards("export", "log").out.splitlines()]


# ---------------------------------------------------------------- the first run


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_first_run_offers_the_deck_that_came_along(sit: Sit, columns: int):
    """Enter takes it, and the first question stands there."""
    person = sit(columns=columns)
    person.see("no decks yet", "Python virtual environments, 22 cards", "enter yes")

    person.type(ENTER)
    person.see("venv 1/2", "What does a virtual environment give a project?", "? keys")
    person.type("q")

    assert 0 == person.leaves()
    assert person.is_sane()
    assert 22 == len(progress())


def test_the_offer_can_be_refused(sit: Sit):
    """Then nothing is taken in, and the way to a deck of one's own is shown."""
    person = sit()
    person.see("enter yes")

    person.type("n")
    person.see("cards import FILE takes in")

    assert 0 == person.leaves()
    assert {} == progress()


def test_ctrl_c_at_the_offer_leaves(sit: Sit):
    """130, the terminal as it was, and nothing taken in."""
    person = sit()
    person.see("enter yes")

    person.type(CTRL_C)

    assert 130 == person.leaves()
    assert person.is_sane()
    assert {} == progress()


# ---------------------------------------------------------------- a sitting


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_whole_sitting_with_an_undo_at_the_end(sit: Sit, deck: Path, columns: int):
    """A typed card, one answered in the head, the end screen, undo there, another grade, the end again."""
    person = sit(columns=columns)
    person.see("d 1/2", "List all files.", "enter check")
    person.type("ls -a", ENTER)
    person.see("right", "Also hidden ones.", "enter to accept")
    person.type(ENTER)
    person.see("d 2/2", "Why is that?", "space show")
    person.type(" ")
    person.see("Because it is.", "4 easy")
    person.type("4")
    person.see("2 cards in", "2 right at once", "2 of 2 known", "streak 1 day", "next: 2 tomorrow", "undo")
    person.type("u")
    person.see("undone", "Why is that?")
    person.type(" ")
    person.see("4 easy")
    person.type("3")
    person.see("2 cards in", "undo the last step")
    person.type(ENTER)

    assert 0 == person.leaves()
    assert person.is_sane()
    assert ["review", "review", "undo", "review"] == log()
    assert [2.5, 2.5] == [row["ease"] for row in progress().values()]


def test_quit_and_resume_with_what_is_left_to_drill(sit: Sit, deck: Path):
    """A failed card and a card not reached yet are both there in the next sitting of the day."""
    first = sit()
    first.see("List all files.", "enter check")
    first.type("ls", ENTER)
    first.see("again", "enter to accept")
    first.type("1")
    first.see("d 2/2", "Why is that?", "space show")
    first.type("q")
    first.see("1 card in", "2 left for later")
    first.type(ENTER)

    assert 0 == first.leaves()

    second = sit()
    second.see("d 1/1", "Why is that?", "space show")
    second.type(" ")
    second.see("4 easy")
    second.type("3")
    second.see("List all files.", "once more", "enter check")
    second.type("ls -a", ENTER)
    second.see("enter to accept")
    second.type(ENTER)
    second.see("1 card in", "2 tomorrow")
    second.type(ENTER)

    assert 0 == second.leaves()
    assert {"d/ls": 1, "d/why": 1} == learnt()
    third = sit()
    third.see("nothing is due")
    assert 0 == third.leaves()


def test_the_first_offer_is_made_again_after_the_shell_had_the_screen(sit: Sit, home: Path):
    """ctrl-z and fg: the question that waits for a key is on the screen again."""
    person = sit(command=["bash", "--norc", "-i"], columns=200)
    person.type(" ".join(ME), " review", ENTER)
    person.see("22 cards? (enter yes, n no)")
    person.type(CTRL_Z)
    person.see("Stopped")

    person.type("fg", ENTER)

    person.see(f"fg {' '.join(ME)} review no decks yet")
    person.type("n")
    person.see("cards import FILE")
    person.type("exit", ENTER)
    person.leaves()


def test_ctrl_c_leaves_with_130_and_a_sane_terminal(sit: Sit, deck: Path):
    """On an answer line, and at a key; what was graded stays."""
    line = sit()
    line.see("List all files.", "enter check")
    line.type(CTRL_C)
    assert (130, True) == (line.leaves(), line.is_sane())

    key = sit()
    key.see("List all files.", "enter check")
    key.type("ls -a", ENTER)
    key.see("enter to accept")
    key.type(ENTER)
    key.see("Why is that?", "space show")
    key.type(CTRL_C)

    assert (130, True) == (key.leaves(), key.is_sane())
    assert {"d/ls": 1} == learnt()
    assert "Traceback" not in key.shown()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_kill_leaves_a_sane_terminal(sit: Sit, deck: Path, number: signal.Signals):
    """The mode is given back, and the exit code says which signal it was."""
    person = sit()
    person.see("List all files.", "enter check")

    os.kill(person.child.pid, number)

    assert 128 + number == person.leaves()
    assert person.is_sane()


def test_ctrl_d_is_the_end(sit: Sit, deck: Path):
    """End of input leaves with 0."""
    person = sit()
    person.see("List all files.", "enter check")

    person.type(CTRL_D)

    assert (0, True) == (person.leaves(), person.is_sane())


def test_what_is_typed_before_the_question_is_kept(sit: Sit, deck: Path):
    """Nobody has to wait for the program to start."""
    person = sit("--new", "0", "--limit", "1")
    person.type("u")

    assert 0 == person.leaves()

    person = sit("--limit", "1")
    person.type("ls -a", ENTER)
    person.see("right", "enter to accept")
    person.type(ENTER)
    person.see("1 card in")


def test_a_changed_deck_is_said_above_the_first_question(sit: Sit, deck: Path):
    """One line, and the new text is asked."""
    deck.write_text(deck.read_text(encoding="utf-8").replace("List all files", "List every file"), encoding="utf-8")

    person = sit()

    assert "d changed on disk: 1 changed (history kept)" in person.see("List every file.", "enter check")


def test_plain_in_a_terminal_prompts(sit: Sit, deck: Path):
    """For screen readers: prompts, a slip is forgiven, and no control sequence is written."""
    person = sit("--plain")
    person.see("List all files.", "answer>")
    person.type("ls -a", ENTER)
    person.see("grade 1-4")
    person.type("9", ENTER)
    person.see("`9` is no grade")
    person.type("4", ENTER)
    person.see("Why is that?")
    person.type(CTRL_D)
    person.see("done: 1 card")

    assert 0 == person.leaves()
    assert b"\x1b" not in person.raw


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_no_colour_where_none_is_wanted(sit: Sit, deck: Path, monkeypatch: pytest.MonkeyPatch, environment):
    """NO_COLOR takes the colours out of the screen; a dumb terminal gets plain lines."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    person = sit()
    person.see("List all files.")
    person.type("ls", ENTER)
    person.see("again")
    person.type(CTRL_C)

    assert 130 == person.leaves()
    assert not [
        code for code in (b"\x1b[3", b"\x1b[9", b"\x1b[1;3") if code + b"1m" in person.raw or code + b"6m" in person.raw
    ]


# ---------------------------------------------------------------- the start


@pytest.mark.parametrize("deck_text", [DECK, DECK.replace("answer: ls -a, ", "")], ids=["typed", "in the head"])
def test_nothing_heavy_is_imported_before_the_first_question(sit: Sit, deck_file, tmp_path: Path, deck_text: str):
    """The first screen needs neither the answer line nor YAML, Markdown or a second clock."""
    cards("import", deck_file(deck_text), check=True)
    seen = tmp_path / "modules"

    person = sit(command=[sys.executable, "-c", SPY.format(path=str(seen))])
    person.see("List all files.", "? keys" if "answer" not in deck_text else "enter check")
    while not seen.exists():  # the spy writes it right after the paint; the time limit of the tests ends a wait in vain
        pass
    person.type(CTRL_C)

    assert 130 == person.leaves()
    modules = set(seen.read_text(encoding="utf-8").split("\n"))
    assert "flashcards.ui.screen" in modules
    assert set() == modules & HEAVY
