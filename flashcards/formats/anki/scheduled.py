"""What is known of our cards as columns and review entries of Anki."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import NamedTuple

from flashcards.formats.anki.collection import CardRow, ReviewRow
from flashcards.formats.anki.history import BURIED, COLOURS, LEARNING, NEW, REVIEW, SECONDS, SUSPENDED
from flashcards.model import Event, Memory, Review, Scheduler
from flashcards.replay import advance, counts

EASES = (1, 1, 1, 2, 3, 4)
"""Anki's button for each of our grades."""
USER_BURIED = -3
LEARN_ENTRY, REVIEW_ENTRY, RELEARN_ENTRY, CRAM_ENTRY = range(4)
"""`revlog.type`."""
LONGEST_MS = 2**31 - 1


class Days(NamedTuple):
    """From which day `due` counts, and what day it is."""

    first: date
    today: date
    first_moment: int = 0
    """Of what else was made; unused columns stay as they were."""


def rescheduled(row: CardRow, memory: Memory, days: Days, answers: int) -> CardRow:
    """The row with the schedule of `memory`; `answers` came since the row was written."""
    state = memory.state
    changed = int(memory.last_at.timestamp()) if memory.last_at else row.mod
    row = row._replace(mod=max(row.mod, changed), usn=-1, left=0, odue=0, odid=0)
    if state is None:
        due = row.due if row.type == NEW else 0
        return row._replace(type=NEW, queue=NEW, due=due, ivl=0, factor=0, reps=0, lapses=0)
    return row._replace(
        type=REVIEW,
        queue=REVIEW,
        due=(state.due - days.first).days,
        ivl=max(state.interval_days, 1),
        factor=state.ease_hundredths * 10,
        reps=row.reps + answers,
        lapses=state.lapses,
    )


def differs(row: CardRow, memory: Memory, days: Days) -> bool:
    """Whether the card's schedule here is another than that of the row."""
    theirs, ours = row._replace(due=row.odue or row.due), rescheduled(row, memory, days, 0)
    return any(getattr(theirs, name) != getattr(ours, name) for name in ("type", "due", "ivl", "factor", "lapses"))


def marked(row: CardRow, memory: Memory, days: Days) -> CardRow:
    """The row put away, buried and flagged as the card is; untouched where it says so already."""
    buried = bool(memory.buried_until and memory.buried_until > days.today)
    queue = row.queue
    if memory.suspended:
        queue = SUSPENDED
    elif buried:
        queue = row.queue if row.queue in BURIED else USER_BURIED
    elif row.queue == SUSPENDED or (row.queue in BURIED and memory.buried_until is None):
        queue = _natural(row)
    flags = row.flags
    if memory.flagged != bool(flags & COLOURS):
        flags = flags & ~COLOURS | int(memory.flagged)
    return row._replace(queue=queue, flags=flags)


def at_home(row: CardRow, shift: int) -> CardRow:
    """The row in its own deck and not in a filtered one; days count from `shift` days earlier or later."""
    if row.odid:
        row = row._replace(did=row.odid, due=row.odue or row.due, odid=0, odue=0)
        row = row._replace(queue=_natural(row) if row.queue >= 0 else row.queue)
    counts_days = row.type == REVIEW or (row.type != NEW and row.due < SECONDS)
    return row._replace(due=row.due + shift) if shift and counts_days else row


def _natural(row: CardRow) -> int:
    """The queue of a card that nothing holds back."""
    if row.type in {NEW, REVIEW}:
        return row.type
    return LEARNING if row.due > SECONDS else 3


def entries(
    memory: Memory, events: Iterable[Event], scheduler: Scheduler, wanted: Callable[[Review], bool]
) -> Iterator[ReviewRow]:
    """The reviews of one card, in order, that are `wanted`; `cid` is left open."""
    for event in events:
        before, moves = memory, isinstance(event, Review) and counts(memory, event)
        memory = advance(memory, event, scheduler)
        if isinstance(event, Review) and wanted(event):
            yield _entry(event, before, memory, moves=moves)


def _entry(review: Review, before: Memory, after: Memory, *, moves: bool) -> ReviewRow:
    kind = REVIEW_ENTRY if before.state else LEARN_ENTRY
    if not moves:
        kind = RELEARN_ENTRY if review.mode == "drill" else CRAM_ENTRY
    elif before.state and before.state.repetitions == 0:
        kind = RELEARN_ENTRY
    return ReviewRow(
        id=round(review.at.timestamp() * 1000),
        cid=0,
        usn=-1,
        ease=EASES[review.grade],
        ivl=after.state.interval_days if after.state else 0,
        last_ivl=before.state.interval_days if before.state else 0,
        factor=after.state.ease_hundredths * 10 if after.state and kind != CRAM_ENTRY else 0,
        time=min(review.took_ms or 0, LONGEST_MS),
        type=kind,
    )
