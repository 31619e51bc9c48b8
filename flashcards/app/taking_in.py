"""The files of a sync folder read: what is new in them goes into the store, what is wrong with them is told."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from flashcards import __version__, clock
from flashcards.app.synced import Told
from flashcards.errors import CardsError
from flashcards.log import LAST_ID, from_line, to_line
from flashcards.model import CardId, Event, Review
from flashcards.pauses import without_pauses
from flashcards.store.exchanged import Exchanged
from flashcards.sync.folder import Folder, Stat
from flashcards.sync.names import Named
from flashcards.sync.own import Own
from flashcards.sync.parsing import MOST_FAULTS, Fault, Parsed, parse, pieces
from flashcards.sync.reading import NOTHING, Lines, Mark, Opened, Survey, UnfitError, at_once, blocks, survey, surveyed
from flashcards.sync.state import Known
from flashcards.sync.writing import append

AT_ONCE = 20_000
"""Events that are taken in by one transaction."""
MANY_BYTES = 3_000_000
"""From so many on a log that has little is filled in one go."""
FEW_BYTES = 1_000
"""For each event that a log has: a few times the length of a line."""
TIMES_COMPRESSED = 6
ASIDE = "replaced.jsonl"
"""The file of the home for what gave way to another version."""
LONG_SECONDS = 24 * 3600
LAST = f"{LAST_ID:032x}"


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
        """What was read and stands in the store in the same words; of a full walk all that the folder has."""
        self.unlike: set[str] = set()
        """What stands in the store in other words, which have to go out."""
        self.is_filled = False
        self.faulty: list[str] = []
        """Files of our own that are not what we left."""
        self.told: list[Told] = []
        self.listed, odd = folder.files()
        for name, message in odd:
            cure = "check who may read it" if message.startswith("cannot read") else "take it away"
            self.told.append(Told("unreadable", name, message, cure))
        self.replaced = 0
        """How many events gave way to another version of them."""
        self._waiting: list[tuple[str, str, Event]] = []

    @property
    def bytes(self) -> int:
        """About how much there is to read."""
        changed = [(file, stat) for file, stat in self.listed.items() if not self._is_known(file, stat)]
        return sum(stat.size * (TIMES_COMPRESSED if file.month else 1) for file, stat in changed)

    def read(self, device: str) -> None:
        """Reads what changed."""
        self._device = device
        many = self.bytes if self.is_full and not self._dry_run else 0
        if many > MANY_BYTES and self._store.count() * FEW_BYTES < many:
            self._fill()
        else:
            self._compare()

    def _compare(self) -> None:
        """Looks up what changed in the store, event by event."""
        for file, stat in self.listed.items():
            if self._is_known(file, stat):
                self.files[file.name] = self._known[file.name]
            else:
                for parsed in self._parsed(file):
                    self._meet(file.device or file.name, parsed)
        self._take()
        self._tell()

    def _is_known(self, file: Named, stat: Stat) -> bool:
        """Whether the file is as it was read last time. What was wrong with it is looked at again."""
        known = self._known.get(file.name)
        if known is None or known[:2] != stat:
            return False
        if known.unfit:
            return known.unfit[0] == "newer" and known.by == __version__
        return not known.faults

    def _parsed(self, file: Named, *, looked_over: bool = True) -> Iterator[Parsed]:
        """What is new in a file, block by block; notes how far it was read, or why not.

        Of a file that is not looked over before, UnfitError says when all of it has to be forgotten again.
        """
        known = self._known.get(file.name)
        faults: list[Fault] = []
        count = 0
        try:
            with Opened(os.path.join(self._folder.logs, file.name)) as opened:
                found = survey(opened, known.mark if known else NOTHING) if looked_over else None
                if found and known and not found.is_anew:
                    count = known.faults
                elif known and self._own.has(file):
                    self.faulty.append(file.name)
                lines = Lines(found.start if found else NOTHING)
                for parsed in map(parse, blocks(opened, found, lines)) if found else _read_ahead(opened, lines):
                    faults += parsed.faults[: MOST_FAULTS - len(faults)]
                    count += parsed.faults_count
                    yield parsed
                self._note(file, found or surveyed(opened, lines), count + lines.too_long)
        except UnfitError as error:
            stat = self.listed[file]
            self.files[file.name] = Known(*stat, Mark(), unfit=(error.kind, error.message), by=__version__)
            if self._own.has(file) and error.kind == "broken":
                self.faulty.append(file.name)
            if not looked_over:
                raise
        if faults and not self._own.has(file):
            self.told += [Told("line", file.name, fault.message, fault.excerpt) for fault in faults[:MOST_FAULTS]]

    def _note(self, file: Named, found: Survey, faults: int) -> None:
        self.files[file.name] = Known(found.size, found.mtime_ns, found.end, None, faults, found.unfinished)
        if self._own.has(file) and (faults or found.unfinished):
            self.faulty.append(file.name)

    def _meet(self, source: str, parsed: Parsed) -> None:
        """Keeps aside what the store does not have, or has in other words."""
        lines = {row[0]: row[1] for row in parsed.rows}
        events = {to_line(event): event for event in parsed.events}
        lines.update((line, event.id) for line, event in events.items())
        names = set(lines.values())
        there = self._store.lines(names)
        for line, name in lines.items():
            if there.get(name) == line:
                self.ids.add(name)
            else:
                self._waiting.append((source, line, events[line] if line in events else from_line(line)))
        if len(self._waiting) >= AT_ONCE:
            self._take()

    def _take(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        if self._dry_run:
            unknown = self._store.unknown_ids({event.id for _, _, event in waiting})
            self.got.update({event.id: source for source, _, event in waiting if event.id in unknown}.values())
            self.ids |= {event.id for _, _, event in waiting}
            return
        taken = self._store.take([event for _, _, event in waiting], partial(keep_aside, self._store.path))
        self.replaced += len(taken.replaced)
        news = {event.id for event in taken.fresh}
        held = self._store.lines({event.id for _, _, event in waiting})
        for source, line, event in waiting:
            (self.ids if held.get(event.id) == line else self.unlike).add(event.id)
            if event.id in news:
                news.discard(event.id)
                self.got[source] += 1
        self.fresh += len(taken.fresh)
        self.cards |= taken.cards
        ours = (event.id for event in taken.fresh if event.device == self._device and event.id < LAST)
        self.cursor = max(self.cursor, *ours, "", key=str)

    def _fill(self) -> None:
        """Fills a log that has little; where an event came twice, everything is compared once more."""
        given, left = 0, self._store.ids()

        def one(file: Named) -> Iterator[tuple[Sequence[tuple[Any, ...]], Sequence[Event]]]:
            nonlocal given
            count, seen, changes = 0, set[str](), self._store.changes
            for parsed in self._parsed(file, looked_over=False):
                count += len(parsed.rows) + len(parsed.events)
                if left:
                    seen.update(row[1] for row in parsed.rows)
                    seen.update(event.id for event in parsed.events)
                yield parsed.rows, parsed.events
            given += count
            left.difference_update(seen)
            if news := self._store.changes - changes:  # a copy brings none
                self.got[file.device or file.name] += news

        with without_pauses():
            self.is_filled = True
            self.fresh, cards = self._store.fill(map(one, self.listed), UnfitError)
        self.filled_cards = cards if self.fresh else 0
        if given > self.fresh:
            again = Intake(self._store, self._folder, self._own, None)
            again._device = self._device
            again._compare()  # never to be filled again, however little came of so many bytes
            self.replaced += again.replaced
            self.cards |= again.cards
            left |= again.unlike
        self.unlike = left
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
                are = "1 line is no event" if known.faults == 1 else f"{known.faults:,} lines are no events"
                self.told.append(Told("faulty", file.name, are, HINTS["faulty"]))
            elif known.unfinished:
                since = abs(clock.now().timestamp() - known.mtime_ns / 1e9)
                kind = "stuck" if since > LONG_SECONDS else "waiting"
                self.told.append(Told(kind, file.name, "its last line has not come over yet"))
            if file.is_copy and not known.unfit:
                self.told.append(
                    Told("copy", file.name, "a copy that no device writes; it was read as well", HINTS["copy"])
                )


def keep_aside(database: str, line: str) -> None:
    """Nothing is lost: what an event said here, before another version takes its place, goes into a file of the home.

    Without what was typed, which a later mark may take out of history.
    """
    event = from_line(line)
    plain = to_line(event._replace(typed=None)) if isinstance(event, Review) else line
    path = os.path.join(os.path.dirname(database), ASIDE)
    try:
        append(path, pieces([plain]))
    except OSError as error:
        raise CardsError(f"cannot write `{path}`: {error.strerror}", hint="make room; nothing was changed") from None


def _read_ahead(file: Opened, lines: Lines) -> Iterator[Parsed]:
    from flashcards.sync.ahead import ahead  # threads: 2 ms, only for a long history

    return ahead(map(parse, at_once(file, lines)))


HINTS = {
    "newer": "upgrade cards; nothing of it was taken",
    "broken": "wait until it has come over; nothing of it was taken",
    "unreadable": "check who may read it",
    "faulty": "the other lines were taken",
    "copy": "delete it when you like",
}
