"""Decks with their history as a package of Anki: what came from there goes back as it was, but for what changed."""

import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple

from flashcards import clock
from flashcards.app import App
from flashcards.app.anki_now import Now, Presents, Source, decided
from flashcards.app.returning import known, moments
from flashcards.formats.anki import originals, scheduled
from flashcards.formats.anki.collection import AnkiDeck, CardRow, Collection, NoteRow, NoteType, ReviewRow
from flashcards.formats.anki.history import due_day
from flashcards.formats.anki.kept import KeptNote
from flashcards.formats.anki.media import with_media
from flashcards.formats.anki.native import NOTE_TYPES
from flashcards.formats.anki.originals import Original, different_files, original_files
from flashcards.formats.anki.packing import pack
from flashcards.formats.anki.scheduled import Days
from flashcards.formats.anki.writer import CREATED, Ids, MadeNote, deck_id, made_notes, media_names, new_card
from flashcards.formats.html_out import LINK
from flashcards.formats.plain import Beside
from flashcards.formats.plain_yaml import plain
from flashcards.model import CardId, Memory, Review
from flashcards.places import real_path

SHOWN = ("front", "back", "cloze", "reverse")
"""The keys of a card whose texts may show files."""
PACKAGE_ID = slice(12, 20)
"""Eight zeros there in the id of a review that a package brought; dice in one of ours."""


class Part(NamedTuple):
    """An original, and what goes out of it."""

    original: Original
    shift: int
    """Days from its first day to that of the package."""
    notes: Mapping[int, Now | None]
    """By number: the note of a card of ours as it is now, None if it is left out; all others go as they came."""
    known: Counter[int]
    """How many of the answers given here it has already, by its cards."""
    media: Mapping[str, str]
    """New names of files whose names another original has for others."""


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
        self.presents = Presents(self.sources)
        self.acted: Counter[CardId] = Counter()
        """Answers given here by card; 0 where only its due day was set."""
        self.names: dict[CardId, set[CardId]] = {}
        """The names under which those are in the log."""
        for name, count in app.store.acted_on().items():
            self.acted[self.presents.now(name)] += count
            self.names.setdefault(self.presents.now(name), set()).add(name)
        self.found = self._originals()
        self.days = Days(first=_first_day(self.found), today=app.today)
        self.ids = Ids()
        self.used: set[int] = set()
        """Decks of Anki's that have cards in the package."""
        self.ours: set[str] = set()
        """Cards that went out as rows of an original: their `deck/id`."""
        self.homes: dict[str, int] = {}
        """Anki's deck of the first such card, by the id of ours."""
        self.note_ids: dict[tuple[int, int], int] = {}
        self.card_ids: dict[tuple[int, int], int] = {}
        self.new_entries: dict[int, CardId] = {}
        """Cards of Anki's with answers that were given here."""
        self.made: list[MadeNote] = []
        self.decks: dict[int, AnkiDeck] = {}

    def pieces(self) -> Iterator[bytes]:
        """The package, made part by part."""
        renamed = [*different_files(self.found)]
        places = self._places_of_theirs(renamed)
        parts = [self._part(*pair, places) for pair in zip(self.found, renamed, strict=True)]
        files = self._files()
        theirs = original_files(self.found, renamed)
        names = media_names(files, {one.name.casefold() for one in theirs})
        note_types: dict[int, NoteType] = {**NOTE_TYPES}
        for part in reversed(parts):
            note_types.update(part.original.collection.note_types)
            decks = part.original.collection.decks
            self.decks.update(
                (d, one) for d, one in decks.items() if d in self.used or (self.whole and not one.filtered)
            )
        self._make({**places, **names})
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
        yield from pack(collection, [*theirs, *(one._replace(name=names[one.name]) for one in files)])

    # ------------------------------------------------------------ plan

    def _places_of_theirs(self, renamed: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """The names in the package of the files that came from there, by what the decks call them."""
        pairs = zip(self.found, renamed, strict=True)
        return {ours: name for pair in pairs for ours, name in originals.base_names(*pair).theirs.items()}

    def _originals(self) -> list[Original]:
        """What is kept beside the decks, as far as it has notes of them."""
        wanted = {name for source in self.sources for name in (source.plain.id, *source.plain.was)}
        paths = {path: path.stat().st_mtime_ns for source in self.sources for path in originals.find(source.folder)}
        newest = sorted(paths, key=lambda path: (-paths[path], path))  # of a note that came twice, the last one counts
        opened = (originals.open_original(path) for path in newest)
        return [one for one in opened if any(note.deck in wanted for note in one.kept.notes.values())]

    def _part(self, original: Original, renamed: Mapping[str, str], places: Mapping[str, str]) -> Part:
        """Decides about each note of an original; `places` are the names of all files by what the decks call them."""
        types, names = original.collection.note_types, originals.base_names(original, renamed)._replace(theirs=places)
        notes: dict[int, Now | None] = {}
        for note in original.collection.notes():
            facts = original.kept.notes.get(note.guid)
            if facts is not None:
                notes[note.id] = self._decided(note, facts, types.get(note.mid), names)
            elif not self.whole:
                notes[note.id] = None
        acted: dict[int, CardId] = {}
        for row in original.collection.cards():
            now = notes.get(row.nid)
            if now is not None:
                self.homes.setdefault(now.deck, row.odid or row.did)
                self.used.add(row.odid or row.did)
                if self.acted.get(now.cards.get(row.ord, CardId(""))):
                    acted[row.id] = now.cards[row.ord]
        shift = (_first_day([original]) - self.days.first).days
        return Part(original=original, shift=shift, notes=notes, known=self._answered(original, acted), media=renamed)

    def _decided(self, note: NoteRow, facts: KeptNote, kind: NoteType | None, names: originals.Names) -> Now | None:
        """The note as it goes out; None where it is gone, went out already, or cannot say what the deck says."""
        presents = self.presents.of(facts)
        if not presents or any(one.name in self.ours for one in presents.values()):
            return None
        now = decided(note, facts, presents, kind, names)
        if now is not None:
            self.ours.update(one.name for one in presents.values())
        return now

    def _answered(self, original: Original, acted: Mapping[int, CardId]) -> Counter[int]:
        """The answers given here that a package had brought to Anki, and from there back."""
        if not acted:
            return Counter()
        names = {name for card in acted.values() for name in self.names[card]}
        every = moments(self.app.store, names, here=True)
        here = {
            cid: sorted(at for name in self.names[card] for at in every.get(name, ())) for cid, card in acted.items()
        }
        entries = original.collection.reviews()
        return Counter(one.cid for one in entries if known(here.get(one.cid, ()), one.id) is not None)

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
                now = part.notes.get(note.id)
                if now is None and note.id in part.notes:
                    continue
                row = (now and now.row) or note
                self.note_ids[place, note.id] = number = self.ids.free(note.id)
                flds = with_media(row.flds, part.media) if part.media else row.flds
                yield row._replace(id=number, flds=flds)

    def _cards(self, parts: Sequence[Part]) -> Iterator[CardRow]:
        ids = Ids(row.id for one in self.made for _, row in one.cards)
        for one in self.made:
            base = f"{one.deck}/{one.card}"
            for suffix, row in one.cards:
                yield self._native(row, CardId(base + suffix))
        for place, part in enumerate(parts):
            yield from self._cards_of(part, place, ids)

    def _cards_of(self, part: Part, place: int, ids: Ids) -> Iterator[CardRow]:
        """The cards of an original: without those that its notes lost since, and with those that they gained."""
        facts = part.original.kept.notes
        guids = {note.id: note.guid for note in part.original.collection.notes()}
        missing = {nid: dict(now.cards) for nid, now in part.notes.items() if now is not None}
        for row in part.original.collection.cards():
            nid, now = self.note_ids.get((place, row.nid)), part.notes.get(row.nid)
            if nid is None:
                continue
            card = now.cards.get(row.ord) if now else None
            missing.get(row.nid, {}).pop(row.ord, None)
            if now and card is None and row.ord in facts[guids[row.nid]].cards:
                continue
            self.card_ids[place, row.id] = number = ids.free(row.id)
            here = scheduled.at_home(row._replace(id=number, nid=nid), part.shift)
            yield self._known(here, card, part.known[row.id]) if card else here
        for old, cards in missing.items():
            for ordinal, card in cards.items():
                did, nid = self.homes.get(card.partition("/")[0], 1), self.note_ids[place, old]
                where = (ordinal, 0, int(clock.now().timestamp()))
                yield self._native(new_card(ids.free(old), nid, did, where), card)

    def _native(self, row: CardRow, card: CardId) -> CardRow:
        memory = self.memories.get(card) or Memory(card=card)
        if memory.reviews or memory.drill:
            self.new_entries[row.id] = card
        if memory.state:
            row = scheduled.rescheduled(row, memory, self.days, memory.reviews)
        return scheduled.marked(row, memory, self.days)

    def _known(self, row: CardRow, card: CardId, told: int) -> CardRow:
        """A card that came from Anki: its columns as they were, unless it was asked or moved here since."""
        memory = self.memories.get(card) or Memory(card=card)
        acted = self.acted.get(card)  # None where nothing was done here
        if acted:
            self.new_entries[row.id] = card
        same = bool(acted) and acted == told and not scheduled.differs(row, memory, self.days)
        if (acted is not None and not same) or (memory.state is None and row.type):
            row = scheduled.rescheduled(row, memory, self.days, max((acted or 0) - told, 0))
        return scheduled.marked(row, memory, self.days)

    def _reviews(self, parts: Sequence[Part]) -> Iterator[ReviewRow]:
        ids = Ids()
        there: dict[int, list[int]] = {}
        came = set(self.card_ids.values())
        for place, part in enumerate(parts):
            for entry in part.original.collection.reviews():
                cid = self.card_ids.get((place, entry.cid))
                if cid is not None:
                    if cid in self.new_entries:
                        there.setdefault(cid, []).append(-entry.id)
                    yield entry._replace(id=ids.free(entry.id), cid=cid)
        for cid, card in self.new_entries.items():
            later = sorted(there.get(cid, ()))  # below zero, so that the entry sought is the one at or after ours
            events = self.app.store.events(card, standing=True)
            wanted = _is_ours if cid in came else _is_any
            for entry in scheduled.entries(Memory(card=card), events, self.app.store.scheduler, wanted):
                if known(later, -entry.id) is None:
                    yield entry._replace(id=ids.free(entry.id), cid=cid)

    # ------------------------------------------------------------ files

    def _files(self) -> list[Beside]:
        """The files that our own decks name, and that no original has."""
        theirs = {f"{one.media}/{name}" for one in self.found for name in one.kept.media.values()}
        found: dict[str, Beside] = {}
        for source in self.sources:
            texts = (str(card.get(key, "")) for card in source.plain.cards for key in SHOWN)
            for name in (link[2] for text in texts if "](" in text for link in LINK.finditer(text)):
                path = source.folder / name
                inside = not Path(name).is_absolute() and ".." not in Path(name).parts
                if inside and name not in theirs and path.is_file():
                    found.setdefault(name, Beside(name=name, open=originals.opener(path)))
        return list(found.values())


def _first_day(found: Sequence[Original]) -> date:
    """The day from which `due` counts."""
    if found:
        return due_day(found[0].collection, 0)
    return date(1970, 1, 1) + timedelta(seconds=CREATED)


def _is_ours(review: Review) -> bool:
    return review.id[PACKAGE_ID] != "00000000"


def _is_any(review: Review) -> bool:  # noqa: ARG001
    return True
