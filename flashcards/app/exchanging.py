"""Events between the store and a sync folder: others' in, ours out, our files in order."""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import nullcontext, suppress
from datetime import datetime, timedelta

from flashcards import clock
from flashcards.app import App
from flashcards.app.device import renew
from flashcards.app.resting import stamp_of, token_name
from flashcards.app.synced import Done, Told
from flashcards.app.taking_in import ASIDE, Intake
from flashcards.log import stamp
from flashcards.store.exchanged import Exchanged, Snapshot
from flashcards.sync.folder import Folder
from flashcards.sync.names import named, safe_device
from flashcards.sync.own import Own
from flashcards.sync.reading import Opened, UnfitError, survey
from flashcards.sync.state import Known, Loss, State, States

GRACE = timedelta(days=1)
"""So long another device's file may have less than before, as on its way; then we bring what it had."""
SIGNED_BYTES = 1_000_000


class Exchange:
    """One sync of one folder."""

    def __init__(
        self, app: App, folder: Folder, identity: str, store: Exchanged, states: States, *, dry_run: bool
    ) -> None:
        self.app, self.folder, self.identity, self.store, self.dry_run = app, folder, identity, store, dry_run
        self.device = app.device
        self.own = Own(folder.logs, self.device)
        self.states = states
        self.told: list[Told] = []

    def run(self, state: State | None) -> Done:
        """Brings both to their union; `state` is how they were left."""
        self.stamp = stamp_of(self.store.path)
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
        self.store.note_meta(token_name(self.identity), token)
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
