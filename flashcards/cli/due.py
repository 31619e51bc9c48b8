"""`cards due`: what comes up now, for people, prompts and scripts."""

import click

from flashcards.app import App
from flashcards.app.planning import Asked, backlog, backlog_in_words, make_plan
from flashcards.cli.options import complete_tags, decks_argument, opened, print_json, say, say_where

EPILOG = """\b
Examples:
  cards due                 one line a deck
  cards due --short         for a shell prompt or a tmux status line
  cards due --json venv     for scripts
"""


@click.command("due", epilog=EPILOG)
@decks_argument
@click.option("--short", is_flag=True, help="Print `7 due`, or nothing when nothing is due.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
@click.option(
    "-t", "--tag", "tags", multiple=True, metavar="TAG", shell_complete=complete_tags, help="Only cards with this tag."
)
@click.option("--check", is_flag=True, help="Exit with 0 if something is due, else with 1.")
@click.pass_context
def command(
    context: click.Context, decks: tuple[str, ...], *, short: bool, as_json: bool, tags: tuple[str, ...], check: bool
) -> None:
    """Show what is due."""
    with opened(in_passing=True) as app:
        if not (app.has_store and app.store.decks()):
            _print_empty(app, short=short, as_json=as_json)
            context.exit(1 if check else 0)
        asked = Asked(decks=app.decks(decks), tags=app.tags(tags))
        planned = make_plan(app, asked)
        total = len(planned.main) + len(planned.drills)
        if short:
            if total:
                click.echo(f"{total} due")
        elif as_json:
            print_json(
                "cards.due/1",
                day=app.today.isoformat(),
                due=total,
                reviews=planned.reviews,
                new=planned.new,
                drills=len(planned.drills),
                backlog=backlog(app, planned, asked),
                cards=[*planned.main, *planned.drills],
            )
        else:
            _print_decks([*planned.main, *planned.drills])
            later = backlog(app, planned, asked)
            if later:
                say(backlog_in_words(later))
        context.exit(1 if check and not total else 0)


def _print_empty(app: App, *, short: bool, as_json: bool) -> None:
    if as_json:
        print_json("cards.due/1", day=None, due=0, reviews=0, new=0, drills=0, backlog=0, cards=[])
    elif not short:
        say_where(app)
        say("no decks yet: `cards review` starts with a deck that came along")


def _print_decks(cards: list[str]) -> None:
    counts: dict[str, int] = {}
    for card in cards:
        deck = card.partition("/")[0]
        counts[deck] = counts.get(deck, 0) + 1
    for deck, count in counts.items():
        click.echo(f"{deck:<20} {count:>5}")
    if not counts:
        click.echo("nothing is due")
