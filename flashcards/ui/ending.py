"""The end of a sitting in pieces: what was done, how the decks stand, what comes next."""

from collections.abc import Iterator, Sequence

from rich.text import Text

from flashcards.session import Done
from flashcards.ui import words
from flashcards.ui.screen import ACCENT, BAR, DIM, LABEL, MEASURE, ROOMY, Summary

MOST_DECKS = 6
NOTHING = "nothing is due"
"""Said where a sitting ends before it began."""


def counts(view: Done, summary: Summary) -> list[str]:
    """What was done in this sitting."""
    found = []
    if view.reason == "minutes":
        found.append("time is up")
    if view.reviewed or view.drilled:
        found.append(f"{words.count(view.reviewed, 'card')} in {words.duration(view.took_ms)}")
        found.append(f"{view.right_at_once} right at once")
    else:
        found.append("nothing graded")
    if summary.retention_today is not None:
        found.append(f"retention today {words.percent(summary.retention_today)}")
    if view.skipped:
        found.append(f"{view.skipped} skipped")
    if view.left:
        found.append(f"{view.left} left for later")
    return found


def outlook(summary: Summary) -> list[str]:
    """The streak, and when the next cards come."""
    found = [f"streak {words.count(summary.streak, 'day')}"] if summary.streak else []
    coming = ", ".join(f"{number} {words.line(when)}" for when, number in summary.next_due if number)
    if coming:
        found.append(f"next: {coming}")
    return found


def decks(known: Sequence[tuple[str, int, int]], width: int, signs: words.Signs) -> Iterator[Text]:
    """`git  ████████░░░░░░░░░░  5 of 11 known`, a line for each deck; long titles are cut to what the bars leave."""
    shown = known[:MOST_DECKS]
    bar = BAR if width >= ROOMY else BAR // 2
    tails = [f"  {some} of {total} known" for _, some, total in shown]
    titles = [Text(words.line(title)) for title, _, _ in shown]
    room = max(min(width, MEASURE) - bar - max(map(len, tails), default=0) - 2, LABEL)
    column = min(max((title.cell_len for title in titles), default=0), room)
    for (_, some, total), title, tail in zip(shown, titles, tails, strict=True):
        title.truncate(column, overflow="ellipsis" if signs is words.UNICODE else "crop", pad=True)
        full = bar * some // max(total, 1)
        yield title.append("  ").append(signs.block * full, ACCENT).append(signs.light * (bar - full), DIM).append(tail)
    if len(known) > MOST_DECKS:
        yield Text(f"and {words.count(len(known) - MOST_DECKS, 'more deck')}", DIM)
