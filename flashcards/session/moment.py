"""Which moment a review gets in the log, where a clock ran ahead before it."""

from datetime import date, datetime, timedelta

from flashcards.log import FARTHEST_DAY, not_before
from flashcards.model import Memory, Mode

FARTHEST = timedelta(days=1)
"""A clock that is wrong by hours is common; one that is wrong by more would make the moment a lie."""


def reviewed_at(now: datetime, day: date, memory: Memory, mode: Mode) -> datetime:
    """Now, or just behind what a clock that ran ahead by hours put later: before a reset the review would not count."""
    if mode != "scheduled":
        return now
    at = not_before(now, memory.order[0])
    return at if at - now <= FARTHEST and abs((day - at.date()).days) <= FARTHEST_DAY else now
