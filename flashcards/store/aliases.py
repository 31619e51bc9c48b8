"""Former ids of cards: which card each leads to now, by the standing marks `was` of the log."""

import json
from collections.abc import Collection, Iterable

from flashcards.log import stamp
from flashcards.model import CardId, Event, Mark
from flashcards.replay import rename, renamed
from flashcards.store.events import SAYS_REDACT, STANDING
from flashcards.store.standing import Standing

RENAMES = """
    select 1 from renames where event in (select value from json_each(?))
    union all select 1 from renames where batch in (select value from json_each(?)) limit 1
"""
"""Whether any of these events or batches carried a history over."""


class Aliases(Standing):
    """Keeps the table of former ids in step with the log; where nothing was renamed it is empty and costs nothing."""

    def resolve(self, card: CardId) -> CardId:
        """The card that this id stands for: itself, unless its history went to another."""
        found = self._first("select card from aliases where old = ?", [card])
        return CardId(found[0]) if found else card

    def resolved(self, cards: Iterable[CardId]) -> dict[CardId, CardId]:
        """The card that each of many ids stands for."""
        ids = {card: card for card in cards}
        sql = "select old, card from aliases where old in (select value from json_each(?))"
        ids.update((CardId(old), CardId(card)) for old, card in self._select(sql, [json.dumps([*ids])]))
        return ids

    def former(self, card: CardId) -> list[CardId]:
        """The ids whose history the card has, besides its own."""
        return [*map(CardId, self._column("select old from aliases where card = ? order by old", [card]))]

    def aliases(self) -> dict[CardId, CardId]:
        """Every former id, with the card that it stands for."""
        return {CardId(old): CardId(card) for old, card in self._select("select old, card from aliases")}

    def newest_rename(self) -> str:
        """The stamp of the newest mark that carried a history over; "" if there is none."""
        found = self._first("select max(at) from renames")
        return (found and found[0]) or ""

    def has_lost_names(self, deck: str) -> bool:
        """Whether a history that a card of the deck had taken over was taken from it again."""
        sql = """
            select 1 from renames where substr(card, 1, ?) = ? and not exists (
                select 1 from aliases where aliases.old = renames.old
            ) limit 1
        """
        return self._first(sql, [len(deck) + 1, f"{deck}/"]) is not None

    def _note_renames(self, events: Iterable[Event], changed: Collection[str] = ()) -> bool:
        """Notes marks that carry a history over; whether the former ids have to be worked out anew.

        `changed` are names of events and batches that were taken back, or no longer are.
        """
        stale = False
        for event in events:
            if pair := rename(event):
                row = (event.id, *pair, stamp(event.at), event.batch)
                self._connection.execute("insert or ignore into renames values (?, ?, ?, ?, ?)", row)
                stale = True
        return stale or bool(changed and self._first(RENAMES, [json.dumps([*changed])] * 2))

    def _renew_aliases(self) -> set[CardId]:
        """Works the former ids out anew; the ids that stand for more or fewer events than before."""
        before = self.aliases()
        sql = f"""
            select card, old from (select 'mark' as kind, event as id, card, old, at, batch from renames) as events
            where {STANDING} order by at, id
        """  # noqa: S608
        after = renamed((CardId(card), CardId(old)) for card, old in self._select(sql))
        moved = {old for old in before.keys() | after.keys() if before.get(old) != after.get(old)}
        for old in moved:
            self._connection.execute("delete from aliases where old = ?", [old])
        for old in moved & after.keys():
            self._connection.execute("insert into aliases (old, card) values (?, ?)", [old, after[old]])
        return moved | {ids.get(old, old) for old in moved for ids in (before, after)}

    def _find_renames(self, marks: Iterable[Event]) -> None:
        """Fills both tables from the marks of the whole log."""
        self._connection.execute("delete from renames")
        self._connection.execute("delete from aliases")
        if self._note_renames(event for event in marks if isinstance(event, Mark)):
            self._renew_aliases()

    def _marks(self) -> list[Event]:
        """Every mark that may carry a history over or take a text out, by one walk through the log.

        The text is looked at before it is read.
        """
        sql = f"""select line from events where kind = 'mark' and instr(line, '"was"') > 0 or {SAYS_REDACT}"""  # noqa: S608
        return [*self._events(sql)]
