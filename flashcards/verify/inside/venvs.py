"""The check that a virtual environment works."""

from __future__ import annotations

import os

from flashcards.verify.inside.coded import program
from flashcards.verify.inside.files import contents, lacks
from flashcards.verify.inside.findings import Finding, fails, filled, holds
from flashcards.verify.inside.world import World, shown
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

    from flashcards.verify.inside import process


def is_venv(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are virtual environments that work: their Python says that it is at home there."""
    for path in filled(world, value):
        folder, name = world.at(path), path.rstrip("/") + "/"
        if not os.path.isdir(folder):
            yield lacks(world, name, "a directory")
        elif not os.path.isfile(f"{folder}/pyvenv.cfg"):
            yield fails(f"`{name}` is not a virtual environment", f"{name}pyvenv.cfg", contents(folder))
        else:
            yield _works(world, name, folder)


def _works(world: World, name: str, folder: str) -> Finding:
    python = f"{folder}/bin/python"
    code = "import sys; print(sys.prefix); print(sys.base_prefix)"
    ended = program(world, [python, "-I", "-c", code]) if os.access(python, os.X_OK) else None
    lines = ended.out.decode("utf-8", "replace").splitlines() if ended and ended.status == 0 else []
    if len(lines) == 2 and os.path.realpath(lines[0]) == os.path.realpath(folder) and lines[0] != lines[1]:  # noqa: PLR2004  (two were printed)
        if not _has_place_for_packages(folder):
            return fails(f"`{name}` has no place for packages", f"{name}lib/python3.x/site-packages", contents(folder))
        return holds(f"`{name}` works as a virtual environment")
    says = f"`{name}` does not work as a virtual environment"
    return fails(says, f"{name}bin/python, at home in {name}", _broken(ended))


def _has_place_for_packages(folder: str) -> bool:
    """Whether a `site-packages` lies where the interpreter looks for it."""
    lib = f"{folder}/lib"
    return os.path.isdir(lib) and any(os.path.isdir(f"{lib}/{name}/site-packages") for name in os.listdir(lib))


def _broken(ended: process.Ended | None) -> str:
    if ended is None:
        return "no bin/python that can be executed"
    return shown(ended.err.strip().rpartition(b"\n")[2]) or "its Python is at home elsewhere"
