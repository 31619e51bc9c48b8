"""What a sync did to events and decks, and what a person should know of it."""

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from flashcards.app.library import DeckChange


class Told(NamedTuple):
    """Something that a person should know, or can ask for."""

    kind: str
    file: str
    message: str
    hint: str = ""


QUIET = frozenset({"waiting", "text", "stuck", "copy", "version", "renamed"})
"""What hinders nothing: everything was done all the same."""


class DeckTold(NamedTuple):
    """A deck that did not travel: why, and what to do."""

    deck: str
    says: str
    cure: str


class Travelled(NamedTuple):
    """What a sync did to decks."""

    sent: tuple[str, ...] = ()
    taken: "tuple[DeckChange, ...]" = ()
    pictures_sent: int = 0
    pictures_taken: int = 0
    told: tuple[DeckTold, ...] = ()
    whole: bool = True
    """Whether everything could be read and written; a deck that waits for a person's word hinders nothing."""


class Wanted(NamedTuple):
    """What a person decided about decks that both sides changed."""

    mine: Collection[str] = ()
    theirs: Collection[str] = ()


class Done(NamedTuple):
    """What a sync did, or would do."""

    folder: str
    device: str
    sent: int
    got: Mapping[str, int]
    """New events, by the device in whose files they were."""
    cards: int
    """How many cards changed."""
    told: tuple[Told, ...] = ()
    dry_run: bool = False
    decks: Travelled = Travelled()

    @property
    def complete(self) -> bool:
        """Whether nothing was left undone."""
        return self.decks.whole and all(one.kind in QUIET for one in self.told)
