"""What a run showed, put in order and cut to what a person reads; for every front end."""

from collections.abc import Sequence

from flashcards.model import Finding, Grade, Verdict
from flashcards.session import Answer, Ready
from flashcards.ui import words

MOST_FINDINGS, MOST_LINES, MOST_FOUND = 8, 12, 4
LONGEST_LINE = 240
"""Characters of one line of output: three rows of a common screen."""
NOT_RUN = "not run: "
TRIES = ("", "", "second", "third", "fourth", "fifth")


def praise(answer: Answer) -> str:
    """Why a pass suggests its grade; nothing where nothing was passed."""
    if answer.verdict is None or answer.verdict.kind != "pass":
        return ""
    tries = answer.question.tries
    if tries <= 1:
        return "faster than usual" if answer.suggested is Grade.EASY else ""
    return f"passed on the {TRIES[tries]} try" if tries < len(TRIES) else f"passed after {tries} tries"


def excuse(answer: Answer) -> Ready | None:
    """Why a typed answer was compared and not run, if there is something to say."""
    ready = answer.question.ready
    silent = answer.verdict is not None or not answer.question.typed or ready.runs != "no"
    return None if silent or not ready.why_not else ready


def ordered(verdict: Verdict) -> tuple[Sequence[Finding], int]:
    """The findings without repetition, what failed first, at most eight; and how many are left out."""
    ranks = {False: 0, None: 1, True: 2}
    found = sorted(dict.fromkeys(verdict.findings), key=lambda finding: ranks[finding.ok])
    return found[:MOST_FINDINGS], max(len(found) - MOST_FINDINGS, 0)


def clipped(text: str, most: int = MOST_LINES) -> list[str]:
    """Lines of what a command printed, safe and short; of too many the middle is left out, for errors stand last."""
    lines = [_cut(line.rstrip()) for line in words.safe(text).expandtabs(8).strip("\n").split("\n")]
    left, tail = len(lines) - most, most // 4
    if left <= 0:
        return lines
    return [*lines[: most - 1 - tail], f"({left + 1} more lines)", *lines[-tail:]]


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ..."
