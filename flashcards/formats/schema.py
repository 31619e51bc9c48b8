"""Deck format 1 as JSON Schema (draft-07), made from the field table that the reader goes by, for editors.

What a schema cannot say is in `docs/writing-cards.md`: names that two cards share, names that nobody has,
regular expressions that do not compile, gaps by the hundred, and how a value was written.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from flashcards.formats import readers
from flashcards.formats.fields import ANSWER_KEYS, BESIDE, TABLES, Field
from flashcards.formats.notes import NOT_WITH_CLOZE, TYPED_ONLY

Schema: TypeAlias = dict[str, Any]

DRAFT = "http://json-schema.org/draft-07/schema#"
ID = "urn:cards:deck:1"
SAYS_WHY = "patternErrorMessage"
"""What yaml-language-server says in place of a regular expression; other readers pass over it."""
SOMETHING = r"\S"
END = r"$(?!\n)"
"""Some dialects let `$` stand before a last line end."""
NUMERAL = r"^(?=[0-9]{1,9}$)0*(?:RANGE)" + END
SECONDS = r"^(?=[0-9]{1,6}[ sm]*$)0*(?:(?:RANGE) ?s?|(?:MINUTES) ?m)" + END
"""Both as `readers` has them, with the bounds spelt out: a schema bounds numbers, not the text `60s`."""
WORDS = r"^(?=\s*\S)\s*(?:WORD\s*)?(?:,\s*(?:WORD\s*)?)*$"
PATH = r"^(?![/\\~])(?!(?:[^/\\]*[/\\])*\.\.(?:[/\\]|$))(?![^/\\:]*:)[\s\S]*\S"
NO_GAP = r"(?!\{\{ *[cC][0-9])[\s\S]"
GAP = r"\{\{c[1-9][0-9]?::(?:(?!\}\}|::)NO_GAP)+(?:::(?:(?!\}\})NO_GAP)*)?\}\}"
CLOZE = rf"^(?:NO_GAP)*(?:{GAP}(?:NO_GAP)*)+$".replace("NO_GAP", NO_GAP)
MINUTE = 60


def deck_schema() -> Schema:
    """The whole schema, ready for JSON."""
    return {
        "$schema": DRAFT,
        "$id": ID,
        **_table("deck"),
        "title": "A deck of cards, format 1",
        "definitions": {"check": _step("check"), **_companions()},
    }


# ---------------------------------------------------------------- tables


def _table(name: str) -> Schema:
    fields = TABLES[name]
    made: Schema = {
        "title": name,
        "type": "object",
        "properties": {field.name: _property(field) for field in fields.values()},
        "additionalProperties": False,
    }
    if required := [field.name for field in fields.values() if field.required]:
        made["required"] = required
    else:
        made["minProperties"] = 1
    return {**made, **BETWEEN.get(name, {})}


def _property(field: Field) -> Schema:
    """What a key may hold, and the text that an editor shows of it."""
    made: Schema = {"description": field.help}
    if "`" in field.help:
        made["markdownDescription"] = field.help  # of a plain description editors show the backticks
    return {**made, **KINDS[field.kind](field)}


def _step(name: str) -> Schema:
    """A mapping with exactly one key of a table, and what may stand beside that key."""
    return {"type": "object", "oneOf": [_verb(field) for field in TABLES[name].values()]}


def _verb(field: Field) -> Schema:
    beside = {name: {"$ref": f"#/definitions/{field.beside}.{name}"} for name in BESIDE.get(field.beside, ())}
    return {
        "title": field.name,
        "properties": {field.name: _property(field), **beside},
        "required": [field.name],
        "additionalProperties": False,
    }


def _companions() -> Schema:
    """What may stand beside a step's key, said once: thirty checks share it."""
    return {f"{beside}.{name}": _property(field) for beside, table in BESIDE.items() for name, field in table.items()}


def _forbidden(names: tuple[str, ...]) -> Schema:
    return {"properties": dict.fromkeys(names, False)}


BETWEEN: Mapping[str, Schema] = {
    "card": {
        "if": {"required": ["cloze"]},
        "then": _forbidden(NOT_WITH_CLOZE),
        "else": {
            "required": ["front"],
            "anyOf": [{"required": ["answer"]}, {"required": ["back"]}],
            "dependencies": {name: ["answer"] for name in TYPED_ONLY},
        },
    },
    "run": {"dependencies": {"shell": _forbidden(("shells",))}},
}
"""What `notes` asks of keys that stand together."""


# ---------------------------------------------------------------- kinds


def _text(pattern: str = SOMETHING, why: str = "", **more: Any) -> Schema:  # noqa: ANN401  (any keyword of a schema)
    """Text as it is written: to YAML `3.10` and `true` are no text, to a deck they are."""
    said = {SAYS_WHY: why} if why else {}
    return {"type": ["string", "number", "boolean"], "pattern": pattern, **said, **more}


def _string(pattern: str, why: str) -> Schema:
    return _text(pattern, why, type="string")


def _whole(least: int, most: int, pattern: str, why: str) -> Schema:
    return _text(pattern, why, type=["integer", "string"], minimum=least, maximum=most)


def _one_or_list(item: Schema) -> Schema:
    return {"anyOf": [item, {"type": "array", "items": item}]}


def _by_name(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"minLength": 1}, "additionalProperties": value}


def _by_shell(value: Schema) -> Schema:
    keyed = {"type": "object", "properties": dict.fromkeys(ANSWER_KEYS, value), "additionalProperties": False}
    return {**keyed, "minProperties": 1}


def _words(word: str, why: str, **more: Any) -> Schema:  # noqa: ANN401  (any keyword of a schema)
    return _one_or_list(_text(WORDS.replace("WORD", f"(?:{word})"), why, **more))


def _choices(field: Field) -> Schema:
    """Names of a short list, each offered by the editor; or several of them with commas."""
    pattern = WORDS.replace("WORD", f"(?:{'|'.join(field.choices)})")
    several = _string(pattern, f"{field.name} has: {', '.join(field.choices)}")
    return _one_or_list({"anyOf": [{"enum": list(field.choices)}, several]})


def _pairs(_: Field) -> Schema:
    words = _by_name(_text())
    pair = {"type": "array", "items": _text(), "minItems": 2, "maxItems": 2}
    return {"anyOf": [words, {"type": "array", "items": {"anyOf": [words, pair]}}]}


def _number(field: Field) -> Schema:
    why = f"a whole number from {field.least} to {field.most:,}"
    return _whole(field.least, field.most, NUMERAL.replace("RANGE", numerals(field.least, field.most)), why)


def _seconds(field: Field) -> Schema:
    seconds, minutes = numerals(field.least, field.most), numerals(-(-field.least // MINUTE), field.most // MINUTE)
    pattern = SECONDS.replace("RANGE", seconds).replace("MINUTES", minutes)
    return _whole(field.least, field.most, pattern, f"{field.least} to {field.most} seconds, like `60s`")


def _id(pattern: str, rule: str) -> Schema:
    return _text(f"^{pattern}{END}", f"a name has {rule}", maxLength=readers.MOST_ID_CHARACTERS)


def _mode() -> Schema:
    """In octal digits; of a number YAML does not tell how it was written."""
    return _whole(0, 777, f"^{readers.MODE.pattern}{END}", "permissions like 0755")


def _list(item: Schema) -> Schema:
    return {"type": "array", "items": item, "minItems": 1}


def _reference(field: Field) -> Schema:
    """Checks hold checks, so they are said once; every other step is where it belongs."""
    return {"$ref": "#/definitions/check"} if field.of == "check" else _step(field.of)


def _alone(schema: Schema) -> Schema:
    """Draft-07 reads nothing that stands beside a `$ref`."""
    return {"allOf": [schema]} if "$ref" in schema else schema


def _text_kind(field: Field) -> Schema:
    return _string(CLOZE, "a gap is written {{c1::text}} or {{c1::text::hint}}") if field.name == "cloze" else _text()


PATTERN: Schema = {"maxLength": readers.MOST_PATTERN_CHARACTERS}
ID_RULE = "a-z, 0-9, `.`, `_` and `-`"
KINDS: Mapping[str, Callable[[Field], Schema]] = {
    "text": _text_kind,
    "content": lambda _: {"type": ["string", "number", "boolean"]},
    "deck id": lambda _: {
        **_id(readers.DECK_ID.pattern, "a-z, 0-9 and `-`"),
        "type": ["string", "integer", "boolean"],
        "minimum": 0,
    },
    "id": lambda _: _id(readers.ID.pattern, ID_RULE),
    "ids": lambda _: _words(readers.ID.pattern, f"an id has {ID_RULE}"),
    "references": lambda _: _words(readers.REFERENCE.pattern, f"an id has {ID_RULE}"),
    "programs": lambda _: _words(readers.PROGRAM.pattern, "a plain name of a program, or `python3 -m venv`", minimum=0),
    "names": lambda _: _one_or_list(_text()),
    "choices": _choices,
    "texts": lambda _: _one_or_list(_text()),
    "texts by name": lambda _: _by_name({"type": ["string", "number", "boolean"]}),
    "modes by name": lambda _: _by_name(_mode()),
    "patterns by name": lambda _: _by_name(_text(**PATTERN)),
    "pattern": lambda _: _text(**PATTERN),
    "variants": lambda _: {"anyOf": [_text(), _by_shell(_text())]},
    "lists of variants": lambda _: {"anyOf": [*_one_or_list(_text())["anyOf"], _by_shell(_one_or_list(_text()))]},
    "pairs": _pairs,
    "path": lambda _: _text(PATH, "a path inside the work folder: relative, without `..`"),
    "mode": lambda _: _mode(),
    "whole": _number,
    "wholes": lambda field: _one_or_list(_number(field)),
    "seconds": _seconds,
    "cards": lambda field: _list(_table(field.of)),
    "table": lambda field: _table(field.of),
    "tables": lambda field: _list(_table(field.of)),
    "step": lambda field: _alone(_reference(field)),
    "steps": lambda field: _list(_reference(field)),
}
"""Kind of value to its schema, as `compound.READERS` has a reader for each."""


# ---------------------------------------------------------------- numbers as text


def numerals(least: int, most: int) -> str:
    """A regular expression for the numerals from `least` to `most`, without zeros in front."""
    return "|".join(_blocks(least, most))


def _blocks(least: int, most: int) -> Iterator[str]:
    """From the bottom up, each time the biggest block of numbers whose last digits are free."""
    while least <= most:
        size = 1
        while least and least % (size * 10) == 0 and least + size * 10 - 1 <= most:
            size *= 10
        digit = least // size % 10
        last = min(9, digit + (most - least + 1) // size - 1)
        head, free = str(least // size)[:-1], len(str(size)) - 1
        yield f"{head}[{digit}-{last}]" + "[0-9]" * free
        least += (last - digit + 1) * size
