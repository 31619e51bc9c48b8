"""From a note of Anki's and its cards to cards of a deck: a card, a card with `reverse`, a cloze, or several."""

import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any, NamedTuple

from flashcards.formats.anki import templates
from flashcards.formats.anki.collection import CardRow, NoteRow, NoteType
from flashcards.formats.anki.media import linked
from flashcards.formats.html import clean, to_markdown
from flashcards.formats.made import cloze as parsed_cloze
from flashcards.formats.made import misspelt_gap
from flashcards.formats.notes import MOST_GAP_CHARACTERS, MOST_GAPS

SEPARATOR = "\x1f"
SPACES = re.compile(r"[ \u3000\t\n]+")
ANSWER_LINE = re.compile(r"<hr\s+id\s*=\s*[\"']?answer[\"']?\s*/?>", re.IGNORECASE)
OCCLUSION = "::image-occlusion:"
GAP_CONDITION = re.compile(r"\{\{\s*[#^]c[0-9]")
NESTED = re.compile(r"\{\{c[0-9,]+::(?:(?!\}\}).)*\{\{c[0-9]", re.DOTALL)
GAP_SPACES = re.compile(r"\{\{c0*([1-9][0-9]?)::")
EMPTY_BACK = "—"
"""The back of a card that shows nothing behind the question: a deck asks for one."""
LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
PAIRS = [first + second for first in LETTERS for second in LETTERS]
"""Ten bits as two of the characters of base 32."""
ID_BYTES = 6
"""48 bits: among 100,000 notes two agree once in 50,000 packages; that is told apart by the note's own id."""


class Names(NamedTuple):
    """What the texts of notes may name."""

    media: Mapping[str, str]
    folder: str
    decks: Mapping[int, str]
    """Names of decks, for `{{Deck}}`."""


def paths(names: Names) -> dict[str, str]:
    """Where each file lies beside the deck, by its name in the package."""
    folder = f"{names.folder}/" if names.folder else ""
    return {theirs: f"{folder}{ours}" for theirs, ours in names.media.items()}


class Made(NamedTuple):
    """What became of a note."""

    cards: tuple[dict[str, Any], ...]
    """Plain cards, without id."""
    ordinals: tuple[tuple[int, int, str], ...]
    """For each card of Anki's: its `ord`, the place of the plain card, and the suffix there."""


def note_id(guid: str) -> str:
    """The id of a note's first card: it follows from the guid alone, so that no edit moves it."""
    digest = blake2b(guid.encode("utf-8", "replace"), digest_size=ID_BYTES).digest()
    number = int.from_bytes(digest, "big") << 2
    return f"a-{PAIRS[number >> 40]}" + "".join(PAIRS[number >> shift & 1023] for shift in (30, 20, 10, 0))


def tags_of(note: NoteRow) -> list[str]:
    """The tags as a deck may have them: without commas, which divide tags there."""
    words = (clean(word).replace(",", "_").strip() for word in SPACES.split(note.tags))
    return list(dict.fromkeys(word for word in words if word))


def written_tag(tag: str) -> str:
    """A tag as Anki may have it: without spaces, which divide tags there."""
    return SPACES.sub("_", tag)


def is_occlusion(note_type: NoteType, note: NoteRow) -> bool:
    """Whether parts of a picture are hidden, which no deck of ours can do."""
    return note_type.stock == 6 or (note_type.kind == "cloze" and OCCLUSION in note.flds)  # noqa: PLR2004  (see NoteType)


def make(note: NoteRow, note_type: NoteType, rows: Sequence[CardRow], names: Names) -> Made:
    """The cards of a note; those without a question are left out."""
    fields = _fields(note, note_type, names)
    tags = tags_of(note)
    if note_type.kind == "cloze" and (made := _whole_cloze(note_type, rows, fields)):
        return Made(cards=(_with_tags(made, tags),), ordinals=tuple((row.ord, 0, f"~c{row.ord + 1}") for row in rows))
    cards: list[dict[str, Any]] = []
    ordinals: list[tuple[int, int, str]] = []
    memory: dict[str, str] = {}
    for row in rows:
        card = _one(note_type, row, fields, names, memory)
        if card:
            ordinals.append((row.ord, len(cards), ""))
            cards.append(card)
    if _fit_one(rows, cards):
        only = {"front": cards[0]["front"], "back": cards[0]["back"], "reverse": cards[1]["front"]}
        return Made(cards=(_with_tags(only, tags),), ordinals=((0, 0, ""), (1, 0, "~reverse")))
    return Made(cards=tuple(_with_tags(card, tags) for card in cards), ordinals=tuple(ordinals))


def _fields(note: NoteRow, note_type: NoteType, names: Names) -> dict[str, str]:
    values = note.flds.split(SEPARATOR)
    if "src" in note.flds or "SRC" in note.flds or "[sound:" in note.flds:
        values = [linked(value, names.media, names.folder) for value in values]
    fields = dict.fromkeys(note_type.fields, "")
    fields.update(zip(note_type.fields, values, strict=False))
    fields["Tags"] = fields.get("Tags") or note.tags.strip()
    fields["Type"] = fields.get("Type") or note_type.name
    return fields


def _with_tags(card: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    return {**card, "tags": tags} if tags else card


def _fit_one(rows: Sequence[CardRow], cards: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two cards are one and its reverse."""
    if len(rows) != 2 or len(cards) != 2 or [row.ord for row in rows] != [0, 1]:  # noqa: PLR2004  (two)
        return False
    first, second = cards
    return (
        (rows[0].odid or rows[0].did) == (rows[1].odid or rows[1].did)
        and "answer" not in first
        and "answer" not in second
        and first["front"] == second["back"]
        and first["back"] == second["front"]
    )


def _one(
    note_type: NoteType, row: CardRow, fields: dict[str, str], names: Names, memory: dict[str, str]
) -> dict[str, Any] | None:
    """One card of Anki's as one of ours; None without a question."""
    cloze = row.ord + 1 if note_type.kind == "cloze" else -1
    place = 0 if note_type.kind == "cloze" else row.ord
    if not 0 <= place < len(note_type.templates):
        return None
    template = note_type.templates[place]
    deck = names.decks.get(row.odid or row.did, "")
    special = {
        "Deck": deck,
        "Subdeck": deck.rpartition("::")[2],
        "Card": template.name,
        "FrontSide": "",
        "CardFlag": "",
    }
    known = {**special, **fields}
    question = templates.render(template.question, known, cloze=cloze)
    front = _markdown(question.html, memory)
    if not front:
        return None
    card = {"front": front}
    answer = _markdown(templates.render("{{text:x}}", {"x": fields.get(question.typed, "")}).html, memory)
    shown = templates.render(template.answer, known, cloze=cloze, answer=True)
    back = _markdown(ANSWER_LINE.sub("", shown.html) if "<hr" in shown.html else shown.html, memory)
    if question.typed and answer and "\n" not in answer:
        card["answer"] = answer
    elif question.typed and answer and answer not in back:
        back = "\n\n".join(filter(None, (answer, back)))
    if "answer" not in card or (back and back != answer):
        card["back"] = back or EMPTY_BACK
    return card


def _whole_cloze(note_type: NoteType, rows: Sequence[CardRow], fields: dict[str, str]) -> dict[str, Any] | None:
    """The note as one text with gaps; None where a deck cannot say it so."""
    if len(note_type.templates) != 1 or len({row.odid or row.did for row in rows}) != 1:
        return None
    template = note_type.templates[0]
    if GAP_CONDITION.search(template.question + template.answer):
        return None
    known = {"FrontSide": "", **fields}
    text = GAP_SPACES.sub(r"{{c\1::", _markdown(templates.render(template.question, known, cloze=0).html, {}))
    if not text or NESTED.search(text) or misspelt_gap(text):
        return None
    numbers = set(parsed_cloze(text).numbers())
    if not numbers or len(numbers) > MOST_GAPS or len(numbers) * len(text) > MOST_GAP_CHARACTERS:
        return None
    if any(row.ord + 1 not in numbers for row in rows):
        return None
    shown = templates.render(template.answer, known, cloze=-1, answer=True).html
    back = _markdown(ANSWER_LINE.sub("", shown), {})
    return {"cloze": text, "back": back} if back else {"cloze": text}


def _markdown(html: str, memory: dict[str, str]) -> str:
    """A side as Markdown; the two sides of a note share texts."""
    found = memory.get(html)
    if found is None:
        found = memory[html] = to_markdown(html)
    return found
