"""The tables of promises in docs/: every test that they name is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    page for page in (ROOT / "docs").glob("*.md") if re.search(r"`(?:tests/[\w/]+\.py|test_\w+)`", page.read_text())
)
NAMED = re.compile(r"`(tests/[\w/.]+|test_\w+)`")


def known_tests() -> set[str]:
    names: set[str] = set()
    for file in (ROOT / "tests").rglob("test_*.py"):
        names.update(re.findall(r"^\s*def (test_\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE))
    return names


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_a_page_names_is_there(page: Path) -> None:
    """A promise whose test was renamed or dropped is seen at once."""
    there = known_tests()
    named = NAMED.findall(page.read_text(encoding="utf-8"))
    missing = [one for one in named if not ((ROOT / one).exists() if one.startswith("tests/") else one in there)]

    assert named
    assert [] == missing


def test_the_page_about_reliability_names_tests_of_every_part() -> None:
    """Crashes, several at once, undo, backups, damage, study days, sync, secrets, versions."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    assert 60 < len(set(NAMED.findall(text)))
    assert [] == [
        part
        for part in ("Crash", "Several at once", "Undo", "Backups", "Study days", "Sync", "Versions")
        if f"## {part}" not in text
    ]
