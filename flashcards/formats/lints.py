"""What can be read but is probably not meant: an answer cut off at ` #`, a question that is asked twice.

A lint is a warning with a name. `# lint: off NAME` in a card silences it for that card; above the cards, in the
whole file.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

from flashcards.formats.composer import ListNode, MapNode, Node
from flashcards.formats.events import ScalarEvent
from flashcards.formats.notes import Note
from flashcards.formats.silence import Silence
from flashcards.formats.source import VALUE_FOLLOWS, Source, cells, closest, quoted, tick, visible
from flashcards.formats.telling import gives_away, is_command
from flashcards.model import Deck, Problem
from flashcards.pauses import without_pauses

LONGEST_ANSWER = 78
"""Columns: what stands on one line of a terminal of 80, behind a prompt of two (ours)."""
MOST_CURE_CHARACTERS = 70
ANSWERS = ("answer", "accept", "wrong")
PROSE = ("front", "back", "cloze", "reverse", "explain")
COMMENT = re.compile(r"(?P<blanks>\s+)#(?!\s*lint:)")
"""Behind one blank it may be text; two or more set a remark apart, as is the custom in YAML."""
WORD = re.compile(r"\w")
LEFT_OUT = re.compile(r"…|\.\.\.")
"""`do … done` explains two words that stand apart."""
EITHER = re.compile(r",\s+|\s+or\s+|\s+/\s+")
"""`-a, --all` explains what may be typed in two ways."""

NAMES: Mapping[str, str] = {
    "answer-cut": "an answer without quotes is followed by ` #`, and YAML drops the rest",
    "text-cut": "any other text without quotes is followed by ` #`",
    "answer-long": "an answer is longer than a line",
    "no-explain": "a command of several words is not explained word by word",
    "explain-stray": "a word is explained that no answer has",
    "right-and-wrong": "a text counts and does not count",
    "accept-twice": "a text that counts already is accepted again",
    "cloze-bare": "a gap has no text around it",
    "front-twice": "two cards ask the same",
    "gives-away": "a question holds the answer of a card that may come on the same day, or its own",
    "lint-unknown": "a comment silences a lint that does not exist",
}
"""Every lint and what it means; the documentation names them all."""


class Lint(NamedTuple):
    """A warning: its name, its place, what is odd and what to do."""

    name: str
    problem: Problem


class Slip(NamedTuple):
    """A lint before its place is told: `node` is where it points."""

    name: str
    note: Note
    node: Node
    message: str
    hint: str


Rule = Callable[[Note, Source], Iterator[Slip]]
Where = tuple[frozenset[str], frozenset[str]]


def lint(notes: Sequence[Note], source: Source, deck: Deck | None = None) -> list[Lint]:
    """The lints of a deck, in the order of the file; those that it silences are left out."""
    with without_pauses():  # the nodes of a big deck are a million objects to look through: three quarters of the time
        return _lint(notes, source, deck)


def _lint(notes: Sequence[Note], source: Source, deck: Deck | None) -> list[Lint]:
    tags = deck.tags if deck else ()
    slips = [slip for note in notes for rule in RULES for slip in rule(note, source)]
    slips += [slip for note in notes for slip in _no_explain(note, tags)]
    slips += _front_twice(notes)
    slips += (Slip("gives-away", *found) for found in gives_away(notes, tags))
    silence = Silence(notes, source)
    found = [_told(slip, source) for slip in slips if not silence.covers(slip.name, slip.note)]
    found += _strangers(silence, source)
    return sorted(found, key=lambda one: (one.problem.line, one.problem.column))


def _told(slip: Slip, source: Source) -> Lint:
    node = slip.node
    if isinstance(node, MapNode) and not node.flow and node.items:
        node = node.items[0]
    card = f"card {tick(slip.note.id)}" if slip.note.id else f"card {slip.note.number}"
    span = source.span(node.start_mark, node.end_mark)
    return Lint(slip.name, source.problem(span, f"{card}: {slip.message}", slip.hint))


def _strangers(silence: Silence, source: Source) -> Iterator[Lint]:
    """Comments with a slip of the pen would silence nothing, and nobody would know."""
    for comment in silence.strangers(NAMES):
        meant = closest(comment.first, list(NAMES))
        hint = f"did you mean `{meant}`?" if meant else "there are: " + ", ".join(NAMES)
        yield Lint("lint-unknown", source.problem(comment.span, f"no lint is called {tick(comment.first)}", hint))


# ---------------------------------------------------------------- one card


def _cut(note: Note, source: Source) -> Iterator[Slip]:
    """Texts behind which a comment stands: the comment may have been part of it."""
    for field in (*ANSWERS, *PROSE):
        if (node := note.found.nodes.get(field)) is None:
            continue
        for scalar in _scalars(node):
            lost = _comment(scalar, source, typed=field in ANSWERS)
            if lost:
                name = "answer-cut" if field in ANSWERS else "text-cut"
                yield Slip(name, note, scalar, f"`{field}` ends before {tick(lost)}: to YAML that is a comment",
                           _quote_or_move(scalar, source))  # fmt: skip


def _comment(scalar: ScalarEvent, source: Source, *, typed: bool) -> str:
    """The comment behind a text without quotes; empty if there is none, or if it is set apart by two blanks.

    Where it cut through a quote of the shell it is lost, not set apart.
    """
    if scalar.style:
        return ""
    rest = source.line(scalar.end_mark.line)[scalar.end_mark.column :]
    found = COMMENT.match(rest)
    if not found or (len(found["blanks"]) > 1 and not (typed and _is_open(scalar.value))):
        return ""
    return rest.strip()


def _is_open(text: str) -> bool:
    return any(text.count(mark) % 2 for mark in "'\"")


def _quote_or_move(scalar: ScalarEvent, source: Source) -> str:
    line = source.line(scalar.start_mark.line)
    before, whole = line[: scalar.start_mark.column], line[scalar.start_mark.column :].rstrip()
    found = VALUE_FOLLOWS.fullmatch(before)
    move = "it is cut in the middle" if _is_open(scalar.value) else "put two blanks before a remark"
    if not found or len(whole) > MOST_CURE_CHARACTERS or scalar.end_mark.line != scalar.start_mark.line:
        return f"put the text in quotes; {move}"
    return visible(f"quote it: {found['key'].rstrip()} {quoted(whole)}; {move}")


def _long(note: Note, source: Source) -> Iterator[Slip]:  # noqa: ARG001  (rules are called alike)
    node = note.found.nodes.get("answer")
    for scalar in _scalars(node) if node is not None else ():
        text = scalar.value.rstrip("\n")
        if "\n" in text:
            yield Slip("answer-long", note, scalar, "the answer has several lines", "ask for one line at a time")
        elif len(text) > LONGEST_ANSWER // 2 and (wide := cells(text)) > LONGEST_ANSWER:
            message = f"the answer is {wide} columns wide, more than a line of {LONGEST_ANSWER}"
            yield Slip("answer-long", note, scalar, message, "nobody types that from memory; ask for a part of it")


def _contradiction(note: Note, source: Source) -> Iterator[Slip]:  # noqa: ARG001
    """Texts that count and do not, or that count twice."""
    values, nodes = note.found.values, note.found.nodes
    answers = {key: (text,) for key, text in values.get("answer", {}).items()}
    accepted = values.get("accept", {})
    wrong = values.get("wrong", {})
    if not answers or not (accepted or wrong):
        return
    for text in sorted(_common(wrong, answers) | _common(wrong, accepted)):
        message = f"{tick(text)} is right and `wrong`"
        yield Slip("right-and-wrong", note, _holding(nodes["wrong"], text), message, "take it out of one of them")
    same = {key: answers.get(key, answers.get("", ())) for key in accepted}  # what each list adds to
    for text in sorted({text for key, texts in accepted.items() for text in texts if text in same[key]}):
        node = _holding(nodes["accept"], text)
        yield Slip("accept-twice", note, node, f"`accept` repeats the answer {tick(text)}", "remove the line")


def _common(some: Mapping[str, Sequence[str]], others: Mapping[str, Sequence[str]]) -> set[str]:
    """Texts of both that meet somewhere; "" is everywhere."""
    return {
        text
        for key, texts in some.items()
        for other, more in others.items()
        if key == other or not key or not other
        for text in texts
        if text in more
    }


def _holding(node: Node, text: str) -> Node:
    return next((scalar for scalar in _scalars(node) if scalar.value.rstrip("\n") == text), node)


def _stray(note: Note, source: Source) -> Iterator[Slip]:  # noqa: ARG001
    """Words of `explain` that no answer has."""
    values = note.found.values
    explained, answers = values.get("explain"), values.get("answer")
    if not explained or not answers:
        return
    texts = [*answers.values(), *(text for found in values.get("accept", {}).values() for text in found)]
    for word, _ in explained:
        if not _is_in(word, texts) and not any(_is_in(part, texts) for part in EITHER.split(word)):
            node = _key(note.found.nodes["explain"], word)
            hint = "explain the words as they are typed; what else there is to say belongs into `back`"
            yield Slip("explain-stray", note, node, f"{tick(word)} is explained, and in no answer", hint)


def _is_in(word: str, texts: Sequence[str]) -> bool:
    parts = [part for piece in LEFT_OUT.split(word) if (part := piece.strip())]
    return any(all(part in text for part in parts) for text in texts)


def _key(node: Node, word: str) -> Node:
    """The key of that name in a mapping, or in a list of mappings."""
    if isinstance(node, ListNode):
        return next((key for item in node.items if (key := _key(item, word)) is not item), node)
    keys = node.items[::2] if isinstance(node, MapNode) else []
    return next((key for key in keys if isinstance(key, ScalarEvent) and key.value == word), node)


def _bare(note: Note, source: Source) -> Iterator[Slip]:  # noqa: ARG001
    """Gaps without anything around them to tell what is asked."""
    if not note.gaps:
        return
    for number in note.gaps.numbers():
        hidden = [gap for gap in note.gaps.gaps if gap.number == number]
        ends = [0, *(place for gap in hidden for place in (gap.start, gap.end)), len(note.gaps.text)]
        shown = "".join(note.gaps.text[start:end] for start, end in list(pairwise(ends))[::2])
        if not WORD.search(shown) and not all(gap.hint for gap in hidden):
            message = f"gap `c{number}` has no text around it, so nothing says what is asked"
            yield Slip("cloze-bare", note, note.found.nodes["cloze"], message, "hide a part of a sentence")


def _no_explain(note: Note, deck_tags: Sequence[str]) -> Iterator[Slip]:
    """A command of several words that nobody explains."""
    values, nodes = note.found.values, note.found.nodes
    if "explain" in nodes or not is_command(note, deck_tags):
        return
    if any(" " in text.strip() for text in values["answer"].values()):
        hint = "add `explain:` with a line for each word: what it is or does"
        yield Slip("no-explain", note, nodes["answer"], "nothing explains the words of this command", hint)


RULES: tuple[Rule, ...] = (_cut, _long, _contradiction, _stray, _bare)


# ---------------------------------------------------------------- cards among each other


def _front_twice(notes: Sequence[Note]) -> Iterator[Slip]:
    """Questions that read the same, letter by letter, and may meet on one platform and in one shell."""
    seen: dict[str, dict[Where, Note]] = {}
    for note in notes:
        where = _where(note)
        for field, text in _questions(note):
            earlier = seen.setdefault(" ".join(text.split()), {})
            twin = next((other for there, other in earlier.items() if _meet(there, where)), None)
            earlier.setdefault(where, note)
            if twin is not None:
                place = "its own `front`" if twin is note else f"the card on line {twin.node.start_mark.line + 1}"
                hint = "nobody can tell which answer is meant; say in the question what differs"
                yield Slip("front-twice", note, note.found.nodes[field], f"`{field}` asks the same as {place}", hint)


def _questions(note: Note) -> Iterator[tuple[str, str]]:
    if note.gaps:
        yield from (("cloze", note.gaps.front(number)) for number in note.gaps.numbers())
        return
    values = note.found.values
    yield from ((field, values[field]) for field in ("front", "reverse") if field in values)


def _where(note: Note) -> Where:
    """Platforms and shells; a question names its shell, so that the same words ask for something else in another."""
    values = note.found.values
    return frozenset(values.get("platform", ())), frozenset(values.get("run", {}).get("shells", ()))


def _meet(one: Where, other: Where) -> bool:
    return all(not some or not more or some & more for some, more in zip(one, other, strict=True))


def _scalars(node: Node) -> Iterator[ScalarEvent]:
    """The texts in a node: itself, the items of a list, the values of a mapping."""
    if isinstance(node, ScalarEvent):
        yield node
        return
    for item in node.items[1::2] if isinstance(node, MapNode) else node.items:
        yield from _scalars(item)
