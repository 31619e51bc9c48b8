"""`cards schema`: the deck format as JSON Schema, for editors."""

import json
from collections.abc import Generator

import click

from flashcards.cli.output import write

EPILOG = """\b
Examples:
  cards schema -o deck.schema.json
  cards schema | less

\b
Then the first line of a deck file tells the editor:
  # yaml-language-server: $schema=deck.schema.json
"""


@click.command("schema", epilog=EPILOG)
@click.option("-o", "--output", default="-", metavar="FILE", help="Where to; standard output if left out.")
def command(output: str) -> None:
    """Write the deck format as JSON Schema, for editors.

    With it an editor completes the keys of a deck, says what each is for, and
    marks what `cards check` would refuse, while you write. It is draft-07, and
    made from the table that the program reads decks by.
    """
    write(_pieces(), output)


def _pieces() -> Generator[str]:
    from flashcards.formats.schema import deck_schema

    yield json.dumps(deck_schema(), indent=1, ensure_ascii=False) + "\n"
