"""A desk in memory for tests of a sitting: a list for the log, a clock that is set by hand."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from flashcards.clock import DAY_START, offset_minutes, study_day
from flashcards.due import Candidate, Plan, Rules, Seen, plan
from flashcards.log import next_id, order
from flashcards.model import Card, CardId, Event, EventId, Finding, Grade, Mark, Memory, Review, Scheduler, Verdict
from flashcards.replay import advance, replay
from flashcards.schedulers.sm2 import Sm2
from flashcards.session import Clock, Desk, Options, Ready, Session, Tick, Verifier

EVENING = datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


def card(name: str, **fields: Any) -> Card:
    """The card `deck/id`, or `deck/id~suffix`, with a front and a back of its own."""
    deck, _, _ = name.partition("/")
    return Card(
        **{
            "id": CardId(name),
            "deck": deck,
            "note": CardId(name.partition("~")[0]),
            "kind": "typed" if fields.get("answer") else "basic",
            "front": f"front of {name}",
            "back": f"back of {name}",
            **fields,
        }
    )


def cards(*names: str) -> list[Card]:
    """Plain cards of the deck `d`: `cards("a", "b")` are `d/a` and `d/b`."""
    return [card(f"d/{name}") for name in names]


PASS = Verdict(kind="pass", findings=(Finding(ok=True, says="it is there"),), exit_code=0)
FAIL = Verdict(kind="fail", findings=(Finding(ok=False, says="it is not there"),), exit_code=0)
CANNOT = Verdict(kind="cannot", reason="`uv` is not installed", cure="install uv")


class Machine:
    """Stands in for the sandbox: each text has its verdict, or its own way to go; every other text fails."""

    def __init__(self, answers: Mapping[str, Verdict | Callable[[Tick], Verdict]], state: Ready | None = None) -> None:
        self.answers = answers
        self.state = state or Ready(runs="yes")
        self.ran: list[tuple[str, str, str]] = []
        """Card, shell and text of every run."""

    def ready(self, card: Card, shell: str) -> Ready:
        return self.state

    def allow(self, *, yes: bool) -> None:
        self.state = Ready(runs="yes") if yes else Ready(runs="no")

    def run(self, card: Card, shell: str, typed: str, tick: Tick) -> Verdict:
        self.ran.append((card.id, shell, typed))
        answer = self.answers.get(typed, FAIL)
        return answer if isinstance(answer, Verdict) else answer(tick)


class MemoryDesk:
    """Keeps events in a list and memories in a dictionary, as a store would keep them in tables.

    A memory advances by one event where that event is the newest of its card,
    and is folded anew where it is not: the way a store goes, so that a test
    can hold the memories against the replay of the whole log.
    """

    def __init__(
        self,
        cards: Iterable[Card],
        *,
        at: datetime = EVENING,
        zone: tzinfo = UTC,
        day_start: time = DAY_START,
        scheduler: Scheduler | None = None,
        verifier: Verifier | None = None,
    ) -> None:
        self.cards = {card.id: card for card in cards}
        self.events: list[Event] = []
        self.memories: dict[CardId, Memory] = {}
        self.at = at
        self.ticks = 0.0
        self.zone = zone
        self.day_start = day_start
        self.scheduler = scheduler or Sm2()
        self.verifier = verifier
        self.usual: dict[str, int] = {}
        """How long right answers took before, by card, in milliseconds."""

    # ------------------------------------------------------------ the clock

    def wait(self, seconds: float) -> None:
        """Time passes, on the wall and on the stopwatch."""
        self.at += timedelta(seconds=seconds)
        self.ticks += seconds

    def day(self) -> date:
        """The study day it is now."""
        return study_day(self.at, self.zone, self.day_start)

    # ------------------------------------------------------------ what a sitting asks for

    def desk(self) -> Desk:
        """The desk as a sitting takes it."""
        clock = Clock(
            now=lambda: self.at,
            day=lambda at: study_day(at, self.zone, self.day_start),
            offset_minutes=lambda at: offset_minutes(at, self.zone),
            ticks=lambda: self.ticks,
        )
        return Desk(
            load=self.cards.__getitem__,
            look=self.look,
            record=self.record,
            new_id=self.new_id,
            clock=clock,
            scheduler=self.scheduler,
            device="here",
            more=lambda taken: [name for name in self.plan().after if name not in taken],
            verifier=self.verifier,
            usual_ms=self.usual.get,
            mistakes=self.mistakes,
        )

    def look(self, card: CardId) -> Memory:
        """What is known of the card."""
        return self.memories.get(card, Memory(card=card))

    def record(self, *events: Event) -> Mapping[CardId, Memory]:
        """Appends the events; the memories that they changed."""
        changed: dict[CardId, Memory] = {}
        for event in events:
            self.events.append(event)
            changed |= self._changed(event)
            self.memories.update(changed)
        return changed

    def mistakes(self, card: CardId) -> list[tuple[str, int]]:
        """What was typed for the card and graded below 3."""
        typed = (e.typed for e in self.events if isinstance(e, Review) and e.card == card and e.grade < Grade.HARD)
        return Counter(filter(None, typed)).most_common()

    def new_id(self, at: datetime) -> EventId:
        """The next id; the dice are the number of events so far."""
        newest = max((event.id for event in self.events), default="")
        return next_id(at, newest, len(self.events))

    def replayed(self) -> dict[CardId, Memory]:
        """The memories as the whole log tells them."""
        return replay(self.events, lambda _: self.scheduler)

    def _changed(self, event: Event) -> dict[CardId, Memory]:
        name = getattr(event, "card", None)
        if name is None:
            before, after = self.memories, self.replayed()
            forgotten = {gone: Memory(card=gone) for gone in before.keys() - after.keys()}
            return {n: m for n, m in (after | forgotten).items() if before.get(n) != m}
        memory = self.look(name)
        if order(event) > memory.order:
            return {name: advance(memory, event, self.scheduler)}
        return {name: self.replayed()[name]}

    # ------------------------------------------------------------ another terminal

    def grade_elsewhere(self, name: str, grade: int, *, mode: str = "scheduled") -> None:
        """Another terminal graded the card just now."""
        self.record(
            Review(
                id=self.new_id(self.at),
                card=CardId(name),
                grade=Grade(grade),
                at=self.at,
                offset_minutes=offset_minutes(self.at, self.zone),
                day=self.day(),
                mode=mode,
                device="there",
            )
        )

    def mark_elsewhere(self, name: str, mark: str, value: str | None = None) -> None:
        """Another terminal put a mark on the card just now."""
        identity = self.new_id(self.at)
        self.record(Mark(id=identity, card=CardId(name), mark=mark, value=value, at=self.at, device="there"))

    # ------------------------------------------------------------ which cards come up

    def plan(self, rules: Rules | None = None) -> Plan:
        """What `due.plan` says of this desk, as a store would ask it."""
        rules = rules or Rules(day=self.day())
        reviews = sorted(
            (c for c in self._candidates() if c.due is not None and c.due <= rules.day and self._is_open(c, rules.day)),
            key=lambda c: c.due or rules.day,
        )
        new = [c for c in self._candidates() if c.due is None and self._is_open(c, rules.day)]
        drills = [c for c in self._candidates() if self._drills(self.look(c.card), rules.day)]
        drills.sort(key=lambda c: self.look(c.card).order)
        return plan(reviews, new, drills, self.seen(rules.day), rules, lambda c: self.look(c).passed)

    def seen(self, day: date) -> list[Seen]:
        """The cards that were reviewed on that study day."""
        reviewed = [(self.cards[name], m) for name, m in self.memories.items() if m.last_day == day]
        return [Seen(note=card.note, deck=card.deck, was_new=m.first_day == day) for card, m in reviewed]

    def sitting(self, options: Options | None = None, rules: Rules | None = None) -> Session:
        """A sitting over what comes up now."""
        coming = self.plan(rules)
        return Session(coming.main, coming.drills, self.desk(), options)

    def _candidates(self) -> Iterator[Candidate]:
        for one in self.cards.values():
            state = self.look(one.id).state
            yield Candidate(
                card=one.id,
                deck=one.deck,
                note=one.note,
                due=state.due if state else None,
                after=one.after,
                platform=one.platform,
                tags=one.tags,
            )

    def _is_open(self, candidate: Candidate, day: date) -> bool:
        memory = self.look(candidate.card)
        return not self._is_away(memory, day) and (memory.last_day is None or memory.last_day < day)

    def _drills(self, memory: Memory, day: date) -> bool:
        return memory.drill == day and not self._is_away(memory, day)

    def _is_away(self, memory: Memory, day: date) -> bool:
        return memory.suspended or (memory.buried_until is not None and memory.buried_until > day)
