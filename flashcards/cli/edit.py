"""`cards edit`: a card's text in the person's editor, taken in when it is left."""

from typing import TYPE_CHECKING

import click

from flashcards.cli.options import complete_cards, opened, say
from flashcards.errors import DeckProblems

if TYPE_CHECKING:
    from flashcards.model import Problem

EPILOG = """\b
Examples:
  cards edit venv/create             at the line of the card
  EDITOR="code --wait" cards edit create
"""


@click.command("edit", epilog=EPILOG)
@click.argument("name", metavar="CARD", shell_complete=complete_cards)
def command(name: str) -> None:
    """Change a card in your editor.

    VISUAL or EDITOR is opened at the card's line. When you leave it the file
    is read: faults are shown, and you may go back; without faults the change
    is taken in. History stays with the card's id, whatever else changes.
    """
    from flashcards.app import editing

    with opened() as app:
        card = app.text_of(name)
        edited = editing.card(app, card, again)
        if edited.change is None:
            raise DeckProblems((), message=editing.told(edited), hint=f"cards edit {card} goes back to it")
        say(f"{card}: {editing.told(edited, [card])}")


def again(problems: "tuple[Problem, ...]") -> bool:
    """Shows what is wrong, and asks whether to go back to the editor; ctrl-c and the end of input are a no."""
    from flashcards.ui.problems import render_all

    click.echo(render_all(problems), err=True)
    try:
        return click.confirm("back to the editor?", default=True, err=True)
    except (click.Abort, KeyboardInterrupt):
        click.echo(err=True)
        return False
