"""Going back: what a home says afterwards equals what it said then, and one undo leads forward again."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

import pytest
from homes import places
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import CARDS, a_mark, a_review, an_undo, logs, names, renames, reviews, undos
from thorough import times

from flashcards.app import App, library, restoring
from flashcards.errors import BackupDamaged, DeckProblems, NotFound, StoreError, StoreTooNew, UnknownFormat
from flashcards.log import to_line
from flashcards.model import Event, Mark, Restore, Review
from flashcards.store import Store, backup
from flashcards.union import merge

EXAMPLES = times(5, 600)


@cache
def empty() -> bytes:
    """A database as it is when it is new; copying it is faster than making it."""
    with TemporaryDirectory() as folder:
        Store(Path(folder, "cards.db")).close()
        return Path(folder, "cards.db").read_bytes()


@contextmanager
def homes(number: int = 1) -> Iterator[list[App]]:
    """So many homes of their own; the backups that are made by themselves are tried elsewhere."""
    with TemporaryDirectory() as folder, patch.dict("os.environ", {"CARDS_BACKUPS": "no"}):
        for n in range(number):
            Path(folder, str(n)).mkdir()
            Path(folder, str(n), "cards.db").write_bytes(empty())
        apps = [App(places(f"{folder}/{n}")) for n in range(number)]
        try:
            yield apps
        finally:
            for app in apps:
                app.close()


def state(app: App) -> dict[str, Any]:
    """All that follows from the log: of each card, of the settings, and which events stand."""
    standing = [event for event in app.store.events(standing=True) if not is_aside(event)]
    return {
        "memories": {card: app.store.memory(card) for card in CARDS},
        "settings": app.store.settings(),
        "standing": [event.id for event in standing],
        "former": app.store.aliases(),
    }


def is_aside(event: Event) -> bool:
    """A restore, which says nothing of a card by itself, and what is never taken back."""
    return isinstance(event, Restore) or (isinstance(event, Mark) and event.mark == "redact")


def saved(app: App) -> str:
    """A backup of this moment."""
    path = f"{app.places.database}-then.db.gz"
    backup.make(app.places.database, path)
    return path


def go_back(app: App, path: str, *, only_missing: bool = False) -> restoring.Outlook:
    """A restore, and what it had said that it would do."""
    with restoring.opened(app, path) as source:
        told = restoring.outlook(app, source, only_missing=only_missing)
        if not told.is_nothing:
            restoring.restore(app, source, only_missing=only_missing)
    return told


@st.composite
def two_logs(draw: Any) -> tuple[list[Event], list[Event]]:
    """What happened before a backup, and what happened after it: undos of either among that.

    No text is taken out: that stays so, and its mark is the last event of its card.
    """
    whole = [event for event in draw(logs(max_size=10)) if not is_aside(event)]
    more = draw(st.lists(reviews() | renames() | undos(names), max_size=6, unique_by=lambda event: event.id))
    targets = [event.id for event in (*whole, *more)]
    if targets:
        more += draw(st.lists(undos(st.sampled_from(targets)), max_size=3, unique_by=lambda event: event.id))
    place = draw(st.integers(0, len(whole)))
    known = {event.id for event in whole}
    return whole[:place], [*whole[place:], *(event for event in more if event.id not in known)]


# ---------------------------------------------------------------- the laws


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs())
def test_a_restore_leads_back_and_its_undo_forward_again(log):
    """Actions, a backup, more actions, a restore: all is as at the backup; an undo: all is as before the restore."""
    before, after = log
    with homes() as (app,):
        app.store.append(before)
        then, path = state(app), saved(app)
        app.store.append(after)
        now = state(app)

        told = go_back(app, path)
        assert then == state(app)
        if not told.is_nothing:
            app.undo()
        assert now == state(app)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs(), st.data())
def test_a_restore_brings_what_is_missing(log, data):
    """A home that lost some of its events, and has others, says afterwards what the backup says; an undo leads back to that."""
    before, after = log
    kept = data.draw(st.sets(st.sampled_from(range(len(before)))) if before else st.just(set()))
    with homes(2) as (first, second):
        first.store.append(before)
        then, path = state(first), saved(first)
        second.store.append([*(before[n] for n in sorted(kept)), *after])
        now, here = state(second), {event.id for event in second.store.events()}

        told = go_back(second, path)
        assert then == state(second)
        assert not second.store.count_unknown([event.id for event in before])
        assert told.missing == len(
            {e.id for e in before} - {e.id for n, e in enumerate(before) if n in kept} - {e.id for e in after}
        )
        if not (told.fills or told.is_nothing):
            stood, stands = set(now["standing"]), set(then["standing"])
            assert len(stood - stands) == sum(told.going.takes.values())
            assert len((stands - stood) & here) == sum(told.going.revives.values())
            second.undo()
            assert now == state(second)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs())
def test_only_missing_is_the_union(log):
    """What is missing comes, nothing that is here goes: the union of both logs."""
    before, after = log
    with homes(3) as (first, second, both):
        first.store.append(before)
        second.store.append(after)
        both.store.append([*before, *after])
        go_back(second, saved(first), only_missing=True)

        assert state(both) == state(second)


@settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
@given(two_logs())
def test_what_is_told_is_what_happens(log):
    """The counts of the preview are those of the events that stood and no longer do, or do again."""
    before, after = log
    with homes() as (app,):
        app.store.append(before)
        path = saved(app)
        app.store.append(after)
        now = set(state(app)["standing"])
        told = go_back(app, path)
        then = set(state(app)["standing"])

        assert len(now - then) == sum(told.going.takes.values())
        assert len(then - now) == sum(told.going.revives.values())
        assert go_back(app, path).is_nothing


@pytest.mark.parametrize("only_missing", [False, True])
def test_an_undo_that_comes_is_told_by_what_it_takes_back(only_missing):
    """It was made elsewhere, or is lost here."""
    review = a_review(1, "2026-03-01")
    with homes(2) as (first, second):
        first.store.append([review, an_undo(2, "2026-03-01", review.id)])
        second.store.append([review])
        told = go_back(second, saved(first), only_missing=only_missing)

        assert (1, 0, {"review": 1}, {}) == (told.missing, told.missing_reviews, told.going.takes, told.going.revives)
        assert [] == state(second)["standing"]


# ---------------------------------------------------------------- other words


@pytest.mark.parametrize("only_missing", [False, True])
def test_of_two_versions_of_an_event_the_same_one_holds_whoever_restores(only_missing):
    """It is told which one that is; what gives way is kept, and a second restore finds nothing to do."""
    good, planted = a_review(1, "2026-03-01", grade=4), a_review(1, "2026-03-01", grade=1)
    holds = merge([good], [planted])
    with homes(2) as (one, other):
        one.store.append([good])
        other.store.append([planted])
        paths = saved(one), saved(other)
        told = [go_back(app, path, only_missing=only_missing) for app, path in ((one, paths[1]), (other, paths[0]))]

        assert [holds, holds] == [[*app.store.events()] for app in (one, other)]
        assert [grade for home in (one, other) for grade in [home.store.memory(CARDS[0]).reviews]] == [1, 1]
        assert [(1, [good] == holds), (1, [planted] == holds)] == [(one.unlike, not one.coming) for one in told]
        assert {(to_line(good), to_line(planted))} == {(told[0].words[0].here, told[0].words[0].there)}
        kept = [Path(app.places.database).with_name("replaced.jsonl") for app in (one, other)]
        assert [to_line({4: planted, 1: good}[holds[0].grade])] == [
            line for path in kept if path.exists() for line in path.read_text().splitlines()
        ]
        assert all(go_back(app, path).is_nothing for app in (one, other) for path in paths)


def test_a_text_that_is_missing_there_stays_here(tmp_path):
    """Who wrote a log without what was typed did not ask for it to be taken out."""
    review = a_review(1, "2026-03-01", typed="ls -a")
    log = tmp_path / "log.jsonl"
    log.write_text(to_line(review._replace(typed=None)) + "\n", encoding="utf-8")
    with homes() as (app,):
        app.store.append([review, a_mark(2, "2026-03-02", "suspend")])
        told = go_back(app, str(log))

        assert (0, {"mark": 1}, [review]) == (told.unlike, told.going.takes, [*app.store.events(CARDS[0])][:1])


def test_a_text_that_was_taken_out_stays_out_whatever_words_come(tmp_path):
    """Neither as the only difference nor in a version that holds: the mark counts for every version of its answer."""
    plain, secret = (a_review(1, "2026-03-01", grade=grade, typed="hunter2-Tr0ub4dor") for grade in (4, 1))
    holds = merge([plain], [secret])[0]
    with homes(2) as (one, other):
        one.store.append([holds])
        other.store.append([secret if holds is plain else plain, a_mark(2, "2026-03-02", "redact", value=plain.id)])
        told = go_back(other, saved(one), only_missing=True)

        assert (1, 1) == (told.unlike, told.coming)
        assert [holds._replace(typed=None)] == [e for e in other.store.events() if isinstance(e, Review)]
        assert (0, 0) == (go_back(other, saved(one)).unlike, go_back(other, saved(one)).coming)


# ---------------------------------------------------------------- what may be named


def reviewed(app: App, days: int = 3) -> list[Event]:
    """Some reviews, taken in."""
    events: list[Event] = [a_review(n, f"2026-03-{n:02}") for n in range(1, days + 1)]
    app.store.append(events)
    return events


def test_a_review_log_is_gone_back_to_as_well(tmp_path):
    """The lines of a log do what a backup does."""
    with homes() as (app,):
        events = reviewed(app)
        then = state(app)
        log = tmp_path / "then.jsonl"
        log.write_text("".join(f"{to_line(event)}\n" for event in events), encoding="utf-8")
        app.store.append([a_review(9, "2026-03-09"), a_mark(10, "2026-03-10", "suspend")])
        told = go_back(app, str(log))

        assert {"review": 1, "mark": 1} == told.going.takes
        assert then == state(app)


def test_a_plain_database_is_gone_back_to_as_well(tmp_path):
    """An old `cards.db`, also one that a program has open just now."""
    with homes(2) as (old, new):
        reviewed(old)
        told = go_back(new, old.places.database)

        assert (3, 3, True) == (told.missing, told.missing_reviews, told.fills)
        assert state(old) == state(new)


def test_a_home_that_is_filled_keeps_a_name_of_its_own(tmp_path):
    """What comes in a backup are events and decks: two homes never write under one name."""
    with homes(2) as (old, new):
        old.mark([CARDS[0]], "suspend")
        go_back(new, saved(old))
        new.mark([CARDS[1]], "suspend")

        assert old.device != new.device
        assert {old.device, new.device} == {event.device for event in new.store.events()}


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("nonsense.db.gz", BackupDamaged),
        ("cut.db.gz", BackupDamaged),
        ("flipped.db.gz", BackupDamaged),
        ("newer.db", StoreTooNew),
        ("other.db", StoreError),
        ("bad.jsonl", DeckProblems),
        ("empty.jsonl", UnknownFormat),
        ("notes.md", UnknownFormat),
        ("nowhere.db.gz", NotFound),
        ("latest", NotFound),
    ],
)
def test_what_is_no_backup_is_refused_and_changes_nothing(tmp_path, name, error):
    """Damaged, newer, another program's, a log with a fault, a name of nothing: one clear error."""
    with homes() as (app,):
        reviewed(app)
        now, path = state(app), saved(app)
        make_unfit(tmp_path, Path(path).read_bytes())
        file = tmp_path / name

        with pytest.raises(error):
            go_back(app, restoring.find(app, str(file) if file.exists() else name))
        assert now == state(app)


def make_unfit(folder: Path, packed: bytes) -> None:
    """Files that are no good, each in another way."""
    (folder / "nonsense.db.gz").write_bytes(b"\x1f\x8b nonsense")
    (folder / "cut.db.gz").write_bytes(packed[:-20])
    middle = len(packed) // 2
    (folder / "flipped.db.gz").write_bytes(packed[:middle] + bytes([packed[middle] ^ 0xFF]) + packed[middle + 1 :])
    plain = gzip.decompress(packed)
    for name in ("newer.db", "other.db"):
        (folder / name).write_bytes(plain)
    with closing(sqlite3.connect(folder / "newer.db")) as newer, newer:
        newer.execute("insert into _sqlite_migrations (migration_set, name) values ('cards', 'm999_future')")
    with closing(sqlite3.connect(folder / "other.db")) as other, other:
        other.execute("drop table decks")
    (folder / "bad.jsonl").write_text('{"card": 1}\n')
    (folder / "empty.jsonl").write_text("\n")
    (folder / "notes.md").write_text("# Notes\n\nNothing of a log.\n")


def test_an_event_that_makes_no_sense_is_refused(tmp_path):
    """A line that is none, or an id that is another's: nothing of the backup is taken."""
    for change in ("line = 'nonsense'", "id = 'other'", """line = line || char(10) || line"""):
        with homes(2) as (first, second):
            reviewed(first)
            reviewed(second, days=1)
            plain = Path(first.places.database + "-then.db")
            plain.write_bytes(gzip.decompress(Path(saved(first)).read_bytes()))
            with closing(sqlite3.connect(plain)) as changed, changed:
                changed.execute("drop trigger events_no_update")
                changed.execute(f"update events set {change} where id = (select max(id) from events)")
            now = state(second)

            with pytest.raises(BackupDamaged):
                go_back(second, str(plain))
            assert now == state(second)
            if change.startswith("line"):  # an empty home takes the lines, and nothing else
                with homes() as (empty_one,), pytest.raises(BackupDamaged):
                    go_back(empty_one, str(plain))


# ---------------------------------------------------------------- decks


def take_in(app: App, path: Path) -> None:
    library.take(app.store, [reading.change for reading in library.read_all(app.store, [path]) if reading.change])


def test_a_deck_that_is_gone_comes_back(tmp_path):
    """From its file where that is still there, else into a file of the home, with its text of then."""
    with homes() as (app,):
        files = {}
        for name in ("kept", "lost", "there"):
            files[name] = tmp_path / f"{name}.yaml"
            files[name].write_text(f"deck: {name}\ncards:\n- {{id: a, front: A?, back: a}}\n", encoding="utf-8")
            take_in(app, files[name])
        reviewed(app)
        path, text = saved(app), files["lost"].read_bytes()
        files["lost"].unlink()
        for name in ("kept", "lost"):
            app.store.drop_deck(name)
        told = go_back(app, path)
        sources = {source.deck: source.path for source in app.store.decks()}
        home = Path(app.places.decks)

        assert {"kept", "lost"} == {one.deck for one in told.decks if one.comes}
        assert {"kept": str(files["kept"]), "lost": str(home / "lost.yaml"), "there": str(files["there"])} == sources
        assert text == (home / "lost.yaml").read_bytes()
        assert {"kept/a", "lost/a", "there/a"} == {*app.store.names()}
        assert go_back(app, path).is_nothing


def test_a_file_that_says_another_deck_now_is_left_alone(tmp_path):
    """A deck that was renamed does not come back under its former name."""
    with homes() as (app,):
        file = tmp_path / "d.yaml"
        file.write_text("deck: old\ncards:\n- {id: a, front: A?, back: a}\n", encoding="utf-8")
        take_in(app, file)
        reviewed(app)
        path = saved(app)
        file.write_text("deck: new\nwas: [old]\ncards:\n- {id: a, front: A?, back: a}\n", encoding="utf-8")
        take_in(app, file)
        (told,) = go_back(app, path).decks

        assert not told.comes
        assert "another deck" in told.why_not
        assert ["new"] == [source.deck for source in app.store.decks()]


# ---------------------------------------------------------------- beside others


def test_a_store_that_is_open_meanwhile_sees_it(tmp_path):
    """A session in another terminal stays open: it reads the old state before and the new one after."""
    with homes() as (app,):
        reviewed(app)
        path = saved(app)
        app.mark([CARDS[0]], "suspend")
        with closing(Store(app.places.database)) as other:
            assert other.memory(CARDS[0]).suspended
            go_back(app, path)
            assert not other.memory(CARDS[0]).suspended
            other.append([a_review(20, "2026-03-20")])
        assert 4 == app.store.memory(CARDS[0]).reviews


def test_a_restore_makes_a_backup_first(home):
    """The way back does not depend on the log alone."""
    app = App()
    reviewed(app)
    path = f"{app.places.database}-then.db.gz"
    backup.make(app.places.database, path)
    app.mark([CARDS[0]], "suspend")
    go_back(app, path)
    (made,) = backup.listed(app.places.backups)
    app.close()

    assert "before-restore" == made.reason
    assert 4 == len([*backup.lines(made.path)])
