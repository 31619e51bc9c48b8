"""`cards import`: decks and review logs in, all or nothing."""

import click

from flashcards.app import App, library, logs
from flashcards.app.library import KINDS, DeckChange, Reading
from flashcards.app.logs import LogReading
from flashcards.cli.options import opened, print_json
from flashcards.errors import BadRequest, DeckProblems
from flashcards.model import Problem
from flashcards.ui.waiting import waiting
from flashcards.ui.words import count, line

EPILOG = """\b
Examples:
  cards import decks/                 a folder, with all decks in it
  cards import venv.yaml --dry-run    what would change, card by card
  cards import shell git              decks that came along, by name
  cards import reviews.jsonl          a review log; twice is the same as once
"""


@click.command("import", epilog=EPILOG)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--skip-bad", is_flag=True, help="Take in the files without faults, exit with 3.")
@click.option("--replace", is_flag=True, help="Take a deck from this file although another file has it.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
def command(*, sources: tuple[str, ...], dry_run: bool, skip_bad: bool, replace: bool, as_json: bool) -> None:
    """Take in decks and review logs.

    SOURCE is a file, a folder or a pattern: decks (.yaml, .yml) and review
    logs (.jsonl); or the name of a deck that came along: venv, shell, git.
    History stays with a card's id, whatever else changes; a card that left
    its deck is retired and comes back with its history.
    """
    with opened() as app:
        if "-" in sources:
            raise BadRequest("standard input is not read yet", hint="write it to a file first")
        deck_files, log_files = library.find_files(sources)
        with waiting("reading"):
            readings = library.read_all(app.store, deck_files, replace=replace)
            log_readings = [logs.read(app.store, path) for path in log_files]
        problems = [p for found in _problems(readings, log_readings) for p in found]
        stop = bool(problems) and not skip_bad
        if not (dry_run or stop):
            with waiting("storing"):
                _take(app, readings, log_readings)
        if as_json:
            _print_json(readings, log_readings, changed=not (dry_run or stop))
        elif dry_run or not stop:
            _print(readings, log_readings, dry_run=dry_run)
        if problems:
            bad = sum(map(bool, _problems(readings, log_readings)))
            raise DeckProblems(
                problems, message=_verdict(bad, len(readings) + len(log_readings), stop=stop, dry_run=dry_run)
            )
        if dry_run and not as_json:
            click.echo("nothing was changed: a dry run")


def _take(app: App, readings: list[Reading], log_readings: list[LogReading]) -> None:
    good = [reading for reading in log_readings if not reading.problems]
    with app.store.together():
        library.take(app.store, [reading.change for reading in readings if reading.change])
        logs.take(app.store, good)


def _problems(readings: list[Reading], log_readings: list[LogReading]) -> list[tuple[Problem, ...]]:
    """The problems of each file."""
    return [reading.problems for reading in readings] + [reading.problems for reading in log_readings]


def _verdict(bad: int, files: int, *, stop: bool, dry_run: bool) -> str:
    names = f"{bad} of {count(files, 'file')} {'has' if bad == 1 else 'have'} errors"
    if stop:
        return f"nothing was changed: {names}" + (" (--skip-bad takes the others)" if files > bad else "")
    if dry_run and files > bad:
        return f"nothing was changed: a dry run; {names}"
    return f"{names}; the others were taken in" if files > bad else f"nothing was changed: {names}"


def changes_in_words(change: DeckChange) -> str:
    """`2 new · 1 changed (text, history kept) · 1 retired (restored if it returns)`."""
    extra = {"changed": " (history kept)", "retired": " (restored if it returns)", "returned": " (with its history)"}
    parts = [f"{change.count(kind)} {kind}{extra.get(kind, '')}" for kind in KINDS if change.count(kind)]
    return ", ".join(parts) or "no change"


def _print(readings: list[Reading], log_readings: list[LogReading], *, dry_run: bool) -> None:
    for reading in readings:
        if reading.change is None:
            continue
        change = reading.change
        moved = f" (was in {line(change.moved_from)})" if change.moved_from else ""
        click.echo(f"{line(reading.path)}  {change.deck.id}: {changes_in_words(change)}{moved}")
        if dry_run:
            for one in change.changes:
                click.echo(f"  {one.kind:<9} {one.card}  {line(one.front)[:60]}")
    for log in log_readings:
        if not log.problems:
            click.echo(f"{line(log.path)}  {count(len(log.events), 'event')}, {log.fresh} new")


def _print_json(readings: list[Reading], log_readings: list[LogReading], *, changed: bool) -> None:
    decks = [
        {
            "path": r.path,
            "deck": r.change.deck.id,
            "moved_from": r.change.moved_from or None,
            "changes": [one._asdict() for one in r.change.changes],
        }
        for r in readings
        if r.change
    ]
    events = [{"path": r.path, "events": len(r.events), "new": r.fresh} for r in log_readings if not r.problems]
    problems = [p._asdict() for found in _problems(readings, log_readings) for p in found]
    print_json("cards.import/1", changed=changed, decks=decks, logs=events, problems=problems)
