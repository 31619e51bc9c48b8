"""`cards stats`: progress in charts, in sentences, as JSON."""

import os
import sys
from typing import TYPE_CHECKING

import click

from flashcards.app import App
from flashcards.cli.options import complete_decks, complete_tags, json_option, opened, print_long_json, say
from flashcards.cli.spans import between
from flashcards.cli.stats_report import Report, report_options, write_report
from flashcards.store.answers import Answers, Within

if TYPE_CHECKING:
    from flashcards.app.statistics import Statistics

EPILOG = """\b
Examples:
  cards stats
  cards stats -d venv --since 30d      one deck, the last 30 days
  cards stats --until 2026-03-31       up to the end of March
  cards stats --plain                  in sentences, for a screen reader
  cards stats --json                   every number, for scripts
  cards stats --html progress.html     a page with charts
"""


@click.command("stats", epilog=EPILOG)
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
@click.option(
    "-t", "--tag", "tags", multiple=True, metavar="TAG", shell_complete=complete_tags, help="Only cards with this tag."
)
@click.option("--since", metavar="DAY", help="The first day: 2026-01-31, or 30d, 4w, 1y for the last so many.")
@click.option("--until", metavar="DAY", help="The last day: 2026-01-31, or 30d, 4w, 1y ago.")
@click.option("--plain", is_flag=True, help="In sentences, without charts or colour.")
@json_option
@report_options
def command(
    *,
    decks: tuple[str, ...],
    tags: tuple[str, ...],
    since: str | None,
    until: str | None,
    plain: bool,
    as_json: bool,
    report: Report | None,
) -> None:
    """Show progress: what was done, what is known, what comes.

    Right means a grade of 3 or more; retention counts only cards that were
    seen on an earlier day. What was done is counted for the days asked about;
    what is due, the streak and how far cards are is told as of today.
    """
    with opened() as app:
        first, last = between(app, since, until)
        numbers = _counted(app, Within(decks=app.decks(decks), tags=app.tags(tags), since=first, until=last))
        if report:
            write_report(numbers, report)
        elif as_json:
            from flashcards.app.statistics_out import SCHEMA, as_dict

            print_long_json(SCHEMA, **as_dict(numbers))
        elif not (numbers.streak.longest or app.store.decks()):
            say("no decks yet: `cards review` starts with a deck that came along")
        elif plain or _is_dumb():
            from flashcards.ui.statistics_spoken import sentences

            for one in sentences(numbers):
                say(one)
        else:
            _draw(numbers)


def _counted(app: App, within: Within) -> "Statistics":
    from flashcards.app.statistics import statistics
    from flashcards.ui.waiting import waiting

    answers = Answers(app.store.path)
    try:
        uncounted = answers.uncounted
    finally:
        answers.close()
    with waiting(f"counting {uncounted:,} reviews, once" if uncounted else "counting"):
        return statistics(app, within)


def _is_dumb() -> bool:
    """A terminal that can only print."""
    return sys.stdout.isatty() and os.environ.get("TERM") in {"dumb", "unknown"}


def _draw(numbers: "Statistics") -> None:
    from rich.console import Console  # 25 ms, only for charts
    from rich.text import Text

    from flashcards.ui.statistics import screen
    from flashcards.ui.words import signs

    console = Console(highlight=False, markup=False, emoji=False)
    lines = screen(numbers, console.width, signs(console.encoding))
    with console.capture() as drawn:  # a reader that leaves early is click's to notice, as everywhere
        console.print(Text("\n").join(lines), soft_wrap=True)  # at once, which takes half the time
    click.echo(drawn.get(), nl=False)
