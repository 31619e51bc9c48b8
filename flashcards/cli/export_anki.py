"""`cards export anki`: decks with their history as a package that Anki imports."""

import os
from collections.abc import Iterable
from pathlib import Path

import click

from flashcards.cli.options import complete_decks, opened
from flashcards.errors import BadRequest, CardsError, NotFound
from flashcards.ui.waiting import waiting

EPILOG = """\b
Examples:
  cards export anki -o everything.apkg
  cards export anki -d venv -o venv.apkg
"""


@click.command("anki", epilog=EPILOG)
@click.option("-o", "--output", required=True, metavar="FILE", help="Where; a name that ends in .apkg.")
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
def command(*, output: str, decks: tuple[str, ...]) -> None:
    """Write decks, schedules and reviews as a package for Anki.

    Decks that came from Anki go back with their own fields, note types,
    pictures and every entry of their review log; what was changed or reviewed
    here since is added. Import it in Anki with its scheduling.
    """
    if Path(output).suffix.lower() != ".apkg":
        raise BadRequest(f"`{output}` does not end in .apkg", hint="Anki goes by the name: -o cards.apkg")
    from flashcards.app import anki_out  # sqlite3, zipfile, the formats: 60 ms, and not for --help

    with opened() as app:
        if not app.decks(decks) and not app.store.decks():
            raise NotFound("there is no deck yet", hint="`cards import` takes decks in")
        with waiting("writing"):
            _replace(Path(output).resolve(), anki_out.export(app, decks), output)


def _replace(target: Path, pieces: Iterable[bytes], name: str) -> None:
    """A new file takes the place of the old one when it is complete."""
    partial = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        try:
            with partial.open("xb") as file:
                file.writelines(pieces)
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        raise CardsError(f"cannot write `{name}`: {error.strerror}", hint="choose another place with -o") from None
