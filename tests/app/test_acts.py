"""What an app does on behalf of a person: marks and undos, whatever the clock and other terminals do."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier

import pytest

from flashcards.app import App
from flashcards.log import from_line
from flashcards.model import CardId, Event, Mark

CARDS = 40


def test_two_terminals_that_undo_at_once_take_back_two_actions(home: Path):
    """No action is taken back twice while another, named as taken back, stands."""
    app = App()
    for number in range(CARDS):
        app.mark([CardId(f"d/c{number}")], "flag")
    app.close()

    start = Barrier(2)
    with ThreadPoolExecutor(2) as terminals:
        taken = list(terminals.map(lambda _: _undo_half(start.wait), range(2)))

    assert CARDS == len({event.id for events in taken for event in events})


def test_what_a_person_does_stands_behind_what_a_fast_clock_did(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A card put away while the clock ran an hour ahead can be resumed before that hour is over."""
    card, app = CardId("d/a"), App()
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T19:00:00Z")
    app.mark([card], "suspend")
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00Z")

    changed = app.mark([card], "resume")
    app.close()

    assert not changed[card].suspended


def test_a_reset_takes_back_however_much_stands_later(home: Path, monkeypatch: pytest.MonkeyPatch):
    """More than one event may name; one undo leads back."""
    card, app = CardId("d/a"), App()
    lines = (f'{{"card":"d/a","grade":4,"at":"2027-11-22T18:00:0{n % 10}Z","offset":{n}}}' for n in range(1_001))
    app.store.append([from_line(line, ordinal=n) for n, line in enumerate(lines)])
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00Z")

    fresh = app.mark([card], "reset")[card]
    app.undo()
    back = app.store.memory(card)
    app.close()

    assert ("2026", "2027") == (fresh.order[0][:4], back.order[0][:4])


def test_the_end_of_the_calendar_is_no_error(home: Path, monkeypatch: pytest.MonkeyPatch):
    """Behind the last millisecond there is no place to stand; the mark is kept with its true moment."""
    card, app = CardId("d/a"), App()
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00Z")
    app.store.append([from_line('{"card":"d/a","grade":4,"at":"9999-12-31T23:59:59.999Z","day":"9999-12-31"}')])

    app.mark([card], "flag")
    at = [event.at for event in app.store.events() if isinstance(event, Mark)]
    app.close()

    assert [datetime(2026, 11, 22, 18, tzinfo=UTC)] == at


def test_cards_put_away_together_come_back_together(home: Path):
    """What one command did to several cards is one action to undo."""
    cards, app = [CardId("d/a"), CardId("d/b")], App()
    app.mark(cards, "suspend")
    app.mark(cards, "unbury", "resume")

    again = app.undo()
    suspended = [app.store.memory(card).suspended for card in cards]
    app.undo()
    free = [app.store.memory(card).suspended for card in cards]
    app.close()

    assert (4, [True, True], [False, False]) == (len(again), suspended, free)


def _undo_half(begin: Callable[[], int]) -> list[Event]:
    app = App()
    try:
        assert app.store.path
        begin()
        return [event for _ in range(CARDS // 2) for event in app.undo()]
    finally:
        app.close()
