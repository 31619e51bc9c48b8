"""`cards stats`: progress in plain numbers."""

from typing import Any

import click

from flashcards.app.statistics import statistics
from flashcards.app.statistics_out import SCHEMA, as_dict
from flashcards.cli.options import is_narrow, json_option, opened, print_json, say
from flashcards.ui.words import count, duration, line, percent


@click.command("stats", epilog="\b\nExamples:\n  cards stats\n  cards stats --json")
@json_option
def command(*, as_json: bool) -> None:
    """Show progress in numbers.

    Right means a grade of 3 or more; retention counts only cards that were
    seen on an earlier day.
    """
    with opened() as app:
        numbers = as_dict(statistics(app))
        if as_json:
            print_json(SCHEMA, **numbers)
            return
        _print_periods(numbers["periods"])
        click.echo(f"\nstreak {count(numbers['streak_days'], 'day')}, longest {numbers['longest_streak_days']}")
        ahead = numbers["forecast"]
        say(
            f"reviews due: {ahead[0]} now, {ahead[1]} tomorrow,"
            f" {sum(ahead[1:8])} in the next 7 days, {sum(ahead[1:31])} in 30"
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


def _share(share: float | None) -> str:
    return "-" if share is None else percent(share)
