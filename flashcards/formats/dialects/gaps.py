"""Gaps as other programs write them, `[brackets]` and `==highlights==`, as gaps of ours: `{{c1::text}}`."""

import re
from collections.abc import Iterator

from flashcards.formats.made import CODE, cloze, misspelt_gap
from flashcards.formats.notes import MOST_GAP_CHARACTERS, MOST_GAPS

BRACKET = re.compile(r"\\.|!\[|\[\[|[\[\]]", re.DOTALL)
"""An escaped sign, a picture, a link between notes, a bracket."""
HIGHLIGHT = re.compile(r"==(?=[^\s=])([^=\n]*[^\s=])==(?:\^\[([^\]\n]{1,200})\])?(?:\[\^([1-9][0-9]?)\])?")
"""`==text==`, perhaps with `^[hint]` and `[^number]` behind it."""


def holds_gaps(text: str) -> bool:
    """Whether the loader would take `text` for a cloze."""
    if "{{c" not in text or misspelt_gap(text):
        return False
    numbers = len(cloze(text).numbers())
    return 0 < numbers <= MOST_GAPS and numbers * len(text) <= MOST_GAP_CHARACTERS


def from_brackets(text: str) -> str:
    """`text` with a gap for each pair of brackets; empty if there are none, or none that can be kept."""
    parts, last = [], 0
    for number, (start, end) in enumerate(_brackets(text), 1):
        parts += [text[last:start], _gap(number, text[start + 1 : end])]
        last = end + 1
    made = "".join([*parts, text[last:]])
    return made if last and holds_gaps(made) and all(parts[1::2]) else ""


def _gap(number: int, hidden: str, hint: str = "") -> str:
    """A gap; empty where its text has signs that end one."""
    if "::" in hidden or "}}" in hidden or hidden.endswith("}") or "}}" in hint:
        return ""
    return f"{{{{c{number}::{hidden}" + (f"::{hint}" if hint else "") + "}}"


def _brackets(text: str) -> Iterator[tuple[int, int]]:
    """Where the outer brackets open and close; code, pictures and links have none."""
    code = iter([*((span.start(), span.end()) for span in CODE.finditer(text)), (len(text), len(text))])
    opens, closes = next(code)
    start, depth = -1, 0
    for found in BRACKET.finditer(text):
        while found.start() >= closes and opens < len(text):
            opens, closes = next(code)
        if opens <= found.start() < closes or found[0].startswith("\\"):
            continue
        if found[0] != "]":
            if depth == 0:
                start = found.start() if found[0] == "[" else -1
            depth += len(found[0].lstrip("!"))
        elif depth:
            depth -= 1
            follows = text[found.end() : found.end() + 1]
            if depth == 0 and start >= 0 and follows != "(" and text[start + 1 : found.start()].strip():
                yield start, found.start()


def from_highlights(text: str) -> str:
    """`text` with a gap for each highlight; empty if there are none, or none that can be kept."""
    count = 0
    lost = False

    def gap(found: re.Match[str]) -> str:
        nonlocal count, lost
        count += 1
        made = _gap(int(found[3] or count), found[1], found[2] or "")
        lost = lost or not made
        return made

    made = HIGHLIGHT.sub(gap, text)
    return made if count and not lost and holds_gaps(made) else ""
