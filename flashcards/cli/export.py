"""`cards export`: progress and the log, to a file or a pipe."""

import os
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import click

from flashcards.app import logs, progress
from flashcards.cli.options import complete_decks, opened
from flashcards.errors import CardsError
from flashcards.ui.waiting import waiting

EPILOG = """\b
Examples:
  cards export progress --format csv -o progress.csv
  cards export progress --format json | jq '.cards[] | select(.lapses > 3)'
  cards export log -o reviews.jsonl
"""

PROGRESS = {"csv": progress.as_csv, "json": progress.as_json, "jsonl": progress.as_jsonl}


@click.group("export", epilog=EPILOG)
def command() -> None:
    """Write progress or the log to a file."""


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
        _write(PROGRESS.get(chosen, progress.as_json)(app, app.decks(decks)), output)


@command.command("log", epilog=EPILOG)
@click.option("-f", "--format", type=click.Choice(["jsonl"]), default="jsonl", help="JSON lines, version 1 of the log.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output.")
def export_log(*, format: str, output: str) -> None:  # noqa: A002, ARG001  (the option's name; one choice so far)
    """Every event that ever happened, one a line.

    `cards import` reads it back, here or in another home.
    """
    with opened() as app:
        _write((f"{text}\n" for text in logs.write(app.store)), output)


def _write(pieces: Generator[str], output: str) -> None:
    """To standard output, or whole into a file: a half-written file never takes the place of an old one."""
    if output == "-":
        with closing(pieces):  # before the database, also when the reader leaves early
            for piece in pieces:
                click.echo(piece, nl=False)
        return
    target = Path(output).resolve()
    try:
        with waiting("writing"):
            (_replace if target.is_file() or not target.exists() else _fill)(target, pieces)
    except OSError as error:
        raise CardsError(f"cannot write `{output}`: {error.strerror}", hint="choose another place with -o") from None


def _replace(target: Path, pieces: Generator[str]) -> None:
    """A new file takes the place of the old one when it is complete; click's own atomic files do not wait for that."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        with partial.open("x", encoding="utf-8", newline="") as file:
            file.writelines(pieces)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _fill(target: Path, pieces: Generator[str]) -> None:
    """A device or a pipe is written to, never replaced."""
    with target.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)
