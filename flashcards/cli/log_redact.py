"""`cards log redact`: takes what was typed in an answer out of history, in every file that is ours."""

import sys
from pathlib import Path
from typing import Any

import click

from flashcards.app import App
from flashcards.app.history import there
from flashcards.app.redacting import Cleaned, check, clean, named, take_out
from flashcards.cli.options import complete_cards, json_option, opened, print_json, say
from flashcards.errors import BadRequest, NotFound
from flashcards.log import stamp
from flashcards.model import Review
from flashcards.ui.words import count, line

SCHEMA = "cards.redaction/1"
NAMED = 3
"""Other answers that are named."""
SHOWN = 10
"""Answers that are shown one by one."""
EPILOG = """\b
Examples:
  cards log redact --last            what was typed last, here
  cards log --ids                    shows the ids of events
  cards log redact 41d2a9c07f        the event whose id ends so
  cards log redact --card ssh/login  all that was typed for a card
"""


@click.command("redact", epilog=EPILOG)
@click.argument("events", nargs=-1, metavar="[EVENT]...")
@click.option("--last", is_flag=True, help="The newest answer of this device in which something was typed.")
@click.option("--card", "cards", multiple=True, metavar="CARD", shell_complete=complete_cards, help="All of a card.")
@click.option("--dry-run", is_flag=True, help="Only show which answers it would be.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@json_option
def command(
    *, events: tuple[str, ...], last: bool, cards: tuple[str, ...], dry_run: bool, yes: bool, as_json: bool
) -> int:
    """Take what was typed in an answer out of history.

    EVENT is an id of `cards log --ids`, or four or more characters that
    only one begins or ends with. The answer stays, with its grade and its
    time, so no schedule changes. The text goes from the log, the statistics
    and the backups; other devices take it out when they sync. Nothing
    brings it back, `cards undo` neither.
    """
    if not (events or last or cards):
        raise BadRequest("no answer is named", hint="`--last` is what was typed last, `cards log --ids` shows ids")
    with opened() as app:
        if not app.has_store:
            raise NotFound("nothing was typed yet", hint="`cards review` starts")
        known = {*app.store.redactions().events}
        typed, before = check(named(app, events, cards, last=last), known)
        if not as_json:
            _show(typed, before)
        if dry_run:
            _tell_nothing(app, typed, before, as_json=as_json)
            return 0
        if typed and not (yes or _agreed()):
            click.echo("nothing was changed")
            return 0
        app.store.check_writable()
        if typed:
            take_out(app, typed)
        cleaned = clean(app, {review.typed for review in typed if review.typed})
        if as_json:
            print_json(SCHEMA, **_fields(app, typed, before, cleaned), dry_run=False)
        else:
            _tell(app, typed, cleaned)
    return 0 if cleaned.complete else 1


def _agreed() -> bool:
    if not sys.stdin.isatty():
        raise BadRequest("nobody is here to say yes", hint="--yes says it; nothing was changed")
    return click.confirm("take it out for good?", default=False, err=True)


def _show(typed: list[Review], before: list[Review]) -> None:
    """Which answers; never their text: the screen is looked at by others, and kept."""
    for review in typed[:SHOWN]:
        when = there(review)
        click.echo(f"{line(review.card)}  {when:%Y-%m-%d %H:%M}  {count(len(review.typed or ''), 'character')}")
    if len(typed) > SHOWN:
        click.echo(f"and {len(typed) - SHOWN:,} more")
    if before:
        say(f"{count(len(before), 'text')} taken out before; the files are cleaned again")


def _tell_nothing(app: App, typed: list[Review], before: list[Review], *, as_json: bool) -> None:
    if as_json:
        print_json(SCHEMA, **_fields(app, typed, before, None), dry_run=True)
    else:
        click.echo("nothing was changed")


def _tell(app: App, typed: list[Review], cleaned: Cleaned) -> None:
    """What was cleaned, and what nobody can clean from here."""
    click.echo(f"taken out of {count(len(typed), 'answer')}" if typed else "nothing was left to take out")
    if cleaned.backups:
        click.echo(f"{count(len(cleaned.backups), 'backup')} written anew")
    if not cleaned.database:
        say("the database still holds bytes of it: end other `cards`, make room, then run this again", err=True)
    for path, why in cleaned.failed:
        say(f"not cleaned: {line(path)}: {line(why)}", err=True)
    for path in cleaned.elsewhere:
        say(f"it is also in {line(path)}, which is yours to delete", err=True)
    if cleaned.alike:
        names = " ".join(cleaned.alike[:NAMED])
        more = f" and {len(cleaned.alike) - NAMED:,} more" if len(cleaned.alike) > NAMED else ""
        say(
            f"the same was typed in {count(len(cleaned.alike), 'other answer')}: cards log redact {names}{more}",
            err=True,
        )
    if folder := _sync_folder(app):
        say(f"`cards sync` takes it out of {line(folder)}; other devices follow when they sync")
        say("what carries that folder may keep older versions of its files, as git does: they are yours to delete")
    say("out of reach: exports and copies you made, snapshots of the disk, and what was on the screen")


def _sync_folder(app: App) -> str:
    folder = str(app.config.get("sync") or "")
    return folder if folder and Path(folder).expanduser().is_dir() else ""


def _fields(app: App, typed: list[Review], before: list[Review], cleaned: Cleaned | None) -> dict[str, Any]:
    """As `cards.redaction/1` has it; within a version fields are only added."""
    return {
        "events": [
            {"id": review.id, "card": review.card, "at": stamp(review.at), "characters": len(review.typed or "")}
            for review in typed
        ],
        "before": [review.id for review in before],
        "database": cleaned.database if cleaned else None,
        "backups": [*cleaned.backups] if cleaned else [],
        "failed": [{"path": path, "why": why} for path, why in cleaned.failed] if cleaned else [],
        "elsewhere": [*cleaned.elsewhere] if cleaned else [],
        "alike": [*cleaned.alike] if cleaned else [],
        "sync": _sync_folder(app) or None,
    }
