"""Opening the database: private, durable, never a newer one, one clear error for each fault."""

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from desk import card
from strategies import a_review, an_undo

from flashcards.app import library
from flashcards.app.watching import suspects
from flashcards.errors import BadRequest, StoreDamaged, StoreError, StoreForeign, StoreLocked, StoreTooNew
from flashcards.model import Deck
from flashcards.store import DeckSource, Store, connect, derived, health

PATIENT = 10
"""Seconds that a child may take to say something."""

STEP_OF_THE_FUTURE = """
    insert into _sqlite_migrations (migration_set, name, applied_at) values ('cards', 'm999_future', '2030-01-01')
"""
unix_only = pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
not_as_root = pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of this test lies; its folder is not there yet."""
    return tmp_path / "home" / "cards.db"


@pytest.fixture
def used(path: Path) -> Path:
    """A database with one review and one deck, closed."""
    store = Store(path)
    store.append([a_review(1, "2026-03-02")])
    store.put_decks([(Deck(id="venv", cards=(card("venv/create"),)), a_source())])
    store.close()
    return path


@pytest.fixture
def child() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts Python with some code; what still runs at the end is killed."""
    started: list[subprocess.Popen[str]] = []

    def child(code: str, *args: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(code), *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield child
    for process in started:
        process.kill()
        process.communicate(timeout=PATIENT)


def a_source(**changes) -> DeckSource:
    plain = DeckSource(deck="venv", title="", path="/venv.yaml", size=1, mtime_ns=1, hash="h:1")
    return plain._replace(**changes)


def raw(path: Path, *statements: str) -> None:
    """Changes a database behind the store's back."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()


def everything(folder: Path) -> dict[str, bytes]:
    return {str(one.relative_to(folder)): one.read_bytes() for one in folder.rglob("*") if one.is_file()}


# ---------------------------------------------------------------- a new one


@unix_only
def test_a_new_database_is_private(path):
    """The folder is open to its owner alone, and so are the database and what SQLite puts beside it."""
    before = os.umask(0)
    try:
        store = Store(path)
        store.append([a_review(1, "2026-03-02")])
        modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in (path.parent, *path.parent.iterdir())}
        store.close()
    finally:
        os.umask(before)

    assert {"home": 0o700, "cards.db": 0o600, "cards.db-wal": 0o600, "cards.db-shm": 0o600} == modes


def test_a_database_is_durable_and_checked(path):
    """Every connection writes ahead, waits for the disk, checks references and waits for others."""
    store = Store(path)
    names = ("journal_mode", "synchronous", "foreign_keys", "busy_timeout", "trusted_schema")
    found = [store._connection.execute(f"pragma {name}").fetchone()[0] for name in names]
    store.close()

    assert ["wal", 2, 1, 10_000, 0] == found


def test_an_empty_file_becomes_a_database(path):
    """What a crash at the very first moment leaves is no obstacle."""
    path.parent.mkdir()
    path.touch()
    store = Store(path)
    store.append([a_review(1, "2026-03-02")])
    found = len(list(store.events()))
    store.close()

    assert 1 == found


def test_a_folder_with_odd_characters_is_no_obstacle(tmp_path):
    """Question marks, hashes and per cents in a path are only characters, also after a crash."""
    path = tmp_path / "100%25 a?mode=ro#b" / "cards.db"
    assert (1, ["cards.db"]) == opened_twice(str(path))


@pytest.mark.skipif(sys.platform == "win32", reason="two slashes are a host there")
def test_two_slashes_in_front_are_one(tmp_path):
    """In the address of a file they would begin the name of a host."""
    path = f"/{tmp_path}/home/cards.db"

    assert (1, ["cards.db"]) == opened_twice(path)
    assert "ok" == health.integrity(path).state


def opened_twice(name: str) -> tuple[int, list[str]]:
    """How many events somebody sees who comes while two others are there, and what is left when all are gone."""
    path = Path(name)
    store, second = Store(path), Store(path)
    store.append([a_review(1, "2026-03-02")])
    third = Store(path)
    found = len(list(third.events()))
    for one in (store, second, third):
        one.close()
    return found, [one.name for one in path.parent.iterdir()]


OPEN = """
    import sys
    from flashcards.store import Store, migrations

    print("ready", flush=True)
    for number, _ in enumerate(sys.stdin):
        store = Store(f"{sys.argv[1]}/home-{number}/cards.db")
        print(store.meta("device", f"device-{sys.argv[2]}"), flush=True)
        store.close()
"""


def test_processes_that_meet_at_a_new_database_all_get_it(tmp_path, child):
    """Of six that make a database at one moment, ten times over, none fails, and all agree on what is in it."""
    children = [child(OPEN, tmp_path, number) for number in range(6)]
    ready = [one.stdout.readline() for one in children]
    devices = []
    for _ in range(10):
        for one in children:
            one.stdin.write("\n")
            one.stdin.flush()
        devices.append({one.stdout.readline() for one in children})
    errors = [one.communicate(timeout=PATIENT)[1] for one in children]

    assert ["ready\n"] * 6 == ready
    assert [""] * 6 == errors
    assert [1] * 10 == [len(found) for found in devices]


def test_a_process_that_is_at_a_new_database_is_waited_for(path):
    """Turning on the write-ahead log is refused at once while another process writes; it is tried again."""
    path.parent.mkdir()
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("begin immediate")
    timer = threading.Timer(0.2, other.rollback)
    timer.start()
    store = Store(path)
    mode = store._connection.execute("pragma journal_mode").fetchone()
    timer.join()
    other.close()
    store.close()

    assert ("wal",) == mode


# ---------------------------------------------------------------- a newer one


def test_a_newer_database_is_refused_untouched(used):
    """Its bytes are the same before and after, and nothing is left beside it."""
    raw(used, STEP_OF_THE_FUTURE)
    before = everything(used.parent)

    with pytest.raises(StoreTooNew) as caught:
        Store(used)
    assert before == everything(used.parent)
    assert 5 == caught.value.exit_code
    assert caught.value.hint.endswith("nothing was changed")


CRASH = """
    import os, signal, sqlite3, sys

    connection = sqlite3.connect(sys.argv[1], isolation_level=None)
    connection.execute(sys.argv[2])
    os.kill(os.getpid(), signal.SIGKILL)
"""


@unix_only
def test_a_newer_database_that_crashed_is_refused_untouched(used, child):
    """What its program had not yet moved from the write-ahead log stays there for it."""
    child(CRASH, used, STEP_OF_THE_FUTURE).wait(PATIENT)
    names = ("cards.db", "cards.db-wal")
    before = {name: everything(used.parent)[name] for name in names}

    with pytest.raises(StoreTooNew):
        Store(used)
    assert before["cards.db-wal"]
    assert before == {name: everything(used.parent)[name] for name in names}


def test_steps_of_another_program_in_the_same_file_do_not_matter(used):
    """Only migrations of the set `cards` are ours to judge."""
    raw(used, STEP_OF_THE_FUTURE.replace("'cards'", "'other'"))
    store = Store(used)
    found = len(list(store.events()))
    store.close()

    assert 1 == found


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    "content",
    [b"deck: venv\ncards: []\n" * 100, b"\x00" * 5000, b"SQLite format 3\x00" + b"\xff" * 5000],
    ids=["text", "zeroes", "garbage"],
)
def test_a_file_that_is_no_database_is_refused_untouched(path, content):
    """Whatever it is, it stays as it is, and the cure is named."""
    path.parent.mkdir()
    path.write_bytes(content)

    with pytest.raises(StoreDamaged) as caught:
        Store(path)
    assert {"cards.db": content} == everything(path.parent)
    assert "cards doctor" in caught.value.hint


def test_a_database_of_another_program_is_refused_untouched(path):
    """A file with tables of somebody else's gets none of ours."""
    path.parent.mkdir()
    raw(path, "create table events (id integer primary key, guests text)", "insert into events values (1, 'all')")
    before = everything(path.parent)

    with pytest.raises(StoreError, match="belongs to another program") as caught:
        Store(path)
    assert before == everything(path.parent)
    assert "CARDS_HOME" in caught.value.hint


@pytest.mark.parametrize("one_card", [True, False], ids=["one card", "whole log"])
def test_a_page_that_is_damaged_is_an_error_of_the_store(path, one_card):
    """A fault in the middle of the log is met while it is read, after good rows or before, and told as such."""
    store = Store(path)
    for number in range(1, 300):
        store.append([a_review(number, "2026-03-02", typed="x" * 300)])
    store.close()
    content = path.read_bytes()
    path.write_bytes(content[: -len(content) // 10] + b"\xff" * (len(content) // 10))
    store = Store(path)

    with pytest.raises(StoreDamaged) as caught:
        list(store.events(a_review(1, "2026-03-02").card if one_card else None))
    store.close()
    assert (5, True) == (caught.value.exit_code, str(path) in caught.value.message)


def test_a_trigger_of_somebody_else_is_damage(used):
    """It would act on all that is written; nothing is."""
    raw(used, "create trigger x after insert on events begin delete from decks; end")
    before = everything(used.parent)

    with pytest.raises(StoreDamaged, match="trigger `x`, which cards did not make"):
        Store(used)
    assert before == everything(used.parent)


def test_a_view_in_the_place_of_a_table_is_damage(used):
    """What it shows is not believed, and what is written does not go through it."""
    raw(used, "drop table gone", "create view gone as select id as name from events")

    store = Store(used)
    with pytest.raises(StoreDamaged):
        store.append([an_undo(9, "2026-03-09", "x")])
    store.close()
    raw(used, "update meta set value = '1' where name = 'derived'")
    with pytest.raises(StoreDamaged):
        Store(used)


def test_a_name_that_is_no_text_is_told(used):
    """Names of files and arguments are bytes; the store keeps texts."""
    store = Store(used)
    with pytest.raises(BadRequest, match="is no text"):
        store.put_decks([(Deck(id="d", title="d", cards=()), a_source(path="/decks/\udcff.yaml"))])
    with pytest.raises(BadRequest, match="is no text"):
        store.card("d/\udcff")
    store.close()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read every folder")
def test_an_empty_file_beside_a_closed_folder_of_backups_is_told_or_used(path):
    """Whether there are backups cannot be seen; that is no reason to fall over."""
    path.parent.mkdir(mode=0o700)
    path.touch()
    (path.parent / "backups").mkdir(mode=0)
    Store(path).close()

    assert path.stat().st_size


def test_a_missing_table_is_damage(used):
    """A database without its log is not mended behind the person's back."""
    raw(used, "drop table meta")

    with pytest.raises(StoreDamaged, match="no such table"):
        Store(used)


def test_a_lock_that_lasts_is_named_and_changes_nothing(used, monkeypatch):
    """Another program holds the file: the error says what to do, the grade is not stored by half."""
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    store = Store(used)
    other = sqlite3.connect(used, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreLocked) as caught:
        store.append([a_review(2, "2026-03-03")])
    other.execute("rollback")
    other.close()
    before = len(list(store.events()))
    store.append([a_review(2, "2026-03-03")])
    after = len(list(store.events()))
    store.close()

    assert (1, 2) == (before, after)
    assert (5, True) == (caught.value.exit_code, "try again" in caught.value.hint)


def test_a_writer_does_not_keep_readers_out(used, monkeypatch):
    """While a long import runs elsewhere, what is due can be asked."""
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    other = sqlite3.connect(used, isolation_level=None)
    other.execute("begin immediate")
    store = Store(used)
    found = len(list(store.events()))
    store.close()
    other.close()

    assert 1 == found


def test_a_folder_in_the_place_of_the_database_is_named(path):
    """A folder called cards.db is not a database."""
    path.mkdir(parents=True)

    with pytest.raises(StoreError, match=r"cards\.db"):
        Store(path)


def test_a_file_in_the_place_of_the_folder_is_named(path):
    """CARDS_HOME may be a file by mistake."""
    path.parent.write_text("a file")

    with pytest.raises(StoreError, match="cannot write to") as caught:
        Store(path)
    assert "CARDS_HOME" in caught.value.hint


@not_as_root
def test_a_read_only_database_is_named(used):
    """What only reads works; the file stays as it is, and the cure says how to change that."""
    used.chmod(0o400)
    used.parent.chmod(0o500)
    before = used.read_bytes()

    try:
        with closing(Store(used)) as store:
            assert [*store.events()]
            with pytest.raises(StoreError) as caught:
                store.append([a_review(9, "2026-03-09")])
    finally:
        used.parent.chmod(0o700)
    assert before == used.read_bytes()
    assert "writable" in caught.value.hint


AS_NOBODY = """
    import os, sys

    from flashcards.errors import StoreError
    from flashcards.store import Store

    os.setgid(65534)
    os.setuid(65534)
    try:
        store = Store(sys.argv[1])
        list(store.events())
    except StoreError as error:
        print(type(error).__name__, error.message, error.hint)
"""
NOBODY = 65534


@pytest.mark.root
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become nobody")
@pytest.mark.parametrize(
    ("folder_of", "database_of", "refused"),
    [
        (0, 0, "cards.db"),
        (1, NOBODY, "home"),
        (1, None, "home"),
        (NOBODY, 0, "cards.db"),
        (0, NOBODY, ""),
        (NOBODY, NOBODY, ""),
    ],
)
def test_a_home_of_somebody_else_is_refused_untouched(child, folder_of, database_of, refused):
    """Whoever owns the folder or the file could read answers and plant events; a folder of root's is fine."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        folder = Path(name).resolve() / "home"
        folder.mkdir()
        if database_of is not None:
            Store(folder / "cards.db").close()
            (folder / "cards.db").chmod(0o666)
            os.chown(folder / "cards.db", database_of, 0)
        folder.chmod(0o777)
        os.chown(folder, folder_of, 0)
        before = everything(folder)
        said, errors = child(AS_NOBODY, folder / "cards.db").communicate(timeout=PATIENT)
        after = everything(folder)
        named = f"`{folder / refused if refused == 'cards.db' else folder}` belongs to another user"

    assert "" == errors
    if refused:
        assert (True, True) == (said.startswith(f"StoreForeign {named}"), "CARDS_HOME" in said)
        assert before == after
    else:
        assert "" == said


@not_as_root
def test_a_file_of_somebody_else_is_refused():
    """Nobody asks what is in it."""
    with pytest.raises(StoreForeign) as caught:
        Store("/etc/passwd")
    assert (5, True) == (caught.value.exit_code, "CARDS_HOME" in caught.value.hint)


@pytest.mark.root
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root has to be asked itself")
def test_root_may_open_the_home_of_somebody_else(used):
    """It may do so anyway, as in a container whose home comes from outside; what appears stays the owner's."""
    for one in (used.parent, used):
        os.chown(one, NOBODY, NOBODY)
    store = Store(used)
    store.append([a_review(2, "2026-03-03")])
    owners = {one.stat().st_uid for one in used.parent.iterdir()}
    store.close()

    assert {NOBODY} == owners


@unix_only
def test_a_database_may_be_a_link(used, tmp_path):
    """It is followed: the log at its end grows, the link stays one, and nothing lies beside the link."""
    link = tmp_path / "elsewhere" / "cards.db"
    link.parent.mkdir()
    link.symlink_to(used)
    store = Store(link)
    store.append([a_review(2, "2026-03-03")])
    beside = [one.name for one in link.parent.iterdir()]
    store.close()
    again = Store(used)
    found = len(list(again.events()))
    again.close()

    assert (2, ["cards.db"], True) == (found, beside, link.is_symlink())


@unix_only
def test_a_link_that_leads_nowhere_makes_a_private_database(tmp_path):
    """As a new one anywhere."""
    (tmp_path / "home").mkdir()
    link = tmp_path / "home" / "cards.db"
    link.symlink_to(tmp_path / "real.db")
    Store(link).close()

    assert (True, 0o600) == (link.is_symlink(), stat.S_IMODE((tmp_path / "real.db").stat().st_mode))


# ---------------------------------------------------------------- derived tables of another version


DECK = """
    deck: venv
    cards:
      - id: create
        front: "How?"
        back: "So."
      - id: other
        front: "What?"
        back: "That."
"""


@pytest.fixture
def deck_of_two(path: Path, deck_file: Callable[..., Path]) -> tuple[Path, Path]:
    """A database with a deck from a file and a review of its first card, closed; and the file."""
    file = deck_file(DECK, "venv.yaml")
    store = Store(path)
    library.take(store, [library.read(store, file).change])
    store.append([a_review(1, "2026-03-02")])
    store.close()
    return path, file


def come_up(store: Store) -> tuple[list[str], list[str]]:
    day = a_review(1, "2026-03-03").day
    return [c.card for c in store.reviews_due(day, day)], [c.card for c in store.new_cards(day)]


@pytest.mark.parametrize("is_there", [True, False], ids=["file there", "file gone"])
def test_derived_tables_of_another_version_are_rebuilt(deck_of_two, is_there):
    """Memories are there at once; the cards come from the stored text, even if the file is gone."""
    path, file = deck_of_two
    raw(path, "update meta set value = '0' where name = 'derived'", "drop table memory", "drop table cards")
    raw(path, "create table cards (of_another_time text)")
    if not is_there:
        file.unlink()
    store = Store(path)
    known = store.memory(a_review(1, "2026-03-02").card)
    found = library.notice(store, suspects(store))
    up, again = come_up(store), suspects(store)
    version = store.meta("derived")
    store.close()

    assert (1, derived.VERSION, []) == (known.reviews, version, found)
    assert (["venv/create"], ["venv/other"]) == up
    assert [] == again


def test_a_changed_file_is_noticed_although_the_index_was_dropped(deck_of_two):
    """First the stored text, then, at the next look, what changed on disk meanwhile."""
    path, file = deck_of_two
    raw(path, "update meta set value = '0' where name = 'derived'")
    file.write_text(file.read_text().replace("How?", "How, in one line?"))
    store = Store(path)
    library.notice(store, suspects(store))
    (reading,) = library.notice(store, suspects(store))
    store.close()

    assert 1 == reading.change.count("changed")


def test_stored_text_that_is_no_longer_understood_stops_nothing(deck_of_two):
    """A deck whose stored text has faults for this version is named; the other decks go on."""
    path, _ = deck_of_two
    store = Store(path)
    (before,) = store.decks(sources=True)
    broken = library.zlib.compress(b"deck: venv\ncards: nonsense\n")
    store.touch_deck(before._replace(source=broken, hash=""))
    found = library.notice(store, suspects(store))
    store.close()

    assert [None] == [reading.change for reading in found]
    assert found[0].problems


def test_a_store_that_cannot_be_opened_lets_go_of_the_file(used):
    """After a refusal nothing holds the database: another program has it to itself."""
    raw(used, STEP_OF_THE_FUTURE)
    with pytest.raises(StoreTooNew):
        Store(used)
    raw(used, "pragma locking_mode = exclusive", "delete from _sqlite_migrations where name = 'm999_future'")

    store = Store(used)
    store.close()
