"""Write the golden table of SM-2: `python tests/make_golden.py` makes `tests/golden/sm2.jsonl` anew.

The table is meant for others too: one JSON object a line, the first of them
says what the columns are. Its numbers come from `oracle`, not from the program.
"""

from __future__ import annotations

import json
import random
from datetime import date
from itertools import product
from pathlib import Path

from oracle import history

PATH = Path(__file__).parent / "golden" / "sm2.jsonl"
START = date(2026, 1, 5)
SEED = 1990
COLUMNS = ("repetitions", "ease_hundredths", "interval_days", "due", "lapses")
HEADER = {
    "schema": "cards.sm2-golden/1",
    "source": "P. A. Wozniak, Optimization of learning (1990), chapter 3.2, steps 1 to 7",
    "readings": {
        "text": "interval times the new E-factor, rounded up; a grade below 3 leaves the E-factor alone",
        "code": "interval times the old E-factor, rounded half to even; every grade changes the E-factor",
    },
    "start": START.isoformat(),
    "days": "the card is new on `start`; each further grade is given on the day it is due",
    "longest_interval_days": 36_500,
    "columns": COLUMNS,
    "rows": "`states` holds one row of columns for every grade of `grades`",
}


def sequences() -> list[tuple[int, ...]]:
    """The grades of every row: all short ones, the corners, and a seeded random crowd."""
    dice = random.Random(SEED)
    corners = [
        *((grade,) * 30 for grade in range(6)),
        (5,) * 12 + (1,) + (4,) * 6,
        (5,) * 12 + (0,) + (3,) * 12,
        (3,) * 12 + (5,) * 20,
        (4, 4, 4, 2, 4, 4, 4, 1, 4, 4, 4, 0, 4, 4, 4),
        (4, 4, 4, 4, 3, 3, 4),  # 200 * 2.22 = 444, and 445 with floats that are rounded up
        (3, 4, 4, 5, 3, 4, 3),  # 200 * 2.18 = 436, and 437
        (3, 5) * 15,
        (5, 2) * 15,
        (4, 4, 1) * 10,
    ]
    crowd = [dice.choices(range(6), (1, 2, 2, 4, 8, 8), k=4 + int(dice.random() * 37)) for _ in range(60)]
    return [*product(range(6), repeat=3), *corners, *map(tuple, crowd)]


def text() -> str:
    """The whole table."""
    rows = [
        {"reading": reading, "grades": grades, "states": [known.row() for known in history(grades, START, reading)]}
        for reading in ("text", "code")
        for grades in sequences()
    ]
    return "".join(json.dumps(row, separators=(",", ":")) + "\n" for row in (HEADER, *rows))


if __name__ == "__main__":
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(text(), encoding="utf-8", newline="\n")
