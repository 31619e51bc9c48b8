"""Reviews made here that a package brings back: known already, and neither they nor their schedules come twice."""

from collections.abc import Iterable, Iterator

from flashcards.log import stamp
from flashcards.model import Baseline, CardId, Event, Review
from flashcards.replay import state_from
from flashcards.store import Store


def unknown(store: Store, events: Iterable[Event]) -> tuple[Event, ...]:
    """The events without the reviews that were made here, and without the schedules that only repeat ours.

    Another program keeps of a review its card and its moment, not its id.
    """
    listed = tuple(events)
    ours = store.moments_here({event.card for event in listed if type(event) is Review})
    return tuple(_rest(store, listed, ours)) if ours else listed


def _rest(store: Store, events: Iterable[Event], ours: dict[CardId, set[str]]) -> Iterator[Event]:
    for event in events:
        moments = ours.get(event.card) if isinstance(event, Review | Baseline) else None
        known = moments is not None and stamp(event.at) in moments
        if not known or (isinstance(event, Baseline) and _is_news(store, event, moments or set())):
            yield event


def _is_news(store: Store, baseline: Baseline, moments: set[str]) -> bool:
    """Whether it was scheduled by hand there, and not asked here since."""
    if stamp(baseline.at) != max(moments):
        return False
    state, theirs = store.memory(baseline.card).state, state_from(baseline.state)
    return state is None or state != theirs._replace(repetitions=state.repetitions)
