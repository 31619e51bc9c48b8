"""`cards decks`: the decks, where they come from, how far they are known."""

import click

from flashcards.app.overview import deck_lines
from flashcards.app.planning import make_plan
from flashcards.cli.options import json_option, opened, print_json, say
from flashcards.places import real_path
from flashcards.ui.words import count, line


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
            say("no decks yet: `cards review` starts with a deck that came along")
        for one in lines:
            say(f"{line(one.deck):<12}  {line(one.title)}".rstrip(), hang=2)
            say(f"{count(one.cards, 'card')}, {one.known} known, {one.due + one.new} due", indent=2)
            click.echo(f"  {line(paths[one.deck])}")
