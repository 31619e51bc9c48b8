"""A note in Markdown, read from top to bottom: its cards, each with its headings, and what is said of decks."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from flashcards.formats.dialects.attributes import of_block, of_comment
from flashcards.formats.dialects.gaps import from_brackets, holds_gaps
from flashcards.formats.dialects.inline import SIDES, paragraph
from flashcards.formats.dialects.lines import Line, lines_of

if TYPE_CHECKING:
    from flashcards.model import Problem

TAGGED = re.compile(r"(?:^|\s)#flashcards(?![\w-])")
BLOCKS = ("card", "deck")
STARTS = ("Q:", "C:")


class Drawn(NamedTuple):
    """A card of a note."""

    card: dict[str, Any]
    line: int
    section: int
    headings: tuple[str, ...]
    """The headings above it, but for those of the first level."""
    deck: str | None
    """What a tag says; None: the deck of the section."""


class Section(NamedTuple):
    """What stands under a heading of the first level, or above the first of them."""

    heading: str
    line: int
    about: dict[str, Any]
    """What is said of its deck: `deck`, `title`, `tags`, `was`."""


class Left(NamedTuple):
    """What looked like a card and is none."""

    line: int
    why: str


class Note:
    """Reads a note; see `cards`, `sections`, `problems` and `left`."""

    def __init__(self, text: str, name: str, *, first: int = 1, tag: str | None = None) -> None:
        self.name = name
        self.lines = lines_of(text, first)
        self.tagged = tag is not None or TAGGED.search(text) is not None
        self.tag = tag
        self.cards: list[Drawn] = []
        self.sections = [Section("", first, {})]
        self.problems: list[Problem] = []
        self.left: list[Left] = []
        self.headings: list[tuple[int, str]] = []
        self.open: Drawn | None = None
        """The card that a comment or a block would belong to."""
        self._at = 0

    def read(self) -> None:
        """All of it."""
        steps = {"heading": self._heading, "remark": self._remark, "fence": self._fence, "text": self._text}
        while self._at < len(self.lines):
            line = self.lines[self._at]
            if line.kind in steps:
                steps[line.kind](line)
            else:
                self._at += 1
                if line.kind != "blank":
                    self.open = None

    # lines

    def _heading(self, line: Line) -> None:
        self._at += 1
        self.open = None
        if line.level == 1:
            self.sections.append(Section(line.said, line.number, {}))
            self.headings = []
        else:
            self.headings = [one for one in self.headings if one[0] < line.level] + [(line.level, line.said)]

    def _remark(self, line: Line) -> None:
        self._at += 1
        values = of_comment(line.said)
        if values is not None:
            self._beside("deck" if "deck" in values else "card", values, line.number)

    def _fence(self, line: Line) -> None:
        body = self._code()
        if line.said not in BLOCKS or line.text[:1].isspace():
            self.open = None
            return
        values, problems = of_block(line.said, [one.text for one in body[1:-1]], self.name, line.number)
        self.problems += problems
        if values:
            self._beside(line.said, values, line.number)

    def _code(self) -> list[Line]:
        """The lines of a block of code, fences and all; goes on behind it."""
        start = self._at
        self._at += 1
        while self._at < len(self.lines) and self.lines[self._at].kind == "code":
            self._at += 1
        return self.lines[start : self._at]

    def _beside(self, kind: str, values: Mapping[str, Any], line: int) -> None:
        """What a comment or a block says goes to its card or deck; with a question it is a card by itself."""
        if kind == "deck":
            self.sections[-1].about.update(values)
        elif "front" in values or "cloze" in values:
            self._add(dict(values), line)
        elif self.open:
            self.open.card.update(values)
        else:
            self.left.append(Left(line, "belong to no card"))

    def _add(self, card: dict[str, Any], line: int, deck: str | None = None) -> None:
        headings = tuple(said for _, said in self.headings)
        self.open = Drawn(card, line, len(self.sections) - 1, headings, self.tag if deck is None else deck)
        self.cards.append(self.open)

    # cards with a mark at their start

    def _text(self, line: Line) -> None:
        if line.text.startswith(STARTS):
            self._marked(line)
        else:
            self._paragraph()

    def _marked(self, line: Line) -> None:
        """`Q:` with its `A:`, or `C:`."""
        parts: list[list[str]] = [[line.text[2:]]]
        self._at += 1
        asks = line.text.startswith("Q:")
        while self._at < len(self.lines) and not self._ends(self.lines[self._at]):
            here = self.lines[self._at]
            if asks and here.kind == "text" and here.text.startswith("A:") and len(parts) == 1:
                parts.append([here.text[2:]])
            elif not (here.kind == "remark" and here.said.startswith("SR:")):
                parts[-1].append(here.text)
            self._at += 1
        texts = [tidy(part) for part in parts]
        self.open = None
        if asks:
            self._add({key: text for key, text in zip(("front", "back"), texts, strict=False) if text}, line.number)
        elif texts[0]:
            gaps = texts[0] if holds_gaps(texts[0]) else from_brackets(texts[0])
            self._add({"cloze": gaps} if gaps else {}, line.number)

    def _ends(self, line: Line) -> bool:
        """Whether a card that began above ends before `line`."""
        if line.kind in {"heading", "rule"}:
            return True
        if line.kind == "fence":
            return line.said in BLOCKS and not line.text[:1].isspace()
        if line.kind == "remark":
            return of_comment(line.said) is not None
        return line.kind == "text" and line.text.startswith(STARTS)

    # paragraphs

    def _paragraph(self) -> None:
        lines, sided = [], False
        while self._at < len(self.lines):
            line = self.lines[self._at]
            if line.kind == "text" and not line.text.startswith(STARTS):
                sided = sided or line.text.strip() in SIDES
                lines.append(line)
                self._at += 1
            elif sided and line.kind == "fence" and line.said not in BLOCKS:
                lines += self._code()
            elif sided and line.kind == "table":
                lines.append(line)
                self._at += 1
            else:
                break
        self.open = None
        found = paragraph(lines, tagged=self.tagged)
        if found.deck is not None:
            self.tag = found.deck
        for one in found.cards:
            self._add(one.card, one.line, one.deck)


def tidy(lines: list[str]) -> str:
    """The text of a side: what stands beside the mark, and below it; no blank lines at its ends."""
    lines[0] = lines[0].lstrip()
    first = next((at for at, line in enumerate(lines) if line.strip()), len(lines))
    return "\n".join(lines[first:]).rstrip()
