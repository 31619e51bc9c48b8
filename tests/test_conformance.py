"""A log of 2,400 histories through the real command line, against SM-2 computed a second time."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from pathlib import Path
from random import Random

import pytest
from cli.inside import cards, progress
from oracle import Known, after

CARDS = 2400
IN_A_DECK = 400
"""So many of the cards are in a deck; the others are known to the log alone."""
FIRST = date(2024, 1, 1)
NOT_DERIVED = 0.1
"""The share of lines that say everything themselves."""


def histories() -> Iterator[tuple[str, list[tuple[date, int]]]]:
    """A card, and its (study day, grade) pairs: early, punctual and late reviews, no two on one day."""
    dice = Random(1990)
    for number in range(CARDS):
        card = f"{'known' if number < IN_A_DECK else 'elsewhere'}/c{number}"
        day, known, pairs = FIRST + timedelta(days=dice.randrange(365)), None, []
        for _ in range(dice.randint(1, 14)):
            grade = dice.choices(range(6), (1, 2, 2, 4, 8, 5))[0]
            pairs.append((day, grade))
            known = after(known, grade, day)
            due = known.due if known.interval_days < 200 else day + timedelta(days=3)
            day = max(day + timedelta(days=1), due + timedelta(days=dice.choice((-2, 0, 0, 0, 1, 9))))
        yield card, pairs


def written(card: str, day: date, grade: int, dice: Random) -> str:
    """A review as another program exports it; a few say offset, day and mode themselves."""
    hour, minute = dice.randrange(24), dice.randrange(60)
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) + timedelta(days=hour < 4)
    if dice.random() >= NOT_DERIVED:
        # The hour may be written in any zone: what is left out is derived from the moment, in UTC.
        at = local.astimezone(timezone(timedelta(hours=dice.choice((0, 0, -8, 5.5)))))
        return json.dumps({"card": card, "grade": grade, "at": at.isoformat()})
    at = local - timedelta(hours=2)
    fields = {"v": 1, "kind": "review", "id": f"x-{card}-{day}", "offset": 120, "day": f"{day}", "mode": "imported"}
    return json.dumps({**fields, "card": card, "grade": grade, "at": f"{at:%Y-%m-%dT%H:%M:%SZ}", "tool": "other"})


def log_of(cards: Iterable[tuple[str, list[tuple[date, int]]]], tmp_path: Path) -> Path:
    """A log file; its lines stand in no order."""
    dice = Random(1991)
    lines = [written(card, day, grade, dice) for card, pairs in cards for day, grade in pairs]
    dice.shuffle(lines)
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def few(tmp_path: Path) -> Path:
    """The log of 200 cards, some of which are in the deck."""
    return log_of(islice(histories(), IN_A_DECK - 100, IN_A_DECK + 100), tmp_path)


@pytest.fixture
def deck(deck_file) -> Path:
    """A deck with some of the cards."""
    names = "".join(f"  - {{id: c{number}, front: f, back: b}}\n" for number in range(IN_A_DECK))
    return deck_file(f"deck: known\ncards:\n{names}")


def expected(pairs: list[tuple[date, int]]) -> tuple[object, ...]:
    known: Known | None = None
    for day, grade in pairs:
        known = after(known, grade, day)
    assert known is not None
    return (known.repetitions, float(known.ease), known.interval_days, known.due.isoformat(), known.lapses, len(pairs))


def told() -> dict[str, tuple[object, ...]]:
    fields = ("repetitions", "ease", "interval_days", "due", "lapses", "reviews")
    return {card: tuple(row[name] for name in fields) for card, row in progress("--format", "json").items()}


def test_2400_imported_histories_agree_with_a_second_sm2(home: Path, deck: Path, tmp_path: Path):
    """Every number of every card is that of the published rules, and the same file again changes nothing."""
    known = list(histories())
    log = log_of(known, tmp_path)
    wanted = {card: expected(pairs) for card, pairs in known}

    cards("import", deck, log, check=True)

    assert CARDS == len(wanted)
    assert wanted == told()

    again = cards("import", log, check=True)

    assert ", 0 new\n" in again.out
    assert wanted == told()


def test_states_do_not_depend_on_when_the_deck_comes(home: Path, deck: Path, few: Path):
    """A deck that is imported after its history meets the same schedule."""
    cards("import", few, check=True)
    before = told()

    cards("import", deck, check=True)

    assert before == {card: row for card, row in told().items() if row[-1]}
    assert {"new", "review", "retired"} == {row["state"] for row in progress().values()}


def test_a_round_trip_through_an_exported_log_keeps_every_number(home: Path, deck: Path, few: Path, tmp_path: Path):
    """What `cards export log` writes gives another home the same progress."""
    cards("import", few, check=True)
    cards("export", "log", "-o", tmp_path / "all.jsonl", check=True)
    before = told()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARDS_HOME", str(tmp_path / "another"))
        cards("import", tmp_path / "all.jsonl", check=True)
        after_it = told()

    assert before == after_it
