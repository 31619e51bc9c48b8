"""`cards export calendar`: the forecast of due cards, for a calendar."""

import click

from flashcards.app import calendar_out
from flashcards.cli.options import Whole, complete_decks, opened
from flashcards.cli.output import write
from flashcards.clock import parse_day_start
from flashcards.errors import BadRequest

EPILOG = """\b
Examples:
  cards export calendar -o cards.ics
  cards export calendar --time 08:00 --alarm --days 14 -o cards.ics
"""
MOST_DAYS = 3650


@click.command("calendar", epilog=EPILOG)
@click.option(
    "--days", type=Whole(1, MOST_DAYS), default=30, show_default=True, metavar="N", help="How many days, from today."
)
@click.option("--time", "at", metavar="HH:MM", help="Events at this time, as long as the cards take; else all day.")
@click.option("--alarm", is_flag=True, help="Ring at that time.")
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
@click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output.")
def command(*, days: int, at: str | None, alarm: bool, decks: tuple[str, ...], output: str) -> None:
    """Write a calendar (.ics): an event for each day with cards due.

    What is overdue stands under today; new cards are not counted. The same
    day has the same name in every export, so that importing again brings the
    events up to date.
    """
    if alarm and at is None:
        raise BadRequest("--alarm needs a time to ring at", hint="as in: --time 08:00 --alarm")
    moment = None if at is None else parse_day_start(at)
    with opened() as app:
        wanted = calendar_out.Wanted(decks=app.decks(decks), days=days, at=moment, alarm=alarm)
        write(calendar_out.write(app, wanted), output)
