"""Files that are no files, too large, or databases made to act: told, passed by, and nothing waits for them."""

import contextlib
import gzip
import os
import resource
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.inside import cards

from flashcards.errors import StoreError
from flashcards.store.backup import lines

DECK = "deck: d\ncards:\n  - {id: a, front: x, back: y}\n"
MEMORY = 1 << 30
"""Bytes of addresses that a child of these tests may have; the program takes a third of it."""


def bounded(home: Path, *arguments: object, seconds: float = 60) -> subprocess.CompletedProcess[str]:
    """The real program with little memory and little time."""
    return subprocess.run(
        [sys.executable, "-m", "flashcards", *map(str, arguments)],
        env={**os.environ, "CARDS_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=seconds,
        check=False,
        preexec_fn=_with_little_memory,
    )


def _with_little_memory() -> None:
    with contextlib.suppress(OSError, ValueError):  # macOS knows no such limit
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


# ---------------------------------------------------------------- decks


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_circle(path: Path) -> None:
    path.symlink_to(path)


def a_folder(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("thing", [a_pipe, a_device, a_circle, a_folder])
def test_what_stands_in_the_place_of_a_deck_file_is_never_waited_for(
    thing: Callable[[Path], None], home: Path, tmp_path: Path
):
    """The last good version goes on, every look at the deck ends, and the check says what it is."""
    path = tmp_path / "d.yaml"
    path.write_text(DECK)
    cards("import", path, check=True)
    path.unlink()
    thing(path)

    assert "card 1 of 1" in cards("review", "--plain", check=True).out
    assert DECK == cards("export", "deck", "d", check=True).out
    assert 0 != cards("check", "d").code
    for command in (("list",), ("decks",), ("trust", "d"), ("doctor",), ("edit", "d/a")):
        assert "Traceback" not in cards(*command).err


@pytest.mark.parametrize("thing", [a_pipe, a_device])
def test_a_sync_waits_for_no_deck_file_of_ones_own(thing: Callable[[Path], None], home: Path, tmp_path: Path):
    """What came is told, and taken nowhere, even where it is asked for."""
    path, folder = tmp_path / "d.yaml", tmp_path / "carried"
    path.write_text(DECK)
    folder.mkdir()
    cards("import", path, check=True)
    cards("sync", folder, "--yes", check=True)
    (folder / "decks" / "d.yaml").write_text(DECK.replace("front: x", "front: changed"))
    path.unlink()
    thing(path)

    for wishes in ((), ("--theirs", "d")):
        assert "was changed elsewhere" in cards("sync", folder, *wishes).err
    assert DECK == cards("export", "deck", "d", check=True).out


def test_in_a_folder_only_plain_files_are_decks(home: Path, tmp_path: Path):
    """Pipes, devices, links in circles and to nowhere are passed by."""
    folder = tmp_path / "decks"
    folder.mkdir()
    (folder / "d.yaml").write_text(DECK)
    for number, thing in enumerate((a_pipe, a_device, a_circle)):
        thing(folder / f"x{number}.yaml")
        thing(folder / f"x{number}.jsonl")
        thing(folder / f"x{number}.apkg")
    (folder / "away.yaml").symlink_to(tmp_path / "nowhere")
    (folder / "up").symlink_to("..")

    assert "1 new" in cards("import", folder, check=True).out


@pytest.mark.parametrize(
    "name",
    [
        "d.yaml",
        "d.apkg",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("d.csv", "d.md", "d.jsonl", "d.db.gz")),
    ],
)
def test_a_file_of_100_mb_is_refused_in_little_memory_and_time(name: str, home: Path, tmp_path: Path):
    """Whatever it is called, it is told in one line or a few, and nothing is changed."""
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(100 * 2**20)

    done = bounded(home, *(["restore", "--yes"] if name.endswith(".gz") else ["import"]), path)

    assert done.returncode not in {0, -9}
    assert done.stderr.startswith("error: "), done.stderr[:500]
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 20_000


@pytest.mark.slow
def test_a_bomb_of_yaml_is_refused_in_little_memory_and_time(home: Path, tmp_path: Path):
    """Ten levels of ten aliases each, a million brackets, and one value of 15 MB."""
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10) if n else 'x'}]" for n in range(10)]
    texts = {"laughs": "\n".join(levels), "deep": "deck: " + "[" * 1_000_000, "long": f"deck: {'x' * 15_000_000}"}
    for name, text in texts.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(text)

        done = bounded(home, "check", path, seconds=100)

        assert 3 == done.returncode, name
        assert "Traceback" not in done.stderr
        assert len(done.stderr) < 50_000


# ---------------------------------------------------------------- databases of others


def made(path: Path, *statements: str) -> Path:
    """A database with the tables of a backup, and something more."""
    connection = sqlite3.connect(path)
    for statement in (
        "create table events (id text primary key, day text, line text)",
        "create table decks (deck, place, title, path, size, mtime_ns, hash, source)",
        "create table meta (name, value)",
        "create table _sqlite_migrations (migration_set text, name text)",
        *statements,
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


@pytest.mark.parametrize(
    "statement",
    [
        "create view more as select load_extension('/tmp/evil')",
        "create trigger more after insert on meta begin select load_extension('/tmp/evil'); end",
        "create trigger events_more after insert on events begin delete from decks; end",
        "create virtual table more using fts5(x)",
    ],
)
def test_a_backup_that_acts_is_refused(statement: str, tmp_path: Path):
    """Views, triggers and virtual tables that no backup has are not even looked at."""
    path = made(tmp_path / "evil.db", statement)

    with pytest.raises(StoreError, match="which no backup of cards has"):
        list(lines(str(path)))


@pytest.mark.slow
def test_a_backup_cannot_fill_the_memory(home: Path, tmp_path: Path):
    """A value that is computed to be huge, or compressed to be small, is refused."""
    path = made(
        tmp_path / "huge.db",
        "create table x (a, b generated always as (zeroblob(a)) virtual)",
        "insert into events values ('a', null, cast(zeroblob(200000000) as text))",
    )
    (tmp_path / "bomb.db.gz").write_bytes(gzip.compress(bytes(80 * 2**20), 9))

    for one in (path, tmp_path / "bomb.db.gz"):
        done = bounded(home, "restore", "--yes", one, seconds=100)
        assert done.returncode not in {0, -9}
        assert "Traceback" not in done.stderr, done.stderr[-800:]


def test_a_backup_is_left_as_it_is(home: Path, tmp_path: Path):
    """Reading writes nothing beside it or into it, whatever it is."""
    path = made(tmp_path / "evil.db", "insert into events values ('a', null, 'no line')")
    before = path.read_bytes()

    cards("restore", "--yes", path)

    assert before == path.read_bytes()
    assert [path.name] == [one.name for one in tmp_path.iterdir() if one.name.startswith("evil")]


def test_links_and_pipes_among_backups_are_no_backups(home: Path, tmp_path: Path):
    """A folder that is a link is used; what in it is a link, a pipe or a device is not listed, read or waited for."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home.mkdir(mode=0o700)
    (home / "backups").symlink_to(elsewhere)
    path = tmp_path / "d.yaml"
    path.write_text(DECK)
    cards("import", path, check=True)
    cards("backup", check=True)
    kept = {one.name for one in elsewhere.glob("cards-*")}
    a_pipe(elsewhere / "cards-2020-01-03.db.gz")
    a_device(elsewhere / "cards-2020-01-02.db.gz")
    (elsewhere / "cards-2020-01-01.db.gz").symlink_to("/etc/passwd")

    listed = cards("backup", "--list", check=True).out
    refused = [cards("restore", "--yes", f"2020-01-0{day}").code for day in (1, 2, 3)]

    assert kept
    assert all(name in listed for name in kept)
    assert "2020-01-0" not in listed
    assert [4, 4, 4] == refused


def test_a_backup_through_a_link_changes_what_it_leads_to(home: Path, tmp_path: Path):
    """As an export does: the link stays; a pipe or a device is refused."""
    path = tmp_path / "d.yaml"
    path.write_text(DECK)
    cards("import", path, check=True)
    (tmp_path / "real.db.gz").touch()
    (tmp_path / "link.db.gz").symlink_to("real.db.gz")
    a_pipe(tmp_path / "pipe.db.gz")

    cards("backup", "--force", tmp_path / "link.db.gz", check=True)

    assert (tmp_path / "link.db.gz").is_symlink()
    assert (tmp_path / "real.db.gz").stat().st_size
    assert 2 == cards("backup", "--force", tmp_path / "pipe.db.gz").code


# ---------------------------------------------------------------- patterns

BOMB, FUEL = "^(a+)+$", "a" * 40 + "b"
EXPLODES = f"""\
deck: d
cards:
  - id: a
    front: f
    answer: echo {FUEL}
    accept: [{FUEL}]
    run:
      checks:
        - stdout: {{matches: '{BOMB}'}}
        - file_matches: {{x: '{BOMB}'}}
      hints:
        - {{when: {{answer: '{BOMB}'}}, say: s}}
"""


@pytest.mark.timeout(100)
def test_a_pattern_of_a_deck_is_never_matched_by_the_program_itself(home: Path, tmp_path: Path):
    """Where nothing may be run, nothing is matched: reading, showing, checking and a typed answer end at once."""
    path = tmp_path / "d.yaml"
    path.write_text(EXPLODES)
    cards("import", path, check=True)

    for command in (("check", path), ("show", "d/a"), ("list", FUEL), ("trust", "d"), ("export", "deck", "d")):
        cards(*command)
    told = cards("review", "--plain", "--no-run", stdin=f"{FUEL[:-1]}!\n4\n", check=True)

    assert FUEL in told.out
