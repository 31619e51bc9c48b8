"""Review logs in and out: a union of events, so twice is the same as once."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from flashcards.app.ordinary import unreadable
from flashcards.app.restores import revived
from flashcards.formats.source import visible
from flashcards.log import LineError, from_line, to_line
from flashcards.model import Event, Problem, Review
from flashcards.store import Store

LONGEST_LINE = 1_000_000
"""Bytes; a line of a log is a few hundred."""


EXCERPT = 100
"""Characters of a faulty line that are shown."""


class LogReading(NamedTuple):
    """What a log file holds, and how much of it is news."""

    path: str
    events: tuple[Event, ...]
    fresh: int
    again: bool = False
    """An earlier import of it was undone, and comes back."""
    problems: tuple[Problem, ...] = ()


def read(store: Store, path: Path) -> LogReading:
    """Reads a log; its faults are data, a file that cannot be opened is an error."""
    events: list[Event] = []
    problems: list[Problem] = []
    ordinals: Counter[tuple[object, ...]] = Counter()
    for number, line in _lines(path):
        if not line.strip():
            continue
        try:
            events.append(_event(line, ordinals))
        except LineError as error:
            problems.append(_problem(path, number, line, error))
    return LogReading(
        path=str(path),
        events=tuple(events),
        fresh=store.count_unknown({event.id for event in events}),
        again=bool(revived(store, events)),
        problems=tuple(problems),
    )


def _event(line: str, ordinals: Counter[tuple[object, ...]]) -> Event:
    """The event of a line; foreign reviews that agree in card, grade and moment are told apart by their order."""
    event = from_line(line)
    if not isinstance(event, Review) or f'"{event.id}"' in line:
        return event
    key = (event.card, event.grade, event.at)
    ordinals[key] += 1
    return event if ordinals[key] == 1 else from_line(line, ordinal=ordinals[key] - 1)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open("rb") as file:
            for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
                # What is no UTF-8 becomes halves of characters, which no field of an event may have.
                yield number, line.decode("utf-8-sig" if number == 1 else "utf-8", errors="surrogateescape")
    except OSError as error:
        raise unreadable(path, error) from None


def _problem(path: Path, number: int, line: str, error: LineError) -> Problem:
    return Problem(
        path=str(path),
        line=number,
        column=1,
        message=error.message,
        hint=error.hint,
        excerpt=visible(line.strip(), EXCERPT),
    )


def write(store: Store) -> Iterator[str]:
    """The whole log as lines, in order."""
    return map(to_line, store.events())
