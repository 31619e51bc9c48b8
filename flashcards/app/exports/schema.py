"""JSON Schemas (draft-07) of the exports, from their columns."""

from collections.abc import Callable, Mapping
from typing import Any

from flashcards.app.exports.columns import PROGRESS, REVIEWS, SHARE, STATS, Export
from flashcards.store.database_out import Column

Schema = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
JSON_TYPES: Mapping[str, Schema] = {
    "text": {"type": "string"},
    "integer": {"type": "integer"},
    "number": {"type": "number"},
    "boolean": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "texts": {"type": "array", "items": {"type": "string"}},
}
WHOLE: Schema = {"type": "integer", "minimum": 0}
TEXT: Schema = {"type": "string"}
NUMBER: Schema = {"type": "number"}
BOOLEAN = JSON_TYPES["boolean"]
DAY = JSON_TYPES["day"]
LOW = Column("retention_low", "number", "the least it may truly be, with 95 % confidence", SHARE, empty=True)
HIGH = Column("retention_high", "number", "the most it may truly be, with 95 % confidence", SHARE, empty=True)
EACH = Column("each_ms", "integer", "mean time of an answer, extra ones included", "milliseconds", empty=True)
COUNTED = (*STATS.columns[2:], EACH, LOW, HIGH)
"""What is counted of any stretch of time."""


def of_column(column: Column) -> Schema:
    """One value."""
    schema = dict(JSON_TYPES[column.type])
    if column.unit == SHARE:
        schema |= {"minimum": 0, "maximum": 1}
    if column.values:
        schema["enum"] = [*column.values]
    if column.empty:
        schema["type"] = [schema["type"], "null"]
    return schema | {"description": f"{column.means} ({column.unit})" if column.unit else column.means}


def of_row(columns: tuple[Column, ...]) -> Schema:
    """One row as an object; `typed` is there when it was asked for."""
    made = _object(**{column.name: of_column(column) for column in columns})
    made["required"] = [name for name in made["required"] if name != "typed"]
    return made


def of_progress() -> Schema:
    """The object of `--format json`; a line of JSON lines is its definition `row`."""
    whole = _object(
        schema={"const": PROGRESS.schema}, at=JSON_TYPES["moment"], cards=_list({"$ref": "#/definitions/row"})
    )
    return _named(PROGRESS, whole | {"definitions": {"row": of_row(PROGRESS.columns)}})


def of_reviews() -> Schema:
    """A line of `--format jsonl`."""
    return _named(REVIEWS, of_row(REVIEWS.columns))


def of_stats() -> Schema:
    """The object of `--format json`, which holds more than the rows; a line of JSON lines is its definition `row`."""
    whole = _object(
        schema={"const": STATS.schema},
        day=DAY,
        since=_or_null(DAY),
        until=_or_null(DAY),
        only_decks=_list(TEXT),
        only_tags=_list(TEXT),
        **_of_the_past(),
        **_of_the_cards(),
    )
    numbers = {name: _or_null(NUMBER) for name in ("value", "low", "high")}
    definitions = {
        "row": of_row(STATS.columns),
        "share": _object(part=WHOLE, whole=WHOLE, **numbers),
        "bar": _object(**{"from": NUMBER}, below=_or_null(NUMBER), cards=WHOLE),
    }
    return _named(STATS, whole | {"definitions": definitions})


def _of_the_past() -> dict[str, Schema]:
    """What was done, and how well it was known."""
    share = {"$ref": "#/definitions/share"}
    return {
        "periods": _list(_counted(name=TEXT)),
        "total": _counted(),
        "streak_days": WHOLE,
        "longest_streak_days": WHOLE,
        "days_off": WHOLE,
        "retention": _object(all=share, young=share, mature=share),
        "target": NUMBER,
        "days": _list(_counted(day=DAY)),
        "weeks": _list(_counted(week=DAY)),
        "hours": _list(_counted(hour=WHOLE)),
        "weekdays": _list(_counted(weekday=WHOLE)),
    }


def _of_the_cards() -> dict[str, Schema]:
    """Where the cards stand, and what comes."""
    stages = dict.fromkeys(("cards", "cards_new", "cards_young", "cards_mature", "cards_suspended"), WHOLE)
    bar = {"$ref": "#/definitions/bar"}
    hard = {"card": TEXT, "front": _or_null(TEXT), "lapses": WHOLE, "leech": BOOLEAN, "typed": _or_null(TEXT)}
    tried = dict.fromkeys(("judged", "passed", "first_try", "tries", "hints", "cannot"), WHOLE)
    return {
        "cards": _object(**stages),
        "intervals": _list(bar),
        "ease": _list(bar),
        "forecast": _list(WHOLE),
        "ahead": _object(due=_list(WHOLE), young=_list(NUMBER), mature=_list(NUMBER)),
        "load_per_day": NUMBER,
        "balance": _or_null(NUMBER),
        "decks": _list(_counted(deck=TEXT, title=TEXT, known=WHOLE, **stages, due=WHOLE)),
        "tags": _list(_counted(tag=TEXT, **stages)),
        "hardest": _list(_counted(**hard)),
        "leeches": WHOLE,
        "commands": _object(**tried, mistakes=_list(_object(card=TEXT, typed=TEXT, times=WHOLE))),
    }


SCHEMAS: Mapping[str, Callable[[], Schema]] = {
    PROGRESS.name: of_progress,
    STATS.name: of_stats,
    REVIEWS.name: of_reviews,
}


def _named(export: Export, schema: Schema) -> Schema:
    return {"$schema": DRAFT, "title": export.schema, "description": export.means} | schema


def _object(**properties: Schema) -> Schema:
    """All of them are there; a later version may add others."""
    return {"type": "object", "required": [*properties], "properties": properties}


def _counted(**properties: Schema) -> Schema:
    """An object with what is counted of any stretch of time."""
    return _object(**properties, **{column.name: of_column(column) for column in COUNTED})


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}
