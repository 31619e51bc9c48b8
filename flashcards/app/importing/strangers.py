"""Sources under the name of another: none takes the place of a deck with which it has no card in common."""

from flashcards.app.importing.arrival import Bringing, Wishes
from flashcards.app.library import DeckChange
from flashcards.formats.gathered import deck_of_file
from flashcards.model import Problem
from flashcards.places import stored_path
from flashcards.store import Store

STANDARD_INPUT = "standard input"


def kept_apart(store: Store, one: Bringing, wishes: Wishes) -> Bringing:
    """The same, or its problems where it would replace what is not its own; `words.csv` may lie in many folders."""
    changes = [reading.change for reading in one.readings if reading.change]
    nameless = deck_of_file(STANDARD_INPUT)
    if one.name == STANDARD_INPUT and not wishes.deck and any(change.deck.id == nameless for change in changes):
        return one.refused(Problem.of_file(one.name, "it does not say what its deck is called", "--deck NAME does"))
    if wishes.replace:
        return one
    return one.refused(*found) if (found := [_stranger(one, c) for c in changes if _is_stranger(store, c)]) else one


def _is_stranger(store: Store, change: DeckChange) -> bool:
    """Whether there is a deck of that name in the very file, and none of its cards is in the new one, or like one."""
    known = store.deck_called(change.deck.id)
    if known is None or change.unchanged or known.path != stored_path(change.source.path):
        return False
    live = {card for card, (_, _, retired) in store.deck_cards(change.deck.id).items() if not retired}
    return bool(live) and not (live & change.texts.keys() or change.renames or change.proposals)


def _stranger(one: Bringing, change: DeckChange) -> Problem:
    deck = change.deck.id
    message = f"there is a deck `{deck}` with other cards, and not one of them is in this"
    hint = "--deck NAME makes a deck of its own; --replace takes this one in its place"
    return Problem.of_file(one.name, message, hint)
