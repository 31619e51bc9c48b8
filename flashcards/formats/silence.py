"""Comments that silence lints: `# lint: off NAME` in a card for that card, above the cards for the whole file."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from flashcards.formats.notes import Note
from flashcards.formats.source import BREAK, Source, Span

OFF = re.compile(r"(?:^|\s)#\s*lint:\s*off\b(?P<names>[ \t,a-z-]*)")
CARDS = re.compile(r"\s*cards\s*:")
ONLY_COMMENT = re.compile(r"\s*#")
EVERYWHERE = -1


class Comment(NamedTuple):
    """What one comment silences; no names are all of them."""

    span: Span
    names: frozenset[str]
    first: str
    """The first word, where a name belongs; words behind it may say why."""


class Silence:
    """The comments of a file, by the card that they stand in."""

    def __init__(self, notes: Sequence[Note], source: Source) -> None:
        self.comments: list[Comment] = []
        self._by_card: dict[int, list[Comment]] = {}
        if "lint:" not in source.text:
            return
        lines = BREAK.split(source.text)
        starts = [note.node.start_mark.line for note in notes]
        for number, line in enumerate(lines):
            if "lint:" in line and (found := OFF.search(line)):
                comment = _comment(number, found)
                self.comments.append(comment)
                self._by_card.setdefault(_card(number, lines, starts), []).append(comment)

    def covers(self, name: str, note: Note) -> bool:
        """Whether the lint called `name` is silenced for that card."""
        if not self._by_card:
            return False
        heard = (*self._by_card.get(EVERYWHERE, ()), *self._by_card.get(note.number, ()))
        return any(not comment.names or name in comment.names for comment in heard)

    def strangers(self, known: Collection[str]) -> Iterator[Comment]:
        """Comments that name no lint there is."""
        return (comment for comment in self.comments if comment.first and comment.first not in known)


def _comment(number: int, found: re.Match[str]) -> Comment:
    words = found["names"].replace(",", " ").split()
    start = found.start() + found[0].index("#")
    span = Span(line=number, column=start, end=start + len(found[0].strip()))
    return Comment(span=span, names=frozenset(words), first=words[0] if words else "")


def _card(number: int, lines: Sequence[str], starts: Sequence[int]) -> int:
    """The number of the card that line `number` belongs to; a comment right above a card is the card's."""
    index = bisect_right(starts, number)
    if index < len(starts) and all(ONLY_COMMENT.match(line) for line in lines[number : starts[index]]):
        index += 1
    if not index and any(CARDS.match(line) for line in lines[:number]):
        index = 1
    return index or EVERYWHERE
