"""What comes through standard input: kept in a temporary file, its format found by looking at its start."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from flashcards.app.importing.arrival import Arrival
from flashcards.errors import BadRequest, UnknownFormat
from flashcards.store.backup_file import SQLITE

MOST_BYTES = 64 * 2**20
"""Of one source that is no file: more than any deck, and a package with pictures fits (ours)."""
CHUNK_BYTES = 1 << 16
START_BYTES = 4096
"""What is looked at to find the format."""
SUFFIXES = {
    "yaml": ".yaml",
    "csv": ".csv",
    "tsv": ".tsv",
    "markdown": ".md",
    "anki": ".apkg",
    "jsonl": ".jsonl",
}
"""The formats that `--format` names, and how a file of theirs ends."""
DECK_LINE = re.compile(r"^(?:deck|cards):(?:\s|$)", re.MULTILINE)
MARKDOWN_LINE = re.compile(r"^(?:[QC]: ?|#{1,6} |---$)|\S ::?:? \S", re.MULTILINE)


def from_stream(stream: BinaryIO, folder: Path, form: str) -> Arrival:
    """Standard input as a file in `folder`."""
    name = "standard input"
    return spooled(iter(lambda: stream.read(CHUNK_BYTES), b""), folder / "stdin", name, form)


def spooled(pieces: Iterable[bytes], path: Path, name: str, form: str = "") -> Arrival:
    """The pieces as a file that ends as its format wants it; raises where they are too many, or of no known format."""
    size = 0
    with path.open("xb") as file:
        for piece in pieces:
            size += len(piece)
            if size > MOST_BYTES:
                raise too_much(name)
            file.write(piece)
    if not size:
        raise BadRequest(f"{name} is empty", hint="pipe a deck into it: cat deck.yaml | cards import -")
    if not form:
        with path.open("rb") as file:
            form = sniffed(file.read(START_BYTES))
    if not form:
        raise UnknownFormat(f"{name} is of no known format", hint=f"say which: --format {'|'.join(SUFFIXES)}")
    whole = path.with_name(path.name + SUFFIXES.get(form, ""))
    return Arrival(path=path.rename(whole), name=name, format=form)


def too_much(name: str) -> BadRequest:
    """The error for a source that does not end."""
    limit = MOST_BYTES // 2**20
    return BadRequest(f"{name} has more than {limit} MB", hint="save it to a file and import that, or split it")


def sniffed(start: bytes) -> str:
    """The format of something that starts so; "" where nothing is sure."""
    if start.startswith((b"PK\x03\x04", SQLITE)):
        return "anki"
    if b"\x00" in start:
        return ""
    text = start.decode("utf-8", errors="replace").removeprefix("\ufeff").lstrip("\r\n ")
    first = text.partition("\n")[0].rstrip("\r")
    if first.startswith("{"):
        return "jsonl"
    if DECK_LINE.search(text):
        return "yaml"
    if first.startswith(("#separator:", "#html:")):
        return "csv"
    if MARKDOWN_LINE.search(text):
        return "markdown"
    if "\t" in first:
        return "tsv"
    return "csv" if "," in first or ";" in first else ""
