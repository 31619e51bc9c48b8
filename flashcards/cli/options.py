"""What commands share: the app, names that complete, output."""

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flashcards.app import App
from flashcards.errors import CardsError, StoreError
from flashcards.store.base import is_sign_of_damage

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])

UNLIMITED = 10_000
"""Columns of what is no terminal: a pipe gets whole lines."""
AT_ONCE = 500
"""Lines that are written together; the first are there in a few milliseconds."""
NARROWEST = 20
ROOMY = 72
"""Columns from which tables fit beside each other."""


class Whole(click.IntRange):
    """A whole number in bounds; click's own name for it is `integer range`."""

    name = "whole number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401  (click's)
        """The number, or the greatest that a machine counts to: nobody has more of anything."""
        return int(min(super().convert(value, param, ctx), sys.maxsize))


class FormatName(click.Choice[str]):
    """The formats of the program, and those of other packages, which are looked for only when one is named."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401  (click's)
        """The name as it is, if any package knows it."""
        from flashcards.formats import installed

        if value not in self.choices and value in installed():
            return str(value)
        return super().convert(value, param, ctx)


class Number(click.FloatRange):
    """A number in bounds."""

    name = "number"


@contextmanager
def opened(*, in_passing: bool = False) -> Iterator[App]:
    """The app, closed at the end; `in_passing` for what may be asked every second, and never waits for a backup."""
    app = App(sign=_sign)
    try:
        yield app
    except Exception as error:
        if app.is_open and is_sign_of_damage(error):
            app.store.is_damaged = True  # or so it seems; then nothing more is written
        raise
    finally:
        try:
            if not in_passing and app.is_open and not app.store.is_damaged:
                _end(app)
        finally:
            app.close()


def _end(app: App) -> None:
    """Makes the backup of the day, if it is time; what went wrong is told last, and changes nothing."""
    if not isinstance(sys.exc_info()[1], StoreError):
        if app.store.has_redactions:
            from flashcards.app import redacting

            app.warnings += redacting.at_the_end(app)
        if app.backup_aside or not os.path.exists(app.places.backup_of(app.date)):  # noqa: PTH110  (pathlib costs 3 ms)
            from flashcards.app import backups  # 5 ms, on a day that has no backup yet

            app.warnings += backups.at_the_end(app)
    for warning in app.warnings:
        say(f"warning: {warning}", err=True)


def _sign(what: str) -> AbstractContextManager[object]:
    from flashcards.ui.waiting import waiting  # threads: 2 ms, only where there is something to wait for

    return waiting(what)


def complete_decks(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Deck names that begin so; silent when there is no database."""
    return _complete(lambda app: [(s.deck, s.title) for s in app.store.decks()], incomplete)


def complete_tags(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Tags of any deck that begin so."""

    def tags(app: App) -> list[tuple[str, str]]:
        rows = app.store.all_rows()
        return sorted({(tag, "") for row in rows if row.card and not row.retired for tag in row.card.tags})

    return _complete(tags, incomplete)


def complete_cards(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Card names that begin so."""
    return _complete(
        lambda app: [(r.memory.card, r.card.front if r.card else "") for r in app.store.all_rows()], incomplete
    )


def _complete(names: Callable[[App], list[tuple[str, str]]], incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem  # 1 ms, only for completion

    from flashcards.ui.words import line

    with opened(in_passing=True) as app:
        try:
            if not app.has_store:
                return []
            return [
                CompletionItem(name, help=line(text)[:60])
                for name, text in names(app)
                if name.startswith(incomplete) and name == line(name)  # a shell writes it as it is
            ]
        except CardsError:
            return []


def decks_argument(function: F) -> F:
    """`[DECK]...`, completed from the database."""
    return click.argument("decks", nargs=-1, metavar="[DECK]...", shell_complete=complete_decks)(function)


def cards_argument(function: F) -> F:
    """`CARD...`, completed from the database."""
    return click.argument("names", nargs=-1, required=True, metavar="CARD...", shell_complete=complete_cards)(function)


def json_option(function: F) -> F:
    """`--json`."""
    return click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")(function)


def print_json(schema: str, **fields: Any) -> None:  # noqa: ANN401  (anything JSON)
    """One versioned JSON object on stdout; what a terminal would obey is escaped, as JSON allows."""
    from flashcards.ui.words import escaped  # it compiles an expression

    click.echo(escaped(json.dumps({"schema": schema, **fields}, ensure_ascii=False, indent=2)))


def print_long_json(schema: str, **fields: Any) -> None:  # noqa: ANN401  (anything JSON)
    """The same with a line for each field."""
    click.echo(long_json({"schema": schema, **fields}), nl=False)


def long_json(fields: Mapping[str, Any]) -> str:
    """An object with a line for each field: one of thousands of lines takes a tenth of the time."""
    from flashcards.ui.words import escaped

    lines = (f"  {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in fields.items())
    return escaped("{\n" + ",\n".join(lines) + "\n}\n")


def echo_all(pieces: Iterable[str]) -> bool:
    """Prints them, many at a time, since each write is flushed; whether there were any."""
    from itertools import islice

    rest, found = iter(pieces), False
    while many := "".join(islice(rest, AT_ONCE)):
        click.echo(many, nl=False)
        found = True
    return found


def width() -> int:
    """Columns of the terminal, or of COLUMNS; where there is neither, lines are as long as they are."""
    from shutil import get_terminal_size

    return max(get_terminal_size((UNLIMITED, 0)).columns, NARROWEST)


def is_narrow() -> bool:
    """Whether there is no room for wide tables."""
    return width() < ROOMY


def has_backups(app: App) -> bool:
    """Whether there is a way back for a home in which nothing is."""
    from flashcards.store import backup  # 3 ms, and only where there is no deck

    return bool(backup.listed(app.places.backups))


def say_where(app: App) -> None:
    """Where a home lies whose disk may have been pulled out: even the folder around it is not there."""
    folder = app.places.home
    if os.environ.get("CARDS_HOME") and not os.path.isdir(os.path.dirname(folder)):  # noqa: PTH112, PTH120  (as above)
        say(f"there is no folder `{os.path.dirname(folder)}`, where CARDS_HOME lies: is the disk there?", err=True)  # noqa: PTH120


def say(text: str, indent: int = 0, hang: int = 0, *, err: bool = False) -> None:
    """A line of prose, folded between words; its later lines are indented by `hang` more."""
    first = " " * indent
    columns = min(width(), UNLIMITED)
    if len(first + text) <= columns:
        click.echo(first + text, err=err)
        return
    from textwrap import fill  # 1 ms, where something is folded

    later = first + " " * hang
    click.echo(fill(text, columns, initial_indent=first, subsequent_indent=later, break_on_hyphens=False), err=err)


def say_pieces(pieces: Iterable[str], between: str) -> None:
    """Short facts in one line, or in several, broken between the facts."""
    line = ""
    for piece in pieces:
        if line and len(line + between + piece) > width():
            click.echo(line)
            line = ""
        line = line + between + piece if line else piece
    click.echo(line)


def say_table(rows: Iterable[tuple[str, str]], left: int = 0) -> None:
    """Two columns, the first `left` wide; one below the other where the screen is narrow."""
    for name, text in rows:
        if is_narrow():
            click.echo(name)
            say(text, indent=2)
        else:
            say(f"{name:<{left}}  {text}", hang=left + 2)
