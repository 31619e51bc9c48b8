"""`cards list`: the cards with their state, filtered, searched, sorted."""

from typing import Any

import click

from flashcards.app import App
from flashcards.app.listing import ORDERS, Wanted, listed, parse_day
from flashcards.app.progress import as_jsonl
from flashcards.cli.options import Whole, complete_decks, complete_tags, echo_all, is_narrow, opened, say, width
from flashcards.session.leeches import in_words
from flashcards.ui.words import count, escaped, line

EPILOG = """\b
Examples:
  cards list --deck venv
  cards list site-packages            every word, or its beginning, anywhere
  cards list "import package" -m      a phrase, and an option of a command
  cards list --due +7d --sort due
  cards list --leech --json | jq -r .id | cards suspend -
"""
NAME = 32
"""Columns of a name, unless the names are shorter and the screen is not wide."""


class Searching(click.Command):
    """Takes `-m` for a word to search for; a long option that does not exist stays a mistake."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments, once as options and, where one of a single letter is unknown, once with it as a word."""
        try:
            return super().parse_args(ctx, [*args])
        except click.NoSuchOption as error:
            options = args[: args.index("--")] if "--" in args else args
            known = {name for parameter in self.params for name in parameter.opts} | {"--help"}
            long = [arg for arg in options if arg.startswith("--") and arg.partition("=")[0] not in known]
            if long or error.option_name.startswith("--"):
                raise
            ctx.ignore_unknown_options = True
            return super().parse_args(ctx, args)


@click.command("list", cls=Searching, epilog=EPILOG)
@click.argument("words", nargs=-1, metavar="[WORD]...")
@click.option("--search", metavar="TEXT", multiple=True, help="Only cards with these words, as if they stood alone.")
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
@click.option(
    "-t", "--tag", "tags", multiple=True, metavar="TAG", shell_complete=complete_tags, help="Only cards with this tag."
)
@click.option("--state", type=click.Choice(["new", "review", "retired", "due"]), help="Only cards in this state.")
@click.option(
    "--due",
    is_flag=False,
    flag_value="today",
    metavar="[DAY]",
    help="Only what is due by then: 2026-11-22, +7d; today.",
)
@click.option("--leech", is_flag=True, help="Only leeches, with what was typed wrong.")
@click.option("--flagged", is_flag=True, help="Only flagged cards.")
@click.option("--suspended", is_flag=True, help="Only suspended cards.")
@click.option("--buried", is_flag=True, help="Only buried cards.")
@click.option("--sort", type=click.Choice(list(ORDERS)), help="The most pressing first; default is the deck's order.")
@click.option("-n", "--limit", type=Whole(1), metavar="N", help="At most so many.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object a line.")
def command(*, words: tuple[str, ...], search: tuple[str, ...], due: str | None, as_json: bool, **filters: Any) -> None:  # noqa: ANN401  (the options, as `Wanted` names them)
    """List the cards.

    Words are looked for in all that a card says: question, answers, back,
    explanation, tags, name. All of them have to be there.
    """
    with opened() as app:
        app.decks(filters["decks"])
        app.tags(filters["tags"])
        terms = (*words, *(word for text in search for word in _terms(text)))
        wanted = Wanted(words=terms, due=parse_day(app, due) if due else None, **filters)
        if as_json:
            _print_lines(app, wanted)
        elif not _print_table(app, wanted):  # not among the cards: a script finds none
            nothing = Wanted() == wanted._replace(decks=(), limit=None, sort=None)
            click.echo(
                "no cards yet: `cards review` starts with a deck that came along"
                if nothing
                else "no card is like that",
                err=True,
            )


def _terms(text: str) -> list[str]:
    """The words of a text; what stands in quotes is one, and a quote that never ends is a sign like any other."""
    import re

    return [quoted or word for quoted, word in re.findall(r'"([^"]+)"|(\S+)', text)]


def _print_lines(app: App, wanted: Wanted) -> None:
    import json

    if Wanted(decks=wanted.decks) == wanted:
        echo_all(map(escaped, as_jsonl(app, wanted.decks)))
    else:
        echo_all(escaped(json.dumps(row, ensure_ascii=False)) + "\n" for row in listed(app, wanted))


def _print_table(app: App, wanted: Wanted) -> bool:
    """Whether there was a card to print."""
    today, columns = app.today.isoformat(), None if is_narrow() else width()
    rows = listed(app, wanted)
    if not wanted.leech:
        return echo_all(_line(row, today, columns) + "\n" for row in rows)
    found = False
    for row in rows:
        found = True
        click.echo(_line(row, today, columns))
        say(f"{count(row['lapses'], 'lapse')}{_typed(row)}", indent=2, hang=2)
    return found


def _typed(row: dict[str, Any]) -> str:
    typed = in_words([(line(one["typed"]), one["times"]) for one in row["mistakes"]])
    return f"; typed wrong: {typed}" if typed else ""


def _line(fields: dict[str, Any], today: str, columns: int | None) -> str:
    """The card on a line; on two where `columns` is None, since the screen is narrow."""
    state = "suspended" if fields["suspended"] else str(fields["state"])
    if state != "suspended" and fields["buried_until"] and fields["buried_until"] > today:
        state = "buried"
    when = fields["due"] or ""
    name, front = line(str(fields["id"])), line(str(fields["front"] or ""))
    if columns is None:
        head = f"{name}  {state} {when}".rstrip()
        head = head if len(head) <= width() else f"{name}\n  {state} {when}".rstrip()
        return head + f"\n  {_cut(front, width() - 2)}" * bool(front)
    head = f"{name:<{NAME}} {state:<9} {when!s:<10}  "
    return f"{head}{_cut(front, min(80, columns - len(head)))}".rstrip()


def _cut(text: str, columns: int) -> str:
    """As much of a text as there is room for, with a sign that there is more."""
    return text if len(text) <= columns else f"{text[: max(0, columns - 1)].rstrip()}…"
