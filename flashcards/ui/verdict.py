"""What running a command showed, in rows: findings, hints, what it printed, why it could not be run.

Every text here comes from a deck or from inside the sandbox, and is made safe first.
"""

from collections.abc import Iterator

from rich.text import Text

from flashcards.model import Finding, Verdict
from flashcards.ui import findings, markdown, words
from flashcards.ui.screen import DIM, RIGHT, UNSURE, WRONG, Row

COLUMN = 12
"""Where the texts behind `expected`, `found`, `hint` begin."""


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
    said = Text.assemble(findings.NOT_RUN, markdown.inline(words.line(reason).removeprefix(findings.NOT_RUN)))
    yield Row(Text(f"{signs.unsure} ", f"bold {UNSURE}"), said)
    if cure:
        yield _labelled("hint", markdown.inline(words.line(cure)))


def measured(verdict: Verdict) -> str:
    """How long it took, and how well it was contained: `0.4 s  strong`."""
    took = words.seconds(verdict.took_ms / 1000) if verdict.took_ms else ""
    return "  ".join(filter(None, (took, words.line(verdict.level))))


# ---------------------------------------------------------------- pieces


def _judged(verdict: Verdict, signs: words.Signs) -> Iterator[Row]:
    found, left = findings.ordered(verdict)
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
            yield _labelled(label, Text("\n".join(findings.clipped(text, findings.MOST_FOUND))), wide=True)


def _printed(verdict: Verdict) -> Iterator[Row]:
    if words.safe(verdict.output).strip():
        yield _labelled("printed", Text("\n".join(findings.clipped(verdict.output)), DIM), wide=True)
    if verdict.exit_code:
        yield _labelled("ended", Text(f"exit status {verdict.exit_code}", DIM))
    for note in verdict.notes:
        yield _labelled("note", Text(words.line(note), DIM))


def _labelled(label: str, text: Text, *, wide: bool = False) -> Row:
    return Row(Text(f"  {label}", DIM), text, COLUMN, wide)
