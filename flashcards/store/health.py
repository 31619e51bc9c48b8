"""A look at a database that changes nothing, whatever state it is in: is it whole, does its log make sense."""

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

from flashcards.errors import StoreDamaged, StoreError, StoreLocked
from flashcards.log import LineError, from_line
from flashcards.model import Review
from flashcards.store.actions import moment_of
from flashcards.store.backup_file import GZIP, SQLITE, beginning
from flashcards.store.backup_reading import defend
from flashcards.store.base import pieces
from flashcards.store.connect import (
    STEPS,
    TRIGGERS,
    bytes_of,
    closed_if_it_fails,
    has_unwritten,
    is_full,
    opened_as,
    traces,
)
from flashcards.store.events import DECK, KNOWN
from flashcards.store.lines import row_of
from flashcards.store.pages import cut_commits
from flashcards.store.salvage import quietly

MOST_FAULTS = 50
BUSY_SECONDS = 2
"""How long a look waits for a lock; only a program that keeps all others out has one."""
SMALL_BYTES = 64_000_000
"""Up to this size the thorough check takes a third of a second; beyond it, it is asked for."""
MOST_LOG_BYTES = 64_000_000
"""Of a write-ahead log whose chain is followed; usually it has four."""
OF_AN_INDEX = re.compile(r"(row \d+ missing from|wrong # of entries in) index (.*)")
"""What making an index anew may mend; everything else is damage to pages."""
COLUMNS = "id, kind, card, at, day, device, batch, target, line"
FUTURE_MS = 300_000
"""Clocks of devices differ by seconds; what is five minutes ahead is told."""
JUMP = timedelta(hours=1)

FULL = "the disk is full"
"""Without room for the index of a write-ahead log SQLite reads nothing, and speaks of an error of the disk."""

State: TypeAlias = Literal["ok", "missing", "empty", "damaged", "newer", "foreign", "unreadable", "bare log"]


class Integrity(NamedTuple):
    """What SQLite says of a file."""

    state: State
    faults: tuple[str, ...] = ()
    only_indexes: bool = False
    """The tables are whole, and a new index mends every fault."""
    thorough: bool = False
    steps: tuple[str, ...] = ()
    """The migrations that it has seen."""


class LogFaults(NamedTuple):
    """Events that make no sense, and clocks that jumped."""

    looked_at: int
    of: int
    bad: tuple[tuple[str, str], ...] = ()
    """Id, and what is wrong."""
    jumps: tuple[tuple[str, str], ...] = ()
    """Id and moment of events that were written down much later than they say, since a clock was set back."""


def looked_at(path: str) -> sqlite3.Connection:
    """A connection that cannot write and trusts nothing.

    Where nobody has the database open and no write-ahead log is left, the file is read as it is: no lock, and no
    file comes beside it.
    """
    still = is_still(path)
    with closed_if_it_fails(opened_as(path, "ro", still=still, seconds=BUSY_SECONDS)) as connection:
        connection.text_factory = decoded
        for pragma in ("query_only = on", "foreign_keys = off"):
            connection.execute(f"pragma {pragma}")
        defend(connection)
    return connection


@contextmanager
def reading(path: str) -> Iterator[sqlite3.Connection]:
    """The same, closed at the end; whatever SQLite cannot read is damage."""
    try:
        with closing(looked_at(path)) as connection:
            yield connection
    except sqlite3.Error as error:
        if hindered(path, error) == FULL:
            raise StoreError(f"cannot read `{path}`: {FULL}", hint="make room") from error
        raise (StoreLocked(path) if _is_locked(error) else StoreDamaged(path, str(error))) from error
    except UnicodeDecodeError as error:
        raise StoreDamaged(path, "names in it are no text") from error


def hindered(path: str, error: sqlite3.Error) -> str:
    """Why a file cannot be read now that may well be whole; "" if that is not so."""
    if _is_locked(error):
        return "another program has locked it"
    if is_full(path) and any(word in str(error) for word in ("full", "disk I/O error")):
        return FULL
    closed = "unable to open" in str(error) and not os.access(Path(path).parent, os.W_OK)
    return "a crash left a write-ahead log, and the folder may not be written" if closed else ""


def _is_locked(error: sqlite3.Error) -> bool:
    return isinstance(error, sqlite3.OperationalError) and any(word in str(error) for word in ("locked", "busy"))


def is_still(path: str) -> bool:
    """Whether no write-ahead log lies beside the file."""
    return traces(f"{path}-wal") is None


def decoded(data: bytes) -> str:
    """A text of any bytes; what is no UTF-8 becomes halves of characters, which no event may have."""
    return data.decode("utf-8", "surrogateescape")


def integrity(path: str, *, full: bool = False) -> Integrity:
    """Whether the file is a database of ours, and whole; looks a second time if somebody wrote meanwhile."""
    before = state_of(path)
    found = _integrity(path, full=full)
    if found.state == "damaged" and state_of(path) != before:
        found = _integrity(path, full=full)
    return found


def _integrity(path: str, *, full: bool) -> Integrity:
    has_log = has_unwritten(path)
    if traces(path) is None:
        return Integrity("bare log" if has_log else "missing")
    if reason := _unreadable(path):
        return Integrity("unreadable", (reason,))
    size = bytes_of(path)
    if size == 0:
        return Integrity("bare log" if has_log else "empty")
    if not has_log and (start := beginning(path)) != SQLITE:
        return Integrity("damaged", (_begins_as(start),))
    thorough = full or size <= SMALL_BYTES
    try:
        with closing(looked_at(path)) as connection:
            return _asked(connection, path, thorough=thorough)
    except sqlite3.Error as error:
        if reason := hindered(path, error):
            return Integrity("unreadable", (reason,))
        return Integrity("damaged", (str(error),), thorough=thorough)
    except UnicodeDecodeError:  # SQLite names in its message what it cannot read
        return Integrity("damaged", ("names in it are no text",), thorough=thorough)


def _unreadable(path: str) -> str:
    if not Path(path).is_file():
        return "it is no file"
    return "" if os.access(path, os.R_OK) else "you may not read it"


def _asked(connection: sqlite3.Connection, path: str, *, thorough: bool) -> Integrity:
    check = "integrity_check" if thorough else "quick_check"
    faults = [text for (text,) in connection.execute(f"pragma {check}({MOST_FAULTS})") if text != "ok"]
    faults += [f"row {row[1]} of {row[0]} names nothing in {row[2]}" for row in _foreign_keys(connection)]
    tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    steps: tuple[str, ...] = ()
    if "_sqlite_migrations" in tables:
        sql = "select name from _sqlite_migrations where migration_set = 'cards' order by id"
        steps = tuple(str(name) for (name,) in connection.execute(sql))
    pages = connection.execute("pragma page_count").fetchone()[0] * connection.execute("pragma page_size").fetchone()[0]
    if traces(f"{path}-wal") is None and pages != bytes_of(path):
        faults.append(f"the file has {bytes_of(path)} bytes, but should have {pages}")
    if bytes_of(f"{path}-wal") <= MOST_LOG_BYTES and (cut := cut_commits(path)):
        faults.append(f"the write-ahead log is broken: {cut} transactions behind the place are passed over")
    only_indexes = _lack_rows(faults) and connection.execute("pragma quick_check(1)").fetchone() == ("ok",)
    flat = tuple(" ".join(fault.split()) for fault in faults)
    if not faults and set(steps) - set(STEPS):
        return Integrity("newer", thorough=thorough, steps=steps)
    if not faults and not steps:
        return Integrity("foreign" if tables else "empty", thorough=thorough)
    return Integrity("damaged" if faults else "ok", flat, only_indexes, thorough, steps)


def _lack_rows(faults: list[str]) -> bool:
    """Whether every fault is an index without rows that its table has; one that has more may be all that is left."""
    found = [OF_AN_INDEX.fullmatch(fault) for fault in faults]
    lacking = {one[2] for one in found if one and one[1].startswith("row")}
    return bool(faults) and all(one and one[2] in lacking for one in found)


def _foreign_keys(connection: sqlite3.Connection) -> list[tuple[Any, ...]]:
    with suppress(sqlite3.OperationalError):  # a table that is named is not there: the check of the schema says it
        return connection.execute("pragma foreign_key_check").fetchall()[:MOST_FAULTS]
    return []


def _begins_as(start: bytes) -> str:
    if start.startswith(GZIP):
        return "it is compressed, as a backup is, and no database"
    if start.lstrip().startswith(b"{"):
        return "it is text, as an exported log is, and no database"
    return "the file does not begin as a database does"


def state_of(path: str) -> tuple[Any, ...]:
    """What shows that somebody wrote."""
    return traces(path), traces(f"{path}-wal")


# ---------------------------------------------------------------- the schema


def missing_parts(connection: sqlite3.Connection) -> dict[str, str]:
    """Tables, indexes and triggers of the truth that are not there or not what they were made as, with their SQL."""
    from flashcards.store.migrations import EVENTS, LIBRARY  # 80 to 115 ms of sqlite_utils

    there = {name: _flat(sql) for name, sql in connection.execute("select name, sql from sqlite_master") if sql}
    wanted = {_flat(sql).split()[2]: sql for sql in (*EVENTS, *LIBRARY)}
    return {name: sql for name, sql in wanted.items() if there.get(name) != _flat(sql)}


def strange_triggers(connection: sqlite3.Connection) -> list[str]:
    """Triggers that this program did not make: they act on whatever is written."""
    found = connection.execute("select name from sqlite_master where type = 'trigger' order by name")
    return [name for (name,) in found if name not in TRIGGERS]


def _flat(sql: str) -> str:
    return " ".join(sql.split()).lower()


# ---------------------------------------------------------------- the log


def log_faults(
    connection: sqlite3.Connection, newest: int | None, progress: Callable[[int, int], object] = quietly
) -> LogFaults:
    """Reads the events, or only the newest of them, and compares each line with the columns beside it."""
    (count,) = connection.execute("select count(*) from events").fetchone()
    limit = "" if newest is None else f"limit {newest}"
    bad: list[tuple[str, str]] = []
    jumps: list[tuple[str, str]] = []
    done = 0
    for row in connection.execute(f"select {COLUMNS} from events order by id desc {limit}"):  # noqa: S608
        done += 1
        if done % 5_000 == 0:
            progress(done, min(count, newest or count))
        if wrong := fault_of(row):
            bad.append((str(row[0]), wrong))
        elif row[6] is None and _is_jump(row[0], row[3]):
            jumps.append((row[0], row[3]))
    return LogFaults(done, count, tuple(bad), tuple(jumps))


def fault_of(row: tuple[Any, ...]) -> str:
    """What is wrong with a row of the log; "" if nothing is."""
    try:
        event = from_line(row[8])
    except LineError as error:
        return error.message
    if not row[8].isascii() and any("\ud800" <= one <= "\udfff" for one in row[8]):
        return "the line is no text"
    again = row_of(event)
    if again[:8] != row[:8]:
        names = COLUMNS.split(", ")
        wrong = [name for name, one, other in zip(names, row, again, strict=True) if one != other]
        return f"the columns say something else than the line: {', '.join(wrong)}"
    if isinstance(event, Review) and again[8] != row[8] and len(again[8]) == len(row[8]):
        return "the line is not written as this program writes it"
    return ""


def _is_jump(identity: str, at: str) -> bool:
    """Whether an event's id, which always grows, is far ahead of its moment."""
    moment = moment_of(identity)
    return moment is not None and moment - datetime.fromisoformat(at) > JUMP


def future(connection: sqlite3.Connection, now_ms: int, tomorrow: str) -> tuple[int, int, str]:
    """Events whose ids are ahead of the clock, events of days behind tomorrow, and the newest id."""
    ahead = f"{max(now_ms + FUTURE_MS, 0):012x}"
    sql = "select count(*), max(id) from events where id > ? and id < '1' and length(id) = 32"
    ids, newest = connection.execute(sql, [ahead]).fetchone()
    sql = "select count(*) from events where day > :tomorrow or day is null and at > :tomorrow || 'T~'"
    (days,) = connection.execute(sql, {"tomorrow": tomorrow}).fetchone()
    return ids, days, newest or ""


def orphans(connection: sqlite3.Connection) -> Iterator[tuple[str, int, int]]:
    """Decks with events of cards that no deck has or had: deck, cards, events."""
    sql = f"""
        select {DECK} as deck, count(*), sum(many) from (
            select card, count(*) as many from events where card is not null group by card
        ) where card not in (select card from cards)
        and card not in (select old from aliases where card in (select card from cards)) group by deck order by 3 desc
    """  # noqa: S608  (constants)
    yield from connection.execute(sql)


def facts(connection: sqlite3.Connection) -> dict[str, Any]:
    """Counts, and which version made the derived tables."""
    (events,) = connection.execute("select count(*) from events").fetchone()
    meta = dict(connection.execute("select name, value from meta"))
    return {"events": events, "derived": meta.get("derived"), "device": meta.get("device")}


def count_reviews(connection: sqlite3.Connection) -> int:
    """How many reviews there are, undone ones included."""
    (reviews,) = connection.execute("select count(*) from events where day is not null").fetchone()
    return int(reviews)


def unlike(connection: sqlite3.Connection, lines: Iterator[str]) -> Iterator[tuple[str, str]]:
    """Of lines from elsewhere those that the log has in other words: its own first."""
    for some in pieces(lines):
        by_id = {from_line(line).id: line for line in some}
        for identity, line in connection.execute(f"select id, line {KNOWN}", [json.dumps([*by_id])]):
            if line != by_id[identity]:
                yield line, by_id[identity]


def sqlite_version() -> str:
    """Of the SQLite that Python was built with."""
    return sqlite3.sqlite_version
