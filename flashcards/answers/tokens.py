"""Clean text, and the words and operators a shell would see in it.

A text is cut into tokens the way a shell does it, but it never fails: an open
quote runs to the end. What a token means is a tuple of atoms, a character
each; a quoted character that would mean something else without its quotes is
an atom of its own. Where in doubt, two texts are different.
"""

import re
from typing import NamedTuple

Atoms = tuple[str, ...]

_ACTIVE = frozenset("*?[$`'\"\\ \t\n;|&<>()")
"""They mean something of their own where no quote protects them."""
_ACTIVE_FIRST = frozenset("~#!")
"""The same, at the start of a word."""
_NO_PATHS = frozenset({"sed", "awk", "gawk", "perl", "rsync"})
"""Commands for which a slash at the end has a meaning."""
# Patterns are compiled when the first answer is compared; `re` keeps them.
_GAP = r"(?:[ \t]|\\\n)*"
_OPERATOR = r"\n[ \t\n]*|&&|\|[|&]?|;;?|[<>]\(|&>>?|\d*(?:<<[<-]?|>[>&|]?|<[>&]?)|[&()]"
_WORD = r"""(?s:'[^']*'?|"(?:[^"\\]|\\(?:.|\Z))*"?|\\(?:[^\n]|\Z)|[^ \t\n;|&<>()'"\\])+"""
_PIECE = r"""(?s)'(?P<single>[^']*)(?P<s>'?)|"(?P<double>(?:[^"\\]|\\(?:.|\Z))*)(?P<d>"?)|\\.?|."""


def clean(text: str) -> str:
    """The text in Unicode NFC, with a line feed for every line end but none at the end of the whole."""
    if not text.isascii():
        from unicodedata import normalize  # a megabyte of tables that few commands need

        text = normalize("NFC", text)
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


class Token(NamedTuple):
    """A word, or an operator of the shell."""

    start: int
    text: str
    atoms: Atoms
    joined: bool
    """It touches the word before it, and that matters: the `(` of `$(`."""
    is_word: bool

    @property
    def end(self) -> int:
        """Where the blanks behind it start."""
        return self.start + len(self.text)

    @property
    def key(self) -> tuple[Atoms, bool]:
        """What two tokens share if they are equal."""
        return self.atoms, self.joined


class Text:
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


def _tokens(text: str) -> list[Token]:
    found: list[Token] = []
    end = len(text.rstrip(" \t\n"))
    at = len(text) - len(text.lstrip(" \t\n"))
    document = False
    while (at := _behind_blanks(text, at)) < end:
        token = _token(text, at, end, found, document=document)
        document = (document and token.is_word) or token.text.lstrip("0123456789") in {"<<", "<<-"}
        found.append(token)
        at = token.end
    return found


def _token(text: str, at: int, end: int, before: list[Token], *, document: bool) -> Token:
    if document and text[at] == "\n":  # the lines of a here-document: their blanks count
        lines = text[at:end]
        return Token(start=at, text=lines, atoms=(lines,), joined=False, is_word=False)
    if operator := re.compile(_OPERATOR).match(text, at, end):
        sign = operator[0].rstrip(" \t\n") or "\n"
        joined = sign == "(" and _touches(before, at)
        return Token(start=at, text=operator[0], atoms=(sign,), joined=joined, is_word=False)
    word = re.compile(_WORD).match(text, at, end)
    chunk = word[0] if word else text[at:end]
    atoms = tuple(atom for atom, _ in atoms_of(chunk))
    return Token(start=at, text=chunk, atoms=atoms, joined=_touches(before, at), is_word=True)


def _touches(before: list[Token], at: int) -> bool:
    return bool(before) and before[-1].end == at and (before[-1].is_word or before[-1].text == ")")


def _behind_blanks(text: str, at: int) -> int:
    match = re.compile(_GAP).match(text, at)
    return match.end() if match else at


def atoms_of(word: str) -> list[tuple[str, int]]:
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
