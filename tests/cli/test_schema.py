"""`cards schema`: the same to the screen and into a file."""

import json
from pathlib import Path

from cli.inside import cards

from flashcards.formats.schema import deck_schema


def test_the_schema_goes_to_the_screen_or_into_a_file(tmp_path: Path):
    """It is JSON, the same both ways, and a file of that name gives way."""
    path = tmp_path / "deck.schema.json"
    path.write_text("old")
    shown = cards("schema", check=True).out
    written = cards("schema", "-o", path, check=True)

    assert deck_schema() == json.loads(shown)
    assert (shown, "", "") == (path.read_text(encoding="utf-8"), written.out, written.err)


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path):
    """One line, with the cure, and no half of a file."""
    ran = cards("schema", "-o", tmp_path / "nowhere" / "deck.schema.json")

    assert (1, "") == (ran.code, ran.out)
    assert "hint: mkdir -p " in ran.err
    assert [] == list(tmp_path.iterdir())
