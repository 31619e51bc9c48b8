"""Every check of the deck format: a value of the deck and the world in, findings out. One function a check.

A finding says what holds or what does not, in the learner's terms, and for a
failure what was expected and what was found. `ok` is None where the shell
that would know is gone.
"""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

from flashcards.verify.inside import process
from flashcards.verify.inside.setup import found as find_program
from flashcards.verify.inside.world import TooSlowError, World, matches, shown

PROGRAM_SECONDS = 20.0
LARGEST_READ = 1 << 20
MOST_SHOWN = 4


class Finding(NamedTuple):
    """What one check found; see `flashcards.model.Finding`."""

    ok: bool | None
    says: str
    expected: str = ""
    found: str = ""


Check = Callable[[World, Any, Mapping[str, Any]], Iterable[Finding]]


def judge(world: World, steps: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """The findings of all checks that are asked here. Raises TooSlowError."""
    return [_one(world, step) for step in steps if _applies(world, step)]


def _applies(world: World, step: Mapping[str, Any]) -> bool:
    """Whether a check is meant for this shell and platform."""
    shells, platforms = step.get("shells"), step.get("platform")
    return (not shells or world.environment["CARDS_SHELL"] in shells) and (not platforms or "linux" in platforms)


def _one(world: World, step: Mapping[str, Any]) -> Finding:
    """One check: the first of its findings that does not hold, or what all of them say."""
    kind = next(key for key in step if key in CHECKS)
    findings = list(CHECKS[kind](world, step[kind], step))
    bad = next((f for f in findings if f.ok is False), None) or next((f for f in findings if f.ok is None), None)
    if bad is None:
        return Finding(ok=True, says=", ".join(f.says for f in findings[:MOST_SHOWN]))
    if bad.ok is False and step.get("msg"):
        return bad._replace(says=step["msg"])
    return bad


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else list(value) if isinstance(value, tuple) else [value]


def _filled(world: World, value: Any) -> list[str]:
    return [world.filled(text) for text in _list(value)]


def _items(world: World, value: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, world.filled(text)) for name, text in value.items()]


# ---------------------------------------------------------------- files


def _what(path: str) -> str:
    """What a path is, in a word; empty where nothing is."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    if stat.S_ISLNK(mode) and not os.path.exists(path):
        return "a link to nothing"
    return "a folder" if os.path.isdir(path) else "a file" if os.path.isfile(path) else "no ordinary file"


def _instead(world: World, path: str) -> str:
    """What the learner did instead of making `path`: what is there in its place, or what is new."""
    there = _what(world.at(path))
    if there:
        return f"{path} is {there}"
    made = world.made()
    gone = [name for name in world.gone() if name.rstrip("/") == path.rstrip("/")]
    if gone:
        return f"{path} is gone"
    return ", ".join(map(shown, made[:MOST_SHOWN])) if made else "nothing new"


def file_exists(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are files."""
    for path in _filled(world, value):
        ok = os.path.isfile(world.at(path)) and _is_named_so(world.at(path))
        yield _there(ok, path, path, _instead(world, path) if not ok else "")


def dir_exists(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are folders."""
    for path in _filled(world, value):
        ok = os.path.isdir(world.at(path)) and _is_named_so(world.at(path))
        name = path.rstrip("/") + "/"
        yield _there(ok, name, name, _instead(world, path) if not ok else "")


def _there(ok: bool, path: str, expected: str, found: str) -> Finding:  # noqa: FBT001
    return Finding(ok, f"`{path}` is there") if ok else Finding(ok, f"there is no `{path}`", expected, found)


def _is_named_so(path: str) -> bool:
    """Whether the last name is really written so: some file systems take `Venv` for `venv`."""
    folder, name = os.path.split(path)
    try:
        return name in {"", "."} or name in os.listdir(folder)
    except OSError:
        return True


def absent(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """Nothing has these names."""
    for path in _filled(world, value):
        what = _what(world.at(path))
        if not what:
            yield Finding(ok=True, says=f"there is no `{path}`")
        else:
            yield Finding(ok=False, says=f"`{path}` is still there", expected=f"no {path}", found=what)


def executable(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These files can be executed."""
    for path in _filled(world, value):
        full = world.at(path)
        if not os.path.isfile(full):
            yield _there(ok=False, path=path, expected=path, found=_instead(world, path))
            continue
        bits = stat.S_IMODE(os.stat(full).st_mode)
        ok = bool(bits & 0o100)
        says = f"`{path}` can be executed" if ok else f"`{path}` cannot be executed"
        yield Finding(ok, says, "" if ok else "permission to execute", "" if ok else f"mode {bits:04o}")


def mode(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These have these permissions."""
    for path, wanted in value.items():
        full = world.at(path)
        if not os.path.lexists(full):
            yield _there(ok=False, path=path, expected=path, found=_instead(world, path))
            continue
        bits = stat.S_IMODE(os.stat(full).st_mode)
        ok = bits == int(wanted, 8)
        says = f"`{path}` has mode {bits:04o}" if ok else f"the permissions of `{path}` differ"
        yield Finding(ok, says, "" if ok else f"mode {int(wanted, 8):04o}", "" if ok else f"mode {bits:04o}")


def file_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The text of these files is exactly this; a line end at the very end is not looked at."""
    for path, wanted in _items(world, value):
        text = _text(world, path)
        if text is None:
            yield _there(ok=False, path=path, expected=path, found=_instead(world, path))
        elif text.removesuffix("\n") == wanted.removesuffix("\n"):
            yield Finding(ok=True, says=f"`{path}` has the right content")
        else:
            yield Finding(ok=False, says=f"`{path}` has other content", expected=shown(wanted), found=shown(text))


def file_matches(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The text of these files has what the pattern looks for."""
    for path, pattern in value.items():
        text = _text(world, path)
        if text is None:
            yield _there(ok=False, path=path, expected=path, found=_instead(world, path))
        elif matches(pattern, text):
            yield Finding(ok=True, says=f"`{path}` has the right content")
        else:
            says = f"`{path}` has other content"
            yield Finding(ok=False, says=says, expected=f"something like {pattern}", found=shown(text) or "nothing")


def _text(world: World, path: str) -> str | None:
    try:
        if not os.path.isfile(world.at(path)):  # a pipe would wait for a writer
            return None
        with open(world.at(path), "rb") as file:
            return file.read(LARGEST_READ).decode("utf-8", "replace")
    except OSError:
        return None


def is_venv(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are virtual environments that work: their Python says that it is at home there."""
    for path in _filled(world, value):
        folder = world.at(path)
        python = f"{folder}/bin/python"
        if not os.path.isfile(f"{folder}/pyvenv.cfg"):
            found = _instead(world, path)
            yield Finding(
                ok=False, says=f"`{path}` is no virtual environment", expected=f"{path}/pyvenv.cfg", found=found
            )
            continue
        code = "import sys; print(sys.prefix); print(sys.base_prefix)"
        ended = _program(world, [python, "-I", "-c", code]) if os.access(python, os.X_OK) else None
        lines = ended.out.decode("utf-8", "replace").splitlines() if ended and ended.status == 0 else []
        ok = len(lines) == 2 and os.path.realpath(lines[0]) == os.path.realpath(folder) and lines[0] != lines[1]  # noqa: PLR2004
        says = f"`{path}` works as a virtual environment" if ok else f"`{path}` does not work as a virtual environment"
        yield Finding(
            ok, says, "" if ok else f"a Python in {path}/bin that is at home there", "" if ok else _broken(ended)
        )


def _broken(ended: process.Ended | None) -> str:
    if ended is None:
        return "no bin/python that can be executed"
    return shown(ended.err.strip().rpartition(b"\n")[2]) or "its Python is at home elsewhere"


# ---------------------------------------------------------------- the shell


def _gone(world: World) -> Finding:
    return Finding(ok=None, says=world.lost)


def exit_code(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The exit status is one of these."""
    status = world.after.status if world.after else world.ended.status
    if status is None:
        yield _gone(world)
        return
    wanted = _list(value)
    says = f"the exit status is {status}"
    yield Finding(status in wanted, says, "" if status in wanted else " or ".join(map(str, wanted)), str(status))


def cwd(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The shell is in this folder."""
    if world.after is None:
        yield _gone(world)
        return
    wanted = world.at(world.filled(value))
    there = world.after.cwd
    ok = os.path.realpath(there) == os.path.realpath(wanted)
    says = f"the shell is in `{_short(world, there)}`"
    yield Finding(ok, says, "" if ok else _short(world, wanted), "" if ok else _short(world, there))


def _short(world: World, path: str) -> str:
    """A path as the learner thinks of it: from the work folder, `~` for home."""
    home = world.initial.get("HOME", "")
    if path == world.work:
        return "."
    if path.startswith(world.work + "/"):
        return path[len(world.work) + 1 :]
    return "~" + path[len(home) :] if home and (path == home or path.startswith(home + "/")) else path


def env_set(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables are in the environment."""
    for name in _list(value):
        if world.after is None:
            yield _gone(world)
        elif name in world.after.environment:
            yield Finding(ok=True, says=f"`${name}` is set")
        else:
            yield Finding(ok=False, says=f"`${name}` is not set", expected=f"{name}=…", found="not in the environment")


def env_unset(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables are not in the environment."""
    for name in _list(value):
        if world.after is None:
            yield _gone(world)
        elif name not in world.after.environment:
            yield Finding(ok=True, says=f"`${name}` is not set")
        else:
            there = f"{name}={shown(world.after.environment[name])}"
            yield Finding(ok=False, says=f"`${name}` is still set", expected=f"no {name}", found=there)


def env_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables have these values."""
    for name, wanted in _items(world, value):
        yield _variable(world, name, wanted, wanted.__eq__)


def env_path_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables name these files or folders, however they are written."""
    for name, wanted in _items(world, value):
        yield _variable(world, name, wanted, partial(_same_place, world, wanted))


def _same_place(world: World, one: str, other: str) -> bool:
    return os.path.realpath(world.at(one)) == os.path.realpath(world.at(other))


def _variable(world: World, name: str, wanted: str, test: Callable[[str], bool]) -> Finding:
    if world.after is None:
        return _gone(world)
    there = world.after.environment.get(name)
    if there is None:
        return Finding(ok=False, says=f"`${name}` is not set", expected=shown(wanted), found="not in the environment")
    if test(there):
        return Finding(ok=True, says=f"`${name}` is {shown(_paths(world, there))}")
    expected, found = _difference(_paths(world, wanted), _paths(world, there))
    return Finding(ok=False, says=f"`${name}` has another value", expected=expected, found=found)


def _difference(wanted: str, there: str) -> tuple[str, str]:
    """Expected and found; of two long lists of folders just what one has and the other has not."""
    one, other = wanted.split(":"), there.split(":")
    extra = [part for part in other if part not in one]
    lacking = [part for part in one if part not in other]
    if len(one) + len(other) < 4 or not extra + lacking:  # noqa: PLR2004  (two folders are read at a glance)
        return shown(wanted), shown(there)
    expected = [*lacking, *(f"no {part}" for part in extra)]
    return shown(", ".join(expected)), shown(", ".join([*extra, *(f"no {part}" for part in lacking)]))


def _paths(world: World, text: str) -> str:
    """A value with the work folder left out of its paths."""
    return text.replace(world.work + "/", "").replace(world.work, ".")


def path_prefix(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """`PATH` starts with these folders."""
    if world.after is None:
        yield _gone(world)
        return
    wanted = _filled(world, value)
    there = world.after.environment.get("PATH", "").split(":")[: len(wanted)]
    ok = [os.path.realpath(world.at(p)) for p in there] == [os.path.realpath(world.at(p)) for p in wanted]
    first = ":".join(_short(world, path) for path in there)
    says = f"`$PATH` starts with `{first}`"
    yield Finding(ok, says, "" if ok else ":".join(wanted) + ":…", "" if ok else first + ":…")


def path_lacks(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """`PATH` has none of these folders."""
    if world.after is None:
        yield _gone(world)
        return
    there = {os.path.realpath(world.at(path)) for path in world.after.environment.get("PATH", "").split(":")}
    for path in _filled(world, value):
        ok = os.path.realpath(world.at(path)) not in there
        says = f"`$PATH` has no `{path}`" if ok else f"`$PATH` still has `{path}`"
        yield Finding(ok, says, "" if ok else f"no {path} in PATH", "" if ok else path)


def command_resolves_within(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The shell finds these commands inside these folders."""
    for name, folder in _items(world, value):
        if world.after is None:
            yield _gone(world)
            continue
        known = world.after.names.get(name)
        path = known.path if known and known.kind == "file" else ""
        inside = os.path.realpath(world.at(folder))
        ok = bool(path) and os.path.realpath(os.path.dirname(path)).startswith(inside)
        found = _short(world, path) if path else known.kind if known and known.kind else "no such command"
        says = f"`{name}` is `{found}`" if ok else f"`{name}` is not the one in `{folder}`"
        yield Finding(ok, says, "" if ok else f"{folder}/{name}", "" if ok else found)


def command_is(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the shell takes these commands for: `alias`, `function`, `builtin`, `keyword`, `file`, `nothing`."""
    for name, wanted in value.items():
        if world.after is None:
            yield _gone(world)
            continue
        known = world.after.names.get(name)
        kind = known.kind if known and known.kind else "nothing"
        ok = kind == wanted or (wanted == "alias" and kind == "function" and world.environment["CARDS_SHELL"] == "fish")
        says = f"`{name}` is {_article(kind)}"
        yield Finding(ok, says, "" if ok else _article(wanted), "" if ok else _article(kind))


def _article(kind: str) -> str:
    return kind if kind == "nothing" else f"an {kind}" if kind == "alias" else f"a {kind}"


def _defined(wanted: str, *, there: bool) -> Check:
    """A check that functions or aliases exist, or do not."""

    def check(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
        for name in _list(value):
            if world.after is None:
                yield _gone(world)
                continue
            known = world.after.names.get(name)
            kinds = {wanted, "function"} if world.environment["CARDS_SHELL"] == "fish" else {wanted}
            has = known is not None and known.kind in kinds
            says = f"the {wanted} `{name}` is there" if has else f"there is no {wanted} `{name}`"
            ok = has == there
            found = _article(known.kind) if known and known.kind else "nothing of that name"
            yield Finding(ok, says, "" if ok else f"{'a' if there else 'no'} {wanted} {name}", "" if ok else found)

    return check


def prompt_contains(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The prompt shows this."""
    if world.after is None:
        yield _gone(world)
        return
    wanted, there = world.filled(value), world.after.prompt
    ok = wanted in there
    says = f"the prompt shows `{wanted}`" if ok else f"the prompt does not show `{wanted}`"
    yield Finding(ok, says, "" if ok else wanted, "" if ok else shown(there) or "an empty prompt")


# ---------------------------------------------------------------- what was printed


def stdout(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the answer printed."""
    return _stream(world, value, world.ended.out, "it printed")


def stderr(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the answer complained."""
    return _stream(world, value, world.ended.err, "it complained")


def _stream(world: World, value: Mapping[str, Any], data: bytes, verb: str) -> Iterable[Finding]:
    text = data.decode("utf-8", "replace")
    found = shown(text) or "nothing"
    if "equals" in value:
        wanted = world.filled(value["equals"])
        ok = text.removesuffix("\n") == wanted.removesuffix("\n")
        yield _printed(ok, verb, shown(wanted) or "nothing", found)
    for wanted in _filled(world, value.get("contains", [])):
        yield _printed(wanted in text, verb, shown(wanted), found)
    if "matches" in value:
        yield _printed(matches(value["matches"], text), verb, f"something like {value['matches']}", found)


def _printed(ok: bool, verb: str, wanted: str, found: str) -> Finding:  # noqa: FBT001
    return Finding(ok, f"{verb} the right text") if ok else Finding(ok, f"{verb} something else", wanted, found)


# ---------------------------------------------------------------- of several checks


def any_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """One of these holds."""
    findings = judge(world, value)
    good = next((f for f in findings if f.ok), None)
    yield good or next((f for f in findings if f.ok is None), findings[0] if findings else Finding(ok=True, says=""))


def all_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """All of these hold."""
    return judge(world, value)


def not_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """This does not hold."""
    for finding in judge(world, [value]):
        if finding.ok is None:
            yield finding
        else:
            holds = f"it must not be that {finding.says}" if finding.ok else f"as it should be: {finding.says}"
            yield Finding(ok=not finding.ok, says=holds)


# ---------------------------------------------------------------- deck code


def run(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """A program of the deck ends as it must."""
    argv = _filled(world, value["argv"])
    ended = _program(world, argv)
    words = shown(" ".join(argv))
    wanted = value.get("exit", [0])
    if ended.status not in wanted:
        found = str(ended.status) if ended.status is not None else ended.why
        says = f"`{words}` does not end as it should"
        yield Finding(ok=False, says=says, expected="exit status " + " or ".join(map(str, wanted)), found=found)
        return
    yield Finding(ok=True, says=f"`{words}` ends as it should")
    yield from _stream(world, value.get("stdout", {}), ended.out, f"`{words}` printed")


def python(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """An expression of the deck is true."""
    exe = value.get("exe", "python3")
    code = "import os, sys\nsys.exit(0 if eval(sys.argv[1]) else 10)"
    ended = _program(world, [world.at(exe) if "/" in exe else exe, "-c", code, world.filled(value["expr"])])
    if ended.status == 0:
        yield Finding(ok=True, says=f"`{shown(value['expr'])}` is true")
    else:
        why = "it is false" if ended.status == 10 else shown(ended.err.strip().rpartition(b"\n")[2])  # noqa: PLR2004
        yield Finding(ok=False, says=f"`{shown(value['expr'])}` does not hold", expected="true", found=why or ended.why)


def script(world: World, value: Any, step: Mapping[str, Any]) -> Iterable[Finding]:  # noqa: ARG001
    """Lines of the deck for the shell succeed."""
    status = world.scripts.get(step["number"])
    if status is None:
        yield _gone(world)
    else:
        yield Finding(status == 0, "what the deck tries works" if status == 0 else "what the deck tries does not work")


def _program(world: World, argv: list[str]) -> process.Ended:
    """Runs a program with the environment that the answer left behind."""
    left = dict(world.after.environment) if world.after else {}
    environment = {**world.environment, **left}
    path = argv[0] if "/" in argv[0] else find_program(argv[0], environment)
    if not path:
        return process.Ended(127, "", b"", b"not found", b"", 0.0)
    return process.run([path, *argv[1:]], environment, world.work, world.watch._replace(seconds=PROGRAM_SECONDS))


CHECKS: Mapping[str, Check] = {
    "file_exists": file_exists,
    "dir_exists": dir_exists,
    "absent": absent,
    "executable": executable,
    "mode": mode,
    "file_equals": file_equals,
    "file_matches": file_matches,
    "is_venv": is_venv,
    "exit_code": exit_code,
    "cwd": cwd,
    "env_set": env_set,
    "env_unset": env_unset,
    "env_equals": env_equals,
    "env_path_equals": env_path_equals,
    "path_prefix": path_prefix,
    "path_lacks": path_lacks,
    "command_resolves_within": command_resolves_within,
    "command_is": command_is,
    "function_defined": _defined("function", there=True),
    "function_undefined": _defined("function", there=False),
    "alias_defined": _defined("alias", there=True),
    "alias_undefined": _defined("alias", there=False),
    "prompt_contains": prompt_contains,
    "stdout": stdout,
    "stderr": stderr,
    "any": any_,
    "all": all_,
    "not": not_,
    "run": run,
    "python": python,
    "script": script,
}
"""The name of a check in the deck format, and what looks."""

__all__ = ["CHECKS", "Finding", "TooSlowError", "judge"]
