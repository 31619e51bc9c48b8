"""Prints one line per promise: how many times slower than something bare, and how much it may be.

`--strict` ends with 1 where a budget is not kept; without it the numbers are only shown.
Times of one machine mean little to another, so every line is a ratio of two things measured in turns:
of the medians, or of the quickest run of each where only the processor counts, or a run takes long.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import yaml

from bench.anki import proof
from bench.grades import bare, durable
from bench.homes import MARK, deck_text, make
from bench.imports import imports, without_gc
from bench.measure import HEADER, Measured, compare, compare_work, first_paint, process, worked
from bench.statistics import looks
from bench.syncing import EVENTS, syncs
from bench.verdicts import left_behind, verdicts
from flashcards.formats import for_path

PROGRAM = [str(Path(sys.executable).with_name("cards"))]
NOTHING = [sys.executable, "-c", "pass"]
CLICK = [sys.executable, "-c", "import click"]
SMALL, LARGE = 10_000, 100_000


def starts(folder: Path, repeats: int) -> Iterator[Measured]:
    """The commands that answer at once, and the first question of a sitting."""
    small = make(folder / "small", PROGRAM, SMALL)
    nothing, click = process(NOTHING, small), process(CLICK, small)
    yield compare("cards --version / python -c pass", 2, process([*PROGRAM, "--version"], small), nothing, repeats)
    yield compare("cards --help / import click", 1.5, process([*PROGRAM, "--help"], small), click, repeats)
    due = process([*PROGRAM, "due", "--short"], small)
    yield compare(f"cards due --short, {SMALL:,} cards / import click", 1.6, due, click, repeats)
    review = first_paint([*PROGRAM, "review"], small, MARK.encode())
    yield compare(f"first question, {SMALL:,} cards / import click", 2, review, click, repeats)
    large = make(folder / "large", PROGRAM, LARGE)
    review_large = first_paint([*PROGRAM, "review"], large, MARK.encode())
    yield compare(f"first question, {LARGE:,} cards / {SMALL:,} cards", 1.2, review_large, review, repeats)
    yield grade(folder, Path(small["CARDS_HOME"]), 20 * repeats)


def grade(folder: Path, home: Path, repeats: int) -> Measured:
    """One grade, on disk for good."""
    return compare(
        "a durable grade / the bare SQL of it", 3, durable(home / "cards.db"), bare(folder / "bare.db"), repeats
    )


def parse(repeats: int) -> Measured:
    """A deck read for the first time."""
    data = deck_text("house-0", SMALL).encode()
    path = Path("house.yaml")
    ours = worked(lambda: for_path(path).parse(data, path.name))
    loaded = worked(without_gc(lambda: yaml.load(data, Loader=yaml.CSafeLoader)))
    return compare_work(f"{SMALL:,} cards of YAML, checked / yaml.load (C)", 1, ours, loaded, repeats)


def judging(folder: Path, repeats: int) -> Iterator[Measured]:
    """Commands judged inside a running program."""
    os.environ["CARDS_HOME"] = str(folder / "judging")
    yield from verdicts(process(NOTHING, dict(os.environ)), repeats)


def everything(folder: Path, options: argparse.Namespace) -> Iterator[Measured | str]:
    """All lines, or those of one part."""
    if options.only == "anki":
        yield from proof(folder)
        return
    if options.only == "stats":
        yield from looks(folder / "stats")
        return
    if options.only == "sync":
        yield from syncs(folder / "sync", options.events, options.repeats)
        return
    if options.only == "import":
        yield from imports(folder / "import", SMALL, max(3, options.repeats // 3))
        return
    if not options.only:
        yield from starts(folder, options.repeats)
    yield from judging(folder, options.repeats)
    print(left_behind(options.verdicts))
    if not options.only:
        yield parse(max(3, options.repeats // 3))
        yield from imports(folder / "import", SMALL, max(3, options.repeats // 3))


def main() -> int:
    """Measures everything in one run; the number of budgets not kept decides the exit code."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.splitlines()[0])
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a budget is not kept")
    parser.add_argument("--repeats", type=int, default=11, help="pairs of runs for each line (default: 11)")
    parser.add_argument("--verdicts", type=int, default=100, help="how many answers are judged in a row (default: 100)")
    parser.add_argument("--only", choices=("verdicts", "anki", "import", "stats", "sync"), help="this part alone")
    parser.add_argument("--events", type=int, default=EVENTS, help=f"the length of a synced log (default: {EVENTS:,})")
    options = parser.parse_args()
    over = False
    print(HEADER)
    with tempfile.TemporaryDirectory(prefix="cards-bench-") as folder:
        for measured in everything(Path(folder), options):
            print(measured, flush=True)
            over |= isinstance(measured, Measured) and not measured.ok
    return int(options.strict and over)


if __name__ == "__main__":
    sys.exit(main())
