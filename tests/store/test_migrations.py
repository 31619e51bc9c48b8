"""Migrations: an ordered list of steps, applied all or none, and known by name at no cost."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlite_utils import Database

from flashcards.store import Store, migrations
from flashcards.store.connect import STEPS


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A connection to an empty file, as the store opens one."""
    connection = sqlite3.connect(tmp_path / "cards.db", isolation_level=None)
    yield connection
    connection.close()


def schema(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    return connection.execute("select name, sql from sqlite_master where sql is not null order by name").fetchall()


def test_the_steps_are_those_that_opening_looks_for(connection):
    """The names that the start-up path knows are the migrations that there are, in their order."""
    pending = migrations.migrations.pending(Database(connection))

    assert list(STEPS) == [step.name for step in pending]


def test_applying_twice_is_the_same_as_once(connection):
    """The second time finds nothing to do."""
    migrations.apply(connection)
    before = schema(connection)
    migrations.apply(connection)

    assert before == schema(connection)
    assert not connection.in_transaction


def test_a_step_that_fails_leaves_no_step_behind(connection, monkeypatch):
    """All steps or none: a fault in the last one takes back the first."""
    monkeypatch.setattr(migrations, "LIBRARY", (*migrations.LIBRARY, "create nonsense"))

    with pytest.raises(sqlite3.OperationalError, match="syntax error"):
        migrations.apply(connection)
    assert [] == schema(connection)
    assert not connection.in_transaction


def test_a_database_of_the_first_step_gets_the_others(tmp_path, monkeypatch):
    """What an older version made is brought up to date when it is opened, and keeps its log."""
    connection = sqlite3.connect(tmp_path / "cards.db", isolation_level=None)
    migrations.migrations.apply(Database(connection), stop_before="m002_library")
    line = '{"v":1,"id":"0f","kind":"review","card":"d/a","grade":4,"at":"2026-03-02T12:00:00.000Z","device":"w"}'
    connection.execute(
        "insert into events values ('0f', 'review', 'd/a', '2026-03-02T12:00:00.000Z', '2026-03-02', 'w', null, null, ?)",
        [line],
    )
    connection.close()
    store = Store(tmp_path / "cards.db")
    found = store.memory("d/a")
    store.close()

    assert 1 == found.reviews


def test_every_table_of_ours_is_strict(tmp_path):
    """A column holds only what it says."""
    store = Store(tmp_path / "cards.db")
    lax = store._connection.execute(
        "select name from pragma_table_list where type = 'table' and not strict and schema = 'main'"
    ).fetchall()
    store.close()

    assert {"_sqlite_migrations", "sqlite_schema"} == {name for (name,) in lax}


def test_a_current_database_is_opened_without_the_migrations(tmp_path):
    """The library that applies them costs a tenth of a second, and most openings need none of it."""
    Store(tmp_path / "cards.db").close()
    code = "import sys; from flashcards.store import Store; Store(sys.argv[1]).close(); print('sqlite_utils' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "cards.db"], capture_output=True, text=True, check=True
    )

    assert "False\n" == done.stdout
