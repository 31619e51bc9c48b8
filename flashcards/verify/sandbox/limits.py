"""Limits that hold for every single process (rlimits), and what is counted for all of them together."""

import os
import resource
from collections.abc import Iterator

from flashcards.verify.sandbox import policy


def restrict(*, cpu_seconds: int, counts_processes: bool) -> None:
    """Sets the limits of this process and its children. `counts_processes` where the kernel can count them by owner."""
    _set(resource.RLIMIT_CPU, cpu_seconds)
    _set(resource.RLIMIT_FSIZE, policy.FILE_BYTES)
    _set(resource.RLIMIT_NOFILE, policy.OPEN_FILES)
    _set(resource.RLIMIT_CORE, 0)
    _set(resource.RLIMIT_AS, policy.ADDRESS_SPACE_BYTES)
    if counts_processes:
        _set(resource.RLIMIT_NPROC, threads_of(os.getuid()) + policy.PROCESSES)


def _set(which: int, value: int) -> None:
    """Both limits, so that no process raises its own; never above what was there."""
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def threads_of(uid: int) -> int:
    """How many threads this user has now: the kernel counts all of them against the limit."""
    total = 0
    for process in _processes():
        try:
            if os.stat(f"/proc/{process}").st_uid == uid:
                total += len(os.listdir(f"/proc/{process}/task"))
        except OSError:  # it has just ended
            continue
    return total


def descendants(of: int) -> dict[int, int]:
    """Every process below `of`, with the bytes of memory that it uses."""
    parents: dict[int, list[tuple[int, int]]] = {}
    page = resource.getpagesize()
    for process in _processes():
        try:
            with open(f"/proc/{process}/stat", "rb") as file:
                fields = file.read().rpartition(b") ")[2].split()
        except OSError:
            continue
        parents.setdefault(int(fields[1]), []).append((process, int(fields[21]) * page))
    found: dict[int, int] = {}
    waiting = [of]
    while waiting:
        children = parents.get(waiting.pop(), ())
        found.update(children)
        waiting += [child for child, _ in children]
    return found


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def too_large(folders: tuple[str, ...]) -> bool:
    """Whether what lies in these folders is more than a run may leave; stops counting there."""
    entries = size = 0
    waiting = list(folders)
    while waiting:
        try:
            with os.scandir(waiting.pop()) as found:
                for entry in found:
                    entries += 1
                    info = entry.stat(follow_symlinks=False)
                    size += info.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    if entries > policy.FOLDER_ENTRIES or size > policy.FOLDER_BYTES:
                        return True
        except OSError:
            continue
    return False
