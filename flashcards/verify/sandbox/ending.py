"""Ends every process below this one, also those that start others faster than anybody can count them."""

from __future__ import annotations

import os
import time

from flashcards.verify.sandbox import limits
from flashcards.verify.sandbox.light import TYPE_CHECKING, signal

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERYBODY = (-1,)
"""Process 1 of a world of its own can name them all at once."""


def end_all(seconds: float, *, alone: bool = False) -> bool:
    """Kills everything below; False if something was left after so many seconds.

    Whoever is not `alone` has to look for them, and meanwhile there are new
    ones. So each is stopped before any is killed: what has stopped starts
    nothing, and its place among the processes that may be there stays taken.
    """
    until = time.monotonic() + seconds
    while reap():
        if time.monotonic() > until:
            return False
        if alone:
            _send(signal.SIGKILL, EVERYBODY)
        else:
            _send(signal.SIGKILL, _stopped(until))
        time.sleep(0.001)
    return True


def _stopped(until: float) -> set[int]:
    """Stops everything below; done when a look finds nobody new."""
    seen: set[int] = set()
    while time.monotonic() < until:
        new = limits.descendants(os.getpid()).keys() - seen
        if not new:
            break
        _send(signal.SIGSTOP, new)
        seen |= new
    return seen


def reap() -> bool:
    """Takes in every child that has ended; whether there are children left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _send(number: int, processes: Iterable[int]) -> None:
    for process in processes:
        try:
            os.kill(process, number)
        except OSError:  # it has just ended
            continue
