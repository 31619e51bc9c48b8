"""The name of this store among a person's devices, and the ids of what it writes.

Two stores that write under one name could take each other's actions back, and would write one file of a sync
folder. A copied home has the name in its database; so the store remembers where it lay when it took the name: on
which machine, as which file, at which path. What agrees in two of the three is the same place. That way a renamed
folder, a new machine id at every start of a container, or a network mount with other file numbers each time is
still the same store, and a copy is not. A fresh name costs nothing, so none is asked for.
"""

import json
import os
from datetime import datetime
from typing import NamedTuple

from flashcards.log import is_ours, next_id
from flashcards.model import Event, EventId, Review
from flashcards.store import Store

MACHINE = ("/etc/machine-id", "/var/lib/dbus/machine-id")
PRIME = 4_294_967_291
"""The greatest below 2**32. An id of a machine is nobody else's business; what is left of it serves to compare."""
AGREE = 2
MOST_NAMES = 16
"""A store that seems to have been in so many places is one whose surroundings say nothing: it keeps its name."""


class Place(NamedTuple):
    """Where a store lies."""

    machine: str
    file: str
    path: str


class Name(NamedTuple):
    """A name that this store has or had, and where."""

    name: str
    place: Place
    until: str = ""
    """The newest id that it had given when it was left; what came later is another store's."""


# ---------------------------------------------------------------- names


def name(store: Store) -> str:
    """The name under which this store writes events; made up at the first use, and anew where the home is a copy."""
    if not store.device:
        store.device = _settled(store)
    return store.device


def names(store: Store) -> list[Name]:
    """Every name that this store has written under, the present one first."""
    current = store.meta("device")
    if current is None:
        return []
    known = _read(store.meta("devices") or "")
    if not known or known[0].name != current:  # written by a version that did not look where it was
        known = [Name(current, _here(store.path)), *(one for one in known if one.name != current)]
    return known


def is_elsewhere(store: Store) -> bool:
    """Whether the present name belongs to another place, so that the next write takes another."""
    known = names(store)
    return bool(known) and _of_this_place(known, _here(store.path)) is not known[0]


def renew(store: Store) -> str:
    """Takes a fresh name: somebody else writes under this one. Returns it."""
    with store.together():
        store.device = _take(store, names(store), None)
    return store.device


def last_actions(store: Store, most: int) -> list[list[Event]]:
    """The last standing actions of this store, under whatever name it wrote them; of one name at a time.

    A person who moved a home to a new machine still expects to take back what was done last. What others did under
    a former name since then stays theirs.
    """
    if found := store.last_actions(name(store), most):
        return found
    former = sorted(names(store)[1:], key=lambda one: one.until, reverse=True)
    return next((found for one in former if (found := store.last_actions(one.name, most, until=one.until))), [])


def last_typed(store: Store) -> Review | None:
    """The newest review of this store in which something was typed, under whatever name; None if there is none."""
    own = [store.newest_typed(name(store))]
    former = (store.newest_typed(one.name, until=one.until) for one in names(store)[1:])
    return max((one for one in (*own, *former) if one), key=lambda one: one.id, default=None)


def _settled(store: Store) -> str:
    here, known = _here(store.path), _read(store.meta("devices") or "")
    if known and known[0].place == here and known[0].name == store.meta("device"):
        return known[0].name
    with store.together():  # of two processes that come to a new place one finds the name
        known = names(store)
        return _take(store, known, _of_this_place(known, here))


def _of_this_place(known: list[Name], here: Place) -> Name | None:
    """The name that belongs to where the store is; None for a fresh one."""
    found = next((one for one in known if _agree(one.place, here) >= AGREE), None)
    return found or (known[0] if len(known) >= MOST_NAMES else None)


def _agree(one: Place, other: Place) -> int:
    return sum(mine == theirs and mine != "" for mine, theirs in zip(one, other, strict=True))


def _take(store: Store, known: list[Name], found: Name | None) -> str:
    """Makes the name, or a fresh one, the present one."""
    rest = [one for one in known if found is None or one.name != found.name]
    if rest and rest[0] is known[0]:
        rest[0] = rest[0]._replace(until=store.newest_id(rest[0].name))
    taken = Name(found.name if found else _unused(store, known), _here(store.path))
    store.note_meta("devices", json.dumps([taken, *rest][:MOST_NAMES]))
    if not known or known[0].name != taken.name:
        store.note_meta("device", taken.name)
    return taken.name


def _read(text: str) -> list[Name]:
    try:
        return [Name(str(name), Place(*map(str, place)), str(until)) for name, place, until in json.loads(text)]
    except (ValueError, TypeError):  # ours, and of no weight: without it the name stays
        return []


# ---------------------------------------------------------------- places


def _here(path: str) -> Place:
    return Place(machine=_machine(), file=_file(path), path=os.path.realpath(path))


def _machine() -> str:
    text = next(filter(None, map(_first_bytes, MACHINE)), b"") or _node().encode()
    return f"{int.from_bytes(text, 'big') % PRIME:08x}"


def _first_bytes(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read(64).strip()
    except OSError:
        return b""


def _file(path: str) -> str:
    """The numbers of the file and of its folder: a copy has others, a folder that was renamed has the same."""
    try:
        return f"{os.stat(path).st_ino}.{os.stat(os.path.dirname(path)).st_ino}"
    except OSError:
        return ""


def _node() -> str:
    """The name of the machine."""
    return os.uname().nodename if hasattr(os, "uname") else os.environ.get("COMPUTERNAME", "")


def _unused(store: Store, known: list[Name]) -> str:
    """The machine's name and four hex digits: `laptop-3f2a`."""
    found = "".join(c for c in _node().partition(".")[0].lower() if c.isascii() and (c.isalnum() or c == "-"))
    while True:
        fresh = f"{found[:20] or 'device'}-{os.urandom(2).hex()}"
        if fresh not in {one.name for one in known} and not store.newest_id(fresh):
            return fresh


# ---------------------------------------------------------------- ids


def new_id(store: Store, at: datetime) -> EventId:
    """A fresh event id that sorts behind all of this device's, those under its former names too."""
    name(store)  # one is found first, if there is none
    return next_id(at, newest_id(store), int.from_bytes(os.urandom(10), "big"))


def newest_id(store: Store) -> str:
    """The greatest id that this store gave to anything, under whatever name; "" if it gave none."""
    known = names(store)
    own = store.newest_id(known[0].name) if known else ""
    given = [own, *(one.until for one in known[1:])]  # a name may have been taken up again
    return max(filter(is_ours, given), default="")
