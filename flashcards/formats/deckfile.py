"""A deck file open for changes: its text, the places in it, and the proof that what comes out is what was meant."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from flashcards.errors import CardsError, DeckProblems, NotFound
from flashcards.formats.composer import Collection, Composer, ListNode, MapNode, Node
from flashcards.formats.events import ScalarEvent
from flashcards.formats.notes import Note
from flashcards.formats.plain_yaml import plain
from flashcards.formats.source import BREAK, MOST_PROBLEMS, Source
from flashcards.formats.walk import pairs
from flashcards.formats.yaml import Parsed, parse_notes
from flashcards.model import Card, Deck

BOM = "\ufeff"


class Edit(NamedTuple):
    """At `start`, `text` takes the place of what reaches to `end`; both count characters behind the BOM."""

    start: int
    end: int
    text: str


class CannotSpliceError(CardsError):
    """The file is written in a way that is not changed by a machine."""


class Deckfile:
    """A deck file without faults, open for changes; raises DeckProblems."""

    def __init__(self, data: bytes, name: str) -> None:
        self.data, self.name = data, name
        found: Parsed = parse_notes(data, name)
        if found.deck is None or found.source is None:
            raise DeckProblems(found.problems[:MOST_PROBLEMS], message=f"nothing was changed: `{name}` has errors")
        self.deck: Deck = found.deck
        self.notes = found.notes
        self.text: str = found.source.text
        self.newline = line_end.group() if (line_end := BREAK.search(self.text)) else "\n"

    @property
    def listed(self) -> ListNode:
        """The node of `cards:`."""
        composer = Composer(Source(self.name, self.text))
        composer.compose()
        root = composer.root
        assert isinstance(root, MapNode)  # noqa: S101  (it is a deck)
        return next(
            value
            for key, value in pairs(root)
            if isinstance(key, ScalarEvent) and key.value == "cards" and isinstance(value, ListNode)
        )

    def note(self, name: str) -> Note:
        """The card called `name`; raises NotFound."""
        for note in self.notes:
            if note.id == name:
                return note
        raise NotFound(f"`{self.deck.id}/{name}` is not in `{self.name}`", hint="`cards import` takes the file in")

    def plain(self, note: Note) -> Mapping[str, Any]:
        """A card as plain data."""
        return plain(self.data, self.name).cards[note.number - 1]

    def made(self, edits: Iterable[Edit]) -> bytes:
        """The file with the edits done."""
        pieces, last = [], 0
        for edit in sorted(edits):
            pieces += [self.text[last : edit.start], edit.text]
            last = edit.end
        mark = BOM if self.data.startswith(BOM.encode()) else ""
        return (mark + "".join([*pieces, self.text[last:]])).encode()

    # ------------------------------------------------------------ places

    def line_start(self, index: int) -> int:
        """Where the line of `index` begins."""
        return max(self.text.rfind("\n", 0, index), self.text.rfind("\r", 0, index)) + 1

    def line_end(self, index: int) -> int:
        """Where the line of `index` ends, before its line end."""
        found = BREAK.search(self.text, index)
        return found.start() if found else len(self.text)

    def next_line(self, index: int) -> int:
        """Where the next line begins, or the end of the file."""
        found = BREAK.search(self.text, index)
        return found.end() if found else len(self.text)

    def first_on_line(self, index: int) -> bool:
        """Whether only blanks stand before it."""
        return not self.text[self.line_start(index) : index].strip()

    def content_end(self, node: Node) -> int:
        """Where the line ends on which the last text of `node` stands."""
        last = node
        while isinstance(last, Collection) and not last.flow and last.items:
            last = last.items[-1]
        end = last.end_mark.index
        if isinstance(last, ScalarEvent) and last.style in {"|", ">"}:
            end = max(len(self.text[:end].rstrip()), last.start_mark.index)
        return self.line_end(end)


def proved(data: bytes, name: str, good: Callable[[Deck], bool]) -> bytes:
    """The data, once it has been read again and is what was meant; raises."""
    deck, problems, *_ = parse_notes(data, name)
    if deck is None:
        first = problems[0]
        raise CannotSpliceError(
            f"nothing was changed: `{name}` would not be a good deck: line {first.line}: {first.message}",
            hint=first.hint or "change it in an editor",
        )
    if not good(deck):
        raise CannotSpliceError(
            f"nothing was changed: `{name}` is written in a way that is not changed by a machine",
            hint="change it in an editor",
        )
    return data


def same(one: Iterable[Card], other: Iterable[Card]) -> bool:
    """Whether the cards are the same, wherever they stand in their file."""
    return [card._replace(line=0) for card in one] == [card._replace(line=0) for card in other]
