"""Decks out: the text that was taken in, or what another format makes of it."""

import csv
import io
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from flashcards.app import App
from flashcards.formats import by_name
from flashcards.formats.plain_yaml import plain

if TYPE_CHECKING:
    from flashcards.formats.plain import PlainDeck

SCHEMA = "cards.deck/1"


def texts(app: App, names: Sequence[str]) -> dict[str, bytes]:
    """The last good text of each deck, in the order in which they were named; of all where none is."""
    found = {source.deck: zlib.decompress(source.source) for source in app.store.decks(sources=True)}
    return {name: found[name] for name in (names or found)}


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
