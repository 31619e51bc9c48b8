"""A sync folder as it lies there: whether it is one, and what is in it. Nothing is followed out of it."""

import json
import os
import stat
from typing import Any, NamedTuple

from flashcards.errors import BadRequest, CardsError
from flashcards.sync.names import LOGS, MARKER, Named, named
from flashcards.sync.writing import put

FORMAT = 1
"""Of the layout of the folder."""
LARGEST_MARKER = 100_000
"""Bytes."""
UNIMPORTANT = frozenset({"lost+found", "desktop.ini", "thumbs.db", "system volume information", "$recycle.bin"})
"""What systems put into empty folders by themselves; so are names that begin with a dot."""
MOST_FILES = 100_000


class Stat(NamedTuple):
    """What tells a file that was touched from one that was not."""

    size: int
    mtime_ns: int


class Folder:
    """One sync folder."""

    def __init__(self, path: str) -> None:
        self.path = os.path.realpath(os.path.expanduser(path))
        self.logs = os.path.join(self.path, LOGS)

    def state(self) -> str:
        """`ours`, `empty` or `other` (it holds other things); raises where there is no folder."""
        try:
            names = os.listdir(self.path)
        except FileNotFoundError:
            raise CardsError(
                f"there is no folder `{self.path}`", hint=f"`mkdir -p {self.path}` makes it; is the disk there?"
            ) from None
        except NotADirectoryError:
            raise BadRequest(f"`{self.path}` is no folder", hint="name a folder that something carries") from None
        except OSError as error:
            raise CardsError(f"cannot read `{self.path}`: {error.strerror}", hint="check who may read it") from None
        if MARKER in names or (LOGS in names and self._has_logs()):
            return "ours"
        rest = [name for name in names if not name.startswith(".") and name.lower() not in UNIMPORTANT]
        return "other" if rest else "empty"

    def check(self) -> None:
        """Refuses a folder whose inside lies elsewhere; nothing is followed out of it."""
        if os.path.islink(self.logs) or (os.path.lexists(self.logs) and not os.path.isdir(self.logs)):
            raise CardsError(f"`{self.logs}` is no folder", hint="take it away; nothing was changed")

    def _has_logs(self) -> bool:
        """Whether the marker alone is missing: a carrier may bring it last."""
        found = self.files()[0]
        return any(not name.is_copy for name in found)

    def identity(self) -> str:
        """The folder's id, "" where it has none yet; raises for a folder of a newer version, which stays as it is."""
        path = os.path.join(self.path, MARKER)
        fields = self._marker(path)
        if fields is None:
            return ""
        version, identity = fields.get("version"), fields.get("id")
        if isinstance(version, int) and version > FORMAT:
            raise CardsError(f"`{path}` is of a newer version of cards", hint="upgrade cards; nothing was changed")
        if version != FORMAT or not isinstance(identity, str) or not identity.isalnum() or len(identity) > 64:  # noqa: PLR2004
            raise self._broken(path)
        return identity

    def _marker(self, path: str) -> dict[str, Any] | None:
        try:
            if not stat.S_ISREG(os.lstat(path).st_mode):
                raise CardsError(f"`{path}` is no plain file", hint="take it away; nothing was changed")
            with open(path, "rb") as file:
                fields = json.loads(file.read(LARGEST_MARKER))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise CardsError(f"cannot read `{path}`: {error.strerror}", hint="check who may read it") from None
        except (ValueError, RecursionError):
            raise self._broken(path) from None
        if not isinstance(fields, dict):
            raise self._broken(path)
        return fields

    def _broken(self, path: str) -> CardsError:
        hint = "wait until it has come over; if it stays so, delete it, and it is made anew"
        return CardsError(f"`{path}` makes no sense", hint=hint)

    def make(self) -> str:
        """Makes it a sync folder; returns its id."""
        identity = os.urandom(8).hex()
        text = json.dumps({"cards": "sync folder", "version": FORMAT, "id": identity}) + "\n"
        try:
            put(os.path.join(self.path, MARKER), [text.encode()])
            os.makedirs(self.logs, mode=0o700, exist_ok=True)
        except OSError as error:
            raise CardsError(
                f"cannot write to `{self.path}`: {error.strerror}", hint="a sync folder begins with one that may write"
            ) from None
        return identity

    def files(self) -> tuple[dict[Named, Stat], list[tuple[str, str]]]:
        """The files of events, each with its size and time; and what stands among them that cannot be one."""
        found: dict[Named, Stat] = {}
        odd: list[tuple[str, str]] = []
        try:
            if os.path.islink(self.logs):
                return {}, [(LOGS, "it is a link; links are not followed")]
            with os.scandir(self.logs) as entries:
                for number, entry in enumerate(entries):
                    if number >= MOST_FILES:
                        odd.append((LOGS, f"it has more than {MOST_FILES:,} files; the rest was left alone"))
                        break
                    self._note(entry, found, odd)
        except FileNotFoundError:
            pass
        except OSError as error:
            odd.append((LOGS, f"cannot read it: {error.strerror}"))
        return dict(sorted(found.items(), key=lambda item: (item[0].month or "~", item[0].name))), sorted(odd)

    def _note(self, entry: "os.DirEntry[str]", found: dict[Named, Stat], odd: list[tuple[str, str]]) -> None:
        name = named(entry.name)
        if name is None:
            return
        try:
            status = entry.stat(follow_symlinks=False)
        except OSError:  # it went just now
            return
        if stat.S_ISREG(status.st_mode):
            found[name] = Stat(status.st_size, status.st_mtime_ns)
        else:
            what = "a link; links are not followed" if stat.S_ISLNK(status.st_mode) else "no plain file"
            odd.append((entry.name, f"it is {what}"))
