"""Fuzz without end: some seeds with every change, and for as long as `FUZZ_SECONDS` says by hand."""

import os
import random
import time
from collections.abc import Callable
from itertools import count

import pytest

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))

by_hand = pytest.mark.skipif(not SECONDS, reason="FUZZ_SECONDS says for how long")


def for_a_long_time(act: Callable[[random.Random], object], *, share: float = 1) -> None:
    """Does `act` with one seed after the other; the seed of a finding is in its name."""
    first, until = int(time.time()), time.monotonic() + SECONDS * share
    for seed in count(first):
        try:
            act(random.Random(seed))
        except BaseException as error:
            raise AssertionError(f"seed {seed}") from error
        if time.monotonic() > until:
            print(f"{seed - first + 1:,} tried")
            return


def bent(dice: random.Random, data: bytes, signs: tuple[bytes, ...] = ()) -> bytes:
    """Bytes flipped, cut out, doubled, and signs put in, at some places."""
    found = bytearray(data)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(found) or 1)
        match dice.randrange(5):
            case 0 | 1 if found:
                found[at] = dice.choice((0, 0xFF, found[at] ^ 1 << dice.randrange(8), dice.randrange(256)))
            case 2:
                del found[at : at + dice.randrange(40)]
            case 3:
                found[at:at] = found[at : at + dice.randrange(200)]
            case _ if signs:
                found[at:at] = dice.choice(signs) * dice.choice((1, 1, 1, 2000))
    return bytes(found)
