"""Builds the parts and joins them: store, settings, clock, device."""

import os
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from datetime import date, datetime
from functools import cached_property
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from flashcards import clock
from flashcards.app import device
from flashcards.config import BY_NAME, Config, Value
from flashcards.errors import BadRequest, NotFound, StoreError
from flashcards.log import MOST_IDS, ids_from, is_ours, not_before, stamp
from flashcards.model import CardId, Event, EventId, Mark, Memory, Restore, Setting, Undo
from flashcards.places import Places, places
from flashcards.store import Row, Store
from flashcards.store.base import Sign

if TYPE_CHECKING:
    from threading import Thread

    from flashcards.app.brought import Undone


class App:
    """One person's cards on one machine. Parts are built when they are first asked for."""

    def __init__(self, where: Places | None = None, sign: Sign = nullcontext) -> None:
        """`sign` shows a person what is waited for."""
        self.places = where or places()
        self.sign = sign
        self.warnings: list[str] = []
        """What went wrong without harm, for a person to read at the end."""
        self.backup_waits = False
        """What filled the home just now lies in a sync folder as well: the next command makes the backup of the day."""
        self.backup_aside: Thread | None = None
        """The making of one beside a sitting."""

    # ------------------------------------------------------------ parts

    @cached_property
    def store(self) -> Store:
        """The database, created at the first use."""
        if clock.is_frozen() and not os.environ.get("CARDS_HOME"):
            raise BadRequest(
                "CARDS_NOW is set, so CARDS_HOME must be set too",
                hint="a false date must not reach anybody's real history",
            )
        store = Store(self.places.database, self.sign)
        self.warnings += store.warnings
        if any(not source.hash for source in store.decks()):
            self._index(store)
        return store

    def _index(self, store: Store) -> None:
        """Reads the cards of the decks again, once after an upgrade that changed their index; one process does it."""
        from flashcards.app import library  # PyYAML: 20 ms

        with self.sign("reading the decks anew, once after an upgrade"), store.together_for_long():
            stale = [source for source in store.decks() if not source.hash]
            if stale:
                library.notice(store, stale)

    @property
    def has_store(self) -> bool:
        """Whether anything was ever stored; asking does not create it."""
        try:
            os.stat(self.places.database)
        except PermissionError as error:  # a home that may not be entered is not an empty one
            hint = "set CARDS_HOME to a folder of your own"
            raise StoreError(f"cannot use `{self.places.database}`: {error.strerror}", hint=hint) from None
        except OSError:
            return os.path.exists(f"{self.places.database}-wal")
        return True

    @property
    def config(self) -> Config:
        """The settings in force."""
        return Config(self.places.config, self.store.settings())

    @property
    def device(self) -> str:
        """The name under which this store writes events."""
        return device.name(self.store)

    @property
    def is_open(self) -> bool:
        """Whether the store was asked for; this does not open it."""
        return "store" in self.__dict__

    def close(self) -> None:
        """Lets go of the database, if it was ever opened; who asks for the store again opens it anew."""
        if self.is_open:
            self.__dict__.pop("store").close()

    # ------------------------------------------------------------ time and ids

    def day(self, at: datetime) -> date:
        """The study day of a moment, here."""
        return clock.study_day(at, clock.zone(), self.day_start)

    @cached_property
    def day_start(self) -> Any:  # noqa: ANN401  (datetime.time; its name is taken)
        """When a study day begins."""
        return clock.parse_day_start(self.config.get("day_start"))

    @cached_property
    def leech_lapses(self) -> int:
        """How many lapses make a card a leech; 0 for never."""
        return int(self.config.get("leech_lapses"))

    @property
    def today(self) -> date:
        """The study day of now."""
        return self.day(clock.now())

    @property
    def date(self) -> str:
        """What the calendar says here and now: `2026-11-29`."""
        return clock.local().date().isoformat()

    def new_id(self, at: datetime) -> EventId:
        """A fresh event id that sorts behind all of this device's."""
        return device.new_id(self.store, at)

    # ------------------------------------------------------------ acts

    def mark(self, cards: Sequence[CardId], *marks: str, value: str | None = None) -> dict[CardId, Memory]:
        """Suspends, resumes, buries, flags … cards: one action, however many cards and marks."""
        now = clock.now()
        first = self.new_id(now)
        ids, own = ids_from(first, now), self.device
        ahead = self.store.ahead_of(cards, now) if "reset" in marks else ()
        batch = first if len(cards) * len(marks) > 1 or ahead else None
        events: list[Event] = []
        for start in range(0, len(ahead), MOST_IDS):
            takes = ahead[start : start + MOST_IDS]
            events.append(Restore(id=next(ids), takes=takes, brings=(), at=now, device=own, batch=batch))
        for card in cards:
            at = now if ahead else not_before(now, self.store.memory(card).order[0])
            events += [Mark(next(ids), card, mark, at, own, value, batch) for mark in marks]
        return self.store.append(events)

    def set(self, name: str, value: Value | None, deck: str | None = None) -> None:
        """Puts a setting where it lives: into the log or into the file. None takes it back."""
        if BY_NAME[name].home == "file":
            self.config.write(name, value)
            return
        now = clock.now()
        before = [one.at for one in self.store.settings() if (one.name, one.deck) == (name, deck)]
        at = not_before(now, stamp(before[-1]) if before else "")
        event = Setting(id=self.new_id(now), name=name, value=value, at=at, device=self.device, deck=deck)
        self.store.append([event])

    def undo(self) -> list[Event]:
        """Takes back this device's last standing action; returns its events, empty if it had none."""
        return next((one.events for one in self.undo_many(1)), [])

    def undo_many(self, steps: int) -> "list[Undone]":
        """Takes back so many actions, the newest first, or all that are left, in one transaction."""
        from flashcards.app import brought  # only where something is taken back

        undone: list[Undone] = []
        with self.store.together():  # two terminals at once take back two actions
            while left := steps - len(undone):
                imports = brought.known(self.store)
                alone = next((one for one in imports if not one.action), None)
                actions = device.last_actions(self.store, left)
                later = done_behind(alone.after, actions) if alone else actions
                with_decks = {one.action: one for one in imports if one.action}
                for events, target in zip(later, self._take_back(later), strict=True):
                    own = with_decks.get(target)
                    undone.append(brought.Undone(events, brought.take_out(self.store, own) if own else []))
                if not later and alone:
                    undone.append(brought.Undone([], brought.take_out(self.store, alone)))
                elif not later:
                    break
        return undone

    def _take_back(self, actions: Sequence[list[Event]]) -> list[str]:
        """Appends the undos of these actions; gives the names by which they are taken back."""
        if not actions:
            return []
        now, undos = clock.now(), list[Undo]()
        ids = ids_from(self.new_id(now), now)
        for events in actions:
            at = not_before(now, max(stamp(event.at) for event in events))
            undos.append(Undo(id=next(ids), target=events[0].batch or events[0].id, at=at, device=self.device))
        self.store.append(undos)
        return [undo.target for undo in undos]

    # ------------------------------------------------------------ names

    def decks(self, names: Iterable[str]) -> tuple[str, ...]:
        """The ids of decks that were named; raises NotFound with the nearest name."""
        known = [source.deck for source in self.store.decks()]
        for name in names:
            if name not in known:
                raise NotFound(f"no deck called `{name}`", hint=nearest(name, known) or "`cards decks` lists them")
        return tuple(names)

    def tags(self, names: Iterable[str]) -> tuple[str, ...]:
        """Tags that were named, each of some card or of one that was retired; raises NotFound with the nearest."""
        names = tuple(names)
        known = self.store.tags() if names else []
        for name in names:
            if name not in known:
                raise NotFound(f"no card is tagged `{name}`", hint=nearest(name, known) or "`cards show` tells tags")
        return names

    def card(self, name: str) -> Row:
        """The card called `deck/id`, or `id` if only one deck has it; raises NotFound."""
        row = self.store.card(CardId(name))
        if row is not None:
            return row
        found = [] if "/" in name else self.store.find(name)
        if len(found) > 1:
            names = ", ".join(f"`{card}`" for card in found)
            raise NotFound(f"`{name}` is a card of several decks", hint=f"name one: {names}")
        row = self.store.card(found[0]) if found else None
        if row is None:
            made = self._made_of(name)
            hint = f"its cards are {', '.join(f'`{card}`' for card in made)}" if made else ""
            hint = hint or nearest(name, self.store.names()) or "`cards list` lists them"
            raise NotFound(f"no card called `{name}`", hint=hint)
        return row

    def text_of(self, name: str) -> CardId:
        """The name in its deck file of what `name` is made of: a cloze has no card that is called like itself."""
        try:
            return CardId(self.card(name).memory.card.partition("~")[0])
        except NotFound:
            made = {CardId(card.partition("~")[0]) for card in self._made_of(name)}
            if len(made) != 1 or self.store.find(name):
                raise
            return made.pop()

    def _made_of(self, name: str) -> list[CardId]:
        """The cards of a cloze, by the name that it has in its file."""
        start = f"{name}~" if "/" in name else f"/{name}~"
        return [card for card in self.store.names() if start in card and ("/" not in name or card.startswith(start))]


def done_behind(name: str, actions: Iterable[list[Event]]) -> list[list[Event]]:
    """The first of the actions that have a greater id, in an event or as a batch of what was brought from elsewhere."""

    def greatest(events: list[Event]) -> str:
        return max((one for event in events for one in (event.id, event.batch) if one and is_ours(one)), default="")

    return [*takewhile(lambda events: greatest(events) > name, actions)]


def nearest(name: str, known: Iterable[str]) -> str:
    """Which one was probably meant, as a question; "" where none is near."""
    from difflib import get_close_matches  # 4 ms, and only after a slip

    full = {one.partition("/")[2] or one: one for one in known}
    found = get_close_matches(name.partition("/")[2] or name, full, n=1)
    return f"did you mean `{full[found[0]]}`?" if found else ""
