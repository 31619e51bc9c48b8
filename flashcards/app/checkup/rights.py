"""Check of rights: whether the home is the person's own, and who else may read or change it."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.app.checkup import FIX, Finding, count, guarded
from flashcards.store import backup
from flashcards.store.connect import may_write

if TYPE_CHECKING:
    from flashcards.app import App

OTHERS_READ, OTHERS_WRITE, OTHERS_ENTER = 0o044, 0o022, 0o011
"""For the group and for everybody."""


def all_of(app: "App") -> Iterator[Finding]:
    """Nothing of it needs the database."""
    if os.path.isdir(app.places.home):  # noqa: PTH112  (the path is text)
        yield from guarded("rights", lambda: _rights(app))


def _rights(app: "App") -> Finding:
    if strangers := [str(path) for path in (Path(app.places.home), Path(app.places.database)) if _is_strange(path)]:
        says = f"`{strangers[0]}` belongs to another user, and so nothing is read from it"
        return Finding(
            "rights", "problem", says, "set CARDS_HOME to a folder of your own, or chown it", tuple(strangers)
        )
    if app.has_store and not may_write(app.places.database):
        says = f"nothing can be stored: `{app.places.database}` or its folder may only be read"
        return Finding("rights", "problem", says, "make both writable, or set CARDS_HOME to another folder")
    told = open_to_others(app)
    loose = [path for path in _private(app) if mode(str(path)) & 0o077]
    if told:
        return Finding("rights", "problem", told[0], FIX, tuple(told), "rights", _named(loose, app))
    if loose and mode(str(Path(app.places.home))) & OTHERS_ENTER:
        says = f"others may read {count(len(loose), 'file')}"
        targets = _named(loose, app)
        return Finding("rights", "problem", says, FIX, targets, "rights", targets)
    return Finding("rights", "ok", "nobody else may read or change it")


def _is_strange(path: Path) -> bool:
    """Whether it belongs to another user; root may have what it likes, and read what it likes."""
    if not hasattr(os, "geteuid") or os.geteuid() == 0:
        return False
    try:
        owner = path.stat().st_uid
    except OSError:
        return False
    return owner not in ({os.geteuid(), 0} if path.is_dir() else {os.geteuid()})


def _named(loose: list[Path], app: "App") -> tuple[str, ...]:
    """The home in front: when it is private, nobody comes to the rest."""
    return tuple(dict.fromkeys(str(path) for path in (Path(app.places.home), *loose) if path.exists()))


def _private(app: "App") -> list[Path]:
    """What nobody else is to read."""
    database = app.places.database
    names = (database, f"{database}-wal", f"{database}-shm", app.places.trust, app.places.config, app.places.backups)
    found = [Path(name) for name in names if Path(name).exists() and Path(name).parent == Path(app.places.home)]
    return found + [Path(one.path) for one in backup.listed(app.places.backups)]


def open_to_others(app: "App") -> list[str]:
    """What in the home other users of this machine may read or change, each with its cure."""
    if not hasattr(os, "geteuid"):
        return []
    database = os.path.realpath(app.places.database)
    home = os.path.dirname(database)  # noqa: PTH120  (paths are text here)
    if not mode(home) & OTHERS_ENTER:
        return []
    found = []
    for path in (home, database, app.places.decks):
        if mode(path) & OTHERS_WRITE:
            found.append(f"others may change `{path}`: chmod go-w {shlex.quote(path)}")
        elif path == database and mode(path) & OTHERS_READ:
            found.append(f"others may read `{path}`: chmod go-r {shlex.quote(path)}")
    return found


def mode(path: str) -> int:
    """The rights of what is at `path`; none if it is not there."""
    try:
        return os.stat(path).st_mode  # noqa: PTH116
    except OSError:
        return 0
