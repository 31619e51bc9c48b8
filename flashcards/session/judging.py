"""What an answer is worth, as a machine may say it: by its effect where it was run, by its text elsewhere."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flashcards.errors import BadRequest
from flashcards.log import LONGEST_TEXT
from flashcards.model import Grade, Mark, Memory, Review, Verdict, pick
from flashcards.session.views import Question

if TYPE_CHECKING:
    from flashcards.answers import Comparison

CLEARLY_FASTER = 0.6
"""The share of the usual time below which a first pass suggests `easy`."""


def by_effect(question: Question, verdict: Verdict, took_ms: int, usual_ms: int | None) -> Grade:
    """A first pass suggests `good`, or `easy` when clearly faster than before; a later one `hard`."""
    if verdict.kind == "fail":
        return Grade.WRONG
    if question.tries > 1:
        return Grade.HARD
    fast = usual_ms is not None and took_ms <= usual_ms * CLEARLY_FASTER
    return Grade.EASY if fast else Grade.GOOD


def by_text(question: Question, grade: Grade, verdict: Verdict | None) -> Grade | None:
    """What the comparison suggests; after a failed try at most `hard`, as for the effect."""
    if verdict is not None and grade < Grade.HARD:
        return None  # other words may do the same, and nobody could look
    return min(grade, Grade.HARD) if question.tries > 1 else grade


def compared(typed: str, question: Question, platform: str) -> "Comparison":
    """As `compare`, but what the deck calls wrong is wrong, however near it looks."""
    from flashcards.answers import compare  # 1 ms, and the first question is painted without it

    accept = pick(question.card.accept, question.shell, platform) or ()
    comparison = compare(typed, question.answer, accept)
    wrong = pick(question.card.wrong, question.shell, platform) or ()
    if comparison.kind == "slip" and any(compare(typed, text).grade is Grade.GOOD for text in wrong):
        return comparison._replace(kind="wrong", grade=Grade.WRONG)
    return comparison


def check_storable(typed: str) -> None:
    """A log line holds text of a bounded length that UTF-8 can write."""
    if len(typed) > LONGEST_TEXT:
        raise BadRequest(f"the answer has {len(typed)} characters, more than {LONGEST_TEXT}")
    if any("\ud800" <= sign <= "\udfff" for sign in typed):
        raise BadRequest("the answer has characters that are not text", hint="write it as UTF-8")


def also_graded(review: Review, marks: Sequence[Mark], before: Memory, after: Memory) -> str:
    """What to say where another terminal graded the card while it was on this screen: of two grades the first counts.

    The other may have been given later and stored earlier: whoever is stored second is told, since the first cannot be.
    """
    if review.mode == "drill" or after.last_at not in {None, review.at}:
        return f"`{review.card}` was graded in another terminal first; your grade counts as a drill"
    if after.order != before.order and after.order[1] not in {review.id, *(mark.id for mark in marks)}:
        return f"`{review.card}` was graded in another terminal as well; your grade came first and counts"
    return ""
