"""One import: everything that was named, read and compared, then taken in together."""

import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, NamedTuple

from flashcards.app import App, brought, library, logs, restores, unfinished
from flashcards.app.finding import Found, find_all
from flashcards.app.importing.arrival import Arrival, Bringing, Wishes
from flashcards.app.library import DeckChange, Reading
from flashcards.app.logs import LogReading
from flashcards.app.ordinary import unreadable
from flashcards.errors import BadRequest
from flashcards.model import Problem
from flashcards.pauses import without_pauses

STDIN = "-"


class Intake(NamedTuple):
    """What the sources hold: deck files, what is made into deck files, review logs."""

    readings: tuple[Reading, ...]
    brought: tuple[Bringing, ...]
    logs: tuple[LogReading, ...]

    def problems(self) -> list[tuple[Problem, ...]]:
        """The problems of each file."""
        own, made, logged = self.readings, self.brought, self.logs
        return [*(r.problems for r in own), *(b.problems for b in made), *(g.problems for g in logged)]


class Sources(NamedTuple):
    """What was named, all of it now a file."""

    found: Found
    arrivals: tuple[Arrival, ...] = ()


@contextmanager
def sources(names: Sequence[str], form: str, stdin: BinaryIO) -> Iterator[Sources]:
    """The files behind names, addresses and `-`; what came from outside is a temporary file while this lasts."""
    outside = list(dict.fromkeys(name for name in names if name == STDIN or "://" in name or _is_pipe(name)))
    local = [name for name in names if name not in outside]
    found = find_all([name for name in local if not form or Path(name).is_dir()]) if local else Found([], [], {})
    if not (outside or form):
        yield Sources(found)
        return
    with TemporaryDirectory(prefix="cards-") as folder:
        arrivals = [_of_form(Path(name), form) for name in local if form and not Path(name).is_dir()]
        for number, name in enumerate(outside):
            place = Path(folder, str(number))
            place.mkdir()
            arrivals.append(_come(name, place, form, stdin))
        yield Sources(found, tuple(arrivals))


def _is_pipe(name: str) -> bool:
    """Whether it is no file but gives bytes, like `<(…)` of a shell."""
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116  (any text, also one that cannot be a path)
    except (OSError, ValueError):
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)


def _come(name: str, folder: Path, form: str, stdin: BinaryIO) -> Arrival:
    from flashcards.app.importing.spooling import from_stream

    if "://" in name:
        from flashcards.app.importing.fetching import fetch  # urllib, http and ssl: 40 ms, only for an address

        return fetch(name, folder, form)
    if name == STDIN:
        return from_stream(stdin, folder, form)
    try:
        with open(name, "rb") as pipe:  # noqa: PTH123  (as above)
            return from_stream(pipe, folder, form)
    except OSError as error:
        raise unreadable(Path(name), error) from None


def _of_form(path: Path, form: str) -> Arrival:
    """A file whose format was said; its name does not count."""
    if not path.is_file():
        raise BadRequest(f"cannot read `{path}`: there is no such file", hint="check the name")
    return Arrival(path=path, name=str(path), format=form)


def read(app: App, came: Sources, wishes: Wishes) -> Intake:
    """Reads everything and compares it with what the store has; changes nothing."""
    unfinished.taken_back(app.store)
    arrivals = [*came.arrivals, *_foreign(came.found.foreign)]
    log_readings = [logs.read(app.store, path) for path in came.found.logs]
    log_readings += [_named(logs.read(app.store, one.path), one.name) for one in arrivals if one.format == "jsonl"]
    readings = [library.read(app.store, path) for path in came.found.decks]
    arrivals = [one for one in arrivals if one.format != "jsonl"]
    bringings: list[Bringing] = []
    if arrivals:
        from flashcards.app.importing import bringing, strangers  # the formats, only where there is something to bring

        if wishes.deck and len(arrivals) > 1:
            raise BadRequest("--deck names one deck, and there are several files", hint="import them one by one")
        with without_pauses():
            bringings = [one for one in bringing.read_all(app, arrivals, wishes) if not one.silent]
            readings, bringings = bringing.together(app, readings, bringings, replace=wishes.replace)
            bringings = [strangers.kept_apart(app.store, one, wishes) for one in bringings]
    else:
        readings = library.check_together(app.store, readings, replace=wishes.replace)
    return Intake(readings=tuple(readings), brought=tuple(bringings), logs=tuple(log_readings))


def _foreign(paths: Mapping[Path, str]) -> Iterator[Arrival]:
    for path, folder in paths.items():
        yield Arrival(path=path, name=str(path), named=not folder, folder=folder)


def _named(reading: LogReading, name: str) -> LogReading:
    return reading._replace(path=name, problems=tuple(one._replace(path=name) for one in reading.problems))


def _changes(intake: Intake) -> Iterator[DeckChange]:
    for reading in (*intake.readings, *(reading for one in intake.brought for reading in one.readings)):
        if reading.change:
            yield reading.change


def take(app: App, intake: Intake) -> None:
    """Takes in what has no problems: files, decks, events; all of it or nothing."""
    if any(change.count("retired") for change in _changes(intake)):
        from flashcards.app import backups  # only where cards are taken away

        backups.before(app, "import")
    events = [event for one in intake.logs if not one.problems for event in one.events]
    if intake.brought:
        from flashcards.app.importing import bringing

        with without_pauses():
            bringing.take(app, intake.readings, intake.brought, events)
        return
    with without_pauses(), app.store.together():
        changes = [reading.change for reading in intake.readings if reading.change]
        new = brought.new_decks(app.store, changes)
        library.take(app.store, changes)
        history = restores.imported(app, events)
        app.store.append(history)
        brought.note(app.store, new, restores.action_of(history))
