"""Checks of the home: files that a kill left behind, backups, sync, room on the disk."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards import clock
from flashcards.app import partials
from flashcards.app.backups import newest_first
from flashcards.app.checkup import FIX, Finding, count, guarded
from flashcards.app.unfinished import STAGE
from flashcards.errors import CardsError, StoreError
from flashcards.places import BUNDLED
from flashcards.store import backup, health, turns
from flashcards.store.backup import Backup
from flashcards.store.leftover import CUT_OFF

if TYPE_CHECKING:
    from flashcards.app import App

OURS = re.compile(
    r"trust\..*\.new|(config|sandbox\.json|sync\.json)\.new|\.cards\.db\.fresh.*"
    r"|cards\.db\.cut-off-wal\.[0-9]{1,10}\.new|\..+\.[0-9]{1,10}\.part|\..+\.(db|gz)\.(part|copy|plain)"
)
"""Names of files that are renamed when they are whole; only a process that was killed leaves them."""
SETTLED_SECONDS = 3_600
"""What is younger may belong to a process that still runs."""
OLD_BACKUP_DAYS = 7
LITTLE_BYTES, TIGHT = 100_000_000, 2
"""Less free room than this, or than so many times the database, is told."""
MEGA = 1_000_000


def all_of(app: "App") -> Iterator[Finding]:
    """Nothing of it needs the database."""
    if not os.path.isdir(app.places.home):  # noqa: PTH112  (the path is text)
        return
    yield from guarded("files", lambda: _stray(app))
    yield from guarded("cut off", lambda: _cut_off(app))
    yield from guarded("backups", lambda: _backups(app))
    yield from guarded("sync", lambda: _sync(app))
    yield from guarded("disk", lambda: _disk(app))


# ---------------------------------------------------------------- files


def _stray(app: "App") -> Finding:
    found = [*dict.fromkeys(str(path) for path in _left(app) if is_settled(path))]
    kept = sorted(
        str(one) for one in Path(app.places.home).glob("*.damaged-*") if not one.name.endswith(("-wal", "-shm"))
    )
    details = (*(f"left by a kill: {path}" for path in found), *(f"kept: {path}" for path in kept))
    if found:
        says = f"{count(len(found), 'file')} left behind by a process that was killed"
        return Finding("files", "note", says, FIX, details, "stray", tuple(found))
    if kept:
        says = f"a damaged database is kept: {Path(kept[-1]).name}"
        return Finding("files", "note", says, "delete it and what lies beside it when nothing is missed", details)
    return Finding("files", "ok", "nothing left behind")


def _cut_off(app: "App") -> Finding | None:
    """The end of a write-ahead log that was broken: after a power cut nobody misses it."""
    path = Path(f"{app.places.database}{CUT_OFF}-wal")
    if not path.exists() or not app.is_open:
        return None
    from flashcards.app.checkup import remains

    fresh = app.store.count_unknown(remains.cut_off(app.places).keys())
    if not fresh:
        return Finding("cut off", "note", f"nothing of {path.name} is missed", FIX, mend="stray", targets=(str(path),))
    says = f"{count(fresh, 'event')} at the broken end of a write-ahead log not in the database"
    return Finding("cut off", "problem", says, FIX, mend="cut off", targets=(str(path),))


def _left(app: "App") -> Iterator[Path]:
    for folder in (Path(app.places.home), Path(app.places.config).parent, Path(app.places.backups)):
        yield from (path for path in _entries(folder) if OURS.fullmatch(path.name) and not path.is_dir())
    busy = Path(f"{app.places.database}{turns.BESIDE}")
    if busy.exists() and not turns.is_taken(app.places.database):
        yield busy
    yield from (path for path in _entries(Path(app.places.decks)) if path.name.startswith(STAGE) and path.is_dir())
    for path in _deck_files(app):
        with suppress(OSError):
            yield from partials.left(path)


def _deck_files(app: "App") -> list[Path]:
    """The decks, as far as the database tells them."""
    with suppress(CardsError):
        if app.is_open:
            return [Path(one.path) for one in app.store.decks() if not one.path.startswith(BUNDLED)]
    return []


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def is_settled(path: Path) -> bool:
    """Whether it is old enough, or from a future that a wrong clock wrote."""
    try:
        return abs(clock.now().timestamp() - path.stat().st_mtime) > SETTLED_SECONDS
    except OSError:
        return False


# ---------------------------------------------------------------- backups, sync, disk


def _backups(app: "App") -> Finding:
    folder = Path(app.places.backups)
    if (folder.exists() or folder.is_symlink()) and not _is_usable(folder):
        return Finding(
            "backups", "problem", f"`{folder}` is no folder that you may use", "make it one, then cards backup"
        )
    found = newest_first(app.places.backups)
    if not found:
        return Finding(
            "backups", "note", "none yet", "cards backup makes one; each day with a review does", facts={"backups": 0}
        )
    newest = found[0]
    facts = {"backups": len(found), "newest": newest.name, "bytes": sum(one.size for one in found)}
    details = tuple(f"{one.name}: {_bytes(one.size)}" for one in found)
    try:
        with backup.opened(newest.path) as held:
            events, _ = held.counts()
    except StoreError as error:
        return Finding("backups", "problem", f"the newest: {error.message}", "cards backup", details, facts=facts)
    except CardsError as error:  # no room to unpack it, say: that says nothing of the backup
        return Finding("backups", "note", f"the newest: {error.message}", error.hint, details, facts=facts)
    says = f"{count(len(found), 'backup')}, the newest of {newest.day} with {count(events, 'event')}"
    wrote = _last_write(app)
    if wrote and (wrote.date() - newest.day).days > OLD_BACKUP_DAYS:
        return Finding("backups", "problem", f"{says}; later days have none", "cards backup", details, facts=facts)
    if fuller := _fuller(app, found):
        says += f"; {fuller.name} holds reviews that are missing here"
        return Finding("backups", "note", says, f"cards restore {fuller.name} --only-missing", details, facts=facts)
    if not _are_on(app):
        says += "; none is made by itself"
        return Finding("backups", "note", says, "cards config backups true", details, facts=facts)
    return Finding("backups", "ok", says, details=details, facts=facts)


def _fuller(app: "App", found: list[Backup]) -> Backup | None:
    """A backup of more reviews than the log has, as where a lost database was begun anew; by the heads of the files."""
    held = {one: number for one in found if (number := backup.counted(one.path))}
    most = max(held, key=held.__getitem__, default=None)
    with suppress(CardsError):  # what is wrong with the database is told elsewhere
        if most and app.has_store:
            with health.reading(app.places.database) as connection:
                return most if held[most] > health.count_reviews(connection) else None
    return None


def _is_usable(folder: Path) -> bool:
    return folder.is_dir() and os.access(folder, os.R_OK | os.W_OK | os.X_OK)


def _are_on(app: "App") -> bool:
    from flashcards.config import Config

    with suppress(CardsError):  # what is wrong with the settings is told elsewhere
        return bool(Config(app.places.config, ()).get("backups"))
    return True


def _last_write(app: "App") -> datetime | None:
    with suppress(OSError):
        changed = max(Path(app.places.database).stat().st_mtime, 0)
        return datetime.fromtimestamp(changed, UTC)
    return None


def _sync(app: "App") -> Finding | None:
    from flashcards.config import Config

    folder = str(Config(app.places.config, ()).get("sync"))
    if not folder:
        return None
    path = Path(folder).expanduser()
    state = Path(app.places.home) / "sync.json"
    if not path.is_dir():
        return Finding("sync", "note", f"the folder `{folder}` is not there", "cards sync FOLDER, wherever it is now")
    if not state.exists():
        return Finding("sync", "note", f"`{folder}` is set, but nothing was synced yet", "cards sync")
    last = datetime.fromtimestamp(state.stat().st_mtime, UTC)
    ago = clock.now() - last
    when = "today" if ago < timedelta(days=1) else f"{count(ago.days, 'day')} ago"
    facts = {"folder": folder, "last": last.isoformat(timespec="seconds")}
    return Finding("sync", "ok", f"last {when}, with `{folder}`", facts=facts)


def _disk(app: "App") -> Finding:
    free = shutil.disk_usage(Path(app.places.home)).free
    size, log = (_size(f"{app.places.database}{end}") for end in ("", "-wal"))
    kept = sum(one.size for one in backup.listed(app.places.backups))
    facts = {"free": free, "database": size, "log": log, "backups": kept}
    says = f"{_bytes(free)} free; database {_bytes(size)}" + (f", backups {_bytes(kept)}" if kept else "")
    details = (f"write-ahead log {_bytes(log)}",)
    if free < max(LITTLE_BYTES, TIGHT * size):
        return Finding("disk", "problem", f"little room: {says}", "make room", details, facts=facts)
    return Finding("disk", "ok", says, details=details, facts=facts)


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)  # noqa: PTH202  (the path is text)
    except OSError:
        return 0


def _bytes(number: int) -> str:
    if number >= 1_000 * MEGA:
        return f"{number / MEGA / 1_000:.1f} GB"
    return f"{number / MEGA:.1f} MB" if number >= MEGA else f"{-(-number // 1_000)} kB"
