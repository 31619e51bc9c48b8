"""Reviews made here that a package brings back: known already, and neither they nor their schedules come twice."""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from flashcards.model import Baseline, CardId, Event, Review
from flashcards.replay import state_from
from flashcards.store import Store

START = datetime(1970, 1, 1, tzinfo=UTC)
LATEST_MS = 1_000
"""Anki has one answer a millisecond: one of several at the same moment is a little later there (ours)."""


def unknown(store: Store, events: Iterable[Event]) -> tuple[Event, ...]:
    """The events without the reviews that were made here, and without the schedules that only repeat ours.

    Another program keeps of a review its card and its moment, not its id.
    """
    listed = tuple(events)
    ours = moments_here(store, {event.card for event in listed if type(event) is Review})
    return tuple(_rest(store, listed, ours)) if ours else listed


def moments_here(store: Store, cards: Collection[CardId]) -> dict[CardId, list[int]]:
    """When the cards were answered here, in milliseconds since 1970, in order."""
    found = store.moments_here(cards)
    return {card: sorted(milliseconds(datetime.fromisoformat(at)) for at in moments) for card, moments in found.items()}


def milliseconds(at: datetime) -> int:
    """A moment as Anki numbers its entries."""
    return (at - START) // timedelta(milliseconds=1)


def known(moments: Sequence[int], moment: int) -> int | None:
    """The one of the moments of a card here that is `moment` there."""
    place = bisect_right(moments, moment)
    return moments[place - 1] if place and moment - moments[place - 1] <= LATEST_MS else None


def _rest(store: Store, events: Iterable[Event], ours: Mapping[CardId, Sequence[int]]) -> Iterator[Event]:
    for event in events:
        moments = ours.get(event.card, ()) if isinstance(event, Review | Baseline) else ()
        found = known(moments, milliseconds(event.at)) if moments else None
        if found is None or (isinstance(event, Baseline) and found == moments[-1] and _is_news(store, event)):
            yield event


def _is_news(store: Store, baseline: Baseline) -> bool:
    """Whether the card was scheduled by hand there; how often it was asked is counted otherwise."""
    state, theirs = store.memory(baseline.card).state, state_from(baseline.state)
    return state is None or state != theirs._replace(repetitions=state.repetitions)
