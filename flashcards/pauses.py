"""No pauses of the garbage collector where very many objects are made, none of which is part of a circle."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_pauses() -> Iterator[None]:
    """Turns the collector off for a while: of a big deck's reading its looks for circles take half of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.freeze()  # all that was made is now as old as can be, else it is looked through at once
            gc.unfreeze()
            gc.enable()
