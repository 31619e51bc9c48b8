"""The append-only log: ids, order, merge, what stands, and events as JSON lines."""

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
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
    Review,
    Setting,
    Undo,
    Unknown,
)

VERSION = 1
MARKS = ("suspend", "resume", "bury", "unbury", "flag", "unflag", "reset", "due", "redact")


# ---------------------------------------------------------------- order


def next_id(at: datetime, after: str, dice: int) -> EventId:
    """An id for an event at `at` that sorts behind `after`, the newest id of this device ("" for none).

    12 hex digits of milliseconds and 20 of `dice` (80 random bits), so that two devices cannot collide.
    """
    milliseconds = int(at.timestamp() * 1000)
    fresh = (milliseconds << 80) | (dice & ((1 << 80) - 1))
    if after and fresh <= int(after, 16):
        fresh = int(after, 16) + 1 + (dice & 0xFFFF)
    return EventId(f"{fresh:032x}")


def order(event: Event) -> tuple[str, str]:
    """The place of an event in the log."""
    return stamp(event.at), event.id


def stamp(at: datetime) -> str:
    """A moment as text that sorts like the moment: UTC, milliseconds, 24 characters."""
    utc = at.astimezone(UTC)
    return f"{utc:%Y-%m-%dT%H:%M:%S}.{utc.microsecond // 1000:03d}Z".rjust(24, "0")


def merge(*logs: Iterable[Event]) -> list[Event]:
    """The union of logs, by id, in order. Commutative, associative, idempotent.

    Should two different events ever carry one id, the one whose line sorts first stays.
    """
    union: dict[EventId, Event] = {}
    for event in (event for log in logs for event in log):
        other = union.get(event.id)
        if other is None or (other != event and to_line(event) < to_line(other)):
            union[event.id] = event
    return sorted(union.values(), key=order)


def standing(events: Iterable[Event]) -> list[Event]:
    """What was not taken back, in order, without the undos themselves. An undo is never undone."""
    ordered = sorted(events, key=order)
    gone = {event.target for event in ordered if isinstance(event, Undo)}
    return [e for e in ordered if not isinstance(e, Undo) and e.id not in gone and e.batch not in gone]



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
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def from_line(line: str, *, ordinal: int = 0) -> Event:
    """The event of one line; raises LineError. Strict about types, lenient about what can be derived.

    `ordinal` tells apart reviews without an id that agree in card, grade and moment.
    """
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise LineError("not a line of JSON") from None
    if not isinstance(fields, dict):
        raise LineError("not a JSON object")
    version = fields.get("v", VERSION)
    if not isinstance(version, int) or version > VERSION:
        raise LineError(f"log version `{version}` is newer than {VERSION}", hint="upgrade cards; nothing was changed")
    read = _Fields(fields, ordinal)
    reader = _READERS.get(read.text("kind", "review"))
    return reader(read) if reader else read.unknown(line)


_NAMES = {"offset_minutes": "offset"}


def _plain(value: Any) -> Any:  # noqa: ANN401  (any field of an event)
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
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
            raise LineError(f"`{name}` is {json.dumps(value)[:40]}, expected {_KINDS[kinds[0]]}")
        return value

    def text(self, name: str, default: Any = ...) -> Any:  # noqa: ANN401
        value = self.take(name, (str,), default)
        if isinstance(value, str) and (len(value) > LONGEST_TEXT or not value.isprintable() and name != "typed"):
            raise LineError(f"`{name}` has characters that do not belong there, or is too long")
        return value

    def count(self, name: str, default: Any = ..., *, most: int = 2**53) -> Any:  # noqa: ANN401
        value = self.take(name, (int,), default)
        if isinstance(value, int) and not -1440 <= value <= most:
            raise LineError(f"`{name}` is {value}, out of range")
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
        text = self.text("day", None)
        if text is None:
            return (at + timedelta(minutes=offset - FOREIGN_DAY_START * 60)).date()
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise LineError(f"`day` is `{text}`, expected a date such as 2026-11-22") from None

    def card(self) -> CardId:
        name = self.text("card")
        if "/" not in name:
            raise LineError(f"`card` is `{name}`, expected deck/id")
        return CardId(name)

    def id(self, *parts: object) -> EventId:
        text = self.text("id", None)
        return EventId(text) if text else _derived_id(parts, self.ordinal)

    def review(self) -> Review:
        at, card = self.moment(), self.card()
        grade = self.count("grade")
        if grade not in range(6):
            raise LineError(f"`grade` is {grade}, expected 0 to 5")
        offset = self.count("offset", 0, most=1440)
        mode = self.text("mode", "scheduled")
        if mode not in MODES:
            raise LineError(f"`mode` is `{mode}`, expected one of {', '.join(MODES)}")
        return Review(
            id=self.id(stamp(at), card, grade),
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
            device=self.text("device", "import"),
            batch=self.text("batch", None),
        )

    def undo(self) -> Undo:
        return Undo(id=EventId(self.text("id")), target=self.text("target"), **self._who())

    def mark(self) -> Mark:
        mark, value = self.text("mark"), self.text("value", None)
        if mark in {"bury", "due"} and not _is_day(value):
            raise LineError(f"`value` is `{value}`, expected a date such as 2026-11-22")
        at, card = self.moment(), self.card()
        identity = self.id(stamp(at), card, mark, value)
        return Mark(id=identity, card=card, mark=mark, value=value, **self._who())

    def baseline(self) -> Baseline:
        state = self.take("state", (dict,))
        identity, card = EventId(self.text("id")), self.card()
        return Baseline(id=identity, card=card, scheduler=self.text("scheduler"), state=state, **self._who())

    def setting(self) -> Setting:
        value = self.take("value", (str, int, float, bool), None)
        identity, name = EventId(self.text("id")), self.text("name")
        return Setting(id=identity, name=name, value=value, deck=self.text("deck", None), **self._who())

    def unknown(self, line: str) -> Unknown:
        card = self.text("card", None)
        identity, kind = EventId(self.text("id")), self.text("kind")
        return Unknown(id=identity, kind=kind, line=line.strip(), card=card and CardId(card), **self._who())

    def _who(self) -> dict[str, Any]:
        return {"at": self.moment(), "device": self.text("device", "import"), "batch": self.text("batch", None)}


LONGEST_TEXT = 100_000
"""Characters of one field; a typed answer is a line, not a book."""
FOREIGN_DAY_START = 4
"""The hour at which a study day begins for events that do not say their day."""
_KINDS = {str: "text", int: "a whole number", dict: "an object"}
_READERS = {
    "review": _Fields.review,
    "undo": _Fields.undo,
    "mark": _Fields.mark,
    "baseline": _Fields.baseline,
    "setting": _Fields.setting,
}


def _is_day(text: str | None) -> bool:
    try:
        return bool(date.fromisoformat(text or ""))
    except ValueError:
        return False


def _derived_id(parts: tuple[object, ...], ordinal: int) -> EventId:
    """The id of an event that came without one: the same line gives the same id, so import twice is once."""
    from hashlib import sha256  # 3 ms of OpenSSL, and only foreign lines need it

    text = "\n".join(map(str, (*parts, ordinal)))
    return EventId(sha256(text.encode()).hexdigest()[:32])
