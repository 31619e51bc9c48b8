"""How often a test tries: few times with every change, many times by hand, with `THOROUGH=1` in the environment."""

import os

IS_ON = bool(os.environ.get("THOROUGH"))


def times(few: int, many: int) -> int:
    """So many examples, kills or runs."""
    return many if IS_ON else few
