"""Deck format 1: a YAML file in, a deck or all of its problems out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, count
from typing import NamedTuple

from flashcards.formats import links
from flashcards.formats.composer import Composer, ListNode, MapNode, Node
from flashcards.formats.compound import READERS
from flashcards.formats.events import ScalarEvent
from flashcards.formats.fields import CARD, DECK
from flashcards.formats.notes import Note, cards, make_note
from flashcards.formats.source import BREAK, CONTROL, Source, Span, control_characters
from flashcards.formats.walk import DoubtError, EnoughError, Found, Sure, Walk
from flashcards.model import Deck, Problem
from flashcards.pauses import without_pauses

MAX_BYTES = 16 * 2**20
"""About 45,000 cards, forty a day for three years; where there are faults to find a place for, reading that much takes
half a gigabyte for a moment."""
MOST_CARDS = 100_000
"""Made ones included (ours)."""
A_DECK = "a deck starts with `deck: name`, then come its `cards:`"


class Parsed(NamedTuple):
    """A deck, its problems, and for the lints what its file says of each card, in nodes with their places."""

    deck: Deck | None
    problems: list[Problem]
    notes: Sequence[Note] = ()
    source: Source | None = None


def parse(data: bytes, name: str) -> tuple[Deck | None, list[Problem]]:
    """The deck in `data`, or None and every problem of it, in the order of the file.

    Never raises, whatever the bytes are. `name` is what messages call the file.
    """
    with without_pauses():
        if (deck := _sound(data, name)) is not None:
            return deck, []
    found = parse_notes(data, name)
    return found.deck, found.problems


def parse_notes(data: bytes, name: str) -> Parsed:
    """The same, with the notes that the cards are made of."""
    if len(data) > MAX_BYTES:
        return Parsed(deck=None, problems=[too_big(len(data), name)])
    with without_pauses():
        return _parse(data, name)


def too_big(size: int, name: str) -> Problem:
    """The problem of a file of `size` bytes, for those who look before they read."""
    message = f"the file has {size:,} bytes, a deck at most {MAX_BYTES:,}"
    return Problem(path=name, line=1, column=1, message=message, hint="split it into several decks")


def _sound(data: bytes, name: str) -> Deck | None:
    """The deck of a file without a fault, read card by card; None where there is anything to tell.

    No node outlives its card, which saves a third of the time and most of the memory. Who has to
    say where a fault is reads the file again and keeps them all.
    """
    if len(data) > MAX_BYTES:
        return None
    with suppress(UnicodeDecodeError, DoubtError):
        source = Source(name, data.decode("utf-8").removeprefix("\ufeff"))
        walk = Sure(source, READERS)
        numbers = count(1)
        composer = Composer(source, lambda node: _bare_note(walk, node, next(numbers)))
        if not CONTROL.search(source.text):
            composer.compose()
        if isinstance(composer.root, MapNode) and not (composer.problems or composer.cut_short):
            return _deck(walk, composer, [], _taken)
    return None


def _bare_note(walk: Walk, node: MapNode, number: int) -> Note:
    """A note that keeps what it says, and of its nodes the line and the names of the keys."""
    found = walk.read(node, CARD)
    note = make_note(walk, node, number, found)
    found.nodes.update(found.values)
    node.items = []
    return note


def _taken(walk: Walk, listed: ListNode) -> list[Note]:
    """The notes that stand in their nodes' places already."""
    items: Sequence[object] = listed.items
    notes = [item for item in items if isinstance(item, Note)]
    if len(notes) < len(items):
        walk.fail(listed, "has what is no card")
    return notes


def _parse(data: bytes, name: str) -> Parsed:
    try:
        text = data.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        return Parsed(deck=None, problems=[_not_utf8(data, name, error)])
    source = Source(name, text)
    problems = control_characters(source)
    composer = Composer(Source(name, CONTROL.sub(" ", text)) if problems else source)
    composer.compose()
    walk = Walk(composer.source, READERS)
    deck: Deck | None = None
    notes: list[Note] = []
    with suppress(EnoughError):
        deck = _deck(walk, composer, notes, _notes)
    problems += [*composer.problems, *walk.problems]
    if composer.syntax and not any(problem.line == composer.syntax.line for problem in problems):
        problems.append(composer.syntax)
    return Parsed(deck=None if problems else deck, problems=_sorted(problems), notes=notes, source=composer.source)


def _sorted(problems: list[Problem]) -> list[Problem]:
    """By place; the first of several at one place, since the others follow from it."""
    places: dict[tuple[int, int], Problem] = {}
    for problem in problems:
        places.setdefault((problem.line, problem.column), problem)
    return [places[place] for place in sorted(places)]


def _not_utf8(data: bytes, name: str, error: UnicodeDecodeError) -> Problem:
    """Where the first byte stands that is no UTF-8."""
    good = data[: error.start].decode("utf-8").removeprefix("\ufeff")
    before = Source(name, good + "\ufffd")
    *earlier, its = BREAK.split(good)
    line, column = len(earlier), len(its)
    byte = data[error.start]
    hint = "save the file as UTF-8"
    return before.problem(Span(line=line, column=column, end=column + 1), f"byte 0x{byte:02x} is not UTF-8", hint)


def _deck(
    walk: Walk, composer: Composer, notes: list[Note], read: Callable[[Walk, ListNode], Iterable[Note]]
) -> Deck | None:
    """The deck of a composed file, its notes put into `notes`; None where there is nothing to make one of."""
    root = composer.root
    if not isinstance(root, MapNode):
        _no_deck(walk, root, composer)
        return None
    found = walk.read(root, DECK)
    walk.missing(root, DECK, found)
    listed = found.values.get("cards")
    if listed is None:
        return None
    notes += links.with_ids(walk, list(read(walk, listed)))
    sure = not composer.cut_short and len(listed.items) == len(notes) and all(note.id for note in notes)
    return _made(walk, found, notes, sure=sure)


def _no_deck(walk: Walk, root: Node | None, composer: Composer) -> None:
    if composer.syntax or composer.problems:
        return
    if root is None:
        walk.fail_at(Span(line=0, column=0, end=1), "the file is empty", A_DECK)
    else:
        kind = "a list" if isinstance(root, ListNode) else "text"
        walk.fail_at(walk.source.span(root.start_mark, root.end_mark), f"the file is {kind}, expected a deck", A_DECK)


def _notes(walk: Walk, listed: ListNode) -> Iterator[Note]:
    """The notes of the file, each checked by itself."""
    for number, node in enumerate(listed.items, 1):
        walk.card, walk.number = node, number
        if isinstance(node, MapNode):
            yield make_note(walk, node, number, walk.read(node, CARD))
        elif isinstance(node, ScalarEvent) or not node.broken:
            kind = "a list" if isinstance(node, ListNode) else "text" if node.value else "empty"
            walk.fail(node, f"is {kind}, expected keys with values", "like: - front: What lists files?")
    walk.card = None


def _count(walk: Walk, notes: list[Note]) -> None:
    """A few gaps make many cards: what they would take is bounded before it is made."""
    if sum(len(note.suffixes()) for note in notes) > MOST_CARDS:
        walk.card = None
        walk.fail_at(Span(line=0, column=0, end=1), f"more than {MOST_CARDS:,} cards", "split it into several decks")
        raise EnoughError


def _made(walk: Walk, found: Found, notes: list[Note], *, sure: bool) -> Deck:
    """The deck of those notes; what they say of each other is checked on the way."""
    deck = found.values.get("deck", "?")
    tags = tuple(found.values.get("tags", ()))
    lookup = links.Links(walk, deck, notes, sure=sure)
    _count(walk, notes)
    after = [lookup.after(note) for note in notes]
    lookup.circles()
    links.renames(walk, deck, notes)
    return Deck(
        id=deck,
        title=found.values.get("title", ""),
        tags=tags,
        was=tuple(word for word, _ in found.values.get("was", ())),
        cards=tuple(chain.from_iterable(cards(*pair, deck, tags) for pair in zip(notes, after, strict=True))),
        path=walk.source.name,
    )
