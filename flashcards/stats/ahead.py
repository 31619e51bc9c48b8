"""What comes: cards due on the days ahead, and the reviews that those reviews will cause."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random  # noqa: TID251  (a lottery seeded by the caller; no card's day hangs on it)
from typing import NamedTuple

from flashcards.model import Grade, Memory, Scheduler, Sm2State
from flashcards.stats.counting import MATURE_DAYS, DayCount

USUAL_MS = 20_000
"""Milliseconds a card takes while nobody has answered one; a guess."""
SUPPOSED = DayCount(reviews=20, right=18, recalled=18, mature=10, mature_recalled=9, hard=3, easy=3)
"""What every learner is supposed to have answered besides, so that few reviews do not foretell 0 or 100 %."""


def forecast(dues: Iterable[date] | Mapping[date, int], today: date, days: int) -> list[int]:
    """How many cards come due on each of `days` study days: today first, with all that is overdue.

    `dues` is the day of each card, or the number of cards per day. Cards that
    are new, suspended or retired are the caller's to leave out.
    """
    ahead = [0] * days
    for day, cards in Counter(dues).items():
        place = max(0, (day - today).days)
        if place < days:
            ahead[place] += cards
    return ahead


class Ahead(NamedTuple):
    """Reviews on each study day from today on."""

    young: tuple[int, ...]
    """Of cards with an interval of less than 21 days."""
    mature: tuple[int, ...]

    @property
    def reviews(self) -> tuple[int, ...]:
        """All of each day."""
        return tuple(young + mature for young, mature in zip(self.young, self.mature, strict=True))


class Chances(NamedTuple):
    """How a learner grades: the chances of again, then hard, good and easy, adding up."""

    young: tuple[float, float, float]
    """Up to again, up to hard, up to good; the rest is easy."""
    mature: tuple[float, float, float]


def chances(count: DayCount) -> Chances:
    """The learner's own distribution of grades: failures by maturity, the rest as all right answers were."""
    seen = DayCount(*(one + other for one, other in zip(count, SUPPOSED, strict=True)))
    hard, good = seen.hard / seen.right, seen.good / seen.right

    def steps(recalled: int, tested: int) -> tuple[float, float, float]:
        right = recalled / tested
        return 1 - right, 1 - right + right * hard, 1 - right + right * (hard + good)

    return Chances(young=steps(seen.young_recalled, seen.young), mature=steps(seen.mature_recalled, seen.mature))


def simulate(
    states: Iterable[Sm2State], scheduler: Scheduler, today: date, days: int, likely: Chances, *, seed: int
) -> Ahead:
    """The reviews of `days` study days if each card is asked on its day and graded like those before.

    One run of a lottery whose dice are seeded, so that the same log shows the
    same picture. New cards are not added; a failed card comes back when the
    scheduler says (the drills of the same day do not count as reviews).
    """
    dice = Random(seed).random  # noqa: S311  (no secret)
    noon = datetime.combine(today, time(12), UTC)
    waiting: list[list[Sm2State]] = [[] for _ in range(days)]
    for state in states:
        place = (state.due - today).days
        if place < days:
            waiting[max(place, 0)].append(state)
    young, mature, step, first = [0] * days, [0] * days, scheduler.step, today.toordinal()
    for place, due in enumerate(waiting):
        day = today + timedelta(days=place)
        for state in due:
            is_mature = state.interval_days >= MATURE_DAYS
            after = step(state, _grade(dice(), likely.mature if is_mature else likely.young), noon, day, "")
            mature[place] += is_mature
            back = after.due.toordinal() - first
            if back < days:
                waiting[max(back, place + 1)].append(after)
        young[place] = len(due) - mature[place]
    return Ahead(tuple(young), tuple(mature))


def expected(due: Ahead, sample: Sequence[Sm2State], every: int, simulated: Ahead, today: date) -> Ahead:
    """What is due as things stand, and `every` times the repeats that were found by playing a sample of the cards.

    `simulated` is what `simulate` made of the sample. With a sample of all cards it is what comes out.
    """
    days = len(due.young)
    first: tuple[list[int], list[int]] = ([0] * days, [0] * days)
    for state in sample:
        place = (state.due - today).days
        if place < days:
            first[state.interval_days >= MATURE_DAYS][max(place, 0)] += 1
    return Ahead(
        *(
            tuple(certain + every * (played - its) for certain, played, its in zip(*one, strict=True))
            for one in zip(due, simulated, first, strict=True)
        )
    )


def _grade(luck: float, steps: tuple[float, float, float]) -> Grade:
    again, hard, good = steps
    if luck < good:
        return Grade.WRONG if luck < again else Grade.HARD if luck < hard else Grade.GOOD
    return Grade.EASY


def load(states: Iterable[Sm2State]) -> float:
    """Reviews a day that the cards ask for in the long run: the sum of 1 / interval."""
    return sum(1 / max(1, state.interval_days) for state in states)


def balance(ahead: Sequence[int]) -> float | None:
    """How even the days ahead are: the busiest day by the mean day; 1 is even. None if nothing comes."""
    return max(ahead) * len(ahead) / sum(ahead) if sum(ahead) else None


def is_known(memory: Memory) -> bool:
    """Whether the last review that counted was a success: at least one repetition in a row."""
    return memory.state is not None and memory.state.repetitions >= 1


def known(memories: Iterable[Memory]) -> int:
    """How many cards are known; the share is this over the cards of the deck, new ones included."""
    return sum(map(is_known, memories))


def typical_ms(took: Sequence[int]) -> int:
    """The median time of an answer in whole milliseconds, USUAL_MS if there is none.

    The median, because a lunch break in front of a question says nothing.
    """
    if not took:
        return USUAL_MS
    ordered = sorted(took)
    half = len(ordered) // 2
    return (ordered[half] + ordered[-half - 1]) // 2
