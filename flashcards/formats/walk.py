"""The typed walk: a tree of nodes in, values out, driven by the field table; every fault told once, at its place."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, TypeAlias

from flashcards.formats.composer import ListNode, MapNode, Node
from flashcards.formats.events import ScalarEvent
from flashcards.formats.fields import BESIDE, CARD, TABLES, Field
from flashcards.formats.source import MOST_PROBLEMS, NAME_CHARACTERS, Source, Span, closest, tick, visible

if TYPE_CHECKING:
    from flashcards.model import Problem

Reader: TypeAlias = "Callable[[Walk, Node, Field], Any]"
"""A node in, its value out; or None, once its fault is told."""
ONE_PAIR = 2
"""The items of a mapping with one key."""
NONE: Mapping[str, Field] = {}


class EnoughError(Exception):
    """So many problems that looking for more is a waste."""


class DoubtError(Exception):
    """There is something to tell, and nobody has looked where."""


class Found(NamedTuple):
    """What a mapping held: good values, the node of each key that was there, and whether it had unknown keys."""

    values: dict[str, Any]
    nodes: dict[str, Node]
    strange: bool = False


class Walk:
    """Reads values and collects problems; `card` and `within` say where it is, for the messages."""

    def __init__(self, source: Source, readers: "Mapping[str, Reader]") -> None:
        self.source = source
        self.readers = readers
        self.problems: list[Problem] = []
        self.card: Node | None = None
        self.number = 0
        self.within = ""
        self.seconds_of_patterns = 0.0
        """What compiling the regular expressions of this deck has taken so far."""

    # faults

    def fail(self, node: Node, message: str, hint: str = "") -> None:
        """Tell a fault at `node`; the message gets the card in front."""
        self.fail_at(self.source.span(node.start_mark, node.end_mark), message, hint)

    def fail_at(self, span: Span, message: str, hint: str = "") -> None:
        """Tell a fault at `span`; raises EnoughError when nobody would read any more."""
        self.problems.append(self.source.problem(span, self.label() + message, hint))
        if len(self.problems) >= MOST_PROBLEMS:
            raise EnoughError

    def label(self) -> str:
        """Which card it is: by its id, or else by counting."""
        if self.card is None:
            return ""
        if isinstance(self.card, MapNode):
            for key, value in islice(pairs(self.card), len(CARD)):
                if (
                    isinstance(key, ScalarEvent)
                    and key.value == "id"
                    and isinstance(value, ScalarEvent)
                    and value.value
                ):
                    return f"card {tick(value.value)}: "
        return f"card {self.number}: "

    def named(self, field: Field) -> str:
        """The key in backticks, with what it stands in: `run.timeout`."""
        return f"`{self.within}{field.name}`"

    def wrong(self, node: Node, field: Field, expected: str) -> None:
        """The value is of a kind that does not fit; silent where the node's fault is told already."""
        if isinstance(node, ScalarEvent):
            self.fail(node, f"{self.named(field)} is text, expected {expected}")
        elif not node.broken:
            kind = "a list" if isinstance(node, ListNode) else "a mapping"
            self.fail(node, f"{self.named(field)} is {kind}, expected {expected}", self._cure(node, field, expected))

    def _cure(self, node: ListNode | MapNode, field: Field, expected: str) -> str:
        """How to write what was probably meant: a command that starts like a list, or has a colon inside."""
        if "text" not in expected:
            return ""
        start = node.start_mark
        if node.flow or (isinstance(node, MapNode) and len(node.items) == ONE_PAIR and start.line == _last_line(node)):
            return self.source.quote_hint(start.line, start.column)
        return f"put the text in a block: {visible(field.name)}: |"

    # mappings

    def table(self, node: Node, fields: Mapping[str, Field], field: Field) -> Found | None:
        """The values of a mapping; tells unknown, repeated and missing keys."""
        if not isinstance(node, MapNode):
            self.wrong(node, field, "a mapping")
            return None
        found = self.read(node, fields)
        self.missing(node, fields, found)
        return found

    def read(self, node: MapNode, fields: Mapping[str, Field]) -> Found:
        """The values of a mapping's known keys, the first of each."""
        values: dict[str, Any] = {}
        nodes: dict[str, Node] = {}
        strange = False
        readers = self.readers
        for key, value in pairs(node):
            if type(key) is not ScalarEvent or (field := fields.get(key.value)) is None:
                strange = True
                self._unknown(key, value, fields, nodes)
            elif (name := field.name) in nodes:
                first = next(k for k, _ in pairs(node) if isinstance(k, ScalarEvent) and k.value == key.value)
                self.repeated(key, first)
            else:
                nodes[name] = value
                got = readers[field.kind](self, value, field)
                if got is not None:
                    values[name] = got
        return Found(values=values, nodes=nodes, strange=strange)

    def repeated(self, key: ScalarEvent, first: ScalarEvent, hint: str = "keep one of them") -> None:
        """A key is there twice; the second is told."""
        line = first.start_mark.line + 1
        self.fail(
            key, f"`{self.within}{visible(key.value, NAME_CHARACTERS)}` is given twice, first on line {line}", hint
        )

    def _unknown(self, key: Node, value: Node, fields: Mapping[str, Field], nodes: dict[str, Node]) -> None:
        """An unknown key; the key it was probably meant to be counts as given."""
        if not isinstance(key, ScalarEvent):
            if not key.broken:
                self.fail(
                    key, "a key is a list or a mapping, expected a word", "put text that starts with { or [ in quotes"
                )
            return
        meant = suggestion(key.value, fields)
        if meant:
            nodes.setdefault(meant, value)
        hint = f"did you mean `{meant}`?" if meant else "there are: " + ", ".join(fields)
        inside = f" in `{self.within[:-1]}`" if self.within else ""
        self.fail(key, f"unknown key {tick(key.value)}{inside}", hint)

    def missing(self, node: MapNode, fields: Mapping[str, Field], found: Found) -> None:
        """Tell the required keys that are not there, unless something unknown may be meant for them."""
        if node.broken or found.strange:
            return
        for field in fields.values():
            if field.required and field.name not in found.nodes:
                self.fail_at(self.head(node), f"{self.named(field)} is missing", f"add `{field.name}: …`, {field.help}")

    def head(self, node: Node) -> Span:
        """Where to point for a whole mapping: its first key, not all that follows."""
        if isinstance(node, MapNode) and not node.flow and node.items:
            node = node.items[0]
        return self.source.span(node.start_mark, node.end_mark)

    # steps of a setup, checks

    def step(self, node: Node, field: Field) -> dict[str, Any] | None:
        """A mapping with exactly one key of the table, and that key's own companions."""
        if not isinstance(node, MapNode):
            self.wrong(node, field, "a mapping")
            return None
        verbs = TABLES[field.of]
        names = [key.value for key, _ in pairs(node) if isinstance(key, ScalarEvent)]
        chosen = list(dict.fromkeys(name for name in names if name in verbs))
        if len(chosen) > 1:
            both = " and ".join(f"`{name}`" for name in chosen[:2])
            self.fail_at(self.head(node), f"{both} in one item of {self.named(field)}", "make an item of each")
            return None
        beside = BESIDE.get(verbs[chosen[0]].beside, NONE) if chosen else BESIDE.get(field.of, NONE)
        fields = {**beside, chosen[0]: verbs[chosen[0]]} if chosen else {**verbs, **beside}
        with self.inside(field):
            found = self.read(node, fields)
        if not chosen and not found.strange and not node.broken:
            what = "names no check" if field.of == "check" else "says nothing to do"
            self.fail_at(self.head(node), f"an item of {self.named(field)} {what}", "there are: " + ", ".join(verbs))
        return found.values

    def inside(self, field: Field) -> "Inside":
        """A context in which messages name `field` in front of what stands in it."""
        return Inside(self, f"{self.within}{field.name}.")


class Sure(Walk):
    """A walk that has nothing to tell: it stops at the first fault, without a look at where that is."""

    def fail(self, *_: object, **__: object) -> NoReturn:
        """Stops."""
        raise DoubtError

    def fail_at(self, *_: object, **__: object) -> NoReturn:
        """Stops."""
        raise DoubtError

    def wrong(self, *_: object, **__: object) -> NoReturn:
        """Stops, even if it is told already."""
        raise DoubtError


class Inside:
    """Sets `within` of a walk for a while."""

    def __init__(self, walk: Walk, within: str) -> None:
        self.walk = walk
        self.within = within
        self.before = walk.within

    def __enter__(self) -> None:
        self.walk.within = self.within

    def __exit__(self, *_: object) -> None:
        self.walk.within = self.before


def pairs(node: MapNode) -> Iterator[tuple[Node, Node]]:
    """Key and value of a mapping, one after the other."""
    items = iter(node.items)
    return zip(items, items, strict=False)  # a mapping in which the file ended may have a key too many


def suggestion(name: str, fields: Mapping[str, Field]) -> str:
    """The key that was probably meant; empty if none comes near."""
    for field in fields.values():
        if name.lower() in field.mistaken:
            return field.name
    return closest(name, list(fields))


def _last_line(node: MapNode) -> int:
    return node.items[-1].end_mark.line if node.items else node.start_mark.line
