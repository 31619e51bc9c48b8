"""A deck file as plain data: keys and values as they were written, for the formats that write them elsewhere."""

from collections.abc import Mapping
from typing import Any

from flashcards.errors import DeckProblems
from flashcards.formats.composer import Composer, ListNode, MapNode, Node
from flashcards.formats.emit import TABLE, below
from flashcards.formats.events import ScalarEvent
from flashcards.formats.plain import PlainDeck
from flashcards.formats.source import Source
from flashcards.formats.walk import pairs
from flashcards.model import Problem


def plain(data: bytes, name: str = "deck.yaml") -> PlainDeck:
    """The deck in `data`, which has no faults; raises DeckProblems where it is no YAML."""
    composer = Composer(Source(name, data.decode("utf-8", errors="replace").removeprefix("\ufeff")))
    composer.compose()
    problems = [*composer.problems, *filter(None, [composer.syntax])]
    if problems or not isinstance(composer.root, MapNode):
        raise DeckProblems(problems, message=f"`{name}` is no deck")
    found = _mapping(composer.root, TABLE, exact=False)
    return PlainDeck(
        id=str(found.get("deck", "")),
        title=str(found.get("title", "")),
        tags=words(found.get("tags", ())),
        was=words(found.get("was", ())),
        cards=tuple(_without_nothing(card) for card in found.get("cards", ()) if isinstance(card, Mapping)),
    )


def mapping(text: str, name: str) -> tuple[dict[str, Any], list[Problem]]:
    """The keys and values in a text that is YAML by itself; empty with its problems, or where it is no mapping."""
    composer = Composer(Source(name, text))
    composer.compose()
    problems = [*composer.problems, *filter(None, [composer.syntax])]
    if problems or not isinstance(composer.root, MapNode):
        return {}, problems
    return _mapping(composer.root, TABLE, exact=False), []


def words(value: Any) -> tuple[str, ...]:  # noqa: ANN401  (a text or a list)
    """What a list, or a text with commas, names; each once."""
    texts = [value] if isinstance(value, str) else value
    return tuple(dict.fromkeys(word.strip() for text in texts for word in text.split(",") if word.strip()))


def _without_nothing(card: Mapping[str, Any]) -> Mapping[str, Any]:
    """An empty list says no more than none at all."""
    return {key: value for key, value in card.items() if value}


def _mapping(node: MapNode, keys: int, *, exact: bool) -> dict[str, Any]:
    found = {}
    for key, value in pairs(node):
        if isinstance(key, ScalarEvent):
            keys_below, exact_below = below(key.value, keys, exact=exact)
            found[key.value] = _value(value, keys_below, exact=exact_below)
    return found


def _value(node: Node, keys: int, *, exact: bool) -> Any:  # noqa: ANN401  (as YAML would hold it)
    if isinstance(node, ListNode):
        return [_value(item, keys, exact=exact) for item in node.items]
    if isinstance(node, MapNode):
        return _mapping(node, keys, exact=exact)
    if not exact and node.style in {"|", ">"}:
        return node.value.rstrip("\n")
    return node.value
