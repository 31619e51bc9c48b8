"""Real Anki, there and back: its package in, ours out, in again, and what differs; with the time and memory it takes.

Anki runs in an interpreter of its own (`ANKI_PYTHON`, or an environment made for the moment): its licence is
another one, and nothing of it is imported here.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from time import perf_counter
from typing import NamedTuple

from bench.measure import Measured

SIDE = str(Path(__file__).with_name("anki_side.py"))
PROGRAM = str(Path(sys.executable).with_name("cards"))
PACKAGES = ("new.apkg", "old.apkg", "new.colpkg", "old.colpkg")
MOST_TIMES = 3
MOST_MEGABYTES = 300
SHOWN = 20


class Trip(NamedTuple):
    """One package there and back."""

    package: str
    differences: list[str]
    ours: float
    """Seconds of `cards import`, the start of the process included."""
    theirs: float
    """Seconds of Anki's own import, without its start."""
    export: float
    megabytes: float
    """The most that import or export took."""

    @property
    def measured(self) -> Measured:
        """A line of the report."""
        return Measured(f"cards import {self.package} / Anki's import", MOST_TIMES, [self.ours], [self.theirs])

    def __str__(self) -> str:
        return (
            f"{self.package}: {len(self.differences)} differences; import {self.ours:.2f} s (Anki {self.theirs:.2f} s), "
            f"export {self.export:.2f} s, {self.megabytes:.0f} MB of {MOST_MEGABYTES}"
        )


def interpreter(folder: Path) -> str:
    """A Python that has Anki; raises OSError or CalledProcessError where none can be had."""
    if named := os.environ.get("ANKI_PYTHON"):
        return named
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", "anki"],
        check=True,
        stderr=subprocess.DEVNULL,
    )
    return python


def side(python: str, *arguments: object) -> str:
    """What Anki's side prints; `-P`, since a module `anki` of ours lies beside it."""
    env = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(
        [python, "-P", SIDE, *map(str, arguments)], check=True, stdout=subprocess.PIPE, text=True, env=env, cwd="/"
    )
    return done.stdout


def trips(python: str, folder: Path, size: tuple[int, int]) -> Iterator[Trip]:
    """Every package of a collection with so many notes and reviews, there and back."""
    side(python, "make", folder / "made", *size)
    for package in PACKAGES:
        yield _trip(python, folder, package)


def _trip(python: str, folder: Path, package: str) -> Trip:
    source, home = folder / "made" / package, folder / f"home-{package}"
    env = {**os.environ, "CARDS_HOME": str(home)}
    back = folder / f"back-{package}.apkg"
    ours, first = _run([PROGRAM, "import", str(source)], env)
    export, second = _run([PROGRAM, "export", "anki", "-o", str(back)], env)
    theirs = json.loads(side(python, "import", source, folder / "theirs.facts"))["seconds"]
    # A collection is compared as Anki would take a part of it in, since a package is what comes back.
    expected = _facts(python, folder / "made" / "new.apkg", folder / "expected.facts")
    found = _facts(python, back, folder / "found.facts")
    differences = [
        line for line in unified_diff(expected, found, lineterm="", n=0) if not line.startswith(("@@", "---", "+++"))
    ] if expected != found else []  # fmt: skip
    return Trip(package, differences, ours, theirs, export, max(first, second))


def _facts(python: str, package: Path, facts: Path) -> list[str]:
    side(python, "import", package, facts)
    return facts.read_text().splitlines()


def _run(command: list[str], env: dict[str, str]) -> tuple[float, float]:
    """Seconds and megabytes of a process that must succeed."""
    start = perf_counter()
    child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return perf_counter() - start, usage.ru_maxrss / 1024


def proof(folder: Path, size: tuple[int, int] = (10_000, 100_000)) -> Iterator[Measured]:
    """The whole proof, printed; a line for each package. Differences and too much memory end it."""
    python = interpreter(folder / "anki")
    for trip in trips(python, folder, size):
        print(trip)
        print(*trip.differences[:SHOWN], sep="\n", end="\n" if trip.differences else "")
        if trip.differences or trip.megabytes > MOST_MEGABYTES:
            raise SystemExit(1)
        yield trip.measured
