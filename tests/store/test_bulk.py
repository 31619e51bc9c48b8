"""Many events at once: the same rows, the same memories, the same guards."""

import sqlite3
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
import strategies
from hypothesis import given, settings

from flashcards.log import to_line
from flashcards.model import Baseline, CardId, EventId, Grade, Review, Undo
from flashcards.replay import replay
from flashcards.schedulers import get
from flashcards.store import Store, inserting
from flashcards.store.lines import row_of

FIRST = datetime(2026, 1, 1, 12, tzinfo=UTC)


def history(cards, days):
    for number in range(cards):
        card = CardId(f"spanish/a-{number}")
        for place in range(days):
            at = FIRST + timedelta(days=place)
            name = EventId(f"{place:012x}{number:020x}")
            yield Review(
                id=name,
                card=card,
                grade=Grade(place % 6),
                at=at,
                offset_minutes=60,
                day=at.date(),
                mode="imported",
                took_ms=place * 100,
                device='lap"top',
                batch="b" if number % 2 else None,
            )
        state = {"repetitions": 4, "ease": 2.2, "interval_days": 9, "due": "2026-03-01", "lapses": 1}
        at = FIRST + timedelta(days=days // 2, hours=1)
        yield Baseline(
            id=EventId(f"{days:012x}f{number:019x}"), card=card, scheduler="sm2", state=state, at=at, device="x"
        )


def test_a_log_that_is_filled_in_pieces_is_filled_whole(tmp_path, monkeypatch):
    """In whatever order its events come; of two with one id the first stays, be it many pieces before."""
    monkeypatch.setattr(inserting, "FIRST_AT_ONCE", 300)
    events = list(history(60, 20))
    shuffled = Random(1).sample(events, len(events))
    others = [one._replace(device="another") for one in shuffled[:40]]
    store = Store(tmp_path / "cards.db")
    try:
        changed = store.append([*shuffled, *others])

        assert replay(events, lambda _: get()) == changed
        assert sorted(map(to_line, events)) == sorted(map(to_line, store.events()))
    finally:
        store.close()


def test_many_events_give_the_memories_of_the_replay(tmp_path):
    """What was brought by the thousand equals the fold of the log; a second time adds nothing."""
    events = list(history(150, 20))
    store = Store(tmp_path / "cards.db")
    try:
        changed = store.append(events)

        expected = replay(events, lambda _: get())
        assert expected == changed
        assert expected == {card: store.memory(card) for card in expected}
        assert {} == store.append(iter(events))
        assert sorted(map(to_line, events)) == sorted(map(to_line, store.events()))
    finally:
        store.close()


def test_the_log_is_guarded_again_after_many_events(tmp_path):
    """The trigger that passes by known ids and the indexes are back, in the same words."""
    path = tmp_path / "cards.db"
    store = Store(path)
    sql = "select name, sql from sqlite_master where type in ('trigger', 'index') order by name"
    try:
        before = store._connection.execute(sql).fetchall()
        for days in (20, 40):  # an empty log, then one that has events
            store.append(history(100, days))
            assert before == store._connection.execute(sql).fetchall()
        with pytest.raises(sqlite3.IntegrityError):
            store._connection.execute("delete from events")
    finally:
        store.close()


def test_of_many_events_with_one_id_the_first_stays(tmp_path):
    """An empty log takes each id once, whatever the order in which many events come; so does one that has events."""
    events = list(history(60, 20))
    others = [event._replace(device="other") for event in reversed(events)]
    for few in ([], events[:1]):
        store = Store(tmp_path / f"{len(few)}.db")
        try:
            store.append(few)
            store.append([*reversed(events), *others])
            assert sorted(map(to_line, events)) == sorted(map(to_line, store.events()))
            store.append(others)
            assert sorted(map(to_line, events)) == sorted(map(to_line, store.events()))
        finally:
            store.close()


def test_many_events_of_which_some_were_taken_back_leave_what_stands(tmp_path):
    """Undos among many events, and undos that came before them, count as they do one by one."""
    events = list(history(80, 20))
    taken_back = [
        Undo(id=EventId(f"e{n:031x}"), target=e.id, at=FIRST, device="x") for n, e in enumerate(events[5::90])
    ]
    whole = Undo(id=EventId("f" * 31 + "0"), target="b", at=FIRST, device="x")
    expected = replay([*events, *taken_back, whole], lambda _: get())
    for first, second in (([whole], [*taken_back, *events]), ([], [*events, whole, *taken_back])):
        store = Store(tmp_path / f"{len(first)}.db")
        try:
            store.append(first)
            store.append(second)
            assert expected == {card: store.memory(card) for card in expected}
        finally:
            store.close()


@given(event=strategies.events())
@settings(max_examples=100)
def test_a_row_holds_the_line_of_the_log(event):
    """The quick way to a line and the plain one agree in every character."""
    assert to_line(event) == row_of(event)[-1]


def test_a_quick_line_is_the_plain_one():
    """The same for what an import brings."""
    for event in history(3, 3):
        assert to_line(event) == row_of(event)[-1]
        assert event.at.date() >= date(2026, 1, 1)
