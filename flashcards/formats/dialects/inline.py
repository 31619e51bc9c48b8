"""Cards within a paragraph: `front :: back`, two sides round a `?`, gaps and highlights."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from flashcards.formats.dialects.attributes import of_comment
from flashcards.formats.dialects.gaps import from_highlights, holds_gaps
from flashcards.formats.dialects.lines import Line
from flashcards.formats.made import CODE

SPACED = re.compile(r"(?<=\s)(:{2,3})(?=\s)")
"""Blanks on both sides: `std::vector` is no card."""
AFTER_QUESTION = re.compile(r"(?<=[?!])(:{2,3})(?!:)")
ANY = re.compile(r"(?<!:)(:{2,3})(?!:)")
"""In notes that are tagged as cards no blanks are needed."""
HIDDEN = re.compile(r"\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]")
"""Gaps and links between notes hold no separator."""
MARKERS = re.compile(r"(?:[ \t]*(?:>|[-*+](?=[ \t])|[0-9]{1,9}[.)](?=[ \t])))*[ \t]*(?:\[[ xX]\][ \t]+)?")
"""Quotes, items of lists, tasks: what stands before the text of a line."""
TAG = re.compile(r"#flashcards(?:/([\w/-]+))?(?![\w/-])")
BOTH_WAYS = ":::"
SIDES = ("?", "??")
LONGEST = 5_000
"""Characters of a line that may be a card; what is longer is prose, or no text at all."""


class Found(NamedTuple):
    """A card and where it starts; `deck` is what a tag says, None where there is no tag."""

    card: dict[str, Any]
    line: int
    deck: str | None = None


class Paragraph(NamedTuple):
    """The cards of a paragraph, and the deck of what follows it, if a tag says one."""

    cards: list[Found]
    deck: str | None = None


def paragraph(lines: Sequence[Line], *, tagged: bool) -> Paragraph:
    """The cards in some lines without a blank one between; `tagged`: the note says that it holds cards."""
    deck, first = None, 0
    while first < len(lines) and (said := _only_tags(lines[first].text)) is not None:
        deck = said
        first += 1
    rest = lines[first:]
    marks = [at for at, line in enumerate(rest) if line.kind == "text" and line.text.strip() in SIDES]
    if marks:
        return Paragraph(_two_sides(rest, marks[0]), deck)
    found = [card for line in rest if (card := single(line, tagged=tagged))]
    return Paragraph(found or _gaps(rest, tagged=tagged), deck)


def _only_tags(text: str) -> str | None:
    """The deck that a line of tags says; None if it is another line."""
    words = text.split()
    if not words or not all(word.startswith("#") for word in words):
        return None
    tags = [tag for word in words if (tag := TAG.fullmatch(word))]
    return (tags[0][1] or "") if tags else None


def _own_tag(text: str) -> tuple[str | None, str]:
    """The deck that a tag at the start of a card says, and the card without it."""
    tag = TAG.match(text)
    return (tag[1] or "", text[tag.end() :].lstrip()) if tag else (None, text)


def _two_sides(lines: Sequence[Line], at: int) -> list[Found]:
    """The card whose sides stand above and below a `?`."""
    above = "\n".join(line.text for line in lines[:at])
    below = "\n".join(line.text for line in lines[at + 1 :])
    deck, front = _own_tag(above.strip())
    back, beside = without_comment(below.strip())
    if not front or not back:
        return []
    card = {"front": front, "back": back, **beside}
    if lines[at].text.strip() == "??":
        card["reverse"] = back
    return [Found(card, lines[0].number, deck)]


def single(line: Line, *, tagged: bool) -> Found | None:
    """The card in one line."""
    if "::" not in line.text or len(line.text) > LONGEST or _is_code(line.text):
        return None
    text, beside = without_comment(line.text.rstrip())
    text = text[_markers(text) :]
    deck, text = _own_tag(text)
    masked = HIDDEN.sub(_blot, CODE.sub(_blot, text))
    parted = SPACED.search(masked) or (ANY if tagged else AFTER_QUESTION).search(masked)
    if not parted or text.startswith("|"):
        return None
    front, back = text[: parted.start()].strip(), text[parted.end() :].strip()
    if not front or not back:
        return None
    card = {"front": front, "back": back, **beside}
    if parted[1] == BOTH_WAYS:
        card["reverse"] = back
    return Found(card, line.number, deck)


def _is_code(text: str) -> bool:
    """Whether a line is code by its indent: deep, and no item of a list."""
    return text.startswith(("    ", "\t")) and not text[: _markers(text)].strip()


def _markers(text: str) -> int:
    """How long what stands before the text of a line is."""
    found = MARKERS.match(text)
    return found.end() if found else 0


def _blot(found: re.Match[str]) -> str:
    return "." * len(found[0])


def without_comment(text: str) -> tuple[str, dict[str, Any]]:
    """A text without the comment at its end, if that is a schedule or holds keys; and those keys."""
    start = text.rfind("<!--")
    if start < 0 or not text.endswith("-->"):
        return text, {}
    said = text[start + 4 : -3].strip()
    if said.startswith("SR:"):
        return text[:start].rstrip(), {}
    values = of_comment(said)
    return (text, {}) if values is None or "deck" in values else (text[:start].rstrip(), values)


def _gaps(lines: Sequence[Line], *, tagged: bool) -> list[Found]:
    """The card that a paragraph with gaps is."""
    whole = "\n".join(line.text for line in lines).strip()
    if ("{{c" not in whole and not (tagged and "==" in whole)) or len(whole) > LONGEST:
        return []
    whole, beside = without_comment(whole)
    deck, text = _own_tag(whole)
    made = text if holds_gaps(text) else from_highlights(text) if tagged else ""
    return [Found({"cloze": made, **beside}, lines[0].number, deck)] if made else []
