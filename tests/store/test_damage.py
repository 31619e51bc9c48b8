"""Bytes flipped in a database: recognised or harmless, never made worse, and all saved that is still there."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cli.inside import cards
from store.damaged import Flip, Sound, damaged, events, everything, flips, sound
from thorough import times

from flashcards.app import App, checkup
from flashcards.app.checkup import remains, saving
from flashcards.app.library import digest
from flashcards.errors import StoreDamaged
from flashcards.log import to_line
from flashcards.store import Store, backup, health
from flashcards.store.salvage import Salvage

PAGE, TABLE_LEAF = 4096, 13
FEW = times(16, 1_000)
MANY = {"recognised": 100, "salvaged": 60, "left alone": 100, "saved": 20}
"""Places in each of two databases, one with a write-ahead log."""
COMMANDS = (
    ["due"],
    ["undo"],
    ["list"],
    ["log", "-n", "500"],
    ["suspend", "d/c7"],
    ["export", "log"],
    ["decks"],
    ["stats"],
)


@pytest.fixture(scope="module", params=[True, False], ids=["log", "no log"])
def whole(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A database with a write-ahead log, as a kill leaves it, or without."""
    return sound(tmp_path_factory.mktemp("sound") / "home", log=request.param)


@pytest.fixture
def kept(whole: Sound, home: Path) -> Path:
    """A backup of all of it."""
    places = damaged(home, whole, Flip(0, 0, ""))
    target = home / "backups" / "cards-2026-11-28.db.gz"
    target.parent.mkdir()
    backup.make(places.database, str(target))
    return target


def each(home: Path, whole: Sound, count: int, seed: int) -> Iterator[Flip]:
    """A home with one flip after the other; the backups stay."""
    home.mkdir(exist_ok=True)
    for flip in flips(whole.database, whole.log, count, seed):
        for path in home.iterdir():
            if path.is_file():
                path.unlink()
        damaged(home, whole, flip)
        yield flip


def what_is_said(home: Path) -> checkup.Checkup:
    """What `cards doctor --full` finds, in a home that it leaves as it is."""
    before = {name: data for name, data in everything(home).items() if not name.endswith("-shm")}
    app = App()
    found = checkup.look(app, full=True)
    app.close()
    assert before == {name: data for name, data in everything(home).items() if not name.endswith("-shm")}
    return found


def recognised(home: Path, whole: Sound, count: int, seed: int) -> None:
    for flip in each(home, whole, count, seed):
        found = what_is_said(home)
        if found.worst != "damage":
            store = Store(str(home / "cards.db"))
            assert whole.events == {to_line(event) for event in store.events()}, flip
            store.close()
            assert "ok" == health.integrity(str(home / "cards.db"), full=True).state, flip


def salvaged(home: Path, whole: Sound, count: int, seed: int) -> None:
    for flip in each(home, whole, count, seed):
        found = Salvage(digest).read(str(home / "cards.db"))
        lost = whole.events - {*found.lines.values()}
        assert len(lost) <= 1, flip
        assert len({*found.lines.values()} - whole.events) <= 1, flip


def left_alone(home: Path, whole: Sound, count: int, seed: int) -> None:
    for number, flip in enumerate(each(home, whole, count, seed)):
        before = everything(home)
        ran = cards(*COMMANDS[number % len(COMMANDS)])
        assert ran.code in {0, 5}, (flip, ran)
        if ran.code == 5:
            assert "hint: `cards doctor` says what can be saved" in ran.err, (flip, ran)
            assert before["cards.db"] == (home / "cards.db").read_bytes(), (flip, ran)
            log = before.get("cards.db-wal", b"")
            assert not log or len(log) <= (home / "cards.db-wal").stat().st_size, (flip, ran)


def saved(home: Path, whole: Sound, count: int, seed: int) -> None:
    for flip in each(home, whole, count, seed):
        places = App().places
        kept = saving.save(places, remains.look(places))
        store = Store(places.database)
        assert whole.events == {to_line(event) for event in store.events()}, flip
        assert (["d"], 60) == ([source.deck for source in store.decks()], len(store.names())), flip
        store.close()
        assert Path(kept).exists()


def test_a_flipped_byte_is_recognised_or_harmless(home: Path, whole: Sound, kept: Path) -> None:
    """Where doctor has nothing to say, every event is what it was."""
    recognised(home, whole, FEW // 2, seed=1)


def test_what_pages_still_hold_is_found(home: Path, whole: Sound) -> None:
    """One byte costs one event at most, even where no backup is."""
    salvaged(home, whole, FEW, seed=2)


def test_commands_work_or_say_the_cure_and_leave_the_file(home: Path, whole: Sound) -> None:
    """No traceback, no exit code but these two, and no write into a file that is known to be damaged."""
    left_alone(home, whole, FEW, seed=3)


def test_with_a_backup_nothing_is_lost(home: Path, whole: Sound, kept: Path) -> None:
    """The fresh database has every event and every card; the damaged file is kept."""
    saved(home, whole, FEW // 3, seed=4)


LAWS = {"recognised": recognised, "salvaged": salvaged, "left alone": left_alone, "saved": saved}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("law", LAWS)
def test_two_hundred_flips(home: Path, whole: Sound, kept: Path, law: str) -> None:
    """The same at two hundred places of all sorts of pages."""
    if law in {"salvaged", "left alone"}:
        shutil.rmtree(kept.parent)
    LAWS[law](home, whole, times(MANY[law], 500), seed=5)


@pytest.mark.parametrize("number", [200, 1_200])
def test_a_page_that_is_not_free_is_not_written_over(home: Path, tmp_path: Path, number: int) -> None:
    """A spoilt list of free pages names one with events: many more of them are refused, and none is lost."""
    whole = sound(tmp_path / "sound", 300, log=False)
    trunk = int.from_bytes(whole.database[32:36], "big")
    kinds = whole.database[::PAGE]
    taken = next(page for page in range(2, len(kinds)) if kinds[page - 1] == TABLE_LEAF)
    home.mkdir()
    data = bytearray(whole.database)
    leaf = (trunk - 1) * PAGE + 8
    data[leaf : leaf + 4] = taken.to_bytes(4, "big")
    (home / "cards.db").write_bytes(data)
    with closing(Store(str(home / "cards.db"))) as store, pytest.raises(StoreDamaged):
        store.append(events(300 + number)[300:])

    assert bytes(data) == (home / "cards.db").read_bytes()
    assert whole.events == {*Salvage(digest).read(str(home / "cards.db")).lines.values()}


def test_the_real_program_leaves_a_damaged_file_alone(home: Path, whole: Sound, run) -> None:
    """In a process of its own, as people meet it."""
    places = damaged(home, whole, Flip(0, 0, ""))
    with Path(places.database).open("r+b") as file:
        file.seek(18)
        file.write(b"\xff" * 4000)
    Path(f"{places.database}-wal").unlink(missing_ok=True)
    before = everything(home)
    for command in (["due"], ["undo"], []):
        ran = run(*command)
        assert (5, 2) == (ran.code, len(ran.err.splitlines())), ran
        assert "cards doctor" in ran.err
    looked = run("doctor")
    after = everything(home)
    mended = run("doctor", "--fix")

    assert before == after
    assert (5, True) == (looked.code, "can be saved" in looked.out)
    assert 0 == mended.code, mended
