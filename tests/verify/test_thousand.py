"""Hundreds of verdicts in a row, or a thousand by hand, leave nothing behind: no folder, process, mount or descriptor, and memory stays flat."""

import os
import resource
from pathlib import Path

import pytest
from sandboxed import needs_sandbox
from thorough import times
from verify.judging import mounts

from flashcards.model import Card, CardId
from flashcards.verify import folders, job, levels, runner
from flashcards.verify.sandbox import limits

pytestmark = [needs_sandbox, pytest.mark.slow, pytest.mark.timeout(900)]

FIRST = 100
PASSES, FAILS = "mkdir -p a/b; : > a/b/c; touch b", "touch c; exit 3"
LINGERS = "; setsid sleep 300 &"
EVERY = 20
"""As many answers leave one that would like to live on; each costs the moment of grace."""
MOST_GROWTH_BYTES = 4 << 20
"""A leak of 20 KiB a verdict would show; of 5 KiB, in a thorough run."""
CARD = Card(
    id=CardId("d/touch"),
    deck="d",
    note=CardId("d/touch"),
    kind="typed",
    front="Make the file `b`.",
    answer={"": "touch b"},
    run={"setup": [{"dir": "x"}], "checks": [{"file_exists": ["b"]}, {"cwd": "."}]},
)


def counts() -> dict[str, int]:
    """What there is to be left behind."""
    return {
        "groups": sum(1 for _ in Path("/sys/fs/cgroup").glob(f"**/cards-{os.getpid()}-*")),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "mounts": len(mounts()),
        "processes": len(limits.descendants(os.getpid())),
    }


def memory() -> int:
    """Bytes of this process that are in memory now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize(
    ("backend", "many"),
    [("namespaces", times(300, 1000)), ("bubblewrap", times(150, 300)), ("landlock", times(150, 300))],
)
def test_nothing_is_left_of_many_verdicts(backend: runner.Backend, many: int) -> None:
    """Passes and failures in turns; memory, descriptors, mounts and processes are as after the first hundred."""
    found = levels.tried(backend)
    if found.level is None:
        pytest.skip(found.why)

    def judge(number: int) -> None:
        typed = (FAILS if number % 2 else PASSES) + (LINGERS if not number % EVERY else "")
        verdict = runner.judge(job.Request(CARD, "bash", typed), backend, found.level or "")
        assert ("fail" if number % 2 else "pass") == verdict.kind, verdict

    for number in range(FIRST):
        judge(number)
    before, first = counts(), memory()
    for number in range(many - FIRST):
        judge(number)

    assert before == counts()
    assert 0 == folders.sweep()  # a folder without its owner would be one that we left
    assert memory() - first < MOST_GROWTH_BYTES
