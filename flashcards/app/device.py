"""The name of this store among a person's devices, and the ids of what it writes."""

import os
from datetime import datetime

from flashcards.log import next_id
from flashcards.model import EventId
from flashcards.store import Store


def name(store: Store) -> str:
    """The name under which this store writes events; made up at the first use."""
    return store.meta("device") or store.meta("device", _fresh()) or ""


def new_id(store: Store, at: datetime) -> EventId:
    """A fresh event id that sorts behind all of this device's."""
    return next_id(at, store.newest_id(name(store)), int.from_bytes(os.urandom(10), "big"))


def _fresh() -> str:
    """The machine's name and four hex digits: `laptop-3f2a`."""
    from platform import node

    found = "".join(c for c in node().partition(".")[0].lower() if c.isascii() and (c.isalnum() or c == "-"))
    return f"{found[:20] or 'device'}-{os.urandom(2).hex()}"
