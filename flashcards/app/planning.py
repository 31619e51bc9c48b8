"""Asks the store for what comes up now, within the caps and wishes in force."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from flashcards.app import App
from flashcards.due import Candidate, Caps, Plan, Queues, Rules, Seen, plan
from flashcards.model import CardId
from flashcards.platforms import here


class Asked(NamedTuple):
    """What a person asked for with flags; None and empty mean the settings."""

    decks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    new: int | None = None
    reviews: int | None = None
    limit: int | None = None
    siblings: bool = False
    ahead: int = 0
    """Days to look ahead."""


EVERYTHING = Asked()


def make_plan(app: App, asked: Asked = EVERYTHING, waiting: Iterable[Seen] = ()) -> Plan:
    """The cards that come up now, beside those that are `waiting` in a sitting and have their place."""
    today = app.today
    until = today + timedelta(days=asked.ahead)
    rules = Rules(
        day=today,
        platform=here(),
        caps=_caps(app, asked),
        separate_siblings=app.config.get("separate_siblings") and not asked.siblings,
        tags=frozenset(asked.tags),
        limit=asked.limit,
    )
    store = app.store
    seen = store.seen(today)
    done = {one.card for one in seen}
    return plan(
        _queues(partial(store.reviews_due, until, today), asked.decks, rules.caps.reviews_by_deck),
        _queues(partial(store.new_cards, today), asked.decks, rules.caps.new_by_deck),
        store.drills(today, asked.decks),
        [*seen, *(one for one in waiting if one.card not in done)],
        rules,
        _met(app),
    )


def _queues(
    ask: Callable[..., Iterator[Candidate]], decks: tuple[str, ...], caps: Mapping[str, int]
) -> Iterator[Candidate] | Queues:
    """One queue for each deck that has a cap of its own, and one for all the others that were asked for."""
    own = [deck for deck in caps if not decks or deck in decks]
    if not own:
        return ask(decks)
    queues = [ask((deck,)) for deck in own]
    if not set(decks) or set(decks) - set(own):
        queues.append(ask(decks, without=own))
    return Queues(*queues)


def _caps(app: App, asked: Asked) -> Caps:
    new, new_by_deck = _cap(app, "new_per_day", asked.new)
    reviews, reviews_by_deck = _cap(app, "reviews_per_day", asked.reviews)
    return Caps(new=new, reviews=reviews, new_by_deck=new_by_deck, reviews_by_deck=reviews_by_deck)


def _cap(app: App, name: str, wish: int | None) -> tuple[int, dict[str, int]]:
    """A cap, and the decks that have one of their own; a flag and the environment hold for all decks."""
    if wish is not None:
        return wish, {}
    value, source = app.config.explain(name)
    return value, {} if source == f"CARDS_{name.upper()}" else app.config.by_deck(name)


def _met(app: App) -> Callable[[CardId], bool]:
    def met(card: CardId) -> bool:
        row = app.store.card(card)
        if row is None or row.card is None or row.retired or row.memory.suspended:
            return True
        return row.memory.passed or bool(row.card.platform and here() not in row.card.platform)

    return met


def backlog(app: App, planned: Plan, asked: Asked = EVERYTHING) -> int:
    """Cards due and asked for that do not come up now: caps, limits and siblings leave them for later."""
    today, taken = app.today, frozenset(planned.main)
    if asked.tags or asked.ahead:
        due = app.store.reviews_due(today, today, asked.decks)
        return sum(_fits(card.tags, card.platform, asked) and card.card not in taken for card in due)
    return max(0, app.store.count_due(today, asked.decks, platform=here()) - planned.reviews)


def backlog_in_words(cards: int) -> str:
    """What a person hears of a backlog."""
    return f"{cards} more are due and wait for another day" if cards > 1 else "1 more is due and waits for another day"


def _fits(tags: tuple[str, ...], platform: tuple[str, ...], asked: Asked) -> bool:
    return (not asked.tags or not set(asked.tags).isdisjoint(tags)) and (not platform or here() in platform)
