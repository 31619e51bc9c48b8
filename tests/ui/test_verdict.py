"""What a run looks like, at 40, 80 and 120 columns, with and without colour and Unicode; and what never gets through."""

import pytest
from desk import Machine, MemoryDesk, card
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from ui.drawing import drawn, in_ascii

from flashcards.model import Finding, Grade, Verdict
from flashcards.session import Answer, Options, Question, Ready, Session
from flashcards.ui import findings, words
from flashcards.ui.screen import Screen

CREATE = card(
    "venv/create",
    front="Create a virtual environment in `venv`.",
    answer={"": "python3 -m venv venv"},
    explain=(("-m", "run a module as a script"),),
    back="The second `venv` is only a name.",
    run={"shell": "bash"},
)
ENV, VENV = "python3 -m venv env", "python3 -m venv venv"
FAILED = Verdict(
    kind="fail",
    findings=(
        Finding(ok=True, says="`$PATH` is as it was"),
        Finding(ok=False, says="there is no `venv/pyvenv.cfg` here", expected="venv/pyvenv.cfg", found="env/"),
        Finding(ok=None, says="the shell ended before it could tell"),
        Finding(ok=None, says="the shell ended before it could tell"),
    ),
    hints=("you made `env/`; the last word is the folder's name",),
    took_ms=400,
    level="strong",
    exit_code=0,
)
PASSED = Verdict(
    kind="pass",
    findings=(
        Finding(ok=True, says="`venv/pyvenv.cfg` is there"),
        Finding(ok=True, says="`venv/` works as a virtual environment"),
    ),
    hints=("never shown on a pass",),
    notes=("pip was unpacked from the wheel that came along",),
    output="created\n",
    took_ms=520,
    level="strong",
)
STOPPED = Verdict(
    kind="fail", reason="stopped after 10 s", output="one\n\ttwo\n", exit_code=137, took_ms=10_000, level="good"
)
UNABLE = Verdict(kind="cannot", reason="`virtualenv` is not installed here", cure="install virtualenv", took_ms=30)
EVIL = "a\x1b[31mred\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c\u202ed\x9b1me\x00\x08[bold]f[/bold]"


def sitting(found: Verdict, typed: str, *, one=CREATE, state: Ready | None = None) -> Session:
    desk = MemoryDesk([one], verifier=Machine({typed: found}, state))
    return Session([one.id], [], desk.desk(), Options(shell="bash"))


def tried(found: Verdict, typed: str = ENV) -> Question:
    view = sitting(found, typed).run(typed)
    assert isinstance(view, Question)
    return view


def answered(found: Verdict, typed: str = VENV) -> Answer:
    view = sitting(found, typed).run(typed)
    assert isinstance(view, Answer)
    return view


# ---------------------------------------------------------------- a failure


def test_a_failure_at_80_columns() -> None:
    """What failed, with what was expected and found and the hint below it; what nobody saw; what holds."""
    expected = """\
bash ▸ python3 -m venv env                                         0.4 s  strong

✗ there is no venv/pyvenv.cfg here
  expected  venv/pyvenv.cfg
  found     env/
  hint      you made env/; the last word is the folder's name
? the shell ended before it could tell
✓ $PATH is as it was

"""
    assert expected == drawn(lambda s: s.attempt(tried(FAILED)))


def test_a_failure_at_40_columns() -> None:
    """Time and level stand below where they have no room beside; texts wrap beside their labels."""
    expected = """\
bash ▸ python3 -m venv env
0.4 s strong

✗ there is no venv/pyvenv.cfg here
  expected  venv/pyvenv.cfg
  found     env/
  hint      you made env/; the last word
            is the folder's name
? the shell ended before it could tell
✓ $PATH is as it was

"""
    assert expected == drawn(lambda s: s.attempt(tried(FAILED)), 40)


def test_a_failure_at_120_columns_keeps_its_measure() -> None:
    """Time and level stand where the header of the question ends."""
    first = drawn(lambda s: s.attempt(tried(FAILED)), 120).splitlines()[0]

    assert (88, True) == (len(first), first.endswith("0.4 s  strong"))


def test_a_failure_without_unicode() -> None:
    """`✗ ? ✓ ▸` become `x ? + >`, and nothing else is lost."""
    expected = """\
bash > python3 -m venv env                                         0.4 s  strong

x there is no venv/pyvenv.cfg here
  expected  venv/pyvenv.cfg
  found     env/
  hint      you made env/; the last word is the folder's name
? the shell ended before it could tell
+ $PATH is as it was

"""
    assert expected == in_ascii(lambda s: s.attempt(tried(FAILED)))


def test_colours_add_nothing_to_the_words() -> None:
    """The sixteen colours, and the same text without them."""
    colourful = drawn(lambda s: s.attempt(tried(FAILED)), color=True)

    assert "\x1b[1;31m✗ " in colourful
    assert "38;5" not in colourful


def test_a_command_that_was_stopped_says_so_first() -> None:
    """Then what it printed, indented as it was, and how it ended."""
    expected = """\
bash ▸ sleep 99                                                     10.0 s  good

✗ stopped after 10 s

  printed   one
                    two
  ended     exit status 137

"""
    assert expected == drawn(lambda s: s.attempt(tried(STOPPED, "sleep 99")))


def test_a_failure_without_findings_still_has_words() -> None:
    """Nobody is left with a bare command."""
    shown = drawn(lambda s: s.attempt(tried(Verdict(kind="fail"))))

    assert "bash ▸ python3 -m venv env\n\n✗ not what was asked for\n\n" == shown


def test_a_command_of_several_lines_stands_beside_its_prompt() -> None:
    """Time and level stand below the last line."""
    shown = drawn(lambda s: s.attempt(tried(FAILED, "if true; then\n\techo\nfi"))).splitlines()

    assert ["bash ▸ if true; then", "           echo", "       fi", "0.4 s strong"] == shown[:4]


def test_many_findings_are_cut() -> None:
    """Eight, what failed first, and a word about the others."""
    many = tuple(Finding(ok=index > 9, says=f"finding {index}") for index in range(12))

    shown = drawn(lambda s: s.attempt(tried(Verdict(kind="fail", findings=many)))).splitlines()

    assert [*(f"✗ finding {index}" for index in range(8)), "  and 4 more"] == shown[2:11]


@pytest.mark.parametrize(
    ("output", "shown"),
    [
        ("a\n", ["a"]),
        ("\n\n  a  \n\nb", ["  a", "", "b"]),
        ("".join(f"{n}\n" for n in range(12)), [str(n) for n in range(12)]),
        (
            "".join(f"{n}\n" for n in range(30)),
            [*map(str, range(8)), "(19 more lines)", "27", "28", "29"],
        ),
        ("x" * 300, ["x" * 240 + " ..."]),
        ("10 %\r20 %\r", ["10 %", "20 %"]),
    ],
)
def test_output_is_cut_in_its_middle(output: str, shown: list[str]) -> None:
    """Twelve lines at most: how it began, and its end, where the error stands."""
    assert shown == findings.clipped(output)


# ---------------------------------------------------------------- a pass


def test_a_pass_at_80_columns() -> None:
    """What holds, what it printed and what was done differently; the answer itself is on screen already."""
    expected = """\
bash ▸ python3 -m venv venv                                        0.5 s  strong

✓ venv/pyvenv.cfg is there
✓ venv/ works as a virtual environment

  printed   created
  note      pip was unpacked from the wheel that came along

  -m    run a module as a script

The second venv is only a name.

"""
    assert expected == drawn(lambda s: s.answer(answered(PASSED)))


def test_another_command_that_passes_is_shown_the_deck_s_own() -> None:
    """The words that are explained below are those of the answer."""
    shown = drawn(lambda s: s.answer(answered(PASSED._replace(notes=(), output=""), "python -m venv ./venv")), 40)

    expected = """\
bash ▸ python -m venv ./venv
0.5 s strong

✓ venv/pyvenv.cfg is there
✓ venv/ works as a virtual environment

answer    python3 -m venv venv

  -m    run a module as a script

The second venv is only a name.

"""
    assert expected == shown


def test_a_pass_without_findings_still_has_words() -> None:
    """A deck may check nothing but the end of the command."""
    assert "\n✓ right\n" in drawn(lambda s: s.answer(answered(Verdict(kind="pass"))))


@pytest.mark.parametrize(
    ("failures", "grade", "why"),
    [
        (0, Grade.GOOD, ""),
        (1, Grade.HARD, "passed on the second try"),
        (2, Grade.HARD, "passed on the third try"),
        (9, Grade.HARD, "passed after 10 tries"),
    ],
)
def test_the_suggestion_says_why(failures: int, grade: Grade, why: str) -> None:
    """A machine suggests, and gives its reason."""
    session = sitting(PASSED, VENV)
    for _ in range(failures):
        session.run(ENV)

    view = session.run(VENV)

    assert (grade, why) == (view.suggested, findings.praise(view))
    assert ("faster than usual", "") == tuple(
        findings.praise(view._replace(question=view.question._replace(tries=1), suggested=other))
        for other in (Grade.EASY, Grade.GOOD)
    )


def test_a_suggestion_without_a_reason_ends_with_its_key() -> None:
    """No dot before nothing."""
    on: list[str] = []
    drawn(lambda s: on.extend([s.suggestion(Grade.GOOD).plain, s.suggestion(Grade.HARD, "slow").plain]))

    assert ["▸ good, enter to accept", "▸ hard, enter to accept · slow"] == on


# ---------------------------------------------------------------- not run


def test_what_cannot_be_judged_is_not_called_wrong() -> None:
    """The texts side by side, why nobody can say, and what would help; no verdict in red."""
    expected = """\
yours     virtualenv venv
answer    python3 -m venv venv
          ^ virtualenv instead of python3 -m, venv is missing

? not run: virtualenv is not installed here
  hint      install virtualenv

  -m    run a module as a script

The second venv is only a name.

"""
    assert expected == drawn(lambda s: s.answer(answered(UNABLE, "virtualenv venv")))


def test_what_cannot_be_judged_at_40_columns() -> None:
    """The difference stays in words where the caret has no room."""
    expected = """\
yours     virtualenv venv
answer    python3 -m venv venv
          virtualenv instead of python3
          -m, venv is missing

? not run: virtualenv is not installed
  here
  hint      install virtualenv

"""
    assert expected == drawn(lambda s: s.answer(answered(UNABLE, "virtualenv venv")), 40)[: len(expected)]


def test_the_same_text_is_right_even_if_nobody_could_run_it() -> None:
    """Text is enough where it agrees."""
    shown = drawn(lambda s: s.answer(answered(UNABLE)))

    assert "yours     python3 -m venv venv\n✓ right\n\n? not run: virtualenv is not installed here\n" in shown


def test_why_nothing_was_run_stands_below_the_comparison() -> None:
    """With the command that tells more."""
    ready = Ready(runs="no", why_not="this machine offers no sandbox that protects your files", cure="cards doctor")
    view = sitting(PASSED, VENV, state=ready).reveal("source venv")
    assert isinstance(view, Answer)

    shown = drawn(lambda s: s.answer(view, findings.excuse(view)))

    expected = """\
✗ not the same

? not run: this machine offers no sandbox that protects your files
  hint      cards doctor

  -m    run a module as a script
"""
    assert expected in shown
    assert "not run" not in drawn(lambda s: s.answer(view))


@pytest.mark.parametrize(
    "state", [Ready(runs="no"), Ready(runs="ask", why_not="unasked"), Ready(runs="yes", why_not="none")]
)
def test_there_is_no_excuse_where_there_is_nothing_to_say(state: Ready) -> None:
    """Neither for a card that is not run at all, nor for one that could have been."""
    view = sitting(PASSED, VENV, state=state).reveal(VENV)
    assert isinstance(view, Answer)

    assert findings.excuse(view) is None


# ---------------------------------------------------------------- untrusted text


def evil(kind: str) -> Verdict:
    return Verdict(
        kind=kind,
        findings=tuple(Finding(ok=ok, says=EVIL, expected=EVIL, found=EVIL) for ok in (True, False, None)),
        reason=EVIL,
        cure=EVIL,
        hints=(EVIL,),
        notes=(EVIL,),
        output=EVIL,
        exit_code=1,
        took_ms=1,
        level=EVIL,
    )


@pytest.mark.parametrize("kind", ["pass", "cannot"])
@pytest.mark.parametrize("width", [40, 120])
def test_nothing_that_a_command_prints_commands_the_terminal(kind: str, width: int) -> None:
    """Output, findings, hints and reasons arrive as plain text or not at all."""
    view = answered(evil(kind), EVIL)

    shown = drawn(lambda s: s.answer(view), width)

    assert "[bold]f[/bold]" in shown
    assert shown.replace("\n", "").isprintable()


@given(st.text(), st.integers(24, 130))
def test_a_failure_keeps_to_the_screen(text: str, width: int) -> None:
    """Whatever was printed, nothing but printable text is drawn, and nothing beyond the edge."""
    view = tried(evil("fail")._replace(output=text, reason=text))

    def draw(on: Screen) -> None:
        on.attempt(view)

    shown = drawn(draw, width)

    assert not {sign for sign in shown if (sign < " " and sign != "\n") or "\x7f" <= sign <= "\x9f"}
    assert max(map(cell_len, shown.splitlines())) <= width


def test_times_are_said_with_one_digit() -> None:
    """Tenths while it is short, whole seconds in minutes."""
    assert ["0 ms", "7 ms", "0.4 s", "12.0 s", "1 min 5 s"] == [
        words.seconds(number) for number in (0, 0.0074, 0.44, 12, 65.4)
    ]
