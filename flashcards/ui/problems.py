"""Problems of a person's file as plain text: place, message, excerpt with a caret, cure."""

from collections.abc import Sequence

from flashcards.formats.source import visible
from flashcards.model import Problem

MOST = 20
"""More than a screen of problems is not read; the first ones often cause the rest."""
GUTTER = 5
"""The width of the line number."""


def render(problem: Problem) -> str:
    """Up to four lines, without a newline at the end; what came from a deck is safe to print."""
    place = f"{visible(problem.path)}:{problem.line}:{problem.column}"
    lines = [f"error: {place}: {visible(problem.message)}"]
    if problem.excerpt.strip():
        lines += _excerpt(problem)
    if problem.hint:
        lines.append(f"hint: {visible(problem.hint)}")
    return "\n".join(lines)


def _excerpt(problem: Problem) -> list[str]:
    number = f"{problem.line:>{GUTTER}}"
    marks = " " * problem.caret + "^" * max(1, problem.width)
    return [f"{number} | {visible(problem.excerpt)}", f"{' ' * len(number)} | {marks}"]


def render_all(problems: Sequence[Problem], most: int = MOST) -> str:
    """The first `most` problems, an empty line between them, and how many more there are."""
    parts = [render(problem) for problem in problems[:most]]
    if len(problems) > most:
        parts.append(f"and {len(problems) - most} more")
    return "\n\n".join(parts)
