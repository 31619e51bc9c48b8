"""Devices with real stores, each with a copy of the sync folder, and a carrier that is as careless as real ones."""

import shutil
from contextlib import AbstractContextManager, closing
from pathlib import Path
from random import Random

from homes import opened, places

from flashcards.app import App
from flashcards.app.synced import Done
from flashcards.app.syncing import sync
from flashcards.store import Store
from flashcards.store.derived import TABLES

NO_LAW = {"answered", "tally", "effort", "stale"}
"""Tables that are filled when somebody asks."""


class Device:
    """One home and its copy of the folder."""

    def __init__(self, root: Path, name: str) -> None:
        self.name = name
        self.home = root / name
        self.folder = root / f"{name}-folder"
        self.folder.mkdir(parents=True)
        self.places = places(self.home)
        with self.open() as app:
            self.device = app.device

    def open(self) -> AbstractContextManager[App]:
        return opened(self.home)

    def sync(self, folder: Path | None = None, **options) -> Done:
        with self.open() as app:
            return sync(app, str(folder or self.folder), **options)

    def append(self, events) -> None:
        with closing(Store(self.places.database)) as store:
            store.append(events)

    def lines(self) -> list[str]:
        """The log."""
        with closing(Store(self.places.database)) as store:
            return [line for (line,) in store._select("select line from events order by at, id")]

    def derived(self, *, anew: bool = False) -> dict[str, list[tuple]]:
        """The derived tables, as they are or after a replay of the whole log."""
        with closing(Store(self.places.database)) as store:
            if anew:
                store.rebuild()
            return {
                table: sorted(store._select(f"select * from {table}"), key=repr)
                for table in TABLES
                if table not in NO_LAW
            }

    @property
    def logs(self) -> Path:
        return self.folder / "log"


def carry(source: Device, target: Device, dice: Random | None = None) -> None:
    """Carries the source's own files to the target; with dice only some, and some only half."""
    target.logs.mkdir(exist_ok=True)
    theirs = {path.name for path in source.logs.glob(f"{source.device}.*")} if source.logs.exists() else set()
    for name in sorted(theirs):
        if dice and dice.random() < 0.3:
            continue
        data = (source.logs / name).read_bytes()
        if dice and dice.random() < 0.3:
            data = data[: dice.randrange(len(data) + 1)]
        (target.logs / name).write_bytes(data)
        if dice and dice.random() < 0.2:
            copy = name.replace(".jsonl", f" (conflicted copy {dice.randrange(3)}).jsonl")
            (target.logs / copy).write_bytes(data)
    for path in target.logs.glob(f"{source.device}.*"):
        if path.name not in theirs and not (dice and dice.random() < 0.5) and "(" not in path.name:
            path.unlink()
    if not (target.folder / "cards-sync.json").exists() and (source.folder / "cards-sync.json").exists():
        shutil.copy(source.folder / "cards-sync.json", target.folder)
