"""A sync of ten years: without news against a look at what is due, the first one against a replay of the log."""

import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from time import perf_counter

from bench.history import PROGRAM
from bench.measure import Measured, Timer, compare, compare_work, process

EVENTS = 1_000_000
QUIET, FIRST = 2, 1.5
"""How many times slower than what they are compared with."""
FEW = 2
APART = "from pathlib import Path; from bench.history import History, fill"
REBUILD = "from flashcards.store import Store; import sys; Store(sys.argv[1]).rebuild()"


def syncs(folder: Path, events: int, repeats: int) -> Iterator[Measured | str]:
    """The lines of the report, and what is told beside them."""
    home, carried = folder / "home", folder / "carried"
    carried.mkdir(parents=True)
    subprocess.run([sys.executable, "-c", f"{APART}; fill(Path({str(home)!r}), History({events}))"], check=True)
    rebuild = process([sys.executable, "-c", REBUILD, str(home / "cards.db")], _env(home))
    sync = [*PROGRAM, "sync", "--no-decks", str(carried)]

    def sent() -> None:
        shutil.rmtree(carried)
        carried.mkdir()
        (home / "sync.json").unlink(missing_ok=True)

    def taken() -> None:
        shutil.rmtree(folder / "fresh", ignore_errors=True)

    fresh = _env(folder / "fresh")
    memory = {"a rebuild": _used([sys.executable, "-c", REBUILD, str(home / "cards.db")], _env(home)).ru_maxrss}
    for name, work in (("sent", _fresh(sent, sync, _env(home))), ("taken in", _fresh(taken, sync, fresh))):
        first = compare(f"first sync, {events:,} events {name} / a rebuild", FIRST, work, rebuild, FEW)
        yield first._replace(by_quickest=True)
    for name, before, env in (("taking in", taken, fresh), ("sending", sent, _env(home))):
        before()
        memory[name] = _used(sync, env).ru_maxrss
    yield "memory: " + ", ".join(f"{name} {used / 1024:.0f} MB" for name, used in memory.items())
    due = [*PROGRAM, "due"]
    for _ in range(FEW):  # the second one finds nothing, and notes that
        process(sync, _env(home))()
    name = f"a sync without news, {events:,} events / cards due"
    quiet = compare(name, QUIET, process(sync, _env(home)), process(due, _env(home)), repeats)
    yield quiet._replace(by_quickest=True)
    yield compare_work(name, QUIET, _cpu(sync, _env(home)), _cpu(due, _env(home)), repeats)


def _env(home: Path) -> Mapping[str, str]:
    """Modules are read as they are once the program is installed: compiled."""
    env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**env, "CARDS_HOME": str(home), "PYTHONPYCACHEPREFIX": str(home.parent / "compiled")}


def _fresh(before, command: Sequence[str], env: Mapping[str, str]) -> Timer:
    """The command after something that is not measured."""

    def timer() -> float:
        before()
        start = perf_counter()
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        return perf_counter() - start

    return timer


def _cpu(command: Sequence[str], env: Mapping[str, str]) -> Timer:
    """The processor's time of a process."""

    def timer() -> float:
        used = _used(command, env)
        return used.ru_utime + used.ru_stime

    return timer


def _used(command: Sequence[str], env: Mapping[str, str]) -> resource.struct_rusage:
    child = subprocess.Popen(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 0, command
    return used
