"""What a card has beside its text: a comment for the short things, a block of YAML for the long ones."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flashcards.formats.cells import WORDS, encode
from flashcards.formats.emit import entries
from flashcards.formats.fields import CARD, DECK, Field
from flashcards.formats.plain_yaml import mapping
from flashcards.formats.source import tick
from flashcards.formats.texts import fault
from flashcards.formats.walk import suggestion
from flashcards.model import Problem

SHORT = ("id", "tags", "after", "platform", "rev", "was")
"""Keys of a card that a comment may hold."""
SHORT_OF_DECK = ("deck", "title", "tags", "was")
BLOCKS: Mapping[str, Mapping[str, Field]] = {
    "card": CARD,
    "deck": {name: field for name, field in DECK.items() if name != "cards"},
}
"""What a block of code is called that holds keys, and the keys."""
TICKS = re.compile("`+")
SHORTEST_FENCE = 3


def of_comment(said: str) -> dict[str, Any] | None:
    """The keys that a comment holds, `id: list; tags: shell, files`; None if it is an ordinary one."""
    pairs = [part.partition(":") for part in said.split(";")]
    names = [name.strip() for name, _, _ in pairs]
    known = SHORT_OF_DECK if "deck" in names else SHORT
    if len(set(names)) != len(names) or not all(name in known for name in names):
        return None
    values = {name: value.strip() for name, (_, _, value) in zip(names, pairs, strict=True)}
    if not all(values.values()):
        return None
    return {name: words(value) if name in WORDS else value for name, value in values.items()}


def words(text: str) -> list[str]:
    """What commas part."""
    return [word.strip() for word in text.split(",") if word.strip()]


def comment(values: Mapping[str, Any]) -> str:
    """The comment that holds `values`."""
    return "<!-- " + "; ".join(f"{name}: {encode(name, value)}" for name, value in values.items()) + " -->"


def of_block(kind: str, body: Sequence[str], name: str, line: int) -> tuple[dict[str, Any], list[Problem]]:
    """The keys in a block of code that starts on line `line`, or what is wrong with them."""
    values, problems = mapping("\n".join(body) + "\n", name)
    if problems:
        return {}, [problem._replace(line=problem.line + line) for problem in problems]
    if not values:
        return {}, [fault(name, line, f"the block `{kind}` holds no keys", "like: id: my-card")]
    known = BLOCKS[kind]
    strange = next((key for key in values if key not in known), None)
    if strange is not None:
        meant = suggestion(strange, known)
        hint = f"did you mean `{meant}`?" if meant else "there are: " + ", ".join(known)
        return {}, [fault(name, line, f"unknown key {tick(strange)} in the block `{kind}`", hint)]
    return {
        key: words(value) if key in WORDS and isinstance(value, str) else value for key, value in values.items()
    }, []


def block(kind: str, values: Mapping[str, Any]) -> str:
    """The block of code that holds `values`."""
    body = entries(values)
    longest = max((len(run) for run in TICKS.findall(body)), default=0)
    fence = "`" * max(SHORTEST_FENCE, longest + 1)
    return f"{fence}{kind}\n{body}{fence}\n"
