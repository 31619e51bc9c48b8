"""A sitting as JSON lines: the conversation in the documentation, every answer, every refusal."""

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from desk import CANNOT, PASS, Machine, MemoryDesk, card, cards
from hypothesis import given
from hypothesis import strategies as st

from flashcards.model import Finding, Review, Verdict
from flashcards.session import Options, Ready
from flashcards.ui.lines import run

DOCUMENT = Path(__file__).parents[2] / "docs" / "session-protocol.md"
LS = card("shell/ls", answer={"": "ls -la"}, accept={"": ("ls -al",)}, front="List all files.", tags=("files",))

RUN = LS._replace(run={"shell": "bash"})


def talk(desk: MemoryDesk, *said: object, options: Options | None = None) -> list[dict[str, Any]]:
    """What is answered to the lines, texts as they are and objects as JSON; the exit code is 0."""
    text = "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in said)
    write = io.StringIO()

    code = run(desk.sitting(options), read=io.StringIO(text), write=write)

    assert 0 == code
    return [json.loads(line) for line in write.getvalue().splitlines()]


def heard(desk: MemoryDesk, *said: object) -> list[str]:
    """The same, each line in a word: its view and card, or its error."""
    return [_word(line) for line in talk(desk, *said)[1:]]


def _word(line: dict[str, Any]) -> str:
    if "error" in line:
        return "error"
    return f"{line['view']} {line.get('card', line.get('reason'))}"


REVEAL, UNDO, REGRADE, SKIP = {"do": "reveal"}, {"do": "undo"}, {"do": "regrade"}, {"do": "skip"}
BURY, SUSPEND, FLAG, QUIT = {"do": "bury"}, {"do": "suspend"}, {"do": "flag"}, {"do": "quit"}


def grade(number: object) -> dict[str, object]:
    return {"do": "grade", "grade": number}


def do_run(text: object) -> dict[str, object]:
    return {"do": "run", "text": text}


def allow(yes: object) -> dict[str, object]:
    return {"do": "allow", "yes": yes}


def answer(text: object) -> dict[str, object]:
    return {"do": "answer", "text": text}


# ---------------------------------------------------------------- the promise


def documented() -> tuple[str, list[str]]:
    """The conversation of the documentation: what goes in, and what comes out line by line."""
    block = re.search(r"<!-- conversation -->\n```text\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    lines = block[1].splitlines()
    assert all(line.startswith(("< ", "> ")) for line in lines)
    return "".join(line[2:] + "\n" for line in lines if line[0] == "<"), [line[2:] for line in lines if line[0] == ">"]


def test_the_documented_conversation_is_the_real_one():
    """Every line of the example, to the letter: a field that is renamed breaks somebody's editor."""
    made = Finding(ok=True, says="`venv/` works as a virtual environment")
    lost = Finding(ok=False, says="there is no `venv/`", expected="venv/", found="env/")
    run_in = {"exit_code": 0, "took_ms": 412, "level": "strong", "shell": "bash"}
    verdicts = {
        "python3 -m venv env": Verdict(
            kind="fail", findings=(lost,), hints=("the last word is the folder's name",), **run_in
        ),
        "python -m venv venv": Verdict(kind="pass", findings=(made,), **run_in),
    }
    desk = MemoryDesk(
        [
            card(
                "venv/create",
                run={"shell": "bash"},
                answer={"": "python3 -m venv venv"},
                accept={"": ("python -m venv venv",)},
                front="Create a virtual environment in the directory `venv`.",
                back="The second `venv` is only a name.",
                explain=(("python3", "the interpreter"),),
                tags=("python",),
            ),
            card("venv/why", front="Why a virtual environment?", back="So that projects do not share packages."),
        ],
        verifier=Machine(verdicts, Ready(runs="ask")),
    )
    said, expected = documented()
    write = io.StringIO()

    run(desk.sitting(Options(shell="bash")), read=io.StringIO(said), write=write)

    assert expected == write.getvalue().splitlines()


@pytest.mark.parametrize("view", ["question", "answer", "done", "choice", "comparison", "verdict"])
def test_every_field_is_documented(view):
    """A field that is not described is not promised."""
    lines = talk(MemoryDesk([RUN], verifier=Machine({"ls": CANNOT})), do_run("ls"), grade(4))
    found = {line.get("view"): line for line in lines}
    found |= {"choice": found["answer"]["choices"][0], "comparison": found["answer"]["comparison"]}
    found |= {"verdict": found["answer"]["verdict"]}
    text = DOCUMENT.read_text(encoding="utf-8")

    assert [] == [name for name in found[view] if f"| `{name}` |" not in text]


def test_every_action_is_documented():
    """The list in the hint and the table in the documentation agree."""
    hint = talk(MemoryDesk([]), {"do": "?"})[2]["error"]["hint"]

    told = re.findall(r"^\| `\{\"do\": \"(\w+)\"", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)

    assert hint.removeprefix("one of ").split(", ") == told


# ---------------------------------------------------------------- what is answered


def test_the_first_line_names_the_protocol_and_the_second_is_a_question():
    """A client knows at once whom it talks to."""
    lines = talk(MemoryDesk(cards("a")))

    assert {"protocol": "cards.session/1"} == lines[0]
    assert ("question", "d/a") == (lines[1]["view"], lines[1]["card"])


def test_every_line_is_answered_by_one_line():
    """Views and errors alike; blank lines are no lines."""
    said = [REVEAL, grade(9), "", grade(1), "nonsense", "   ", UNDO]

    lines = heard(MemoryDesk(cards("a")), *said, QUIT)

    expected = ["question d/a", "answer d/a", "error", "question d/a", "error", "question d/a", "done quit"]
    assert expected == lines


def test_every_action_does_what_its_name_says():
    """A walk through all of them."""
    desk = MemoryDesk(cards("a", "b", "c", "e"))

    lines = heard(desk, BURY, SUSPEND, FLAG, SKIP, UNDO, REVEAL, grade(5), REGRADE, grade(4), REVEAL, grade(3), QUIT)

    assert [
        "question d/a",
        "question d/b",
        "question d/c",
        "question d/c",
        "question d/e",
        "question d/c",
        "answer d/c",
        "question d/e",
        "answer d/c",
        "question d/e",
        "answer d/e",
        "question d/e",
        "done quit",
    ] == lines
    assert [5, 4, 3] == [int(e.grade) for e in desk.events if isinstance(e, Review)]


@pytest.mark.parametrize("number", range(6))
def test_a_grade_is_always_that_of_sm_2(number):
    """From 0 to 5, whatever the scale on screen is."""
    desk = MemoryDesk(cards("a"))

    talk(desk, REVEAL, grade(number))

    assert number == desk.events[0].grade


def test_a_typed_answer_comes_back_with_its_comparison():
    """The text, the verdict, the diff and the suggestion."""
    line = talk(MemoryDesk([LS]), answer("ls -al"))[2]

    assert ("ls -al", "ls -la", 4) == (line["text"], line["answer"], line["suggested"])
    assert ("accepted", "ls -al", "") == tuple(line["comparison"][key] for key in ("kind", "answer", "note"))


def test_a_typed_card_may_be_revealed_without_an_answer():
    """Then nothing is compared and nothing suggested."""
    line = talk(MemoryDesk([LS]), REVEAL)[2]

    assert (None, None, None) == (line["text"], line["comparison"], line["suggested"])


def test_a_failed_run_asks_the_question_again_with_its_attempt():
    """The answer is not given away; then a pass shows it, with both verdict and last try."""
    desk = MemoryDesk([RUN], verifier=Machine({"ls -la": PASS}))

    first, failed, passed, *_ = talk(desk, do_run("ls"), do_run("ls -la"), options=Options(shell="bash"))[1:]

    assert ("yes", "bash", 0, None) == tuple(first[key] for key in ("runs", "shell", "tries", "attempt"))
    assert ("question", 1, "ls", "fail") == (
        failed["view"],
        failed["tries"],
        failed["attempt"]["text"],
        failed["attempt"]["verdict"]["kind"],
    )
    assert "answer" not in failed
    assert ("answer", 2, "pass", None, 3) == (
        passed["view"],
        passed["tries"],
        passed["verdict"]["kind"],
        passed["comparison"],
        passed["suggested"],
    )
    assert [{"ok": True, "says": "it is there", "expected": "", "found": ""}] == passed["verdict"]["checks"]


def test_what_cannot_be_judged_is_compared():
    """Both are told: why nobody can say, and how the text differs."""
    line = talk(MemoryDesk([RUN], verifier=Machine({"uv": CANNOT})), do_run("uv"))[2]

    assert ("cannot", "install uv") == (line["verdict"]["kind"], line["verdict"]["cure"])
    assert ("wrong", None) == (line["comparison"]["kind"], line["suggested"])


def test_answer_compares_even_where_commands_are_run():
    """As it did before there was `run`."""
    desk = MemoryDesk([RUN], verifier=Machine({}))

    line = talk(desk, answer("ls -la"))[2]

    assert (None, "exact", []) == (line["verdict"], line["comparison"]["kind"], desk.verifier.ran)


def test_nothing_is_run_before_the_person_has_agreed():
    """`allow` tells what the person said; no is an answer, too."""
    desk = MemoryDesk([RUN], verifier=Machine({"ls -la": PASS}, Ready(runs="ask")))

    lines = talk(desk, do_run("ls -la"), allow(False), do_run("ls -la"), allow(True), do_run("ls -la"))[1:]

    assert ["question shell/ls", "error", "question shell/ls", "error", "question shell/ls", "answer shell/ls"] == [
        *map(_word, lines[:6])
    ]
    assert ["ask", "no", "yes", "yes"] == [line["runs"] for line in lines[:6] if "runs" in line]
    assert 1 == len(desk.verifier.ran)


def test_why_nothing_is_run_is_told():
    """With the command that would change it."""
    state = Ready(runs="no", why_not="no sandbox", cure="cards doctor")

    line = talk(MemoryDesk([RUN], verifier=Machine({}, state)))[1]

    assert ("no", "no sandbox", "cards doctor") == tuple(line[key] for key in ("runs", "why_not", "cure"))


def test_the_choices_are_those_of_the_scale():
    """Four by default, six where the person wants them all."""
    four = talk(MemoryDesk(cards("a")), REVEAL)[2]["choices"]
    six = talk(MemoryDesk(cards("a")), REVEAL, options=Options(scale=tuple(range(6))))[2]["choices"]

    assert [(1, "again"), (3, "hard"), (4, "good"), (5, "easy")] == [(c["grade"], c["name"]) for c in four]
    assert [*range(6)] == [c["grade"] for c in six]
    assert {(1, "2026-11-23")} == {(c["interval_days"], c["due"]) for c in four}


def test_the_end_of_input_quits():
    """The last line is always the end of the sitting."""
    assert ["question d/a", "done quit"] == heard(MemoryDesk(cards("a")))


def test_a_sitting_that_is_over_can_still_be_undone():
    """It waits for the end of input; the end is told once."""
    lines = heard(MemoryDesk(cards("a")), REVEAL, grade(4), UNDO, REVEAL, grade(5))

    assert ["done finished", "question d/a", "answer d/a", "done finished"] == lines[2:]


def test_quitting_ends_the_run_at_once():
    """What comes behind it is not read."""
    assert ["question d/a", "done quit"] == heard(MemoryDesk(cards("a")), QUIT, REVEAL)


def test_a_finished_sitting_can_be_left_with_quit():
    """The reason stays, and the run ends."""
    assert ["done finished", "done finished"] == heard(MemoryDesk([]), QUIT, REVEAL)


def test_each_line_is_written_before_the_next_is_read():
    """A client that waits for an answer gets it, and finds what it graded stored."""
    desk = MemoryDesk(cards("a", "b"))
    at_reading: list[tuple[int, int]] = []

    class Write(io.StringIO):
        out = ""

        def flush(self) -> None:
            self.out = self.getvalue()

    class Read(io.StringIO):
        def readline(self, *_: object) -> str:
            at_reading.append((write.out.count("\n"), len(desk.events)))
            return super().readline()

    write = Write()
    run(desk.sitting(), read=Read('{"do":"reveal"}\n{"do":"grade","grade":4}\n'), write=write)

    assert [(2, 0), (3, 0), (4, 1)] == at_reading


@given(st.text(), st.text())
def test_what_is_written_is_ascii_and_one_line(front, typed):
    """It survives every locale, and no card can steer the terminal that shows it."""
    desk = MemoryDesk([card("d/a", front=front + "\x1b[2J\u2028\u202e", answer={"": "x"})])
    write = io.StringIO()

    run(desk.sitting(), read=io.StringIO(json.dumps(answer(typed)) + "\n"), write=write)

    assert write.getvalue().isascii()
    assert 4 == len(write.getvalue().splitlines())
    assert not any(sign < " " and sign != "\n" for sign in write.getvalue())


# ---------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("reveal", "not a line of JSON"),
        ("[" * 100_000, "not a line of JSON"),
        ('{"do":"grade","grade":' + "9" * 5000 + "}", "not a line of JSON"),
        ('["reveal"]', "not a JSON object"),
        ({}, "`do` is missing"),
        ({"do": "dance"}, '`do` is `"dance"`'),
        ({"do": ["reveal"]}, '`do` is `["reveal"]`'),
        ({"do": "answer"}, "`text` is missing, expected text"),
        (answer(3), "`text` is `3`, expected text"),
        (do_run(None), "`text` is missing, expected text"),
        (do_run("ls"), "this card's command is not run here"),
        (allow("yes"), '`yes` is `"yes"`, expected true or false'),
        (allow(1), "`yes` is `1`, expected true or false"),
        ({"do": "allow"}, "`yes` is missing, expected true or false"),
        (answer("\ud800"), "the answer has characters that are not text"),
        (grade(4), "there is no answer on screen to grade"),
        ({"do": "grade"}, "`grade` is missing, expected 0 to 5"),
        (grade(6), "`grade` is `6`, expected 0 to 5"),
        (grade(-1), "`grade` is `-1`, expected 0 to 5"),
        (grade(4.0), "`grade` is `4.0`, expected 0 to 5"),
        (grade(True), "`grade` is `true`, expected 0 to 5"),
        (grade("4"), '`grade` is `"4"`, expected 0 to 5'),
        (UNDO, "nothing to undo in this sitting"),
        (REGRADE, "no grade of this sitting to give anew"),
    ],
)
def test_a_line_that_makes_no_sense_changes_nothing(said, message):
    """The error says what is wrong and what to do; the view stays."""
    desk = MemoryDesk([LS])

    lines = talk(desk, said, REVEAL)

    assert message == lines[2]["error"]["message"]
    assert lines[2]["error"]["hint"]
    assert "answer shell/ls" == _word(lines[3])
    assert [] == desk.events


def test_unknown_fields_are_passed_over():
    """A newer client may say more than this version knows."""
    assert "answer d/a" == heard(MemoryDesk(cards("a")), {"do": "reveal", "mood": "good"})[1]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["do", "text", "grade", "yes", "x"]), inner),
    max_leaves=5,
)
acting = st.fixed_dictionaries(
    {
        "do": st.sampled_from(
            ["reveal", "answer", "grade", "undo", "regrade", "skip", "bury", "suspend", "flag", "run", "allow"]
        )
    },
    optional={
        "yes": st.booleans() | anything,
        "grade": st.integers(0, 5) | anything,
        "text": st.sampled_from(["", "ls -la"]) | anything,
    },
)


@given(st.lists((acting | anything).map(json.dumps), max_size=30))
def test_no_client_can_break_a_sitting(said):
    """Every line gets its answer, and the memories are those of the log."""
    desk = MemoryDesk([RUN, *cards("a", "b")], verifier=Machine({"ls -la": PASS}, Ready(runs="ask")))

    lines = talk(desk, *said)

    assert len(lines) - len(said) in {2, 3}, "the protocol, the first view, and the end if it was not told before"
    assert "done" in [line.get("view") for line in lines[-1 - len(said) :]]
    assert desk.replayed() == {n: m for n, m in desk.memories.items() if n in desk.replayed()}
