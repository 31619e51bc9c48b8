"""Lines of Markdown and what each is, as far as cards need it: code, headings, tables and comments hold none."""

import re
from collections.abc import Iterator
from itertools import chain, repeat
from typing import Literal, NamedTuple

Kind = Literal["text", "blank", "heading", "rule", "fence", "code", "table", "comment", "remark"]
FENCE = re.compile(r"\s*(`{3,}|~{3,})([^`]*)")
"""The start of a block of code, and what it says the code is."""
MOST_LEVELS = 6


class Line(NamedTuple):
    """A line; `number` counts from 1."""

    number: int
    text: str
    kind: Kind
    said: str = ""
    """The text of a heading, what a fence says the code is, what a comment says."""
    level: int = 0
    """Of a heading."""


def lines_of(text: str, first: int = 1) -> list[Line]:
    """The lines of `text`, which starts on line `first` of its file."""
    return _with_tables(list(_lines(text.split("\n"), first)))


def _lines(texts: list[str], first: int) -> Iterator[Line]:
    fence = ""
    comment = False
    for number, text in enumerate(texts, first):
        if fence:
            yield Line(number, text, "code")
            if _closes(text, fence):
                fence = ""
        elif comment:
            yield Line(number, text, "comment")
            comment = "-->" not in text
        elif found := FENCE.fullmatch(text):
            fence = found[1]
            yield Line(number, text, "fence", found[2].strip())
        elif text.lstrip().startswith("<!--"):
            comment = "-->" not in text
            yield _comment(number, text)
        else:
            yield _line(number, text)


def _closes(text: str, fence: str) -> bool:
    """Whether `text` ends the block of code that `fence` opened."""
    bare = text.strip()
    return len(bare) >= len(fence) and not bare.strip(fence[0])


def _comment(number: int, text: str) -> Line:
    """A line that starts with a comment: one that is nothing else is a remark, what follows one is text."""
    bare = text.strip()
    end = bare.find("-->")
    if end < 0:
        return Line(number, text, "comment")
    return Line(number, text, "remark" if end == len(bare) - 3 else "text", bare[4:end].strip())


def _line(number: int, text: str) -> Line:
    bare = text.strip()
    if not bare:
        return Line(number, text, "blank")
    if text.rstrip() == "---":
        return Line(number, text, "rule")
    if text.startswith("#"):
        rest = text.lstrip("#")
        level = len(text) - len(rest)
        if level <= MOST_LEVELS and (not rest or rest[0] in " \t"):
            return Line(number, text, "heading", _heading(rest), level)
    return Line(number, text, "text")


def _heading(rest: str) -> str:
    """The text of a heading, without the signs that may close it."""
    bare = rest.strip()
    cut = bare.rstrip("#")
    return cut.rstrip() if not cut or cut[-1] in " \t" else bare


def _with_tables(lines: list[Line]) -> list[Line]:
    """The same, with the rows of tables marked: a row with bars, a row of dashes and bars, and what follows."""
    table = False
    for at, (line, following) in enumerate(zip(lines, chain(lines[1:], repeat(None)), strict=False)):
        if line.kind != "text":
            table = False
        elif table or ("|" in line.text and following is not None and _underlines(following.text)):
            table = "|" in line.text
            lines[at] = line._replace(kind="table" if table else "text")
    return lines


def _underlines(text: str) -> bool:
    """Whether a row parts the head of a table from its body."""
    return "-" in text and "|" in text and not text.strip("|-: \t")
