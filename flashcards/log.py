"""The append-only log: ids, order, and events as JSON lines. What a set of events comes to is in `union`."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from math import isfinite
from sys import intern
from typing import Any

from flashcards.errors import CardsError
from flashcards.model import (
    MODES,
    Baseline,
    CardId,
    Event,
    EventId,
    Grade,
    Mark,
    Restore,
    Review,
    Setting,
    Undo,
    Unknown,
)

VERSION = 1
ID_DIGITS = 32
STEP = (1 << 64) - 1
STAMP = 24
"""Characters of `2026-11-22T18:03:11.412Z`."""
LAST_ID = (1 << 4 * ID_DIGITS) - 1 - STEP
"""Behind it no further id of 32 digits is sure to be found; only a made-up one stands there."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MARKS = ("suspend", "resume", "bury", "unbury", "flag", "unflag", "reset", "due", "redact", "was")


# ---------------------------------------------------------------- order


def next_id(at: datetime, after: str, dice: int) -> EventId:
    """An id for an event at `at` that sorts behind `after`, the newest id of this device ("" for none).

    12 hex digits of milliseconds and 20 of `dice` (80 random bits), so that two devices cannot collide.
    """
    milliseconds = max((at - EPOCH) // timedelta(milliseconds=1), 0)
    fresh = (milliseconds << 80) | (dice & ((1 << 80) - 1))
    newest = _number(after)
    if fresh <= newest < LAST_ID:
        fresh = newest + 1 + (dice & STEP)  # with dice: two processes may stand behind the same newest id
    return EventId(f"{fresh:032x}")


def ids_from(first: EventId, at: datetime) -> Iterator[EventId]:
    """`first`, and the ids of what is done with it at `at`, each behind the one before."""
    while True:
        yield first
        first = next_id(at, first, 0)


def is_ours(identity: str) -> bool:
    """Whether an id, or a batch, is one of this program, so that nobody ever makes up the same."""
    return _number(identity) > 0


def _number(event: str) -> int:
    """An id as a number; 0 for one that is not ours to continue."""
    try:
        return int(event, 16) if len(event) == ID_DIGITS else 0
    except ValueError:
        return 0


def order(event: Event) -> tuple[str, str]:
    """The place of an event in the log."""
    return stamp(event.at), event.id


def stamp(at: datetime) -> str:
    """A moment as text that sorts like the moment: UTC, milliseconds, 24 characters."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return at.isoformat("T", "milliseconds")[: STAMP - 1] + "Z"


def not_before(at: datetime, last: str) -> datetime:
    """`at`, or one millisecond behind the stamp `last` if that is later.

    A clock that ran ahead must not make what a person does now stand before what it undoes.
    """
    if stamp(at) >= last:
        return at
    try:
        return datetime.fromisoformat(last) + timedelta(milliseconds=1)
    except OverflowError:
        return at


REV_DIGITS = 6
"""A revision is 999,999 at most."""


def revision(value: str | None) -> int | None:
    """The revision that a reset names; None if it names none."""
    value = value or ""
    return int(value) if len(value) <= REV_DIGITS and value.isascii() and value.isdecimal() else None


# ---------------------------------------------------------------- JSON lines


class LineError(CardsError):
    """A line of a log makes no sense."""


def to_line(event: Event) -> str:
    """The event as one line of JSON, without the line end (log format, version 1)."""
    if isinstance(event, Unknown):
        return event.line
    fields: dict[str, Any] = {"v": VERSION, "id": event.id, "kind": type(event).__name__.lower()}
    for name, value in zip(event._fields[1:], event[1:], strict=True):
        if value is not None:
            fields[_NAMES.get(name, name)] = _plain(value)
    return compact(fields)


def from_line(line: str, *, ordinal: int = 0) -> Event:
    """The event of one line; raises LineError. Strict about types, lenient about what can be derived.

    `ordinal` tells apart reviews without an id that agree in card, grade and moment.
    """
    try:
        fields = _DECODER.decode(line)
    except (ValueError, RecursionError):
        raise LineError("not a line of JSON") from None
    if not isinstance(fields, dict):
        raise LineError("not a JSON object")
    read = _Fields(fields, ordinal)
    version = read.count("v", VERSION, least=1)
    if version > VERSION:
        raise LineError(f"log version `{version}` is newer than {VERSION}", hint="upgrade cards; nothing was changed")
    reader = _READERS.get(read.text("kind", "review"))
    return reader(read) if reader else read.unknown(line)


_NAMES = {"offset_minutes": "offset"}
compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as JSON without blanks; made once, since `json.dumps` makes an encoder each time."""
LONGEST_TEXT = 100_000
"""Characters of one field; a typed answer is a line, not a book."""
LONGEST_ID = 1_000
MOST_IDS = 1_000
"""Of one `restore`; what concerns more events is a batch of several."""
LARGEST_NUMBER = 2**53
"""Beyond it, other readers of JSON lose digits."""
DEEPEST_STATE = 8
"""Levels of lists and objects in the state of a baseline."""
FARTHEST_OFFSET = 1439
"""Minutes; an offset of a whole day is none."""
FARTHEST_DAY = 2
"""Days between a moment in UTC and its study day: 14 hours of zone and up to a day of `day_start`."""
FOREIGN_DAY_START = 4
"""The hour at which a study day begins for events that do not say their day."""
LEAST_EASE, LARGEST_EASE, LONGEST_INTERVAL = 1.3, 10_000, 36_500
"""What a baseline for SM-2 may bring: factors, and days."""


def _plain(value: Any) -> Any:  # noqa: ANN401  (any field of an event)
    if isinstance(value, date):
        return stamp(value) if isinstance(value, datetime) else value.isoformat()
    return int(value) if isinstance(value, Grade) else value


class _Fields:
    """The fields of one line, each taken with its type checked."""

    def __init__(self, fields: dict[str, Any], ordinal: int) -> None:
        self.fields = fields
        self.ordinal = ordinal

    def take(self, name: str, kinds: tuple[type, ...], default: Any = ...) -> Any:  # noqa: ANN401
        value = self.fields.get(name)
        if value is None:
            if default is ...:
                raise LineError(f"`{name}` is missing")
            return default
        if not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds):
            raise LineError(f"`{name}` is {_shown(value)}, expected {_KINDS[kinds]}")
        return value

    def text(self, name: str, default: Any = ...) -> Any:  # noqa: ANN401
        value = self.take(name, (str,), default)
        if isinstance(value, str):
            fits = value.isprintable() or (name == "typed" and _encodes(value))
            if not fits or len(value) > LONGEST_TEXT:
                raise LineError(f"`{name}` has characters that do not belong there, or is too long")
        return value

    def count(self, name: str, default: Any = ..., *, least: int = 0, most: int = LARGEST_NUMBER) -> Any:  # noqa: ANN401
        value = self.take(name, (int,), default)
        if isinstance(value, int) and not least <= value <= most:
            raise LineError(f"`{name}` is {_shown(value)}, out of range")
        return value

    def moment(self) -> datetime:
        text = self.text("at")
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            raise LineError(f"`at` is `{text}`, expected a moment such as 2026-11-22T18:03:11.412Z") from None
        if at.tzinfo is None:
            raise LineError(f"`at` is `{text}`, which has no offset", hint="add Z for UTC")
        try:
            utc = at.astimezone(UTC)
        except OverflowError:
            raise LineError(f"`at` is `{text}`, beyond the calendar") from None
        return utc.replace(microsecond=utc.microsecond // 1000 * 1000)

    def day(self, at: datetime, offset: int) -> date:
        if self.fields.get("day") is not None:
            day = self.calendar_day("day")
            if abs((day - at.date()).days) > FARTHEST_DAY:
                raise LineError(f"`day` is `{day}`, far from `at`", hint="at most two days lie between them")
            return day
        try:
            return (at + timedelta(minutes=offset - FOREIGN_DAY_START * 60)).date()
        except OverflowError:
            raise LineError(f"`at` is `{stamp(at)}`, beyond the calendar") from None

    def calendar_day(self, name: str) -> date:
        text = self.text(name)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise LineError(f"`{name}` is `{text}`, expected a date such as 2026-11-22") from None

    def card(self) -> CardId:
        name = self.text("card")
        if "/" not in name:
            raise LineError(f"`card` is `{name}`, expected deck/id")
        return CardId(intern(name))  # many lines say it, and it is kept once

    def id(self, at: datetime | None = None, *parts: object) -> EventId:
        """The id of the line, or where a moment is given, one derived from it and `parts`."""
        text = self.text("id", None)
        if text:
            return EventId(text)
        if at is None:
            raise LineError("`id` is missing")
        return _derived_id(at, parts, self.ordinal)

    def review(self) -> Review:
        at, card = self.moment(), self.card()
        grade = self.take("grade", (int,))
        if grade not in range(6):
            raise LineError(f"`grade` is {_shown(grade)}, expected 0 to 5")
        offset = self.count("offset", 0, least=-FARTHEST_OFFSET, most=FARTHEST_OFFSET)
        mode: Any = intern(self.text("mode", "scheduled"))
        if mode not in MODES:
            raise LineError(f"`mode` is `{mode}`, expected one of {', '.join(MODES)}")
        return Review(
            id=self.id(at, card, int(grade)),
            card=card,
            grade=Grade(grade),
            at=at,
            offset_minutes=offset,
            day=self.day(at, offset),
            mode=mode,
            took_ms=self.count("took_ms", None),
            verdict=self.text("verdict", None),
            tries=self.count("tries", None),
            hints=self.count("hints", None),
            typed=self.text("typed", None),
            device=intern(self.text("device", "import")),
            batch=self.text("batch", None) or None,
        )

    def undo(self) -> Undo:
        return Undo(id=self.id(), target=self.text("target"), **self._who())

    def mark(self) -> Mark:
        mark, value = self.text("mark"), self.text("value", None)
        if mark in {"bury", "due"}:
            self.calendar_day("value")
        if mark == "was" and "/" not in self.text("value"):
            raise LineError(f"`value` is `{value}`, expected deck/id")
        at, card = self.moment(), self.card()
        identity = self.id(at, card, mark, value)
        return Mark(id=identity, card=card, mark=mark, value=value, **self._who())

    def baseline(self) -> Baseline:
        state, scheduler = self.take("state", (dict,)), self.text("scheduler")
        if not _sound(state):
            raise LineError("`state` is nested too deep, or has values that do not belong there")
        if scheduler == "sm2":
            _Fields(state, 0).sm2_state()
        return Baseline(id=self.id(), card=self.card(), scheduler=scheduler, state=state, **self._who())

    def sm2_state(self) -> None:
        """Check the state of a baseline for SM-2: replay trusts it."""
        self.count("repetitions")
        self.count("interval_days", least=1, most=LONGEST_INTERVAL)
        self.count("lapses", 0)
        self.calendar_day("due")
        ease = self.take("ease", (int, float))
        if not LEAST_EASE <= ease <= LARGEST_EASE:
            raise LineError(f"`ease` is {_shown(ease)}, expected {LEAST_EASE} or more")

    def setting(self) -> Setting:
        value = self.take("value", (str, int, float, bool), None)
        if not _sound(value):
            raise LineError(f"`value` is {_shown(value)}, which is too much for a setting")
        return Setting(id=self.id(), name=self.text("name"), value=value, deck=self.text("deck", None), **self._who())

    def unknown(self, line: str) -> Unknown:
        line = line.strip()
        if "\n" in line or "\r" in line or not _encodes(line):
            raise LineError("not one line of text")
        card = self.text("card", None)
        return Unknown(id=self.id(), kind=self.text("kind"), line=line, card=card and CardId(card), **self._who())

    def restore(self) -> Restore:
        return Restore(id=self.id(), takes=self.ids("takes"), brings=self.ids("brings"), **self._who())

    def ids(self, name: str) -> tuple[EventId, ...]:
        """A list of ids; none where it is left out."""
        found = self.take(name, (list,), [])
        if len(found) > MOST_IDS:
            raise LineError(f"`{name}` has {len(found)} ids, at most {MOST_IDS} belong in one event")
        if not all(isinstance(one, str) and one.isprintable() and len(one) <= LONGEST_ID for one in found):
            raise LineError(f"`{name}` is not a list of ids")
        return tuple(map(EventId, found))

    def _who(self) -> dict[str, Any]:
        batch = self.text("batch", None) or None
        return {"at": self.moment(), "device": self.text("device", "import"), "batch": batch}


_KINDS: dict[tuple[type, ...], str] = {
    (str,): "text",
    (int,): "a whole number",
    (int, float): "a number",
    (dict,): "an object",
    (list,): "a list",
    (str, int, float, bool): "text, a number, true or false",
}
_READERS: dict[str, Callable[[_Fields], Event]] = {
    "review": _Fields.review,
    "undo": _Fields.undo,
    "mark": _Fields.mark,
    "baseline": _Fields.baseline,
    "setting": _Fields.setting,
    "restore": _Fields.restore,
}


def _shown(value: Any) -> str:  # noqa: ANN401  (any JSON)
    """A value as an error names it: short, and never walked into."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    return json.dumps(value)[:40]


def _sound(value: Any, deepest: int = DEEPEST_STATE) -> bool:  # noqa: ANN401  (any JSON)
    """Whether a JSON value can be kept and written again: not too long, large or deep, no halves of characters."""
    if isinstance(value, str):
        return len(value) <= LONGEST_TEXT and _encodes(value)
    if isinstance(value, dict):
        value = [*value, *value.values()]
    if isinstance(value, list):
        return deepest > 0 and all(_sound(item, deepest - 1) for item in value)
    return not isinstance(value, int) or abs(value) <= LARGEST_NUMBER


def _encodes(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _finite(digits: str) -> float:
    """A float of JSON; infinity and NaN, which JSON does not have, are refused."""
    number = float(digits)
    if not isfinite(number):
        raise ValueError(digits)
    return number


_DECODER = json.JSONDecoder(parse_float=_finite, parse_constant=_finite)


def _derived_id(at: datetime, parts: tuple[object, ...], ordinal: int) -> EventId:
    """The id of an event that came without one: the same line gives the same id, so import twice is once."""
    from hashlib import sha256  # 3 ms of OpenSSL, and only foreign lines need it

    text = "\n".join(map(str, (stamp(at), *parts, ordinal)))
    dice = int.from_bytes(sha256(text.encode()).digest()[:10], "big")
    return next_id(at, "", dice)
