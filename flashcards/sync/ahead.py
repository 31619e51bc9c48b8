"""Blocks of a file, read by a thread a few ahead of who takes them: to expand needs no Python, so both go on."""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeAlias

AHEAD = 4
LOOKS_SECONDS = 0.1
"""How often the thread looks whether anybody still waits for it."""
Found: TypeAlias = "bytes | BaseException | None"
"""A block, what went wrong, or the end."""


def ahead(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same blocks; what is raised on the way is raised here, and the thread ends with the walk."""
    found: Queue[Found] = Queue(AHEAD)
    is_over = Event()
    thread = Thread(target=_read, args=(blocks, found, is_over))
    thread.start()
    try:
        while (one := found.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        is_over.set()
        thread.join()


def _read(blocks: Iterator[bytes], found: "Queue[Found]", is_over: Event) -> None:
    try:
        for block in blocks:
            _put(block, found, is_over)
            if is_over.is_set():
                return
        _put(None, found, is_over)
    except BaseException as error:  # noqa: BLE001  (it belongs to who walks)
        _put(error, found, is_over)


def _put(one: Found, found: "Queue[Found]", is_over: Event) -> None:
    while not is_over.is_set():
        try:
            found.put(one, timeout=LOOKS_SECONDS)
        except Full:
            continue
        return
