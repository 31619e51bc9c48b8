"""Texts that came by a sync folder take their places: files of the home and decks of the store, all or nothing."""

from functools import partial
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from flashcards.app import backups, library, writing
from flashcards.app.importing import bringing
from flashcards.app.importing.arrival import Bringing
from flashcards.app.library import Reading
from flashcards.app.placing import ToPlace
from flashcards.app.travelling.renamed import REPLACED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flashcards.app import App


class Coming(NamedTuple):
    """A text that is good and has a place."""

    deck: str
    file: Path
    before: bytes | None
    """What the file says now; None where there is none."""
    data: bytes
    reading: Reading
    is_home: bool
    """The file lies in the home's folder of decks; another is the person's, and asked for by name."""
    keep: bool
    """What is there now may not be known to anybody else."""


def settle(app: "App", coming: "Sequence[Coming]") -> None:
    """Puts texts in their places; raises CardsError, and then nothing was changed."""
    if any(one.reading.change and one.reading.change.count("retired") for one in coming):
        backups.before(app, "sync")
    brought = [_brought(Path(app.places.decks), one) for one in coming]
    own = [one for one in coming if not one.is_home]

    def take_own() -> None:
        library.take(app.store, [one.reading.change for one in own if one.reading.change])
        writing.replace_all([writing.Written(one.file, one.before or b"", one.data) for one in own])

    bringing.take(app, (), brought, by_hand=False, then=take_own)


def _brought(home: Path, one: Coming) -> Bringing:
    """The file and the deck of the home; of a deck file of the person's only the copy that is kept."""
    files = [ToPlace(target=one.file, open=partial(BytesIO, one.data))] if one.is_home else []
    if one.keep and one.before is not None and one.before != one.data:
        short = library.digest(one.before).rpartition(":")[2][:8]
        files.append(ToPlace(home / REPLACED / f"{one.deck}-{short}.yaml", partial(BytesIO, one.before)))
    readings = (one.reading,) if one.is_home else ()
    return Bringing(name=one.reading.path, readings=readings, files=tuple(files))
