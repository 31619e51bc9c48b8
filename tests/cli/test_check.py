"""`cards check`: faults without starting anything, and with --run a deck that proves itself."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cli.inside import Ran, cards
from sandboxed import needs_sandbox

GOOD = """
    deck: d
    cards:
      - id: touch
        front: Make the file `b`.
        answer: touch b
        accept: [": > b", "echo > b"]
        wrong: [touch c, mkdir b]
        run:
          shells: [bash, sh]
          checks: [{file_exists: b}]
"""
BROKEN = """
    deck: d
    cards:
      - id: lazy
        front: Make the file `b`.
        answer: touch b
        accept: [touch c]
        wrong: [touch b c]
        run:
          shells: [bash]
          checks: [{absent: d}]
      - id: off
        front: Make the file `b`.
        answer: touch c
        run:
          shells: [bash]
          checks: [{file_exists: b}]
"""
COPY = """
    deck: d
    cards:
      - id: copied
        front: Remove `a.txt`.
        answer: rm a.txt
        run:
          shells: [bash]
          setup: [{copy: a.txt}]
          checks: [{absent: a.txt}]
"""


def proved(path: Path, *args: str) -> tuple[Ran, dict]:
    """What `check --run --trust --json` prints."""
    ran = cards("check", "--run", "--trust", "--json", *args, path)
    return ran, json.loads(ran.out)


def misses(found: dict) -> list[tuple[str, str, str]]:
    return [(run["card"], run["part"], run["verdict"]) for run in found["runs"] if run["outcome"] == "miss"]


def test_a_file_is_checked_before_it_is_taken_in(home: Path, deck_file) -> None:
    """Nothing is stored, and a fault ends with 3."""
    assert 0 == cards("check", deck_file(GOOD)).code
    bad = cards("check", deck_file("deck: d\ncards:\n  - {front: f}\n", name="bad.yaml"))

    assert 3 == bad.code
    assert "bad.yaml:3" in bad.err
    assert not (home / "cards.db").exists()


def test_decks_are_checked_by_name(home: Path, deck_file) -> None:
    """A deck that was taken in is read anew from its file; none named means all."""
    path = deck_file(GOOD)
    cards("import", path, check=True)
    path.write_text(path.read_text().replace("touch b", "touch  b", 1))

    assert "d: 1 card, no problems" in cards("check", "d", check=True).out
    assert "d: 1 card, no problems" in cards("check", check=True).out
    assert 4 == cards("check", "nobody").code


@needs_sandbox
def test_a_good_deck_proves_itself(home: Path, deck_file) -> None:
    """Every answer and accepted text passes in every shell; wrong ones and doing nothing fail."""
    ran, found = proved(deck_file(GOOD))

    assert (0, 0) == (ran.code, found["misses"])
    assert 2 * (1 + 2 + 2 + 1) == len(found["runs"])
    assert {"bash", "sh"} == {run["shell"] for run in found["runs"]}
    assert all(run["outcome"] == "right" for run in found["runs"])


@needs_sandbox
def test_a_broken_deck_is_found_out(home: Path, deck_file) -> None:
    """A wrong answer that passes, an answer that fails, checks that look at nothing: each is a miss, exit 3."""
    ran, found = proved(deck_file(BROKEN))

    assert 3 == ran.code
    assert [
        ("d/lazy", "wrong", "pass"),
        ("d/lazy", "nothing", "pass"),
        ("d/off", "answer", "fail"),
    ] == misses(found)


@needs_sandbox
def test_misses_are_told_in_words_and_as_annotations(home: Path, deck_file) -> None:
    """People read what is wrong with which answer; a CI puts it beside the line."""
    path = deck_file(BROKEN)
    words = cards("check", "--run", "--trust", path)
    notes = cards("check", "--run", "--trust", "--format", "github", path)

    assert "doing nothing passes" in words.out
    assert "the answer `touch c` fails: there is no `b`" in words.out
    assert "error: 3 misses" in words.err
    assert f"::error file={path},line=4,col=1::d/lazy in bash: wrong, but `touch b c` passes" in notes.out


@needs_sandbox
def test_a_shell_can_be_chosen(home: Path, deck_file) -> None:
    """`--shell` leaves the others out."""
    _, found = proved(deck_file(GOOD), "--shell", "sh")

    assert {"sh"} == {run["shell"] for run in found["runs"]}


@needs_sandbox
def test_a_file_beside_the_deck_comes_along(home: Path, deck_file) -> None:
    """`copy` brings a file that lies beside the deck; without it nothing can be said."""
    path = deck_file(COPY)
    assert [("d/copied", "answer", "cannot")] == misses(proved(path)[1])
    path.with_name("a.txt").write_text("x")

    assert [] == misses(proved(path)[1])


def test_running_needs_trust(home: Path, deck_file) -> None:
    """Without `cards trust` or --trust nothing of a deck is run: exit 7, with both ways named."""
    ran = cards("check", "--run", deck_file(GOOD))

    assert 7 == ran.code
    assert "cards trust d" in ran.err
    assert "--trust" in ran.err


@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_faults_are_told_in_every_form(home: Path, deck_file, form: str) -> None:
    """A deck with faults is not run, and the faults come in the form that was asked for."""
    ran = cards("check", "--run", "--trust", "--format", form, deck_file("deck: d\ncards:\n  - {front: f}\n"))

    assert 3 == ran.code
    if form == "json":
        assert json.loads(ran.out)["decks"][0]["problems"]
    if form == "github":
        assert ran.out.startswith("::error file=")


@pytest.mark.parametrize("off", ["variable", "setting"])
def test_turned_off_is_turned_off(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch, off: str) -> None:
    """Nothing of a deck is run where running is turned off, trusted or not."""
    if off == "variable":
        monkeypatch.setenv("CARDS_NO_RUN", "1")
    else:
        cards("config", "run", "never", check=True)
    ran = cards("check", "--run", "--trust", deck_file(GOOD))

    assert (7, True) == (ran.code, "turned off" in ran.err)


@needs_sandbox
def test_json_cannot_steer_a_terminal(home: Path, deck_file) -> None:
    """Controls and bidi marks that a command printed are escapes of JSON; other letters stay letters."""
    cards("import", deck_file(GOOD), check=True)
    ran = cards(
        "run", "d/touch", "--json", "--answer", r"printf '\302\233\063\061m \342\200\256 \303\251'; touch b", check=True
    )

    assert ran.out.replace("\n", "").isprintable()
    assert "\\u009b31m \\u202e é" in ran.out
    assert "\x9b31m \u202e é" == json.loads(ran.out)["output"]


LONG = f"sleep 7654.{os.getpid()}"


@needs_sandbox
def test_ctrl_c_ends_it_at_once(home: Path, deck_file) -> None:
    """Also where every worker is in the middle of a long answer; nothing is left running."""
    slow = GOOD.replace("answer: touch b", f'answer: "{LONG}; touch b"').replace(
        "shells:", "timeout: 60s\n          shells:"
    )
    with subprocess.Popen(
        [sys.executable, "-m", "flashcards", "check", "--run", "--trust", "--jobs", "2", deck_file(slow)],
        start_new_session=True,
        stderr=subprocess.PIPE,
    ) as process:
        while LONG not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout:
            assert process.poll() is None
        process.send_signal(signal.SIGINT)

        assert 130 == process.wait(timeout=50)  # the answers take 60 s
    assert LONG not in subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout


# ---------------------------------------------------------------- lints

ODD = """
    deck: odd
    cards:
      - id: log
        front: Show the log.
        answer: git log # all of it
        tags: [command]
"""


def test_what_is_odd_is_a_warning(home: Path, deck_file) -> None:
    """With place, excerpt, cure and name, under the problems of other files; it fails nothing by itself."""
    odd = deck_file(ODD, name="odd.yaml")
    ran = cards("check", odd, check=True)

    assert f"{odd}  odd: 1 card, no problems, 2 warnings\n" == ran.out
    assert ran.err.startswith(
        f"warning: {odd}:6:13: card `log`: `answer` ends before `# all of it`: to YAML that is a comment [answer-cut]\n"
        "    6 |     answer: git log # all of it\n"
        "      |             ^^^^^^^\n"
        'hint: quote it: answer: "git log # all of it"; put two blanks before a remark\n\n'
        f"warning: {odd}:6:13: card `log`: nothing explains the words of this command [no-explain]\n"
    )
    assert ran.err.endswith("\n\n2 warnings in 1 file; `# lint: off NAME` in a card silences one\n")


def test_warnings_stand_under_the_problems_of_a_folder(home: Path, deck_file) -> None:
    """All files in one run, and the last line counts both; what is odd on a line with a fault comes of the fault."""
    folder = deck_file(ODD, name="odd.yaml").parent
    deck_file("deck: good\ncards:\n  - {front: f, back: b}\n", name="good.yaml")
    deck_file(
        "deck: d\ncards:\n  - {front: f}\n  - front: g\n    answer: a # b\n    accept: [a # b]\n", name="bad.yaml"
    )
    ran = cards("check", folder)

    assert 3 == ran.code
    assert ran.err.index("error: ") < ran.err.index("warning: ")
    assert ran.err.endswith(
        "\n3 warnings in 2 files; `# lint: off NAME` in a card silences one\nerror: 2 problems, 3 warnings\n"
    )


@pytest.mark.parametrize(
    ("flags", "expected"), [((), 0), (("--strict",), 3), (("--no-lint",), 0), (("--no-lint", "--strict"), 0)]
)
@pytest.mark.parametrize("form", ["text", "json", "github"])
def test_strict_counts_warnings(home: Path, deck_file, form: str, flags: tuple[str, ...], expected: int) -> None:
    """Exit 3 with --strict, whatever the form; none are looked for with --no-lint."""
    ran = cards("check", "--format", form, *flags, deck_file(ODD))

    assert expected == ran.code
    assert ("no-explain" in ran.out + ran.err) == ("--no-lint" not in flags)
    assert ("error: 2 warnings" in ran.err) == (expected == 3)


def test_strict_is_content_with_a_good_deck(home: Path, deck_file) -> None:
    """Also with a lint that is silenced."""
    path = deck_file(ODD.replace("# all of it", "  # lint: off"))

    assert ("", 0) == (cards("check", "--strict", path).err, cards("check", "--strict", path).code)


def test_warnings_are_data_and_annotations(home: Path, deck_file) -> None:
    """A list of its own in JSON; beside the line in a pull request."""
    path = deck_file(ODD)
    found = json.loads(cards("check", "--json", path, check=True).out)
    notes = cards("check", "--format", "github", path, check=True).out.splitlines()

    assert {
        "name": "no-explain",
        "path": str(path),
        "line": 6,
        "column": 13,
        "message": "card `log`: nothing explains the words of this command",
        "hint": "add `explain:` with a line for each word: what it is or does",
    } == found["lints"][1]
    assert [] == json.loads(cards("check", "--json", "--no-lint", path, check=True).out)["lints"]
    assert (
        f"::warning file={path},line=6,col=13::card `log`: nothing explains the words of this command [no-explain]"
        "%0Ahint: add `explain:` with a line for each word: what it is or does"
    ) == notes[1]
