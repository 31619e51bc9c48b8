"""Cards that go from deck to deck: their history goes with them, there and back, and after an undo."""

from collections.abc import Callable
from pathlib import Path

import pytest
from cli.inside import cards, progress

OTHER = "deck: other\ncards:\n- id: a\n  front: A\n  back: b\n"
LEANING = (
    "deck: mine\ncards:\n  - {id: one, front: One?, back: eins}\n  - {id: two, front: Two?, back: zwei, after: [one]}\n"
)


@pytest.fixture
def mine(home: Path, deck_file: Callable[..., Path]) -> Path:
    """Two decks, and a card of the first with one review."""
    path = deck_file(
        "deck: mine\ncards:\n- id: one\n  front: One?\n  back: eins\n- id: two\n  front: Two?\n  back: b\n", "mine.yaml"
    )
    cards("import", path, deck_file(OTHER, "other.yaml"), check=True)
    cards("review", "mine", "--plain", stdin="\n4\n:q\n", check=True)
    return path


def reviewed() -> dict[str, int]:
    """The cards that decks have, and which of them have a history."""
    return {name: one["reviews"] for name, one in progress().items() if one["state"] != "retired"}


def test_a_card_moves_there_and_back_with_its_history(mine: Path, deck_file: Callable[..., Path]) -> None:
    """Twice, and `was:` names only where it is not; taken in again nothing changes; reviews on the way count."""
    for number in (1, 2):
        cards("move", "mine/one", "other", check=True)
        assert {"mine/two": 0, "other/a": 0, "other/one": 2 * number - 1} == reviewed()
        log = deck_file(f'{{"card":"other/one","grade":4,"at":"2026-01-0{number}T12:00:00Z"}}\n', "x.jsonl")
        cards("import", log, check=True)

        cards("move", "other/one", "mine", check=True)
        assert {"mine/two": 0, "other/a": 0, "mine/one": 2 * number} == reviewed()
        assert 1 == mine.read_text().count("was: [other/one]\n")
        assert 2 == cards("import", mine, mine.parent / "other.yaml", check=True).out.count("no change")
        log = deck_file(f'{{"card":"mine/one","grade":4,"at":"2026-02-0{number}T12:00:00Z"}}\n', "x.jsonl")
        cards("import", log, check=True)


def test_after_an_undo_the_history_is_where_it_was(mine: Path) -> None:
    """The text is not taken back with it, so the card begins anew; moved back, it has its history."""
    cards("move", "mine/one", "other", check=True)
    undone = cards("undo", check=True).out

    assert "other/one took over the history of mine/one" in undone
    assert "the deck files stay as they are" in undone
    assert {"mine/two": 0, "other/a": 0, "other/one": 0} == reviewed()
    assert 1 == progress()["mine/one"]["reviews"]
    cards("move", "other/one", "mine", check=True)
    assert {"mine/one": 1, "mine/two": 0, "other/a": 0} == reviewed()


@pytest.mark.parametrize("card", ["one", "two"])
def test_cards_that_lean_on_each_other_stay_together(mine: Path, card: str) -> None:
    """What would be missing is named, with the cure; both files stay."""
    mine.write_text(LEANING)
    cards("import", mine, check=True)

    ran = cards("move", f"mine/{card}", "other")

    assert 1 == ran.code
    assert "`after` names `one`, which is no card of this deck\nhint: a card of another deck is named" in ran.err
    assert (LEANING, OTHER) == (mine.read_text(), (mine.parent / "other.yaml").read_text())
