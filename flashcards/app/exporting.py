"""Decks out: the text that was taken in, or what another format makes of it."""

import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.app import App
from flashcards.errors import BadRequest
from flashcards.formats import by_name
from flashcards.formats.plain_yaml import plain
from flashcards.places import real_path

if TYPE_CHECKING:
    from flashcards.formats.plain import PlainDeck

SCHEMA = "cards.deck/1"


def texts(app: App, names: Sequence[str]) -> dict[str, bytes]:
    """The last good text of each deck, in the order in which they were named; of all where none is."""
    found = {source.deck: zlib.decompress(source.source) for source in app.store.decks(sources=True)}
    return {name: found[name] for name in (names or found)}


def spare(app: App, target: Path, text: bytes | None = None) -> None:
    """Raises where a deck has its text in that file, and not this one: what a person wrote there is nowhere else."""
    for source in app.store.decks():
        path = Path(real_path(source.path))
        if path.is_file() and target.is_file() and path.samefile(target) and path.read_bytes() != text:
            raise BadRequest(
                f"`{target}` is where the deck `{source.deck}` has its text, and it says something else",
                hint=f"-o names another file; or cards import {target} takes in what it says",
            )


def written(sources: Mapping[str, bytes], form: str) -> Iterator[bytes]:
    """The decks in a format; YAML is the text itself."""
    if form == "yaml":
        yield from sources.values()
        return
    decks = [plain(data, f"{name}.yaml") for name, data in sources.items()]
    if form == "json":
        yield _json(decks)
    elif form == "tsv":
        yield _with_tabs(b"".join(by_name("csv").write(decks)))
    else:
        yield from by_name(form).write(decks)


def _json(decks: "Sequence[PlainDeck]") -> bytes:
    listed = [{key: value for key, value in deck._asdict().items() if value} for deck in decks]
    return json.dumps({"schema": SCHEMA, "decks": listed}, ensure_ascii=False, indent=2).encode() + b"\n"


def _with_tabs(table: bytes) -> bytes:
    """A table with commas as one with tabs."""
    text = io.StringIO()
    csv.writer(text, delimiter="\t").writerows(csv.reader(io.StringIO(table.decode(), newline="")))
    return text.getvalue().encode()
