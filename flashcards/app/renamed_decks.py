"""Decks that have another name now, on their way through a sync folder: the old one gives way, and stays away."""

import re
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.app.library import Reading, digest
from flashcards.store import Store

if TYPE_CHECKING:
    from flashcards.store import DeckSource

WAS = re.compile(rb"^was:[ \t]*(?P<same>[^\r\n]*)(?P<more>(?:\r?\n(?:[ \t]+|-)[^\r\n]*)*)", re.MULTILINE)
"""What a deck says it was called before, whichever way it is written; cards say it further in."""
REPLACED = ".replaced"
"""In the home's folder of decks: texts that gave way to one that does not follow them, so that nothing is lost."""


def former_names(store: Store, readings: Iterable[Reading]) -> set[str]:
    """The names that decks had before, of those that come and of those that are here."""
    found = {name for reading in readings if reading.change for name in reading.change.deck.was}
    for source in store.decks(sources=True):
        for said in WAS.finditer(zlib.decompress(source.source)):
            words = re.sub(r"\s#.*", "", said[0].decode("utf-8", "replace").removeprefix("was:"))
            found.update(re.findall(r"[a-z0-9][a-z0-9-]*", words))
    return found


@contextmanager
def making_way(store: Store, home: Path, readings: Iterable[Reading]) -> Iterator[None]:
    """Puts the home's files of former names aside, if they say what the store has; back again where it was in vain."""
    moved = []
    for reading in readings:
        for name in reading.change.deck.was if reading.change else ():
            source = store.deck_called(name)
            if source and (kept := _aside(home, source)):
                moved.append((source, kept))
    try:
        yield
    finally:
        for source, kept in moved:
            if store.deck_called(source.deck) is not None:
                kept.replace(source.path)


def _aside(home: Path, source: "DeckSource") -> Path | None:
    path = Path(source.path)
    if path.parent != home or path.is_symlink() or not path.is_file() or digest(path.read_bytes()) != source.hash:
        return None
    kept = home / REPLACED / f"{source.deck}-{source.hash.rpartition(':')[2][:8]}.yaml"
    kept.parent.mkdir(mode=0o700, exist_ok=True)
    path.replace(kept)
    return kept
