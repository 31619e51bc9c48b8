"""What cards of one deck say of each other: ids that agree, `after` that names nobody, circles."""

from collections.abc import Iterator, Sequence
from itertools import islice

from flashcards.formats.composer import Node
from flashcards.formats.ids import from_texts
from flashcards.formats.notes import Note
from flashcards.formats.source import closest, tick
from flashcards.formats.walk import Walk
from flashcards.model import CardId

FAR = 3
"""A slip changes the length of a name by a few letters."""
MOST_COMPARED = 500
"""Comparing names takes 20 µs each."""
MOST_NAMED = 6
"""A longer circle is told with its first names only."""


def with_ids(walk: Walk, notes: Sequence[Note]) -> list[Note]:
    """The notes, each with an id; ids that are there twice are told."""
    nameless = [note for note in notes if "id" not in note.found.nodes]
    taken = frozenset(note.id for note in notes if note.id)
    made = dict(zip([note.number for note in nameless], from_texts([n.text() for n in nameless], taken), strict=True))
    named = [note._replace(id=made[note.number]) if note.number in made else note for note in notes]
    _twice(walk, named)
    return named


def _twice(walk: Walk, notes: Sequence[Note]) -> None:
    seen: dict[str, Note] = {}
    for note in notes:
        first = seen.setdefault(note.id, note) if note.id else note
        if first is note:
            continue
        walk.card, walk.number = note.node, note.number
        line = first.node.start_mark.line + 1
        if "id" in note.found.nodes:
            walk.fail(note.found.nodes["id"], f"its id is taken, first on line {line}", "give it another id")
        elif note.text():
            walk.fail_at(walk.head(note.node), f"asks the same as the card on line {line}", "give it an `id`")


class Links:
    """Looks up what `after` names; `sure` is False where cards are missing, since then nothing can be said."""

    def __init__(self, walk: Walk, deck: str, notes: Sequence[Note], *, sure: bool) -> None:
        self.walk = walk
        self.deck = deck
        self.notes = {note.id: note for note in notes if note.id}
        self.sure = sure
        self.known = {note.id + suffix: note for note in notes for suffix in note.suffixes()}
        self.edges: dict[str, dict[str, Node]] = {}

    def after(self, note: Note) -> tuple[CardId, ...]:
        """The ids of the cards that come before those of `note`; tells the names that nobody has."""
        named = note.found.values.get("after")
        if not named:
            return ()
        self.walk.card, self.walk.number = note.node, note.number
        words = dict(named)
        return tuple(dict.fromkeys(found for word, node in words.items() for found in self._look_up(note, word, node)))

    def _look_up(self, note: Note, word: str, node: Node) -> Iterator[CardId]:
        deck, _, name = word.rpartition("/")
        if deck and deck != self.deck:
            yield CardId(word)
        elif name in self.known:
            self.edges.setdefault(note.id, {})[self.known[name].id] = node
            yield CardId(f"{self.deck}/{name}")
        elif name in self.notes:
            self.edges.setdefault(note.id, {})[name] = node
            yield from (CardId(f"{self.deck}/{name}{suffix}") for suffix in self.notes[name].suffixes())
        elif self.sure:
            near = (known for known in self.known if known[0] == name[0] and abs(len(known) - len(name)) <= FAR)
            meant = closest(name, list(islice(near, MOST_COMPARED)))
            hint = f"did you mean `{meant}`?" if meant else "a card of another deck is named deck/id"
            self.walk.fail(node, f"`after` names {tick(word)}, which is no card of this deck", hint)

    def circles(self) -> None:
        """Tell every circle of `after`, each once."""
        done: set[str] = set()
        for start in self.edges:
            if start not in done:
                self._search(start, done)

    def _search(self, start: str, done: set[str]) -> None:
        """Depth first with a stack of its own: a chain may be as long as the deck."""
        path = [start]
        on_path = {start: 0}
        branches = [iter(self.edges.get(start, ()))]
        while path:
            following = next(branches[-1], None)
            if following is None:
                done.add(path.pop())
                branches.pop()
                on_path.popitem()
            elif following in on_path:
                self._circle(path[on_path[following] :])
            elif following not in done:
                on_path[following] = len(path)
                path.append(following)
                branches.append(iter(self.edges.get(following, ())))

    def _circle(self, names: list[str]) -> None:
        """Told at the card that comes last in the file of those in the circle."""
        last = max(names, key=lambda name: self.notes[name].number)
        turn = names.index(last)
        names = names[turn:] + names[:turn]
        note = self.notes[last]
        self.walk.card, self.walk.number = note.node, note.number
        shown = [tick(name) for name in names[:MOST_NAMED]] + ["…"] * (len(names) > MOST_NAMED) + [tick(last)]
        node = self.edges[last][names[1] if len(names) > 1 else last]
        self.walk.fail(
            node, f"`after` goes in a circle: {' → '.join(shown)}", "remove one of them: none could ever come"
        )


def renames(walk: Walk, deck: str, notes: Sequence[Note]) -> None:
    """Tell a `was` that names a card which is still there, or that two cards claim."""
    there = {note.id: note for note in notes}
    claimed: dict[str, Note] = {}
    for note in notes:
        for word, node in note.found.values.get("was", ()):
            name = word.removeprefix(f"{deck}/")
            first = claimed.setdefault(name, note)
            walk.card, walk.number = note.node, note.number
            if name in there:
                line = there[name].node.start_mark.line + 1
                hint = "`was` is for ids that nobody has any more"
                walk.fail(node, f"`was` names {tick(word)}, a card that is still there, on line {line}", hint)
            elif first is not note:
                line = first.node.start_mark.line + 1
                hint = "a history goes on in one card; take it out of the other"
                walk.fail(node, f"`was` names {tick(word)}, as the card on line {line} does", hint)
