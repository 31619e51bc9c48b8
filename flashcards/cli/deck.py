"""`cards deck`: makes decks, and takes them out."""

import re
from pathlib import Path

import click

from flashcards.cli.options import complete_decks, opened, say
from flashcards.errors import BadRequest
from flashcards.places import BUNDLED
from flashcards.store import DeckSource
from flashcards.ui.words import line

NEW_EPILOG = """\b
Examples:
  cards deck new spanish
  cards deck new git-work --title "Git at work" -o notes/git.yaml
"""
SKELETON = """\
# A deck of cards. `cards check {file}` reads it for faults,
# `cards import {file}` takes it in, `cards review {name}` asks it.

deck: {name}                    # the name of the deck; keep it, history goes by it
title: {title}
tags: [example]                 # of every card

cards:
  # A question with an answer that you know, or do not.
  - id: first                   # keep it: the text may change, the history stays
    front: What lists the cards that are due?
    back: The command `cards due`.

  # With `answer` it is typed and compared; `accept` counts as well.
  - id: typed
    front: Show all files in this folder, hidden ones too.
    answer: ls -a
    accept: [ls --all, "ls -A"]
    back: "Shown with the answer. Text with ` #` or `: ` inside goes in quotes."
    tags: [command]
    explain:
      -a: "all: also names that start with a dot"

  # A text with gaps; each number is a card of its own.
  - id: gaps
    cloze: A new card waits until {{{{c1::`after`}}}} names cards that you {{{{c2::have known}}}} once.
    after: [first]

  # Several lines are a block. `cards new {name}` appends a card here.
  - id: block
    front: |
      What does this print?

          echo "$HOME"
    back: The path of your home directory.
    reverse: Which command prints the path of your home directory?
"""


@click.group("deck", epilog="\b\nExamples:\n  cards deck new spanish\n  cards deck remove spanish")
def command() -> None:
    """Make a deck, or take one out."""


@command.command("new", epilog=NEW_EPILOG)
@click.argument("name", metavar="NAME")
@click.option("--title", metavar="TEXT", help="What people call it.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), metavar="FILE", help="Where to; NAME.yaml here if left out."
)
def new(name: str, title: str | None, output: Path | None) -> None:
    """Write a deck file to begin with: it shows the format, card by card.

    Nothing is ever overwritten. Put your own cards in the place of the
    examples, then take it in.
    """
    from flashcards.app import writing
    from flashcards.app.finding import is_deck
    from flashcards.formats import emit, ids

    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", name):
        near = ids.slug(name)
        hint = f"as in: cards deck new {near}" if near else "as in: cards deck new spanish"
        raise BadRequest(f"`{name}` cannot be the name of a deck: a-z, 0-9 and `-`", hint=hint)
    path = output or Path(f"{name}.yaml")
    if not is_deck(path):
        raise BadRequest(f"`{path}` is no name for a deck file", hint="it ends in .yaml")
    shown = emit.scalar((title or name.replace("-", " ").capitalize()).strip())
    writing.make(path, SKELETON.format(name=name, title=shown, file=line(str(path))))
    say(f"wrote {line(str(path))}")
    say(f"put your cards into it, then: cards import {in_shell(str(path))}")


@command.command("remove", epilog="\b\nExample:\n  cards deck remove spanish")
@click.argument("names", nargs=-1, required=True, metavar="DECK...", shell_complete=complete_decks)
def remove(names: tuple[str, ...]) -> None:
    """Take decks out: their cards are not asked any more.

    Their files stay where they are, and their history is kept: importing a
    file again brings both back. Where no file holds a deck any more, a backup
    is made before.
    """
    from flashcards.app import backups, brought

    with opened() as app:
        app.decks(names)
        gone = [source for source in app.store.decks() if source.deck in names]
        kept = "" if all(map(brought.has_file, gone)) else backups.now(app, "before-removal")
        with app.store.together():
            for source in gone:
                app.store.drop_deck(source.deck)
            brought.forget(app.store, names)
        for source in gone:
            back = f"import {way_back(source)}" if brought.has_file(source) else f"restore {line(kept)} --only-missing"
            say(f"{source.deck} is taken out, its history is kept; `cards {back}` brings it back")


def way_back(source: DeckSource) -> str:
    """What `cards import` takes to bring a deck back."""
    return source.deck if source.path.startswith(BUNDLED) else in_shell(source.path)


def in_shell(path: str) -> str:
    """A path as a word of a command that a person may copy."""
    from shlex import quote  # 1 ms, and only where a command is named

    return quote(line(path))
