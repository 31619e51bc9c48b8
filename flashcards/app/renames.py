"""Histories that go on under another id: what `was` and `rev` of a deck ask for, checked and written as marks."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from flashcards import clock
from flashcards.app import device
from flashcards.log import MOST_IDS, ids_from, not_before
from flashcards.model import Card, CardId, Deck, EventId, Mark, Problem, Restore
from flashcards.store import Store

if TYPE_CHECKING:
    from flashcards.app.library import DeckChange


class Rename(NamedTuple):
    """A card, and an id whose history is its own."""

    card: CardId
    old: CardId


def asked_for(deck: Deck) -> Iterator[Rename]:
    """What `was` says, of the deck and of its cards."""
    for card in deck.cards:
        for former in _former_ids(card, deck.was):
            yield Rename(card.id, former)


def _former_ids(card: Card, decks: Sequence[str]) -> Iterator[CardId]:
    name = card.id.partition("/")[2]
    for deck in decks:
        yield CardId(f"{deck}/{name}")
    for word in card.was:
        for full in [word] if "/" in word else [f"{deck}/{word}" for deck in (card.deck, *decks)]:
            yield CardId(full)


class Library:
    """Which cards decks have once an import is taken in."""

    def __init__(self, store: Store, decks: Iterable[Deck]) -> None:
        self._store = store
        self._coming = {deck.id: {card.id for card in deck.cards} for deck in decks}
        self._leaving = {former for deck in decks for former in deck.was}

    def has(self, card: CardId) -> bool:
        """Whether a deck has this card then."""
        deck = card.partition("/")[0]
        if deck in self._coming:
            return card in self._coming[deck]
        if deck in self._leaving:
            return False
        row = self._store.card(card)
        return row is not None and not row.retired and row.card is not None and row.card.id == card


def of_deck(deck: Deck, library: Library, aliases: Mapping[CardId, CardId]) -> tuple[list[Rename], list[Problem]]:
    """The marks that a deck needs, or what stands in their way."""
    wanted, problems = [], []
    lines = {card.id: card.line for card in deck.cards}
    for rename in dict.fromkeys(asked_for(deck)):
        now = aliases.get(rename.old, rename.old)
        if now == rename.card:
            continue
        wanted.append(rename)
        if library.has(rename.old):
            problems.append(_still_there(deck, lines[rename.card], rename.old))
        elif now != rename.old and library.has(now):
            problems.append(_taken(deck, lines[rename.card], rename.old, now))
    asked = {rename.card for rename in wanted}
    for card in lines.keys() & aliases.keys() if aliases else ():
        if library.has(aliases[card]):
            problems.append(_taken(deck, lines[card], card, aliases[card]))
        elif card not in asked:  # it came back under its former name, as after a change that was taken back
            wanted.append(Rename(card, aliases[card]))
    return wanted, sorted(problems, key=lambda problem: problem.line)[:1]


def _still_there(deck: Deck, line: int, old: CardId) -> Problem:
    return Problem(
        path=deck.path,
        line=line,
        column=1,
        message=f"`was` names `{old}`, a card that the deck `{old.partition('/')[0]}` still has",
        hint="take it out there, and import both files at once",
    )


def _taken(deck: Deck, line: int, old: CardId, now: CardId) -> Problem:
    return Problem(
        path=deck.path,
        line=line,
        column=1,
        message=f"the history of `{old}` belongs to `{now}`, which is still there",
        hint=f"give the card another id, or take `{now}` out of its deck",
    )


# ---------------------------------------------------------------- marks


def carry(store: Store, changes: Sequence["DeckChange"]) -> None:
    """Writes the marks that are missing, as one action; the decks are in the store by now.

    Every device writes its own: what a mark does it does once, whoever else wrote it, so two
    devices that take the same deck in, in any order, come to the same memories.
    """
    aliases = store.aliases()
    marks = [
        (rename.card, "was", rename.old)
        for change in changes
        for rename in change.renames
        if aliases.get(rename.old, rename.old) != rename.card
    ]
    writer = Writer(store)
    writer.write(marks, store.newest_rename())
    cards = [card for change in changes for card in change.deck.cards if card.rev > 1]
    for card in cards:
        memory = store.memory(card.id)
        if memory.rev < card.rev and not _was_reset(store, card):
            late = writer.take_back(store.ahead_of([card.id], writer.now)[:MOST_IDS])
            writer.write([(card.id, "reset", str(card.rev))], "" if late else memory.order[0])


def _was_reset(store: Store, card: Card) -> bool:
    """Whether the log knows of this revision already, even if it was taken back."""
    return any(isinstance(e, Mark) and (e.mark, e.value) == ("reset", str(card.rev)) for e in store.events(card.id))


class Writer:
    """Appends marks as one batch."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.now = clock.now()
        self._batch: EventId | None = None
        self._ids: Iterator[EventId] = iter(())

    def take_back(self, events: tuple[EventId, ...]) -> bool:
        """What stands later than now, since a clock ran ahead; whether there is any."""
        if events:
            identity = self._next()
            name = device.name(self._store)
            self._store.append([Restore(identity, events, (), at=self.now, device=name, batch=self._batch)])
        return bool(events)

    def _next(self) -> EventId:
        if self._batch is None:
            self._batch = device.new_id(self._store, self.now)
            self._ids = ids_from(self._batch, self.now)
        return next(self._ids)

    def write(self, marks: Sequence[tuple[CardId, str, str]], behind: str) -> None:
        """Marks as (card, mark, value), behind the moment `behind`."""
        if not marks:
            return
        at, own = not_before(self.now, behind), device.name(self._store)
        events = [
            Mark(self._next(), card, mark, at, value=value, device=own, batch=self._batch)
            for card, mark, value in marks
        ]
        self._store.append(events)
