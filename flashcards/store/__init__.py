"""The database: the one place that knows SQL."""

from flashcards.store.catalog import DeckSource, Row
from flashcards.store.store import Store

__all__ = ["DeckSource", "Row", "Store"]
