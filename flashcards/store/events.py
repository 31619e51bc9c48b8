"""The log, read: events, study days, settings, what was done last."""

import json
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime
from typing import TypeVar

from flashcards.log import from_line
from flashcards.model import CardId, Event, Restore, Review, Setting
from flashcards.store.base import Base, Values, pieces

STANDING = """
    kind != 'undo'
    and not exists (select 1 from gone where gone.name = events.id)
    and (batch is null or not exists (select 1 from gone where gone.name = events.batch))
"""
"""What is not taken back; see `union.standing`."""


SAYS_REDACT = """(kind = 'mark' and instr(line, '"mark":"redact"') > 0)"""
UNDOABLE = f"{STANDING} and not {SAYS_REDACT}"
"""What `undo` may take back; a text that was taken out is gone, and stays so."""
NAMES = """
    select ? union select card from aliases where old = ?
    union select old from aliases where card = (select coalesce((select card from aliases where old = ?), ?))
"""
"""The ids under which a card stands in the log."""

LAST = "\U0010ffff"
"""Behind every id."""
DECK = "substr(card, 1, instr(card, '/') - 1)"
"""The deck in the id of a card."""
KNOWN = "from events where id in (select value from json_each(?))"
EventKind = TypeVar("EventKind", Review, Setting)


class Events(Base):
    """Reads the log. Only `Memories.append` writes it."""

    def events(self, card: CardId | None = None, *, standing: bool = False) -> Iterator[Event]:
        """The log in order (at, id), whole or of one card: under all names that it ever had."""
        where = [STANDING] if standing else []
        where += [f"card in ({NAMES})"] if card else []
        sql = f"select line from events where {' and '.join(where) or 'true'} order by at, id"  # noqa: S608  (constants)
        return self._events(sql, [card] * 4 if card else [])

    def acted_on(self) -> dict[CardId, int]:
        """How many standing reviews of each card no package of Anki brought; 0 where only its due day was set."""
        sql = f"""
            select card, sum(kind = 'review') from events
            where (kind = 'review' and substr(id, 13, 8) != '00000000'
                or kind = 'mark' and json_extract(line, '$.mark') = 'due') and {STANDING}
            group by card
        """  # noqa: S608
        return {CardId(card): count for card, count in self._select(sql)}

    def moments(self, cards: Collection[CardId], *, here: bool = False) -> dict[CardId, set[str]]:
        """The moments of the reviews of cards, undone ones too; with `here` those that no package of Anki brought."""
        if self._first("select 1 from events where kind = 'review' limit 1") is None:
            return {}
        found: dict[CardId, set[str]] = {}
        sql = """
            select card, at from events where kind = 'review' and (not ? or substr(id, 13, 8) != '00000000')
                and card in (select value from json_each(?))
        """
        for some in pieces(cards):
            for card, at in self._select(sql, [here, json.dumps(some)]):
                found.setdefault(CardId(card), set()).add(at)
        return found

    def review_days(self) -> Iterator[date]:
        """The study days with a standing review, newest first; drawn one by one."""
        sql = f"""
            with recursive days (found) as (
                select max(day) from events where day is not null
                union all
                select (select max(day) from events where day < days.found) from days where days.found is not null
            )
            select found from days where exists (select 1 from events where day = days.found and {STANDING})
        """  # noqa: S608
        return map(date.fromisoformat, self._column(sql))

    def first_of(self, days: Iterable[date]) -> dict[date, tuple[datetime, int]]:
        """When the first standing review of each of some study days was written down, and the offset where."""
        return self._one_of(days, "asc")

    def last_of(self, days: Iterable[date]) -> dict[date, tuple[datetime, int]]:
        """The last one."""
        return self._one_of(days, "desc")

    def _one_of(self, days: Iterable[date], order: str) -> dict[date, tuple[datetime, int]]:
        """By id: the index of days has them in that order, so that a day costs no look at all of its reviews."""
        sql = f"""
            select asked.value, events.at, coalesce(events.line ->> 'offset', 0)
            from json_each(?) as asked join events on events.id =
                (select id from events where day = asked.value and {STANDING} order by id {order} limit 1)
        """  # noqa: S608  (constants)
        rows = self._select(sql, [json.dumps([day.isoformat() for day in days])])
        return {date.fromisoformat(day): (datetime.fromisoformat(at), offset) for day, at, offset in rows}

    def reviews_of(self, day: date) -> list[Review]:
        """The standing reviews of one study day, in order."""
        sql = f"select line from events where day = ? and {STANDING} order by at, id"  # noqa: S608
        return self._of_kind(Review, sql, [day.isoformat()])

    def last_actions(self, device: str, most: int, *, until: str = LAST) -> list[list[Event]]:
        """The newest standing events of the device, newest first, each with the whole batch it belongs to.

        So many as undoing one after the other would meet; nothing whose id is greater than `until`. They end with the
        first that holds a restore: what stands without that is not known before it is taken back.
        """
        actions: list[list[Event]] = []
        for name, column in self._newest_names(device, most, until):
            sql = f"select line from events where {column} = ? and {UNDOABLE} order by at, id"  # noqa: S608  (constants)
            actions.append([*self._events(sql, [name])])
            if any(isinstance(event, Restore) for event in actions[-1]):
                break
        return actions

    def _newest_names(self, device: str, most: int, until: str) -> list[tuple[str, str]]:
        """The ids of the newest standing events and batches of the device, each with its column."""
        found: dict[str, tuple[str, str, str]] = {}
        lowest = ""
        sql = f"select id, batch from events where device = ? and id <= ? and {UNDOABLE} order by id desc"  # noqa: S608
        for name, batch in self._select(sql, [device, until]):
            brought = batch if batch and batch <= until else ""
            found.setdefault(batch or name, (max(name, brought), name, "batch" if batch else "id"))
            if len(found) == most:
                lowest = name
                break
        if lowest:
            # What was brought from elsewhere has ids of long ago; the id of its batch says when it was brought.
            # The plus keeps SQLite from looking at every event of the device.
            sql = f"""
                select distinct batch from events
                where batch > ? and batch <= ? and +device = ? and {UNDOABLE} order by batch desc limit ?
            """  # noqa: S608
            for batch in self._column(sql, [lowest, until, device, most]):
                found.setdefault(batch, (batch, "", "batch"))
        newest = sorted(found, key=found.__getitem__, reverse=True)[:most]
        return [(name, found[name][2]) for name in newest]

    def count(self) -> int:
        """How many events there are."""
        return self._number("select count(*) from events")

    def count_unknown(self, ids: Collection[str]) -> int:
        """How many of these event ids the log does not have."""
        if self._is_empty():
            return len(ids)
        return len(ids) - sum(self._number(f"select count(*) {KNOWN}", [json.dumps(some)]) for some in pieces(ids))

    def unknown_ids(self, ids: Collection[str]) -> set[str]:
        """Those of these event ids that the log does not have."""
        if self._is_empty():
            return set(ids)
        found = set[str]()
        for some in pieces(ids):
            names = [json.dumps(some)]
            if self._number(f"select count(*) {KNOWN}", names) < len(some):  # as a rule all are known
                found.update(some)
                found -= {*self._column(f"select id {KNOWN}", names)}
        return found

    def newest(self) -> str:
        """The greatest id of ours that an event or a batch has: it tells when something was last written down."""
        columns = [f"select max({name}) from events where {name} < '1'" for name in ("id", "batch")]  # noqa: S608
        return max(self._first(sql)[0] or "" for sql in columns)  # type: ignore[index]

    def newest_id(self, device: str) -> str:
        """The greatest id that the device gave to an event or to a batch, "" if there is none.

        A batch that was brought from elsewhere has an id of its own, later than those of its events.
        """
        (newest,) = self._first("select max(id) from events where device = ?", [device]) or (None,)
        sql = """
            select batch from events where batch > ? and batch < '1' and length(batch) = 32 and +device = ?
            order by batch desc limit 1
        """
        (batch,) = self._first(sql, [newest or "", device]) or (None,)
        return batch or newest or ""

    def settings(self) -> list[Setting]:
        """The standing settings, oldest first."""
        sql = f"select line from events where kind = 'setting' and {STANDING} order by at, id"  # noqa: S608
        return self._of_kind(Setting, sql)

    def _is_empty(self) -> bool:
        return self._first("select 1 from events limit 1") is None

    def _events(self, sql: str, values: Values = ()) -> Iterator[Event]:
        """The events of lines that SQL finds."""
        return map(from_line, self._column(sql, values))

    def _of_kind(self, kind: type[EventKind], sql: str, values: Values = ()) -> list[EventKind]:
        return [event for event in self._events(sql, values) if isinstance(event, kind)]
