"""The file of a backup: what is in it, what other programs see of it, and what damage does."""

import gzip
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import CARDS, a_mark, a_review, logs
from thorough import times

from flashcards.errors import BackupDamaged, CardsError, StoreDamaged, StoreForeign
from flashcards.log import to_line
from flashcards.store import Store, backup, connect, derived, migrations
from flashcards.store.backup import BackupFailed
from flashcards.store.backup_file import told

FLIPS = times(60, 2_000)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """A closed store with three reviews and a mark."""
    path = tmp_path / "home" / "cards.db"
    with closing(Store(path)) as store:
        store.append([*(a_review(n, f"2026-03-{n:02}", typed=f"secret {n}") for n in range(1, 4))])
        store.append([a_mark(9, "2026-03-09", "flag")])
        store.meta("device", "laptop-3f2a")
    return path


@pytest.fixture
def made(database: Path) -> Path:
    """A backup of it."""
    path = database.parent / "cards.db.gz"
    backup.make(str(database), str(path))
    return path


def derived_tables(path: Path) -> dict[str, list[tuple]]:
    """Every row of every table that is made from the log."""
    with closing(Store(path)) as store:
        return {name: [*store._select(f"select * from {name} order by 1")] for name in derived.TABLES}


# ---------------------------------------------------------------- what is in it


@settings(max_examples=times(6, 300), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(logs(max_size=10))
def test_it_opens_as_a_database_that_says_the_same(tmp_path, log):
    """Unpacked by any program it is a `cards.db`: log and derived tables are equal, indexes and triggers too."""
    for name in ("one.db", "two.db"):
        for end in ("", "-wal", "-shm"):
            (tmp_path / f"{name}{end}").unlink(missing_ok=True)
    one, two = tmp_path / "one.db", tmp_path / "two.db"
    with closing(Store(one)) as store:
        store.append(log)
    backup.make(str(one), str(tmp_path / "one.db.gz"))
    two.write_bytes(gzip.decompress((tmp_path / "one.db.gz").read_bytes()))

    assert derived_tables(one) == derived_tables(two)
    assert [*backup.lines(str(tmp_path / "one.db.gz"))] == lines_of(one) == lines_of(two)
    assert schema(one) == schema(two)


def lines_of(path: Path) -> list[str]:
    with closing(Store(path)) as store:
        return [line for (line,) in store._select("select line from events order by id")]


def schema(path: Path) -> set[tuple[str, str, str]]:
    with closing(sqlite3.connect(path)) as connection:
        sql = "select type, name, lower(sql) from sqlite_master where sql is not null and tbl_name in ('events', 'decks', 'meta', '_sqlite_migrations')"
        return {*connection.execute(sql)}


def test_every_table_is_in_a_backup_or_can_be_rebuilt(database):
    """A new table is either added to what a backup holds, or to the derived ones."""
    with closing(sqlite3.connect(database)) as connection:
        tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}
    tables = {name for name in tables if not name.startswith(("search", "sqlite_"))}

    assert tables == {*backup.TRUTH, *derived.TABLES}


def test_the_device_is_in_it_and_what_is_derived_is_not(made):
    """Facts of the store come along, but none that speaks of tables which do not."""
    with backup.opened(str(made), again=True) as held, closing(sqlite3.connect(held.path)) as connection:
        facts = dict(connection.execute("select name, value from meta"))
        tables = {name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")}

    assert "laptop-3f2a" == facts["device"]
    assert {"derived", "answered"}.isdisjoint(facts)
    assert set(backup.TRUTH) == tables


@pytest.mark.skipif(sys.platform == "win32", reason="what is open keeps its name")
def test_a_kill_while_it_is_read_leaves_no_answers(made):
    """What was unpacked has no name while it is read, and is read all the same."""
    with backup.opened(str(made)) as held:
        assert not Path(held.path).exists()
        assert 4 == len(list(held.lines()))


def test_other_programs_unpack_it(made):
    """`gzip -t` finds nothing wrong, and the head tells what is inside without unpacking it."""
    if shutil.which("gzip"):
        subprocess.run(["gzip", "-t", made], check=True)

    assert {"cards": 1, "events": 4, "reviews": 3} == told(str(made))
    assert 3 == backup.counted(str(made))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_nobody_else_may_read_it(database, tmp_path):
    """Answers may hold secrets: 0600 in 0700, whatever the umask is."""
    before = os.umask(0)
    try:
        with backup.only_one(str(tmp_path / "backups")) as mine:
            assert mine
            backup.make(str(database), str(tmp_path / "backups" / "x.db.gz"))
            backup.make(str(database), str(tmp_path / "x.db"))
    finally:
        os.umask(before)

    assert 0o700 == stat.S_IMODE((tmp_path / "backups").stat().st_mode)
    assert [0o600] * 2 == [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("backups/x.db.gz", "x.db")]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root reads what it likes")
def test_no_backup_is_made_of_what_belongs_to_somebody_else(tmp_path):
    """Nobody asks what is in it."""
    with pytest.raises(StoreForeign):
        backup.make("/etc/passwd", str(tmp_path / "x.db.gz"))


@pytest.mark.skipif(sys.platform == "win32", reason="no fifos")
@pytest.mark.parametrize("odd", ["garbage", "fifo", "link", "folder"])
def test_a_lock_that_is_none_is_told(tmp_path, odd):
    """What lies in its place is neither followed nor taken for a lock: one line says which file to delete."""
    lock = tmp_path / "backups" / ".lock"
    lock.parent.mkdir()
    other = tmp_path / "other"
    {
        "garbage": lambda: lock.write_bytes(b"garbage" * 1000),
        "fifo": lambda: os.mkfifo(lock),
        "link": lambda: lock.symlink_to(other),
        "folder": lock.mkdir,
    }[odd]()

    with pytest.raises(BackupFailed, match=r"\.lock"), backup.only_one(str(lock.parent)):
        pass

    assert not other.exists()


def test_others_write_while_it_is_made(database):
    """It holds one moment: what is written meanwhile is in the next one, and nobody is kept from writing."""
    with closing(Store(database)) as store:
        store.append([a_review(20, "2026-03-20")])
        with backup._reading(str(database)) as connection:
            connection.execute("begin")
            connection.execute("select count(*) from events").fetchone()
            store.append([a_review(21, "2026-03-21")])
            assert (5,) == connection.execute("select count(*) from events").fetchone()
            connection.execute("commit")


# ---------------------------------------------------------------- damage


@settings(max_examples=FLIPS, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_byte_is_noticed(made, data):
    """The check sum of the file is looked at: never another log than the one that was saved."""
    whole = made.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    other = made.with_name("flipped.db.gz")
    other.write_bytes(whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :])
    lines = [*backup.lines(str(made))]

    try:
        found = [*backup.lines(str(other))]
    except CardsError:
        return
    assert lines == found


def test_a_damaged_database_makes_no_backup(database, tmp_path):
    """A backup that could not be read back would only take the place of a good one."""
    target = tmp_path / "b.db.gz"
    target.write_bytes(b"a good one")
    with database.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 3)

    with pytest.raises(StoreDamaged):
        backup.make(str(database), str(target))
    assert b"a good one" == target.read_bytes()
    assert [target.name] == [one.name for one in tmp_path.iterdir() if one.is_file()]


def test_names_that_are_no_text_are_told(database, tmp_path):
    """Python cannot read the message in which SQLite names them; neither a backup of it nor a return to it falls over."""
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma journal_mode = delete")
    named = database.read_bytes().replace(b"tablemetameta", b"table\xff\xff\xff\xffmeta")
    database.write_bytes(named.replace(b"CREATE TABLE meta", b"CREATE TABLE met)"))

    with pytest.raises(StoreDamaged, match="no text"):
        backup.make(str(database), str(tmp_path / "b.db.gz"))
    with pytest.raises(BackupDamaged, match="no text"):
        [*backup.lines(str(database))]


def test_a_bomb_is_not_unpacked(tmp_path, monkeypatch):
    """A file that unpacks to more than any backup holds is refused before the disk is full."""
    monkeypatch.setattr("flashcards.store.backup_file.LARGEST", 1 << 22)
    bomb = tmp_path / "bomb.db.gz"
    bomb.write_bytes(gzip.compress(b"SQLite format 3\0" + b"\0" * (1 << 23)))

    with pytest.raises(BackupDamaged, match="more than any backup"):
        [*backup.lines(str(bomb))]


def test_a_full_disk_is_told_at_once(database, tmp_path, monkeypatch):
    """Nothing is copied where there is no room for it."""
    monkeypatch.setattr("flashcards.store.backup.TAKES", 1e15)
    with pytest.raises(BackupFailed, match="are free"):
        backup.make(str(database), str(tmp_path / "b.db.gz"))

    assert not (tmp_path / "b.db.gz").exists()


def test_there_is_no_way_to_write(database, tmp_path):
    """A folder that is not there is told; nothing is left anywhere."""
    with pytest.raises(BackupFailed, match="cannot write the backup"):
        backup.make(str(database), str(tmp_path / "nowhere" / "b.db.gz"))


# ---------------------------------------------------------------- written anew


def test_a_text_can_be_taken_out(made):
    """Every line is changed as asked, and the old text is in no byte of the file."""
    lines = [*backup.lines(str(made))]
    assert backup.rewrite(str(made), lambda line: line.replace("secret 2", "gone"))

    assert [line.replace("secret 2", "gone") for line in lines] == [*backup.lines(str(made))]
    assert b"secret 2" not in gzip.decompress(made.read_bytes())
    assert b"secret 3" in gzip.decompress(made.read_bytes())


def test_what_is_unpacked_to_be_written_anew_is_swept_away(made, tmp_path, monkeypatch):
    """It lies beside the backup, under a name that the next backup takes away, and nowhere else."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "elsewhere"))
    named = made.with_name("cards-2026-11-29.db.gz")
    made.rename(named)
    seen: set[str] = set()

    def look(line: str) -> str:
        seen.update(one.name for one in made.parent.iterdir())
        return line.replace("secret 2", "gone")

    backup.rewrite(str(named), look)
    strays = {name for name in seen if name.startswith(".")}

    assert {f".{named.name}.plain", f".{named.name}.copy"} == strays
    assert all(backup.STRAY.fullmatch(name) for name in strays)
    assert strays.isdisjoint(one.name for one in made.parent.iterdir())


def test_what_is_written_anew_keeps_its_date(made):
    """Which of two backups of a day is the newer one does not change."""
    os.utime(made, ns=(10**18, 10**18))
    backup.rewrite(str(made), lambda line: line.replace("secret 2", "gone"))

    assert 10**18 == made.stat().st_mtime_ns


def test_what_needs_no_change_is_not_written(made):
    """A backup in which nothing is to be taken out stays as it is, to the byte."""
    before = made.read_bytes()

    assert not backup.rewrite(str(made), str)
    assert before == made.read_bytes()


# ---------------------------------------------------------------- before the tables change


def test_a_backup_is_made_before_the_tables_change(database, monkeypatch):
    """A database of an earlier version is saved as it was, then migrated; a new one needs no backup."""
    folder = database.parent / "backups"
    assert not folder.exists()
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T10:15:00Z")
    monkeypatch.setattr(connect, "STEPS", (*connect.STEPS, "m003_tried"))
    monkeypatch.setattr(migrations, "apply", lambda _: None)
    with closing(Store(database)) as store:
        assert [] == store.warnings
    (one,) = backup.listed(str(folder))

    assert "cards-2026-11-29T101500-before-migration.db.gz" == one.name
    assert 4 == len([*backup.lines(one.path)])


def test_the_tables_change_without_a_backup_where_there_is_no_room(database, monkeypatch):
    """Nobody is kept from learning; a line tells what is missing."""
    (database.parent / "backups").write_text("no folder")
    monkeypatch.setattr(connect, "STEPS", (*connect.STEPS, "m003_tried"))
    monkeypatch.setattr(migrations, "apply", lambda _: None)
    with closing(Store(database)) as store:
        (warning,) = store.warnings
        assert 3 == store.memory(CARDS[0]).reviews

    assert warning.startswith("no backup before the upgrade")


def test_lines_are_what_was_written(made):
    """A line comes back as it went in."""
    assert to_line(a_review(1, "2026-03-01", typed="secret 1")) == next(backup.lines(str(made)))


@pytest.mark.parametrize("name", ["folder", "nothing.db.gz", "x" * 300])
def test_what_cannot_be_read_is_told_as_that(tmp_path, name):
    """A folder, nothing at all, a name that no system has: no damage, and no traceback."""
    (tmp_path / "folder").mkdir()

    with pytest.raises(CardsError, match="cannot read"), backup.opened(str(tmp_path / name)):
        pass
