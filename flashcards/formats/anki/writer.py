"""Decks as a package of Anki, without history: each card a note of a type of our own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from flashcards import clock
from flashcards.formats.anki.collection import AnkiDeck, CardRow, Collection, NoteRow
from flashcards.formats.anki.native import NOTE_TYPES, Header, Note, encode, guid
from flashcards.formats.anki.notes import written_tag
from flashcards.formats.anki.packing import pack
from flashcards.formats.plain import Beside, PlainDeck

CREATED = 1_577_851_200
"""2020-01-01, four o'clock in UTC: from there the due days of our own cards count, in every export alike."""
FIRST_ID = 1_500_000_000_000
ROOM = 100_000
"""Ids for one deck; `FIRST_ID` and what follows lie in the past, where no new note of Anki's will be."""
PLACES = 1_000_000


class MadeNote(NamedTuple):
    """A card of ours as rows of Anki."""

    note: NoteRow
    cards: tuple[tuple[str, CardRow], ...]
    """The suffix of our card, and the row of a new card."""
    deck: str = ""
    card: str = ""


class Ids:
    """Numbers that nothing has yet."""

    def __init__(self, taken: Iterable[int] = ()) -> None:
        self.taken = set(taken)
        self.next: dict[int, int] = {}
        """Where to look on, by where one began: a deck has thousands."""

    def free(self, first: int) -> int:
        """The next id from `first` on that is free; it is taken then."""
        number = self.next.get(first, first)
        while number in self.taken:
            number += 1
        self.taken.add(number)
        self.next[first] = number + 1
        return number


def write(decks: Sequence[PlainDeck], beside: Sequence[Beside] = ()) -> Iterator[bytes]:
    """The pieces of a package with these decks, every card new."""
    names = media_names(beside)
    now = int(clock.now().timestamp())
    anki_decks = {deck_id(deck.id): AnkiDeck(id=deck_id(deck.id), name=deck.title or deck.id) for deck in decks}
    ids = Ids()
    made = [one for deck in decks for one in made_notes(deck, names, now, ids)]
    cards = sorted(row for one in made for _, row in one.cards)
    collection = Collection(
        created=CREATED,
        note_types=NOTE_TYPES,
        decks=anki_decks,
        notes=lambda: iter(sorted(one.note for one in made)),
        cards=lambda: iter(cards),
    )
    yield from pack(collection, [one._replace(name=names[one.name]) for one in beside])


def made_notes(deck: PlainDeck, names: Mapping[str, str], mod: int, ids: Ids) -> Iterator[MadeNote]:
    """The rows of a deck's cards, in their order."""
    header = Header(id=deck.id, title=deck.title, tags=deck.tags, was=deck.was)
    did = deck_id(deck.id)
    place = 0
    for card in deck.cards:
        note = encode(header, card, names)
        note_id = ids.free(did)
        rows = []
        for ordinal, suffix in note.ordinals.items():
            place += 1
            rows.append((suffix, new_card(ids.free(did), note_id, did, (ordinal, place, mod))))
        tags = dict.fromkeys((*deck.tags, *card.get("tags", ())))
        name = str(card.get("id", ""))
        row = _row(note, note_id, guid(deck.id, name), mod, tags)
        yield MadeNote(note=row, cards=tuple(rows), deck=deck.id, card=name)


def _row(note: Note, note_id: int, known_as: str, mod: int, tags: Mapping[str, None]) -> NoteRow:
    return NoteRow(
        id=note_id,
        guid=known_as,
        mid=note.kind.id,
        mod=mod,
        usn=-1,
        tags=f" {' '.join(map(written_tag, tags))} " if tags else "",
        flds="\x1f".join(field.replace("\x1f", "") for field in note.fields),
    )


def new_card(card: int, note: int, did: int, where: tuple[int, int, int]) -> CardRow:
    """The row of a new card; `where` is its `ord`, its place in the queue, and when it was changed."""
    ordinal, place, mod = where
    nothing = dict.fromkeys(("type", "queue", "ivl", "factor", "reps", "lapses", "left", "odue", "odid", "flags"), 0)
    return CardRow(id=card, nid=note, did=did, ord=ordinal, mod=mod, usn=-1, due=place, data="{}", **nothing)


def deck_id(deck: str) -> int:
    """The number of a deck of ours in Anki, the same in every export; its notes and cards follow it."""
    from hashlib import blake2b

    digest = int.from_bytes(blake2b(deck.encode(), digest_size=8).digest(), "big")
    return FIRST_ID + digest % PLACES * ROOM


def media_names(beside: Sequence[Beside], taken: Iterable[str] = ()) -> dict[str, str]:
    """The name in the package of each file: without folders, and no two alike; `taken` are in small letters."""
    used = set(taken)
    return {one.name: free_name(one.name.rpartition("/")[2], used) for one in beside}


def free_name(base: str, used: set[str]) -> str:
    """`base`, or a name made of it, that is not `used`; it is then."""
    name, number = base, 1
    while name.casefold() in used:
        number += 1
        stem, dot, suffix = base.rpartition(".")
        name = f"{stem or suffix}-{number}{dot}{suffix if dot else ''}"
    used.add(name.casefold())
    return name
