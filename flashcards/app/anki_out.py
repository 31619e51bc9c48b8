"""Decks with their history as a package of Anki: what came from there goes back as it was, but for what changed."""

import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from flashcards import clock
from flashcards.app import App
from flashcards.formats.anki import originals, scheduled
from flashcards.formats.anki.collection import AnkiDeck, CardRow, Collection, NoteRow, NoteType, ReviewRow
from flashcards.formats.anki.history import due_day
from flashcards.formats.anki.kept import KeptNote, text_hash
from flashcards.formats.anki.native import NOTE_TYPES
from flashcards.formats.anki.originals import Original
from flashcards.formats.anki.packing import pack
from flashcards.formats.anki.scheduled import Days
from flashcards.formats.anki.writer import CREATED, Ids, MadeNote, deck_id, made_notes, media_names
from flashcards.formats.html_out import LINK
from flashcards.formats.plain import Beside, PlainDeck
from flashcards.formats.plain_yaml import plain
from flashcards.model import CardId, Memory, Review
from flashcards.places import real_path

PACKAGE_ID = slice(12, 20)
"""Eight zeros there in the id of a review that a package brought; dice in one of ours."""


class Source(NamedTuple):
    """A deck as it is now."""

    plain: PlainDeck
    folder: Path
    changed: int
    """Seconds since 1970: when its file was written."""


class Part(NamedTuple):
    """An original, and what goes out of it."""

    original: Original
    shift: int
    """Days from its first day to that of the package."""
    notes: Mapping[str, NoteRow | None]
    """By guid: the note anew, None if it is left out; all others go as they came."""


def export(app: App, names: Sequence[str]) -> Iterator[bytes]:
    """The pieces of a package with these decks, all if none is named."""
    return _Export(app, names).pieces()


class _Export:
    """One package on its way out."""

    def __init__(self, app: App, names: Sequence[str]) -> None:
        self.app = app
        self.whole = not names
        self.sources = [
            Source(
                plain=plain(zlib.decompress(one.source), one.path),
                folder=Path(real_path(one.path)).parent,
                changed=one.mtime_ns // 10**9 or int(clock.now().timestamp()),
            )
            for one in app.store.decks(sources=True)
            if not names or one.deck in names
        ]
        self.memories = {row.memory.card: row.memory for row in app.store.all_rows(names)}
        self.acted = app.store.acted_on()
        self.cards = _by_name(self.sources)
        self.found = self._originals()
        self.days = Days(first=_first_day(self.found), today=app.today)
        self.ids = Ids()
        self.used: set[int] = set()
        """Decks of Anki's that have cards in the package."""
        self.ours: dict[str, str] = {}
        """Cards that went out as rows of an original, by `deck/id`."""
        self.homes: dict[str, int] = {}
        """Anki's deck of the first such card, by the id of ours."""
        self.note_ids: dict[tuple[int, int], int] = {}
        self.card_ids: dict[tuple[int, int], int] = {}
        self.new_entries: list[tuple[int, CardId]] = []
        self.made: list[MadeNote] = []
        self.decks: dict[int, AnkiDeck] = {}

    def pieces(self) -> Iterator[bytes]:
        """The package, made part by part."""
        parts = [self._part(original) for original in self.found]
        files = self._files()
        note_types: dict[int, NoteType] = {**NOTE_TYPES}
        for part in reversed(parts):
            note_types.update(part.original.collection.note_types)
            decks = part.original.collection.decks
            self.decks.update(
                (d, one) for d, one in decks.items() if d in self.used or (self.whole and not one.filtered)
            )
        self._make(media_names(files))
        first = self.found[0].collection if self.found else None
        collection = Collection(
            created=first.created if first else CREATED,
            creation_west=first.creation_west if first else 0,
            rollover=first.rollover if first else 4,
            note_types=note_types,
            decks=self.decks,
            notes=partial(self._notes, parts),
            cards=partial(self._cards, parts),
            reviews=partial(self._reviews, parts),
        )
        names = media_names(files)
        yield from pack(collection, [*_original_files(self.found), *(f._replace(name=names[f.name]) for f in files)])

    # ------------------------------------------------------------ plan

    def _originals(self) -> list[Original]:
        """What is kept beside the decks, as far as it has notes of them."""
        wanted = {source.plain.id for source in self.sources}
        paths = dict.fromkeys(path for source in self.sources for path in originals.find(source.folder))
        opened = (originals.open_original(path) for path in paths)
        return [one for one in opened if any(note.deck in wanted for note in one.kept.notes.values())]

    def _part(self, original: Original) -> Part:
        """Decides about each note of an original."""
        types, names = original.collection.note_types, originals.base_names(original)
        notes: dict[str, NoteRow | None] = {}
        decks: dict[int, str] = {}
        for note in original.collection.notes():
            facts = original.kept.notes.get(note.guid)
            if facts is None:
                if not self.whole:
                    notes[note.guid] = None
                continue
            now = originals.now_there(facts, self.cards)
            anew = self._decided(note, facts, now, types.get(note.mid), names)
            if anew is not note:
                notes[note.guid] = anew
            if anew is not None:
                decks[note.id] = facts.deck
                self.ours.update((name.partition("~")[0], note.guid) for name in facts.cards.values())
        for row in original.collection.cards():
            if row.nid in decks:
                self.homes.setdefault(decks[row.nid], row.odid or row.did)
                self.used.add(row.odid or row.did)
        shift = (_first_day([original]) - self.days.first).days
        return Part(original=original, shift=shift, notes=notes)

    def _decided(
        self,
        note: NoteRow,
        facts: KeptNote,
        now: Sequence[Mapping[str, Any]],
        kind: NoteType | None,
        names: originals.Names,
    ) -> NoteRow | None:
        """The note as it came, or with the texts that changed; None where it is gone or cannot say them."""
        if not now or any(name.partition("~")[0] in self.ours for name in facts.cards.values()):
            return None
        if text_hash(*now) == facts.hash:
            return note
        anew = originals.refilled(note, kind, now[0], names) if kind and len(now) == 1 else None
        changed = max(source.changed for source in self.sources if source.plain.id == facts.deck)
        return anew and anew._replace(mod=max(changed, note.mod + 1), usn=-1)

    def _make(self, names: Mapping[str, str]) -> None:
        """Notes of our own for the cards that no original has."""
        by_title = {deck.name: did for did, deck in self.decks.items()}
        for source in self.sources:
            deck = source.plain
            rest = tuple(card for card in deck.cards if f"{deck.id}/{card.get('id')}" not in self.ours)
            if not rest:
                continue
            title = deck.title or deck.id
            did = self.homes.get(deck.id) or by_title.get(title) or deck_id(deck.id)
            self.decks.setdefault(did, AnkiDeck(id=did, name=title))
            for one in made_notes(deck._replace(cards=rest), names, source.changed, self.ids):
                cards = tuple((suffix, row._replace(did=did)) for suffix, row in one.cards)
                self.made.append(one._replace(cards=cards))

    # ------------------------------------------------------------ rows: notes, then cards, then reviews

    def _notes(self, parts: Sequence[Part]) -> Iterator[NoteRow]:
        yield from (one.note for one in self.made)
        for place, part in enumerate(parts):
            for note in part.original.collection.notes():
                anew = part.notes.get(note.guid, note)
                if anew is not None:
                    self.note_ids[place, note.id] = number = self.ids.free(note.id)
                    yield anew._replace(id=number)

    def _cards(self, parts: Sequence[Part]) -> Iterator[CardRow]:
        ids = Ids(row.id for one in self.made for _, row in one.cards)
        for one in self.made:
            base = f"{one.deck}/{one.card}"
            for suffix, row in one.cards:
                yield self._native(row, CardId(base + suffix))
        for place, part in enumerate(parts):
            cards = {
                note.id: part.original.kept.notes[note.guid].cards
                for note in part.original.collection.notes()
                if note.guid in part.original.kept.notes
            }
            for row in part.original.collection.cards():
                nid = self.note_ids.get((place, row.nid))
                if nid is None:
                    continue
                self.card_ids[place, row.id] = number = ids.free(row.id)
                card = cards.get(row.nid, {}).get(row.ord)
                here = scheduled.at_home(row._replace(id=number, nid=nid), part.shift)
                yield self._known(here, CardId(card)) if card else here

    def _native(self, row: CardRow, card: CardId) -> CardRow:
        memory = self.memories.get(card) or Memory(card=card)
        if memory.reviews or memory.drill:
            self.new_entries.append((row.id, card))
        if memory.state:
            row = scheduled.rescheduled(row, memory, self.days, memory.reviews)
        return scheduled.marked(row, memory, self.days)

    def _known(self, row: CardRow, card: CardId) -> CardRow:
        """A card that came from Anki: its columns as they were, unless it was asked or moved here since."""
        now = self._now(card)
        memory = self.memories.get(now) or Memory(card=now)
        acted = self.acted.get(now, self.acted.get(card))
        if acted:
            self.new_entries.append((row.id, now))
        if acted is not None or (memory.state is None and row.type):
            row = scheduled.rescheduled(row, memory, self.days, acted or 0)
        return scheduled.marked(row, memory, self.days)

    def _now(self, card: CardId) -> CardId:
        """The id that a card has now, if it was renamed since."""
        base, tilde, suffix = card.partition("~")
        found = self.cards.get(base)
        deck = base.partition("/")[0]
        return CardId(f"{deck}/{found['id']}{tilde}{suffix}") if found and "id" in found else card

    def _reviews(self, parts: Sequence[Part]) -> Iterator[ReviewRow]:
        ids = Ids()
        for place, part in enumerate(parts):
            for entry in part.original.collection.reviews():
                cid = self.card_ids.get((place, entry.cid))
                if cid is not None:
                    yield entry._replace(id=ids.free(entry.id), cid=cid)
        came = set(self.card_ids.values())
        for cid, card in self.new_entries:
            events = self.app.store.events(card, standing=True)
            wanted = _is_ours if cid in came else _is_any
            for entry in scheduled.entries(Memory(card=card), events, self.app.store.scheduler, wanted):
                yield entry._replace(id=ids.free(entry.id), cid=cid)

    # ------------------------------------------------------------ files

    def _files(self) -> list[Beside]:
        """The files that our own decks name, and that no original has."""
        theirs = {f"{one.media}/{name}" for one in self.found for name in one.kept.media.values()}
        found: dict[str, Beside] = {}
        for source in self.sources:
            texts = (str(card.get(key, "")) for card in source.plain.cards for key in ("front", "back", "cloze"))
            for name in (link[2] for text in texts if "](" in text for link in LINK.finditer(text)):
                path = source.folder / name
                inside = not Path(name).is_absolute() and ".." not in Path(name).parts
                if inside and name not in theirs and path.is_file():
                    found.setdefault(name, Beside(name=name, open=_opener(path)))
        return list(found.values())


def _by_name(sources: Sequence[Source]) -> dict[str, Mapping[str, Any]]:
    """Plain cards by `deck/id`, and by the ids that they had before."""
    found: dict[str, Mapping[str, Any]] = {}
    for source in sources:
        for card in source.plain.cards:
            former = card.get("was", ())
            for name in [former] if isinstance(former, str) else former:
                found.setdefault(f"{source.plain.id}/{name}", card)
    for source in sources:
        found.update((f"{source.plain.id}/{card.get('id')}", card) for card in source.plain.cards)
    return found


def _original_files(found: Sequence[Original]) -> Iterator[Beside]:
    """The files of the packages, under the names that Anki knows."""
    taken = set()
    for original in found:
        for name, ours in original.kept.media.items():
            if name not in taken:
                taken.add(name)
                path = original.path.parent / original.media / ours
                yield Beside(name=name, open=_opener(path))


def _opener(path: Path) -> Callable[[], BinaryIO]:
    return lambda: path.open("rb")


def _first_day(found: Sequence[Original]) -> date:
    """The day from which `due` counts."""
    if found:
        return due_day(found[0].collection, 0)
    return date(1970, 1, 1) + timedelta(seconds=CREATED)


def _is_ours(review: Review) -> bool:
    return review.id[PACKAGE_ID] != "00000000"


def _is_any(review: Review) -> bool:  # noqa: ARG001
    return True
