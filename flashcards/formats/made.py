"""Texts of the cards that are made from another: the gaps of a cloze, the back of a reverse."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

GAP_START = re.compile(r"\{\{c([1-9][0-9]?)::")
"""The start of `{{c1::text}}` or `{{c1::text::hint}}`."""
LIKE_GAP = re.compile(r"\{\{ *[cC][0-9]")
"""What looks like the start of a gap; where it is none, it is a slip."""
CODE = re.compile(r"(?<!`)(`{1,3})(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)


class Gap(NamedTuple):
    """One deletion; `start` and `end` are its place in the text without braces."""

    number: int
    text: str
    hint: str
    start: int
    end: int
    in_code: bool


class Cloze(NamedTuple):
    """A text and its gaps in the order of the text."""

    text: str
    gaps: tuple[Gap, ...]

    def numbers(self) -> list[int]:
        """Each number once, ascending: one card each."""
        return sorted({gap.number for gap in self.gaps})

    def front(self, number: int) -> str:
        """The text with that number's gaps hidden."""
        return self._with(number, lambda gap: f"[{gap.hint or '…'}]")

    def back(self, number: int) -> str:
        """The text with that number's gaps in bold; inside code, where nothing can be bold, as they are."""
        return self._with(number, lambda gap: gap.text if gap.in_code else bold(gap.text))

    def _with(self, number: int, show: Callable[[Gap], str]) -> str:
        parts, last = [], 0
        for gap in self.gaps:
            if gap.number == number:
                parts += [self.text[last : gap.start], show(gap)]
                last = gap.end
        return "".join([*parts, self.text[last:]])


def cloze(written: str) -> Cloze:
    """The gaps of `written`; no gaps at all is for the caller to judge."""
    parts, places, last, length = [], [], 0, 0
    for number, text, hint, start, end in _gaps(written):
        parts += [written[last:start], text]
        length += start - last
        places.append((number, text, hint, length))
        length += len(text)
        last = end
    plain = "".join([*parts, written[last:]])
    code = [(span.start(2), span.end(2)) for span in CODE.finditer(plain)]
    return Cloze(text=plain, gaps=tuple(_gap(place, code) for place in places))


def _gaps(written: str) -> Iterator[tuple[int, str, str, int, int]]:
    """Number, text, hint, start and end of each gap; in linear time, whatever is written."""
    last = 0
    while (found := GAP_START.search(written, last)) and (end := written.find("}}", found.end())) >= 0:
        text, _, hint = written[found.end() : end].partition("::")
        last = end + 2
        if text and not LIKE_GAP.search(text):
            yield int(found[1]), text, hint, found.start(), last


def _gap(place: tuple[int, str, str, int], code: list[tuple[int, int]]) -> Gap:
    number, text, hint, start = place
    end = start + len(text)
    at = bisect_right(code, (start, len(text) + start + 1)) - 1
    in_code = any(opened <= start and end <= closed for opened, closed in code[max(at, 0) : at + 2])
    return Gap(number=number, text=text, hint=hint, start=start, end=end, in_code=in_code)


def misspelt_gap(written: str) -> str:
    """A piece of `written` that looks like a gap and is none; empty if all is well."""
    good = {start for _, _, _, start, _ in _gaps(written)}
    slip = next((found for found in LIKE_GAP.finditer(written) if found.start() not in good), None)
    return written[slip.start() : slip.start() + 30] if slip else ""


def bold(text: str) -> str:
    """`text` in Markdown's bold; spaces at its ends stay outside, where Markdown wants them."""
    core = text.strip()
    if not core:
        return text
    start = text.index(core)
    return f"{text[:start]}**{core}**{text[start + len(core) :]}"


def reverse_back(front: str, *, typed: bool, back: str) -> str:
    """The back of a reverse card: the front, and for a command what is said of it."""
    return joined(front, back) if typed else front


def joined(*parts: str) -> str:
    """Paragraphs, the empty ones left out."""
    return "\n\n".join(filter(None, parts))
