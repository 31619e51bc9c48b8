"""How a typed answer compares with the right one: a verdict in words, a grade to suggest, a diff to draw."""

from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from flashcards.answers.diff import TOO_LONG, Part, aligned, common, first_difference, trimmed, wrong_note
from flashcards.answers.tokens import Text, clean
from flashcards.model import Grade

__all__ = ["LONGEST", "Comparison", "Part", "clean", "compare"]

LONGEST = 5_000
"""Characters; a longer text is only tested for equality, so that a paste costs no time."""

Verdict = Literal["exact", "accepted", "same", "slip", "wrong"]

_GRADES = {"exact": Grade.GOOD, "accepted": Grade.GOOD, "same": Grade.GOOD, "slip": Grade.HARD, "wrong": Grade.WRONG}


class Comparison(NamedTuple):
    """What came of a comparison."""

    kind: Verdict
    """`same`: only blanks, quotes that do not matter or a slash at the end differ. `slip`: one slip of the keyboard."""
    grade: Grade
    """A suggestion."""
    answer: str
    """The text it was compared with, clean: the nearest of the answer and what else is accepted."""
    note: str
    """What differs, in a few words; "" where nothing does. Printable."""
    parts: tuple[Part, ...]
    """The diff. Joined, `yours` is the clean typed text and `answer` the clean answer, blanks included."""
    caret: int
    """The index in `answer` to point at, its length for "behind the end"; -1 for nowhere."""


def compare(typed: str, answer: str, accept: Sequence[str] = ()) -> Comparison:
    """The typed text against the answer and whatever else is accepted. Case matters. Never raises."""
    typed = clean(typed)
    targets = [clean(text) for text in (answer, *accept)]
    if typed in targets:
        kind: Verdict = "exact" if typed == targets[0] else "accepted"
        return _judged(kind, typed, parts=trimmed(typed, typed))
    if max(map(len, (typed, *targets))) > LONGEST:
        parts = trimmed(typed, targets[0])
        return _judged("wrong", targets[0], note=TOO_LONG, parts=parts, caret=first_difference(parts))
    yours = Text(typed)
    theirs = [Text(text) for text in targets]
    for judge in (_same, _slip):
        for other in theirs:
            if found := judge(yours, other):
                return found
    return _nearest(yours, theirs)


def _judged(kind: Verdict, answer: str, *, parts: tuple[Part, ...], note: str = "", caret: int = -1) -> Comparison:
    return Comparison(kind=kind, grade=_GRADES[kind], answer=answer, note=note, parts=parts, caret=caret)


def _same(yours: Text, other: Text) -> Comparison | None:
    if yours.meaning() != other.meaning():
        return None
    pairs = list(zip(yours.tokens, other.tokens, strict=True))
    differ = [yours.gap(i) != other.gap(i) for i in range(len(pairs) + 1)]
    differ += [not mine.is_word and mine.text != right.text for mine, right in pairs]
    what = ["blanks"] if any(differ) else []
    if any(_marks(mine.text) != _marks(right.text) for mine, right in pairs):
        what.append("the quotes")
    if any(mine.atoms != right.atoms for mine, right in pairs):
        what.append("a slash at the end")
    note = f"only {' and '.join(what)} {'differs' if what == ['a slash at the end'] else 'differ'}"
    return _judged("same", other.text, note=note, parts=aligned(yours, other))


def _marks(text: str) -> str:
    return "".join(sign for sign in text if sign in "'\"\\")


def _slip(yours: Text, other: Text) -> Comparison | None:
    from flashcards.answers.slips import slip  # 0.4 ms, and a right answer needs none of it

    if found := slip(yours, other):
        note, parts, caret = found
        return _judged("slip", other.text, note=note, parts=parts, caret=caret)
    return None


def _nearest(yours: Text, others: Sequence[Text]) -> Comparison:
    """The comparison with the text that shares most tokens and most of both ends with the typed one."""
    other = max(others, key=lambda other: _likeness(yours, other))  # the first of equals
    parts = aligned(yours, other)
    caret = first_difference(parts) if yours.tokens else -1
    return _judged("wrong", other.text, note=wrong_note(yours, other), parts=parts, caret=caret)


def _likeness(yours: Text, other: Text) -> tuple[float, float]:
    """The shares, 0 to 1, of common tokens and of common characters at both ends."""
    mine, right = Counter(yours.keys), Counter(other.keys)
    tokens = 2 * (mine & right).total() / max(1, mine.total() + right.total())
    ends = 2 * sum(common(yours.text, other.text)) / max(1, len(yours.text) + len(other.text))
    return tokens, ends
