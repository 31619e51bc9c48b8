"""A database with everything in it that can be damaged, and bytes of it flipped at chosen places."""

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import homes

from flashcards.app import App, library
from flashcards.log import next_id, to_line
from flashcards.model import Baseline, CardId, Event, Grade, Mark, Review, Undo
from flashcards.places import Places

BEGIN = datetime(2026, 9, 1, 18, 0, tzinfo=UTC)
DECK = "deck: d\ntitle: Everything\ncards:\n" + "".join(
    f"  - {{id: c{number}, front: question {number}, back: answer {number}}}\n" for number in range(60)
)


class Sound(NamedTuple):
    """What lies on disk while nothing is wrong yet."""

    database: bytes
    log: bytes
    """The write-ahead log, with the last events."""
    events: frozenset[str]
    """Their lines."""


def events(number: int) -> list[Event]:
    """Reviews of some weeks, among them every other kind; some lines are longer than a page."""
    found: list[Event] = []
    for n in range(number):
        at = BEGIN + timedelta(minutes=90 * n)
        identity = next_id(at, "", n + 1)
        card = CardId(f"d/c{n % 60}")
        if n % 50 == 7:
            found.append(Mark(id=identity, card=card, mark="flag", at=at, device="laptop-1"))
        elif n % 50 == 11:
            found.append(Undo(id=identity, target=found[-2].id, at=at, device="laptop-1"))
        elif n % 50 == 13:
            state = {"note": "x" * (200 + n), "of": [n] * 300}
            found.append(Baseline(id=identity, card=card, scheduler="other", state=state, at=at, device="phone-2"))
        else:
            typed = "y" * 9_000 if n % 120 == 1 else "ls -a" if n % 3 else None
            found.append(
                Review(
                    id=identity,
                    card=card,
                    grade=Grade(n % 6),
                    at=at,
                    offset_minutes=60,
                    day=at.date(),
                    mode="scheduled",
                    took_ms=1000 + n,
                    typed=typed,
                    device="laptop-1",
                )
            )
    return found


def sound(folder: Path, number: int = 150, *, log: bool = True) -> Sound:
    """A database with events, decks, derived tables, free pages and long rows.

    With `log`, the last transactions are in a write-ahead log, as a kill leaves it.
    """
    folder.mkdir(parents=True)
    deck = folder / "d.yaml"
    deck.write_text(DECK)
    some = events(number)
    app = App(homes.places(folder))
    library.take(app.store, [library.read(app.store, deck).change])
    app.store.append(some[: number - number // 6])
    app.store._connection.execute("create table for_a_while as select zeroblob(3000) from events limit 20")
    app.store._connection.execute("drop table for_a_while")
    app.store._connection.execute("pragma wal_checkpoint(truncate)")
    for n in range(number - number // 6, number, 10):
        app.store.append(some[n : n + 10])
    if not log:
        app.store._connection.execute("pragma wal_checkpoint(truncate)")
    places = homes.places(folder)
    lines = frozenset(to_line(event) for event in some)
    found = Sound(Path(places.database).read_bytes(), Path(f"{places.database}-wal").read_bytes(), lines)
    app.close()
    return found


class Flip(NamedTuple):
    """One byte, and what it becomes."""

    place: int
    byte: int
    where: str
    """What the page is: `header`, `events leaf` …; `log` for the write-ahead log."""


def flips(database: bytes, log: bytes, count: int, seed: int = 1) -> Iterator[Flip]:
    """Places of all sorts of pages in turn, the header and the write-ahead log among them."""
    dice = random.Random(seed)
    pages: defaultdict[str, list[int]] = defaultdict(list)
    for number in range(len(database) // 4096):
        page = database[number * 4096 : number * 4096 + 4096]
        kind = {2: "index inside", 10: "index leaf", 5: "table inside", 13: "table leaf"}.get(page[0], "other")
        pages["schema" if number == 0 else kind].append(number)
    kinds = [*sorted(pages), "header", "cell pointers", "page headers", *(["log"] if log else [])]
    for number in range(count):
        where = kinds[number % len(kinds)]
        byte = dice.randrange(1, 256)
        if where == "header":
            yield Flip(dice.randrange(100), byte, where)
        elif where == "log":
            yield Flip(dice.randrange(len(log)), byte, where)
        elif where in {"cell pointers", "page headers"}:
            page = dice.randrange(len(database) // 4096)
            yield Flip(page * 4096 + dice.randrange(12 if where == "page headers" else 400), byte, where)
        else:
            yield Flip(dice.choice(pages[where]) * 4096 + dice.randrange(4096), byte, where)


def damaged(folder: Path, whole: Sound, flip: Flip) -> Places:
    """A fresh home with one byte flipped."""
    folder.mkdir(parents=True, exist_ok=True)
    places = homes.places(folder)
    database, log = bytearray(whole.database), bytearray(whole.log)
    (log if flip.where == "log" else database)[flip.place] ^= flip.byte
    Path(places.database).write_bytes(database)
    Path(f"{places.database}-wal").unlink(missing_ok=True)
    if log:
        Path(f"{places.database}-wal").write_bytes(log)
    Path(f"{places.database}-shm").unlink(missing_ok=True)
    return places


def everything(folder: Path) -> dict[str, bytes]:
    """Every file below a folder with what it holds."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
