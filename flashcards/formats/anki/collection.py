"""An Anki collection in memory, the same for every version of its files: what the readers give and the writer takes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Literal, NamedTuple


class Template(NamedTuple):
    """One card of a note type; its place in the list is the `ord` of the cards."""

    name: str
    question: str
    """HTML with `{{Field}}`."""
    answer: str


class NoteType(NamedTuple):
    """The fields and the cards of a kind of note."""

    id: int
    name: str
    kind: Literal["basic", "cloze"] = "basic"
    """In Anki 0 and 1; every note type that is not `cloze` counts its cards by templates."""
    fields: tuple[str, ...] = ()
    templates: tuple[Template, ...] = ()
    css: str = ""
    sort_field: int = 0
    stock: int = 0
    """Which note type of Anki's own it came from (`originalStockKind`); 6 is image occlusion, 0 unknown."""


class AnkiDeck(NamedTuple):
    """A deck; its name has `::` between levels."""

    id: int
    name: str
    filtered: bool = False
    description: str = ""


class NoteRow(NamedTuple):
    """A row of `notes`, column by column; `sfld` and `csum` are made from the fields."""

    id: int
    guid: str
    mid: int
    mod: int
    usn: int
    tags: str
    """As stored: `" a b::c "`."""
    flds: str
    """As stored: fields joined by 0x1f."""
    flags: int = 0
    data: str = ""


class CardRow(NamedTuple):
    """A row of `cards`, column by column."""

    id: int
    nid: int
    did: int
    ord: int
    mod: int
    usn: int
    type: int
    queue: int
    due: int
    ivl: int
    factor: int
    reps: int
    lapses: int
    left: int
    odue: int
    odid: int
    flags: int
    data: str


class ReviewRow(NamedTuple):
    """A row of `revlog`, column by column."""

    id: int
    cid: int
    usn: int
    ease: int
    ivl: int
    last_ivl: int
    factor: int
    time: int
    type: int


NOTHING: Mapping[Any, Any] = {}


class Collection(NamedTuple):
    """Everything that cards are made of. Rows come from iterators, anew with each call, in the order of ids."""

    created: int
    """`col.crt`: seconds since 1970 of the day from which due days count."""
    creation_west: int = 0
    """`creationOffset`: minutes west of UTC where `created` was four o'clock; 0 where it is unknown."""
    rollover: int = 4
    """The hour at which a day begins."""
    config: Mapping[str, Any] = NOTHING
    note_types: Mapping[int, NoteType] = NOTHING
    decks: Mapping[int, AnkiDeck] = NOTHING
    notes: Callable[[], Iterator[NoteRow]] = lambda: iter(())
    cards: Callable[[], Iterator[CardRow]] = lambda: iter(())
    reviews: Callable[[], Iterator[ReviewRow]] = lambda: iter(())
