"""Decks of a backup that are no longer here: they come back, in a file of the home's own where theirs is gone."""

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from flashcards.app import App, library
from flashcards.app.finding import deck_said, is_deck
from flashcards.app.library import Reading
from flashcards.app.placing import Placing, ToPlace
from flashcards.errors import CardsError
from flashcards.formats.readers import DECK_ID, MOST_ID_CHARACTERS
from flashcards.formats.yaml import MAX_BYTES
from flashcards.places import real_path
from flashcards.store import DeckSource, Store


class Back(NamedTuple):
    """A deck that is not here."""

    deck: str
    path: str = ""
    """The file that it will have."""
    data: bytes = b""
    """What that file will say, where it has to be written."""
    reading: Reading | None = None
    why_not: str = ""

    @property
    def comes(self) -> bool:
        """Whether it comes back."""
        return not self.why_not


def compared(store: Store, folder: str, sources: Iterable[DeckSource]) -> tuple[Back, ...]:
    """The decks that are missing here, and what would become of each; changes nothing."""
    here = {source.deck for source in store.decks()}
    found = [_back(store, Path(folder), source) for source in sources if source.deck not in here]
    readings = [one.reading for one in found if one.reading]
    checked = iter(library.check_together(store, readings, replace=True) if readings else ())
    return tuple(_checked(one._replace(reading=next(checked))) if one.reading else one for one in found)


def others(store: Store, sources: Iterable[DeckSource]) -> tuple[str, ...]:
    """The decks that are here with another text than then."""
    here = {source.deck: source.hash for source in store.decks()}
    return tuple(one.deck for one in sources if here.get(one.deck, one.hash) != one.hash)


@contextmanager
def taking(app: App, store: Store, sources: Iterable[DeckSource]) -> Iterator[Callable[[], None]]:
    """One transaction with the files of decks around it; what it gives takes the missing decks in."""
    with Placing(Path(app.places.decks), store) as placing, store.together_for_long():

        def take() -> None:
            coming = [one for one in compared(store, app.places.decks, sources) if one.comes]
            placing.stage(ToPlace(Path(one.path), partial(BytesIO, one.data)) for one in coming if one.data)
            changes = [one.reading.change for one in coming if one.reading and one.reading.change]
            library.take(store, map(placing.dated, changes))
            placing.publish()

        yield take


def _back(store: Store, folder: Path, source: DeckSource) -> Back:
    deck = source.deck
    if not DECK_ID.fullmatch(deck) or len(deck) > MOST_ID_CHARACTERS:
        return Back(deck, why_not="that is no name of a deck")
    try:
        old, new = Path(real_path(source.path)), folder / f"{deck}.yaml"
        for there in (old, new):
            if not (is_deck(there) and there.is_file()):
                continue
            if deck_said(there) == deck:
                return Back(deck, str(there), reading=library.read(store, there))
            return Back(deck, why_not=f"`{there}` says another deck now")
        data = _text(source.source)
        return Back(deck, str(new), data, library.read_data(store, new, data))
    except (CardsError, OSError, ValueError) as error:
        return Back(deck, why_not=f"its text cannot be read: {error}")


def _text(packed: bytes) -> bytes:
    """The text of a deck; one that unpacks to more than any deck has is none."""
    try:
        unpacked = zlib.decompressobj()
        data = unpacked.decompress(packed, MAX_BYTES)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if not unpacked.eof or not data:
        raise ValueError("it is too long, or cut off")
    return data


def _checked(one: Back) -> Back:
    reading = one.reading
    if reading and (reading.problems or reading.change is None):
        return one._replace(reading=None, why_not=reading.problems[0].message if reading.problems else "it has faults")
    if reading and reading.change and reading.change.deck.id != one.deck:
        return one._replace(reading=None, why_not=f"its text says the deck `{reading.change.deck.id}`")
    return one
