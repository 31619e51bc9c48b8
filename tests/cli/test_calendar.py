"""Weeks of daily reviews in one process, with the calendar in our hand: caps, holidays, siblings, clock changes."""

import json
import os
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cli.inside import cards, progress
from freezegun import freeze_time
from oracle import Known, after

from flashcards.app import App
from flashcards.app.planning import EVERYTHING, Asked
from flashcards.app.reviewing import Wish, sit
from flashcards.model import Grade
from flashcards.session import Answer, Done, Question

BERLIN = ZoneInfo("Europe/Berlin")
START = date(2026, 10, 12)
"""Two weeks before Berlin sets its clocks back."""
VENV = Path(__file__).parents[2] / "decks" / "venv.yaml"

Day = list[tuple[str, str, int]]
"""What a sitting asked: card, phase, grade."""


@pytest.fixture
def berlin(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A home in Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield home
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


def evening(day: date, hour: int = 19, minute: int = 0) -> datetime:
    """A moment on the wall clock of Berlin."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=BERLIN)


def review(at: datetime, grade: Callable[[str, date], int] = lambda _card, _day: 4, asked: Asked = EVERYTHING) -> Day:
    """One whole sitting at the moment `at`, in the real app on the real database."""
    with freeze_time(at):
        app = App()
        try:
            session, done = sit(app, Wish(asked=asked)).session, []
            while not isinstance(session.view, Done):
                view = session.view if isinstance(session.view, Question) else session.view.question
                answer = session.reveal("" if view.typed else None)
                assert isinstance(answer, Answer)
                value = 4 if view.phase == "drill" else grade(view.card.id, app.today)
                done.append((view.card.id, view.phase, value))
                session.grade(Grade(value))
            return done
        finally:
            app.close()


def notes(at: datetime) -> tuple[str, ...]:
    """What is said before the sitting."""
    with freeze_time(at):
        app = App()
        try:
            return sit(app, Wish()).notes
        finally:
            app.close()


def names(day: Day, *phases: str) -> list[str]:
    return [card for card, phase, _ in day if phase in phases]


def many(deck_file, deck: str, number: int) -> Path:
    """A deck of `number` cards without prerequisites."""
    lines = "".join(f"  - {{id: c{n:03}, front: f, back: b}}\n" for n in range(number))
    return deck_file(f"deck: {deck}\ncards:\n{lines}", name=f"{deck}.yaml")


def imported(path: Path, *dues: tuple[str, date]) -> None:
    """Cards that were learnt on the day before each due day."""
    lines = [
        json.dumps({"card": card, "grade": 4, "at": f"{due - timedelta(days=1)}T12:00:00Z"}) + "\n"
        for card, due in dues
    ]
    path.write_text("".join(lines), encoding="utf-8")
    cards("import", path, check=True)


# ---------------------------------------------------------------- weeks


def some_failures(card: str, day: date) -> int:
    return (1, 3, 4, 5, 4)[(sum(card.encode()) + day.toordinal()) % 5]


def test_six_weeks_of_the_venv_deck_over_a_clock_change(berlin: Path):
    """Every evening exactly the due cards come, less siblings of what was asked; the schedule is SM-2's."""
    cards("import", VENV, check=True)
    known: dict[str, Known] = {}
    for number in range(42):
        day = START + timedelta(days=number)

        asked = review(evening(day), some_failures)

        due = {card for card, one in known.items() if one.due <= day}
        old, new = names(asked, "review"), names(asked, "new")
        notes_asked = [card.partition("~")[0] for card in old + new]
        assert len(notes_asked) == len(set(notes_asked)), f"siblings on {day}"
        assert set(old) <= due, day
        assert {card.partition("~")[0] for card in due - set(old)} <= set(notes_asked), day
        known |= {
            card: after(known.get(card), grade, day) for card, phase, grade in asked if phase in {"new", "review"}
        }
    with freeze_time(evening(START + timedelta(days=42))):
        told = {card: row for card, row in progress().items() if row["state"] == "review"}
    assert {card: one.due.isoformat() for card, one in known.items()} == {c: row["due"] for c, row in told.items()}
    assert {card: float(one.ease) for card, one in known.items()} == {c: row["ease"] for c, row in told.items()}
    assert len(known) > 20, "the whole deck is in use"


@pytest.mark.parametrize("change", [date(2026, 10, 25), date(2027, 3, 28)], ids=["longer night", "shorter night"])
def test_a_clock_change_neither_skips_nor_doubles_a_day(berlin: Path, deck_file, change: date):
    """A card learnt on the evening before a change of clocks is due from 04:00 on the wall, not earlier."""
    cards("import", many(deck_file, "d", 1), check=True)
    review(evening(change - timedelta(days=1), 23, 30))

    assert [] == review(evening(change, 3, 59))
    assert [("d/c000", "review", 4)] == review(evening(change, 4, 0))
    assert [] == review(evening(change, 23))


def test_a_card_learnt_after_midnight_counts_for_the_evening(berlin: Path, deck_file):
    """01:30 belongs to yesterday, so what was learnt then is due on the same morning's study day."""
    cards("import", many(deck_file, "d", 1), check=True)
    night = START + timedelta(days=1)
    review(evening(night, 1, 30))

    with freeze_time(evening(night, 9)):
        row = progress()["d/c000"]

    assert night.isoformat() == row["due"]
    assert ["d/c000"] == names(review(evening(night, 9)), "review")


def test_day_start_moves_the_border_and_leaves_history_alone(berlin: Path, deck_file):
    """With another `day_start` tonight's border is another one; days already written stay."""
    cards("import", many(deck_file, "d", 1), check=True)
    review(evening(START, 5, 0))
    with freeze_time(evening(START, 20)):
        before = progress()["d/c000"]
        cards("config", "day_start", "06:00", check=True)

    tomorrow = START + timedelta(days=1)

    assert [] == review(evening(tomorrow, 5, 59))
    assert ["d/c000"] == names(review(evening(tomorrow, 6, 0)), "review")
    assert tomorrow.isoformat() == before["due"]


# ---------------------------------------------------------------- caps and backlog


def test_the_default_caps_are_20_new_and_200_reviews(berlin: Path, deck_file, tmp_path: Path):
    """A day takes 20 new cards and 200 reviews; a second sitting that day finds nothing more."""
    cards("import", many(deck_file, "d", 300), check=True)
    imported(tmp_path / "x.jsonl", *((f"d/c{n:03}", START) for n in range(250)))

    first = review(evening(START))

    assert (200, 20) == (len(names(first, "review")), len(names(first, "new")))
    assert [] == review(evening(START, 21))


def test_a_holiday_of_two_weeks_is_spread_and_counted_apart(berlin: Path, deck_file, tmp_path: Path):
    """After a holiday the oldest due days come first, within the cap, and what waits is said once."""
    cards("import", many(deck_file, "d", 70), check=True)
    with freeze_time(evening(START)):
        cards("config", "reviews_per_day", 30, check=True)
        cards("config", "new_per_day", 0, check=True)
    dues = {f"d/c{n:03}": START + timedelta(days=n % 14) for n in range(70)}
    imported(tmp_path / "x.jsonl", *dues.items())
    back = START + timedelta(days=14)

    said = notes(evening(back))
    days = [names(review(evening(back + timedelta(days=n)), lambda _c, _d: 5), "review") for n in range(3)]

    assert 1 == len(said)
    assert said[0].startswith("40 more ")
    assert [30, 30, 10] == [len(day) for day in days]
    in_order = [dues[card] for day in days for card in day]
    assert sorted(in_order) == in_order
    assert set(dues) == {card for day in days for card in day}


def test_the_backlog_is_in_every_front_end(berlin: Path, deck_file, tmp_path: Path):
    """`cards`, `cards due` and its JSON count what today's caps leave out, apart from what comes up."""
    cards("import", many(deck_file, "d", 9), check=True)
    imported(tmp_path / "x.jsonl", *((f"d/c{n:03}", START) for n in range(9)))
    with freeze_time(evening(START)):
        cards("config", "reviews_per_day", 4, check=True)

        told = json.loads(cards("due", "--json", check=True).out)
        glance, listed = cards(check=True).out, cards("due", check=True).out

    assert (4, 4, 0, 5) == (told["due"], told["reviews"], told["new"], told["backlog"])
    assert "4 due today" in glance
    assert "5 more " in glance
    assert "5 more " in listed


def test_a_limit_a_tag_and_a_platform_are_no_backlog_of_the_caps(berlin: Path, deck_file, tmp_path: Path):
    """Cards that were not asked for are not counted as left behind."""
    path = deck_file("""
        deck: d
        cards:
          - {id: a, front: f, back: b, tags: [x]}
          - {id: b, front: f, back: b, tags: [y]}
          - {id: c, front: f, back: b, platform: [windows]}
    """)
    cards("import", path, check=True)
    imported(tmp_path / "x.jsonl", *((f"d/{name}", START) for name in "abc"))
    with freeze_time(evening(START)):
        whole = json.loads(cards("due", "--json", check=True).out)
        tagged = json.loads(cards("due", "--json", "--tag", "x", check=True).out)

    assert (2, 0) == (whole["due"], whole["backlog"])
    assert (1, 0) == (tagged["due"], tagged["backlog"])


@pytest.mark.parametrize(
    ("settings", "environment", "asked", "new"),
    [
        ([], {}, Asked(), {"a": 20}),
        ([("new_per_day", "3")], {}, Asked(), {"a": 3}),
        ([("new_per_day", "3"), ("new_per_day", "2", "--deck", "b")], {}, Asked(), {"a": 3, "b": 2}),
        ([("new_per_day", "0"), ("new_per_day", "2", "--deck", "b")], {}, Asked(), {"b": 2}),
        ([("new_per_day", "3")], {"CARDS_NEW_PER_DAY": "1"}, Asked(), {"a": 1}),
        ([("new_per_day", "2", "--deck", "a")], {"CARDS_NEW_PER_DAY": "1"}, Asked(), {"a": 1}),
        ([("new_per_day", "3"), ("new_per_day", "2", "--deck", "b")], {}, Asked(new=7), {"a": 7}),
        ([], {}, Asked(new=0), {}),
        ([], {}, Asked(limit=4), {"a": 4}),
        ([], {}, Asked(decks=("b",)), {"b": 20}),
    ],
    ids=[
        "default",
        "setting",
        "deck",
        "deck alone",
        "environment",
        "environment over deck",
        "flag",
        "none",
        "limit",
        "named",
    ],
)
def test_caps_by_setting_deck_environment_and_flag(
    berlin: Path, deck_file, monkeypatch: pytest.MonkeyPatch, settings, environment, asked, new
):
    """A flag beats the environment, that beats a deck's own value, that beats the setting."""
    cards("import", many(deck_file, "a", 25), many(deck_file, "b", 25), check=True)
    for setting in settings:
        cards("config", *setting, check=True)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    found = names(review(evening(START), asked=asked), "new")

    decks = [card.partition("/")[0] for card in found]
    assert new == {deck: decks.count(deck) for deck in dict.fromkeys(decks)}


def test_a_raised_cap_counts_what_was_done_today(berlin: Path, deck_file):
    """`--new 5` is today's cap, not five more."""
    cards("import", many(deck_file, "d", 30), check=True)
    review(evening(START), asked=Asked(new=3))

    assert 2 == len(review(evening(START, 20), asked=Asked(new=5)))


# ---------------------------------------------------------------- siblings and prerequisites

PAIRS = """
    deck: d
    cards:
      - {id: a, front: f, back: b, reverse: r}
      - {id: s, cloze: "{{c1::one}} and {{c2::two}}"}
      - {id: z, front: f, back: b, after: [a]}
      - {id: y, front: f, back: b, after: [z]}
"""


def test_siblings_come_on_different_days(berlin: Path, deck_file):
    """A reverse, or another cloze of the same text, waits for the next day, in a second sitting too."""
    cards("import", deck_file(PAIRS), check=True)

    first = names(review(evening(START)), "new")
    again = names(review(evening(START, 21)), "new")
    second = names(review(evening(START + timedelta(days=1))), "new", "review")

    assert ["d/a", "d/s~c1", "d/z", "d/y"] == first
    assert [] == again
    assert not {"d/a", "d/a~reverse"} <= set(second)
    assert not {"d/s~c1", "d/s~c2"} <= set(second)


def test_siblings_come_together_when_asked_for(berlin: Path, deck_file):
    """By flag for one sitting, by setting for good."""
    cards("import", deck_file(PAIRS), check=True)
    cards("config", "separate_siblings", "false", check=True)

    assert {"d/a", "d/a~reverse", "d/s~c1", "d/s~c2"} <= set(names(review(evening(START)), "new"))


def test_the_flag_shows_siblings_in_this_sitting(berlin: Path, deck_file):
    """`--siblings` leaves the setting alone."""
    cards("import", deck_file(PAIRS), check=True)

    assert {"d/a", "d/a~reverse"} <= set(names(review(evening(START), asked=Asked(siblings=True)), "new"))


def test_a_success_opens_what_waited_for_it_in_the_same_sitting(berlin: Path, deck_file):
    """A card with prerequisites comes once they have a 3 or more, a chain of them one after the other."""
    cards("import", deck_file(PAIRS), check=True)

    failed = names(review(evening(START), lambda card, _: 1 if card == "d/a" else 4), "new")
    next_day = names(review(evening(START + timedelta(days=1))), "new", "review")

    # The drill of that evening ended with a 4, and a success is a success.
    assert ["d/a", "d/s~c1", "d/z", "d/y"] == failed
    assert "d/a" in next_day


def test_what_was_opened_stays_within_cap_and_limit(berlin: Path, deck_file):
    """Opened cards take from the same allowance."""
    cards("import", deck_file(PAIRS), check=True)

    assert ["d/a", "d/s~c1", "d/z"] == names(review(evening(START), asked=Asked(new=3)), "new")
    assert [] == review(evening(START, 20), asked=Asked(new=3))


def test_an_opened_card_takes_no_place_from_those_that_wait_in_the_sitting(berlin: Path, deck_file):
    """The cards that a sitting has begun with fill the cap, whether they were asked yet or not."""
    deck = """
        deck: d
        cards:
          - {id: a, front: f, back: b}
          - {id: x, front: f, back: b, after: [a]}
          - {id: b, front: f, back: b}
    """
    cards("import", deck_file(deck), check=True)

    assert ["d/a", "d/b"] == names(review(evening(START), asked=Asked(new=2)), "new")
    assert ["d/x"] == names(review(evening(START + timedelta(days=1)), asked=Asked(new=2)), "new")


def test_ahead_with_siblings_leaves_out_what_was_done_today(berlin: Path, deck_file):
    """A card that was learnt today is due tomorrow and takes no place of the limit today."""
    cards("import", many(deck_file, "d", 4), check=True)
    for passed in (6, 5):  # the second success brings six days
        learnt = START - timedelta(days=passed - 1)
        imported(berlin / "log.jsonl", ("d/c002", learnt), ("d/c003", learnt))
    review(evening(START), asked=Asked(new=2))

    ahead = review(evening(START, 21), asked=Asked(ahead=1, siblings=True, limit=2))

    assert ["d/c002", "d/c003"] == names(ahead, "review")


def test_a_card_that_left_its_deck_during_the_sitting_is_not_asked(berlin: Path, deck_file):
    """An import in another terminal retires it; the sitting says so and goes on."""
    text = "deck: d\ncards:\n  - {id: a, front: f, back: b}\n  - {id: b, front: f, back: b}\n"
    more = text + "  - {id: c, front: f, back: b}\n"
    cards("import", deck_file(more), check=True)
    with freeze_time(evening(START)):
        app = App()
        try:
            session = sit(app, Wish()).session
            cards("import", deck_file(text.replace("id: b", "id: c")), check=True)
            session.reveal()
            view = session.grade(Grade.GOOD)
        finally:
            app.close()

    assert isinstance(view, Question)
    assert ("d/c", "`d/b` is no longer in its deck") == (view.card.id, view.notice)


def test_a_cap_of_a_deck_keeps_the_order_of_all(berlin: Path, deck_file, tmp_path: Path):
    """Decks with an allowance of their own stand where they always stood: by due day, then by deck and file."""
    for deck in ("m", "n"):
        cards("import", many(deck_file, deck, 3), check=True)
    days = [START - timedelta(days=late) for late in (3, 2, 1)]
    imported(tmp_path / "log.jsonl", *[(f"{deck}/c{n:03}", day) for deck in "mn" for n, day in enumerate(days)])
    cards("config", "reviews_per_day", "2", "--deck", "m", check=True)

    assert ["m/c000", "n/c000", "m/c001", "n/c001", "n/c002"] == names(review(evening(START)), "review")


def test_ahead_asks_what_is_due_in_the_next_days(berlin: Path, deck_file):
    """`--ahead 1` brings tomorrow's cards, and SM-2's rule goes by the interval, not by the time that passed."""
    cards("import", many(deck_file, "d", 2), check=True)
    review(evening(START))
    tomorrow = START + timedelta(days=1)

    early = review(evening(tomorrow, 3, 0), asked=Asked(ahead=1))
    ahead = review(evening(tomorrow, 5, 0), asked=Asked(ahead=6))

    assert [] == early, "still the same study day: each card counts once a day"
    assert 2 == len(names(ahead, "review"))
    with freeze_time(evening(tomorrow)):
        assert {(tomorrow + timedelta(days=6)).isoformat()} == {row["due"] for row in progress().values()}


def test_no_test_of_this_file_froze_the_program_itself(berlin: Path):
    """The calendar here is freezegun's: `CARDS_NOW` is not set, so the code path is a learner's."""
    assert "CARDS_NOW" not in os.environ
