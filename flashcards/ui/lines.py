"""A sitting as JSON lines: for editors, other front ends and tests. Described in docs/session-protocol.md.

The protocol is a promise: within a version fields are only added.
"""

import json
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, TextIO

from flashcards.answers import Comparison
from flashcards.errors import BadRequest
from flashcards.model import GRADE_NAMES, Grade, Verdict
from flashcards.session import Answer, Attempt, Choice, Done, Question, Session, View

PROTOCOL = "cards.session/1"
GRADES = range(6)

Fields = dict[str, Any]


def run(session: Session, *, read: TextIO, write: TextIO) -> int:
    """Answers every line read with one line written, until `quit` or the end of input; the exit code.

    A line that makes no sense is answered with an error and changes nothing.
    """
    _send(write, {"protocol": PROTOCOL})
    _send(write, drawn(session.view))
    for line in iter(read.readline, ""):
        if line.strip():
            reply, quits = _answered(session, line)
            _send(write, reply)
            if quits:
                return 0
    if not isinstance(session.view, Done):
        _send(write, drawn(session.quit()))
    return 0


def drawn(view: View) -> Fields:
    """A view as the object that is written."""
    if isinstance(view, Question):
        return {"view": "question", **_question(view)}
    if isinstance(view, Answer):
        return {"view": "answer", **_question(view.question), **_answer(view)}
    return {"view": "done", **view._asdict()}


# ---------------------------------------------------------------- in


def _answered(session: Session, line: str) -> tuple[Fields, bool]:
    """Does what the line says: the view after it, or an error; and whether that was all."""
    try:
        fields = _parsed(line)
        return drawn(_done(session, fields)), fields["do"] == "quit"
    except BadRequest as error:
        return {"error": {"message": error.message, "hint": error.hint}}, False


def _parsed(line: str) -> Fields:
    try:
        fields = json.loads(line)
    except (ValueError, RecursionError):
        raise BadRequest("not a line of JSON", hint='such as {"do": "reveal"}') from None
    if not isinstance(fields, dict):
        raise BadRequest("not a JSON object", hint='such as {"do": "reveal"}')
    return fields


def _done(session: Session, fields: Fields) -> View:
    name = fields.get("do")
    act = _ACTS.get(name) if isinstance(name, str) else None
    if act is None:
        raise BadRequest(f"`do` is {_shown(name)}", hint="one of " + ", ".join(_ACTS))
    return act(session, fields)


def _text(fields: Fields) -> str:
    text = fields.get("text")
    if not isinstance(text, str):
        raise BadRequest(f"`text` is {_shown(text)}, expected text", hint="an empty answer gives up")
    return text


def _allowed(session: Session, fields: Fields) -> View:
    yes = fields.get("yes")
    if not isinstance(yes, bool):
        raise BadRequest(f"`yes` is {_shown(yes)}, expected true or false", hint="what the person said, not a guess")
    return session.allow(yes=yes)


def _graded(session: Session, fields: Fields) -> View:
    grade = fields.get("grade")
    if type(grade) is not int or grade not in GRADES:  # `true` is an int, too
        raise BadRequest(f"`grade` is {_shown(grade)}, expected 0 to 5", hint="`choices` lists the grades to offer")
    return session.grade(Grade(grade))


def _shown(value: object) -> str:
    """A wrong value, in backticks and short; what is not there is `missing`."""
    return "missing" if value is None else f"`{json.dumps(value)[:40]}`"


_ACTS: Mapping[str, Callable[[Session, Fields], View]] = MappingProxyType(
    {
        "reveal": lambda session, _: session.reveal(),
        "answer": lambda session, fields: session.reveal(_text(fields)),
        "run": lambda session, fields: session.run(_text(fields)),
        "allow": _allowed,
        "grade": _graded,
        "undo": lambda session, _: session.undo(),
        "regrade": lambda session, _: session.regrade(),
        "skip": lambda session, _: session.skip(),
        "bury": lambda session, _: session.bury(),
        "suspend": lambda session, _: session.suspend(),
        "flag": lambda session, _: session.flag(),
        "quit": lambda session, _: session.quit(),
    }
)


# ---------------------------------------------------------------- out


def _send(write: TextIO, fields: Fields) -> None:
    """One line, in ASCII: it survives every locale and cannot steer a terminal."""
    write.write(json.dumps(fields, separators=(",", ":")) + "\n")
    write.flush()


def _question(question: Question) -> Fields:
    card = question.card
    return {
        "card": card.id,
        "deck": card.deck,
        "kind": card.kind,
        "phase": question.phase,
        "number": question.number,
        "total": question.total,
        "overdue_days": question.overdue_days,
        "drills": question.drills,
        "flagged": question.flagged,
        "tags": card.tags,
        "notice": question.notice,
        "typed": question.typed,
        "front": card.front,
        "shell": question.shell if card.run else "",
        "runs": question.ready.runs,
        "why_not": question.ready.why_not,
        "cure": question.ready.cure,
        "tries": question.tries,
        "attempt": question.attempt and _attempt(question.attempt),
    }


def _answer(answer: Answer) -> Fields:
    card = answer.question.card
    return {
        "answer": answer.question.answer,
        "back": card.back,
        "explain": card.explain,
        "text": answer.typed,
        "comparison": answer.comparison and _comparison(answer.comparison),
        "verdict": answer.verdict and _verdict(answer.verdict),
        "suggested": answer.suggested,
        "choices": [_choice(choice) for choice in answer.choices],
    }


def _comparison(comparison: Comparison) -> Fields:
    return {
        "kind": comparison.kind,
        "answer": comparison.answer,
        "note": comparison.note,
        "parts": [part._asdict() for part in comparison.parts],
        "caret": comparison.caret,
    }


def _attempt(attempt: Attempt) -> Fields:
    return {"text": attempt.typed, "verdict": _verdict(attempt.verdict)}


def _verdict(verdict: Verdict) -> Fields:
    return {
        "kind": verdict.kind,
        "reason": verdict.reason,
        "cure": verdict.cure,
        "checks": [finding._asdict() for finding in verdict.findings],
        "hints": verdict.hints,
        "notes": verdict.notes,
        "output": verdict.output,
        "exit_code": verdict.exit_code,
        "took_ms": verdict.took_ms,
        "level": verdict.level,
        "shell": verdict.shell,
    }


def _choice(choice: Choice) -> Fields:
    return {
        "grade": choice.grade,
        "name": GRADE_NAMES[choice.grade],
        "interval_days": choice.interval_days,
        "due": choice.due.isoformat(),
    }
