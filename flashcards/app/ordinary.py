"""Reads files of decks: never more than a deck may have, and never from what would make the reader wait."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from flashcards.errors import CardsError


class Facts(NamedTuple):
    """What shows, without reading it, that a file was edited; older than its text, so that no edit is missed."""

    size: int
    mtime_ns: int


def contents(path: Path) -> tuple[bytes, Facts]:
    """The bytes of a deck file, and what it looked like just before; of one that is too big a byte too many."""
    from flashcards.formats.yaml import MAX_BYTES  # PyYAML: 20 ms

    with ordinary(path) as file:
        found = os.fstat(file.fileno())
        return file.read(MAX_BYTES + 1), Facts(found.st_size, found.st_mtime_ns)


def bytes_of(path: Path) -> bytes:
    """The bytes of a deck file; raises CardsError."""
    try:
        return contents(path)[0]
    except OSError as error:
        raise unreadable(path, error) from None


def unreadable(path: Path, error: OSError) -> CardsError:
    """The error for a file that cannot be opened."""
    return CardsError(f"cannot read `{path}`: {error.strerror}", hint="check the name of the file")


@contextmanager
def ordinary(path: Path) -> Iterator[BinaryIO]:
    """A file, links followed; raises OSError for a pipe, a device or a socket in its place, and never waits for one."""
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "it is no ordinary file", os.fspath(path))
        yield file
