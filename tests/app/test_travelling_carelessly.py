"""Real homes, one deck that all of them edit, carriers that cut, double and mix up files: no text is lost."""

import os
import shutil
from pathlib import Path
from random import Random

import pytest
from app.travellers import FRENCH, Home
from thorough import times

from flashcards.app import writing


class Harm:
    """Three homes with folders of their own, and everything that happens to them, by dice."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root, self.dice = root, Random(seed)
        self.homes = [Home(root / name, root / f"{name}-folder") for name in "abc"]
        self.parents: dict[str, str] = {}
        self.written: list[tuple[Home, str]] = []
        for home in self.homes:
            home.folder.mkdir()
        first = self.homes[0]
        first.file().parent.mkdir(parents=True)
        first.file().write_text(FRENCH, encoding="utf-8")
        writing.take_in(first.app, [first.file()])

    def step(self) -> None:
        self.dice.choice([self.edit, self.sync, self.sync, self.carry, self.carry, self.spoil])()

    def edit(self) -> None:
        home = self.dice.choice(self.homes)
        if not home.file().exists():
            return
        before = home.file().read_text("utf-8")
        after = before.replace("deck: french\n", f"deck: french\n# edit {len(self.written)} of {home.root.name}\n", 1)
        home.file().write_text(after, encoding="utf-8")
        facts = home.file().stat()
        os.utime(home.file(), ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000_000 * len(self.written)))
        self.written.append((home, f"# edit {len(self.written)} of {home.root.name}\n"))

    def sync(self) -> None:
        self.dice.choice(self.homes).sync()

    def carry(self, *, whole: bool = False) -> None:
        source, target = self.dice.sample(self.homes, 2)
        for path in sorted((source.folder / "decks").glob("*")):
            place = target.folder / "decks" / path.name
            own = path.name.startswith(target.app.device)
            if own or path.name.startswith(".") or (not whole and self.dice.random() < 0.3):
                continue
            place.parent.mkdir(exist_ok=True)
            data = path.read_bytes()
            if not whole and self.dice.random() < 0.2:
                data = data[: self.dice.randrange(len(data) + 1)]
            if not whole and place.exists() and self.dice.random() < 0.2:
                shutil.copy(place, place.with_name(f"{place.stem}.sync-conflict-1{place.suffix}"))
            place.write_bytes(data)

    def spoil(self) -> None:
        found = sorted(path for home in self.homes for path in (home.folder / "decks").glob("*.json"))
        if found and self.dice.random() < 0.3:
            self.dice.choice(found).write_bytes(self.dice.randbytes(20))
        elif self.dice.random() < 0.2:
            (self.dice.choice(self.homes).root / "sync-decks.json").unlink(missing_ok=True)

    def settle(self) -> None:
        """One person decides which text it is, and everything is carried whole."""
        first = self.homes[0]
        first.sync(mine=("french",))
        for home in self.homes[1:]:
            shutil.rmtree(home.folder)
            shutil.copytree(first.folder, home.folder)
            home.sync(theirs=("french",))


def texts_of(home: Home) -> str:
    """Every text that the home has, those that gave way too."""
    return "".join(path.read_text("utf-8") for path in sorted((home.root / "decks").rglob("*.yaml")))


@pytest.mark.parametrize("seed", range(times(3, 300)))
def test_no_text_is_lost_and_one_word_settles_all(tmp_path, seed):
    """Each edit is in the home that made it, or in a text that followed it; then all agree on one."""
    harm = Harm(tmp_path, seed)
    try:
        for _ in range(25):
            harm.step()
            everywhere = {home: texts_of(home) for home in harm.homes}
            for home, mark in harm.written:
                assert mark in everywhere[home], f"{home.root.name} lost {mark!r}"
        harm.settle()

        assert 1 == len({home.file().read_text("utf-8") for home in harm.homes})
        assert 1 == len({tuple(home.fronts().items()) for home in harm.homes})
        for home in harm.homes:
            assert () == home.sync().told
    finally:
        for home in harm.homes:
            home.app.close()
