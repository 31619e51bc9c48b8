"""One sync at a time on one machine: they append to the same file. The lock ends with its process."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from flashcards import clock
from flashcards.errors import CardsError

PATIENCE_SECONDS = 120
PAUSE_SECONDS = 0.05


@contextmanager
def alone(path: str, sign: Callable[[str], AbstractContextManager[object]]) -> Iterator[None]:
    """Waits until no other sync of this home is at work; raises where that takes too long."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)
    except OSError as error:
        raise CardsError(f"cannot write `{path}`: {error.strerror}", hint="check who may write there") from None
    try:
        if not _take(descriptor):
            with sign("waiting for another `cards sync`"):
                begun = clock.ticks()
                while not _take(descriptor):
                    if clock.ticks() - begun > PATIENCE_SECONDS:
                        raise CardsError("another `cards sync` is at work", hint="wait until it is done")
                    time.sleep(PAUSE_SECONDS)
        yield
    finally:
        os.close(descriptor)


def _take(descriptor: int) -> bool:
    try:
        import fcntl
    except ImportError:  # not on Windows: two at once leave lines twice, which is harmless
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
