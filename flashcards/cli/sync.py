"""`cards sync`: this device and a folder that something else carries come to the same log."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import click

from flashcards.cli.options import json_option, opened, print_json, say, say_pieces
from flashcards.errors import BadRequest, Refused

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.app.syncing import Done

EPILOG = """\b
Examples:
  cards sync ~/Sync/cards   a folder that Syncthing, git, Dropbox or a stick carries
  cards sync                the same folder again
  cards sync --dry-run      what it would send and get
"""
HARMLESS = frozenset({"waiting", "mended"})
"""What is told only to those who ask."""


@click.command("sync", epilog=EPILOG)
@click.argument("folder", required=False, type=click.Path(file_okay=True), metavar="[FOLDER]")
@click.option("--dry-run", is_flag=True, help="Only show what it would do.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a folder is used for the first time.")
@click.option("-v", "--verbose", is_flag=True, help="Also tell what settles by itself.")
@json_option
@click.pass_context
def command(
    context: click.Context, folder: str | None, *, dry_run: bool, yes: bool, verbose: bool, as_json: bool
) -> None:
    """Bring this device and a folder to the same log.

    Something else carries the folder to your other devices. Each device
    writes files of its own there and reads those of the others, so nothing
    can conflict; decks stay where they are. The folder is remembered.
    """
    from flashcards.app import syncing

    with opened() as app:
        path = syncing.folder_of(app, folder)
        asked = syncing.question(app, path)
        if asked and not (yes or dry_run):
            _ask(asked)
        done = syncing.sync(app, path, dry_run=dry_run)
        if folder and not dry_run:
            _remember(app, path)
        if as_json:
            _print(done)
        else:
            _tell(done, verbose=verbose)
        context.exit(0 if done.complete else 1)


def _ask(question: str) -> None:
    if not sys.stdin.isatty():
        raise BadRequest(question, hint="--yes uses it all the same; nothing was changed")
    say(question)
    if not click.confirm("use it?", default=False):
        raise Refused("nothing was changed", hint="name another folder")


def _remember(app: "App", path: str) -> None:
    if str(app.config.get("sync")) != path:
        app.set("sync", path)


def _print(done: "Done") -> None:
    print_json(
        "cards.sync/1",
        folder=done.folder,
        device=done.device,
        sent=done.sent,
        got=dict(done.got),
        cards=done.cards,
        complete=done.complete,
        dry_run=done.dry_run,
        told=[one._asdict() for one in done.told],
    )


def _tell(done: "Done", *, verbose: bool) -> None:
    from flashcards.ui.words import count, line

    for kind, file, message, hint in done.told:
        if verbose or kind not in HARMLESS:
            where = f"{line(file)}: " if file else ""
            say(f"{where}{line(message)}" + (f" ({line(hint)})" if hint else ""), err=True)
    news = sum(done.got.values())
    if not (done.sent or news):
        click.echo("nothing new" if done.complete else "nothing else is new")
        return
    pieces = [f"{'would send' if done.dry_run else 'sent'} {done.sent:,}"] if done.sent else []
    pieces += _got(done.got, "would get" if done.dry_run else "got")
    pieces += [f"{count(done.cards, 'card')} changed"] if done.cards else []
    say_pieces(pieces, " · ")


def _got(got: Mapping[str, int], verb: str) -> list[str]:
    from flashcards.ui.words import line

    return [f"{verb} {number:,} of {line(device)}" for device, number in got.items() if number]
