"""What commands share: the app, names that complete, output."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import click

from flashcards.app import App
from flashcards.errors import CardsError

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

F = TypeVar("F", bound=Callable[..., Any])


@contextmanager
def opened() -> Iterator[App]:
    """The app, closed at the end."""
    app = App()
    try:
        yield app
    finally:
        app.close()


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

    with opened() as app:
        try:
            if not app.has_store:
                return []
            return [
                CompletionItem(name, help=line(text)[:60]) for name, text in names(app) if name.startswith(incomplete)
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
    """One versioned JSON object on stdout."""
    click.echo(json.dumps({"schema": schema, **fields}, ensure_ascii=False, indent=2))


def has_terminal() -> bool:
    """Whether a person sits at both ends."""
    return sys.stdin.isatty() and sys.stdout.isatty()
