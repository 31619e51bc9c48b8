"""Pictures and sounds beside the decks of a sync folder: which are missing where, and how they get there."""

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from unicodedata import normalize

from flashcards.errors import CardsError
from flashcards.sync.decks import MOST_FILES, Unfit, opened

MEDIA = ".media"
STEMS = re.compile(rb"(?<![A-Za-z0-9._/-])([a-z0-9][a-z0-9._-]{0,99})\.media/")
"""Folders of pictures that a deck links to."""
MOST_STEMS = 50
MOST_BYTES = 32 * 2**20
"""Of one picture or sound; a larger one stays where it is."""
MOST_TOTAL = 2**30
"""Of one folder of pictures."""


def stems_in(text: bytes) -> tuple[str, ...]:
    """The folders of pictures that a deck links to, without their ending."""
    found = dict.fromkeys(one.decode() for one in STEMS.findall(text))
    return tuple(found)[:MOST_STEMS]


def there(place: Path) -> dict[str, int]:
    """The files of a folder of pictures with their sizes; none where that is no folder of its own."""
    try:
        if not stat.S_ISDIR(place.lstat().st_mode):
            return {}
        with os.scandir(place) as entries:
            files = [entry for _, entry in zip(range(MOST_FILES), entries, strict=False)]
            return {
                entry.name: entry.stat(follow_symlinks=False).st_size
                for entry in sorted(files, key=lambda entry: entry.name)
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".")
            }
    except OSError:
        return {}


def date_of(place: Path) -> int:
    """When a folder last got or lost a file; 0 where there is none."""
    try:
        return place.stat().st_mtime_ns
    except OSError:
        return 0


def missing(source: Mapping[str, int], target: Mapping[str, int]) -> Iterator[str]:
    """What one side lacks, as much as may travel; names that some system takes for one are one."""
    total, taken = sum(target.values()), set(map(_name, target))
    for name, size in source.items():
        if _name(name) not in taken and size <= MOST_BYTES:
            taken.add(_name(name))
            total += size
            if total > MOST_TOTAL:
                return
            yield name


def _name(name: str) -> str:
    return normalize("NFC", name).casefold()


def copy(names: Iterator[str], source: Path, target: Path, is_safe: Callable[[str], bool]) -> int:
    """Copies files from one folder into another, each whole or not at all; how many. Raises CardsError."""
    ready: list[tuple[Path, Path]] = []
    try:
        for name in filter(is_safe, names):
            if not ready:
                if target.is_symlink():
                    return 0
                target.mkdir(mode=0o700, parents=True, exist_ok=True)
            partial = target / f".{os.urandom(8).hex()}.part"
            ready.append((partial, target / name))
            with suppress(Unfit), opened(source / name) as file, partial.open("xb") as written:
                shutil.copyfileobj(file, written)
        if ready and hasattr(os, "sync"):
            os.sync()  # once for all of them: a file that is there by its name is whole
        whole = [(partial, place) for partial, place in ready if partial.exists()]
        for partial, place in whole:
            partial.replace(place)
    except OSError as error:
        raise CardsError(f"cannot write into `{target}`: {error.strerror}", hint="make room, or allow it") from None
    finally:
        for partial, _ in ready:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
    return len(whole)
