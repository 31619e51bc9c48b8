"""Pieces of a file, made by a thread a few ahead of who takes them.

To expand a file needs no Python, and to put rows into the database needs none either, so both go on.
"""

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

AHEAD = 4
LOOKS_SECONDS = 0.1
"""How often the thread looks whether anybody still waits for it."""
Piece = TypeVar("Piece")


def ahead(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces; what is raised on the way is raised here, and the thread ends with the walk."""
    found: Queue[Piece | BaseException | None] = Queue(AHEAD)
    is_over = Event()
    thread = Thread(target=_make, args=(pieces, found, is_over))
    thread.start()
    try:
        while (one := found.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        is_over.set()
        thread.join()


def _make(pieces: Iterator[Piece], found: "Queue[Piece | BaseException | None]", is_over: Event) -> None:
    try:
        for piece in pieces:
            _put(piece, found, is_over)
            if is_over.is_set():
                return
        _put(None, found, is_over)
    except BaseException as error:  # noqa: BLE001  (it belongs to who walks)
        _put(error, found, is_over)


def _put(one: Piece | BaseException | None, found: "Queue[Piece | BaseException | None]", is_over: Event) -> None:
    while not is_over.is_set():
        try:
            found.put(one, timeout=LOOKS_SECONDS)
        except Full:
            continue
        return
