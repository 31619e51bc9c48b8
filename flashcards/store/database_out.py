"""A database for other programs: a few plain tables, each column explained in the file itself."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from itertools import islice
from os import PathLike, fspath
from typing import Any, NamedTuple

from flashcards.errors import StoreError

TYPES: Mapping[str, type] = {
    "text": str,
    "integer": int,
    "number": float,
    "boolean": int,
    "day": str,
    "moment": str,
    "texts": str,
}
"""What SQLite keeps for each type of a column: it has neither days nor lists."""
FAST = ("pragma journal_mode = off", "pragma synchronous = off")
"""Nobody looks at the file before it is complete, and one that is not is thrown away."""
AT_ONCE = 1_000


class Column(NamedTuple):
    """One column, under a name that is a promise."""

    name: str
    type: str
    """One of `TYPES`."""
    means: str
    unit: str = ""
    empty: bool = False
    """Whether it may hold nothing."""
    values: tuple[str, ...] = ()
    """All that it may hold, where that is a short list."""


class Table(NamedTuple):
    """A table, and where its rows come from."""

    name: str
    means: str
    columns: tuple[Column, ...]
    rows: Iterable[tuple[Any, ...]]
    key: tuple[str, ...]
    refers: tuple[tuple[str, str, str], ...] = ()
    """Column, other table, its column."""
    indexes: tuple[tuple[str, ...], ...] = ()


COLUMNS = (
    Column("table_name", "text", "the table"),
    Column("column_name", "text", "the column"),
    Column("type", "text", "what it holds", values=tuple(TYPES)),
    Column("unit", "text", "what a number counts", empty=True),
    Column("meaning", "text", "what it says"),
)
ABOUT = (Column("name", "text", "what is told"), Column("value", "text", "what is so"))


def write(path: str | PathLike[str], tables: Iterable[Table], about: Mapping[str, str]) -> None:
    """Makes the database at `path`, where there is none; a table comes after those that it refers to."""
    from sqlite_utils import Database  # 80 to 115 ms

    told = [*tables]
    try:
        with closing(sqlite3.connect(fspath(path), isolation_level=None)) as connection:
            for pragma in FAST:
                connection.execute(pragma)
            database = Database(connection, execute_plugins=False)
            connection.execute("begin")
            for table in (*told, _explained(told), _about(about)):
                _create(database, table)
                _fill(connection, table)
                for columns in table.indexes:
                    database.table(table.name).create_index(columns)
            connection.execute("commit")
            connection.execute("analyze")
    except sqlite3.OperationalError as error:
        raise StoreError(f"cannot write the database: {error}", hint="make room, or choose another place") from error


def _create(database: Any, table: Table) -> None:  # noqa: ANN401  (a heavy type, only there inside `write`)
    database.table(table.name).create(
        {column.name: TYPES[column.type] for column in table.columns},
        pk=table.key if len(table.key) > 1 else table.key[0],
        not_null=[column.name for column in table.columns if not column.empty],
        foreign_keys=table.refers,
        strict=True,
    )


def _fill(connection: sqlite3.Connection, table: Table) -> None:
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    marks = ", ".join("?" * len(table.columns))
    sql = f'insert into "{table.name}" ({names}) values ({marks})'  # noqa: S608  (our own names)
    for rows in _many(_as_kept(table)):
        connection.executemany(sql, rows)


def _as_kept(table: Table) -> Iterator[tuple[Any, ...]]:
    """The rows as SQLite keeps them: a list as JSON, which it can take apart."""
    import json

    lists = [place for place, column in enumerate(table.columns) if column.type == "texts"]
    if not lists:
        yield from table.rows
        return
    for row in table.rows:
        values = [*row]
        for place in lists:
            values[place] = json.dumps(values[place], ensure_ascii=False)
        yield tuple(values)


def _many(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    while some := [*islice(rows, AT_ONCE)]:
        yield some


def _explained(tables: list[Table]) -> Table:
    rows = [
        (table.name, column.name, column.type, column.unit or None, column.means)
        for table in tables
        for column in table.columns
    ]
    return Table("columns", "what every column is", COLUMNS, rows, ("table_name", "column_name"))


def _about(about: Mapping[str, str]) -> Table:
    return Table("about", "where this came from", ABOUT, [*about.items()], ("name",))
