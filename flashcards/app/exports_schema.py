"""JSON Schemas (draft-07) of the exports, from their columns."""

from collections.abc import Callable, Mapping
from typing import Any

from flashcards.app.exports_columns import PROGRESS, REVIEWS, SHARE, STATS, Export
from flashcards.store.clean import Column

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
DAY = JSON_TYPES["day"]
LOW = Column("retention_low", "number", "the least it may truly be, with 95 % confidence", SHARE, empty=True)
HIGH = Column("retention_high", "number", "the most it may truly be, with 95 % confidence", SHARE, empty=True)
COUNTED = (*STATS.columns[2:], LOW, HIGH)
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
    counted = {column.name: of_column(column) for column in COUNTED}
    cards = dict.fromkeys(("cards", "cards_new", "cards_young", "cards_mature", "cards_suspended"), WHOLE)
    share = {"$ref": "#/definitions/share"}
    whole = _object(
        schema={"const": STATS.schema},
        day=DAY,
        since=_or_null(DAY),
        until=_or_null(DAY),
        only_decks=_list(TEXT),
        only_tags=_list(TEXT),
        periods=_list(_object(name=TEXT, **counted)),
        total=_object(**counted),
        streak_days=WHOLE,
        longest_streak_days=WHOLE,
        days_off=WHOLE,
        retention=_object(all=share, young=share, mature=share),
        target=NUMBER,
        days=_list(_object(day=DAY, **counted)),
        weeks=_list(_object(week=DAY, **counted)),
        hours=_list(_object(hour=WHOLE, **counted)),
        weekdays=_list(_object(weekday=WHOLE, **counted)),
        cards=_object(**cards),
        intervals=_list({"$ref": "#/definitions/bar"}),
        ease=_list({"$ref": "#/definitions/bar"}),
        forecast=_list(WHOLE),
        ahead=_object(due=_list(WHOLE), young=_list(NUMBER), mature=_list(NUMBER)),
        load_per_day=NUMBER,
        balance=_or_null(NUMBER),
        decks=_list(_object(deck=TEXT, title=TEXT, known=WHOLE, **cards, due=WHOLE, **counted)),
        tags=_list(_object(tag=TEXT, **cards, **counted)),
        hardest=_list(
            _object(
                card=TEXT,
                front=_or_null(TEXT),
                lapses=WHOLE,
                leech={"type": "boolean"},
                typed=_or_null(TEXT),
                **counted,
            )
        ),
        leeches=WHOLE,
        commands=_object(
            judged=WHOLE,
            passed=WHOLE,
            first_try=WHOLE,
            tries=WHOLE,
            hints=WHOLE,
            cannot=WHOLE,
            mistakes=_list(_object(card=TEXT, typed=TEXT, times=WHOLE)),
        ),
    )
    definitions = {
        "row": of_row(STATS.columns),
        "share": _object(
            part=WHOLE, whole=WHOLE, **{name: {"type": ["number", "null"]} for name in ("value", "low", "high")}
        ),
        "bar": _object(**{"from": NUMBER}, below=_or_null(NUMBER), cards=WHOLE),
    }
    return _named(STATS, whole | {"definitions": definitions})


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


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}
