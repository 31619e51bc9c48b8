"""The nouns: cards, decks, grades, the events of the log, what is remembered of a card.

All of them are frozen and do no input or output. They are named tuples and
not dataclasses because the first question must be on screen in a blink:
defining one costs 0.09 ms here, a frozen slotted dataclass 0.6 ms.
They are always built with keywords.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any, Literal, NamedTuple, NewType, Protocol, TypeAlias

CardId = NewType("CardId", str)
"""`deck/id`; cards made from another carry a suffix: `venv/create~reverse`, `venv/layout~c1`."""

EventId = NewType("EventId", str)
"""32 hex digits: milliseconds since 1970, then randomness; monotonic within a store."""

Kind = Literal["basic", "typed", "cloze", "reverse"]
Mode = Literal["scheduled", "drill", "cram", "imported"]
MODES: tuple[Mode, ...] = ("scheduled", "drill", "cram", "imported")
PLATFORMS = ("linux", "macos", "windows")
SHELLS = ("bash", "zsh", "sh", "fish", "pwsh", "cmd")
SHELL_FAMILIES: Mapping[str, str] = MappingProxyType(
    {"bash": "posix", "zsh": "posix", "sh": "posix", "dash": "posix", "ksh": "posix"}
)
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Grade(IntEnum):
    """SM-2's quality of response (Wozniak 1990, 3.2 step 4). Stored: never renumber."""

    BLACKOUT, WRONG, NEARLY, HARD, GOOD, EASY = range(6)


FOUR_GRADES = (Grade.WRONG, Grade.HARD, Grade.GOOD, Grade.EASY)
GRADE_NAMES: Mapping[Grade, str] = MappingProxyType(
    {
        Grade.BLACKOUT: "blackout",
        Grade.WRONG: "again",
        Grade.NEARLY: "nearly",
        Grade.HARD: "hard",
        Grade.GOOD: "good",
        Grade.EASY: "easy",
    }
)


class Problem(NamedTuple):
    """One thing that is wrong in a person's file. Lines and columns count from 1."""

    path: str
    line: int
    column: int
    message: str
    hint: str = ""
    excerpt: str = ""
    """The line of the file, cut to a readable length."""
    caret: int = 0
    """Where the fault starts in the excerpt, in display cells."""
    width: int = 1
    """How many cells the fault is wide."""

    @classmethod
    def of_file(cls, path: str, message: str, hint: str = "") -> "Problem":
        """One of a whole file."""
        return cls(path=path, line=1, column=1, message=message, hint=hint)


class Card(NamedTuple):
    """One question. `answer`, `accept` and `wrong` are keyed by shell, shell family or platform; "" is everywhere."""

    id: CardId
    deck: str
    note: CardId
    """What siblings share: `deck/id` without a suffix."""
    kind: Kind
    front: str
    back: str = ""
    answer: Mapping[str, str] = NOTHING
    """Not empty: the answer is typed."""
    accept: Mapping[str, tuple[str, ...]] = NOTHING
    wrong: Mapping[str, tuple[str, ...]] = NOTHING
    explain: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    after: tuple[CardId, ...] = ()
    platform: tuple[str, ...] = ()
    """Where it is asked at all; empty means everywhere."""
    run: Mapping[str, Any] | None = None
    rev: int = 1
    was: tuple[str, ...] = ()
    line: int = 0


class Deck(NamedTuple):
    """The cards of one file, in the order of the file."""

    id: str
    title: str = ""
    tags: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    cards: tuple[Card, ...] = ()
    path: str = ""


class Finding(NamedTuple):
    """What one check found."""

    ok: bool | None
    """None: it could not be seen, since the shell that knew it is gone."""
    says: str
    """What holds, or what does not, in the learner's terms."""
    expected: str = ""
    found: str = ""


class Verdict(NamedTuple):
    """What running a command showed. The texts come from inside the sandbox: untrusted, bounded."""

    kind: Literal["pass", "fail", "cannot"]
    """`cannot`: nothing can be said on this machine; never the learner's fault, and no schedule moves for it."""
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    """Why it failed as a whole (`stopped after 10 s`), or why nothing can be said."""
    cure: str = ""
    """What would make it possible here."""
    hints: tuple[str, ...] = ()
    """What the deck says about a slip like this one."""
    notes: tuple[str, ...] = ()
    """What was done differently from a bare shell: `pip was unpacked from the wheel …`."""
    output: str = ""
    """What the command printed, standard output and errors as they came, cut."""
    exit_code: int | None = None
    """None: the shell was lost before it could say."""
    took_ms: int = 0
    level: str = ""
    """How well it was contained: `strong`, `good`, `weak`; from the probe."""
    shell: str = ""


class Review(NamedTuple):
    """An answer was graded."""

    id: EventId
    card: CardId
    grade: Grade
    at: datetime
    """Aware, UTC."""
    offset_minutes: int
    """Minutes east of UTC where the person was."""
    day: date
    """The study day it counts for; stored, so that travel never rewrites history."""
    mode: Mode = "scheduled"
    took_ms: int | None = None
    verdict: str | None = None
    tries: int | None = None
    hints: int | None = None
    typed: str | None = None
    device: str = "import"
    batch: str | None = None


class Undo(NamedTuple):
    """Takes back one event, or a whole batch."""

    id: EventId
    target: str
    at: datetime
    device: str
    batch: str | None = None


class Mark(NamedTuple):
    """A card was suspended, buried, flagged, reset … See `log.MARKS`.

    `was`: the card took over the history of `value`, the id that it had before.
    """

    id: EventId
    card: CardId
    mark: str
    at: datetime
    device: str
    value: str | None = None
    batch: str | None = None


class Baseline(NamedTuple):
    """A state that was brought from elsewhere; replay starts from it."""

    id: EventId
    card: CardId
    scheduler: str
    state: Mapping[str, Any]
    at: datetime
    device: str
    batch: str | None = None


class Setting(NamedTuple):
    """A setting that scheduling depends on; it travels in the log. `deck` is None for all decks."""

    id: EventId
    name: str
    value: str | int | float | bool | None
    at: datetime
    device: str
    deck: str | None = None
    batch: str | None = None


class Restore(NamedTuple):
    """The log was brought to another state, as one action; see `union.gone`."""

    id: EventId
    takes: tuple[EventId, ...]
    """While it stands, these are taken back; an undo among them no longer counts."""
    brings: tuple[EventId, ...]
    """What came with it: taken back once it is itself taken back."""
    at: datetime
    device: str
    batch: str | None = None


class Unknown(NamedTuple):
    """An event of a kind that this version does not know: kept and passed on verbatim."""

    id: EventId
    kind: str
    at: datetime
    device: str
    line: str
    card: CardId | None = None
    batch: str | None = None


Event: TypeAlias = Review | Undo | Mark | Baseline | Setting | Restore | Unknown


class Sm2State(NamedTuple):
    """What SM-2 remembers of a card that was graded at least once."""

    repetitions: int
    """Successes in a row: n of the text."""
    ease_hundredths: int
    """The E-factor times 100: exact, since every change is a whole number of hundredths."""
    interval_days: int
    due: date
    lapses: int = 0
    """Failures after a success."""


class Memory(NamedTuple):
    """All that the log says about one card: the fold of its standing events."""

    card: CardId
    state: Sm2State | None = None
    """None: new, or reset."""
    reviews: int = 0
    """Scheduled and imported reviews."""
    last_at: datetime | None = None
    """The last review that counted."""
    last_day: date | None = None
    """Its study day."""
    first_day: date | None = None
    """The study day on which the card was new; `date.min` if it was learnt elsewhere."""
    passed: bool = False
    """It once had a grade of 3 or more."""
    drill: date | None = None
    """The study day on which it still has to come back."""
    suspended: bool = False
    buried_until: date | None = None
    """The first study day on which it is asked again."""
    flagged: bool = False
    rev: int = 1
    """The revision of the card for which it last started anew."""
    order: tuple[str, str] = ("", "")
    """(at, id) of the last event in the fold."""


class Scheduler(Protocol):
    """Decides the day a card comes back. Pure: time, day and dice are arguments."""

    @property
    def name(self) -> str:
        """The name under which baselines and settings know it."""
        ...

    def step(self, state: Sm2State | None, grade: Grade, at: datetime, day: date, salt: str) -> Sm2State:
        """The state after `grade` on study day `day`; `salt` seeds the fuzz."""
        ...

    def recall(self, state: Sm2State, day: date) -> float:
        """The probability, 0 to 1, that the card is remembered on study day `day`."""
        ...


def pick(variants: Mapping[str, Any], shell: str, platform: str) -> Any:  # noqa: ANN401  (str or tuple of str)
    """The variant for this shell, its family, this platform, or everywhere; None if there is none."""
    for key in (shell, SHELL_FAMILIES.get(shell, ""), platform):
        if key and key in variants:
            return variants[key]
    return variants.get("")


def is_leech(lapses: int, threshold: int) -> bool:
    """Whether a card with so many lapses is one; a threshold of 0 knows none."""
    return 0 < threshold <= lapses
