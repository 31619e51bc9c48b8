"""`cards decks`: the decks, where they come from, how far they are known."""

import click

from flashcards.app.overview import deck_lines
from flashcards.app.places import real_path
from flashcards.app.planning import make_plan
from flashcards.cli.options import json_option, opened, print_json
from flashcards.ui.words import line


@click.command("decks", epilog="\b\nExamples:\n  cards decks\n  cards decks --json")
@json_option
def command(*, as_json: bool) -> None:
    """List the decks."""
    with opened() as app:
        lines = deck_lines(app, make_plan(app))
        paths = {source.deck: str(real_path(source.path)) for source in app.store.decks()}
        if as_json:
            decks = [{**one._asdict(), "path": paths[one.deck]} for one in lines]
            print_json("cards.decks/1", decks=decks)
            return
        if not lines:
            click.echo("no decks yet: `cards review` starts with the deck that came along")
        for one in lines:
            click.echo(
                f"{one.deck:<16} {one.cards:>5} cards  {one.known:>5} known  {one.due + one.new:>4} due"
                f"  {line(one.title)}\n{'':<16} {line(paths[one.deck])}"
            )
