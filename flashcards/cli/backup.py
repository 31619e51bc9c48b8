"""`cards backup`: what cannot be rebuilt, in one file; and the list of those that there are."""

from typing import TYPE_CHECKING

import click

from flashcards.cli import output
from flashcards.cli.options import json_option, opened, print_json, say, width
from flashcards.errors import BadRequest
from flashcards.ui.waiting import waiting
from flashcards.ui.words import line

if TYPE_CHECKING:
    from flashcards.app import App

EPILOG = """\b
Examples:
  cards backup                        into the folder of backups, now
  cards backup /media/stick/cards.db.gz
  cards backup --list                 those that there are
  cards restore latest                the way back
"""


@click.command("backup", epilog=EPILOG)
@click.argument("file", required=False, metavar="[FILE]")
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.option("listing", "-l", "--list", is_flag=True, help="List the backups; make none.")
@json_option
def command(*, file: str | None, force: bool, listing: bool, as_json: bool) -> None:
    """Put all history and all decks into one file.

    A backup a day is made by itself, and one before an import takes cards
    away; this makes one more, now. FILE is compressed where it ends in .gz,
    else it is a plain database. Reviews may go on meanwhile.
    """
    from flashcards.app import backups

    if listing and (file is not None or force):
        raise BadRequest("--list makes no backup", hint="leave out the rest")
    with opened() as app:
        if listing:
            if as_json:
                print_json("cards.backups/1", folder=app.places.backups, backups=backups.rows(app))
            else:
                print_list(backups.rows(app))
            return
        if not app.has_store:
            say("nothing was ever stored here, so there is nothing to back up", err=True)
            return
        with waiting("making a backup"):
            made = backups.now(app, "by-hand") if file is None else _to(app, file, force=force)
        if as_json:
            print_json("cards.backup/1", **backups.row(made))
        else:
            told = backups.row(made)
            say(f"{line(made)}: {count_of(told['reviews'])}, {size(told['size'])}")


def _to(app: "App", file: str, *, force: bool) -> str:
    """A backup to a file that a person named; its path."""
    from flashcards.app import backups

    if file == "-":
        raise BadRequest("a backup is a file and no stream", hint="name a file")
    target = output.place_of(file)
    if target.is_dir():
        raise BadRequest(f"`{file}` is a folder", hint=f"name a file in it: {target / 'cards.db.gz'}")
    if target.exists() and not target.is_file():
        raise BadRequest(f"`{file}` is no ordinary file", hint="choose another name")
    if target.exists() and not force:
        raise BadRequest(f"`{file}` is already there", hint="choose another name, or replace it with --force")
    return backups.to_file(app, str(target))


def print_list(rows: list[dict[str, object]]) -> None:
    """The backups, newest first."""
    table = [(reason(row), count_of(row["reviews"]), size(row["size"]), str(row["name"])) for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    roomy = sum(widths) + 2 * (len(widths) - 1) <= width()
    for why, reviews, weight, name in table:
        if roomy:
            click.echo(f"{why:<{widths[0]}}  {reviews:>{widths[1]}}  {weight:>{widths[2]}}  {name}")
        else:  # the name says the day and the reason as well, and is understood without its end
            say(f"{name.removesuffix('.db.gz')}  {reviews}", hang=2)
    if not rows:
        click.echo("no backups yet: `cards backup` makes one")


def reason(row: dict[str, object]) -> str:
    """`2026-11-29 of the day`, `2026-11-29 10:15 before import`."""
    at = str(row["at"] or "")
    when = f"{row['day']} {at[:2]}:{at[2:4]}" if at else str(row["day"])
    return f"{when} {str(row['reason'] or 'of the day').replace('-', ' ')}"


def count_of(reviews: object) -> str:
    """How many reviews, where that is known."""
    return f"{reviews:,} {'review' if reviews == 1 else 'reviews'}" if isinstance(reviews, int) else "? reviews"


def size(number: object) -> str:
    """`412 kB`, `1.2 MB`."""
    if not isinstance(number, int):
        return ""
    return f"{number / 1e6:.1f} MB" if number >= 1e6 else f"{max(number // 1000, 1)} kB"  # noqa: PLR2004  (a megabyte)
