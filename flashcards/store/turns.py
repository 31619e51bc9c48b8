"""Long work on a store: others see that somebody is at it, and wait for its end instead of giving up.

It is a lock on an empty file beside the database, which ends with its process, however that ends. It keeps nobody
out: that is what the lock of the database is for. It only tells a process that works from one that hangs.
"""

import os
import sqlite3
from contextlib import suppress

from flashcards.store.connect import closed_if_it_fails, opened_as

BESIDE = "-busy"
"""What the name of the database gets behind it."""
PATIENCE_SECONDS = 1
"""For those who just look whether the lock is held."""


class Turn:
    """The lock, held."""

    def __init__(self, path: str) -> None:
        self._path = f"{path}{BESIDE}"
        self._connection: sqlite3.Connection | None = None
        with suppress(OSError, sqlite3.Error):  # others would wait less long, and that is all
            os.close(os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600))
            connection = opened_as(self._path, "rw", seconds=PATIENCE_SECONDS)
            with closed_if_it_fails(connection):
                connection.execute("begin exclusive")
            self._connection = connection

    def end(self) -> None:
        """Lets go of it, and takes the file away; that of another stays."""
        if self._connection is not None:
            with suppress(OSError):
                os.unlink(self._path)
            self._connection.close()


def is_taken(path: str) -> bool:
    """Whether a process is at some long work on the database at `path`."""
    beside = f"{path}{BESIDE}"
    if not os.path.exists(beside):  # as good as always
        return False
    try:
        connection = opened_as(beside, "ro", seconds=0)
    except sqlite3.Error:
        return False
    try:
        connection.execute("select count(*) from sqlite_master")
    except sqlite3.OperationalError as error:
        return "locked" in str(error)
    except sqlite3.Error:
        return False
    finally:
        connection.close()
    return False
