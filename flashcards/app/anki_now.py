"""What the decks say now of notes that came from Anki: texts, names and cards may have changed, or be gone."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flashcards.formats.anki import native, originals
from flashcards.formats.anki.collection import NoteRow, NoteType
from flashcards.formats.anki.kept import KeptNote, text_hash
from flashcards.formats.anki.native import Header
from flashcards.formats.plain import PlainDeck
from flashcards.model import CardId


class Source(NamedTuple):
    """A deck as it is now."""

    plain: PlainDeck
    folder: Path
    changed: int
    """Seconds since 1970: when its file was written."""

    @property
    def header(self) -> Header:
        """What the deck says of itself."""
        return Header(id=self.plain.id, title=self.plain.title, tags=self.plain.tags, was=self.plain.was)


class Present(NamedTuple):
    """A plain card, and where it is."""

    source: Source
    card: Mapping[str, Any]

    @property
    def name(self) -> str:
        """Its `deck/id`."""
        return f"{self.source.plain.id}/{self.card.get('id')}"


class Now(NamedTuple):
    """A note as it goes out."""

    row: NoteRow | None
    """None where it goes as it came."""
    deck: str
    cards: Mapping[int, CardId]
    """Our cards by Anki's `ord`."""


class Presents:
    """The cards of all decks, by the names that they have and had."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self.by_name: dict[str, Present] = {}
        for source in sources:
            for card in source.plain.cards:
                found = Present(source=source, card=card)
                for deck in (source.plain.id, *source.plain.was):
                    for name in _former(card) if deck == source.plain.id else (*_former(card), str(card.get("id"))):
                        self.by_name.setdefault(name if "/" in name else f"{deck}/{name}", found)
        for source in sources:
            for card in source.plain.cards:
                found = Present(source=source, card=card)
                self.by_name[found.name] = found

    def now(self, card: CardId) -> CardId:
        """The id that a card has now, if it or its deck was renamed since."""
        base, tilde, suffix = card.partition("~")
        found = self.by_name.get(base)
        return CardId(f"{found.name}{tilde}{suffix}") if found else card

    def of(self, facts: KeptNote) -> dict[int, Present]:
        """The plain cards that a note has now, by the `ord` of the first card of each."""
        found: dict[int, Present] = {}
        bases = [(ordinal, facts.cards[ordinal].partition("~")[0]) for ordinal in sorted(facts.cards)]
        for place, (ordinal, base) in enumerate(bases):
            if base in self.by_name and base not in {other for _, other in bases[:place]}:
                found[ordinal] = self.by_name[base]
        return found


def _former(card: Mapping[str, Any]) -> Sequence[str]:
    former = card.get("was", ())
    return [former] if isinstance(former, str) else list(former)


def decided(
    note: NoteRow, facts: KeptNote, presents: Mapping[int, Present], kind: NoteType | None, names: originals.Names
) -> Now | None:
    """The note as it came, or with what changed; None where its note type cannot say that."""
    first = presents[min(presents)]
    deck = first.source.plain.id
    bases = {name.partition("~")[0] for name in facts.cards.values()}
    whole = len(presents) == len(bases)
    if whole and text_hash(*(one.card for one in presents.values())) == facts.hash and _same_self(note, kind, first):
        return Now(row=None, deck=deck, cards=_renamed(facts, presents))
    if kind is None:
        return None
    row = _rewritten(note, kind, facts, presents, names)
    if row is None:
        return None
    anew = None if row == note else row._replace(mod=max(first.source.changed, note.mod + 1), usn=-1)
    return Now(row=anew, deck=deck, cards=_renamed(facts, presents) if len(bases) > 1 else _of_one(first))


def _rewritten(
    note: NoteRow, kind: NoteType, facts: KeptNote, presents: Mapping[int, Present], names: originals.Names
) -> NoteRow | None:
    first = presents[min(presents)]
    if native.is_native(kind) and native.said_by(note.flds) is not None:
        return originals.recoded(note, kind, first.source.header, first.card, names)
    return originals.refilled(note, kind, facts, {ordinal: one.card for ordinal, one in presents.items()}, names)


def _same_self(note: NoteRow, kind: NoteType | None, present: Present) -> bool:
    """Whether a note of our own still says the right deck and card of itself; one of another kind says none."""
    if kind is None or not native.is_native(kind):
        return True
    said = native.said_by(note.flds)
    return said is None or said == (present.source.header, str(present.card.get("id")))


def _renamed(facts: KeptNote, presents: Mapping[int, Present]) -> Mapping[int, CardId]:
    """Our cards by `ord`, under the names that they have now; without those that are gone."""
    now = {facts.cards[ordinal].partition("~")[0]: one.name for ordinal, one in presents.items()}
    found: dict[int, CardId] = {}
    for ordinal, card in facts.cards.items():
        base, tilde, suffix = card.partition("~")
        if base in now:
            found[ordinal] = CardId(f"{now[base]}{tilde}{suffix}")
    return found


def _of_one(present: Present) -> dict[int, CardId]:
    return {ordinal: CardId(present.name + suffix) for ordinal, suffix in native.suffixes(present.card).items()}
