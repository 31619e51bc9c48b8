"""Where a sitting stands, so that undo can go back to it."""

from typing import Literal, NamedTuple

from flashcards.model import CardId, Event
from flashcards.session.views import Answer, Done


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


def done(place: Place, reason: Literal["finished", "minutes", "quit"], notice: str) -> Done:
    """The end of a sitting that stands there."""
    return Done(
        reason=reason,
        reviewed=place.reviewed,
        right_at_once=place.right_at_once,
        drilled=place.drilled,
        skipped=place.skipped,
        took_ms=place.took_ms,
        left=len(place.main) + len(place.drills),
        notice=notice,
    )
