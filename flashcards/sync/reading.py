"""Bytes of a file of events as whole lines, in blocks; nothing in it makes that long, large or wrong.

A file is looked over first: whether it is whole, how far it reaches, whether a newer version wrote it. Only then are
its lines read, so that half a file or one of a newer version adds nothing.
"""

import json
import os
import re
import stat
import zlib
from collections.abc import Iterator
from typing import NamedTuple, Self

from flashcards.log import VERSION

CHUNK = 1 << 18
"""Bytes that are read at once."""
LONGEST_LINE = 1_000_000
"""Bytes; a line of a log is a few hundred."""
GZIP = b"\x1f\x8b"
LEAST_EXPANDED, MOST_TIMES = 1 << 26, 100
"""Bytes, and times its size, that a compressed file may grow to: ids are random, so a real one never comes near."""
STRANGE = re.compile(rb"^(?!\{\"v\":1,)[^\n]+", re.MULTILINE)
"""Lines that do not begin as ours do."""
NEWER = re.compile(rb'"v"\s*:\s*0*(?:[2-9]|[1-9][0-9])')
SUSPECTS = 10_000
"""Lines that may be of a newer version and are looked at closely."""


class UnfitError(Exception):
    """A file from which nothing is taken."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message


class Mark(NamedTuple):
    """How far a file was read, and what it was up to there."""

    offset: int = 0
    """Bytes up to the end of the last whole line, of a compressed file after it was expanded."""
    crc: int = 0
    """Of these bytes."""
    lines: int = 0


NOTHING = Mark()


class Opened:
    """A plain file, opened without following links or waiting for pipes."""

    def __init__(self, path: str) -> None:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        try:
            descriptor = os.open(path, flags | getattr(os, "O_CLOEXEC", 0))
        except OSError as error:
            raise UnfitError("unreadable", f"cannot read it: {error.strerror}") from None
        self._file = os.fdopen(descriptor, "rb", buffering=0)
        self.status = os.fstat(descriptor)
        if not stat.S_ISREG(self.status.st_mode):
            self._file.close()
            raise UnfitError("unreadable", "it is no plain file")
        self.is_gzip = self._chunk(2) == GZIP

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _chunk(self, size: int) -> bytes:
        try:
            return self._file.read(size) or b""
        except OSError as error:
            raise UnfitError("unreadable", f"cannot read it: {error.strerror}") from None

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes, expanded where they are compressed; of a plain file those from `start` to `end`."""
        if self.is_gzip:
            yield from self._expanded()
            return
        self._file.seek(start)
        left = (self.status.st_size if end is None else end) - start
        while left > 0 and (chunk := self._chunk(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk

    def _expanded(self) -> Iterator[bytes]:
        self._file.seek(0)
        most, total = max(LEAST_EXPANDED, self.status.st_size * MOST_TIMES), 0
        engine, rest = zlib.decompressobj(31), b""
        try:
            while rest or (rest := self._chunk(CHUNK)):
                if engine.eof:
                    if not rest.strip(b"\0"):  # some carriers fill up
                        rest = b""
                        continue
                    engine = zlib.decompressobj(31)
                chunk = engine.decompress(rest, CHUNK)
                rest = engine.unused_data if engine.eof else engine.unconsumed_tail
                total += len(chunk)
                if total > most:
                    raise UnfitError("broken", "it would grow to more than a log can")
                if chunk:
                    yield chunk
        except zlib.error:
            raise UnfitError("broken", "it is damaged, or has not come over yet") from None
        if not engine.eof:
            raise UnfitError("broken", "it ends in the middle: it has not come over yet, or is damaged")


class Lines:
    """Whole lines of a file, in blocks; counts how far it came."""

    def __init__(self, start: Mark = NOTHING) -> None:
        self.mark = start
        self.too_long = 0
        """Lines that no event has; they were left out."""
        self.unfinished = 0
        """Bytes behind the last line end."""

    def blocks(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """The lines, many at once, without the last line end."""
        rest, length, crc, is_long = [b""], 0, self.mark.crc, False
        for chunk in chunks:
            cut = chunk.rfind(b"\n") + 1
            if not cut:
                length, crc = length + len(chunk), zlib.crc32(chunk, crc)
                is_long = is_long or length > LONGEST_LINE
                rest = [b""] if is_long else [*rest, chunk]
                self.unfinished = length
                continue
            block = b"".join([*rest, chunk[: cut - 1]])
            if is_long:
                self.too_long += 1
                block = block.partition(b"\n")[2] if b"\n" in block else b""
            crc = zlib.crc32(chunk[:cut], crc)
            lines = block.count(b"\n") + 1
            self.mark = Mark(self.mark.offset + length + cut, crc, self.mark.lines + lines)
            tail = chunk[cut:]
            rest, length, crc, is_long = [tail], len(tail), zlib.crc32(tail, crc), False
            self.unfinished = length
            yield block


class Survey(NamedTuple):
    """What a look over a file found."""

    size: int
    mtime_ns: int
    start: Mark
    """From where on it is new."""
    end: Mark
    is_anew: bool
    """What was read before is not there as it was."""
    unfinished: int


def survey(file: Opened, known: Mark = NOTHING) -> Survey:
    """Looks over a file of which the part up to `known` was read before; raises UnfitError."""
    lines = Lines(known if not known.offset or _agrees(file, known) else NOTHING)
    start = lines.mark
    for _ in at_once(file, lines):
        pass
    return surveyed(file, lines)._replace(start=start, is_anew=start != known)


def surveyed(file: Opened, lines: Lines) -> Survey:
    """What a look over a file found that was read to its end."""
    return Survey(
        size=file.status.st_size,
        mtime_ns=file.status.st_mtime_ns,
        start=NOTHING,
        end=lines.mark,
        is_anew=False,
        unfinished=lines.unfinished,
    )


def at_once(file: Opened, lines: Lines) -> Iterator[bytes]:
    """The lines without a look before; raises UnfitError where it turns out that nothing should have been taken."""
    suspects = SUSPECTS
    for block in lines.blocks(_behind(file, lines.mark)):
        for line in STRANGE.findall(block) if block.count(b'{"v":1,') <= block.count(b"\n") else ():
            if suspects and NEWER.search(line):
                suspects -= 1
                _refuse_newer(line)
        yield block


def blocks(file: Opened, found: Survey, lines: Lines) -> Iterator[bytes]:
    """The lines that are new, in blocks."""
    if file.is_gzip:
        yield from lines.blocks(_behind(file, found.start))
    else:
        yield from lines.blocks(file.chunks(found.start.offset, found.end.offset))


def _agrees(file: Opened, known: Mark) -> bool:
    """Whether the part that was read before is still there as it was."""
    left, crc = known.offset, 0
    for chunk in file.chunks(0, None if file.is_gzip else known.offset):
        part = chunk[:left]
        crc, left = zlib.crc32(part, crc), left - len(part)
        if not left:
            break
    return not left and crc == known.crc


def _behind(file: Opened, start: Mark) -> Iterator[bytes]:
    """The bytes behind what was read before."""
    if not file.is_gzip:
        yield from file.chunks(start.offset)
        return
    left = start.offset
    for chunk in file.chunks():
        if left < len(chunk):
            yield chunk[left:]
        left = max(left - len(chunk), 0)


def _refuse_newer(line: bytes) -> None:
    try:
        fields = json.loads(line)
        version = fields.get("v") if isinstance(fields, dict) else None
    except (ValueError, RecursionError):
        return
    if isinstance(version, int) and version > VERSION:
        raise UnfitError("newer", f"a newer version of cards wrote it (log version {str(version)[:20]})")
