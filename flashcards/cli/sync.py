"""`cards sync`: this device and a folder that something else carries come to the same log."""

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import complete_decks, json_option, opened, print_json, say, say_pieces
from flashcards.errors import BadRequest, Refused

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from flashcards.app import App
    from flashcards.app.synced import Done, Travelled

EPILOG = """\b
Examples:
  cards sync ~/Sync/cards   a folder that Syncthing, git, Dropbox or a stick carries
  cards sync                the same folder again
  cards sync --dry-run      what it would send and get
"""
HARMLESS = frozenset({"waiting", "line"})
"""What is told only to those who ask."""
MOST_NAMED = 3
"""Decks that are named; of more only the number is said."""


@click.command("sync", epilog=EPILOG)
@click.argument("folder", required=False, type=click.Path(file_okay=True), metavar="[FOLDER]")
@click.option("--dry-run", is_flag=True, help="Only show what it would do.")
@click.option("--decks/--no-decks", default=None, help="Whether decks travel too; remembered, at first they do.")
@click.option(
    "--mine",
    multiple=True,
    metavar="DECK",
    shell_complete=complete_decks,
    help="Of a deck that both sides changed: keep this one.",
)
@click.option(
    "--theirs",
    multiple=True,
    metavar="DECK",
    shell_complete=complete_decks,
    help="Of such a deck: take the other's text.",
)
@click.option("-y", "--yes", is_flag=True, help="Do not ask before a folder is used for the first time.")
@click.option("-v", "--verbose", is_flag=True, help="Also tell what settles by itself.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    folder: str | None,
    *,
    dry_run: bool,
    decks: bool | None,
    mine: tuple[str, ...],
    theirs: tuple[str, ...],
    yes: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Bring this device and a folder to the same log.

    Something else carries the folder to your other devices. Each device
    writes files of its own there and reads those of the others, so nothing
    can conflict. Decks travel too, with their pictures: what one side changed
    goes to the other, what both changed stays on both. The folder is remembered.
    """
    from flashcards.app import syncing
    from flashcards.app.synced import Wanted

    if both := {*mine} & {*theirs}:
        raise BadRequest(f"`{min(both)}` can be kept or taken, not both", hint="name it once: --mine or --theirs")
    with opened() as app:
        path = syncing.folder_of(app, folder)
        asked = syncing.question(app, path)
        if asked and not (yes or dry_run):
            _ask(asked)
        travels = bool(app.config.get("sync_decks")) if decks is None else decks
        wanted = Wanted(mine, theirs) if travels or mine or theirs else None
        done = syncing.sync(app, path, dry_run=dry_run, decks=wanted)
        if folder and not dry_run:
            _remember(app, path)
        if decks is not None and not dry_run and decks != app.config.get("sync_decks"):
            app.set("sync_decks", decks)
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
        decks=_decks(done.decks),
    )


def _decks(decks: "Travelled") -> dict[str, Any]:
    from flashcards.app.library import KINDS

    taken = [
        {"deck": change.deck.id, "changes": {kind: change.count(kind) for kind in KINDS if change.count(kind)}}
        for change in decks.taken
    ]
    return {**decks._asdict(), "taken": taken, "told": [one._asdict() for one in decks.told]}


def _tell(done: "Done", *, verbose: bool) -> None:
    from flashcards.ui.words import count, line

    for kind, file, message, hint in done.told:
        if verbose or kind not in HARMLESS:
            where = f"{line(file)}: " if file else ""
            say(f"{where}{line(message)}" + (f" ({line(hint)})" if hint else ""), hang=2, err=True)
    for deck, says, cure in done.decks.told:
        say(
            (f"deck {line(deck)} " if deck else "decks: ") + line(says) + (f": {line(cure)}" if cure else ""),
            hang=2,
            err=True,
        )
    news, travelled = sum(done.got.values()), [*_travelled(done)]
    if not (done.sent or news or done.cards or travelled):
        click.echo("nothing new" if done.complete and not done.decks.told else "nothing else is new")
        return
    pieces = [f"{'would send' if done.dry_run else 'sent'} {count(done.sent, 'event')}"] if done.sent else []
    pieces += _got(done.got, "would get" if done.dry_run else "got")
    pieces += [f"{count(done.cards, 'card')} changed"] if done.cards else []
    say_pieces([*pieces, *travelled], " · ")


def _travelled(done: "Done") -> "Iterator[str]":
    """The decks that went out or came in."""
    from flashcards.ui.words import count

    sent, got = ("would send", "would get") if done.dry_run else ("sent", "got")
    if done.decks.sent:
        yield f"{sent} {_named(done.decks.sent)}"
    if done.decks.taken:
        yield f"{got} {_named([change.deck.id for change in done.decks.taken])}"
    if done.decks.pictures_sent:
        yield f"{sent} {count(done.decks.pictures_sent, 'picture')}"
    if done.decks.pictures_taken:
        yield f"{got} {count(done.decks.pictures_taken, 'picture')}"


def _named(decks: "Sequence[str]") -> str:
    """`deck french`, `decks french, spanish`, `12 decks`."""
    if len(decks) > MOST_NAMED:
        return f"{len(decks)} decks"
    return f"{'deck' if len(decks) == 1 else 'decks'} {', '.join(decks)}"


def _got(got: Mapping[str, int], verb: str) -> list[str]:
    from flashcards.ui.words import count, line

    return [f"{verb} {count(number, 'event')} of {line(device)}" for device, number in got.items() if number]
