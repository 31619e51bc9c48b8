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
from typing import Any, NamedTuple

from bench.measure import Measured

SIDE = str(Path(__file__).with_name("anki_side.py"))
PROGRAM = str(Path(sys.executable).with_name("cards"))
PACKAGES = ("new.apkg", "old.apkg", "new.colpkg", "old.colpkg")
MOST_TIMES = 3
MOST_MEGABYTES = 300
REPEATS = 3
"""Imports of ours and of Anki's, in turns; the best of each counts for what is printed beside the ratio."""
SHOWN = 20


class Took(NamedTuple):
    """What some work took."""

    seconds: float
    cpu: float
    """Seconds of processors, in the program and in the system for it: what a busy machine does not change much."""
    megabytes: float = 0


class Trip(NamedTuple):
    """One package there and back."""

    package: str
    differences: list[str]
    ours: list[Took]
    """`cards import`, the start of the process included."""
    theirs: list[Took]
    """Anki's own import, without its start."""
    again: Took
    """The same import a second time."""
    export: Took

    @property
    def measured(self) -> Measured:
        """A line of the report: by processor time, since a measurement has the machine seldom for itself.

        A collection (.colpkg) is no fair base: Anki puts its file in place as it is and looks at no row.
        """
        name = f"cards import {self.package} / Anki's import, CPU"
        return Measured(name, MOST_TIMES, [one.cpu for one in self.ours], [one.cpu for one in self.theirs])

    @property
    def megabytes(self) -> float:
        """The most that an import or the export took."""
        return max(one.megabytes for one in (*self.ours, self.again, self.export))

    def __str__(self) -> str:
        ours, theirs = min(self.ours), min(self.theirs)
        return (
            f"{self.package}: {len(self.differences)} differences; import {ours.seconds:.2f} s, "
            f"CPU {min(one.cpu for one in self.ours):.2f} s (Anki {theirs.seconds:.2f} s, "
            f"CPU {min(one.cpu for one in self.theirs):.2f} s), {ours.seconds / theirs.seconds:.1f} times as long; "
            f"again {self.again.seconds:.2f} s; export {self.export.seconds:.2f} s; "
            f"{self.megabytes:.0f} MB of {MOST_MEGABYTES}"
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
    source = folder / "made" / package
    ours, theirs, env = [], [], {}
    for number in range(REPEATS):
        env = {**os.environ, "CARDS_HOME": str(folder / f"home-{package}-{number}")}
        theirs.append(Took(**json.loads(side(python, "import", source, folder / "theirs.facts"))))
        ours.append(_run([PROGRAM, "import", str(source)], env))
    again = _run([PROGRAM, "import", str(source), "--json"], env, folder / "again.json")
    back = folder / f"back-{package}.apkg"
    export = _run([PROGRAM, "export", "anki", "-o", str(back)], env)
    # A collection is compared as Anki would take a part of it in, since a package is what comes back.
    expected = _facts(python, folder / "made" / "new.apkg", folder / "expected.facts")
    found = _facts(python, back, folder / "found.facts")
    differences = [
        line for line in unified_diff(expected, found, lineterm="", n=0) if not line.startswith(("@@", "---", "+++"))
    ] if expected != found else []  # fmt: skip
    differences += _news(json.loads((folder / "again.json").read_text()))
    return Trip(package, differences, ours, theirs, again, export)


def _news(said: dict[str, Any]) -> Iterator[str]:
    """What an import that was made before says is new or changed: nothing, if all is well."""
    for brought in said["brought"]:
        if brought["new"]:
            yield f"a second import has {brought['new']} new events"
        for deck in brought["decks"]:
            yield from (f"a second import has {one}" for one in deck["changes"])


def _facts(python: str, package: Path, facts: Path) -> list[str]:
    side(python, "import", package, facts)
    return facts.read_text().splitlines()


def _run(command: list[str], env: dict[str, str], printed: Path | None = None) -> Took:
    """What a process took that must succeed; what it prints goes to a file or nowhere."""
    with (printed or Path(os.devnull)).open("wb") as output:
        start = perf_counter()
        child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=output)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise subprocess.CalledProcessError(child.returncode, command)
    return Took(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def proof(folder: Path, size: tuple[int, int] = (10_000, 100_000)) -> Iterator[Measured]:
    """The whole proof, printed; a line for each package. Differences and too much memory end it."""
    python = interpreter(folder / "anki")
    for trip in trips(python, folder, size):
        print(trip, flush=True)
        print(*trip.differences[:SHOWN], sep="\n", end="\n" if trip.differences else "", flush=True)
        if trip.differences or trip.megabytes > MOST_MEGABYTES:
            raise SystemExit(1)
        yield trip.measured
