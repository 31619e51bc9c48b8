"""How often a test tries: few times with every change, many times by hand, with `THOROUGH=1` in the environment."""

import os

import pytest

IS_ON = bool(os.environ.get("THOROUGH"))
SLOW = [pytest.mark.slow, pytest.mark.timeout(3000)]
"""A case of many seconds, which may become many minutes on a busy machine."""
BY_HAND = [*SLOW, pytest.mark.skipif(not IS_ON, reason="minutes: THOROUGH=1")]


def times(few: int, many: int) -> int:
    """So many examples, kills or runs."""
    return many if IS_ON else few
