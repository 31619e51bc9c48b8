"""docs/security.md: every threat names the test that tries it, and that test is there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")


def test_every_test_that_is_named_is_there():
    """A test that was renamed or taken away leaves no promise behind."""
    named = set(re.findall(r"`(test_\w+)`", PAGE))
    there = {
        found
        for path in (ROOT / "tests").rglob("test_*.py")
        for found in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
    }

    assert len(named) > 80
    assert set() == named - there


def test_every_threat_names_its_test():
    """A row of a table of threats that nothing tries is a wish."""
    rows = [
        line
        for line in PAGE.splitlines()
        if line.startswith("| ") and not line.startswith(("| level", "| strong", "| good", "| weak"))
    ]
    heads = [row for row in rows if row.endswith("| tried by |")]

    assert 5 == len(heads)
    assert [] == [row for row in rows if "`test_" not in row and row not in heads]
