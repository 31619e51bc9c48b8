"""The log as what was done: actions, newest first, drawn one by one, each with the undo that took it back."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from heapq import merge
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from flashcards.log import EPOCH, ID_DIGITS, from_line, stamp
from flashcards.model import CardId, Event, Restore, Review, Undo
from flashcards.redaction import is_redaction
from flashcards.store.base import Base
from flashcards.store.events import DECK, NAMES

Values: TypeAlias = dict[str, Any]
"""By name: one that a statement does not use is no error of SQLite's."""
Key: TypeAlias = tuple[str, str, str | None]
"""The place of an action, its id, and the line of its event; no line for a batch."""
COUNTED = 20_000
"""Events of a batch that are looked at to say what is in it; of a longer one only their number is told."""
NAMED = 200
"""Events of a batch that are looked at for the names of its cards."""
OURS = ("0", "1")
"""Ids of this program begin with a nought until the year 2527. What others made up has its place by its moment."""
SAID = """
    case when kind in ('review', 'mark') then coalesce(json_extract(line, '$.mark'), json_extract(line, '$.mode')) end
"""
"""The mark, or the mode of a review. Lines of kinds that this version does not know are not looked into."""


def _marked(*names: str) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"kind = 'mark' and json_extract(line, '$.mark') in ({listed})"


RETURNS = """exists (
    select 1 from json_each(events.line, '$.takes') as named
    where not exists (select 1 from events as undo where undo.id = named.value and undo.kind = 'undo')
)"""
"""Whether a restore takes back more than undos, as the import of what had been undone does not."""

KINDS = MappingProxyType(
    {
        "grade": "kind = 'review' and json_extract(line, '$.mode') != 'imported'",
        "undo": "kind = 'undo'",
        "suspend": _marked("suspend"),
        "resume": _marked("resume", "unbury"),
        "bury": _marked("bury"),
        "flag": _marked("flag", "unflag"),
        "reset": _marked("reset"),
        "due": _marked("due"),
        "rename": _marked("was"),
        "redact": _marked("redact"),
        "setting": "kind = 'setting'",
        "import": f"""
            kind = 'baseline' or kind = 'review' and json_extract(line, '$.mode') = 'imported'
            or kind = 'restore' and not {RETURNS}
        """,
        "restore": f"kind = 'restore' and {RETURNS}",
    }
)
"""What an action may be, as a person names it, and the events that make it so."""

OF_CARDS = """
    with names as materialized (select value from json_each(?)),
    own as materialized (select id, batch from events where card in names),
    named as materialized (select id as name from own union select batch from own where batch is not null)
    select id from own union select id from events where kind = 'undo' and target in (select name from named)
    union select id from events where target = '' and kind = 'restore'
    and exists (select 1 from json_each(line, '$.takes') where value in (select name from named))
"""
"""The events of cards, and what took them back."""


def _in_deck(events: str) -> str:
    return f"""(
        substr({events}.card, 1, instr({events}.card, '/') - 1) in (select value from json_each(:decks))
        or {events}.card in (
            select old from aliases where {DECK} in (select value from json_each(:decks))
        )
        or {events}.kind = 'setting'
            and json_extract({events}.line, '$.deck') in (select value from json_each(:decks))
    )"""  # noqa: S608


OF_DECKS = f"""(
    {_in_deck("events")} or kind = 'undo' and exists (
        select 1 from events as gone
        where (gone.id = events.target or gone.batch = events.target) and {_in_deck("gone")}
    ) or kind = 'restore' and exists (
        select 1 from json_each(events.line, '$.takes') as named
        join events as gone on gone.id = named.value or gone.batch = named.value where {_in_deck("gone")}
    )
)"""  # noqa: S608
"""The events of decks, their settings, and what took them back."""

UNDOS = "select line from events where target in (?, ?) and kind = 'undo' order by at, id limit 1"
_NAMING = """
    select line from events where target = '' and kind = 'restore' and exists (
        select 1 from json_each(line, '$.{}') where value in (?, ?)
    ) order by at desc, id desc
"""
TAKES, BRINGS = _NAMING.format("takes"), _NAMING.format("brings")
RESTORED = """
    select sum(json_array_length(line, '$.takes')), sum(json_array_length(line, '$.brings') + (
        select count(*) - count(distinct batch) from events as brought
        where brought.batch in (select value from json_each(events.line, '$.brings'))
    )), sum((
        select count(*) from json_each(events.line, '$.takes') as named
        join events as undo on undo.id = named.value where undo.kind = 'undo'
    )) from events where (id = :name or batch = :name) and kind = 'restore'
"""


class Sought(NamedTuple):
    """Which actions are asked for; nothing named is all."""

    cards: tuple[CardId, ...] = ()
    decks: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    """Roughly: what was certainly done earlier is left out."""
    until: datetime | None = None
    """As roughly, what was certainly done later."""
    oldest_first: bool = False


EVERYTHING = Sought()


class Action(NamedTuple):
    """What was done at once: one event, or a batch."""

    id: str
    """What an undo names."""
    event: Event
    """The event, or the first of the batch."""
    events: int = 1
    is_batch: bool = False
    contents: tuple[tuple[str, str, int], ...] = ()
    """(kind, mark or mode, events) of a batch; empty where they are too many to be looked at."""
    cards: tuple[CardId, ...] = ()
    """Of a batch the first few."""
    cards_count: int = 0
    redacted: bool = False
    """Whether what was typed in the event was taken out of the log."""
    undone: Undo | Restore | None = None
    """What took back the whole of it."""
    takes: int = 0
    """How much a restore takes back."""
    undos: int = 0
    """How much of that are undos, which no longer count."""
    brings: int = 0
    """How much came with it."""


class Actions(Base):
    """Reads the log newest first.

    The order is that of the ids, not (at, id) as in a replay: an id tells when its event was written down,
    a device's ids always grow, even if its clock is set back, and the log is stored by them, so that the
    newest are found at once. A batch stands where its id does: that is when it was brought, while its
    events may be years old.
    """

    def actions(self, sought: Sought = EVERYTHING) -> Iterator[Action]:
        """The actions asked for, newest first unless they are sought the other way round, drawn one by one."""
        where, values = _where(sought)
        if sought.cards:
            keys = self._keys_of_cards(sought, where, values)
        else:
            singles = (self._singles(place, sought, where, values) for place in ("ours", "above", "below"))
            batches = self._batches(sought, where, values)
            keys = merge(*singles, *batches, key=itemgetter(0), reverse=not sought.oldest_first)
        for _, batch, line in keys:
            yield self._batch(batch) if line is None else self._single(line)

    def events_of(self, action: Action, sought: Sought = EVERYTHING) -> Iterator[Action]:
        """The events of a batch that are asked for, newest first, each as an action."""
        where, values = _where(sought)
        if sought.cards:
            where += " and id in (select value from json_each(:ids))"
            values["ids"] = json.dumps(self._ids_of(sought.cards))
        sql = f"select line from events where batch = :batch and {where} order by at desc, id desc"  # noqa: S608
        for line in self._column(sql, {**values, "batch": action.id}):
            yield self._single(line)

    def target_of(self, undo: Undo) -> Action | None:
        """What an undo took back; None if the log does not have it."""
        if self._first("select 1 from events where batch = ?", [undo.target]):
            return self._batch(undo.target)
        found = self._first("select line from events where id = ?", [undo.target])
        return self._single(found[0]) if found else None

    def devices(self) -> list[str]:
        """The devices that wrote events, found without a look at every one."""
        return [*self._column(_steps("device", "true", "min"))]

    def knows_deck(self, deck: str) -> bool:
        """Whether any event is about a card of the deck, be it there or not."""
        sql = "select 1 from events where card >= ? || '/' and card < ? || '0' limit 1"
        return self._first(sql, [deck, deck]) is not None

    def _single(self, line: str) -> Action:
        event = from_line(line)
        undone = None if is_redaction(event) else self._taken_by(event.id, event.batch or event.id)
        action = Action(id=event.id, event=event, undone=undone, redacted=self._is_redacted(event))
        return self._counted(action) if isinstance(event, Restore) else action

    def _batch(self, batch: str) -> Action:
        count = self._number("select count(*) from events where batch = ?", [batch])
        sql = "select line from events where batch = ? order by id limit 1"
        first = from_line(next(self._select(sql, [batch]))[0])
        if isinstance(first, Restore):  # of a reset that comes with it, the reset is what was done
            sql = "select line from events where batch = ? and kind != 'restore' order by id limit 1"
            found = self._first(sql, [batch])
            first = from_line(found[0]) if found else first
        contents: list[tuple[str, str, int]] = []
        cards_count = 0
        if count <= COUNTED:
            sql = f"select kind, {SAID}, count(*) from events where batch = ? group by 1, 2 order by min(id)"  # noqa: S608
            contents = [(kind, said or "", number) for kind, said, number in self._select(sql, [batch])]
            cards_count = self._number("select count(distinct card) from events where batch = ?", [batch])
        action = Action(
            id=batch,
            event=first,
            events=count,
            is_batch=True,
            contents=tuple(contents),
            cards=self._some_cards(batch),
            cards_count=cards_count,
            undone=None if is_redaction(first) else self._taken_by(batch, batch),
            redacted=self._is_redacted(first),
        )
        return self._counted(action) if isinstance(first, Restore) else action

    def _counted(self, action: Action) -> Action:
        """With how much a restore is about; the same where there is none in it."""
        takes, brings, undos = self._first(RESTORED, {"name": action.id}) or (0, 0, 0)
        return action._replace(takes=takes or 0, brings=brings or 0, undos=undos or 0)

    def _is_redacted(self, event: Event) -> bool:
        if not isinstance(event, Review) or event.typed is not None:
            return False
        return self._first("select 1 from redacts where value = ?", [event.id]) is not None

    def _some_cards(self, batch: str) -> tuple[CardId, ...]:
        sql = "select card from events where batch = ? order by id limit ?"
        return tuple(dict.fromkeys(CardId(card) for card in self._column(sql, [batch, NAMED]) if card))

    def _taken_by(self, name: str, batch: str) -> Undo | Restore | None:
        """What takes back an event or a batch: the first undo of it, else the restore that names it.

        What came with a restore is taken back by what takes that one back.
        """
        names = [name, batch]
        if self._first("select 1 from gone where name in (?, ?)", names) is None:
            return None
        for sql in (UNDOS, TAKES):
            found = self._first(sql, names)
            event = from_line(found[0]) if found else None
            if isinstance(event, (Undo, Restore)):
                return event
        for line in self._column(BRINGS, names):
            restore = from_line(line)
            undo = self._first(UNDOS, [restore.id, restore.batch or restore.id])
            event = from_line(undo[0]) if undo else None
            if isinstance(event, Undo):
                return event
        return None

    def _singles(self, place: str, sought: Sought, where: str, values: Values) -> Iterator[Key]:
        """Events that are no batch's: those with ids of ours by these, those of others by their moments."""
        ours = place == "ours"
        bounds = {"ours": "id >= :low and id < :high", "above": "id >= :high", "below": "id < :low"}[place]
        order, way = "id" if ours else "at", "asc" if sought.oldest_first else "desc"
        low = max(OURS[0], _since(sought)) if ours else OURS[0]
        sql = f"""
            select id, at, line from events where batch is null and {bounds} and at >= :since and {where}
            order by {order} {way}, id {way}
        """  # noqa: S608
        since = stamp(sought.since) if sought.since and not ours else ""
        for name, at, line in self._select(sql, {**values, "low": low, "high": OURS[1], "since": since}):
            yield name if ours else _place(at), name, line

    def _batches(self, sought: Sought, where: str, values: Values) -> tuple[Iterator[Key], Iterator[Key]]:
        has = f"select 1 from events where batch = :batch and {where} limit 1"  # noqa: S608

        def is_sought(batch: str) -> bool:
            return next(self._select(has, {**values, "batch": batch}), None) is not None

        def own() -> Iterator[Key]:
            low, first = max(OURS[0], _since(sought)), "min" if sought.oldest_first else "max"
            sql = _steps("batch", f"batch >= :low and batch < '{OURS[1]}'", first)
            for batch in self._column(sql, {"low": low}):
                if is_sought(batch):
                    yield batch, batch, None

        strangers = [
            (self._place_of(batch), batch, None)
            for place in (f"batch < '{OURS[0]}'", f"batch >= '{OURS[1]}'")
            for batch in self._column(_steps("batch", place, "min"))
            if is_sought(batch)
        ]
        return own(), iter(sorted(strangers, reverse=not sought.oldest_first))

    def _keys_of_cards(self, sought: Sought, where: str, values: Values) -> Iterator[Key]:
        """All at once: a card has hundreds of events, in an index of their own."""
        sql = f"""
            select id, at, batch, line from events where id in (select value from json_each(:ids)) and {where}
        """  # noqa: S608
        found: dict[str, Key] = {}
        for name, at, batch, line in self._select(sql, {**values, "ids": json.dumps(self._ids_of(sought.cards))}):
            if batch is None:
                found[name] = (name if _is_ours(name) else _place(at), name, line)
            elif batch not in found:
                found[batch] = (self._place_of(batch), batch, None)
        yield from sorted(found.values(), key=itemgetter(0, 1), reverse=not sought.oldest_first)

    def _ids_of(self, cards: tuple[CardId, ...]) -> list[str]:
        names = [name for card in cards for name in self._column(NAMES, [card] * 4)]
        return [*self._column(OF_CARDS, [json.dumps(names)])]

    def _place_of(self, batch: str) -> str:
        if _is_ours(batch):
            return batch
        found = self._first("select max(at) from events where batch = ?", [batch])
        return _place(found[0]) if found else ""


def _where(sought: Sought) -> tuple[str, Values]:
    """The events asked for, cards aside, and the values in that."""
    tests, values = ["true"], Values()
    if sought.decks:
        tests.append(OF_DECKS)
        values["decks"] = json.dumps(sought.decks)
    if len(sought.devices) == 1:  # its index gives its events in the order of their ids
        tests.append("device = :device")
        values["device"] = sought.devices[0]
    elif sought.devices:  # the plus keeps the events in that order, where the index would not
        tests.append("+device in (select value from json_each(:devices))")
        values["devices"] = json.dumps(sought.devices)
    if sought.kinds:
        tests.append(f"({' or '.join(f'({KINDS[kind]})' for kind in sought.kinds)})")
    if sought.until:
        tests.append("at <= :until")
        values["until"] = stamp(sought.until)
    return " and ".join(tests), values


def _steps(column: str, where: str, newest: str) -> str:
    """The different values of a column, found in its index by one step each."""
    sign = {"max": "<", "min": ">"}[newest]
    return f"""
        with recursive steps (found) as (
            select {newest}({column}) from events where {where} and {column} is not null
            union all
            select (
                select {newest}({column}) from events
                where {where} and {column} is not null and {column} {sign} steps.found
            ) from steps where found is not null
        )
        select found from steps where found is not null
    """  # noqa: S608


def moment_of(identity: str) -> datetime | None:
    """When an id was made; None for one that is not ours."""
    if len(identity) != ID_DIGITS or not _is_ours(identity):
        return None
    try:
        return EPOCH + timedelta(milliseconds=int(identity[:12], 16))
    except (ValueError, OverflowError):
        return None


def _is_ours(identity: str) -> bool:
    return OURS[0] <= identity < OURS[1]


def _since(sought: Sought) -> str:
    return _place(stamp(sought.since)) if sought.since else ""


def _place(at: str) -> str:
    """The first id of a moment."""
    since_epoch = datetime.fromisoformat(at) - EPOCH
    return f"{max(int(since_epoch.total_seconds() * 1000), 0):012x}"
