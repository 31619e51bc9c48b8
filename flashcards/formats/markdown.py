"""Cards in Markdown, those in the middle of notes among them: a `plain.Format`, as a module."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flashcards.formats.cells import WORDS, decode, plain
from flashcards.formats.dialects.attributes import SHORT, block, comment
from flashcards.formats.dialects.notes import Drawn, Note, Section
from flashcards.formats.gathered import Draft, better_id, deck_id, deck_of_file, id_fault, told_apart
from flashcards.formats.ids import slug
from flashcards.formats.plain import Beside, Brought, Options, PlainDeck
from flashcards.formats.readers import DECK_ID
from flashcards.formats.source import MOST_PROBLEMS, Source, tick
from flashcards.formats.texts import counted, fault_at, opened
from flashcards.formats.yaml import MOST_CARDS

if TYPE_CHECKING:
    from flashcards.model import Problem

name = "markdown"
suffixes = (".md", ".markdown")
FRONT_TAG = re.compile(r"""(?:^|[\s#\[,"'])flashcards(?:/([\w/-]+))?(?![\w-])""")
"""`flashcards` among the tags at the top of a note."""
MOST_TOP = 10_000
"""Characters at the top in which a name is looked for: Python's reader takes a time that grows with their square."""
BLOCK_START = re.compile(r"[-*+>|`~#\s]|[0-9]+[.)]")
"""What Markdown only takes for a list, a quote, a table … at the start of a line."""


class Top(NamedTuple):
    """What stands between two `---` at the top of a note."""

    lines: int = 0
    name: str = ""
    tag: str | None = None


def read(path: Path, name: str, options: Options) -> Brought:
    """The cards of the note at `path`; what is no card is passed over."""
    file = opened(path, name)
    if file.problem:
        return Brought(problems=(file.problem,))
    return _brought(file.text, name, options, file.notes)


def _brought(text: str, name: str, options: Options, notes: tuple[str, ...] = ()) -> Brought:
    top = _top(text)
    body = text.split("\n", top.lines)[-1] if top.lines else text
    note = Note(body, name, first=top.lines + 1, tag=top.tag)
    note.read()
    decks = _Decks(note, Source(name, text), top, options)
    problems = [*note.problems, *decks.problems]
    if problems:
        return Brought(problems=tuple(sorted(problems, key=lambda one: one.line)[:MOST_PROBLEMS]))
    made = decks.made()
    told = (*notes, *decks.notes) if made else ()  # a note without cards is no concern of ours
    return Brought(decks=made, notes=told)


def _top(text: str) -> Top:
    """The front matter: TOML with a name, or YAML that may have tags; anything else is no card either."""
    if not text.startswith("---\n"):
        return Top()
    end = text.find("\n---", 3)
    if end < 0 or text[end + 4 : end + 5] not in {"", "\n"}:
        return Top()
    inside = text[4 : end + 1]
    tags = inside[inside.find("tags") :] if "tags" in inside else ""
    tag = FRONT_TAG.search(tags)
    return Top(text.count("\n", 0, end + 1) + 1, _name(inside), (tag[1] or "") if tag else None)


def _name(inside: str) -> str:
    if "name" not in inside or len(inside) > MOST_TOP:
        return ""
    import tomllib  # 6 ms, and few notes have such a head

    try:
        found = tomllib.loads(inside).get("name", "")
    except (ValueError, RecursionError):  # a number of 5,000 digits is no TOMLDecodeError
        return ""
    return found.strip() if isinstance(found, str) else ""


class _Decks:
    """Parts the cards of a note into decks; collects what is wrong or was passed over."""

    def __init__(self, note: Note, source: Source, top: Top, options: Options) -> None:
        self.note = note
        self.source = source
        self.base = deck_id(top.name) if top.name else options.deck or deck_of_file(source.name)
        headed = [section for section in note.sections if section.heading]
        self.several = len(headed) > 1
        self.title = top.name or (headed[0].heading if len(headed) == 1 and not headed[0].about else "")
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.about: dict[str, Mapping[str, Any]] = {}
        self.drafts: dict[str, list[Draft]] = {}
        self._part()

    def _fail(self, line: int, message: str, hint: str) -> None:
        self.problems.append(fault_at(self.source, line, message, hint))

    def _part(self) -> None:
        whole = [drawn for drawn in self.note.cards if _is_whole(drawn.card)]
        if len(whole) > MOST_CARDS:
            self._fail(whole[MOST_CARDS].line, f"more than {MOST_CARDS:,} cards", "split the file")
        ids: dict[tuple[str, str], int] = {}
        decks = [self._deck(section) for section in self.note.sections]
        for drawn in whole[:MOST_CARDS]:
            deck = decks[drawn.section] if drawn.deck is None else self._tagged(drawn.deck)
            self._check(drawn, deck, ids)
            self.drafts.setdefault(deck, []).append(Draft(drawn.card, drawn.line, drawn.headings))

    def _deck(self, section: Section) -> str:
        """The id of the deck of a section."""
        about = section.about
        if "deck" in about:
            deck = str(about["deck"])
            if not DECK_ID.fullmatch(deck):
                self._fail(section.line, f"`deck` may have a-z, 0-9 and `-`, not {tick(deck)}", better_id(deck))
            title = {"title": section.heading} if section.heading not in {"", deck} else {}
            self.about[deck] = {**self.about.get(deck, {}), **title, **about}
            return deck
        if self.several and section.heading:
            deck = f"{self.base}-{slug(section.heading) or deck_id(section.heading)}"
            self.about.setdefault(deck, {"title": section.heading, **about})
            return deck
        title = {"title": self.title} if self.title not in {"", self.base} else {}
        self.about.setdefault(self.base, title)
        self.about[self.base] = {**self.about[self.base], **about}
        return self.base

    def _tagged(self, tag: str) -> str:
        """The id of the deck that a tag names."""
        if not tag:
            return self.base
        deck = deck_id(tag)
        self.about.setdefault(deck, {} if deck == tag else {"title": tag})
        return deck

    def _check(self, drawn: Drawn, deck: str, ids: dict[tuple[str, str], int]) -> None:
        card = str(drawn.card.get("id", ""))
        if not card:
            return
        if fault := id_fault(card):
            self._fail(drawn.line, fault, better_id(card))
        first = ids.setdefault((deck, card), drawn.line)
        if first != drawn.line:
            self._fail(drawn.line, f"the id {tick(card)} is taken, first on line {first}", "give it another id")

    def made(self) -> tuple[PlainDeck, ...]:
        """The decks that have cards."""
        apart = {deck: told_apart(drafts) for deck, drafts in self.drafts.items()}
        broken = [drawn.line for drawn in self.note.cards if not _is_whole(drawn.card)]
        if broken:
            cards = counted(len(broken), "unfinished card")
            self.notes.append(f"{cards} left out (no answer, or no gap), the first on line {broken[0]}")
        if self.note.left:
            blocks = counted(len(self.note.left), "comment or block")
            self.notes.append(f"{blocks} with keys of no card left out, the first on line {self.note.left[0].line}")
        self.notes += [note for one in apart.values() for note in one.notes]
        return tuple(self._plain(deck, one.cards) for deck, one in apart.items())

    def _plain(self, deck: str, cards: tuple[Mapping[str, Any], ...]) -> PlainDeck:
        about: Mapping[str, Any] = self.about.get(deck, {})
        tags, was = (tuple(about.get(key, ())) for key in ("tags", "was"))
        return PlainDeck(id=deck, title=str(about.get("title", "")), tags=tags, was=was, cards=cards)


def _is_whole(card: Mapping[str, Any]) -> bool:
    """Whether there is something to ask and something behind it."""
    return "cloze" in card or ("front" in card and ("back" in card or "answer" in card))


def write(decks: Sequence[PlainDeck], beside: Sequence[Beside] = ()) -> Iterable[bytes]:
    """The decks as one text, each under a heading; `beside` are files that the text names, and stay beside it."""
    del beside
    for number, deck in enumerate(decks):
        yield (("\n" if number else "") + _head(deck)).encode()
        for card in deck.cards:
            yield ("\n" + _card(canonical(card))).encode()


def canonical(card: Mapping[str, Any]) -> dict[str, Any]:
    """The card out of texts, lists and dicts only, words in lists."""
    values = {key: plain(value) for key, value in card.items()}
    return {key: decode(key, v) if key in WORDS and isinstance(v, str) else v for key, v in values.items()}


PROBE = "\nQ: x\nA: y\n"
"""A card behind what was written: if it is read too, nothing above ran over."""


def _head(deck: PlainDeck) -> str:
    """The heading of a deck and what is said of it: as a comment where that reads back, else as a block."""
    about = {"deck": deck.id, "tags": list(deck.tags), "was": list(deck.was)}
    about = {key: value for key, value in about.items() if value}
    nice = f"# {deck.title or deck.id}\n{comment(about)}\n"
    wanted = deck._replace(cards=({"front": "x", "back": "y"},))
    if _brought(nice + PROBE, "", Options()).decks == (wanted,):
        return nice
    return f"# {deck.id}\n\n" + block("deck", {**about, **({"title": deck.title} if deck.title else {})})


def _card(card: Mapping[str, Any]) -> str:
    """A card as text with what stands beside it; all of it as a block where that would not read back."""
    nice = _nice(card)
    note = Note(nice + PROBE, "")
    note.read()
    if [drawn.card for drawn in note.cards] == [card, {"front": "x", "back": "y"}] and not note.problems:
        return nice
    return block("card", card)


def _nice(card: Mapping[str, Any]) -> str:
    """`Q:` and `A:`, or `C:`; a comment with the short keys, a block with the others."""
    shown = ("cloze",) if "cloze" in card else ("front", "back")
    marks = {"cloze": "C:", "front": "Q:", "back": "A:"}
    text = "".join(_side(marks[key], str(card[key])) for key in shown if key in card)
    short = {key: card[key] for key in SHORT if key in card}
    rest = {key: value for key, value in card.items() if key not in short and key not in shown}
    return text + (f"{comment(short)}\n" if short else "") + (block("card", rest) if rest else "")


def _side(mark: str, text: str) -> str:
    """A side behind its mark, or below it where Markdown wants the start of a line."""
    below = "\n" in text and BLOCK_START.match(text)
    return f"{mark}\n{text}\n" if below else f"{mark} {text}\n"
