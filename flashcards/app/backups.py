"""Backups that are made by themselves: one a day, one before cards are taken away; and which of them are kept.

The backup of a day is made when the first process that wrote on that day ends: by then nobody waits for the first
question or for a grade. Where that process was killed, the next one that ends makes it. A sitting that goes on over
midnight makes that of the day that is over beside itself.
"""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import date, timedelta
from typing import Any

from flashcards import clock
from flashcards.app import App
from flashcards.errors import BadRequest, CardsError, StoreError
from flashcards.places import Places
from flashcards.store import backup
from flashcards.store.backup import Backup, BackupFailed
from flashcards.store.backup_reading import may_be_replaced
from flashcards.store.connect import may_write

DAYS, MONTHS, OF_A_DAY = 10, 12, 10
"""How many days are kept, how many months, and how many backups of one day."""
FAR = timedelta(days=366)
"""A gap after which a new row of backups begins: a clock that was wrong by years takes none of the good ones away."""
AHEAD = timedelta(days=1)
"""What a day may lie in the future without being wrong: somebody flew westwards."""
SAYS = "making the backup of the day"


def at_the_end(app: App) -> list[str]:
    """Makes the backup of the day if something was written and there is none; what to tell a person.

    Whatever goes wrong is told and no more: what the person did is stored.
    """
    if not app.is_open or app.store.is_read_only or app.backup_waits:
        return []
    try:
        if app.backup_aside and app.backup_aside.is_alive():
            with app.sign(SAYS):
                app.backup_aside.join()
        if _is_wanted(app) and _are_on(app):
            with app.sign(SAYS):
                _make_of_day(app.places, app.date)
    except KeyboardInterrupt:
        return ["the backup of the day was left out; the next command makes it"]
    except (CardsError, OSError) as error:
        return [f"no backup of the day: {_reason(error)}"]
    return []


def aside(app: App, day: str) -> None:
    """Makes the backup of a day that is over beside a sitting that goes on; nobody waits for it, until the end."""
    if app.store.is_read_only or os.path.exists(app.places.backup_of(day)) or not _are_on(app):
        return

    def make() -> None:
        try:
            _make_of_day(app.places, day)
        except (CardsError, OSError) as error:
            app.warnings.append(f"no backup of {day}: {_reason(error)}")

    from threading import Thread  # 2 ms, once a day in a sitting that stays open

    # A process that is made to end does not wait for it: what was begun is swept away by the next one.
    app.backup_aside = Thread(target=make, daemon=True)
    app.backup_aside.start()


def _make_of_day(places: Places, day: str) -> None:
    """Makes the backup of a day, unless there is one or another process is at it."""
    path = places.backup_of(day)
    with backup.only_one(places.backups, seconds=0) as mine:
        if mine and not os.path.exists(path):
            backup.make(places.database, path)
            prune(places.backups)


def before(app: App, what: str) -> None:
    """Makes a backup before something that takes away; where that is not possible, a person is told at the end."""
    try:
        if _are_on(app):
            with app.sign(f"making a backup before the {what}"):
                now(app, f"before-{what}")
    except (CardsError, OSError) as error:
        app.warnings.append(f"no backup before the {what}: {_reason(error)}")


def now(app: App, reason: str) -> str:
    """Makes a backup at once, under the name of this moment; returns its path."""
    folder = app.places.backups
    with _alone(folder):
        path = backup.free(folder, backup.name_of(clock.local(), reason))
        backup.make(app.places.database, path)
        prune(folder)
    return path


def to_file(app: App, target: str) -> str:
    """Makes a backup in a file that a person named; it is never deleted by itself. Returns its path."""
    if os.path.dirname(os.path.realpath(target)) == os.path.realpath(app.places.backups):
        raise BadRequest(f"`{app.places.backups}` is kept by cards itself", hint="leave out the name of the file")
    if not os.path.isdir(folder := os.path.dirname(os.path.realpath(target))):
        raise BackupFailed(f"there is no folder `{folder}`", hint="make it, or name another; is the disk there?")
    if os.path.exists(target) and not may_be_replaced(target):
        raise BadRequest(
            f"`{target}` is no backup, so it is not replaced", hint="choose another name, or move it away first"
        )
    ours = app.places.backups
    can_wait = may_write(app.places.database) and (os.path.isdir(ours) or not os.path.lexists(ours))
    with _alone(ours) if can_wait else nullcontext():  # two at once would write into the same unfinished file
        backup.make(app.places.database, target)
    return target


def rows(app: App) -> list[dict[str, Any]]:
    """The backups of this home, newest first, as a list shows them."""
    check_readable(app.places.backups)
    return [row(one.path) for one in backup.listed(app.places.backups)]


def check_readable(folder: str) -> None:
    """Raises where there may be backups that nobody here may see: such a folder is not an empty one."""
    try:
        os.scandir(folder).close()
    except FileNotFoundError:
        pass
    except OSError as error:
        hint = "make it a folder that you may read, or set CARDS_HOME to another home"
        raise StoreError(f"cannot read `{folder}`: {error.strerror}", hint=hint) from None


def row(path: str) -> dict[str, Any]:
    """One backup; how many reviews it holds is None where only a look inside could tell."""
    named = backup.backup_at(path)
    return {
        "name": os.path.basename(path),
        "path": path,
        "day": named.day.isoformat() if named else None,
        "at": (named.at if named else "") or None,
        "reason": (named.reason if named else "") or None,
        "reviews": backup.counted(path),
        "size": os.path.getsize(path),
    }


def newest_first(folder: str) -> list[Backup]:
    """The backups of a folder; what is of the future, by a clock that was wrong, comes last."""
    found, limit = backup.listed(folder), clock.local().date() + AHEAD
    return sorted(found, key=lambda one: one.day > limit)


def prune(folder: str) -> None:
    """Deletes what is not kept."""
    found = backup.listed(folder)
    for one in set(found) - set(kept(found, clock.local().date())):
        with suppress(OSError):
            os.unlink(one.path)


def kept(backups: Iterable[Backup], today: date) -> list[Backup]:
    """The newest ten days, and the newest of each of the newest twelve months; newest first.

    What is of the future, by a clock that was wrong, and what lies a year behind the rest are counted by themselves.
    """
    found = backup.newest_first(backups)
    future = [one for one in found if one.day > today + AHEAD]
    rest = found[len(future) :]
    return [one for row in (*_rows(future), *_rows(rest)) for one in _kept_of(row)]


def _kept_of(row: list[Backup]) -> list[Backup]:
    days: dict[date, list[Backup]] = {}
    months: dict[tuple[int, int], Backup] = {}
    for one in row:
        days.setdefault(one.day, []).append(one)
        months.setdefault((one.day.year, one.day.month), one)
    of_days = [one for day in list(days)[:DAYS] for one in (*days[day][: OF_A_DAY - 1], days[day][-1])]
    chosen = {*of_days, *list(months.values())[:MONTHS]}
    return [one for one in row if one in chosen]


def _rows(newest_first: list[Backup]) -> list[list[Backup]]:
    rows: list[list[Backup]] = []
    for one in newest_first:
        if rows and rows[-1][-1].day - one.day <= FAR:
            rows[-1].append(one)
        else:
            rows.append([one])
    return rows


def _is_wanted(app: App) -> bool:
    """Whether this process wrote first today, or one before it wrote and was killed."""
    today = clock.local().date()
    if app.store.has_written:
        return not os.path.exists(app.places.backup_of(app.date))
    from flashcards.store.actions import moment_of  # 1 ms, where nothing was written

    written = moment_of(app.store.newest())
    day = written.astimezone(clock.zone()).date() if written else None
    if day is None or day > today:
        return False
    return not any(day <= one.day <= today for one in backup.listed(app.places.backups))


def _are_on(app: App) -> bool:
    """What the setting says; a file of settings that cannot be read is told by the commands that need it."""
    try:
        return bool(app.config.get("backups"))
    except CardsError:
        return True


@contextmanager
def _alone(folder: str) -> Iterator[None]:
    """Nobody else makes a backup of this home meanwhile; raises BackupFailed where another does, for too long."""
    try:
        with backup.only_one(folder) as mine:
            if not mine:
                raise BackupFailed(
                    f"another process has been making a backup in `{folder}` for long", hint="try again when it is done"
                )
            yield
    except OSError as error:
        raise BackupFailed(f"cannot write to `{folder}`: {error.strerror}", hint=backup.ROOM) from None


def _reason(error: CardsError | OSError) -> str:
    return error.message if isinstance(error, CardsError) else f"`{error.filename}`: {error.strerror}"
