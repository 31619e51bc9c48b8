"""Commands that write, each with a home before it: what comes to harm in the tests of crashes."""

import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import anki_packages
from crash.nursery import Ended, Harm, Nursery
from sqlite_utils import Database

from flashcards.store import migrations

NOW = "2026-03-05T10:00:00Z"
GRADES = "\n3\n" * 20


class Scene(NamedTuple):
    """One command, and what is made before it."""

    args: tuple[str, ...]
    prepare: Callable[["Desk"], None] = lambda desk: desk.lived()
    stdin: str = ""
    at_once: bool = True
    """Whether all that it writes is one transaction; else each event is one."""
    again: tuple[str, ...] | None = None
    """What to run after the harm, if not the same."""
    in_parts: bool = False
    """Whether decks and events are a transaction each."""


class Desk:
    """A home at one path, what lies around it, and how to bring all of it back as it was."""

    def __init__(self, folder: Path, nursery: Nursery) -> None:
        self.folder, self.nursery = folder, nursery
        self.home, self.files, self.kept = folder / "home", folder / "files", folder / "kept"
        self.files.mkdir(parents=True)

    def run(self, *args: object, harm: Harm = Harm(), stdin: str = "", now: str = NOW) -> Ended:  # noqa: B008
        """One command; file names are those of `files`."""
        return self.nursery.run(self.home, self.named(args), harm, stdin=stdin, env=self.env(now))

    def named(self, args: Sequence[object]) -> list[str]:
        """The words of a command, files with their folder."""
        return [str(self.files / str(arg)) if (self.files / str(arg)).exists() else str(arg) for arg in args]

    def env(self, now: str = NOW) -> dict[str, str]:
        """Where and when."""
        return {"CARDS_NOW": now, "HOME": str(self.folder)}

    def do(self, *args: object, stdin: str = "", now: str = NOW) -> None:
        """The same; it has to go well."""
        ended = self.run(*args, stdin=stdin, now=now)
        assert not ended.code, ended

    def deck(self, name: str, fronts: dict[str, str], *, more: str = "") -> None:
        """Writes a deck file: id and question of each card."""
        cards = "".join(f"  - id: {one}\n    front: {front}\n    back: so\n" for one, front in fronts.items())
        (self.files / f"{name}.yaml").write_text(f"deck: {name}\ncards:\n{cards}{more}")

    def keep(self) -> None:
        """Notes how everything is."""
        shutil.rmtree(self.kept, ignore_errors=True)
        self.kept.mkdir()
        for one in (self.home, self.files):
            if one.exists():
                shutil.copytree(one, self.kept / one.name)

    def clear(self) -> None:
        """Neither a home nor files."""
        shutil.rmtree(self.kept, ignore_errors=True)
        self.kept.mkdir()
        self.bring_back()
        self.files.mkdir(exist_ok=True)

    def bring_back(self) -> None:
        """Everything as it was kept; the database is the same file, so that nobody takes it for a copy."""
        for folder in (self.home, self.files):
            kept = self.kept / folder.name
            folder.mkdir(exist_ok=True)
            for found in sorted(folder.rglob("*"), reverse=True):
                if not (kept / found.relative_to(folder)).exists():
                    found.rmdir() if found.is_dir() else found.unlink()
            if kept.exists():  # over what is there
                shutil.copytree(kept, folder, dirs_exist_ok=True)
            else:
                folder.rmdir()

    def decks_in_home(self) -> dict[str, bytes]:
        """The deck files that belong to the home, and what an import left beside them."""
        folder = self.home / "decks"
        return {str(one.relative_to(folder)): one.read_bytes() for one in sorted(folder.rglob("*")) if one.is_file()}

    # ------------------------------------------------------------ homes

    def lived(self) -> None:
        """A home with two decks, some days, marks and an undo; made once."""
        if not (self.folder / "lived").exists():
            self._live()
            self.keep()
            self.kept.rename(self.folder / "lived")
        kept, self.kept = self.kept, self.folder / "lived"
        self.bring_back()
        self.kept = kept

    def _live(self) -> None:
        self.deck("a", {f"c{n}": f"Question {n}" for n in range(6)})
        self.deck("b", {f"d{n}": f"Other {n}" for n in range(3)})
        self.do("import", "a.yaml", "b.yaml", now="2026-03-01T09:00:00Z")
        self.do("review", "--plain", "--limit", "5", stdin="\n3\n\n1\n\n2\n\n4\n" * 4, now="2026-03-02T09:00:00Z")
        self.do("review", "--plain", "--limit", "4", stdin=GRADES, now="2026-03-03T09:00:00Z")
        self.do("flag", "a/c1", now="2026-03-03T10:00:00Z")
        self.do("suspend", "b/d2", now="2026-03-03T11:00:00Z")
        self.do("undo", "2", now="2026-03-03T12:00:00Z")
        self.do("suspend", "b/d1", now="2026-03-03T13:00:00Z")
        self.do("stats", "--json", now="2026-03-03T14:00:00Z")

    def first_deck(self) -> None:
        """No home at all, and a deck."""
        self.deck("a", {f"c{n}": f"Question {n}" for n in range(6)})

    def changed(self) -> None:
        """A deck file that says something else by now: changed, new, gone, renamed."""
        self.lived()
        self.deck(
            "a",
            {"c0": "Question 0", "c1": "Said anew", "c7": "Fresh", "c3": "Question 3"},
            more="  - id: c9\n    was: [c4]\n    front: Question 4\n    back: so\n",
        )

    def package(self) -> None:
        """A package of Anki with a history."""
        self.lived()
        self._write_package("uno")

    def brought(self) -> None:
        """A package that was taken in: a deck with its history."""
        self.package()
        self.do("import", "spanish.apkg")

    def newer_package(self) -> None:
        """A package that was taken in before, and says more by now."""
        self.brought()
        self._write_package("un")

    def _write_package(self, word: str) -> None:
        notes = [(n, f"guid{n}", anki_packages.BASIC, "", [f"front {n} {word}", f"back {n}"]) for n in range(1, 5)]
        cards = [{"id": n, "nid": n, "did": 10, "type": 2, "queue": 2, "ivl": 9, "due": 2250} for n in range(1, 5)]
        reviews = [(1_770_000_000_000 + n, n, 3, 9, 3, 2500, 4000, 1) for n in range(1, 5)]
        (self.files / "spanish.apkg").write_bytes(anki_packages.package(anki_packages.database(notes, cards, reviews)))

    def other_log(self) -> None:
        """The log of another device, with an undo of ours and reviews before ours."""
        self.lived()
        log = self.run("export", "log").out.splitlines()
        ours = next(line for line in log if '"kind":"review"' in line)
        identity = ours.split('"id":"')[1][:32]
        lines = [
            f'{{"v":1,"id":"019cb000{n:024x}","kind":"review","card":"a/c{n}","grade":4,'
            f'"at":"2026-03-0{n + 1}T08:00:00.000Z","offset":0,"day":"2026-03-0{n + 1}","mode":"scheduled","device":"x"}}'
            for n in range(4)
        ]
        lines.append(
            f'{{"v":1,"id":"019cc000{0:024x}","kind":"undo","target":"{identity}","at":"2026-03-04T08:00:00.000Z",'
            '"device":"x"}'
        )
        (self.files / "other.jsonl").write_text("\n".join(lines) + "\n")

    def of_the_first_step(self) -> None:
        """A database that has only seen the first migration."""
        self.first_deck()
        self.home.mkdir(mode=0o700)
        with closing(sqlite3.connect(self.home / "cards.db", isolation_level=None)) as connection:
            migrations.migrations.apply(Database(connection, execute_plugins=False), stop_before="m002_library")
            line = (
                '{"v":1,"id":"019cb000000000000000000000000001","kind":"review","card":"a/c1","grade":4,"at":'
                '"2026-03-01T08:00:00.000Z","offset":0,"day":"2026-03-01","mode":"scheduled","device":"x"}'
            )
            values = (line[13:45], "review", "a/c1", "2026-03-01T08:00:00.000Z", "2026-03-01", "x", None, None, line)
            connection.execute("insert into events values (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)

    def of_another_version(self) -> None:
        """Derived tables of another version."""
        self.lived()
        with closing(sqlite3.connect(self.home / "cards.db", isolation_level=None)) as connection:
            connection.execute("update meta set value = '0' where name = 'derived'")
            connection.execute("drop table memory")

    def not_counted(self) -> None:
        """Statistics that nobody has looked at."""
        self.lived()
        with closing(sqlite3.connect(self.home / "cards.db", isolation_level=None)) as connection:
            connection.execute("delete from meta where name = 'answered'")

    def backed_up(self) -> None:
        """A backup, and things that were done since."""
        self.lived()
        self.do("backup", now="2026-03-04T09:00:00Z")
        self.do("review", "--plain", "--limit", "3", stdin=GRADES, now="2026-03-04T10:00:00Z")
        self.do("suspend", "a/c2", now="2026-03-04T11:00:00Z")

    def typed(self) -> None:
        """A password that was typed into an answer, and a backup that has it."""
        self.lived()
        (self.files / "t.yaml").write_text("deck: t\ncards:\n  - id: one\n    front: One?\n    answer: ls -a\n")
        self.do("import", "t.yaml")
        lines = '{"do":"answer","text":"hunter2"}\n{"do":"grade","grade":1}\n'
        self.do("review", "t", "--json", stdin=lines, now="2026-03-04T10:00:00Z")
        self.do("backup", now="2026-03-04T11:00:00Z")

    def shared(self) -> None:
        """A folder with what another device wrote: events, and a deck that is not here yet."""
        self.lived()
        (self.files / "shared").mkdir()
        (self.files / "theirs").mkdir()
        (self.files / "theirs" / "o.yaml").write_text("deck: o\ncards:\n  - id: one\n    front: One?\n    back: so\n")
        (self.files / "theirs" / "a.yaml").write_bytes((self.files / "a.yaml").read_bytes())
        env = {**self.env("2026-03-04T08:00:00Z"), "DICE": "1000000"}
        other = self.folder / "other"
        shutil.rmtree(other, ignore_errors=True)
        for words, stdin in (
            (("import", str(self.files / "theirs")), ""),
            (("review", "--plain"), GRADES),
            (("sync", str(self.files / "shared"), "--yes"), ""),
        ):
            ended = self.nursery.run(other, words, stdin=stdin, env=env)
            assert not ended.code, ended


SCENES = {
    "first import": Scene(("import", "a.yaml"), Desk.first_deck),
    "import": Scene(("import", "a.yaml"), Desk.changed),
    "package": Scene(("import", "spanish.apkg"), Desk.package),
    "newer package": Scene(("import", "spanish.apkg"), Desk.newer_package),
    "log": Scene(("import", "other.jsonl"), Desk.other_log),
    "grade": Scene(("review", "--plain"), stdin=GRADES, at_once=False),
    "undo": Scene(("undo", "3"), again=("undo",)),
    "undo of an import": Scene(("undo", "2"), Desk.brought, again=("import", "spanish.apkg")),
    "mark": Scene(("suspend", "a/c1", "a/c3", "b/d0"), again=("due",)),
    "backup": Scene(("backup",), Desk.backed_up),
    "restore": Scene(("restore", "latest", "--yes"), Desk.backed_up, again=("undo",)),
    "redact": Scene(("log", "redact", "--last", "--yes"), Desk.typed, again=("due",)),
    "sync": Scene(("sync", "shared", "--yes"), Desk.shared, in_parts=True),
    "migrate": Scene(("due",), Desk.of_the_first_step),
    "rebuild": Scene(("due",), Desk.of_another_version),
    "count": Scene(("stats", "--json"), Desk.not_counted),
}
