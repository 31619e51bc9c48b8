"""Readers of values that hold others: variants by shell, words with their text, tables, steps."""

from collections.abc import Iterator, Mapping
from typing import Any

from flashcards.formats.composer import ListNode, MapNode, Node
from flashcards.formats.events import ScalarEvent
from flashcards.formats.fields import ANSWER_KEYS, TABLES, Field
from flashcards.formats.readers import (
    card_id,
    choice_hint,
    choices,
    content,
    deck_id,
    empty,
    ids,
    mode,
    names,
    path,
    pattern,
    programs,
    references,
    seconds,
    text,
    texts,
    whole,
    wholes,
)
from flashcards.formats.source import NAME_CHARACTERS, tick, visible
from flashcards.formats.walk import Reader, Walk


def by_name(walk: Walk, node: Node, field: Field, read: Reader) -> dict[str, Any] | None:
    """A mapping with free keys."""
    if not isinstance(node, MapNode):
        walk.wrong(node, field, "a mapping from name to text")
        return None
    values: dict[str, Any] = {}
    with walk.inside(field):
        for key, value in _firsts(walk, node):
            if not isinstance(key, ScalarEvent) or not key.value:
                walk.fail(key, f"a name in `{walk.within[:-1]}` is not a word")
            else:
                values[key.value] = read(walk, value, field._replace(name=key.value))
    return {name: value for name, value in values.items() if value is not None} or None


def texts_by_name(walk: Walk, node: Node, field: Field) -> dict[str, str] | None:
    """A mapping from names to content."""
    return by_name(walk, node, field, content)


def patterns_by_name(walk: Walk, node: Node, field: Field) -> dict[str, str] | None:
    """A mapping from names to regular expressions."""
    return by_name(walk, node, field, pattern)


def modes_by_name(walk: Walk, node: Node, field: Field) -> dict[str, str] | None:
    """A mapping from names to permissions."""
    return by_name(walk, node, field, mode)


def variants(walk: Walk, node: Node, field: Field) -> dict[str, str] | None:
    """A text for everywhere (""), or one by shell, family or platform."""
    if type(node) is ScalarEvent:
        value = text(walk, node, field)
        return None if value is None else {"": value}
    if isinstance(node, ListNode) or _looks_like_text(node):
        walk.wrong(node, field, "text")
        return None
    return _by_shell(walk, node, field, text)


def variant_lists(walk: Walk, node: Node, field: Field) -> dict[str, tuple[str, ...]] | None:
    """Texts for everywhere (""), or by shell, family or platform."""
    if not isinstance(node, MapNode) or _looks_like_text(node):
        found = texts(walk, node, field)
        return {"": tuple(found)} if found else None
    lists = _by_shell(walk, node, field, texts)
    return {key: tuple(found) for key, found in lists.items()} if lists else None


def _looks_like_text(node: Node) -> bool:
    """A command that YAML took for a mapping: `{ echo hi; }` or `echo a: b`."""
    if not isinstance(node, MapNode) or node.broken or len(node.items) != 2:  # noqa: PLR2004  (one key, one value)
        return False
    key, value = node.items
    if not isinstance(key, ScalarEvent):
        return True
    return " " in key.value or (node.flow and isinstance(value, ScalarEvent) and not value.value)


def _by_shell(walk: Walk, node: Node, field: Field, read: Reader) -> dict[str, Any] | None:
    assert isinstance(node, MapNode)  # noqa: S101  (for the type checker)
    fields = {key: field._replace(name=key) for key in ANSWER_KEYS}
    values: dict[str, Any] = {}
    with walk.inside(field):
        for key, value in _firsts(walk, node):
            if isinstance(key, ScalarEvent) and key.value in fields:
                values[key.value] = read(walk, value, fields[key.value])
            else:
                word = key.value if isinstance(key, ScalarEvent) else "{"
                walk.fail(key, f"there is no shell or platform {tick(word)}", choice_hint(word, ANSWER_KEYS))
    if not node.items and not node.broken:
        empty(walk, node, field)
    return {name: value for name, value in values.items() if value} or None


def word_pairs(walk: Walk, node: Node, field: Field) -> tuple[tuple[str, str], ...] | None:
    """Words with their explanation; a list of pairs may name a word twice."""
    if isinstance(node, ScalarEvent):
        walk.wrong(node, field, "a mapping from word to text")
        return None
    if isinstance(node, MapNode):
        return tuple(_pairs(walk, node, field))
    return tuple(pair for item in node.items for pair in _pair(walk, item, field))


def _pairs(walk: Walk, node: MapNode, field: Field) -> Iterator[tuple[str, str]]:
    for key, value in _firsts(walk, node, "to explain a word twice make a list: - {name}: …"):
        if type(key) is not ScalarEvent or not key.value:
            _no_word(walk, key, field)
        elif (said := text(walk, value, field)) is not None:
            yield key.value, said


def _firsts(walk: Walk, node: MapNode, hint: str = "keep one of them") -> Iterator[tuple[Node, Node]]:
    """The pairs of a mapping with free keys; a key that is there again is told and left out."""
    seen: dict[str, ScalarEvent] = {}
    items = iter(node.items)
    for key, value in zip(items, items, strict=False):  # where the file ended there may be a key too many
        if type(key) is ScalarEvent and seen.setdefault(key.value, key) is not key:
            walk.repeated(key, seen[key.value], hint.format(name=visible(key.value, NAME_CHARACTERS)))
        else:
            yield key, value


def _pair(walk: Walk, node: Node, field: Field) -> Iterator[tuple[str, str]]:
    """`- word: text` or `- [word, text]`."""
    if isinstance(node, MapNode):
        yield from _pairs(walk, node, field)
    elif isinstance(node, ListNode) and len(node.items) == 2:  # noqa: PLR2004  (a pair)
        word, said = (text(walk, item, field) for item in node.items)
        if word is not None and said is not None:
            yield word, said
    else:
        _no_word(walk, node, field)


def _no_word(walk: Walk, node: Node, field: Field) -> None:
    if isinstance(node, ScalarEvent) or not node.broken:
        walk.fail(node, f"{walk.named(field)} needs a word and its text", "like: - ls: lists files")


def table(walk: Walk, node: Node, field: Field) -> dict[str, Any] | None:
    """A mapping with the keys of a table."""
    with walk.inside(field):
        found = walk.table(node, TABLES[field.of], field) if isinstance(node, MapNode) else None
    if not isinstance(node, MapNode):
        walk.wrong(node, field, "a mapping")
        return None
    if found and not found.nodes and not found.strange and not node.broken and not _has_required(field):
        empty(walk, node, field)
    return found.values if found else None


def _has_required(field: Field) -> bool:
    return any(inner.required for inner in TABLES[field.of].values())


def _items(walk: Walk, node: Node, field: Field, read: Reader) -> list[Any] | None:
    """A list that is not empty."""
    if not isinstance(node, ListNode):
        if isinstance(node, ScalarEvent) and not node.value:
            empty(walk, node, field)
            return None
        walk.wrong(node, field, "a list")
        return None
    if not node.items and not node.broken:
        empty(walk, node, field)
        return None
    return [value for item in node.items if (value := read(walk, item, field)) is not None]


def cards(walk: Walk, node: Node, field: Field) -> ListNode | None:
    """The list itself: its cards are read one by one, since they refer to each other."""
    full = _items(walk, node, field, lambda *_: None) is not None
    return node if full and isinstance(node, ListNode) else None


def tables(walk: Walk, node: Node, field: Field) -> list[Any] | None:
    """A list of mappings with the keys of a table."""
    return _items(walk, node, field, table)


def step(walk: Walk, node: Node, field: Field) -> dict[str, Any] | None:
    """A mapping with one key of a table."""
    return walk.step(node, field)


def steps(walk: Walk, node: Node, field: Field) -> list[Any] | None:
    """A list of such mappings."""
    return _items(walk, node, field, step)


READERS: Mapping[str, Reader] = {
    "cards": cards,
    "text": text,
    "content": content,
    "deck id": deck_id,
    "id": card_id,
    "ids": ids,
    "references": references,
    "names": names,
    "programs": programs,
    "choices": choices,
    "texts": texts,
    "texts by name": texts_by_name,
    "modes by name": modes_by_name,
    "patterns by name": patterns_by_name,
    "pattern": pattern,
    "variants": variants,
    "lists of variants": variant_lists,
    "pairs": word_pairs,
    "path": path,
    "mode": mode,
    "whole": whole,
    "wholes": wholes,
    "seconds": seconds,
    "table": table,
    "tables": tables,
    "step": step,
    "steps": steps,
}
"""Kind of value to its reader."""
