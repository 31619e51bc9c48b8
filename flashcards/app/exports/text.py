"""Rows as text: CSV, JSON, JSON lines, Markdown; in pieces of some hundred rows, so that memory stays flat."""

import json
from collections.abc import Callable, Generator, Iterable, Iterator
from io import StringIO
from itertools import islice
from typing import Any, TypeVar

from flashcards import clock
from flashcards.app.exports.rows import Sheet, Values
from flashcards.formats.cells import GUARD, is_formula
from flashcards.log import stamp
from flashcards.store.database_out import Column

AT_ONCE = 500
"""Rows in a piece."""
MARKS = {ord(sign): f"\\{sign}" for sign in "\\`*_[]~|"} | {
    ord("&"): "&amp;",
    ord("<"): "&lt;",
    ord(">"): "&gt;",
    ord("\n"): "<br>",
}
T = TypeVar("T")


def as_csv(sheet: Sheet) -> Generator[str]:
    """RFC 4180 with a header; no cell can be taken for a formula by a spreadsheet."""
    import csv

    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(sheet.export.names)
    checks = [(place, check) for place, column in enumerate(sheet.export.columns) if (check := _check(column))]
    for rows in many(sheet.rows):
        writer.writerows(_cells(row, checks) for row in rows)
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def _cells(row: Values, checks: list[tuple[int, Callable[[Any], object]]]) -> list[object]:
    cells = [*row]
    for place, check in checks:
        cells[place] = check(cells[place])
    return cells


def _check(column: Column) -> Callable[[Any], object] | None:
    """What makes a cell of a value; None where the value will do, since it is one of ours."""
    if column.type == "boolean":
        return ("false", "true").__getitem__
    if column.type == "texts":
        return lambda texts: cell(" ".join(texts))
    return cell if column.type == "text" and not column.values else None


def cell(text: str | None) -> str | None:
    """A text as a cell of CSV; what a spreadsheet would run as a formula gets an apostrophe in front."""
    if not text or text[0].isalnum():  # nearly every one
        return text
    return f"{GUARD}{text}" if is_formula(text) else text


def as_json(sheet: Sheet) -> Generator[str]:
    """One JSON object with all rows, in pieces."""
    yield f'{{"schema": "{sheet.export.schema}", "at": "{stamp(clock.now())}", "cards": ['
    comma = "\n"
    for lines in many(_objects(sheet)):
        yield comma + ",\n".join(lines)
        comma = ",\n"
    yield "\n]}\n"


def as_jsonl(sheet: Sheet) -> Generator[str]:
    """One JSON object a line."""
    for lines in many(_objects(sheet)):
        yield "\n".join(lines) + "\n"


def _objects(sheet: Sheet) -> Iterator[str]:
    encode, names = json.JSONEncoder(ensure_ascii=False).encode, sheet.export.names
    return (encode(dict(zip(names, row, strict=True))) for row in sheet.rows)


def as_md(sheet: Sheet) -> Generator[str]:
    """A pipe table; what Markdown would take for a mark is escaped."""
    columns = sheet.export.columns
    rules = [":-" if shown_as(column.type) is text_of else "-:" for column in columns]
    yield f"| {' | '.join(_marked(column.name) for column in columns)} |\n| {' | '.join(rules)} |\n"
    shows = [shown_as(column.type) for column in columns]
    for rows in many(sheet.rows):
        yield "".join(
            f"| {' | '.join(_marked(show(value)) for show, value in zip(shows, row, strict=True))} |\n" for row in rows
        )


def _marked(text: str) -> str:
    return " ".join(text.replace("\r\n", "\n").translate(MARKS).split())


def shown_as(kind: str) -> Callable[[object], str]:
    """How a page shows a value of a column; numbers are told from texts by it."""
    return number_of if kind in {"integer", "number"} else text_of


def number_of(value: object) -> str:
    """A number, or nothing."""
    return "" if value is None else str(value)


def text_of(value: object) -> str:
    """A text, the texts of a list, yes or nothing; without what no page may hold."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, list):
        value = " ".join(map(str, value))
    return "" if value is None else str(value).translate(UNSEEN)


HIDDEN = (*range(0x200E, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x2070), *range(0xE0000, 0xE0100))
UNSEEN = {
    code: None
    for code in (*range(32), *range(127, 160), 0xAD, 0x034F, 0x061C, 0x200B, 0x3164, 0xFEFF, 0xFFA0, *HIDDEN)
    if chr(code) not in "\t\n\r"
}
"""Controls, and marks that nobody sees or that turn the order of letters round."""


def many(items: Iterable[T]) -> Iterator[list[T]]:
    """Some hundred at a time."""
    rest = iter(items)
    while some := [*islice(rest, AT_ONCE)]:
        yield some
