"""Every run pays for what the inside imports, so that stays little; and what stands in for the rest is like it."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from flashcards.verify.programs import agent_python
from flashcards.verify.sandbox import light

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"collections", "contextlib", "dataclasses", "enum", "functools", "json", "pathlib", "re", "signal", "typing"}
IMPORTS = "from flashcards.verify.sandbox import enter; from flashcards.verify.inside import agent"


def test_the_inside_imports_little() -> None:
    """None of the modules that cost more than the shell itself is there before it is needed."""
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); {IMPORTS}; print(*sys.modules)"
    done = subprocess.run([agent_python()[0], "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    modules = set(done.stdout.split())

    assert "flashcards.verify.inside.agent" in modules
    assert HEAVY.isdisjoint(modules), HEAVY & modules


class Heavy(NamedTuple):
    """As the standard library makes it."""

    one: int
    two: str = "b"


class Light(light.NamedTuple):
    """As the inside makes it."""

    one: int
    two: str = "b"


@pytest.mark.parametrize("kind", [Heavy, Light])
def test_a_light_tuple_is_like_a_heavy_one(kind) -> None:
    """By place and by name, with defaults, replaced, unpacked, compared."""
    made = kind(1)

    assert (1, "b") == made == tuple(kind(one=1, two="b"))
    assert (1, "b") == (made.one, made.two)
    assert (1, "c") == made._replace(two="c")
    assert ("one", "two") == kind._fields
    with pytest.raises((TypeError, KeyError)):
        kind()


def test_the_light_signals_are_the_heavy_ones() -> None:
    """The same numbers, and the same door."""
    import signal

    assert (signal.SIGKILL, signal.SIGSTOP, signal.SIG_IGN) == (
        light.signal.SIGKILL,
        light.signal.SIGSTOP,
        light.signal.SIG_IGN,
    )
