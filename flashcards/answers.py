"""How a typed answer compares with the right one: a verdict in words, a grade to suggest, a diff to draw.

Everything here works on clean text (`clean`): Unicode NFC and plain line ends.
A text is cut into tokens the way a shell does it, but it never fails: an open
quote runs to the end. What a token means is a tuple of atoms, a character
each; a quoted character that would mean something else without its quotes is
an atom of its own. Where in doubt, two texts are different.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import takewhile, zip_longest
from typing import Literal, NamedTuple

from flashcards.model import Grade

LONGEST = 5_000
"""Characters; a longer text is only tested for equality, so that a paste costs no time."""
MOST_TOKENS = 200
"""What is aligned token by token; the cost grows faster than the square."""
SHORTEST_SLIP = 4
"""Characters of the answer; in a shorter one a single letter is the whole point."""
LONGEST_NAME = 32
"""Characters of a token that a note quotes."""

TOO_LONG = "the texts differ"
"""The note for texts that are too long to compare word by word."""

Verdict = Literal["exact", "accepted", "same", "slip", "wrong"]
Change = Literal["same", "changed", "missing", "extra"]
Atoms = tuple[str, ...]
Step = tuple[bool, int, int, int, int]
"""Whether it is equal, and from where to where: first and last index of either side."""

_GRADES = {"exact": Grade.GOOD, "accepted": Grade.GOOD, "same": Grade.GOOD, "slip": Grade.HARD, "wrong": Grade.WRONG}
_ACTIVE = frozenset("*?[$`'\"\\ \t\n;|&<>()")
"""They mean something of their own where no quote protects them."""
_ACTIVE_FIRST = frozenset("~#!")
"""The same, at the start of a word."""
_NO_PATHS = frozenset({"sed", "awk", "gawk", "perl", "rsync"})
"""Commands for which a slash at the end has a meaning."""
_TERSE = r"(?s:[-+].{0,2}|[ugoa]+[-+=][rwxXst]+|\W+|.)"
"""Words in which one letter changes everything: `-a`, `u+x`, `..`, `x`."""
# Patterns are compiled when the first answer is compared; `re` keeps them.
_GAP = r"(?:[ \t]|\\\n)*"
_OPERATOR = r"\n[ \t\n]*|&&|\|[|&]?|;;?|[<>]\(|&>>?|\d*(?:<<[<-]?|>[>&|]?|<[>&]?)|[&()]"
_WORD = r"""(?s:'[^']*'?|"(?:[^"\\]|\\(?:.|\Z))*"?|\\(?:[^\n]|\Z)|[^ \t\n;|&<>()'"\\])+"""
_PIECE = r"""(?s)'(?P<single>[^']*)(?P<s>'?)|"(?P<double>(?:[^"\\]|\\(?:.|\Z))*)(?P<d>"?)|\\.?|."""


class Part(NamedTuple):
    """A stretch of both texts; `kind` says how `yours` and `answer` differ, as text."""

    yours: str
    answer: str
    kind: Change


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
        return _judged(kind, typed, parts=_trimmed(typed, typed))
    if max(map(len, (typed, *targets))) > LONGEST:
        parts = _trimmed(typed, targets[0])
        return _judged("wrong", targets[0], note=TOO_LONG, parts=parts, caret=_first_difference(parts))
    yours = _Text(typed)
    theirs = [_Text(text) for text in targets]
    for judge in (_same, _slip):
        for other in theirs:
            if found := judge(yours, other):
                return found
    return _nearest(yours, theirs)


def _judged(kind: Verdict, answer: str, *, parts: tuple[Part, ...], note: str = "", caret: int = -1) -> Comparison:
    return Comparison(kind=kind, grade=_GRADES[kind], answer=answer, note=note, parts=parts, caret=caret)


def clean(text: str) -> str:
    """The text in Unicode NFC, with `\\n` for every line end but none at the end of the whole."""
    if not text.isascii():
        from unicodedata import normalize  # a megabyte of tables that few commands need

        text = normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


# ---------------------------------------------------------------- tokens


class _Token(NamedTuple):
    start: int
    text: str
    atoms: Atoms
    joined: bool
    """It touches the word before it, and that matters: the `(` of `$(`."""
    is_word: bool

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def key(self) -> tuple[Atoms, bool]:
        return self.atoms, self.joined


class _Text:
    """A clean text with its tokens."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = _tokens(text)
        self.keys = [token.key for token in self.tokens]

    def token(self, index: int | None) -> str:
        """A token as it was typed; "" for no index."""
        return "" if index is None else self.tokens[index].text

    def gap(self, index: int | None) -> str:
        """The blanks before a token, or behind the last one; "" for no index."""
        return "" if index is None else self.text[self.end(index) : self.start(index)]

    def start(self, index: int) -> int:
        """Where a token starts; the length of the text behind the last one."""
        return self.tokens[index].start if index < len(self.tokens) else len(self.text)

    def end(self, index: int) -> int:
        """Where the token before this one ends."""
        return self.tokens[index - 1].end if index else 0

    def meaning(self) -> list[tuple[Atoms, bool]]:
        """What is equal for texts that mean the same: no blanks, idle quotes or slashes at the end."""
        if any("".join(token.atoms) in _NO_PATHS for token in self.tokens):
            return self.keys
        return [(_without_slash(atoms), joined) for atoms, joined in self.keys]


def _tokens(text: str) -> list[_Token]:
    found: list[_Token] = []
    end = len(text.rstrip(" \t\n"))
    at = len(text) - len(text.lstrip(" \t\n"))
    document = False
    while (at := _behind_blanks(text, at)) < end:
        token = _token(text, at, end, found, document=document)
        document = (document and token.is_word) or token.text.lstrip("0123456789") in {"<<", "<<-"}
        found.append(token)
        at = token.end
    return found


def _token(text: str, at: int, end: int, before: list[_Token], *, document: bool) -> _Token:
    if document and text[at] == "\n":  # the lines of a here-document: their blanks count
        lines = text[at:end]
        return _Token(start=at, text=lines, atoms=(lines,), joined=False, is_word=False)
    if operator := re.compile(_OPERATOR).match(text, at, end):
        sign = operator[0].rstrip(" \t\n") or "\n"
        joined = sign == "(" and _touches(before, at)
        return _Token(start=at, text=operator[0], atoms=(sign,), joined=joined, is_word=False)
    word = re.compile(_WORD).match(text, at, end)
    chunk = word[0] if word else text[at:end]
    atoms = tuple(atom for atom, _ in _atoms(chunk))
    return _Token(start=at, text=chunk, atoms=atoms, joined=_touches(before, at), is_word=True)


def _touches(before: list[_Token], at: int) -> bool:
    return bool(before) and before[-1].end == at and (before[-1].is_word or before[-1].text == ")")


def _behind_blanks(text: str, at: int) -> int:
    match = re.compile(_GAP).match(text, at)
    return match.end() if match else at


def _atoms(word: str) -> list[tuple[str, int]]:
    """What each character of a word means, and where it stands in the word."""
    found: list[tuple[str, int]] = []
    active = _ACTIVE | frozenset("{}") if "," in word or ".." in word else _ACTIVE
    for piece in re.finditer(_PIECE, word):
        if piece["single"] is not None:
            found += _quoted(piece["single"], piece.start() + 1, active, first=not found)
            found += [] if piece["s"] else [("'", piece.start())]
        elif piece["double"] is not None:
            found += _double(piece["double"], piece.start() + 1, active, first=not found)
            found += [] if piece["d"] else [('"', piece.start())]
        else:
            found.append((piece[0], piece.start()))
    return found


def _quoted(text: str, at: int, active: frozenset[str], *, first: bool) -> list[tuple[str, int]]:
    """The atoms of literal text: a character that is protected by its quotes looks as if escaped."""
    return [
        ("\\" + sign if sign in active or (first and not index and sign in _ACTIVE_FIRST) else sign, at + index)
        for index, sign in enumerate(text)
    ]


def _double(text: str, at: int, active: frozenset[str], *, first: bool) -> list[tuple[str, int]]:
    """The same between double quotes, where `$`, the backquote and the backslash stay awake."""
    found = _quoted(text, at, active, first=first)
    return [('"' + atom[1:] if atom in {"\\$", "\\`", "\\\\"} else atom, where) for atom, where in found]


def _without_slash(atoms: Atoms) -> Atoms:
    while len(atoms) > 1 and atoms[-1] == "/":
        atoms = atoms[:-1]
    return atoms


# ---------------------------------------------------------------- the same


def _same(yours: _Text, other: _Text) -> Comparison | None:
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
    return _judged("same", other.text, note=note, parts=_parts(yours, other))


def _marks(text: str) -> str:
    return "".join(sign for sign in text if sign in "'\"\\")


# ---------------------------------------------------------------- one slip


class _Form(NamedTuple):
    """A text as a sequence in which one slip is one edit; every unit knows its place in the text."""

    units: Sequence[str]
    places: Sequence[int]


class _Edit(NamedTuple):
    """The one place where two forms differ: at `start`, `yours` instead of `answer`."""

    start: int
    yours: Sequence[str]
    answer: Sequence[str]


def _slip(yours: _Text, other: _Text) -> Comparison | None:
    for index, (mine, right) in enumerate(zip(_forms(yours), _forms(other), strict=True)):
        edit = _single_edit(mine.units, right.units)
        if edit is None:
            continue
        if len(right.units) < SHORTEST_SLIP or _changes_meaning(edit, (yours, mine), (other, right)):
            return None
        parts = _trimmed(yours.text, other.text) if index == 0 else _parts(yours, other)
        return _judged("slip", other.text, note=_slip_note(edit), parts=parts, caret=right.places[edit.start])
    return None


def _forms(text: _Text) -> tuple[_Form, _Form, _Form]:
    """As it is; with single blanks; with single blanks and idle quotes gone."""
    plain = _Form(text.text, range(len(text.text) + 1))
    return plain, _spaced(text, quotes=True), _spaced(text, quotes=False)


def _spaced(text: _Text, *, quotes: bool) -> _Form:
    pairs: list[tuple[str, int]] = []
    for token in text.tokens:
        if pairs and not token.joined:
            pairs.append((" ", token.start))
        if not token.is_word:
            pairs += [(sign, token.start + i) for i, sign in enumerate(token.atoms[0])]
        elif quotes:
            pairs += [(sign, token.start + i) for i, sign in enumerate(token.text)]
        else:
            pairs += [(atom, token.start + i) for atom, i in _atoms(token.text)]
    return _Form([unit for unit, _ in pairs], [*(place for _, place in pairs), len(text.text)])


def _single_edit(yours: Sequence[str], answer: Sequence[str]) -> _Edit | None:
    """The edit of two sequences with a Damerau-Levenshtein distance of one, else None."""
    if abs(len(yours) - len(answer)) > 1:
        return None
    head, tail = _common(yours, answer)
    edit = _Edit(head, yours[head : len(yours) - tail], answer[head : len(answer) - tail])
    longest = max(len(edit.yours), len(edit.answer))
    swapped = longest == 2 and list(edit.yours) == list(edit.answer)[::-1]  # noqa: PLR2004  (a pair)
    return edit if longest == 1 or swapped else None


def _changes_meaning(edit: _Edit, yours: tuple[_Text, _Form], answer: tuple[_Text, _Form]) -> bool:
    """Whether the edit is more than a slip: a digit, the case, an operator, an option letter, a tiny word."""
    mine, right = "".join(edit.yours), "".join(edit.answer)
    if any(sign.isdigit() for sign in mine + right) or mine.casefold() == right.casefold():
        return True
    if max(len(mine), len(right)) > len(edit.yours) == 1 and mine[-1:] == right[-1:]:  # only its protection differs
        return True
    hit = [_touched(*yours, edit.start, edit.yours, blank=right == " ")]
    hit.append(_touched(*answer, edit.start, edit.answer, blank=mine == " "))
    return any(not token.is_word or re.fullmatch(_TERSE, token.text) for tokens in hit for token in tokens)


def _touched(text: _Text, form: _Form, start: int, units: Sequence[str], *, blank: bool) -> list[_Token]:
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
    return f"{_name(edit.yours[0][-1])} instead of {_name(edit.answer[0][-1])}"


def _sort(units: Sequence[str]) -> str:
    if all(unit.isalpha() for unit in units):
        return "letter"
    if units[0] == " " and len(units) == 1:
        return "blank"
    return "character" if len(units) > 1 else _name(units[0][-1])


# ---------------------------------------------------------------- wrong


def _nearest(yours: _Text, others: Sequence[_Text]) -> Comparison:
    """The comparison with the text that shares most tokens and most of both ends with the typed one."""
    other = max(others, key=lambda other: _likeness(yours, other))  # the first of equals
    parts = _parts(yours, other)
    caret = _first_difference(parts) if yours.tokens else -1
    return _judged("wrong", other.text, note=_wrong_note(yours, other), parts=parts, caret=caret)


def _likeness(yours: _Text, other: _Text) -> tuple[float, float]:
    """The shares, 0 to 1, of common tokens and of common characters at both ends."""
    mine, right = Counter(yours.keys), Counter(other.keys)
    tokens = 2 * (mine & right).total() / max(1, mine.total() + right.total())
    ends = 2 * sum(_common(yours.text, other.text)) / max(1, len(yours.text) + len(other.text))
    return tokens, ends


def _first_difference(parts: Sequence[Part]) -> int:
    return len("".join(part.answer for part in takewhile(lambda part: part.kind == "same", parts)))


def _wrong_note(yours: _Text, other: _Text) -> str:
    if not yours.tokens:
        return "nothing was typed"
    if _is_long(yours, other):
        return TOO_LONG
    pairs = [(a, b) for a, b in zip(yours.tokens, other.tokens, strict=False) if a.atoms != b.atoms]
    if len(yours.keys) == len(other.keys) and pairs:
        names = f"{_name(pairs[0][0].text)} is not {_name(pairs[0][1].text)}"
        if all(a.text.casefold() == b.text.casefold() for a, b in pairs):
            return f"upper and lower case differ: {names}"
        if all(_bare(a.text) == _bare(b.text) for a, b in pairs):
            return f"the quotes matter here: {names}"
    if sorted(yours.keys) == sorted(other.keys):
        return "the same words in another order"
    notes = [_step_note(yours, other, step) for step in _steps(yours, other) if not step[0]]
    return ", ".join(notes) if len(notes) <= 2 else f"{len(notes)} places differ"  # noqa: PLR2004  (one line)


def _step_note(yours: _Text, other: _Text, step: Step) -> str:
    _, a, b, c, d = step
    mine, right = yours.text[yours.start(a) : yours.end(b)], other.text[other.start(c) : other.end(d)]
    if a == b:
        return f"{_name(right)} is missing"
    return f"{_name(mine)} instead of {_name(right)}" if c < d else f"{_name(mine)} is too much"


def _bare(text: str) -> str:
    return text.replace("'", "").replace('"', "")


def _name(text: str) -> str:
    """A piece of a text as a note shows it: short, in backticks, without control characters."""
    if not text.strip("\n"):
        return "a line end"
    if not text.strip():
        return "a blank"
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: LONGEST_NAME + 1])
    return f"`{shown}`" if len(shown) <= LONGEST_NAME else f"`{shown[: LONGEST_NAME - 1]}…`"


# ---------------------------------------------------------------- the diff


def _parts(yours: _Text, other: _Text) -> tuple[Part, ...]:
    """The diff of two texts, token by token and, in tokens much alike, by characters."""
    if _is_long(yours, other):
        return _trimmed(yours.text, other.text)
    found: list[Part] = []
    for _, a, b, c, d in _steps(yours, other):
        for i, j in zip_longest(range(a, b), range(c, d)):
            found += _trimmed(yours.gap(i), other.gap(j))
            found += _alike(yours.token(i), other.token(j))
    found += _trimmed(yours.gap(len(yours.keys)), other.gap(len(other.keys)))
    return _merged(found)


def _alike(yours: str, answer: str) -> tuple[Part, ...]:
    """A pair of tokens: in pieces where at least half is common, else as a whole."""
    if 2 * sum(_common(yours, answer)) >= max(len(yours), len(answer)):
        return _trimmed(yours, answer)
    return (_part(yours, answer),)


def _trimmed(yours: str, answer: str) -> tuple[Part, ...]:
    """What both start with, what differs, what both end with."""
    head, tail = _common(yours, answer)
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


def _common(yours: Sequence[str], answer: Sequence[str]) -> tuple[int, int]:
    """How many units both start with, and how many more both end with."""
    most = min(len(yours), len(answer))
    head = 0
    while head < most and yours[head] == answer[head]:
        head += 1
    tail = 0
    while tail < most - head and yours[-1 - tail] == answer[-1 - tail]:
        tail += 1
    return head, tail


def _is_long(yours: _Text, other: _Text) -> bool:
    return max(len(yours.keys), len(other.keys)) > MOST_TOKENS


def _steps(yours: _Text, other: _Text) -> list[Step]:
    """Runs of equal and of different tokens."""
    from difflib import SequenceMatcher  # 3 ms, and only where a diff is drawn

    matcher = SequenceMatcher(None, yours.keys, other.keys, autojunk=False)
    return [(tag == "equal", a, b, c, d) for tag, a, b, c, d in matcher.get_opcodes()]
