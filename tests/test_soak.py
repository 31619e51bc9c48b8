"""The soak test itself: a few seconds of harm end without a difference, and a fault that is planted is seen."""

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` is a thing of Unix"),
]
ROOT = Path(__file__).parents[1]


def test_a_soak_counts_what_is_there_against_what_was_promised(home: Path) -> None:
    """Kills, two writers and syncing devices leave no difference but the one that is planted, and that one is seen."""
    command = [sys.executable, "-m", "bench.soak", "--minutes", "0.03", "--plant", "derived"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=800, check=False)

    assert (1, "") == (ran.returncode, ran.stderr), ran.stdout
    assert "differences: 1\n" in ran.stdout
