"""The collection's database, opened so that nothing in it can act, and read into the neutral model.

Schema 11 keeps note types and decks as JSON in one row, schema 18 as tables with Protocol Buffers in them.
"""

import json
import os
import sqlite3
import weakref
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from flashcards.formats.anki import protobuf
from flashcards.formats.anki.collection import (
    AnkiDeck,
    CardRow,
    Collection,
    NoteRow,
    NoteType,
    ReviewRow,
    Template,
)
from flashcards.formats.anki.package import BrokenPackageError

MOST_ROWS = 20_000_000
"""Of one table; a person with 300 reviews a day has them after 180 years."""
MOST_STEPS = 20_000
"""Times a million of SQLite's own instructions; a whole large collection takes a few hundred."""
STEPS = 1_000_000
LONGEST_VALUE = 64 << 20
LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: LONGEST_VALUE,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 1 << 20,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 100,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 0,
}
PRAGMAS = ("trusted_schema = off", "query_only = on", "cell_size_check = on", "mmap_size = 0", "temp_store = memory")
DEFENSIVE = 1010
"""SQLITE_DBCONFIG_DEFENSIVE; Python has a name for it from 3.12 on."""
ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ}
FUNCTIONS = {"coalesce", "max"}
NEEDED = ("col", "notes", "cards", "revlog")
STOCK_OCCLUSION = 6
TROUBLE = "do not trust where it came from"


class Database:
    """A hardened connection to a temporary file, which goes with it."""

    def __init__(self, path: str) -> None:
        self.connection = sqlite3.connect(
            f"{Path(path).as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None, check_same_thread=False
        )
        self._gone = weakref.finalize(self, _let_go, self.connection, path)
        try:
            self._harden()
        except BaseException:
            self.close()
            raise
        if os.name == "posix":
            os.unlink(path)  # noqa: PTH108  (the connection keeps it until it is closed)

    def close(self) -> None:
        """Lets go of the connection and of the file."""
        self._gone()

    def rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """The rows of a select, as many as may be."""
        found = self.connection.execute(sql)
        yield from islice(found, MOST_ROWS)
        if next(found, None) is not None:
            raise BrokenPackageError("it has too many rows")

    def names(self, of: str) -> set[str]:
        """The columns of a table."""
        return {column[0] for column in self.connection.execute(f"select * from {of} limit 0").description}  # noqa: S608

    def has(self, table: str) -> bool:
        """Whether there is such a table."""
        return table in self._tables

    def _harden(self) -> None:
        connection = self.connection
        connection.text_factory = _text
        for limit, value in LIMITS.items():
            connection.setlimit(limit, value)
        for pragma in PRAGMAS:
            connection.execute(f"pragma {pragma}")
        if hasattr(connection, "setconfig"):  # from Python 3.12 on; before it, what only reads has nothing to defend
            connection.setconfig(DEFENSIVE)
        connection.create_collation("unicase", _unicase)
        connection.set_progress_handler(_budget(), STEPS)
        connection.set_authorizer(_authorize)
        self._tables = set()
        for kind, name, sql in connection.execute("select type, name, sql from sqlite_master"):
            if kind in {"trigger", "view"} or (kind == "table" and "virtual" in (sql or "")[:40].lower()):
                what = "virtual table" if kind == "table" else kind
                raise BrokenPackageError(f"its database has a {what}, `{name[:60]}`, which no collection has", TROUBLE)
            if kind == "table":
                self._tables.add(name)
        if missing := [name for name in NEEDED if name not in self._tables]:
            raise BrokenPackageError(f"its database has no table `{missing[0]}`, so it is no collection of Anki's")
        (found,) = connection.execute("pragma quick_check(1)").fetchone()
        if found != "ok":
            raise BrokenPackageError("its database is damaged", "in Anki, Tools > Check Database, then export it again")


def _budget() -> Callable[[], int]:
    """What stops a select that would never end. It knows nothing of the database, which could not be let go of then."""
    left = iter(range(MOST_STEPS))
    return lambda: int(next(left, None) is None)


def collection(database: Database) -> Collection:
    """The collection, its rows still in the database."""
    first = next(database.rows("select cast(crt as integer), conf, models, decks from col limit 1"), None)
    if first is None:
        raise BrokenPackageError("its database has no row in `col`, so it is no collection of Anki's")
    created, conf, models, decks = first
    if database.has("notetypes"):
        config = _modern_config(database)
        note_types, its_decks = _modern_note_types(database), _modern_decks(database)
    else:
        config, note_types, its_decks = _object(conf), _old_note_types(_object(models)), _old_decks(_object(decks))
    return Collection(
        created=_whole(created),
        creation_west=_within(_whole(config.get("creationOffset")), 14 * 60),
        rollover=_whole(config.get("rollover", 4)) % 24,
        config=config,
        note_types=note_types,
        decks=its_decks,
        notes=_table(database, "notes", NoteRow, texts=("guid", "tags", "flds", "data")),
        cards=_table(database, "cards", CardRow, texts=("data",)),
        reviews=_table(database, "revlog", ReviewRow, names={"last_ivl": "lastIvl"}),
    )


def _table(
    database: Database,
    table: str,
    row: Any,  # noqa: ANN401  (a named tuple's class)
    *,
    texts: tuple[str, ...] = (),
    names: Mapping[str, str] | None = None,
) -> Callable[[], Iterator[Any]]:
    """The rows of a table; every column cast to what it should be, so that nothing odd comes out of it."""
    there = database.names(table)
    columns = [(names or {}).get(field, field) for field in row._fields]
    if missing := [column for column in columns if column not in there]:
        raise BrokenPackageError(f"its table `{table}` has no column `{missing[0]}`")
    casts = (
        f"coalesce(cast({column} as text), '')" if column in texts else f"coalesce(cast({column} as integer), 0)"
        for column in columns
    )
    sql = f"select {', '.join(casts)} from {table} order by id"  # noqa: S608  (constants)
    made = partial(tuple.__new__, row)  # what `_make` does, in half of the time
    return lambda: map(made, database.rows(sql))


# ---------------------------------------------------------------- schema 11


def _old_note_types(models: Mapping[str, Any]) -> dict[int, NoteType]:
    found = {}
    for key, model in models.items():
        if not isinstance(model, dict):
            raise TypeError("a note type is no object")
        fields = sorted(_objects(model.get("flds")), key=lambda one: _whole(one.get("ord")))
        templates = sorted(_objects(model.get("tmpls")), key=lambda one: _whole(one.get("ord")))
        found[_whole(key)] = NoteType(
            id=_whole(key),
            name=_words(model.get("name")),
            kind="cloze" if _whole(model.get("type")) == 1 else "basic",
            fields=tuple(_words(one.get("name")) for one in fields),
            templates=tuple(
                Template(name=_words(one.get("name")), question=_words(one.get("qfmt")), answer=_words(one.get("afmt")))
                for one in templates
            ),
            css=_words(model.get("css")),
            sort_field=_whole(model.get("sortf")),
            stock=_whole(model.get("originalStockKind")),
        )
    return found


def _old_decks(decks: Mapping[str, Any]) -> dict[int, AnkiDeck]:
    found = {}
    for key, deck in decks.items():
        if not isinstance(deck, dict):
            raise TypeError("a deck is no object")
        found[_whole(key)] = AnkiDeck(
            id=_whole(key),
            name=_words(deck.get("name")),
            filtered=bool(deck.get("dyn")),
            description=_words(deck.get("desc")),
        )
    return found


# ---------------------------------------------------------------- schema 18


def _modern_config(database: Database) -> dict[str, Any]:
    found = {}
    for key, value in database.rows("select cast(KEY as text), cast(val as text) from config"):
        try:
            found[key] = json.loads(value)
        except (ValueError, RecursionError):
            continue
    return found


def _modern_note_types(database: Database) -> dict[int, NoteType]:
    fields: dict[int, list[tuple[int, str]]] = {}
    for note_type, place, name in database.rows("select ntid, ord, cast(name as text) from fields"):
        fields.setdefault(note_type, []).append((_whole(place), name))
    templates: dict[int, list[tuple[int, Template]]] = {}
    for note_type, place, name, config in database.rows(
        "select ntid, ord, cast(name as text), cast(config as blob) from templates"
    ):
        said = protobuf.message(config or b"")
        template = Template(name=name, question=protobuf.text(said.get(1)), answer=protobuf.text(said.get(2)))
        templates.setdefault(note_type, []).append((_whole(place), template))
    found = {}
    for key, name, config in database.rows("select id, cast(name as text), cast(config as blob) from notetypes"):
        said = protobuf.message(config or b"")
        found[_whole(key)] = NoteType(
            id=_whole(key),
            name=name or "",
            kind="cloze" if protobuf.number(said.get(1)) == 1 else "basic",
            fields=tuple(name or "" for _, name in sorted(fields.get(key, []))),
            templates=tuple(one for _, one in sorted(templates.get(key, []))),
            css=protobuf.text(said.get(3)),
            sort_field=protobuf.number(said.get(2)),
            stock=protobuf.number(said.get(9)),
        )
    return found


def _modern_decks(database: Database) -> dict[int, AnkiDeck]:
    found = {}
    for key, name, kind in database.rows("select id, cast(name as text), cast(kind as blob) from decks"):
        filtered = 2 in protobuf.message(kind or b"")  # noqa: PLR2004  (the number of the field)
        found[_whole(key)] = AnkiDeck(id=_whole(key), name=(name or "").replace("\x1f", "::"), filtered=filtered)
    return found


# ---------------------------------------------------------------- values


def _object(text: Any) -> dict[str, Any]:  # noqa: ANN401  (a column)
    try:
        value = json.loads(text or "{}")
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(value, dict):
        raise TypeError("not an object")
    return value


def _objects(value: Any) -> list[dict[str, Any]]:  # noqa: ANN401  (any JSON)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _whole(value: Any) -> int:  # noqa: ANN401  (any JSON, or a column)
    try:
        return int(value or 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _within(value: int, most: int) -> int:
    return value if -most <= value <= most else 0


def _words(value: Any) -> str:  # noqa: ANN401  (any JSON)
    return value if isinstance(value, str) else ""


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")


def _unicase(one: str, other: str) -> int:
    first, second = one.casefold(), other.casefold()
    return (first > second) - (first < second)


def _authorize(action: int, first: str | None, second: str | None, *_: object) -> int:
    """Reading, one look for damage, and nothing else."""
    allowed = (
        action in ALLOWED
        or (action == sqlite3.SQLITE_FUNCTION and (first in FUNCTIONS or second in FUNCTIONS))
        or (action == sqlite3.SQLITE_PRAGMA and first == "quick_check")
    )
    return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY


def _let_go(connection: sqlite3.Connection, path: str) -> None:
    connection.close()
    Path(path).unlink(missing_ok=True)
