"""Which cards come up now, and in what order: caps, siblings, prerequisites, backlog. Pure.

Candidates come in as iterators in order and are drawn only until the caps are
full, so a hundred thousand cards cost no more than ten thousand.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import NamedTuple

from flashcards.model import NOTHING, CardId


class Candidate(NamedTuple):
    """A card that might be asked."""

    card: CardId
    deck: str
    note: CardId
    due: date | None
    """None: it is new."""
    after: tuple[CardId, ...] = ()
    platform: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    place: int = 0
    """Where it stands in the order of decks and files."""


class Seen(NamedTuple):
    """A card that has its place on this study day: it was reviewed, or waits in a sitting."""

    note: CardId
    deck: str
    was_new: bool
    card: CardId = CardId("")


class Caps(NamedTuple):
    """How many cards a study day takes. A deck with its own cap has its own allowance."""

    new: int = 20
    reviews: int = 200
    new_by_deck: Mapping[str, int] = NOTHING
    reviews_by_deck: Mapping[str, int] = NOTHING


class Rules(NamedTuple):
    """What a person asked for."""

    day: date
    platform: str = "linux"
    caps: Caps = Caps()
    separate_siblings: bool = True
    tags: frozenset[str] = frozenset()
    """Only cards with one of these; empty means any."""
    limit: int | None = None


class Plan(NamedTuple):
    """The cards of one sitting."""

    main: tuple[CardId, ...]
    reviews: int
    new: int
    drills: tuple[CardId, ...]
    fresh: frozenset[CardId] = frozenset()
    """Those of `main` that are new."""
    after: tuple[CardId, ...] = ()
    """Those of `main` that had to wait for others."""


class Queues:
    """Candidates in several queues, each with one allowance: a queue ends when that is spent.

    So a deck that has room under a cap of its own, but no cards, does not
    make anybody walk through all the cards of the others.
    """

    def __init__(self, *queues: Iterable[Candidate]) -> None:
        self._queues = queues

    def draw(self, has_room: Callable[[str], bool]) -> Iterator[Candidate]:
        """The candidates of all queues in one order, while `has_room` says so of their decks."""
        from heapq import merge  # 1 ms, and few decks have a cap of their own

        queues = [_while(has_room, queue) for queue in self._queues]
        yield from merge(*queues, key=lambda card: (card.due or date.min, card.place))


def _while(has_room: Callable[[str], bool], queue: Iterable[Candidate]) -> Iterator[Candidate]:
    for card in queue:
        yield card
        if not has_room(card.deck):
            return


Met = Callable[[CardId], bool]
"""Whether a prerequisite is met: it once had a grade of 3 or more, or cannot be asked."""


def plan(  # noqa: PLR0917  (the four supplies, the rules and the prerequisites: each is one thing)
    reviews: Iterable[Candidate] | Queues,
    new: Iterable[Candidate] | Queues,
    drills: Iterable[Candidate],
    seen: Iterable[Seen],
    rules: Rules,
    met: Met,
) -> Plan:
    """The cards that come up now.

    `reviews` come oldest due day first, `new` in deck order, `drills` by the
    time they were last asked. Drills ignore caps and siblings: they were begun today.
    """
    seen = list(seen)
    gate = _Gate(rules, met, seen)
    old = list(_draw(reviews, _Allowance(rules.caps.reviews, rules.caps.reviews_by_deck, seen, new=False), gate))
    young = list(_draw(new, _Allowance(rules.caps.new, rules.caps.new_by_deck, seen, new=True), gate))
    overdue = [c.card for c in old if c.due is not None and c.due < rules.day]
    today = [c.card for c in old if c.due is None or c.due >= rules.day]
    main = [*overdue, *interleave(today, [c.card for c in young])][: rules.limit]
    fresh = frozenset(c.card for c in young) & frozenset(main)
    after = tuple(c.card for c in young if c.after and c.card in fresh)
    again = tuple(d.card for d in drills if gate.fits(d))
    return Plan(
        main=tuple(main), reviews=len(main) - len(fresh), new=len(fresh), drills=again, fresh=fresh, after=after
    )


def interleave(old: list[CardId], young: list[CardId]) -> list[CardId]:
    """Spreads `young` evenly among `old`; both keep their order."""
    places = [(index + 0.5) / len(old) for index in range(len(old))]
    spots = [(index + 0.5) / len(young) for index in range(len(young))]
    keyed = [(p, 0, c) for p, c in zip(places, old, strict=True)] + [
        (p, 1, c) for p, c in zip(spots, young, strict=True)
    ]
    return [card for _, _, card in sorted(keyed, key=lambda item: item[:2])]


class _Gate:
    """Lets a card through once per note, on its platform, with its tags, when its prerequisites are met."""

    def __init__(self, rules: Rules, met: Met, seen: Iterable[Seen]) -> None:
        self.rules = rules
        self.met = met
        self.notes = {one.note for one in seen}
        self.cards = {one.card for one in seen}

    def fits(self, card: Candidate) -> bool:
        """Whether the card belongs to what was asked for at all."""
        rules = self.rules
        here = not card.platform or rules.platform in card.platform
        return here and (not rules.tags or not rules.tags.isdisjoint(card.tags))

    def opens(self, card: Candidate) -> bool:
        """Whether the card can come up today; if so its siblings wait."""
        if not self.fits(card) or card.card in self.cards or (self.rules.separate_siblings and card.note in self.notes):
            return False
        if card.due is None and not all(map(self.met, card.after)):
            return False
        self.notes.add(card.note)
        return True


class _Allowance:
    """What is left of a day's cap, per deck with a cap of its own and for all others together."""

    def __init__(self, cap: int, by_deck: Mapping[str, int], seen: Iterable[Seen], *, new: bool) -> None:
        self.left: dict[str | None, int] = {None: cap}
        self.left.update(by_deck)
        for one in seen:
            if one.was_new == new:
                self.take(one.deck)

    def has(self, deck: str) -> bool:
        return self.left[self._pot(deck)] > 0

    def take(self, deck: str) -> None:
        self.left[self._pot(deck)] -= 1

    def is_spent(self) -> bool:
        return all(left <= 0 for left in self.left.values())

    def _pot(self, deck: str) -> str | None:
        return deck if deck in self.left else None


def _draw(candidates: Iterable[Candidate] | Queues, allowance: _Allowance, gate: _Gate) -> Iterator[Candidate]:
    if allowance.is_spent():
        return
    for card in candidates.draw(allowance.has) if isinstance(candidates, Queues) else candidates:
        if allowance.has(card.deck) and gate.opens(card):
            allowance.take(card.deck)
            yield card
            if allowance.is_spent():
                return
