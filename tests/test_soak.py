"""The soak test itself: a few seconds of harm end without a difference, and a fault that is planted is seen."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` is a thing of Unix"),
]
ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(("options", "code"), [((), 0), (("--plant", "missing"), 1)], ids=["as it is", "planted"])
def test_a_soak_counts_what_is_there_against_what_was_promised(home: Path, options: tuple[str, ...], code: int) -> None:
    """Kills, two writers and syncing devices leave no difference; an event that is taken out is one."""
    command = [sys.executable, "-m", "bench.soak", "--minutes", "0.03", *options]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)

    assert (code, "") == (ran.returncode, ran.stderr), ran.stdout
    assert ("differences: 0" in ran.stdout) == (not code)
