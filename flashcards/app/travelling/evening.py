"""Pictures of decks that travel: copied to where they are missing, never one over another."""

import os
from collections.abc import Callable
from pathlib import Path

from flashcards.errors import CardsError
from flashcards.places import real_path
from flashcards.store import Store
from flashcards.sync import pictures
from flashcards.sync.decks import Remembered

Tell = Callable[[str, str, str], object]
"""Hears of a deck that is not even: which, why, and what to do."""


def evened(store: Store, remembered: dict[str, Remembered], home: Path, place: Path, tell: Tell) -> tuple[int, int]:
    """Copies pictures between the folders of decks and the sync folder; how many went out, and came in."""
    out = back = 0
    for source in store.decks():
        one = remembered.get(source.deck)
        if one is None or not one.stems or source.hash != one.known.agreed:
            continue
        folder, looked = Path(real_path(source.path)).parent, dict(one.looked)
        for stem in one.stems:
            sides = [side / f"{stem}{pictures.MEDIA}" for side in (folder, place)]
            if looked.get(stem) == tuple(map(pictures.date_of, sides)):
                continue
            try:
                sent, taken = _even(source.deck, stem, *sides, both=same_place(folder, home), tell=tell)
            except CardsError as error:
                tell(source.deck, f"lacks pictures: {error.message}", error.hint or "")
                continue
            out, back = out + sent, back + taken
            looked[stem] = (pictures.date_of(sides[0]), pictures.date_of(sides[1]))
        remembered[source.deck] = one._replace(looked=looked)
    return out, back


def _even(deck: str, stem: str, mine: Path, theirs: Path, *, both: bool, tell: Tell) -> tuple[int, int]:
    """One folder of pictures; into a folder of the person's nothing is put."""
    here, there = pictures.there(mine), pictures.there(theirs)
    differ = [name for name, size in here.items() if there.get(name, size) != size]
    if differ:
        says = f"has pictures that differ here and in the folder: {', '.join(differ[:3])}"
        tell(deck, says, "each side has kept its own; delete the wrong one")
    if here.keys() == there.keys():
        return 0, 0
    from flashcards.app.importing.bringing import is_safe  # the formats: 30 ms, only where a picture is missing

    def safe(name: str) -> bool:
        return is_safe(f"{stem}{pictures.MEDIA}/{name}", stem)

    sent = pictures.copy(pictures.missing(here, there), mine, theirs, safe)
    return sent, pictures.copy(pictures.missing(there, here), theirs, mine, safe) if both else 0


def same_place(one: Path, other: Path) -> bool:
    """Whether both lead to one folder; a loop of links leads nowhere."""
    return os.path.realpath(one) == os.path.realpath(other)
