"""Whether a sync can have anything to do: neither the store nor a file of the folder is another than it was left.

All that the last sync found is looked at again where anything of that differs, or was not whole.
"""

import os

from flashcards import clock
from flashcards.app import App
from flashcards.sync.folder import Folder
from flashcards.sync.state import State, States

FRESH_SECONDS = 2
"""Within them a file may change twice and show one time."""


def token_name(identity: str) -> str:
    """The fact of the store that says which sync of a folder was its last."""
    return f"sync {identity}"


def remembered(app: App, states: States, identity: str, folder: Folder) -> State | None:
    """How the last sync left this store and this folder; None where that is not known, or of another store."""
    state = states.get(identity, folder.path)
    if state and state.device == app.device and state.token == app.store.meta(token_name(identity)):
        return state
    return None


def is_at_rest(app: App, state: State, folder: Folder) -> bool:
    """Whether everything is as it was left, with nothing that has to be told or done again."""
    if not state.stamp or state.stamp != stamp_of(app.store.path) or state.lost:
        return False
    if state.month not in {"", f"{clock.now():%Y-%m}"} or state.redactions != app.store.count_redactions():
        return False
    listed, odd = folder.files()
    if odd or len(listed) != len(state.files):
        return False
    for file, stat in listed.items():
        known = state.files.get(file.name)
        if known is None or known[:2] != stat or known.unfit or known.faults or known.unfinished or file.is_copy:
            return False
    return True


def stamp_of(path: str) -> str:
    """What changes with every change of a database; "" while some of it lies in its write-ahead log, or is fresh.

    To count a million events takes as long as all the rest of a sync without news.
    """
    try:
        if os.path.exists(f"{path}-wal") and os.path.getsize(f"{path}-wal"):
            return ""
        found = os.stat(path)
    except OSError:
        return ""
    fresh = clock.is_frozen() or abs(clock.now().timestamp() - found.st_mtime) < FRESH_SECONDS
    return "" if fresh else f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"
