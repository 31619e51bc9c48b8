"""Reviews and schedules of a collection as events; their ids follow from the collection, so that twice is once."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from flashcards.formats.anki.collection import CardRow, Collection
from flashcards.model import Baseline, CardId, Event, EventId, Grade, Mark, Mode, Review

GRADES = {1: Grade.WRONG, 2: Grade.HARD, 3: Grade.GOOD, 4: Grade.EASY}
"""Anki's four buttons as our four keys."""
NEW, LEARNING, REVIEW, RELEARNING = range(4)
"""`cards.type`."""
FILTERED, MANUAL = 3, 4
"""`revlog.type`: 3 is a filtered deck, from 4 on it is no answer at all."""
SUSPENDED, BURIED = -1, (-2, -3)
"""`cards.queue`."""
COLOURS = 7
"""The bits of `cards.flags` that are a colour."""
LEAST_MOMENT, LAST_MOMENT = 0, 250_000_000_000_000
"""Milliseconds since 1970 that the calendar and our ids can hold: up to the year 9892."""
EXACT = 2**32 * 1000
"""Up to here a thousandth of it, as a float, is exact to the millisecond."""
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(9990, 1, 1)
SECONDS = 1_000_000_000
"""What is due later than this counts seconds since 1970, not days."""
LEAST_EASE, FIRST_EASE, LARGEST_EASE = 1.3, 2.5, 100.0
LARGEST_DIFFICULTY = 1_100
"""Below it `factor` is no ease but the difficulty of FSRS, or nothing."""
LONGEST_INTERVAL = 36_500
MOST = 1_000_000
LONGEST_MS = 2**31
DAY = 86_400


class Source(NamedTuple):
    """What events are made of."""

    collection: Collection
    cards: Mapping[int, CardId]
    """Our card by Anki's."""
    device: str


def events(source: Source, batch: str) -> Iterator[Event]:
    """The answers, then for each card its schedule and its marks."""
    last: dict[int, int] = {}
    yield from _reviews(source, batch, last)
    for row in source.collection.cards():
        card = source.cards.get(row.id)
        if card is not None:
            yield from _known(source, row, card, last.get(row.id, 0), batch)


def _reviews(source: Source, batch: str, last: dict[int, int]) -> Iterator[Review]:
    """Answers only: what was rescheduled by hand is no review. `last` gets the moment of each card's last answer."""
    collection, cards, device = source.collection, source.cards, source.device
    east = -collection.creation_west
    shift = east * 60 - collection.rollover * 3600
    days: dict[int, date] = {}
    from_timestamp = datetime.fromtimestamp
    made = partial(tuple.__new__, Review)  # the same without a look at names: a fifth of the time of this loop
    for moment, cid, _, ease, _, _, factor, took, kind in collection.reviews():
        card, grade = cards.get(cid), GRADES.get(ease)
        if card is None or grade is None or kind >= MANUAL:
            continue
        last[cid] = moment
        if not LEAST_MOMENT < moment < LAST_MOMENT:
            continue
        number = (moment // 1000 + shift) // DAY
        day = days.get(number)
        if day is None:
            day = days[number] = FIRST_DAY + timedelta(days=number)
        mode: Mode = "cram" if kind == FILTERED and factor == 0 else "imported"
        name = f"{moment:012x}{cid & _LOW:020x}"
        at = from_timestamp(moment / 1000, UTC) if moment < EXACT else _at(moment)
        millis = took if 0 <= took < LONGEST_MS else None
        yield made((name, card, grade, at, east, day, mode, millis, None, None, None, None, device, batch))


def _known(source: Source, row: CardRow, card: CardId, last: int, batch: str) -> Iterator[Event]:
    """The schedule of one card and what was done to it by hand."""
    changed = min(max(row.mod * 1000, last, 1), LAST_MOMENT - 1)
    who: dict[str, Any] = {"card": card, "device": source.device, "batch": batch}
    state = _state(source.collection, row)
    if state is not None:
        moment = last if 0 < last < LAST_MOMENT else changed
        identity = _identity(moment, "f", row.id, json.dumps(state))
        yield Baseline(id=identity, scheduler="sm2", state=state, at=_at(moment), **who)
    elif last:
        yield Mark(id=_identity(changed, "d", row.id, "reset"), mark="reset", at=_at(changed), **who)
    for mark, value in _marks(source.collection, row):
        identity = _identity(changed, "e", row.id, f"{mark} {value}")
        yield Mark(id=identity, mark=mark, value=value, at=_at(changed), **who)


def _marks(collection: Collection, row: CardRow) -> Iterator[tuple[str, str | None]]:
    if row.queue == SUSPENDED:
        yield "suspend", None
    elif row.queue in BURIED:
        shift = -collection.creation_west * 60 - collection.rollover * 3600
        yield "bury", _day((min(max(row.mod, 0), LAST_MOMENT // 1000) + shift) // DAY + 1).isoformat()
    if row.flags & COLOURS:
        yield "flag", str(row.flags & COLOURS)


def _state(collection: Collection, row: CardRow) -> dict[str, Any] | None:
    """The schedule in the words of SM-2; None for a card that is new."""
    if row.type not in {LEARNING, REVIEW, RELEARNING}:
        return None
    due = row.odue if row.odid and row.odue else row.due
    ease = row.factor / 1000 if row.factor > LARGEST_DIFFICULTY else FIRST_EASE
    return {
        "repetitions": min(max(row.reps, 1), MOST) if row.type == REVIEW else 0,
        "ease": round(min(max(ease, LEAST_EASE), LARGEST_EASE), 2),
        "interval_days": min(max(row.ivl, 1), LONGEST_INTERVAL),
        "due": due_day(collection, due).isoformat(),
        "lapses": min(max(row.lapses, 0), MOST),
    }


def due_day(collection: Collection, due: int) -> date:
    """The study day of a `due`: days since the collection was made, or seconds since 1970."""
    east = -collection.creation_west * 60
    if due > SECONDS:
        return _day((due + east - collection.rollover * 3600) // DAY)
    return _day((collection.created + east) // DAY + due)


def _day(number: int) -> date:
    """The date of a number of days since 1970, within the calendar."""
    return FIRST_DAY + timedelta(days=min(max(number, 0), (LAST_DAY - FIRST_DAY).days))


def _at(moment: int) -> datetime:
    return datetime.fromtimestamp(moment // 1000, UTC) + timedelta(milliseconds=moment % 1000)


_LOW = (1 << 72) - 1
"""Of a card's id: so much that its answers sort before its schedule of the same moment."""


def _identity(moment: int, rank: str, card: int, said: str) -> EventId:
    """An id behind the answers of the same moment; another one if another thing is said."""
    from hashlib import blake2b

    digest = blake2b(f"{card} {said}".encode(), digest_size=10).hexdigest()
    return EventId(f"{moment:012x}{rank}{digest[:19]}")
