"""README.md tells the truth: its screen is drawn, its console blocks are run, and those of the page on writing."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pexpect
import pyte
import pytest
from sandboxed import needs_sandbox
from ui.person import PATIENCE

TOP = Path(__file__).resolve().parent.parent
README = (TOP / "README.md").read_text(encoding="utf-8")
WRITING = (TOP / "docs" / "writing-cards.md").read_text(encoding="utf-8")
NOW = "2026-11-22T18:00:00+01:00"
WIDTH = 76


def blocks(kind, page=README):
    """The fenced blocks of one language."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", page, flags=re.MULTILINE | re.DOTALL)


def environment(tmp_path):
    """A home of its own, a frozen calendar, and `cards` on the path."""
    tools = tmp_path / "bin"
    tools.mkdir()
    command = tools / "cards"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m flashcards "$@"\n', encoding="utf-8")
    command.chmod(0o755)
    return {
        "PATH": f"{tools}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "CARDS_HOME": str(tmp_path / "home"),
        "CARDS_NOW": NOW,
        "CARDS_PLATFORM": "linux",
        "SHELL": "/bin/bash",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(TOP),
        "PROMPT_TOOLKIT_NO_CPR": "1",
    }


def wait_for(child, stream, screen, text):
    """Reads what the program paints until `text` stands on the screen."""
    while text not in "\n".join(screen.display):
        stream.feed(child.read_nonblocking(4096, timeout=PATIENCE))


def masked(lines):
    """A screen without what differs from run to run: the time that a command took, and the level of this machine."""
    return [re.sub(r" +[\d.]+ m?s  (strong|good)$", "  TIME  LEVEL", line) for line in lines]


@needs_sandbox
def test_the_screen_is_what_a_person_sees(tmp_path):
    """The picture of a review is what `cards review` paints in a terminal of that width."""
    (expected,) = blocks("text")
    screen = pyte.Screen(WIDTH, 60)
    stream = pyte.ByteStream(screen)
    child = pexpect.spawn("cards", ["review"], env=environment(tmp_path), dimensions=(60, WIDTH), timeout=PATIENCE)

    wait_for(child, stream, screen, "enter yes")
    child.send("y")
    for number in range(1, 5):
        wait_for(child, stream, screen, f"venv  {number}/")
        child.send(" 3")
    wait_for(child, stream, screen, "bash ▸")
    child.send("mkdir venv\r")
    wait_for(child, stream, screen, "Run what you type")
    child.send("y")
    wait_for(child, stream, screen, "try again")
    child.send("\x15python -m venv ./venv\r")
    wait_for(child, stream, screen, "enter to accept")
    child.sendcontrol("d")
    child.expect(pexpect.EOF)

    lines = [line.rstrip() for line in screen.display]
    start = next(i for i, line in enumerate(lines) if line.startswith("venv  5/"))
    end = next(i for i, line in enumerate(lines) if "enter to accept" in line)
    assert masked(expected.rstrip("\n").splitlines()) == masked(lines[start : end + 1])


BLOCKS = [b for b in blocks("console") if "pip install" not in b and "uv run" not in b] + blocks("console", WRITING)


@pytest.mark.parametrize("block", BLOCKS)
def test_a_console_block_prints_what_it_says(tmp_path, block, request):
    """Each command of a console block, run in order in a fresh home, prints the lines below it."""
    if "cards run" in block or "--run" in block:
        request.getfixturevalue("sandbox")
    here = environment(tmp_path)
    (tmp_path / "decks").symlink_to(TOP / "decks")
    expected, printed = [], []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        done = subprocess.run(
            ["bash", "-c", command], env=here, cwd=tmp_path, capture_output=True, text=True, check=False
        )
        expected.append((command, output.strip("\n")))
        printed.append((command, (done.stdout + done.stderr).strip("\n")))

    assert expected == printed
