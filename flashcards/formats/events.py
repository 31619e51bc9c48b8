"""PyYAML's events as they are when a parser made them: the published types say a mark may be missing; it never is."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flashcards.formats.source import Mark

    class Event:
        """Anything the parser tells."""

        start_mark: Mark
        end_mark: Mark

    class AliasEvent(Event):
        """`*name`."""

        anchor: str

    class ScalarEvent(Event):
        """A text. `style` is `"`, `'`, `|`, `>` or nothing."""

        value: str
        style: str
        anchor: str | None
        tag: str | None

    class CollectionStartEvent(Event):
        """The start of a list or a mapping."""

        anchor: str | None
        tag: str | None
        flow_style: bool | None

    class SequenceStartEvent(CollectionStartEvent):
        """The start of a list."""

    class MappingStartEvent(CollectionStartEvent):
        """The start of a mapping."""

    class DocumentStartEvent(Event):
        """The start of a document, with `---` or without."""

else:
    from yaml.events import (
        AliasEvent,
        CollectionStartEvent,
        DocumentStartEvent,
        Event,
        MappingStartEvent,
        ScalarEvent,
        SequenceStartEvent,
    )

__all__ = [
    "AliasEvent",
    "CollectionStartEvent",
    "DocumentStartEvent",
    "Event",
    "MappingStartEvent",
    "ScalarEvent",
    "SequenceStartEvent",
]
