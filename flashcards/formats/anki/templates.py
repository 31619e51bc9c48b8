"""Anki's card templates: `{{Field}}`, conditions and filters, rendered to HTML."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

TOKEN = re.compile(r"\{\{\s*([#^/]?)(.*?)\}\}", re.DOTALL)
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
MOST_TOKENS = 2_000
DEEPEST = 30
LONGEST = 1_000_000
"""Characters of one side; a template that repeats long fields must not fill the memory (ours)."""
HIDDEN = ("type", "hint", "tts", "cloze-only")
"""Filters that show nothing of the field on the question."""
GAP_START = re.compile(r"\{\{c([0-9,]{1,12})::")
MOST_OPEN_GAPS = 30


class Part(NamedTuple):
    """A piece of a template: text, a field with its filters, or a condition with what it holds."""

    text: str = ""
    field: str = ""
    filters: tuple[str, ...] = ()
    when: str = ""
    """`#` or `^`: `parts` are shown if the field has something, or has nothing."""
    parts: tuple["Part", ...] = ()


class Side(NamedTuple):
    """A side of a card as HTML, and the field that is to be typed ("" for none)."""

    html: str
    typed: str = ""


@lru_cache(maxsize=1000)
def parsed(template: str) -> tuple[Part, ...]:
    """The parts of a template; what is broken is taken as it stands."""
    stack: list[tuple[str, str, list[Part]]] = [("", "", [])]
    last = 0
    template = COMMENT.sub("", template) if "<!--" in template else template
    for count, found in enumerate(TOKEN.finditer(template)):
        if count >= MOST_TOKENS:
            break
        parts = stack[-1][2]
        if found.start() > last:
            parts.append(Part(text=template[last : found.start()]))
        last = found.end()
        sign, name = found[1], found[2].strip()
        if sign in {"#", "^"} and len(stack) < DEEPEST:
            stack.append((sign, name, []))
        elif sign == "/" and len(stack) > 1:
            when, field, inner = stack.pop()
            stack[-1][2].append(Part(field=field, when=when, parts=tuple(inner)))
        elif not sign:
            *filters, field = (word.strip() for word in name.split(":"))
            parts.append(Part(field=field, filters=tuple(reversed(filters))))
    if last < len(template):
        stack[-1][2].append(Part(text=template[last:]))
    while len(stack) > 1:
        when, field, inner = stack.pop()
        stack[-1][2].append(Part(field=field, when=when, parts=tuple(inner)))
    return tuple(stack[0][2])


def render(template: str, fields: Mapping[str, str], *, cloze: int = -1, answer: bool = False) -> Side:
    """A side of a card. `cloze` is the gap to hide, 0 leaves gaps as they are written, -1 shows no such field."""
    parts = parsed(template)
    if len(parts) == 1 and parts[0].field and not parts[0].when and not parts[0].filters:  # the usual question
        return Side(html=fields.get(parts[0].field, ""))
    made = _Rendering(fields, cloze, answer)
    made.add(parts)
    return Side(html="".join(made.pieces), typed=made.typed)


class _Rendering:
    def __init__(self, fields: Mapping[str, str], cloze: int, answer: bool) -> None:  # noqa: FBT001  (private)
        self.fields, self.cloze, self.answer = fields, cloze, answer
        self.pieces: list[str] = []
        self.length = 0
        self.typed = ""

    def add(self, parts: tuple[Part, ...]) -> None:
        for part in parts:
            if part.when:
                if self._holds(part.field) == (part.when == "#"):
                    self.add(part.parts)
                continue
            text = self._field(part) if part.field else part.text
            self.length += len(text)
            if self.length <= LONGEST:
                self.pieces.append(text)

    def _holds(self, field: str) -> bool:
        if field not in self.fields and re.fullmatch(r"c[0-9]{1,4}", field):
            return int(field[1:]) == self.cloze
        return bool(self.fields.get(field, "").strip())

    def _field(self, part: Part) -> str:
        if "type" in part.filters and "cloze" not in part.filters:
            self.typed = self.typed or part.field
        text = self.fields.get(part.field, "")
        for one in part.filters:
            text = self._filtered(one, text)
        return text

    def _filtered(self, name: str, text: str) -> str:
        if name == "cloze":
            return self._gaps(text)
        if name == "text":
            return re.sub(r"<[^<>]*>", "", text)
        if name.partition(" ")[0] == "tts" or (name in {"type", "hint"} and not self.answer and self.cloze < 0):
            return ""
        return "" if name == "type" and self.cloze < 0 else text

    def _gaps(self, text: str) -> str:
        if self.cloze == 0:
            return text
        return "" if self.cloze < 0 else with_gaps(text, self.cloze, answer=self.answer)


def with_gaps(text: str, number: int, *, answer: bool) -> str:
    """The text with one number's gaps hidden, or in bold if `answer`; gaps may stand inside one another."""
    out: list[list[str]] = [[]]
    open_gaps: list[bool] = []
    at = 0
    while at < len(text):
        found = GAP_START.match(text, at) if text.startswith("{{c", at) else None
        if found and len(open_gaps) < MOST_OPEN_GAPS:
            numbers = {int(one) for one in found[1].split(",") if one}
            open_gaps.append(number in numbers)
            out.append([])
            at = found.end()
        elif open_gaps and text.startswith("}}", at):
            inner = "".join(out.pop())
            out[-1].append(_shown(inner, asked=open_gaps.pop(), answer=answer))
            at += 2
        else:
            following = min(
                (place for place in (text.find("{{c", at + 1), text.find("}}", at + 1)) if place > 0), default=-1
            )
            end = following if following > 0 else len(text)
            out[-1].append(text[at:end])
            at = end
    return "".join("".join(piece) for piece in out)


def _shown(inner: str, *, asked: bool, answer: bool) -> str:
    text, _, hint = inner.partition("::")
    if not asked:
        return text
    return f"<b>{text}</b>" if answer else f"[{hint or '…'}]"
