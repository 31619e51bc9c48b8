"""Files that are complete or not there, and lines that are on disk when they are said to be."""

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Self

PRIVATE = 0o600
"""What was typed may hold a secret."""
NO_LINK = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)


def put(path: str, pieces: Iterable[bytes], wrap: Callable[[int], "Writer"] | None = None) -> None:
    """Writes a file whole in the place of another, whatever that was: a link is replaced, not followed."""
    folder, name = os.path.split(path)
    partial = os.path.join(folder, f".{name}.{os.getpid()}.part")
    with suppress(FileNotFoundError):
        os.unlink(partial)
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_LINK, PRIVATE)
    try:
        with (wrap or Writer)(descriptor) as writer:
            for piece in pieces:
                writer.write(piece)
        os.replace(partial, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(partial)
        raise
    settle(folder)


class Writer:
    """A file that is on disk when it is closed."""

    def __init__(self, descriptor: int) -> None:
        self._file = os.fdopen(descriptor, "wb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, *rest: object) -> None:
        with self._file:
            if kind is None:
                self._finish()
                self._file.flush()
                os.fsync(self._file.fileno())

    def write(self, piece: bytes) -> None:
        """Some more of it."""
        self._file.write(piece)

    def _finish(self) -> None:
        """What is written at the very end."""


class Compressed(Writer):
    """The same as gzip: equal lines give equal bytes, so that no carrier carries them twice."""

    def __init__(self, descriptor: int) -> None:
        import gzip  # 3 ms, once a month

        super().__init__(descriptor)
        self._gzip = gzip.GzipFile(filename="", mode="wb", fileobj=self._file, mtime=0, compresslevel=6)

    def write(self, piece: bytes) -> None:
        """Some more of it."""
        self._gzip.write(piece)

    def _finish(self) -> None:
        self._gzip.close()


def append(path: str, pieces: Iterable[bytes]) -> None:
    """Adds to a file; when this returns, it is on disk. Raises OSError for what is no plain file."""
    fresh = not os.path.lexists(path)
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0) | NO_LINK
    descriptor = os.open(path, flags, PRIVATE)
    with os.fdopen(descriptor, "ab", buffering=1 << 20) as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if fresh:
        settle(os.path.dirname(path))


def settle(folder: str) -> None:
    """Makes names that were given or taken in a folder last through a power loss, where the system can."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
