"""Joins the store with a folder that something else carries: others' events in, ours out.

Most often there is nothing new, and that has to be found out quickly: the rest is imported only where there is.
"""

import os
from typing import TYPE_CHECKING

from flashcards.app import App, resting
from flashcards.app.synced import DeckTold, Done, Travelled, Wanted
from flashcards.errors import BadRequest
from flashcards.places import bundled_names
from flashcards.sync.folder import Folder
from flashcards.sync.lock import alone
from flashcards.sync.state import States

if TYPE_CHECKING:
    from flashcards.store.exchanged import Exchanged


def folder_of(app: App, named: str | None) -> str:
    """The folder that was named, or else the one of the last time."""
    path = named or str(app.config.get("sync"))
    if not path:
        raise BadRequest("no folder is named", hint="`cards sync FOLDER` once; it is remembered")
    return os.path.realpath(os.path.expanduser(path))


def question(app: App, path: str) -> str:
    """What to ask before a folder is used for the first time; "" where nothing is to be asked. Raises CardsError."""
    folder = Folder(path)
    home = os.path.realpath(os.path.dirname(app.places.database))
    if folder.path == home or (folder.path.startswith(home + os.sep) and app.has_store):
        raise BadRequest(
            f"`{path}` is the home of cards itself", hint="name a folder outside it that something carries"
        )
    match folder.state():
        case "ours":
            folder.identity()
            return ""
        case "empty" if folder.path == os.path.realpath(os.path.expanduser("~")):  # hidden files alone are in it
            return f"`{path}` is your home directory, where a sync folder would lie open"
        case "empty":
            known = States(_state_path(app)).knows(folder.path)
            return f"`{path}` is empty, though it was synced before: is its disk there?" if known else ""
        case _:
            return f"`{path}` has other things in it and is no sync folder yet"


def sync(app: App, path: str, *, dry_run: bool = False, decks: Wanted | None = None) -> Done:
    """Brings the store and the folder to the union of both; raises CardsError where nothing can be done.

    Decks travel as well, unless `decks` is None.
    """
    app.device  # noqa: B018  (opens the store, and brings its derived tables up to date)
    with alone(os.path.join(os.path.dirname(app.places.database), "sync.lock"), app.sign):
        folder = Folder(path)
        folder.check()
        identity = folder.identity() if folder.state() == "ours" else ""
        if not identity and not dry_run:
            identity = folder.make()
        # Decks first: what they say of renamed cards is written into the log, and goes out with it.
        travelled = _travelled(app, folder, identity, decks, dry_run=dry_run)
        states = States(_state_path(app))
        state = resting.remembered(app, states, identity, folder)
        if state and resting.is_at_rest(app, state, folder):
            return Done(folder.path, app.device, sent=0, got={}, cards=0, dry_run=dry_run, decks=travelled)
        from flashcards.app.exchanging import Exchange  # 5 ms, only where there may be something new
        from flashcards.store.exchanged import Exchanged

        store = Exchanged(app.places.database)
        try:
            done = Exchange(app, folder, identity, store, states, dry_run=dry_run).run(state)
            if decks is not None and any(done.got.values()):
                travelled = travelled._replace(told=(*travelled.told, *_left_at_home(app, store)))
            return done._replace(decks=travelled)
        finally:
            store.close()


def _travelled(app: App, folder: Folder, identity: str, wanted: Wanted | None, *, dry_run: bool) -> Travelled:
    if wanted is None:
        return Travelled()
    from pathlib import Path

    from flashcards.app.travelling import travel  # 10 ms, only where decks travel

    return travel(app, Path(folder.path), identity, wanted, dry_run=dry_run)


def _left_at_home(app: App, store: "Exchanged") -> list[DeckTold]:
    """Decks that came with the program do not travel; the history of one may have come without its cards."""
    here = {source.deck for source in app.store.decks()}
    missing = store.have_history(name for name in bundled_names() if name not in here)
    return [DeckTold(name, "has a history and no cards here", f"`cards import {name}`") for name in missing]


def _state_path(app: App) -> str:
    return os.path.join(os.path.dirname(app.places.database), "sync.json")
