"""What a sitting shows and what it needs: questions, answers, the end; the desk it works at."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date, datetime
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, TypeAlias

from flashcards.model import FOUR_GRADES, Card, CardId, Event, EventId, Grade, Memory, Scheduler, Verdict

if TYPE_CHECKING:
    from flashcards.answers import Comparison

Phase = Literal["new", "review", "drill", "cram", "practice"]


class Clock(NamedTuple):
    """Everything about time that a sitting asks for; tests bring their own."""

    now: Callable[[], datetime]
    day: Callable[[datetime], date]
    offset_minutes: Callable[[datetime], int]
    ticks: Callable[[], float]
    """Seconds that only go forward, for durations."""


Tick = Callable[[float], object]
"""Called a few times a second while a command runs, with the seconds since it began."""


class Ready(NamedTuple):
    """Whether what is typed for a card will be run."""

    runs: Literal["yes", "ask", "no"]
    """`ask`: the person has not been asked yet on this machine."""
    why_not: str = ""
    """For `no`: one line for the person; empty where there is nothing to say."""
    cure: str = ""
    """The command that would change it."""


class Verifier(Protocol):
    """Runs what was typed and judges it by its effect."""

    def ready(self, card: Card, shell: str) -> Ready:
        """Whether it would run the card's answer; starts nothing."""
        ...

    def allow(self, *, yes: bool) -> None:
        """The person's answer to the one question of this machine; no is for this sitting alone."""
        ...

    def run(self, card: Card, shell: str, typed: str, tick: Tick) -> Verdict:
        """Runs `typed`; an interrupt ends the command and passes on."""
        ...


class Record(Protocol):
    """Stores what happened."""

    def __call__(self, *events: Event) -> Mapping[CardId, Memory]:
        """Stores the events durably, all or none, then tells the memories that they changed."""
        ...


class Desk(NamedTuple):
    """What a sitting needs from the outside."""

    load: Callable[[CardId], Card]
    look: Callable[[CardId], Memory]
    """What is known of a card now; another terminal may have changed it."""
    record: Record
    new_id: Callable[[datetime], EventId]
    clock: Clock
    scheduler: Scheduler
    device: str
    more: Callable[[frozenset[CardId]], Sequence[CardId]] = lambda _taken: ()
    """Cards beside those taken that a success has just opened: their prerequisites are met now."""
    verifier: Verifier | None = None
    """None: nothing is run, typed text is compared."""
    shell_for: Callable[[Card], str] | None = None
    """The shell in which a card's answer is meant; None: `Options.shell` for every card."""
    usual_ms: Callable[[CardId], int | None] = lambda _card: None
    """How long a right answer to the card took before, in milliseconds; None where too little is known."""
    mistakes: Callable[[CardId], Sequence[tuple[str, int]]] = lambda _card: ()
    """Wrong answers that were typed for the card and how often, the most frequent first."""
    together: Callable[[], AbstractContextManager[object]] = nullcontext
    """Nobody else writes meanwhile: what is looked at inside is still so when it is recorded."""


class LeechRule(NamedTuple):
    """When a card is a leech, and what happens to it."""

    lapses: int = 0
    """0: never."""
    action: Literal["suspend", "flag"] = "suspend"


class Options(NamedTuple):
    """How the person wants this sitting."""

    scale: tuple[Grade, ...] = FOUR_GRADES
    minutes: float | None = None
    idle_seconds: float = 60
    """At most this much of the time spent on one card counts."""
    cram: bool = False
    practice: bool = False
    """One card, again and again: nothing is graded or stored."""
    shell: str = ""
    platform: str = "linux"
    leech: LeechRule = LeechRule()


class Choice(NamedTuple):
    """What one grade would do."""

    grade: Grade
    interval_days: int
    due: date


class Attempt(NamedTuple):
    """A command that was run and did not pass; the question stands again."""

    typed: str
    verdict: Verdict


class Question(NamedTuple):
    """A card, its answer hidden."""

    card: Card
    number: int
    """Its place among the cards of this sitting, from 1; drills do not count again."""
    total: int
    phase: Phase
    overdue_days: int
    drills: int
    """Cards that still have to come back, this one included if it is a drill."""
    flagged: bool
    answer: str
    """The text to type on this platform; empty if the card is answered in the head."""
    notice: str = ""
    """Something the person should know first; one line."""
    shell: str = ""
    """The shell in which the answer is meant; the person's own where the card names none, or empty."""
    ready: Ready = Ready(runs="no")
    """Whether what is typed will be run."""
    attempt: Attempt | None = None
    """The last try, if there was one."""
    tries: int = 0
    """How often a command was run for this card in this sitting."""
    hints: int = 0
    """How many of these tries were answered with a hint."""

    @property
    def typed(self) -> bool:
        """Whether the answer is typed."""
        return bool(self.answer)


class Answer(NamedTuple):
    """The same card, its answer shown, waiting for a grade."""

    question: Question
    choices: tuple[Choice, ...]
    typed: str | None = None
    comparison: "Comparison | None" = None
    """How the text compares; None where the effect was judged, or nothing was typed."""
    verdict: Verdict | None = None
    """What running it showed; None where nothing was run for this answer."""
    suggested: Grade | None = None
    """A machine suggests, the person grades."""


class Done(NamedTuple):
    """The sitting is over, but its last action can still be undone."""

    reason: Literal["finished", "minutes", "quit"]
    reviewed: int
    """Different cards that got a grade."""
    right_at_once: int
    """Of these, how many got 3 or more at the first try."""
    drilled: int
    skipped: int
    took_ms: int
    left: int
    """Cards of this sitting, drills included, that were not finished."""
    notice: str = ""
    """What the last action had for a consequence, where the person should know it; one line."""


View: TypeAlias = Question | Answer | Done
