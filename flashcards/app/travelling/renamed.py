"""Decks that have another name now, on their way through a sync folder: the old one gives way, and stays away."""

import re
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.app.library import Reading, deck_in, digest
from flashcards.app.placing import cannot_write
from flashcards.store import Store

if TYPE_CHECKING:
    from flashcards.store import DeckSource

WAS = re.compile(rb"^([\"']?)was\1[ \t]*:(?P<names>[^\r\n]*(?:\r?\n(?:[ \t]+|-)[^\r\n]*)*)", re.MULTILINE)
"""What a deck says it was called before, in one line or in several; cards say it further in."""
FLOW = re.compile(rb"^\{", re.MULTILINE)
"""A deck that is written like JSON, where a deck and its cards are not told apart by their lines."""
REPLACED = ".replaced"
"""In the home's folder of decks: texts that gave way to one that does not follow them, so that nothing is lost."""


def former_names(store: Store, readings: Iterable[Reading]) -> dict[str, set[str]]:
    """The names that each deck had before, of those that come and of those that are here."""
    found = {change.deck.id: {*change.deck.was} for reading in readings if (change := reading.change)}
    for source in store.decks(sources=True):
        found.setdefault(source.deck, set()).update(_said(source))
    return found


def _said(source: "DeckSource") -> list[str]:
    """The former names in the text of a deck, which is parsed only where nothing else will do."""
    data = zlib.decompress(source.source)
    if FLOW.search(data):
        deck = deck_in(source, data)
        return list(deck.was) if deck else []
    said = b"\n".join(one["names"] for one in WAS.finditer(data)).decode("utf-8", "replace")
    return re.findall(r"[a-z0-9][a-z0-9-]*", re.sub(r"\s#.*", "", said))


def ring_of(deck: str, former: Mapping[str, Collection[str]]) -> list[str]:
    """The names from a deck round to itself, each a former name of the one before; empty where none leads back."""
    ways = [[deck]]
    for way in ways:
        for name in sorted(former.get(way[-1], ())):
            if name == deck:
                return [*way, name]
            if not any(name in other for other in ways):
                ways.append([*way, name])
    return []


def line_of_was(data: bytes) -> int:
    """The line in which a deck says its former names; the first where it says them in another way."""
    found = WAS.search(data)
    return data.count(b"\n", 0, found.start()) + 1 if found else 1


@contextmanager
def making_way(store: Store, home: Path, readings: Iterable[Reading]) -> Iterator[None]:
    """Puts the home's files of former names aside, if they say what the store has; back again where it was in vain.

    Whether it was is seen when the transaction inside is over.
    """
    moved = []
    try:
        for reading in readings:
            for name in reading.change.deck.was if reading.change else ():
                source = store.deck_called(name)
                if source and (kept := _aside(home, source)):
                    moved.append((source, kept))
        yield
    finally:
        for source, kept in moved:
            if store.deck_called(source.deck) is not None:
                with suppress(OSError):  # it is kept all the same
                    kept.replace(source.path)


def _aside(home: Path, source: "DeckSource") -> Path | None:
    path = Path(source.path)
    kept = home / REPLACED / f"{source.deck}-{source.hash.rpartition(':')[2][:8]}.yaml"
    try:
        if path.parent != home or path.is_symlink() or not path.is_file() or digest(path.read_bytes()) != source.hash:
            return None
        kept.parent.mkdir(mode=0o700, exist_ok=True)
        path.replace(kept)
    except OSError as error:
        raise cannot_write(home, error) from None
    return kept
