"""Texts taken out of history: what the marks `redact` name, and an event without what was typed.

Such a mark is never taken back, whatever else is, so it does not matter whether it stands.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from flashcards.log import VERSION, from_line, order, to_line
from flashcards.model import CardId, Event, Mark, Review

REDACT = "redact"
START = f'{{"v":{VERSION},"id":"'
TYPED = '"typed":'


class Redactions(NamedTuple):
    """What a number of marks take out."""

    events: frozenset[str] = frozenset()
    """The ids of reviews."""
    cards: tuple[tuple[CardId, tuple[str, str]], ...] = ()
    """Cards, and the place in the log up to which nothing that was typed for them is kept."""

    def without(self, event: Event) -> Event:
        """The event as it may be kept; itself where nothing is to be taken out."""
        return event._replace(typed=None) if isinstance(event, Review) and self._names(event) else event

    def _names(self, review: Review) -> bool:
        if review.id in self.events:
            return True
        return any(review.card == card and order(review) < until for card, until in self.cards)


def is_redaction(event: Event) -> bool:
    """Whether the event takes a text out of history."""
    return type(event) is Mark and event.mark == REDACT


def redactions(events: Iterable[Event]) -> Redactions:
    """What the marks among these events take out, undone or not."""
    marks = [event for event in events if isinstance(event, Mark) and event.mark == REDACT]
    until: dict[CardId, tuple[str, str]] = {}
    for mark in marks:
        if not mark.value:
            until[mark.card] = max(order(mark), until.get(mark.card, ("", "")))
    return Redactions(frozenset(mark.value for mark in marks if mark.value), tuple(until.items()))


def without_texts(known: Redactions) -> Callable[[str], str]:
    """Makes of a line of the log what may be kept of it; a line that names no text costs a look at its id."""

    def change(line: str) -> str:
        if TYPED not in line or not (known.cards or _id_of(line) in known.events):
            return line
        event = from_line(line)
        kept = known.without(event)
        return line if kept is event else to_line(kept)

    return change


def _id_of(line: str) -> str:
    """The id in a line of ours, which stands in front."""
    return line[len(START) : line.find('"', len(START))] if line.startswith(START) else str(from_line(line).id)


def redacted(events: Iterable[Event], known: Redactions | None = None) -> list[Event]:
    """Events without the texts that marks among them take out, and with `known` those that other marks do."""
    listed = [*events]
    own = redactions(listed)
    for some in filter(None, (own, known)):
        listed = [some.without(event) for event in listed] if some != Redactions() else listed
    return listed
