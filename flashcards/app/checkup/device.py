"""Check of the device: under which name this store writes, and whether the home is a copy."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from flashcards.app import device
from flashcards.app.checkup import Finding, count, guarded

if TYPE_CHECKING:
    from flashcards.app import App


def all_of(app: "App") -> Iterator[Finding]:
    """Nothing is written: a copy takes its fresh name when it writes next."""
    yield from guarded("device", lambda: _device(app))


def _device(app: "App") -> Finding | None:
    known = device.names(app.store)
    if not known:
        return None
    now, *former = known
    facts = {
        "name": now.name,
        "copied": device.is_elsewhere(app.store),
        "former": [{"name": one.name, "path": one.place.path} for one in former],
    }
    details = tuple(f"before: {one.name}, in {one.place.path}" for one in former)
    if facts["copied"]:
        says = f"this home is a copy of that of `{now.name}`: it takes a fresh name when it writes next"
        return Finding("device", "note", says, details=details, facts=facts)
    more = f", {count(len(former), 'name')} before it: this home was copied or moved" if former else ""
    return Finding("device", "ok", f"{now.name}{more}", details=details, facts=facts)
