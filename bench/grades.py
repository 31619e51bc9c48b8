"""One durable grade against the bare SQL that no program can do without."""

import sqlite3
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from bench.measure import Timer, call
from flashcards.log import next_id
from flashcards.model import CardId, Grade, Review
from flashcards.store import Store


def durable(path: Path) -> Timer:
    """A review appended to the store at `path`: the event and what follows from it are on disk."""
    store = Store(path)
    start = datetime(2026, 11, 22, 18, tzinfo=UTC)
    numbers = count()

    def grade() -> None:
        number = next(numbers)
        at = start + timedelta(seconds=number)
        review = Review(
            id=next_id(at, "", number),
            card=CardId(f"house-0/door-{1000 + number}"),
            grade=Grade.GOOD,
            at=at,
            offset_minutes=60,
            day=at.date(),
            took_ms=5310,
            typed="open --door 1 --house house-0",
            device="bench",
        )
        store.append([review])

    return call(grade)


def bare(path: Path) -> Timer:
    """An insert, an update and a durable commit by hand."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("pragma journal_mode = wal")
    connection.execute("pragma synchronous = full")
    connection.execute("create table events (id text primary key, line text) strict")
    connection.execute("create table memory (card text primary key, line text) strict")
    connection.executemany("insert into memory values (?, '')", [[f"card-{number}"] for number in range(10_000)])
    numbers = count()

    def grade() -> None:
        number = next(numbers)
        line = "x" * 300
        connection.execute("begin immediate")
        connection.execute("insert into events values (?, ?)", [f"{number:032x}", line])
        connection.execute("update memory set line = ? where card = ?", [line, f"card-{number}"])
        connection.execute("commit")

    return call(grade)
