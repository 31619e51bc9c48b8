"""What starts no process: import, list, show, export, doctor, check, a timer that is only looked at, and a review up to the consent."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = """
deck: evil
cards:
  - id: a
    front: Make the file `b`.
    answer: touch b
    run:
      shells: [bash]
      setup: [{script: "touch /tmp/evil-setup"}, {copy: beside.txt}]
      checks:
        - {run: {argv: [touch, /tmp/evil-check]}}
        - {python: {expr: "__import__('os').system('touch /tmp/evil-python')"}}
        - {script: "touch /tmp/evil-script"}
  - id: b
    front: Make the file `b`.
    answer: touch b
    run: {checks: [{file_exists: b}]}
"""
HOOK = """
import sys
STARTS = ("subprocess.Popen", "os.fork", "os.forkpty", "os.exec", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn")
def hook(event, arguments):
    if event in STARTS:
        print("STARTED", event, arguments, file=open({path!r}, "a"))
sys.addaudithook(hook)
sys.argv = ["cards", *{words!r}]
from flashcards.__main__ import main
sys.exit(main())
"""
COMMANDS = [
    ["import", "evil.yaml"],
    ["list"],
    ["show", "evil/a"],
    ["export", "progress"],
    ["export", "log"],
    ["export", "calendar"],
    ["remind", "--install", "--dry-run"],
    ["decks"],
    ["stats"],
    ["due"],
    ["doctor"],
    ["config"],
    ["check", "evil"],
    ["check", "evil.yaml", "--json"],
    ["trust", "evil", "--json"],
    ["trust", "--list"],
    ["check", "--run", "evil"],
    ["review", "--plain"],
    ["review", "--json"],
]


def started(tmp_path: Path) -> str:
    """What was started so far."""
    log = tmp_path / "started"
    return log.read_text() if log.exists() else ""


def words(tmp_path: Path, *command: str) -> list[str]:
    """The program with an ear for processes in it."""
    return [sys.executable, "-c", HOOK.format(path=str(tmp_path / "started"), words=list(command))]


@pytest.fixture
def evil(home: Path, tmp_path: Path) -> Path:
    """A folder with a deck that brings code of every kind."""
    (tmp_path / "evil.yaml").write_text(HOSTILE)
    (tmp_path / "beside.txt").write_text("x")
    return tmp_path


def test_the_ear_hears(tmp_path: Path) -> None:
    """The hook would tell: a test that cannot fail proves nothing."""
    code = HOOK.format(path=str(tmp_path / "started"), words=[]).partition("sys.argv")[0]
    subprocess.run([sys.executable, "-c", code + "import subprocess; subprocess.run(['true'])"], check=True)

    assert "subprocess.Popen" in started(tmp_path)


def test_reading_a_hostile_deck_starts_nothing(evil: Path) -> None:
    """Command after command, nothing is started."""
    for command in COMMANDS:
        subprocess.run(
            words(evil, *command), cwd=evil, input="touch b\n3\n", text=True, capture_output=True, check=False
        )

        assert "" == started(evil), command


def test_a_review_starts_nothing_before_the_consent(evil: Path) -> None:
    """The question, the typed command and the request for consent: nothing until yes is said; a no keeps it so."""
    subprocess.run(words(evil, "import", "evil.yaml"), cwd=evil, capture_output=True, check=True)
    child = pexpect.spawn(
        sys.executable, words(evil, "review")[1:], cwd=str(evil), dimensions=(40, 80), timeout=60, env={**os.environ}
    )
    child.expect("Make the file")
    child.send("touch b\r")  # deck code that nobody allowed: compared
    child.expect("enter to accept")
    child.send("\r")
    child.expect("Make the file")
    child.send("touch b\r")
    child.expect("Run what you type")
    assert "" == started(evil)
    child.send("n")
    child.expect("enter to accept")
    child.send("\r\r")
    child.expect(pexpect.EOF)

    assert "" == started(evil)


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
@pytest.mark.parametrize("command", [["import", "evil.yaml"], ["check", "evil.yaml"], ["doctor"]])
def test_the_kernel_saw_no_process_either(evil: Path, command: list[str]) -> None:
    """The system calls agree with the interpreter: one execve, the program's own, and no fork."""
    trace = evil / "trace"
    spy = ["strace", "-f", "-o", str(trace), "-e", "trace=execve,fork,vfork,clone,clone3"]
    done = subprocess.run(
        [*spy, sys.executable, "-m", "flashcards", *command], cwd=evil, capture_output=True, text=True, check=False
    )
    if "PTRACE" in done.stderr or not trace.exists():
        pytest.skip("strace may not trace here")
    calls = [line for line in trace.read_text().splitlines() if "CLONE_THREAD" not in line and "(" in line]

    assert 1 == sum("execve(" in line and "= 0" in line for line in calls)
    assert not [line for line in calls if "execve(" not in line and "+++" not in line], calls
