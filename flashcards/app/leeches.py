"""Leeches: which cards are, and the wrong answers that were typed for them."""

from collections import Counter

from flashcards.app import App
from flashcards.model import Card, CardId, Grade, Review
from flashcards.session import LeechRule


def rule(app: App) -> LeechRule:
    """When a card is a leech here, and what a sitting does then."""
    return LeechRule(lapses=app.leech_lapses, action=app.config.get("leech_action"))


def mistakes(app: App, name: CardId) -> list[tuple[str, int]]:
    """The wrong answers that were typed for a card and how often, the most frequent first, the newest of equals.

    What counts as right now was no mistake of the person's, whatever it was graded.
    """
    row = app.store.card(name)
    right = _right(row.card) if row and row.card else set()
    events = [event for event in app.store.events(name, standing=True) if isinstance(event, Review)]
    typed = [event.typed.strip() for event in reversed(events) if event.typed and _is_wrong(event)]
    return Counter(text for text in typed if text and text not in right).most_common()


def _right(card: Card) -> set[str]:
    accepted = (text for texts in card.accept.values() for text in texts)
    return {text.strip() for text in (*card.answer.values(), *accepted)}


def _is_wrong(review: Review) -> bool:
    """A verdict says it; where nothing was run, the grade does."""
    if review.verdict in {"pass", "fail"}:
        return review.verdict == "fail"
    return review.grade < Grade.HARD
