"""What a check finds, and the small words that all checks share.

A finding says what holds or what does not, in the learner's terms, and for a
failure what was expected and what was found. `ok` is None where the shell
that would know is gone.
"""

from __future__ import annotations

from flashcards.verify.sandbox.light import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from flashcards.verify.inside.world import World

    Check = Callable[[World, Any, Mapping[str, Any]], Iterable["Finding"]]
    """A value of the deck and the world in, findings out; last the whole step."""

MOST_SHOWN = 4
MADE = "; you made "


class Finding(NamedTuple):
    """What one check found; see `flashcards.model.Finding`."""

    ok: bool | None
    says: str
    expected: str = ""
    found: str = ""


def many(value: Any) -> list[Any]:
    """One value or many, as the deck has it, as a list."""
    return value if isinstance(value, list) else list(value) if isinstance(value, tuple) else [value]


def filled(world: World, value: Any) -> list[str]:
    """The texts of a value, their `${…}` filled in."""
    return [world.filled(text) for text in many(value)]


def items(world: World, value: Mapping[str, str]) -> list[tuple[str, str]]:
    """Names with their texts, the `${…}` in these filled in."""
    return [(name, world.filled(text)) for name, text in value.items()]


def holds(says: str) -> Finding:
    """What holds."""
    return Finding(ok=True, says=says)


def fails(says: str, expected: str = "", found: str = "") -> Finding:
    """What does not hold."""
    return Finding(ok=False, says=says, expected=expected, found=found)


def gone(world: World) -> Finding:
    """What nobody can say, since the shell is gone."""
    return Finding(ok=None, says=world.lost)


def article(kind: str) -> str:
    """A kind of command, as part of a sentence."""
    return "no such command" if kind in {"", "nothing"} else f"an {kind}" if kind == "alias" else f"a {kind}"
