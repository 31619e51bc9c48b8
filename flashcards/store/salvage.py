"""What a damaged database still yields: each event that can be read and makes sense, decks, facts, and what is missing.

Nothing here writes, and nothing here asks SQLite: it would give up at the first broken page, and it might move a
write-ahead log into a file that is better left as it is.
"""

import json
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, NamedTuple

from flashcards.log import LineError, from_line, to_line
from flashcards.model import Event, EventId
from flashcards.store.catalog import DeckSource
from flashcards.store.lines import row_of
from flashcards.store.pages import Pages, Record, records

EVENT_COLUMNS, DECK_COLUMNS, FACT_COLUMNS = 9, 8, 2
ID = re.compile(r"[0-9a-f]{32}")
LINE_START = b'{"v":1,"id":"'
"""How each line of the log begins that this program wrote; where a page is broken, they are looked for as text."""
FACTS = frozenset({"device", "devices"})
"""What of the facts about a store cannot be made up again."""
DECK_TYPES = (str, int, str, str, int, int, str, bytes)
LONGEST = 1_000_000
"""Bytes of a line that is looked for as text."""

Progress = Callable[[int, int], object]


def quietly(_done: int, _of: int) -> None:
    """Progress that nobody looks at."""


class Saved(NamedTuple):
    """What was found in a damaged file."""

    lines: dict[EventId, str]
    """The log by id; of two versions the one whose columns say the same as its line."""
    doubtful: frozenset[EventId]
    """Of these the columns and the line do not agree, or there are no columns: another source is to be preferred."""
    decks: dict[str, tuple[int, DeckSource]]
    """Place and source by deck."""
    paths: frozenset[str]
    """Where decks are whose text in the database is not whole."""
    facts: dict[str, str]
    named: frozenset[EventId]
    """Ids that an index names: what of them nobody has is lost."""


class Salvage:
    """Goes through all pages of a file and its write-ahead log once."""

    def __init__(self, digest: Callable[[bytes], str]) -> None:
        """`digest` gives the hash of a deck's text."""
        self._digest = digest
        self._lines: dict[EventId, str] = {}
        self._doubtful: set[EventId] = set()
        self._mismatched: list[tuple[str, Event]] = []
        self._decks: dict[str, tuple[int, DeckSource]] = {}
        self._paths: set[str] = set()
        self._facts: dict[str, str] = {}
        self._named: set[EventId] = set()

    def read(self, path: str, progress: Progress = quietly) -> Saved:
        """What the file at `path` yields; it is only read."""
        pages = Pages(path)
        try:
            for number, page, from_log in pages.all():
                found, whole = records(pages, number, page, from_log=from_log)
                for record in found:
                    self._take(record)
                if not whole:
                    self._search(page)
                if number % 256 == 0:
                    progress(number, pages.count)
        finally:
            pages.close()
        self._settle()
        known, paths = frozenset(self._named), frozenset(self._paths)
        return Saved(self._lines, frozenset(self._doubtful), self._decks, paths, self._facts, known)

    def _take(self, record: Record) -> None:
        values = record.values
        if len(values) == EVENT_COLUMNS:
            self._event(values)
        elif len(values) == DECK_COLUMNS and all(map(isinstance, values, DECK_TYPES)):
            self._deck(values)
        elif len(values) in {2, 3} and isinstance(values[-1], str) and ID.fullmatch(values[-1]):
            self._named.add(EventId(values[-1]))
        elif len(values) == FACT_COLUMNS and values[0] in FACTS and isinstance(values[1], str):
            self._facts.setdefault(values[0], values[1])

    def _event(self, values: tuple[Any, ...]) -> None:
        line = values[-1]
        if not isinstance(line, str) or not line.startswith("{"):
            return
        if values[0] in self._lines and values[0] not in self._doubtful:
            return
        try:
            event = from_line(line)
        except LineError:
            return
        if row_of(event) == values:
            self._lines[event.id] = line
            self._doubtful.discard(event.id)
        elif event.id == values[0]:
            self._doubt(event)
        elif isinstance(values[0], str):
            self._mismatched.append((values[0], event))

    def _doubt(self, event: Event) -> None:
        if event.id not in self._lines:
            self._lines[event.id] = to_line(event)
            self._doubtful.add(event.id)

    def _deck(self, values: tuple[Any, ...]) -> None:
        deck, place, *rest = values
        source = DeckSource(deck, *rest)
        if not is_whole(source, self._digest):
            self._paths.add(source.path)
            return
        other = self._decks.get(deck)
        if other is None or other[1].mtime_ns < source.mtime_ns:
            self._decks[deck] = (place, source)

    def _search(self, page: bytes) -> None:
        """Lines of the log as text in a page whose order is broken."""
        at = page.find(LINE_START)
        while at >= 0:
            for line in _whole_lines(page[at : at + LONGEST]):
                with suppress(LineError):
                    self._doubt(from_line(line))
            at = page.find(LINE_START, at + 1)

    def _settle(self) -> None:
        """Where the id of a row and that of its line differ, an index says which of them is right."""
        for column, event in self._mismatched:
            if column in self._named and event.id not in self._named and hasattr(event, "_replace"):
                self._doubt(event._replace(id=EventId(column)))
            else:
                self._doubt(event)


def _whole_lines(data: bytes) -> Iterator[str]:
    """The JSON object at the start of `data`, if it is whole."""
    text = data.decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return
    if "\ufffd" not in text[:end]:
        yield text[:end]


def is_whole(source: DeckSource, digest: Callable[[bytes], str]) -> bool:
    """Whether the text of a deck can be unpacked, and is the one that its hash was made of."""
    try:
        text = zlib.decompress(source.source)
    except zlib.error:
        return False
    return not source.hash or digest(text) == source.hash
