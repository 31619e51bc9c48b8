"""Every check of the deck format: a value of the deck and the world in, findings out. One function a check.

A finding says what holds or what does not, in the learner's terms, and for a
failure what was expected and what was found. `ok` is None where the shell
that would know is gone.
"""

import os
import stat
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from itertools import zip_longest
from typing import Any, NamedTuple

from flashcards.verify.inside import process
from flashcards.verify.inside.setup import found as find_program
from flashcards.verify.inside.world import LONGEST_SHOWN, TooSlowError, World, listing, shown

PROGRAM_SECONDS = 20.0
LARGEST_READ = 1 << 20
MOST_SHOWN = 4
MADE = "; you made "
START = "where it started"
UNSET = "not set, or not exported"
EMPTY = "empty"


class Finding(NamedTuple):
    """What one check found; see `flashcards.model.Finding`."""

    ok: bool | None
    says: str
    expected: str = ""
    found: str = ""


Check = Callable[[World, Any, Mapping[str, Any]], Iterable[Finding]]


def judge(world: World, steps: Iterable[Mapping[str, Any]]) -> list[Finding]:
    """The findings of all checks that are asked here. Raises TooSlowError."""
    return [found for step in steps if _applies(world, step) for found in _one(world, step)]


def _applies(world: World, step: Mapping[str, Any]) -> bool:
    """Whether a check is meant for this shell and platform."""
    shells, platforms = step.get("shells"), step.get("platform")
    return (not shells or world.shell in shells) and (not platforms or "linux" in platforms)


def _one(world: World, step: Mapping[str, Any]) -> list[Finding]:
    """One check: the first of its findings that does not hold, or what all of them say. Empty if nothing was asked."""
    world.patience.go_on()
    kind = next(key for key in step if key in CHECKS)
    findings = list(CHECKS[kind](world, step[kind], step))
    bad = next((f for f in findings if f.ok is False), None) or next((f for f in findings if f.ok is None), None)
    if bad is None:
        says = list(dict.fromkeys(f.says for f in findings))
        return [_holds(", ".join(says[:MOST_SHOWN]))] if findings else []
    return [bad._replace(says=step["msg"]) if bad.ok is False and step.get("msg") else bad]


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else list(value) if isinstance(value, tuple) else [value]


def _filled(world: World, value: Any) -> list[str]:
    return [world.filled(text) for text in _list(value)]


def _items(world: World, value: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, world.filled(text)) for name, text in value.items()]


def _holds(says: str) -> Finding:
    return Finding(ok=True, says=says)


def _fails(says: str, expected: str = "", found: str = "") -> Finding:
    return Finding(ok=False, says=says, expected=expected, found=found)


# ---------------------------------------------------------------- files


def _what(path: str) -> str:
    """What a path is, in a word; empty where nothing is."""
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return ""
    if stat.S_ISLNK(mode) and not os.path.exists(path):
        return "a link to nothing"
    return "a directory" if os.path.isdir(path) else "a file" if os.path.isfile(path) else "a special file"


def _lacks(world: World, path: str, kind: str = "a file") -> Finding:
    """What should be there is not: what is there in its place, or what the learner made."""
    there = _what(world.at(path))
    if there and there != kind:
        return _fails(f"`{path.rstrip('/')}` is {there}", kind, there)
    made = world.made[:MOST_SHOWN]
    is_gone = path.rstrip("/") in {name.rstrip("/") for name in world.gone}
    says = f"`{path}` is gone" if is_gone else f"there is no `{path}`"
    if made:
        says += MADE + ", ".join(f"`{shown(name)}`" for name in made)
    return _fails(says, path, ", ".join(map(shown, made)) or "nothing new")


def file_exists(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are files."""
    for path in _filled(world, value):
        ok = os.path.isfile(world.at(path)) and _is_named_so(world.at(path))
        yield _holds(f"`{path}` is there") if ok else _lacks(world, path)


def dir_exists(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are directories."""
    for path in _filled(world, value):
        ok = os.path.isdir(world.at(path)) and _is_named_so(world.at(path))
        name = path.rstrip("/") + "/"
        yield _holds(f"`{name}` is there") if ok else _lacks(world, name, "a directory")


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
        was_there = bool({path.rstrip("/"), path.rstrip("/") + "/"} & world.names)
        says = f"`{path}` is still there" if was_there else f"`{path}` is there"
        yield _fails(says, f"no {path}", what) if what else _holds(f"there is no `{path}`")


def executable(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These files can be executed."""
    for path in _filled(world, value):
        if not os.path.isfile(world.at(path)):
            yield _lacks(world, path)
        elif _bits(world, path) & stat.S_IXUSR:
            yield _holds(f"`{path}` can be executed")
        else:
            yield _fails(f"`{path}` cannot be executed", "the permission `x`", _permissions(_bits(world, path)))


def mode(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These have these permissions."""
    for path, wanted in value.items():
        if not os.path.exists(world.at(path)):
            yield _lacks(world, path)
            continue
        there, bits = _bits(world, path), int(wanted, 8)
        says = f"`{path}` has the mode {there:04o}"
        yield _holds(says) if there == bits else _fails(says, _permissions(bits), _permissions(there))


def _bits(world: World, path: str) -> int:
    return stat.S_IMODE(os.stat(world.at(path)).st_mode)


def _permissions(bits: int) -> str:
    """Both ways in which people write them: `0755 rwxr-xr-x`."""
    return f"{bits:04o} {stat.filemode(bits)[1:]}"


def file_equals(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The text of these files is exactly this; a line end at the very end is not looked at."""
    for path, wanted in _items(world, value):
        text = _text(world, path)
        if isinstance(text, Finding):
            yield text
        elif text.removesuffix("\n") == wanted.removesuffix("\n"):
            yield _holds(f"`{path}` has the right content")
        else:
            yield _fails(f"`{path}` has the wrong content", *_unlike(wanted, text, "an empty file"))


def file_matches(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The text of these files has what the pattern looks for."""
    for path, pattern in value.items():
        text = _text(world, path)
        if isinstance(text, Finding):
            yield text
        elif world.patience.matches(pattern, text):
            yield _holds(f"`{path}` has the right content")
        else:
            says = f"`{path}` has the wrong content"
            yield _fails(says, f"something like {pattern}", shown(text) or "an empty file")


def _text(world: World, path: str) -> str | Finding:
    """The text of a file, or what is to be said where there is none to read."""
    full = world.at(path)
    if not os.path.isfile(full):  # a pipe would wait for a writer
        return _lacks(world, path)
    try:
        with open(full, "rb") as file:
            return file.read(LARGEST_READ).decode("utf-8", "replace")
    except OSError:
        return _fails(f"`{path}` cannot be read", "the permission `r`", _permissions(_bits(world, path)))


def _unlike(wanted: str, there: str, nothing: str) -> tuple[str, str]:
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


def is_venv(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These are virtual environments that work: their Python says that it is at home there."""
    for path in _filled(world, value):
        folder, name = world.at(path), path.rstrip("/") + "/"
        if not os.path.isdir(folder):
            yield _lacks(world, name, "a directory")
        elif not os.path.isfile(f"{folder}/pyvenv.cfg"):
            yield _fails(f"`{name}` is not a virtual environment", f"{name}pyvenv.cfg", _contents(folder))
        else:
            yield _works(world, name, folder)


def _works(world: World, name: str, folder: str) -> Finding:
    python = f"{folder}/bin/python"
    code = "import sys; print(sys.prefix); print(sys.base_prefix)"
    ended = _program(world, [python, "-I", "-c", code]) if os.access(python, os.X_OK) else None
    lines = ended.out.decode("utf-8", "replace").splitlines() if ended and ended.status == 0 else []
    if len(lines) == 2 and os.path.realpath(lines[0]) == os.path.realpath(folder) and lines[0] != lines[1]:  # noqa: PLR2004  (two were printed)
        return _holds(f"`{name}` works as a virtual environment")
    says = f"`{name}` does not work as a virtual environment"
    return _fails(says, f"{name}bin/python, at home in {name}", _broken(ended))


def _contents(folder: str) -> str:
    """What lies in a folder, in a few words."""
    names = sorted(listing(folder, levels=1))
    return ", ".join(map(shown, names[:MOST_SHOWN])) + (", …" if names[MOST_SHOWN:] else "") or "an empty directory"


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
    wanted, says = _list(value), f"the exit status is {status}"
    yield _holds(says) if status in wanted else _fails(says, " or ".join(map(str, wanted)), str(status))


def cwd(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The shell is in this directory."""
    if world.after is None:
        yield _gone(world)
        return
    wanted = world.at(world.filled(value))
    there = world.after.cwd
    says = f"the shell is in `{_short(world, there)}`" if there != world.work else f"the shell is {START}"
    if os.path.realpath(there) == os.path.realpath(wanted):
        yield _holds(says)
    else:
        yield _fails(says, *(_short(world, path) if path != world.work else START for path in (wanted, there)))


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
            yield _holds(f"`${name}` is set")
        else:
            yield _fails(f"`${name}` is not in the environment", f"{name}=…", UNSET)


def env_unset(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """These variables are not in the environment."""
    for name in _list(value):
        if world.after is None:
            yield _gone(world)
        elif name not in world.after.environment:
            yield _holds(f"`${name}` is not in the environment")
        else:
            there = _paths(world, world.after.environment[name])
            yield _fails(f"`${name}` is set", f"no {name}", f"{name}={shown(there)}")


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
        return _fails(f"`${name}` is not in the environment", shown(_paths(world, wanted)) or EMPTY, UNSET)
    if test(there):
        return _holds(f"`${name}` is {shown(_paths(world, there)) or EMPTY}")
    short = _paths(world, wanted), _paths(world, there)
    return _fails(f"`${name}` has another value", *_difference(*(short if short[0] != short[1] else (wanted, there))))


def _difference(wanted: str, there: str) -> tuple[str, str]:
    """Expected and found; of two long lists of folders just what one has and the other has not."""
    one, other = wanted.split(":"), there.split(":")
    extra = [part for part in other if part not in one]
    lacking = [part for part in one if part not in other]
    if len(one) + len(other) < 4 or not extra + lacking:  # noqa: PLR2004  (two folders are read at a glance)
        return _unlike(wanted, there, EMPTY)
    expected = [*lacking, *(f"no {part}" for part in extra)]
    return shown(", ".join(expected)), shown(", ".join([*extra, *(f"no {part}" for part in lacking)]))


def _paths(world: World, text: str) -> str:
    """A value with the work folder left out of its paths."""
    return text.replace(world.work + "/", "").replace(world.work, ".")


def path_prefix(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """`PATH` starts with these directories."""
    if world.after is None:
        yield _gone(world)
        return
    wanted = _filled(world, value)
    there = world.after.environment.get("PATH", "").split(":")[: len(wanted)]
    first, start = ":".join(_short(world, path) for path in there), ":".join(wanted)
    if [os.path.realpath(world.at(p)) for p in there] == [os.path.realpath(world.at(p)) for p in wanted]:
        yield _holds(f"`$PATH` starts with `{start}`")
    else:
        yield _fails(f"`$PATH` does not start with `{start}`", f"{start}:…", f"{first}:…")


def path_lacks(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """`PATH` has none of these directories."""
    if world.after is None:
        yield _gone(world)
        return
    there = {os.path.realpath(world.at(path)) for path in world.after.environment.get("PATH", "").split(":")}
    for path in _filled(world, value):
        is_in = os.path.realpath(world.at(path)) in there
        yield _fails(f"`$PATH` has `{path}`", f"no {path}", path) if is_in else _holds(f"`$PATH` has no `{path}`")


def command_resolves_within(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The shell finds these commands inside these directories."""
    for name, folder in _items(world, value):
        if world.after is None:
            yield _gone(world)
            continue
        known = world.after.names.get(name)
        found = _short(world, known.path) if known and known.path else _article(known.kind if known else "")
        if known and known.path and _is_within(os.path.dirname(known.path), world.at(folder)):
            yield _holds(f"`{name}` is `{found}`")
        else:
            yield _fails(f"`{name}` is not the one in `{folder}`", f"{folder}/{name}", found)


def _is_within(path: str, folder: str) -> bool:
    one, other = os.path.realpath(path), os.path.realpath(folder)
    return one == other or one.startswith(other.rstrip("/") + "/")


def command_is(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the shell takes these commands for: `alias`, `function`, `builtin`, `keyword`, `file`, `nothing`."""
    for name, wanted in value.items():
        if world.after is None:
            yield _gone(world)
            continue
        known = world.after.names.get(name)
        kind = known.kind if known and known.kind else "nothing"
        ok = kind == wanted or (wanted == "alias" and kind == "function" and world.shell == "fish")
        says = f"`{name}` is {_article(kind)}" if kind != "nothing" else f"there is no command `{name}`"
        yield _holds(says) if ok else _fails(says, _article(wanted), _article(kind))


def _article(kind: str) -> str:
    """A kind of command, as part of a sentence."""
    return "no such command" if kind in {"", "nothing"} else f"an {kind}" if kind == "alias" else f"a {kind}"


def _defined(wanted: str, *, there: bool) -> Check:
    """A check that functions or aliases exist, or do not."""

    def check(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
        kinds = {wanted, "function"} if world.shell == "fish" else {wanted}
        for name in _list(value):
            if world.after is None:
                yield _gone(world)
                continue
            kind = world.after.names[name].kind if name in world.after.names else ""
            says = f"the {wanted} `{name}` is there" if kind in kinds else f"there is no {wanted} `{name}`"
            expected = f"{_article(wanted) if there else 'no ' + wanted} `{name}`"
            yield _holds(says) if (kind in kinds) == there else _fails(says, expected, _article(kind))

    return check


def prompt_contains(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """The prompt shows this."""
    if world.after is None:
        yield _gone(world)
        return
    wanted, there = world.filled(value), world.after.prompt
    if wanted in there:
        yield _holds(f"the prompt shows `{wanted}`")
    else:
        yield _fails(f"the prompt does not show `{wanted}`", wanted, shown(there) or "an empty prompt")


# ---------------------------------------------------------------- what was printed


def stdout(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the answer printed."""
    return _stream(world, value, world.ended.out, ("it printed the right text", "it printed something else"))


def stderr(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """What the answer complained."""
    said = ("its error messages are the right ones", "its error messages are different")
    return _stream(world, value, world.ended.err, said)


def _stream(world: World, value: Mapping[str, Any], data: bytes, said: tuple[str, str]) -> Iterable[Finding]:
    text = data.decode("utf-8", "replace")
    right, wrong = _holds(said[0]), said[1]
    if "equals" in value:
        wanted = world.filled(value["equals"])
        is_same = text.removesuffix("\n") == wanted.removesuffix("\n")
        yield right if is_same else _fails(wrong, *_unlike(wanted, text, "nothing"))
    for wanted in _filled(world, value.get("contains", [])):
        yield right if wanted in text else _fails(wrong, f"{shown(wanted)} in it", shown(text) or "nothing")
    if "matches" in value:
        is_like = world.patience.matches(value["matches"], text)
        yield right if is_like else _fails(wrong, f"something like {value['matches']}", shown(text) or "nothing")


# ---------------------------------------------------------------- of several checks


def any_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """One of these holds; where none does, all that would have done is said."""
    findings = judge(world, value)
    known = next((f for f in findings if f.ok), None) or next((f for f in findings if f.ok is None), None)
    if known or not findings:
        return [known] if known else []
    says, expected, found = (
        list(dict.fromkeys(filter(None, (getattr(f, part) for f in findings))))[:MOST_SHOWN]
        for part in ("says", "expected", "found")
    )
    lacks = [text.partition(MADE)[0] for text in says]  # what was made instead is found, and said once
    return [_fails(", and ".join(lacks), " or ".join(expected), ", ".join(found))]


def all_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """All of these hold."""
    return judge(world, value)


def not_(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """This does not hold."""
    for finding in judge(world, [value]):
        if finding.ok is None:
            yield finding
        elif finding.ok:
            yield _fails(f"it should not be that {finding.says}")
        else:
            yield _holds(f"as it should be: {finding.says}")


# ---------------------------------------------------------------- deck code


def run(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """A program of the deck ends as it must."""
    argv = _filled(world, value["argv"])
    ended = _program(world, argv)
    words = shown(" ".join(argv))
    wanted = value.get("exit", [0])
    if ended.status not in wanted:
        expected = "exit status " + " or ".join(map(str, wanted))
        yield _fails(f"`{words}` does not end as it should", expected, _end_of(ended))
        return
    yield _holds(f"`{words}` ends as it should")
    said = (f"`{words}` prints the right text", f"`{words}` prints something else")
    yield from _stream(world, value.get("stdout", {}), ended.out, said)


def python(world: World, value: Any, _: Mapping[str, Any]) -> Iterable[Finding]:
    """An expression of the deck is true."""
    exe = value.get("exe", "python3")
    code = "import os, sys\nsys.exit(0 if eval(sys.argv[1]) else 10)"
    ended = _program(world, [world.at(exe) if "/" in exe else exe, "-c", code, world.filled(value["expr"])])
    says = f"`{shown(value['expr'])}`"
    if ended.status == 0:
        yield _holds(f"{says} is true")
    else:
        yield _fails(f"{says} is not true", "True", "False" if ended.status == 10 else _end_of(ended))  # noqa: PLR2004


def _end_of(ended: process.Ended) -> str:
    """How a program ended that should have ended otherwise, with its last complaint."""
    last = shown(ended.err.decode("utf-8", "replace").strip().rpartition("\n")[2])
    status = f"exit status {ended.status}" if ended.status is not None else f"stopped: {ended.why}"
    return f"{status}: {last}" if last else status


def script(world: World, value: Any, step: Mapping[str, Any]) -> Iterable[Finding]:  # noqa: ARG001
    """Lines of the deck for the shell succeed."""
    status = world.scripts.get(step["number"])
    if status is None:
        yield _gone(world)
    else:
        yield _fails("what the deck tries does not work") if status else _holds("what the deck tries works")


def _program(world: World, argv: list[str]) -> process.Ended:
    """Runs a program in the environment that the answer left behind."""
    environment = world.after.environment if world.after else world.initial
    path = argv[0] if "/" in argv[0] else find_program(argv[0], environment)
    if not path:
        return process.Ended(127, "", b"", f"there is no {argv[0]}".encode(), b"", 0.0)
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
