"""Lines of other devices into events: strict as `log.from_line`, many at once where they are as we write them.

A review as this program writes it is recognised by one expression, a sixth of the work of reading it as JSON; it
takes no line that `from_line` would refuse or write in another way. All others are read one by one.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

from flashcards.log import FARTHEST_DAY, LONGEST_TEXT, LineError, from_line
from flashcards.model import Event
from flashcards.sync.reading import LONGEST_LINE

_TEXT = r"[ !#-\[\]-~]"
"""A character that stands in JSON as it is, and that every text may have."""
_COUNT = "(?:0|[1-9][0-9]{0,14})"
REVIEW = (
    rf'^(\{{"v":1,"id":"({_TEXT}+)","kind":"review","card":"({_TEXT}*/{_TEXT}*)","grade":([0-5]),'
    r'"at":"([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{3}Z)",'
    r'"offset":(?:0|-?(?:[1-9][0-9]{0,2}|1[0-3][0-9]{2}|14[0-3][0-9])),'
    r'"day":"([0-9]{4}-[0-9]{2}-[0-9]{2})","mode":"(scheduled|drill|cram|imported)"'
    rf'(?:,"took_ms":{_COUNT})?(?:,"verdict":"{_TEXT}*")?(?:,"tries":{_COUNT})?(?:,"hints":{_COUNT})?'
    rf'(?:,"typed":"{_TEXT}*")?,"device":"({_TEXT}*)"(?:,"batch":"({_TEXT}+)")?\}})$'
)
MOST_FAULTS = 3
"""Faulty lines of a file that are told; of the others only their number."""
EXCERPT = 60
"""Characters of a faulty line that are shown."""

Row = tuple[str, str, str, str, str, str, str, str, str]
"""Of a review as we write it: line, id, card, grade, moment, day, mode, device, batch ("" for none)."""


class Fault(NamedTuple):
    """A line that is no event."""

    message: str
    excerpt: str


class Parsed(NamedTuple):
    """A block of lines."""

    rows: list[Row]
    events: list[Event]
    """All but those rows."""
    faults: list[Fault]
    faults_count: int


def parse(block: bytes) -> Parsed:
    """The events of a block of lines; what is none is told, and hinders nothing."""
    text = block.decode("utf-8", "surrogateescape")
    rows: list[Row] = _review().findall(text)
    if rows and max(map(len, map(itemgetter(0), rows))) > LONGEST_TEXT:  # then a text in it may be too long
        rows = [row for row in rows if len(row[0]) <= LONGEST_TEXT]
    moments, days = map(itemgetter(4), rows), map(itemgetter(5), rows)
    if not all(_is_near(at, day) for at, day in set(zip(map(itemgetter(slice(10)), moments), days, strict=True))):
        rows = [row for row in rows if _is_near(row[4][:10], row[5])]
    if len(rows) == text.count("\n") + 1:
        return Parsed(rows, [], [], 0)
    ours = {row[0] for row in rows}
    return _one_by_one(rows, (line for line in text.split("\n") if line not in ours))


@cache
def _review() -> re.Pattern[str]:
    return re.compile(REVIEW, re.MULTILINE)  # 3 ms, and only where there is something to read


def _one_by_one(rows: list[Row], lines: Iterable[str]) -> Parsed:
    events: list[Event] = []
    faults: list[Fault] = []
    count = 0
    for line in lines:
        if not line or line.isspace():
            continue
        try:
            if len(line) > LONGEST_LINE:
                raise LineError("too long")  # noqa: TRY301
            events.append(from_line(line.lstrip("\ufeff")))
        except LineError as error:
            count += 1
            if len(faults) < MOST_FAULTS:
                faults.append(Fault(error.message, line[:EXCERPT]))
    return Parsed(rows, events, faults, count)


@lru_cache(maxsize=10_000)
def _is_near(at: str, day: str) -> bool:
    """Whether both are days, and as near to each other as they must be."""
    try:
        return abs((date.fromisoformat(at) - date.fromisoformat(day)).days) <= FARTHEST_DAY
    except ValueError:
        return False


def pieces(lines: Iterable[str], at_once: int = 2_000) -> Iterator[bytes]:
    """Lines as bytes to write, many at once."""
    rest = iter(lines)
    while some := list(islice(rest, at_once)):
        yield ("\n".join(some) + "\n").encode()
