"""From the log to what is known of a card: the fold of its standing events.

The law of the house: a card's memory is the fold of its standing events in
the order (at, id). Everything derived must equal that.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from flashcards.log import order, standing
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

SchedulerFor = Callable[[Event], Scheduler]
"""The scheduler in force when an event happened."""


def replay(events: Iterable[Event], scheduler_for: SchedulerFor) -> dict[CardId, Memory]:
    """The memory of every card that the log names."""
    cards: dict[CardId, list[Event]] = {}
    for event in standing(events):
        card = getattr(event, "card", None)
        if card is not None:
            cards.setdefault(card, []).append(event)
    return {card: fold(card, its_events, scheduler_for) for card, its_events in cards.items()}


def fold(card: CardId, events: Iterable[Event], scheduler_for: SchedulerFor) -> Memory:
    """The memory of one card, from its standing events in order."""
    memory = Memory(card=card)
    for event in events:
        memory = advance(memory, event, scheduler_for(event))
    return memory


def advance(memory: Memory, event: Event, scheduler: Scheduler) -> Memory:
    """The memory after one more event."""
    if isinstance(event, Review):
        memory = _reviewed(memory, event, scheduler)
    elif isinstance(event, Mark):
        memory = _marked(memory, event)
    elif isinstance(event, Baseline) and event.scheduler == scheduler.name:
        memory = memory._replace(state=state_from(event.state), passed=True, first_day=memory.first_day or date.min)
    return memory._replace(order=order(event))


def counts(memory: Memory, review: Review) -> bool:
    """Whether the review moves the schedule: the first of its study day, neither drill nor cram."""
    if review.mode in {"drill", "cram"}:
        return False
    return memory.last_day is None or review.day > memory.last_day


def _reviewed(memory: Memory, review: Review, scheduler: Scheduler) -> Memory:
    if review.mode == "cram":
        return memory
    if counts(memory, review):
        memory = memory._replace(
            state=scheduler.step(memory.state, review.grade, review.at, review.day, review.card),
            reviews=memory.reviews + 1,
            last_at=review.at,
            last_day=review.day,
            first_day=memory.first_day or review.day,
            buried_until=None,
        )
    memory = memory._replace(passed=memory.passed or review.grade >= Grade.HARD)
    if review.mode == "imported":
        return memory
    return memory._replace(drill=review.day if review.grade < Grade.GOOD else None)


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
            return memory._replace(
                state=None, passed=False, drill=None, last_at=None, last_day=None, first_day=None, buried_until=None
            )
        case "due" if memory.state and mark.value:
            return memory._replace(state=memory.state._replace(due=date.fromisoformat(mark.value)))
        case _:
            return memory


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
