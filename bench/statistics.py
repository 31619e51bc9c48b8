"""Ten years looked at: `cards stats` and its report against Anki's own graphs of the same history, and memory."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from bench.anki import PROGRAM, interpreter, side
from bench.history import DECKS, History, reviews
from bench.measure import Measured, Timer, compare_work

REVIEWS = 1_000_000
FEW = 10_000
INSTANT = 4
MOST_MEGABYTES = 200
REPEATS = 5
NAMES = "from pathlib import Path; from bench.history import History, fill; from bench.statistics import table"
ANKI_GRADES = {1: 1, 3: 2, 4: 3, 5: 4}
"""Ours to theirs."""


CLICK = [sys.executable, "-c", "import click"]


class Run(NamedTuple):
    """What a process took."""

    cpu: float
    megabytes: float


def run(command: Sequence[str], env: Mapping[str, str]) -> Run:
    """One process, to its end."""
    child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Run(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def looks(folder: Path) -> Iterator[Measured | str]:
    """The lines of the report, and what is told beside them."""
    few = _home(folder / "few", FEW)
    run([PROGRAM, "stats"], few)
    click = _timer(CLICK, few)
    yield compare_work(
        f"cards stats, {FEW:,} reviews / import click", INSTANT, _timer([PROGRAM, "stats"], few), click, REPEATS
    )
    python = interpreter(folder / "anki")
    many = _home(folder / "many", REVIEWS)
    first = run([PROGRAM, "stats"], many)
    yield f"first look at {REVIEWS:,} reviews: {first.cpu:.1f} s of processor, {first.megabytes:.0f} MB"
    table_of = folder / "history.tsv"
    _apart(f"table(Path({str(table_of)!r}))")
    side(python, "history", folder / "collection.anki2", table_of)
    page = folder / "progress.html"
    graphs = _graphs(python, folder / "collection.anki2")
    for name, words in (("cards stats", ["stats"]), ("the report", ["stats", "--html", str(page)])):
        command = [PROGRAM, *words]
        yield compare_work(f"{name}, {REVIEWS:,} reviews / Anki's graphs", 1, _timer(command, many), graphs, REPEATS)
        used = run(command, many).megabytes
        yield f"{name}: {used:.0f} MB of {MOST_MEGABYTES}"
    yield f"the report: {page.stat().st_size / 1000:.0f} kB"


def _home(home: Path, size: int) -> Mapping[str, str]:
    _apart(f"fill(Path({str(home)!r}), History({size}))")
    return {**os.environ, "CARDS_HOME": str(home)}


def _apart(work: str) -> None:
    """In a process of its own: what this one takes, its children are said to have taken as well."""
    subprocess.run([sys.executable, "-c", f"{NAMES}; {work}"], check=True)


def _timer(command: Sequence[str], env: Mapping[str, str]) -> Timer:
    return lambda: run(command, env).cpu


def _graphs(python: str, collection: Path) -> Timer:
    return lambda: float(json.loads(side(python, "graphs", collection))["cpu"])


def table(path: Path) -> None:
    """The same history for Anki: milliseconds, the number of the card, its deck, grade, time, 1 where it was a drill."""
    with path.open("w", encoding="utf-8") as file:
        for review in reviews(History(REVIEWS)):
            deck, _, name = review.card.partition("/")
            number = name.removeprefix("card-")
            fields = (
                int(review.id[:12], 16),
                number,
                DECKS.index(deck),
                ANKI_GRADES[review.grade],
                review.took_ms,
                int(review.mode == "drill"),
            )
            file.write("\t".join(map(str, fields)) + "\n")
