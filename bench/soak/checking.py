"""The end of it: every device has the same log, all that was promised is in it, and what is derived is a replay of it."""

import json
import shutil
import sqlite3
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from bench.soak.devices import Device
from bench.soak.ledger import Ledger, key_of
from flashcards.app import App
from flashcards.places import Places

DERIVED = ("cards", "memory", "renames", "aliases")
SHOWN = 5
"""Of many differences, how many are printed."""


class Found(NamedTuple):
    """What was wrong on one device, in words."""

    device: str
    events: int
    differences: tuple[str, ...]


def check(device: Device, ledger: Ledger, before: set[str], everywhere: set[str]) -> Found:
    """Looks at a device that is at rest."""
    events = [json.loads(line) for line in lines(device)]
    ids = {event["id"] for event in events}
    found = Counter(key_of(event) for event in events if event["id"] not in before)
    wrong = [f"promised and not there: {' '.join(key)}" for key in ledger.missing(found).elements()]
    wrong += [f"there and asked for by nobody: {' '.join(key)}" for key in ledger.unexplained(found).elements()]
    wrong += ["an import that is there in part"] * ledger.half(ids)
    wrong += [f"not on this device: {one}" for one in sorted(everywhere - ids)]
    wrong += sound(device.home / "cards.db") + derived(device.home)
    return Found(device.name, len(ids), tuple(wrong))


def lines(device: Device) -> list[str]:
    """The log as it is exported."""
    ran = device.run("export", "log")
    if ran.returncode:
        raise SystemExit(ran.stderr)
    return ran.stdout.splitlines()


def sound(path: Path) -> list[str]:
    """What SQLite finds."""
    with closing(sqlite3.connect(path)) as connection:
        found = [text for (text,) in connection.execute("pragma integrity_check") if text != "ok"]
        return found + [f"foreign key: {row}" for row in connection.execute("pragma foreign_key_check")]


def derived(home: Path) -> list[str]:
    """Derived tables that are not what a copy of the database makes of the log anew."""
    copy = home.with_name(f"{home.name}-copy")
    shutil.rmtree(copy, ignore_errors=True)
    copy.mkdir()
    for one in home.glob("cards.db*"):
        shutil.copyfile(one, copy / one.name)
    before = tables(copy)
    with closing(sqlite3.connect(copy / "cards.db")) as connection:
        connection.execute("update meta set value = '0' where name = 'derived'")
        connection.commit()
    app = App(Places(database=str(copy / "cards.db"), config=str(copy / "config.toml")))
    try:
        app.store.meta("derived")
    finally:
        app.close()
    after = tables(copy)
    return [f"the table `{name}` is not a replay of the log" for name in DERIVED if before[name] != after[name]]


def tables(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The derived tables, without what has no meaning: the place of a card, and cards that no deck has any more."""
    found = {}
    with closing(sqlite3.connect(home / "cards.db")) as connection:
        for name in DERIVED:
            columns = [row[1] for row in connection.execute(f"pragma table_info({name})") if row[1] != "place"]
            where = "where not retired" if name == "cards" else ""
            found[name] = sorted(connection.execute(f"select {', '.join(columns)} from {name} {where}"), key=repr)
    return found


def plant(device: Device, fault: str, ledger: Ledger) -> None:
    """Does what must never happen, so that the count can be seen to notice it."""
    with closing(sqlite3.connect(device.home / "cards.db")) as connection:
        if fault == "derived":
            connection.execute("update memory set reviews = reviews + 1 where card = (select min(card) from memory)")
        else:
            token = next(key[1] for key in ledger.promised if key[0] == "review")
            connection.execute("drop trigger events_no_delete")
            connection.execute("delete from events where kind = 'review' and line ->> 'typed' = ?", [token])
        connection.commit()
