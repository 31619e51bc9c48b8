"""`cards export`: decks, progress, reviews and the log, to a file or a pipe."""

import click

from flashcards.app import logs
from flashcards.cli import export_anki, export_calendar, export_cheatsheet, export_deck, export_rows
from flashcards.cli.options import opened
from flashcards.cli.output import write
from flashcards.ui.words import escaped

EPILOG = """\b
Examples:
  cards export progress -o progress.csv
  cards export stats --since 30d -o month.html
  cards export reviews -o reviews.parquet
  cards export progress -o cards.sqlite
  cards export log -o reviews.jsonl
  cards export deck spanish -o spanish.yaml
  cards export anki -o everything.apkg
  cards export cheatsheet --deck venv --mastered -o venv.md
  cards export calendar -o cards.ics
"""


@click.group("export", epilog=EPILOG)
def command() -> None:
    """Write decks, progress or the log to a file."""


PARTS = (
    export_deck.command,
    export_anki.command,
    export_cheatsheet.command,
    export_calendar.command,
    export_rows.progress,
    export_rows.stats,
    export_rows.reviews,
)
for part in PARTS:
    command.add_command(part)


@command.command("log", epilog=EPILOG)
@click.option("-f", "--format", type=click.Choice(["jsonl"]), default="jsonl", help="JSON lines, version 1 of the log.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output.")
def export_log(*, format: str, output: str) -> None:  # noqa: A002, ARG001  (the option's name; one choice so far)
    """Every event that ever happened, one a line.

    `cards import` reads it back, here or in another home.
    """
    with opened() as app:
        write((f"{text}\n" for text in logs.write(app.store)), output, clean=escaped)
