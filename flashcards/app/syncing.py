"""Joins the store with a folder that something else carries: others' events in, ours out."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from flashcards import clock
from flashcards.app import App
from flashcards.app.device import renew
from flashcards.app.taking_in import ASIDE, QUIET, Intake, Told
from flashcards.app.travelling import Told as Untravelled
from flashcards.app.travelling import Travelled, Wanted, travel
from flashcards.errors import BadRequest
from flashcards.log import stamp
from flashcards.places import bundled_names
from flashcards.store.exchanged import Exchanged, Snapshot
from flashcards.sync.folder import Folder
from flashcards.sync.lock import alone
from flashcards.sync.names import named, safe_device
from flashcards.sync.own import Own
from flashcards.sync.reading import Opened, UnfitError, survey
from flashcards.sync.state import Known, Loss, State, States

GRACE = timedelta(days=1)
"""So long another device's file may have less than before, as on its way; then we bring what it had."""
FRESH_SECONDS = 2
"""Within them a file may change twice and show one time."""
SIGNED_BYTES = 1_000_000


class Done(NamedTuple):
    """What a sync did, or would do."""

    folder: str
    device: str
    sent: int
    got: Mapping[str, int]
    """New events, by the device in whose files they were."""
    cards: int
    """How many cards changed."""
    told: tuple[Told, ...] = ()
    dry_run: bool = False
    decks: Travelled = Travelled()

    @property
    def complete(self) -> bool:
        """Whether nothing was left undone."""
        return self.decks.whole and all(one.kind in QUIET for one in self.told)


def folder_of(app: App, named: str | None) -> str:
    """The folder that was named, or else the one of the last time."""
    path = named or str(app.config.get("sync"))
    if not path:
        raise BadRequest("no folder is named", hint="`cards sync FOLDER` once; it is remembered")
    return os.path.realpath(os.path.expanduser(path))


def question(app: App, path: str) -> str:
    """What to ask before a folder is used for the first time; "" where nothing is to be asked. Raises CardsError."""
    folder = Folder(path)
    home = os.path.realpath(os.path.dirname(app.places.database))
    if folder.path == home or (folder.path.startswith(home + os.sep) and app.has_store):
        raise BadRequest(
            f"`{path}` is the home of cards itself", hint="name a folder outside it that something carries"
        )
    match folder.state():
        case "ours":
            folder.identity()
            return ""
        case "empty" if folder.path == os.path.realpath(os.path.expanduser("~")):  # hidden files alone are in it
            return f"`{path}` is your home directory, where a sync folder would lie open"
        case "empty":
            known = States(_state_path(app)).knows(folder.path)
            return f"`{path}` is empty, though it was synced before: is its disk there?" if known else ""
        case _:
            return f"`{path}` has other things in it and is no sync folder yet"


def sync(app: App, path: str, *, dry_run: bool = False, decks: Wanted | None = None) -> Done:
    """Brings the store and the folder to the union of both; raises CardsError where nothing can be done.

    Decks travel as well, unless `decks` is None.
    """
    app.device  # noqa: B018  (opens the store, and brings its derived tables up to date)
    with alone(os.path.join(os.path.dirname(app.places.database), "sync.lock"), app.sign):
        folder = Folder(path)
        folder.check()
        identity = folder.identity() if folder.state() == "ours" else ""
        if not identity and not dry_run:
            identity = folder.make()
        # Decks first: what they say of renamed cards is written into the log, and goes out with it.
        travelled = Travelled() if decks is None else travel(app, Path(folder.path), identity, decks, dry_run=dry_run)
        store = Exchanged(app.places.database)
        try:
            done = _Sync(app, folder, identity, store, dry_run=dry_run).run()
            if decks is not None and any(done.got.values()):
                travelled = travelled._replace(told=(*travelled.told, *_left_at_home(app, store)))
            return done._replace(decks=travelled)
        finally:
            store.close()


def _left_at_home(app: App, store: Exchanged) -> list[Untravelled]:
    """Decks that came with the program do not travel; the history of one may have come without its cards."""
    here = {source.deck for source in app.store.decks()}
    missing = store.have_history(name for name in bundled_names() if name not in here)
    return [Untravelled(name, "has a history and no cards here", f"`cards import {name}`") for name in missing]


def _state_path(app: App) -> str:
    return os.path.join(os.path.dirname(app.places.database), "sync.json")


class _Sync:
    """One sync of one folder."""

    def __init__(self, app: App, folder: Folder, identity: str, store: Exchanged, *, dry_run: bool) -> None:
        self.app, self.folder, self.identity, self.store, self.dry_run = app, folder, identity, store, dry_run
        self.device = app.device
        self.own = Own(folder.logs, self.device)
        self.states = States(_state_path(app))
        self.told: list[Told] = []

    def run(self) -> Done:
        state = self.states.get(self.identity, self.folder.path)
        if state and (state.device != self.device or state.token != self.store.meta(self._token_name)):
            state = None
        self.stamp = _stamp(self.store.path)
        if state and state.stamp and state.stamp == self.stamp:
            before = Snapshot(state.events, [], state.cursor)
        else:
            before = self.store.snapshot(self.device, state.cursor if state else "")
        intake = self._intake(state)
        lost = self._lost(state, intake)
        if state and self._must_see_all(state, before, intake, lost):
            full = self._intake(None)
            full.got += intake.got
            full.fresh += intake.fresh
            full.cards |= intake.cards
            full.replaced += intake.replaced
            full.cursor = max(full.cursor, intake.cursor)
            full.faulty = [*{*full.faulty, *intake.faulty}]
            intake, lost = full, {}
        if intake.replaced:
            message = f"{intake.replaced:,} events came in other words, which hold on every device from now on"
            self.told.append(Told("version", "", message, f"what was said here is kept in {ASIDE} of the home"))
        self._check_name(intake)
        with self.app.sign("writing to the folder") if intake.is_full else nullcontext():
            if self.dry_run:
                sent = sum(1 for _ in self._ours(before, intake))
            else:
                sent = self._write(state, before, intake, lost)
        self.app.backup_waits = bool(intake.filled_cards) and not any(one.kind == "unwritten" for one in self.told)
        return Done(
            folder=self.folder.path,
            device=self.device,
            sent=sent,
            got=dict(sorted(intake.got.items())),
            cards=intake.filled_cards or len(intake.cards),
            told=tuple(dict.fromkeys([*intake.told, *self.told])),
            dry_run=self.dry_run,
        )

    def _check_name(self, intake: Intake) -> None:
        """Takes a fresh name where our own file has what we never wrote: a copied disk, or a home that was put back."""
        former = self.device
        if self.dry_run or not intake.got.get(safe_device(former)):
            return
        self.device = renew(self.app.store)
        self.own = Own(self.folder.logs, self.device)
        intake.faulty = []  # they are the other's now
        says = f"somebody else writes as `{former}`: a copy of this home, or this home before it was put back"
        self.told.append(Told("renamed", "", says, f"this device is `{self.device}` from now on"))

    @property
    def _token_name(self) -> str:
        return f"sync {self.identity}"

    def _intake(self, state: State | None) -> Intake:
        intake = Intake(self.store, self.folder, self.own, state.files if state else None, dry_run=self.dry_run)
        if intake.bytes > SIGNED_BYTES:
            with self.app.sign("reading what the other devices did"):
                intake.read(self.device)
        else:
            intake.read(self.device)
        return intake

    def _must_see_all(self, state: State, before: Snapshot, intake: Intake, lost: dict[str, Loss]) -> bool:
        """Whether the news are not enough: our files are not as we left them, or the store has what they do not say."""
        gone = (name for name in state.files if name not in intake.files)
        if any((file := named(name)) and self.own.has(file) for name in gone):
            return True
        if intake.faulty or before.events - state.events != len(before.own):
            return True
        now = clock.now()
        return any(_long_ago(loss.since, now) for loss in lost.values())

    def _lost(self, state: State | None, intake: Intake) -> dict[str, Loss]:
        """Devices whose files have fewer lines than before, and since when that is so."""
        if state is None:
            return {}
        was, now = (_lines_by_device(files, safe_device(self.device)) for files in (state.files, intake.files))
        before = {device: Loss(stamp(clock.now()), lines) for device, lines in was.items()} | state.lost
        return {device: loss for device, loss in before.items() if now.get(device, 0) < loss.lines}

    def _ours(self, before: Snapshot, intake: Intake) -> Iterator[str]:
        """The lines that the folder does not have."""
        if not intake.is_full:
            yield from (line for name, line in before.own if name not in intake.ids)
            own = {name for name, _ in before.own}
            yield from self.store.lines(intake.unlike - intake.ids - own).values()
        elif intake.is_filled:
            yield from self.store.lines(intake.unlike).values()
        else:
            yield from self.store.lines_without(intake.ids)

    def _write(self, state: State | None, before: Snapshot, intake: Intake, lost: dict[str, Loss]) -> int:
        """Puts our files in order, adds what is new, and notes how everything was left."""
        now = f"{clock.now():%Y-%m}"
        redactions = self.store.count_redactions()
        sent, touched, failed = 0, False, False
        try:
            touched = self._put_in_order(state, intake, now, redactions)
            sent = self.own.add(self._ours(before, intake), now)
        except OSError as error:
            failed = True
            self.told.append(Told("unwritten", "", f"cannot write there: {error.strerror}", "ours waits until it can"))
        if sent or touched or failed:
            self._look_again(intake)
        elif state and not intake.fresh and (state.files, state.lost) == (intake.files, lost):
            if self.stamp not in {"", state.stamp}:
                self._remember(state._replace(stamp=self.stamp))
            return 0
        unsent = sum(1 for _ in self._ours(before, intake)) if failed else 0
        token = os.urandom(8).hex()
        self.store.note_meta(self._token_name, token)
        self._remember(
            State(
                token=token,
                device=self.device,
                events=before.events + intake.fresh - unsent,
                cursor=(state.cursor if state else "0") if failed else max(before.cursor, intake.cursor),
                month=now if os.path.lexists(self.own.path) else "",
                redactions=-1 if failed else redactions,
                stamp="",
                files=intake.files,
                lost=lost,
            )
        )
        return sent

    def _remember(self, state: State) -> None:
        with suppress(OSError):  # without it everything is read once more
            self.states.put(self.identity, self.folder.path, state)

    def _put_in_order(self, state: State | None, intake: Intake, now: str, redactions: int) -> bool:
        """Mends our files, takes texts out of them, seals the month that is over; whether anything was to be done."""
        os.makedirs(self.folder.logs, mode=0o700, exist_ok=True)
        self.own.mend(intake.faulty)
        touched = bool(intake.faulty)
        copies = self.own.copies(intake.listed) if redactions else []
        if copies or (redactions and (state is None or state.redactions != redactions)):
            mine = [file.name for file in intake.listed if self.own.has(file)]
            touched |= bool(self.own.redact([*mine, *copies], self.store.redactions()))
            self._tell_holding(file.name for file in intake.listed if file.name not in {*mine, *copies})
        month = (state.month if state else "") or self.own.month()
        if month and month != now and os.path.lexists(self.own.path):
            self.own.seal(month)
            touched = True
        return touched

    def _tell_holding(self, others: Iterable[str]) -> None:
        """Files that are not ours to write, in which a text stands that was taken out; told once for each mark."""
        hint = "it goes when that device syncs; of one that is gone delete the file: all else of it is here"
        for name in self.own.holding(others, self.store.redactions()):
            self.told.append(Told("text", name, "a text that was taken out still stands there", hint))

    def _look_again(self, intake: Intake) -> None:
        """Notes our files as we leave them."""
        intake.files = {name: known for name, known in intake.files.items() if not _is(self.own, name)}
        for file in self.folder.files()[0]:
            if self.own.has(file):
                try:
                    with Opened(os.path.join(self.folder.logs, file.name)) as opened:
                        found = survey(opened)
                        intake.files[file.name] = Known(found.size, found.mtime_ns, found.end)
                except UnfitError as error:
                    self.told.append(Told(error.kind, file.name, error.message))


def _stamp(path: str) -> str:
    """What changes with every change of a database; "" while some of it lies in its write-ahead log, or is fresh.

    To count a million events takes as long as all the rest of a sync without news.
    """
    try:
        if os.path.exists(f"{path}-wal") and os.path.getsize(f"{path}-wal"):
            return ""
        found = os.stat(path)
    except OSError:
        return ""
    fresh = clock.is_frozen() or abs(clock.now().timestamp() - found.st_mtime) < FRESH_SECONDS
    return "" if fresh else f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _is(own: Own, name: str) -> bool:
    file = named(name)
    return file is not None and own.has(file)


def _lines_by_device(files: Mapping[str, Known], own: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, known in files.items():
        file = named(name)
        if file:
            found[file.device] = found.get(file.device, 0) + known.mark.lines
    found.pop(own, None)
    return found


def _long_ago(since: str, now: datetime) -> bool:
    try:
        return abs(now - datetime.fromisoformat(since)) > GRACE  # a clock that was years ahead is not waited for
    except (ValueError, TypeError):
        return True
