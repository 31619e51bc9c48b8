"""Every format that is registered: what is written is read back as the same decks, whatever their texts hold."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import plain_decks

from flashcards import formats
from flashcards.errors import CardsError
from flashcards.formats.emit import to_yaml
from flashcards.formats.plain import Options, PlainDeck
from flashcards.formats.plain_yaml import plain
from flashcards.formats.yaml import parse
from flashcards.model import Deck
from flashcards.places import bundled_deck, bundled_names

whole = pytest.mark.parametrize("form", formats.names())
bundled = pytest.mark.parametrize("name", bundled_names())


def made(deck: PlainDeck) -> Deck:
    """The deck as it is asked, the lines of its cards aside."""
    found, problems = parse(to_yaml(deck).encode(), "deck.yaml")
    assert [] == problems
    assert found is not None
    return found._replace(cards=tuple(card._replace(line=0) for card in found.cards))


def there_and_back(form: str, decks: list[PlainDeck], folder: Path) -> list[Deck]:
    """Through a file of the format, as the program would read it."""
    module = formats.by_name(form)
    path = folder / f"whatever{module.suffixes[0]}"
    path.write_bytes(b"".join(module.write(decks)))
    brought = module.read(path, path.name, Options(media="whatever.media"))
    assert () == brought.problems
    return [made(deck) for deck in brought.decks]


@whole
@bundled
def test_the_decks_that_came_along_survive(form: str, name: str, tmp_path: Path):
    """Everything that deck format 1 can say, what runs and checks a command too."""
    deck = plain(Path(bundled_deck(name)).read_bytes())

    assert [made(deck)] == there_and_back(form, [deck], tmp_path)


@whole
@given(deck=plain_decks())
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_deck_survives(form: str, deck: PlainDeck, tmp_path: Path):
    """Texts with the signs of every format in them."""
    assert [made(deck)] == there_and_back(form, [deck], tmp_path)


def test_a_format_of_another_package_that_does_not_load_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """One line that names it, and only where no format of the program fits."""
    about = tmp_path / "broken-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (about / "entry_points.txt").write_text(f"[{formats.GROUP}]\nrotten = nowhere_at_all:thing\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    formats._installed.cache_clear()

    assert "csv" == formats.foreign(Path("a.csv")).name
    with pytest.raises(CardsError, match="`rotten` of another package cannot be loaded") as caught:
        formats.foreign(Path("a.rot"))
    assert "nowhere_at_all:thing" in caught.value.hint
