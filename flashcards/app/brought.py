"""The decks that imports brought, so that an undo of the import takes them out again.

Decks are files and not part of the log, so what an import brought of them is a fact of this home alone. A changed file
is no such action: it is taken back where it was changed.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from flashcards.app import device
from flashcards.model import Event
from flashcards.store import DeckSource, Store

if TYPE_CHECKING:
    from flashcards.app.library import DeckChange

FACT = "brought decks"
MOST = 100
"""Imports that are known; who goes back further finds `cards deck remove`."""


class Brought(NamedTuple):
    """What one import brought."""

    after: str
    """The greatest id that this store had given: what has a greater one was done later."""
    action: str
    """The event or batch of the log that is the same action; "" if it came with no history."""
    decks: tuple[str, ...]


class Undone(NamedTuple):
    """An action that was taken back."""

    events: list[Event]
    decks: list[DeckSource]
    """Those that went with it."""


def known(store: Store) -> list[Brought]:
    """The imports whose decks are there, the newest first."""
    there = {source.deck for source in store.decks()}
    return [one for one in _read(store) if not there.isdisjoint(one.decks)]


def new_decks(store: Store, changes: "Iterable[DeckChange]") -> set[str]:
    """Those of the decks that the store does not have, under whatever name."""
    there = {source.deck for source in store.decks()}
    return {change.deck.id for change in changes if there.isdisjoint({change.deck.id, *change.deck.was})}


def note(store: Store, decks: Collection[str], action: str = "") -> None:
    """Remembers the decks of an import, at the end of its transaction."""
    if decks:
        _write(store, [Brought(device.newest_id(store), action, tuple(sorted(decks))), *_read(store)][:MOST])


def take_out(store: Store, one: Brought) -> list[DeckSource]:
    """Takes the decks of an import out; their files stay, and what was answered of their cards."""
    gone = [source for source in store.decks() if source.deck in one.decks]
    for source in gone:
        store.forget_deck(source.deck)
    _write(store, [other for other in _read(store) if other != one])
    return gone


def _read(store: Store) -> list[Brought]:
    try:
        rows = json.loads(store.meta(FACT) or "[]")
        return [Brought(str(after), str(action), tuple(map(str, decks))) for after, action, decks in rows]
    except (ValueError, TypeError, RecursionError):  # not written by this program: then nothing is known
        return []


def _write(store: Store, imports: Sequence[Brought]) -> None:
    store.note_meta(FACT, json.dumps(imports))
