"""Values of a card as single texts, the way a table holds them: plain where they can be, JSON where they must."""

import json
from collections.abc import Mapping
from typing import Any

from flashcards.formats.source import MOST_DEPTH

WORDS = ("tags", "platform", "was", "after")
"""Keys of several words, with commas between."""
STRUCTURED = ("answer", "accept", "wrong", "explain", "run")
"""Keys whose value may be more than a text."""
JSON_STARTS = '{["'
PAIR = 2
FORMULA_STARTS = ("=", "+", "-", "@", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""The last four are the wide forms of the signs, which some spreadsheets take for the signs themselves."""
GUARD = "'"
"""In front of a cell it says to a spreadsheet: this is text."""


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run it, or puts it into a cell where it would."""
    return text.lstrip().startswith(FORMULA_STARTS) or text.startswith(("\t", "\r", "\n"))


def guarded(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; `unguarded` gives back what it was."""
    if not cell or cell[0].isalnum():  # nearly every one
        return cell
    return f"{GUARD}{cell}" if is_formula(cell.lstrip(GUARD)) else cell


def unguarded(cell: str) -> str:
    """What `guarded` made the cell of."""
    return cell[1:] if cell.startswith(GUARD) and is_formula(cell.lstrip(GUARD)) else cell


def plain(value: Any) -> Any:  # noqa: ANN401  (a value of a deck: text, list or mapping)
    """`value` out of texts, lists and dicts only."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return str(value).lower() if isinstance(value, bool) else str(value)


def depth(value: Any) -> int:  # noqa: ANN401  (the same)
    """How deep lists and mappings are nested."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + max(map(depth, inner), default=0)


def encode(key: str, value: Any) -> str:  # noqa: ANN401  (the same)
    """The text that `decode` makes `value` of."""
    value = plain(value)
    if key in WORDS:
        return value if isinstance(value, str) else ", ".join(map(str, value))
    if key not in STRUCTURED:
        return str(value)
    if key == "explain":
        value = as_pairs(value)
    elif isinstance(value, list) and len(value) == 1:
        value = value[0]
    short = _short(key, value)
    return short if short and decode(key, short) == value else json.dumps(value, ensure_ascii=False)


def decode(key: str, cell: str) -> Any:  # noqa: ANN401  (the same)
    """The value of `key` that a cell holds."""
    if key in WORDS:
        return [word for word in map(str.strip, cell.split(",")) if word]
    if key not in STRUCTURED:
        return cell
    held = _json(cell)
    if isinstance(held, _fitting(key)) or (isinstance(held, str) and _is_more(key, held)):
        return held
    return _lines(key, cell)


def as_pairs(value: Any) -> Any:  # noqa: ANN401  (the same)
    """`explain` as a mapping where each word is there once, else as a list of mappings."""
    items = [value] if isinstance(value, dict) else value
    if not isinstance(items, list):
        return value
    found: list[tuple[str, Any]] = []
    for item in items:
        if isinstance(item, dict):
            found += item.items()
        elif isinstance(item, list) and len(item) == PAIR:
            found.append((item[0], item[1]))
        else:
            return value
    if len({word for word, _ in found}) == len(found):
        return dict(found)
    return [{word: said} for word, said in found]


def _fitting(key: str) -> tuple[type, ...]:
    """What JSON may hold for it; anything else is meant as text."""
    return {"answer": (dict,), "run": (dict,)}.get(key, (dict, list))


def _is_more(key: str, text: str) -> bool:
    """Whether `text` would not be read as itself, so that it stands in a JSON string."""
    return bool(decode(key, text) != text)


def _json(cell: str) -> Any:  # noqa: ANN401  (the same)
    """What `cell` says as JSON; None where it is no JSON, or too deep for a deck."""
    if not cell.startswith(tuple(JSON_STARTS)):
        return None
    try:
        held = plain(json.loads(cell))
        return held if depth(held) <= MOST_DEPTH else None
    except (ValueError, RecursionError):
        return None


def _short(key: str, value: Any) -> str:  # noqa: ANN401  (the same)
    """How a person would write it: a line for each; empty where that cannot be."""
    if isinstance(value, str):
        return value
    if key in {"accept", "wrong"} and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "\n".join(value)
    if key == "explain" and isinstance(value, dict) and all(isinstance(said, str) for said in value.values()):
        return "\n".join(f"{word}: {said}" for word, said in value.items())
    return ""


def _lines(key: str, cell: str) -> Any:  # noqa: ANN401  (the same)
    """What the lines of a cell say, where they say more than text."""
    if key in {"accept", "wrong"} and "\n" in cell:
        return [line for line in cell.split("\n") if line.strip()]
    if key == "explain":
        pairs = [line.partition(": ") for line in cell.split("\n") if line.strip()]
        if all(word.strip() and said.strip() for word, _, said in pairs):
            return as_pairs([{word: said} for word, _, said in pairs])
    return cell
