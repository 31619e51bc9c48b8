"""Checks of files and directories."""

from __future__ import annotations

import os
import stat

from flashcards.verify.inside.findings import MADE, MOST_SHOWN, Finding, fails, filled, holds, items
from flashcards.verify.inside.printed import unlike
from flashcards.verify.inside.world import World, listing, shown
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any

LARGEST_READ = 1 << 20
EMPTY = "empty"


def kind_at(path: str) -> str:
    """What a path is, in a word; empty where nothing is."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    if stat.S_ISLNK(mode) and not os.path.exists(path):
        return "a link to nothing"
    return "a directory" if os.path.isdir(path) else "a file" if os.path.isfile(path) else "a special file"


def lacks(world: World, path: str, kind: str = "a file") -> Finding:
    """What should be there is not: what is there in its place, or what the learner made."""
    there = kind_at(world.at(path))
    if there and there != kind:
        return fails(f"`{path.rstrip('/')}` is {there}", kind, there)
    made = world.made[:MOST_SHOWN]
    is_gone = path.rstrip("/") in {name.rstrip("/") for name in world.gone}
    says = f"`{path}` is gone" if is_gone else f"there is no `{path}`"
    if made:
        says += MADE + ", ".join(f"`{shown(name)}`" for name in made)
    return fails(says, path, ", ".join(map(shown, made)) or "nothing new")


def file_exists(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are files."""
    for path in filled(world, value):
        ok = os.path.isfile(world.at(path)) and _is_named_so(world.at(path))
        yield holds(f"`{path}` is there") if ok else lacks(world, path)


def dir_exists(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are directories."""
    for path in filled(world, value):
        ok = os.path.isdir(world.at(path)) and _is_named_so(world.at(path))
        name = path.rstrip("/") + "/"
        yield holds(f"`{name}` is there") if ok else lacks(world, name, "a directory")


def _is_named_so(path: str) -> bool:
    """Whether the last name is really written so: some file systems take `Venv` for `venv`."""
    folder, name = os.path.split(path)
    try:
        return name in {"", "."} or name in os.listdir(folder)
    except OSError:
        return True


def absent(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """Nothing has these names."""
    for path in filled(world, value):
        what = kind_at(world.at(path))
        was_there = bool({path.rstrip("/"), path.rstrip("/") + "/"} & world.names)
        says = f"`{path}` is still there" if was_there else f"`{path}` is there"
        yield fails(says, f"no {path}", what) if what else holds(f"there is no `{path}`")


def executable(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These files can be executed."""
    for path in filled(world, value):
        if not os.path.isfile(world.at(path)):
            yield lacks(world, path)
        elif _bits(world, path) & stat.S_IXUSR:
            yield holds(f"`{path}` can be executed")
        else:
            yield fails(f"`{path}` cannot be executed", "the permission `x`", _permissions(_bits(world, path)))


def mode(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These have these permissions."""
    for path, wanted in value.items():
        if not os.path.exists(world.at(path)):
            yield lacks(world, path)
            continue
        there, bits = _bits(world, path), int(wanted, 8)
        says = f"`{path}` has the mode {there:04o}"
        yield holds(says) if there == bits else fails(says, _permissions(bits), _permissions(there))


def _bits(world: World, path: str) -> int:
    return stat.S_IMODE(os.stat(world.at(path)).st_mode)


def _permissions(bits: int) -> str:
    """Both ways in which people write them: `0755 rwxr-xr-x`."""
    return f"{bits:04o} {stat.filemode(bits)[1:]}"


def file_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The text of these files is exactly this; a line end at the very end is not looked at."""
    for path, wanted in items(world, value):
        text = _text(world, path)
        if isinstance(text, Finding):
            yield text
        elif text.removesuffix("\n") == wanted.removesuffix("\n"):
            yield holds(f"`{path}` has the right content")
        else:
            yield fails(f"`{path}` has the wrong content", *unlike(wanted, text, "an empty file"))


def file_matches(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The text of these files has what the pattern looks for."""
    for path, pattern in value.items():
        text = _text(world, path)
        if isinstance(text, Finding):
            yield text
        elif world.patience.matches(pattern, text):
            yield holds(f"`{path}` has the right content")
        else:
            says = f"`{path}` has the wrong content"
            yield fails(says, f"something like {pattern}", shown(text) or "an empty file")


def _text(world: World, path: str) -> str | Finding:
    """The text of a file, or what is to be said where there is none to read."""
    full = world.at(path)
    if not os.path.isfile(full):  # a pipe would wait for a writer
        return lacks(world, path)
    try:
        with open(full, "rb") as file:
            return file.read(LARGEST_READ).decode("utf-8", "replace")
    except OSError:
        return fails(f"`{path}` cannot be read", "the permission `r`", _permissions(_bits(world, path)))


def contents(folder: str) -> str:
    """What lies in a folder, in a few words."""
    names = sorted(listing(folder, levels=1))
    return ", ".join(map(shown, names[:MOST_SHOWN])) + (", …" if names[MOST_SHOWN:] else "") or "an empty directory"
