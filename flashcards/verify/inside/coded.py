"""Checks that are code of the deck: a program, an expression of Python, lines for the shell."""

from __future__ import annotations

from flashcards.verify.inside import process
from flashcards.verify.inside.findings import Finding, fails, filled, gone, holds
from flashcards.verify.inside.printed import stream
from flashcards.verify.inside.setup import found as find_program
from flashcards.verify.inside.world import TooSlowError, World, shown
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any


def run(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """A program of the deck ends as it must."""
    argv = filled(world, value["argv"])
    ended = program(world, argv)
    words = shown(" ".join(argv))
    wanted = value.get("exit", [0])
    if ended.status not in wanted:
        expected = "exit status " + " or ".join(map(str, wanted))
        yield fails(f"`{words}` does not end as it should", expected, end_of(ended))
        return
    yield holds(f"`{words}` ends as it should")
    said = (f"`{words}` prints the right text", f"`{words}` prints something else")
    yield from stream(world, value.get("stdout", {}), ended.out, said)


def python(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """An expression of the deck is true."""
    exe = value.get("exe", "python3")
    code = "import os, sys\nsys.exit(0 if eval(sys.argv[1]) else 10)"
    ended = program(world, [world.at(exe) if "/" in exe else exe, "-c", code, world.filled(value["expr"])])
    says = f"`{shown(value['expr'])}`"
    if ended.status == 0:
        yield holds(f"{says} is true")
    else:
        yield fails(f"{says} is not true", "True", "False" if ended.status == 10 else end_of(ended))  # noqa: PLR2004


def end_of(ended: process.Ended) -> str:
    """How a program ended that should have ended otherwise, with its last complaint."""
    last = shown(ended.err.decode("utf-8", "replace").strip().rpartition("\n")[2])
    status = f"exit status {ended.status}" if ended.status is not None else f"stopped: {ended.why}"
    return f"{status}: {last}" if last else status


def script(world: World, value: Any, step: Mapping[str, Any]) -> Iterable[Finding]:  # noqa: ARG001
    """Lines of the deck for the shell succeed."""
    status = world.scripts.get(step["number"])
    if status is None:
        yield gone(world)
    else:
        yield fails("what the deck tries does not work") if status else holds("what the deck tries works")


def program(world: World, argv: list[str]) -> process.Ended:
    """Runs a program in the environment that the answer left behind."""
    environment = world.after.environment if world.after else world.initial
    path = argv[0] if "/" in argv[0] else find_program(argv[0], environment)
    if not path:
        return process.Ended(127, "", b"", f"there is no {argv[0]}".encode(), b"", 0.0)
    patience = world.patience
    if patience.programs_left <= 0:
        raise TooSlowError("the checks of this card do not come to an end")
    watch = world.watch._replace(seconds=patience.programs_left)
    ended = process.run([path, *argv[1:]], environment, world.work, watch)
    patience.programs_left -= ended.took_seconds
    return ended
