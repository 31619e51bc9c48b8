"""Whether a home is sound: the file opens, the log is whole, and all that is derived equals a replay of it."""

import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from homes import opened

from flashcards.log import from_line
from flashcards.store.answers import Answers

LIVING = ("cards", "memory", "renames", "aliases")
UNEVEN = re.compile(r'"took_ms":[0-9]+,')
"""What differs from run to run."""
COUNTED = ("answered", "tally", "effort")


class State(NamedTuple):
    """What a home knows: the log, line by line behind its ids, and what each deck says."""

    log: tuple[str, ...] = ()
    decks: tuple[tuple[str, str, str], ...] = ()
    cards: tuple[tuple[str, str, int], ...] = ()


def state(home: Path) -> State:
    """What the database of a home holds, after a look whether it is sound; raises AssertionError."""
    path = home / "cards.db"
    if not path.exists():
        return State()
    with closing(sqlite3.connect(path)) as connection:
        assert [("ok",)] == connection.execute("pragma quick_check").fetchall()
        assert [] == connection.execute("pragma foreign_key_check").fetchall()
        tables = {name for (name,) in connection.execute("select name from sqlite_master")}
        if "cards" not in tables:
            return State(tuple(_log(connection)) if "events" in tables else ())
        decks = connection.execute("select deck, path, hash from decks order by deck").fetchall()
        cards = connection.execute("select card, content, retired from cards order by card").fetchall()
        return State(tuple(_log(connection)), tuple(decks), tuple(cards))


def _log(connection: sqlite3.Connection) -> Iterator[str]:
    """The log; every line of it can be read and says what its row says."""
    rows = connection.execute("select id, card, device, batch, line from events order by id").fetchall()
    for identity, card, device, batch, line in rows:
        event = from_line(line)
        assert (identity, card, device, batch) == (event.id, getattr(event, "card", None), event.device, event.batch)
        yield f"{identity} {UNEVEN.sub('', line)}"


def check_derived(home: Path, scratch: Path) -> None:
    """Every derived table is what a new one made from the log and the decks would be; looks at a copy."""
    copy = scratch / "copy"
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for one in home.glob("cards.db*"):
        shutil.copy2(one, copy)
    if not (copy / "cards.db").exists():
        return
    counted = _counted(copy)  # it opens the store, which goes on with what a kill has cut off
    found = _tables(copy, LIVING)
    with closing(sqlite3.connect(copy / "cards.db")) as connection:
        if {"meta", "decks"} <= {name for (name,) in connection.execute("select name from sqlite_master")}:
            connection.execute("update meta set value = '0' where name = 'derived'")
            connection.commit()
    again = _counted(copy)

    assert found == _tables(copy, LIVING)
    assert counted == again


def _counted(home: Path) -> list[list[tuple[Any, ...]]]:
    """The counts of the statistics, brought up to date."""
    with opened(home) as app:
        assert app.store.meta("derived")
    with closing(Answers(home / "cards.db")) as answers:
        answers.count_answers()
    return _tables(home, COUNTED)


def _tables(home: Path, names: tuple[str, ...]) -> list[list[tuple[Any, ...]]]:
    with closing(sqlite3.connect(home / "cards.db")) as connection:
        known = {name for (name,) in connection.execute("select name from sqlite_master")}
        if not known.issuperset(names):
            return []
        found = []
        for name in names:
            columns = [row[1] for row in connection.execute(f"pragma table_info({name})") if row[1] != "place"]
            columns += ["place"] if name == "answered" else []
            there = "where not retired" if name == "cards" else ""  # a card that left its deck is in no text
            found.append(sorted(connection.execute(f"select {', '.join(columns)} from {name} {there}"), key=repr))
        return found
