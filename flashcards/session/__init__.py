"""One sitting, as an object with a view; front ends draw the view and call its methods."""

from flashcards.session.session import Session
from flashcards.session.views import Answer, Choice, Clock, Desk, Done, Options, Question, View

__all__ = ["Answer", "Choice", "Clock", "Desk", "Done", "Options", "Question", "Session", "View"]
