"""`cards undo`: takes back what this device did last, from any process."""

from collections.abc import Iterator

import click

from flashcards.app import App
from flashcards.app.brought import Undone
from flashcards.app.history import here, there
from flashcards.cli.deck import way_back
from flashcards.cli.options import Whole, opened, say
from flashcards.model import GRADE_NAMES, Baseline, Event, Mark, Restore, Review, Setting
from flashcards.ui.words import count, line

EPILOG = """\b
Examples:
  cards undo                the last grade, suspend, restore …
  cards undo 3              the last three
"""
AT_ONCE = 500
"""Steps of one transaction: waiting for the disk once for all of them, and others never wait for long."""
MARKED = {
    "suspend": "suspended",
    "resume": "resumed",
    "bury": "buried",
    "unbury": "no longer buried",
    "flag": "flagged",
    "unflag": "no longer flagged",
    "reset": "started anew",
    "due": "set due on another day",
    "redact": "rid of what was typed in an answer",
}
"""What a mark did, in a word."""


@click.command("undo", epilog=EPILOG)
@click.argument("steps", type=Whole(1, 10_000), default=1)
def command(steps: int) -> None:
    """Take back the last action, again and again.

    An import is taken back with the decks that were new and the history that it
    brought; their files stay, and the same import brings both back. What
    changed in a deck file is taken back in that file. The log keeps both the
    action and the undo: nothing is erased.
    """
    with opened() as app:
        while steps:
            some = min(steps, AT_ONCE)
            taken_back = _taken_back(app, some)
            for one in taken_back:
                for said in _told(app, one):
                    say(f"took back: {said}", hang=2)
            if len(taken_back) < some:
                click.echo("nothing left to undo", err=True)
                return
            steps -= some


def _taken_back(app: App, steps: int) -> list[Undone]:
    """So many actions, or all that are left, in one transaction: nothing is told before it is on disk."""
    return app.undo_many(steps) if app.has_store else []


def _told(app: App, undone: Undone) -> Iterator[str]:
    """An action in a line, and one for each deck that went with it."""
    if undone.events:
        yield line(_all_of(app, undone.events))
    for deck in undone.decks:
        name, back = line(deck.deck), way_back(deck)
        yield f"the import of deck {name}; its file stays, and `cards import {back}` brings it back"


def _all_of(app: App, events: list[Event]) -> str:
    """An action in a few words; an import by what it brought, however long ago its first answer was."""
    restores = [event for event in events if isinstance(event, Restore)]
    events = [event for event in events if not isinstance(event, Restore)]
    if not events:
        return _restored(app, restores)
    if any(isinstance(event, Baseline) or (isinstance(event, Review) and event.mode == "imported") for event in events):
        cards = {event.card for event in events if isinstance(event, Review | Mark | Baseline)}
        return f"the imported history of {count(len(cards), 'card')}, {count(len(events), 'event')}"
    said, semicolon, remark = describe(events[0]).partition(";")
    more = f" and {len(events) - 1} more" if len(events) > 1 else ""
    return f"{said}{more}{semicolon}{remark}"


def _restored(app: App, restores: list[Restore]) -> str:
    """The return of an import that had been undone takes back no more than undos."""
    when = f"{here(restores[0].at):%Y-%m-%d %H:%M}"
    takes = [name for event in restores for name in event.takes]
    if not app.store.are_undos(takes):
        return f"the return to an earlier state ({when})"
    if takes:
        return f"the return of what had been undone ({when})"
    brought = app.store.count_named([name for event in restores for name in event.brings])
    return f"the import of {count(brought, 'event')} ({when})"


def describe(event: Event) -> str:
    """An event in a few words."""
    when = f"{there(event) if isinstance(event, Review) else here(event.at):%Y-%m-%d %H:%M}"
    match event:
        case Review():
            return f"{event.card} graded {GRADE_NAMES[event.grade]} ({when})"
        case Mark():
            if event.mark == "was":
                return f"{event.card} took over the history of {event.value} ({when}); the deck files stay as they are"
            return f"{event.card} {MARKED.get(event.mark, event.mark)} ({when})"
        case Setting():
            return f"{event.name} = {event.value} ({when})"
        case _:
            return f"{type(event).__name__.lower()} ({when})"
