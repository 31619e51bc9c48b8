"""A made-up learner of fourteen months, the same for the same seed: decks that come along, some more, and a log."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from flashcards.app import App, library
from flashcards.log import next_id
from flashcards.model import CardId, Grade, Mode, Review, Sm2State
from flashcards.schedulers.sm2 import Sm2

DECKS = Path(__file__).resolve().parents[2] / "decks"
SHIPPED = ("git", "shell", "venv", "pip")
MORE = {
    "regex": (
        "Regular expressions",
        "Match {}|Replace {} with nothing|Match a line that ends with {}|Match a line without {}|Capture {} as a group",
        (
            "a date|a version number|an address of IPv4|a hexadecimal colour|a quoted text|a repeated word|a blank line"
            "|a number with a sign|a file name without its ending|two words in either order|a tab|a comment"
        ),
    ),
    "jq": (
        "jq and JSON",
        "Print {}|Count {}|Sort by {}|Group by {}|Select by {}|Delete {}",
        (
            "the names|the keys of an object|the last element|null values|the lengths|nested arrays|the tags"
            "|all numbers|unique values|the dates|the paths to a key"
        ),
    ),
    "docker": (
        "Docker",
        "List {}|Remove {}|Name {}|Inspect {}|Copy a file into {}|Limit the memory of {}",
        "a container|all stopped containers|an image|dangling images|a volume|a network|the build cache|a service|a layer",
    ),
    "sql": (
        "SQL",
        "Select {}|Count {}|Update {}|Delete {}|Join {} with another table|Index {}",
        (
            "the newest row of each group|rows without a partner|duplicates|the ten largest|rows of last month|a running sum"
            "|a column of JSON|null and empty|a view"
        ),
    ),
    "ssh": (
        "SSH and keys",
        "Make {}|Test {}|Remove {}|Copy {} to a server|Explain {}",
        (
            "a key with a passphrase|a tunnel to a database|an entry in known_hosts|a jump host|an agent|a short name"
            "|a certificate|a forwarded port|a read-only account"
        ),
    ),
    "vim": (
        "Vim",
        "Delete {}|Copy {}|Jump to {}|Indent {}|Replace {}|Select {}",
        (
            "a word|to the end of the line|inside the brackets|a paragraph|the last change|a block of columns|a mark"
            "|the whole file|the next match|a sentence"
        ),
    ),
}
"""A title, what is asked, and of what, for decks that are only here to be learnt."""
TODAY = date(2026, 11, 28)
FIRST = date(2025, 9, 15)
AWAY = ((date(2025, 12, 24), 9), (date(2026, 7, 20), 12))
"""Holidays, and their days."""
HOURS = {7: 20, 8: 24, 12: 12, 13: 6, 18: 14, 19: 8, 21: 34, 22: 20}
LEFT = 24
"""Cards that are still new."""


class Known(NamedTuple):
    """A card, and how it is."""

    id: CardId
    answer: str
    hard: float
    """0 to 1."""


def live(app: App, folder: Path, seed: int = 4) -> None:
    """Reads the decks and lives through the months."""
    files = [DECKS / f"{deck}.yaml" for deck in SHIPPED]
    for deck, about in MORE.items():
        files.append(folder / f"{deck}.yaml")
        files[-1].write_text(_deck(deck, *about), encoding="utf-8")
    readings = [library.read(app.store, file) for file in files]
    library.take(app.store, [reading.change for reading in readings if reading.change])
    dice = Random(seed)
    cards = [
        Known(
            row.card.id,
            row.card.answer.get("posix") or next(iter(row.card.answer.values()), ""),
            _hardness(row.card.id, dice),
        )
        for row in app.store.all_rows()
        if row.card
    ]
    dice.shuffle(cards)
    app.store.append(_reviews(cards, dice))


def _deck(deck: str, title: str, asked: str, things: str) -> str:
    whats = [ask.format(thing) for thing in things.split("|") for ask in asked.split("|")]
    fronts = [f"{what}{way}" for way in ("", ", in another way") for what in whats]
    cards = "".join(
        f"  - {{id: c{place}, front: '{front}.', back: Answer, tags: [{('basics', 'daily', 'rare')[place % 3]}]}}\n"
        for place, front in enumerate(fronts)
    )
    return f"deck: {deck}\ntitle: {title}\ncards:\n{cards}"


def _hardness(card: CardId, dice: Random) -> float:
    deck = card.partition("/")[0]
    base = {"regex": 0.34, "jq": 0.3, "git": 0.2, "docker": 0.08, "ssh": 0.05}.get(deck, 0.12)
    odd = 0.35 if deck in {"git", "shell"} and dice.random() < 0.09 else 0.0
    return min(0.85, max(0.0, dice.gauss(base, 0.08)) + odd)


def _reviews(cards: list[Known], dice: Random) -> Iterator[Review]:
    scheduler, waiting, last_id = Sm2(), {}, ""
    states: dict[CardId, Sm2State] = {}
    days = (TODAY - FIRST).days + 1
    for place, card in enumerate(cards):
        start = FIRST + timedelta(days=int((place / (len(cards) - LEFT)) ** 0.85 * days))
        waiting.setdefault(start, []).append(card)
    for number in range(days - 1):  # today's are still to come
        day = FIRST + timedelta(days=number)
        asked: list[Known] = waiting.pop(day, [])
        if _is_off(day, dice):
            waiting.setdefault(day + timedelta(days=1), []).extend(asked)
            continue
        hour = dice.choices([*HOURS], [*HOURS.values()])[0]
        at, mode = datetime.combine(day, time(hour, dice.randrange(40)), UTC), "scheduled"
        while asked:
            again = []
            for card in asked:
                grade = _grade(card, number / days, states.get(card.id), mode, dice)
                took = int(1000 * min(90, dice.lognormvariate(2.1, 0.55)))
                at += timedelta(milliseconds=took)
                if grade < Grade.GOOD:
                    again.append(card)
                if mode == "scheduled":
                    states[card.id] = state = scheduler.step(states.get(card.id), grade, at, day, "")
                    waiting.setdefault(state.due, []).append(card)
                last_id = next_id(at, last_id, dice.getrandbits(80))
                yield _review(last_id, card, grade, at, day, mode, took, dice)
            asked, mode = again, "drill"


def _is_off(day: date, dice: Random) -> bool:
    if any(first <= day < first + timedelta(days=length) for first, length in AWAY):
        return True
    return dice.random() < (0.02 if (TODAY - day).days < 60 else 0.14 if day.weekday() > 4 else 0.05)


def _grade(card: Known, passed: float, state: Sm2State | None, mode: Mode, dice: Random) -> Grade:
    """Better with the months; new cards and hard ones fail more often."""
    right = 0.905 + 0.085 * passed - card.hard * 0.32 - (0.0 if state else 0.12) + (0.06 if mode == "drill" else 0.0)
    if dice.random() > right:
        return Grade.WRONG
    return dice.choices((Grade.HARD, Grade.GOOD, Grade.EASY), (4 + 40 * card.hard, 66, 15))[0]


def _review(
    identity: str, card: Known, grade: Grade, at: datetime, day: date, mode: Mode, took: int, dice: Random
) -> Review:
    command = {}
    if card.answer:
        tries = 1 if grade >= Grade.GOOD else dice.choice((2, 2, 3))
        command = {
            "verdict": "cannot" if dice.random() < 0.008 else "fail" if grade < Grade.HARD else "pass",
            "tries": tries,
            "hints": int(tries > 1 and dice.random() < 0.4),
            "typed": card.answer if grade >= Grade.HARD else _slip(card.answer, dice),
        }
    return Review(
        id=identity, card=card.id, grade=grade, at=at, offset_minutes=0, day=day, mode=mode, took_ms=took,
        device="made-up", **command,
    )  # fmt: skip


def _slip(answer: str, dice: Random) -> str:
    """A wrong answer as people type it: an option forgotten or in the wrong case, or a word too few; mostly the same."""
    options = re.findall(r" -\S+", answer)
    if options and dice.random() < 0.75:
        return answer.replace(options[0], "" if len(answer) % 2 else options[0].swapcase(), 1)
    words = answer.split()
    return " ".join(words[:-1]) if len(words) > 1 else answer[:-1]
