"""Which column of a table is which key of a card: by its header, by Anki's first lines, or as a person says."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from flashcards.formats.fields import CARD
from flashcards.formats.source import closest, tick

DECK_COLUMNS = ("deck", "deck title", "deck tags", "deck was")
"""Of these a row needs only the first; the others are read where they first stand."""
BESIDES = (*DECK_COLUMNS, "guid", "notetype")
SYNONYMS = {
    "front": ("question", "questions", "term", "prompt", "word", "expression", "vocabulary", "q", "text"),
    "back": ("answers", "definition", "meaning", "translation", "response", "reply", "back extra", "a"),
    "tags": ("tag", "labels", "label"),
    "id": ("key", "uid", "uuid"),
    "notetype": ("note type", "type"),
    "deck title": ("deck name",),
}
MEANING = {name: name for name in (*CARD, *BESIDES)} | {word: key for key, words in SYNONYMS.items() for word in words}
LEFT_OUT = "-"
"""What `--columns` says for a column that is not wanted."""
MOST_SHOWN = 5
HEADER_WORDS = 2
"""So many known names make the first row a header: a single one may be a word to learn."""

NAMED = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "colon": ":", "space": " "}
SPECIAL = {"tags column": "tags", "guid column": "guid", "deck column": "deck", "notetype column": "notetype"}
ANKI_KEYS = ("separator", "html", "tags", "columns", "notetype", "deck", "if matches", "match scope", *SPECIAL)


EXCEL = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""The first line by which Excel knows the separator."""


class AnkiHead(NamedTuple):
    """The lines with `#` at the top of a text file of Anki's."""

    lines: int = 0
    """How many there are."""
    there: bool = False
    """Whether any of them is Anki's."""
    separator: str = ""
    html: bool = False
    tags: tuple[str, ...] = ()
    columns: str = ""
    notetype: str = ""
    deck: str = ""
    special: tuple[tuple[int, str], ...] = ()
    """Columns, from 0, and the key of each."""


def anki_head(lines: Sequence[str]) -> AnkiHead:
    """What the first lines say, also the one that is Excel's; comments among them are passed over."""
    if lines and (excel := EXCEL.fullmatch(lines[0])):
        return AnkiHead(lines=1, separator=excel[1])
    said: dict[str, str] = {}
    count = 0
    for line in lines:
        if not (line.startswith("#") or (count == 0 and line.startswith("tags:"))):
            break
        key, colon, value = line.removeprefix("#").rstrip("\n").partition(":")
        known = bool(colon) and key.strip().lower() in ANKI_KEYS
        if not (known or line.startswith("# ")):
            break
        if known:
            said[key.strip().lower()] = value.strip("\t ") if key != "columns" else value
        count += 1
    special = tuple((int(said[key]) - 1, SPECIAL[key]) for key in SPECIAL if _number(said.get(key, "")))
    separator = said.get("separator", "")
    return AnkiHead(
        lines=count,
        there=bool(said),
        separator=NAMED.get(separator.lower(), separator if len(separator) == 1 else ""),
        html=said.get("html", "").lower() == "true",
        tags=tuple(said.get("tags", "").split()),
        columns=said.get("columns", ""),
        notetype=said.get("notetype", ""),
        deck=said.get("deck", ""),
        special=special,
    )


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and int(text[:6]) > 0 and len(text) < len("1000000")


class Columns(NamedTuple):
    """The key of each column, "" where it is none; what is wrong with them, or worth knowing."""

    keys: tuple[str, ...]
    header: bool = False
    """Whether the first row is names and no card."""
    notes: tuple[str, ...] = ()
    fault: tuple[str, str] = ("", "")
    """A message and its hint."""


def is_header(cells: Sequence[str]) -> bool:
    """Whether a row names columns: two or more known names, no two alike, and a question among them."""
    keys = [key for key in (MEANING.get(_word(cell)) for cell in cells) if key]
    asks = "front" in keys or "cloze" in keys
    return asks and len(set(keys)) >= min(HEADER_WORDS, len(cells)) and len(set(keys)) == len(keys)


def _word(cell: str) -> str:
    return " ".join(cell.replace("_", " ").casefold().split())


def of_header(cells: Sequence[str], *, header: bool = True) -> Columns:
    """The keys that a header names; a column of another name is left out, and that is told."""
    words = [_word(cell) for cell in cells]
    keys = [MEANING.get(word, "") for word in words]
    if "answer" in keys and not {"front", "back", "cloze"} & set(words):
        keys[keys.index("answer")] = "back"  # `question, answer` is what others call front and back
    left_out = [cell.strip() for cell, key in zip(cells, keys, strict=True) if cell.strip() and not key]
    return _judged(Columns(tuple(keys), header=header, notes=tuple(_told(left_out))))


def _told(left_out: Sequence[str]) -> list[str]:
    if not left_out:
        return []
    shown = ", ".join(map(tick, left_out[:MOST_SHOWN])) + (", …" if len(left_out) > MOST_SHOWN else "")
    noun = "column" if len(left_out) == 1 else "columns"
    return [f"{noun} {shown} left out; `--columns` says what they are"]


def of_person(names: Sequence[str], *, header: bool) -> Columns:
    """The keys that a person gave; here an unknown name is a fault."""
    keys = []
    for name in names:
        word = _word(name)
        if word in {"", LEFT_OUT}:
            keys.append("")
        elif word in MEANING:
            keys.append(MEANING[word])
        else:
            meant = closest(word, list(MEANING))
            hint = f"did you mean `{meant}`?" if meant else "there are: " + ", ".join((*CARD, "deck", LEFT_OUT))
            return Columns((), fault=(f"`--columns` has {tick(name)}, which is no column of cards", hint))
    return _judged(Columns(tuple(keys), header=header))


def of_order(count: int, head: AnkiHead) -> Columns:
    """Without any names: what Anki's lines say, then front and back."""
    special = dict(head.special)
    free = [number for number in range(count) if number not in special]
    keys = {**special, **dict(zip(free, ("front", "back"), strict=False))}
    beyond = len(free) - 2
    notes = ["what stands beyond the first two columns was left out; `--columns` says what it is"] if beyond > 0 else []
    return _judged(Columns(tuple(keys.get(number, "") for number in range(count)), notes=tuple(notes)))


def of_anki(names: Sequence[str], head: AnkiHead) -> Columns:
    """`#columns:` names the fields of a note type: what is no known name goes by its place."""
    named = of_header(names, header=False)
    if named.fault[0]:
        return of_order(len(names), head)
    keys = [dict(head.special).get(number, key) for number, key in enumerate(named.keys)]
    return _judged(named._replace(keys=tuple(keys)))


def _judged(columns: Columns) -> Columns:
    """The columns, or what is wrong with them."""
    keys = [key for key in columns.keys if key]
    twice = next((key for key in keys if keys.count(key) > 1), "")
    if twice:
        return columns._replace(
            fault=(f"two columns are `{twice}`", "name the columns in order: --columns front,back,-")
        )
    if "front" not in keys and "cloze" not in keys:
        return columns._replace(
            fault=("no column holds the question", "name the columns in order: --columns front,back")
        )
    return columns
