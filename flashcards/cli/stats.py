"""`cards stats`: progress in plain numbers."""

from datetime import date, timedelta
from typing import Any

import click

from flashcards import stats
from flashcards.app import App
from flashcards.app.overview import streak
from flashcards.cli.options import is_narrow, json_option, opened, print_json, say
from flashcards.ui.words import count, duration, line, percent

PERIODS = (("today", 1), ("7 days", 7), ("30 days", 30), ("1 year", 365))


@click.command("stats", epilog="\b\nExamples:\n  cards stats\n  cards stats --json")
@json_option
def command(*, as_json: bool) -> None:
    """Show progress in numbers.

    Right means a grade of 3 or more; retention counts only cards that were
    seen on an earlier day.
    """
    with opened() as app:
        numbers = _numbers(app)
        if as_json:
            print_json("cards.stats/1", day=app.today.isoformat(), **numbers)
            return
        _print_periods(numbers["periods"])
        click.echo(f"\nstreak {count(numbers['streak_days'], 'day')}, longest {numbers['longest_streak_days']}")
        ahead = numbers["forecast"]
        say(
            f"reviews due: {ahead[0]} now, {ahead[1]} tomorrow,"
            f" {sum(ahead[1:8])} in the next 7 days, {sum(ahead[1:])} in 30"
        )
        for deck in numbers["decks"]:
            say(f"{deck['deck']:<12}  {deck['known']} of {deck['cards']} known  {line(deck['title'])}", hang=2)


def _print_periods(periods: list[dict[str, Any]]) -> None:
    gaps, time = ((8, 7, 5, 7, 10), "") if is_narrow() else ((10, 9, 7, 8, 11), "time")
    head = ("", "reviews", "new", "right", "retention")
    rows = [
        (p["name"], p["reviews"], p["new"], _share(p["right"]), _share(p["retention"]), duration(p["took_ms"]))
        for p in periods
    ]
    for name, *numbers, took in [(*head, time), *rows]:
        cells = "".join(f"{number:>{gap}}" for number, gap in zip(numbers, gaps[1:], strict=True))
        click.echo(f"{name:<{gaps[0]}}{cells}{f'  {took}' if time else ''}")


def _numbers(app: App) -> dict[str, Any]:
    today = app.today
    days = stats.per_day(app.store.events(standing=True))
    dues: dict[date, int] = {}
    for _, due, number in app.store.dues_by_deck(today + timedelta(days=30)):
        dues[due] = dues.get(due, 0) + number
    known = app.store.known_by_deck()
    return {
        "periods": [
            _period(name, stats.total(n for d, n in days.items() if today - timedelta(days=length) < d <= today))
            for name, length in PERIODS
        ]
        + [_period("all", stats.total(days.values()))],
        "streak_days": streak(app),
        "longest_streak_days": stats.longest_streak(days),
        "forecast": stats.forecast(dues, today, 31),
        "decks": [
            {
                "deck": source.deck,
                "title": source.title,
                "known": known.get(source.deck, (0, 0))[0],
                "cards": known.get(source.deck, (0, 0))[1],
            }
            for source in app.store.decks()
        ],
    }


def _period(name: str, count: stats.DayCount) -> dict[str, Any]:
    return {
        "name": name,
        "reviews": count.reviews,
        "new": count.new,
        "right": stats.right_share([count]),
        "retention": stats.retention([count]),
        "took_ms": count.took_ms,
    }


def _share(share: float | None) -> str:
    return "-" if share is None else percent(share)
