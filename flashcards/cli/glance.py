"""`cards` without a command: what is due, the streak, the next step."""

import sys

import click

from flashcards.app.overview import DeckLine, deck_lines, minutes, streak
from flashcards.app.planning import backlog, backlog_in_words, make_plan
from flashcards.cli.options import opened
from flashcards.ui.words import line, signs

BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = "_.:-=+*#"


def glance() -> None:
    """Prints the glance; an empty store gets the first step instead."""
    with opened() as app:
        if not app.store.decks():
            click.echo("no decks yet\n\ncards review          start with the deck that came along")
            click.echo("cards import FILE     take in a deck of your own")
            return
        planned = make_plan(app)
        total = len(planned.main) + len(planned.drills)
        parts = [f"{planned.reviews} reviews", f"{planned.new} new"]
        parts += [f"{len(planned.drills)} to drill"] if planned.drills else []
        dot = signs(sys.stdout.encoding).dot
        head = f"{total} due today {dot} {', '.join(parts)}" if total else "nothing is due"
        head += f" {dot} about {minutes(app, total)} min" if total else ""
        days = streak(app)
        click.echo(head + (f" {dot} streak {days} day{'s' * (days != 1)}" if days else ""))
        for one in deck_lines(app, planned):
            click.echo(deck_line(one))
        later = backlog(app, planned)
        if later:
            click.echo(backlog_in_words(later))
        click.echo(f"\n{click.style('cards review', fg='cyan') if total else 'cards review --ahead'}        start")
        click.echo("cards stats         progress")


def deck_line(one: DeckLine) -> str:
    """One deck: name, cards due now, the next seven days."""
    name = line(one.deck)[:20]
    return f"{name:<12} {one.due + one.new:>4}   {sparkline(one.week)}   next week {sum(one.week)}"


def sparkline(numbers: tuple[int, ...]) -> str:
    """Numbers as a row of bars, the greatest one full."""
    bars = BARS if signs(sys.stdout.encoding).full == "━" else PLAIN_BARS
    most = max(*numbers, 1)
    return "".join(bars[round(number / most * (len(bars) - 1))] for number in numbers)
