"""A sync where nothing is new: it ends before what takes events in is even loaded, and whatever differs ends that."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from homes import opened
from strategies import a_review
from sync.devices import Device

from flashcards.app import resting
from flashcards.log import to_line
from flashcards.store import Store
from flashcards.sync.folder import Folder
from flashcards.sync.state import States

THEIRS = "".join(to_line(a_review(n, "2026-03-02", card="d/a", device="desk-1111")) + "\n" for n in range(5, 8))
TAKES_IN = "flashcards.app.exchanging"


@pytest.fixture
def device(tmp_path: Path) -> Device:
    """A device that synced, and found nothing new since."""
    device = Device(tmp_path, "one")
    device.append([a_review(n, "2026-03-02", device=device.device) for n in range(3)])
    device.sync()
    (device.logs / "desk-1111.jsonl").write_text(THEIRS)
    device.sync()
    _settle(device)
    return device


def _settle(device: Device) -> None:
    """The database as it is a while after it was written; the next sync notes that."""
    os.utime(device.places.database, (1_700_000_000, 1_700_000_000))
    device.sync()


def _is_at_rest(device: Device) -> bool:
    with opened(device.home) as app:
        folder = Folder(str(device.folder))
        states = States(str(Path(device.places.database).with_name("sync.json")))
        state = resting.remembered(app, states, folder.identity(), folder)
        return state is not None and resting.is_at_rest(app, state, folder)


def test_what_takes_events_in_is_not_loaded(device):
    """Nothing is new, and all that is asked is said by the names, sizes and times of files."""
    code = f"import sys; from flashcards.cli import run; run(sys.argv[1:]); print({TAKES_IN!r} in sys.modules)"
    call = [sys.executable, "-c", code, "sync", str(device.folder), "--no-decks"]
    env = {**os.environ, "CARDS_HOME": str(device.home)}
    before = subprocess.run(call, env=env, capture_output=True, text=True, check=True).stdout
    (device.logs / "desk-2222.jsonl").write_text(THEIRS)
    after = subprocess.run(call, env=env, capture_output=True, text=True, check=True).stdout

    assert ["nothing new", "False"] == before.splitlines()
    assert "True" == after.splitlines()[-1]


def _append(device: Device) -> None:
    device.append([a_review(9, "2026-03-03", device=device.device)])


def _append_unsettled(device: Device) -> None:
    with closing(Store(device.places.database)) as store:
        store._connection.execute("pragma wal_autocheckpoint = 0")
        store.append([a_review(9, "2026-03-03", device=device.device)])
        assert not _is_at_rest(device)


def _turn_a_byte(device: Device) -> None:
    path = device.logs / f"{device.device}.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"grade":4', b'"grade":5', 1))


def _cut(device: Device) -> None:
    path = device.logs / "desk-1111.jsonl"
    path.write_bytes(path.read_bytes()[:-9])


def _copy(device: Device) -> None:
    (device.logs / "desk-1111 (conflicted copy).jsonl").write_text(THEIRS)


def _take_away(device: Device) -> None:
    (device.logs / f"{device.device}.jsonl").unlink()


def _link(device: Device) -> None:
    (device.logs / "desk-3333.jsonl").symlink_to(device.logs / "desk-1111.jsonl")


def _put_back(device: Device) -> None:
    with closing(Store(device.places.database)) as store:
        store.note_meta(next(name for (name,) in store._select("select name from meta where name like 'sync %'")), "x")
    os.utime(device.places.database, (1_700_000_000, 1_700_000_000))


def _let_a_month_pass(device: Device) -> None:
    path = Path(device.places.database).with_name("sync.json")
    said = json.loads(path.read_text())
    for name, fields in said["folders"].items():
        states = States(str(path))
        state = states.get(*name.split(" ", 1))
        assert state is not None
        assert state.month == fields["month"] != ""
        states.put(*name.split(" ", 1), state._replace(month="2026-01"))


HARMS = (_append, _append_unsettled, _turn_a_byte, _cut, _copy, _take_away, _link, _put_back, _let_a_month_pass)


@pytest.mark.parametrize("harm", HARMS, ids=lambda harm: harm.__name__.strip("_"))
def test_what_differs_is_looked_at(device: Device, harm: Callable[[Device], None]):
    """Whatever changed in the store or the folder, were it a byte in a file of equal size: it is no longer at rest."""
    assert _is_at_rest(device)
    harm(device)

    assert not _is_at_rest(device)
    device.sync()
    assert len({*device.lines()}) in {6, 7}


def test_a_byte_that_changed_in_our_file_is_mended(device):
    """Of equal size and all: the file says again what we wrote."""
    path = device.logs / f"{device.device}.jsonl"
    before = sorted(path.read_text().splitlines())
    _turn_a_byte(device)
    device.sync()

    assert set(before) <= {
        line for file in device.logs.glob(f"{device.device}*.jsonl") for line in file.read_text().splitlines()
    }
