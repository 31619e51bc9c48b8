"""`cards move`: cards from one deck file into another, with their history."""

from difflib import unified_diff

import click

from flashcards.cli.options import complete_cards, opened, say
from flashcards.ui.words import count, safe

EPILOG = """\b
Examples:
  cards move shell/git-init git      out of shell's file, into git's
  cards move a b c other --dry-run   what would change in the files
"""


@click.command("move", epilog=EPILOG)
@click.argument("names", nargs=-1, required=True, metavar="CARD...", shell_complete=complete_cards)
@click.argument("deck", metavar="DECK")
@click.option("-n", "--dry-run", is_flag=True, help="Show what would change; change nothing.")
def command(names: tuple[str, ...], deck: str, *, dry_run: bool) -> None:
    """Move cards to another deck.

    Their text goes from file to file, with the comments that belong to it,
    and `was:` on it says where the history comes from, on every machine.
    """
    from flashcards.app import writing

    with opened() as app:
        planned = writing.moved(app, names, deck)
        if dry_run:
            for one in planned:
                before, after = (data.decode("utf-8").splitlines() for data in (one.before, one.after))
                name = str(one.path)
                for text in unified_diff(before, after, name, name, lineterm=""):
                    click.echo(safe(text))
            click.echo("nothing was changed: a dry run")
            return
        with app.store.together():  # nobody else writes meanwhile
            planned = writing.moved(app, names, deck)
            writing.replace_all(planned)  # the deck they go to first: a card that is in both is better than in none
            changes = writing.take_in(app, [one.path for one in planned])
        home = changes[0].deck.id
        cards = count(len(set(names)), "card")
        say(f"moved {cards} to {home}, with {'its' if len(set(names)) == 1 else 'their'} history")
