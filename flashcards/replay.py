"""From the log to what is known of a card: the fold of its standing events.

The law of the house: a card's memory is the fold of its standing events in
the order (at, id). Everything derived must equal that.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, cast

from flashcards.log import order, revision
from flashcards.model import (
    Baseline,
    CardId,
    Event,
    Grade,
    Mark,
    Memory,
    Review,
    Scheduler,
    Sm2State,
)
from flashcards.union import standing

SchedulerFor = Callable[[Event], Scheduler]
"""The scheduler in force when an event happened."""


def replay(events: Iterable[Event], scheduler_for: SchedulerFor) -> dict[CardId, Memory]:
    """The memory of every card that the log names; of a card that was renamed under its newest name alone."""
    stand = standing(events)
    names = renamed(pair for event in stand if (pair := rename(event)))
    cards: dict[CardId, list[Event]] = {}
    for event in stand:
        card = getattr(event, "card", None)
        if card is not None:
            cards.setdefault(names.get(card, card), []).append(event)
    return {card: fold(card, its_events, scheduler_for) for card, its_events in cards.items()}


def rename(event: Event) -> tuple[CardId, CardId] | None:
    """The new and the old id, if the event is a mark that carries a history over."""
    if isinstance(event, Mark) and event.mark == "was" and event.value:
        return event.card, CardId(event.value)
    return None


def renamed(pairs: Iterable[tuple[CardId, CardId]]) -> dict[CardId, CardId]:
    """The card that each former id stands for now; `pairs` are new and old ids in the order of their marks.

    Of two marks that contradict each other the newer holds: an id has one successor, and an older
    mark that would close a circle is passed by, so that a way there and back ends where it began.
    """
    successor: dict[CardId, CardId] = {}
    for new, old in reversed([*pairs]):
        if old not in successor and _newest(successor, new) != old:
            successor[old] = new
    return {old: _newest(successor, old) for old in successor}


def _newest(successor: dict[CardId, CardId], card: CardId) -> CardId:
    """The end of the chain from `card`; every id on the way is led there directly, so that long chains cost little."""
    way = []
    while card in successor:
        way.append(card)
        card = successor[card]
    for former in way:
        successor[former] = card
    return card


def fold(card: CardId, events: Iterable[Event], scheduler_for: SchedulerFor) -> Memory:
    """The memory of one card, from its standing events in order."""
    return follow(Memory(card=card), [*events], scheduler_for)


def follow(memory: Memory, events: Sequence[Event], scheduler_for: SchedulerFor) -> Memory:
    """The memory after some more events in order.

    The newest baseline that holds settles the schedule, so reviews before it are only counted.
    """
    start = _settled(events, scheduler_for)
    for steps, some in ((None, events[:start]), (scheduler_for, events[start:])):
        for kind, run in groupby(some, type):
            if kind is Review:
                memory = _answered(memory, cast("Iterable[Review]", run), steps)
            else:
                for event in run:
                    memory = advance(memory, event, scheduler_for(event))
    return memory


def _settled(events: Sequence[Event], scheduler_for: SchedulerFor) -> int:
    """The place of the newest baseline that holds; 0 if there is none."""
    for place in range(len(events) - 1, 0, -1):
        event = events[place]
        if isinstance(event, Baseline) and event.scheduler == scheduler_for(event).name:
            return place
    return 0


def _answered(memory: Memory, reviews: Iterable[Review], scheduler_for: SchedulerFor | None) -> Memory:
    """The memory after a run of reviews; without a scheduler only counted, where nobody asks for the schedule."""
    state, count, last_at, last_day, first_day = memory[1:6]
    passed, drill, buried = memory.passed, memory.drill, memory.buried_until
    review = None
    for review in reviews:
        mode = review.mode
        if mode == "cram":
            continue
        day, grade = review.day, review.grade
        if mode != "drill" and (last_day is None or day > last_day):
            count, last_at, last_day, first_day, buried = count + 1, review.at, day, first_day or day, None
            if scheduler_for is not None:
                state = scheduler_for(review).step(state, grade, review.at, day, review.card)
        passed = passed or grade >= Grade.HARD
        if mode != "imported":
            drill = day if grade < Grade.GOOD else None
    return memory._replace(
        state=state,
        reviews=count,
        last_at=last_at,
        last_day=last_day,
        first_day=first_day,
        passed=passed,
        drill=drill,
        buried_until=buried,
        order=order(review) if review else memory.order,
    )


def advance(memory: Memory, event: Event, scheduler: Scheduler) -> Memory:
    """The memory after one more event."""
    if isinstance(event, Review):
        return _answered(memory, (event,), lambda _: scheduler)
    if isinstance(event, Mark):
        memory = _marked(memory, event)
    elif isinstance(event, Baseline) and event.scheduler == scheduler.name:
        memory = memory._replace(state=state_from(event.state), passed=True, first_day=memory.first_day or date.min)
    return memory._replace(order=order(event))


def counts(memory: Memory, review: Review) -> bool:
    """Whether the review moves the schedule: the first of its study day, neither drill nor cram."""
    if review.mode in {"drill", "cram"}:
        return False
    return memory.last_day is None or review.day > memory.last_day


def _marked(memory: Memory, mark: Mark) -> Memory:
    match mark.mark:
        case "suspend" | "resume":
            return memory._replace(suspended=mark.mark == "suspend")
        case "bury":
            return memory._replace(buried_until=date.fromisoformat(mark.value or "0001-01-01"))
        case "unbury":
            return memory._replace(buried_until=None)
        case "flag" | "unflag":
            return memory._replace(flagged=mark.mark == "flag")
        case "reset":
            return _reset(memory, mark)
        case "due" if memory.state and mark.value:
            return memory._replace(state=memory.state._replace(due=date.fromisoformat(mark.value)))
        case _:
            return memory


def _reset(memory: Memory, mark: Mark) -> Memory:
    """A new card again; a reset for a revision (its `value`) only once, however many devices noticed that revision."""
    rev = revision(mark.value)
    if rev is not None and rev <= memory.rev:
        return memory
    return memory._replace(
        state=None,
        passed=False,
        drill=None,
        last_at=None,
        last_day=None,
        first_day=None,
        buried_until=None,
        rev=memory.rev if rev is None else rev,
    )


def state_from(numbers: Mapping[str, Any]) -> Sm2State:
    """A scheduler's state from its JSON form; `ease` is a factor there, hundredths here."""
    return Sm2State(
        repetitions=int(numbers["repetitions"]),
        ease_hundredths=round(float(numbers["ease"]) * 100),
        interval_days=int(numbers["interval_days"]),
        due=date.fromisoformat(numbers["due"]),
        lapses=int(numbers.get("lapses") or 0),
    )


def state_to(state: Sm2State) -> dict[str, Any]:
    """A scheduler's state in the JSON form of baselines and exports."""
    return {
        "repetitions": state.repetitions,
        "ease": state.ease_hundredths / 100,
        "interval_days": state.interval_days,
        "due": state.due.isoformat(),
        "lapses": state.lapses,
    }
