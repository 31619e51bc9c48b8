"""`cards suspend`, `resume`, `bury`, `flag` and `reset`: events about cards, all of them undoable."""

import sys
from datetime import timedelta

import click

from flashcards.app import App
from flashcards.cli.options import cards_argument, opened, say
from flashcards.store import Row
from flashcards.ui.words import line


def _named(app: App, names: tuple[str, ...]) -> list[Row]:
    """The cards of these names, all of them or none; `-` stands for the names on standard input, one a line."""
    given = [name for one in names for name in (_piped() if one == "-" else [one])]
    return [app.card(name) for name in dict.fromkeys(given)]


def _piped() -> list[str]:
    """Names as `jq .id` and `jq -r .id` write them."""
    lines = (text.strip().strip('"') for text in sys.stdin)
    return [text for text in lines if text]


def _mark_all(names: tuple[str, ...], mark: str, words: str, value: str | None = None) -> None:
    """Marks every card named, or none: all names are looked up first."""
    with opened() as app:
        cards = [row.memory.card for row in _named(app, names)]
        app.mark(cards, mark, value=value)
        for card in cards:
            say(f"{line(card)} {words}", hang=2)


@click.command(
    "suspend",
    epilog="\b\nExamples:\n  cards suspend venv/create\n  cards list --leech --json | jq -r .id | cards suspend -",
)
@cards_argument
def suspend(names: tuple[str, ...]) -> None:
    """Put cards away until they are resumed."""
    _mark_all(names, "suspend", "is put away; `cards resume` brings it back")


@click.command("resume", epilog="\b\nExample:\n  cards resume venv/create")
@cards_argument
def resume(names: tuple[str, ...]) -> None:
    """Ask suspended or buried cards again."""
    with opened() as app:
        rows = _named(app, names)
        away = [row.memory.card for row in rows if row.memory.buried_until or row.memory.suspended]
        app.mark(away, "unbury", "resume")
        for row in rows:
            card = row.memory.card
            say(f"{line(card)} {'is asked again' if card in away else 'was not put away'}", hang=2)


@click.command("bury", epilog="\b\nExample:\n  cards bury venv/create")
@cards_argument
def bury(names: tuple[str, ...]) -> None:
    """Put cards away until tomorrow."""
    with opened(in_passing=True) as app:
        tomorrow = (app.today + timedelta(days=1)).isoformat()
    _mark_all(names, "bury", f"is put away until {tomorrow}", tomorrow)


@click.command("flag", epilog="\b\nExamples:\n  cards flag venv/create\n  cards list --flagged")
@click.option("--off", is_flag=True, help="Take the flag off.")
@cards_argument
def flag(names: tuple[str, ...], *, off: bool) -> None:
    """Flag cards, to find them again."""
    _mark_all(names, "unflag" if off else "flag", "is not flagged" if off else "is flagged")


@click.command("reset", epilog="\b\nExample:\n  cards reset venv/create")
@cards_argument
def reset(names: tuple[str, ...]) -> None:
    """Start cards anew; their history is kept."""
    _mark_all(names, "reset", "is new again; `cards undo` takes that back")
