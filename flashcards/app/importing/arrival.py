"""What an import meets on its way in, as data: a file, what a person wished, what came of it."""

from pathlib import Path
from typing import NamedTuple

from flashcards.app.library import Reading
from flashcards.app.placing import ToPlace
from flashcards.model import Event, Problem


class Arrival(NamedTuple):
    """A file that is no deck of the person's own."""

    path: Path
    name: str
    """What messages call it: its path, its address, `standard input`."""
    format: str = ""
    """By name; "" goes by the suffix, `yaml` is a deck that needs a file."""
    named: bool = True
    """Not just found in a folder."""
    folder: str = ""
    """The folder that was named, where it was found in one."""
    also: tuple[str, ...] = ()
    """What the same source may have been called before: a note by itself, or the folder of several."""


class Wishes(NamedTuple):
    """What a person said about all sources of an import."""

    deck: str = ""
    columns: tuple[str, ...] = ()
    replace: bool = False
    dry_run: bool = False


class Bringing(NamedTuple):
    """What came of a file: changes to decks, files to write, history; or its problems."""

    name: str
    readings: tuple[Reading, ...] = ()
    files: tuple[ToPlace, ...] = ()
    """Only those that differ from what is there."""
    events: tuple[Event, ...] = ()
    fresh_events: int = 0
    fresh_reviews: int = 0
    again: bool = False
    """An earlier import of its history was undone, and comes back."""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    silent: bool = False
    """It was just found in a folder and holds no card: nothing is said of it."""

    def refused(self, *problems: Problem) -> "Bringing":
        """The same with problems, so with nothing to take in."""
        found = (*self.problems, *problems)
        return self._replace(readings=(), files=(), events=(), fresh_events=0, fresh_reviews=0, problems=found)
