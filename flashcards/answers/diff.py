"""Two texts side by side: the parts they share or do not, and what differs in a few words."""

from collections.abc import Sequence
from itertools import takewhile, zip_longest
from typing import Literal, NamedTuple

from flashcards.answers.tokens import Text

MOST_TOKENS = 200
"""What is aligned token by token; the cost grows faster than the square."""
LONGEST_NAME = 32
"""Characters of a token that a note quotes."""

TOO_LONG = "the texts differ"
"""The note for texts that are too long to compare word by word."""

Change = Literal["same", "changed", "missing", "extra"]
Step = tuple[bool, int, int, int, int]
"""Whether it is equal, and from where to where: first and last index of either side."""


class Part(NamedTuple):
    """A stretch of both texts; `kind` says how `yours` and `answer` differ, as text."""

    yours: str
    answer: str
    kind: Change


def aligned(yours: Text, other: Text) -> tuple[Part, ...]:
    """The diff of two texts, token by token and, in tokens much alike, by characters."""
    if _is_long(yours, other):
        return trimmed(yours.text, other.text)
    found: list[Part] = []
    for _, a, b, c, d in _steps(yours, other):
        for i, j in zip_longest(range(a, b), range(c, d)):
            found += trimmed(yours.gap(i), other.gap(j))
            found += _alike(yours.token(i), other.token(j))
    found += trimmed(yours.gap(len(yours.keys)), other.gap(len(other.keys)))
    return _merged(found)


def _alike(yours: str, answer: str) -> tuple[Part, ...]:
    """A pair of tokens: in pieces where at least half is common, else as a whole."""
    if 2 * sum(common(yours, answer)) >= max(len(yours), len(answer)):
        return trimmed(yours, answer)
    return (_part(yours, answer),)


def trimmed(yours: str, answer: str) -> tuple[Part, ...]:
    """What both start with, what differs, what both end with."""
    head, tail = common(yours, answer)
    a, b = len(yours) - tail, len(answer) - tail
    parts = (_part(yours[:head], answer[:head]), _part(yours[head:a], answer[head:b]), _part(yours[a:], answer[b:]))
    return tuple(part for part in parts if part.yours or part.answer)


def _part(yours: str, answer: str) -> Part:
    kind: Change = "changed" if yours and answer else "extra" if yours else "missing"
    return Part(yours=yours, answer=answer, kind="same" if yours == answer else kind)


def _merged(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Neighbours of one kind as one part."""
    found: list[Part] = []
    for part in parts:
        if found and found[-1].kind == part.kind != "changed":
            before = found.pop()
            found.append(_part(before.yours + part.yours, before.answer + part.answer))
        else:
            found.append(part)
    return tuple(found)


def common(yours: Sequence[str], answer: Sequence[str]) -> tuple[int, int]:
    """How many units both start with, and how many more both end with."""
    most = min(len(yours), len(answer))
    head = 0
    while head < most and yours[head] == answer[head]:
        head += 1
    tail = 0
    while tail < most - head and yours[-1 - tail] == answer[-1 - tail]:
        tail += 1
    return head, tail


def _is_long(yours: Text, other: Text) -> bool:
    return max(len(yours.keys), len(other.keys)) > MOST_TOKENS


def _steps(yours: Text, other: Text) -> list[Step]:
    """Runs of equal and of different tokens."""
    from difflib import SequenceMatcher  # 3 ms, and only where a diff is drawn

    matcher = SequenceMatcher(None, yours.keys, other.keys, autojunk=False)
    return [(tag == "equal", a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes()]


def first_difference(parts: Sequence[Part]) -> int:
    """The index in the answer where the first part differs."""
    return len("".join(part.answer for part in takewhile(lambda part: part.kind == "same", parts)))


def wrong_note(yours: Text, other: Text) -> str:
    """What differs between a wrong text and the answer, in a few words."""
    if not yours.tokens:
        return "nothing was typed"
    if _is_long(yours, other):
        return TOO_LONG
    pairs = [(a, b) for a, b in zip(yours.tokens, other.tokens, strict=False) if a.atoms != b.atoms]
    if len(yours.keys) == len(other.keys) and pairs:
        names = f"{named(pairs[0][0].text)} is not {named(pairs[0][1].text)}"
        if all(a.text.casefold() == b.text.casefold() for a, b in pairs):
            return f"upper and lower case differ: {names}"
        if all(_bare(a.text) == _bare(b.text) for a, b in pairs):
            return f"the quotes matter here: {names}"
    if sorted(yours.keys) == sorted(other.keys):
        return "the same words in another order"
    notes = [_step_note(yours, other, step) for step in _steps(yours, other) if not step[0]]
    return ", ".join(notes) if len(notes) <= 2 else f"{len(notes)} places differ"  # noqa: PLR2004  (one line)


def _step_note(yours: Text, other: Text, step: Step) -> str:
    _, a, b, c, d = step
    mine, right = yours.text[yours.start(a) : yours.end(b)], other.text[other.start(c) : other.end(d)]
    if a == b:
        return f"{named(right)} is missing"
    return f"{named(mine)} instead of {named(right)}" if c < d else f"{named(mine)} is too much"


def _bare(text: str) -> str:
    return text.replace("'", "").replace('"', "")


def named(text: str) -> str:
    """A piece of a text as a note shows it: short, in backticks, without control characters."""
    if not text.strip("\n"):
        return "a line end"
    if not text.strip():
        return "a blank"
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: LONGEST_NAME + 1])
    return f"`{shown}`" if len(shown) <= LONGEST_NAME else f"`{shown[: LONGEST_NAME - 1]}…`"
