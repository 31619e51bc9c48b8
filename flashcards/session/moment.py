"""Which moment a review gets in the log, where a clock ran ahead before it."""

from datetime import date, datetime

from flashcards.log import FARTHEST_DAY, not_before
from flashcards.model import Memory, Mode


def reviewed_at(now: datetime, day: date, memory: Memory, mode: Mode) -> datetime:
    """Now, or just behind the last event of the card, where a clock that ran ahead put that later.

    Before a reset the review would not count, and before a failure it would not end the drill. A moment that
    is too far from the study day would be a lie, and no reader of the log would take it.
    """
    if mode == "cram":
        return now
    at = not_before(now, memory.order[0])
    return at if abs((day - at.date()).days) <= FARTHEST_DAY else now
