"""The database: the one place that knows SQL."""

from flashcards.store.store import DeckSource, Row, Store

__all__ = ["DeckSource", "Row", "Store"]
