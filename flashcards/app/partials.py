"""Files that are written before they take the place of another; those that a kill left behind are known as ours."""

import os
import re
from contextlib import suppress
from pathlib import Path

OLD_SECONDS = 60
"""So much older than what has just been written, and nobody is at it any more."""


def beside(target: Path) -> Path:
    """Where this process writes what will take the place of `target`."""
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def sweep(target: Path) -> None:
    """Takes away what others of our processes wanted to put in the place of `target`, and died over it."""
    with suppress(OSError):
        fresh = target.stat().st_mtime
        for path in left(target):
            if path.lstat().st_mtime < fresh - OLD_SECONDS:
                path.unlink()


def left(target: Path) -> list[Path]:
    """What may be taken away then, however old it is."""
    ours = re.compile(rf"\.{re.escape(target.name)}\.([0-9]{{1,10}})\.part")
    found = map(ours.fullmatch, os.listdir(target.parent))  # noqa: PTH208  (names are all that is asked of most of them)
    return [target.with_name(name[0]) for name in found if name and not _runs(int(name[1]))]


def _runs(process: int) -> bool:
    """Whether there may be such a process on this machine; one of another is known by how old its file is."""
    if os.name == "nt":  # there the same call would end it
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # it runs, and is somebody else's
        return True
    return True
