"""Back to a backup: what is missing comes, what came later is taken back, as one action that `cards undo` takes back.

The log only grows. A home in which nothing was ever stored is filled as it is: there is nothing to go back to.
"""

import os
from codecs import BOM_UTF8
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from flashcards.app import App, backups, decks_back, logs
from flashcards.app.decks_back import Back
from flashcards.app.restores import newest_act, restore_events
from flashcards.app.taking_in import keep_aside
from flashcards.errors import BackupDamaged, DeckProblems, NotFound, UnknownFormat
from flashcards.log import LineError, from_line, to_line
from flashcards.model import Event, Restore, Review, Undo
from flashcards.store import DeckSource, backup
from flashcards.store.backup_reading import LISTED, is_backup
from flashcards.store.earlier import Earlier, Going
from flashcards.sync.parsing import Parsed, parse
from flashcards.union import differing, merge

LATEST = "latest"
BEFORE = "before-restore"
AT_ONCE = 20_000
"""Events that are in memory together."""
BLOCK = 2_000
"""Lines that are read by one expression."""
SHOWN = 20
"""Events in other words whose words are told."""
START_BYTES = 4096
"""In which a review log says that it is one."""


class Source(NamedTuple):
    """A log to go back to, wherever it comes from."""

    path: str
    log: Callable[[], Iterator[tuple[str, str]]]
    """The ids of the events, and their lines."""
    counts: Callable[[], tuple[int, int]]
    """Events, and the reviews among them."""
    decks: tuple[DeckSource, ...] = ()


class Words(NamedTuple):
    """An event that is here in other words than there, as lines of the log; which of them hold a sync would decide."""

    here: str
    there: str
    come: bool
    """Whether those from there take the place of those from here."""


class Outlook(NamedTuple):
    """What a restore does."""

    missing: int
    """Events that are not here."""
    missing_reviews: int
    going: Going
    decks: tuple[Back, ...]
    fills: bool = False
    """The home is empty."""
    others: tuple[str, ...] = ()
    """Decks that are here with another text, which stays."""
    unlike: int = 0
    """Events that are here in other words."""
    coming: int = 0
    """How many of them get the words from there."""
    words: tuple[Words, ...] = ()
    """The first of them."""

    @property
    def is_an_action(self) -> bool:
        """Whether there is something that an undo takes back; neither decks nor words are."""
        return not self.fills and bool(self.missing or any(self.going))

    @property
    def is_nothing(self) -> bool:
        """Whether everything is so already."""
        return not (self.missing or self.coming or any(self.going) or any(one.comes for one in self.decks))


# ---------------------------------------------------------------- which


def find(app: App, name: str) -> str:
    """The file that a person means: `latest`, a day, a name of the folder, or any file; raises NotFound.

    What was made before a restore is meant only by its name, so that the same words twice lead to one place.
    """
    listed = backups.newest_first(app.places.backups)
    meant = [one for one in listed if one.reason != BEFORE or name in {one.name, one.name.removesuffix(backup.END)}]
    if name == LATEST:
        if not meant:
            backups.check_readable(app.places.backups)
            raise NotFound("there is no backup yet", hint="`cards backup` makes one")
        return meant[0].path
    for one in meant:
        if name in {one.name, one.name.removesuffix(backup.END), one.day.isoformat()}:
            return one.path
    try:
        if Path(name).is_file():
            return name
    except PermissionError:  # there may be one behind a closed door
        raise
    except OSError:  # no name of a file at all
        pass
    backups.check_readable(app.places.backups)
    what = f"there is no file `{name}`" if os.sep in name else f"no backup called `{name}`"
    raise NotFound(what, hint="`cards restore` lists the backups; any file may be named by its path")


@contextmanager
def opened(app: App, path: str) -> Iterator[Source]:
    """A backup, an old database or a review log; raises an error for what is damaged, newer or none of these."""
    if not is_backup(path):
        yield _of_log(app, path)
        return
    with backup.opened(path) as held:
        yield Source(path, lambda: zip(held.ids(), held.lines(), strict=True), held.counts, tuple(held.decks()))


def _of_log(app: App, path: str) -> Source:
    if not _begins_like_a_log(path):  # one without events would lead back to nothing at all
        raise UnknownFormat(f"`{path}` is neither a backup nor a review log", hint=LISTED)
    reading = logs.read(app.store, Path(path))
    if reading.problems:
        raise DeckProblems(reading.problems, message=f"nothing was changed: `{path}` has errors")
    lines = {event.id: to_line(event) for event in reading.events}
    reviews = sum(isinstance(event, Review) for event in reading.events)
    return Source(path, lambda: iter(lines.items()), lambda: (len(lines), reviews))


def _begins_like_a_log(path: str) -> bool:
    with Path(path).open("rb") as file:
        return file.read(START_BYTES).removeprefix(BOM_UTF8).lstrip().startswith(b"{")


# ---------------------------------------------------------------- what would be


def outlook(app: App, source: Source, *, only_missing: bool = False) -> Outlook:
    """What a restore would do; changes nothing."""
    store = Earlier(app.places.database)
    try:
        coming = decks_back.compared(store, app.places.decks, source.decks)
        others = decks_back.others(store, source.decks)
        if not store.count():
            events, reviews = source.counts()
            return Outlook(events, reviews, Going({}, {}), coming, fills=True, others=others)
        unlike = list[Words]()
        store.compare(source.log(), lambda *lines: unlike.extend(_words(source, *lines)))
        missing = store.missing()
        acts, reviews, batches = list[Event](), 0, set[str]()
        for event in _events(source, missing):
            reviews += isinstance(event, Review)
            batches |= {event.batch} if event.batch else set()
            if isinstance(event, (Undo, Restore)):
                acts.append(event)
        takes = [] if only_missing else store.later(batches)
        going, those = store.going(takes, acts), sum(one.come for one in unlike)
        words = tuple(unlike[:SHOWN])
        return Outlook(
            len(missing), reviews, going, coming, others=others, unlike=len(unlike), coming=those, words=words
        )
    finally:
        store.close()


def _words(source: Source, name: str, mine: str, theirs: str) -> Iterator[Words]:
    """The words of an event that has another line there; none where only a text was taken out."""
    here, there = from_line(mine), _event(source, name, theirs)
    if lines := differing(here, there):
        yield Words(*lines, come=merge([here], [there])[0] is there)


# ---------------------------------------------------------------- doing it


def restore(app: App, source: Source, *, only_missing: bool = False) -> None:
    """Brings the log and the decks to what `source` holds, in one transaction; others may have the store open."""
    if app.store.newest():
        backups.before(app, "restore")
    device = app.device  # a fresh one is written down now, and not inside the transaction
    store = Earlier(app.places.database)
    store.device = device
    try:
        with decks_back.taking(app, store, source.decks) as take_decks:
            if store.count():
                _go_back(app, store, source, only_missing=only_missing)
            else:
                _fill(store, source)
            take_decks()
    finally:
        app.store.has_written = True
        store.close()


class _NeverError(Exception):
    """What no backup raises: one that is damaged adds nothing at all."""


def _fill(store: Earlier, source: Source) -> None:
    store.fill([((some.rows, some.events) for some in _blocks(source))], _NeverError)


def _go_back(app: App, store: Earlier, source: Source, *, only_missing: bool) -> None:
    coming = list[Event]()

    def meet(name: str, mine: str, theirs: str) -> None:
        if any(one.come for one in _words(source, name, mine, theirs)):
            coming.append(_event(source, name, theirs))

    store.compare(source.log(), meet)
    for start in range(0, len(coming), AT_ONCE):
        store.take(coming[start : start + AT_ONCE], partial(keep_aside, app.places.database))
    latest, brings = "", list[str]()
    rest = _events(source, store.missing())
    while some := list(islice(rest, AT_ONCE)):
        brings += [event.id for event in some]
        latest = max(latest, newest_act(some))
        store.append(some)
    takes = [] if only_missing else store.later()
    store.append(restore_events(app, takes=takes, brings=brings, behind=latest))


def _events(source: Source, wanted: set[str]) -> Iterator[Event]:
    """The events of the source that are wanted, each once."""
    left = set(wanted)
    for name, line in source.log() if wanted else ():
        if name in left:
            left.discard(name)
            yield _event(source, name, line)


def _event(source: Source, name: str, line: str) -> Event:
    try:
        event = from_line(line)
    except LineError as error:
        raise BackupDamaged(source.path, f"an event in it makes no sense: {error.message}") from None
    if event.id != name:
        raise BackupDamaged(source.path, f"its event `{name}` says that it is another")
    return event


def _blocks(source: Source) -> Iterator[Parsed]:
    """All events of the source, many at once; the first that is none is an error."""
    rest = (line for _, line in source.log())
    while some := list(islice(rest, BLOCK)):
        parsed = parse("\n".join(some).encode("utf-8", "surrogatepass"))
        if parsed.faults or len(parsed.rows) + len(parsed.events) != len(some):
            what = parsed.faults[0].message if parsed.faults else "it has more lines than one"
            raise BackupDamaged(source.path, f"an event in it makes no sense: {what}")
        yield parsed
