"""Changes a deck file by putting text in or taking text out: every other byte stays, and the result is proved.

Pure: text in, text out. What comes out is read again and must be the deck
that was meant; else nothing is given and an error says why.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from flashcards.errors import BadRequest, DeckProblems
from flashcards.formats import emit
from flashcards.formats.composer import Collection, ListNode, MapNode, Node
from flashcards.formats.deckfile import CannotSpliceError, Deckfile, Edit, proved, same
from flashcards.formats.events import ScalarEvent
from flashcards.formats.plain import PlainDeck
from flashcards.formats.source import BREAK
from flashcards.formats.walk import pairs
from flashcards.formats.yaml import parse_notes
from flashcards.model import Deck

ONE_KEY = 2
"""The items of a mapping that holds one key."""


# ---------------------------------------------------------------- ids


def with_ids(data: bytes, name: str) -> tuple[bytes, int]:
    """The file with an id in each card that had none, the one its history goes by; and how many those were."""
    edits = id_edits(data, name)
    if not edits:
        return data, 0
    file = Deckfile(data, name)
    return proved(file.made(edits), name, lambda deck: same(deck.cards, file.deck.cards)), len(edits)


def id_edits(data: bytes, name: str) -> list[Edit]:
    """What writes the ids: one more line for each card, or a word behind its brace."""
    file = Deckfile(data, name)
    without = (note for note in file.notes if "id" not in note.found.nodes)
    return [_key_edit(file, note.node, f"id: {note.id}") for note in without]


def _key_edit(file: Deckfile, node: MapNode, entry: str) -> Edit:
    """Puts one more key into a card."""
    start, column = node.start_mark.index, node.start_mark.column
    if node.flow:
        return _in_braces(file, node, entry)
    line = " " * column + entry
    if file.first_on_line(start):
        before = file.text[file.line_start(start) : start]
        return _insertion(start, f"{entry}{file.newline}{before}")
    first = node.items[1]
    if not isinstance(first, Collection | ScalarEvent):  # pragma: no cover
        raise CannotSpliceError("a card has no value")
    block = first.style in {"|", ">"} if isinstance(first, ScalarEvent) else not first.flow
    if not block:
        return _insertion(file.line_end(first.end_mark.index), file.newline + line)
    if len(node.items) > ONE_KEY:
        return _insertion(file.line_start(node.items[2].start_mark.index), line + file.newline)
    return _insertion(start, f"{entry}{file.newline}{' ' * column}")


def _in_braces(file: Deckfile, node: MapNode, entry: str) -> Edit:
    start = node.start_mark.index
    if file.text[start : start + 1] != "{":
        raise CannotSpliceError(
            f"{file.name}:{node.start_mark.line + 1}: a card inside brackets has no braces of its own",
            hint="put it in braces: {cloze: …}",
        )
    tail = "," if file.text[start + 1 : start + 2].isspace() else ", "
    return _insertion(start + 1, entry + tail)


def _insertion(at: int, text: str) -> Edit:
    return Edit(start=at, end=at, text=text)


# ---------------------------------------------------------------- a card more


def with_card(data: bytes, name: str, card: Mapping[str, Any]) -> bytes:
    """The file with one more card, which has an id, at the end of its cards."""
    block = emit.to_yaml(PlainDeck(id="x", cards=(card,))).partition("\ncards:\n")[2]
    return with_card_text(data, name, block, card)


def item_text(card: Mapping[str, Any]) -> str:
    """A card as it is written into a file, without an indentation."""
    return _shifted(emit.to_yaml(PlainDeck(id="x", cards=(card,))).partition("\ncards:\n")[2], 2, 0, "\n")


def with_card_text(data: bytes, name: str, block: str, card: Mapping[str, Any]) -> bytes:
    """The same, for a card whose text is already there, in block style."""
    file = Deckfile(data, name)
    wanted = card["id"]
    if any(note.id == wanted for note in file.notes):
        raise BadRequest(
            f"`{file.deck.id}` has a card `{wanted}`", hint="give one of them another id: `id: new`, `was: old`"
        )
    old = file.deck.cards

    def good(deck: Deck) -> bool:
        fresh = [one for one in deck.cards if one.note == f"{deck.id}/{wanted}"]
        return bool(fresh) and same(deck.cards[: len(old)], old) and len(deck.cards) == len(old) + len(fresh)

    return _first_proved(file, _places(file, block, card), good)


def _places(file: Deckfile, block: str, card: Mapping[str, Any]) -> Iterator[list[Edit]]:
    """Where the card may go, the best place first."""
    listed = file.listed
    last = listed.items[-1]
    if listed.flow:
        yield [_insertion(last.end_mark.index, f", {_flow(card)}")]
        return
    dash = listed.start_mark.column
    text = _shifted(block, _indent(block), dash, file.newline).removesuffix(file.newline)
    blank = file.newline if _apart(file, listed) else ""
    end = _with_comments(file, file.content_end(last), dash)
    yield [_insertion(end, file.newline + blank + text)]
    after = last.end_mark.index
    yield [_insertion(after, ("" if file.first_on_line(after) else file.newline) + text + file.newline)]


def _apart(file: Deckfile, listed: ListNode) -> bool:
    """Whether a blank line stands before the last of several cards."""
    if len(listed.items) < ONE_KEY:
        return False
    gap = file.text[file.content_end(listed.items[-2]) : listed.items[-1].start_mark.index]
    return any(not line.strip() for line in BREAK.split(gap)[1:-1])


def _with_comments(file: Deckfile, end: int, dash: int) -> int:
    """The end of the comments that belong to what ends at `end`: they are indented deeper than the dash."""
    found, at = end, file.next_line(end)
    while at < len(file.text):
        line = file.text[at : file.line_end(at)]
        bare = line.lstrip()
        if bare and not (bare.startswith("#") and len(line) - len(bare) > dash):
            break
        if bare:
            found = file.line_end(at)
        at = file.next_line(at)
    return found


def _flow(value: Any) -> str:  # noqa: ANN401  (as YAML would hold it)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_key(name)}: {_flow(inner)}" for name, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    text = str(value)
    return text if emit.WORD.fullmatch(text) else emit.escaped(text)


def _key(name: str) -> str:
    return name if emit.WORD.fullmatch(name) else emit.escaped(name)


def _indent(block: str) -> int:
    """The column of the dash of a card's text."""
    line = next(line for line in BREAK.split(block) if line.lstrip().startswith("-"))
    return len(line) - len(line.lstrip())


def _shifted(block: str, old: int, new: int, newline: str) -> str:
    """The lines with `new` spaces instead of `old`; a line with fewer keeps none of them."""

    def line(text: str) -> str:
        if not text.strip() and len(text) <= old:
            return ""
        return " " * new + text[min(old, len(text) - len(text.lstrip(" "))) :]

    return newline.join(map(line, BREAK.split(block)))


# ---------------------------------------------------------------- a card less


class Cut(NamedTuple):
    """A card that was taken out: the file without it, its text in block style, and its data."""

    data: bytes
    block: str
    card: Mapping[str, Any]


def without_card(data: bytes, name: str, card: str) -> Cut:
    """The file without a card, and the card with the comments that belong to it."""
    file = Deckfile(data, name)
    note = file.note(card)
    content = {"id": card, **file.plain(note)}
    listed = file.listed
    if len(listed.items) == 1:
        raise BadRequest(
            f"`{file.deck.id}/{card}` is the only card of its deck", hint="rename the deck instead, with `was:`"
        )
    rest = [one for one in file.deck.cards if one.note != f"{file.deck.id}/{card}"]
    index = note.number - 1
    start, end = (_flow_range if listed.flow else _block_range)(file, listed, index)
    made = proved(file.made([Edit(start, end, "")]), name, lambda deck: same(deck.cards, rest))
    node = note.node
    if listed.flow or node.flow:
        return Cut(made, emit.to_yaml(PlainDeck(id="x", cards=(content,))).partition("\ncards:\n")[2], content)
    return Cut(made, file.text[start:end].strip("\r\n"), content)


def _flow_range(file: Deckfile, listed: ListNode, index: int) -> tuple[int, int]:  # noqa: ARG001  (as for blocks)
    items = listed.items
    if index + 1 < len(items):
        return items[index].start_mark.index, items[index + 1].start_mark.index
    return items[index - 1].end_mark.index, items[index].end_mark.index


def _block_range(file: Deckfile, listed: ListNode, index: int) -> tuple[int, int]:
    """Whole lines: the comments right above the dash, the card, its comments, and one blank line."""
    node, dash = listed.items[index], listed.start_mark.column
    start = file.line_start(file.text.rfind("-", 0, node.start_mark.index + 1))
    least = file.next_line(_with_comments(file, file.content_end(listed.items[index - 1]), dash)) if index else 0
    while start > least:
        above = file.line_start(start - 1 - file.text.startswith("\r\n", start - 2))
        if not file.text[above:start].lstrip().startswith("#"):
            break
        start = above
    end = file.next_line(_with_comments(file, file.content_end(node), dash))
    following = file.next_line(end)
    if index + 1 < len(listed.items) and not file.text[end:following].strip():
        end = following
    return start, end


# ---------------------------------------------------------------- a name it had before


def with_was(block: str, deck: str, card: Mapping[str, Any], to: str = "") -> tuple[str, Mapping[str, Any]]:
    """A card's text, and its data, that say where the card was before it comes to a deck; and its id.

    A name that it had there once is its own again, and no former one.
    """
    before = card.get("was", ())
    words = [before] if isinstance(before, str) else list(before)
    names = [name.strip() for word in words for name in word.split(",") if name.strip()]
    was = [f"{deck}/{card['id']}", *(name if "/" in name else f"{deck}/{name}" for name in names)]
    content = {**card, "was": [name for name in dict.fromkeys(was) if name != f"{to}/{card['id']}"]}
    line = f"was: [{', '.join(content['was'])}]"
    file = _alone(block, f"{deck}/{card['id']}")
    note, edits = file.notes[0], []
    if "was" in note.found.nodes:
        key, value = next((k, v) for k, v in pairs(note.node) if isinstance(k, ScalarEvent) and k.value == "was")
        end = value.end_mark.index if _ends_exactly(value) else file.content_end(value)
        edits.append(Edit(key.start_mark.index, end, line))
    else:
        edits.append(_key_edit(file, note.node, line))
    if "id" not in note.found.nodes:
        edit = _key_edit(file, note.node, f"id: {card['id']}")
        twin = next((one for one in edits if one.start == edit.start), None)
        if twin is None:
            edits.append(edit)
        else:
            edits = [one for one in edits if one is not twin]
            edits.append(_insertion(edit.start, edit.text + twin.text))
    return file.made(edits).decode().partition("\ncards:\n")[2], content


def _alone(block: str, name: str) -> Deckfile:
    """A card's text as a deck; raises where it leans on cards that would not come along."""
    text = f"deck: x\ncards:\n{_shifted(block, _indent(block), 2, chr(10))}\n"
    try:
        return Deckfile(text.encode(), name)
    except DeckProblems as error:
        first = error.problems[0]
        raise CannotSpliceError(
            f"nothing was changed: `{name}` cannot be in another deck: {first.message}",
            hint=first.hint or "change it in an editor",
        ) from None


def _ends_exactly(node: Node) -> bool:
    return node.flow if isinstance(node, Collection) else node.style not in {"|", ">"}


# ---------------------------------------------------------------- places and proofs


def line_of(data: bytes, name: str, card: str) -> int:
    """The line on which a card begins, from 1; 0 where it is not found, also in a file with faults."""
    return next((note.node.start_mark.line + 1 for note in parse_notes(data, name).notes if note.id == card), 0)


def _first_proved(file: Deckfile, places: Iterable[list[Edit]], good: Callable[[Deck], bool]) -> bytes:
    failed: CannotSpliceError | None = None
    for edits in places:
        try:
            return proved(file.made(edits), file.name, good)
        except CannotSpliceError as error:
            failed = failed or error
    raise failed or CannotSpliceError(f"nothing was changed: no place in `{file.name}`")
