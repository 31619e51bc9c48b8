"""`cards` without a command: what is due, the streak, the next step."""

import sys

import click

from flashcards.app.overview import DeckLine, deck_lines, minutes
from flashcards.app.planning import backlog, backlog_in_words, make_plan
from flashcards.app.streaks import current
from flashcards.cli.options import has_backups, is_narrow, opened, say, say_pieces, say_table, say_where
from flashcards.ui.words import count, line, signs

BARS = "▁▂▃▄▅▆▇█"
PLAIN_BARS = "_.:-=+*#"
FIRST_STEPS = (
    ("cards review", "start with a deck that came along"),
    ("cards import FILE", "take in a deck of your own"),
)
RESTORE = ("cards restore", "go back to a backup: there are some")


def glance() -> None:
    """Prints the glance; an empty store gets the first step instead."""
    with opened(in_passing=True) as app:
        if not (app.has_store and app.store.decks()):
            say_where(app)
            click.echo("no decks yet\n")
            say_table((*([RESTORE] if has_backups(app) else []), *FIRST_STEPS), left=18)
            return
        planned = make_plan(app)
        total = len(planned.main) + len(planned.drills)
        parts = [count(planned.reviews, "review")] if planned.reviews else []
        parts += [f"{planned.new} new"] if planned.new else []
        parts += [f"{len(planned.drills)} to drill"] if planned.drills else []
        facts = [f"{total} due today", ", ".join(parts), f"about {minutes(app, total)} min"] if total else []
        days = current(app)
        facts = (facts or ["nothing is due"]) + ([f"streak {count(days, 'day')}"] if days else [])
        say_pieces(facts, f" {signs(sys.stdout.encoding).dot} ")
        for one in deck_lines(app, planned):
            click.echo(deck_line(one))
        later = backlog(app, planned)
        if later:
            say(backlog_in_words(later))
        click.echo()
        if total:
            click.echo(click.style("cards review", fg="cyan") + "          start")
        else:
            click.echo("cards review --ahead  go on with tomorrow's")
        click.echo("cards stats           progress")


def deck_line(one: DeckLine) -> str:
    """One deck: name, cards due now, the next seven days."""
    name = line(one.deck)[:20]
    if is_narrow():
        return f"{name:<10} {one.due + one.new:>4}  {sparkline(one.week)}  next week {sum(one.week)}"
    return f"{name:<12} {one.due + one.new:>4}   {sparkline(one.week)}   next week {sum(one.week)}"


def sparkline(numbers: tuple[int, ...]) -> str:
    """Numbers as a row of bars, the greatest one full."""
    bars = BARS if signs(sys.stdout.encoding).full == "━" else PLAIN_BARS
    most = max(*numbers, 1)
    return "".join(bars[round(number / most * (len(bars) - 1))] for number in numbers)
