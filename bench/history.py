"""A learner's years, made up: cards met day after day, graded with a little luck, the same for the same seed."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from flashcards.log import next_id
from flashcards.model import CardId, Grade, Mode, Review, Sm2State
from flashcards.schedulers.sm2 import Sm2

PROGRAM = [str(Path(sys.executable).with_name("cards"))]
DECKS = ("venv", "git", "shell", "spanish", "anatomy")
HOURS = (7, 8, 12, 18, 19, 21, 22)
GRADES = (Grade.WRONG, Grade.HARD, Grade.GOOD, Grade.EASY)
CHANCES = (18, 14, 56, 12)
"""Of a hundred answers, how many get each of the four grades."""
IDLE = 0.04
"""The share of days on which nothing is done."""
LAST_DAY = date(2026, 11, 28)
SUPPOSED = 31
"""About how many reviews a card gets in ten years."""


class History(NamedTuple):
    """How much was done."""

    reviews: int
    years: int = 10
    seed: int = 1

    @property
    def days(self) -> int:
        """From the first study day to the last."""
        return round(self.years * 365.25)

    @property
    def cards(self) -> int:
        """How many cards it takes."""
        return max(20, self.reviews // SUPPOSED)


def card_of(number: int) -> CardId:
    """The id of the card with this number; half of two decks asks for commands."""
    return CardId(f"{DECKS[number % len(DECKS)]}/card-{number}")


def reviews(history: History) -> Iterator[Review]:
    """About as many reviews as were asked for, in order: new cards evenly, old ones when they are due."""
    dice, scheduler = Random(history.seed), Sm2()
    states: dict[int, Sm2State] = {}
    waiting: dict[date, list[int]] = {}
    pace, met, last_id = history.cards / history.days, 0, ""
    first = LAST_DAY - timedelta(days=history.days - 1)
    for number in range(history.days):
        day = first + timedelta(days=number)
        due = waiting.pop(day, [])
        if dice.random() < IDLE and day != LAST_DAY:
            waiting.setdefault(day + timedelta(days=1), []).extend(due)
            continue
        new = int(pace * (number + 1)) - met
        asked = [*due, *range(met, met + new)]
        met += new
        at = datetime.combine(day, time(dice.choice(HOURS), dice.randrange(60)), UTC)
        mode: Mode = "scheduled"
        while asked:
            again = []
            for card in asked:
                grade = dice.choices(GRADES, CHANCES)[0]
                took = dice.randrange(2_000, 15_000)
                at += timedelta(milliseconds=took)
                if grade < Grade.GOOD:
                    again.append(card)
                if mode == "scheduled":
                    states[card] = state = scheduler.step(states.get(card), grade, at, day, "")
                    waiting.setdefault(state.due, []).append(card)
                last_id = next_id(at, last_id, dice.getrandbits(80))
                yield Review(
                    id=last_id,
                    card=card_of(card),
                    grade=grade,
                    at=at,
                    offset_minutes=60,
                    day=day,
                    mode=mode,
                    took_ms=took,
                    device="made-up",
                    **_command(card, grade, dice),
                )
            asked, mode = again, "drill"


def _command(card: int, grade: Grade, dice: Random) -> dict[str, Any]:
    if card % 5 > 1 or card % 2:
        return {}
    right = grade >= Grade.HARD
    return {
        "verdict": "cannot" if dice.random() < 0.01 else ("pass" if right else "fail"),
        "tries": 1 if grade >= Grade.GOOD else 2,
        "hints": int(grade == Grade.HARD),
        "typed": f"do thing {card}" if right else f"do thing {card + dice.randrange(3)}",
    }


def deck_texts(history: History) -> Iterator[tuple[str, str]]:
    """(deck, its file) for the cards of the history."""
    for place, deck in enumerate(DECKS):
        yield (
            deck,
            f"deck: {deck}\ntitle: All about {deck}\ncards:\n"
            + "".join(
                f"  - id: card-{number}\n"
                f"    front: What does number {number} of {deck} do?\n"
                f"    answer: do thing {number}\n"
                f"    tags: [tag-{number % 7}, all]\n"
                for number in range(place, history.cards, len(DECKS))
            ),
        )


def fill(home: Path, history: History) -> None:
    """A home with these decks and this log."""
    from flashcards.store import Store

    decks = home / "made-up"
    decks.mkdir(parents=True)
    for deck, text in deck_texts(history):
        (decks / f"{deck}.yaml").write_text(text, encoding="utf-8")
    env = {**os.environ, "CARDS_HOME": str(home)}
    subprocess.run([*PROGRAM, "import", str(decks)], env=env, stdout=subprocess.DEVNULL, check=True)
    store = Store(home / "cards.db")
    try:
        store.append(reviews(history))
    finally:
        store.close()
