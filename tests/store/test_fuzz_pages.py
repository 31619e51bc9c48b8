"""Databases of no sense: what looks at their pages ends, raises nothing, and gives events that are events.

Normally some dozens of them; `FUZZ_SECONDS=600 pytest -n0 tests/store/test_fuzz_pages.py` goes on for ten minutes.
"""

import random
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from endless import bent, by_hand, for_a_long_time
from store.damaged import Sound, sound

from flashcards.app.library import digest
from flashcards.errors import CardsError
from flashcards.log import from_line, to_line
from flashcards.store import backup_file, backup_reading, pages
from flashcards.store.salvage import Salvage

PAGE = 4096
MOST_SECONDS = 20
"""Of processor time for one file of some hundred pages; half a second is usual."""
NUMBERS = (
    b"\xff" * 8 + b"\x7f",
    b"\x81" * 8 + b"\0",
    b"\x83\xff\xff\x7f",
    b"\0\0\0\2",
    b"\0\0\0\0",
    b"\x0d",
    b"\x0a",
    b"\5",
    b"\0",
)
"""As lengths, pointers and kinds of pages: huge, far, back to a page before, none."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A database with all that can be in one, and a write-ahead log."""
    return sound(tmp_path_factory.mktemp("sound") / "home")


def moved(dice: random.Random, data: bytes) -> bytes:
    """Whole pages in the place of others, doubled, lost, empty; some end in the middle."""
    found = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(found))
        match dice.randrange(4):
            case 0:
                found[at] = dice.choice(found)
            case 1:
                found[at : at + 1] = dice.choices(found, k=dice.randrange(3)) or [bytes(PAGE)]
            case 2:
                found[at] = bytes(PAGE)
            case _:
                found[at] = dice.randbytes(PAGE)
    return b"".join(found)[: dice.choice((None, None, dice.randrange(len(data) + 1)))]


def chained(dice: random.Random, data: bytes) -> bytes:
    """Pages whose first bytes name a page, as those do that go on with a long record: in circles, too."""
    found = bytearray(data)
    last = max(len(data) // PAGE, 2)
    for _ in range(dice.randrange(12)):
        at = dice.randrange(last) * PAGE
        found[at : at + 4] = dice.randrange(last + 1).to_bytes(4, "big")
    return bytes(found[: len(data)])


def spoilt(dice: random.Random, data: bytes) -> bytes:
    """One sort of harm, or all of them."""
    for harm in dice.sample((moved, chained, partial(bent, signs=()), written), k=dice.randrange(1, 5)):
        data = harm(dice, data) if data else data
    return data


def written(dice: random.Random, data: bytes) -> bytes:
    """Numbers over what is there."""
    found = bytearray(data)
    for _ in range(dice.randrange(30)):
        at, number = dice.randrange(len(found)), dice.choice(NUMBERS)
        found[at : at + len(number)] = number
    return bytes(found[: len(data)])


def looked_at(folder: Path, whole: Sound, dice: random.Random) -> None:
    """What pages hold, and how much of a write-ahead log is passed over."""
    path = folder / "cards.db"
    path.write_bytes(spoilt(dice, whole.database) if dice.random() < 0.9 else b"")
    Path(f"{path}-wal").write_bytes(spoilt(dice, whole.log) if dice.random() < 0.7 else whole.log)
    began = time.process_time()

    found = Salvage(digest).read(str(path))
    pages.cut_commits(str(path))

    assert time.process_time() - began < MOST_SECONDS
    assert all(to_line(from_line(line)) == line for line in found.lines.values())


def restored_from(folder: Path, whole: Sound, dice: random.Random) -> None:
    """A backup is read, or refused in a line; packed or plain."""
    plain, packed = folder / "plain.db", folder / "b.db.gz"
    plain.write_bytes(spoilt(dice, whole.database))
    backup_file.pack_file(str(plain), str(packed), {"events": 1})
    if dice.random() < 0.5:
        packed.write_bytes(bent(dice, packed.read_bytes()))
    for path in (plain, packed):
        backup_file.told(str(path))
        with suppress(CardsError), backup_reading.opened(str(path)) as held:
            assert len([*held.ids()]) == len([*held.lines()])
            held.counts()
            held.decks()


def test_any_pages(tmp_path: Path, whole: Sound) -> None:
    """Pages that were moved, chained in circles, and overwritten are looked at to the end."""
    for seed in range(12):
        looked_at(tmp_path, whole, random.Random(seed))


def test_any_backup(tmp_path: Path, whole: Sound) -> None:
    """A backup in which anything was changed is read or refused."""
    for seed in range(12):
        restored_from(tmp_path, whole, random.Random(seed))


def leaf(size: int, header: int, cells: int) -> bytes:
    """A page of a table: so many rows of `size` bytes, all of them one and the same, which goes on in page 2."""
    at = 8 + 2 * cells
    start = bytes([0x0D, 0, 0]) + cells.to_bytes(2, "big") + bytes(3) + at.to_bytes(2, "big") * cells
    row = varint(size) + varint(1)
    least = (PAGE - 12) * 32 // 255 - 23
    local = least + (size - least) % (PAGE - 4)
    local = local if local <= PAGE - 35 else least
    return (start + row + varint(header).ljust(local, b"\0") + (2).to_bytes(4, "big")).ljust(PAGE, b"\0")


def varint(number: int) -> bytes:
    """A number as SQLite writes it."""
    sevens = [number >> shift & 0x7F for shift in range(28, -1, -7)]
    first = next((n for n, part in enumerate(sevens) if part), 4)
    return bytes([*(part | 0x80 for part in sevens[first:-1]), sevens[-1]])


@pytest.mark.parametrize("header", [5, 30_000_000], ids=["rows", "columns"])
def test_records_that_go_round_for_ever_are_left(tmp_path: Path, header: int) -> None:
    """Thousands of rows of 60 MB that go on in a page that leads to itself; or one with millions of columns."""
    path = tmp_path / "cards.db"
    head = (b"SQLite format 3\0" + (PAGE).to_bytes(2, "big")).ljust(PAGE, b"\0")
    path.write_bytes(head + (2).to_bytes(4, "big").ljust(PAGE, b"\0") + leaf(60_000_000, header, 500) * 20)

    found = Salvage(digest).read(str(path))

    assert ({}, {}) == (found.lines, found.decks)


@by_hand
@pytest.mark.timeout(0)
@pytest.mark.parametrize("act", [looked_at, restored_from])
def test_for_a_long_time(tmp_path: Path, whole: Sound, act) -> None:
    """The same for as long as one likes."""
    for_a_long_time(partial(act, tmp_path, whole), share=0.5)
