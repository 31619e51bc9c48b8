"""`cards export progress`, `stats` and `reviews`: rows for a spreadsheet, a notebook, a database, a page."""

import json
import sys
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import click

from flashcards.app import App
from flashcards.cli.options import complete_decks, complete_tags, long_json, opened
from flashcards.cli.output import clear, place_of, replacing, write
from flashcards.cli.spans import between
from flashcards.errors import BadRequest, UnknownFormat
from flashcards.ui.waiting import waiting
from flashcards.ui.words import escaped, safe

if TYPE_CHECKING:
    from flashcards.app.exports.rows import Sheet, Source, Values

F = TypeVar("F", bound=Callable[..., Any])
Pieces = Generator[str] | Generator[bytes]

SUFFIXES = {"htm": "html", "markdown": "md", "ndjson": "jsonl", "pq": "parquet", "db": "sqlite", "sqlite3": "sqlite"}
"""Other names for a format."""
PAGES = ("csv", "json", "jsonl", "html", "md", "parquet", "sqlite")
ROWS = ("csv", "jsonl", "parquet", "sqlite")
SINCE = {True: "The first study day", False: "Only cards with news since that study day"}

PROGRESS_EPILOG = """\b
Examples:
  cards export progress -o progress.csv
  cards export progress --format json | jq '.cards[] | select(.lapses > 3)'
  cards export progress --since 7d -o week.html
  cards export progress -o cards.sqlite        cards, reviews and days as tables
  cards export progress --schema               the JSON Schema
"""
STATS_EPILOG = """\b
Examples:
  cards export stats -o days.csv
  cards export stats --since 30d --format md
  cards export stats -o stats.json             every number of `cards stats`
"""
REVIEWS_EPILOG = """\b
Examples:
  cards export reviews -o reviews.parquet
  cards export reviews --since 2026-01-01 --format csv > reviews.csv
  cards export reviews --typed | jq -r 'select(.kind == "mature") | .typed'
"""


class Asked(NamedTuple):
    """What a person asked for."""

    name: str
    form: str
    output: str
    typed: bool = False


def shared(forms: tuple[str, ...], usual: str, *, until: bool) -> Callable[[F], F]:
    """The options that the exports of rows have in common."""
    options = [
        click.option(
            "-f",
            "--format",
            "form",
            type=click.Choice(forms),
            help=f"How; by default what the file's name says, else {usual}.",
        ),
        click.option("-o", "--output", default="-", metavar="FILE", help="Where; - is standard output."),
        click.option(
            "-d",
            "--deck",
            "decks",
            shell_complete=complete_decks,
            help="Only this deck.",
            multiple=True,
            metavar="DECK",
        ),
        click.option(
            "-t",
            "--tag",
            "tags",
            shell_complete=complete_tags,
            help="Only cards with this tag.",
            multiple=True,
            metavar="TAG",
        ),
        click.option(
            "--since", metavar="DAY", help=f"{SINCE[until]}: 2026-01-31, or 30d, 4w, 1y for the last so many."
        ),
        *([click.option("--until", metavar="DAY", help="The last study day: the same, or 30d ago.")] if until else []),
        click.option("--schema", is_flag=True, help="Print the JSON Schema, and nothing else."),
    ]

    def decorated(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorated


@click.command("progress", epilog=PROGRESS_EPILOG)
@shared(PAGES, "json", until=False)
def progress(*, form: str | None, output: str, schema: bool, **within: Any) -> None:  # noqa: ANN401  (the options)
    """One row a card: schedule, counts, state.

    News of a card is a review, a mark, a schedule brought from elsewhere or
    an undo; a new wording is none. In CSV a text that a spreadsheet would
    run as a formula begins with an apostrophe. Columns are never renamed or
    taken away within a version.
    """
    _export(Asked("progress", _form(form, output, PAGES, "json"), output), within, schema=schema)


@click.command("stats", epilog=STATS_EPILOG)
@shared(PAGES, "json", until=True)
def stats(*, form: str | None, output: str, schema: bool, **within: Any) -> None:  # noqa: ANN401  (the options)
    """One row a study day and deck: reviews, time, retention.

    JSON is the whole object of `cards stats --json`.
    """
    _export(Asked("stats", _form(form, output, PAGES, "json"), output), within, schema=schema)


@click.command("reviews", epilog=REVIEWS_EPILOG)
@shared(ROWS, "jsonl", until=True)
@click.option("--typed", is_flag=True, help="Also what was typed.")
def reviews(*, form: str | None, output: str, schema: bool, typed: bool, **within: Any) -> None:  # noqa: ANN401
    """One row a review that was not taken back, in order.

    The rows say what a review was: new, young, mature or extra. `cards
    export log` has every event as it is stored, and comes back with `cards
    import`.
    """
    asked = Asked("reviews", _form(form, output, ROWS, "jsonl"), output, typed)
    _export(asked, within, schema=schema)


def _form(form: str | None, output: str, forms: tuple[str, ...], usual: str) -> str:
    suffix = Path(output).suffix[1:].lower()
    named = SUFFIXES.get(suffix, suffix) if output != "-" else ""
    if form or not named:
        return form or usual
    if named not in forms:
        hint = f"name it .{', .'.join(forms)}, or say which with --format"
        raise UnknownFormat(f"`{output}` would be of a format that this is not written in", hint=hint)
    return named


def _export(asked: Asked, within: dict[str, Any], *, schema: bool) -> None:
    if schema:
        from flashcards.app.exports.schema import SCHEMAS

        click.echo(json.dumps(SCHEMAS[asked.name](), indent=2))
        return
    _refuse_screens(asked)
    from flashcards.app.exports.rows import source
    from flashcards.store.answers import Within

    with opened() as app:
        first, last = between(app, within["since"], within.get("until"))
        wanted = Within(first, last, app.decks(within["decks"]), app.tags(within["tags"]))
        with source(app, wanted) as rows:
            if asked.form == "sqlite":
                _write_database(rows, asked)
            elif (asked.name, asked.form) == ("stats", "json"):
                write(_numbers(app, rows), asked.output)
            else:
                _write_rows(rows, asked)


def _refuse_screens(asked: Asked) -> None:
    if asked.form == "sqlite" and asked.output == "-":
        raise BadRequest("a database needs a file of its own", hint=f"name it: -o {asked.name}.sqlite")
    if asked.form == "parquet" and asked.output == "-" and sys.stdout.isatty():
        raise BadRequest("Parquet is nothing for a screen", hint=f"name a file, -o {asked.name}.parquet, or use a pipe")


def _write_rows(rows: "Source", asked: Asked) -> None:
    from flashcards.cli.export_bar import Bar

    with waiting("reading"):
        sheet = _sheet(rows, asked)
    bar = Bar(sheet.total)
    pieces = _writer(asked.form)(sheet._replace(rows=bar.watched(sheet.rows)))
    if asked.output != "-":
        write(pieces, asked.output, bar.sign())
    elif sys.stdout.isatty():
        write(pieces, asked.output, clean=escaped if asked.form in {"json", "jsonl"} else safe)
    else:
        with bar.sign():
            write(pieces, asked.output)


def _sheet(rows: "Source", asked: Asked) -> "Sheet":
    if asked.name == "reviews":
        return rows.reviews(typed=asked.typed)
    return rows.stats() if asked.name == "stats" else rows.progress()


def _writer(form: str) -> "Callable[[Sheet], Pieces]":
    from flashcards.app.exports import text

    if form == "parquet":
        from flashcards.app.exports.parquet import as_parquet

        return as_parquet
    if form == "html":
        from flashcards.app.exports.page import as_html

        return as_html
    writers = {
        "csv": text.as_csv,
        "json": text.as_json,
        "jsonl": text.as_jsonl,
        "md": text.as_md,
    }
    return writers[form]


def _numbers(app: App, rows: "Source") -> Generator[str]:
    from flashcards.app.statistics import statistics
    from flashcards.app.statistics_out import SCHEMA, as_dict

    yield long_json({"schema": SCHEMA, **as_dict(statistics(app, rows.within))})


def _write_database(rows: "Source", asked: Asked) -> None:
    from flashcards.app.exports.rows import about
    from flashcards.cli.export_bar import Bar
    from flashcards.store.database_out import write as write_database

    target = place_of(asked.output)
    if target.exists() and not target.is_file():
        raise BadRequest(f"`{asked.output}` is no file", hint="a database needs a file of its own")
    bar = Bar(rows.store.count_reviews())

    def watched(sheet: "Sheet") -> "Iterator[Values]":
        return bar.watched(sheet.rows)

    with clear(asked.output), bar.sign(), replacing(target) as partial, rows.store.at_rest():
        partial.open("xb").close()  # a folder that is not there is named like that of any other file
        write_database(partial, rows.tables(typed=asked.typed, watched=watched), about(rows.app, rows.within))
