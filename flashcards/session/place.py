"""Where a sitting stands, so that undo can go back to it."""

from typing import NamedTuple

from flashcards.model import CardId, Event
from flashcards.session.views import Answer


class Place(NamedTuple):
    """Where a sitting stands; undo goes back to one of these."""

    main: tuple[CardId, ...]
    drills: tuple[CardId, ...]
    total: int
    taken: frozenset[CardId] = frozenset()
    """All cards that ever were in `main`."""
    reviewed: int = 0
    right_at_once: int = 0
    drilled: int = 0
    skipped: int = 0
    took_ms: int = 0


class Step(NamedTuple):
    """An action that can be undone."""

    place: Place
    event: Event | None
    answer: Answer | None
