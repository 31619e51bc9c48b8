"""Harm at the calls of the system: the n-th write kills, or answers that the disk is full or broken.

strace does it, where it is there and may. `-m slow` tries a few calls, `THOROUGH=1` every one, of more commands.
"""

import os
import random
import re
import shutil
import subprocess
from collections import Counter

import pytest
from crash import nursery
from crash.nursery import Ended
from crash.scenes import SCENES, Desk
from crash.trial import KILLED, Trial
from thorough import BY_HAND, IS_ON, SLOW

CALLS = ("pwrite64", "write", "fdatasync", "fsync", "ftruncate", "rename", "unlink", "mkdir")
"""What changes the disk, or waits for it. `write` is also what a pipe is filled by, so only its harm to files counts."""
DISK = ("pwrite64", "fdatasync", "fsync", "rename")


def strace(*options: str) -> list[str]:
    return ["strace", "-f", "-qq", "-e", "signal=none", *options]


def is_traceable() -> bool:
    if not shutil.which("strace"):
        return False
    tried = [*strace("-o", "/dev/null", "-e", "inject=getppid:error=EIO"), "true"]
    return subprocess.run(tried, capture_output=True, check=False).returncode == 0


pytestmark = pytest.mark.skipif(not is_traceable(), reason="no strace here, or it may not trace")


class Traced:
    """A trial whose command runs under strace."""

    def __init__(self, desk: Desk, scene: str) -> None:
        self.trial = Trial(desk, SCENES[scene])
        self.desk, self.scene, self.log = desk, SCENES[scene], desk.folder / "calls"
        desk.bring_back()
        ended = self._run("-o", str(self.log), "-e", f"trace={','.join(CALLS)}")
        assert not ended.code, ended
        self.trial.examine(ended)
        self.calls = Counter(re.findall(r"^\d+ +(\w+)\(", self.log.read_text(), re.MULTILINE))

    def harm(self, call: str, number: int, what: str) -> int:
        """Runs it with harm at the n-th such call; the exit code."""
        self.desk.bring_back()
        injected = f"inject={call}:{what}:when={number}"
        ended = self._run("-o", "/dev/null", "-e", f"trace={call}", "-e", injected)
        self.trial.examine(ended)
        return ended.code

    def _run(self, *options: str) -> Ended:
        command = nursery.alone(self.desk.home, self.desk.named(self.scene.args), self.desk.env())
        env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
        done = subprocess.run(
            [*strace(*options), *command],
            input=self.scene.stdin, capture_output=True, text=True, env=env, timeout=120, check=False,
        )  # fmt: skip
        return Ended(done.returncode, done.stdout, done.stderr)


def places(count: int, few: int) -> list[int]:
    """The last one and some others, or all."""
    everywhere = range(1, count + 1)
    return [*everywhere] if IS_ON or count <= few else [count, *random.Random(few).sample(everywhere, few - 1)]


OTHERS = ("import", "package", "undo", "restore", "sync")


@pytest.mark.parametrize(
    ("scene", "few"),
    [pytest.param("grade", 3, marks=SLOW), *(pytest.param(scene, 5, marks=BY_HAND) for scene in OTHERS)],
)
def test_kill_9_at_a_write_leaves_all_or_nothing(desk: Desk, scene: str, few: int) -> None:
    """The process is killed at its n-th write into the database or beside it."""
    traced = Traced(desk, scene)
    numbers = places(traced.calls["pwrite64"], few)
    codes = {traced.harm("pwrite64", number, "signal=KILL") for number in numbers}
    print(f"kill {scene}: {len(numbers)} of {traced.calls['pwrite64']} writes")

    assert {KILLED} == codes


@pytest.mark.parametrize(
    ("scene", "few"),
    [pytest.param("grade", 1, marks=SLOW), *(pytest.param(scene, 2, marks=BY_HAND) for scene in OTHERS)],
)
@pytest.mark.parametrize("error", ["ENOSPC", "EIO"])
def test_a_call_that_fails_leaves_all_or_nothing(desk: Desk, scene: str, few: int, error: str) -> None:
    """The n-th write, sync or rename of a command ends with an error: one line says so, and nothing is half."""
    traced, tried, codes = Traced(desk, scene), 0, set()
    for call in DISK:
        for number in places(traced.calls[call], few) if traced.calls[call] else []:
            codes.add(traced.harm(call, number, f"error={error}"))
            tried += 1
    print(f"{error} {scene}: {tried} of {sum(traced.calls[call] for call in DISK)} calls")

    assert tried
    assert codes <= {0, 1, 5}
