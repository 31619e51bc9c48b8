"""Limits that hold for every single process (rlimits), and what is counted for all of them together."""

from __future__ import annotations

import errno
import os
import resource
import stat

from flashcards.verify.sandbox import policy
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

NO_CORE = 1
"""No core file. Not 0: a system that hands cores to a program ignores that; 1 byte is the kernel's word for never."""


def restrict(*, cpu_seconds: int, counts_processes: bool) -> None:
    """Sets the limits of this process and its children. `counts_processes` where the kernel can count them by owner."""
    _set(resource.RLIMIT_CPU, cpu_seconds)
    _set(resource.RLIMIT_FSIZE, policy.FILE_BYTES)
    _set(resource.RLIMIT_NOFILE, policy.OPEN_FILES)
    _set(resource.RLIMIT_CORE, NO_CORE)
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


def shared_bytes() -> int:
    """The machine's shared memory; 0 where nobody can look."""
    try:
        with open("/proc/meminfo", "rb") as file:
            return int(file.read().partition(b"\nShmem:")[2].split(None, 1)[0]) * 1024
    except (OSError, IndexError, ValueError):
        return 0


def _processes() -> Iterator[int]:
    return (int(name) for name in os.listdir("/proc") if name.isdigit())


def too_large(folders: tuple[str, ...]) -> bool:
    """Whether what lies in these folders is more than a run may leave; stops counting there.

    So is what cannot be counted: too deep, or behind a way that was closed.
    """
    entries = size = 0
    waiting = list(folders)
    while waiting:
        folder = waiting.pop()
        try:
            with _Opened(folder) as found:
                for entry in found:
                    info = entry.stat(follow_symlinks=False)
                    entries += 1
                    size += info.st_blocks * 512
                    if stat.S_ISDIR(info.st_mode):
                        waiting.append(entry.path)
                    if entries > policy.FOLDER_ENTRIES or size > policy.FOLDER_BYTES:
                        return True
        except OSError as error:  # mostly, it has just gone
            if error.errno == errno.ENAMETOOLONG or folder in folders:
                return True
    return False


class _Opened:
    """A look into a folder, also one that its owner has closed: else that would be the way to fill a disk."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._mode = stat.S_IMODE(os.lstat(folder).st_mode)
        self._closed = self._mode & stat.S_IRWXU != stat.S_IRWXU

    def __enter__(self) -> Iterator[os.DirEntry[str]]:
        if self._closed:
            os.chmod(self._folder, stat.S_IRWXU)
        self._found = os.scandir(self._folder)
        return self._found

    def __exit__(self, *_: object) -> None:
        self._found.close()
        if self._closed:
            os.chmod(self._folder, self._mode)


def free_bytes(folders: tuple[str, ...]) -> int:
    """What is free on the file system of these folders; 0 where nobody can look."""
    try:
        space = os.statvfs(folders[0])
    except (IndexError, OSError):
        return 0
    return space.f_bfree * space.f_frsize
