"""A folder of notes: what several of them say of one deck is one deck."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flashcards.app.importing.arrival import Arrival
from flashcards.app.ordinary import unreadable
from flashcards.formats import markdown
from flashcards.formats.gathered import Draft, told_apart
from flashcards.formats.plain import Brought, Options, PlainDeck
from flashcards.formats.texts import counted
from flashcards.model import Problem


class Note(NamedTuple):
    """A note, or several that share decks, with what was read of it."""

    arrival: Arrival
    brought: Brought


def read(arrivals: Sequence[Arrival], options: Options) -> Iterator[Note]:
    """The notes of folders; those that share a deck as one, in the place of the first."""
    notes = [_read(one, options) for one in arrivals]
    for together in _sharing(notes):
        yield notes[together[0]] if len(together) == 1 else _joined([notes[number] for number in together])


def _read(arrival: Arrival, options: Options) -> Note:
    try:
        brought = markdown.read(arrival.path, arrival.name, options)
    except OSError as error:
        raise unreadable(Path(arrival.name), error) from None
    return Note(arrival._replace(also=(_folder(arrival),)), brought)


def _folder(arrival: Arrival) -> str:
    return arrival.folder if Path(arrival.folder).name else os.path.abspath(arrival.folder)  # noqa: PTH100  (`.` has a name)


def _sharing(notes: Sequence[Note]) -> Iterable[list[int]]:
    """The numbers of the notes, those that have a deck in common together."""
    groups: dict[int, list[int]] = {}
    home: dict[tuple[str, str], int] = {}
    for number, note in enumerate(notes):
        keys = [(note.arrival.folder, deck.id) for deck in note.brought.decks]
        met = sorted({home[key] for key in keys if key in home})
        first = met[0] if met else number
        groups.setdefault(first, []).append(number)
        for other in met[1:]:
            groups[first] += groups.pop(other)
        home |= dict.fromkeys(keys, first) | {key: first for key, group in home.items() if group in met}
    return [sorted(group) for group in groups.values()]


def _joined(notes: Sequence[Note]) -> Note:
    """Several notes as one source, called like their folder."""
    first = notes[0].arrival
    names = tuple(note.arrival.name for note in notes)
    arrival = first._replace(name=_folder(first), also=names)
    parts: dict[str, list[tuple[str, PlainDeck]]] = {}
    for name, note in zip(names, notes, strict=True):
        for deck in note.brought.decks:
            parts.setdefault(deck.id, []).append((name, deck))
    problems = [problem for decks in parts.values() for problem in _same_ids(decks)]
    if problems:
        return Note(arrival, Brought(problems=tuple(problems)))
    told = [f"{name}: {said}" for name, note in zip(names, notes, strict=True) for said in note.brought.notes]
    decks = []
    for deck_id, decks_of_it in parts.items():
        deck, left_out = _one(deck_id, decks_of_it)
        decks.append(deck)
        told += [f"{counted(left_out, 'repeated card')} left out of `{deck_id}`"] if left_out else []
    return Note(arrival, Brought(decks=tuple(decks), notes=tuple(told)))


def _same_ids(parts: Sequence[tuple[str, PlainDeck]]) -> Iterator[Problem]:
    """Ids that were written in two of the notes."""
    seen: dict[str, str] = {}
    for name, deck in parts:
        for card in deck.cards:
            other = seen.setdefault(card["id"], name) if "id" in card else name
            if other != name:
                message = f"the id `{card['id']}` of the deck `{deck.id}` is taken in `{other}`"
                yield Problem.of_file(name, message, "give it another id")


def _one(deck_id: str, parts: Sequence[tuple[str, PlainDeck]]) -> tuple[PlainDeck, int]:
    """One deck of what each note says of it, and how many cards were in two of them."""
    common = [tag for tag in parts[0][1].tags if all(tag in deck.tags for _, deck in parts)]
    drafts = [
        Draft(_tagged(card, [tag for tag in deck.tags if tag not in common]), 1, (deck.title or Path(name).stem,))
        for name, deck in parts
        for card in deck.cards
    ]
    cards = told_apart(drafts).cards
    deck = PlainDeck(
        id=deck_id,
        title=next((deck.title for _, deck in parts if deck.title), ""),
        tags=tuple(common),
        was=tuple(dict.fromkeys(former for _, deck in parts for former in deck.was)),
        cards=cards,
    )
    return deck, len(drafts) - len(cards)


def _tagged(card: Mapping[str, Any], tags: Sequence[str]) -> Mapping[str, Any]:
    return {**card, "tags": [*card.get("tags", ()), *tags]} if tags else card
