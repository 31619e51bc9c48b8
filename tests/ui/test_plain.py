"""A sitting line by line: what is written, what is taken, and that no script goes on with the wrong card."""

import io

import pytest
from desk import MemoryDesk, card, cards
from hypothesis import given
from hypothesis import strategies as st

from flashcards.errors import BadRequest
from flashcards.model import Grade, Mark, Review, Undo
from flashcards.session import Options
from flashcards.ui.plain import run

LS = card(
    "d/ls",
    answer={"": "ls -la"},
    accept={"": ("ls -al",)},
    front="List *all* files.",
    back="Also the hidden ones.",
    explain=(("-l", "long"), ("-a", "all")),
)


def sit(desk: MemoryDesk, text: str, *, options: Options | None = None, **how) -> str:
    """What is written when `text` is read; the exit code is 0."""
    write = io.StringIO()

    code = run(desk.sitting(options), read=io.StringIO(text), write=write, **how)

    assert 0 == code
    return write.getvalue()


def grades(desk: MemoryDesk) -> list[tuple[str, int]]:
    return [(e.card, int(e.grade)) for e in desk.events if isinstance(e, Review)]


def kinds(desk: MemoryDesk) -> list[str]:
    return [e.mark if isinstance(e, Mark) else type(e).__name__.lower() for e in desk.events]


# ---------------------------------------------------------------- what is written


def test_a_whole_sitting_reads_like_this():
    """Question, answer, choices, end; plain lines, no prompt, since nobody is there to read one."""
    desk = MemoryDesk([LS, card("d/why", front="Why?", back="Because.\nSo there.")])

    out = sit(desk, "ls -al\n\nanything\n1\n\n4\n", notes=["2 cards today"])

    assert (
        out
        == """\
2 cards today

card 1 of 2: d/ls, new
List *all* files.

right
answer: ls -la
Also the hidden ones.
-l: long
-a: all
1 again: in 1 day
2 hard: in 1 day
3 good: in 1 day
4 easy: in 1 day
suggested: good

card 2 of 2: d/why, new
Why?

answer:
Because.
So there.
1 again: in 1 day
2 hard: in 1 day
3 good: in 1 day
4 easy: in 1 day

1 card to come back: d/why, drill
Why?

answer:
Because.
So there.
1 again: in 1 day
2 hard: in 1 day
3 good: in 1 day
4 easy: in 1 day

done: 2 cards, 1 right at once, 1 drill, 0 skipped, 0 s
"""
    )
    assert [("d/ls", 4), ("d/why", 1), ("d/why", 5)] == grades(desk)


def test_a_person_gets_prompts():
    """The prompt says what is expected, and what an empty line would do."""
    out = sit(MemoryDesk([LS, *cards("a")]), "ls\n1\n\n2\n", forgiving=True)

    assert "List *all* files.\nanswer> \n" in out
    assert "suggested: again\ngrade 1-4, empty for again> \n" in out
    assert "front of d/a\nenter to see the answer> \n" in out
    assert "4 easy: in 1 day\ngrade 1-4> \n" in out


def test_a_verdict_says_what_differs():
    """A screen reader hears the difference; no colours, no marks under the line."""
    out = sit(MemoryDesk([LS]), "ls -lA\n")

    assert "\nwrong: upper and lower case differ: `-lA` is not `-la`\nanswer: ls -la\n" in out


def test_an_overdue_flagged_card_says_so():
    """What other front ends draw is said in words."""
    desk = MemoryDesk(cards("a"))
    desk.grade_elsewhere("d/a", 4)
    desk.mark_elsewhere("d/a", "flag")
    desk.wait(3 * 86400)

    assert "\ncard 1 of 1: d/a, review, 2 days overdue, flagged\n" in sit(desk, "")


def test_the_person_learns_why_a_card_does_not_come():
    """The notice of the sitting stands above the question."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()
    desk.mark_elsewhere("d/a", "suspend")
    session.skip()
    session.undo()
    write = io.StringIO()

    run(session, read=io.StringIO(""), write=write)

    assert "\nnote: `d/a` was put away meanwhile\ncard 2 of 2: d/b, new\n" in write.getvalue()


@given(st.text(), st.text(), st.text())
def test_nothing_in_a_deck_can_steer_the_terminal(front, back, meaning):
    """Whatever a card says, only printable text, tabs and line ends are written."""
    nasty = "\x1b[2J\x1b]0;title\x07\u202e\x9b1m\r"
    desk = MemoryDesk([card("d/a", front=front + nasty, back=nasty + back, explain=((nasty, meaning + nasty),))])

    out = sit(desk, "\n", notes=[nasty + front])

    assert not {sign for sign in out if sign in "\x1b\x07\x9b\r\u202e" or (sign < " " and sign not in "\n\t")}


def test_a_summary_of_ones_own_ends_the_sitting():
    """It gets the last view."""
    out = sit(MemoryDesk(cards("a")), "", summary=lambda done: [f"over: {done.reason}, {done.left} left"])

    assert out.endswith("\nover: quit, 1 left\n")


# ---------------------------------------------------------------- what is taken


@pytest.mark.parametrize(
    ("line", "grade"),
    [
        ("1", 1),
        ("2", 3),
        ("3", 4),
        ("4", 5),
        ("a", 1),
        ("h", 3),
        ("g", 4),
        ("e", 5),
        ("again", 1),
        ("hard", 3),
        ("good", 4),
        ("easy", 5),
        (" Good ", 4),
        ("E", 5),
    ],
)
def test_a_grade_is_a_digit_a_letter_or_a_name(line, grade):
    """Capitals and blanks do not matter."""
    desk = MemoryDesk(cards("a"))

    sit(desk, f"\n{line}\n")

    assert [("d/a", grade)] == grades(desk)


@pytest.mark.parametrize(
    ("line", "grade"), [*((str(g), g) for g in range(6)), ("blackout", 0), ("nearly", 2), ("a", 1), ("e", 5)]
)
def test_on_the_scale_of_0_to_5_a_digit_is_the_grade(line, grade):
    """And the two grades without a letter have names."""
    desk = MemoryDesk(cards("a"))

    sit(desk, f"\n{line}\n", options=Options(scale=tuple(Grade)))

    assert [("d/a", grade)] == grades(desk)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("s", []),
        ("b", ["bury"]),
        ("!", ["suspend"]),
        ("f", ["flag"]),
        ("q", []),
        ("skip", []),
        ("bury", ["bury"]),
        ("suspend", ["suspend"]),
        ("flag", ["flag"]),
        ("quit", []),
    ],
)
def test_commands_work_at_both_prompts(line, expected):
    """At a question with a colon, at an answer without."""
    at_question, at_answer = MemoryDesk(cards("a")), MemoryDesk(cards("a"))

    sit(at_question, f":{line}\n")
    sit(at_answer, f"\n{line}\n")

    assert expected == kinds(at_question) == kinds(at_answer)


@pytest.mark.parametrize("line", [":f", ":flag"])
def test_a_colon_does_no_harm_at_an_answer(line):
    """What works at a question works at its answer, for a person; a script would be out of step."""
    desk = MemoryDesk(cards("a"))

    sit(desk, f"\n{line}\n", forgiving=True)

    assert ["flag"] == kinds(desk)


def test_a_person_needs_no_colon_where_nothing_is_to_be_typed():
    """`f` and `?` at `enter to see the answer` are the commands; a script's line reveals, whatever it says."""
    person, script = MemoryDesk(cards("a")), MemoryDesk(cards("a"))

    out = sit(person, "f\n?\n", forgiving=True)
    sit(script, "f\n3\n")

    assert ["flag"] == kinds(person)
    assert "u undo" in out
    assert "Because" not in out
    assert ["review"] == kinds(script)


def test_a_person_is_told_once_where_the_commands_are():
    """The prompts stay short, for they are read out again and again."""
    desk = MemoryDesk(cards("a", "b"))

    out = sit(desk, "\n3\n\n3\n", forgiving=True)

    assert 1 == out.count("`:?` lists the commands")
    assert "`:?`" not in sit(MemoryDesk(cards("a")), "\n3\n")


def test_a_sitting_without_cards_says_that_nothing_is_due():
    """No counting of noughts."""
    assert "nothing is due\n" == sit(MemoryDesk([]), "")


def test_undo_and_regrade_take_back_the_last_grade():
    """Undo asks the question again; regrade shows the answer for another grade."""
    desk = MemoryDesk(cards("a", "b"))

    out = sit(desk, "\n1\n:u\n\n3\n:r\n4\n")

    assert ["review", "undo", "review", "undo", "review"] == kinds(desk)
    assert [1, 4, 5] == [grade for _, grade in grades(desk)]
    assert 2 == out.count("card 1 of 2: d/a, new")


def test_the_letters_of_commands_are_answers_at_a_question():
    """Who types `u` or `q` as an answer means the answer."""
    desk = MemoryDesk([card("d/a", answer={"": "q"}), card("d/b", answer={"": "u"})])

    sit(desk, "q\n\nu\n\n")

    assert ["q", "u"] == [e.typed for e in desk.events]
    assert [("d/a", 4), ("d/b", 4)] == grades(desk)


def test_an_answer_that_begins_with_a_colon_is_written_with_two():
    """`::wq` answers `:wq`."""
    desk = MemoryDesk([card("d/vim", answer={"": ":wq"})])

    sit(desk, "::wq\n\n")

    assert (":wq", 4) == (desk.events[0].typed, desk.events[0].grade)


@pytest.mark.parametrize("line", ["", ":g"])
def test_giving_up_shows_the_answer_and_suggests_again(line):
    """Nothing typed is nothing known."""
    desk = MemoryDesk([LS])

    out = sit(desk, f"{line}\n\n")

    assert "\ngiven up\nanswer: ls -la\n" in out
    assert ("d/ls", 1) == grades(desk)[0]


def test_blanks_of_a_typed_answer_are_kept_and_the_line_end_is_not():
    """Files from Windows have two characters at the end of a line."""
    desk = MemoryDesk([card("d/a", answer={"": "x"})])

    sit(desk, "  x \r\n3\r\n")

    assert "  x " == desk.events[0].typed


def test_a_flag_does_not_read_the_card_out_again():
    """One word says what happened."""
    out = sit(MemoryDesk(cards("a")), ":f\n:f\n\n")

    assert "\nfront of d/a\nflagged\nno longer flagged\n\nanswer: back of d/a\n" in out


@pytest.mark.parametrize("line", [":?", "\n?"])
def test_the_keys_are_told(line):
    """At either prompt."""
    assert "commands: u undo" in sit(MemoryDesk(cards("a")), f"{line}\n")


# ---------------------------------------------------------------- mistakes, end of input


@pytest.mark.parametrize("line", ["5", "0", "x", "goood", "", "blackout", "b!", ":u", "٣"])
def test_a_script_with_a_bad_grade_is_stopped(line):
    """The exit code is that of a usage error, and nothing more is graded."""
    desk = MemoryDesk(cards("a", "b"))

    with pytest.raises(BadRequest) as caught:
        sit(desk, f"\n{line}\n\n3\n")

    assert (2, []) == (caught.value.exit_code, desk.events)
    assert "1 again, 2 hard, 3 good, 4 easy" in caught.value.hint


@pytest.mark.parametrize(("text", "message"), [(":wq\n", "no command `:wq`"), (":u\n", "nothing to undo")])
def test_a_script_with_a_bad_command_is_stopped(text, message):
    """A word with a colon is never taken for an answer."""
    with pytest.raises(BadRequest, match=message):
        sit(MemoryDesk([card("d/vim", answer={"": ":wq"})]), text)


def test_a_person_is_told_and_asked_again():
    """The card stays; the hint says what would do."""
    desk = MemoryDesk(cards("a"))

    out = sit(desk, ":x\n\n9\n4\n", forgiving=True)

    assert "enter to see the answer> no command `:x`\nhint: " in out
    assert "grade 1-4> `9` is no grade\nhint: grades: 1 again, 2 hard, 3 good, 4 easy\ngrade 1-4> " in out
    assert 1 == out.count("front of d/a")
    assert [("d/a", 5)] == grades(desk)


@pytest.mark.parametrize("text", ["", "\n", "\n3\n", "\n3\n\n"])
def test_the_end_of_input_ends_the_sitting(text):
    """With the summary, and with what was graded until then."""
    desk = MemoryDesk(cards("a", "b"))

    out = sit(desk, text)

    graded = text.count("3")
    assert f"\ndone: {graded} card" in out
    assert out.endswith(f"\n{2 - graded} card{'s' * (graded == 0)} left\n")
    assert graded == len(desk.events)


def test_a_last_line_without_its_end_counts():
    """Editors and `printf` leave it out."""
    desk = MemoryDesk(cards("a"))

    sit(desk, "\n3")

    assert [("d/a", 4)] == grades(desk)


def test_a_grade_is_stored_and_every_block_is_out_before_a_line_is_read():
    """A script that waits for the question gets it, and finds the grade before it stored."""
    desk = MemoryDesk(cards("a", "b"))
    at_reading: list[tuple[str, int]] = []

    class Write(io.StringIO):
        out = ""

        def flush(self) -> None:
            self.out = self.getvalue()

    class Read(io.StringIO):
        def readline(self, *_: object) -> str:
            at_reading.append((write.out.split("\n\n")[-1].strip().split("\n")[0], len(desk.events)))
            return super().readline()

    write = Write()
    run(desk.sitting(), read=Read("\n3\n\n3\n"), write=write)

    assert [
        ("card 1 of 2: d/a, new", 0),
        ("answer: back of d/a", 0),
        ("card 2 of 2: d/b, new", 1),
        ("answer: back of d/b", 1),
    ] == at_reading


lines = st.sampled_from([*"1234agheusb!frq?", "", ":u", ":r", ":g", "::x", "good", ":flag", "ls -la", "nonsense"])


@given(st.lists(lines, max_size=30))
def test_no_input_is_too_strange_for_a_person(typed):
    """Every sequence of lines ends cleanly, and the memories are those of the log."""
    desk = MemoryDesk([LS, *cards("a", "b")])

    sit(desk, "\n".join(typed), forgiving=True)

    assert desk.replayed() == {n: m for n, m in desk.memories.items() if n in desk.replayed()}
    assert all(isinstance(event, Review | Mark | Undo) for event in desk.events)
