"""Homes on one folder and a deck that travels between them; a carrier's own copies of the folder where a test wants them."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from homes import places

from flashcards.app import App, writing
from flashcards.app.travelling import Travelled, Wanted, travel

FRENCH = """\
deck: french
cards:
  - id: chat
    front: le chat
    back: the cat
  - id: chien
    front: le chien
    back: the dog
"""


class Home:
    """One device: a home, and perhaps a folder of its own that a carrier keeps in step."""

    def __init__(self, root: Path, folder: Path) -> None:
        self.root, self.folder = root, folder
        self.app = App(places(root))

    def sync(self, **wanted: tuple[str, ...]) -> Travelled:
        return travel(self.app, self.folder, "f1", Wanted(**wanted))

    def take(self, path: Path) -> None:
        writing.take_in(self.app, [path])

    def fronts(self) -> dict[str, str]:
        rows = self.app.store.all_rows()
        return {row.card.id: row.card.front for row in rows if row.card and not row.retired}

    def file(self, deck: str = "french") -> Path:
        return self.root / "decks" / f"{deck}.yaml"


class World(NamedTuple):
    """Homes on one folder, and a place for a person's own files."""

    make: Callable[..., Home]
    folder: Path
    own: Path

    def there(self, deck: str = "french") -> Path:
        return self.folder / "decks" / f"{deck}.yaml"


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def edited(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns + 1_000_000_000))
