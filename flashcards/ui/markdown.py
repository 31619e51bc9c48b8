"""Card text for the terminal: a small Markdown of our own, and highlighted code once there is time for it.

Paragraphs keep their line ends, since many cards come from programs where a
line end means a line end. Nothing in a card is ever read as rich's markup.
"""

from collections.abc import Iterator
from typing import NamedTuple

from rich.text import Text

from flashcards.ui import words

CODE, SPAN, STRONG, EMPHASIS, HEADING, QUOTED = "cyan", "bold cyan", "bold", "italic", "bold", "dim"
FENCES = ("```", "~~~")
BULLETS = ("- ", "* ", "+ ")
LONGEST_NUMBER = 3
"""Digits of an ordered list; a year at the start of a line is prose."""
MARKS = {"**": STRONG, "*": EMPHASIS}
"""No underscores: `__init__` is a name more often than an emphasis."""


class Block(NamedTuple):
    """A paragraph, one line of a list, a fence …, ready to draw."""

    text: Text
    indent: int = 0
    lead: str = ""
    """Stands in the indent of the first line: a bullet, a number, a bar."""
    code: bool = False
    gap: bool = True
    """Whether a blank line stands before it."""


def blocks(source: str, *, plain: bool = False) -> list[Block]:
    """The blocks of a card's text. `plain` leaves code without its colours, which take 30 ms to import."""
    lines = words.safe(source).expandtabs(4).strip("\n").split("\n")
    return list(_blocks(lines, plain=plain))


def inline(text: str, style: str = "") -> Text:
    """One paragraph with `code`, **strong** and *emphasis*; `text` is safe already."""
    found = Text(style=style)
    _inline(found, text, "")
    return found


def code(source: str, language: str, *, plain: bool) -> Text:
    """Code in the terminal's own sixteen colours; in one colour if `plain` or if nobody knows the language."""
    if plain or not language:
        return Text(source, style=CODE)
    from rich.syntax import Syntax

    syntax = Syntax(source, language, theme="ansi_dark", background_color="default")
    if syntax.lexer is None:
        return Text(source, style=CODE)
    shown = syntax.highlight(source)
    shown.rstrip()
    return shown


# ---------------------------------------------------------------- blocks


def _blocks(lines: list[str], *, plain: bool) -> Iterator[Block]:
    at, gap = 0, False
    while at < len(lines):
        text = lines[at].strip()
        if not text:
            at, gap = at + 1, True
            continue
        if text.startswith(FENCES):
            block, at = _fence(lines, at, plain=plain)
        elif _is_table(lines, at):
            block, at = _table(lines, at)
        elif item := _item(lines[at]):
            block, at = item, at + 1
        else:
            block, at = _paragraph(lines, at)
        yield block._replace(gap=gap or block.code)
        gap = block.code


def _fence(lines: list[str], at: int, *, plain: bool) -> tuple[Block, int]:
    opening = lines[at].strip()
    sign = opening[:3]
    end = at + 1
    while end < len(lines) and not lines[end].strip().startswith(sign):
        end += 1
    language = opening.strip(sign[0]).strip().split(" ")[0]
    shown = code("\n".join(lines[at + 1 : end]), language, plain=plain)
    return Block(shown, indent=2, code=True), end + 1


def _is_table(lines: list[str], at: int) -> bool:
    if "|" not in lines[at] or at + 1 == len(lines):
        return False
    rule = lines[at + 1].strip()
    return "-" in rule and "|" in rule and not rule.strip("|-: ")


def _table(lines: list[str], at: int) -> tuple[Block, int]:
    """A table with its columns lined up; the rule below the head goes, the head is strong."""
    end = at + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    rows = [_cells(line, STRONG if line is lines[at] else "") for line in (lines[at], *lines[at + 2 : end])]
    columns = max(map(len, rows))
    widths = [max(row[i].cell_len for row in rows if i < len(row)) for i in range(columns)]
    shown = Text()
    for row in rows:
        shown.append("\n" if shown else "")
        for cell, width in zip(row, widths, strict=False):
            cell.append(" " * (width - cell.cell_len + 3))
            shown.append_text(cell)
        shown.rstrip()
    return Block(shown, indent=2, code=True), end


def _cells(line: str, style: str) -> list[Text]:
    found = [Text() for _ in line.strip().strip("|").split("|")]
    for cell, text in zip(found, line.strip().strip("|").split("|"), strict=True):
        _inline(cell, text.strip(), style)
    return found


def _item(line: str) -> Block | None:
    """A line with a mark of its own: heading, list, quotation."""
    text = line.lstrip()
    depth = len(line) - len(text)
    if text.startswith("#") and text.lstrip("#").startswith(" "):
        return Block(inline(text.lstrip("#").strip(), HEADING))
    if text.startswith("> "):
        return Block(inline(text[2:], QUOTED), indent=2, lead="| ")
    if text.startswith(BULLETS):
        return Block(inline(text[2:].strip()), indent=depth + 4, lead=" " * (depth + 2) + "- ")
    number, _, rest = text.partition(" ")
    if number[:-1].isdecimal() and number[-1:] in {".", ")"} and len(number) <= LONGEST_NUMBER + 1:
        lead = " " * (depth + 2) + number + " "
        return Block(inline(rest.strip()), indent=len(lead), lead=lead)
    return None


def _paragraph(lines: list[str], at: int) -> tuple[Block, int]:
    end = at
    while end < len(lines) and lines[end].strip() and not (end > at and _starts(lines, end)):
        end += 1
    text = "\n".join(line.strip().removesuffix("\\") for line in lines[at:end])
    return Block(inline(text)), end


def _starts(lines: list[str], at: int) -> bool:
    return lines[at].strip().startswith(FENCES) or _is_table(lines, at) or _item(lines[at]) is not None


# ---------------------------------------------------------------- inside a line


def _inline(found: Text, text: str, style: str) -> None:
    at = start = 0
    while at < len(text):
        if text[at] == "\\" and text[at + 1 : at + 2] in set("`*_\\#[]|"):
            found.append(text[start:at], style)
            start, at = at + 1, at + 2
            continue
        mark, end = _mark(text, at)
        if not mark:
            at += 1
            continue
        found.append(text[start:at], style)
        inside = text[at + len(mark) : end]
        if mark[0] == "`":
            found.append(_code_span(inside), _both(style, SPAN))
        else:
            _inline(found, inside, _both(style, MARKS[mark]))
        start = at = end + len(mark)
    found.append(text[start:], style)


def _mark(text: str, at: int) -> tuple[str, int]:
    """The mark that opens at `at` and where it closes; "" for none."""
    if text[at] == "`":
        run = text[at : at + len(text[at:]) - len(text[at:].lstrip("`"))]
        end = text.find(run, at + len(run))
        return (run, end) if end > 0 else ("", 0)
    for mark in MARKS:
        if text.startswith(mark, at) and (end := _closing(text, at, mark)):
            return mark, end
    return "", 0


def _closing(text: str, at: int, mark: str) -> int:
    """Where an opened mark closes, or 0. A mark beside a blank is a plain sign, and so is one inside a word."""
    first = at + len(mark)
    if text[first : first + 1] in {"", " ", "\n", mark[0]}:
        return 0
    if at and text[at - 1].isalnum():
        return 0
    end = text.find(mark, first)
    while end > 0 and (text[end - 1] in " \n\\" or text[end + len(mark) :][:1].isalnum()):
        end = text.find(mark, end + 1)
    return max(end, 0)


def _code_span(text: str) -> str:
    """The inside of a code span; one blank at both ends is only there to keep backquotes apart."""
    return text[1:-1] if text.startswith(" ") and text.endswith(" ") and text.strip() else text


def _both(outer: str, inner: str) -> str:
    return f"{outer} {inner}".strip()
