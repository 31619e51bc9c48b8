"""The views of a sitting in plain lines, as they are read out: no colour, no boxes, nothing said by place alone."""

from collections.abc import Iterator
from types import MappingProxyType

from flashcards.answers import Comparison
from flashcards.model import GRADE_NAMES, Grade, Verdict
from flashcards.session import Answer, Choice, Done, Question, View
from flashcards.ui import findings
from flashcards.ui.words import count, duration, safe
from flashcards.ui.words import line as one_line

_OUTCOMES = MappingProxyType({True: "pass", False: "fail", None: "not seen"})


def summed(done: Done) -> Iterator[str]:
    """The end of a sitting in two lines."""
    yield ""
    yield (
        f"done: {count(done.reviewed, 'card')}, {done.right_at_once} right at once, "
        f"{count(done.drilled, 'drill')}, {done.skipped} skipped, {duration(done.took_ms)}"
    )
    if done.left:
        yield f"{count(done.left, 'card')} left"
    if done.notice:
        yield f"note: {done.notice}"


def question(view: Question) -> Iterator[str]:
    """Which card it is, then its front."""
    if view.notice:
        yield f"note: {view.notice}"
    drill = view.phase == "drill"
    place = f"{count(view.drills, 'card')} to come back" if drill else f"card {view.number} of {view.total}"
    details: list[str] = [view.card.id, view.phase]
    if view.overdue_days:
        details.append(f"{count(view.overdue_days, 'day')} overdue")
    if view.flagged:
        details.append("flagged")
    yield f"{place}: {', '.join(details)}"
    yield view.card.front


def answer(view: Answer) -> Iterator[str]:
    """The right answer, the back, what the words mean, the grades."""
    asked = view.question
    texts = [text for text in (asked.answer, asked.card.back) if text]
    yield from _labelled("answer", texts[0] if texts else "")
    yield from texts[1:]
    for part, meaning in asked.card.explain:
        yield f"{part}: {meaning}"
    keys = {grade: digit for digit, grade in digits(view).items()}
    for choice in view.choices:
        yield f"{keys[choice.grade]} {GRADE_NAMES[choice.grade]}: {_interval(choice)}"
    if view.suggested is not None:
        why = findings.praise(view)
        yield f"suggested: {GRADE_NAMES[view.suggested]}" + (f", {why}" if why else "")


def judged(view: Answer) -> Iterator[str]:
    """The verdict on what was typed, by its text or by its effect."""
    if view.comparison and view.verdict and view.comparison.kind == "wrong":
        yield f"differs: {view.comparison.note}"  # and is not called wrong: nobody could look at its effect
    elif view.comparison:
        yield _verdict(view.comparison, view.typed or "")
    if view.verdict:
        yield from effect(view.verdict)


def effect(verdict: Verdict) -> Iterator[str]:
    """What running a command showed; the first line is the verdict."""
    if verdict.kind == "cannot":
        yield from not_run(verdict.reason, verdict.cure)
    else:
        yield from _findings(verdict)
    if safe(verdict.output).strip():
        yield from _labelled("printed", "\n".join(findings.clipped(verdict.output)))
    if verdict.exit_code:
        yield f"exit status: {verdict.exit_code}"
    yield from (f"note: {one_line(note)}" for note in verdict.notes)


def _findings(verdict: Verdict) -> Iterator[str]:
    found, left = findings.ordered(verdict)
    passed = verdict.kind == "pass"
    if verdict.reason or not found or found[0].ok is not passed:
        yield f"{verdict.kind}: {one_line(verdict.reason)}" if verdict.reason else verdict.kind
    for finding in found:
        yield f"{_OUTCOMES[finding.ok]}: {one_line(finding.says)}"
        if finding.ok is False:
            pairs = (("expected", finding.expected), ("found", finding.found))
            yield from (f"{label}: {one_line(text)}" for label, text in pairs if text)
    if left:
        yield f"and {left} more"
    if not passed:
        yield from (f"hint: {one_line(hint)}" for hint in verdict.hints)


def not_run(reason: str, cure: str) -> Iterator[str]:
    """Why nothing was run, and what would change it."""
    yield findings.NOT_RUN + one_line(reason).removeprefix(findings.NOT_RUN)
    if cure:
        yield f"hint: {one_line(cure)}"


def _verdict(comparison: Comparison, typed: str) -> str:
    if not typed.strip():
        return "given up"
    word = {"slip": "nearly", "wrong": "wrong"}.get(comparison.kind, "right")
    return f"{word}: {comparison.note}" if comparison.note else word


def _labelled(label: str, text: str) -> Iterator[str]:
    """`label: text`, the text below its label if it has several lines."""
    yield f"{label}:\n{text}" if "\n" in text else f"{label}: {text}"


def _interval(choice: Choice) -> str:
    return f"in {count(choice.interval_days, 'day')}" if choice.interval_days > 0 else "today"


def prompt(view: View) -> str:
    """What is asked for, for a person."""
    if isinstance(view, Answer):
        keys = list(digits(view))
        suggested = f", empty for {GRADE_NAMES[view.suggested]}" if view.suggested is not None else ""
        return f"grade {keys[0]}-{keys[-1]}{suggested}> "
    if not isinstance(view, Question) or not view.typed:
        return "enter to see the answer> "
    shell = one_line(view.shell) if view.card.run else ""
    return f"{shell or 'answer'}> "


def scale(view: Answer) -> list[Grade]:
    """The grades that are offered."""
    return [choice.grade for choice in view.choices]


def digits(view: Answer) -> dict[str, Grade]:
    """What the digits mean: the grade itself on the scale of 0 to 5, else its place from 1."""
    grades = scale(view)
    whole = Grade.BLACKOUT in grades
    return {str(int(grade) if whole else place): grade for place, grade in enumerate(grades, 1)}
