"""The forecast as a calendar, read back by the library that wrote it."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli.inside import cards
from icalendar import Calendar, Event

from flashcards import stats
from flashcards.app import App, calendar_out
from flashcards.app.calendar_out import Wanted

TODAY = date(2026, 11, 22)
DECKS = {
    "a.yaml": "deck: a\ncards: [{id: x, front: 1, back: 1}, {id: y, front: 2, back: 2}, {id: z, front: 3, back: 3}]\n",
    "b.yaml": "deck: b\ncards: [{id: x, front: 4, back: 4}, {id: new, front: 5, back: 5, after: [x]}]\n",
}


@pytest.fixture
def learnt(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two decks: a card that is overdue, three that come back tomorrow, one that is new."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-16T18:00:00+00:00")
    cards("import", *(deck_file(text, name) for name, text in DECKS.items()), check=True)
    cards("review", "a", "--plain", "--limit", "1", stdin="\n3\n", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    cards("review", "--plain", "--new", "3", "--reviews", "0", stdin="\n3\n" * 3, check=True)
    return home


def events(*args: object) -> list[Event]:
    """The events of the calendar that the command writes."""
    return list(Calendar.from_ical(cards("export", "calendar", *args, check=True).out).walk("VEVENT"))


def test_each_day_with_due_cards_has_an_event(learnt: Path) -> None:
    """The whole day, what comes due and of which deck; overdue cards today, new ones never; nobody is made busy."""
    today, tomorrow = events()

    assert [("1 card due", TODAY, "a: 1"), ("3 cards due", TODAY + timedelta(days=1), "a: 2\nb: 1")] == [
        (event["summary"], event.decoded("dtstart"), event["description"]) for event in (today, tomorrow)
    ]
    assert TODAY + timedelta(days=1) == today.decoded("dtend")
    assert ("TRANSPARENT", datetime(2026, 11, 22, 18, tzinfo=UTC)) == (today["transp"], today.decoded("dtstamp"))
    assert not today.walk("VALARM")


def test_the_events_are_the_forecast(learnt: Path) -> None:
    """The numbers are those of the statistics, for any number of days, of all decks or of some."""
    app = App()
    try:
        for decks in [(), ("a",), ("b",), ("a", "b")]:
            dues = [(due, n) for deck, due, n in app.store.dues_by_deck(date.max) if not decks or deck in decks]
            days = [due for due, n in dues for _ in range(n)]
            for length in (1, 2, 400):
                found = calendar_out.ahead(app, Wanted(decks=decks, days=length))
                numbers = {one.day: one.cards for one in found}
                assert stats.forecast(days, TODAY, length) == [
                    numbers.get(TODAY + timedelta(days=place), 0) for place in range(length)
                ]
    finally:
        app.close()


def test_the_same_day_keeps_its_name_and_counts_up(learnt: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later export takes the place of the earlier one: same names, a later stamp, a greater number."""
    before = events()
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T19:00:00+00:00")
    after = events()

    assert [event["uid"] for event in before] == [event["uid"] for event in after]
    assert all(old["sequence"] < new["sequence"] for old, new in zip(before, after, strict=True))
    assert all(old.decoded("dtstamp") < new.decoded("dtstamp") for old, new in zip(before, after, strict=True))
    assert 4 == len({event["uid"] for event in [*before, *events("--deck", "a")]})
    assert [event["uid"] for event in events("-d", "a", "-d", "b")] == [e["uid"] for e in events("-d", "b", "-d", "a")]


def test_an_event_at_a_time_rings_if_asked(learnt: Path) -> None:
    """The time has no zone, so that it goes along on a journey; the length is what the cards take."""
    first, _ = events("--time", "08:00", "--alarm")

    assert datetime(2026, 11, 22, 8, 0) == first.decoded("dtstart")
    assert timedelta(minutes=5) == first.decoded("dtend") - first.decoded("dtstart")
    assert [timedelta(0)] == [alarm.decoded("trigger") for alarm in first.walk("VALARM")]


def test_a_time_before_the_day_begins_is_of_the_night_after(learnt: Path) -> None:
    """At one in the night it is still the study day before."""
    first, _ = events("--time", "01:00")

    assert datetime(2026, 11, 23, 1, 0) == first.decoded("dtstart")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--alarm"], "error: --alarm needs a time to ring at\nhint: as in: --time 08:00 --alarm\n"),
        (["--time", "8"], "error: `8` is not a time of day\nhint: write it as HH:MM, such as 04:00\n"),
    ],
)
def test_wishes_that_make_no_sense_are_refused(home: Path, args: list[str], said: str) -> None:
    """Nothing is written, not even a database."""
    assert (2, "", said) == cards("export", "calendar", *args)
    assert not home.exists()


def test_a_file_has_the_line_ends_of_the_format(learnt: Path, tmp_path: Path) -> None:
    """Every line ends as the format asks, in a file too."""
    cards("export", "calendar", "-o", tmp_path / "cards.ics", check=True)
    data = (tmp_path / "cards.ics").read_bytes()

    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.count(b"\n") == data.count(b"\r\n")


def test_nothing_due_is_an_empty_calendar(home: Path) -> None:
    """A calendar that somebody subscribed to stays one."""
    assert [] == events()
