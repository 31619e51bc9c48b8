"""What the tests of run-it share: the sandboxes that work here, a judge, and an eye on what a run leaves behind."""

import fcntl
import gc
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from verify.judging import mounts

from flashcards.model import Card, CardId, Verdict
from flashcards.verify import folders, job, levels, runner

CONTAINED = ("namespaces", "bubblewrap", "landlock")
GROUPS = Path("/sys/fs/cgroup/pids"), Path("/sys/fs/cgroup")


def _working(backend: runner.Backend) -> runner.Backend:
    tried = levels.tried(backend)
    if tried.level is None:
        pytest.skip(f"{backend}: {tried.why}")
    return backend


@pytest.fixture(params=CONTAINED)
def backend(request: pytest.FixtureRequest) -> runner.Backend:
    """Each sandbox that protects files and works here."""
    return _working(request.param)


@pytest.fixture(params=["namespaces", pytest.param("bubblewrap", marks=pytest.mark.slow), "landlock", "none"])
def any_backend(request: pytest.FixtureRequest) -> runner.Backend:
    """The same, and the one that protects nothing: for what concerns processes and time alone."""
    return _working(request.param)


@pytest.fixture(autouse=True)
def _others_wait(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test marked `alone` has the machine for itself: what it fills would end the runs of others.

    The first lock is the queue for the second, so that whoever needs all of it gets its turn.
    """
    alone = request.node.get_closest_marker("alone") is not None
    place = Path(tempfile.gettempdir())
    with (
        (place / f"cards-tests-{os.getuid()}.queue").open("w") as queue,
        (place / f"cards-tests-{os.getuid()}.lock").open("w") as lock,
    ):
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)
        yield


@pytest.fixture
def sandbox() -> runner.Backend:
    """The best sandbox that works here, for tests that only need one."""
    best = levels.best()
    if best is None:
        pytest.skip("; ".join(f"{backend}: {levels.tried(backend).why}" for backend in CONTAINED))
    return best.backend


@pytest.fixture
def judge() -> Callable[..., Verdict]:
    """Judges an answer to a card with this `run`: `judge(run, typed, shell="bash", backend="namespaces", **request)`.

    Without a backend it is the best that works here.
    """

    def judge(
        run: Mapping[str, Any], typed: str, shell: str = "bash", backend: runner.Backend | None = None, **request: Any
    ) -> Verdict:
        if backend is None:
            best = levels.best()
            if best is None:
                pytest.skip("no sandbox works here: cards doctor says why")
            backend = best.backend
        answer = {"": "a card has one"}
        card = Card(id=CardId("t/c"), deck="t", note=CardId("t/c"), kind="typed", front="f", answer=answer, run=run)
        return runner.judge(job.Request(card, shell, typed, **request), backend, "as tried")

    return judge


@pytest.fixture
def marker() -> str:
    """A number of seconds that no other program sleeps for, to know our own processes by."""
    return f"7{int.from_bytes(os.urandom(5)) % 10**9:09d}.5"


@pytest.fixture
def nothing_left() -> Iterator[None]:
    """After the test there are no more descriptors, mounts, groups, folders or dead children than before."""
    levels.tried("none")
    before = _left()
    yield
    assert before == _left()


def _left() -> dict[str, object]:
    gc.collect()  # what an earlier test dropped must not be closed in the middle of this one
    return {
        "descriptors": sorted(path.name for path in Path("/proc/self/fd").iterdir()),
        "mounts": mounts(),
        "groups": [path.name for place in GROUPS if place.is_dir() for path in place.glob(f"cards-{os.getpid()}-*")],
        "folders": [entry.name for entry in os.scandir(folders.base()) if _is_stale(entry)],
        "dead children": [pid for pid, parent, state in processes() if parent == os.getpid() and state == "Z"],
    }


def _is_stale(entry: "os.DirEntry[str]") -> bool:
    """A run folder that nobody holds: those of other tests that go on meanwhile are held."""
    return bool(folders.NAME.fullmatch(entry.name)) and folders._is_left(entry)


def processes() -> Iterator[tuple[int, int, str]]:
    """Number, parent and state of every process."""
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
            except OSError:
                continue
            yield int(path.name), int(fields[1]), fields[0]


@pytest.fixture
def alive() -> Callable[[str], list[int]]:
    """The processes that have a word in their command line, or in their environment as far as it can be read."""

    def alive(word: str) -> list[int]:
        sought = re.compile(re.escape(word.encode()))
        found = []
        for number, _, state in processes():
            try:
                line = Path(f"/proc/{number}/cmdline").read_bytes()
            except OSError:
                continue
            if state != "Z" and number != os.getpid() and sought.search(line):
                found.append(number)
        return found

    return alive
