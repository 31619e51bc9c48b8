"""The decks of a sync folder as files: texts, who holds which, the pictures beside them, and what is remembered here.

`decks/NAME.yaml` is a text, `decks/NAME.media/` holds its pictures and sounds, and `decks/DEVICE.held.json` says which
texts that device holds. Whatever writes into the folder may be hostile: no link is followed, every size is bounded,
and a name that is no name of a deck is nobody's path.
"""

import json
import os
import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from flashcards.errors import CardsError
from flashcards.sync.lineage import MOST_FORMER, Known
from flashcards.sync.names import safe_device
from flashcards.sync.writing import put

FOLDER = "decks"
DECK = re.compile(r"([a-z0-9][a-z0-9-]{0,199})\.yaml")
HELD = re.compile(r"([A-Za-z0-9%_-]{1,100})\.held\.json")
HASH = re.compile(r"[a-z0-9]{1,20}:[0-9a-f]{8,128}")
MOST_TEXT_BYTES = 16 * 2**20
"""As in a deck file."""
MOST_LIST_BYTES = 4 * 2**20
MOST_FILES = 20_000
MOST_DEVICES = 200

Facts = tuple[int, int, int]
"""Size and dates: what shows, without reading a file, that it is another."""
Lists = Mapping[str, tuple[str, ...]]
"""Of each deck the texts that a device had, the one it has now first."""


class Unfit(CardsError):
    """What lies in the folder cannot be taken in."""


class Remembered(NamedTuple):
    """What this device remembers of a deck in the folder, with what spares it a second look."""

    known: Known = Known()
    facts: Facts = (0, 0, 0)
    """Of the file in the folder when it was last read."""
    there: str = ""
    """Its text then."""
    stems: tuple[str, ...] = ()
    """The folders of pictures that the agreed text links to."""
    looked: Mapping[str, tuple[int, int]] = {}
    """The dates of each of those folders, here and there, once they held the same."""


# ---------------------------------------------------------------- texts


def folder_of(folder: Path) -> Path:
    """Where the decks of a sync folder lie; raises where that leads elsewhere."""
    place = folder / FOLDER
    with suppress(OSError):
        if not stat.S_ISDIR(place.lstat().st_mode):
            raise Unfit(f"`{place}` is no folder of its own, so no deck travels", hint="move it away")
    return place


def texts(place: Path) -> dict[str, Path]:
    """The files that are called like decks."""
    return {found[1]: place / found[0] for found in _called(place, DECK)}


def facts_of(path: Path) -> Facts:
    """Size and dates of a file; zeros where there is none."""
    try:
        found = path.lstat()
    except OSError:
        return (0, 0, 0)
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """A file of the folder; raises Unfit for what is no plain file."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        if path.is_symlink():
            raise Unfit("is a link in the folder, and links are not followed")
        handle = os.open(path, flags)
    except OSError as error:
        raise Unfit(f"cannot be read in the folder: {error.strerror}") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise Unfit("is no plain file in the folder")
    with os.fdopen(handle, "rb") as file:
        yield file


def read(path: Path, most: int = MOST_TEXT_BYTES) -> bytes:
    """A file of the folder; raises Unfit for what is no plain file of a sensible size."""
    with opened(path) as file:
        try:
            data = file.read(most + 1)
        except OSError as error:
            raise Unfit(f"cannot be read in the folder: {error.strerror}") from None
    if len(data) > most:
        raise Unfit(f"is larger than {most // 2**20} MiB in the folder")
    return data


def write(path: Path, data: bytes) -> None:
    """Puts a file into the folder, whole or not at all."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        put(str(path), [data])
    except OSError as error:
        raise CardsError(f"cannot write `{path}`: {error.strerror}", hint="make room, or allow it") from None


def _called(place: Path, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
    try:
        with os.scandir(place) as entries:
            for number, entry in enumerate(entries):
                if number >= MOST_FILES:
                    return
                if found := pattern.fullmatch(entry.name):
                    yield found
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unfit(f"cannot read `{place}`: {error.strerror}") from None


# ---------------------------------------------------------------- who holds which


def held(place: Path) -> dict[str, Lists]:
    """What the devices say that they hold; nothing that makes no sense."""
    found: dict[str, Lists] = {}
    for name in _called(place, HELD):
        if len(found) < MOST_DEVICES:
            with suppress(Unfit):
                found[name[1]] = _lists(read(place / name[0], MOST_LIST_BYTES))
    return found


def has_said(place: Path, device: str) -> bool:
    """Whether a device has a list there; the folder may have lost it."""
    return os.path.lexists(_list_of(place, device))


def _list_of(place: Path, device: str) -> Path:
    return place / f"{safe_device(device)}.held.json"


def say_held(place: Path, device: str, lists: Lists) -> None:
    """Tells the other devices what this one holds, where that is news."""
    path = _list_of(place, device)
    data = json.dumps({"format": "cards.held/1", "decks": lists}, indent=1, sort_keys=True).encode() + b"\n"
    try:
        before = read(path, MOST_LIST_BYTES)
    except Unfit:
        before = b""
    if data != before and (lists or before):
        write(path, data)


def _lists(data: bytes) -> dict[str, tuple[str, ...]]:
    try:
        decks = json.loads(data)["decks"]
        return {str(deck): _hashes(found) for deck, found in decks.items() if DECK.fullmatch(f"{deck}.yaml")}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}


def _hashes(found: Any) -> tuple[str, ...]:  # noqa: ANN401  (whatever stands there)
    if not isinstance(found, list):
        return ()
    return tuple(one for one in found[:MOST_FORMER] if isinstance(one, str) and HASH.fullmatch(one))


# ---------------------------------------------------------------- what is remembered here

NO_SENSE = (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError, OverflowError)
"""What is raised where such a file is not what was written: another shape, a number without end, brackets too deep."""


def recall(path: Path, folder: str) -> dict[str, Remembered]:
    """What this device remembers of the decks in a folder; nothing where that was lost, which does no harm."""
    try:
        decks = json.loads(path.read_bytes())["folders"][folder]
        return {str(deck): _remembered(fields) for deck, fields in decks.items()}
    except NO_SENSE:
        return {}


def remember(path: Path, folder: str, decks: Mapping[str, Remembered]) -> None:
    """Keeps it for the next time."""
    try:
        folders = json.loads(path.read_bytes())["folders"]
        whole = {str(name): found for name, found in folders.items() if name != folder}
    except NO_SENSE:
        whole = {}
    whole[folder] = {deck: {**one._asdict(), "known": one.known._asdict()} for deck, one in sorted(decks.items())}
    write(path, json.dumps({"format": "cards.sync-decks/1", "folders": whole}).encode())


def _remembered(fields: Mapping[str, Any]) -> Remembered:
    known = fields["known"]
    return Remembered(
        known=Known(
            agreed=str(known["agreed"]),
            lineage=tuple(map(str, known["lineage"])),
            sure=bool(known["sure"]),
        ),
        facts=(int(fields["facts"][0]), int(fields["facts"][1]), int(fields["facts"][2])),
        there=str(fields["there"]),
        stems=tuple(map(str, fields["stems"])),
        looked={str(stem): (int(dates[0]), int(dates[1])) for stem, dates in fields["looked"].items()},
    )
