"""A person at a real terminal: a child process in a pseudo-terminal, seen through a terminal emulator."""

import json
import re
import signal
import termios
from pathlib import Path

import pytest
from ui.person import CTRL_C, CTRL_D, CTRL_G, CTRL_L, CTRL_Z, ENTER, ESC, PASTED, Sit, close_window

HEAVY = (
    "difflib",
    "importlib.metadata",
    "prompt_toolkit",
    "pygments",
    "rich.markdown",
    "rich.syntax",
    "rich.table",
    "sqlite_utils",
    "subprocess",
    "yaml",
)


# ---------------------------------------------------------------- the flow


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_typed_answer_is_checked_and_enter_takes_the_suggested_grade(sit: Sit, columns: int) -> None:
    """A slip is shown with its place, `hard` is suggested, and enter accepts it."""
    person = sit("typed", columns=columns)
    person.see("bash ▸", "esc ? keys")
    person.type("source venv/bin/activat", ENTER)
    person.see("yours     source venv/bin/activat", "nearly right", "▸ hard, enter to accept", "4 easy 6d")
    assert person.raw.rfind(b"\x1b[?2004h") > person.raw.rfind(b"\x1b[?2004l"), "a paste could be taken for grades"

    person.type(ENTER)

    person.see("▸ hard · 6d · once more today", "List the branches.")
    assert [3] == person.grades()


def test_another_key_overrides_the_suggestion(sit: Sit) -> None:
    """A machine suggests, the person grades."""
    person = sit("typed")
    person.type("source venv/bin/activate", ENTER)
    person.see("▸ good, enter to accept")

    person.type("e")

    person.see("List the branches.")
    assert [5] == person.grades()


def test_a_card_in_the_head_is_revealed_by_space_and_graded_by_a_number(sit: Sit) -> None:
    """Space shows the answer, 3 is good, and the foot leaves one line behind."""
    person = sit("plain")
    person.see("space show the answer")
    person.type(" ")
    person.see("It runs a module as a script.", "1 again 1d    2 hard 1d    3 good 1d    4 easy 1d")

    person.type("3")

    shown = person.see("for i in 1 2; do", "▸ good · 1d")
    assert [4] == person.grades()
    assert "1 again" not in shown


def test_the_six_grades_of_sm2_have_the_keys_0_to_5(sit: Sit) -> None:
    """With the 0-5 scale a key is the grade itself."""
    person = sit("six", columns=40)
    person.type(" ")
    person.see("0 blackout 1d", "5 easy 1d")

    person.type("2")

    person.see("once more")
    assert [2] == person.grades()


def test_grading_before_the_answer_is_refused_politely(sit: Sit) -> None:
    """A grade key at a question says what to do, and nothing is stored."""
    person = sit("plain")
    person.see("space show the answer")

    person.type("3")

    person.see("look at the answer first")
    assert [] == person.events()


def test_every_step_can_be_undone_from_the_end_screen(sit: Sit) -> None:
    """As many undos as steps lead back to the first question."""
    person = sit("plain")
    person.type(" 3", " 4", "s")
    person.see("u undo the last step", "2 cards")
    person.type("u")
    person.see("Last one?")
    person.type("u", "u")
    person.see("undone")

    person.type("u")

    shown = person.see("nothing to undo")
    assert "In python3 -m venv venv" in shown
    assert ["review", "review", "undo", "undo"] == [event["kind"] for event in person.events()]


def test_the_last_grade_is_given_anew(sit: Sit) -> None:
    """`r` shows the last answer again, and the next grade replaces the last one."""
    person = sit("plain")
    person.type(" 1")
    person.see("for i in 1 2; do")
    person.type("r")
    person.see("grade it anew", "1 again")

    person.type("4")

    person.see("▸ easy")
    assert [1, 5] == person.grades()
    assert ["review", "undo", "review"] == [event["kind"] for event in person.events()]


def test_put_away_and_flagged_cards_are_marked(sit: Sit) -> None:
    """`f` flags and stays, `b` buries, `!` suspends, `s` stores nothing."""
    person = sit("plain")
    person.see("space show")
    person.type("f")
    person.see("flagged")

    person.type("b", "!", "s")

    person.see("nothing graded", "enter leave")
    assert ["flag", "bury", "suspend"] == [event["mark"] for event in person.events()]


def test_commands_of_an_open_answer_line_follow_escape(sit: Sit) -> None:
    """On an empty line `esc` opens the menu and the next key is a command."""
    person = sit("typed")
    person.see("esc ? keys")
    person.type(ESC)
    person.see("s skip", "q quit")

    person.type("s")

    person.see("skipped", "List the branches.")


def test_letters_and_word_jumps_stay_editing(sit: Sit) -> None:
    """On a line with text, letters are text and alt-b jumps back a word: no card is put away."""
    person = sit("typed")
    person.see("esc ? keys")
    person.type("venv/bin/activate", (ESC + "b") * 5, "source ", ENTER)

    person.see("✓ right")

    assert [] == person.events()


def test_giving_up_shows_the_answer(sit: Sit) -> None:
    """ctrl-g, or enter twice on an empty line, shows the answer."""
    person = sit("typed")
    person.see("esc ? keys")
    person.type(ENTER)
    person.see("enter again shows the answer")
    person.type(ENTER)
    person.see("answer    source venv/bin/activate")
    person.type("1")
    person.see("List the branches.")

    person.type("git", CTRL_G)

    person.see("answer    git branch")


def test_the_keys_are_explained_and_the_question_comes_back(sit: Sit) -> None:
    """`?` lists the keys, then the question stands there again."""
    person = sit("plain", rows=50)
    person.see("space show")

    person.type("?")

    person.look(lambda shown: "In python3 -m venv venv" in shown.partition("ctrl-g")[2], "the question below the keys")


def test_what_could_not_be_stored_can_be_tried_again(sit: Sit) -> None:
    """A locked store is said with its cure; the card stays, and the same key then works."""
    person = sit("locked")
    person.type(" 3")
    person.see("is locked by another program", "hint: close the other program", "try again")
    assert [] == person.events()

    person.type("3")

    person.see("1 card in")
    assert [4] == person.grades()


def test_the_end_screen_tells_and_leaves_on_enter(sit: Sit) -> None:
    """Counts, retention, decks, streak and what comes; enter leaves with 0."""
    person = sit("japanese")
    person.type("魚を食べる", ENTER, "3")
    person.see("1 card in", "1 right at once · retention today 86 %", "12 of 16 known", "streak 13 days")

    person.type(ENTER)

    assert person.leaves() == 0


def test_an_empty_sitting_ends_at_once(sit: Sit) -> None:
    """Without a card there is a summary and no key to press; it says that nothing is due, not that nothing was done."""
    person = sit("none")

    assert person.leaves() == 0
    assert "nothing is due" in person.shown()
    assert "nothing graded" not in person.shown()


@pytest.mark.parametrize("key", [CTRL_L, "?"])
def test_an_answer_that_is_drawn_again_stands_below_its_question(sit: Sit, key: str) -> None:
    """After ctrl-l and the list of keys the question is there too, for nobody can judge an answer without it."""
    person = sit("plain", rows=60)
    person.type(" ")
    person.see("It runs a module as a script.", "? keys")
    before = len(person.raw)

    person.type(key)

    person.look(lambda _: b"u undo" in person.raw[before:], "the keys below the answer")
    drawn = person.raw[before:].decode()
    assert "what does" in drawn
    assert drawn.index("what does") < drawn.index("as a script.")


def test_a_sitting_that_grows_says_why(sit: Sit) -> None:
    """`1/1` became `2/2`: the grade opened a card that had waited for it."""
    person = sit("opens")
    person.type(" ")
    person.see("venv  1/1", "1 again")

    person.type("3")

    person.see("▸ good · 1d · opens 1 card", "venv  2/2", "And then?")


def test_a_cram_promises_no_interval(sit: Sit) -> None:
    """It moves no schedule, so the keys name the grades alone."""
    person = sit("cram")
    person.type(" ")
    person.see("1 again    2 hard    3 good    4 easy")

    person.type("4")

    person.see("▸ easy", "enter leave")
    assert "today" not in person.shown().partition("▸ easy")[2].splitlines()[0]


# ---------------------------------------------------------------- type-ahead and paste


def test_nothing_typed_ahead_is_lost(sit: Sit) -> None:
    """Everything typed before the first paint arrives: answer, grade, next answer, grade, leaving."""
    person = sit("typed")

    person.type("source venv/bin/activate", ENTER, "3", "git brnch", ENTER, "2", CTRL_G, "4")

    person.see("2 cards in")
    assert [4, 3, 5] == person.grades()
    assert ["source venv/bin/activate", "git brnch", ""] == [event["typed"] for event in person.events()]


def test_type_ahead_behind_an_open_line_goes_on_to_the_grade_and_the_next_line(sit: Sit) -> None:
    """Enter, 3 and the next answer sent at once to a waiting line all arrive, whole characters too."""
    person = sit("typed")
    person.see("esc ? keys")

    person.type("source venv/bin/activate", ENTER, "3", "git bränch", ENTER)

    person.see("yours     git bränch")
    assert [4] == person.grades()


def test_a_paste_at_the_answer_line_is_not_submitted(sit: Sit) -> None:
    """Pasted lines stand in the answer line until enter; then they are the answer."""
    person = sit("typed")
    person.see("esc ? keys")
    person.type(PASTED.format("one\rtwo\rthree"))
    person.see("one", "two", "three", "enter check")

    person.type(ENTER)

    person.see("not the same")
    person.type("1")
    person.see("List the branches.")
    assert ["one\ntwo\nthree"] == [event["typed"] for event in person.events()]


def test_a_paste_is_never_taken_for_a_grade(sit: Sit) -> None:
    """A paste at the grade keys is refused with a word."""
    person = sit("plain")
    person.type(" ")
    person.see("1 again")

    person.type(PASTED.format("hello 4 quit"))

    person.see("paste ignored")
    assert [] == person.events()


def test_a_paste_sent_ahead_is_still_a_paste(sit: Sit) -> None:
    """A paste that the answer line took along behind enter is refused at the grade keys."""
    person = sit("typed")
    person.see("esc ? keys")

    person.type("source venv/bin/activate", ENTER, PASTED.format("4"))

    person.see("paste ignored")
    assert [] == person.grades()


def test_a_long_paste_is_swallowed_whole(sit: Sit) -> None:
    """A paste larger than one read leaves nothing behind."""
    person = sit("plain")
    person.type(" ")
    person.see("1 again")

    person.type(PASTED.format("4\r" * 1500))

    person.see("paste ignored")
    person.type("2")
    person.see("▸ hard")
    assert [3] == person.grades()


def test_a_pasted_escape_sequence_does_not_reach_the_terminal(sit: Sit) -> None:
    """What was typed is drawn without its control characters."""
    person = sit("typed")
    person.see("esc ? keys")

    person.type(PASTED.format("git\x1b]0;owned\x07 \x1b[31mred"), ENTER)

    person.see("yours", "not the same")
    assert b"\x1b]0;owned" not in person.raw.partition(b"yours")[2]


# ---------------------------------------------------------------- ctrl-c, ctrl-d, ctrl-z, kill, resize


def test_interrupting_clears_a_line_with_text_and_ends_at_an_empty_one(sit: Sit) -> None:
    """The first ctrl-c takes the text away, the second ends with the summary and 130."""
    person = sit("typed")
    person.see("esc ? keys")
    person.type("half an answ")
    person.see("half an answ")
    person.type(CTRL_C)
    person.gone("half an answ")

    person.type(CTRL_C)

    assert person.leaves() == 130
    assert "nothing graded" in person.shown()
    assert person.fresh == termios.tcgetattr(person.child.child_fd)


@pytest.mark.parametrize("keys", ["", " ", " 3 3 3"])
def test_interrupting_ends_with_the_summary_anywhere(sit: Sit, keys: str) -> None:
    """ctrl-c at a question, at the grade keys and at the end screen: exit 130, a clean prompt."""
    person = sit("plain")
    person.type(keys)
    person.see({"": "space show", " ": "1 again", " 3 3 3": "enter leave"}[keys])

    person.type(CTRL_C)

    assert person.leaves() == 130
    assert "streak 13 days" in person.shown()
    assert person.screen.cursor.x == 0


@pytest.mark.parametrize(
    ("scene", "keys", "sign"), [("typed", "", "esc ?"), ("plain", "", "space show"), ("plain", " ", "1 again")]
)
def test_end_of_input_ends_with_the_summary(sit: Sit, scene: str, keys: str, sign: str) -> None:
    """ctrl-d at an empty line, at a question and at the grade keys: exit 0."""
    person = sit(scene)
    person.type(keys)
    person.see(sign)

    person.type(CTRL_D)

    assert person.leaves() == 0
    assert "streak 13 days" in person.shown()


@pytest.mark.parametrize(("scene", "sign"), [("typed", "Activate the virtual"), ("plain", "space show")])
def test_a_stopped_sitting_goes_on_where_it_was(sit: Sit, scene: str, sign: str) -> None:
    """ctrl-z gives the terminal to the shell, fg draws the question again and the keys work."""
    person = sit(scene, shell=True, rows=40)
    person.see(sign)
    person.type(CTRL_Z)
    person.see("Stopped")
    person.type("echo still-$((40 + 2))", ENTER)
    person.see("still-42")

    person.type("fg", ENTER)

    person.look(lambda shown: sign in shown.rpartition("still-42")[2], "the question again")
    person.type(CTRL_G if scene == "typed" else " ")
    person.see("1 again")
    person.type("1")
    person.look(lambda _: person.grades() == [1], "the grade")
    assert (person.log.parent / "log.watch").read_text().split() == ["pause", "resume"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 129)])
@pytest.mark.parametrize(("scene", "sign"), [("typed", "esc ? keys"), ("plain", "space show")])
def test_a_killed_sitting_gives_the_terminal_back(sit: Sit, scene: str, sign: str, number: int, code: int) -> None:
    """SIGTERM and SIGHUP restore the terminal and end with 143 and 129."""
    person = sit(scene)
    person.see(sign)

    person.child.kill(number)

    assert person.leaves() == code
    assert person.fresh == termios.tcgetattr(person.child.child_fd)
    assert person.raw.rstrip().rfind(b"\x1b[?2004l") > person.raw.rfind(b"\x1b[?2004h")
    assert person.screen.cursor.x == 0, "the shell's prompt would stand behind the keys"


@pytest.mark.parametrize("keys", ["", " "])
def test_a_closed_window_is_a_hang_up_and_no_failure(sit: Sit, keys: str) -> None:
    """What could not be written to a terminal that has gone does not change the exit code."""
    person = sit("plain")
    person.type(keys)
    person.see("1 again" if keys else "space show")

    close_window(person.child)

    assert person.child.exitstatus in {129, None}
    assert person.child.signalstatus in {signal.SIGHUP, None}


@pytest.mark.parametrize(("scene", "sign"), [("typed", "esc ? keys"), ("plain", "space show")])
def test_a_resize_harms_nothing(sit: Sit, scene: str, sign: str) -> None:
    """80, 40 and 80 columns again: the keys still work."""
    person = sit(scene)
    person.see(sign)
    for columns in (40, 80):
        person.screen.resize(30, columns)
        person.child.setwinsize(30, columns)

    person.type(CTRL_G if scene == "typed" else " ")

    person.see("1 again 1d    2 hard")
    assert person.child.isalive()


# ---------------------------------------------------------------- text, colour, locale


def test_wide_characters_are_edited_and_compared(sit: Sit) -> None:
    """Backspace takes one character of two columns."""
    person = sit("japanese")
    person.see("esc ? keys")
    person.type("魚を食べるよ", "\x7f", ENTER)

    person.see("✓ right")

    assert "yours     魚を食べる" in person.shown().replace("魚 を 食 べ る", "魚を食べる")


def test_without_colours_none_is_sent(sit: Sit) -> None:
    """NO_COLOR leaves no colour in anything that is written."""
    person = sit("typed", NO_COLOR="1")
    person.type("source venv/bin/activat", ENTER)
    person.see("▸ hard")

    assert [] == re.findall(rb"\x1b\[(?:[0-9;]*;)?(?:3[0-8]|4[0-8]|9[0-7])(?:;[0-9;]*)?m", person.raw)


def test_only_the_sixteen_colours_are_sent(sit: Sit) -> None:
    """No 256 colours and no RGB, so that every theme keeps its look."""
    person = sit("mixed", COLORTERM="truecolor")
    person.type("source venv/bin/activat", ENTER)
    person.see("▸ hard")

    assert b"\x1b[31" in person.raw or b";31" in person.raw
    assert b"38;5" not in person.raw
    assert b"38;2" not in person.raw


def test_an_ascii_locale_gets_ascii_signs(sit: Sit) -> None:
    """Without Unicode the signs have plain forms and nothing breaks."""
    person = sit("typed", LC_ALL="C", PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    person.see("bash >", "enter check . ctrl-g")
    person.type("source venv/bin/activate", ENTER)

    person.see("+ right")

    assert person.raw.isascii()


def test_nothing_heavy_is_imported_before_the_first_question_is_painted(sit: Sit, tmp_path: Path) -> None:
    """prompt_toolkit, pygments and their like come while the person reads, even for a card with code."""
    for scene, sign in (("typed", "esc ? keys"), ("code", "for i in 1 2; do")):
        person, told = sit(scene), tmp_path / "log.modules"
        person.see(sign)
        person.look(lambda _, told=told: told.exists(), "what was imported")
        modules = set(json.loads(told.read_text()))
        told.unlink()

        assert [] == sorted(modules & set(HEAVY))
        assert "rich.console" in modules
