"""Checks of what the shell knows after the answer: variables, commands, functions, its directory, its prompt."""

from __future__ import annotations

import os

from flashcards.verify.inside.findings import Finding, article, fails, filled, gone, holds, items, many
from flashcards.verify.inside.printed import unlike
from flashcards.verify.inside.world import World, shown
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from flashcards.verify.inside.findings import Check

START = "where it started"
UNSET = "not set, or not exported"
EMPTY = "empty"


def exit_code(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The exit status is one of these."""
    status = world.after.status if world.after else world.ended.status
    if status is None:
        yield gone(world)
        return
    wanted, says = many(value), f"the exit status is {status}"
    yield holds(says) if status in wanted else fails(says, " or ".join(map(str, wanted)), str(status))


def cwd(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The shell is in this directory."""
    if world.after is None:
        yield gone(world)
        return
    wanted = world.at(world.filled(value))
    there = world.after.cwd
    says = f"the shell is in `{short(world, there)}`" if there != world.work else f"the shell is {START}"
    if os.path.realpath(there) == os.path.realpath(wanted):
        yield holds(says)
    else:
        yield fails(says, *(short(world, path) if path != world.work else START for path in (wanted, there)))


def short(world: World, path: str) -> str:
    """A path as the learner thinks of it: from the work folder, `~` for home."""
    home = world.initial.get("HOME", "")
    if path == world.work:
        return "."
    if path.startswith(world.work + "/"):
        return path[len(world.work) + 1 :]
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path


def env_set(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables are in the environment."""
    for name in many(value):
        if world.after is None:
            yield gone(world)
        elif name in world.after.environment:
            yield holds(f"`${name}` is set")
        else:
            yield fails(f"`${name}` is not in the environment", f"{name}=…", UNSET)


def env_unset(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables are not in the environment."""
    for name in many(value):
        if world.after is None:
            yield gone(world)
        elif name not in world.after.environment:
            yield holds(f"`${name}` is not in the environment")
        else:
            there = _paths(world, world.after.environment[name])
            yield fails(f"`${name}` is set", f"no {name}", f"{name}={shown(there)}")


def env_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables have these values."""
    for name, wanted in items(world, value):
        yield _variable(world, name, wanted, wanted.__eq__)


def env_path_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables name these files or folders, however they are written."""
    for name, wanted in items(world, value):
        yield _variable(world, name, wanted, _is_place(world, wanted))


def _is_place(world: World, path: str) -> Callable[[str], bool]:
    """Whether another path leads to the same place."""
    place = os.path.realpath(world.at(path))
    return lambda other: os.path.realpath(world.at(other)) == place


def _variable(world: World, name: str, wanted: str, test: Callable[[str], bool]) -> Finding:
    if world.after is None:
        return gone(world)
    there = world.after.environment.get(name)
    if there is None:
        return fails(f"`${name}` is not in the environment", shown(_paths(world, wanted)) or EMPTY, UNSET)
    if test(there):
        return holds(f"`${name}` is {shown(_paths(world, there)) or EMPTY}")
    short = _paths(world, wanted), _paths(world, there)
    return fails(f"`${name}` has another value", *_difference(*(short if short[0] != short[1] else (wanted, there))))


def _difference(wanted: str, there: str) -> tuple[str, str]:
    """Expected and found; of two long lists of folders just what one has and the other has not."""
    one, other = wanted.split(":"), there.split(":")
    extra = [part for part in other if part not in one]
    lacking = [part for part in one if part not in other]
    if len(one) + len(other) < 4 or not extra + lacking:  # noqa: PLR2004  (two folders are read at a glance)
        return unlike(wanted, there, EMPTY)
    expected = [*lacking, *(f"no {part}" for part in extra)]
    return shown(", ".join(expected)), shown(", ".join([*extra, *(f"no {part}" for part in lacking)]))


def _paths(world: World, text: str) -> str:
    """A value with the work folder left out of its paths."""
    return text.replace(world.work + "/", "").replace(world.work, ".")


def path_prefix(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """`PATH` starts with these directories."""
    if world.after is None:
        yield gone(world)
        return
    wanted = filled(world, value)
    there = world.after.environment.get("PATH", "").split(":")[: len(wanted)]
    first, start = ":".join(short(world, path) for path in there), ":".join(wanted)
    if [os.path.realpath(world.at(p)) for p in there] == [os.path.realpath(world.at(p)) for p in wanted]:
        yield holds(f"`$PATH` starts with `{start}`")
    else:
        yield fails(f"`$PATH` does not start with `{start}`", f"{start}:…", f"{first}:…")


def path_lacks(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """`PATH` has none of these directories."""
    if world.after is None:
        yield gone(world)
        return
    there = {os.path.realpath(world.at(path)) for path in world.after.environment.get("PATH", "").split(":")}
    for path in filled(world, value):
        is_in = os.path.realpath(world.at(path)) in there
        yield fails(f"`$PATH` has `{path}`", f"no {path}", path) if is_in else holds(f"`$PATH` has no `{path}`")


def command_resolves_within(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The shell finds these commands inside these directories."""
    for name, folder in items(world, value):
        if world.after is None:
            yield gone(world)
            continue
        known = world.after.names.get(name)
        found = short(world, known.path) if known and known.path else article(known.kind if known else "")
        if known and known.path and _is_within(os.path.dirname(known.path), world.at(folder)):
            yield holds(f"`{name}` is `{found}`")
        else:
            yield fails(f"`{name}` is not the one in `{folder}`", f"{folder}/{name}", found)


def _is_within(path: str, folder: str) -> bool:
    one, other = os.path.realpath(path), os.path.realpath(folder)
    return one == other or one.startswith(other.rstrip("/") + "/")


def command_is(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the shell takes these commands for: `alias`, `function`, `builtin`, `keyword`, `file`, `nothing`."""
    for name, wanted in value.items():
        if world.after is None:
            yield gone(world)
            continue
        known = world.after.names.get(name)
        kind = known.kind if known and known.kind else "nothing"
        ok = kind == wanted or (wanted == "alias" and kind == "function" and world.shell == "fish")
        says = f"`{name}` is {article(kind)}" if kind != "nothing" else f"there is no command `{name}`"
        yield holds(says) if ok else fails(says, article(wanted), article(kind))


def defined(wanted: str, *, there: bool) -> Check:
    """A check that functions or aliases exist, or do not."""

    def check(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
        kinds = {wanted, "function"} if world.shell == "fish" else {wanted}
        for name in many(value):
            if world.after is None:
                yield gone(world)
                continue
            kind = world.after.names[name].kind if name in world.after.names else ""
            says = f"the {wanted} `{name}` is there" if kind in kinds else f"there is no {wanted} `{name}`"
            expected = f"{article(wanted) if there else 'no ' + wanted} `{name}`"
            yield holds(says) if (kind in kinds) == there else fails(says, expected, article(kind))

    return check


def prompt_contains(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The prompt shows this."""
    if world.after is None:
        yield gone(world)
        return
    wanted, there = world.filled(value), world.after.prompt
    if wanted in there:
        yield holds(f"the prompt shows `{wanted}`")
    else:
        yield fails(f"the prompt does not show `{wanted}`", wanted, shown(there) or "an empty prompt")
