"""The file around a backup: gzip that any program unpacks, with a line at its head that tells what is inside."""

import json
import os
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from struct import pack
from typing import IO, Any

PIECE = 1 << 20
"""Bytes that are read at once."""
LEVEL = 1
"""Of zlib: a million events take 2 s; the usual level takes 5 s and saves a sixth."""
GZIP, SQLITE = b"\x1f\x8b", b"SQLite format 3\0"
"""How files begin."""
HEAD = b"\x1f\x8b\x08\x10\x00\x00\x00\x00\x04\xff"
"""Gzip, deflate, a comment follows; no date, made quickly, on no particular system (RFC 1952, 2.3)."""
COMMENT = 0x10
LONGEST_COMMENT = 1_000
LARGEST = 1 << 36
"""Bytes that a backup may unpack to: twice as many as a hundred million events take."""


def pack_file(source: str, target: str, about: Mapping[str, int]) -> None:
    """Compresses `source` into the new file `target`, which is on disk when this returns."""
    with open(source, "rb") as plain, os.fdopen(private(target), "wb") as packed:
        packed.write(HEAD + json.dumps({"cards": 1, **about}).encode("ascii") + b"\0")
        deflate, check, size = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS), 0, 0
        while piece := plain.read(PIECE):
            check, size = zlib.crc32(piece, check), size + len(piece)
            packed.write(deflate.compress(piece))
        packed.write(deflate.flush() + pack("<II", check, size & 0xFFFFFFFF))
        packed.flush()
        os.fsync(packed.fileno())


def unpack(packed: IO[bytes], target: str) -> None:
    """Unpacks into the new file `target`; raises ValueError where it is cut off, damaged, or grows without end."""
    from gzip import BadGzipFile, GzipFile

    written = 0
    with os.fdopen(private(target), "wb") as plain, GzipFile(fileobj=packed) as unpacked:
        try:
            while piece := unpacked.read(PIECE):
                written += len(piece)
                if written > LARGEST:
                    raise ValueError("it unpacks to more than any backup holds")
                plain.write(piece)
        except (BadGzipFile, EOFError, zlib.error) as error:
            raise ValueError(str(error)) from None


def beginning(path: str) -> bytes:
    """The bytes by which a file is known; none where it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read(len(SQLITE))
    except OSError:
        return b""


def told(path: str) -> dict[str, Any]:
    """What the head of a backup says of it; nothing where it says nothing."""
    try:
        with open(path, "rb") as file:
            head = file.read(len(HEAD) + LONGEST_COMMENT)
        if not head.startswith(GZIP) or not head[3] & COMMENT:
            return {}
        said = json.loads(head[len(HEAD) :].partition(b"\0")[0])
    except (OSError, ValueError, IndexError, RecursionError):
        return {}
    return said if isinstance(said, dict) and said.get("cards") == 1 else {}


@contextmanager
def replacing(target: str, partial: str) -> Iterator[str]:
    """A hidden file that takes the place of `target` when the block is done, and is thrown away when it fails."""
    try:
        yield partial
        os.replace(partial, target)
        settle(os.path.dirname(target))
    finally:
        with suppress(OSError):
            os.unlink(partial)


def settle(folder: str) -> None:
    """Makes what a folder holds survive a power loss, where the system can do that."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def private(path: str) -> int:
    """A new file that nobody else may read; what lies there is not followed and not kept."""
    with suppress(FileNotFoundError):
        os.unlink(path)
    return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
