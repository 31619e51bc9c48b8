"""Which new cards of a deck may be old ones reworded: proposals with a similarity, for a person to accept."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from flashcards.app.renames import Rename
from flashcards.formats.ids import HASH_DIGITS
from flashcards.model import Card, CardId
from flashcards.store import Store

LEAST_SIMILAR = 0.6
"""Of difflib's ratio, from 0 to 1 (ours)."""
MOST_PAIRS = 2_000
"""Up to so many pairs all are compared; beyond, only those that share rare words."""
CANDIDATES = 4
"""How many cards that are gone each new one is compared with then."""
COMMON = 40
"""A word that stands in more cards that are gone tells nothing."""
HASH = re.compile(f"[0-9a-f]{{{HASH_DIGITS}}}")
CHARACTERS = 300
"""Of a text that are compared: the work grows with their square."""


class Proposal(NamedTuple):
    """A card that is gone and a new one that resembles it."""

    card: CardId
    old: CardId
    front: str
    old_front: str
    percent: int
    renames: tuple[Rename, ...]
    """The same for each card that is made of it."""
    certain: bool = False
    """Not a word changed: its id was made of its text, and made anew since another card began or ceased to be alike."""


class Text(NamedTuple):
    """What is compared of a note."""

    note: CardId
    cards: tuple[Card, ...]
    text: str


def proposals(store: Store, deck: str, cards: Sequence[Card], renames: Iterable[Rename]) -> tuple[Proposal, ...]:
    """The best matches between cards of `deck` that are gone, with history, and those of `cards` without one."""
    live = {card.id for card in cards}
    if not any(card not in live for card in store.deck_cards(deck)):
        return ()
    settled = {one for rename in renames for one in rename}
    rows = list(store.all_rows([deck]))
    known = {row.memory.card for row in rows if row.memory.order[0]}
    gone = [row.card for row in rows if row.card and row.card.id not in live and row.card.id in known]
    known |= settled
    olds = _texts(card for card in gone if card.id not in settled)
    news = [one for one in _texts(cards) if not any(card.id in known for card in one.cards)]
    return tuple(_best(olds, news))


def in_place(store: Store, deck: str, cards: Sequence[Card], note: CardId) -> tuple[Proposal, ...]:
    """The card that stands where `note` stood, where all else stayed: however it was reworded, it is that one."""
    before = [row.card for row in store.all_rows([deck]) if row.card and not row.retired]
    olds, news = _texts(before), _texts(cards)
    changed = [(old, new) for old, new in zip(olds, news, strict=False) if old.note != new.note]
    if len(olds) != len(news) or [old.note for old, _ in changed] != [note]:
        return ()
    old, new = changed[0]
    if new.note in {one.note for one in olds} or not any(store.memory(card.id).order[0] for card in old.cards):
        return ()
    return tuple(_best([old], [new], least=0))


def _texts(cards: Iterable[Card]) -> list[Text]:
    notes: dict[CardId, list[Card]] = {}
    for card in cards:
        notes.setdefault(card.note, []).append(card)
    return [Text(note, tuple(its), _text(its[0])) for note, its in notes.items()]


def _text(card: Card) -> str:
    return "\n".join((card.front, *card.answer.values(), card.back))[:CHARACTERS]


def _best(olds: Sequence[Text], news: Sequence[Text], least: float = LEAST_SIMILAR) -> Iterator[Proposal]:
    """One to one, the most similar first."""
    scored = sorted(_scored(olds, news, least), key=lambda one: (-one[0], one[1], one[2]))
    taken_old, taken_new = set(), set()
    for ratio, new, old in scored:
        pairs = _pairs(news[new], olds[old])
        if old not in taken_old and new not in taken_new and pairs:
            taken_old.add(old)
            taken_new.add(new)
            yield Proposal(
                card=news[new].note,
                old=olds[old].note,
                front=news[new].cards[0].front,
                old_front=olds[old].cards[0].front,
                percent=round(ratio * 100),
                renames=pairs,
                certain=_is_same(news[new], olds[old]),
            )


def _is_same(new: Text, old: Text) -> bool:
    """Whether the texts are equal, and of the ids one is the other with a hash behind it."""
    short, long = sorted((new.note, old.note), key=len)
    if not (long.startswith(f"{short}-") and HASH.fullmatch(long, len(short) + 1)):
        return False
    said = ([(card.front, card.answer, card.back) for card in one.cards] for one in (new, old))
    return next(said) == next(said)


def _pairs(new: Text, old: Text) -> tuple[Rename, ...]:
    """Cards with the same suffix belong together."""
    suffixes = {card.id.removeprefix(old.note): card.id for card in old.cards}
    found = ((card.id, suffixes.get(card.id.removeprefix(new.note))) for card in new.cards)
    return tuple(Rename(card, former) for card, former in found if former)


def _scored(olds: Sequence[Text], news: Sequence[Text], least: float) -> Iterator[tuple[float, int, int]]:
    from difflib import SequenceMatcher  # 4 ms, and only where cards left a deck

    for new, candidates in _candidates(olds, news):
        matcher = SequenceMatcher(None, "", news[new].text, autojunk=False)
        for old in candidates:
            matcher.set_seq1(olds[old].text)
            if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
                continue
            ratio = matcher.ratio()
            if ratio >= least:
                yield ratio, new, old


def _candidates(olds: Sequence[Text], news: Sequence[Text]) -> Iterator[tuple[int, Iterable[int]]]:
    """For each new text those it is compared with: all, or in a big deck the few with which it shares rare words."""
    if len(olds) * len(news) <= MOST_PAIRS:
        yield from ((new, range(len(olds))) for new in range(len(news)))
        return
    having: defaultdict[str, list[int]] = defaultdict(list)
    for number, old in enumerate(olds):
        for word in set(old.text.split()):
            having[word].append(number)
    for number, new in enumerate(news):
        votes: Counter[int] = Counter()
        for word in set(new.text.split()):
            if len(having.get(word, ())) <= COMMON:
                votes.update(having.get(word, ()))
        yield number, [old for old, _ in votes.most_common(CANDIDATES)]
