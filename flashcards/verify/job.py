"""From a card and a typed answer to a job: everything that the inside has to know, and nothing else."""

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from flashcards.model import Card, pick
from flashcards.verify import programs
from flashcards.verify.shells import SHELLS, Asked, activation

DEFAULT_SECONDS = 10
CPU_SECONDS = 10
"""Of one process; a card with a longer `timeout` gets that."""
WITH_NAMES = ("command_resolves_within", "command_is")
LISTS_OF_NAMES = ("function_defined", "function_undefined", "alias_defined", "alias_undefined")
SEED_VARIABLE = "PYTHONPATH"


class Place(NamedTuple):
    """Where the inside finds its folders; real paths at level `good`, made-up ones in a root of its own."""

    control: str
    home: str
    work: str
    temporary: str


class Request(NamedTuple):
    """One answer to be judged."""

    card: Card
    shell: str
    typed: str
    assets: Mapping[str, bytes] = {}
    """What `copy` steps bring along, by the name that the deck gives."""
    seed_pip: bool = True
    ready_pip: str = ""
    """Where pip was laid out for many runs, if it was."""


def make(request: Request, place: Place, nonce: str, found: programs.Programs) -> dict[str, Any]:
    """The job as the inside reads it: plain data."""
    run = request.card.run or {}
    steps = list(run.get("setup", ()))
    checks, scripts = _numbered(run.get("checks", ()), request.shell)
    shell_steps = list(_shell_steps(steps, request.shell, place))
    environment = _environment(request, place, found)
    files = {
        "answer": _with_end(request.typed),
        **{f"setup{number}": _with_end(text) for number, text in enumerate(shell_steps)},
        **{f"check{number}": _with_end(text) for number, text in scripts.items()},
    }
    shell = SHELLS[request.shell]
    names = sorted(set(_names(checks)))
    asked = Asked(
        control=place.control,
        nonce=nonce,
        env=os.path.realpath("/usr/bin/env"),
        setup=[f"setup{number}" for number in range(len(shell_steps))],
        names=names,
        before="${before." in repr(checks),
        prompt="prompt_contains" in repr(checks),
        scripts=list(scripts),
    )
    files["script"] = shell.script(asked)
    if request.seed_pip:
        files["sitecustomize.py"] = _seed_source(request.ready_pip)
    return {
        "argv": [shell_program(request.shell), *shell.options, f"{place.control}/script"],
        "environment": environment,
        "files": files,
        "setup": [_brought(step, request.assets) for step in steps if not step.keys() & {"activate", "script"}],
        "shell_setup": bool(shell_steps),
        "checks": checks,
        "hints": list(run.get("hints", ())),
        "needs": list(run.get("needs", ())),
        "tools": list(run.get("tools", ())),
        "answer": request.typed,
        "shell": request.shell,
        "nonce": nonce,
        "seconds": run.get("timeout", DEFAULT_SECONDS),
        "cpu_seconds": max(run.get("timeout", 0), CPU_SECONDS),
        "folders": place._asdict(),
        "hidden_variables": [SEED_VARIABLE] if request.seed_pip else [],
        "seed_mark": f"{place.temporary}/.pip-was-unpacked",
    }


def names_of_programs(card: Card, shell: str) -> list[str]:
    """The programs that a card may lead to: its shell, what it needs, what an answer may use."""
    run = card.run or {}
    needs = [need.partition(" -m ")[0] for need in run.get("needs", ())]
    return [*SHELLS[shell].programs, *needs, *run.get("tools", ())]


def shell_program(shell: str) -> str:
    """The file of a shell; empty where it is not installed."""
    from shutil import which

    return next(filter(None, map(which, SHELLS[shell].programs)), "")


def longest_seconds(card: Card) -> float:
    """After this time the host ends the run whatever the inside says: setup, answer and checks together."""
    run = card.run or {}
    steps = len(run.get("setup", ()))
    return float(run.get("timeout", DEFAULT_SECONDS)) + 20.0 + min(steps, 20)


def _with_end(text: str) -> str:
    """A script as a shell reads it: lines of Unix, the last one ended."""
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"


def _environment(request: Request, place: Place, found: programs.Programs) -> dict[str, str]:
    """Made new: nothing of the person's environment is in it but the way to programs."""
    path = [*found.folders, *([f"{place.control}/bin"] if found.links else [])]
    environment = {
        "HOME": place.home,
        "TMPDIR": place.temporary,
        "PATH": os.pathsep.join(path),
        "SHELL": shell_program(request.shell),
        "USER": "learner",
        "LOGNAME": "learner",
        "LANG": "C.UTF-8",
        "TERM": "dumb",
        "PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_PAGER": "cat",
        "GIT_EDITOR": "true",
        "PIP_NO_INDEX": "1",
        "PIP_NO_INPUT": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "UV_OFFLINE": "1",
        "UV_PYTHON_DOWNLOADS": "never",
        "VIRTUALENV_NO_PERIODIC_UPDATE": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    if request.seed_pip:
        environment[SEED_VARIABLE] = place.control
    return environment


def _shell_steps(steps: Iterable[Mapping[str, Any]], shell: str, place: Place) -> Iterator[str]:
    """What the shell itself does before the answer, in the order of the deck."""
    for step in steps:
        if "activate" in step:
            yield activation(shell, f"{place.work}/{step['activate']}")
        elif "script" in step and (text := pick(step["script"], shell, "linux")):
            yield text


def _numbered(steps: Iterable[Mapping[str, Any]], shell: str) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """The checks, each `script` among them with a number; and the texts behind the numbers."""
    scripts: dict[int, str] = {}

    def number(step: Mapping[str, Any]) -> dict[str, Any]:
        made = dict(step)
        if "script" in made:
            scripts[len(scripts)] = pick(made["script"], shell, "linux") or "false"
            made["number"] = len(scripts) - 1
            made["script"] = ""
        for several in ("any", "all"):
            if several in made:
                made[several] = [number(inner) for inner in made[several]]
        if "not" in made:
            made["not"] = number(made["not"])
        return made

    return [number(step) for step in steps], scripts


def _names(checks: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What the shell has to be asked of."""
    for step in checks:
        for kind in WITH_NAMES:
            yield from step.get(kind, {})
        for kind in LISTS_OF_NAMES:
            yield from step.get(kind, ())
        for several in ("any", "all"):
            yield from _names(step.get(several, ()))
        if "not" in step:
            yield from _names([step["not"]])


def _brought(step: Mapping[str, Any], assets: Mapping[str, bytes]) -> dict[str, Any]:
    return {**step, "data": assets[step["copy"]]} if "copy" in step else dict(step)


def _seed_source(ready: str) -> str:
    """The code of `inside/seed.py`, which a Python inside runs at its start."""
    with open(seed_path(), encoding="utf-8") as file:
        return file.read().replace('READY = ""', f"READY = {ready!r}", 1)


def seed_path() -> str:
    """The file of that code."""
    return os.path.join(os.path.dirname(__file__), "inside", "seed.py")
