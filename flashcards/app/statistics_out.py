"""The statistics as plain values under names that are a promise: for scripts, the report and the files."""

from typing import Any

from flashcards.app.statistics import Bar, Hard, Stages, Statistics
from flashcards.stats import DayCount, Share, retained, right_share

SCHEMA = "cards.stats/1"
FORECAST_DAYS = 31
"""Of `forecast`, which had so many from the start; `ahead` looks farther."""


def as_dict(numbers: Statistics, *, redact: bool = False) -> dict[str, Any]:
    """All numbers, without the `schema` itself; `redact` leaves out what cards and answers say."""
    within = numbers.within
    return {
        "day": numbers.day.isoformat(),
        "since": within.since and within.since.isoformat(),
        "until": within.until and within.until.isoformat(),
        "only_decks": list(within.decks),
        "only_tags": list(within.tags),
        "periods": [{"name": period.name, **counted(period.done)} for period in numbers.periods],
        "total": counted(numbers.total),
        "streak_days": numbers.streak.current,
        "longest_streak_days": numbers.streak.longest,
        "days_off": numbers.streak.days_off,
        "retention": {name: shared(share) for name, share in numbers.retention._asdict().items()},
        "target": numbers.target,
        "days": [{"day": day.isoformat(), **counted(done)} for day, done in numbers.days.items()],
        "weeks": [{"week": week.monday.isoformat(), **counted(week.done)} for week in numbers.weeks],
        "hours": [{"hour": hour, **counted(done)} for hour, done in enumerate(numbers.hours)],
        "weekdays": [{"weekday": day, **counted(done)} for day, done in enumerate(numbers.weekdays, 1)],
        "cards": staged(numbers.stages),
        "intervals": [_bar(bar) for bar in numbers.intervals],
        "ease": [_bar(bar) for bar in numbers.ease],
        "forecast": list(numbers.due[:FORECAST_DAYS]),
        "ahead": {"due": list(numbers.due), "young": list(numbers.ahead.young), "mature": list(numbers.ahead.mature)},
        "load_per_day": round(numbers.load, 3),
        "balance": numbers.balance and round(numbers.balance, 3),
        "decks": [
            {
                "deck": deck.deck,
                "title": deck.title,
                "known": deck.known,
                **staged(deck.stages),
                "due": deck.due,
                **counted(deck.done),
            }
            for deck in numbers.decks
        ],
        "tags": [{"tag": tag.tag, **staged(tag.stages), **counted(tag.done)} for tag in numbers.tags],
        "hardest": [_hard(hard, redact=redact) for hard in numbers.hardest],
        "leeches": numbers.leeches,
        "commands": {
            **numbers.commands._asdict(),
            "mistakes": [] if redact else [mistake._asdict() for mistake in numbers.mistakes],
        },
    }


def counted(done: DayCount) -> dict[str, Any]:
    """Counts, and the shares that follow from them."""
    low, high = retained(done).all.interval
    return {
        "reviews": done.reviews,
        "new": done.new,
        "relearned": done.relearned,
        "extra": done.extra,
        "again": done.again,
        "hard": done.hard,
        "good": done.good,
        "easy": done.easy,
        "took_ms": done.took_ms,
        "each_ms": done.each_ms,
        "right": _rounded(right_share([done])),
        "tested": done.tested,
        "recalled": done.recalled,
        "retention": _rounded(retained(done).all.value),
        "retention_low": round(low, 4) if done.tested else None,
        "retention_high": round(high, 4) if done.tested else None,
        "young": done.young,
        "young_recalled": done.young_recalled,
        "mature": done.mature,
        "mature_recalled": done.mature_recalled,
    }


def shared(share: Share) -> dict[str, Any]:
    """A share with its certainty: part, whole, value, low, high."""
    low, high = share.interval
    return {
        "part": share.part,
        "whole": share.whole,
        "value": _rounded(share.value),
        "low": round(low, 4) if share.whole else None,
        "high": round(high, 4) if share.whole else None,
    }


def staged(stages: Stages) -> dict[str, int]:
    """Cards by how far they are."""
    return {"cards": stages.cards, **{f"cards_{name}": number for name, number in stages._asdict().items()}}


def _bar(bar: Bar) -> dict[str, Any]:
    return {"from": bar.since, "below": bar.until, "cards": bar.cards}


def _hard(hard: Hard, *, redact: bool) -> dict[str, Any]:
    return {
        "card": hard.card,
        "front": None if redact else hard.front,
        "lapses": hard.lapses,
        "leech": hard.leech,
        "typed": None if redact else hard.typed,
        **counted(hard.done),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
