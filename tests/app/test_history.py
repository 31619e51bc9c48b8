"""What was done and taken back: as many undos as actions lead back to the same tables, and the log tells all of it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from unittest.mock import patch

from desk import card
from homes import places
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from strategies import a_review
from thorough import times

from flashcards import clock
from flashcards.app import App
from flashcards.app.restores import imported
from flashcards.log import next_id
from flashcards.model import Baseline, CardId, Deck, Event, Grade, Mark, Review
from flashcards.store import DeckSource

CARDS = [CardId(f"{deck}/{name}") for deck in ("d", "e") for name in "abc"]
MARKS = (("suspend",), ("unbury", "resume"), ("bury",), ("flag",), ("unflag",), ("reset",), ("due",), ("was",))
DERIVED = ("memory", "cards", "aliases")
"""What follows from the log, and is changed with it."""


def derived(app: App) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tables that follow from the log; a memory of nothing is as good as none."""
    found = {name: [*app.store._select(f"select * from {name} order by 1, 2")] for name in DERIVED}
    return {name: [row for row in rows if name != "memory" or row[-1]] for name, rows in found.items()}


@cache
def two_decks() -> bytes:
    """The database of a home with two decks of three cards."""
    with TemporaryDirectory() as folder:
        app = App(places(folder))
        for deck in ("d", "e"):
            cards = tuple(card(one) for one in CARDS if one.startswith(f"{deck}/"))
            source = DeckSource(deck=deck, title=deck, path=f"/{deck}.yaml", size=1, mtime_ns=2, hash="h:1")
            app.store.put_decks([(Deck(id=deck, cards=cards), source)])
        assert app.device
        app.close()
        return Path(folder, "cards.db").read_bytes()


@contextmanager
def a_home(at: datetime) -> Iterator[App]:
    """A home with two decks, at a moment."""
    with TemporaryDirectory() as folder, patch.dict(os.environ, {"CARDS_HOME": folder, "CARDS_NOW": at.isoformat()}):
        Path(folder, "cards.db").write_bytes(two_decks())
        app = App()
        try:
            yield app
        finally:
            app.close()


class Desk(NamedTuple):
    """Where a person acts."""

    app: App

    def grade(self, card: CardId, grade: int, *, leech: bool, mode: str) -> None:
        at, first = clock.now(), self.app.new_id(clock.now())
        batch = first if leech else None
        who: dict[str, Any] = {"card": card, "device": self.app.device, "batch": batch}
        day = self.app.day(at)
        review = Review(id=first, grade=Grade(grade), at=at, offset_minutes=60, day=day, mode=mode, **who)
        marks = [Mark(id=next_id(at, first, 0), mark="suspend", at=at, **who)] if leech else []
        self.app.store.append([review, *marks])

    def mark(self, cards: list[CardId], marks: tuple[str, ...]) -> None:
        value = {"bury": "2026-11-24", "due": "2026-12-24", "was": cards[0].replace("/", "/x-")}.get(marks[0])
        self.app.mark(cards[:1] if marks == ("was",) else cards, *marks, value=value)

    def set(self, name: str, value: Any, deck: str | None) -> None:
        self.app.set(name, value, deck)

    def bring(self, cards: list[CardId], salt: int) -> None:
        """A history of long ago, as a package brings it."""
        batch, events = self.app.new_id(clock.now()), list[Event]()
        dice = 100 * len([*self.app.store.events()])  # what is brought twice comes once, and is no action
        for number, one in enumerate(cards):
            at = clock.now() - timedelta(days=100 - number, minutes=salt)
            who: dict[str, Any] = {"card": one, "device": self.app.device, "batch": batch, "at": at}
            made = next_id(at, "", dice + number)
            state = {"repetitions": 3, "ease": 2.36, "interval_days": 15, "due": "2026-12-07", "lapses": salt}
            events += [
                Review(id=made, grade=Grade.GOOD, offset_minutes=0, day=at.date(), mode="imported", **who),
                Baseline(id=next_id(at, made, 1), scheduler="sm2", state=state, **who),
            ]
        self.app.store.append(events)

    def log(self, cards: list[CardId], days: int) -> None:
        """A log from elsewhere, the same each time: what an undo had taken back comes back."""
        reviews = [a_review(days * 10 + n, "2026-03-01", 1 + n, card=one) for n, one in enumerate(cards)]
        fresh = self.app.store.unknown_ids({one.id for one in reviews})
        if fresh or self.app.store.undos_of_imports([one.id for one in reviews]):
            self.app.store.append(imported(self.app, [one._replace(device="import") for one in reviews]))
        else:  # it is there and stands: no action
            self.mark(cards[:1], ("flag",))


some_cards = st.lists(st.sampled_from(CARDS), min_size=1, max_size=3, unique=True)
scheduling = st.sampled_from([("sm2_variant", "code"), ("sm2_variant", "text"), ("fuzz", True), ("day_start", "05:00")])
acts = st.one_of(
    st.tuples(
        st.just("grade"),
        st.sampled_from(CARDS),
        st.integers(0, 5),
        st.fixed_dictionaries({"leech": st.booleans(), "mode": st.sampled_from(["scheduled", "drill", "cram"])}),
    ),
    st.tuples(st.just("mark"), some_cards, st.sampled_from(MARKS)),
    st.builds(lambda pair, deck: ("set", *pair, deck), scheduling, st.sampled_from([None, "d"])),
    st.tuples(st.just("bring"), some_cards, st.integers(0, 9)),
    st.tuples(st.just("log"), some_cards, st.integers(1, 3)),
)
hours = st.integers(-30, 60)
"""Between two actions; a clock may be set back."""


def act(desk: Desk, name: str, *values: Any) -> None:
    *rest, last = values
    named = last if isinstance(last, dict) else {}
    getattr(desk, name)(*(rest if named else values), **named)


@example([], [(("bring", CARDS[:2], 0), 0), (("mark", CARDS[:1], ("suspend",)), -2)])  # the clock is set back
@given(st.lists(st.tuples(acts, hours), max_size=4), st.lists(st.tuples(acts, hours), min_size=1, max_size=7))
@settings(max_examples=times(12, 300), suppress_health_check=[HealthCheck.too_slow])
def test_as_many_undos_as_actions_lead_back(before, after):
    """Whatever was done, and however the clock went: the tables are what they were, and so is a rebuild."""
    at = datetime(2026, 11, 22, 18, tzinfo=UTC)
    with a_home(at) as app:

        def doing(*acts: tuple[tuple[Any, ...], int]) -> Iterator[dict[str, list[tuple[Any, ...]]]]:
            nonlocal at
            for what, later in acts:
                at += timedelta(hours=later)
                os.environ["CARDS_NOW"] = at.isoformat()
                act(Desk(app), *what)
                yield derived(app)

        first = [*doing(*before)] or [derived(app)]
        states = [first[-1], *doing(*after)]
        for state in reversed(states[:-1]):
            assert app.undo()
            assert state == derived(app)
        app.store.rebuild()
        assert states[0] == derived(app)
