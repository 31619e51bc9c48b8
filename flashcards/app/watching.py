"""Looks, at the price of a `stat`, which deck files may have changed since they were read."""

import os

from flashcards.places import real_path
from flashcards.store import DeckSource, Store


def suspects(store: Store) -> list[DeckSource]:
    """The decks whose file has another size or date, and those whose card index was dropped."""
    found = _suspects(store)
    if found:
        from flashcards.app import unfinished  # pathlib and json, and only where something changed

        if unfinished.taken_back(store):
            return _suspects(store)
    return found


def _suspects(store: Store) -> list[DeckSource]:
    return [source for source in store.decks() if not source.hash or _looks_different(source)]


def _looks_different(source: DeckSource) -> bool:
    """A file that is gone does not: the last good version stays."""
    try:
        facts = os.stat(real_path(source.path))
    except OSError:
        return False
    return (facts.st_size, facts.st_mtime_ns) != (source.size, source.mtime_ns)
