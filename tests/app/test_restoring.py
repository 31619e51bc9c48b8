"""Going back: what a home says afterwards equals what it said then, and one undo leads forward again."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import CARDS, a_mark, a_review, an_undo, logs, names, renames, reviews, undos
from thorough import times

from flashcards.app import App, backups, restoring
from flashcards.errors import CardsError, DeckProblems, NotFound, StoreDamaged, StoreTooNew
from flashcards.log import to_line
from flashcards.model import Event, Mark, Restore
from flashcards.places import Places
from flashcards.store import Store, backup

EXAMPLES = times(12, 600)


@cache
def empty() -> bytes:
    """A database as it is when it is new; copying it is faster than making it."""
    with TemporaryDirectory() as folder:
        Store(Path(folder, "cards.db")).close()
        return Path(folder, "cards.db").read_bytes()


@contextmanager
def homes(number: int = 1) -> Iterator[list[App]]:
    """So many homes of their own; the backups that are made by themselves are tried elsewhere."""
    with TemporaryDirectory() as folder, patch.dict("os.environ", {"CARDS_BACKUPS": "no"}):
        for n in range(number):
            Path(folder, str(n)).mkdir()
            Path(folder, str(n), "cards.db").write_bytes(empty())
        apps = [App(Places(f"{folder}/{n}/cards.db", f"{folder}/{n}/config.toml")) for n in range(number)]
        try:
            yield apps
        finally:
            for app in apps:
                app.close()


def state(app: App) -> dict[str, Any]:
    """All that follows from the log: of each card, of the settings, and which events stand."""
    standing = [event for event in app.store.events(standing=True) if not is_aside(event)]
    return {
        "memories": {card: app.store.memory(card) for card in CARDS},
        "settings": app.store.settings(),
        "standing": [event.id for event in standing],
        "former": app.store.aliases(),
    }


def is_aside(event: Event) -> bool:
    """A restore, which says nothing of a card by itself, and what is never taken back."""
    return isinstance(event, Restore) or (isinstance(event, Mark) and event.mark == "redact")


def saved(app: App) -> str:
    """A backup of this moment."""
    path = f"{app.places.database}-then.db.gz"
    backup.make(app.places.database, path)
    return path


def go_back(app: App, path: str, *, only_missing: bool = False) -> restoring.Outlook:
    """A restore, and what it had said that it would do."""
    with restoring.opened(app, path) as source:
        told = restoring.outlook(app, source, only_missing=only_missing)
        if not told.is_nothing:
            restoring.restore(app, source, only_missing=only_missing)
    return told


@st.composite
def two_logs(draw: Any) -> tuple[list[Event], list[Event]]:
    """What happened before a backup, and what happened after it: undos of either among that.

    No text is taken out: that stays so, and its mark is the last event of its card.
    """
    whole = [event for event in draw(logs(max_size=10)) if not is_aside(event)]
    more = draw(st.lists(reviews() | renames() | undos(names), max_size=6, unique_by=lambda event: event.id))
    targets = [event.id for event in (*whole, *more)]
    if targets:
        more += draw(st.lists(undos(st.sampled_from(targets)), max_size=3, unique_by=lambda event: event.id))
    place = draw(st.integers(0, len(whole)))
    known = {event.id for event in whole}
    return whole[:place], [*whole[place:], *(event for event in more if event.id not in known)]


# ---------------------------------------------------------------- the laws


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs())
def test_a_restore_leads_back_and_its_undo_forward_again(log):
    """Actions, a backup, more actions, a restore: all is as at the backup; an undo: all is as before the restore."""
    before, after = log
    with homes() as (app,):
        app.store.append(before)
        then, path = state(app), saved(app)
        app.store.append(after)
        now = state(app)

        told = go_back(app, path)
        assert then == state(app)
        if not told.is_nothing:
            app.undo()
        assert now == state(app)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs(), st.data())
def test_a_restore_brings_what_is_missing(log, data):
    """A home that lost some of its events, and has others, says afterwards what the backup says."""
    before, after = log
    kept = data.draw(st.sets(st.sampled_from(range(len(before)))) if before else st.just(set()))
    with homes(2) as (first, second):
        first.store.append(before)
        then, path = state(first), saved(first)
        second.store.append([*(before[n] for n in sorted(kept)), *after])

        told = go_back(second, path)
        assert then == state(second)
        assert not second.store.count_unknown([event.id for event in before])
        assert told.missing == len(
            {e.id for e in before} - {e.id for n, e in enumerate(before) if n in kept} - {e.id for e in after}
        )


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs())
def test_only_missing_is_the_union(log):
    """What is missing comes, nothing that is here goes: the union of both logs."""
    before, after = log
    with homes(3) as (first, second, both):
        first.store.append(before)
        second.store.append(after)
        both.store.append([*before, *after])
        go_back(second, saved(first), only_missing=True)

        assert state(both) == state(second)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs())
def test_what_is_told_is_what_happens(log):
    """The counts of the preview are those of the events that stood and no longer do, or do again."""
    before, after = log
    with homes() as (app,):
        app.store.append(before)
        path = saved(app)
        app.store.append(after)
        now = set(state(app)["standing"])
        told = go_back(app, path)
        then = set(state(app)["standing"])

        assert len(now - then) == sum(told.going.takes.values())
        assert len(then - now) == sum(told.going.revives.values())
        assert go_back(app, path).is_nothing
