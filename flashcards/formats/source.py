"""The text of a deck as people see it: places, excerpts with a caret, names that are safe to print."""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, Protocol
from unicodedata import category, east_asian_width

from flashcards.model import Problem

EXCERPT_CELLS = 100
"""The width of an excerpt: a terminal of 110 columns shows it beside its line number."""
CELLS_BEFORE_CARET = 50
NAME_CHARACTERS = 60
"""Names from a deck are cut to this length in messages."""
QUOTED_CHARACTERS = 70
"""A cure longer than this is not written out."""

UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f"
    "\u3164\ud800-\udfff\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
"""What a terminal would act on, what turns the order of letters round, and what nobody sees."""
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What no file may hold: libyaml refuses most of it and takes the rest for line ends."""
MOST_PROBLEMS = 1000
"""Nobody reads more; a file made of nothing but faults must not fill the memory."""
FIRST_WIDE, LAST_OF_FOUR_DIGITS = 0x100, 0xFFFF
"""The first character that needs four hex digits, and the last for which they are enough."""
BREAK = re.compile("\r\n|\r|\n")
MOST_DEPTH = 16
"""A deck nests 9 deep at most: cards, run, checks, any, not, stdout."""
VALUE_FOLLOWS = re.compile(r"\s*(?:- +)*(?P<key>[\w.-]+: +|- +)")
"""The part of a line before a value: `  - front: ` or `  - `."""


class Mark(Protocol):
    """A place as the YAML parsers tell it; all three count from 0."""

    @property
    def line(self) -> int:
        """The line."""
        ...

    @property
    def column(self) -> int:
        """The character in the line."""
        ...

    @property
    def index(self) -> int:
        """The character in the whole text."""
        ...


class Span(NamedTuple):
    """A part of one line, counted from 0; `end` is the column behind it."""

    line: int
    column: int
    end: int


def visible(text: str, limit: int = 0) -> str:
    r"""`text` on one line, safe to print: ESC becomes `\x1b`, a tab one space; cut to `limit` characters (0: never)."""
    if limit and len(text) > limit:
        text = text[: limit - 1] + "…"
    return UNSAFE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    code = ord(character)
    if character in "\t\n":
        return " " if character == "\t" else "\\n"
    if code > LAST_OF_FOUR_DIGITS:
        return f"\\U{code:08x}"
    return f"\\x{code:02x}" if code < FIRST_WIDE else f"\\u{code:04x}"


def cells(text: str) -> int:
    """How many columns of a terminal `text` takes, as far as single characters tell."""
    return len(text) if text.isascii() else sum(_cells_of(character) for character in text)


def _cells_of(character: str) -> int:
    if category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


def quoted(text: str) -> str:
    """`text` as a YAML scalar in quotes."""
    if '"' in text or "\\" in text:
        return "'" + text.replace("'", "''") + "'"
    return f'"{text}"'


def tick(name: str) -> str:
    """A name out of a deck, in backticks, safe and short."""
    return f"`{visible(name, NAME_CHARACTERS)}`"


def closest(name: str, known: list[str]) -> str:
    """The one of `known` that looks most like `name`; empty if none comes near."""
    from difflib import get_close_matches  # only for a fault; not worth 2 ms of every start

    matches = get_close_matches(name[:NAME_CHARACTERS].lower(), known, n=1, cutoff=0.7)
    return matches[0] if matches else ""


class Source:
    """A file's text, and problems with their place in it."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self._lines: list[str] | None = None  # split at the first problem: good decks never need it

    def line(self, number: int) -> str:
        """Line `number`, counted from 0, without its end; empty beyond the last."""
        if self._lines is None:
            self._lines = BREAK.split(self.text)
        return self._lines[number] if number < len(self._lines) else ""

    def span(self, start: Mark, end: Mark) -> Span:
        """From `start` to `end`, or to the end of the first line."""
        line = self.line(start.line)
        last = (
            end.column
            if end.line == start.line
            else start.column + len(line[start.column : start.column + EXCERPT_CELLS].rstrip())
        )
        return Span(line=start.line, column=start.column, end=max(last, start.column + 1))

    def rest(self, start: Mark) -> Span:
        """From `start` to the end of its line."""
        return Span(line=start.line, column=start.column, end=max(len(self.line(start.line)), start.column + 1))

    def problem(self, span: Span, message: str, hint: str = "") -> Problem:
        """What is wrong at `span`, with its excerpt."""
        excerpt, caret, width = cut(self.line(span.line), span.column, span.end)
        return Problem(
            path=self.name,
            line=span.line + 1,
            column=span.column + 1,
            message=message,
            hint=hint,
            excerpt=excerpt,
            caret=caret,
            width=width,
        )

    def quote_hint(self, line_number: int, column: int) -> str:
        """`quote it: front: "[ -f x ]"` for the value that starts there; shorter where the line is not that simple."""
        line = self.line(line_number)
        if column > EXCERPT_CELLS:
            return "put it in quotes"
        before, value = line[:column], line[column : column + 2 * QUOTED_CHARACTERS].rstrip()
        found = VALUE_FOLLOWS.fullmatch(before)
        if not found or not value or len(value) > QUOTED_CHARACTERS:
            return "put it in quotes"
        return visible(f"quote it: {found['key'].rstrip()} {quoted(value)}")


def control_characters(source: Source) -> list[Problem]:
    """A problem for each control character that stands in the file itself."""
    if not CONTROL.search(source.text):
        return []
    return list(islice(_control_characters(source), MOST_PROBLEMS))


def _control_characters(source: Source) -> Iterator[Problem]:
    for number, line in enumerate(BREAK.split(source.text)):
        for found in CONTROL.finditer(line):
            span = Span(line=number, column=found.start(), end=found.end())
            message = f"`{visible(found.group())}` is a control character"
            yield source.problem(span, message, "delete it; a card is text")


def cut(line: str, start: int, end: int) -> tuple[str, int, int]:
    """An excerpt of `line` round the characters start..end; with the caret's place and width in cells."""
    first = _first_shown(line, start)
    before = ("…" if first else "") + visible(line[first:start])
    caret = cells(before)
    room = EXCERPT_CELLS - caret
    after: list[str] = []
    used = 0
    for character in line[start : start + room + 1]:
        shown = visible(character)
        used += cells(shown)
        if used > room:
            after[-1:] = ["…"]
            break
        after.append(shown)
    excerpt = before + "".join(after)
    marked = cells("".join(after[: end - start]))
    return excerpt.rstrip(), caret, max(1, marked)


def _first_shown(line: str, start: int) -> int:
    """The first character of the excerpt: 0, or as far before the caret as there is room."""
    if start <= CELLS_BEFORE_CARET and cells(visible(line[:start])) <= CELLS_BEFORE_CARET:
        return 0
    first, used = start, 0
    while first and used < CELLS_BEFORE_CARET and start - first < CELLS_BEFORE_CARET:
        first -= 1
        used += cells(visible(line[first]))
    return first
