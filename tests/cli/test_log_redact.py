"""`cards log redact`: a password that was typed into an answer is nowhere any more."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from itertools import chain, count
from pathlib import Path

import pytest
from cli.inside import Ran, cards, progress
from thorough import times
from ui.person import ENTER, Person

from flashcards.app import App
from flashcards.app.backups import now as back_up
from flashcards.app.redacting import clean, named, take_out, today
from flashcards.store import backup
from flashcards.store.answers import Answers

SECRET = "hunter2-Tr0ub4dor"
LINES = (
    f'{{"card":"ssh/login","grade":1,"at":"2026-11-20T10:00:00Z","typed":"{SECRET}"}}',
    '{"card":"ssh/login","grade":4,"at":"2026-11-21T11:00:00Z","typed":"ssh host"}',
    f'{{"card":"git/log","grade":1,"at":"2026-11-22T11:00:00Z","typed":"{SECRET}"}}',
)


@pytest.fixture
def log(home: Path, tmp_path: Path) -> Path:
    """A log that was imported, of two cards; two of its answers are a password."""
    path = tmp_path / "old.jsonl"
    path.write_text("\n".join(LINES), encoding="utf-8")
    cards("import", path, check=True)
    return path


def ids() -> dict[str, list[str]]:
    """The ids of the answers of each card, oldest first."""
    found: dict[str, list[str]] = {}
    for line in exported():
        if line["kind"] == "review":
            found.setdefault(line["card"], []).append(line["id"])
    return found


def exported() -> list[dict]:
    return [json.loads(line) for line in cards("export", "log", check=True).out.splitlines()]


def redacted(*args: object) -> dict:
    return json.loads(cards("log", "redact", *args, "--yes", "--json", check=True).out)


def found_in(folder: Path) -> list[str]:
    """The files that hold the password, compressed or not."""
    return sorted(
        str(file.relative_to(folder))
        for file in folder.rglob("*")
        if file.is_file() and SECRET.encode() in _content(file)
    )


def _content(file: Path) -> bytes:
    content = file.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


def test_an_answer_in_which_nothing_was_typed_is_not_the_last(home, deck_file):
    """Somebody who gave up the next card still means the text before."""
    cards("import", deck_file("deck: ssh\ncards:\n- {id: a, front: A?, answer: a}\n- {id: b, front: B?, answer: b}\n"))
    cards("review", "--plain", stdin=f"{SECRET}\n1\n\n1\n", check=True)

    assert [len(SECRET)] == [one["characters"] for one in redacted("--last")["events"]]
    assert [] == found_in(home)
    assert "nothing was typed" in cards("log", "redact", "--card", "ssh/b", "--yes").err


def test_it_is_gone_from_the_home_and_its_backups(home, log):
    """Database, write-ahead log, statistics and every backup; the grade and the schedule stay."""
    with closing(App()) as app:
        back_up(app, "before-trial")
        with closing(Answers(app.places.database)) as answers:
            answers.mistakes()
    before = progress()
    there = found_in(home)
    event = ids()["git/log"][0]
    said = redacted(event, "--card", "ssh/login")

    assert {"cards.db"} < {*there}
    assert [] == found_in(home)
    assert (True, [], []) == (said["database"], said["failed"], said["elsewhere"])
    assert {name.name for name in (home / "backups").glob("*.gz")} == {Path(path).name for path in said["backups"]}
    assert [("git/log", 17), ("ssh/login", 17), ("ssh/login", 8)] == [
        (one["card"], one["characters"]) for one in said["events"]
    ]
    assert before == progress()


def test_where_there_is_no_backup_nothing_is_left_to_do(home, deck_file, monkeypatch):
    """The next command has nothing to clean."""
    monkeypatch.setenv("CARDS_BACKUPS", "no")
    cards("import", deck_file("deck: ssh\ncards:\n- {id: a, front: A?, answer: a}\n"), check=True)
    cards("review", "--plain", stdin=f"{SECRET}\n1\n", check=True)
    redacted("--last")

    assert not (home / "backups").exists()
    with closing(App()) as app:
        assert app.store.is_clean("2026-03-02")


def test_nothing_else_of_a_backup_changes(home, log):
    """A backup is what it was, less the text."""
    with closing(App()) as app:
        path = back_up(app, "before-trial")
    before = [*backup.lines(path)]
    redacted("--card", "git/log")
    after = [*backup.lines(path)]

    assert [line.replace(f',"typed":"{SECRET}"', "") if "git/log" in line else line for line in before] == after


def test_an_import_of_the_old_log_does_not_bring_it_back(home, log):
    """What the marks name is met without its text, into this store and into a fresh one that has the marks."""
    redacted("--card", "ssh/login", "--card", "git/log")
    cards("import", log, check=True)

    assert [] == found_in(home)
    assert [None] * 3 == [line.get("typed") for line in exported() if line["kind"] == "review"]


def test_an_old_backup_does_not_bring_it_back(home, log, tmp_path):
    """One that lay elsewhere is restored without the text, and so is the plain copy of a database."""
    with closing(App()) as app:
        kept = tmp_path / "on-a-stick.db.gz"
        shutil.copy(back_up(app, "before-trial"), kept)
    shutil.copy(home / "cards.db", tmp_path / "copy.db")
    redacted("--card", "ssh/login", "--card", "git/log")
    for file in (kept, tmp_path / "copy.db"):
        cards("restore", file, "--yes", check=True)
        cards("restore", file, "--yes", "--only-missing", check=True)

        assert [] == found_in(home)
    assert [None] * 3 == [line.get("typed") for line in exported() if line["kind"] == "review"]


def test_a_lost_home_that_is_restored_and_synced_ends_without_it(home, log, tmp_path):
    """Where an old backup brings the text before the mark is known, the mark takes it out when it comes."""
    folder = tmp_path / "sync"
    folder.mkdir()
    with closing(App()) as app:
        kept = tmp_path / "on-a-stick.db.gz"
        shutil.copy(back_up(app, "before-trial"), kept)
    redacted("--card", "ssh/login", "--card", "git/log")
    cards("sync", folder, "--yes", check=True)
    os.environ["CARDS_HOME"] = str(tmp_path / "new")
    cards("restore", kept, "--yes", check=True)
    there = found_in(tmp_path / "new")
    cards("sync", folder, "--yes", check=True)

    assert there
    assert [[], []] == [found_in(tmp_path / "new"), found_in(folder)]


def test_undo_does_not_bring_it_back(home, log):
    """It is no action that can be taken back; the one before it is."""
    redacted("--card", "git/log")
    cards("undo", check=True)
    cards("import", log, check=True)

    assert [None] == [line.get("typed") for line in exported() if line.get("card") == "git/log" and "grade" in line]
    assert "undo" not in [line["kind"] for line in exported() if line.get("target") == "redact"]


def test_the_log_says_so(home, log):
    """In words and as JSON: which answer, and that its text is gone."""
    redacted("--card", "git/log")
    ran = cards("log", check=True)
    told = json.loads(cards("log", "--json", check=True).out)["actions"]

    assert SECRET not in cards("log", "git/log", "--json").out
    assert "graded again: git/log; what was typed is taken out" in ran.out
    assert "took a text out of the log: git/log" in ran.out
    assert [True] == [one["redacted"] for one in told if one["cards"] == ["git/log"] and one["kind"] == "grade"]


def test_a_dry_run_changes_nothing(home, log):
    """It shows which answers it would be, and never what was typed."""
    before = cards("export", "log").out
    ran = cards("log", "redact", "--card", "ssh/login", "--dry-run", check=True)

    assert SECRET not in ran.out + ran.err
    assert ["ssh/login  2026-11-20 10:00  17 characters", "ssh/login  2026-11-21 11:00  8 characters"] == (
        ran.out.splitlines()[:2]
    )
    assert before == cards("export", "log").out
    assert json.loads(cards("log", "redact", "--card", "ssh/login", "--dry-run", "--json").out)["dry_run"]


def test_nobody_is_asked_where_nobody_is(home, log):
    """Without a terminal it needs `--yes`."""
    before = cards("export", "log").out
    ran = cards("log", "redact", "--card", "ssh/login")

    assert (2, "error: nobody is here to say yes\nhint: --yes says it; nothing was changed\n") == (ran.code, ran.err)
    assert before == cards("export", "log").out


@pytest.mark.skipif(sys.platform == "win32", reason="pseudo-terminals are a thing of Unix")
@pytest.mark.parametrize("answer", ["y", "n", ""])
def test_a_person_is_asked(home, log, tmp_path, answer):
    """It cannot be undone, so `enter` alone means no."""
    command = [sys.executable, "-m", "flashcards", "log", "redact", "--card", "git/log"]
    person = Person(command, 80, 24, {**os.environ}, tmp_path / "screen")
    person.see("take it out for good?")
    person.type(answer, ENTER)
    code = person.leaves()

    assert 0 == code
    assert (answer == "y") == (None in [one.get("typed") for one in exported() if one.get("card") == "git/log"])


@pytest.mark.parametrize(
    ("args", "code", "error"),
    [
        ([], 2, "no answer is named"),
        (["abc"], 4, "no answer of the log is called `abc`"),
        (["01a1"], 4, "`01a1` fits 2 answers"),
        (["--card", "no/card"], 4, "no card called `no/card`"),
        (["--last"], 4, "nothing was typed on this device"),
    ],
)
def test_what_is_not_there_is_told(home, log, args, code, error):
    """One line with the cure, and nothing is changed."""
    before = cards("export", "log").out
    ran = cards("log", "redact", *args, "--yes")

    assert code == ran.code
    assert f"error: {error}" == ran.err.splitlines()[0]
    assert before == cards("export", "log").out


def test_a_short_id_of_another_program_is_named_in_full(home, tmp_path):
    """It has no four characters to begin with."""
    path = tmp_path / "x.jsonl"
    path.write_text('{"id":"t7","card":"d/c","grade":4,"at":"2026-11-20T10:00:00Z","typed":"x"}\n')
    cards("import", path, check=True)

    assert ["t7"] == [one["id"] for one in redacted("t7")["events"]]


def test_an_answer_without_a_text_has_nothing_to_take_out(home, tmp_path):
    """That is an error; a second time for one that had, cleans its files again."""
    path = tmp_path / "log.jsonl"
    path.write_text('{"card":"a/b","grade":1,"at":"2026-11-20T10:00:00Z"}\n' + LINES[0], encoding="utf-8")
    cards("import", path, check=True)
    ran = cards("log", "redact", "--card", "a/b", "--yes")
    redacted("--card", "ssh/login")

    assert (2, "error: nothing was typed there") == (ran.code, ran.err.splitlines()[0])
    assert ids()["ssh/login"] == redacted("--card", "ssh/login")["before"]


def test_the_newest_answer_of_this_device(home, deck_file):
    """`--last` is what was typed last, whatever was done since."""
    path = deck_file("""
        deck: d
        cards:
          - {id: a, front: Log in., answer: ssh host}
    """)
    cards("import", path, check=True)
    cards("review", "--plain", stdin=f"{SECRET}\n1\nq\n")
    cards("flag", "d/a", check=True)
    there = found_in(home)
    said = redacted("--last")

    assert "cards.db" in there or "cards.db-wal" in there
    assert ["d/a"] == [one["card"] for one in said["events"]]
    assert [] == found_in(home)


def test_the_newest_answer_twice_takes_no_other_one(home, deck_file):
    """Who was told to make room and run it again means the same answer."""
    path = deck_file("""
        deck: d
        cards:
          - {id: a, front: Log in., answer: ssh host}
          - {id: b, front: Leave., answer: exit}
    """)
    cards("import", path, check=True)
    cards("review", "--plain", stdin=f"ssh hots\n1\n{SECRET}\n1\nq\n")
    (taken,) = redacted("--last")["events"]

    again = redacted("--last")

    assert ("d/b", [], [taken["id"]]) == (taken["card"], again["events"], again["before"])


def test_a_card_called_redact_keeps_its_log(home, deck_file):
    """Alone the word is that card; with its deck it always is."""
    cards("import", deck_file("deck: d\ncards:\n  - {id: redact, front: A?, back: B.}\n"), check=True)
    cards("flag", "d/redact", check=True)

    assert "flagged: d/redact" in cards("log", "redact", check=True).out
    assert "flagged: d/redact" in cards("log", "d/redact", "-n", "1", check=True).out
    assert 2 == cards("log", "redact", "--yes").code


def test_help_is_that_of_the_command():
    """`cards log redact --help` is no help on the log."""
    ran = cards("log", "redact", "--help", check=True)

    assert "Usage: cards log redact [OPTIONS] [EVENT]..." == ran.out.splitlines()[0]
    assert "cards log redact --last" in cards("log", "--help", check=True).out


def test_a_copy_that_a_person_made_is_named(home, log):
    """What is not ours to change is told, not touched."""
    copy, damaged = home / "mine.jsonl", home / "cards.db.damaged.gz"
    copy.write_bytes(log.read_bytes())
    damaged.write_bytes(gzip.compress(b"..." + SECRET.encode()))
    said = redacted("--card", "ssh/login")

    assert [str(damaged), str(copy)] == said["elsewhere"]
    assert log.read_bytes() == copy.read_bytes()


def test_other_answers_with_the_same_text_are_named(home, log):
    """A password is often typed twice; nothing more is taken out than was asked for."""
    ran = cards("log", "redact", "--card", "ssh/login", "--yes", check=True)
    other = ids()["git/log"][0]

    assert f"the same was typed in 1 other answer: cards log redact {other}" in ran.err
    assert [] == redacted(other)["alike"]
    assert [] == found_in(home)


def test_a_mark_from_elsewhere_cleans_the_backups_too(home, log, tmp_path):
    """Whoever brings the mark: at the end of that command no file of the home has the text."""
    with closing(App()) as app:
        back_up(app, "before-trial")
    mark = '{"kind":"mark","card":"git/log","mark":"redact","value":"%s","at":"2026-11-23T11:00:00Z","device":"desk"}'
    (tmp_path / "marks.jsonl").write_text(
        "\n".join(mark % one for some in ids().values() for one in some), encoding="utf-8"
    )
    there = found_in(home)
    cards("import", tmp_path / "marks.jsonl", check=True)

    assert len(there) > 1
    assert [] == found_in(home)


def test_what_a_kill_left_is_finished_by_the_next_command(home, log):
    """A backup that was not cleaned yet is, whatever is done next."""
    with closing(App()) as app:
        back_up(app, "before-trial")
        event = app.store.typed_in(ids()["git/log"][0]).popitem()[1]
        take_out(app, [event])
    there = found_in(home)
    cards("decks")
    after = [file for file in found_in(home) if b"git/log" not in _content(home / file)]

    assert any(name.startswith("backups") for name in there)
    assert [] == after
    with closing(App()) as app:
        assert app.store.is_clean(today())
        paths = [one.path for one in backup.listed(app.places.backups)]
        assert all(SECRET not in line for path in paths for line in backup.lines(path) if "git/log" in line)


def test_a_backup_that_cannot_be_cleaned_is_told_and_not_tried_all_day(home, log):
    """One that is damaged: exit code 1; a day later, or by the same command again, it is tried anew."""
    with closing(App()) as app:
        broken = Path(back_up(app, "before-trial"))
    broken.write_bytes(broken.read_bytes()[:200])
    os.environ["CARDS_NOW"] = "2026-11-29T10:00:00Z"
    first = cards("log", "redact", "--card", "git/log", "--yes")
    second = cards("decks")
    third = cards("log", "redact", "--card", "git/log", "--yes")
    os.environ["CARDS_NOW"] = "2026-11-30T10:00:00Z"
    fourth = cards("decks")
    broken.unlink()
    fifth = cards("log", "redact", "--card", "git/log", "--yes")

    assert [1, 0, 1, 0, 0] == [ran.code for ran in (first, second, third, fourth, fifth)]
    assert [True, False, True, True, False] == [
        broken.name in "".join(ran.err.split()) for ran in (first, second, third, fourth, fifth)
    ]


def test_devices_and_their_files_follow(home, log, tmp_path):
    """Three devices that sync: each takes the text out of its store and of its own files, in the order they come."""
    folder = tmp_path / "sync"
    folder.mkdir()
    homes = [home, tmp_path / "desk", tmp_path / "phone"]

    def sync(place: Path) -> Ran:
        os.environ["CARDS_HOME"] = str(place)
        return cards("sync", folder, "--yes", check=True)

    for place in (*homes, *homes):
        sync(place)
    (tmp_path / "phone-only.jsonl").write_text(LINES[0].replace("ssh/login", "ssh/other"), encoding="utf-8")
    cards("import", tmp_path / "phone-only.jsonl", check=True)
    sync(homes[2])
    sync(homes[0])
    there = [found_in(place) for place in (*homes, folder)]
    os.environ["CARDS_HOME"] = str(homes[0])
    redacted("--card", "ssh/login", "--card", "git/log", "--card", "ssh/other")
    told = sync(homes[0]).err
    between = found_in(folder)
    sync(homes[2])
    fresh = tmp_path / "fresh"
    for place in (fresh, homes[1], fresh):
        sync(place)

    assert all(there)
    assert [f"{Path(name).name}: a text that was taken out still stands there" for name in between] == [
        line.partition(" (")[0] for line in told.splitlines() if "taken out" in line
    ]
    assert 1 == len(between)
    assert [[]] * 5 == [found_in(place) for place in (*homes, fresh, folder)]


def test_copies_of_a_carrier_and_leftovers_in_a_sync_folder_are_cleaned(home, log, tmp_path):
    """Nobody but the device whose file it was would ever write them anew."""
    folder = tmp_path / "sync"
    folder.mkdir()
    cards("sync", folder, "--yes", check=True)
    [mine] = (folder / "log").glob("*.jsonl")
    stray = mine.with_name(f".{mine.name}.123.part")
    stray.write_bytes(mine.read_bytes())
    redacted("--card", "ssh/login", "--card", "git/log")
    copies = [mine.with_name(f"{mine.stem} (conflicted copy 2026-11-23).jsonl")]
    copies[0].write_bytes(mine.read_bytes())
    cards("sync", folder)
    copies.append(mine.with_name(f"{mine.stem}.sync-conflict-20261123-101010-ABCDEFG.jsonl"))
    copies[1].write_text(LINES[2] + "\n", encoding="utf-8")  # it comes late
    cards("sync", folder)

    assert [] == found_in(folder)
    assert all(copy.exists() for copy in copies)
    assert not stray.exists()


def test_a_database_that_cannot_be_swept_now_says_so(home, log):
    """Another program reads what was there before: told, exit code 1, and done by the next call."""
    with closing(sqlite3.connect(home / "cards.db", isolation_level=None)) as reader:
        reader.execute("begin")
        reader.execute("select count(*) from events").fetchone()
        with closing(App()) as app:
            take_out(app, named(app, ids()["git/log"], [], last=False))
            blocked = clean(app, patient=False)

    assert not blocked.complete
    assert redacted("--card", "git/log")["database"]


@pytest.mark.skipif(not hasattr(os, "statvfs"), reason="Windows does not say so")
def test_without_room_for_a_copy_none_is_begun(home, log, monkeypatch):
    """It would fill the disk for a while, at every command; told until there is room."""
    little = os.statvfs_result((*os.statvfs(home)[:4], 1, *os.statvfs(home)[5:10]))
    with monkeypatch.context() as patch, closing(App()) as app:
        patch.setattr(os, "statvfs", lambda _: little)
        take_out(app, named(app, ids()["git/log"], [], last=False))
        without_room = clean(app)

    assert not without_room.database
    assert redacted("--card", "git/log")["database"]


@pytest.mark.slow
def test_a_kill_at_any_moment_loses_nothing_and_leaves_nothing(home, tmp_path):
    """Either it was not done, or it is: the next command finishes, and no other line of the log is touched."""
    lines = [
        json.dumps(
            {"card": f"d/{n % 40}", "grade": 4, "at": f"2026-10-{n % 28 + 1:02}T10:00:00.{n:03}Z", "typed": f"ls {n}"}
        )
        for n in range(900)
    ]
    (tmp_path / "log.jsonl").write_text("\n".join([*lines, LINES[2]]), encoding="utf-8")
    cards("import", tmp_path / "log.jsonl", check=True)
    with closing(App()) as app:
        back_up(app, "before-trial")
    before = [line for line in exported() if line.get("card") != "git/log"]
    template = tmp_path / "template"
    shutil.copytree(home, template)
    command = [sys.executable, "-m", "flashcards", "log", "redact", "--card", "git/log", "--yes"]
    took = _seconds(command, None)
    limits = [took * (0.4 + 0.6 * (number + 0.5) / times(6, 200)) for number in range(times(6, 200))]
    for limit in chain(limits, (took * 2**number for number in count(1))):
        shutil.rmtree(home)
        shutil.copytree(template, home)
        _seconds(command, limit)
        cards("decks")
        done = "cards.db" not in found_in(home)

        assert found_in(home) == ([] if done else found_in(template))
        assert before == [line for line in exported() if line.get("card") != "git/log"]
        assert [] == redacted("--card", "git/log")["failed"]
        assert [] == found_in(home)
        if done and limit >= limits[-1]:
            break


def _seconds(command: list[str], limit: float | None) -> float:
    """Runs a command and tells how long it took; it is killed when the time is over."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(limit)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    return time.perf_counter() - began
