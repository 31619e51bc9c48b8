"""Seconds of a process, of a first painted question and of a call; two of them taken in turns."""

import fcntl
import os
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter, process_time
from typing import Literal, NamedTuple

Timer = Callable[[], float]
"""Does the work once and says how many seconds it took."""
SCREEN = struct.pack("HHHH", 24, 80, 0, 0)
"""Rows and columns of the pseudo-terminal."""


class Measured(NamedTuple):
    """One line of the report: the work, what it is compared with, and how often it may be slower."""

    name: str
    budget: float
    work: list[float]
    base: list[float]
    clock: Literal["wall", "cpu"] = "wall"
    """What was measured: the time that went by, or the work of the processor in this process."""
    by_quickest: bool = False
    """Whether the quickest run of each counts: where one run takes long there are few, and others can but add."""

    @property
    def ratio(self) -> float:
        """How many times slower than the base, by medians."""
        return median(self.work) / median(self.base)

    @property
    def best(self) -> float:
        """How many times slower than the base, by the quickest run of each."""
        return min(self.work) / min(self.base)

    @property
    def ok(self) -> bool:
        """Whether the budget is kept: by the quickest where only the processor counts, since others can but add."""
        return (self.best if self.clock == "cpu" or self.by_quickest else self.ratio) <= self.budget

    def __str__(self) -> str:
        verdict = "ok" if self.ok else "OVER"
        judged = "min, cpu" if self.clock == "cpu" else "min" if self.by_quickest else "median"
        return (
            f"{self.name:<58} {self.ratio:6.2f} {self.best:6.2f} {self.budget:6.2f}  {verdict:<4} {judged:<10} "
            f"{median(self.work) * 1000:9.2f} {median(self.base) * 1000:9.2f}"
        )


HEADER = f"{'':<58} {'median':>6} {'min':>6} {'budget':>6}  {'':<4} {'judged by':<10} {'ms':>9} {'base ms':>9}"


def compare(name: str, budget: float, work: Timer, base: Timer, repeats: int) -> Measured:
    """Both once to warm up, then `repeats` times in turns, so that a noisy moment meets both."""
    base(), work()
    pairs = [(base(), work()) for _ in range(repeats)]
    return Measured(name, budget, [w for _, w in pairs], [b for b, _ in pairs])


def compare_work(name: str, budget: float, work: Timer, base: Timer, repeats: int) -> Measured:
    """The same for two timers of `worked`."""
    return compare(name, budget, work, base, repeats)._replace(clock="cpu")


def process(command: Sequence[str], env: Mapping[str, str]) -> Timer:
    """The life of a process, from start to end."""

    def timer() -> float:
        start = perf_counter()
        subprocess.run(command, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
        return perf_counter() - start

    return timer


def first_paint(command: Sequence[str], env: Mapping[str, str], text: bytes) -> Timer:
    """From the start of a process to the moment when `text` is on its terminal."""

    def timer() -> float:
        leader, follower = os.openpty()
        fcntl.ioctl(follower, termios.TIOCSWINSZ, SCREEN)
        start = perf_counter()
        child = subprocess.Popen(
            command, env=env, stdin=follower, stdout=follower, stderr=follower, start_new_session=True
        )
        os.close(follower)
        try:
            _read_until(leader, text)
            return perf_counter() - start
        finally:
            child.terminate()
            _read_until(leader, None)
            child.wait()
            os.close(leader)

    return timer


def call(work: Callable[[], object]) -> Timer:
    """One call inside this process."""

    def timer() -> float:
        start = perf_counter()
        work()
        return perf_counter() - start

    return timer


def worked(work: Callable[[], object]) -> Timer:
    """The processor's time for one call inside this process: what others do meanwhile is no part of it."""

    def timer() -> float:
        start = process_time()
        work()
        return process_time() - start

    return timer


def _read_until(terminal: int, text: bytes | None) -> None:
    """Reads until `text` appears; None reads until the other side is gone."""
    seen = b""
    while text is None or text not in seen:
        try:
            fresh = os.read(terminal, 65536)
        except OSError:  # Linux says EIO where others say end of file
            fresh = b""
        if not fresh and text is None:
            return
        if not fresh:
            raise SystemExit(
                f"the program ended before `{text.decode()}` was painted:\n{seen.decode(errors='replace')}"
            )
        seen += fresh
