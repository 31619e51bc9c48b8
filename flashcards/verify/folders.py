"""Run folders on disk, for the levels that have no root of their own: made, locked while in use, swept if left over."""

import fcntl
import os
import re
import secrets
import stat
from contextlib import ExitStack, suppress
from typing import Self

from flashcards.verify import counting
from flashcards.verify.sandbox.remove import remove

NAME = re.compile(r"cards-run-[0-9a-f]{24}")
PLAIN = re.compile(r"[A-Za-z0-9._/+-]+")
"""Paths that need no quotes anywhere; what a person types inside has to find its way there."""
NOEXEC = getattr(os, "ST_NOEXEC", 0)
MARK = ".cards-run"
"""The file that makes a folder one of ours, and is locked as long as somebody uses it."""
MARK_TEXT = b"a run of cards: throw-away, removed when it is over\n"


class RunFolder:
    """A folder with `control`, `home/work` and `tmp`; `with` removes it whatever was left in it.

    Where root runs as somebody else inside, `owner` gets what may be written
    to; the rest stays root's.
    """

    def __init__(self, owner: int | None = None) -> None:
        self.path = os.path.join(base(), f"cards-run-{secrets.token_hex(12)}")
        os.mkdir(self.path, 0o700)
        with ExitStack() as undo:
            undo.callback(remove, self.path)
            self._lock = os.open(f"{self.path}/{MARK}", os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            undo.callback(os.close, self._lock)
            self._furnish(owner)
            undo.pop_all()

    def _furnish(self, owner: int | None) -> None:
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        os.write(self._lock, MARK_TEXT)
        for name in ("control", "home", "home/work", "tmp"):
            os.mkdir(f"{self.path}/{name}", 0o700)
            if owner is not None and name != "control":
                os.chown(f"{self.path}/{name}", owner, owner)
        if owner is not None:
            os.chmod(self.path, 0o711)  # noqa: S103  (the name is a secret, and what is in it says who may read it)
            os.chmod(f"{self.path}/control", 0o755)  # noqa: S103

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            remove(self.path)
        finally:
            os.close(self._lock)


def base() -> str:
    """Where run folders lie: where `TMPDIR` says, else in memory, else with what is temporary. Raises OSError."""
    reasons = []
    for place in (os.environ.get("TMPDIR") or "/dev/shm", "/tmp", "/var/tmp"):  # noqa: S108  (the run folder in it is ours alone)
        real = os.path.realpath(place)
        reason = _unusable(real)
        if not reason:
            return real
        reasons.append(f"`{real}` {reason}")
    raise OSError(f"no temporary folder can be used: {', '.join(reasons)}")


def _unusable(place: str) -> str:
    """Why commands cannot run in a folder; empty if they can."""
    if not PLAIN.fullmatch(place):
        return "has a name that shells and deck authors stumble over"
    if not os.path.isdir(place):
        return "is no folder"
    if not os.access(place, os.W_OK | os.X_OK):
        return "cannot be written to"
    return "is mounted so that no program runs there" if os.statvfs(place).f_flag & NOEXEC else ""


def sweep() -> int:
    """Removes what runs left behind whose program was killed; how many there were.

    Only a folder that has our name, our owner and our mark, and that nobody
    holds the lock of, is touched: a temporary folder is full of other people's.
    """
    counting.sweep()
    swept = 0
    with suppress(OSError), os.scandir(base()) as found:
        for entry in found:
            if NAME.fullmatch(entry.name) and _is_left(entry):
                with suppress(OSError):
                    remove(entry.path)
                    swept += 1
    return swept


def _is_left(entry: "os.DirEntry[str]") -> bool:
    info = entry.stat(follow_symlinks=False)
    if not stat.S_ISDIR(info.st_mode) or info.st_uid != os.getuid():
        return False
    try:
        if not info.st_mode & stat.S_IXUSR:  # `chmod 000` on everything reached it, too
            os.chmod(entry.path, 0o700)
        mark = os.open(f"{entry.path}/{MARK}", os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.read(mark, len(MARK_TEXT) + 1) == MARK_TEXT
    except OSError:  # in use
        return False
    finally:
        os.close(mark)
