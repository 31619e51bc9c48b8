"""Rows as Parquet, a row group at a time; by pyarrow, which is an optional extra."""

from collections.abc import Generator, Iterator
from importlib import import_module
from itertools import islice
from typing import Any

from flashcards.app.exports.columns import Export
from flashcards.app.exports.rows import Sheet, Values
from flashcards.errors import UnknownFormat

GROUP = 20_000
"""Rows in a row group: a million make fifty."""


class _Pipe:
    """A file for pyarrow to write to; what was written is handed on."""

    closed = False

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def write(self, data: Any) -> int:  # noqa: ANN401  (a buffer of any kind)
        self._written.append(bytes(data))
        return len(self._written[-1])

    def flush(self) -> None:
        """Nothing waits here."""

    def taken(self) -> bytes:
        """What was written since the last time."""
        data = b"".join(self._written)
        self._written.clear()
        return data


def as_parquet(sheet: Sheet) -> Generator[bytes]:
    """The file, in pieces; raises UnknownFormat at once where pyarrow is missing."""
    arrow, parquet = _arrow()
    return _pieces(sheet, arrow, parquet)


def _arrow() -> tuple[Any, Any]:
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise UnknownFormat(
            "Parquet is written by `pyarrow`, which is not installed", hint="pip install 'cards-review[parquet]'"
        ) from None


def _pieces(sheet: Sheet, arrow: Any, parquet: Any) -> Generator[bytes]:  # noqa: ANN401  (a heavy module)
    schema, pipe = _schema(sheet.export, arrow), _Pipe()
    with parquet.ParquetWriter(pipe, schema, compression="zstd") as writer:
        for rows in _groups(sheet.rows):
            columns = zip(*rows, strict=True)
            arrays = [_array(arrow, [*values], field.type) for values, field in zip(columns, schema, strict=True)]
            writer.write_table(arrow.Table.from_arrays(arrays, schema=schema))
            yield pipe.taken()
    yield pipe.taken()


def _groups(rows: Iterator[Values]) -> Iterator[list[Values]]:
    while some := [*islice(rows, GROUP)]:
        yield some


def _array(arrow: Any, values: list[Any], kind: Any) -> Any:  # noqa: ANN401
    """Days and moments come as text and are read by pyarrow."""
    if arrow.types.is_temporal(kind):
        return arrow.array(values, arrow.string()).cast(kind)
    return arrow.array(values, kind)


def _schema(export: Export, arrow: Any) -> Any:  # noqa: ANN401
    kinds = {
        "text": arrow.string(),
        "integer": arrow.int64(),
        "number": arrow.float64(),
        "boolean": arrow.bool_(),
        "day": arrow.date32(),
        "moment": arrow.timestamp("ms", tz="UTC"),
        "texts": arrow.list_(arrow.string()),
    }
    fields = [
        arrow.field(one.name, kinds[one.type], nullable=one.empty, metadata={"meaning": one.means, "unit": one.unit})
        for one in export.columns
    ]
    return arrow.schema(fields, metadata={"schema": export.schema})
