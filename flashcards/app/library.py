"""Taking decks in: from files, folders and globs, all or nothing, with every change named."""

import os
import zlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from flashcards.errors import CardsError, UnknownFormat
from flashcards.model import Card, CardId, Deck, Problem
from flashcards.places import BUNDLED, FIRST_DECK, bundled_deck, bundled_names, real_path, stored_path
from flashcards.store import DeckSource, Store
from flashcards.store.derived import card_from, card_text

DECK_SUFFIXES = (".yaml", ".yml")
LOG_SUFFIX = ".jsonl"

Kind = Literal["new", "changed", "moved", "retired", "returned"]
KINDS: tuple[Kind, ...] = ("new", "changed", "moved", "retired", "returned")


class Change(NamedTuple):
    """What an import does to one card."""

    card: CardId
    kind: Kind
    front: str


class DeckChange(NamedTuple):
    """What an import does to one deck."""

    deck: Deck
    source: DeckSource
    changes: tuple[Change, ...]
    moved_from: str = ""
    """The file it was in before, if that is another."""

    def count(self, kind: Kind) -> int:
        """How many cards change in this way."""
        return sum(change.kind == kind for change in self.changes)


class Reading(NamedTuple):
    """What a source gave: a deck's change, or its problems."""

    path: str
    change: DeckChange | None
    problems: tuple[Problem, ...] = ()


# ---------------------------------------------------------------- finding


def find_files(sources: Iterable[str]) -> tuple[list[Path], list[Path]]:
    """The deck files and the review logs that the sources name; raises for a source that names nothing.

    In a folder only files count that say `deck:`; a file that is named must be readable. A bare
    name that no file has may be that of a deck that came along.
    """
    decks: dict[str, Path] = {}
    logs: dict[str, Path] = {}
    for source in sources:
        for path in _expand(source):
            (logs if path.suffix == LOG_SUFFIX else decks).setdefault(os.path.realpath(path), path)
    return list(decks.values()), list(logs.values())


def _expand(source: str) -> list[Path]:
    path = Path(os.path.expanduser(source))  # noqa: PTH111  (a `~name` that nobody has stays as it is)
    if path.is_dir():
        return _or_nothing(sorted(_in_folder(path)), f"`{source}` has no deck in it")
    if not path.exists() and source in bundled_names():
        return [Path(bundled_deck(source))]
    if path.exists() or not any(c in source for c in "*?["):
        return [_known_suffix(path)]
    from glob import glob

    found = [Path(name) for name in sorted(glob(str(path), recursive=True))]  # noqa: PTH207  (patterns with folders)
    return _or_nothing([_known_suffix(one) for one in found if one.is_file()], f"`{source}` matches no file")


def _in_folder(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            path = Path(parent, name)
            if name.startswith(".") or not path.is_file():
                continue  # an editor's lock or backup, a pipe, a link to nowhere
            if path.suffix == LOG_SUFFIX or (path.suffix in DECK_SUFFIXES and _says_deck(path)):
                yield path


def _says_deck(path: Path) -> bool:
    """Whether a YAML file in a folder means to be a deck; other YAML lies in many folders."""
    try:
        with path.open("rb") as file:
            start = file.read(65536)
    except OSError as error:
        raise _unreadable(path, error) from None
    return any(line.lstrip(b"\xef\xbb\xbf").startswith((b"deck:", b"cards:")) for line in start.splitlines())


def _unreadable(path: Path, error: OSError) -> CardsError:
    return CardsError(f"cannot read `{path}`: {error.strerror}", hint="check the name of the file")


def _known_suffix(path: Path) -> Path:
    if not path.suffix and not path.exists():
        raise CardsError(
            f"cannot read `{path}`: there is no such file or folder",
            hint=f"check the name; the decks that came along are {', '.join(bundled_names())}",
        )
    if path.suffix not in (*DECK_SUFFIXES, LOG_SUFFIX):
        raise UnknownFormat(f"`{path}` is of no known format", hint="decks end in .yaml or .yml, review logs in .jsonl")
    return path


def _or_nothing(found: list[Path], message: str) -> list[Path]:
    if not found:
        raise CardsError(message, hint="decks end in .yaml or .yml, review logs in .jsonl")
    return found


# ---------------------------------------------------------------- reading


def read_all(store: Store, paths: Sequence[Path], *, replace: bool = False) -> list[Reading]:
    """Reads deck files and compares each with what the store has; changes nothing."""
    readings = [read(store, path) for path in paths]
    return _check_together(store, readings, replace=replace)


def read_first(store: Store) -> DeckChange | None:
    """The first of the decks that came with the program, compared with what the store has."""
    return read(store, Path(bundled_deck(FIRST_DECK))).change


def others_bundled() -> list[str]:
    """The names of the decks that came along and are not the first."""
    return [name for name in bundled_names() if name != FIRST_DECK]


def read(store: Store, path: Path) -> Reading:
    """Reads one deck file; its faults are data, a file that cannot be opened is an error."""
    try:
        facts = path.stat()
        data = _bytes(path, facts.st_size)
    except OSError as error:
        raise _unreadable(path, error) from None
    return _parsed(store, path, data, facts)


def _parsed(store: Store, path: Path, data: bytes, facts: os.stat_result) -> Reading:
    """The deck in `data`; `facts` are older than `data`, so that an edit in between is noticed the next time."""
    from flashcards.formats import for_path  # PyYAML: 20 ms, and only when a deck changed

    shown = str(path)
    deck, problems = for_path(path).parse(data, shown)
    if deck is None or problems:
        return Reading(path=shown, change=None, problems=tuple(problems))
    stored = stored_path(shown)
    deck = deck._replace(path=stored)
    source = DeckSource(
        deck=deck.id,
        title=deck.title,
        path=stored,
        size=facts.st_size,
        mtime_ns=facts.st_mtime_ns,
        hash=digest(data),
        source=zlib.compress(data, 1),
    )
    return Reading(path=shown, change=_compare(store, deck, source))


def _bytes(path: Path, size: int) -> bytes:
    """The file; of one that is too big no more than shows that it is."""
    from flashcards.formats.yaml import MAX_BYTES

    with path.open("rb") as file:
        return file.read(min(size, MAX_BYTES) + 1)


def digest(data: bytes) -> str:
    """The hash of a deck file; it carries the name of its algorithm."""
    from hashlib import blake2b  # 3 ms of OpenSSL

    return f"blake2b:{blake2b(data, digest_size=20).hexdigest()}"


def _compare(store: Store, deck: Deck, source: DeckSource) -> DeckChange:
    known = store.deck_cards(deck.id)
    before = next((one for one in store.decks() if one.deck == deck.id), None)
    texts = {card.id: card_text(card) for card in deck.cards}
    moved = _out_of_order([known[c.id][1] for c in deck.cards if c.id in known and not known[c.id][2]])
    changes = [change for card in deck.cards if (change := _change(card, texts[card.id], known, moved))]
    gone = [card for card, (_, _, retired) in known.items() if not retired and card not in texts]
    changes += [Change(card=card, kind="retired", front=card_from(known[card][0]).front) for card in gone]
    moved_from = before.path if before and before.path != source.path else ""
    return DeckChange(deck=deck, source=source, changes=tuple(changes), moved_from=moved_from)


def _change(card: Card, text: str, known: dict[CardId, tuple[str, int, bool]], moved: set[int]) -> Change | None:
    if card.id not in known:
        return Change(card=card.id, kind="new", front=card.front)
    content, place, retired = known[card.id]
    kind: Kind | None = None
    if retired:
        kind = "returned"
    elif content != text:
        kind = "changed"
    elif place in moved:
        kind = "moved"
    return Change(card=card.id, kind=kind, front=card.front) if kind else None


def _out_of_order(places: list[int]) -> set[int]:
    """The fewest places that moved: all outside a longest increasing subsequence."""
    tails: list[int] = []
    lengths: list[int] = []
    for place in places:
        index = bisect_left(tails, place)
        tails[index : index + 1] = [place]
        lengths.append(index)
    moved, need = set(), len(tails) - 1
    for place, length in zip(reversed(places), reversed(lengths), strict=True):
        if length == need:
            need -= 1
        else:
            moved.add(place)
    return moved


# ---------------------------------------------------------------- one deck, one file


def _check_together(store: Store, readings: list[Reading], *, replace: bool) -> list[Reading]:
    """A deck that is in two files is a problem that names both."""
    first: dict[str, str] = {}
    known = {source.deck: source.path for source in store.decks()}
    checked = []
    for reading in readings:
        other = ""
        if reading.change:
            deck = reading.change.deck
            other = first.setdefault(deck.id, reading.path) if deck.id in first else ""
            first.setdefault(deck.id, reading.path)
            if not other and not replace:
                other = _still_there(known.get(deck.id, ""), deck)
        checked.append(_twice(reading, other) if other else reading)
    return checked


def _still_there(stored: str, deck: Deck) -> str:
    """The other file of this deck, if it is still there and is not one that came with the program."""
    if not stored or stored == deck.path or stored.startswith(BUNDLED) or deck.path.startswith(BUNDLED):
        return ""
    path = Path(stored)
    if not path.is_file() or path.samefile(real_path(deck.path)):
        return ""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    said = (line.removeprefix("deck:").partition(" #")[0] for line in text.splitlines() if line.startswith("deck:"))
    return stored if deck.id in (name.strip().strip("\"'") for name in said) else ""


def _twice(reading: Reading, other: str) -> Reading:
    name = reading.change.deck.id if reading.change else ""
    problem = Problem(
        path=reading.path,
        line=1,
        column=1,
        message=f"the deck `{name}` is also in `{other}`",
        hint="give one of them another `deck:`, delete one, or take this one with --replace",
    )
    return Reading(path=reading.path, change=None, problems=(problem,))


# ---------------------------------------------------------------- taking in


def take(store: Store, changes: Iterable[DeckChange]) -> None:
    """Puts decks into the store, in one transaction."""
    store.put_decks([(change.deck, change.source) for change in changes])


def notice(store: Store, sources: Iterable[DeckSource]) -> list[Reading]:
    """Takes in the decks whose file changed on disk; `sources` are the suspects (`watching`).

    The hash decides; a file with faults is named and the last good version goes on.
    """
    readings = []
    for source in sources:
        readings += _notice_one(store, source, Path(real_path(source.path))) if source.hash else _reindex(store, source)
    return readings


def _notice_one(store: Store, source: DeckSource, path: Path) -> list[Reading]:
    try:
        facts = path.stat()
        data = _bytes(path, facts.st_size)
        if digest(data) == source.hash:
            full = next(one for one in store.decks(sources=True) if one.deck == source.deck)
            store.touch_deck(full._replace(size=facts.st_size, mtime_ns=facts.st_mtime_ns))
            return []
        reading = _parsed(store, path, data, facts)
    except (OSError, CardsError):
        return []
    if reading.change and reading.change.deck.id != source.deck:
        return []
    if reading.change:
        take(store, [reading.change])
    return [reading]


def _reindex(store: Store, source: DeckSource) -> list[Reading]:
    """Reads the last good text of a deck again, after the card index was dropped."""
    from flashcards.formats import for_path

    full = next(one for one in store.decks(sources=True) if one.deck == source.deck)
    data = zlib.decompress(full.source)
    deck, problems = for_path(Path(real_path(source.path))).parse(data, source.path)
    if deck is None:
        return [Reading(path=source.path, change=None, problems=tuple(problems))]
    store.put_decks([(deck._replace(path=source.path), full._replace(hash=digest(data)))])
    return []
