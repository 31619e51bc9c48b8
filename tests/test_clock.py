"""The clock: which study day a moment belongs to, and what `CARDS_NOW` does."""

import time as system_time
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from freezegun import freeze_time
from hypothesis import given
from hypothesis import strategies as st

from flashcards import clock
from flashcards.clock import DAY_START, offset_minutes, parse_day_start, study_day
from flashcards.errors import BadRequest

ZONES = tuple(
    map(
        ZoneInfo,
        (
            "UTC",
            "Asia/Kathmandu",
            "Australia/Lord_Howe",
            "Pacific/Honolulu",
            "Pacific/Kiritimati",
            "Europe/Dublin",
            "Europe/Berlin",
            "Pacific/Chatham",
        ),
    )
)
zones = st.sampled_from(ZONES)
moments = st.datetimes(datetime(1975, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))
day_starts = st.sampled_from((time(0), time(23, 59), DAY_START)) | st.times().map(lambda t: t.replace(microsecond=0))


def jumps_back(one: datetime, other: datetime, zone: ZoneInfo) -> bool:
    """Whether wall clocks were set back between two moments, less than a day apart."""
    return offset_minutes(other, zone) < offset_minutes(one, zone)


# ---------------------------------------------------------------- study days: laws


@given(moments, st.timedeltas(timedelta(0), timedelta(hours=30)), zones, day_starts)
def test_study_days_do_not_run_backwards(at, wait, zone, day_start):
    """Later is the same day or a later one, unless wall clocks were set back in between."""
    earlier, later = study_day(at, zone, day_start), study_day(at + wait, zone, day_start)

    assert earlier <= later or jumps_back(at, at + wait, zone)


@given(moments, zones)
def test_study_days_of_four_o_clock_never_run_backwards(at, zone):
    """No zone here sets its clocks back across 04:00, so with the default not even those nights do."""
    days = [study_day(at + timedelta(minutes=20 * step), zone) for step in range(80)]

    assert sorted(days) == days


@given(moments, zones, day_starts)
def test_study_day_is_the_local_date_or_the_one_before(at, zone, day_start):
    """Against the wall: from `day_start` on it is today, before it yesterday."""
    wall = at.astimezone(zone)
    expected = wall.toordinal() - (1 if (wall.hour, wall.minute, wall.second) < astuple(day_start) else 0)

    assert expected == study_day(at, zone, day_start).toordinal()


def astuple(day_start: time) -> tuple[int, int, int]:
    """Hour, minute, second."""
    return day_start.hour, day_start.minute, day_start.second


@given(moments, zones, zones, day_starts)
def test_study_day_does_not_ask_how_the_moment_is_written(at, written, zone, day_start):
    """One moment, one study day, whichever zone its `datetime` carries."""
    assert study_day(at, zone, day_start) == study_day(at.astimezone(written), zone, day_start)


@given(moments, zones)
def test_midnight_makes_study_days_calendar_days(at, zone):
    """`day_start` 00:00 is the date on the wall."""
    assert at.astimezone(zone).date() == study_day(at, zone, time(0))


# ---------------------------------------------------------------- study days: by hand

BERLIN, DUBLIN, LORD_HOWE = ZoneInfo("Europe/Berlin"), ZoneInfo("Europe/Dublin"), ZoneInfo("Australia/Lord_Howe")


@pytest.mark.parametrize(
    ("at", "zone", "expected"),
    [
        ("2026-11-22T03:59:59.999999+00:00", "UTC", "2026-11-21"),
        ("2026-11-22T04:00:00+00:00", "UTC", "2026-11-22"),
        ("2026-11-22T03:59:59+05:45", "Asia/Kathmandu", "2026-11-21"),
        ("2026-11-22T04:00:00+05:45", "Asia/Kathmandu", "2026-11-22"),
        ("2026-11-21T22:14:59+00:00", "Asia/Kathmandu", "2026-11-21"),
        ("2026-11-21T22:15:00+00:00", "Asia/Kathmandu", "2026-11-22"),
        ("2026-11-22T13:59:59+00:00", "Pacific/Honolulu", "2026-11-21"),
        ("2026-11-22T14:00:00+00:00", "Pacific/Honolulu", "2026-11-22"),
        ("2026-11-22T13:59:59+00:00", "Pacific/Kiritimati", "2026-11-22"),
        ("2026-11-22T14:00:00+00:00", "Pacific/Kiritimati", "2026-11-23"),
        ("2026-11-21T14:14:59+00:00", "Pacific/Chatham", "2026-11-21"),
        ("2026-11-21T14:15:00+00:00", "Pacific/Chatham", "2026-11-22"),
        # the clock goes from 02:00 to 03:00, and back from 03:00 to 02:00
        ("2026-03-29T01:59:59+00:00", "Europe/Berlin", "2026-03-28"),
        ("2026-03-29T02:00:00+00:00", "Europe/Berlin", "2026-03-29"),
        ("2026-10-25T02:59:59+00:00", "Europe/Berlin", "2026-10-24"),
        ("2026-10-25T03:00:00+00:00", "Europe/Berlin", "2026-10-25"),
        # Ireland: winter is the exception there, with a negative change
        ("2026-03-29T02:59:59+00:00", "Europe/Dublin", "2026-03-28"),
        ("2026-03-29T03:00:00+00:00", "Europe/Dublin", "2026-03-29"),
        ("2026-10-25T03:59:59+00:00", "Europe/Dublin", "2026-10-24"),
        ("2026-10-25T04:00:00+00:00", "Europe/Dublin", "2026-10-25"),
        # half an hour: 02:00 back to 01:30, and 02:00 on to 02:30
        ("2026-04-04T17:29:59+00:00", "Australia/Lord_Howe", "2026-04-04"),
        ("2026-04-04T17:30:00+00:00", "Australia/Lord_Howe", "2026-04-05"),
        ("2026-10-03T16:59:59+00:00", "Australia/Lord_Howe", "2026-10-03"),
        ("2026-10-03T17:00:00+00:00", "Australia/Lord_Howe", "2026-10-04"),
        # Kiribati's Line Islands left out 1994-12-31
        ("1994-12-31T09:59:59+00:00", "Pacific/Kiritimati", "1994-12-30"),
        ("1994-12-31T14:00:00+00:00", "Pacific/Kiritimati", "1995-01-01"),
    ],
)
def test_study_day_begins_at_four(at, zone, expected):
    """03:59:59 belongs to the day before and 04:00 to the day, also in nights with a change of clocks."""
    actual = study_day(datetime.fromisoformat(at), ZoneInfo(zone))

    assert date.fromisoformat(expected) == actual


@pytest.mark.parametrize(
    ("at", "day_start", "expected"),
    [
        ("2026-03-29T00:59:59+00:00", time(2, 30), "2026-03-28"),
        ("2026-03-29T01:00:00+00:00", time(2, 30), "2026-03-29"),
        ("2026-10-25T00:29:59+00:00", time(2, 30), "2026-10-24"),
        ("2026-10-25T00:30:00+00:00", time(2, 30), "2026-10-25"),
        ("2026-10-25T01:30:00+00:00", time(2, 30), "2026-10-25"),
        ("2026-11-22T22:58:59+00:00", time(23, 59), "2026-11-21"),
        ("2026-11-22T22:59:00+00:00", time(23, 59), "2026-11-22"),
        ("2026-11-22T22:59:59+00:00", time(0), "2026-11-22"),
        ("2026-11-22T23:00:00+00:00", time(0), "2026-11-23"),
    ],
)
def test_other_starts_of_the_day_in_berlin(at, day_start, expected):
    """A start inside the missing hour counts from its end; one in the doubled hour from its first coming."""
    actual = study_day(datetime.fromisoformat(at), BERLIN, day_start)

    assert date.fromisoformat(expected) == actual


def test_offset_is_minutes_east_of_utc():
    """Summer and winter, half and quarter hours, west is negative."""
    summer, winter = datetime(2026, 7, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    expected = [0, 345, 630, 660, -600, 840, 60, 0, 120, 60, 765, 825]

    actual = [
        offset_minutes(summer, ZONES[0]),
        offset_minutes(summer, ZONES[1]),
        *(offset_minutes(at, LORD_HOWE) for at in (summer, winter)),
        offset_minutes(summer, ZONES[3]),
        offset_minutes(summer, ZONES[4]),
        *(offset_minutes(at, DUBLIN) for at in (summer, winter)),
        *(offset_minutes(at, BERLIN) for at in (summer, winter)),
        *(offset_minutes(at, ZONES[7]) for at in (summer, winter)),
    ]

    assert expected == actual


@pytest.mark.skipif(not hasattr(system_time, "tzset"), reason="the zone of a process can only be set on POSIX")
def test_no_zone_is_the_machines_own(monkeypatch):
    """`None` follows the zone of the machine, with its change of clocks on that day."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    system_time.tzset()
    try:
        moments = [datetime(2026, 3, 29, 1, 59, tzinfo=UTC), datetime(2026, 3, 29, 2, 0, tzinfo=UTC)]

        actual = [(study_day(at, None).isoformat(), offset_minutes(at, None)) for at in moments]
    finally:
        monkeypatch.undo()
        system_time.tzset()

    assert [("2026-03-28", 120), ("2026-03-29", 120)] == actual


# ---------------------------------------------------------------- day_start as text


@pytest.mark.parametrize(
    ("text", "expected"), [("04:00", time(4)), ("4:30", time(4, 30)), ("00:00", time(0)), ("23:59", time(23, 59))]
)
def test_time_of_day_is_hours_and_minutes(text, expected):
    """From midnight to a minute before it."""
    assert expected == parse_day_start(text)


@pytest.mark.parametrize(
    "text", ["", "4", "24:00", "12:60", "-1:00", "04:00:00", "four:am", "4.5:00", ":", "\ud800:00"]
)
def test_other_texts_are_no_time_of_day(text):
    """The error names the text and shows the form."""
    with pytest.raises(BadRequest) as caught:
        parse_day_start(text)

    assert f"`{text}` is not a time of day" == caught.value.message
    assert "04:00" in caught.value.hint


# ---------------------------------------------------------------- now


@pytest.fixture(autouse=True)
def _no_frozen_calendar(monkeypatch):
    monkeypatch.delenv("CARDS_NOW", raising=False)


def test_now_is_the_moment_in_whole_milliseconds():
    """Aware, UTC, cut and not rounded; freezegun reaches it."""
    with freeze_time("2026-11-22T18:03:11.412999Z"):
        actual = clock.now()

    assert datetime(2026, 11, 22, 18, 3, 11, 412_000, tzinfo=UTC) == actual
    assert UTC is actual.tzinfo


def test_now_without_help_is_the_present():
    """Between two readings of the system's clock."""
    before = datetime.now(UTC) - timedelta(milliseconds=1)

    actual = clock.now()

    assert before <= actual <= datetime.now(UTC)
    assert not clock.is_frozen()
    assert clock.zone() is None


@pytest.mark.parametrize(
    ("text", "moment", "minutes"),
    [
        ("2026-11-22T18:00:00+01:00", "2026-11-22T17:00:00", 60),
        ("2026-11-22T18:00:00.1239-09:30", "2026-11-23T03:30:00.123", -570),
        ("2026-11-22T18:00Z", "2026-11-22T18:00:00", 0),
        ("1971-01-01T00:00+14:00", "1970-12-31T10:00:00", 840),
        ("8999-12-31T23:59-12:00", "9000-01-01T11:59:00", -720),
    ],
)
def test_cards_now_freezes_moment_and_offset(monkeypatch, text, moment, minutes):
    """The moment in UTC; the offset it was written with is where the person is."""
    monkeypatch.setenv("CARDS_NOW", text)

    actual = clock.now()

    assert datetime.fromisoformat(moment).replace(tzinfo=UTC) == actual == clock.now()
    assert UTC is actual.tzinfo
    assert minutes == offset_minutes(actual, clock.zone())
    assert clock.is_frozen()


def test_cards_now_decides_the_study_day(monkeypatch):
    """Half past three at +14:00 is still the evening before, wherever the machine stands."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T03:30:00+14:00")

    actual = study_day(clock.now(), clock.zone())

    assert date(2026, 11, 21) == actual
    assert timezone(timedelta(hours=14)) == clock.zone()


@pytest.mark.parametrize(
    "text", [" ", "today", "2026-11-22", "2026-11-22T18:00:00", "1795355991", "2026-02-30T00:00Z", "2026-11-22T25:00Z"]
)
def test_other_texts_are_no_moment(monkeypatch, text):
    """The error names the text and shows the form, whoever asks first."""
    monkeypatch.setenv("CARDS_NOW", text)

    for ask in (clock.now, clock.zone):
        with pytest.raises(BadRequest) as caught:
            ask()

        assert f"CARDS_NOW is `{text}`, which is not a moment with its offset" == caught.value.message
        assert "write it as 2026-11-22T18:00:00+01:00" == caught.value.hint


@pytest.mark.parametrize(
    "text", ["0001-01-01T00:00+05:00", "1970-12-31T23:59Z", "9000-01-01T00:00Z", "9999-12-31T23:59-05:00"]
)
def test_moments_far_away_are_refused(monkeypatch, text):
    """Ids count milliseconds from 1970, and due days need a calendar to fall on."""
    monkeypatch.setenv("CARDS_NOW", text)

    with pytest.raises(BadRequest, match="too far away") as caught:
        clock.now()

    assert "choose a year from 1971 to 8999" == caught.value.hint


def test_an_empty_cards_now_freezes_nothing(monkeypatch):
    """An empty variable is none."""
    monkeypatch.setenv("CARDS_NOW", "")

    assert not clock.is_frozen()
    assert clock.zone() is None


def test_ticks_only_go_forward_and_ignore_cards_now(monkeypatch):
    """Durations are measured even where the calendar is frozen."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00Z")
    before = system_time.monotonic()

    actual = [clock.ticks(), clock.ticks()]

    assert before <= actual[0] <= actual[1] <= system_time.monotonic()
