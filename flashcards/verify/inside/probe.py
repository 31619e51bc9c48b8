"""Attacks the walls from inside, to learn what they hold: the level is what this finds, not what should be."""

from __future__ import annotations

import os

from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any


def attack(targets: Mapping[str, Any]) -> dict[str, Any]:
    """What could be done to a file, a folder, a process and two listeners outside: name to whether it could."""
    victim, bystander, began = targets["file"], targets["process"], targets["began"]
    attempts: Mapping[str, Callable[[], object]] = {
        "read": lambda: os.close(os.open(victim, os.O_RDONLY)),
        "home": lambda: os.close(os.open(targets["home"], os.O_RDONLY)),
        "write": lambda: os.close(os.open(victim, os.O_WRONLY)),
        "create": lambda: os.close(os.open(f"{victim}.new", os.O_WRONLY | os.O_CREAT)),
        "list": lambda: os.listdir(os.path.dirname(victim)),
        "stat": lambda: _see(targets["ways"]),
        "chmod": lambda: os.chmod(victim, 0o640),
        "network": lambda: _connect(targets["port"]),
        "socket": lambda: _connect(targets["socket"]),
        "processes": lambda: _find(bystander, began),
        "signal": lambda: _signal(bystander, began),
        "remove": lambda: os.rename(victim, f"{victim}.gone"),
    }
    done = {name: _can(attempt) for name, attempt in attempts.items()}
    return {"probe": done, "worked": _writes_here()}


def _can(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except (OSError, ImportError):
        return False
    return True


def _see(ways: Sequence[tuple[str, int, int]]) -> None:
    """Looks for a file outside, or a folder above it: whose names can be seen, other people's can as well."""
    if not any(_is_there(*way) for way in ways):
        raise FileNotFoundError


def _is_there(path: str, device: int, number: int) -> bool:
    try:
        info = os.stat(path)
    except OSError:
        return False
    return (info.st_dev, info.st_ino) == (device, number)


def _connect(where: int | str) -> None:
    import _socket  # the module `socket` needs ten times as long

    family = _socket.AF_UNIX if isinstance(where, str) else _socket.AF_INET
    end = _socket.socket(family, _socket.SOCK_STREAM)
    end.connect(where if isinstance(where, str) else ("127.0.0.1", where))
    end.close()


def _signal(process: int, began: str) -> None:
    _find(process, began)
    os.kill(process, 0)  # sends nothing, and is refused where a signal would be


def _find(process: int, began: str) -> None:
    """Looks for a process outside; in a world of its own its number may mean somebody else."""
    with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as file:
        if file.read().rpartition(") ")[2].split()[19] != began:
            raise ProcessLookupError


def _writes_here() -> bool:
    """A command can work in its own folder, as it must."""
    with open("probe", "w", encoding="ascii") as file:
        file.write("x")
    os.unlink("probe")
    return True
