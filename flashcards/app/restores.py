"""What brings the log to another state as one action: the import of a log, a return to an earlier state."""

from collections.abc import Collection, Iterable, Sequence
from itertools import zip_longest

from flashcards import clock
from flashcards.app import App
from flashcards.log import MOST_IDS, ids_from, is_ours, not_before
from flashcards.model import Event, EventId, Restore
from flashcards.store import Store
from flashcards.union import act_of, gone


def restore_events(
    app: App, *, takes: Sequence[str] = (), brings: Sequence[str] = (), batch: str | None = None, behind: str = ""
) -> list[Restore]:
    """A restore in as many pieces as it needs, which share a batch; none where there is nothing to say.

    It stands behind all undos and restores that are there, since of these the later decides; and behind the moment
    `behind` of those that come with it.
    """
    pieces = [*zip_longest(_pieces(takes), _pieces(brings), fillvalue=())]
    if not pieces:
        return []
    now = clock.now()
    first, at = app.new_id(now), not_before(now, max(app.store.newest_act(), behind))
    if batch is None and len(pieces) > 1:
        batch = first
    ids = ids_from(first, now)
    return [Restore(next(ids), *piece, at=at, device=app.device, batch=batch) for piece in pieces]


def imported(app: App, events: Collection[Event]) -> list[Event]:
    """What an import of a log appends: its events, and what makes one action of them.

    What an earlier import had brought and an undo took back stands again.
    """
    fresh = app.store.unknown_ids({event.id for event in events})
    news = [event for event in events if event.id in fresh]
    takes, brings = revived(app.store, events), _names(app, events, fresh)
    return [*news, *restore_events(app, takes=takes, brings=brings, behind=newest_act(news))]


def action_of(history: Sequence[Event]) -> str:
    """The name by which what `imported` made is taken back, which ends with its restore; "" if it is nothing."""
    last = history[-1] if history else None
    return (last.batch or last.id) if isinstance(last, Restore) else ""


def newest_act(events: Iterable[Event]) -> str:
    """The stamp of the last undo or restore among events; "" if there is none."""
    return max((act.at for event in events if (act := act_of(event))), default="")


def revived(store: Store, events: Collection[Event]) -> list[EventId]:
    """The undos of earlier imports of these events: to import them again is to want them back.

    Not of those that the log itself takes back: it comes with their undo.
    """
    away = gone(act for event in events if (act := act_of(event)))
    return store.undos_of_imports([event.id for event in events if event.id not in away and event.batch not in away])


def _names(app: App, events: Iterable[Event], fresh: Collection[str]) -> list[str]:
    """The events that are new, a whole batch by its name.

    Not by a name that another program made up: it may give the same to the next file, which would be taken back too.
    """
    whole = {event.batch for event in events if event.batch and event.id in fresh and is_ours(event.batch)}
    whole -= {event.batch for event in events if event.id not in fresh}
    whole -= app.store.known_batches(whole)
    return list(dict.fromkeys(e.batch if e.batch in whole else e.id for e in events if e.id in fresh))


def _pieces(names: Sequence[str]) -> Iterable[tuple[EventId, ...]]:
    for start in range(0, len(names), MOST_IDS):
        yield tuple(map(EventId, names[start : start + MOST_IDS]))
