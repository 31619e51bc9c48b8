"""Text files of other programs: their bytes as text, whatever encoding and line ends they have."""

import codecs
import re
from pathlib import Path
from typing import NamedTuple

from flashcards.formats.source import Source, Span
from flashcards.model import Problem

MAX_BYTES = 16 * 2**20
"""The most a deck file may have; what is made of a longer one could not be read again."""
SPACE_LIKE = re.compile("[\x0b\x0c\x85]")
"""Line ends inside a cell, as some office programs write them."""
NO_TEXT = re.compile("[\x01-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
"""What no card may hold, and nobody sees."""
BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


class Opened(NamedTuple):
    """A file's text, every line with the same end, or what is wrong with it."""

    text: str = ""
    problem: Problem | None = None
    notes: tuple[str, ...] = ()


def opened(path: Path, name: str) -> Opened:
    """The text of the file at `path`, called `name` in messages."""
    with path.open("rb") as file:
        data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        message = f"the file has more than {MAX_BYTES:,} bytes"
        return Opened(problem=fault(name, 1, message, "split it into several files"))
    return decoded(data, name)


def decoded(data: bytes, name: str) -> Opened:
    """The text in `data`: UTF-8, or UTF-16 where the first bytes say so."""
    mark, encoding = next(((mark, codec) for mark, codec in BOMS if data.startswith(mark)), (b"", "utf-8"))
    try:
        text = data[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        return Opened(problem=_undecodable(data[len(mark) :], name, error))
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        message = "has a NUL byte, so it is no text"
        return Opened(problem=fault(name, line, message, "export it anew, as plain text in UTF-8"))
    text, removed = NO_TEXT.subn("", SPACE_LIKE.sub(" ", text))
    notes = (f"{counted(removed, 'control character')} left out",) if removed else ()
    return Opened(text=text, notes=notes)


def _undecodable(data: bytes, name: str, error: UnicodeDecodeError) -> Problem:
    """Where the first byte stands that is no text."""
    line = data[: error.start].decode(error.encoding, "replace").count("\n") + 1
    said = {"utf-8": "UTF-8"}.get(error.encoding, "UTF-16")
    return fault(name, line, f"byte 0x{data[error.start]:02x} is not {said}", "save the file as UTF-8")


def fault(name: str, line: int, message: str, hint: str = "") -> Problem:
    """A problem of a whole line."""
    return Problem(path=name, line=line, column=1, message=message, hint=hint)


def fault_at(source: Source, line: int, message: str, hint: str = "") -> Problem:
    """A problem of a line, counted from 1, with the line itself."""
    width = max(len(source.line(line - 1)), 1)
    return source.problem(Span(line=line - 1, column=0, end=width), message, hint)


def counted(number: int, noun: str) -> str:
    """`1 row`, `12,000 rows`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")
