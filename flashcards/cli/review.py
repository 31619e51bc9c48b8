"""`cards review`: the daily habit, in a terminal, line by line, or as JSON lines."""

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import Number, Whole, complete_tags, decks_argument, has_backups, opened, say, say_where

if TYPE_CHECKING:
    from collections.abc import Callable

    from flashcards.app import App
    from flashcards.app.reviewing import Sitting
    from flashcards.model import CardId
    from flashcards.ui.keys import Tty

YES = frozenset({"enter", "space", "y", "Y"})
NO = frozenset({"n", "N", "q", "escape", "ctrl-d", "eof"})
EPILOG = """\b
Examples:
  cards review                       what is due now
  cards review venv --minutes 5      one deck, until five minutes are over
  cards review --new 5 --limit 30    other caps for today, at most 30 cards
  cards review --no-run              compare what is typed, run nothing
  cards review --plain < answers     line by line, for scripts and screen readers
"""


class Ahead(Whole):
    """Days; or a name, where the days were left out and a deck comes next: `--ahead venv`."""

    def convert(self, value: Any, parameter: click.Parameter | None, context: click.Context | None) -> Any:  # noqa: ANN401  (as click has it)
        """A number of days, or the name as it is."""
        return value if str(value)[:1].isalpha() else super().convert(value, parameter, context)


@click.command("review", epilog=EPILOG)
@decks_argument
@click.option(
    "-t", "--tag", "tags", multiple=True, metavar="TAG", shell_complete=complete_tags, help="Only cards with this tag."
)
@click.option("-n", "--limit", type=Whole(1), metavar="N", help="At most so many cards in this sitting.")
@click.option("--new", type=Whole(0), metavar="N", help="Today's cap for new cards, instead of the setting.")
@click.option("--reviews", type=Whole(0), metavar="N", help="Today's cap for reviews, instead of the setting.")
@click.option("--minutes", type=Number(0, min_open=True), metavar="N", help="End at the next card after N minutes.")
@click.option(
    "--ahead",
    type=Ahead(0),
    is_flag=False,
    flag_value=1,
    default=0,
    metavar="[DAYS]",
    help="Also cards due in the next days.",
)
@click.option("--cram", is_flag=True, help="Every card, due or not; moves no schedule.")
@click.option("--siblings", is_flag=True, help="Also a card whose reverse or other cloze came up today.")
@click.option("--run/--no-run", "run_commands", default=None, help="Run what is typed in a sandbox, or compare it.")
@click.option("--real", is_flag=True, help="Let pip install itself into new environments, which takes seconds.")
@click.option("--allow-weak", is_flag=True, help="Run what is typed even where nothing protects your files.")
@click.option("--plain", is_flag=True, help="Line by line, without colour or redrawing.")
@click.option("as_json", "--json", is_flag=True, help="JSON lines in and out, for other programs.")
@click.pass_context
def command(
    context: click.Context,
    *,
    decks: tuple[str, ...],
    tags: tuple[str, ...],
    limit: int | None,
    new: int | None,
    reviews: int | None,
    minutes: float | None,
    ahead: int | str,
    cram: bool,
    siblings: bool,
    run_commands: bool | None,
    real: bool,
    allow_weak: bool,
    plain: bool,
    as_json: bool,
) -> None:
    """Review the cards that are due.

    Overdue cards come first, then today's with new ones between them. Every
    grade is on disk before the next card shows; `q` or Ctrl-C ends at any
    time, and the next review goes on where this one was.

    Where a card says how to check its command, what you type is run in a
    sandbox and judged by its effect, once you have agreed to that.
    """
    from flashcards.ui.keys import Tty, usable

    if isinstance(ahead, str):
        decks, ahead = (ahead, *decks), 1
    with ExitStack() as stack:
        # First of all, so that nothing typed while the rest is imported is echoed or lost.
        tty = stack.enter_context(Tty()) if usable() and not (plain or as_json) else None
        from flashcards.app.planning import Asked
        from flashcards.app.reviewing import Wish, sit
        from flashcards.app.running import Policy

        app = stack.enter_context(opened())
        app.store.check_writable()
        say_where(app)
        _first_deck(app, tty)
        changes = _changes_on_disk(app)
        asked = Asked(
            decks=app.decks(decks),
            tags=app.tags(tags),
            new=new,
            reviews=reviews,
            limit=limit,
            siblings=siblings,
            ahead=ahead,
        )
        policy = Policy(run=run_commands, real=real, allow_weak=allow_weak)
        sitting = sit(app, Wish(asked=asked, minutes=minutes, cram=cram, policy=policy))
        sitting = sitting._replace(notes=changes + sitting.notes)
        code = _held(app, sitting, tty, as_json=as_json)
    context.exit(code)


def _held(app: "App", sitting: "Sitting", tty: "Tty | None", *, as_json: bool) -> int:
    """Holds the sitting in the front end that fits; the exit code."""
    if tty:
        return _on_screen(app, sitting, tty)
    return _as_json(sitting) if as_json else _line_by_line(app, sitting)


def _on_screen(app: "App", sitting: "Sitting", tty: "Tty") -> int:
    from flashcards.app.overview import standing
    from flashcards.ui import terminal
    from flashcards.ui.screen import Summary

    def summary(_done: object) -> Summary:
        return Summary(**standing(app)._asdict())

    return terminal.run(sitting.session, tty=tty, summary=summary, notes=sitting.notes, edit=_editor(app))


def _as_json(sitting: "Sitting") -> int:
    from flashcards.ui import lines

    for note in sitting.notes:
        click.echo(note, err=True)
    return lines.run(sitting.session, read=sys.stdin, write=sys.stdout)


def _editor(app: "App") -> "Callable[[CardId], str]":
    """What lets the person edit a card, and says what came of it."""

    def edit(card: "CardId") -> str:
        from flashcards.app import editing  # PyYAML and more, only when it is asked for
        from flashcards.cli.edit import again

        return editing.told(editing.card(app, card, again), [card])

    return edit


def _line_by_line(app: "App", sitting: "Sitting") -> int:
    from flashcards.ui import plain

    forgiving = sys.stdin.isatty()
    edit = _editor(app) if forgiving else None
    return plain.run(
        sitting.session, read=sys.stdin, write=sys.stdout, notes=sitting.notes, forgiving=forgiving, edit=edit
    )


def _first_deck(app: "App", tty: "Tty | None") -> None:
    """With no deck at all: offers the first that came along; without a terminal takes it and says so."""
    if app.store.decks():
        return
    from flashcards.app import library

    change = library.read_first(app.store)
    if change is None:
        return
    about = f"{change.deck.title}, {len(change.deck.cards)} cards"
    if has_backups(app):
        say("there are backups: `cards restore` goes back to one", err=True)
    others = f"`cards import {' '.join(library.others_bundled())}` takes in the others that came along"
    if tty is None:
        click.echo(f"no decks yet: took in `{change.deck.id}`, {about}; {others}", err=True)
    elif not _agrees(tty, f"start with {about}?"):
        say(f"cards import FILE takes in a deck of your own; {others}")
        raise click.exceptions.Exit(0)
    library.take(app.store, [change])


def _agrees(tty: "Tty", question: str) -> bool:
    """Whether the person says yes, with one key."""
    key, told = "redraw", False
    while key not in YES | NO:
        if key == "redraw":  # at first, and when the shell had the screen
            say("no decks yet")
            say(f"{question} (enter yes, n no)")
        elif not told:
            say("that key does nothing here: enter or y starts, n leaves")
            told = True
        key = tty.key()
    return key in YES


def _changes_on_disk(app: "App") -> tuple[str, ...]:
    """One line for each deck file that changed since it was read."""
    from flashcards.app.watching import suspects

    sources = suspects(app.store)
    if not sources:
        return ()
    from flashcards.app import backups, library
    from flashcards.cli.imports import changes_in_words

    notes = []
    for reading in library.notice(app.store, sources, lambda: backups.before(app, "import")):
        if reading.change:
            notes.append(f"{reading.change.deck.id} changed on disk: {changes_in_words(reading.change)}")
            if reading.change.proposals:
                notes.append(f"cards may have been reworded: `cards import {reading.path}` asks to keep their history")
        else:
            first = reading.problems[0]
            notes.append(f"{first.path}:{first.line}: {first.message}; the last good version goes on")
    return tuple(notes)
