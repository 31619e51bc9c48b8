"""What this machine remembers of sync folders. It may be lost or wrong without harm: then everything is read again."""

import json
import os
from typing import Any, NamedTuple
from zlib import crc32

from flashcards.sync.reading import Mark
from flashcards.sync.writing import put

VERSION = 1
MOST_FOLDERS = 8


class Known(NamedTuple):
    """What is known of one file."""

    size: int
    mtime_ns: int
    mark: Mark
    unfit: tuple[str, str] | None = None
    """Why nothing was taken from it: kind and message."""
    faults: int = 0
    """How many of its lines are no events."""
    unfinished: int = 0
    by: str = ""
    """The version of the program that found it unfit."""


class Loss(NamedTuple):
    """The files of a device have become less."""

    since: str
    lines: int
    """How many there were."""


class State(NamedTuple):
    """What is known of a folder since the last sync."""

    token: str
    """Stands in the store as well: a store that was put back has another one."""
    device: str
    events: int
    """How many events of this store the folder has."""
    cursor: str
    """The newest id of this device that the folder has."""
    month: str
    """In which the file that is appended to was begun."""
    redactions: int
    stamp: str
    """Of the database when nothing was new: as long as it holds, nothing is."""
    files: dict[str, Known]
    lost: dict[str, Loss]
    """Devices whose files have become less."""


class States:
    """The file `sync.json`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._folders = self._read()

    def _read(self) -> dict[str, Any]:
        try:
            with open(self._path, "rb") as file:
                fields = json.loads(file.read())
            folders = fields["folders"] if fields["version"] == VERSION else {}
            return dict(folders)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return {}

    def knows(self, path: str) -> bool:
        """Whether a folder at this path was synced before, under whatever id."""
        return any(key.partition(" ")[2] == path for key in self._folders)

    def get(self, identity: str, path: str) -> State | None:
        """What is known of a folder; None where nothing is, or it makes no sense."""
        try:
            fields = self._folders[f"{identity} {path}"]
            if fields.pop("check") != _check(fields):
                return None
            files = {str(name): _known(*values) for name, values in fields["files"].items()}
            texts = {name: str(fields[name]) for name in ("token", "device", "cursor", "month", "stamp")}
            lost = {str(device): Loss(str(since), _whole(lines)) for device, (since, lines) in fields["lost"].items()}
            return State(
                **texts, events=int(fields["events"]), redactions=int(fields["redactions"]), files=files, lost=lost
            )
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def put(self, identity: str, path: str, state: State) -> None:
        """Remembers a folder; the ones that were synced longest ago are forgotten."""
        key = f"{identity} {path}"
        self._folders.pop(key, None)
        fields = state._asdict()
        self._folders[key] = {**fields, "check": _check(fields)}
        self._folders = dict([*self._folders.items()][-MOST_FOLDERS:])
        os.makedirs(os.path.dirname(self._path), mode=0o700, exist_ok=True)
        put(self._path, [json.dumps({"version": VERSION, "folders": self._folders}).encode()])


def _check(fields: dict[str, Any]) -> int:
    """A sum over what is remembered: a number that changed by itself is worse than none."""
    return crc32(json.dumps(fields, sort_keys=True).encode())


def _known(size: object, mtime: object, mark: list[Any], unfit: list[Any] | None, *rest: Any) -> Known:  # noqa: ANN401
    faults, unfinished, by = rest
    kind, message = unfit or ("", "")
    return Known(
        size=_whole(size),
        mtime_ns=_whole(mtime),
        mark=Mark(*map(_whole, mark)),
        unfit=(str(kind), str(message)) if unfit else None,
        faults=_whole(faults),
        unfinished=_whole(unfinished),
        by=str(by),
    )


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError
    return value
