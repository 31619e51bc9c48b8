"""The name of a store: one for each place, whatever was copied; a name that stays where nothing was."""

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from cli.inside import cards
from homes import opened

from flashcards import clock
from flashcards.app import device
from flashcards.app.checkup import device as check
from flashcards.app.redacting import named
from flashcards.model import CardId, Grade, Review
from flashcards.store.backup import make

Machine = Callable[[str], None]


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """Which machine this is, as far as a program can see; `laptop` until another is named."""
    file = tmp_path / "machine-id"
    monkeypatch.setattr(device, "MACHINE", (str(file),))
    file.write_text("laptop\n")
    return lambda name: file.write_text(name) and None


def name_at(home: Path) -> str:
    with opened(home) as app:
        return app.device


def flag(home: Path, card: str) -> None:
    with opened(home) as app:
        app.mark([CardId(card)], "flag")


def answer(home: Path, card: str) -> None:
    """Types something for a card."""
    with opened(home) as app:
        now = clock.now()
        facts = {"day": app.day(now), "typed": "a secret", "device": app.device}
        app.store.append([Review(app.new_id(now), CardId(card), Grade.GOOD, now, 0, **facts)])


def undone_at(home: Path) -> list[str]:
    """The cards of what an undo takes back."""
    with opened(home) as app:
        return [str(getattr(event, "card", "")) for event in app.undo()]


def copied(home: Path, to: Path) -> Path:
    """A copy as people make one; the file is another one than any that was there before."""
    shutil.copytree(home, to)
    return to


# ---------------------------------------------------------------- copies


def test_a_copy_on_the_same_machine_gets_a_name_of_its_own(tmp_path):
    """Two folders that write under one name could take each other's actions back."""
    first = name_at(tmp_path / "a")

    second = name_at(copied(tmp_path / "a", tmp_path / "b"))

    assert first != second
    assert [first, second] == [name_at(tmp_path / "a"), name_at(tmp_path / "b")]


def test_a_copy_at_the_same_path_of_another_machine_gets_a_name_of_its_own(tmp_path, machine):
    """`rsync -a ~/.local/share/cards other:` is the usual way to clone a home."""
    home, laptop = tmp_path / "home", tmp_path / "laptop"
    first = name_at(home)
    copied(home, laptop)

    machine("desktop")
    kept = home.rename(tmp_path / "kept")
    copied(kept, home)
    second = name_at(home)

    assert first != second


def test_a_database_that_is_put_into_another_home_brings_no_name_along(tmp_path):
    """A backup is a database of the truth, the name among it; unpacked elsewhere by hand it is a clone."""
    first = name_at(tmp_path / "a")
    (tmp_path / "b").mkdir()
    with closing(sqlite3.connect(tmp_path / "a" / "cards.db")) as whole:
        whole.execute("vacuum into ?", [str(tmp_path / "b" / "cards.db")])

    assert first != name_at(tmp_path / "b")


def test_a_backup_that_is_restored_into_another_home_brings_no_name_along(tmp_path, monkeypatch):
    """`cards restore` takes what is missing, not who wrote it."""
    flag(tmp_path / "a", "d/a")
    first = name_at(tmp_path / "a")
    make(str(tmp_path / "a" / "cards.db"), str(tmp_path / "a.db.gz"))
    monkeypatch.setenv("CARDS_HOME", str(tmp_path / "b"))

    cards("restore", tmp_path / "a.db.gz", "--yes", check=True)

    with opened(tmp_path / "b") as app:
        assert first in {event.device for event in app.store.events()}
        assert first != app.device


def test_old_events_keep_the_name_they_were_written_under(tmp_path):
    """The log is never edited."""
    flag(tmp_path / "a", "d/a")
    first = name_at(tmp_path / "a")
    copied(tmp_path / "a", tmp_path / "b")
    flag(tmp_path / "b", "d/b")

    with opened(tmp_path / "b") as app:
        assert [first, app.device] == [event.device for event in app.store.events()]


# ---------------------------------------------------------------- the same place


def test_a_folder_that_was_renamed_keeps_its_name(tmp_path):
    """The file itself shows that nothing was copied."""
    first = name_at(tmp_path / "a")
    (tmp_path / "a").rename(tmp_path / "b")

    assert first == name_at(tmp_path / "b")


def test_a_container_with_a_new_machine_id_at_every_start_keeps_its_name(tmp_path, machine):
    """The volume is the same one, whatever the machine is called today."""
    seen = set()
    for day in range(40):
        machine(f"container-{day}")
        seen.add(name_at(tmp_path / "home"))

    assert 1 == len(seen)


def test_a_mount_with_new_file_numbers_each_day_keeps_its_name(tmp_path):
    """Some network file systems and sticks number their files anew at every mount."""
    seen = {name_at(tmp_path / "home")}
    for _ in range(5):
        shutil.copytree(tmp_path / "home", tmp_path / "again")
        shutil.rmtree(tmp_path / "home")
        (tmp_path / "again").rename(tmp_path / "home")
        seen.add(name_at(tmp_path / "home"))

    assert 1 == len(seen)


def test_a_link_to_the_home_is_no_other_place(tmp_path):
    """Nothing is written for it either: two spellings of one path take no turns."""
    name_at(tmp_path / "home")
    (tmp_path / "link").symlink_to(tmp_path / "home")
    before = facts(tmp_path / "home")

    name_at(tmp_path / "link")

    assert before == facts(tmp_path / "home")


def test_a_stick_has_one_name_on_each_machine(tmp_path, machine):
    """Where everything differs the names are remembered, so that they do not become more each time."""
    seen = []
    for turn in range(6):
        machine(("laptop", "desktop")[turn % 2])
        place = tmp_path / ("media", "mnt")[turn % 2]
        if turn:
            before = tmp_path / ("mnt", "media")[turn % 2]
            shutil.copytree(before, place)
            shutil.rmtree(before)
        seen.append(name_at(place))

    assert seen[:2] * 3 == seen
    assert seen[0] != seen[1]


def test_where_nothing_ever_stays_the_names_come_to_an_end(tmp_path, machine):
    """No machine, file or path agrees from one day to the next: that says nothing, so the name stays at last."""
    place, seen = tmp_path / "day-0", []
    for day in range(device.MOST_NAMES + 5):
        machine(f"machine-{day}")
        seen.append(name_at(place))
        place = copied(place, tmp_path / f"day-{day + 1}")

    assert device.MOST_NAMES == len(set(seen))
    assert 1 == len(set(seen[-6:]))


def test_a_store_of_before_keeps_the_name_it_has(tmp_path):
    """A version that did not look where it was has left no place: it is taken to be this one."""
    first = name_at(tmp_path / "home")
    with closing(sqlite3.connect(tmp_path / "home" / "cards.db", isolation_level=None)) as store:
        store.execute("delete from meta where name = 'devices'")

    assert first == name_at(tmp_path / "home")
    assert first != name_at(copied(tmp_path / "home", tmp_path / "copy"))


@pytest.mark.parametrize("rubbish", ["", "{", "[]", "[[1]]", '[["x", 1, ""]]', "null"])
def test_a_list_of_names_that_makes_no_sense_is_made_anew(tmp_path, rubbish):
    """It is a memory of ours, and of no weight."""
    first = name_at(tmp_path / "home")
    with closing(sqlite3.connect(tmp_path / "home" / "cards.db", isolation_level=None)) as store:
        store.execute("update meta set value = ? where name = 'devices'", [rubbish])

    assert first == name_at(tmp_path / "home")
    assert first == json.loads(facts(tmp_path / "home")["devices"])[0][0]


def test_two_processes_at_a_new_place_agree_on_a_name(tmp_path):
    """Whoever comes second finds what the first has taken."""
    name_at(tmp_path / "a")
    home = copied(tmp_path / "a", tmp_path / "b")
    program = "from flashcards.app import App; print(App().device)"
    environment = {**os.environ, "CARDS_HOME": str(home)}
    both = [subprocess.Popen([sys.executable, "-c", program], env=environment, stdout=subprocess.PIPE) for _ in "12"]

    said = {one.communicate(timeout=30)[0] for one in both}

    assert 1 == len(said)
    assert 2 == len(json.loads(facts(home)["devices"]))


def test_the_id_of_the_machine_is_not_written_down(tmp_path, machine):
    """It is nobody else's business: what is left of it only serves to compare."""
    machine("0123456789abcdef0123456789abcdef")
    name_at(tmp_path / "home")

    assert not [value for value in facts(tmp_path / "home").values() if "0123456789abcdef" in value]


# ---------------------------------------------------------------- undo and ids


def test_undo_reaches_what_was_done_before_the_move(tmp_path, machine):
    """On the new machine a person still expects to take back what was done last."""
    flag(tmp_path / "old", "d/a")
    flag(tmp_path / "old", "d/b")
    machine("new")
    home = copied(tmp_path / "old", tmp_path / "new")
    flag(home, "d/c")

    assert [["d/c"], ["d/b"], ["d/a"], []] == [undone_at(home) for _ in range(4)]


def test_undo_leaves_alone_what_the_other_did_since(tmp_path):
    """What came later under the former name is the action of another device."""
    flag(tmp_path / "a", "d/before")
    copied(tmp_path / "a", tmp_path / "b")
    name_at(tmp_path / "b")
    flag(tmp_path / "a", "d/since")
    with opened(tmp_path / "a") as one, opened(tmp_path / "b") as other:
        other.store.append([*one.store.events()])

    assert [["d/before"], []] == [undone_at(tmp_path / "b") for _ in range(2)]
    assert ["d/since"] == undone_at(tmp_path / "a")


def test_undo_goes_back_through_several_moves(tmp_path):
    """The name before the last one comes last."""
    place = tmp_path / "0"
    for number in range(4):
        flag(place, f"d/{number}")
        place = copied(place, tmp_path / f"{number + 1}")

    assert [["d/3"], ["d/2"], ["d/1"], ["d/0"], []] == [undone_at(place) for _ in range(5)]


def test_ids_go_on_behind_those_of_the_former_name(tmp_path, monkeypatch):
    """A clock that was set back meanwhile does not put new actions before old ones."""
    monkeypatch.setenv("CARDS_HOME", str(tmp_path))
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    flag(tmp_path / "a", "d/a")
    monkeypatch.setenv("CARDS_NOW", "2026-11-20T18:00:00+00:00")
    copied(tmp_path / "a", tmp_path / "b")
    flag(tmp_path / "b", "d/b")

    with opened(tmp_path / "b") as app:
        ids = {str(getattr(event, "card", "")): event.id for event in app.store.events()}
    assert ids["d/a"] < ids["d/b"]


def test_ids_go_on_behind_all_others_under_a_name_that_is_taken_up_again(tmp_path, monkeypatch, machine):
    """A stick that was at a machine whose clock is ahead, and comes back."""
    monkeypatch.setenv("CARDS_HOME", str(tmp_path))
    turns = ((20, "laptop", "d/a"), (22, "desktop", "d/b"), (21, "laptop", "d/c"))
    home = tmp_path / "0"
    for number, (day, where, card) in enumerate(turns):
        monkeypatch.setenv("CARDS_NOW", f"2026-11-{day}T18:00:00+00:00")
        machine(where)
        place = tmp_path / where
        home = copied(home, place) if number else place
        flag(home, card)
        home = home.rename(tmp_path / str(number))

    with opened(home) as app:
        written = sorted((event.id, event.device, str(getattr(event, "card", ""))) for event in app.store.events())
    assert (["d/a", "d/b", "d/c"], written[0][1]) == ([card for *_, card in written], written[2][1])


def test_the_last_typed_answer_is_found_under_a_former_name(tmp_path):
    """Who typed a secret and then moved the home still means that; what the other typed since is the other's."""
    answer(tmp_path / "a", "d/before")
    copied(tmp_path / "a", tmp_path / "b")
    flag(tmp_path / "b", "d/before")
    answer(tmp_path / "a", "d/since")

    with opened(tmp_path / "a") as one, opened(tmp_path / "b") as other:
        other.store.append([*one.store.events()])
        assert [CardId("d/before")] == [review.card for review in named(other, (), (), last=True)]
    answer(tmp_path / "b", "d/own")
    with opened(tmp_path / "b") as other:
        assert [CardId("d/own")] == [review.card for review in named(other, (), (), last=True)]


# ---------------------------------------------------------------- told by others


def test_a_name_that_somebody_else_uses_is_given_up(tmp_path):
    """A copied disk has the same machine, file and path: what shows it is a file of ours that we did not write."""
    flag(tmp_path / "home", "d/a")
    first = name_at(tmp_path / "home")

    with opened(tmp_path / "home") as app:
        second = device.renew(app.store)
        assert second == app.device

    assert first != second
    assert second == name_at(tmp_path / "home")
    assert ["d/a"] == undone_at(tmp_path / "home")


def told(home: Path) -> list[tuple[str, str]]:
    """What `cards doctor` says of the name."""
    with opened(home) as app:
        return [(one.level, one.says) for one in check.all_of(app)]


def test_doctor_tells_the_names_and_changes_none(tmp_path):
    """A copy is told before it has written, and after."""
    with opened(tmp_path / "a") as app:
        assert app.store.meta("device") is None
    assert [] == told(tmp_path / "a")
    first = name_at(tmp_path / "a")
    assert [("ok", first)] == told(tmp_path / "a")
    home = copied(tmp_path / "a", tmp_path / "b")
    before = facts(home)

    says = f"this home is a copy of that of `{first}`: it takes a fresh name when it writes next"
    assert [("note", says)] == told(home)
    assert before == facts(home)

    second = name_at(home)
    assert [("ok", f"{second}, 1 name before it: this home was copied or moved")] == told(home)


def facts(home: Path) -> dict[str, str]:
    """What the store says about itself."""
    with closing(sqlite3.connect(home / "cards.db")) as store:
        return dict(store.execute("select name, value from meta where name like 'device%'"))
