"""What running a command showed, in rows: findings, hints, what it printed, why it could not be run.

Every text here comes from a deck or from inside the sandbox, and is made safe first.
"""

from collections.abc import Iterator, Sequence

from rich.text import Text

from flashcards.model import Finding, Grade, Verdict
from flashcards.session import Answer, Ready
from flashcards.ui import markdown, words
from flashcards.ui.screen import DIM, RIGHT, UNSURE, WRONG, Row

COLUMN = 12
"""Where the texts behind `expected`, `found`, `hint` begin."""
MOST_FINDINGS, MOST_LINES, MOST_FOUND = 8, 12, 4
LONGEST_LINE = 240
"""Characters of one line of output: three rows of a common screen."""
NOT_RUN = "not run: "
TRIES = ("", "", "second", "third", "fourth", "fifth")


def rows(verdict: Verdict, signs: words.Signs) -> Iterator[Row]:
    """All that is to be said of a run: what was judged, then what the command printed."""
    if verdict.kind == "cannot":
        yield from not_run(verdict.reason, verdict.cure, signs)
    else:
        yield from _judged(verdict, signs)
    printed = [*_printed(verdict)]
    if printed:
        yield Row()
        yield from printed


def not_run(reason: str, cure: str, signs: words.Signs) -> Iterator[Row]:
    """Why nothing was run, and what would change it; no fault of the person's."""
    said = Text.assemble(NOT_RUN, markdown.inline(words.line(reason).removeprefix(NOT_RUN)))
    yield Row(Text(f"{signs.unsure} ", f"bold {UNSURE}"), said)
    if cure:
        yield _labelled("hint", markdown.inline(words.line(cure)))


def measured(verdict: Verdict) -> str:
    """How long it took, and how well it was contained: `0.4 s  strong`."""
    took = words.seconds(verdict.took_ms / 1000) if verdict.took_ms else ""
    return "  ".join(filter(None, (took, words.line(verdict.level))))


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


# ---------------------------------------------------------------- pieces


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} ..."


def _judged(verdict: Verdict, signs: words.Signs) -> Iterator[Row]:
    found, left = ordered(verdict)
    passed = verdict.kind == "pass"
    if verdict.reason or all(finding.ok is not passed for finding in found):
        yield _signed(passed, verdict.reason or ("right" if passed else "not what was asked for"), signs)
    bad = sum(finding.ok is False for finding in found)
    for finding in found[:bad]:
        yield _signed(finding.ok, finding.says, signs)
        yield from _compared(finding)
    if verdict.kind == "fail":
        yield from (_labelled("hint", markdown.inline(words.line(hint))) for hint in verdict.hints)
    yield from (_signed(finding.ok, finding.says, signs) for finding in found[bad:])
    if left:
        yield Row("  ", Text(f"and {left} more", DIM))


def _signed(ok: bool | None, says: str, signs: words.Signs) -> Row:  # noqa: FBT001  (a finding's own three values)
    sign, style = {True: (signs.right, RIGHT), False: (signs.wrong, WRONG), None: (signs.unsure, UNSURE)}[ok]
    return Row(Text(f"{sign} ", f"bold {style}"), markdown.inline(words.line(says)))


def _compared(finding: Finding) -> Iterator[Row]:
    for label, text in (("expected", finding.expected), ("found", finding.found)):
        if text:
            yield _labelled(label, Text("\n".join(clipped(text, MOST_FOUND))), wide=True)


def _printed(verdict: Verdict) -> Iterator[Row]:
    if words.safe(verdict.output).strip():
        yield _labelled("printed", Text("\n".join(clipped(verdict.output)), DIM), wide=True)
    if verdict.exit_code:
        yield _labelled("ended", Text(f"exit status {verdict.exit_code}", DIM))
    for note in verdict.notes:
        yield _labelled("note", Text(words.line(note), DIM))


def _labelled(label: str, text: Text, *, wide: bool = False) -> Row:
    return Row(Text(f"  {label}", DIM), text, COLUMN, wide)
