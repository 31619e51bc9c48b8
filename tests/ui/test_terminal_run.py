"""A command that is really run, as a person meets it: verdicts, another try, ctrl-c, ctrl-z, kill, consent."""

import re
import signal
import termios

import pytest
from ui.person import CTRL_C, CTRL_D, CTRL_G, CTRL_L, CTRL_Z, ENTER, ESC, Person, Sit

RIGHT, WRONG, SLOW = "source venv/bin/activate", "bash venv/bin/activate", "sleep"
WIDTHS = [40, 80, 120]


def runs(person: Person) -> list[str]:
    """What the sandbox did: `began` and `tidied`."""
    path = person.log.with_name("log.runs")
    return path.read_text().split() if path.exists() else []


def stored(person: Person) -> list[tuple[object, ...]]:
    """What the log keeps of each review."""
    names = ("grade", "typed", "verdict", "tries", "hints")
    return [tuple(event.get(name) for name in names) for event in person.events() if event["kind"] == "review"]


# ---------------------------------------------------------------- verdicts


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_command_is_run_and_enter_takes_the_suggested_grade(sit: Sit, columns: int) -> None:
    """The command, what holds, what it printed, the meaning of its words, the grades."""
    person = sit("run", columns=columns)
    person.see("bash ▸", "enter run", "esc ? keys")
    person.type(RIGHT, ENTER)
    shown = person.see("✓ $VIRTUAL_ENV is set in this shell", "printed   hello", "good, enter to accept")
    assert f"bash ▸ {RIGHT}" in shown
    assert ("0.4 s  strong" in shown) == (columns > 40)
    assert 1 == shown.count(RIGHT)

    person.type(ENTER)

    person.see("▸ good", "List the branches.", "enter check")
    assert [(4, RIGHT, "pass", 1, 0)] == stored(person)
    assert b"owned" not in person.raw


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_command_that_fails_is_edited_and_tried_again(sit: Sit, columns: int) -> None:
    """What was expected, what was found, the hint; the text is in the line again, the answer is not given away."""
    person = sit("run", columns=columns)
    person.type(WRONG, ENTER)
    shown = person.see("✗ $VIRTUAL_ENV is not set", "expected  venv", "hint      that ran", "enter try again")
    assert 2 == shown.count(f"bash ▸ {WRONG}")
    assert "source" not in shown
    assert ("give up and see the answer" in shown) == (columns > 40)

    person.type("\x01" + "\x1b[3~" * len("bash") + "source", ENTER)

    person.see("✓ $VIRTUAL_ENV is set in this shell", "▸ hard, enter to accept · passed on")
    person.type(ENTER)
    person.see("List the branches.")
    assert [(3, RIGHT, "pass", 2, 1)] == stored(person)


def test_giving_up_after_a_try_shows_the_answer(sit: Sit) -> None:
    """ctrl-g; `again` is suggested, and the try is stored."""
    person = sit("run")
    person.type(WRONG, ENTER)
    person.see("enter try again")

    person.type(CTRL_G)

    person.see("answer    source venv/bin/activate", "▸ again, enter to accept")
    person.type(ENTER)
    person.see("List the branches.")
    assert [(1, WRONG, "fail", 1, 1)] == stored(person)


def test_the_keys_of_an_empty_line_come_back_after_a_failure(sit: Sit) -> None:
    """ctrl-c takes the text away, and then `esc` has its menu."""
    person = sit("run")
    person.type(WRONG, ENTER)
    person.see("enter try again")

    person.type(CTRL_C)
    person.see("enter run · ctrl-g give up · esc ? keys")
    person.type(ESC)
    person.see("s skip")
    person.type("s")

    person.see("skipped", "List the branches.")
    assert [] == person.events()


@pytest.mark.parametrize("key", [CTRL_L, CTRL_C + ESC + "?"])
def test_a_failure_that_is_drawn_again_stands_below_its_question(sit: Sit, key: str) -> None:
    """After ctrl-l and the list of keys the question is there, and what came of the try."""
    person = sit("run", rows=70)
    person.type(WRONG, ENTER)
    person.see("enter try again")
    before = len(person.raw)

    person.type(*key)

    person.look(lambda _: b"expected" in person.raw[before:], "the try again, down to what was expected")
    drawn = person.raw[before:].decode()
    assert drawn.index("in this shell.") < drawn.index("expected")


def test_the_keys_sent_ahead_of_a_run_arrive_behind_it(sit: Sit) -> None:
    """Command, grade, next answer and its grade, all before the first paint."""
    person = sit("run")

    person.type(RIGHT, ENTER, "3", "git branch", ENTER, "4")

    person.see("2 cards in")
    assert [4, 5] == person.grades()


def test_without_colours_none_is_sent(sit: Sit) -> None:
    """NO_COLOR leaves none in a verdict."""
    person = sit("run", NO_COLOR="1")
    person.type(WRONG, ENTER)
    person.see("enter try again")

    assert [] == re.findall(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9;]*)?m", person.raw)


def test_an_ascii_locale_gets_ascii_signs(sit: Sit) -> None:
    """The sign of life, too."""
    person = sit("run", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    person.type(WRONG, ENTER)
    person.see("x $VIRTUAL_ENV is not set", "bash > bash venv", "enter try again . ctrl-g")
    person.type(CTRL_C, SLOW, ENTER)

    person.see("s . ctrl-c stops it")

    assert person.raw.isascii()


# ---------------------------------------------------------------- while it runs


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_slow_command_shows_that_it_runs_and_leaves_no_trace_of_it(sit: Sit, columns: int) -> None:
    """The command stays where it was typed, with a sign of life that is wiped; what is typed ahead is kept."""
    person = sit("run", columns=columns)
    person.type(SLOW, ENTER)
    shown = person.see("s · ctrl-c stops it")
    assert "bash ▸ sleep" in shown
    assert "enter run" not in shown
    person.type(ENTER)

    person.log.with_name("log.go").touch()

    person.see("▸ good", "List the branches.")
    assert "stops it" not in person.shown()
    assert [(4, SLOW, "pass", 1, 0)] == stored(person)


def test_ctrl_c_stops_the_command_and_not_the_review(sit: Sit) -> None:
    """The question stands as it was, the text is in the line again, and the next run is the first."""
    person = sit("run")
    person.type(SLOW, ENTER)
    person.see("ctrl-c stops it")

    person.type(CTRL_C)

    shown = person.see("stopped", "enter run · ctrl-g give up · esc ? keys")
    assert ("stops it" in shown, shown.count("bash ▸ sleep")) == (False, 1)
    assert ["began", "tidied"] == runs(person)
    person.type(CTRL_C, RIGHT, ENTER)
    person.see("▸ good, enter to accept")
    person.type(ENTER)
    person.see("List the branches.")
    assert [(4, RIGHT, "pass", 1, 0)] == stored(person)


def test_a_stopped_program_goes_on_with_its_command(sit: Sit) -> None:
    """ctrl-z gives the terminal to the shell, fg takes it back with the question, and the command may end."""
    person = sit("run", shell=True, rows=50)
    person.see("enter run")
    person.type(SLOW, ENTER)
    person.see("ctrl-c stops it")
    person.type(CTRL_Z)
    person.see("Stopped")
    person.type("echo still-$((40 + 2))", ENTER)
    person.see("still-42")

    person.type("fg", ENTER)

    person.look(lambda shown: "stops it" in shown.rpartition("still-42")[2], "the run goes on")
    assert "Activate the virtual" in person.shown().rpartition("still-42")[2]
    person.log.with_name("log.go").touch()
    person.see("▸ good, enter to accept")
    person.type(ENTER)
    person.see("List the branches.")
    person.type(CTRL_D)
    person.see("1 left for later")
    assert ["pause", "resume"] == person.log.with_name("log.watch").read_text().split()
    assert [(4, SLOW, "pass", 1, 0)] == stored(person)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_kill_during_a_run_tidies_up_and_keeps_its_exit_code(sit: Sit, number: int, code: int) -> None:
    """What the run left behind is taken away, and the terminal is as it was."""
    person = sit("run")
    person.type(SLOW, ENTER)
    person.see("ctrl-c stops it")

    person.child.kill(number)

    assert code == person.leaves()
    assert ["began", "tidied"] == runs(person)
    assert person.fresh == termios.tcgetattr(person.child.child_fd)
    assert 0 == person.screen.cursor.x
    assert [] == person.events()


# ---------------------------------------------------------------- consent


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_yes_runs_what_was_typed(sit: Sit, columns: int) -> None:
    """Asked once, with both keys in sight; enter is no answer."""
    person = sit("ask", columns=columns)
    person.see("enter check")
    person.type(RIGHT, ENTER)
    person.see("Run what you type in a sandbox?", "throw-away folder", "y yes, from now on", " · n not")
    person.type(ENTER)
    person.see("press y or n")

    person.type("y")

    person.see("✓ $VIRTUAL_ENV is set in this shell")
    assert "sandbox" not in person.shown()
    person.type(ENTER)
    person.see("List the branches.")
    assert [(4, RIGHT, "pass", 1, 0)] == stored(person)


@pytest.mark.parametrize("key", ["n", "q", ESC, CTRL_D])
def test_a_no_compares_what_was_typed(sit: Sit, key: str) -> None:
    """The answer is not lost."""
    person = sit("ask")
    person.type("source venv/bin/activat", ENTER)
    person.see("y yes")

    person.type(key)

    person.see("yours     source venv/bin/activat", "? nearly right", "▸ hard")
    person.type(ENTER)
    person.see("List the branches.")
    assert [(3, "source venv/bin/activat", None, None, None)] == stored(person)


def test_a_no_is_asked_once(sit: Sit) -> None:
    """When the card comes back the same day its text is compared at once."""
    person = sit("ask")
    person.type(WRONG, ENTER)
    person.see("y yes")
    person.type("n")
    person.see("▸ again")
    person.type(ENTER, "git branch", ENTER, ENTER)
    person.see("once more", "enter check")

    person.type(RIGHT, ENTER)

    person.see("✓ right")


def test_what_is_typed_ahead_consents_to_nothing(sit: Sit) -> None:
    """A `y` that was meant for another question is dropped with all that came with it: it must not grade either."""
    person = sit("ask")
    person.see("enter check")

    person.type(RIGHT, ENTER, "y4")

    person.see("Run what you type in a sandbox?")
    person.type("n")
    person.see("✓ right", "enter to accept")
    assert [] == stored(person)


@pytest.mark.parametrize("word", ["yes", "YES", "no"])
def test_a_word_for_an_answer_is_an_answer(sit: Sit, word: str) -> None:
    """Whoever types the whole word has graded nothing, and run nothing else."""
    person = sit("ask")
    person.see("enter check")
    person.type(RIGHT, ENTER)
    person.see("Run what you type in a sandbox?")
    person.type(word, ENTER)

    person.see("enter to accept")
    assert [] == stored(person)


def test_ctrl_c_at_the_question_of_consent_leaves(sit: Sit) -> None:
    """Nothing was allowed, nothing was run."""
    person = sit("ask")
    person.type(RIGHT, ENTER)
    person.see("y yes")

    person.type(CTRL_C)

    assert 130 == person.leaves()
    assert [] == runs(person)


def test_the_question_of_consent_survives_the_shell(sit: Sit) -> None:
    """After ctrl-z and fg the card is drawn with the text that was typed, and enter asks again."""
    person = sit("ask", shell=True, rows=50)
    person.see("enter check")
    person.type(RIGHT, ENTER)
    person.see("y yes")
    person.type(CTRL_Z)
    person.see("Stopped")
    person.type("fg", ENTER)
    person.look(lambda shown: f"bash ▸ {RIGHT}" in shown.rpartition("code=148")[2], "the line with its text")

    person.type(ENTER)
    person.look(lambda shown: "y yes" in shown.rpartition("code=148")[2], "the question again")
    person.type("y")

    person.see("✓ $VIRTUAL_ENV is set in this shell")


# ---------------------------------------------------------------- not run


def test_why_nothing_is_run_is_said_once(sit: Sit) -> None:
    """Below the first comparison, with the command that tells more; not at every card."""
    person = sit("unable")
    person.type(RIGHT, ENTER)
    person.see("✓ right", "? not run: no sandbox here", "hint      cards doctor", "▸ good")
    person.type(ENTER)
    person.see("venv  2/3")
    before = len(person.raw)

    person.type(RIGHT, ENTER)

    person.look(lambda _: b"enter to accept" in person.raw[before:], "the next answer")
    assert b"not run" not in person.raw[before:]
