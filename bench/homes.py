"""Decks and homes of any size, made with the real program."""

import json
import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

MARK = "What is behind door"
"""How every made question begins; it is looked for on the screen."""
CARDS_PER_DECK = 10_000
DUE = 200
"""How many cards were answered once, long ago; the rest is new."""
ANSWERED_ON = "2026-01-05"

FOREIGN = {"CARDS_NOW", "FORCE_COLOR", "NO_COLOR", "PYTHONDONTWRITEBYTECODE"}
"""What would bend the measurement."""


def deck_text(name: str, cards: int) -> str:
    """A deck of typed cards, each with a back, tags and another accepted answer."""
    return f"deck: {name}\ntitle: Doors of {name}\ncards:\n" + "".join(
        f"  - id: door-{number}\n"
        f"    front: {MARK} {number} of `{name}`?\n"
        f"    answer: open --door {number} --house {name}\n"
        f"    accept: [open -d {number} {name}]\n"
        f"    back: The door `{number}` opens to the inside.\n"
        f"    tags: [door, floor-{number % 7}]\n"
        for number in range(cards)
    )


def history(name: str) -> str:
    """A review log: some cards of a deck were answered once."""
    events = (
        {"kind": "review", "card": f"{name}/door-{number}", "grade": 4, "at": f"{ANSWERED_ON}T10:00:{number % 60:02}Z"}
        for number in range(DUE)
    )
    return "".join(json.dumps(event) + "\n" for event in events)


def make(folder: Path, program: Sequence[str], cards: int) -> Mapping[str, str]:
    """A home with that many cards in it; gives the environment that leads there."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    env |= {"CARDS_HOME": str(folder / "home"), "HOME": str(folder), "TERM": "xterm-256color"}
    env["PYTHONPYCACHEPREFIX"] = str(folder.parent / "bytecode")  # an installed program is compiled
    decks = folder / "decks"
    decks.mkdir(parents=True)
    for start in range(0, cards, CARDS_PER_DECK):
        name = f"house-{start // CARDS_PER_DECK}"
        (decks / f"{name}.yaml").write_text(deck_text(name, min(CARDS_PER_DECK, cards - start)), encoding="utf-8")
    log = folder / "reviews.jsonl"
    log.write_text(history("house-0"), encoding="utf-8")
    for source in (decks, log):
        subprocess.run([*program, "import", str(source)], env=env, stdout=subprocess.DEVNULL, check=True)
    return env
