"""A control group for root's runs: the kernel counts root's processes nowhere else."""

import os
import re
import secrets
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flashcards import clock
from flashcards.verify.sandbox.policy import PROCESSES

PLACES = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")
"""Of the first and of the second version of control groups."""
AGENTS = 4
"""Our own processes in the group."""
NAME = re.compile(r"cards-(\d+)-[0-9a-f]{16}")
"""A group names the process that made it."""
END_SECONDS = 2.0


@contextmanager
def counted() -> Iterator[str]:
    """The file into which a process writes its number to be counted; empty where that is not needed or not possible."""
    group = _made() if os.getuid() == 0 else ""
    try:
        yield f"{group}/cgroup.procs" if group else ""
    finally:
        if group:
            _end(group)


def sweep() -> None:
    """Ends the groups of programs that were killed."""
    for place in PLACES if os.getuid() == 0 else ():
        with suppress(OSError):
            for name in os.listdir(place):
                found = NAME.fullmatch(name)
                if found and not os.path.exists(f"/proc/{found[1]}"):
                    _end(f"{place}/{name}")


def _made() -> str:
    for place in PLACES:
        group = f"{place}/cards-{os.getpid()}-{secrets.token_hex(8)}"
        try:
            os.mkdir(group)
        except OSError:
            continue
        try:
            _write(group, "pids.max", PROCESSES + AGENTS)
        except OSError:
            with suppress(OSError):
                os.rmdir(group)
            continue
        return group
    return ""


def _end(group: str) -> None:
    """Takes a group away; should anything still be in it, that ends, and meanwhile nothing starts."""
    until = clock.ticks() + END_SECONDS
    while clock.ticks() < until:
        try:
            os.rmdir(group)
        except FileNotFoundError:
            return
        except OSError:
            with suppress(OSError):
                _write(group, "pids.max", 0)
                _kill(group)
            time.sleep(0.002)
        else:
            return


def _write(group: str, name: str, value: int) -> None:
    with open(f"{group}/{name}", "w", encoding="ascii") as file:
        file.write(str(value))


def _kill(group: str) -> None:
    with open(f"{group}/cgroup.procs", encoding="ascii") as file:
        for process in file:
            with suppress(OSError):
                os.kill(int(process), signal.SIGKILL)
