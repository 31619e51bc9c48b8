"""The derived tables: the card index and the memories. Dropped and rebuilt, never migrated."""

import json
import sqlite3
from datetime import date, datetime
from typing import Any

from flashcards.log import stamp
from flashcards.model import Card, CardId, Memory, Sm2State
from flashcards.store import search

VERSION = "11"
"""Raise it with every change of the tables below; an older store is rebuilt when it is opened."""

TABLES = (
    "cards",
    "memory",
    "gone",
    "restored",
    "renames",
    "redacts",
    "aliases",
    "answered",
    "tally",
    "effort",
    "stale",
)

COUNTS = (
    "reviews",
    "right",
    "new",
    "recalled",
    "extra",
    "took_ms",
    "relearned",
    "mature",
    "mature_recalled",
    "hard",
    "easy",
)
"""The fields of `stats.DayCount`, which the first question does not wait for."""
_COUNTS = ", ".join(f'"{name}" integer not null' for name in COUNTS)

SCHEMA = (
    """
    create table cards (
        card text primary key,
        deck text not null,
        place integer not null,
        retired integer not null,
        content text not null,
        platform text,
        due text,
        away integer not null,
        buried_until text,
        known integer not null,
        repetitions integer,
        ease integer,
        interval integer,
        lapses integer,
        tags text
    ) strict
    """,
    # It holds all that counting the due cards asks for, so that a long backlog costs no look at the cards.
    """
    create index cards_due on cards (due, place, deck, platform, buried_until)
    where due is not null and not retired and not away
    """,
    "create index cards_new on cards (place, deck, buried_until) where due is null and not retired and not away",
    # It holds all that the statistics ask of cards, so that they need not look at their texts.
    """
    create index cards_deck on cards
    (deck, retired, place, known, due, away, interval, ease, lapses, tags, buried_until)
    """,
    """
    create table memory (
        card text not null,
        scheduler text not null,
        state text,
        reviews integer not null,
        last_at text,
        last_day text,
        first_day text,
        passed integer not null,
        drill text,
        suspended integer not null,
        buried_until text,
        flagged integer not null,
        rev integer not null,
        at text not null,
        event text not null,
        primary key (card, scheduler)
    ) strict, without rowid
    """,
    # The ids of events and batches that are taken back.
    "create table gone (name text primary key) strict, without rowid",
    # What restores name: an undo among that may not count, so that it cannot simply be added to what is gone.
    "create table restored (name text primary key) strict, without rowid",
    # Every mark that carries a history over, standing or not, so that an undo need not search the log.
    """
    create table renames (
        event text primary key,
        card text not null,
        old text not null,
        at text not null,
        batch text
    ) strict, without rowid
    """,
    "create index renames_batch on renames (batch) where batch is not null",
    # Every mark that takes a text out of the log, so that an event that comes after it is met without its text.
    """
    create table redacts (
        event text primary key,
        card text not null,
        value text,
        at text not null
    ) strict, without rowid
    """,
    "create index redacts_value on redacts (value) where value is not null",
    "create table aliases (old text primary key, card text not null) strict, without rowid",
    "create index aliases_card on aliases (card)",
    "create index memory_day on memory (last_day)",
    "create index memory_drill on memory (drill) where drill is not null",
    # What every review was, and the sums of it by hour and by card; empty until somebody looks at the statistics.
    """
    create table answered (
        card text not null,
        place integer not null,
        day integer not null,
        hour integer not null,
        kind integer not null,
        relearned integer not null,
        grade integer not null,
        took_ms integer not null,
        verdict text,
        tries integer,
        hints integer,
        typed text,
        primary key (card, place)
    ) strict, without rowid
    """,
    "create index answered_verdict on answered (verdict, tries, hints, kind, day, card) where verdict is not null",
    "create index answered_typed on answered (card, typed, day) where typed is not null",
    f"""
    create table tally (
        day integer not null, deck text not null, hour integer not null, {_COUNTS},
        primary key (day, deck, hour)
    ) strict, without rowid
    """,
    f"create table effort (card text primary key, {_COUNTS}) strict, without rowid",
    # The cards that events have named since they were counted.
    "create table stale (card text primary key) strict, without rowid",
)
COUNTED = "answered"
"""The fact in `meta` that says whether the last four tables are filled."""
DONE = "done"
"""Its value when they are; while somebody counts everything, it names who."""


def create(connection: sqlite3.Connection) -> None:
    """Drops and creates the derived tables; the caller fills them again."""
    for table in TABLES:
        connection.execute(f"drop table if exists {table}")
    for statement in SCHEMA:
        connection.execute(statement)
    search.create(connection)
    connection.execute("delete from meta where name = ?", [COUNTED])
    connection.execute("insert or replace into meta (name, value) values ('derived', ?)", [VERSION])


MEMORY_COLUMNS = (
    "card, state, reviews, last_at, last_day, first_day, passed, drill, suspended, buried_until, flagged, rev"
)


def memory_row(memory: Memory, scheduler: str) -> tuple[Any, ...]:
    """A memory as the row of its table."""
    return (
        memory.card,
        scheduler,
        _state_text(memory.state),
        memory.reviews,
        memory.last_at and stamp(memory.last_at),
        _iso(memory.last_day),
        _iso(memory.first_day),
        int(memory.passed),
        _iso(memory.drill),
        int(memory.suspended),
        _iso(memory.buried_until),
        int(memory.flagged),
        memory.rev,
        *memory.order,
    )


COMES = "max(due, coalesce(buried_until, ''))"
"""The day on which a card is asked again as things stand: one that is buried waits until it is back."""
SCHEDULE = "due = ?, known = ?, repetitions = ?, ease = ?, interval = ?, lapses = ?"
"""The columns of `cards` that repeat a schedule: what is due and how far cards are is asked of them alone."""


def schedule_row(state: Sm2State | None) -> tuple[Any, ...]:
    """The values for `SCHEDULE`."""
    if state is None:
        return None, 0, None, None, None, None
    repetitions, ease, interval, due, lapses = state
    return due.isoformat(), int(repetitions > 0), repetitions, ease, interval, lapses


def memory_from(row: tuple[Any, ...]) -> Memory:
    """The memory of a row with `MEMORY_COLUMNS, at, event`."""
    card, state, reviews, last_at, last_day, first_day, passed, drill, suspended, buried, flagged, rev, at, event = row
    return Memory(
        card=CardId(card),
        state=_state(state),
        reviews=reviews,
        last_at=datetime.fromisoformat(last_at) if last_at else None,
        last_day=_day(last_day),
        first_day=_day(first_day),
        passed=bool(passed),
        drill=_day(drill),
        suspended=bool(suspended),
        buried_until=_day(buried),
        flagged=bool(flagged),
        rev=rev,
        order=(at, event),
    )


def card_text(card: Card) -> str:
    """A card's content as text; equal cards give equal texts, wherever they stand in the file."""
    return _JSON.encode({name: value for name, value in zip(_SAID, card, strict=False) if value or name in _ALWAYS})


def card_from(content: str) -> Card:
    """The card of `card_text`."""
    fields = json.loads(content)
    for name in ("tags", "after", "platform", "was"):
        fields[name] = tuple(fields.get(name, ()))
    fields["explain"] = tuple((word, text) for word, text in fields.get("explain", ()))
    for name in ("accept", "wrong"):
        fields[name] = {key: tuple(texts) for key, texts in fields.get(name, {}).items()}
    return Card(**fields)


_SAID = Card._fields[: Card._fields.index("line")]
"""All but the place in the file, which stands last."""
_ALWAYS = {*Card._fields} - {*Card._field_defaults} | {"answer", "accept", "wrong"}
"""What is written even if there is nothing in it."""
_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=dict)
"""Made once: `json.dumps` makes one each time. Only mappings that cannot be changed come to `default`."""


def _state_text(state: Sm2State | None) -> str | None:
    if state is None:
        return None
    repetitions, ease, interval, due, lapses = state
    return (
        f'{{"repetitions": {repetitions}, "ease_hundredths": {ease}, "interval_days": {interval}, '
        f'"due": "{due.isoformat()}", "lapses": {lapses}}}'
    )


def _state(text: str | None) -> Sm2State | None:
    if text is None:
        return None
    fields = json.loads(text)
    fields["due"] = date.fromisoformat(fields["due"])
    return Sm2State(**fields)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
