"""Study days: whatever the zone, the change of clocks, the journey or the error of a clock, a card has its day."""

import json
import os
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pytest
from cli.inside import cards as run_here
from cli.inside import progress
from desk import MemoryDesk, cards
from homes import places
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from oracle import Known, after
from thorough import times

from flashcards.app import App
from flashcards.app.planning import Asked
from flashcards.app.reviewing import Wish
from flashcards.app.reviewing import sit as sitting
from flashcards.app.streaks import current
from flashcards.app.streaks import streaks as app_streaks
from flashcards.clock import now as clock_now
from flashcards.clock import offset_minutes, study_day, zone
from flashcards.due import Caps, Rules
from flashcards.log import next_id, to_line
from flashcards.model import CardId, Grade, Review, Undo
from flashcards.replay import replay
from flashcards.schedulers.sm2 import Sm2
from flashcards.session import Answer, Done, Question
from flashcards.stats import Moment, gaps, lived, spared
from flashcards.stats import streaks as all_streaks

ZONES = (
    "UTC",
    "Africa/Casablanca",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Asia/Tokyo",
    "Australia/Lord_Howe",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Honolulu",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)
DAY_STARTS = (time(0), time(4), time(12), time(23, 59))
EDGES = (
    ("America/St_Johns", datetime(2006, 10, 29, 2, tzinfo=UTC)),  # one minute past midnight, back to the evening before
    ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),  # a country that jumped over a date
    ("Pacific/Kiritimati", datetime(1994, 12, 31, 10, tzinfo=UTC)),
)
AROUND = [timedelta(minutes=n) for n in (*range(-1800, -130, 30), *range(-130, 130), *range(130, 1800, 30))]
"""Every minute where clocks may go back by two hours, and every half hour of the days around it."""
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
WEEK = timedelta(days=7)


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The hours of 2026 and 2027 in which the clocks of a zone change."""
    here, hour = ZoneInfo(zone), timedelta(hours=1)
    hours = [datetime(2026, 1, 1, tzinfo=UTC) + hour * n for n in range(2 * 365 * 24)]
    return tuple(b for a, b in pairwise(hours) if offset_minutes(a, here) != offset_minutes(b, here))


def wall_day(at: datetime, zone: ZoneInfo, day_start: time) -> date:
    """What the wall says alone: its date, or before `day_start` the one before."""
    wall = at.astimezone(zone)
    return wall.date() - timedelta(days=wall.time() < day_start)


# ---------------------------------------------------------------- every zone, every change of clocks, every start


@pytest.mark.parametrize("day_start", DAY_STARTS, ids=str)
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_that_has_begun_never_begins_again(zone, day_start):
    """Around each change of clocks a study day is the latest that the wall has shown, so it never runs back."""
    here, special = ZoneInfo(zone), [at for name, at in EDGES if name == zone]
    for change in [*changes(zone), *special, NOON]:
        latest = date.min
        for at in (change + minutes for minutes in AROUND):
            latest = max(latest, wall_day(at, here, day_start))
            assert latest == study_day(at, here, day_start), at


@pytest.mark.parametrize(("zone", "at"), EDGES)
def test_the_day_that_a_country_jumped_over_is_nobodys(zone, at):
    """At the date line the study days go on with the next date that there is, and none is shown twice."""
    days = [study_day(at + minutes, ZoneInfo(zone), time(0)) for minutes in AROUND]

    assert sorted(days) == days
    assert len(set(days)) in {3, 4}


# ---------------------------------------------------------------- journeys, with the schedule computed a second time


class Stop(NamedTuple):
    """A sitting: so many hours after the one before, there, with a clock that goes wrong by so much."""

    hours: float
    zone: str
    error: timedelta = timedelta()
    grades: tuple[int, ...] = (4,)


class CameUp(NamedTuple):
    """A card that came up."""

    card: str
    day: date
    phase: str
    grade: int


class Traveller:
    """Sits wherever the journey leads; the desk is the program's, the notes are kept apart from it."""

    def __init__(self, day_start: time, names: str = "abcd") -> None:
        self.desk = MemoryDesk(cards(*names), at=NOON, day_start=day_start)
        self.true = NOON
        self.asked: list[CameUp] = []

    def sit(self, stop: Stop) -> list[CameUp]:
        self.true += timedelta(hours=stop.hours)
        self.desk.at, self.desk.zone = self.true + stop.error, ZoneInfo(stop.zone)
        before, day = list(map(to_line, self.desk.events)), self.desk.day()
        session = self.desk.sitting(rules=Rules(day=day, caps=Caps(new=99, reviews=99)))
        begun = len(self.asked)
        while isinstance(session.view, Question):
            assert len(self.asked) < begun + 9, "no drill comes again once it was right"
            question = session.view
            assert isinstance(session.reveal(), Answer)
            drills = question.phase == "drill"
            grade = 4 if drills else stop.grades[len(self.asked) % len(stop.grades)]
            self.asked.append(CameUp(question.card.id, day, question.phase, grade))
            session.grade(Grade(grade))
        assert isinstance(session.view, Done)
        assert before == list(map(to_line, self.desk.events))[: len(before)], "what is stored never changes"
        assert self.desk.replayed() == self.desk.memories
        return [one for one in self.asked[begun:] if one.phase != "drill"]


def due(known: dict[str, Known], day: date) -> set[str]:
    return {card for card, one in known.items() if one.due <= day}


hops = st.builds(
    Stop,
    hours=st.floats(1, 40, allow_nan=False),
    zone=st.sampled_from(ZONES),
    error=st.just(timedelta()),
    grades=st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple),
)
THERE_AND_BACK = [Stop(9, zone) for zone in ("Pacific/Honolulu", "Asia/Tokyo", "Pacific/Honolulu", "Asia/Tokyo")]
OVER_THE_DATE_LINE = [Stop(3, zone) for zone in ("Pacific/Pago_Pago", "Pacific/Apia") * 5]
DAILY = [Stop(23, zone) for zone in ZONES[:7]]


@settings(max_examples=times(60, 1000))
@given(st.lists(hops, max_size=12), st.sampled_from(DAY_STARTS))
@example(THERE_AND_BACK, time(4))
@example(THERE_AND_BACK, time(23, 59))
@example(OVER_THE_DATE_LINE, time(0))
@example(DAILY, time(12))
def test_every_card_comes_up_on_its_day_wherever_the_person_is(journey, day_start):
    """Exactly what is due is asked at the first sitting of its day or behind it, and once a study day."""
    traveller, known = Traveller(day_start), dict[str, Known]()
    for number, stop in enumerate(journey):
        asked = traveller.sit(stop)
        day = traveller.desk.day()
        new = {"d/a", "d/b", "d/c", "d/d"} if number == 0 else set[str]()

        assert new | due(known, day) == {one.card for one in asked}
        assert len(asked) == len({one.card for one in asked})
        known |= {one.card: after(known.get(one.card), one.grade, day) for one in asked}
    scheduled = [(one.card, one.day) for one in traveller.asked if one.phase != "drill"]
    assert len(scheduled) == len(set(scheduled)), "nothing is due twice on one study day"


errors = st.sampled_from(
    [timedelta(), timedelta(days=-1), timedelta(hours=9), timedelta(hours=-9), timedelta(days=3 * 365)]
)
wrong_hops = st.builds(
    Stop,
    hours=st.floats(1, 40, allow_nan=False),
    zone=st.sampled_from(ZONES),
    error=errors,
    grades=st.lists(st.integers(0, 5), min_size=1, max_size=4).map(tuple),
)


@settings(max_examples=times(60, 1000))
@given(st.lists(wrong_hops, max_size=10), st.sampled_from(DAY_STARTS))
@example([Stop(1, "UTC"), Stop(30, "UTC", timedelta(days=-1)), Stop(1, "UTC")], time(4))
@example([Stop(1, "UTC", timedelta(days=1095)), Stop(1, "UTC"), Stop(24, "UTC")], time(4))
def test_with_clocks_that_go_wrong_no_card_is_asked_twice_on_one_study_day(journey, day_start):
    """Set back, or years ahead, and right again: what was graded for a day is not asked again for it."""
    traveller = Traveller(day_start)
    for stop in [*journey, Stop(1, "UTC")]:
        asked = traveller.sit(stop)
        due = {
            name
            for name, memory in traveller.desk.memories.items()
            if memory.state and memory.state.due <= traveller.desk.day() and memory.last_day < traveller.desk.day()
        }
        assert not due, "all that was due was asked"
        assert len(asked) == len({one.card for one in asked})
    scheduled = [(one.card, one.day) for one in traveller.asked if one.phase != "drill"]
    assert len(scheduled) == len(set(scheduled))


# ---------------------------------------------------------------- the same with a database and the commands


@pytest.fixture
def deck(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home with three cards, taken in before any journey."""
    monkeypatch.setenv("CARDS_NOW", "2026-03-01T20:00:00Z")
    text = "deck: d\ncards:\n" + "".join(f"  - {{id: {name}, front: f, back: b}}\n" for name in "abc")
    run_here("import", deck_file(text), check=True)


def sit(monkeypatch: pytest.MonkeyPatch, moment: str, grade: int = 4) -> int:
    """One sitting at a moment and an offset: how many cards came up beside drills."""
    monkeypatch.setenv("CARDS_NOW", moment)
    told = run_here("review", "--plain", stdin=f"\n{grade}\n" * 20, check=True).out
    return sum(line.startswith("card ") for line in told.splitlines())


def practise() -> None:
    """Any answer at all, so that the day is used."""
    run_here("review", "--plain", "--cram", "--limit", "1", stdin="\n4\n", check=True)


def reviews() -> list[dict[str, Any]]:
    told = map(json.loads, run_here("export", "log", check=True).out.splitlines())
    return [line for line in told if line["kind"] == "review"]


def streaks() -> tuple[int, int]:
    """The current and the longest one; the glance and the end of a sitting say the same."""
    told = json.loads(run_here("stats", "--json", check=True).out)
    app = App()
    assert told["streak_days"] == current(app)
    app.close()
    return told["streak_days"], told["longest_streak_days"]


def answer_all(app: App, grades: tuple[int, ...]) -> list[tuple[str, int]]:
    """A sitting over what comes up now, drills answered rightly; the cards that came up, with their grades."""
    session, asked = sitting(app, Wish(asked=Asked(new=99, reviews=99))).session, list[tuple[str, int]]()
    while isinstance(session.view, Question):
        card, phase = session.view.card.id, session.view.phase
        session.reveal()
        if phase == "drill":
            session.grade(Grade.GOOD)
        else:
            asked.append((card, grades[len(asked) % len(grades)]))
            session.grade(Grade(asked[-1][1]))
    return asked


@settings(max_examples=times(6, 100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(hops, min_size=1, max_size=8), st.sampled_from(DAY_STARTS))
@example(THERE_AND_BACK, time(4))
@example(OVER_THE_DATE_LINE, time(0))
def test_the_program_with_its_database_asks_the_same(deck_file, home, monkeypatch, journey, day_start):
    """The law above with a real home: commands, settings, plan and store instead of a list in memory."""
    monkeypatch.setenv("CARDS_HOME", str(home.parent / os.urandom(8).hex()))
    monkeypatch.setenv("CARDS_DAY_START", f"{day_start:%H:%M}")
    monkeypatch.setenv("CARDS_NOW", NOON.isoformat())
    text = "deck: d\ncards:\n" + "".join(f"  - {{id: {name}, front: f, back: b}}\n" for name in "abcd")
    run_here("import", deck_file(text), check=True)
    known, true = dict[str, Known](), NOON
    for number, stop in enumerate(journey):
        true += timedelta(hours=stop.hours)
        here = true.astimezone(ZoneInfo(stop.zone))
        monkeypatch.setenv("CARDS_NOW", here.isoformat(timespec="seconds"))
        day, app = study_day(true.replace(microsecond=0), here.tzinfo, day_start), App()
        lines_before = [to_line(event) for event in app.store.events()]
        asked = answer_all(app, stop.grades)
        events = [*app.store.events()]
        new = {"d/a", "d/b", "d/c", "d/d"} if number == 0 else set[str]()

        assert new | due(known, day) == {card for card, _ in asked}
        assert len(asked) == len({card for card, _ in asked})
        assert lines_before == [to_line(event) for event in events][: len(lines_before)]
        known |= {card: after(known.get(card), grade, day) for card, grade in asked}
        assert replay(events, lambda _: Sm2()) == {card: app.store.memory(CardId(card)) for card in known}
        app.close()


JOURNEYS = {
    "Honolulu to Tokyo": (
        ("2026-03-02T20:00:00-10:00", 3, 1),  # Monday evening
        ("2026-03-04T06:00:00+09:00", 3, 2),  # Wednesday morning, 15 hours later: there was no Tuesday
        ("2026-03-04T23:00:00+09:00", 0, 2),
        ("2026-03-05T07:00:00+09:00", 0, 3),
    ),
    "Tokyo to Honolulu": (
        ("2026-03-03T08:00:00+09:00", 3, 1),
        ("2026-03-02T21:00:00-10:00", 0, 2),  # it is Monday again, and Tuesday lies behind
        ("2026-03-03T09:00:00-10:00", 0, 2),
        ("2026-03-04T09:00:00-10:00", 3, 3),
    ),
    "over the date line and back": (
        ("2026-03-02T22:00:00-11:00", 3, 1),
        ("2026-03-04T01:00:00+13:00", 3, 2),  # three hours later, and before four still the third
        ("2026-03-04T05:00:00+13:00", 0, 3),
        ("2026-03-03T08:00:00-11:00", 0, 3),
        ("2026-03-03T20:00:00-11:00", 0, 3),
    ),
    "a week of hops": tuple(
        (f"2026-03-{day:02}T{hour}:00:00{offset}", asked, streak)
        for day, hour, offset, asked, streak in (
            (2, "21", "-10:00", 3, 1),
            (4, "08", "+14:00", 3, 2),
            (4, "09", "+05:45", 0, 2),
            (4, "23", "-03:30", 0, 2),
            (5, "20", "+00:00", 0, 3),
            (6, "22", "+12:45", 0, 4),
            (6, "12", "-11:00", 0, 4),
            (7, "20", "-10:00", 0, 5),
            (9, "18", "+14:00", 0, 6),
        )
    ),
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_journey(name, deck, monkeypatch: pytest.MonkeyPatch):
    """A date that is skipped hides nothing and ends no streak, and one that comes twice is one day."""
    stored: list[dict[str, Any]] = []
    for moment, asked, streak in JOURNEYS[name]:
        assert asked == sit(monkeypatch, moment), moment
        practise()
        assert (streak, streak) == streaks(), moment
        assert stored == reviews()[: len(stored)], "stored days never change"
        stored = reviews()


def test_before_the_first_answer_in_a_place_the_streak_is_there(deck, monkeypatch: pytest.MonkeyPatch):
    """Who has landed after a day that was not there has not lost the streak while the day is not done."""
    for day in (27, 28):
        sit(monkeypatch, f"2026-02-{day}T20:00:00-10:00")
        practise()
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T06:00:00+09:00")
    landed = streaks()
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T06:00:00-10:00")

    assert ((2, 2), (0, 2)) == (landed, streaks())


def test_a_clock_years_ahead_and_right_again(deck, monkeypatch: pytest.MonkeyPatch):
    """What was graded in a false year waits there, other cards go on; a reset brings it back, and can be undone."""
    monkeypatch.setenv("CARDS_NOW", "2029-03-02T20:00:00Z")
    run_here("review", "--plain", "--limit", "1", stdin="\n4\n", check=True)

    assert 2 == sit(monkeypatch, "2026-03-02T20:00:00Z")
    assert 2 == sit(monkeypatch, "2026-03-03T20:00:00Z")
    assert (2, 2) == streaks()
    stored, before = reviews(), progress()
    run_here("reset", "d/a", check=True)
    assert 1 == sit(monkeypatch, "2026-03-03T20:10:00Z")
    assert 0 == sit(monkeypatch, "2026-03-03T20:20:00Z")
    assert 1 == sit(monkeypatch, "2026-03-04T20:20:00Z")
    for _ in range(3):
        run_here("undo", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-03-03T20:00:00Z")

    assert before == progress()
    assert all(line in reviews() for line in stored), "stored days never change"
    assert {"2029-03-02", "2026-03-02", "2026-03-03", "2026-03-04"} == {line["day"] for line in reviews()}


@pytest.mark.parametrize("ahead", ["2026-03-03T05:00:00Z", "2026-03-09T20:00:00Z", "2029-03-02T20:00:00Z"])
def test_a_revision_of_a_card_that_a_false_clock_graded_counts_from_now_on(
    ahead, deck, deck_file, monkeypatch: pytest.MonkeyPatch
):
    """The card is new once, is answered once, and has its next day; an undo of the import brings back what was."""
    monkeypatch.setenv("CARDS_NOW", ahead)
    run_here("review", "--plain", "--limit", "1", stdin="\n4\n", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T20:00:00Z")
    before = progress()["d/a"]
    run_here("import", deck_file("deck: d\ncards:\n  - {id: a, front: f, back: b, rev: 2}\n"), check=True)

    assert "new" == progress()["d/a"]["state"]
    assert 1 == sit(monkeypatch, "2026-03-02T20:10:00Z")
    assert 0 == sit(monkeypatch, "2026-03-02T20:20:00Z")
    assert 1 == sit(monkeypatch, "2026-03-03T20:20:00Z")
    for _ in range(3):
        run_here("undo", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T20:00:00Z")
    assert before == progress()["d/a"]


def test_a_reset_under_a_clock_that_is_hours_ahead_lets_answers_count(deck, monkeypatch: pytest.MonkeyPatch):
    """Once the clock is right, a card that was reset is new once."""
    sit(monkeypatch, "2026-03-02T08:00:00Z")
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T23:00:00Z")
    run_here("reset", "d/a", check=True)

    assert 1 == sit(monkeypatch, "2026-03-02T14:00:00Z")
    assert 0 == sit(monkeypatch, "2026-03-02T15:00:00Z")
    assert 3 == sit(monkeypatch, "2026-03-03T15:00:00Z")
    assert {"2026-03-02", "2026-03-03"} == {line["day"] for line in reviews()}


@pytest.mark.parametrize("ahead", ["2026-03-02T23:00:00Z", "2026-03-02T21:00:00-10:00", "2026-03-03T20:00:00-11:00"])
def test_a_card_failed_under_a_clock_that_is_ahead_is_drilled_once(ahead, deck, monkeypatch: pytest.MonkeyPatch):
    """A right answer ends the drill of its study day, though the failure bears a later moment."""
    monkeypatch.setenv("CARDS_NOW", ahead)
    run_here("review", "--plain", "--limit", "1", stdin="\n1\n", check=True)
    right = "2026-03-02T14:00:00Z" if ahead < "2026-03-03" else "2026-03-03T05:00:00+14:00"
    monkeypatch.setenv("CARDS_NOW", right)
    told = run_here("review", "--plain", stdin="\n4\n" * 9, check=True).out

    assert 1 == told.count("d/a, drill")
    assert "d/a" not in run_here("review", "--plain", stdin="\n4\n", check=True).out


def test_a_clock_set_back_by_a_day_and_right_again(deck, monkeypatch: pytest.MonkeyPatch):
    """Yesterday asks nothing that today has graded, and nothing is late once the clock is right."""
    assert 3 == sit(monkeypatch, "2026-03-02T20:00:00Z")

    assert 0 == sit(monkeypatch, "2026-03-01T20:00:00Z")
    assert 0 == sit(monkeypatch, "2026-03-02T21:00:00Z")
    assert 3 == sit(monkeypatch, "2026-03-03T20:00:00Z")
    assert ["2026-03-02"] * 3 + ["2026-03-03"] * 3 == [line["day"] for line in reviews()]


def test_a_setting_holds_though_a_clock_that_ran_ahead_set_it_before(deck, monkeypatch: pytest.MonkeyPatch):
    """What a person says later counts, whatever the clocks say."""
    monkeypatch.setenv("CARDS_NOW", "2029-03-02T20:00:00Z")
    run_here("config", "day_start", "12:00", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T20:00:00Z")
    run_here("config", "day_start", "05:00", check=True)

    assert "05:00" in run_here("config", "day_start", check=True).out


def test_a_sitting_that_stays_open_on_a_flight_goes_by_the_zone_of_the_machine(home, monkeypatch: pytest.MonkeyPatch):
    """The zone is asked for anew each time."""
    monkeypatch.setenv("TZ", "Pacific/Honolulu")
    before = offset_minutes(NOON, zone())
    monkeypatch.setenv("TZ", "Asia/Tokyo")

    assert (-600, 540) == (before, offset_minutes(NOON, zone()))


def test_two_ends_of_the_date_line_at_one_real_moment(home: Path, run, deck_file):
    """In processes of their own: Kiritimati is a day or two ahead of Pago Pago, and what was graded there is not due."""
    run("import", deck_file("deck: d\ncards:\n  - {id: a, front: f, back: b}\n"), check=True)
    west, east = {"TZ": "Pacific/Pago_Pago"}, {"TZ": "Pacific/Kiritimati"}

    assert "card 1 of 1" in run("review", "--plain", input="\n4\n", env=east, check=True).out
    assert "card 1" not in run("review", "--plain", env=west, check=True).out
    run("review", "--plain", "--cram", input="\n4\n", env=west, check=True)
    log = [json.loads(line) for line in run("export", "log", check=True).out.splitlines()]
    first, second = (line for line in log if line["kind"] == "review")

    assert (14 * 60, -11 * 60) == (first["offset"], second["offset"])
    apart = (date.fromisoformat(first["day"]) - date.fromisoformat(second["day"])).days
    streak = json.loads(run("stats", "--json", env=west, check=True).out)["streak_days"]

    assert apart in {1, 2}
    assert streak in ({2} if apart == 1 else {1, 2})  # for an hour a day there is a date between the two


# ---------------------------------------------------------------- streaks


def moment(text: str) -> Moment:
    there = datetime.fromisoformat(text)
    offset = there.utcoffset() or timedelta()
    return Moment(there.astimezone(UTC), offset // timedelta(minutes=1))


@pytest.mark.parametrize(
    ("before", "behind", "missing", "expected"),
    [
        ("2026-03-02T20:00-10:00", "2026-03-04T06:00+09:00", 1, 1),
        ("2026-03-02T05:00-10:00", "2026-03-04T23:59+09:00", 1, 1),  # 47 hours 59 minutes
        ("2026-03-02T05:00-10:00", "2026-03-05T00:00+09:00", 1, 0),  # 48 hours: there was time on some day between
        ("2026-03-02T05:00-10:00", "2026-03-05T00:00+09:00", 2, 1),
        ("2026-03-02T23:00-11:00", "2026-03-05T23:30+14:00", 2, 2),
        ("2026-03-02T20:00+09:00", "2026-03-04T06:00+09:00", 1, 0),  # nobody flew
        ("2026-03-02T20:00+09:00", "2026-03-04T06:00-10:00", 1, 0),  # to the west nothing is skipped
        ("2026-03-02T20:00-10:00", "2026-03-09T06:00+09:00", 6, 2),
    ],
)
def test_days_that_a_flight_to_the_east_jumped_over_are_spared(before, behind, missing, expected):
    """The rule of docs/statistics.md, at its edges."""
    assert expected == spared(missing, moment(before), moment(behind))


flights = st.lists(st.tuples(st.floats(0.2, 22), st.sampled_from(ZONES)), min_size=1, max_size=30)


@settings(max_examples=times(150, 5000))
@given(flights, st.sampled_from(DAY_STARTS), st.floats(0, 22))
@example([(20.0, "Pacific/Honolulu"), (10.0, "Asia/Tokyo"), (10.0, "Pacific/Honolulu")] * 3, time(4), 1.0)
def test_who_answers_every_22_hours_has_an_unbroken_streak_wherever_they_are(journey, day_start, later):
    """All their study days are one streak, also while they have landed and not yet answered."""
    true, first, last = NOON, dict[date, Moment](), dict[date, Moment]()
    for hours, name in journey:
        true += timedelta(hours=hours)
        where = ZoneInfo(name)
        day, here = study_day(true, where, day_start), Moment(true, offset_minutes(true, where))
        first.setdefault(day, here)
        last[day] = here
    now, where = true + timedelta(hours=later), ZoneInfo(journey[-1][1])
    today = study_day(now, where, day_start)
    latest = max(today, lived(today, {day: one for day, one in first.items() if day > today}, now))
    here = Moment(now, offset_minutes(now, where))
    spare = {
        behind: spared((behind - before).days - 1, last[before], first.get(behind, here))
        for before, behind in gaps(first, today, latest)
    }
    found = all_streaks(first, today, spare, latest)

    assert (len(first), len(first)) == (found.current, found.longest)


@given(st.sets(st.integers(0, 40)), st.integers(0, 41))
def test_who_stays_at_home_is_spared_nothing(numbers, today):
    """Without a journey the streak is that of the dates alone."""
    days = {NOON.date() + timedelta(days=n) for n in numbers}
    now = NOON.date() + timedelta(days=today)

    assert {0} >= {
        spared((behind - before).days - 1, Moment(NOON, 60), Moment(NOON + timedelta(days=2), 60))
        for before, behind in gaps(days, now, now)
    }


@settings(max_examples=times(15, 200), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(1, 150), st.sampled_from(ZONES)), min_size=1, max_size=25), st.floats(0, 90))
def test_the_database_counts_the_same_streak(home, monkeypatch, journey, later):
    """The glance, the statistics and a reading of all moments agree on any journey, with undos among the answers."""
    folder = home.parent / os.urandom(8).hex()
    app, true, kept = App(places(folder)), NOON, list[Review]()
    for number, (hours, name) in enumerate(journey):
        true += timedelta(hours=hours)
        where = ZoneInfo(name)
        local = true.astimezone(where)
        one = Review(
            id=next_id(true, "", number),
            card=CardId("d/a"),
            grade=Grade.GOOD,
            at=true.replace(microsecond=0),
            offset_minutes=offset_minutes(true, where),
            day=study_day(true, where),
        )
        taken_back = number % 5 == 4
        undo = Undo(id=next_id(true, one.id, 0), target=one.id, at=true, device="here")
        app.store.append([one, undo] if taken_back else [one])
        kept += [] if taken_back else [one]
        monkeypatch.setenv("CARDS_NOW", (local + timedelta(hours=later)).isoformat("T", "seconds"))
    used = {one.day for one in kept}
    now = clock_now()
    latest = max(
        [
            app.today,
            *(one.day for one in kept if app.today < one.day <= app.today + timedelta(days=2) and one.at <= now),
        ]
    )
    first, last = ({one.day: Moment(one.at, one.offset_minutes) for one in some} for some in (kept[::-1], kept))
    here = Moment(now, offset_minutes(now, zone()))
    spare = {
        behind: spared((behind - before).days - 1, last[before], first.get(behind, here))
        for before, behind in gaps(used, app.today, latest)
    }
    expected = all_streaks(used, app.today, spare, latest)

    assert expected == app_streaks(app, app.store, used)
    assert expected.current == current(app)
    app.close()
