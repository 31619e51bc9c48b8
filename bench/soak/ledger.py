"""What was promised, what may have been stored without a word, and what is there: the difference has to be nothing."""

from collections import Counter
from collections.abc import Iterable
from threading import Lock
from typing import Any, TypeAlias

Key: TypeAlias = tuple[str, ...]
"""What tells an event from outside: a review by what was typed, a mark by its card, what was imported by its id."""


class Ledger:
    """Keeps the promises of all processes."""

    def __init__(self) -> None:
        self.promised: Counter[Key] = Counter()
        self.possible: Counter[Key] = Counter()
        """Asked for, and the process ended before it said anything: stored or not, both are right."""
        self.whole: list[frozenset[str]] = []
        """Ids that came together: all of them are there, or none."""
        self.counts: Counter[str] = Counter()
        self.refused: list[str] = []
        self._lock = Lock()

    def ask(self, *keys: Key) -> None:
        """Before a process is told to store something."""
        with self._lock:
            self.possible.update(keys)

    def promise(self, *keys: Key) -> None:
        """After it said that it did."""
        with self._lock:
            self.possible.subtract(keys)
            self.promised.update(keys)

    def note(self, what: str, times: int = 1) -> None:
        """Counts kills, syncs and the like."""
        with self._lock:
            self.counts[what] += times

    def refuse(self, said: str) -> None:
        """A process that was not killed and failed all the same."""
        with self._lock:
            self.refused.append(said)

    def has(self, kind: str) -> bool:
        """Whether anything of the kind was promised."""
        with self._lock:
            return any(key[0] == kind and count > 0 for key, count in self.promised.items())

    def missing(self, found: Counter[Key]) -> Counter[Key]:
        """What was promised and is not there."""
        return self.promised - found

    def unexplained(self, found: Counter[Key]) -> Counter[Key]:
        """What is there and was neither promised nor asked for."""
        return found - self.promised - self.possible

    def half(self, ids: Iterable[str]) -> int:
        """How many of the things that came together are there in part."""
        known = set(ids)
        return sum(0 < len(one & known) < len(one) for one in self.whole)


def key_of(event: dict[str, Any]) -> Key:
    """What an event of an exported log is known by."""
    kind = event["kind"]
    if event["device"].startswith("elsewhere"):
        return ("imported", event["id"])
    if kind == "review":
        return ("review", event.get("typed") or "")
    if kind == "mark":
        return ("mark", event["mark"], event["card"])
    return (kind,)
