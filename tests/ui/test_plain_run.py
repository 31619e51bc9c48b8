"""Commands that are run, line by line: what a person hears and may try again, and how a script stays in step."""

import io

import pytest
from desk import CANNOT, PASS, Machine, MemoryDesk, card, cards
from hypothesis import given
from hypothesis import strategies as st

from flashcards.model import Finding, Review, Verdict
from flashcards.session import Options, Ready, Tick
from flashcards.ui.plain import run

LS = card("d/ls", answer={"": "ls -la"}, front="List all files.", back="Hidden ones, too.", run={"shell": "bash"})
FAILED = Verdict(
    kind="fail",
    findings=(
        Finding(ok=True, says="nothing was deleted"),
        Finding(ok=False, says="`.hidden` is not listed", expected=".hidden", found="a\nb"),
        Finding(ok=None, says="the shell ended before it could tell"),
    ),
    hints=("`-a` means all",),
    notes=("the clock stood still",),
    output="a\nb\n",
    exit_code=2,
)
SHELL = Options(shell="bash")


def at_work(state: Ready | None = None, **answers: object) -> MemoryDesk:
    machine = Machine({"ls -la": PASS, "ls": FAILED, "dir": CANNOT} | answers, state)
    return MemoryDesk([LS, *cards("other")], verifier=machine)


def sit(desk: MemoryDesk, text: str, **how) -> str:
    """What is written when `text` is read; the exit code is 0."""
    write = io.StringIO()

    code = run(desk.sitting(SHELL), read=io.StringIO(text), write=write, **how)

    assert 0 == code
    return write.getvalue()


def stored(desk: MemoryDesk) -> list[tuple[object, ...]]:
    return [(int(e.grade), e.typed, e.verdict, e.tries) for e in desk.events if isinstance(e, Review)]


# ---------------------------------------------------------------- a person


def test_a_person_tries_until_it_passes():
    """What was found, what it printed, the prompt again; the question is not read out a second time."""
    desk = at_work()

    out = sit(desk, "ls\nls -la\n\n:q\n", forgiving=True)

    assert """
card 1 of 2: d/ls, new
List all files.
bash>
fail: `.hidden` is not listed
expected: .hidden
found: a b
not seen: the shell ended before it could tell
pass: nothing was deleted
hint: `-a` means all
printed:
a
b
exit status: 2
note: the clock stood still
bash>
pass: it is there
answer: ls -la
Hidden ones, too.
1 again: in 1 day
2 hard: in 1 day
3 good: in 1 day
4 easy: in 1 day
suggested: hard, passed on the second try
grade 1-4, empty for hard>
""" in out.replace("> \n", ">\n")
    assert [(3, "ls -la", "pass", 2)] == stored(desk)


@pytest.mark.parametrize("giving_up", [":g", ""])
def test_a_person_gives_up_after_a_try(giving_up):
    """The answer is shown, and `again` suggested."""
    desk = at_work()

    out = sit(desk, f"ls\n{giving_up}\n\n:q\n", forgiving=True)

    assert "bash> \ngiven up\nanswer: ls -la\n" in out
    assert [(1, "ls", "fail", 1)] == stored(desk)


def test_what_cannot_be_judged_is_not_called_wrong():
    """Why, what would help, and how the text differs."""
    out = sit(at_work(), "dir\n", forgiving=True)

    assert "\nnot run: `uv` is not installed\nhint: install uv\nanswer: ls -la\n" in out
    assert "differs: " in out
    assert "wrong" not in out
    assert "suggested" not in out


def test_a_command_that_was_stopped_is_asked_again():
    """ctrl-c ends the command, and not the review."""

    def stop(_: Tick) -> Verdict:
        raise KeyboardInterrupt

    desk = at_work(sleep=stop)

    out = sit(desk, "sleep\nls -la\n\n:q\n", forgiving=True)

    assert "bash> \nstopped\nbash> \npass: it is there\n" in out
    assert [(4, "ls -la", "pass", 1)] == stored(desk)


@pytest.mark.parametrize(
    ("verdict", "lines"),
    [
        (Verdict(kind="fail", reason="stopped after 10 s"), ["fail: stopped after 10 s"]),
        (Verdict(kind="fail"), ["fail"]),
        (Verdict(kind="pass"), ["pass"]),
        (Verdict(kind="pass", findings=(Finding(ok=None, says="who knows"),)), ["pass", "not seen: who knows"]),
        (Verdict(kind="fail", output="one line\n"), ["fail", "printed: one line"]),
        (
            Verdict(kind="fail", findings=tuple(Finding(ok=False, says=f"no {n}") for n in range(10))),
            [*(f"fail: no {n}" for n in range(8)), "and 2 more"],
        ),
    ],
)
def test_the_first_line_is_the_verdict(verdict, lines):
    """Pass or fail, whatever is known beside it."""
    out = sit(at_work(x=verdict), "x\n")

    assert lines == out.partition("List all files.\n\n")[2].partition("\nanswer: ")[0].splitlines()


# ---------------------------------------------------------------- consent


def test_a_person_is_asked_once_and_a_yes_runs_the_line():
    """What it means is said first; anything but yes or no asks again."""
    desk = at_work(Ready(runs="ask"))

    out = sit(desk, "ls\nmaybe\nyes\nls -la\n\n:q\n", forgiving=True)

    asked = "run what you type in a sandbox? yes or no> "
    assert f"never in your files;\n`cards doctor` says how well this machine contains it\n{asked}{asked}\nfail: " in out
    assert 2 == out.count(asked)
    assert [(3, "ls -la", "pass", 2)] == stored(desk)


def test_a_no_compares_the_line():
    """It is not lost, and nothing is run."""
    desk = at_work(Ready(runs="ask"))

    out = sit(desk, "ls -la\nno\n\n:q\n", forgiving=True)

    assert "yes or no> \nright\nanswer: ls -la\n" in out
    assert ([], [(4, "ls -la", None, None)]) == (desk.verifier.ran, stored(desk))


def test_the_end_of_input_is_no_consent():
    """It ends the sitting."""
    desk = at_work(Ready(runs="ask"))

    out = sit(desk, "ls -la\n", forgiving=True)

    assert "nothing graded" not in out
    assert out.endswith("2 cards left\n")
    assert ([], []) == (desk.verifier.ran, desk.events)


def test_giving_up_needs_no_consent():
    """There is nothing to run."""
    assert "sandbox" not in sit(at_work(Ready(runs="ask")), "\n\n", forgiving=True)


# ---------------------------------------------------------------- a script


def test_a_script_has_one_try():
    """The line behind it is the grade, whatever came of the command."""
    desk = at_work()

    out = sit(desk, "ls\n2\n\n3\nls -la\n\n")

    assert "\nfail: `.hidden` is not listed\n" in out
    assert "suggested: again\n" in out
    assert "suggested: good\n" in out
    assert [(3, "ls", "fail", 1), (4, None, None, None), (4, "ls -la", "pass", 1)] == stored(desk)


def test_a_script_is_never_asked():
    """What is not allowed yet is compared."""
    desk = at_work(Ready(runs="ask"))

    out = sit(desk, "ls -la\n\n")

    assert "sandbox" not in out
    assert ([], [(4, "ls -la", None, None)]) == (desk.verifier.ran, stored(desk))


def test_ctrl_c_ends_a_script():
    """Nobody is there to be asked again."""

    def stop(_: Tick) -> Verdict:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sit(at_work(sleep=stop), "sleep\n")


def test_why_nothing_is_run_is_said_once():
    """Not at every card, and nothing where there is nothing to say."""
    state = Ready(runs="no", why_not="not run: no sandbox here", cure="cards doctor")
    desk = at_work(state)

    out = sit(desk, "ls -la\n2\n\n3\nls -la\n\n")

    assert "right\nnot run: no sandbox here\nhint: cards doctor\nanswer: ls -la\n" in out
    assert 1 == out.count("not run")


@given(st.text(), st.sampled_from(["pass", "fail", "cannot"]))
def test_nothing_that_a_command_prints_steers_the_terminal(text, kind):
    """Whatever comes from inside the sandbox, only printable text, tabs and line ends are written."""
    evil = "\x1b[2J\x1b]0;title\x07\u202e\x9b1m\r" + text
    findings = tuple(Finding(ok=ok, says=evil, expected=evil, found=evil) for ok in (True, False, None))
    verdict = Verdict(
        kind=kind, findings=findings, reason=evil, cure=evil, hints=(evil,), notes=(evil,), output=evil, exit_code=1
    )

    out = sit(at_work(x=verdict), "x\n", forgiving=True)

    assert not {sign for sign in out if sign in "\x1b\x07\x9b\r\u202e" or (sign < " " and sign not in "\n\t")}
