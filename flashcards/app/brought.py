"""The decks that imports brought, so that an undo of the import takes them out again.

Decks are files and not part of the log, so what an import brought of them is a fact of this home alone. A changed file
is no such action: it is taken back where it was changed. Nor is a deck that came by a sync or a restore.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flashcards.app import device
from flashcards.model import Event
from flashcards.places import BUNDLED, real_path
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
    """The imports whose decks can be taken out, the newest first."""
    imports = _read(store)
    named = {deck for one in imports for deck in one.decks}
    there = {source.deck for source in store.decks() if source.deck in named and has_file(source)}
    return [one for one in imports if not there.isdisjoint(one.decks)]


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
    gone = [source for source in store.decks() if source.deck in one.decks and has_file(source)]
    for source in gone:
        store.forget_deck(source.deck)
    forget(store, {source.deck for source in gone})
    return gone


def forget(store: Store, decks: Collection[str]) -> None:
    """What was imported is gone: a deck that comes under one of these names later is another matter."""
    imports = _read(store)
    left = [one._replace(decks=tuple(deck for deck in one.decks if deck not in decks)) for one in imports]
    if left != imports:
        _write(store, [one for one in left if one.decks])


def has_file(source: DeckSource) -> bool:
    """Whether a file still holds the deck; if not, nobody but the store has its text."""
    if source.path.startswith(BUNDLED):
        return True
    path = Path(real_path(source.path))
    try:
        found = path.stat()
    except OSError:
        return False
    if (found.st_size, found.st_mtime_ns) == (source.size, source.mtime_ns):
        return True
    from flashcards.app.finding import deck_said  # reads the file: only where it may have changed

    return deck_said(path) == source.deck


def _read(store: Store) -> list[Brought]:
    try:
        rows = json.loads(store.meta(FACT) or "[]")
        return [Brought(str(after), str(action), tuple(map(str, decks))) for after, action, decks in rows]
    except (ValueError, TypeError, RecursionError):  # not written by this program: then nothing is known
        return []


def _write(store: Store, imports: Sequence[Brought]) -> None:
    store.note_meta(FACT, json.dumps(imports))
