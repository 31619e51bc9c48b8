"""Writes an Anki collection as a database of schema 11, which every Anki of the last ten years imports."""

import html
import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from flashcards.formats.anki.collection import AnkiDeck, CardRow, Collection, NoteRow, NoteType

VERSION = 11
BATCH = 5_000
"""Rows that are in memory at once."""
SPEED = ("pragma journal_mode = off", "pragma synchronous = off")
"""The file is new, and nobody needs half of it."""
TABLES = (
    """
    create table col (
        id integer primary key, crt integer not null, mod integer not null, scm integer not null, ver integer not null,
        dty integer not null, usn integer not null, ls integer not null,
        conf text not null, models text not null, decks text not null, dconf text not null, tags text not null
    )
    """,
    # `sfld` is a number on purpose: texts of digits then sort as numbers, in Anki too.
    """
    create table notes (
        id integer primary key, guid text not null, mid integer not null, mod integer not null, usn integer not null,
        tags text not null, flds text not null, sfld integer not null, csum integer not null,
        flags integer not null, data text not null
    )
    """,
    """
    create table cards (
        id integer primary key, nid integer not null, did integer not null, ord integer not null,
        mod integer not null, usn integer not null, type integer not null, queue integer not null,
        due integer not null, ivl integer not null, factor integer not null, reps integer not null,
        lapses integer not null, left integer not null, odue integer not null, odid integer not null,
        flags integer not null, data text not null
    )
    """,
    """
    create table revlog (
        id integer primary key, cid integer not null, usn integer not null, ease integer not null,
        ivl integer not null, lastIvl integer not null, factor integer not null, time integer not null,
        type integer not null
    )
    """,
    "create table graves (usn integer not null, oid integer not null, type integer not null)",
)
INDEXES = (
    "create index ix_notes_usn on notes (usn)",
    "create index ix_cards_usn on cards (usn)",
    "create index ix_revlog_usn on revlog (usn)",
    "create index ix_cards_nid on cards (nid)",
    "create index ix_cards_sched on cards (did, queue, due)",
    "create index ix_revlog_cid on revlog (cid)",
    "create index ix_notes_csum on notes (csum)",
)


def save(collection: Collection, path: Path) -> None:
    """Writes the collection to a new file at `path`, a batch of rows at a time."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for statement in (*SPEED, "begin", *TABLES):
            connection.execute(statement)
        _header(connection, collection)
        sort_fields = {mid: kind.sort_field for mid, kind in collection.note_types.items()}
        _insert(connection, "notes", 11, (_note(note, sort_fields) for note in collection.notes()))
        _insert(connection, "cards", len(CardRow._fields), collection.cards())
        _insert(connection, "revlog", 9, collection.reviews())
        for statement in (*INDEXES, "commit"):
            connection.execute(statement)
    finally:
        connection.close()


def _insert(connection: sqlite3.Connection, table: str, columns: int, rows: Iterator[tuple[Any, ...]]) -> None:
    statement = f"insert into {table} values ({', '.join('?' * columns)})"  # noqa: S608  (constants)
    while batch := list(islice(rows, BATCH)):
        connection.executemany(statement, batch)


def _note(note: NoteRow, sort_fields: Mapping[int, int]) -> tuple[Any, ...]:
    fields = note.flds.split("\x1f")
    first = plain(fields[0])
    place = sort_fields.get(note.mid, 0)
    sort = plain(fields[place]) if 0 < place < len(fields) else first
    return (*note[:7], sort, checksum(first), note.flags, note.data)


MEDIA = re.compile(r"<(?:img|audio|video|source)\b[^>]*?\bsrc\s*=\s*[\"']?([^\"'> ]+)[^>]*>", re.IGNORECASE)
TAG = re.compile(r"<!--.*?-->|<style.*?</style>|<script.*?</script>|<[^>]*>", re.IGNORECASE | re.DOTALL)


def plain(field: str) -> str:
    """A field without markup, the names of its pictures kept: what Anki sorts by and compares."""
    if "<" in field:
        field = TAG.sub("", MEDIA.sub(r" \1 ", field))
    return html.unescape(field).replace("\xa0", " ") if "&" in field else field


def checksum(text: str) -> int:
    """The number by which Anki finds notes with the same first field."""
    from hashlib import sha1  # 3 ms of OpenSSL, only for packages

    return int(sha1(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:8], 16)


# ---------------------------------------------------------------- the one row of `col`


def _header(connection: sqlite3.Connection, collection: Collection) -> None:
    models = {str(mid): _note_type(kind) for mid, kind in collection.note_types.items()}
    decks = {str(did): _deck(deck) for did, deck in collection.decks.items()}
    decks.setdefault("1", _deck(AnkiDeck(id=1, name="Default")))
    written = (json.dumps(value, ensure_ascii=False) for value in (_config(collection), models, decks, _OPTIONS, {}))
    moment = collection.created * 1000
    row = (1, collection.created, moment, moment, VERSION, 0, 0, 0, *written)
    connection.execute(f"insert into col values ({', '.join('?' * len(row))})", row)  # noqa: S608  (constants)


def _config(collection: Collection) -> dict[str, Any]:
    """Without `schedVer` Anki takes the cards for those of its first scheduler and changes the grades."""
    return {
        **collection.config,
        "schedVer": 2,
        "sched2021": True,
        "creationOffset": collection.creation_west,
        "rollover": collection.rollover,
        "curDeck": 1,
        "activeDecks": [1],
        "newSpread": 0,
        "collapseTime": 1200,
        "timeLim": 0,
        "estTimes": True,
        "dueCounts": True,
        "curModel": next(iter(collection.note_types), None),
        "nextPos": 1,
        "sortType": "noteFld",
        "sortBackwards": False,
        "addToCur": True,
    }


def _note_type(kind: NoteType) -> dict[str, Any]:
    return {
        "id": kind.id,
        "name": kind.name,
        "type": int(kind.kind == "cloze"),
        "mod": 0,
        "usn": 0,
        "sortf": kind.sort_field,
        "did": None,
        "css": kind.css,
        "latexPre": _LATEX,
        "latexPost": "\\end{document}",
        "latexsvg": False,
        "req": [],
        "originalStockKind": kind.stock,
        "flds": [_field(name, place) for place, name in enumerate(kind.fields)],
        "tmpls": [
            {
                "name": template.name,
                "ord": place,
                "qfmt": template.question,
                "afmt": template.answer,
                "bqfmt": "",
                "bafmt": "",
                "did": None,
                "bfont": "",
                "bsize": 0,
            }
            for place, template in enumerate(kind.templates)
        ],
    }


def _field(name: str, place: int) -> dict[str, Any]:
    return {"name": name, "ord": place, "sticky": False, "rtl": False, "font": "Arial", "size": 20, "media": []}


_LATEX = "\\documentclass[12pt]{article}\n\\usepackage[utf8]{inputenc}\n\\pagestyle{empty}\n\\begin{document}\n"


def _deck(deck: AnkiDeck) -> dict[str, Any]:
    nothing = [0, 0]
    return {
        "id": deck.id,
        "name": deck.name,
        "desc": deck.description,
        "mod": 0,
        "usn": 0,
        "collapsed": False,
        "browserCollapsed": False,
        "dyn": 0,
        "conf": 1,
        "newToday": nothing,
        "revToday": nothing,
        "lrnToday": nothing,
        "timeToday": nothing,
        "extendNew": 0,
        "extendRev": 0,
    }


_OPTIONS = {
    "1": {
        "id": 1,
        "name": "Default",
        "mod": 0,
        "usn": 0,
        "maxTaken": 60,
        "autoplay": True,
        "timer": 0,
        "replayq": True,
        "new": {
            "bury": False,
            "delays": [1.0, 10.0],
            "initialFactor": 2500,
            "ints": [1, 4, 0],
            "order": 1,
            "perDay": 20,
        },
        "rev": {
            "bury": False,
            "ease4": 1.3,
            "ivlFct": 1.0,
            "maxIvl": 36500,
            "perDay": 200,
            "hardFactor": 1.2,
        },
        "lapse": {"delays": [10.0], "leechAction": 1, "leechFails": 8, "minInt": 1, "mult": 0.0},
        "dyn": False,
    }
}
"""The one set of options; what Anki itself begins with."""
