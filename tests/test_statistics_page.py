"""docs/statistics.md: its example is computed."""

import json
import re
from pathlib import Path

from flashcards.log import from_line
from flashcards.stats import longest_streak, per_day, retained, total
from flashcards.union import standing

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"


def test_the_numbers_of_the_example_are_those_of_its_log():
    """Seven reviews on three study days in two time zones."""
    text = PAGE.read_text(encoding="utf-8").partition("## An example")[2]
    lines = re.findall(r"^\{.*\}$", text, flags=re.MULTILINE)
    days = per_day(standing(from_line(line, ordinal=place) for place, line in enumerate(lines)))
    whole = total(days.values())
    low, high = retained(whole).all.interval
    shares = {"retention": retained(whole).all.value, "low": low, "high": high}
    known = {**whole._asdict(), **shares, "longest streak": longest_streak(days)}

    told = dict(re.findall(r"^\| ([a-z_ ]+) \| ([0-9.]+) \|$", text, flags=re.MULTILINE))
    assert len(lines) == 7 and len(told) == 12  # noqa: PT018
    assert {name: float(value) for name, value in told.items()} == {name: round(known[name], 4) for name in told}


def test_the_lines_of_the_example_are_json():
    """They can be imported as they stand."""
    text = PAGE.read_text(encoding="utf-8")
    assert all(json.loads(line)["kind"] == "review" for line in re.findall(r"^\{.*\}$", text, flags=re.MULTILINE))
