"""From YAML's events to a tree of nodes: no recursion, no anchors, no guesses about types.

PyYAML's own composer kills the process on 30,000 nested brackets, keeps the
last of two equal keys in silence and turns `no` into false. This one keeps its
stack on the heap, stops at a depth, and leaves every scalar as it was written.
"""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import yaml
from yaml.events import MappingEndEvent, SequenceEndEvent, StreamEndEvent

from flashcards.formats.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from flashcards.formats.source import MOST_DEPTH, MOST_PROBLEMS, Source, visible
from flashcards.formats.syntax import explain

if TYPE_CHECKING:
    from flashcards.model import Problem

MOST_EVENTS = 1_500_000
"""What 16 MiB of ordinary cards hold; a list of single letters must not take gigabytes."""
IN_LIST_OF_ROOT = 3
"""What is open around a card: the document, the deck, its list of cards."""
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
"""What no text of a card may hold, not even written as an escape."""
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml, or twenty times slower the parser in Python where the wheel has none."""


class Collection:
    """A list or a mapping. `broken`: its fault is already told, or the file ended inside it."""

    __slots__ = ("broken", "end_mark", "flow", "items", "start_mark")

    def __init__(self, start: Event) -> None:
        self.items: list[Node] = []
        self.start_mark = start.start_mark
        self.end_mark = start.end_mark
        self.flow = False
        self.broken = False


class ListNode(Collection):
    """`items` are its items."""

    __slots__ = ()


class MapNode(Collection):
    """`items` are a key, its value, the next key, its value."""

    __slots__ = ()


Node: TypeAlias = ScalarEvent | ListNode | MapNode


class Composer:
    """Composes the first document of a source; see `root`, `problems` and `cut_short`.

    With `take`, a mapping in a list of the root is handed over as soon as it is read, and what comes
    back stands in its place: so no more than one card of a deck need be kept as nodes.
    """

    def __init__(self, source: Source, take: Callable[[Any], Any] | None = None) -> None:
        self.source = source
        self._take = take
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self.cut_short = False
        """The rest of the file was not read."""
        self.syntax: Problem | None = None
        """The fault of the YAML itself that stopped the reading."""
        self._stack: list[ListNode | MapNode] = []

    def compose(self) -> None:
        """Read the events, up to the end or to the first thing that cannot be read on from."""
        loader = LOADER(self.source.text)
        try:
            self._read(loader.get_event)
        except (yaml.YAMLError, ValueError) as error:  # ValueError: the parser in Python, on "\U00110000"
            self.syntax = explain(self.source, error)
            self.cut_short = True
        finally:
            loader.dispose()
        self._leave_open()
        if self._stack and self._stack[0].items:
            self.root = self._stack[0].items[0]

    def _leave_open(self) -> None:
        """What was open when the reading stopped, and what had just been closed, may lack anything: all broken."""
        for node in self._stack:
            node.broken = True
        last: Node | None = self._stack[-1] if self._stack and self.syntax else None
        while isinstance(last, Collection):
            last.broken = True
            last = last.items[-1] if last.items else None

    def _read(self, get_event: Callable[[], Any]) -> None:  # noqa: C901  (a call for each event takes a tenth more)
        """The loop over a third of a million events: plain tests in the order of their frequency."""
        event = get_event()
        bottom = ListNode(event)
        stack, problems, take = self._stack, self.problems, self._take
        most = 1 if take else MOST_PROBLEMS  # who takes the cards one by one wants none
        stack.append(bottom)
        append = bottom.items.append
        for _ in range(MOST_EVENTS):
            event = get_event()
            kind = type(event)
            if kind is ScalarEvent:
                if event.anchor is event.tag is None and event.style != '"':
                    append(event)
                    continue
                append(self._scalar(event))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                node = MapNode(event) if kind is MappingStartEvent else ListNode(event)
                node.flow = event.flow_style
                append(node)
                stack.append(node)
                append = node.items.append
                if event.anchor is not None or event.tag is not None:
                    self._property(event)
                    node.broken = True
                if len(stack) > MOST_DEPTH + 1:
                    return self._too_deep(event)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                node = stack.pop()
                node.end_mark = event.end_mark
                above = stack[-1].items
                append = above.append
                if take and len(stack) == IN_LIST_OF_ROOT and kind is MappingEndEvent:
                    above[-1] = take(node)
            elif kind is AliasEvent:
                append(self._alias(event))
            elif kind is StreamEndEvent or self._ends(event, bottom):
                return None
            if len(problems) >= most:
                self.cut_short = True
                return None
        self._fail(event, f"more than {MOST_EVENTS:,} values in one file", "split it into several decks")
        self.cut_short = True
        return None

    def _scalar(self, event: ScalarEvent) -> Node:
        """The scalar, or a broken node where it has an anchor, a tag or control characters."""
        if event.anchor is not None or event.tag is not None:
            self._property(event)
        elif found := CONTROL.search(event.value):
            self._fail(event, f"`{visible(found.group())}` is a control character", "leave it out; a card is text")
        else:
            return event
        return self._broken(event)

    def _property(self, event: ScalarEvent | CollectionStartEvent) -> None:
        """An anchor or a tag: mostly a command that starts with `&` or `!`."""
        hint = self.source.quote_hint(event.start_mark.line, event.start_mark.column)
        if event.anchor is not None:
            self._fail(event, "a value starts with `&`, an anchor in YAML; decks have none", hint)
        else:
            self._fail(event, "a value starts with `!`, a tag in YAML; decks have none", hint)

    def _alias(self, event: AliasEvent) -> Node:
        hint = self.source.quote_hint(event.start_mark.line, event.start_mark.column)
        self._fail(event, "a value starts with `*`, an alias in YAML; decks have none", hint)
        return self._broken(event)

    def _ends(self, event: object, bottom: ListNode) -> bool:
        """Whether `event` starts a second document; then nothing more is read."""
        if not isinstance(event, DocumentStartEvent) or not bottom.items:
            return False
        span = self.source.rest(event.start_mark)
        self.problems.append(
            self.source.problem(span, "a second document starts here", "one file holds one deck; remove the `---`")
        )
        self.cut_short = True
        return True

    def _too_deep(self, event: Event) -> None:
        self._fail(event, f"nested more than {MOST_DEPTH} deep", "put it in quotes if it is meant as text")
        self.cut_short = True

    def _fail(self, event: Event, message: str, hint: str) -> None:
        span = self.source.span(event.start_mark, event.end_mark)
        self.problems.append(self.source.problem(span, message, hint))

    def _broken(self, event: Event) -> MapNode:
        node = MapNode(event)
        node.broken = True
        return node
