"""`cards config`: settings, their values and where these come from."""

from typing import TYPE_CHECKING

import click

from flashcards.cli.options import complete_decks, is_narrow, json_option, opened, print_json, say
from flashcards.config import BY_NAME, ENTRIES, Config, find, parse
from flashcards.errors import BadRequest

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

EPILOG = """\b
Examples:
  cards config                        every setting, its value, where that comes from
  cards config new_per_day 10
  cards config new_per_day 5 --deck venv
  cards config new_per_day --unset
"""


def _complete(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    from click.shell_completion import CompletionItem  # 1 ms, only for completion

    return [CompletionItem(e.name, help=e.help) for e in ENTRIES if e.name.startswith(incomplete)]


@click.command("config", epilog=EPILOG)
@click.argument("name", required=False, shell_complete=_complete)
@click.argument("value", required=False)
@click.option("-d", "--deck", metavar="DECK", shell_complete=complete_decks, help="For this deck only.")
@click.option("--unset", is_flag=True, help="Go back to the default.")
@json_option
def command(name: str | None, value: str | None, deck: str | None, *, unset: bool, as_json: bool) -> None:
    """Show or change settings.

    What scheduling depends on is kept in the log and travels with it; the
    rest is in config.toml. CARDS_NEW_PER_DAY=5 in the environment beats both.
    """
    with opened() as app:
        if name is None:
            if deck is not None or unset:
                raise BadRequest("no setting is named", hint="`cards config` lists them")
            _print_all(app.config, as_json=as_json)
            return
        entry = find(name)
        if deck is not None:
            app.decks([deck])
            if not entry.per_deck:
                raise BadRequest(f"`{name}` is the same for all decks", hint="leave out --deck")
        if unset and value is not None:
            raise BadRequest("a value and --unset contradict each other", hint="give one of them")
        if unset:
            app.set(name, None, deck)
        elif value is not None:
            app.set(name, parse(entry, value), deck)
        config = app.config
        found = config.by_deck(name).get(deck, config.get(name)) if deck else config.get(name)
        if as_json:
            print_json("cards.config/1", settings={name: found})
        elif value is not None or unset:
            click.echo(f"{name} is now {_shown(found)}" + (f" for {deck}" if deck else ""))
        else:
            click.echo(_shown(found))


def _print_all(config: Config, *, as_json: bool) -> None:
    if as_json:
        print_json("cards.config/1", settings={name: config.get(name) for name in BY_NAME})
        return
    for entry in ENTRIES:
        value, source = config.explain(entry.name)
        place = "" if source == "default" else f" [{source}]"
        if is_narrow():
            click.echo(f"{entry.name} {_shown(value)}")
            say(entry.help + place, indent=2)
        else:
            click.echo(f"{entry.name:<18} {_shown(value):<7} {entry.help}{place}")
        for deck, own in config.by_deck(entry.name).items():
            click.echo(f"  {deck:<16} {_shown(own)}")


def _shown(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
