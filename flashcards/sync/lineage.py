"""Which text of a deck follows from which: what may take the place of another, and what stays apart. Pure.

A hash names a text. A device says of each deck which text it holds and which ones led to it; so a text in the folder
may take the place of ours only where whoever wrote it had ours in hand. The last text on which this device and the
folder agreed is kept here as well: it decides where somebody went back to an old text.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Literal, NamedTuple

MOST_FORMER = 100
"""Texts that are remembered of one deck; who comes back after more changes is asked."""

Way = Literal["same", "out", "in", "unsure", "apart", "removed"]
"""`unsure`: no device has said yet that the text in the folder is whole. `removed`: it was taken out here."""


class Known(NamedTuple):
    """What this device remembers of a deck in a folder."""

    agreed: str = ""
    """The text on which it and the folder last agreed; "" for none."""
    lineage: tuple[str, ...] = ()
    """The texts that led to ours, the newest first."""
    sure: bool = True
    """A device has said that the agreed text is whole; we say no such thing of what was only found."""


def way(here: str, there: str, known: Known, held: Collection[Sequence[str]]) -> Way:
    """What has to happen to a deck whose text here is `here` and in the folder `there`; "" where there is none.

    `held` is what the devices say: for each the texts of this deck, the one it has now first. What this one said
    is among it: it may have been put back to what it was before.
    """
    if here == there:
        return "same"
    if not there:
        return "out"
    vouched = [texts for texts in held if texts and texts[0] == there]
    if not here:
        return "removed" if known.agreed else "in" if vouched else "unsure"
    if there == known.agreed:
        return "out"
    ahead = any(here in texts for texts in vouched)
    behind = there in known.lineage or any(there in texts for texts in held if texts and texts[0] == here)
    if ahead and (here == known.agreed or not behind):
        return "in"
    if behind and not ahead:
        return "out"  # a carrier put an old text back
    if here == known.agreed and not (vouched and known.sure):
        return "in" if vouched else "unsure"
    return "apart"


def agreed(here: str, known: Known, held: Iterable[Sequence[str]], *, over: str = "", sure: bool = True) -> Known:
    """What is known once `here` stands on both sides; it took the place of `over`."""
    theirs = [text for texts in held if texts and texts[0] == here for text in texts]
    line = dict.fromkeys(filter(None, (here, over, *known.lineage, known.agreed, *theirs)))
    return Known(agreed=here, lineage=tuple(line)[:MOST_FORMER], sure=sure)
