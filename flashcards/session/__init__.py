"""One sitting, as an object with a view; front ends draw the view and call its methods."""

from flashcards.session.session import Session
from flashcards.session.views import (
    Answer,
    Attempt,
    Choice,
    Clock,
    Desk,
    Done,
    LeechRule,
    Options,
    Question,
    Ready,
    Tick,
    Verifier,
    View,
)

__all__ = [
    "Answer",
    "Attempt",
    "Choice",
    "Clock",
    "Desk",
    "Done",
    "LeechRule",
    "Options",
    "Question",
    "Ready",
    "Session",
    "Tick",
    "Verifier",
    "View",
]
