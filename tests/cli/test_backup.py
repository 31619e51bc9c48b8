"""`cards backup` and `cards restore`: what they write, refuse, ask and say; with real kills and a full disk."""

import gzip
import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from cli.inside import cards, progress
from strategies import a_review, event_id
from thorough import times
from ui.person import CTRL_C, Person

from flashcards.app import App
from flashcards.model import Review
from flashcards.store import Store, backup
from flashcards.store.backup import listed

UNIX = pytest.mark.skipif(sys.platform == "win32", reason="a thing of Unix")
KILLS = times(3, 40)
MANY = 1_200
"""More than one event of a restore can name."""


@pytest.fixture
def learning(home: Path, deck_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with two cards, both reviewed once; no backup yet."""
    monkeypatch.setenv("CARDS_BACKUPS", "no")
    deck = deck_file("deck: d\ncards:\n- {id: a, front: A?, back: a}\n- {id: b, front: B?, back: b}\n")
    cards("import", deck, check=True)
    cards("review", "--plain", stdin="\n3\n\n3\n", check=True)
    return home


# ---------------------------------------------------------------- backup


def test_a_backup_goes_into_the_folder_or_into_a_file(learning, tmp_path):
    """Without a name into the home, with one where it says: compressed where that ends in .gz."""
    for name in ("x.db.gz", "x.db"):
        assert "2 reviews" in cards("backup", tmp_path / name, check=True).out
    told = json.loads(cards("backup", "--json", check=True).out)
    plain = (tmp_path / "x.db").read_bytes()

    assert b"SQLite format 3\0" == plain[:16]
    assert b"\x1f\x8b" == (tmp_path / "x.db.gz").read_bytes()[:2]
    assert ("cards.backup/1", "by-hand", 2) == (told["schema"], told["reason"], told["reviews"])
    assert [told["path"]] == [one.path for one in listed(str(learning / "backups"))]


def test_the_list_says_when_why_and_how_much(learning, monkeypatch):
    """Newest first, by both commands, for people and for scripts."""
    for day in (27, 28):
        monkeypatch.setenv("CARDS_NOW", f"2026-11-{day}T10:15:00Z")
        cards("backup", check=True)
    shown = cards("backup", "--list", check=True).out.splitlines()
    found = json.loads(cards("restore", "--json", check=True).out)

    assert ["2026-11-28 10:15 by hand", "2026-11-27 10:15 by hand"] == [line[:24] for line in shown]
    assert all("2 reviews" in line for line in shown)
    for columns, lines in (("80", shown), ("79", [f"{line.split()[-1][:-6]}  2 reviews" for line in shown])):
        monkeypatch.setenv("COLUMNS", columns)
        assert lines == cards("backup", "--list", check=True).out.splitlines()
    monkeypatch.delenv("COLUMNS")
    assert shown[0] in cards("restore", check=True).out
    assert ["cards.backups/1", 2, "2026-11-28", "101500"] == [
        found["schema"],
        len(found["backups"]),
        found["backups"][0]["day"],
        found["backups"][0]["at"],
    ]


def test_nothing_that_is_there_is_replaced_unasked(learning, tmp_path):
    """A file that is there needs --force; ours, a folder, a device and a stream are refused in any case."""
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "link").symlink_to(learning / "cards.db")
    inside = learning / "backups" / "cards-2020-01-01.db.gz"
    inside.parent.mkdir()
    ours = (learning / "cards.db", tmp_path / "link", learning / "cards.db-wal", inside)
    refused = [cards("backup", tmp_path / "mine")]
    refused += [cards("backup", "--force", name) for name in (*ours, tmp_path, "/dev/null", "-")]

    assert [2] * 8 == [ran.code for ran in refused]
    assert all(ran.err.startswith("error: ") and "hint: " in ran.err for ran in refused)
    assert "mine" == (tmp_path / "mine").read_text()


def test_only_a_backup_makes_way_for_a_backup(learning, deck_file, tmp_path):
    """With --force as well: not a deck, a log, another program's database or packed file, nor another home."""
    deck = deck_file("deck: e\ncards: [{id: a, front: f, back: b}]\n", "e.yaml")
    cards("export", "log", "-o", tmp_path / "log.jsonl", check=True)
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("create table t (x)")
    (tmp_path / "other.gz").write_bytes(gzip.compress(b"something else"))
    shutil.copytree(learning, tmp_path / "another")
    kept = [deck, *(tmp_path / name for name in ("log.jsonl", "other.db", "other.gz", "another/cards.db"))]
    before = [path.read_bytes() for path in kept]
    refused = [cards("backup", "--force", path) for path in kept]

    assert [2] * 5 == [ran.code for ran in refused]
    assert all("no backup" in ran.err and "hint: " in ran.err for ran in refused)
    assert before == [path.read_bytes() for path in kept]


def test_a_backup_or_nothing_makes_way_for_a_backup(learning, tmp_path):
    """An older one, plain, packed or damaged, packed by another program, or an empty file."""
    for name in ("x.db", "x.db.gz", "short.db.gz"):
        cards("backup", tmp_path / name, check=True)
    (tmp_path / "short.db.gz").write_bytes((tmp_path / "x.db.gz").read_bytes()[:200])
    (tmp_path / "again.db.gz").write_bytes(gzip.compress((tmp_path / "x.db").read_bytes()))
    (tmp_path / "empty.db").touch()
    there = ("x.db", "x.db.gz", "short.db.gz", "again.db.gz", "empty.db")

    assert all("2 reviews" in cards("backup", "--force", tmp_path / name, check=True).out for name in there)
    assert all("nothing to do" in cards("restore", tmp_path / name, "--dry-run", check=True).out for name in there)


def test_backups_into_one_file_at_once_are_made_one_after_the_other(learning, tmp_path):
    """Each is whole when it takes its place, and each process is told the truth."""
    command = [sys.executable, "-m", "flashcards", "backup", "--force", "--json", tmp_path / "b.db.gz"]
    processes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) for _ in range(4)]
    told = [process.communicate()[0].decode() for process in processes]

    assert [0] * 4 == [process.returncode for process in processes], told
    assert [2] * 4 == [json.loads(one)["reviews"] for one in told]
    assert "nothing to do" in cards("restore", tmp_path / "b.db.gz", "--dry-run", check=True).out
    assert {"b.db.gz"} == {one.name for one in tmp_path.iterdir() if "b.db" in one.name}


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere every name is a text")
def test_a_name_may_be_no_text(learning, tmp_path, monkeypatch):
    """Names of files are bytes: those of an old system are no UTF-8, and nothing is damaged by that."""
    home = tmp_path / os.fsdecode(b"h\xff")
    learning.rename(home)
    monkeypatch.setenv("CARDS_HOME", str(home))
    monkeypatch.delenv("CARDS_BACKUPS")
    cards("flag", "d/a", check=True)
    (made,) = listed(str(home / "backups"))
    cards("backup", tmp_path / os.fsdecode(b"x\xff.gz"), check=True)
    cards("restore", tmp_path / os.fsdecode(b"x\xff.gz"), "--yes", check=True)

    assert "" == made.reason
    assert 0 == cards("doctor", "--full").code


@UNIX
@pytest.mark.parametrize(("command", "code"), [("backup", 1), ("restore", 4)])
def test_a_name_may_be_too_long(learning, command, code):
    """It is told in one line."""
    ran = cards(command, "x" * 300)

    assert (code, True) == (ran.code, ran.err.startswith("error: "))


def test_there_may_be_nothing_to_back_up(home):
    """A home in which nothing was ever stored is no error for a script that backs up every night."""
    ran = cards("backup")

    assert (0, "") == (ran.code, ran.out)
    assert "nothing was ever stored" in ran.err
    assert not home.exists()


# ---------------------------------------------------------------- restore


def test_a_restore_shows_what_it_would_do_and_is_taken_back(learning):
    """The preview counts; without a terminal nothing is done unasked; one undo leads forward again."""
    cards("backup", check=True)
    then = progress()
    cards("suspend", "d/a", check=True)
    cards("review", "--plain", "--cram", stdin="\n3\nq\n", check=True)
    now = progress()
    shown = cards("restore", "latest", "--dry-run", check=True).out
    unasked = cards("restore", "latest")

    assert "takes back what came later: 1 mark, 1 review" in shown
    assert "nothing was changed: a dry run" in shown
    assert (2, "--yes" in unasked.err) == (unasked.code, True)
    assert now == progress()
    assert "`cards undo` takes it back" in cards("restore", "latest", "--yes", check=True).out
    assert then == progress()
    assert "nothing to do" in cards("restore", "latest", "--yes", check=True).out
    cards("undo", check=True)
    assert now == progress()


def test_a_restore_is_told_to_scripts(learning, tmp_path):
    """One object, whatever is done; what is missing is counted with its reviews."""
    cards("backup", tmp_path / "b.db.gz", check=True)
    cards("suspend", "d/a", check=True)
    looked = json.loads(cards("restore", tmp_path / "b.db.gz", "--json", "--dry-run", check=True).out)
    unasked = cards("restore", tmp_path / "b.db.gz", "--json")
    done = json.loads(cards("restore", tmp_path / "b.db.gz", "--json", "--yes", check=True).out)

    assert ("cards.restore/1", False, {"mark": 1}) == (looked["schema"], looked["changed"], looked["takes_back"])
    assert (2, "") == (unasked.code, unasked.out)
    assert (True, 0, []) == (done["changed"], done["missing"], done["decks"])


def test_an_event_in_other_words_is_shown_with_both(learning, tmp_path):
    """What differs, in a line; as JSON both versions whole."""
    log = tmp_path / "log.jsonl"
    lines = cards("export", "log", check=True).out.splitlines()
    changed = lines[0].replace('"grade":4', '"grade":1')
    log.write_text("\n".join([changed, *lines[1:]]), encoding="utf-8")
    told = cards("restore", log, "--dry-run", check=True).out
    said = json.loads(cards("restore", log, "--dry-run", "--json", check=True).out)

    assert "1 event" in told
    assert "d/a: grade 4, then 1" in told
    assert (1, [(4, 1)]) == (
        said["in_other_words"],
        [(one["here"]["grade"], one["then"]["grade"]) for one in said["words"]],
    )
    assert "undo" not in cards("restore", log, "--yes", check=True).out  # that would take back what was done before


def test_a_new_machine_needs_one_file(learning, tmp_path, run):
    """Copied over and restored with --yes: the same progress, the deck in a file of the new home."""
    then = progress()
    cards("backup", tmp_path / "b.db.gz", check=True)
    for path in (tmp_path / "decks").iterdir():
        path.unlink()
    other = {"CARDS_HOME": str(tmp_path / "other")}
    told = run("restore", tmp_path / "b.db.gz", "--yes", env=other, check=True).out
    found = json.loads(run("export", "progress", env=other, check=True).out)["cards"]

    assert "adds 2 events, 2 of them reviews" in told
    assert then == {one["id"]: one for one in found}
    assert (tmp_path / "other" / "decks" / "d.yaml").is_file()


def test_only_missing_takes_nothing_back(learning):
    """What came later stays, and nothing is left to do where nothing is missing."""
    cards("backup", check=True)
    cards("suspend", "d/a", check=True)
    now = progress()

    told = cards("restore", "latest", "--only-missing", "--yes", check=True).out
    assert ("all events of it are here: nothing to do", now) == (told.splitlines()[-1].strip(), progress())


def test_one_event_is_said_to_be_one(learning, tmp_path):
    """A log that holds one more than this home."""
    log = tmp_path / "log.jsonl"
    cards("export", "log", "-o", log, check=True)
    more = json.loads(log.read_text(encoding="utf-8").splitlines()[0]) | {"id": "f" * 8}
    with log.open("a", encoding="utf-8") as file:
        file.write(json.dumps(more) + "\n")

    told = cards("restore", log, "--dry-run", check=True).out
    assert "adds 1 event that is missing here, 1 of them a review" in told


@pytest.mark.parametrize(
    "name", ["2026-11-27", "cards-2026-11-27T101500-by-hand", "cards-2026-11-27T101500-by-hand.db.gz"]
)
def test_a_backup_is_named_by_its_day_or_its_name(learning, monkeypatch, name):
    """As the list shows it, with or without the end."""
    for day in (27, 28):
        monkeypatch.setenv("CARDS_NOW", f"2026-11-{day}T10:15:00Z")
        cards("backup", check=True)
        cards("flag", "d/a", check=True)

    assert "takes back what came later: 2 marks" in cards("restore", name, "--dry-run", check=True).out


def test_the_same_words_twice_lead_to_one_place(learning, monkeypatch):
    """The backup that a restore makes of before is not the latest, nor that of the day: it has a name."""
    monkeypatch.delenv("CARDS_BACKUPS")
    cards("flag", "d/b", check=True)
    cards("suspend", "d/a", check=True)
    now = progress()
    cards("restore", "latest", "--yes", check=True)
    then = progress()
    (before,) = [one.name for one in listed(str(learning / "backups")) if one.reason == "before-restore"]

    assert "nothing to do" in cards("restore", "latest", "--yes", check=True).out
    assert then == progress()
    cards("restore", before, "--yes", check=True)
    assert now == progress()


def test_what_is_no_backup_is_refused_in_one_line(learning, tmp_path):
    """An error and its cure, nothing changed."""
    (tmp_path / "x.db.gz").write_bytes(b"\x1f\x8bnonsense")
    (tmp_path / "x.txt").write_text("nonsense\n")
    refused = [cards("restore", tmp_path / name, "--yes") for name in ("x.db.gz", "x.txt", "nowhere")]

    assert [5, 6, 4] == [ran.code for ran in refused]
    assert [2, 2, 2] == [ran.err.count("\n") for ran in refused]
    assert all("hint: " in ran.err for ran in refused)
    assert "error: there is no file `/no/where`\n" in cards("restore", "/no/where").err


# ---------------------------------------------------------------- at a terminal


@pytest.fixture
def begin(home: Path, tmp_path: Path) -> Iterator[Callable[..., Person]]:
    """Starts a command at a terminal."""
    people: list[Person] = []

    def begin(*args: object) -> Person:
        command = [sys.executable, "-m", "flashcards", *map(str, args)]
        people.append(Person(command, 80, 24, dict(os.environ), tmp_path / "log"))
        return people[-1]

    yield begin
    for person in people:
        person.close()


@UNIX
@pytest.mark.parametrize(
    ("answer", "code", "said"), [("y\r", 0, "done"), ("\r", 0, "nothing was changed"), (CTRL_C, 130, "")]
)
def test_a_person_is_asked(learning, begin, answer, code, said):
    """Yes does it; anything else, and Ctrl-C, leaves everything as it is."""
    cards("backup", check=True)
    cards("suspend", "d/a", check=True)
    person = begin("restore", "latest")
    person.see("takes back what came later: 1 mark", "do it? [y/N]")
    person.type(answer)
    heard = -1
    while person.read():
        if len(person.raw) == heard:  # Python misses an interrupt that comes just before it waits for a line
            person.type(answer)
        heard = len(person.raw)

    assert code == person.leaves()
    assert said in person.shown()
    assert progress()["d/a"]["suspended"] == (said != "done")


@UNIX
def test_the_backup_of_the_day_leaves_the_screen_sane(learning, begin, monkeypatch):
    """It is made when the review is over: the terminal is as it was, and the end screen is the last that is seen."""
    monkeypatch.delenv("CARDS_BACKUPS")
    person = begin("review", "--cram")
    person.see("A?")
    person.type("q")
    code = person.leaves()

    assert (0, "backup" in person.shown()) == (code, False)
    assert 1 == len(listed(str(learning / "backups")))


# ---------------------------------------------------------------- harm


@pytest.fixture
def long(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with many reviews before a backup, and as many after it."""
    monkeypatch.setenv("CARDS_BACKUPS", "no")
    app = App()
    app.store.append([a_review(number % 1_000, "2026-03-01", id=event_id(number)) for number in range(MANY)])
    backup.make(app.places.database, str(home / "then.db.gz"))
    app.store.append([a_review(number % 1_000, "2026-03-05", id=event_id(MANY + number)) for number in range(MANY)])
    app.close()
    return home


def reviews(home: Path) -> int:
    """How many count, after a look whether the database is sound and says what its log says."""
    with closing(Store(home / "cards.db")) as store:
        assert [("ok",)] == [*store._select("pragma integrity_check")]
        before = [*store._select("select * from memory order by card")]
        store.rebuild()
        assert before == [*store._select("select * from memory order by card")]
        return sum(isinstance(event, Review) for event in store.events(standing=True))


@UNIX
def test_a_restore_that_is_killed_did_all_or_nothing(long):
    """Killed at many moments: everything that came later stands, or nothing of it."""
    command = [sys.executable, "-m", "flashcards", "restore", str(long / "then.db.gz"), "--yes"]
    begun = time.monotonic()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
    took, found = time.monotonic() - begun, set()
    cards("undo", check=True)
    for part in range(KILLS):
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            child.wait(took * (0.4 + 0.6 * part / KILLS))
        child.send_signal(signal.SIGKILL)
        child.wait()
        stand = reviews(long)
        found.add(stand)
        if stand == MANY:
            cards("undo", check=True)

    assert found <= {MANY, 2 * MANY}


@UNIX
@pytest.mark.parametrize(("name", "code"), [("then.db.gz", 1), ("then.db", 5)])
def test_a_full_disk_during_a_restore_changes_nothing(long, name, code):
    """No room to unpack the backup, or for what is taken back: the cure is told, and everything is as it was."""
    import resource  # not on Windows

    (long / "then.db").write_bytes(gzip.decompress((long / "then.db.gz").read_bytes()))
    now = reviews(long)
    ran = subprocess.run(
        [sys.executable, "-m", "flashcards", "restore", str(long / name), "--yes"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000)),
    )

    assert (code, True, False) == (ran.returncode, "hint: " in ran.stderr, "Traceback" in ran.stderr), ran
    assert now == reviews(long)
