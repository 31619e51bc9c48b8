"""A package taken in: decks, what lies beside them, the history, and what is kept for the way back."""

import re
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from flashcards.formats import ids
from flashcards.formats.anki import history, kept, native, notes
from flashcards.formats.anki.collection import CardRow, Collection, NoteRow, NoteType
from flashcards.formats.anki.database import Database, collection
from flashcards.formats.anki.media import safe_name, safe_names
from flashcards.formats.anki.ours import Own, own_notes
from flashcards.formats.anki.package import (
    OLDEST,
    BrokenPackageError,
    Package,
    copy_member,
    faults,
    look,
    open_media,
    unpack_collection,
)
from flashcards.formats.html import clean
from flashcards.formats.plain import Beside, Brought, Options, PlainDeck
from flashcards.model import CardId, Event, Problem

WORD = re.compile(r"\s+")
MOST_CARDS_OF_A_NOTE = 1_000


class Taken(NamedTuple):
    """The decks, and where each of Anki's cards went."""

    decks: tuple[PlainDeck, ...]
    cards: dict[int, CardId]
    """Our card by Anki's."""
    parts: dict[str, tuple[list[tuple[str, dict[str, Any]]], dict[int, str]]]
    """By guid: deck and plain card, in order; our card by Anki's ordinal."""
    notes: tuple[str, ...]


def read(path: Path, name: str, options: Options) -> Brought:
    """What the package at `path` holds; its faults as one problem."""
    try:
        with faults(path.name):
            package = look(path)
        with faults(package.member or path.name):
            database = Database(unpack_collection(package))
            found = collection(database)
            media = safe_names(package.media)
            taken = _take(found, media, options)
    except (BrokenPackageError, OSError, MemoryError) as error:
        message = getattr(error, "message", "") or getattr(error, "strerror", "") or "it is too large for this machine"
        problem = Problem(path=name, line=1, column=1, message=clean(message), hint=getattr(error, "hint", ""))
        return Brought(problems=(problem,))
    source = history.Source(
        collection=found,
        cards=taken.cards,
        device=options.device,
    )
    return Brought(
        decks=taken.decks,
        notes=taken.notes,
        events=lambda batch: _clear(name, package, history.events(source, batch)),
        beside=_beside(package, media, taken, name, options),
    )


def _clear(name: str, package: Package, events: Iterable[Event]) -> Iterator[Event]:
    """The events; should the database break in the middle, one clear error."""
    from flashcards.errors import DeckProblems

    try:
        with faults(package.member or name):
            yield from events
    except BrokenPackageError as error:
        problem = Problem(path=name, line=1, column=1, message=clean(error.message), hint=error.hint)
        raise DeckProblems([problem]) from None


# ---------------------------------------------------------------- decks


class _Group(NamedTuple):
    note: NoteRow
    rows: Sequence[CardRow]


def _take(found: Collection, media: dict[str, str], options: Options) -> Taken:
    names = notes.Names(media=media, folder=options.media, decks={key: deck.name for key, deck in found.decks.items()})
    gathered = _Gathering(found, names)
    for group in _groups(found):
        gathered.add(group)
    return gathered.done(options)


def _groups(found: Collection) -> Iterator[_Group]:
    """Each note with its cards, in the order of notes."""
    by_note: dict[int, list[CardRow]] = {}
    for row in found.cards():
        by_note.setdefault(row.nid, []).append(row)
    for note in found.notes():
        rows = sorted(by_note.pop(note.id, ()), key=attrgetter("ord"))[:MOST_CARDS_OF_A_NOTE]
        yield _Group(note=note, rows=[next(same) for _, same in groupby(rows, key=attrgetter("ord"))])


Key = int | str
"""A deck of Anki's by its number, one of ours by its id."""


class _Gathering:
    """Notes on their way into decks."""

    def __init__(self, found: Collection, names: notes.Names) -> None:
        self.found, self.names = found, names
        self.own = own_notes(found, notes.paths(names))
        self.headers = {own.header.id: own.header for own in reversed(self.own.values())}
        """What our own decks say of themselves, by the first of their notes."""
        self.here = self._own_decks()
        self.decks: dict[Key, list[tuple[str, dict[str, Any]]]] = {}
        self.homes: dict[str, list[tuple[int, int, str, str]]] = {}
        """By guid: Anki's card, its ordinal, the id of ours, and its suffix."""
        self.where: dict[int, Key] = {}
        self.taken = {str(own.card["id"]) for own in self.own.values()}
        self.occlusions = self.empty = self.strange = 0

    def add(self, group: _Group) -> None:
        note, rows = group
        note_type = self.found.note_types.get(note.mid)
        if note_type is None or not rows:
            self.strange += 1
        elif own := self.own.get(note.id):
            self._put_own(note, own, rows)
        elif notes.is_occlusion(note_type, note):
            self.occlusions += len(rows)
        else:
            self._put(note, note_type, rows)

    def _put(self, note: NoteRow, note_type: NoteType, rows: Sequence[CardRow]) -> None:
        made = notes.make(note, note_type, rows, self.names)
        self.empty += len(rows) - len(made.ordinals)
        base = self._id(note)
        by_ordinal = {row.ord: row for row in rows}
        placed: dict[int, str] = {}
        home = self.homes.setdefault(note.guid, [])
        for ordinal, place, suffix in made.ordinals:
            row = by_ordinal[ordinal]
            if place not in placed:
                placed[place] = base if ordinal == 0 or suffix else f"{base}-{ordinal + 1}"
                self.decks.setdefault(self._deck(row), []).append(
                    (note.guid, {"id": placed[place], **made.cards[place]})
                )
            self.where[row.id] = self._deck(row)
            home.append((row.id, ordinal, placed[place], suffix))

    def _put_own(self, note: NoteRow, own: Own, rows: Sequence[CardRow]) -> None:
        """A card of ours, in its deck and under its id, wherever Anki has it now."""
        suffixes, home = native.suffixes(own.card), self.homes.setdefault(note.guid, [])
        self.decks.setdefault(own.header.id, []).append((note.guid, own.card))
        for row in rows:
            if row.ord in suffixes:
                self.where[row.id] = own.header.id
                home.append((row.id, row.ord, str(own.card["id"]), suffixes[row.ord]))

    def _own_decks(self) -> dict[int, str]:
        """Decks of Anki's that hold cards of one deck of ours: what was added there belongs to it."""
        found: dict[int, set[str]] = {}
        for row in self.found.cards() if self.own else ():
            if row.nid in self.own:
                found.setdefault(row.odid or row.did, set()).add(self.own[row.nid].header.id)
        return {key: next(iter(names)) for key, names in found.items() if len(names) == 1}

    def _deck(self, row: CardRow) -> Key:
        return self.here.get(row.odid or row.did, row.odid or row.did)

    def _id(self, note: NoteRow) -> str:
        """The id of a note; one more digit where two notes have one guid."""
        name = notes.note_id(note.guid)
        if name in self.taken:
            name = f"{name}.{note.id & 0xFFFFFFFFFFFF:x}"
        while name in self.taken:
            name += "x"
        self.taken.add(name)
        return name

    def done(self, options: Options) -> Taken:
        deck_ids = self._deck_ids(options)
        decks = tuple(
            PlainDeck(
                id=deck_ids[key],
                title=self._title(key),
                tags=self.headers[key].tags if isinstance(key, str) else (),
                was=self.headers[key].was if isinstance(key, str) else (),
                cards=tuple(card for _, card in self.decks[key]),
            )
            for key in deck_ids
        )
        cards: dict[int, CardId] = {}
        parts: dict[str, tuple[list[tuple[str, dict[str, Any]]], dict[int, str]]] = {}
        for key, its_cards in self.decks.items():
            for guid, card in its_cards:
                parts.setdefault(guid, ([], {}))[0].append((deck_ids[key], card))
        for guid, home in self.homes.items():
            for cid, ordinal, name, suffix in home:
                cards[cid] = CardId(f"{deck_ids[self.where[cid]]}/{name}{suffix}")
                parts[guid][1][ordinal] = cards[cid]
        return Taken(decks=decks, cards=cards, parts=parts, notes=tuple(self._told()))

    def _deck_ids(self, options: Options) -> dict[Key, str]:
        """An id for each deck that has cards, in the order of their names; ours have one."""
        used = sorted(self.decks, key=lambda key: (self._title(key).casefold(), str(key)))
        if len(used) == 1 and options.deck and not self.headers:
            return {used[0]: options.deck}
        made = iter(ids.from_texts([self._title(key) for key in used if isinstance(key, int)], frozenset(self.headers)))
        found: dict[Key, str] = {}
        for key in used:
            name = key if isinstance(key, str) else next(made)
            found[key] = name if name not in found.values() else f"{name}-{str(key).removeprefix('-')}"
        return found

    def _title(self, key: Key) -> str:
        if isinstance(key, str):
            return self.headers[key].title
        deck = self.found.decks.get(key)
        return WORD.sub(" ", clean(deck.name)).strip() if deck and deck.name.strip() else f"deck {key}"

    def _told(self) -> Iterator[str]:
        if self.occlusions:
            yield f"{_count(self.occlusions)} of image occlusion left out: a deck cannot hide parts of a picture"
        if self.empty:
            yield f"{_count(self.empty)} without a question left out"
        if self.strange:
            yield f"{_count(self.strange, 'note')} without cards or note type left out"


def _count(number: int, what: str = "card") -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


# ---------------------------------------------------------------- beside


def _beside(package: Package, media: dict[str, str], taken: Taken, name: str, options: Options) -> tuple[Beside, ...]:
    folder = f"{options.media}/" if options.media else ""
    files = [
        Beside(name=f"{folder}{media[one.name]}", open=_opener(package, one), size=one.size)
        for one in {one.name: one for one in reversed(package.media)}.values()
    ]
    stem = options.media.removesuffix(".media") or safe_name(Path(name).stem)  # both are found by one name
    return (*reversed(files), Beside(name=f"{stem}{kept.SUFFIX}", open=lambda: _keep(package, media, taken)))


def _opener(package: Package, media: Any) -> Callable[[], BinaryIO]:  # noqa: ANN401
    def opened() -> BinaryIO:
        from flashcards.errors import CardsError

        try:
            return open_media(package, media)
        except BrokenPackageError as error:
            raise CardsError(f"`{package.path.name}`: {clean(error.message)}", hint=error.hint) from None

    return opened


def _keep(package: Package, media: dict[str, str], taken: Taken) -> BinaryIO:
    """What another program needs to get its own back; see `kept`."""
    kept_notes = {
        guid: kept.KeptNote(
            deck=parts[0][0],
            id=str(parts[0][1]["id"]),
            hash=kept.text_hash(*(card for _, card in parts)),
            cards=cards,
        )
        for guid, (parts, cards) in taken.parts.items()
        if parts
    }
    target = tempfile.SpooledTemporaryFile(max_size=1 << 20)  # noqa: SIM115  (the caller closes it)
    with zipfile.ZipFile(target, "w") as archive:
        copy_member(package, archive)
        info = zipfile.ZipInfo(kept.CARDS)
        info.compress_type = zipfile.ZIP_DEFLATED
        data = kept.to_json(kept.Kept(member=package.member or OLDEST, notes=kept_notes, media=media))
        archive.writestr(info, data)
    target.seek(0)
    return cast("BinaryIO", target)
