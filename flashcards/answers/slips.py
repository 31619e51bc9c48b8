"""One slip of the keyboard: texts that are a single edit apart, and the same to the person who typed."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from flashcards.answers.diff import Part, aligned, common, named, trimmed
from flashcards.answers.tokens import Text, Token, atoms_of

SHORTEST_SLIP = 4
"""Characters of the answer; in a shorter one a single letter is the whole point."""

_TERSE = r"(?s:[-+].{0,2}|[ugoa]+[-+=][rwxXst]+|\W+|.)"
"""Words in which one letter changes everything: `-a`, `u+x`, `..`, `x`."""


class _Form(NamedTuple):
    """A text as a sequence in which one slip is one edit; every unit knows its place in the text."""

    units: Sequence[str]
    places: Sequence[int]


class _Edit(NamedTuple):
    """The one place where two forms differ: at `start`, `yours` instead of `answer`."""

    start: int
    yours: Sequence[str]
    answer: Sequence[str]


def slip(yours: Text, other: Text) -> tuple[str, tuple[Part, ...], int] | None:
    """The note, the diff and the caret, if one slip of the keyboard is all that differs."""
    for index, (mine, right) in enumerate(zip(_forms(yours), _forms(other), strict=True)):
        edit = _single_edit(mine.units, right.units)
        if edit is None:
            continue
        if len(right.units) < SHORTEST_SLIP or _changes_meaning(edit, (yours, mine), (other, right)):
            return None
        parts = trimmed(yours.text, other.text) if index == 0 else aligned(yours, other)
        return _slip_note(edit), parts, right.places[edit.start]
    return None


def _forms(text: Text) -> tuple[_Form, _Form, _Form]:
    """As it is; with single blanks; with single blanks and idle quotes gone."""
    plain = _Form(text.text, range(len(text.text) + 1))
    return plain, _spaced(text, quotes=True), _spaced(text, quotes=False)


def _spaced(text: Text, *, quotes: bool) -> _Form:
    pairs: list[tuple[str, int]] = []
    for token in text.tokens:
        if pairs and not token.joined:
            pairs.append((" ", token.start))
        if not token.is_word:
            pairs += [(sign, token.start + i) for i, sign in enumerate(token.atoms[0])]
        elif quotes:
            pairs += [(sign, token.start + i) for i, sign in enumerate(token.text)]
        else:
            pairs += [(atom, token.start + i) for atom, i in atoms_of(token.text)]
    return _Form([unit for unit, _ in pairs], [*(place for _, place in pairs), len(text.text)])


def _single_edit(yours: Sequence[str], answer: Sequence[str]) -> _Edit | None:
    """The edit of two sequences with a Damerau-Levenshtein distance of one, else None."""
    if abs(len(yours) - len(answer)) > 1:
        return None
    head, tail = common(yours, answer)
    edit = _Edit(head, yours[head : len(yours) - tail], answer[head : len(answer) - tail])
    longest = max(len(edit.yours), len(edit.answer))
    swapped = longest == 2 and list(edit.yours) == list(edit.answer)[::-1]  # noqa: PLR2004  (a pair)
    return edit if longest == 1 or swapped else None


def _changes_meaning(edit: _Edit, yours: tuple[Text, _Form], answer: tuple[Text, _Form]) -> bool:
    """Whether the edit is more than a slip: a digit, the case, an operator, an option letter, a tiny word."""
    mine, right = "".join(edit.yours), "".join(edit.answer)
    if any(sign.isdigit() for sign in mine + right) or mine.casefold() == right.casefold():
        return True
    if max(len(mine), len(right)) > len(edit.yours) == 1 and mine[-1:] == right[-1:]:  # only its protection differs
        return True
    hit = [_touched(*yours, edit.start, edit.yours, blank=right == " ")]
    hit.append(_touched(*answer, edit.start, edit.answer, blank=mine == " "))
    return any(not token.is_word or re.fullmatch(_TERSE, token.text) for tokens in hit for token in tokens)


def _touched(text: Text, form: _Form, start: int, units: Sequence[str], *, blank: bool) -> list[Token]:
    """The tokens of the changed units, or around the place where the other side has a unit more."""
    if units:
        places = [form.places[start + i] for i, unit in enumerate(units) if unit != " "]
        return [token for token in text.tokens if any(token.start <= place < token.end for place in places)]
    place = form.places[start]
    return [token for token in text.tokens if token.start + blank <= place <= token.end - blank]


def _slip_note(edit: _Edit) -> str:
    if len(edit.yours) > 1:
        return f"two {_sort(edit.yours)}s are swapped"
    if not edit.yours:
        return f"one {_sort(edit.answer)} is missing"
    if not edit.answer:
        return f"one {_sort(edit.yours)} too many"
    return f"{named(edit.yours[0][-1])} instead of {named(edit.answer[0][-1])}"


def _sort(units: Sequence[str]) -> str:
    if all(unit.isalpha() for unit in units):
        return "letter"
    if units[0] == " " and len(units) == 1:
        return "blank"
    return "character" if len(units) > 1 else named(units[0][-1])
