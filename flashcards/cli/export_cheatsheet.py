"""`cards export cheatsheet`: commands to look up and run, in Markdown."""

import click

from flashcards.app import cheatsheet
from flashcards.cli.options import complete_decks, opened
from flashcards.cli.output import write
from flashcards.errors import BadRequest
from flashcards.ui.words import safe

EPILOG = """\b
Examples:
  cards export cheatsheet --deck venv
  cards export cheatsheet --deck git --failing -o look-again.md
"""


@click.command("cheatsheet", epilog=EPILOG)
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
@click.option("--mastered", is_flag=True, help="Only what is known well: 21 days or more to the next review.")
@click.option("--failing", is_flag=True, help="Only what was forgotten, or is not known yet.")
@click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output.")
def command(*, decks: tuple[str, ...], mastered: bool, failing: bool, output: str) -> None:
    """Write a cheat-sheet: commands in blocks that can be run, word by word.

    The question stands above its command as a comment. Cards that are no
    commands follow as short text.
    """
    if mastered and failing:
        raise BadRequest("--mastered and --failing exclude each other", hint="leave one out")
    only: cheatsheet.Only = "mastered" if mastered else "failing" if failing else "all"
    with opened() as app:
        write((safe(piece) for piece in cheatsheet.write(app, app.decks(decks), only)), output)
