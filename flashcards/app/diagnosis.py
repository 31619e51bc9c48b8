"""What this machine can do for running commands: what was found out, when, and what would make it better."""

import json
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from flashcards import clock
from flashcards.platforms import RUNNABLE, here, is_installed

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.verify.levels import Tried

BOOT = "/proc/sys/kernel/random/boot_id"
"""A new one at every start of the machine: what was found out may no longer hold then."""


class Known(NamedTuple):
    """What was found out about the sandboxes of this machine since it was started."""

    at: str
    tried: "tuple[Tried, ...]"


def remember(app: "App", tried: Iterable["Tried"]) -> None:
    """Keeps what a probe found, for `cards doctor`; only what is new is written."""
    before = known(app)
    merged = {one.backend: one for one in [*(before.tried if before else ()), *tried]}
    if before and tuple(merged.values()) == before.tried:
        return
    fields = {"boot": _boot(), "at": clock.now().isoformat(), "tried": [one._asdict() for one in merged.values()]}
    with suppress(OSError):  # a memory of ours; without it doctor asks for a probe
        path = _path(app)
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)  # noqa: PTH103, PTH120
        with open(f"{path}.new", "w", encoding="utf-8") as file:  # noqa: PTH123  (paths are text here)
            json.dump(fields, file)
        os.replace(f"{path}.new", path)  # noqa: PTH105


def known(app: "App") -> Known | None:
    """What a probe found since the machine was started; None if there was none."""
    from flashcards.verify.levels import Tried

    try:
        with open(_path(app), encoding="utf-8") as file:  # noqa: PTH123
            fields: dict[str, Any] = json.load(file)
        if fields["boot"] != _boot():
            return None
        tried = tuple(Tried(one["backend"], one["level"], tuple(one["holes"]), one["why"]) for one in fields["tried"])
        return Known(at=fields["at"], tried=tried)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def probe(app: "App") -> Sequence["Tried"]:
    """Builds every kind of sandbox and attacks it. Starts processes of ours."""
    from flashcards.verify import levels, runner

    found = [levels.tried(backend) for backend in runner.BACKENDS if backend != "none"]
    remember(app, found)
    return found


def best(tried: Iterable["Tried"], chosen: str) -> "Tried | None":
    """The one that would be used."""
    usable = [one for one in tried if one.level in {"strong", "good"} and chosen in {"auto", one.backend}]
    return min(usable, key=lambda one: one.level != "strong", default=None)


def shells() -> dict[str, bool]:
    """The shells that can be run, and whether they are installed."""
    return {name: is_installed(name) for name in RUNNABLE}


def can_run() -> bool:
    """Whether commands are run on this platform at all."""
    return here() == "linux"


def _path(app: "App") -> str:
    return os.path.join(app.places.home, "sandbox.json")  # noqa: PTH118


def _boot() -> str:
    try:
        with open(BOOT, encoding="ascii") as file:  # noqa: PTH123
            return file.read().strip()
    except OSError:
        return ""
