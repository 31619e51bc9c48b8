"""`cards new`: asks for a card, and appends it to a deck file."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import complete_decks, opened, say
from flashcards.errors import BadRequest, DeckProblems
from flashcards.ui.words import line, safe

if TYPE_CHECKING:
    from flashcards.app import App

EPILOG = """\b
Examples:
  cards new spanish                  asks for question, answer and tags
  cards new notes/spanish.yaml       the same, by the name of the file
  cards new spanish --edit           write it in your editor
  cards new shell --front "Show hidden files." --answer "ls -a" --tag files
  cards new spanish --cloze "The capital of Peru is {{c1::Lima}}."
"""
TEMPLATE = {"front": "The question?", "back": "What is shown with the answer"}


@click.command("new", epilog=EPILOG)
@click.argument("deck", required=False, metavar="[DECK|FILE]", shell_complete=complete_decks)
@click.option("--front", metavar="TEXT", help="The question.")
@click.option("--answer", metavar="TEXT", help="What is to be typed.")
@click.option("--back", metavar="TEXT", help="What is shown with the answer, or instead of one.")
@click.option("--cloze", metavar="TEXT", help="A text with gaps, {{c1::like this}}, instead of a question.")
@click.option("-t", "--tag", "tags", multiple=True, metavar="TAG", help="A tag of the card.")
@click.option("--id", "identity", metavar="ID", help="The name of the card; made of the question if left out.")
@click.option("--edit", is_flag=True, help="Write the card in your editor.")
def command(*, deck: str | None, identity: str | None, edit: bool, tags: tuple[str, ...], **texts: str | None) -> None:
    """Write a new card.

    It is appended to the file of the deck, in the style of that file; every
    other byte stays. An empty answer makes a card that is answered in the
    head. Ctrl-C ends the questions, and nothing was written.
    """
    from flashcards.app import writing

    with opened() as app:
        name = deck or writing.only_deck(app)
        path = writing.deck_file(app, name)
        card: dict[str, Any] = {key: text for key, text in texts.items() if text and text.strip()}
        asks = not edit and all(text is None for text in texts.values())
        card = _asked(path) if asks else _checked(card, edit=edit)
        if tags:
            card["tags"] = list(tags)
        if edit:
            card = {**TEMPLATE, **card} if "cloze" not in card else card
        card = {"id": identity or writing.new_id(path, card), **card}
        if edit:
            _edited(app, path, card)
        else:
            _appended(app, path, card, asks=asks)


def _checked(card: dict[str, Any], *, edit: bool) -> dict[str, Any]:
    """What the options say, if that makes a card."""
    if edit or "cloze" in card:
        return card
    if "front" not in card:
        raise BadRequest("the card has no question", hint="add --front TEXT, or --cloze TEXT")
    if not {"answer", "back"} & set(card):
        raise BadRequest("the card has no answer", hint="add --answer TEXT to have it typed, or --back TEXT")
    return card


def _asked(path: Path) -> dict[str, Any]:
    """What a person says, question by question."""
    say(f"a new card for {line(str(path))}; ctrl-c writes nothing")
    card: dict[str, Any] = {"front": click.prompt("question").strip()}
    if answer := _said("answer, to be typed (enter: none)"):
        card["answer"] = answer
    if back := _said("shown with the answer (enter: nothing)") if answer else click.prompt("answer, shown").strip():
        card["back"] = back
    if tags := [tag for tag in _said("tags (enter: none)").replace(",", " ").split() if tag]:
        card["tags"] = tags
    return card


def _said(question: str) -> str:
    said: str = click.prompt(question, default="", show_default=False)
    return said.strip()


def _appended(app: "App", path: Path, card: dict[str, Any], *, asks: bool) -> None:
    from flashcards.app import writing
    from flashcards.formats.splice import item_text

    writing.with_new(path, card)  # raises before anything is asked
    click.echo(safe(item_text(card)).rstrip())
    if asks and not click.confirm("append it?", default=True):
        click.echo("nothing was written")
        return
    with app.store.together():  # two terminals at once append two cards
        writing.replace(writing.with_new(path, card))
        _taken(app, path, card["id"])


def _taken(app: "App", path: Path, identity: str) -> None:
    from flashcards.app import writing

    deck = writing.take_in(app, [path])[0].deck
    say(f"{deck.id}/{identity} is in {line(str(path))}; cards review {deck.id} asks it")


def _edited(app: "App", path: Path, card: dict[str, Any]) -> None:
    """The card as a template in the file; a template that is left as it was goes out again."""
    from flashcards.app import editing, writing
    from flashcards.app.ordinary import bytes_of
    from flashcards.cli.edit import again
    from flashcards.formats import splice
    from flashcards.formats.deckfile import Deckfile

    editing.command(path, 0)  # raises before anything is written
    written = writing.with_new(path, card)
    deck = Deckfile(written.before, str(path)).deck
    known = {one.id for one in deck.cards}
    writing.replace(written)
    edited = None
    try:
        edited = editing.file(app, path, splice.line_of(written.after, str(path), card["id"]), deck.id, again)
    finally:
        if bytes_of(path) == written.after:
            writing.replace(written._replace(before=written.after, after=written.before))
            writing.take_in(app, [path])
            say("nothing was written: the card was left as it came")
            edited = None
    if edited is None:
        return
    if edited.change is None:
        raise DeckProblems(
            (), message=editing.told(edited), hint=f"your text is in {path}; cards check {path} shows what is wrong"
        )
    fresh = [one.id for one in edited.change.deck.cards if one.id not in known]
    if fresh:
        them = "it" if len(fresh) == 1 else "them"
        say(f"{', '.join(fresh)} in {line(str(path))}; cards review {deck.id} asks {them}")
    else:
        say(f"no new card in {line(str(path))}")
