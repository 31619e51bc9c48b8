"""What is due, what was done: the numbers behind the glance, the prompt and the end screen."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice
from typing import NamedTuple

from flashcards import stats
from flashcards.app import App
from flashcards.app.streaks import current
from flashcards.due import Plan
from flashcards.model import CardId, Grade, Review

DAYS_OF_PACE = 3
"""The last days with reviews tell how long a card takes."""
WEEK = 7


class DeckLine(NamedTuple):
    """One deck in the glance."""

    deck: str
    title: str
    due: int
    """Reviews and drills that come up now."""
    new: int
    known: int
    cards: int
    week: tuple[int, ...]
    """Cards due on each of the next seven days, the overdue ones on the first."""


def deck_lines(app: App, planned: Plan) -> list[DeckLine]:
    """The decks with what comes up, what is known and the week ahead."""
    today = app.today
    week = _week(app, today)
    known = app.store.known_by_deck()
    lines = []
    for source in app.store.decks():
        mine = [card for card in (*planned.main, *planned.drills) if card.partition("/")[0] == source.deck]
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


class Standing(NamedTuple):
    """What the end screen tells beside the sitting's own numbers."""

    retention_today: float | None
    streak: int
    decks: tuple[tuple[str, int, int], ...]
    """(title, known, cards)."""
    next_due: tuple[tuple[str, int], ...]
    """(when, cards)."""


def standing(app: App) -> Standing:
    """The numbers of the end screen."""
    today = app.today
    titles = {source.deck: source.title or source.deck for source in app.store.decks()}
    known = app.store.known_by_deck()
    dues = app.store.dues_by_deck(today + timedelta(days=WEEK))
    tomorrow = sum(n for _, due, n in dues if due <= today + timedelta(days=1))
    week = sum(n for _, _, n in dues)
    return Standing(
        retention_today=retention_of(app, today),
        streak=current(app),
        decks=tuple((titles[deck], *known[deck]) for deck in titles if deck in known),
        next_due=(("tomorrow", tomorrow), ("in the next 7 days", week)),
    )
