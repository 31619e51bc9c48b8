"""What every review was, and the counts of each study day: kept for the statistics, equal to `stats.graded`.

They are filled by the first look at the statistics, so that an import and a
grade do not pay for them; from then on only those cards are read again that
an event has named since.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from itertools import groupby, zip_longest
from operator import itemgetter
from typing import Any, NamedTuple, TypeAlias

from flashcards.model import Grade
from flashcards.stats import LONGEST_MS, Course, DayCount, count, plus
from flashcards.store.connect import all_or_nothing, clear_errors
from flashcards.store.derived import COUNTED, COUNTS, DONE
from flashcards.store.events import DECK, STANDING
from flashcards.store.store import Store

MANY_CARDS = 2_000
"""From so many cards on, all are read again: one walk through the log is quicker than so many looks."""

COLUMNS = ", ".join(f'"{name}"' for name in COUNTS)
TALLIED = ", ".join(f'sum("{name}")' for name in COUNTS)
TERMS = (
    "sum(kind > 0)",
    "sum(kind > 0 and grade > 2)",
    "sum(kind = 1)",
    "sum(kind > 1 and grade > 2)",
    "sum(kind = 0)",
    "sum(took_ms)",
    "sum(relearned)",
    "sum(kind = 3)",
    "sum(kind = 3 and grade > 2)",
    "sum(kind > 0 and grade = 3)",
    "sum(kind > 0 and grade = 5)",
)
SUMS = ", ".join(TERMS)
"""`DayCount`, field by field."""
TOLD = f"""
    select coalesce((select aliases.card from aliases where old = events.card), events.card) as name,
        kind, day, at, line ->> 'grade', line ->> 'mode', line ->> 'took_ms', line ->> 'offset',
        line ->> 'verdict', line ->> 'tries', line ->> 'hints', line ->> 'typed',
        line ->> 'mark', line ->> 'value', line ->> '$.state.interval_days'
    from events where card is not null and kind in ('review', 'mark', 'baseline') and {STANDING}
"""  # noqa: S608  (constants)

Told: TypeAlias = tuple[Any, ...]


class Answered(NamedTuple):
    """One review as a row of its table."""

    card: str
    place: int
    """The number of the review among those of its card."""
    day: int
    """The ordinal of its study day."""
    hour: int
    """On the clock where the person was."""
    kind: int
    relearned: int
    grade: int
    took_ms: int
    verdict: str | None
    tries: int | None
    hints: int | None
    typed: str | None
    """Only where it was wrong."""


class Tallies(Store):
    """A store that counts answers; only the statistics open it."""

    def count_answers(self) -> None:
        """Brings the counts up to date with the log."""
        if self.is_read_only and not self._is_counted():
            self._to_memory()
        while not self._is_counted():
            if token := self._begin_counting():
                self._count_all(token)

    @property
    def uncounted(self) -> int:
        """How many events the next look at the statistics has to read: 0 where it only looks again at a few cards."""
        return 0 if self.meta(COUNTED) == DONE else self.count()

    @contextmanager
    def at_rest(self) -> Iterator[None]:
        """Everything inside sees the store as it was at one moment, all counted, whatever other processes write."""
        self.count_answers()
        with clear_errors(self.path):
            self._connection.execute("begin")
            while not self._is_counted():  # this look is the moment; somebody wrote just before it
                self._connection.execute("rollback")
                self.count_answers()
                self._connection.execute("begin")
        try:
            yield
        finally:
            with clear_errors(self.path):
                self._connection.execute("rollback")

    def _to_memory(self) -> None:
        """Goes on with a copy, where counts can be written: nobody else ever stores anything through this class."""
        with clear_errors(self.path):
            copy = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
            self._connection.backup(copy)
        self._connection.close()
        self._connection, self.is_read_only = copy, False

    def _is_counted(self) -> bool:
        return self.meta(COUNTED) == DONE and self._first("select 1 from stale") is None

    def _begin_counting(self) -> str:
        """Looks again at some cards. Where all have to be counted it notes who does it, and what comes is stale."""
        token = f"process {os.getpid()} {os.urandom(8).hex()}"  # the number alone is not its own where homes are shared
        with self._transaction():  # another process may have been faster
            stale = [*self._column("select card from stale")]
            again = self.meta(COUNTED) == DONE and len(stale) < MANY_CARDS
            if again:
                self._count_again(stale)
            else:
                self.note_meta(COUNTED, token)
            self._connection.execute("delete from stale")
        return "" if again else token

    def _count_all(self, token: str) -> bool:
        """Counts everything: the log is read while others may write, the rows are put in place at one stroke.

        False: another process began the same meanwhile, so what was counted may miss what it took from `stale`.
        """
        with self._collected():
            told = self._connection.execute(f"{TOLD} order by {self._in_order()}, at, id")
            self._put("collected", (row for card, rows in groupby(told, itemgetter(0)) for row in answered(card, rows)))
        with self._transaction():
            mine = self.meta(COUNTED) == token
            if mine:
                self._replace()
            self._connection.execute("drop table collected")
        return mine

    @contextmanager
    def _collected(self) -> Iterator[None]:
        """A table of this connection's own, filled beside the log: nobody has to wait meanwhile."""
        with clear_errors(self.path), all_or_nothing(self._connection, "begin"):
            self._connection.execute("drop table if exists temp.collected")
            self._connection.execute("create temp table collected as select * from answered limit 0")
            yield

    def _replace(self) -> None:
        for table in ("answered", "tally", "effort"):
            self._connection.execute(f"delete from {table}")  # noqa: S608
        self._connection.execute("insert into answered select * from collected")
        for table, key in (("tally", f"day, {DECK}, hour"), ("effort", "card")):
            self._connection.execute(f"insert into {table} select {key}, {SUMS} from answered group by {key}")  # noqa: S608
        self.note_meta(COUNTED, DONE)

    def _in_order(self) -> str:
        """What brings a card's events together; where nothing was renamed, an index has them in that order."""
        return "name" if self._first("select 1 from aliases") else "card"

    def _count_again(self, stale: list[str]) -> None:
        names = json.dumps(stale)
        sql = "select * from answered where card in (select value from json_each(?)) order by card, place"
        before: dict[str, list[Answered]] = {card: [] for card in stale}
        for row in self._connection.execute(sql, [names]):
            before[row[0]].append(Answered(*row))
        after: dict[str, list[Answered]] = {card: [] for card in stale}
        sql = f"""{TOLD} and card in (select value from json_each(?) union
            select old from aliases where card in (select value from json_each(?))) order by name, at, id"""  # noqa: S608
        for card, rows in groupby(self._connection.execute(sql, [names, names]), itemgetter(0)):
            after[card] = answered(card, rows)
        gone, fresh = _difference(before, after)
        sql = "delete from answered where card = ? and place = ?"
        self._connection.executemany(sql, [(row.card, row.place) for row in gone])
        self._put("answered", fresh)
        self._add("tally", ("day", "deck", "hour"), gone, fresh)
        self._add("effort", ("card",), gone, fresh)

    def _put(self, table: str, rows: Iterable[Answered]) -> None:
        marks = ", ".join("?" * len(Answered._fields))
        self._connection.executemany(f"insert into {table} values ({marks})", rows)  # noqa: S608

    def _add(self, table: str, key: tuple[str, ...], gone: list[Answered], fresh: list[Answered]) -> None:
        """Takes away what the old rows counted, adds what the new ones do."""
        sums: dict[tuple[Any, ...], DayCount] = {}
        for rows, sign in ((gone, -1), (fresh, 1)):
            for row in rows:
                values = {"day": row.day, "deck": row.card.partition("/")[0], "hour": row.hour, "card": row.card}
                place = tuple(values[name] for name in key)
                one = count(row.kind, row.grade, row.took_ms, relearned=row.relearned)
                sums[place] = plus(sums.get(place, DayCount()), DayCount(*(sign * number for number in one)))
        marks = ", ".join("?" * (len(key) + len(DayCount._fields)))
        more = ", ".join(f'"{name}" = "{name}" + excluded."{name}"' for name in COUNTS)
        sql = f"insert into {table} values ({marks}) on conflict ({', '.join(key)}) do update set {more}"  # noqa: S608
        self._connection.executemany(sql, [(*place, *numbers) for place, numbers in sums.items()])
        sql = f"delete from {table} where reviews = 0 and extra = 0 and {' and '.join(f'{name} = ?' for name in key)}"  # noqa: S608
        self._connection.executemany(sql, sums)


def answered(card: str, told: Iterable[Told]) -> list[Answered]:
    """A card's reviews, each with what it was, from the rows of its standing events in order."""
    course, rows = Course(), list[Answered]()
    for _, event, day, at, grade, mode, took_ms, offset, verdict, tries, hints, typed, mark, value, interval in told:
        if event == "review":
            ordinal = _ordinal(day)
            kind, relearned = course.review(ordinal, grade, mode)
            spent = min(took_ms or 0, LONGEST_MS)
            wrong = typed if typed and _is_wrong(grade, verdict) else None
            hour = (int(at[11:13]) * 60 + int(at[14:16]) + offset) // 60 % 24
            rows.append(
                Answered(card, len(rows), ordinal, hour, kind, relearned, grade, spent, verdict, tries, hints, wrong)
            )
        elif event == "baseline":
            course.baseline(interval)
        elif mark == "reset":
            course.reset(value)
    return rows


def _is_wrong(grade: int, verdict: str | None) -> bool:
    """A verdict says it; where nothing was run, the grade does (`app.leeches`)."""
    return verdict == "fail" if verdict in {"pass", "fail"} else grade < Grade.HARD


@lru_cache(maxsize=512)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()


def _difference(
    before: Mapping[str, list[Answered]], after: Mapping[str, list[Answered]]
) -> tuple[list[Answered], list[Answered]]:
    """The rows that have to go, and the ones to put in their place."""
    gone, fresh = [], []
    for card, rows in before.items():
        for old, new in zip_longest(rows, after.get(card, ())):
            if old != new:
                gone += [old] if old else []
                fresh += [new] if new else []
    for card in after.keys() - before.keys():
        fresh += after[card]
    return gone, fresh
