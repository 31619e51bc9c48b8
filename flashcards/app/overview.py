"""What is due, what was done: the numbers behind the glance, the prompt and the end screen."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from flashcards import stats
from flashcards.app import App
from flashcards.due import Caps, Plan, Rules, plan
from flashcards.model import CardId, Grade, Review
from flashcards.platforms import here

DAYS_OF_PACE = 3
"""The last days with reviews tell how long a card takes."""
WEEK = 7


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


class DeckLine(NamedTuple):
    """One deck in the glance."""

    deck: str
    title: str
    due: int
    new: int
    known: int
    cards: int
    week: tuple[int, ...]
    """Cards due on each of the next seven days, the overdue ones on the first."""


def make_plan(app: App, asked: Asked = EVERYTHING) -> Plan:
    """The cards that come up now."""
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
    return plan(
        store.reviews_due(until, today, asked.decks),
        store.new_cards(today, asked.decks),
        store.drills(today, asked.decks),
        store.seen(today),
        rules,
        _met(app),
    )


def _caps(app: App, asked: Asked) -> Caps:
    config = app.config
    return Caps(
        new=config.get("new_per_day") if asked.new is None else asked.new,
        reviews=config.get("reviews_per_day") if asked.reviews is None else asked.reviews,
        new_by_deck=config.by_deck("new_per_day") if asked.new is None else {},
        reviews_by_deck=config.by_deck("reviews_per_day") if asked.reviews is None else {},
    )


def _met(app: App) -> Callable[[CardId], bool]:
    def met(card: CardId) -> bool:
        row = app.store.card(card)
        if row is None or row.card is None or row.retired or row.memory.suspended:
            return True
        return row.memory.passed or bool(row.card.platform and here() not in row.card.platform)

    return met


def backlog(app: App, planned: Plan, asked: Asked = EVERYTHING) -> int:
    """Cards due that today's caps leave for later."""
    return max(0, app.store.count_due(app.today, asked.decks) - planned.reviews)


def deck_lines(app: App, planned: Plan) -> list[DeckLine]:
    """The decks with what comes up, what is known and the week ahead."""
    today = app.today
    week = _week(app, today)
    known = app.store.known_by_deck()
    lines = []
    for source in app.store.decks():
        mine = [card for card in planned.main if card.partition("/")[0] == source.deck]
        fresh = sum(card in planned.fresh for card in mine)
        done, total = known.get(source.deck, (0, 0))
        lines.append(
            DeckLine(
                deck=source.deck,
                title=source.title,
                due=len(mine) - fresh,
                new=fresh,
                known=done,
                cards=total,
                week=week.get(source.deck, (0,) * WEEK),
            )
        )
    return lines


def _week(app: App, today: date) -> dict[str, tuple[int, ...]]:
    days: dict[str, list[int]] = {}
    for deck, due, count in app.store.dues_by_deck(today + timedelta(days=WEEK - 1)):
        days.setdefault(deck, [0] * WEEK)[max(0, (due - today).days)] += count
    return {deck: tuple(counts) for deck, counts in days.items()}


def streak(app: App) -> int:
    """Study days in a row with a review, up to today or yesterday."""
    return stats.streak(list(app.store.review_days()), app.today)


def retention_of(app: App, day: date) -> float | None:
    """The share of a day's scheduled reviews of cards seen before that got 3 or more."""
    counted = [review for review in _firsts(app.store.reviews_of(day)) if _was_known(app, review)]
    return sum(review.grade >= Grade.HARD for review in counted) / len(counted) if counted else None


def _firsts(reviews: Sequence[Review]) -> list[Review]:
    first: dict[CardId, Review] = {}
    for review in reviews:
        if review.mode in {"scheduled", "imported"}:
            first.setdefault(review.card, review)
    return list(first.values())


def _was_known(app: App, review: Review) -> bool:
    first_day = app.store.memory(review.card).first_day
    return first_day is not None and first_day < review.day


def minutes(app: App, cards: int) -> int:
    """About how long so many cards take, from the pace of the last days."""
    times: list[int] = []
    for day in islice(app.store.review_days(), DAYS_OF_PACE):
        times += [review.took_ms for review in app.store.reviews_of(day) if review.took_ms]
    return max(1, round(cards * stats.typical_ms(times) / 60_000)) if cards else 0
