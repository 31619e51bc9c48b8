"""A damaged database saved: from where each event comes, what is known to be lost, and a kill at every step."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli.inside import cards
from store.damaged import DECK, Flip, Sound, damaged, sound

from flashcards.app import App, restoring
from flashcards.app.checkup import remains, saving
from flashcards.log import from_line, to_line
from flashcards.model import EventId
from flashcards.store import Store, backup

KILLED = """
import os, sys
from pathlib import Path
steps = int(sys.argv[1])
def hook(event, arguments):
    global steps
    if event in ("os.rename", "os.link", "os.remove") and "cards.db" in str(arguments[0]):
        steps -= 1
        if steps < 0:
            os._exit(137)
sys.addaudithook(hook)
from flashcards.app import App
from flashcards.app.checkup import remains, saving
places = App().places
saving.save(places, remains.look(places))
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Sound:
    """A database with a write-ahead log that a kill left."""
    return sound(tmp_path_factory.mktemp("sound") / "home", 120)


def stored(home: Path) -> set[str]:
    """The lines of the log."""
    store = Store(str(home / "cards.db"))
    found = {to_line(event) for event in store.events()}
    store.close()
    return found


def wiped(home: Path, whole: Sound) -> None:
    """A home whose database holds nothing at all."""
    damaged(home, whole, Flip(0, 0, ""))
    (home / "cards.db").write_bytes(b"\0" * 40_960)
    (home / "cards.db-wal").unlink()


def test_backups_of_a_clock_that_was_ahead_do_not_hide_the_newest(home: Path, whole: Sound) -> None:
    """They have the latest days in their names, and an older log in them."""
    folder = home / "backups"
    folder.mkdir(parents=True)
    (home / "cards.db").write_bytes(whole.database)
    (home / "cards.db-wal").write_bytes(whole.log)
    backup.make(str(home / "cards.db"), str(folder / "cards-2026-01-02.db.gz"))
    Store(home / "old.db").close()
    for year in (2094, 2095):
        backup.make(str(home / "old.db"), str(folder / f"cards-{year}-01-01.db.gz"))
    wiped(home, whole)
    app = App()
    saving.save(app.places, remains.look(app.places))

    assert whole.events == stored(home)
    assert "cards-2026-01-02.db.gz" == Path(restoring.find(app, "latest")).name


def test_the_sync_folder_has_what_nobody_else_has(home: Path, tmp_path: Path, whole: Sound) -> None:
    """All devices' logs, plain and sealed; lines that are cut off or make no sense are passed over."""
    wiped(home, whole)
    lines = sorted(whole.events)
    folder = tmp_path / "shared" / "log"
    folder.mkdir(parents=True)
    (folder / "laptop-1.jsonl").write_text("\n".join(lines[:70]) + "\n{}\n" + lines[70][:40])
    (folder / "phone-2.2026-09.jsonl.gz").write_bytes(gzip.compress("\n".join(lines[50:]).encode()))
    (folder / "broken.jsonl.gz").write_bytes(b"\x1f\x8bno")
    (folder / "notes.txt").write_text(lines[0])
    (home / "config.toml").write_text(f'sync = "{tmp_path / "shared"}"\n')
    found = remains.look(App().places)
    saving.save(App().places, found)

    assert whole.events == stored(home)
    assert {"laptop-1.jsonl of the sync folder": 70, "phone-2.2026-09.jsonl.gz of the sync folder": 50} == {
        one.name: one.alone for one in found.parts if one.alone
    }


def test_what_an_index_still_names_is_known_to_be_lost(home: Path, whole: Sound) -> None:
    """One page of the log is overwritten; its events are named one by one."""
    places = damaged(home, whole, Flip(0, 0, ""))
    data = bytearray(whole.database)
    for number in range(1, len(data) // 4096):
        page = data[number * 4096 : number * 4096 + 4096]
        if page[0] == 0x0A and page.count(b'{"v":1') > 3:
            data[number * 4096 : number * 4096 + 4096] = b"\0" * 4096
            break
    Path(places.database).write_bytes(data)
    found = remains.look(places)
    saving.save(places, found)
    lost = {from_line(line).id for line in whole.events - stored(home)}

    assert lost
    assert lost == found.lost
    assert len(whole.events) == len(found.lines) + len(lost)


def test_a_name_that_is_wrong_in_its_line_is_mended_by_an_index(home: Path, whole: Sound) -> None:
    """The id stands in the row, in its line and in an index; two of three are right."""
    places = damaged(home, whole, Flip(0, 0, ""))
    line = next(line for line in sorted(whole.events) if '"kind":"review"' in line and "yyy" not in line)
    data = bytearray(whole.database)
    place = data.index(line.encode()) + len('{"v":1,"id":"') + 30
    data[place] ^= 1
    Path(places.database).write_bytes(data)
    Path(f"{places.database}-wal").unlink()
    found = remains.look(places)

    assert line == found.lines[EventId(from_line(line).id)]
    assert 1 == found.doubtful


def test_a_deck_whose_text_is_spoilt_is_read_from_its_file(home: Path, whole: Sound, tmp_path: Path) -> None:
    """Where no backup has it either; what lies beside it and cannot be read hinders nothing."""
    places = damaged(home, whole, Flip(0, 0, ""))
    deck = tmp_path / "d.yaml"
    deck.write_text(DECK)
    (home / "decks" / "folder.yaml").mkdir(parents=True)
    (home / "decks" / "faulty.yaml").write_text("deck: [")
    app = App()
    source = app.store.decks()[0]
    connection = app.store._connection
    connection.execute("update decks set path = ?, source = x'0102'", [str(deck)])
    app.close()
    found = remains.look(places)
    saving.save(places, found)

    assert "its file" == found.decks["d"][2]
    assert ([source.deck], 60) == ([one.deck for one in App().store.decks()], len(App().store.names()))


def test_the_device_keeps_its_name(home: Path, whole: Sound) -> None:
    """A fresh name would be a fresh device for everybody who syncs."""
    places = damaged(home, whole, Flip(0, 0, ""))
    name = App().device
    with Path(places.database).open("r+b") as file:
        file.seek(16)
        file.write(b"\xff" * 200)
    saving.save(places, remains.look(places))

    assert name == App().device


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="rights and links of Unix")
def test_a_kill_at_any_step_loses_nothing(home: Path, whole: Sound) -> None:
    """Whatever was moved when it came, the next attempt finds all of it."""
    killed = 0
    for steps in range(12):
        for path in home.iterdir() if home.exists() else ():
            path.unlink()
        damaged(home, whole, Flip(100, 0, ""))
        with (home / "cards.db").open("r+b") as file:
            file.write(b"\xff" * 50)
        command = [sys.executable, "-c", KILLED, str(steps)]
        ran = subprocess.run(command, check=False, timeout=60, env=os.environ, capture_output=True)
        killed += ran.returncode == 137
        again = cards("doctor", "--fix", "--yes")

        assert ran.returncode in {0, 137}, ran.stderr
        assert again.code == 0, (steps, again)
        assert whole.events == stored(home), steps
        if ran.returncode == 0:
            break
    assert killed >= 3
