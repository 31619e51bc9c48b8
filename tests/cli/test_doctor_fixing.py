"""`cards doctor` with homes that really have a fault, and `--fix`, which mends it."""

import gzip
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cli.inside import Ran, cards
from homes import opened
from store.damaged import everything

from flashcards.app import checkup
from flashcards.app.checkup import decks, mending
from flashcards.cli.doctor import command
from flashcards.cli.new import TEMPLATE

DECK = """
    deck: d
    cards:
      - {id: a, front: f, back: b}
      - {id: b, front: g, back: c}
"""
CODE = """
    deck: t
    cards:
      - {id: a, front: f, answer: touch b, run: {setup: [{script: "true"}], checks: [{file_exists: b}]}}
"""
COUNT = "select count(*) from events"
REVIEW = {
    "v": 1,
    "id": "01a0a165d2c0000000000000000000d2",
    "kind": "review",
    "card": "d/a",
    "grade": 4,
    "at": "2026-09-14T19:30:00.000Z",
    "offset": 0,
    "day": "2026-09-14",
    "mode": "scheduled",
    "device": "laptop-1",
}


@pytest.fixture
def used(home: Path, deck_file: Callable[..., Path], tmp_path: Path) -> Path:
    """A home with a deck, and a log of two reviews."""
    cards("import", deck_file(DECK), check=True)
    log = tmp_path / "log.jsonl"
    other = {**REVIEW, "id": "01a0a165d2c0000000000000000000d3", "card": "d/b"}
    log.write_text(f"{json.dumps(REVIEW)}\n{json.dumps(other)}\n")
    cards("import", log, check=True)
    return home


def raw(home: Path, *statements: str) -> list[Any]:
    """What SQL does to the database behind the program's back."""
    connection = sqlite3.connect(home / "cards.db", isolation_level=None)
    found: list[Any] = []
    for statement in statements:
        found = connection.execute(statement).fetchall()
    connection.close()
    return found


def areas(*args: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """The exit code, and what is said of each part."""
    ran = cards("doctor", "--json", *args)
    return ran.code, {one["area"]: one for one in json.loads(ran.out)["areas"]}


def fixed(*args: str) -> Ran:
    return cards("doctor", "--fix", "--yes", *args)


# ---------------------------------------------------------------- nothing is done unasked


def test_where_there_is_no_home_none_is_made(home: Path) -> None:
    """Not by looking, and not by mending."""
    looked, mended = cards("doctor"), fixed()

    assert (0, 0, False) == (looked.code, mended.code, home.exists())
    assert "none yet" in looked.out


@pytest.mark.parametrize("options", [[], ["--full", "-v"], ["--json"], ["--fix", "--dry-run"]])
def test_a_look_changes_no_byte(used: Path, options: list[str]) -> None:
    """Whatever is asked for, even where there is something to mend."""
    raw(used, "drop trigger events_no_update", "update memory set reviews = 9")
    (used / "trust.abc.new").write_text("")
    os.utime(used / "trust.abc.new", (0, 0))
    before = everything(used)
    ran = cards("doctor", *options)

    assert before == everything(used)
    assert (0 if not options else 5, "") == (ran.code and 5 * bool(options), ran.err)


def test_a_newer_database_is_looked_at_and_left(used: Path) -> None:
    """It says what to do, and exits with the code of a database that cannot be used."""
    raw(used, "insert into _sqlite_migrations (migration_set, name, applied_at) values ('cards', 'm999_later', 'now')")
    before = everything(used)
    code, found = areas("--fix")

    assert (5, "newer") == (code, found["database"]["facts"]["state"])
    assert "upgrade cards" in found["database"]["cure"]
    assert before == everything(used)


@pytest.mark.skipif(sys.platform == "win32", reason="no fifos")
def test_a_fifo_in_the_place_of_a_file_is_not_waited_for(used: Path) -> None:
    """Nobody will ever write into it."""
    os.mkfifo(used / "cards.db-wal")

    assert "log" in areas()[1]


def test_a_database_that_another_program_locked_is_not_damaged(used: Path) -> None:
    """It cannot be read now, and that is all that is said."""
    other = sqlite3.connect(used / "cards.db", isolation_level=None)
    other.execute("pragma locking_mode = exclusive")
    other.execute("begin immediate")
    other.execute("update decks set title = 'x'")
    code, found = areas()
    other.close()

    assert (5, "unreadable", "") == (code, found["database"]["facts"]["state"], found["database"]["fix"])


def test_a_dry_run_goes_with_fix(home: Path) -> None:
    """Alone it makes no sense, since nothing is changed anyway."""
    assert 2 == cards("doctor", "--dry-run").code


def test_the_help_says_the_exit_codes() -> None:
    """They are a promise for scripts."""
    assert "Exit codes: 0 all is well" in (command.epilog or "")


# ---------------------------------------------------------------- the database


def test_all_is_well(used: Path) -> None:
    """One line for each part, and one at the end."""
    ran = cards("doctor", "--full")

    assert 0 == ran.code
    assert {"✓"} == {line[0] for line in ran.out.splitlines() if line and not line.startswith("all is well")}
    assert ["database", "log", "clock", "replay", "decks"] == [line.split()[1] for line in ran.out.splitlines()[:5]]


def test_derived_tables_that_are_wrong_are_made_anew(used: Path) -> None:
    """They are compared with a replay; a backup comes first."""
    wanted = raw(used, "select card, reviews, state from memory order by card")
    raw(used, "update memory set reviews = 9, state = null where card = 'd/a'")
    before = areas()
    ran = fixed()

    assert (5, "derived") == (before[0], before[1]["replay"]["fix"])
    assert "memory: 2 rows, such as d/a" in before[1]["replay"]["details"]
    assert 0 == ran.code
    assert "before-fix" in ran.out
    assert wanted == raw(used, "select card, reviews, state from memory order by card")


@pytest.mark.parametrize(
    "statement",
    [
        "update cards set due = '2030-01-01' where card = 'd/a'",
        "update cards set content = replace(content, 'front', 'fromt') where card = 'd/a'",
        "delete from cards where card = 'd/b'",
        "insert into aliases values ('x/y', 'd/a')",
        "insert into gone values ('01a0a165d2c0000000000000000000d2')",
    ],
)
def test_every_derived_table_is_compared(used: Path, statement: str) -> None:
    """The card index, former names, what is taken back."""
    raw(used, statement)
    found = areas()

    assert (5, "derived") == (found[0], found[1]["replay"]["fix"])
    assert 0 == fixed().code


def test_the_counts_of_the_statistics_are_compared(used: Path) -> None:
    """Once they were made."""
    cards("stats", check=True)
    raw(used, "update tally set reviews = reviews + 1")

    assert "not what the log says: tally" == areas()[1]["replay"]["says"]
    assert 0 == fixed().code


def test_parts_of_the_log_that_are_gone_are_made_again(used: Path) -> None:
    """Its triggers keep it append-only, its indexes keep it quick."""
    raw(used, "drop trigger events_no_delete", "drop index events_device")
    before = areas()
    ran = fixed()

    assert (1, ["events_device", "events_no_delete"]) == (
        before[0],
        sorted(before[1]["schema"]["says"].split(": ")[1].split(", ")),
    )
    assert 0 == ran.code
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw(used, "delete from events")


def test_an_index_that_lacks_rows_is_made_anew(used: Path) -> None:
    """Nothing but the index is wrong, so nothing but the index is touched."""
    (sql,) = raw(used, "select sql from sqlite_master where name = 'events_device'")[0]
    raw(
        used,
        "pragma writable_schema = on",
        "update sqlite_master set sql = sql || ' where device = ''x''' where name = 'events_device'",
    )
    raw(used, "reindex events_device")
    raw(used, "pragma writable_schema = on", f"update sqlite_master set sql = '{sql}' where name = 'events_device'")
    before = areas("--full")
    ran = fixed()

    assert (5, "reindex") == (before[0], before[1]["database"]["fix"])
    assert 0 == ran.code
    assert [("ok",)] == raw(used, "pragma integrity_check")


def test_an_index_that_names_more_than_there_is_is_what_is_left_of_it(used: Path) -> None:
    """To make it anew would forget that an event is gone; the backup has it."""
    cards("backup", check=True)
    wanted = raw(used, "select line from events order by id")
    (row,) = raw(used, "select * from sqlite_master where name = 'events_device'")
    raw(used, "pragma writable_schema = on", "delete from sqlite_master where name = 'events_device'")
    raw(used, "drop trigger events_no_delete", "delete from events where id like '%d2'")
    raw(used, "pragma writable_schema = on", f"insert into sqlite_master values {row!r}")
    before = areas("--full")
    ran = fixed()

    assert (5, "save") == (before[0], before[1]["database"]["fix"])
    assert 0 == ran.code, ran
    assert wanted == raw(used, "select line from events order by id")


def test_a_table_with_faults_behind_those_of_an_index_is_saved(used: Path, tmp_path: Path) -> None:
    """SQLite stops to tell after so many; a table that is not whole is never written to."""
    log = tmp_path / "more.jsonl"
    log.write_text("".join(json.dumps({**REVIEW, "id": f"{REVIEW['id'][:-2]}{n}"}) + "\n" for n in range(10, 70)))
    cards("import", log, check=True)
    (sql,) = raw(used, "select sql from sqlite_master where name = 'events_device'")[0]
    (made,) = raw(used, "select sql from sqlite_master where name = 'events'")[0]
    change = "update sqlite_master set sql = ? where name = ?"
    connection = sqlite3.connect(used / "cards.db", isolation_level=None)
    connection.execute("drop trigger events_no_update")
    connection.execute("pragma writable_schema = on")
    connection.execute(change, [f"{sql} where device = 'x'", "events_device"])
    connection.execute(change, [made.replace("not null", ""), "events"])
    connection.close()
    raw(used, "reindex events_device", "update events set at = null where id like '%d2'")
    connection = sqlite3.connect(used / "cards.db", isolation_level=None)
    connection.execute("pragma writable_schema = on")
    connection.execute(change, [sql, "events_device"])
    connection.execute(change, [made, "events"])
    connection.close()
    before = areas("--full")
    ran = fixed()

    assert (5, "save") == (before[0], before[1]["database"]["fix"])
    assert 0 == ran.code, ran
    assert [(62,)] == raw(used, f"{COUNT} where kind = 'review'")


def test_a_line_that_differs_from_its_columns_is_damage(used: Path) -> None:
    """The event is named; the line of the backup is taken."""
    cards("backup", check=True)
    wanted = raw(used, "select id, line from events order by id")
    raw(used, "drop trigger events_no_update", "update events set card = 'd/b' where id like '%d2'")
    before = areas()
    ran = fixed()

    assert (5, "save") == (before[0], before[1]["log"]["fix"])
    assert "the columns say something else than the line: card" in before[1]["log"]["details"][0]
    assert 0 == ran.code, ran
    assert wanted == raw(used, "select id, line from events order by id")


def test_a_line_that_differs_from_the_backup_is_damage(used: Path) -> None:
    """A grade that changed by itself agrees with every column; only another copy tells."""
    cards("backup", check=True)
    raw(used, "drop trigger events_no_update", """update events set line = replace(line, '"grade":4', '"grade":1')""")
    before = areas()
    ran = fixed()

    assert (5, "save") == (before[0], before[1]["replay"]["fix"])
    assert 0 == ran.code, ran
    assert 2 == raw(used, """select count(*) from events where line like '%"grade":4%'""")[0][0]


def test_events_from_the_future_are_told(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock was ahead, or is behind now; nothing is wrong with the log."""
    monkeypatch.setenv("CARDS_NOW", "2026-01-01T12:00:00+00:00")
    code, found = areas()

    assert (0, "note") == (code, found["clock"]["level"])
    assert 3 == found["clock"]["facts"]["days"]
    assert "from the future" in found["clock"]["says"]


def test_an_undo_from_the_future_is_told(used: Path, tmp_path: Path) -> None:
    """It has no study day, and an id that says nothing of when it was written; so has the restore that makes it one import."""
    log = tmp_path / "far.jsonl"
    log.write_text('{"v":1,"id":"zz","kind":"undo","target":"x","at":"9990-01-01T00:00:00.000Z","device":"evil"}\n')
    cards("import", log, check=True)

    assert "2 events from the future" == areas()[1]["clock"]["says"]


def test_a_clock_that_was_set_back_is_told(used: Path, tmp_path: Path) -> None:
    """The ids of a device always grow, so they show what its clock said before."""
    log = tmp_path / "jump.jsonl"
    log.write_text(json.dumps({**REVIEW, "id": "01a0b165d2c0000000000000000000d9"}) + "\n")
    cards("import", log, check=True)
    code, found = areas()

    assert (0, "note") == (code, found["log"]["level"])
    assert "1 event written while the clock was set back" in found["log"]["says"]


def test_events_of_cards_that_no_deck_has_are_listed(used: Path, tmp_path: Path) -> None:
    """By deck; they are kept."""
    log = tmp_path / "other.jsonl"
    log.write_text(json.dumps({**REVIEW, "id": "01a0a165d2c0000000000000000000d8", "card": "lost/x"}) + "\n")
    cards("import", log, check=True)
    code, found = areas()

    assert (0, {"lost": {"cards": 1, "events": 1}}) == (code, found["no card"]["facts"]["decks"])
    assert "lost: 1 card, 1 event" in found["no card"]["details"]


# ---------------------------------------------------------------- decks and trust


def test_decks_whose_file_is_gone_or_has_faults_are_told(used: Path, deck_file: Callable[..., Path]) -> None:
    """What was last read goes on, so it is a note."""
    other = deck_file("deck: e\ncards: [{id: a, front: f, back: b}]\n", "e.yaml")
    cards("import", other, check=True)
    other.write_text("deck: e\ncards: [")
    deck_file(DECK).unlink()
    code, found = areas()

    assert (0, "note", ["d"]) == (code, found["decks"]["level"], found["decks"]["facts"]["gone"])
    assert "1 file gone (d), 1 file with faults (e)" in found["decks"]["says"]


def test_a_card_that_was_never_written_is_told(used: Path, deck_file: Callable[..., Path]) -> None:
    """What a killed `cards new --edit` left in the deck; an hour later no editor is open."""
    deck = deck_file(DECK + "".join(f"\n      # {text}" for text in TEMPLATE.values()) + "\n")
    os.utime(deck, (time.time() - 9_000,) * 2)
    code, found = areas()

    assert (tuple(TEMPLATE.values()), 0) == (decks.TEMPLATE, code)
    assert ["d"] == found["decks"]["facts"]["templates"]
    assert "an unwritten card is in d" in found["decks"]["says"]


def test_a_deck_whose_text_is_spoilt_is_read_from_a_backup(used: Path) -> None:
    """Its hash tells."""
    cards("backup", check=True)
    raw(used, "update decks set source = x'00'")
    before = areas()
    ran = fixed()

    assert (5, "the text of d is damaged") == (before[0], before[1]["decks"]["says"])
    assert 0 == ran.code, ran
    assert "d/a" in cards("list", check=True).out


def test_what_was_allowed_of_a_deck_that_is_gone_is_forgotten(
    used: Path, deck_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a question; `--yes` answers it, and no terminal is no."""
    path = deck_file(CODE, "t.yaml")
    cards("import", path, check=True)
    trust = {
        "version": 1,
        "cards": {
            "t/a": {"hash": f"sha256:{'0' * 64}", "lines": [["setup", "true"]], "at": "2026-09-14T19:30:00+00:00"}
        },
    }
    (used / "trust.json").write_text(json.dumps(trust))
    (used / "trust.json").chmod(0o600)
    changed = areas()
    raw(used, "delete from decks where deck = 't'", "update cards set retired = 1 where deck = 't'")
    gone, asked = areas(), cards("doctor", "--fix")
    left = json.loads((used / "trust.json").read_text())["cards"]
    ran = fixed()

    assert (0, ["t"]) == (changed[0], changed[1]["trust"]["facts"]["changed"])
    assert (0, ["t"]) == (gone[0], gone[1]["trust"]["facts"]["gone"])
    assert ("left what you allowed of t" in asked.out, ["t/a"]) == (True, [*left])
    assert (0, {}) == (ran.code, json.loads((used / "trust.json").read_text())["cards"])


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_a_trust_file_that_others_may_write_is_a_problem(used: Path) -> None:
    """Nothing of it is believed."""
    (used / "trust.json").write_text("{}")
    (used / "trust.json").chmod(0o666)
    code, found = areas()

    assert (1, "problem") == (code, found["trust"]["level"])
    assert "may be written by others" in found["trust"]["says"]


# ---------------------------------------------------------------- the home


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_rights_are_taken_from_others(used: Path) -> None:
    """The home and what lies in it."""
    used.chmod(0o777)
    (used / "cards.db").chmod(0o666)
    before = areas()[0]
    ran = fixed()

    assert (1, 0) == (before, ran.code)
    assert (0o700, 0o600) == (used.stat().st_mode & 0o777, (used / "cards.db").stat().st_mode & 0o777)


def test_what_a_kill_left_is_deleted(used: Path, deck_file: Callable[..., Path]) -> None:
    """Once it is old enough that no process can still be at it; a person's own files are left."""
    deck = deck_file(DECK)
    ours = ("trust.x1.new", "cards.db-busy", ".report.html.123.part", "backups/.cards-2026-11-29.db.gz.copy")
    left = [*(used / name for name in ours), deck.with_name(f".{deck.name}.4194305.part")]
    kept = [*(used / name for name in ("notes.txt", ".film.part", ".notes.copy")), deck.with_name(".deck.yaml.swp")]
    for path in (*left, *kept):
        path.write_text("")
        os.utime(path, (time.time() - 9_000,) * 2)
    (young := used / "trust.young.new").write_text("")
    ran = fixed()

    assert 0 == ran.code
    assert [False] * 5 == [one.exists() for one in left]
    assert [True] * 5 == [one.exists() for one in (*kept, young)]


def test_what_is_gone_before_it_is_deleted_is_no_fault(used: Path) -> None:
    """Another doctor may have been there in between, while the question was read."""
    (left := used / "trust.x1.new").write_text("")
    os.utime(left, (time.time() - 9_000,) * 2)
    with opened(used) as app:
        found = checkup.look(app)
        left.unlink()

        assert [f"deleted what a kill left: {left}"] == [*mending.carry_out(app, found, lambda _: True)]


def test_a_backup_that_is_damaged_is_told(used: Path) -> None:
    """A backup is of use only if it can be read."""
    for path in (used / "backups").iterdir():
        path.unlink()
    none = areas()
    (used / "backups" / "cards-2026-11-28.db.gz").write_bytes(b"no backup")
    code, found = areas()

    assert (0, "note") == (none[0], none[1]["backups"]["level"])
    assert (1, "problem", "cards backup") == (code, found["backups"]["level"], found["backups"]["cure"])
    assert "ok" == areas("--full")[1]["log"]["level"]


def test_a_backup_that_was_put_in_place_is_a_home(used: Path, tmp_path: Path) -> None:
    """What a backup does not hold is made by the next command, so nothing is damaged."""
    cards("backup", tmp_path / "x.db", check=True)
    (tmp_path / "x.db").rename(used / "cards.db")
    code, found = areas()

    assert (0, "note", "note") == (code, found["schema"]["level"], found["replay"]["level"])
    cards("due", check=True)
    assert "schema" not in areas()[1]


@pytest.mark.parametrize("name", ["x.db.gz", "x.jsonl", "x.jsonl.gz"])
def test_a_backup_or_a_log_that_was_put_in_place_is_taken_in(used: Path, tmp_path: Path, name: str) -> None:
    """Still packed, or text: doctor says what it is, and --fix makes a database of it."""
    cards("backup", tmp_path / "x.db.gz", check=True)
    before = cards("export", "log", "-o", "-", check=True).out
    (tmp_path / "x.jsonl").write_text(before)
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(before.encode()))
    shutil.rmtree(used / "backups", ignore_errors=True)
    shutil.copy(tmp_path / name, used / "cards.db")
    code, found = areas()
    ran = fixed()

    assert (5, True) == (code, ("compressed" if name.endswith(".gz") else "text") in found["database"]["says"])
    assert "from what lies in its place" in found["to save"]["says"]
    assert 0 == ran.code, ran
    assert before == cards("export", "log", "-o", "-", check=True).out
    assert name != "x.db.gz" or "d/a" in cards("list", check=True).out


def test_a_trigger_of_somebody_else_stays_behind(used: Path) -> None:
    """It is named, and the fresh database has none."""
    raw(used, "create trigger x after insert on events begin delete from decks; end")
    code, found = areas()
    ran = fixed()

    assert (5, "a trigger that cards did not make: x") == (code, found["schema"]["says"])
    assert (0, found["log"]["facts"]["events"]) == (ran.code, areas()[1]["log"]["facts"]["events"])
    assert [] == raw(used, "select name from sqlite_master where name = 'x'")


def test_where_nothing_can_be_saved_doctor_does_not_send_to_itself(used: Path) -> None:
    """Some file lies in the place of the database, and there is no backup: another cure is named."""
    shutil.rmtree(used / "backups", ignore_errors=True)
    (used / "cards.db").write_text("deck: d\n")
    code, found = areas()

    assert (5, True) == (code, "cards restore FILE" in found["database"]["cure"])


def test_a_backup_that_holds_more_than_the_log_is_named(used: Path) -> None:
    """Who began anew after the database was lost hears of it for as long as the backup is there; the cure is one command."""
    cards("backup", check=True)
    (used / "cards.db").unlink()
    cards("import", "venv", check=True)

    code, found = areas()
    assert (0, "note") == (code, found["backups"]["level"])
    assert "holds reviews that are missing here" in found["backups"]["says"]
    cards(*found["backups"]["cure"].split()[1:], "--yes", check=True)
    assert (0, "ok") == (areas()[0], areas()[1]["backups"]["level"])


def test_backups_that_cannot_be_made_are_a_problem(used: Path) -> None:
    """Something else lies where their folder would be."""
    shutil.rmtree(used / "backups")
    (used / "backups").write_text("")
    code, found = areas()

    assert (1, "problem") == (code, found["backups"]["level"])
    assert f"`{used / 'backups'}`" in found["backups"]["says"]


def test_versions_terminal_and_room_are_told(used: Path) -> None:
    """What a report of a fault begins with."""
    code, found = areas()

    assert 0 == code
    assert {"cards", "python", "sqlite", "database", "libraries"} <= found["versions"]["facts"].keys()
    assert found["disk"]["facts"]["free"] > 0
    assert not found["terminal"]["facts"]["is_terminal"]


def test_the_screen_fits_any_width(used: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are folded between words, and hang under their text."""
    for columns in (40, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        lines = cards("doctor", check=True).out.splitlines()
        assert all(len(line) <= columns for line in lines)
        assert all(line[:2] in {"✓ ", "· ", "  "} for line in lines[:-2])


def test_settings_that_cannot_be_read_are_a_finding(used: Path) -> None:
    """All the rest is looked at nevertheless."""
    (used / "config.toml").write_text("run = [")
    code, found = areas()

    assert (1, "problem", "ok") == (code, found["settings"]["level"], found["log"]["level"])


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_a_linked_database_is_saved_where_it_lies(used: Path, tmp_path: Path) -> None:
    """The link stays a link; the damaged file is kept beside its real place."""
    cards("backup", check=True)
    wanted = raw(used, COUNT)
    (tmp_path / "real").mkdir()
    (used / "cards.db").rename(tmp_path / "real" / "cards.db")
    (used / "cards.db").symlink_to(tmp_path / "real" / "cards.db")
    (tmp_path / "real" / "cards.db").write_bytes(b"\0" * 5000)
    ran = fixed()

    assert 0 == ran.code, ran
    assert (True, wanted) == ((used / "cards.db").is_symlink(), raw(used, COUNT))
    assert ["cards.db", "cards.db.damaged"] == [path.name[:16] for path in sorted((tmp_path / "real").iterdir())]


# ---------------------------------------------------------------- a database that is none


def test_what_stands_in_its_place_is_moved_away_and_a_backup_restored(used: Path) -> None:
    """A folder, or the database of another program: it is left alone, and the cure leads back."""
    cards("backup", check=True)
    before = cards("export", "log", check=True).out
    (used / "cards.db").rename(used / "old.db")

    for number, put in enumerate((Path.mkdir, lambda path: sqlite3.connect(path).execute("create table notes (a)"))):
        put(used / "cards.db")
        code, found = areas()
        assert (5, "move it away, then cards restore latest") == (code, found["database"]["cure"])
        (used / "cards.db").rename(used / f"away-{number}")
        cards("restore", "latest", "--yes", check=True)
        assert before == cards("export", "log", check=True).out
        (used / "cards.db").unlink()


def test_a_folder_in_its_place_is_told(home: Path) -> None:
    """Nothing can be read or saved, and nothing is done."""
    (home / "cards.db").mkdir(parents=True)
    looked, mended = cards("doctor"), fixed()

    assert (5, 5) == (looked.code, mended.code)
    assert "it is no file" in looked.out


@pytest.mark.parametrize("content", [b"", b"deck: venv\n" * 500, b"\0" * 9000], ids=["empty", "text", "zeroes"])
def test_what_is_no_database_is_saved_from_the_backup(used: Path, content: bytes) -> None:
    """Every command names the cure and leaves it; `--fix` makes a database of the newest backup, and keeps the file."""
    wanted = raw(used, "select line from events order by id")
    cards("backup", check=True)
    (used / "cards.db").write_bytes(content)
    ran, looked = cards("due"), areas()
    after = (used / "cards.db").read_bytes()
    mended = fixed()

    assert (5, True, content) == (ran.code, "cards doctor" in ran.err, after)
    assert (5, len(wanted)) == (looked[0], looked[1]["to save"]["facts"]["events"])
    assert 0 == mended.code, mended
    assert wanted == raw(used, "select line from events order by id")
    assert content == next(used.glob("cards.db.damaged-*")).read_bytes()
    assert "d/a" in cards("list", check=True).out


def test_a_truncated_database_is_saved(used: Path) -> None:
    """What the half that is left has, and the backup."""
    cards("backup", check=True)
    wanted = raw(used, COUNT)
    content = (used / "cards.db").read_bytes()
    (used / "cards.db").write_bytes(content[: len(content) // 2 // 4096 * 4096 + 100])
    ran = cards("due")
    mended = fixed()

    assert (5, 0) == (ran.code, mended.code)
    assert wanted == raw(used, COUNT)


@pytest.fixture
def left_over(used: Path) -> bytes:
    """A write-ahead log as a kill leaves it, with a third review; the database is without it."""
    before = (used / "cards.db").read_bytes()
    used.with_name("before.db").write_bytes(before)
    line = json.dumps({**REVIEW, "id": "01a0a165d2c0000000000000000000d7"})
    script = f"""
import os, sqlite3
from flashcards.app import App
from flashcards.log import from_line
app = App()
app.store.append([from_line({line!r})])
os._exit(0)
"""
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60, env=os.environ)
    assert before == (used / "cards.db").read_bytes()
    return (used / "cards.db-wal").read_bytes()


def test_a_log_without_its_database_is_not_thrown_away(used: Path, left_over: bytes) -> None:
    """SQLite would make a new database and delete the log; its events are saved."""
    cards("backup", check=True)
    wanted = raw(used, COUNT)
    (used / "cards.db").unlink()
    (used / "cards.db-wal").write_bytes(left_over)
    ran = cards("due")
    untouched = (used / "cards.db-wal").read_bytes(), (used / "cards.db").exists()
    mended = fixed()

    assert (5, True, (left_over, False)) == (ran.code, "cards doctor" in ran.err, untouched)
    assert 0 == mended.code, mended
    assert wanted == raw(used, COUNT)


def test_the_last_grade_survives_a_byte_that_changed_in_the_log(used: Path, left_over: bytes) -> None:
    """SQLite takes it for a transaction that was cut off by the power, and forgets it; a copy is kept."""
    wanted = raw(used, COUNT)
    (used / "cards.db").write_bytes(used.with_name("before.db").read_bytes())
    broken = bytearray(left_over)
    broken[40] ^= 1  # the salt of the first frame, not its page
    (used / "cards.db-wal").write_bytes(broken)
    (used / "cards.db-shm").unlink(missing_ok=True)
    cards("due", check=True)
    without, looked = raw(used, COUNT), areas()
    ran = fixed()

    assert (wanted[0][0] - 1, (1, "cut off")) == (without[0][0], (looked[0], looked[1]["cut off"]["fix"]))
    assert 0 == ran.code, ran
    assert wanted == raw(used, COUNT)
    assert not [path for path in used.iterdir() if "cut-off" in path.name]


def test_the_log_of_another_database_is_not_taken_for_ours(used: Path, left_over: bytes) -> None:
    """It is noticed before SQLite moves it in; both are kept, and the events of both are saved."""
    wanted = raw(used, COUNT)
    raw(used, "drop table memory", "vacuum")  # an ordinary database that is laid out differently
    (used / "cards.db-wal").write_bytes(left_over)
    (used / "cards.db-shm").unlink(missing_ok=True)
    before = (used / "cards.db").read_bytes()
    ran = cards("due")
    after = (used / "cards.db").read_bytes()
    mended = fixed()

    assert (5, True) == (ran.code, before == after)
    assert 0 == mended.code, mended
    assert wanted == raw(used, COUNT)


def test_saving_waits_for_no_session_that_is_open(used: Path) -> None:
    """It would go on writing into the old file; so it is named, and nothing is done."""
    cards("backup", check=True)
    script = "import time; from flashcards.app import App; a = App(); a.store.decks(); print('open', flush=True); time.sleep(60)"
    other = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=os.environ)
    assert other.stdout is not None
    other.stdout.readline()
    with (used / "cards.db").open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 8)
    ran = fixed()
    other.kill()
    other.wait()
    other.stdout.close()
    again = fixed()

    assert (5, True) == (ran.code, "locked by another program" in ran.err)
    assert 0 == again.code, again
