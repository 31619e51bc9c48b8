"""Leeches: cards that are forgotten again and again. A sitting puts them away, or flags them, and says so."""

from collections.abc import Sequence

from flashcards.log import next_id, not_before
from flashcards.model import Mark, Memory, Review, is_leech
from flashcards.session.views import Desk, LeechRule

MOST_TOLD = 3
"""Wrong answers in one line."""
LONGEST_TOLD = 40
"""Characters of one of them."""


def strikes(lapses: int, threshold: int) -> bool:
    """Whether the lapse that made it `lapses` is one to act on: at the threshold, and every half of it after."""
    return is_leech(lapses, threshold) and (lapses - threshold) % -(-threshold // 2) == 0


def together(review: Review, before: Memory, desk: Desk, rule: LeechRule) -> tuple[Review, *tuple[Mark, ...]]:
    """The review, and in one batch with it the mark of a card that it makes a leech: one undo takes back both."""
    if not rule.lapses or review.mode != "scheduled":
        return (review,)
    after = desk.scheduler.step(before.state, review.grade, review.at, review.day, review.card)
    lapsed = after.lapses > (before.state.lapses if before.state else 0)
    if not lapsed or not strikes(after.lapses, rule.lapses):
        return (review,)
    identity = desk.new_id(review.at)
    if identity <= review.id:  # the review is not stored yet, so nobody counted its id
        identity = next_id(review.at, review.id, 0)
    at = not_before(review.at, before.order[0])
    mark = Mark(id=identity, card=review.card, mark=rule.action, at=at, device=desk.device, batch=review.id)
    return review._replace(batch=review.id), mark


def told(mark: Mark, lapses: int, mistakes: Sequence[tuple[str, int]]) -> str:
    """What the person hears of it, in one line: what was done, how to bring it back, what was typed."""
    back = {
        "suspend": f"suspended: `cards resume {mark.card}` brings it back",
        "flag": f"flagged: `cards flag --off {mark.card}` takes that off",
    }
    typed = in_words(mistakes)
    line = f"`{mark.card}` is a leech, {'1 lapse' if lapses == 1 else f'{lapses} lapses'}, and is {back[mark.mark]}"
    return f"{line}; typed wrong: {typed}" if typed else line


def in_words(mistakes: Sequence[tuple[str, int]]) -> str:
    """Wrong answers, most frequent first: `git rm a (5 times), git reset`."""
    shown = [
        (text if len(text) <= LONGEST_TOLD else text[: LONGEST_TOLD - 1] + "…") + (f" ({n} times)" if n > 1 else "")
        for text, n in ((" ".join(text.split()), n) for text, n in mistakes[:MOST_TOLD])
    ]
    return ", ".join(shown)
