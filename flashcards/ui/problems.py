"""Problems of a person's file as plain text: place, message, excerpt with a caret, cure."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flashcards.formats.source import visible
from flashcards.model import Problem
from flashcards.ui.words import safe

if TYPE_CHECKING:
    from flashcards.formats.lints import Lint

MOST = 20
"""More than a screen of problems is not read; the first ones often cause the rest."""
GUTTER = 5
"""The width of the line number."""


def render(problem: Problem) -> str:
    """Up to four lines, without a newline at the end; what came from a deck is safe to print."""
    return _rendered("error", problem, "")


def render_lint(lint: "Lint") -> str:
    """The same for what is only odd, with the name by which it can be silenced."""
    return _rendered("warning", lint.problem, f" [{lint.name}]")


def _rendered(word: str, problem: Problem, end: str) -> str:
    place = f"{visible(problem.path)}:{problem.line}:{problem.column}"
    lines = [f"{word}: {place}: {visible(problem.message)}{end}"]
    if problem.excerpt.strip():
        lines += _excerpt(problem)
    if problem.hint:
        lines.append(f"hint: {visible(problem.hint)}")
    return safe("\n".join(lines))


def _excerpt(problem: Problem) -> list[str]:
    number = f"{problem.line:>{GUTTER}}"
    marks = " " * problem.caret + "^" * max(1, problem.width)
    return [f"{number} | {visible(problem.excerpt)}", f"{' ' * len(number)} | {marks}"]


def render_all(problems: Sequence[Problem], most: int = MOST) -> str:
    """The first `most` problems, an empty line between them, and how many more there are."""
    return _joined(map(render, problems[:most]), len(problems) - most)


def render_lints(lints: Sequence["Lint"], most: int = MOST) -> str:
    """The same for lints."""
    return _joined(map(render_lint, lints[:most]), len(lints) - most)


def _joined(parts: Iterable[str], left: int) -> str:
    return "\n\n".join([*parts, *([f"and {left} more"] if left > 0 else [])])
