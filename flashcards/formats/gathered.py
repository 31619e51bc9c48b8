"""What cards from elsewhere lack: names of decks that can be ids, and ids for cards that ask the same."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any, NamedTuple

from flashcards.formats.ids import short_hash, slug
from flashcards.formats.made import cloze
from flashcards.formats.readers import DECK_ID, ID, MOST_ID_CHARACTERS
from flashcards.formats.source import tick
from flashcards.formats.texts import counted

UNNAMED = "import"
"""The deck of a file whose name has no letter that an id may have."""


class Draft(NamedTuple):
    """A card, where it stood, and what stood above it."""

    card: Mapping[str, Any]
    line: int
    context: tuple[str, ...] = ()
    """Headings above it, the outermost first."""


class Apart(NamedTuple):
    """The cards of a deck, no two of which can be taken for one another."""

    cards: tuple[Mapping[str, Any], ...]
    notes: tuple[str, ...] = ()


def deck_id(name: str) -> str:
    """An id for the deck that is called `name` elsewhere: `Spanish::Verbs` is `spanish-verbs`."""
    if DECK_ID.fullmatch(name) and len(name) <= MOST_ID_CHARACTERS:
        return name
    return slug(name) or f"deck-{short_hash(name)}"


def deck_of_file(name: str) -> str:
    """An id for a deck whose file is called `name`."""
    stem = PurePath(name.rsplit("/", 1)[-1].partition("?")[0]).stem
    return slug(stem) or (f"deck-{short_hash(stem)}" if stem else UNNAMED)


def title_of_file(name: str) -> str:
    """What people see of a deck whose file has a name that no id can hold: `日本.csv`; "" where the id says it all."""
    stem = PurePath(name.rsplit("/", 1)[-1].partition("?")[0]).stem
    return "" if slug(stem) else " ".join(stem.split())


def id_fault(written: str) -> str:
    """What keeps `written` from being the id of a card; empty if nothing does."""
    if len(written) > MOST_ID_CHARACTERS:
        return f"the id is longer than {MOST_ID_CHARACTERS} characters"
    return "" if ID.fullmatch(written) else f"an id may have a-z, 0-9, `.`, `_` and `-`, not {tick(written)}"


def better_id(written: str) -> str:
    """A hint for an id that cannot be one."""
    better = slug(written)
    return f"write: {better}" if better else "like: my-card"


def asked(card: Mapping[str, Any]) -> str:
    """What an id is made of where a card has none."""
    return cloze(str(card["cloze"])).text if "cloze" in card else str(card.get("front", ""))


def told_apart(drafts: Sequence[Draft]) -> Apart:
    """The cards, each to be told from the others.

    What is there twice is there once; where two ask the same, the later one says what it stands under,
    or else gets an id of all that it says.
    """
    seen: dict[str, list[Mapping[str, Any]]] = {}
    cards: list[Mapping[str, Any]] = []
    same, renamed = [], []
    for draft in drafts:
        card = draft.card
        equals = () if "id" in card else seen.get(asked(card), ())
        if card in equals:
            same.append(draft.line)
            continue
        if equals:
            seen[asked(card)].append(card)
            card = _with_context(card, draft.context, seen)
            renamed += [draft.line] * ("id" in card)
        if "id" not in card:
            seen.setdefault(asked(card), []).append(card)
        cards.append(card)
    return Apart(tuple(cards), tuple(_repeats(same, renamed)))


def _with_context(card: Mapping[str, Any], context: Iterable[str], seen: Mapping[str, Any]) -> Mapping[str, Any]:
    """The card with the nearest heading that makes its question another; or with an id."""
    key = "cloze" if "cloze" in card else "front"
    for heading in reversed(tuple(context)):
        under = {**card, key: f"{heading}: {card[key]}"}
        if asked(under) not in seen:
            return under
    written = json.dumps(card, ensure_ascii=False, sort_keys=True, default=list)
    return {"id": "-".join(filter(None, (slug(asked(card)), short_hash(written)))), **card}


def _repeats(same: list[int], renamed: list[int]) -> Iterable[str]:
    if same:
        yield f"{counted(len(same), 'repeated card')} left out, the first on line {same[0]}"
    if renamed:
        number = counted(len(renamed), "card")
        yield f"{number} with a question that is there before, the first on line {renamed[0]}; told apart by an id"
