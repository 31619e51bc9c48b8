"""A card edited in the middle of a sitting: the terminal is the editor's meanwhile, and the watch stands still."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from flashcards.errors import CardsError
from flashcards.model import CardId
from flashcards.session import Done, Question, Session

if TYPE_CHECKING:
    from flashcards.ui.keys import Tty
    from flashcards.ui.screen import Screen

Edit = Callable[[CardId], str]
"""Lets a person edit a card, and says what came of it."""


def edit(session: Session, tty: "Tty", screen: "Screen", act: Edit | None) -> str:
    """The card is edited and shown again as it is then; what to say about it."""
    screen.wipe()
    screen.flush()
    with tty.lent():
        said = done(session, act)
    screen.leave()
    return said


def done(session: Session, act: Edit | None) -> str:
    """The same, where no terminal has to be lent."""
    view = session.view
    if isinstance(view, Done) or act is None:
        return "there is no card to edit here"
    card = view.card if isinstance(view, Question) else view.question.card
    session.pause()
    try:
        said = act(card.id)
    except KeyboardInterrupt:
        said = "left the editor"
    except CardsError as error:
        said = error.message + (f" ({error.hint})" if error.hint else "")
    finally:
        session.resume()
    session.reread()
    return said
