"""`cards import`: decks, files of other programs and review logs in, all or nothing."""

import sys
from contextlib import ExitStack

import click

from flashcards.app import importing
from flashcards.app.importing import Intake
from flashcards.app.importing.arrival import Bringing, Wishes
from flashcards.app.library import KINDS, DeckChange, Reading
from flashcards.cli import renaming
from flashcards.cli.options import FormatName, opened, print_json, say
from flashcards.errors import BadRequest, DeckProblems
from flashcards.places import BUNDLED
from flashcards.ui.waiting import waiting
from flashcards.ui.words import count, line

FORMATS = ("yaml", "csv", "tsv", "markdown", "anki", "jsonl")
EPILOG = """\b
Examples:
  cards import decks/                 a folder, with all decks in it
  cards import venv.yaml --dry-run    what would change, card by card
  cards import shell git              decks that came along, by name
  cards import spanish.apkg           from Anki, with the history
  cards import words.csv --deck spanish --columns front,back,tags
  cards import https://example.org/deck.yaml
  pbpaste | cards import - --format csv --deck spanish
  cards import reviews.jsonl          a review log; twice is the same as once
"""
AGAIN = "what was undone comes back"


@click.command("import", epilog=EPILOG)
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("--deck", default="", metavar="NAME", help="The deck, where the source does not name one.")
@click.option("--columns", default="", metavar="A,B,C", help="What the columns of a table are, in order.")
@click.option("--format", "form", type=FormatName(FORMATS), help="Of what comes; found by name or by looking.")
@click.option("--skip-bad", is_flag=True, help="Take in the files without faults, exit with 3.")
@click.option("--replace", is_flag=True, help="Take what comes although another file has the deck.")
@click.option("--accept-renames", is_flag=True, help="Keep the history of cards that seem to be reworded.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
def command(
    *,
    sources: tuple[str, ...],
    dry_run: bool,
    deck: str,
    columns: str,
    form: str | None,
    skip_bad: bool,
    replace: bool,
    accept_renames: bool,
    as_json: bool,
) -> None:
    """Take in decks, files of other programs and review logs.

    SOURCE is a file, a folder or a pattern: decks (.yaml, .yml), tables (.csv,
    .tsv, .txt), notes (.md), packages of Anki (.apkg, .colpkg), review logs
    (.jsonl); an https address; - for standard input; or the name of a deck
    that came along: venv, shell, git, pip.

    What is no deck file becomes one, in the folder `decks` of your home.
    History stays with a card's id, whatever else changes; a card that left
    its deck is retired and comes back with its history. Where a card without
    an id was reworded, you are asked whether it is the same.
    """
    names = tuple(name.strip() for name in columns.split(",")) if columns else ()
    wishes = Wishes(deck=_deck_id(deck), columns=names, replace=replace, dry_run=dry_run)
    with opened() as app, ExitStack() as stack:
        with waiting("reading"):
            came = stack.enter_context(importing.sources(sources, form or "", sys.stdin.buffer))
            intake = importing.read(app, came, wishes)
        problems = [problem for found in intake.problems() for problem in found]
        stop = bool(problems) and not skip_bad
        asks = not (dry_run or stop or as_json) and renaming.can_ask()
        intake = renaming.settle(intake, accept=accept_renames, ask=asks)
        if not (dry_run or stop):
            with waiting("storing"):
                importing.take(app, intake)
        if as_json:
            _print_json(intake, changed=not (dry_run or stop))
        elif dry_run or not stop:
            _print(intake, dry_run=dry_run)
            if not asks:
                renaming.tell(intake)
        if problems:
            found = intake.problems()
            message = _verdict(sum(map(bool, found)), len(found), stop=stop, dry_run=dry_run)
            raise DeckProblems(problems, message=message)
        if dry_run and not as_json:
            click.echo("nothing was changed: a dry run")


def _deck_id(name: str) -> str:
    """The name of a deck as it was given; raises where it cannot be one."""
    if not name:
        return ""
    from flashcards.formats.ids import slug
    from flashcards.formats.readers import DECK_ID, MOST_ID_CHARACTERS

    if DECK_ID.fullmatch(name) and len(name) <= MOST_ID_CHARACTERS:
        return name
    better = slug(name)
    raise BadRequest(
        f"`{name}` cannot be the name of a deck", hint=f"write: --deck {better}" if better else "like: spanish"
    )


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
    extra["renamed"] = " (history kept)"
    parts = [f"{change.count(kind):,} {kind}{extra.get(kind, '')}" for kind in KINDS if change.count(kind)]
    return ", ".join(parts) or "no change"


def _print(intake: Intake, *, dry_run: bool) -> None:
    for reading in intake.readings:
        _print_change(reading, dry_run=dry_run)
    for one in intake.brought:
        single = len(one.readings) == 1
        for reading in one.readings:
            _print_change(reading, _history(one) if single else "", dry_run=dry_run)
        if one.readings and not single and one.events:
            click.echo(f"{line(one.name)}  {_history(one)}")
        for note in one.notes if not one.problems else ():
            click.echo(f"  note: {line(note)}")
    for log in intake.logs:
        if not log.problems:
            again = f", {AGAIN}" if log.again else ""
            click.echo(f"{line(log.path)}  {count(len(log.events), 'event')}, {log.fresh:,} new{again}")


def _print_change(reading: Reading, more: str = "", *, dry_run: bool) -> None:
    if reading.change is None:
        return
    change = reading.change
    before = "the one that came along" if change.moved_from.startswith(BUNDLED) else f"in {line(change.moved_from)}"
    moved = f" (was {before})" if change.moved_from else ""
    said = "; ".join(filter(None, (f"{changes_in_words(change)}{moved}", more)))
    say(f"{line(reading.path)}  {change.deck.id}: {said}", hang=2)
    if dry_run:
        for one in change.changes:
            say(f"{one.kind:<9} {one.card}  {line(one.front)[:60]}", indent=2, hang=10)


def _history(one: Bringing) -> str:
    """`3,400 reviews`, which are new; empty where there is no history at all."""
    if not one.events:
        return ""
    if one.fresh_reviews:
        told = f"{one.fresh_reviews:,} {'review' if one.fresh_reviews == 1 else 'reviews'}"
    else:
        told = f"{count(one.fresh_events, 'event')}" if one.fresh_events else "no new reviews"
    return f"{told}, {AGAIN}" if one.again else told


def _print_json(intake: Intake, *, changed: bool) -> None:
    decks = [_as_json(reading) for reading in intake.readings if reading.change]
    brought = [
        {
            "name": one.name,
            "decks": [_as_json(reading) for reading in one.readings if reading.change],
            "events": len(one.events),
            "new": one.fresh_events,
            "new_reviews": one.fresh_reviews,
            "again": one.again,
            "notes": list(one.notes),
        }
        for one in intake.brought
        if not one.problems
    ]
    logs = [one for one in intake.logs if not one.problems]
    events = [{"path": r.path, "events": len(r.events), "new": r.fresh, "again": r.again} for r in logs]
    problems = [p._asdict() for found in intake.problems() for p in found]
    print_json("cards.import/1", changed=changed, decks=decks, brought=brought, logs=events, problems=problems)


def _as_json(reading: Reading) -> dict[str, object]:
    assert reading.change is not None  # noqa: S101  (for the type checker)
    return {
        "path": reading.path,
        "deck": reading.change.deck.id,
        "file": reading.change.source.path,
        "moved_from": reading.change.moved_from or None,
        "changes": [one._asdict() for one in reading.change.changes],
        "renames": [one._asdict() for one in reading.change.renames],
        "proposed_renames": [
            {"card": one.card, "old": one.old, "front": one.front, "old_front": one.old_front, "percent": one.percent}
            for one in reading.change.proposals
        ],
    }
