"""Which programs a command finds inside the sandbox, and what has to be visible for them to work.

Systems keep programs under a few roots, and these are visible. What a person
installed for themselves lies in their home, which is not: so the few programs
that a card names are looked up outside, and just what each needs is shown.
Nothing of a deck is ever run here; the person's own Python is asked where it
lives, once a process.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from typing import NamedTuple

from flashcards.places import places
from flashcards.verify.sandbox.policy import ROOTS

QUESTION = "import os, sys; print(os.path.realpath(sys.executable)); print(sys.prefix); print(sys.base_prefix)"
ASK_SECONDS = 5.0
PLAIN = re.compile(r"[A-Za-z0-9_][\w.+-]*", re.ASCII)
PYTHON = re.compile(r"python(?:\d(?:\.\d+)?)?")
"""What is asked where it lives: a Python by its own name, and nothing that only begins like one."""
FIRST_LINE_BYTES = 256


class Programs(NamedTuple):
    """What a run sees of the machine."""

    visible: tuple[str, ...]
    """Files and folders to show, read-only."""
    folders: tuple[str, ...]
    """What `PATH` is made of, in this order."""
    links: tuple[tuple[str, str], ...]
    """Names to be found behind all of `PATH`, and the files they stand for."""


def visible_roots() -> tuple[str, ...]:
    """The roots that this system has, and what their links lead to."""
    found = [root for root in ROOTS if os.path.exists(root)]
    return tuple(dict.fromkeys([*found, *(os.path.realpath(root) for root in found)]))


def is_visible(path: str, roots: Iterable[str]) -> bool:
    """Whether a path lies in one of the roots, also after its links are followed."""
    real = os.path.realpath(path)
    return any(real == root or real.startswith(f"{root}/") for root in roots)


def agent_python() -> tuple[str, str]:
    """The interpreter for the inside, and where it lives: our own, without the environment around it."""
    executable = os.path.realpath(getattr(sys, "_base_executable", "") or sys.executable)
    return executable, sys.base_prefix


def find(names: Sequence[str], path: str | None = None) -> Programs:
    """What a run needs that uses the programs of these names, as far as they are installed."""
    path = os.environ.get("PATH", os.defpath) if path is None else path
    path = os.pathsep.join(filter(os.path.isabs, path.split(os.pathsep)))  # never what lies where we happen to be
    roots = visible_roots()
    executable, home = agent_python()
    visible = [
        *roots,
        *_outside((home, executable), roots),
    ]
    own: list[str] = []
    links: list[tuple[str, str]] = []
    for name in dict.fromkeys(names):
        shown = _located(name, path, roots)
        visible += [extra for extra in shown.visible if extra not in visible]
        own += shown.folders
        links += shown.links
    folders = [folder for folder in path.split(os.pathsep) if _is_usable(folder, roots)]
    folders = list(dict.fromkeys([*own, *folders]))
    if "python3" in names and not shutil.which("python", path=os.pathsep.join(folders)):
        links += [
            ("python", python) for python in filter(None, [shutil.which("python3", path=os.pathsep.join(folders))])
        ]
    return Programs(tuple(visible), tuple(folders), tuple(links))


def _is_usable(folder: str, roots: Iterable[str]) -> bool:
    return os.path.isabs(folder) and os.path.isdir(folder) and is_visible(folder, roots)


def _located(name: str, path: str, roots: Sequence[str]) -> Programs:
    """What one program needs; nothing where it lies under a root already, or is not installed."""
    found = shutil.which(name, path=path) if PLAIN.fullmatch(name) else None  # a deck names it: never a path
    if found is None or (is_visible(found, roots) and is_visible(os.path.dirname(found), roots)):
        return Programs((), (), ())
    if PYTHON.fullmatch(name):
        return _python(found, roots)
    real = os.path.realpath(found)
    interpreter = _interpreter(real)
    if not interpreter:
        return Programs((real,), (), ((name, real),))
    if PYTHON.fullmatch(os.path.basename(interpreter)):
        home = _python(interpreter, roots)
        return Programs((real, *_venv_of(interpreter), *home.visible), (), ((name, real),))
    return Programs((real, *_outside((interpreter,), roots)), (), ((name, real),))


def _python(found: str, roots: Sequence[str]) -> Programs:
    """A Python with all that it lives on; a shim of pyenv and its like only knows the way there."""
    answer = _ask_python(found)
    if answer is None:
        return Programs((), (), ())
    executable, prefix, base = answer
    visible = _outside((prefix, base, executable), roots)
    folder = os.path.join(base, "bin")
    in_path = folder if os.path.isdir(folder) and os.path.dirname(executable) == folder else os.path.dirname(executable)
    return Programs(visible, () if is_visible(in_path, roots) else (in_path,), ())


def _venv_of(interpreter: str) -> tuple[str, ...]:
    """The environment that a script's interpreter belongs to, as installers of tools make them."""
    above = os.path.dirname(os.path.dirname(interpreter))
    return (above,) if os.path.isfile(os.path.join(above, "pyvenv.cfg")) else ()


def _outside(paths: Iterable[str], roots: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(path for path in paths if not is_visible(path, roots) and not _holds_a_person(path)))


def _holds_a_person(path: str) -> bool:
    """Whether a path is somebody's home, or above it, or above our own data: a Python may have been installed there."""
    above = os.path.join(os.path.realpath(path), "")
    private = (os.path.expanduser("~"), os.path.dirname(places().database))
    return any(os.path.join(os.path.realpath(one), "").startswith(above) for one in private)


def is_open_to_all(path: str) -> bool:
    """Whether everybody on this machine may go to a place and read what is there."""
    path = os.path.realpath(path)
    wanted = 0o005 if os.path.isdir(path) else 0o004
    while os.stat(path).st_mode & wanted == wanted:
        if path == "/":
            return True
        path, wanted = os.path.dirname(path), 0o001
    return False


@cache
def _ask_python(executable: str) -> tuple[str, str, str] | None:
    """Where a Python lives; None if it does not answer."""
    try:
        with subprocess.Popen(  # noqa: S603  (the person's own interpreter, with our own question)
            [executable, "-I", "-S", "-c", QUESTION],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            encoding="utf-8",
            errors="surrogateescape",
        ) as asked:
            try:
                real, prefix, base = asked.communicate(timeout=ASK_SECONDS)[0].splitlines()
            except subprocess.TimeoutExpired:
                os.killpg(asked.pid, signal.SIGKILL)  # a shim has started others
                return None
    except (OSError, ValueError):
        return None
    return real, prefix, base


def _interpreter(script: str) -> str:
    """The program that a script names in its first line; empty for a program that is none."""
    try:
        with open(script, "rb") as file:
            first = file.readline(FIRST_LINE_BYTES)
    except OSError:
        return ""
    if not first.startswith(b"#!"):
        return ""
    words = first[2:].decode("utf-8", "surrogateescape").split()
    if len(words) > 1 and os.path.basename(words[0]) == "env":
        words = [shutil.which(words[-1]) or ""]
    return words[0] if words and os.path.isabs(words[0]) else ""
