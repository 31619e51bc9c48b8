"""Deterministic fuzz: cards learnt together drift apart, the same way on every device.

The dice are a hash of the card and its repetition, so a replay years later,
or on another machine, throws the same number.
"""

# (from how many days, share of the days beyond that): the wider the interval, the smaller the share.
RANGES = ((3, 0.15), (7, 0.10), (20, 0.05))


def spread(days: int, salt: str, repetitions: int) -> int:
    """`days` moved by at most `reach(days)` either way; below 3 days nothing moves."""
    width = reach(days)
    if not width:
        return days
    from hashlib import sha256  # 3 ms of OpenSSL, and fuzz is off by default

    dice = int.from_bytes(sha256(f"{salt}\n{repetitions}".encode()).digest()[:8], "big")
    return days - width + dice % (2 * width + 1)


def reach(days: int) -> int:
    """How many days a due day may move either way."""
    if days < RANGES[0][0]:
        return 0
    ends = [start for start, _ in RANGES[1:]] + [days]
    parts = zip(RANGES, ends, strict=True)
    return 1 + int(sum(max(0, min(days, end) - start) * share for (start, share), end in parts))
