"""`cards export`: decks, progress and the log, to a file or a pipe."""

from pathlib import Path

import click

from flashcards.app import logs, progress
from flashcards.cli import export_anki, export_calendar, export_cheatsheet, export_deck
from flashcards.cli.options import complete_decks, opened
from flashcards.cli.output import write

EPILOG = """\b
Examples:
  cards export progress --format csv -o progress.csv
  cards export progress --format json | jq '.cards[] | select(.lapses > 3)'
  cards export log -o reviews.jsonl
  cards export deck spanish -o spanish.yaml
  cards export anki -o everything.apkg
  cards export cheatsheet --deck venv --mastered -o venv.md
  cards export calendar -o cards.ics
"""

PROGRESS = {"csv": progress.as_csv, "json": progress.as_json, "jsonl": progress.as_jsonl}


@click.group("export", epilog=EPILOG)
def command() -> None:
    """Write decks, progress or the log to a file."""


for part in (export_deck, export_anki, export_cheatsheet, export_calendar):
    command.add_command(part.command)


@command.command("progress", epilog=EPILOG)
@click.option(
    "-f",
    "--format",
    "form",
    type=click.Choice(list(PROGRESS)),
    help="How; by default what the file's name says, else json.",
)
@click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output.")
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
def export_progress(*, form: str | None, output: str, decks: tuple[str, ...]) -> None:
    """One row a card: schedule, counts, state.

    In CSV a text that a spreadsheet would run as a formula begins with an
    apostrophe. Columns are never renamed or taken away within a version.
    """
    chosen = form or Path(output).suffix[1:]
    with opened() as app:
        write(PROGRESS.get(chosen, progress.as_json)(app, app.decks(decks)), output)


@command.command("log", epilog=EPILOG)
@click.option("-f", "--format", type=click.Choice(["jsonl"]), default="jsonl", help="JSON lines, version 1 of the log.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output.")
def export_log(*, format: str, output: str) -> None:  # noqa: A002, ARG001  (the option's name; one choice so far)
    """Every event that ever happened, one a line.

    `cards import` reads it back, here or in another home.
    """
    with opened() as app:
        write((f"{text}\n" for text in logs.write(app.store)), output)
