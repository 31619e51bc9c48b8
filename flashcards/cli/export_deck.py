"""`cards export deck`: decks as their text, or in another format."""

import codecs
from collections.abc import Generator, Iterator
from pathlib import Path

import click

from flashcards.cli.options import FormatName, decks_argument, opened
from flashcards.cli.output import write
from flashcards.errors import BadRequest, CardsError, NotFound
from flashcards.ui.words import escaped, safe

FORMATS = ("yaml", "csv", "tsv", "markdown", "json")
BY_ENDING = {".yaml": "yaml", ".yml": "yaml", ".csv": "csv", ".tsv": "tsv", ".md": "markdown", ".markdown": "markdown",
             ".json": "json"}  # fmt: skip
PACKAGES = (".apkg", ".colpkg")
EPILOG = """\b
Examples:
  cards export deck spanish -o spanish.yaml     its text, byte for byte
  cards export deck -o backup/                  every deck, a file each
  cards export deck spanish --format csv > spanish.csv
  cards export deck venv git -o commands.md
"""


@click.command("deck", epilog=EPILOG)
@decks_argument
@click.option(
    "-f", "--format", "form", type=FormatName(FORMATS), help="How; by default what the file's name says, else yaml."
)
@click.option(
    "-o",
    "--output",
    default="-",
    metavar="FILE",
    help="Where; a folder takes a YAML file a deck; - is standard output.",
)
def command(*, decks: tuple[str, ...], form: str | None, output: str) -> None:
    """Write decks as YAML, tables, Markdown or JSON; all decks if none is named.

    YAML is the text as it was taken in: importing it again changes nothing.
    The history is not in it; `cards export log` and `cards export anki` take
    that along.
    """
    from flashcards.app import exporting  # the formats, not for --help

    is_folder = output.endswith(("/", "\\")) or (output != "" and Path(output).is_dir())
    chosen = form or ("yaml" if is_folder else _by_ending(Path(output)))
    with opened() as app:
        sources = exporting.texts(app, app.decks(decks))
        if not sources:
            raise NotFound("there is no deck yet", hint="`cards import` takes decks in")
        if is_folder and chosen == "yaml":
            for deck, data in sources.items():
                exporting.spare(app, Path(output, f"{deck}.yaml"), data)
            _each(sources, Path(output))
        elif chosen == "yaml" and len(sources) > 1:
            raise BadRequest("a YAML file holds one deck", hint="name one, or write them into a folder: -o decks/")
        else:
            alone = next(iter(sources.values())) if chosen == "yaml" else None
            exporting.spare(app, Path(output), alone)
            write(_text(exporting.written(sources, chosen)), output, clean=escaped if chosen == "json" else safe)


def _by_ending(path: Path) -> str:
    """The format that the name of a file says."""
    from flashcards.formats import foreign

    suffix = path.suffix.lower()
    if suffix in PACKAGES:
        raise BadRequest(f"`{path}` would be no package of Anki's", hint=f"cards export anki -o {path} writes one")
    if suffix in {*BY_ENDING, "", ".txt"}:
        return BY_ENDING.get(suffix, "yaml")
    found = foreign(path)
    return found.name if found else "yaml"


def _each(sources: dict[str, bytes], folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CardsError(f"cannot write `{folder}`: {error.strerror}", hint="choose another place with -o") from None
    for deck, data in sources.items():
        write(_text(iter([data])), str(folder / f"{deck}.yaml"))


def _text(pieces: Iterator[bytes]) -> Generator[str]:
    yield from codecs.iterdecode(pieces, "utf-8")
