"""A control group for root's runs: the kernel counts root's processes nowhere else."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from flashcards.verify.sandbox.policy import PROCESSES

PLACES = ("/sys/fs/cgroup/pids", "/sys/fs/cgroup")
"""Of the first and of the second version of control groups."""
AGENTS = 4
"""Our own processes in the group."""


@contextmanager
def counted() -> Iterator[str]:
    """The file into which a process writes its number to be counted; empty where that is not needed or not possible."""
    group = _made() if os.getuid() == 0 else ""
    try:
        yield f"{group}/cgroup.procs" if group else ""
    finally:
        if group:
            with suppress(OSError):
                os.rmdir(group)


def _made() -> str:
    for place in PLACES:
        group = f"{place}/cards-{secrets.token_hex(8)}"
        try:
            os.mkdir(group)
        except OSError:
            continue
        try:
            with open(f"{group}/pids.max", "w", encoding="ascii") as file:
                file.write(str(PROCESSES + AGENTS))
        except OSError:
            with suppress(OSError):
                os.rmdir(group)
            continue
        return group
    return ""
