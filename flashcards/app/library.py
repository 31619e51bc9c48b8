"""Taking decks in: read, compared with what is there, all or nothing, with every change named."""

import zlib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from flashcards.app import matching, renames
from flashcards.app.finding import deck_said, is_deck
from flashcards.app.matching import Proposal
from flashcards.app.ordinary import Facts, contents, unreadable
from flashcards.app.renames import Rename
from flashcards.errors import CardsError
from flashcards.model import NOTHING, Card, CardId, Deck, Problem
from flashcards.pauses import without_pauses
from flashcards.places import BUNDLED, FIRST_DECK, bundled_deck, bundled_names, real_path, stored_path
from flashcards.store import DeckSource, Store
from flashcards.store.derived import card_from, card_text

Kind = Literal["new", "changed", "moved", "retired", "returned", "renamed"]
KINDS: tuple[Kind, ...] = ("new", "changed", "moved", "retired", "returned", "renamed")


class Change(NamedTuple):
    """What an import does to one card."""

    card: CardId
    kind: Kind
    front: str


class DeckChange(NamedTuple):
    """What an import does to one deck."""

    deck: Deck
    source: DeckSource
    changes: tuple[Change, ...]
    moved_from: str = ""
    """The file it was in before, if that is another."""
    renames: tuple[Rename, ...] = ()
    """Histories that go on in cards of this deck."""
    proposals: tuple[Proposal, ...] = ()
    """New cards that may be old ones reworded: nothing is done about them unless they are accepted."""
    unchanged: bool = False
    """The file says what it said before: `deck` is just its name, and there is nothing to take in."""
    texts: Mapping[str, str] = NOTHING
    """What the store keeps of each card, made for the comparison."""

    def count(self, kind: Kind) -> int:
        """How many cards change in this way."""
        return sum(change.kind == kind for change in self.changes)

    def accepting(self, proposals: Iterable[Proposal]) -> "DeckChange":
        """The same, with the histories of these proposals kept."""
        renames = [rename for proposal in proposals for rename in proposal.renames]
        new, old = {rename.card for rename in renames}, {rename.old for rename in renames}
        changes = [
            one._replace(kind="renamed") if one.card in new else one
            for one in self.changes
            if not (one.kind == "retired" and one.card in old)
        ]
        told = {one.card for one in changes}
        changes += [
            Change(card=p.card, kind="renamed", front=p.front)
            for p in proposals
            if not told & {rename.card for rename in p.renames}
        ]
        left = tuple(p for p in self.proposals if p not in proposals)
        return self._replace(changes=tuple(changes), renames=(*self.renames, *renames), proposals=left)


class Reading(NamedTuple):
    """What a source gave: a deck's change, or its problems."""

    path: str
    change: DeckChange | None
    problems: tuple[Problem, ...] = ()


# ---------------------------------------------------------------- reading


def read_all(store: Store, paths: Sequence[Path], *, replace: bool = False) -> list[Reading]:
    """Reads deck files and compares each with what the store has; changes nothing."""
    with without_pauses():
        readings = [read(store, path) for path in paths]
        return check_together(store, readings, replace=replace)


def read_first(store: Store) -> DeckChange | None:
    """The first of the decks that came with the program, compared with what the store has."""
    return read(store, Path(bundled_deck(FIRST_DECK))).change


def others_bundled() -> list[str]:
    """The names of the decks that came along and are not the first."""
    return [name for name in bundled_names() if name != FIRST_DECK]


def read(store: Store, path: Path) -> Reading:
    """Reads one deck file; its faults are data, a file that cannot be opened is an error."""
    try:
        data, facts = contents(path)
    except OSError as error:
        raise unreadable(path, error) from None
    return _parsed(store, path, data, facts)


def read_data(store: Store, path: Path, data: bytes) -> Reading:
    """Reads a deck that is still in memory and will be at `path`, where nothing need be yet."""
    return _parsed(store, path, data, Facts(size=len(data), mtime_ns=0))


def _parsed(store: Store, path: Path, data: bytes, facts: Facts) -> Reading:
    """The deck in `data`, compared with what the store has; not even parsed if it says what it said before."""
    hashed = digest(data)
    known = store.deck_at(stored_path(str(path)))
    if known and known.hash == hashed and not store.has_lost_names(known.deck):
        return _unchanged(store, path, known._replace(**facts._asdict()))
    from flashcards.formats import for_path  # PyYAML: 20 ms, and only when a deck changed

    shown = str(path)
    deck, problems = for_path(path).parse(data, shown)
    if deck is None or problems:
        return Reading(path=shown, change=None, problems=tuple(problems))
    stored = stored_path(shown)
    deck = deck._replace(path=stored)
    source = DeckSource(
        deck=deck.id,
        title=deck.title,
        path=stored,
        hash=hashed,
        source=zlib.compress(data, 1),
        **facts._asdict(),
    )
    return Reading(path=shown, change=_compare(store, deck, source))


def _unchanged(store: Store, path: Path, source: DeckSource) -> Reading:
    """A file that needs no second look; but a card that it left behind may still be proposed for one that is new."""
    deck = Deck(id=source.deck, title=source.title, path=source.path)
    found: tuple[Proposal, ...] = ()
    if any(retired for _, _, retired in store.deck_cards(deck.id).values()):
        cards = [row.card for row in store.all_rows([deck.id]) if row.card and not row.retired]
        found = matching.proposals(store, deck.id, cards, ())
    change = DeckChange(deck=deck, source=source, changes=(), proposals=found, unchanged=True)
    return Reading(path=str(path), change=change)


def deck_in(source: DeckSource, data: bytes) -> Deck | None:
    """The deck in a text that the store has, faults or not; None where nothing in it is one."""
    from flashcards.formats import for_path  # PyYAML: 20 ms

    deck, _ = for_path(Path(real_path(source.path))).parse(data, source.path)
    return deck and deck._replace(path=source.path)


def digest(data: bytes) -> str:
    """The hash of a deck file; it carries the name of its algorithm."""
    from hashlib import blake2b  # 3 ms of OpenSSL

    return f"blake2b:{blake2b(data, digest_size=20).hexdigest()}"


def _compare(store: Store, deck: Deck, source: DeckSource) -> DeckChange:
    known = store.deck_cards(deck.id)
    before = store.deck_called(deck.id)
    texts: dict[str, str] = {card.id: card_text(card) for card in deck.cards}
    moved = _out_of_order([known[c.id][1] for c in deck.cards if c.id in known and not known[c.id][2]])
    changes = [change for card in deck.cards if (change := _change(card, texts[card.id], known, moved))]
    gone = [card for card, (_, _, retired) in known.items() if not retired and card not in texts]
    changes += [Change(card=card, kind="retired", front=card_from(known[card][0]).front) for card in gone]
    moved_from = before.path if before and before.path != source.path else ""
    return DeckChange(deck=deck, source=source, changes=tuple(changes), moved_from=moved_from, texts=texts)


def _with_renames(store: Store, readings: list[Reading]) -> list[Reading]:
    """Each deck with the histories that go on in it, or with what stands in their way."""
    changed = [reading.change.deck for reading in readings if reading.change and not reading.change.unchanged]
    after, aliases = renames.Library(store, changed), store.aliases()
    return [_renaming(store, reading, after, aliases) for reading in readings]


def _renaming(store: Store, reading: Reading, after: renames.Library, aliases: Mapping[CardId, CardId]) -> Reading:
    change = reading.change
    if change is None or change.unchanged:
        return reading
    wanted, problems = renames.of_deck(change.deck, after, aliases)
    problems += _former_decks(store, change.deck)
    if problems:
        return Reading(path=reading.path, change=None, problems=tuple(p._replace(path=reading.path) for p in problems))
    known = {one.card for one in wanted if store.card(one.old) is not None}
    gone = {one.old for one in wanted}
    changes = tuple(
        one._replace(kind="renamed") if one.kind == "new" and one.card in known else one
        for one in change.changes
        if not (one.kind == "retired" and one.card in gone)
    )
    told = {one.card for one in changes}
    fronts = {card.id: card.front for card in change.deck.cards if card.id in known and card.id not in told}
    changes += tuple(Change(card=card, kind="renamed", front=front) for card, front in fronts.items())
    proposals = matching.proposals(store, change.deck.id, change.deck.cards, wanted)
    change = change._replace(changes=changes, renames=tuple(wanted), proposals=proposals)
    return reading._replace(change=change.accepting([one for one in proposals if one.certain]))


def _former_decks(store: Store, deck: Deck) -> list[Problem]:
    """A deck that `was` names and that a file still has."""
    known = {source.deck: source.path for source in store.decks()} if deck.was else {}
    for former in deck.was:
        if other := _still_there(known.get(former, ""), deck._replace(id=former)):
            message = f"`was` names the deck `{former}`, which is still in `{other}`"
            return [Problem.of_file(deck.path, message, "delete that file, or its `deck:`")]
    return []


def _change(card: Card, text: str, known: dict[CardId, tuple[str, int, bool]], moved: set[int]) -> Change | None:
    if card.id not in known:
        return Change(card=card.id, kind="new", front=card.front)
    content, place, retired = known[card.id]
    kind: Kind | None = None
    if retired:
        kind = "returned"
    elif content != text:
        kind = "changed"
    elif place in moved:
        kind = "moved"
    return Change(card=card.id, kind=kind, front=card.front) if kind else None


def _out_of_order(places: list[int]) -> set[int]:
    """The fewest places that moved: all outside a longest increasing subsequence."""
    tails: list[int] = []
    lengths: list[int] = []
    for place in places:
        index = bisect_left(tails, place)
        tails[index : index + 1] = [place]
        lengths.append(index)
    moved, need = set(), len(tails) - 1
    for place, length in zip(reversed(places), reversed(lengths), strict=True):
        if length == need:
            need -= 1
        else:
            moved.add(place)
    return moved


# ---------------------------------------------------------------- one deck, one file


def check_together(store: Store, readings: Sequence[Reading], *, replace: bool) -> list[Reading]:
    """A deck that is in two files is a problem that names both."""
    first: dict[str, str] = {}
    known = {source.deck: source.path for source in store.decks()}
    checked = []
    for reading in readings:
        other = ""
        if reading.change:
            deck = reading.change.deck
            other = first.setdefault(deck.id, reading.path) if deck.id in first else ""
            first.setdefault(deck.id, reading.path)
            if not other and not replace:
                other = _still_there(known.get(deck.id, ""), deck)
        checked.append(_twice(reading, other) if other else reading)
    return _with_renames(store, checked)


def _still_there(stored: str, deck: Deck) -> str:
    """The other file of this deck, if it is still there and is not one that came with the program."""
    if not stored or stored == deck.path or stored.startswith(BUNDLED):
        return ""
    path = Path(stored)
    here = Path(real_path(deck.path))
    if not path.is_file() or (here.exists() and path.samefile(here)):
        return ""
    return stored if deck_said(path) == deck.id else ""


def _other_name(path: str) -> str:
    if is_deck(Path(path)):
        return "give one of them another `deck:`"
    return "call one of the files something else, or its deck with --deck"


def _twice(reading: Reading, other: str) -> Reading:
    name = reading.change.deck.id if reading.change else ""
    hint = f"{_other_name(reading.path)}, delete one, or take this one with --replace"
    problem = Problem.of_file(reading.path, f"the deck `{name}` is also in `{other}`", hint)
    return Reading(path=reading.path, change=None, problems=(problem,))


# ---------------------------------------------------------------- taking in


def take(store: Store, changes: Iterable[DeckChange]) -> None:
    """Puts decks into the store, in one transaction."""
    taken = list(changes)
    fresh = [change for change in taken if not change.unchanged]
    with without_pauses(), store.together():
        formers = {former for change in fresh for former in change.deck.was}
        for former in formers:
            store.drop_deck(former)
        if formers:
            from flashcards.app import brought  # only where a deck gets another name

            brought.forget(store, formers)
        texts = {change.deck.id: change.texts for change in fresh}
        store.put_decks([(change.deck, change.source) for change in fresh], texts)
        renames.carry(store, taken)


def notice(
    store: Store, sources: Iterable[DeckSource], before_loss: Callable[[], object] | None = None
) -> list[Reading]:
    """Takes in the decks whose file changed on disk; `sources` are the suspects (`watching`).

    The hash decides; a file with faults is named and the last good version goes on. `before_loss` is called before
    cards are retired.
    """
    told, changed = [], []
    for source in sources:
        if source.hash:
            changed += _notice_one(store, source, Path(real_path(source.path)))
        else:
            told += _reindex(store, source)
    changed = _with_renames(store, changed)
    changes = [reading.change for reading in changed if reading.change]
    if before_loss and any(change.count("retired") for change in changes):
        before_loss()
    take(store, changes)
    return told + changed


def _notice_one(store: Store, source: DeckSource, path: Path) -> list[Reading]:
    try:
        data, facts = contents(path)
        if digest(data) == source.hash:
            if full := store.deck_called(source.deck, sources=True):
                store.touch_deck(full._replace(**facts._asdict()))
            return []
        reading = _parsed(store, path, data, facts)
    except (OSError, CardsError):
        return []
    if reading.change and source.deck not in (reading.change.deck.id, *reading.change.deck.was):
        return []
    return [reading]


def _reindex(store: Store, source: DeckSource) -> list[Reading]:
    """Reads the last good text of a deck again, after the card index was dropped."""
    from flashcards.formats import for_path

    full = store.deck_called(source.deck, sources=True)
    if full is None:  # another process took it away
        return []
    data = zlib.decompress(full.source)
    deck, problems = for_path(Path(real_path(source.path))).parse(data, source.path)
    if deck is None:
        return [Reading(path=source.path, change=None, problems=tuple(problems))]
    store.put_decks([(deck._replace(path=source.path), full._replace(hash=digest(data)))])
    return []
