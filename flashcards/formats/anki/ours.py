"""Notes of our own in a package: what they say is checked like a deck file, and what fails is a note like any other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flashcards.formats.anki.collection import Collection, NoteRow
from flashcards.formats.anki.native import Header, decode, guid, is_native
from flashcards.formats.anki.notes import tags_of, written_tag
from flashcards.formats.emit import to_yaml
from flashcards.formats.plain import PlainDeck
from flashcards.formats.plain_yaml import words
from flashcards.formats.readers import DECK_ID, ID

LONGEST = 500_000
"""Characters of a note; a card that anybody wrote has a hundredth of it."""
DEEPEST = 12
"""Mappings and lists in each other; `run` needs six."""
SEPARATOR = "\x1f"


class Own(NamedTuple):
    """A note that says which card of which deck it is."""

    note: int
    header: Header
    card: dict[str, Any]


def own_notes(found: Collection, names: Mapping[str, str]) -> dict[int, Own]:
    """Our own notes by Anki's number, in their order; `names` say where files lie, by the package's name."""
    kinds = {key for key, kind in found.note_types.items() if is_native(kind)}
    if not kinds:
        return {}
    decks: dict[str, dict[str, Own]] = {}
    for note in found.notes():
        if note.mid in kinds and (own := _said(note, names)):
            cards, name = decks.setdefault(own.header.id, {}), str(own.card["id"])
            if name not in cards or note.guid == guid(own.header.id, name):  # a copy in Anki says the same
                cards[name] = own
    return {own.note: own for cards in decks.values() for own in _sound(list(cards.values()))}


def _said(note: NoteRow, names: Mapping[str, str]) -> Own | None:
    """What a note says of itself, if it can be written into a deck file at all."""
    if len(note.flds) > LONGEST:
        return None
    found = decode(note.flds.split(SEPARATOR), names)
    if found is None:
        return None
    header, card = found
    name = card.get("id")
    if not (isinstance(name, str) and ID.fullmatch(name) and DECK_ID.fullmatch(header.id) and _is_plain(card)):
        return None
    return Own(note=note.id, header=header, card=_retagged(card, header, note))


def _is_plain(value: Any, depth: int = 0) -> bool:  # noqa: ANN401  (whatever JSON holds)
    """Whether it is made of texts, whole numbers, lists and mappings."""
    if isinstance(value, str) or type(value) is int:
        return True
    if depth > DEEPEST:
        return False
    if isinstance(value, dict):
        return all(_is_plain(inner, depth + 1) for inner in value.values())
    return isinstance(value, list) and all(_is_plain(inner, depth + 1) for inner in value)


def _retagged(card: dict[str, Any], header: Header, note: NoteRow) -> dict[str, Any]:
    """The card with the tags that the note has now; a space in one of ours is `_` in Anki."""
    before = {written_tag(tag): tag for tag in (*header.tags, *words(card.get("tags", ())))}
    now = tags_of(note)
    if set(now) == set(before):
        return card
    tags = [before.get(tag, tag) for tag in now if before.get(tag) not in header.tags]
    return {**{key: value for key, value in card.items() if key != "tags"}, **({"tags": tags} if tags else {})}


def _sound(notes: Sequence[Own]) -> Sequence[Own]:
    """Those of one deck that are free of faults together; `after` forgets the cards that are not there any more."""
    if _fits(notes):
        return notes
    alone = [one for one in notes if _fits([one._replace(card=_without(one.card, "after", "was"))])]
    there = {str(one.card["id"]) for one in alone}
    linked = [one._replace(card=_with_known(one.card, one.header.id, there)) for one in alone]
    return linked if _fits(linked) else ()


def _fits(notes: Sequence[Own]) -> bool:
    from flashcards.formats.yaml import parse  # the whole loader, only where there are notes of ours

    if not notes:
        return True
    _, problems = parse(to_yaml(deck_of(notes[0].header, [one.card for one in notes])).encode("utf-8", "replace"), "")
    return not problems


def deck_of(header: Header, cards: Sequence[Mapping[str, Any]]) -> PlainDeck:
    """The deck that a header begins."""
    return PlainDeck(id=header.id, title=header.title, tags=header.tags, was=header.was, cards=tuple(cards))


def _without(card: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in card.items() if key not in keys}


def _with_known(card: dict[str, Any], deck: str, there: set[str]) -> dict[str, Any]:
    if "after" not in card:
        return card
    kept = list(_known(words(card["after"]), deck, there))
    return {**_without(card, "after"), **({"after": kept} if kept else {})}


def _known(after: Sequence[str], deck: str, there: set[str]) -> Iterator[str]:
    for word in after:
        other, _, name = word.rpartition("/")
        if (other and other != deck) or name.partition("~")[0] in there:
            yield word
