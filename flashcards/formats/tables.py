"""Rows of a table in text: what parts the cells is found, and every row knows its line."""

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import NamedTuple

SEPARATORS = "\t;,|"
"""In this order where several would do: prose has commas more often than tabs."""
SAMPLE = 200
"""Rows that are looked at to find the separator."""
MOST_ROWS = 100_000
MOST_COLUMNS = 200
SHARE = 0.5
"""Of the rows, how many must have the same number of cells for a separator to count."""
SURE = 0.9
"""The same where nothing else says that the text is a table."""


class Row(NamedTuple):
    """The cells of a row and the line where it starts, from 1."""

    line: int
    cells: list[str]


class TableError(Exception):
    """The text is no table: on which line, what is wrong, and the cure."""

    def __init__(self, line: int, message: str, hint: str) -> None:
        super().__init__(message)
        self.line, self.message, self.hint = line, message, hint


class Way(NamedTuple):
    """How a table is written."""

    separator: str
    comments: bool = False
    """Rows that start with `#` are none."""
    quotes: bool = True
    spaced: bool = False
    """A blank follows each separator."""
    share: float = 1.0
    """Of the rows looked at, how many have the usual number of cells."""
    columns: int = 0
    """The usual number of cells."""


class _Lines:
    """Feeds lines to the reader; leaves out comments, which may only stand where a row starts."""

    def __init__(self, lines: Sequence[str], *, first: int, comments: bool) -> None:
        self._lines = lines
        self._comments = comments
        self.next = first
        self.start = first
        self.fresh = True
        """Whether the next line starts a row."""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        while True:
            if self.next >= len(self._lines):
                raise StopIteration
            line = self._lines[self.next]
            self.next += 1
            if not (self.fresh and self._comments and line.startswith("#")):
                break
        if self.fresh:
            self.start = self.next
            self.fresh = False
        return line


def rows(lines: Sequence[str], way: Way, first: int = 0) -> Iterator[Row]:
    """The rows that are not blank, from line `first` (counted from 0); raises TableError."""
    feed = _Lines(lines, first=first, comments=way.comments)
    reader = csv.reader(
        feed,
        delimiter=way.separator,
        strict=True,
        quoting=csv.QUOTE_MINIMAL if way.quotes else csv.QUOTE_NONE,
        skipinitialspace=way.spaced,
    )
    while True:
        feed.fresh = True
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise _explained(error, feed) from None
        if cells is None:
            return
        if any(map(str.strip, cells)):
            yield Row(feed.start, cells)


def _explained(error: csv.Error, feed: _Lines) -> TableError:
    """What the reader's complaint means."""
    if "field larger" in str(error):
        return TableError(feed.start, f"a cell has more than {csv.field_size_limit():,} characters", "shorten it")
    hint = 'a quote inside a cell is written twice: "say ""hello"""'
    if "unexpected end" in str(error):
        return TableError(feed.start, "a quote is opened here and never closed", hint)
    return TableError(feed.next, "text follows the quote that ends a cell", hint)


def find_way(lines: Sequence[str], first: int, *, comments: bool, given: str = "") -> Way | None:
    """How the table is written; None if there are no columns. Raises TableError where it is broken."""
    tried = [_tried(lines, first, Way(one, comments=comments)) for one in (given or SEPARATORS)]
    fitting = [way for way in tried if given or (way.columns > 1 and way.share >= SHARE)]
    if not fitting:
        return None
    best = max(fitting, key=lambda way: way.share)
    if best.separator == "\t" and not _sound(lines, first, best):
        return best._replace(quotes=False)
    return best._replace(spaced=best.separator != "\t" and _spaced(lines, first, best))


def _tried(lines: Sequence[str], first: int, way: Way) -> Way:
    """The way with how well it fits: a quote that does not close is for the reading to tell."""
    sample = list(islice(_until_broken(lines, first, way), SAMPLE))
    if not sample and way.separator != "\t":
        return way._replace(share=0.0)
    if not sample:
        sample = list(islice(_until_broken(lines, first, way._replace(quotes=False)), SAMPLE))
    counts = Counter(len(row.cells) for row in sample)
    columns, number = max(counts.items(), key=lambda item: (item[1], item[0] > 1), default=(0, 0))
    return way._replace(share=number / max(len(sample), 1), columns=columns)


def _until_broken(lines: Sequence[str], first: int, way: Way) -> Iterator[Row]:
    try:
        yield from rows(lines, way, first)
    except TableError:
        return


def _sound(lines: Sequence[str], first: int, way: Way) -> bool:
    """Whether every quote is closed."""
    try:
        for _ in rows(lines, way, first):
            pass
    except TableError:
        return False
    return True


def _spaced(lines: Sequence[str], first: int, way: Way) -> bool:
    """Whether a blank follows each separator: it belongs to neither cell."""
    later = [cell for row in islice(_until_broken(lines, first, way), SAMPLE) for cell in row.cells[1:] if cell]
    return bool(later) and all(cell.startswith(" ") for cell in later)


def checked(found: Iterator[Row]) -> list[Row]:
    """All the rows; raises TableError where they are too many or too wide."""
    kept: list[Row] = []
    for row in found:
        if len(kept) >= MOST_ROWS:
            raise TableError(row.line, f"more than {MOST_ROWS:,} rows", "split the file")
        if len(row.cells) > MOST_COLUMNS:
            raise TableError(row.line, f"more than {MOST_COLUMNS} columns", "keep those that cards are made of")
        kept.append(row)
    return kept
