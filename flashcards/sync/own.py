"""The files that this device writes in a sync folder: appended to, sealed when their month is over, mended."""

import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from itertools import chain, islice

from flashcards.log import from_line, to_line
from flashcards.model import Event
from flashcards.redaction import Redactions
from flashcards.sync.names import Named, current, named, safe_device, sealed
from flashcards.sync.parsing import parse, pieces
from flashcards.sync.reading import Lines, Opened, UnfitError
from flashcards.sync.writing import Compressed, append, put, settle

STRAY = re.compile(r"\.(.+)\.\d+\.part")
"""What `writing.put` is at, or left behind."""
MANY_LINES = 20_000
"""From so many on they are compressed at once."""


class Own:
    """One device's files."""

    def __init__(self, logs: str, device: str) -> None:
        self._logs = logs
        self._device = device
        self.path = os.path.join(logs, current(device))

    def has(self, file: Named) -> bool:
        """Whether the file is one that this device writes."""
        return file.device == safe_device(self._device) and not file.is_copy

    def month(self) -> str:
        """The month in which the file that is appended to was last written, as its time says; "" if there is none."""
        try:
            return f"{datetime.fromtimestamp(os.lstat(self.path).st_mtime, UTC):%Y-%m}"
        except (OSError, ValueError, OverflowError):
            return ""

    def add(self, lines: Iterator[str], now: str) -> int:
        """Adds lines, durably, and counts them; very many go into a compressed file, with what the month has so far."""
        first = [*islice(lines, MANY_LINES)]
        if os.path.islink(self.path):  # somebody else's work; what it leads to is none of ours
            os.unlink(self.path)
        if len(first) < MANY_LINES:
            if first:
                append(self.path, pieces(first))
            return len(first)
        count = 0

        def counted() -> Iterator[str]:
            nonlocal count
            for line in chain(first, lines):
                count += 1
                yield line

        self.seal(now, counted())
        return count

    def seal(self, month: str, more: Iterable[str] = ()) -> None:
        """Puts what was appended so far into the compressed file of a month; the next line begins anew.

        A crash between the two steps leaves lines twice, which is harmless: the next time they are sealed once.
        """
        path = os.path.join(self._logs, sealed(self._device, month))
        there = [one for one in (path, self.path) if os.path.lexists(one)]
        put(path, pieces(_once(self._all(there, more), twice=path in there)), Compressed)
        with suppress(FileNotFoundError):
            os.unlink(self.path)
            settle(self._logs)

    def _all(self, paths: Iterable[str], more: Iterable[str]) -> Iterator[str]:
        for path in paths:
            with suppress(UnfitError):  # what of ours is broken was sent anew from the store
                yield from _lines(path)
        yield from more

    def mend(self, names: Iterable[str], change: Callable[[Event], Event] = lambda event: event) -> None:
        """Writes files anew with the lines that are events, each as `change` makes it; what cannot be read goes."""
        for name in names:
            path = os.path.join(self._logs, name)
            try:
                lines = [*_lines(path, change)]
            except UnfitError:
                lines = []
            if lines:
                put(path, pieces(lines), Compressed if name.endswith(".gz") else None)
            elif os.path.lexists(path):
                os.unlink(path)

    def redact(self, names: Iterable[str], known: Redactions) -> list[str]:
        """Takes texts out of files in which they still stand; returns their names."""
        found = self.holding(names, known)
        self.mend(found, known.without)
        for name in os.listdir(self._logs):
            stray = STRAY.fullmatch(name)
            file = named(stray[1]) if stray else None
            if file and self.has(file):  # of a process that was killed: nobody else writes under our names
                os.unlink(os.path.join(self._logs, name))
        return found

    def copies(self, files: Iterable[Named]) -> list[str]:
        """The copies that a carrier made of our files: nobody but us will ever write them anew."""
        return [file.name for file in files if file.is_copy and file.device == safe_device(self._device)]

    def holding(self, names: Iterable[str], known: Redactions) -> list[str]:
        """Those of these files, which may be others', in which a text stands that was taken out."""
        return [name for name in names if self._names_any(os.path.join(self._logs, name), known)]

    def _names_any(self, path: str, known: Redactions) -> bool:
        with suppress(UnfitError):
            return any(known.without(event) is not event and known.without(event) != event for event in _events(path))
        return False


def _events(path: str) -> Iterator[Event]:
    with Opened(path) as file:
        for block in Lines().blocks(file.chunks()):
            found = parse(block)
            yield from (from_line(row[0]) for row in found.rows if '"typed":' in row[0])
            yield from found.events


def _lines(path: str, change: Callable[[Event], Event] | None = None) -> Iterator[str]:
    with Opened(path) as file:
        for block in Lines().blocks(file.chunks()):
            found = parse(block)
            for row in found.rows:
                yield row[0] if change is None or '"typed":' not in row[0] else to_line(change(from_line(row[0])))
            yield from (to_line(change(event) if change else event) for event in found.events)


def _once(lines: Iterable[str], *, twice: bool) -> Iterator[str]:
    """The lines, each once; looked at only where some may stand there twice."""
    if not twice:
        yield from lines
        return
    seen: set[int] = set()
    for line in lines:
        number = hash(line)
        if number not in seen:
            seen.add(number)
            yield line
