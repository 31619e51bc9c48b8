"""`cards restore`: back to a backup, or only what is missing, after a look at what that would change."""

import json
import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.backup import print_list
from flashcards.cli.options import json_option, opened, print_json, say
from flashcards.errors import BadRequest
from flashcards.ui.waiting import waiting
from flashcards.ui.words import line

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from flashcards.app.restoring import Outlook

EPILOG = """\b
Examples:
  cards restore                       which backups there are
  cards restore latest --dry-run      what would change
  cards restore 2026-11-27
  cards restore /media/stick/cards.db.gz --only-missing
  cards undo                          as it was before the restore
"""
NOUNS = {
    "review": ("review", "reviews"),
    "mark": ("mark", "marks"),
    "setting": ("setting", "settings"),
    "imported": ("imported event", "imported events"),
}
"""Kinds of events as a person counts them."""


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem  # 1 ms, only for completion

    from flashcards.places import places
    from flashcards.store import backup

    names = ["latest", *(one.name.removesuffix(backup.END) for one in backup.listed(places().backups))]
    found = [CompletionItem(name) for name in names if name.startswith(incomplete)]
    return found or [CompletionItem(incomplete, type="file")]


@click.command("restore", epilog=EPILOG)
@click.argument("name", required=False, metavar="[BACKUP]", shell_complete=_complete)
@click.option("--only-missing", is_flag=True, help="Add what is missing here; take nothing back.")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change; change nothing.")
@click.option("-y", "--yes", is_flag=True, help="Do it without asking.")
@json_option
def command(*, name: str | None, only_missing: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Go back to a backup.

    BACKUP is `latest`, a day, a name from the list, or any file: a backup,
    an old database, a review log. The log only grows: what is missing is
    added, what came later is taken back as one action, which `cards undo`
    takes back. Decks that are gone come back; others stay as they are.
    Reviews may stay open meanwhile.
    """
    from flashcards.app import backups, restoring

    with opened() as app:
        if name is None:
            if only_missing or dry_run or yes:
                raise BadRequest("no backup is named", hint="`cards restore latest` goes back to the newest")
            _print_list(backups.rows(app), app.places.backups, as_json=as_json)
            return
        path = restoring.find(app, name)
        with ExitStack() as stack:
            with waiting("reading the backup"):
                source = stack.enter_context(restoring.opened(app, path))
                outlook = restoring.outlook(app, source, only_missing=only_missing)
            wanted = not dry_run and not outlook.is_nothing
            if not as_json:
                _tell(path, outlook, only_missing=only_missing)
            if wanted and not yes:
                wanted = _agrees(as_json=as_json)
            if wanted:
                with waiting("restoring"):
                    restoring.restore(app, source, only_missing=only_missing)
        if as_json:
            print_json("cards.restore/1", changed=wanted, path=path, **_fields(outlook))
        elif dry_run:
            say("nothing was changed: a dry run")
        elif wanted:
            say("done; `cards undo` takes it back" if outlook.is_an_action else "done")


def _print_list(rows: list[dict[str, Any]], folder: str, *, as_json: bool) -> None:
    if as_json:
        print_json("cards.backups/1", folder=folder, backups=rows)
        return
    print_list(rows)
    if rows:
        click.echo()
        say("`cards restore latest` or a day goes back, after a look at what that changes")


def _agrees(*, as_json: bool) -> bool:
    if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise BadRequest("nobody is here to say yes", hint="--yes says it, --dry-run only looks; nothing was changed")
    if click.confirm("do it?", default=False, err=True):
        return True
    say("nothing was changed")
    return False


def _tell(path: str, outlook: "Outlook", *, only_missing: bool) -> None:
    """What would change, a line for each kind of change."""
    click.echo(line(path))
    if outlook.missing:
        one, reviews = outlook.missing == 1, outlook.missing_reviews
        of_them = f", {reviews:,} of them {'a review' if reviews == 1 else 'reviews'}" if reviews else ""
        where = "" if outlook.fills else f" that {'is' if one else 'are'} missing here"
        say(f"adds {outlook.missing:,} {'event' if one else 'events'}{where}{of_them}", 2, 2)
    if outlook.going.takes:
        say(f"takes back what came later: {_counted(outlook.going.takes)}", 2, 2)
    if outlook.going.revives:
        say(f"counts again what was undone later: {_counted(outlook.going.revives)}", 2, 2)
    for deck in outlook.decks:
        if deck.comes:
            say(f"brings back the deck {line(deck.deck)}, {line(deck.path)}", 2, 2)
        else:
            say(f"leaves out the deck {line(deck.deck)}: {line(deck.why_not)}", 2, 2)
    for name in outlook.others:
        say(f"leaves the deck {line(name)} as it is: its text was another then", 2, 2)
    _tell_words(outlook)
    if outlook.is_nothing:
        later = "" if only_missing else ", and none came later"
        say(f"all events of it are here{later}: nothing to do", 2, 2)


def _tell_words(outlook: "Outlook") -> None:
    """Events that say something else here; which words hold is not a person's to choose, but theirs to know."""
    stay = outlook.unlike - outlook.coming
    if stay:
        say(f"leaves {stay:,} {'event' if stay == 1 else 'events'} in other words than then, as a sync would", 2, 2)
    if outlook.coming:
        number = f"{outlook.coming:,} {'event' if outlook.coming == 1 else 'events'}"
        say(f"puts {number} into the words of then, as a sync would; the others are kept in replaced.jsonl", 2, 2)
    for one in outlook.words:
        here, then = json.loads(one.here), json.loads(one.there)
        keys = [key for key in {**here, **then} if here.get(key) != then.get(key)]
        said = "; ".join(f"{key} {here.get(key)}, then {then.get(key)}" for key in keys)
        say(line(f"{here['id']} {here.get('card', '')}".rstrip() + f": {said}"), 4, 2)
    if outlook.unlike > len(outlook.words) > 0:
        say("…", 4)


def _counted(kinds: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {NOUNS.get(kind, (kind, kind))[number != 1]}" for kind, number in kinds.items())


def _fields(outlook: "Outlook") -> dict[str, Any]:
    return {
        "missing": outlook.missing,
        "missing_reviews": outlook.missing_reviews,
        "takes_back": outlook.going.takes,
        "counts_again": outlook.going.revives,
        "decks": [
            {"deck": one.deck, "path": one.path or None, "comes": one.comes, "why_not": one.why_not or None}
            for one in outlook.decks
        ],
        "other_texts": [*outlook.others],
        "in_other_words": outlook.unlike,
        "words_come": outlook.coming,
        "words": [
            {"here": json.loads(one.here), "then": json.loads(one.there), "come": one.come} for one in outlook.words
        ],
    }
