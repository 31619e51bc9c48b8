"""What is taken back: kept in a table beside the log, so that a look at an event tells whether it stands."""

import json
from collections.abc import Collection, Iterable, Sequence

from flashcards.log import from_line
from flashcards.model import CardId, Event, EventId, Restore, Setting, Undo
from flashcards.store.base import pieces
from flashcards.store.events import Events
from flashcards.store.lines import ACTS
from flashcards.union import Act, act_of, gone

NAMED = "(id in (select value from json_each(:names)) or batch in (select value from json_each(:names)))"
"""The events that stand behind names of events and batches."""
RESTORED = "select 1 from restored where name in (select value from json_each(:ids))"
RESTORES = f"select 1 from events where +target = '' and {NAMED}"  # noqa: S608  (constants)
UNDOS_OF_IMPORTS = """
    with known as materialized (
        select id, batch from events where id in (select value from json_each(:ids))
    ), lost as materialized (
        select name from gone where name in (select id from known union select batch from known)
    ), imports as materialized (
        select name from lost where exists (
            select 1 from events where batch = lost.name and (
                kind = 'baseline' or kind = 'review' and json_extract(line, '$.mode') = 'imported'
            )
        )
        union select coalesce(events.batch, events.id) from events, json_each(events.line, '$.brings') as named
        where events.target = '' and named.value in (select name from lost) and not exists (
            select 1 from json_each(events.line, '$.takes') as taken
            join events as other on other.id = taken.value or other.batch = taken.value where other.kind != 'undo'
        )
    )
    select undo.id from imports join events as undo on undo.target = imports.name
    where undo.kind = 'undo' order by undo.at, undo.id
"""
"""An import is a batch with history from elsewhere, or a restore that takes back no more than undos."""


class Standing(Events):
    """Keeps the table `gone` in step with the log: it equals `union.gone` of all undos and restores."""

    def newest_act(self) -> str:
        """The stamp of the last undo or restore; "" if there is none."""
        found = self._first("select max(at) from events where target is not null")
        return (found and found[0]) or ""

    def undos_of_imports(self, ids: Sequence[str]) -> list[EventId]:
        """The undos that took back batches or restores which had brought some of these events."""
        sql = "select 1 from gone limit 1"
        if self._first(sql) is None:
            return []
        found: dict[EventId, None] = {}
        for some in pieces(ids):
            found |= dict.fromkeys(map(EventId, self._column(UNDOS_OF_IMPORTS, {"ids": json.dumps(some)})))
        return list(found)

    def are_undos(self, ids: Collection[str]) -> bool:
        """Whether each of these events is an undo of this log."""
        undo = "select 1 from events where id = named.value and kind = 'undo'"
        sql = f"select 1 from json_each(?) as named where not exists ({undo}) limit 1"  # noqa: S608  (constants)
        return self._first(sql, [json.dumps([*ids])]) is None

    def count_named(self, names: Collection[str]) -> int:
        """How many events stand behind these names of events and batches."""
        return self._number(f"select count(*) from events where {NAMED}", {"names": json.dumps([*names])})  # noqa: S608

    def known_batches(self, batches: Collection[str]) -> set[str]:
        """Those of the batches that the log has events of."""
        sql = "select batch from events where batch in (select value from json_each(?))"
        return {*self._column(sql, [json.dumps([*batches])])}

    def _note_gone(self, fresh: Iterable[Event]) -> set[str]:
        """Brings the table up to date with events that were just inserted; the names that are in it or no longer."""
        acts = [event for event in fresh if isinstance(event, (Undo, Restore))]
        if not acts:
            return set()
        undos = [event for event in acts if isinstance(event, Undo)]
        if len(undos) < len(acts) or self._meets_restores(undos):
            return self._renew_gone()
        targets = {event.target for event in undos}
        return self._take(targets - self._gone_among(targets))

    def _meets_restores(self, undos: Iterable[Undo]) -> bool:
        """Whether a restore is among what the undos take back, or one that came earlier names one of them."""
        if self._first("select 1 from events where target = ? limit 1", [ACTS]) is None:
            return False
        names = {"ids": json.dumps([e.id for e in undos]), "names": json.dumps([e.target for e in undos])}
        return self._first(f"{RESTORED} union all {RESTORES} limit 1", names) is not None

    def _renew_gone(self) -> set[str]:
        """Works it out anew, as a restore asks for: it may bring back what an undo took."""
        before = {*self._column("select name from gone")}
        after = gone(self._acts())
        lost = before - after
        self._connection.executemany("delete from gone where name = ?", [(name,) for name in lost])
        return lost | self._take(after - before)

    def _find_gone(self) -> None:
        """Fills the tables from the whole log."""
        self._connection.execute("delete from gone")
        self._connection.execute("delete from restored")
        self._take(gone(self._acts()))

    def _take(self, names: set[str]) -> set[str]:
        self._connection.executemany("insert into gone (name) values (?)", [(name,) for name in names])
        return names

    def _acts(self) -> Iterable[Act]:
        """All undos and restores; what the latter name is noted on the way."""
        sql = "select at, id, target, case when target = :acts then line end from events where target is not null"
        for at, name, target, line in [*self._select(sql, {"acts": ACTS})]:
            if line is None:
                yield Act(at, EventId(name), frozenset([name]), target=target)
            elif act := act_of(from_line(line)):
                rows = [(one,) for one in (*act.takes, *act.brings)]
                self._connection.executemany("insert or ignore into restored (name) values (?)", rows)
                yield act

    def _gone_among(self, names: Collection[str]) -> set[str]:
        """Those of the names that are taken back."""
        sql = "select name from gone where name in (select value from json_each(?))"
        return {*self._column(sql, [json.dumps([*names])])}

    def _cards_named(self, names: Collection[str]) -> set[CardId]:
        """The cards of the events behind these names of events and batches."""
        sql = f"select distinct card from events where card is not null and {NAMED}"  # noqa: S608
        return {*map(CardId, self._column(sql, {"names": json.dumps([*names])}))}

    def _settings_named(self, names: Collection[str]) -> list[Setting]:
        sql = f"select line from events where kind = 'setting' and {NAMED}"  # noqa: S608
        return self._of_kind(Setting, sql, {"names": json.dumps([*names])})
