"""Logs as sets of events: their union, and what of it stands."""

from collections.abc import Iterable
from typing import NamedTuple

from flashcards.log import order, stamp, to_line
from flashcards.model import Event, EventId, Restore, Review, Undo


class Act(NamedTuple):
    """An undo or a restore, as far as it matters for what stands."""

    at: str
    id: EventId
    names: frozenset[str]
    """Its id and its batch."""
    target: str = ""
    """What an undo takes back."""
    takes: tuple[EventId, ...] = ()
    brings: tuple[EventId, ...] = ()


def merge(*logs: Iterable[Event]) -> list[Event]:
    """The union of logs, by id, in order. Commutative, associative, idempotent.

    Should two different events ever carry one id, the one stays whose line sorts first, what was typed aside; of two
    that differ in that alone, the one without a text.
    """
    union: dict[EventId, Event] = {}
    for event in (event for log in logs for event in log):
        other = union.get(event.id)
        if other is None or (other is not event and _sorts_first(event, other)):
            union[event.id] = event
    return sorted(union.values(), key=order)


def differing(event: Event, other: Event) -> tuple[str, str] | None:
    """The lines of two versions of one event where they say something else; a text that either lacks is left aside."""
    if isinstance(event, Review) and isinstance(other, Review) and None in {event.typed, other.typed}:
        event, other = event._replace(typed=None), other._replace(typed=None)
    lines = to_line(event), to_line(other)
    return None if lines[0] == lines[1] else lines


def standing(events: Iterable[Event]) -> list[Event]:
    """What was not taken back, in order, without the undos themselves."""
    ordered = sorted(events, key=order)
    away = gone(act for event in ordered if (act := act_of(event)))
    return [e for e in ordered if not isinstance(e, Undo) and e.id not in away and e.batch not in away]


def act_of(event: Event) -> Act | None:
    """The event as an act on others, if it is one."""
    if isinstance(event, Undo):
        return Act(stamp(event.at), event.id, names=frozenset([event.id]), target=event.target)
    if isinstance(event, Restore):
        names = frozenset([event.id, event.batch or event.id])
        return Act(stamp(event.at), event.id, names=names, takes=event.takes, brings=event.brings)
    return None


def gone(acts: Iterable[Act]) -> set[str]:
    """The ids and batches that are taken back.

    An undo takes its target back; is that a restore, then also what the restore had brought: an undo among that no
    longer counts. A restore takes back what it names; an undo that it names no longer counts, while an undo never
    undoes another. Of those that take back each other the later decides, so they are looked at from the newest on:
    what no later one took back is in force.
    """
    ordered = _newest_first(acts)
    brought: dict[str, list[EventId]] = {}
    for act in ordered:
        for name in act.names if act.brings else ():
            brought.setdefault(name, []).extend(act.brings)
    taken: set[str] = set()
    restored: set[str] = set()
    for act in ordered:
        if act.target:
            if act.id not in restored:
                taken.add(act.target)
                taken.update(brought.get(act.target, ()))
                restored.update(brought.get(act.target, ()))
        elif taken.isdisjoint(act.names):
            taken.update(act.takes)
            restored.update(act.takes)
    return taken


def _newest_first(acts: Iterable[Act]) -> list[Act]:
    """One that names another is the later of the two, whatever their clocks said.

    So what somebody wrote at the end of the calendar, where there is no later moment, can be taken back as well.
    """
    ordered = sorted(acts, key=lambda act: (act.at, act.id), reverse=True)
    restores = {name for act in ordered if not act.target for name in act.names}
    if not restores:  # undos never take back each other
        return ordered
    namers: dict[str, list[Act]] = {}
    for act in ordered:
        for name in (act.target,) if act.target in restores else (*act.takes, *act.brings):
            namers.setdefault(name, []).append(act)
    found: dict[EventId, Act] = {}
    begun: set[EventId] = set()
    waiting = ordered[::-1]
    while waiting:
        act = waiting[-1]
        if act.id in begun:  # all that name it were found before it, unless they go round in a circle
            found.setdefault(waiting.pop().id, act)
            continue
        begun.add(act.id)
        first = [one for name in sorted(act.names) for one in namers.pop(name, ())]
        waiting += [one for one in reversed(first) if one.id not in begun]
    return [*found.values()]


def _sorts_first(event: Event, other: Event) -> bool:
    if isinstance(event, Review) and event == other:  # the common case, without the cost of two lines
        return False
    return _rank(event) < _rank(other)  # other kinds may be equal as tuples and differ as lines: 1 == True


def _rank(event: Event) -> tuple[str, bool, str]:
    """An answer from which a text was taken out comes before the same with its text.

    What was typed decides only between equals: so it does not matter whether a text is taken out before or after.
    """
    if isinstance(event, Review) and event.typed is not None:
        return to_line(event._replace(typed=None)), True, event.typed
    return to_line(event), False, ""
