"""From what a deck file says of a card to the cards that are asked: one, a reverse too, or one for each gap."""

from typing import Any, NamedTuple

from flashcards.formats.composer import MapNode, Node
from flashcards.formats.made import Cloze, cloze, joined, misspelt_gap, reverse_back
from flashcards.formats.source import visible
from flashcards.formats.walk import Found, Walk
from flashcards.model import NOTHING, Card, CardId

MOST_GAPS = 30
"""Each number is a card of its own, with all of the text (ours)."""
MOST_GAP_CHARACTERS = 200_000
"""Text times cards: what one cloze may grow to (ours)."""
TYPED_ONLY = ("accept", "wrong", "run")
NOT_WITH_CLOZE = ("front", "answer", "reverse", *TYPED_ONLY)


class Note(NamedTuple):
    """A card as it stands in the file; `id` is empty where it has none."""

    number: int
    node: MapNode
    found: Found
    id: str = ""
    gaps: Cloze | None = None

    def text(self) -> str:
        """What a missing id is made of."""
        return self.gaps.text if self.gaps else str(self.found.values.get("front", ""))

    def suffixes(self) -> list[str]:
        """What its cards have behind the id; what is broken makes what it says."""
        if self.gaps:
            return [f"~c{number}" for number in self.gaps.numbers()]
        return ["", "~reverse"] if "reverse" in self.found.nodes else [""]


def make_note(walk: Walk, node: MapNode, number: int, found: Found) -> Note:
    """The note, its keys checked against one another."""
    values, nodes = found.values, found.nodes
    gaps = None
    if "run" in values:
        _shells(walk, nodes["run"], values["run"])
    if "cloze" in nodes:
        gaps = _gaps(walk, found)
        _clash(walk, found)
    elif not found.strange and not node.broken:
        _basic(walk, node, found)
    return Note(number=number, node=node, found=found, id=values.get("id", ""), gaps=gaps)


def _shells(walk: Walk, node: Node, run: dict[str, Any]) -> None:
    """`shell: bash` is `shells: [bash]`; both at once is one too many."""
    if "shell" in run and "shells" in run:
        walk.fail_at(walk.head(node), "`run` has `shell` and `shells`", "keep one of them")
    elif "shell" in run:
        run["shells"] = run.pop("shell")


def _gaps(walk: Walk, found: Found) -> Cloze | None:
    """The gaps of a cloze; tells where there are none."""
    written = found.values.get("cloze")
    if written is None:
        return None
    if slip := misspelt_gap(written):
        hint = "write a gap like {{c1::text}} or {{c1::text::hint}}"
        walk.fail(found.nodes["cloze"], f"`cloze` has a gap that cannot be read: {visible(slip)}", hint)
        return None
    gaps = cloze(written)
    numbers = len(gaps.numbers())
    if numbers > MOST_GAPS or numbers * len(written) > MOST_GAP_CHARACTERS:
        walk.fail(found.nodes["cloze"], "`cloze` makes too many cards of too long a text", "make several cards of it")
        return None
    if gaps.gaps:
        return gaps
    walk.fail(found.nodes["cloze"], "`cloze` hides nothing", "mark what to hide: {{c1::text}}")
    return None


def _clash(walk: Walk, found: Found) -> None:
    clashes = [f"`{name}`" for name in NOT_WITH_CLOZE if name in found.nodes]
    if clashes:
        first = found.nodes[clashes[0].strip("`")]
        hint = "`cloze` is question and answer in one; make two cards"
        walk.fail(first, f"has `cloze` and {' and '.join(clashes)}", hint)


def _basic(walk: Walk, node: MapNode, found: Found) -> None:
    """A card without gaps needs a front and something behind it."""
    nodes = found.nodes
    if "front" not in nodes:
        has = "`reverse` but no `front`" if "reverse" in nodes else "no `front`"
        walk.fail_at(walk.head(node), f"has {has}", "write the question: front: …, or a text with gaps: cloze: …")
    elif "answer" not in nodes and "back" not in nodes:
        hint = "add `answer: …` to have it typed, or `back: …` to have it shown"
        walk.fail_at(walk.head(node), "has neither `answer` nor `back`", hint)
    elif "answer" not in nodes:
        for name in TYPED_ONLY:
            if name in nodes:
                hint = "write what is right: answer: …"
                walk.fail_at(walk.source.span(nodes[name].start_mark, nodes[name].start_mark), _needs(name), hint)


def _needs(name: str) -> str:
    return f"`{name}` needs an `answer`"


def cards(note: Note, after: tuple[CardId, ...], deck: str, deck_tags: tuple[str, ...]) -> list[Card]:
    """The cards of a note that has no problems."""
    values = note.found.values
    base = _base(note, deck, deck_tags, after)
    if note.gaps:
        return [_gap_card(base, note.gaps, number) for number in note.gaps.numbers()]
    if "reverse" not in values:
        return [base]
    back = reverse_back(base.front, typed=bool(base.answer), back=base.back)
    return [base, _made(base, "~reverse")._replace(kind="reverse", front=values["reverse"], back=back)]


def _base(note: Note, deck: str, deck_tags: tuple[str, ...], after: tuple[CardId, ...]) -> Card:
    values: dict[str, Any] = note.found.values
    get = values.get
    name = CardId(f"{deck}/{note.id}")
    tags = get("tags")
    answer = get("answer", NOTHING)
    was = get("was")
    return Card(
        id=name,
        deck=deck,
        note=name,
        kind="typed" if answer else "basic",
        front=get("front", ""),
        back=get("back", ""),
        answer=answer,
        accept=get("accept", NOTHING),
        wrong=get("wrong", NOTHING),
        explain=get("explain", ()),
        tags=tuple(dict.fromkeys((*deck_tags, *tags))) if tags else deck_tags,
        after=after,
        platform=tuple(get("platform", ())),
        run=get("run"),
        rev=get("rev", 1),
        was=tuple(word for word, _ in was) if was else (),
        line=note.node.start_mark.line + 1,
    )


def _made(base: Card, suffix: str) -> Card:
    """A card that shares the note's surroundings; it is only shown, so it has nothing to type or to run."""
    return base._replace(
        id=CardId(base.id + suffix),
        answer=NOTHING,
        accept=NOTHING,
        wrong=NOTHING,
        run=None,
        was=tuple(f"{word}{suffix}" for word in base.was),
    )


def _gap_card(base: Card, gaps: Cloze, number: int) -> Card:
    back = joined(gaps.back(number), base.back)
    return _made(base, f"~c{number}")._replace(kind="cloze", front=gaps.front(number), back=back)
