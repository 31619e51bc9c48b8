"""Checks of what was printed, and how two texts differ."""

from __future__ import annotations

from itertools import zip_longest

from flashcards.verify.inside.findings import Finding, fails, filled, holds
from flashcards.verify.inside.world import LONGEST_SHOWN, World, shown
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def stdout(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the answer printed."""
    return stream(world, value, world.ended.out, ("it printed the right text", "it printed something else"))


def stderr(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the answer complained."""
    said = ("its error messages are the right ones", "its error messages are different")
    return stream(world, value, world.ended.err, said)


def stream(world: World, value: Mapping[str, Any], data: bytes, said: tuple[str, str]) -> Iterable[Finding]:
    """A text against `equals`, `contains` and `matches`; `said` is how that is told, where it holds and where not."""
    text = data.decode("utf-8", "replace")
    right, wrong = holds(said[0]), said[1]
    if "equals" in value:
        wanted = world.filled(value["equals"])
        is_same = text.removesuffix("\n") == wanted.removesuffix("\n")
        yield right if is_same else fails(wrong, *unlike(wanted, text, "nothing"))
    for wanted in filled(world, value.get("contains", [])):
        yield right if wanted in text else fails(wrong, f"{shown(wanted)} in it", shown(text) or "nothing")
    if "matches" in value:
        is_like = world.patience.matches(value["matches"], text)
        yield right if is_like else fails(wrong, f"something like {value['matches']}", shown(text) or "nothing")


def unlike(wanted: str, there: str, nothing: str) -> tuple[str, str]:
    """Expected and found, such that the difference can be seen: in long texts the line where it begins."""
    one, other = wanted.removesuffix("\n"), there.removesuffix("\n")
    if max(len(one), len(other)) > LONGEST_SHOWN:
        lines = enumerate(zip_longest(one.split("\n"), other.split("\n"), fillvalue=""), 1)
        number, (one, other) = next((found for found in lines if found[1][0] != found[1][1]), (1, (one, other)))
        same = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), 0)
        start = max(same - LONGEST_SHOWN // 2, 0)
        return f"line {number}: {shown(one[start:])}", f"line {number}: {shown(other[start:])}"
    if one.split() == other.split() and one.strip():  # blanks are seen between quotes only
        return f'"{shown(one)}"', f'"{shown(other)}"'
    return shown(one) or nothing, shown(other) or nothing
