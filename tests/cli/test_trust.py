"""`cards trust` as a person meets it: all that would run is shown, and only a typed word allows it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from cli.inside import cards
from ui.person import put_away

from flashcards.app import App, trusting

ME = [sys.executable, "-m", "flashcards"]
PATIENCE = 40
"""Seconds that a test waits for something to appear."""
QUESTION = "type yes to allow exactly these, anything else to refuse:"
EVIL = """
    deck: evil
    cards:
      - {id: plain, front: f, answer: mkdir x, run: {checks: [dir_exists: x]}}
      - id: a
        front: f
        answer: "true"
        run: {setup: [script: touch x], checks: [python: {expr: '__import__("os").listdir("/")'}]}
"""
SHOWN = """\
evil would run 2 commands of its own, in the sandbox, before and after what you type:

evil/a
  setup    script: touch x
  answer   true
  check    python: __import__("os").listdir("/")

`cards check evil --run` would run the answers of 1 card, and nothing else of the deck:

evil/plain
  answer   mkdir x
  check    dir_exists: x

"""
AUDIT = """
import sys
seen = []
def look(event, arguments):
    if event in {"subprocess.Popen", "os.posix_spawn", "os.fork", "os.forkpty", "os.exec", "os.system", "os.spawn",
                 "socket.connect", "pty.spawn"}:
        seen.append(f"{event} {arguments!r}")
sys.addaudithook(look)
from flashcards.cli import run
for arguments in (["import", sys.argv[1]], ["trust", "evil"], ["trust", "evil", "--json"], ["trust", "--list"],
                  ["show", "evil/a"], ["list"], ["export", "progress"], ["trust", "evil", "--revoke"]):
    run(arguments)
sys.exit("\\n".join(seen) or None)
"""


@pytest.fixture
def evil(home: Path, deck_file: Callable[..., Path]) -> Path:
    """A deck with code, imported."""
    path = deck_file(EVIL, name="evil.yaml")
    cards("import", path, check=True)
    return path


@pytest.fixture
def terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., pexpect.spawn]]:
    """The program in a pseudo-terminal: `terminal("trust", "evil", lines=40)`."""
    monkeypatch.setenv("PAGER", "cat")
    children: list[pexpect.spawn] = []

    def start(*args: str, lines: int = 40, columns: int = 100) -> pexpect.spawn:
        settings = {"env": {**os.environ}, "encoding": "utf-8"}  # not what readline has put into the process's own
        child = pexpect.spawn(ME[0], [*ME[1:], *args], dimensions=(lines, columns), timeout=PATIENCE, **settings)
        children.append(child)
        return child

    yield start
    for child in children:
        put_away(child)


def ended(child: pexpect.spawn) -> tuple[int, str]:
    """Waits for the end: the exit code, and what was said since the last thing that was waited for."""
    child.expect(pexpect.EOF)
    child.wait()
    return child.exitstatus, child.before.replace("\r\n", "\n")


def allowed() -> dict[str, str]:
    """What the trust file says: cards and hashes."""
    app = App()
    try:
        return {card: one.hash for card, one in trusting.load(app).items()}
    finally:
        app.close()


def states() -> dict[str, str]:
    found = json.loads(cards("trust", "evil", "--json", check=True).out)
    return {one["id"]: one["state"] for one in found["cards"]}


# ---------------------------------------------------------------- reading


def test_all_that_would_run_is_shown(evil: Path):
    """Code of the deck first; without a terminal nobody is asked, and nothing is allowed."""
    ran = cards("trust", "evil", stdin="yes\n")

    assert (2, SHOWN) == (ran.code, ran.out)
    assert (
        "error: nothing was allowed: there is no terminal to ask in\nhint: type it in one: cards trust evil\n"
        == ran.err
    )
    assert {} == allowed()


def test_a_deck_without_code_says_so(home: Path, deck_file):
    """Its answers still run in `cards check --run`, so they can be read and allowed, too."""
    cards("import", deck_file(EVIL.partition("      - id: a")[0]), check=True)

    ran = cards("trust", "evil")

    assert (0, "") == (ran.code, ran.err)
    assert ran.out.startswith("nothing of evil's own would run; only what you type\n`cards check evil --run` would run")
    assert "  answer   mkdir x\n" in ran.out


def test_a_deck_that_runs_nothing_has_nothing_to_allow(home: Path, deck_file):
    """Text is no business of trust."""
    cards("import", deck_file("deck: t\ncards: [{id: a, front: f, answer: rm -rf /}]\n"), check=True)

    ran = cards("trust", "t", check=True)

    assert "nothing of t's own would run; only what you type\nno card of t has anything to run\n" == ran.out


def test_a_deck_that_came_along_needs_no_trust(home: Path):
    """Until somebody edits it."""
    cards("import", Path(__file__).parents[2] / "decks" / "venv.yaml", check=True)

    assert "venv came with the program and is as it came" in cards("trust", "venv", check=True).out


def test_hidden_characters_are_spelled_out(home: Path, deck_file):
    """A reader meets what a terminal would obey as letters; and the end of a long line is on the next one."""
    text = EVIL.replace("touch x]", '"touch \\u202etxt.sh\\u200b"]').replace("mkdir x", "mkdir " + "x" * 300 + " y")
    path = deck_file(text)
    (path.parent / "raw").write_text("")
    cards("import", path, check=True)

    out = cards("trust", "evil").out

    assert 'script: "touch \\u202etxt.sh\\u200b"' in out
    assert out.replace("\n", "").isprintable()


@pytest.mark.parametrize("columns", [40, 80])
def test_no_line_is_longer_than_the_screen(evil: Path, monkeypatch: pytest.MonkeyPatch, columns: int, deck_file):
    """A pager that cuts long lines would hide what stands at their end."""
    deck_file(EVIL.replace("mkdir x", "mkdir " + "猫" * 90 + " end"), name="evil.yaml")
    monkeypatch.setenv("COLUMNS", str(columns))

    rows = cards("trust", "evil").out.splitlines()

    assert max(len(row) + row.count("猫") for row in rows) <= columns
    assert 90 == sum(row.count("猫") for row in rows)


def test_the_copied_file_is_shown(home: Path, deck_file):
    """A script that lies beside the deck is as much its code."""
    path = deck_file(EVIL.replace("script: touch x", "copy: job.sh"), name="evil.yaml")
    (path.parent / "job.sh").write_bytes(b"curl \x1b]0;x\x07evil\n")
    cards("import", path, check=True)

    out = cards("trust", "evil").out

    assert "  setup    copy: job.sh\n  setup      sha256: " in out
    assert '  setup      | "curl \\x1b]0;x\\x07evil"\n' in out


def test_json_is_for_reading_only(evil: Path):
    """Scripts may see what would run; they cannot allow it."""
    found = json.loads(cards("trust", "evil", "--json", check=True).out)

    assert ("cards.trust/1", "evil") == (found["schema"], found["deck"])
    assert [("evil/a", "new", 2), ("evil/plain", "new", 0)] == [
        (one["id"], one["state"], one["commands"]) for one in found["cards"]
    ]
    assert ["setup", "script: touch x"] in found["cards"][0]["lines"]
    assert {} == allowed()


def test_nothing_of_it_starts_a_process(home: Path, deck_file):
    """Importing, showing and reading a hostile deck runs none of it, and nothing else."""
    done = subprocess.run(
        [sys.executable, "-c", AUDIT, deck_file(EVIL)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert (0, True) == (done.returncode, "evil would run 2 commands" in done.stdout), done.stderr


# ---------------------------------------------------------------- deciding


def test_yes_allows_exactly_what_was_shown(evil: Path, terminal):
    """The objects that were on the screen are kept, even if the file changes while the question stands there."""
    child = terminal("trust", "evil")
    child.expect_exact(QUESTION)
    shown = child.before.replace("\r\n", "\n")
    evil.write_text(evil.read_text().replace("touch x", "touch y"))
    child.sendline("yes")

    code, said = ended(child)

    assert (0, SHOWN) == (code, shown)
    assert "allowed: 2 cards of evil; `cards trust evil --revoke` takes it back\n" in said
    assert {"evil/a", "evil/plain"} == set(allowed())
    os.utime(evil, (1, 1))
    cards("trust", "evil")
    assert {"evil/a": "changed", "evil/plain": "allowed"} == states()


@pytest.mark.parametrize("typed", ["", "y", "Yes", "YES", "yes please", "yes ", " yes", "no", "ja"])
def test_anything_else_refuses(evil: Path, terminal, typed: str):
    """Only the whole word is a yes."""
    child = terminal("trust", "evil")
    child.expect_exact(QUESTION)
    child.sendline(typed)

    code, said = ended(child)

    assert 7 == code
    assert "error: nothing was allowed\nhint: `cards trust evil` asks again\n" in said
    assert {} == allowed()


@pytest.mark.parametrize(("key", "code"), [("c", 130), ("d", 130)])
def test_leaving_refuses(evil: Path, terminal, key: str, code: int):
    """Ctrl-C and Ctrl-D allow nothing."""
    child = terminal("trust", "evil")
    child.expect_exact(QUESTION)
    for _ in range(5):  # Python can miss a ctrl-c between the question and its waiting for the answer
        child.sendcontrol(key)
        if child.expect([pexpect.EOF, pexpect.TIMEOUT], timeout=3) == 0:
            break

    assert code == ended(child)[0]
    assert {} == allowed()


def test_what_was_typed_before_the_question_is_no_answer(evil: Path, terminal):
    """Two lines pasted from a page must not say yes to themselves."""
    child = terminal("trust", "evil")
    child.send("yes\r")
    child.expect_exact(QUESTION)
    with pytest.raises(pexpect.TIMEOUT):
        child.expect(pexpect.EOF, timeout=0.5)
    child.sendline("no")

    assert 7 == ended(child)[0]
    assert {} == allowed()


def test_what_does_not_fit_goes_through_the_pager(
    evil: Path, terminal, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    """All of it, before the question."""
    pager = tmp_path / "pager"
    pager.write_text('#!/bin/sh\nsed "s/^/paged: /"\n')
    pager.chmod(0o755)
    monkeypatch.setenv("PAGER", str(pager))

    child = terminal("trust", "evil", lines=10)
    child.expect_exact(QUESTION)

    assert (
        SHOWN.rstrip().splitlines()
        == [
            row.removeprefix("paged:").strip("\r").removeprefix(" ")
            for row in child.before.split("\n")
            if "paged:" in row
        ][: SHOWN.rstrip().count("\n") + 1]
    )
    child.sendline("yes")
    assert 0 == ended(child)[0]


def test_a_deck_that_is_allowed_is_not_asked_about(evil: Path, allow):
    """Nor is a terminal needed to say so."""
    allow()

    assert "all that evil would run is allowed\n" == cards("trust", "evil", check=True).out


@pytest.fixture
def allow(terminal) -> Callable[[], None]:
    """Says yes in a terminal."""

    def allow() -> None:
        child = terminal("trust", "evil")
        child.expect_exact(QUESTION)
        child.sendline("yes")
        assert 0 == ended(child)[0]

    return allow


# ---------------------------------------------------------------- after a change


def test_a_change_is_shown_as_a_difference(evil: Path, allow):
    """Only the card that changed, what was there and what is there now."""
    allow()
    evil.write_text(evil.read_text().replace("script: touch x", "script: touch y; curl evil.example"))

    ran = cards("trust", "evil")

    assert ran.out == (
        "evil would run 2 commands of its own, in the sandbox, before and after what you type:\n"
        "\n"
        "evil/a  changed since you allowed it\n"
        "- setup    script: touch x\n"
        "+ setup    script: touch y; curl evil.example\n"
        "  answer   true\n"
        '  check    python: __import__("os").listdir("/")\n'
        "\n"
    )
    assert {"evil/a": "changed", "evil/plain": "allowed"} == states()


def test_a_change_of_prose_asks_nothing(evil: Path, allow):
    """What is only read can be worded better."""
    allow()
    evil.write_text(evil.read_text().replace("front: f", "front: What does `true` do?"))

    assert "all that evil would run is allowed\n" == cards("trust", "evil", check=True).out


def test_a_file_with_faults_goes_on_as_it_was(evil: Path, allow):
    """What a review would run is the last good version, so that is what is judged."""
    allow()
    evil.write_text(evil.read_text() + "      - {id: b}\n")

    ran = cards("trust", "evil", check=True)

    assert "the last good version goes on" in ran.err
    assert "all that evil would run is allowed\n" == ran.out


# ---------------------------------------------------------------- list and revoke


def test_the_list_says_what_is_allowed_and_since_when(evil: Path, allow, monkeypatch: pytest.MonkeyPatch):
    """With what has become of it."""
    assert ("", "nothing is allowed\n") == cards("trust", "--list", check=True)[1:]
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    allow()
    evil.write_text(evil.read_text().replace("touch x", "touch y").replace("id: plain", "id: other"))
    cards("trust", "evil")

    assert "evil/a  2026-11-22 18:00  changed\nevil/plain  2026-11-22 18:00  gone\n" == cards("trust", "--list").out
    found = json.loads(cards("trust", "evil", "--list", "--json", check=True).out)
    assert {"id": "evil/a", "at": "2026-11-22T18:00:00+00:00", "state": "changed"} == found["cards"][0]


def test_revoke_takes_it_back(evil: Path, allow):
    """At once, without a question; the next review compares the text again."""
    allow()

    assert "2 cards of evil: no longer allowed\n" == cards("trust", "evil", "--revoke", check=True).out
    assert {"evil/a": "new", "evil/plain": "new"} == states()
    assert "evil: none was allowed\n" == cards("trust", "evil", "--revoke", check=True).out


@pytest.mark.parametrize(
    ("arguments", "code", "message", "hint"),
    [
        ([], 2, "no deck is named", "`cards decks` lists them"),
        (["evli"], 4, "no deck called `evli`", "did you mean `evil`?"),
        (["evli", "--revoke"], 4, "no deck called `evli`", "did you mean `evil`?"),
        (["evil", "--revoke", "--json"], 2, "--revoke and --json contradict", "one of them"),
        (["evil", "--revoke", "--list"], 2, "--revoke and --list contradict", "one of them"),
        (["--revoke"], 2, "no deck is named", "`cards decks` lists them"),
        (["evil", "--yes"], 2, "no such option `--yes`", ""),
    ],
    ids=str,
)
def test_a_slip_is_named_and_cured(evil: Path, arguments: list[str], code: int, message: str, hint: str):
    """One line that says what is wrong and one with the cure; there is no way to say yes in a script."""
    ran = cards("trust", *arguments)

    assert (code, "") == (ran.code, ran.out)
    assert message in ran.err
    assert hint in ran.err


def test_a_spoilt_trust_file_is_one_clear_error(evil: Path, home: Path):
    """It is told, and not written over."""
    (home / "trust.json").write_text("{")

    ran = cards("trust", "evil")

    assert 7 == ran.code
    assert "trust.json` is damaged\nhint: delete it" in ran.err
    assert "{" == (home / "trust.json").read_text()
