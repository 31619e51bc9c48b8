"""Readers of single values and plain lists: a node in, the value out, or None once the fault is told."""

import re
import warnings

from flashcards import clock
from flashcards.formats.composer import ListNode, MapNode, Node
from flashcards.formats.events import ScalarEvent
from flashcards.formats.fields import Field
from flashcards.formats.ids import slug
from flashcards.formats.source import closest, tick
from flashcards.formats.walk import Walk

ID = re.compile(r"[a-z0-9._-]+")
DECK_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
REFERENCE = re.compile(r"(?:[a-z0-9][a-z0-9-]*/)?[a-z0-9._-]+(?:~[a-z0-9]+)?")
WHOLE = re.compile(r"[0-9]{1,9}")
SECONDS = re.compile(r"([0-9]{1,6}) ?(s|m)?")
MODE = re.compile(r"0?[0-7]{3}")
MOST_ID_CHARACTERS = 100
"""Longer names break the columns of every list (ours)."""
MOST_PATTERN_CHARACTERS = 500
"""A longer regular expression is no check that anybody reads (ours)."""
MOST_PATTERN_SECONDS = 5.0
"""Ten thousand usual ones take two; one that is made for it takes two alone (ours)."""


def text(walk: Walk, node: Node, field: Field) -> str | None:
    """The text as it was written; the newline that ends a block belongs to the block."""
    if type(node) is not ScalarEvent:
        walk.wrong(node, field, "text")
        return None
    value: str = node.value
    if node.style == "|" or node.style == ">":  # noqa: PLR1714  (the innermost loop: twice as fast as a set)
        value = value.rstrip("\n")
    if value and not value.isspace():
        return value
    empty(walk, node, field)
    return None


def content(walk: Walk, node: Node, field: Field) -> str | None:
    """The text to its last newline; only a missing value is a fault."""
    if not isinstance(node, ScalarEvent):
        walk.wrong(node, field, "text")
        return None
    if not node.value and not node.style:
        walk.fail(node, f"{walk.named(field)} is empty", f'for no text at all write: {field.name}: ""')
        return None
    return str(node.value)


def empty(walk: Walk, node: Node, field: Field) -> None:
    """The value is empty."""
    cure = f"write something behind `{field.name}:`" + ("" if field.required else ", or remove the line")
    walk.fail(node, f"{walk.named(field)} is empty", cure)


def texts(walk: Walk, node: Node, field: Field) -> list[str] | None:
    """A text, or a list of them."""
    if isinstance(node, MapNode):
        walk.wrong(node, field, "text or a list of texts")
        return None
    if isinstance(node, ListNode):
        return [value for item in node.items if (value := text(walk, item, field)) is not None]
    value = text(walk, node, field)
    return None if value is None else [value]


def _words(walk: Walk, node: Node, field: Field) -> list[tuple[str, Node]]:
    """The words of a list, or of a text with commas; each with its node."""
    if isinstance(node, MapNode):
        walk.wrong(node, field, "a list")
        return []
    found: list[tuple[str, Node]] = []
    for item in node.items if isinstance(node, ListNode) else (node,):
        written = text(walk, item, field)
        if written is not None and "," not in written:  # the usual case, and quicker without splitting
            found.append((written.strip(), item))
        elif written is not None:
            found += [(word.strip(), item) for word in written.split(",") if word.strip()]
    return found


def names(walk: Walk, node: Node, field: Field) -> list[str] | None:
    """Short texts without repetition, in the order of the file."""
    return list(dict.fromkeys([word for word, _ in _words(walk, node, field)]))


PROGRAM = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*(?: -m [A-Za-z_][A-Za-z0-9_]*)?")
"""A program is looked up along the person's own `PATH` and never by a path: a deck names what is needed, not a file."""


def programs(walk: Walk, node: Node, field: Field) -> list[str] | None:
    """Names of programs, or a module of one: `python3 -m venv`."""
    good = []
    for word, item in _words(walk, node, field):
        if PROGRAM.fullmatch(word):
            good.append(word)
        else:
            hint = "a plain name, looked up along `PATH`; or a module of it, like `python3 -m venv`"
            walk.fail(item, f"{walk.named(field)} has {tick(word)}, which is no name of a program", hint)
    return list(dict.fromkeys(good))


def choices(walk: Walk, node: Node, field: Field) -> list[str] | None:
    """Names out of a short list."""
    good = []
    for word, item in _words(walk, node, field):
        if word in field.choices:
            good.append(word)
        else:
            walk.fail(item, f"{walk.named(field)} has no {tick(word)}", choice_hint(word, field.choices))
    return list(dict.fromkeys(good))


def choice_hint(word: str, known: tuple[str, ...]) -> str:
    """The one that was probably meant, or all there are."""
    meant = closest(word, list(known))
    return f"did you mean `{meant}`?" if meant else "there are: " + ", ".join(known)


def _name(walk: Walk, node: Node, field: Field, pattern: re.Pattern[str], rule: str) -> str | None:
    value = text(walk, node, field)
    if value is None:
        return None
    if len(value) > MOST_ID_CHARACTERS:
        walk.fail(node, f"{walk.named(field)} is longer than {MOST_ID_CHARACTERS} characters", "shorten it")
        return None
    if pattern.fullmatch(value):
        return value
    better = slug(value)
    hint = f"write: {field.name}: {better}" if better else f"like: {field.name}: my-{field.name}"
    walk.fail(node, f"{walk.named(field)} may have {rule}, not {tick(value)}", hint)
    return None


def deck_id(walk: Walk, node: Node, field: Field) -> str | None:
    """The name of a deck."""
    return _name(walk, node, field, DECK_ID, "a-z, 0-9 and `-`")


def card_id(walk: Walk, node: Node, field: Field) -> str | None:
    """The name of a card."""
    return _name(walk, node, field, ID, "a-z, 0-9, `.`, `_` and `-`")


def ids(walk: Walk, node: Node, field: Field) -> list[tuple[str, Node]] | None:
    """Ids with their nodes, since what they name is checked later."""
    return _ids(walk, node, field, ID)


def references(walk: Walk, node: Node, field: Field) -> list[tuple[str, Node]] | None:
    """Ids of cards, of this deck or another."""
    return _ids(walk, node, field, REFERENCE)


def _ids(walk: Walk, node: Node, field: Field, pattern: re.Pattern[str]) -> list[tuple[str, Node]]:
    good = []
    for word, item in _words(walk, node, field):
        if pattern.fullmatch(word):
            good.append((word, item))
        else:
            walk.fail(item, f"{walk.named(field)} has {tick(word)}, which cannot be an id", _id_hint(word))
    return good


def _id_hint(word: str) -> str:
    better = slug(word)
    return f"did you mean `{better}`?" if better else "an id has a-z, 0-9, `.`, `_` and `-`"


def pattern(walk: Walk, node: Node, field: Field) -> str | None:
    """A regular expression; it is compiled to see whether it can be, and never matched here."""
    value = text(walk, node, field)
    if value is None:
        return None
    if len(value) > MOST_PATTERN_CHARACTERS:
        walk.fail(node, f"{walk.named(field)} is longer than {MOST_PATTERN_CHARACTERS} characters", "shorten it")
        return None
    if walk.seconds_of_patterns > MOST_PATTERN_SECONDS:
        walk.fail(node, f"{walk.named(field)} is one pattern too many: those before took too long", "make them simpler")
        return None
    began = clock.ticks()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            re.compile(value)
        walk.seconds_of_patterns += clock.ticks() - began
    except (re.error, OverflowError, RecursionError) as error:
        walk.fail(node, f"{walk.named(field)} is no regular expression: {error}", "put a backslash before . [ ( *")
        return None
    return value


def path(walk: Walk, node: Node, field: Field) -> str | None:
    """A path that stays inside the work folder."""
    value = text(walk, node, field)
    if value is None:
        return None
    parts = value.replace("\\", "/").split("/")
    if value[0] in "/\\~" or ".." in parts or ":" in parts[0]:
        hint = "name it relative to that folder, without `..`"
        walk.fail(node, f"{walk.named(field)} leaves the work folder: {tick(value)}", hint)
        return None
    return value


def mode(walk: Walk, node: Node, field: Field) -> str | None:
    """Permissions in octal, as text."""
    return _matching(walk, node, field, MODE, "permissions like 0755")


def _matching(walk: Walk, node: Node, field: Field, rule: re.Pattern[str], expected: str) -> str | None:
    if not isinstance(node, ScalarEvent):
        walk.wrong(node, field, expected)
        return None
    if not node.value:
        empty(walk, node, field)
        return None
    if not rule.fullmatch(node.value):
        walk.fail(node, f"{walk.named(field)} is {tick(node.value)}, expected {expected}")
        return None
    return str(node.value)


def whole(walk: Walk, node: Node, field: Field) -> int | None:
    """A whole number between `least` and `most`."""
    expected = f"a whole number from {field.least} to {field.most:,}"
    written = _matching(walk, node, field, WHOLE, expected)
    if written is None:
        return None
    if not field.least <= int(written) <= field.most:
        walk.fail(node, f"{walk.named(field)} is `{written}`, expected {expected}")
        return None
    return int(written)


def wholes(walk: Walk, node: Node, field: Field) -> list[int] | None:
    """A whole number, or a list of them."""
    items = node.items if isinstance(node, ListNode) else [node]
    return [value for item in items if (value := whole(walk, item, field)) is not None] or None


def seconds(walk: Walk, node: Node, field: Field) -> int | None:
    """A time of a few seconds, `60s` or `60` or `1m`; in seconds."""
    expected = f"{field.least} to {field.most} seconds, like `60s`"
    written = _matching(walk, node, field, SECONDS, expected)
    if written is None:
        return None
    found = SECONDS.fullmatch(written)
    value = int(found[1]) * (60 if found[2] == "m" else 1) if found else 0
    if not field.least <= value <= field.most:
        walk.fail(node, f"{walk.named(field)} is `{written}`, expected {expected}")
        return None
    return value
