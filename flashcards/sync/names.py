"""The names of files in a sync folder: whose they are, of which month, and what is a copy that a carrier made."""

import re
from typing import NamedTuple

LOGS = "log"
"""The folder of the logs inside a sync folder."""
MARKER = "cards-sync.json"
"""The file that makes a folder a sync folder."""
PLAIN = re.compile(r"(?P<device>[A-Za-z0-9%_-]+)(?:\.(?P<month>[0-9]{4}-[0-9]{2})\.jsonl\.gz|\.jsonl)", re.ASCII)
LEADING = re.compile(r"[A-Za-z0-9%_-]*", re.ASCII)
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".swp", ".lock")
"""How files end that a carrier or an editor is still at."""


class Named(NamedTuple):
    """A file of events, by its name alone."""

    name: str
    device: str
    """Whose it is; of a copy the device whose file it was, "" where that cannot be told."""
    month: str = ""
    """`2026-11` of a sealed file, "" of the one that is appended to."""
    is_copy: bool = False
    """No name of ours: a carrier, or a person, made a copy."""


def named(name: str) -> Named | None:
    """What a name in the folder `log` says; None for what is none of ours."""
    if name.startswith((".", "~")) or name.endswith(UNFINISHED):
        return None
    if found := PLAIN.fullmatch(name):
        return Named(name, found["device"], found["month"] or "")
    if ".jsonl" not in name and not name.endswith(".gz"):
        return None
    start = LEADING.match(name)
    return Named(name, start[0] if start else "", is_copy=True)


def safe_device(device: str) -> str:
    """The name of a device as it may stand in a file name on every system."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "_-") else f"%{ord(c):x}" for c in device)[:100] or "%"


def current(device: str) -> str:
    """The file that a device appends to."""
    return f"{safe_device(device)}.jsonl"


def sealed(device: str, month: str) -> str:
    """The file of a month that is over."""
    return f"{safe_device(device)}.{month}.jsonl.gz"
