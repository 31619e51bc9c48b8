"""Thirty study days of `cards review --plain` under a frozen clock, against SM-2 computed a second time."""

import re
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from cli.inside import cards, progress
from oracle import Known, after

FIRST = date(2026, 3, 1)
DAYS = 30
NAMES = [f"d/c{number:02}" for number in range(14)]
NEW_PER_DAY = 2
ASKED = re.compile(r"^(?:card \d+ of \d+|\d+ cards? to come back): (\S+), (new|review|drill)", re.MULTILINE)


@pytest.fixture
def month(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with one small deck, two new cards a day, and the six grades."""
    monkeypatch.setenv("CARDS_NOW", f"{FIRST}T18:00:00+01:00")
    deck = "".join(f"  - {{id: {name[2:]}, front: f, back: b}}\n" for name in NAMES)
    cards("import", deck_file(f"deck: d\ncards:\n{deck}"), check=True)
    cards("config", "new_per_day", NEW_PER_DAY, check=True)
    cards("config", "grades", "0-5", check=True)
    return home


def script(day: date) -> list[int]:
    """More grades than the day can need: failures, hesitations and successes, ending in successes."""
    dice = Random(day.toordinal())
    return [*dice.choices(range(6), (2, 3, 3, 4, 9, 5), k=40), *[4] * 40]


def due(known: dict[str, Known], day: date) -> set[str]:
    return {card for card, one in known.items() if one.due <= day}


def row(known: Known | None) -> tuple[object, ...]:
    if known is None:
        return 0, None, None, None, 0
    return known.repetitions, float(known.ease), known.interval_days, known.due.isoformat(), known.lapses


def rows() -> dict[str, tuple[object, ...]]:
    fields = ("repetitions", "ease", "interval_days", "due", "lapses")
    return {card: tuple(one[name] for name in fields) for card, one in progress().items()}


def inside(*args: str, input: str, env: dict[str, str], check: bool) -> object:  # noqa: A002  (as `run` of conftest)
    """`run` without a process: starting thirty takes longer than what they do."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        return cards(*args, stdin=input, check=check)


def sit(run, day: date) -> list[tuple[str, str, int]]:
    """One evening: (card, phase, grade), in the order of asking."""
    grades = script(day)
    lines = "".join(f"\n{grade}\n" for grade in grades)
    done = run("review", "--plain", input=lines, env={"CARDS_NOW": f"{day}T18:00:00+01:00"}, check=True)
    assert "" == done.err
    asked = ASKED.findall(done.out)
    return [(card, phase, grade) for (card, phase), grade in zip(asked, grades, strict=False)]


def test_a_month_follows_the_golden_table(month: Path, monkeypatch: pytest.MonkeyPatch):
    """Every day exactly the due cards are asked, failures come back until 4, and the schedule is SM-2's."""
    known: dict[str, Known] = {}
    grades_seen: set[int] = set()
    for number in range(DAYS):
        day = FIRST + timedelta(days=number)
        monkeypatch.setenv("CARDS_NOW", f"{day}T18:00:00+01:00")
        fresh = [name for name in NAMES if name not in known][:NEW_PER_DAY]

        asked = sit(inside, day)

        first = [(card, phase, grade) for card, phase, grade in asked if phase != "drill"]
        assert due(known, day) == {card for card, phase, _ in first if phase == "review"}, day
        assert fresh == [card for card, phase, _ in first if phase == "new"], day
        assert len(first) == len({card for card, _, _ in first})
        last = {card: grade for card, _, grade in asked}
        assert all(grade >= 4 for grade in last.values()), day
        drilled = {card for card, phase, _ in asked if phase == "drill"}
        assert {card for card, _, grade in first if grade < 4} == drilled, day
        known |= {card: after(known.get(card), grade, day) for card, _, grade in first}
        assert {name: row(known.get(name)) for name in NAMES} == rows(), day
        grades_seen |= {grade for _, _, grade in first}
    assert set(range(6)) == grades_seen
    assert any(one.lapses for one in known.values())


def test_a_second_sitting_on_the_same_day_is_empty(month: Path, run):
    """What was graded stays graded: nothing is asked twice, and the schedule does not move."""
    sit(run, FIRST)
    before = rows()

    assert [] == sit(run, FIRST)
    assert before == rows()


def test_what_is_left_to_drill_survives_the_process(month: Path, run):
    """A card failed in a sitting that was cut off comes back in the next one of that day, and not the day after."""
    run("review", "--plain", input="\n1\n", env={"CARDS_NOW": f"{FIRST}T18:00:00+01:00"}, check=True)

    later = run("review", "--plain", input="\n4\n\n", env={"CARDS_NOW": f"{FIRST}T23:00:00+01:00"}, check=True)
    tomorrow = run("review", "--plain", env={"CARDS_NOW": f"{FIRST + timedelta(days=1)}T05:00:00+01:00"}, check=True)

    assert [("d/c01", "new"), ("d/c00", "drill")] == ASKED.findall(later.out)
    assert [("d/c00", "review")] == ASKED.findall(tomorrow.out)


def test_after_midnight_is_still_the_same_evening(month: Path, run):
    """The study day ends at 04:00: at 03:59 drills are left, at 04:00 it is another day."""
    run("review", "--plain", input="\n1\n\n5\n", env={"CARDS_NOW": f"{FIRST}T23:50:00+01:00"}, check=True)
    night = {"CARDS_NOW": f"{FIRST + timedelta(days=1)}T03:59:00+01:00"}
    morning = {"CARDS_NOW": f"{FIRST + timedelta(days=1)}T04:00:00+01:00"}

    assert [("d/c00", "drill")] == ASKED.findall(run("review", "--plain", env=night, check=True).out)
    assert [("d/c00", "review")] == ASKED.findall(run("review", "--plain", env=morning, check=True).out)
