"""Backups that are made by themselves: when, under what name, which are kept, and that nothing waits for them."""

import signal
import subprocess
import sys
import time
import zlib
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path

import pytest
from cli.inside import cards
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_review
from thorough import times

from flashcards.app import App, backups
from flashcards.app.backups import DAYS, FAR, MONTHS, OF_A_DAY, kept
from flashcards.app.reviewing import Wish, sit
from flashcards.model import CardId, Grade
from flashcards.session import Session
from flashcards.store import backup
from flashcards.store.backup import Backup

KILLS = times(4, 60)
CARD = CardId("d/a")
TODAY = date(2026, 11, 29)
REASONS = ("before-import", "before-restore", "by-hand")


def names(home: Path) -> list[str]:
    """What lies in the folder, oldest first, the lock aside."""
    folder = home / "backups"
    return sorted(one.name for one in folder.iterdir() if one.name != ".lock") if folder.exists() else []


# ---------------------------------------------------------------- which are kept


def made(day: date, number: int = 0) -> Backup:
    """The `number`th backup of a day, that of the day first."""
    at = f"{number:06}" if number else ""
    reason = REASONS[number % 3] if number else ""
    return Backup(f"/b/cards-{day}-{at}-{reason}", day, at, reason, made=number)


days_of_a_life = st.lists(st.dates(TODAY - FAR, TODAY) | st.dates(TODAY - timedelta(40), TODAY), unique=True)
folders = st.builds(
    lambda days, more: [made(day, number) for day in days for number in range(1 + more.get(day, 0))],
    days_of_a_life,
    st.dictionaries(st.dates(TODAY - timedelta(40), TODAY), st.integers(0, 30)),
)


def monthly(folder: list[Backup]) -> dict[tuple[int, int], Backup]:
    """The newest backup of each of the newest twelve months."""
    newest: dict[tuple[int, int], Backup] = {}
    for one in backup.newest_first(folder):
        newest.setdefault((one.day.year, one.day.month), one)
    return dict(list(newest.items())[:MONTHS])


@given(folders)
def test_ten_days_and_twelve_months_are_kept(folder):
    """The newest backup of each of the newest ten days and twelve months stays, and no other day does."""
    days = sorted({one.day for one in folder}, reverse=True)[:DAYS]
    stays = kept(folder, TODAY)

    assert {*days} | {one.day for one in monthly(folder).values()} == {one.day for one in stays}
    assert {*monthly(folder).values()} <= {*stays}
    assert len(stays) <= DAYS * OF_A_DAY + MONTHS


@given(folders, st.data())
def test_the_order_in_which_they_are_deleted_does_not_matter(folder, data):
    """What is kept is kept again, and one more day takes at most one day away."""
    stays = kept(folder, TODAY)
    more = made(TODAY + timedelta(1))
    after = kept([*stays, more], TODAY + timedelta(1))

    assert stays == kept(stays, TODAY)
    assert more in after
    assert len({one.day for one in stays} - {one.day for one in after}) <= 2
    assert stays == kept(data.draw(st.permutations(stays)), TODAY)


@given(folders, st.lists(st.integers(2, 30_000), unique=True, max_size=30))
def test_what_a_clock_ahead_made_takes_no_good_one_away(folder, ahead):
    """Once the clock is right again, the days that it made up do not count."""
    wrong = [made(TODAY + timedelta(days)) for days in ahead]

    assert kept(folder, TODAY) == [one for one in kept([*folder, *wrong], TODAY) if one.day <= TODAY]


@given(folders, st.lists(st.integers(0, 400), unique=True, max_size=30))
def test_a_clock_that_jumped_by_years_deletes_none_of_before(folder, later):
    """As long as it is wrong, too: what lies more than a year behind the rest is counted by itself."""
    jumped = TODAY + FAR + timedelta(2)
    wrong = [made(jumped + timedelta(days)) for days in later]
    now = jumped + timedelta(max(later, default=0))

    assert {*kept(folder, TODAY)} <= {*kept([*folder, *wrong], now)}


def test_only_our_own_files_are_deleted(home, monkeypatch):
    """Another name, a link, a folder: whatever else lies there stays."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T10:00:00Z")
    folder = home / "backups"
    folder.mkdir(parents=True)
    old = [f"cards-2026-10-{day:02}.db.gz" for day in range(1, 29)]
    others = ["mine.db.gz", "cards-2026-10-01.db", "cards-2026-10-01 (copy).db.gz", "cards-2026-99-01.db.gz", "notes"]
    for name in (*old, *others):
        (folder / name).write_bytes(b"")
    (folder / "cards-2025-01-01.db.gz").symlink_to(folder / "notes")
    (folder / "cards-2025-01-02.db.gz").mkdir()
    backups.prune(str(folder))

    assert {*old[-DAYS:], *others, "cards-2025-01-01.db.gz", "cards-2025-01-02.db.gz"} == {
        one.name for one in folder.iterdir()
    }


# ---------------------------------------------------------------- of the day


@pytest.fixture
def learning(home, deck_file, monkeypatch):
    """A home with two cards, on the morning after they were taken in; the backup of that day is gone."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-28T10:00:00+01:00")
    deck = deck_file("deck: d\ncards:\n- {id: a, front: A?, back: a}\n- {id: b, front: B?, back: b}\n")
    cards("import", deck, check=True)
    for one in (home / "backups").iterdir():
        one.unlink()
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T10:00:00+01:00")
    return home


def test_a_day_with_a_write_has_one_backup(learning, monkeypatch):
    """The first command that writes makes it, with what it wrote; the later ones of the day do not."""
    cards("list", check=True)
    assert [] == names(learning)
    cards("flag", "d/a", check=True)
    first = (learning / "backups" / "cards-2026-11-29.db.gz").read_bytes()
    cards("flag", "d/b", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-30T09:00:00+01:00")
    cards("suspend", "d/b", check=True)
    today = learning / "backups" / "cards-2026-11-29.db.gz"

    assert ["cards-2026-11-29.db.gz", "cards-2026-11-30.db.gz"] == names(learning)
    assert (first, 1) == (today.read_bytes(), len([*backup.lines(str(today))]))


def test_the_day_is_that_of_the_calendar_here(learning, monkeypatch):
    """Late in the evening in Honolulu it is tomorrow elsewhere."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T22:00:00-10:00")
    cards("flag", "d/a", check=True)

    assert ["cards-2026-11-29.db.gz"] == names(learning)


def test_a_sitting_over_midnight_leaves_a_backup_of_each_day(learning, monkeypatch):
    """That of the day that is over is made beside it, with the first answer of the next; the end makes the other."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T23:59:00+01:00")
    app = App()
    session = sit(app, Wish()).session
    graded(session)
    assert (None, []) == (app.backup_aside, names(learning))
    monkeypatch.setenv("CARDS_NOW", "2026-11-30T00:01:00+01:00")
    graded(session)
    aside = app.backup_aside
    assert aside is not None
    aside.join()
    yesterday = len([*backup.lines(str(learning / "backups" / "cards-2026-11-29.db.gz"))])
    told = backups.at_the_end(app)
    app.close()

    assert yesterday in {1, 2}  # as it is read: the first answer of the new day may be among them
    assert ([], []) == (told, app.warnings)
    assert ["cards-2026-11-29.db.gz", "cards-2026-11-30.db.gz"] == names(learning)


def test_a_backup_beside_a_sitting_that_fails_is_one_line_at_the_end(learning, monkeypatch):
    """The sitting goes on, and every answer is stored."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T23:59:00+01:00")
    (learning / "backups").rmdir()
    (learning / "backups").write_text("no folder")
    app = App()
    session = sit(app, Wish()).session
    graded(session)
    monkeypatch.setenv("CARDS_NOW", "2026-11-30T00:01:00+01:00")
    graded(session)
    (told,) = backups.at_the_end(app)
    app.close()

    assert ["no backup of 2026-11-29", "no backup of the day"] == [
        one.partition(":")[0] for one in (*app.warnings, told)
    ]


def graded(session: Session) -> None:
    """The card that shows is known."""
    session.reveal()
    session.grade(Grade.GOOD)


def test_what_a_killed_process_wrote_is_backed_up_by_the_next(learning, monkeypatch):
    """Even by one that only reads, and on another day; what is asked every second does not wait for that."""
    app = App()
    app.mark([CARD], "flag")
    app.store.close()  # and it is gone, as after `kill -9`
    monkeypatch.setenv("CARDS_NOW", "2026-12-02T10:00:00+01:00")
    cards("due", check=True)
    cards(check=True)
    assert [] == names(learning)
    cards("list", check=True)
    cards("list", check=True)

    assert ["cards-2026-12-02.db.gz"] == names(learning)


def test_two_processes_make_one(learning):
    """While one is at it, the other leaves it alone and does not wait."""
    with backup.only_one(str(learning / "backups")) as mine:
        ran = cards("flag", "d/a", check=True)

        assert (True, [], "") == (mine, names(learning), ran.err)
    cards("list", check=True)
    assert ["cards-2026-11-29.db.gz"] == names(learning)


def test_many_processes_at_once_make_one(learning):
    """Eight real processes that write at one moment: one backup, nothing else in the folder, no word of it."""
    command = [sys.executable, "-m", "flashcards", "flag", "d/a"]
    children = [subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) for _ in range(4)]
    told = [child.communicate(timeout=60)[1] for child in children]

    assert [b""] * 4 == told
    assert ["cards-2026-11-29.db.gz"] == names(learning)


def test_the_setting_turns_them_off(learning):
    """A person who has backups of the whole machine needs none of ours; by hand they are made all the same."""
    cards("config", "backups", "no", check=True)
    cards("flag", "d/a", check=True)
    assert [] == names(learning)
    cards("backup", check=True)

    assert ["cards-2026-11-29T100000-by-hand.db.gz"] == names(learning)


@pytest.mark.parametrize("command", ["flag", "import"])
def test_a_backup_that_fails_is_one_line_at_the_end(learning, deck_file, command):
    """What the person did is done, the exit code is 0, and nothing half-made is left."""
    (learning / "backups").rmdir()
    (learning / "backups").write_text("no folder")
    deck = deck_file("deck: d\ncards:\n- {id: a, front: A?, back: a}\n")
    ran = cards(command, {"flag": "d/a", "import": deck}[command], check=True)

    assert {line.partition(":")[0] for line in ran.err.splitlines()} == {"warning"}
    assert "no backup" in ran.err
    assert ran.out


def test_cards_that_an_import_takes_away_are_backed_up_first(learning, deck_file):
    """Once a card would be retired there is a backup of before; a dry run and a plain change make none."""
    cards("flag", "d/b", check=True)
    (learning / "backups" / "cards-2026-11-29.db.gz").unlink()
    deck = deck_file("deck: d\ncards:\n- {id: a, front: 'A, now?', back: a}\n- {id: b, front: B?, back: b}\n")
    cards("import", deck, check=True)
    deck_file("deck: d\ncards:\n- {id: a, front: A?, back: a}\n")
    cards("import", deck, "--dry-run", check=True)
    assert ["cards-2026-11-29.db.gz"] == names(learning)
    for _ in range(2):
        cards("import", deck, check=True)
        deck_file("deck: d\ncards:\n- {id: c, front: C?, back: c}\n")

    stem = "cards-2026-11-29T100000-before-import"
    assert ["cards-2026-11-29.db.gz", f"{stem}-2.db.gz", f"{stem}.db.gz"] == names(learning)
    with backup.opened(str(learning / "backups" / f"{stem}.db.gz")) as held:
        assert b"B?" in zlib.decompress(held.decks()[0].source)


def test_cards_that_left_their_file_are_backed_up_before_a_review_retires_them(learning, deck_file):
    """A file that an editor cut short is noticed by the next review; what it had is still to be had."""
    (learning / "backups" / "cards-2026-11-29.db.gz").unlink(missing_ok=True)
    deck = deck_file("deck: d\ncards:\n- {id: a, front: A?, back: a}\n")
    told = cards("review", "--plain", check=True)

    assert "d changed on disk: 1 retired" in told.out + told.err
    before = str(learning / "backups" / "cards-2026-11-29T100000-before-import.db.gz")
    with backup.opened(before) as held:
        assert b"B?" in zlib.decompress(held.decks()[0].source)
    said = cards("restore", before, check=True).out
    assert (
        "  leaves the deck d as it is: its text was another then\n  all events of it are here, and none came later"
        in said
    )
    deck.unlink()
    cards("deck", "remove", "d", check=True)
    cards("restore", before, "--yes", check=True)
    assert "B?" in (learning / "decks" / "d.yaml").read_text()


# ---------------------------------------------------------------- harm


def test_a_full_disk_never_fails_the_command(learning, run, home):
    """No room for the backup: the grade is stored, a line tells it, and the folder is as before."""
    import resource  # not on Windows

    room = (home / "cards.db").stat().st_size + 4096
    grow(home)
    ran = subprocess.run(
        [sys.executable, "-m", "flashcards", "flag", "d/a"],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (room, room)),
    )

    assert (0, 1) == (ran.returncode, ran.stderr.count("warning: no backup of the day: ")), ran.stderr
    assert "Traceback" not in ran.stderr
    assert [] == names(home)
    assert "flagged" in run("list", "--json", check=True).out


def grow(home: Path) -> None:
    """Many reviews, so that a copy of them takes more room than the database of before."""
    app = App()
    app.store.append([a_review(number, "2026-03-01", typed="x" * 200) for number in range(1, 2_000)])
    app.close()


def test_no_half_backup_is_ever_listed(learning, home):
    """Killed at many moments: what is listed opens, and what was left behind is swept away by the next."""
    grow(home)
    first = timed_backup()
    for part in range(KILLS):
        child = subprocess.Popen([sys.executable, "-m", "flashcards", "backup"], stdout=subprocess.DEVNULL)
        with suppress(subprocess.TimeoutExpired):
            child.wait(first * (0.4 + 0.6 * part / KILLS))
        child.send_signal(signal.SIGKILL)
        child.wait()
        for one in backup.listed(str(home / "backups")):
            assert 1_999 == len([*backup.lines(one.path)])
    cards("backup", check=True)

    assert [] == [name for name in names(home) if name.startswith(".")]


def timed_backup() -> float:
    """Seconds that a backup by the real program takes here."""
    begun = time.monotonic()
    subprocess.run([sys.executable, "-m", "flashcards", "backup"], stdout=subprocess.DEVNULL, check=True)
    return time.monotonic() - begun


def test_an_interrupted_backup_leaves_nothing(learning, home):
    """Ctrl-C at many moments: 130 and no word of a fault, and what was begun is gone at once."""
    grow(home)
    first, codes = timed_backup(), set()
    for part in range(KILLS):
        command = [sys.executable, "-m", "flashcards", "backup"]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        with suppress(subprocess.TimeoutExpired):
            child.wait(first * (0.5 + 0.5 * part / KILLS))
        child.send_signal(signal.SIGINT)
        errors = child.communicate(timeout=60)[1]
        codes.add(child.returncode)

        assert b"Traceback" not in errors or b"flashcards/store" not in errors
        assert [] == [name for name in names(home) if name.startswith(".")]
    assert codes <= {0, 130, -signal.SIGINT}
