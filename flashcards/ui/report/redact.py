"""A report for others: the same numbers without names and texts. What is taken out here cannot be drawn later."""

from typing import TYPE_CHECKING

from flashcards.model import CardId

if TYPE_CHECKING:
    from flashcards.app.statistics import Statistics


def redacted(numbers: "Statistics") -> "Statistics":
    """Decks are numbered; card texts, card ids, typed answers and tags are gone."""
    names = {deck.deck: f"deck {place}" for place, deck in enumerate(numbers.decks, 1)}
    within = numbers.within
    return numbers._replace(
        within=within._replace(
            decks=tuple(names.get(deck, "another deck") for deck in within.decks),
            tags=("some tags",) if within.tags else (),
        ),
        decks=tuple(deck._replace(deck=names[deck.deck], title=names[deck.deck]) for deck in numbers.decks),
        tags=(),
        hardest=tuple(
            hard._replace(card=CardId(f"{names.get(_deck(hard.card), 'another deck')}/card"), front="", typed=None)
            for hard in numbers.hardest
        ),
        mistakes=(),
    )


def _deck(card: CardId) -> str:
    return card.partition("/")[0]
