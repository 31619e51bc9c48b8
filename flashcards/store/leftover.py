"""What a crash left in the write-ahead log, looked at before SQLite moves it into the database.

SQLite takes a log for that of the database beside it, whatever it was written for, and forgets what stands behind a
frame that is broken. Neither can be undone afterwards.
"""

import os
import sqlite3
from contextlib import closing, suppress

from flashcards.errors import StoreDamaged
from flashcards.store.connect import traces

TORN = 1
"""Transactions behind a broken frame after a power cut: the last one, which nobody was told is stored."""
CUT_OFF = ".cut-off"
"""What the name of the database gets behind it for a log that ends so: a byte that changed looks just the same."""


def check(path: str) -> None:
    """Raises StoreDamaged where the log is broken before its end, or does not belong to the database."""
    if _is_in_use(path):
        return
    from flashcards.store.health import MOST_LOG_BYTES  # after a crash; beside another process they cost too much
    from flashcards.store.pages import cut_commits

    log = f"{path}-wal"
    before = traces(log)
    if before is None or before[0] > MOST_LOG_BYTES:
        return
    cut = cut_commits(path)
    fault = f"its write-ahead log is broken, {cut} transactions behind the place would be lost" if cut > TORN else ""
    fault = fault or _fault(path)
    if traces(log) != before:
        return
    if fault:
        raise StoreDamaged(path, fault)
    if cut:
        _keep(log, f"{path}{CUT_OFF}-wal")


def _fault(path: str) -> str:
    from flashcards.store.health import hindered, looked_at

    try:
        with closing(looked_at(path)) as connection:
            (found,) = connection.execute("pragma quick_check(1)").fetchone()
    except sqlite3.Error as error:
        return "" if hindered(path, error) else str(error)
    except UnicodeDecodeError as error:
        return str(error)
    return "" if found == "ok" else " ".join(str(found).split())


def _keep(log: str, other: str) -> None:
    """A copy of what SQLite is about to throw away; `cards doctor` looks whether anything of it is missed."""
    from flashcards.store.backup_file import private, replacing

    with (
        suppress(OSError),
        open(log, "rb") as file,  # noqa: PTH123
        replacing(other, f"{other}.{os.getpid()}.new") as partial,
        open(private(partial), "wb") as copy,  # noqa: PTH123
    ):
        copy.write(file.read())
        copy.flush()
        os.fsync(copy.fileno())


def _is_in_use(path: str) -> bool:
    """Whether a process has the database open, where the system tells it without a lock of ours."""
    with suppress(OSError), open("/proc/locks", encoding="ascii") as locks:  # noqa: PTH123  (no file of a person)
        inodes = {str(os.stat(one).st_ino) for one in (path, f"{path}-shm") if os.path.exists(one)}  # noqa: PTH116, PTH110
        return any(line.split()[5].rpartition(":")[2] in inodes for line in locks if len(line.split()) > 5)  # noqa: PLR2004
    return False
