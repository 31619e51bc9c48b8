"""A sign of life on the error stream when something takes longer than a moment."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer

PATIENCE_SECONDS = 0.5
"""What is done by then needs no sign."""


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Says `what` with a spinner while the block runs, if a person looks and it takes a while."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # 20 ms, in commands that do more than that

    status = Console(stderr=True).status(what)
    with after_a_moment(status.start, status.stop):
        yield


@contextmanager
def after_a_moment(start: Callable[[], None], stop: Callable[[], None]) -> Iterator[None]:
    """Starts something that is seen, if the block is not done by then, and stops it with the block."""
    timer = Timer(PATIENCE_SECONDS, start)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()
        stop()
