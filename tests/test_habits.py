"""docs/habits.md tells the truth: every snippet is read by its shell, and the prompt shows the number."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from cli.inside import cards

PAGE = (Path(__file__).parents[1] / "docs" / "habits.md").read_text(encoding="utf-8")
DECK = "deck: d\ncards: [{id: a, front: 1, back: 1}, {id: b, front: 2, back: 2}]\n"
PATIENCE = 60
"""Seconds that a test waits for a prompt."""


def blocks(language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, flags=re.MULTILINE | re.DOTALL)


SHELLS = {
    "bash": (blocks("bash"), ["--norc", "--noprofile"], "PS1='> '; source {0}; printf '%s' \"${{PS1@P}}\""),
    "zsh": (blocks("zsh"), ["-f"], 'PROMPT="> "; source {0}; print -nP -- "$PROMPT"'),
    "fish": (blocks("fish"), ["--no-config"], "source {0}; fish_right_prompt"),
}
"""The two snippets of a shell, how it starts without settings, how it prints its prompt."""


@pytest.fixture
def prompting(home: Path, tmp_path: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two cards due, and the real program on the path."""
    program = tmp_path / "bin" / "cards"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m flashcards "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setenv("PS1", "> ")
    cards("import", deck_file(DECK), check=True)
    return home


def needs(shell: str) -> None:
    """Leaves the test out where the shell is not installed."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")


@pytest.fixture
def prompt(prompting: Path, tmp_path: Path) -> Callable[[str], str]:
    """The prompt as a shell draws it with the first of its snippets: `prompt("bash")`."""

    def prompt(shell: str) -> str:
        needs(shell)
        snippets, bare, draws = SHELLS[shell]
        file = tmp_path / f"snippet.{shell}"
        file.write_text(snippets[0], encoding="utf-8")
        words = [shell, *bare, "-c", draws.format(file)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert "" == done.stderr
        return done.stdout.removesuffix("\n")

    return prompt


def test_every_snippet_is_known() -> None:
    """No block stands on the page that no test looks at."""
    counts = {language: len(blocks(language)) for language in re.findall(r"^```(\w+)", PAGE, flags=re.MULTILINE)}

    assert {"bash": 2, "zsh": 2, "fish": 2, "toml": 1, "tmux": 1, "console": 2} == counts


@pytest.mark.parametrize("shell", ["bash", *(pytest.param(one, marks=pytest.mark.slow) for one in ("zsh", "fish"))])
def test_a_prompt_shows_the_number_and_survives(prompt: Callable[[str], str], prompting: Path, shell: str) -> None:
    """What is due stands in front; a broken database and an empty one leave the prompt as it was."""
    bare = "" if shell == "fish" else "> "
    assert f"2 due {bare}".strip() == prompt(shell).strip()

    (prompting / "cards.db").write_text("this is no database, and it is long enough to be told apart from one" * 99)
    assert bare == prompt(shell)

    shutil.rmtree(prompting)
    assert bare == prompt(shell)
    assert not prompting.exists()


@pytest.mark.slow
@pytest.mark.parametrize(("shell", "number"), [("bash", 0), ("bash", 1), ("zsh", 1), ("fish", 1)])
def test_a_person_sees_it_in_a_terminal(prompting: Path, tmp_path: Path, shell: str, number: int) -> None:
    """In a real terminal the number is in the prompt, and the exit code of the last command is still the person's."""
    needs(shell)
    snippets, bare, _ = SHELLS[shell]
    file = tmp_path / "snippet"
    file.write_text(snippets[number], encoding="utf-8")
    settings = {"env": {**os.environ, "TERM": "xterm"}, "dimensions": (24, 80), "timeout": PATIENCE}
    child = pexpect.spawn(shell, [*bare, "-i"], encoding="utf-8", **settings)
    child.send(f"source {file}\r")

    for _ in range(99):
        # In the background the number comes a moment later: the next prompt has it.
        child.send("\r")
        if not child.expect(["2 due", pexpect.TIMEOUT], timeout=0.3):
            break
    else:
        pytest.fail(child.before)
    code = "$status" if shell == "fish" else "$?"
    child.send(f"sh -c 'exit 7'\recho code {code}.\r")
    child.expect_exact("code 7.")
    child.expect_exact("2 due")
    child.send("exit\r")
    child.expect(pexpect.EOF)


def test_starship_reads_its_module_and_runs_its_command(prompting: Path, tmp_path: Path) -> None:
    """The settings are TOML, the command prints the number in the shell that they name; starship itself where it is."""
    (text,) = blocks("toml")
    module = tomllib.loads(text)["custom"]["cards"]
    done = subprocess.run([*module["shell"], "-c", module["command"]], capture_output=True, text=True, check=True)
    assert "2 due\n" == done.stdout

    if shutil.which("starship"):
        (tmp_path / "starship.toml").write_text(text)
        env = {**os.environ, "STARSHIP_CONFIG": str(tmp_path / "starship.toml")}
        words = ["starship", "module", "custom.cards"]
        drawn = subprocess.run(words, env=env, capture_output=True, text=True, check=True).stdout
        assert "2 due" in drawn


@pytest.mark.slow
def test_tmux_shows_it_in_its_status_line(prompting: Path, tmp_path: Path) -> None:
    """A server of its own, with the lines of the page, draws the number."""
    needs("tmux")
    (text,) = blocks("tmux")
    (tmp_path / "tmux.conf").write_text(text)
    words = ["-S", str(tmp_path / "socket"), "-f", str(tmp_path / "tmux.conf"), "new-session", "cat"]
    child = pexpect.spawn("tmux", words, encoding="utf-8", dimensions=(24, 80), timeout=PATIENCE)
    try:
        child.expect_exact("2 due")
    finally:
        subprocess.run(["tmux", "-S", tmp_path / "socket", "kill-server"], capture_output=True, check=False)
        child.expect(pexpect.EOF)
