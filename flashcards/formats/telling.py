"""Which questions tell the answer of a card that may come on the same day."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from flashcards.formats.composer import Node
from flashcards.formats.made import CODE
from flashcards.formats.notes import Note
from flashcards.formats.source import tick, visible

EDGES = "`.,;:?!()\"'"
"""What stands around words in prose."""
JOINS = re.compile(r"[\w/=-]")
"""What makes a longer word of the words beside it."""
OPTION = re.compile(r"\s--?[A-Za-z]")
SIGN = re.compile(r"\w[^\w\s]+\w")
ARTICLES = ("a ", "an ", "the ")
MOST_WORDS = 40
"""Longer answers are not looked for: `answer-long` has told them already (ours)."""
LEAST_PHRASE_WORDS = 3
"""`the index` in a question about the index is no give-away, `stage all changed files` is (ours)."""
MOST_ALIKE = 3
"""Of more cards with one answer the first are looked at (ours)."""
MOST_WAITED_FOR = 100
"""A card behind so many others is taken to come after all: a chain of ten thousand must not take minutes (ours)."""
LEAST_GAP_CHARACTERS = 4
"""`the` may stand twice in a sentence (ours)."""


class Told(NamedTuple):
    """A question, at `node`, that holds an answer."""

    note: Note
    node: Node
    message: str
    hint: str


class Answer(NamedTuple):
    """What is to be typed for a card; `command`: for a shell."""

    note: Note
    text: str
    command: bool

    def is_known_in_prose(self) -> bool:
        """Whether it can be told from ordinary words without backticks."""
        words = self.text.split()
        phrase = len(words) - self.text.lower().startswith(ARTICLES)
        return len(words) > 1 and (self.command or phrase >= LEAST_PHRASE_WORDS)

    def is_known_in_code(self) -> bool:
        """Whether it is more than a name like `main`, which many questions need."""
        return self.command or " " in self.text or bool(SIGN.search(self.text))


def is_command(note: Note, deck_tags: Sequence[str] = ()) -> bool:
    """Whether a shell is to take the answer: it is run, or has the tag `command`, or options."""
    values = note.found.values
    if "answer" not in values:
        return False
    if "run" in note.found.nodes or "command" in deck_tags or "command" in values.get("tags", ()):
        return True
    return any(OPTION.search(text) for text in values["answer"].values())


def gives_away(notes: Sequence[Note], deck_tags: Sequence[str] = ()) -> Iterator[Told]:
    """Questions that hold a whole answer, and clozes that show what they hide.

    The other way of the same card comes on another day, and a card that comes after the other
    builds on it: both may say what was learnt.
    """
    answers = _Answers(notes, deck_tags)
    for note in notes:
        if note.gaps:
            yield from _shown_elsewhere(note)
        told: set[int] = set()
        for field in ("front", "reverse", "cloze"):
            for answer in answers.held(note, field):
                if answer.note.number not in told:
                    told.add(answer.note.number)
                    yield _tell(note, field, answer)


class _Answers:
    """All answers of a deck by their words, so that ten thousand questions are gone through once."""

    def __init__(self, notes: Sequence[Note], deck_tags: Sequence[str]) -> None:
        self._by_words: dict[tuple[str, ...], list[Answer]] = defaultdict(list)
        self._lengths: dict[str, set[int]] = defaultdict(set)
        self._by_id = {note.id: note for note in notes}
        for note in notes:
            texts = note.found.values.get("answer")
            if texts:
                command = is_command(note, deck_tags)
                for text in dict.fromkeys(texts.values()):
                    self._add(Answer(note=note, text=" ".join(text.split()), command=command))

    def _add(self, answer: Answer) -> None:
        words = _words(answer.text)
        if len(words) > MOST_WORDS or len(self._by_words.get(words, ())) >= MOST_ALIKE:
            return
        if answer.is_known_in_code() or answer.is_known_in_prose():
            self._by_words[words].append(answer)
            self._lengths[words[0]].add(len(words))

    def held(self, note: Note, field: str) -> Iterator[Answer]:
        """The answers that stand, whole, in a question and may be asked for on the same day; one for each text."""
        question = note.gaps.text if note.gaps and field == "cloze" else note.found.values.get(field)
        if not question:
            return
        for words in self._candidates(question):
            answers = (one for one in self._by_words[words] if self._can_meet(note, field, one.note))
            found = next((one for one in answers if _holds(question, one)), None)
            if found:
                yield found

    def _candidates(self, question: str) -> Iterator[tuple[str, ...]]:
        words = _words(question)
        lengths = self._lengths
        seen: set[tuple[str, ...]] = set()
        for start, word in enumerate(words):
            if word in lengths:
                pieces = {words[start : start + length] for length in lengths[word]} - seen
                seen |= pieces
                yield from sorted(piece for piece in pieces if piece in self._by_words)

    def _can_meet(self, note: Note, field: str, other: Note) -> bool:
        if note is other:
            return field == "front"
        ours, theirs = (set(one.found.values.get("platform", ())) for one in (note, other))
        return not (ours and theirs and not ours & theirs) and not _comes_after(note, other, self._by_id)


def _words(text: str) -> tuple[str, ...]:
    return tuple([word.strip(EDGES) for word in text.split()])


def _holds(question: str, answer: Answer) -> bool:
    """Whether it stands there by itself; as a part of a longer command it is another one."""
    lines = (line for found in CODE.finditer(question) for line in found[2].splitlines())
    if answer.is_known_in_code() and any(" ".join(line.split()).removeprefix("$ ") == answer.text for line in lines):
        return True
    if not answer.is_known_in_prose():
        return False
    return stands_in(answer.text, " ".join(CODE.sub("`", question).split()))


def stands_in(text: str, whole: str) -> bool:
    """Whether `text` is in `whole`, and not as a part of longer words."""
    at = whole.find(text)
    while at >= 0:
        end = at + len(text)
        if not JOINS.match(whole[max(at - 1, 0) : at]) and not JOINS.match(whole[end : end + 1]):
            return True
        at = whole.find(text, at + 1)
    return False


def _comes_after(note: Note, other: Note, by_id: Mapping[str, Note]) -> bool:
    """Whether `note` waits for `other`, in one step or several."""
    seen: set[str] = set()
    waiting = [note]
    while waiting and len(seen) < MOST_WAITED_FOR:
        for word, _ in waiting.pop().found.values.get("after", ()):
            name = word.rpartition("/")[2].partition("~")[0]
            if name == other.id:
                return True
            if name in by_id and name not in seen:
                seen.add(name)
                waiting.append(by_id[name])
    return bool(waiting)


def _shown_elsewhere(note: Note) -> Iterator[Told]:
    """Gaps whose text the same sentence shows at another place."""
    assert note.gaps  # noqa: S101  (the caller looked)
    for number in note.gaps.numbers():
        hidden = {gap.text for gap in note.gaps.gaps if gap.number == number and len(gap.text) >= LEAST_GAP_CHARACTERS}
        front = note.gaps.front(number) if hidden else ""
        for text in sorted(hidden):
            if stands_in(text, front):
                message = f"gap `c{number}` hides {tick(text)}, and the rest of the text shows it"
                hint = f"hide it there too, with the same number: {{{{c{number}::{visible(text, 20)}}}}}"
                yield Told(note=note, node=note.found.nodes["cloze"], message=message, hint=hint)


def _tell(note: Note, field: str, answer: Answer) -> Told:
    if note is answer.note:
        message, hint = f"`{field}` holds its own answer", "ask for what it does, without the words of the answer"
    else:
        message = f"`{field}` gives away the answer of {tick(answer.note.id)}"
        hint = f"use another example, or let it come later: after: [{visible(answer.note.id)}]"
    return Told(note=note, node=note.found.nodes[field], message=message, hint=hint)
