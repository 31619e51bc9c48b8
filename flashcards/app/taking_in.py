"""The files of a sync folder read: what is new in them goes into the store, what is wrong with them is told."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from flashcards import __version__
from flashcards.log import LAST_ID, from_line
from flashcards.model import CardId, Event
from flashcards.store.exchanged import Exchanged
from flashcards.sync.folder import Folder, Stat
from flashcards.sync.names import Named
from flashcards.sync.own import Own
from flashcards.sync.parsing import Fault, Parsed, lines_of, parse
from flashcards.sync.reading import NOTHING, Lines, Mark, Opened, Survey, UnfitError, blocks, survey
from flashcards.sync.state import Known

AT_ONCE = 20_000
"""Events that are taken in by one transaction."""
MANY_BYTES = 3_000_000
"""From so many on an empty log is filled in one go."""
TIMES_COMPRESSED = 6
LAST = f"{LAST_ID:032x}"


class Told(NamedTuple):
    """Something that a person should know, or can ask for."""

    kind: str
    file: str
    message: str
    hint: str = ""


QUIET = frozenset({"waiting", "mended", "copy", "version", "lost"})
"""What hinders nothing: everything was done all the same."""


class Intake:
    """One walk through the files of a folder."""

    def __init__(
        self, store: Exchanged, folder: Folder, own: Own, known: Mapping[str, Known] | None, *, dry_run: bool = False
    ) -> None:
        """`known` are the files as they were last time; without it everything is read."""
        self._store, self._folder, self._own, self._dry_run = store, folder, own, dry_run
        self._known = known or {}
        self.is_full = known is None
        self.files: dict[str, Known] = {}
        self.got: Counter[str] = Counter()
        self.cards: set[CardId] = set()
        self.filled_cards = 0
        """Cards of a log that was empty before."""
        self.fresh = 0
        self.cursor = ""
        """The newest id of this device that came from elsewhere."""
        self.ids: set[str] = set()
        """Everything that was read; of a full walk all that the folder has."""
        self.faulty: list[str] = []
        """Files of our own that are not what we left."""
        self.told: list[Told] = []
        self.listed, odd = folder.files()
        self.told += [Told("unreadable", name, message, "take it away") for name, message in odd]
        self._waiting: list[tuple[str, Event]] = []

    @property
    def bytes(self) -> int:
        """About how much there is to read."""
        changed = [(file, stat) for file, stat in self.listed.items() if not self._is_known(file, stat)]
        return sum(stat.size * (TIMES_COMPRESSED if file.month else 1) for file, stat in changed)

    def read(self, device: str) -> None:
        """Reads what changed."""
        self._device = device
        if self.is_full and not self._dry_run and self.bytes > MANY_BYTES and not self._store.count():
            self._fill()
            return
        for file, stat in self.listed.items():
            if self._is_known(file, stat):
                self.files[file.name] = self._known[file.name]
            else:
                for parsed in self._parsed(file):
                    self._meet(file.device or file.name, parsed)
        self._take()
        self._tell()

    def _is_known(self, file: Named, stat: Stat) -> bool:
        known = self._known.get(file.name)
        return known is not None and known[:2] == stat and (known.unfit is None or known.by == __version__)

    def _parsed(self, file: Named) -> Iterator[Parsed]:
        """What is new in a file, block by block; notes how far it was read, or why not."""
        known = self._known.get(file.name)
        faults: list[Fault] = []
        count = 0
        try:
            with Opened(os.path.join(self._folder.logs, file.name)) as opened:
                found = survey(opened, known.mark if known else NOTHING)
                if known and not found.is_anew:
                    count = known.faults
                elif known and self._own.has(file):
                    self.faulty.append(file.name)
                lines = Lines(found.start)
                for block in blocks(opened, found, lines):
                    parsed = parse(block)
                    faults += parsed.faults
                    count += parsed.faults_count
                    yield parsed
                self._note(file, found, count + lines.too_long)
        except UnfitError as error:
            stat = self.listed[file]
            self.files[file.name] = Known(*stat, Mark(), unfit=(error.kind, error.message), by=__version__)
            if self._own.has(file) and error.kind == "broken":
                self.faulty.append(file.name)
        if faults and not self._own.has(file):
            fault = faults[0]
            hint = f"the first one: {fault.excerpt}" if fault.excerpt else ""
            self.told.append(Told("line", file.name, fault.message, hint))

    def _note(self, file: Named, found: Survey, faults: int) -> None:
        self.files[file.name] = Known(found.size, found.mtime_ns, found.end, None, faults, found.unfinished)
        if self._own.has(file) and (faults or found.unfinished):
            self.faulty.append(file.name)

    def _meet(self, source: str, parsed: Parsed) -> None:
        """Keeps aside what the store does not have, or has in other words."""
        lines = lines_of(parsed)
        self.ids.update(lines)
        there = self._store.lines(lines)
        news = {name for name, line in lines.items() if there.get(name) != line}
        if not news:
            return
        events: dict[str, Event] = {event.id: event for event in parsed.events}
        found = ((name, events[name] if name in events else from_line(lines[name])) for name in news)
        self._waiting += [(source, event) for _, event in found]
        if len(self._waiting) >= AT_ONCE:
            self._take()

    def _take(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if self._dry_run:
            unknown = self._store.unknown_ids({event.id for _, event in waiting})
            self.got.update(source for source, event in waiting if event.id in unknown)
            return
        taken = self._store.take([event for _, event in waiting])
        news = {event.id for event in taken.fresh}
        for source, event in waiting:
            if event.id in news:
                news.discard(event.id)
                self.got[source] += 1
        self.fresh += len(taken.fresh)
        self.cards |= taken.cards
        ours = (event.id for event in taken.fresh if event.device == self._device and event.id < LAST)
        self.cursor = max(self.cursor, *ours, "", key=str)
        for lost, kept in taken.replaced:
            event = from_line(kept)
            self.told.append(
                Told(
                    "version",
                    "",
                    f"event `{event.id}` came in other words, which stay on every device",
                    f"here it was {lost}",
                )
            )

    def _fill(self) -> None:
        """Fills an empty log; where an event came twice, everything is compared once more."""
        given = 0

        def all_blocks() -> Iterator[tuple[Sequence[tuple[Any, ...]], Sequence[Event]]]:
            nonlocal given
            for file in self.listed:
                for parsed in self._parsed(file):
                    count = len(parsed.rows) + len(parsed.events)
                    self.got[file.device or file.name] += count
                    given += count
                    yield parsed.rows, parsed.events

        self.fresh, self.filled_cards = self._store.fill(all_blocks())
        if given > self.fresh:
            again = Intake(self._store, self._folder, self._own, None)
            again.read(self._device)
            self.told += [one for one in again.told if one.kind == "version"]
        self._tell()

    def _tell(self) -> None:
        """What is wrong with files, now or since long."""
        for file in self.listed:
            known = self.files.get(file.name)
            if known is None:
                continue
            if known.unfit:
                self.told.append(Told(known.unfit[0], file.name, known.unfit[1], HINTS.get(known.unfit[0], "")))
            elif self._own.has(file):
                continue
            elif known.faults:
                self.told.append(
                    Told("faulty", file.name, f"{known.faults:,} of its lines are no events", HINTS["faulty"])
                )
            elif known.unfinished:
                self.told.append(Told("waiting", file.name, "its last line has not come over yet"))
            if file.is_copy and not known.unfit:
                self.told.append(
                    Told("copy", file.name, "a copy that no device writes; it was read as well", HINTS["copy"])
                )


HINTS = {
    "newer": "upgrade cards; nothing of it was taken",
    "broken": "wait until it has come over; nothing of it was taken",
    "unreadable": "check who may read it",
    "faulty": "the other lines were taken",
    "copy": "delete it when you like",
}
