"""Decks as plain data: what the other formats give and take, in the words of deck format 1."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol

from flashcards.model import Event, Problem


class PlainDeck(NamedTuple):
    """A deck as its file says it, before cards are made of it.

    `cards` are mappings with the keys of `fields.CARD` and values as YAML would hold them: a text, a
    list of texts, a mapping. What is left out is left out; there are no empty values.
    """

    id: str
    title: str = ""
    tags: tuple[str, ...] = ()
    was: tuple[str, ...] = ()
    cards: tuple[Mapping[str, Any], ...] = ()


class Beside(NamedTuple):
    """A file that belongs beside a deck: a picture, or what another program needs to get its own back.

    `name` is relative to the folder of the deck, with `/`, and already safe; `open` gives its bytes
    from the start, each time it is called.
    """

    name: str
    open: Callable[[], BinaryIO]
    size: int = 0


class Options(NamedTuple):
    """What a person may say about a source; every format takes what it knows and ignores the rest."""

    deck: str = ""
    """The id of the deck, where the source does not name one; "" makes it of the file's name."""
    columns: tuple[str, ...] = ()
    """Names of the columns of a table, in order; empty: the header says them."""
    media: str = ""
    """Folder for files beside the deck, relative to it: `spanish.media`. Set by who writes the files."""
    device: str = "import"
    """The name under which events are stored."""


class Brought(NamedTuple):
    """What a source of another format holds. Its faults are data; `decks` is empty where there are any."""

    decks: tuple[PlainDeck, ...] = ()
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    """What a person should know: `12 cards of image occlusion were left out`."""
    events: Callable[[str], Iterable[Event]] | None = None
    """History, given the id of the batch; event ids are derived from the source, so that twice is once."""
    beside: tuple[Beside, ...] = ()


class Format(Protocol):
    """A format other than YAML: a module or an object; what it cannot do it leaves out.

    `suffixes` are in lower case with the dot. A path is always a real file; `name` is what messages
    call it. `write` gives pieces of bytes, so that long exports stream; `beside` are files that its
    texts name, which a package takes along and a text format ignores.
    """

    name: str
    suffixes: tuple[str, ...]

    def read(self, path: Path, name: str, options: Options) -> Brought:
        """What the file at `path` holds."""
        ...

    def write(self, decks: Sequence[PlainDeck], beside: Sequence[Beside] = ()) -> Iterable[bytes]:
        """The decks in this format."""
        ...
