"""What is left of a damaged database: events and decks from the file itself, backups, the sync folder, deck files."""

import gzip
import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import chain, islice
from pathlib import Path
from typing import IO, NamedTuple, TypeAlias

from flashcards.app import backups
from flashcards.app.library import deck_in, digest
from flashcards.app.logs import LONGEST_LINE
from flashcards.config import Config
from flashcards.errors import CardsError
from flashcards.log import LineError, from_line
from flashcards.model import EventId, Undo
from flashcards.places import Places, bundled_deck, bundled_names, real_path, stored_path
from flashcards.store import DeckSource, backup, health
from flashcards.store.backup_file import GZIP, SQLITE, beginning
from flashcards.store.leftover import CUT_OFF
from flashcards.store.salvage import Progress, Salvage, Saved, quietly

ENOUGH_BACKUPS = 2
"""The log only grows, so that the newest holds all; the one before it is there for what that may have lost."""
IN_PLACE = "what lies in its place"
Found: TypeAlias = tuple[str, dict[EventId, str], list[DeckSource]]
"""Where it is from, lines by id, decks."""


class Part(NamedTuple):
    """Something that events were taken from."""

    name: str
    events: int
    """That it has."""
    alone: int
    """That nothing before it had."""


class Rescue(NamedTuple):
    """All that can be saved."""

    lines: dict[EventId, str]
    parts: tuple[Part, ...]
    decks: dict[str, tuple[int, DeckSource, str]]
    """By deck: place, source, and where it is from."""
    facts: dict[str, str]
    doubtful: int
    """Events that only a broken page of the damaged file has."""
    lost: frozenset[str]
    """Ids that an index or an undo names, and nobody has."""
    seen: tuple[object, ...]
    """What the files were like when they were read."""


# ---------------------------------------------------------------- what there is


def look(places: Places, progress: Progress = quietly) -> Rescue:
    """Reads the damaged file, the newest backups and the logs in the sync folder; nothing is written."""
    database = os.path.realpath(places.database)
    seen = health.state_of(database)
    saved = Salvage(digest).read(_with_its_log(database), progress)
    lines: dict[EventId, str] = {}
    parts = []
    decks: dict[str, tuple[int, DeckSource, str]] = {
        deck: (place, source, "the damaged file") for deck, (place, source) in saved.decks.items()
    }
    for name, its_lines, its_decks in chain(_in_place(database), _backups(places)):
        parts.append(_add(lines, name, its_lines))
        for place, source in enumerate(its_decks, start=1_000):
            decks.setdefault(source.deck, (place, source, name))
    sure = {name: line for name, line in saved.lines.items() if name not in saved.doubtful}
    parts.append(_add(lines, "the damaged file", sure))
    parts += [_add(lines, f"{path.name} of the sync folder", _lines_of(path)) for path in _synced(places)]
    parts.append(_add(lines, "what was cut off its log", cut_off(places)))
    doubtful = {name: line for name, line in saved.lines.items() if name not in lines}
    parts.append(_add(lines, "broken pages of it", doubtful))
    for source in _of_files(places, saved, _decks_named(lines) - decks.keys()):
        decks.setdefault(source.deck, (2_000, source, "its file"))
    return Rescue(lines, tuple(parts), decks, saved.facts, len(doubtful), _lost(saved, lines), seen)


def _decks_named(lines: dict[EventId, str]) -> set[str]:
    cards = (getattr(from_line(line), "card", None) for line in lines.values())
    return {card.partition("/")[0] for card in cards if card}


def _of_files(places: Places, saved: Saved, wanted: set[str]) -> Iterator[DeckSource]:
    """Decks as their files have them: whose text was spoilt, or that events name, in the home or with the program."""
    spoilt = [real_path(path) for path in sorted(saved.paths)]
    came_along = [bundled_deck(name) for name in bundled_names() if name in wanted]
    at_home = sorted(map(str, Path(places.decks).glob("*.yaml")))
    for path in dict.fromkeys([*spoilt, *at_home, *came_along]):
        with suppress(OSError, CardsError):
            facts, data = Path(path).stat(), Path(path).read_bytes()
            bare = DeckSource("", "", stored_path(path), facts.st_size, facts.st_mtime_ns, digest(data))
            deck = deck_in(bare, data)
            if deck and (deck.id in wanted or path in spoilt):
                yield bare._replace(deck=deck.id, title=deck.title, source=zlib.compress(data, 1))


def cut_off(places: Places) -> dict[EventId, str]:
    """The events at the end of a write-ahead log that SQLite did not take for whole."""
    path = f"{places.database}{CUT_OFF}"
    return Salvage(digest).read(path).lines if Path(f"{path}-wal").exists() else {}


def _add(lines: dict[EventId, str], name: str, found: dict[EventId, str]) -> Part:
    alone = 0
    for identity, line in found.items():
        alone += lines.setdefault(identity, line) is line
    return Part(name, len(found), alone)


def _backups(places: Places) -> Iterator[Found]:
    """The newest backups that can be read."""
    paths = (one.path for one in backups.newest_first(places.backups))
    yield from islice(chain.from_iterable(_held(path, Path(path).name) for path in paths), ENOUGH_BACKUPS)


def _in_place(database: str) -> Iterator[Found]:
    """What somebody put in the place of the database: a backup that is still packed, or a log."""
    start = beginning(database)
    if start and start != SQLITE:
        yield from _held(database, IN_PLACE) if start.startswith(GZIP) else ()
        if lines := _lines_of(Path(database)):
            yield IN_PLACE, lines, []


def _held(path: str, name: str) -> Iterator[Found]:
    """What a backup holds, if it can be read."""
    try:
        with backup.opened(path) as held:
            found = dict(_by_id(held.lines())), held.decks()
    except (CardsError, OSError):
        return
    yield name, *found


def _by_id(lines: Iterable[str]) -> Iterator[tuple[EventId, str]]:
    for line in lines:
        with suppress(LineError):
            yield from_line(line).id, line


def _synced(places: Places) -> list[Path]:
    """The logs in the sync folder, of all devices."""
    with suppress(OSError, CardsError):
        folder = str(Config(places.config, ()).get("sync"))
        if not folder:
            return []
        found = Path(folder).expanduser() / "log"
        return sorted(
            one
            for one in found.iterdir()
            if one.name.endswith((".jsonl", ".jsonl.gz")) and one.is_file() and not one.is_symlink()
        )
    return []


def _lines_of(path: Path) -> dict[EventId, str]:
    found: dict[EventId, str] = {}
    with suppress(OSError, EOFError, zlib.error), _opened(path) as file:
        while data := file.readline(LONGEST_LINE):
            found.update(_by_id([data.decode("utf-8", "surrogateescape").strip()]))
    return found


def _opened(path: Path) -> IO[bytes]:
    return gzip.open(path) if beginning(str(path)).startswith(GZIP) else path.open("rb")  # type: ignore[return-value]


def _lost(saved: Saved, lines: dict[EventId, str]) -> frozenset[str]:
    """Names that nothing is behind."""
    batches, targets = set[str](), set[str]()
    for line in lines.values():
        event = from_line(line)
        if batch := getattr(event, "batch", None):
            batches.add(batch)
        if isinstance(event, Undo):
            targets.add(event.target)
    return frozenset((saved.named | targets) - lines.keys() - batches)


def _with_its_log(database: str) -> str:
    """The damaged file; or its other name, if an earlier attempt was cut off when only the log had moved."""
    if not Path(f"{database}-wal").exists():
        for other in _kept(database):
            with suppress(OSError):
                if other.samefile(database):
                    return str(other)
    return database


def _kept(database: str) -> list[Path]:
    path = Path(database)
    found = path.parent.glob(f"{path.name}.damaged-*")
    return sorted(one for one in found if not one.name.endswith(("-wal", "-shm")))
