"""The pages of a damaged database, read without SQLite: every record that a page still holds, whatever lies around it.

SQLite walks from the root of a table and gives up at the first page that makes no sense. Here every page is looked
at for itself, and what comes out is only a guess: who asks for it checks each record. The format is SQLite's
(https://www.sqlite.org/fileformat2.html).
"""

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, TypeAlias

from flashcards.store.backup_file import SQLITE

HEADER_BYTES = 100
INDEX_INTERIOR, INDEX_LEAF, TABLE_LEAF = 0x02, 0x0A, 0x0D
KINDS = (INDEX_LEAF, INDEX_INTERIOR, TABLE_LEAF)
PAGE_SIZES = tuple(1 << power for power in range(9, 17))
USUAL_PAGE_SIZE = 4096
LOOKED_AT = 64
"""Pages from which the size of a page is guessed where the header does not say it."""
MOST_PAYLOAD = 64_000_000
"""Bytes of one record: beyond it a length is a slip."""
MOST_COLUMNS = 100
"""Of a record; a table of ours has a dozen."""
MOST_FOLLOWED = 100
"""Records that go on in one page: in a sound file it is one, in a damaged one they may lead in circles."""
WAL_HEADER, FRAME_HEADER = 32, 24

Values: TypeAlias = tuple[Any, ...]


class Record(NamedTuple):
    """The columns of one row of a table, or of one entry of an index."""

    values: Values
    kind: int
    page: int


class Pages:
    """The pages of a file, those of its write-ahead log above them."""

    def __init__(self, path: str) -> None:
        self._file = _opened(path)
        self.size = self._page_size()
        self.usable = self.size - self._reserved()
        self.count = -(-Path(path).stat().st_size // self.size) if self._file else 0
        self._log = _opened(f"{path}-wal")
        self._frames = self._newest_frames(self._log) if self._log else {}
        self._followed: Counter[int] = Counter()

    def close(self) -> None:
        """Lets go of the files."""
        for file in (self._file, self._log):
            if file is not None:
                file.close()

    def below(self, number: int) -> bytes:
        """A page of the database itself."""
        if self._file is None or not 0 < number <= self.count:
            return b""
        self._file.seek((number - 1) * self.size)
        return self._file.read(self.size)

    def newest(self, number: int) -> bytes:
        """A page as it was last written."""
        place = self._frames.get(number)
        if place is None or self._log is None:
            return self.below(number)
        self._log.seek(place)
        return self._log.read(self.size)

    def going_on(self, number: int, *, from_log: bool) -> bytes:
        """A page in which a long record goes on; nothing where too many have gone on there already."""
        self._followed[number] += 1
        if self._followed[number] > MOST_FOLLOWED:
            return b""
        return self.newest(number) if from_log else self.below(number)

    def all(self) -> "Iterator[tuple[int, bytes, bool]]":
        """Number and bytes of every page, whether it comes from the write-ahead log; an older one may follow."""
        for number in sorted(self._frames):
            yield number, self.newest(number), True
        for number in range(1, self.count + 1):
            yield number, self.below(number), False

    # ------------------------------------------------------------ sizes

    def _page_size(self) -> int:
        header = self._head()
        said = int.from_bytes(header[16:18], "big") if len(header) >= HEADER_BYTES else 0
        said = 1 << 16 if said == 1 else said
        if header.startswith(SQLITE) and said == USUAL_PAGE_SIZE:
            return said
        sizes = sorted(PAGE_SIZES, key=lambda size: (size != said, size != USUAL_PAGE_SIZE))
        return max(sizes, key=self._sense)

    def _sense(self, size: int) -> float:
        """The share of the first pages that look like pages, if they have this size."""
        if self._file is None:
            return 0
        self._file.seek(size)
        pages = [self._file.read(size) for _ in range(LOOKED_AT)]
        likely = [_looks_like_one(page) for page in pages if len(page) == size]
        return sum(likely) / len(likely) if likely else 0

    def _reserved(self) -> int:
        """Bytes at the end of each page that are not SQLite's; a few builds keep some."""
        header = self._head()
        return header[20] if len(header) >= HEADER_BYTES and header[20] in {8, 12, 16, 32} else 0

    def _head(self) -> bytes:
        if self._file is None:
            return b""
        self._file.seek(0)
        return self._file.read(HEADER_BYTES)

    # ------------------------------------------------------------ the write-ahead log

    def _newest_frames(self, log: BinaryIO) -> Mapping[int, int]:
        """Where the newest image of each page begins, up to the last commit.

        Checksums are passed by: SQLite forgets everything behind the first wrong one, and each page is checked here.
        """
        log.seek(0)
        header = log.read(WAL_HEADER)
        said = int.from_bytes(header[8:12], "big")
        size = said if said in PAGE_SIZES else self.size
        heads = list(_frame_heads(log, size))
        salts = Counter([header[16:24], *(salt for _, _, salt, _ in heads[:2])]).most_common(1)[0][0]
        last = max((place for _, _, salt, place in heads if salt == salts), default=0)
        committed: dict[int, int] = {}
        pending: dict[int, int] = {}
        for number, pages, _, place in heads:
            if place > last:  # what is left of an older log
                break
            pending[number] = place
            if pages:
                committed |= pending
                pending = {}
        if self._file is None or not self.count:
            self.size, self.usable = size, size
        return committed if size == self.size else {}


def _opened(path: str) -> BinaryIO | None:
    """The file, closed by whoever asked; None where there is none, no longer, or something that would never end."""
    try:
        return open(path, "rb") if Path(path).is_file() else None  # noqa: PTH123
    except FileNotFoundError:
        return None


def _frame_heads(log: BinaryIO, size: int) -> Iterator[tuple[int, int, bytes, int]]:
    """Of each frame: the page, the size of the database if it is a commit, the salts, where the page begins."""
    place = WAL_HEADER
    while True:
        log.seek(place)
        head = log.read(FRAME_HEADER)
        if len(head) < FRAME_HEADER:
            return
        number, pages = struct.unpack(">II", head[:8])
        yield number, pages, head[8:16], place + FRAME_HEADER
        place += FRAME_HEADER + size


def _looks_like_one(page: bytes) -> bool:
    """Whether bytes may be a page with rows in it."""
    if page[0] not in {0x02, 0x05, 0x0A, 0x0D}:
        return False
    header = 12 if page[0] in {0x02, 0x05} else 8
    cells, start = struct.unpack(">HH", page[3:7])
    return bool(header + 2 * cells <= (start or 1 << 16) and start <= len(page))


# ---------------------------------------------------------------- records


def records(pages: Pages, number: int, page: bytes, *, from_log: bool) -> tuple[list[Record], bool]:
    """What a page holds, and whether all of it made sense; a page whose first byte is wrong is tried as every kind."""
    start = HEADER_BYTES if number == 1 else 0
    if len(page) < pages.size or not any(page[start:]):
        return [], not page or len(page) == pages.size
    kind = page[start]
    if kind == 0x05:  # noqa: PLR2004  (the inside of a table's tree has no rows; but one bit makes a leaf of it)
        found, whole = _cells(pages, number, page, TABLE_LEAF, from_log=from_log)
        return found, not found and not whole
    if kind in KINDS:
        found, whole = _cells(pages, number, page, kind, from_log=from_log)
        if whole:
            return found, True
    else:
        found = []
    for other in KINDS:
        if other != kind:
            found += _cells(pages, number, page, other, from_log=from_log)[0]
    return found, False


def _cells(pages: Pages, number: int, page: bytes, kind: int, *, from_log: bool) -> tuple[list[Record], bool]:
    start = HEADER_BYTES if number == 1 else 0
    array = start + (12 if kind == INDEX_INTERIOR else 8)
    said = int.from_bytes(page[start + 3 : start + 5], "big")
    found, sound = [], 0
    place = array
    read = partial(pages.going_on, from_log=from_log)
    while place + 2 <= len(page):
        at = int.from_bytes(page[place : place + 2], "big")
        count = (place - array) // 2
        if count >= said and not place + 2 <= at < len(page):  # beyond what is said there may be more, if that is wrong
            break
        values = _cell(page, at, kind, pages.usable, read) if at > place else None
        if values is not None:
            found.append(Record(values, kind, number))
            sound += count < said
        place += 2
        if count > len(page) // 4:
            break
    return found, sound == said


def _cell(page: bytes, at: int, kind: int, usable: int, read: Any) -> Values | None:  # noqa: ANN401  (a method)
    """The columns of the cell at `at`; None if it makes no sense."""
    try:
        at += 4 if kind == INDEX_INTERIOR else 0
        payload, at = _varint(page, at)
        if kind == TABLE_LEAF:
            _, at = _varint(page, at)
        if not 0 < payload <= MOST_PAYLOAD:
            return None
        local = _local(payload, usable, kind)
        data = page[at : at + local]
        if local < payload:
            data = _with_overflow(data, page[at + local : at + local + 4], payload, usable, read)
        return _columns(data) if len(data) == payload else None
    except (IndexError, ValueError, struct.error):
        return None


def _local(payload: int, usable: int, kind: int) -> int:
    """How many bytes of a record stand in the page itself."""
    most = usable - 35 if kind == TABLE_LEAF else (usable - 12) * 64 // 255 - 23
    if payload <= most:
        return payload
    least = (usable - 12) * 32 // 255 - 23
    some = least + (payload - least) % (usable - 4)
    return some if some <= most else least


def _with_overflow(data: bytes, pointer: bytes, payload: int, usable: int, read: Any) -> bytes:  # noqa: ANN401
    parts, got, number = [data], len(data), int.from_bytes(pointer, "big")
    while got < payload and number:
        page = read(number)
        if len(page) < usable:
            break
        parts.append(page[4 : min(usable, 4 + payload - got)])
        got += len(parts[-1])
        number = int.from_bytes(page[:4], "big")
    return b"".join(parts)


def _columns(data: bytes) -> Values:
    length, at = _varint(data, 0)
    if not 0 < length <= len(data):
        raise ValueError(length)
    types, place = [], length
    while at < length:
        kind, at = _varint(data, at)
        types.append(kind)
        if len(types) > MOST_COLUMNS:
            raise ValueError(length)
    values = []
    for kind in types:
        value, place = _value(data, place, kind)
        values.append(value)
    if place != len(data):
        raise ValueError(place)
    return tuple(values)


INTEGER_BYTES = (0, 1, 2, 3, 4, 6, 8)
CONSTANTS = {0: None, 8: 0, 9: 1}
FLOAT, FIRST_BLOB = 7, 12


def _value(data: bytes, place: int, kind: int) -> tuple[Any, int]:
    if kind in CONSTANTS:
        return CONSTANTS[kind], place
    if kind < FLOAT:
        end = place + INTEGER_BYTES[kind]
        return int.from_bytes(data[place:end], "big", signed=True), end
    if kind == FLOAT:
        return struct.unpack(">d", data[place : place + 8])[0], place + 8
    if kind < FIRST_BLOB:
        raise ValueError(kind)
    end = place + (kind - FIRST_BLOB) // 2
    if end > len(data):
        raise ValueError(end)
    piece = data[place:end]
    return (piece.decode("utf-8", "surrogateescape") if kind % 2 else piece), end


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """SQLite's number of up to nine bytes, and the place behind it."""
    number = data[at]
    if number < 0x80:  # noqa: PLR2004  (the common case)
        return number, at + 1
    number &= 0x7F
    for step in range(1, 8):
        byte = data[at + step]
        number = number << 7 | byte & 0x7F
        if byte < 0x80:  # noqa: PLR2004
            return number, at + step + 1
    return number << 8 | data[at + 8], at + 9


# ---------------------------------------------------------------- the chain of the write-ahead log


def cut_commits(path: str) -> int:
    """How many transactions of the write-ahead log stand behind a frame that is broken, and so are passed over.

    A process that was killed leaves frames without a commit; those are none.
    """
    log = _opened(f"{path}-wal")
    if log is None:
        return 0
    with log:
        header = log.read(WAL_HEADER)
        if len(header) < WAL_HEADER:
            return 0
        magic, _, size, _, *_ = struct.unpack(">8I", header)
        order = ">" if magic & 1 else "<"
        sound = magic in WAL_MAGIC and size in PAGE_SIZES
        chain = _chained(header[:24], (0, 0), order)
        sound = sound and chain == struct.unpack(">II", header[24:32])
        return _cut(log, size if sound else USUAL_PAGE_SIZE, header[16:24], chain if sound else None, order)


def _cut(log: BinaryIO, size: int, salts: bytes, chain: "Chain | None", order: str) -> int:
    cut, is_known = 0, chain is not None
    for _, pages, salt, place in _frame_heads(log, size):
        if is_known and salt != salts:  # what is left of an older log, or a slip
            chain = None
            continue
        log.seek(place - FRAME_HEADER)
        frame = log.read(FRAME_HEADER + size)
        if chain is not None:
            chain = _chained(frame[:8] + frame[FRAME_HEADER:], chain, order) if len(frame) % 8 == 0 else None
            if chain != struct.unpack(">II", frame[16:24]):
                chain = None
        cut += chain is None and pages > 0 and len(frame) == FRAME_HEADER + size
    return cut


Chain: TypeAlias = tuple[int, int]
WAL_MAGIC = (0x377F0682, 0x377F0683)


def _chained(data: bytes, chain: Chain, order: str) -> Chain:
    one, two = chain
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for first, second in zip(words[::2], words[1::2], strict=True):
        one = (one + first + two) & 0xFFFFFFFF
        two = (two + second + one) & 0xFFFFFFFF
    return one, two
