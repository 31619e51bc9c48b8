"""Long work on a store: others wait for its end, and a crash in the middle of it costs nothing."""

import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer

import pytest
from strategies import a_review

from flashcards.errors import StoreLocked
from flashcards.log import LineError
from flashcards.model import Review
from flashcards.store import Store, connect, derived, inserting, memories, turns
from flashcards.store.turns import BESIDE, Turn, is_taken

PATIENT = 60
MOMENT = 0.3
"""Seconds; several times as long as others wait here for a lock that says nothing."""

REBUILD = """
    import sys

    from flashcards.store import Store
    from flashcards.store.memories import Memories

    go_on = Memories._put_memories

    def put(self, memories):
        print("in the middle", flush=True)
        sys.stdin.readline()
        go_on(self, memories)

    Memories._put_memories = put
    Store(sys.argv[1]).close()
    print("done", flush=True)
"""


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A database with two reviews, whose derived tables are those of another version; nobody waits long for a lock."""
    monkeypatch.setattr(connect, "BUSY_SECONDS", 0.05)
    store = Store(tmp_path / "cards.db")
    store.append([a_review(1, "2026-03-02"), a_review(2, "2026-03-03")])
    store.close()
    return tmp_path / "cards.db"


@pytest.fixture
def rebuilding(path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts a process that stops in the middle of a rebuild."""
    started: list[subprocess.Popen[str]] = []

    def start() -> subprocess.Popen[str]:
        connection = sqlite3.connect(path)
        with connection:
            connection.execute("update meta set value = '0' where name = 'derived'")
        connection.close()
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(REBUILD), str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert "in the middle\n" == process.stdout.readline()
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate(timeout=PATIENT)


def go_on(process: subprocess.Popen[str]) -> None:
    """Lets a rebuild come to its end."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def known(store: Store) -> tuple[int, bool]:
    """What the store knows of the card, and whether it is what a rebuild would know."""
    card = a_review(1, "2026-03-02").card
    before = store.memory(card)
    store.rebuild()
    return before.reviews, before == store.memory(card)


def test_who_opens_during_a_rebuild_waits_and_says_so(path, rebuilding):
    """Longer than for any other lock; a person hears what for; at the end the tables are there."""
    process, signs = rebuilding(), []

    @contextmanager
    def sign(what: str) -> Iterator[None]:
        if not signs:
            go_on(process)
        signs.append(what)
        yield

    store = Store(path, sign)
    version, found = store.meta("derived"), known(store)
    store.close()

    assert (derived.VERSION, (2, True)) == (version, found)
    assert signs
    assert {"waiting for another `cards`, which is reading a long history"} == set(signs)


def test_a_grade_during_a_rebuild_is_kept(path, rebuilding):
    """A sitting that was open before it waits and then writes; nothing is lost, and the memory counts it."""
    store = Store(path)
    process = rebuilding()
    Timer(MOMENT, go_on, [process]).start()
    store.append([a_review(3, "2026-03-04")])
    found = known(store)
    store.close()

    assert (3, True) == found


@pytest.mark.skipif(sys.platform == "win32", reason="`kill -9` is a thing of Unix")
def test_a_rebuild_that_was_killed_starts_again(path, rebuilding):
    """Who waited for it does it; the file that it left hinders nobody."""
    process = rebuilding()
    signs: list[str] = []

    @contextmanager
    def sign(what: str) -> Iterator[None]:
        if not signs:
            process.kill()
        signs.append(what)
        yield

    store = Store(path, sign)
    version, found = store.meta("derived"), known(store)
    store.close()

    assert (derived.VERSION, (2, True)) == (version, found)
    assert "reading the whole history anew, once after an upgrade" == signs[-1]
    assert ["cards.db"] == [one.name for one in path.parent.iterdir()]


def test_a_process_that_hangs_is_not_waited_for(path):
    """The file of a process that died says nothing."""
    beside = path.with_name(path.name + BESIDE)
    beside.touch()
    store = Store(path)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(StoreLocked):
        store.append([a_review(3, "2026-03-04")])
    other.close()
    store.close()

    assert not is_taken(str(path))


def test_a_turn_is_seen_while_it_lasts(path):
    """Its file is private, and gone at the end."""
    before = is_taken(str(path))
    turn = Turn(str(path))
    during = is_taken(str(path))
    mode = stat.S_IMODE(path.with_name(path.name + BESIDE).stat().st_mode)
    turn.end()

    assert (False, True, False) == (before, during, is_taken(str(path)))
    assert 0o600 == mode or sys.platform == "win32"
    assert ["cards.db"] == [one.name for one in path.parent.iterdir()]


def test_who_did_not_get_a_turn_leaves_that_of_another(path, monkeypatch):
    """It gives up after a while, and the other is still seen."""
    monkeypatch.setattr(turns, "PATIENCE_SECONDS", 0.05)
    first = Turn(str(path))
    Turn(str(path)).end()
    during = is_taken(str(path))
    first.end()

    assert (True, False) == (during, is_taken(str(path)))


def test_long_work_of_an_app_is_waited_for_too(path):
    """What others have to wait for is said by whoever makes one transaction of much."""
    store = Store(path)
    with store.together_for_long():
        during = is_taken(str(path))
    store.close()

    assert (True, False) == (during, is_taken(str(path)))


def test_a_long_import_is_waited_for_too(path, monkeypatch):
    """From the first event on that makes it a long one."""
    for room in (memories, inserting):
        monkeypatch.setattr(room, "MANY_EVENTS", 1)
    seen = []

    def events() -> Iterator[Review]:
        for number in (3, 4, 5):
            yield a_review(number, f"2026-03-{number:02}")
            seen.append(is_taken(str(path)))

    store = Store(path)
    store.append(events())
    store.close()

    assert [True, False] == [seen[-1], is_taken(str(path))]


def test_a_review_that_makes_no_sense_is_named(path):
    """Bytes that were changed on disk are no traceback."""
    connection = sqlite3.connect(path)
    with connection:
        connection.execute("drop trigger events_no_update")
        connection.execute("""update events set line = replace(line, '"grade":4', '"grade":x')""")
        connection.execute("update meta set value = '0' where name = 'derived'")
    connection.close()

    with pytest.raises(LineError, match="makes no sense"):
        Store(path)
    assert not is_taken(str(path))
