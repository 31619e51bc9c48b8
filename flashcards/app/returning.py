"""Reviews that a package brings back: known under another id, and neither they nor their schedules come twice."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flashcards.model import Baseline, CardId, Event, Review
from flashcards.replay import state_from
from flashcards.store import Store

START = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_MS = 1_000
"""Anki has one answer a millisecond: one of several at the same moment is a little later there (ours)."""


def unknown(store: Store, events: Iterable[Event]) -> tuple[tuple[Event, ...], set[str]]:
    """The events without reviews that the log has under another id, and the ids of those that it has not.

    Of an answer given here another program keeps the card and the moment; and a card that it
    got anew has another number there, with which the ids of its reviews begin.
    """
    listed = tuple(events)
    fresh = store.unknown_ids({event.id for event in listed})
    there = moments(store, {event.card for event in listed if type(event) is Review and event.id in fresh})
    if not there:
        return listed, fresh
    again = {event.id for event in listed if event.id in fresh and _is_there(store, event, there)}
    return tuple(event for event in listed if event.id not in again), fresh - again


def moments(store: Store, cards: Collection[CardId], *, here: bool = False) -> dict[CardId, list[int]]:
    """When the cards were answered, in milliseconds since 1970, in order; with `here` only in this program."""
    found = store.moments(cards, here=here)
    return {card: sorted(milliseconds(datetime.fromisoformat(at)) for at in said) for card, said in found.items()}


def milliseconds(at: datetime) -> int:
    """A moment as Anki numbers its entries."""
    return (at - START) // timedelta(milliseconds=1)


def known(moments: Sequence[int], moment: int) -> int | None:
    """The one of the moments of a card here that is `moment` there."""
    place = bisect_right(moments, moment)
    return moments[place - 1] if place and moment - moments[place - 1] <= LATEST_MS else None


def _is_there(store: Store, event: Event, there: Mapping[CardId, Sequence[int]]) -> bool:
    """Whether the log has the review, or the schedule that follows from it."""
    when = there.get(event.card, ()) if isinstance(event, Review | Baseline) else ()
    found = known(when, milliseconds(event.at)) if when else None
    return found is not None and not (isinstance(event, Baseline) and found == when[-1] and _is_news(store, event))


def _is_news(store: Store, baseline: Baseline) -> bool:
    """Whether the card was scheduled by hand there; how often it was asked is counted otherwise."""
    state, theirs = store.memory(baseline.card).state, state_from(baseline.state)
    return state is None or state != theirs._replace(repetitions=state.repetitions)
