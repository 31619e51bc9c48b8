"""Commands that were run: how many tries they took, and what went wrong."""

from collections.abc import Iterable
from operator import add
from typing import NamedTuple

from flashcards.stats.counting import Graded


class Commands(NamedTuple):
    """Reviews whose answer was run, of those that count."""

    judged: int = 0
    """With a verdict: pass or fail."""
    passed: int = 0
    first_try: int = 0
    """Passed with the first command and without a hint."""
    tries: int = 0
    """Commands run for the judged ones."""
    hints: int = 0
    """Hints shown for the judged ones."""
    cannot: int = 0
    """Could not be verified on the machine where they were asked; in none of the others."""


def commands(reviews: Iterable[Graded]) -> Commands:
    """The sum over reviews."""
    whole = Commands()
    for one in reviews:
        if one.counts and one.review.verdict in {"pass", "fail", "cannot"}:
            whole = Commands(*map(add, whole, judged(one.review.verdict, one.review.tries, one.review.hints)))
    return whole


def judged(verdict: str, tries: int | None, hints: int | None) -> Commands:
    """One review as a count; where nothing is said of tries, there was one."""
    if verdict == "cannot":
        return Commands(cannot=1)
    tried, shown, passed = max(1, tries or 0), hints or 0, verdict == "pass"
    return Commands(
        judged=1,
        passed=int(passed),
        first_try=int(passed and tried == 1 and not shown),
        tries=tried,
        hints=shown,
    )
