"""Decks as YAML that people like to read, and that the reader of deck format 1 reads back as it was."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from flashcards.formats.fields import CARD, TABLES
from flashcards.formats.plain import PlainDeck
from flashcards.formats.source import visible

PLAIN = re.compile(r"(?:-{0,2}[^\W_]|[$/.(~+^;<=_\\])[^\n\t\u2028\u2029]*(?<![ :\xa0])")
"""What YAML takes for text without quotes, unless `NOT_PLAIN` is in it."""
NOT_PLAIN = re.compile(r": | #|\A\s|\A\.\.\.|\A=\Z")
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+./~-]*")
"""What needs no quotes inside brackets either."""
ESCAPED = re.compile('["\\\\\x00-\x1f\x7f-\xa0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]')
"""What double quotes do not hold as it is."""
NOT_RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
"""What only double quotes can hold."""
SHORT_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}
LONGEST_KEY = 900
"""A key in one line may have 1024 characters (YAML 1.1, 9.2.1)."""
LONGEST_ROW = 90
"""Characters of a list that is written in brackets."""

ORDER = tuple(CARD)
EXACT = frozenset(f.name for t in TABLES.values() for f in t.values() if f.kind == "content")
"""Keys whose text counts to its last newline; elsewhere the newline that ends a block is none of the text."""
EXACT_BY_NAME = frozenset(f.name for t in TABLES.values() for f in t.values() if f.kind == "texts by name")
"""Keys with a mapping of free names, whose texts count to their last newline."""
BY_NAME = frozenset(
    f.name for t in TABLES.values() for f in t.values() if f.kind in {"pairs", "patterns by name", "modes by name"}
)
"""Keys with a mapping of free names, whose texts are ordinary ones."""
TABLE, FREE, FREE_EXACT = range(3)
"""What the keys of a mapping are: those of a table, or free names."""


def below(key: str, keys: int, *, exact: bool) -> tuple[int, bool]:
    """What the keys under `key` are, and whether texts under it count to their last newline."""
    if keys != TABLE:
        return keys, exact
    if key in EXACT_BY_NAME:
        return FREE_EXACT, True
    return (FREE, False) if key in BY_NAME else (TABLE, key in EXACT)


def to_yaml(deck: PlainDeck, header: str = "") -> str:
    """The deck as a file of deck format 1; each line of `header` is a comment at the top."""
    lines = [f"# {visible(line)}\n" for line in header.splitlines()]
    lines += _entry("deck", deck.id, 0, TABLE)
    for name, value in (("title", deck.title), ("tags", deck.tags), ("was", deck.was)):
        if value:
            lines += _entry(name, value, 0, TABLE)
    lines.append("cards:\n" if deck.cards else "cards: []\n")
    for card in deck.cards:
        lines += _item(_in_order(card), 2, TABLE, exact=False)
    return "".join(lines)


def entries(values: Mapping[str, Any]) -> str:
    """The lines of some keys of a card, for a text that holds them in a block of their own."""
    return "".join(chain.from_iterable(_entry(name, value, 0, TABLE) for name, value in _in_order(values).items()))


def _in_order(card: Mapping[str, Any]) -> Mapping[str, Any]:
    """The keys as the table has them; what it does not know comes last, for the reader to name."""
    ordered = {name: card[name] for name in ORDER if name in card}
    return ordered if len(ordered) == len(card) else {**ordered, **card}


def _entry(key: str, value: Any, column: int, keys: int) -> Iterator[str]:  # noqa: ANN401  (as YAML would hold it)
    """The lines of `key: value`, but for the spaces before the key."""
    keys_below, exact = below(key, keys, exact=keys == FREE_EXACT)
    name = scalar(key)
    start = f"{name}:" if len(name) <= LONGEST_KEY else f"? {name}\n{' ' * column}:"
    yield from _value(start, value, column, keys_below, exact=exact)


def _value(start: str, value: Any, column: int, keys: int, *, exact: bool) -> Iterator[str]:  # noqa: ANN401
    """The value behind `start`; what goes on in further lines is indented deeper than `column`."""
    if isinstance(value, Mapping):
        yield f"{start}\n" if value else f"{start} {{}}\n"
        for name, inner in value.items():
            yield " " * (column + 2)
            yield from _entry(name, inner, column + 2, keys)
    elif isinstance(value, list | tuple):
        if all(isinstance(one, str) and WORD.fullmatch(one) for one in value) and len(str(value)) < LONGEST_ROW:
            yield f"{start} [{', '.join(value)}]\n"
            return
        yield f"{start}\n"
        for inner in value:
            yield from _item(inner, column + 2, keys, exact=exact)
    else:
        yield f"{start} {_text(str(value), column, exact=exact)}\n"


def _item(value: Any, column: int, keys: int, *, exact: bool) -> Iterator[str]:  # noqa: ANN401
    """The lines of `- value`."""
    dash = f"{' ' * column}- "
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield dash
            yield from _entry(name, inner, column + 2, keys)
            dash = " " * (column + 2)
    elif isinstance(value, Mapping | list | tuple):
        yield f"{dash}{_in_one_line(value)}\n"
    else:
        yield f"{dash}{_text(str(value), column, exact=exact)}\n"


def _in_one_line(value: Any) -> str:  # noqa: ANN401
    """A list in a list, or a mapping in one of those."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{escaped(name)}: {_in_one_line(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_in_one_line, value)) + "]"
    return escaped(str(value))


def _text(text: str, column: int, *, exact: bool) -> str:
    """A text: several lines as a block, one line as it is or in quotes."""
    if "\n" not in text:
        return scalar(text)
    ending = len(text) - len(text.rstrip("\n"))
    if ending > exact or NOT_RAW.search(text) or text.isspace():
        return escaped(text)
    sign = "|" if text[0] not in " \t\n" else "|2"
    chomp = "-" if exact and not ending else ""
    margin = "\n" + " " * (column + 2)
    return (
        sign
        + chomp
        + "".join(chain(*((margin, line) if line else "\n" for line in text[: -ending or None].split("\n"))))
    )


def scalar(text: str) -> str:
    """A text in one line: as it is where YAML leaves it alone, else in quotes."""
    if PLAIN.fullmatch(text) and not NOT_PLAIN.search(text) and not NOT_RAW.search(text):
        return text
    if ('"' in text or "\\" in text) and "\n" not in text and not NOT_RAW.search(text):
        return "'" + text.replace("'", "''") + "'"
    return escaped(text)


def escaped(text: str) -> str:
    """A text in double quotes, in one line whatever it is."""
    return f'"{ESCAPED.sub(_escape, text)}"'


def _escape(found: re.Match[str]) -> str:
    character = found.group()
    return SHORT_ESCAPES.get(character) or f"\\u{ord(character):04x}"
