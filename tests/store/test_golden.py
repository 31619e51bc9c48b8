"""Databases and logs of every version there was: opened by this one, they say what they said.

How they were made, and how a release adds one, stands in `tests/golden/stores/README.md`.
"""

import gzip
import io
import json
import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cli.inside import cards

from flashcards import schedulers
from flashcards.errors import StoreChanged
from flashcards.log import from_line, to_line
from flashcards.replay import replay
from flashcards.store import Store, derived

FOLDER = Path(__file__).parent.parent / "golden"
NAMES = sorted(path.name.removesuffix(".log.jsonl.gz") for path in FOLDER.glob("stores/*.log.jsonl.gz"))
Rows = dict[tuple[str, str], dict[str, Any]]
NOW = "2026-03-17T20:00:00+09:00"
ALWAYS_NEW = {"rev": 1}
"""What a memory did not say before a revision could start a card anew."""
LEARNT_ELSEWHERE = {"derived-01"}
"""It took the first review behind an imported schedule for the day on which the card was new."""
WITHOUT_TEXTS_OF_FORMER_IDS = {"derived-01", "derived-03", "derived-04"}
"""A card that is in its deck no more kept its question there; now only the log knows it."""


def unpacked(name: str) -> bytes:
    return gzip.decompress((FOLDER / "stores" / f"{name}.gz").read_bytes())


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    """One of the golden stores."""
    return str(request.param)


@pytest.fixture
def path(home: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Its database in the home of this test, a day after its last review."""
    monkeypatch.setenv("CARDS_NOW", NOW)
    home.mkdir(mode=0o700)
    path = home / "cards.db"
    path.write_bytes(unpacked(f"{name}.db"))
    return path


def rows(path: Path) -> Rows:
    """The memories as they stand in the table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        return {(row["card"], row["scheduler"]): dict(row) for row in connection.execute("select * from memory")}


def test_every_version_has_one():
    """Each version of the derived tables that a program had, but the one in the making."""
    assert [f"derived-{n:02}" for n in range(1, int(derived.VERSION)) if n != 2] == [
        one for one in NAMES if one < f"derived-{int(derived.VERSION):02}"
    ]


def test_the_log_is_byte_for_byte_what_it_was(path, name):
    """Opening it, migrating it and exporting its log change no line."""
    with closing(Store(path)) as store:
        lines = [to_line(event) for event in store.events()]
        version = store.meta("derived")

    assert unpacked(f"{name}.log.jsonl").decode().splitlines() == lines
    assert unpacked(f"{name}.log.jsonl").decode() == cards("export", "log", check=True).out
    assert derived.VERSION == version


def test_memories_are_what_that_program_said(path, name):
    """Every column that it had, with its words; new ones start as documented above."""
    before = rows(path)
    Store(path).close()
    after = rows(path)

    assert before.keys() == after.keys()
    for key, row in before.items():
        expected = {**ALWAYS_NEW, **row}
        if name in LEARNT_ELSEWHERE and after[key]["first_day"] == "0001-01-01":
            expected["first_day"] = "0001-01-01"
        assert expected == after[key]


def test_memories_are_the_replay_of_its_log(path):
    """The tables equal what the pure rule says of the log."""
    with closing(Store(path)) as store:
        found = replay(store.events(), lambda _: schedulers.Sm2())
        memories = {card: store.memory(card) for card in found}

    assert found == memories


def test_progress_is_what_that_program_exported(path, name):
    """Card for card and field for field; fields that came later are not looked at."""
    before = json.loads(unpacked(f"{name}.progress.json"))["cards"]
    after = {card["id"]: card for card in json.loads(cards("export", "progress", check=True).out)["cards"]}

    assert {card["id"] for card in before} == after.keys()
    for card in before:
        now = {field: after[card["id"]][field] for field in card}
        if name in WITHOUT_TEXTS_OF_FORMER_IDS and card["state"] == "retired":
            now["front"] = card["front"]
        assert card == now


def test_its_log_alone_says_the_same(path, name, tmp_path, home):
    """The export that it made, imported into a new home, leads to the same memories."""
    Store(path).close()
    before = rows(path)
    (tmp_path / "log.jsonl").write_bytes(unpacked(f"{name}.log.jsonl"))
    path.unlink()
    cards("import", tmp_path / "log.jsonl", check=True)
    after = rows(path)

    assert _states(before) == _states(after)


@pytest.mark.parametrize("name", [one for one in NAMES if (FOLDER / f"stores/{one}.backup.db.gz").exists()])
def test_its_backup_says_the_same(path, name, tmp_path):
    """Restored into a new home it leads to the same memories."""
    Store(path).close()
    before = rows(path)
    path.unlink()
    cards("restore", FOLDER / "stores" / f"{name}.backup.db.gz", "--yes", check=True)

    assert _states(before) == _states(rows(path))


@pytest.mark.parametrize("name", [one for one in NAMES if (FOLDER / f"stores/{one}.sync.tar.gz").exists()])
def test_its_sync_folder_says_the_same(path, name, tmp_path):
    """A new device that meets the folder has the same memories."""
    Store(path).close()
    before = rows(path)
    path.unlink()
    with tarfile.open(fileobj=io.BytesIO(unpacked(f"{name}.sync.tar"))) as archive:
        for found in archive:
            file = archive.extractfile(found)
            target = tmp_path / "sync" / found.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read() if file else b"")
    cards("sync", tmp_path / "sync", "--yes", check=True)

    assert _states(before) == _states(rows(path))


def _states(found: Rows) -> dict[tuple[str, str], tuple[object, ...]]:
    return {key: (row["state"], row["reviews"], row["suspended"], row["flagged"]) for key, row in found.items()}


def test_it_goes_on(path):
    """Reviews, marks and undos of today follow those of then."""
    cards("flag", "shell/list", check=True)
    ran = cards("undo", check=True)

    assert "took back: shell/list flagged" in ran.out
    assert "no more to undo" not in cards("undo", "3", check=True).err


def test_a_log_with_fields_left_out_is_read_as_ever():
    """What is derived (ids, days, devices) never changes: the same file imported again would come twice."""
    short, full = (
        (FOLDER / "logs" / f"left-out{part}.jsonl").read_text(encoding="utf-8").splitlines() for part in ("", ".full")
    )
    ordinals = {2: 1}

    assert full == [to_line(from_line(line, ordinal=ordinals.get(number, 0))) for number, line in enumerate(short, 1)]
    assert full == [to_line(from_line(line)) for line in full]


# ---------------------------------------------------------------- newer ones

FUTURE = (
    "insert into _sqlite_migrations (migration_set, name, applied_at) values ('cards', 'm999_future', '2030-01-01')"
)
COMMANDS: tuple[tuple[str, ...], ...] = (
    (),
    ("review",),
    ("due",),
    ("due", "--short"),
    ("undo",),
    ("log",),
    ("log", "redact", "--last", "--yes"),
    ("stats",),
    ("decks",),
    ("list",),
    ("show", "shell/list"),
    ("suspend", "shell/list"),
    ("reset", "shell/list"),
    ("import", "{log}"),
    ("import", "{deck}"),
    ("export", "log"),
    ("export", "progress"),
    ("export", "reviews"),
    ("config", "new_per_day", "5"),
    ("restore", "{log}", "--yes"),
    ("sync", "{folder}", "--yes"),
)
"""All that read or write the store."""


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a home, byte for byte; SQLite's shared memory holds locks of readers alone."""
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file() and not file.name.endswith("-shm")
    }


@pytest.fixture
def newer(home: Path) -> Path:
    """A database that a newer program migrated, and that was killed before its write-ahead log was moved."""
    home.mkdir(mode=0o700)
    made = home.with_name("made.db")
    made.write_bytes(unpacked("derived-10.db"))
    with closing(sqlite3.connect(made, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute(FUTURE)
        for end in ("", "-wal"):
            (home / f"cards.db{end}").write_bytes(Path(f"{made}{end}").read_bytes())
    return home


@pytest.mark.parametrize("args", COMMANDS, ids=" ".join)
def test_a_newer_database_is_refused_untouched(newer, tmp_path, deck_file, args):
    """By every command: exit code 5, one line, the cure, and no byte is changed, the write-ahead log's neither."""
    log, folder = tmp_path / "log.jsonl", tmp_path / "folder"
    log.write_text('{"card":"a/b","grade":4,"at":"2026-11-22T18:03:11Z"}\n', encoding="utf-8")
    folder.mkdir()
    deck = deck_file("deck: d\ncards:\n  - {id: a, front: A?, back: B.}\n")
    before = content(newer)
    ran = cards(*(arg.format(log=log, deck=deck, folder=folder) for arg in args))

    assert (5, "") == (ran.code, ran.out)
    assert f"error: `{newer / 'cards.db'}` was written by a newer version of cards" == ran.err.splitlines()[0]
    assert "nothing was changed" in ran.err
    assert before == content(newer)


@pytest.mark.parametrize("first", [True, False])
def test_a_log_of_a_newer_version_is_refused_whole(run: Callable[..., Any], home, tmp_path, first):
    """Its lines may mean something else; what stands before and behind them is left out too."""
    lines = ['{"v":1,"card":"a/b","grade":4,"at":"2026-11-22T18:03:11Z"}', '{"v":2,"card":"a/b","grade":4}']
    (tmp_path / "log.jsonl").write_text("\n".join(lines if first else lines[::-1]), encoding="utf-8")
    cards("config", "new_per_day", "5", check=True)
    before = cards("export", "log").out
    ran = cards("import", tmp_path / "log.jsonl")

    assert ran.code != 0
    assert "log version `2` is newer than 1" in ran.err
    assert "upgrade cards; nothing was changed" in ran.err
    assert before == cards("export", "log").out


def test_tables_of_a_newer_program_are_made_anew_and_it_is_said(home, monkeypatch):
    """The log is the same for both, so nothing is lost; but each of two versions in turn would read it all again."""
    monkeypatch.setenv("CARDS_NOW", NOW)
    home.mkdir(mode=0o700)
    (home / "cards.db").write_bytes(unpacked("derived-10.db"))
    Store(home / "cards.db").close()
    before = rows(home / "cards.db")
    with closing(sqlite3.connect(home / "cards.db")) as connection, connection:
        connection.execute("update meta set value = '999' where name = 'derived'")
        connection.execute("drop table memory")
        connection.execute("create table memory (of_another_shape text) strict")
    ran = cards("decks", check=True)

    assert "warning: " in ran.err
    assert "a newer cards was here" in " ".join(ran.err.split())
    assert before == rows(home / "cards.db")
    assert "" == cards("decks", check=True).err


def test_a_session_that_is_open_notices_that_another_version_came(tmp_path):
    """It was upgraded meanwhile: nothing is written into tables of another shape, and what was stored is."""
    with closing(Store(tmp_path / "cards.db")) as store, closing(Store(tmp_path / "cards.db")) as other:
        review = from_line('{"card":"a/b","grade":4,"at":"2026-11-22T18:03:11Z"}')
        store.append([review])
        other.note_meta("derived", "999")
        later = from_line('{"card":"a/b","grade":4,"at":"2026-11-23T18:03:11Z"}')
        with pytest.raises(StoreChanged, match="another version of cards has taken over") as caught:
            store.append([later])

        assert "end this one and start again; everything before it is stored" == caught.value.hint
        assert [review] == [*other.events()]
