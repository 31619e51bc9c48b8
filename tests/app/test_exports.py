"""The rows of the exports: equal to a walk through the log, names that are a promise, files that read back."""

import csv
import io
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from desk import card
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import CARDS, a_mark, a_review, an_undo, logs, renames
from thorough import times

from flashcards.app import App
from flashcards.app.exports.columns import DECKS, PROGRESS, REVIEWS, STATS
from flashcards.app.exports.rows import Source, about, source
from flashcards.app.exports.text import as_csv, as_jsonl
from flashcards.model import CardId, Deck, Event
from flashcards.replay import rename, renamed
from flashcards.stats import graded, per_day
from flashcards.store import DeckSource, database_out
from flashcards.store.answers import ALL, Within
from flashcards.union import standing

PROMISED = {
    "progress": "id deck front state repetitions ease interval_days due lapses reviews last_review retention suspended"
    " buried_until flagged tags leech",
    "stats": "day deck reviews new relearned extra again hard good easy took_ms right tested recalled young"
    " young_recalled mature mature_recalled retention",
    "reviews": "id card deck day at hour grade grade_name kind relearned mode took_ms verdict tries hints device typed",
    "decks": "deck title cards",
}
"""The columns of version 1. Names may be added at the end of a line, never changed, moved or taken away."""


@contextmanager
def kept(log: list[Event], decks: tuple[CardId, ...] = (), tags: tuple[str, ...] = ()) -> Iterator[App]:
    """An app whose store has this log, and a deck for some of the cards."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARDS_HOME", folder)
        patch.setenv("CARDS_NOW", "2026-03-10T18:00:00+01:00")
        app = App()
        app.store.append(log)
        for deck in dict.fromkeys(name.partition("/")[0] for name in decks):
            cards = tuple(card(name, tags=tags) for name in decks if name.startswith(f"{deck}/"))
            where = DeckSource(deck=deck, title=deck.title(), path=deck, size=1, mtime_ns=1, hash="x")
            app.store.put_decks([(Deck(id=deck, cards=cards), where)])
        try:
            yield app
        finally:
            app.close()


def rows(app: App, what: Callable[[Source], object], within: Within = ALL) -> list[dict[str, object]]:
    """An export as dictionaries."""
    with source(app, within) as found:
        sheet = what(found)
        return [dict(zip(sheet.export.names, row, strict=True)) for row in sheet.rows]


def database(app: App, within: Within = ALL, *, typed: bool = False) -> sqlite3.Connection:
    """The export as a database."""
    path = Path(app.store.path).with_name("clean.sqlite")
    path.unlink(missing_ok=True)
    with source(app, within) as found, found.store.at_rest():
        database_out.write(path, found.tables(typed=typed, watched=lambda sheet: sheet.rows), about(app, within))
    return sqlite3.connect(path)


# ---------------------------------------------------------------- promises


def test_the_columns_are_those_that_were_promised():
    """A golden list: a script that was written for version 1 goes on working."""
    exports = {"progress": PROGRESS, "stats": STATS, "reviews": REVIEWS, "decks": DECKS}

    assert PROMISED == {name: " ".join(export.names) for name, export in exports.items()}
    assert ["cards.progress/1", "cards.stats/1", "cards.reviews/1", "cards.decks/1"] == [
        export.schema for export in exports.values()
    ]


# ---------------------------------------------------------------- laws


@settings(max_examples=times(12, 500), suppress_health_check=[HealthCheck.too_slow])
@given(logs(max_size=14), st.lists(renames(), max_size=2), st.sampled_from([(), CARDS[:2], CARDS]))
def test_every_export_equals_a_walk_through_the_log(log: list[Event], moved: list[Event], decks: tuple[CardId, ...]):
    """Reviews, kinds and days are those of `stats` over the standing log; no key of the database leads nowhere."""
    log = [*log, *moved]
    assume(len({event.id for event in log}) == len(log))
    stood = standing(log)
    names = renamed(pair for event in stood if (pair := rename(event)))
    walked = [*graded(stood, names)]

    with kept(log, decks) as app:
        reviews, days = rows(app, Source.reviews), rows(app, Source.stats)
        base = database(app, typed=True)
        broken = base.execute("pragma foreign_key_check").fetchall()
        stored = base.execute("select id, kind, relearned, at from reviews order by at, id").fetchall()
        (count,) = base.execute("select coalesce(sum(reviews + extra), 0) from days").fetchone()
        base.close()

    said = [(one.review.id, one.kind.name.lower(), one.relearned) for one in walked]
    assert said == [(row["id"], row["kind"], row["relearned"]) for row in reviews]
    assert [] == broken
    assert said == [(name, kind, bool(relearned)) for name, kind, relearned, _ in stored]
    assert len(said) == count
    by_day = per_day(stood, names)
    assert {day.isoformat(): (n.reviews, n.extra, n.took_ms) for day, n in by_day.items()} == {
        day: tuple(sum(row[name] for row in days if row["day"] == day) for name in ("reviews", "extra", "took_ms"))
        for day in dict.fromkeys(row["day"] for row in days)
    }


# ---------------------------------------------------------------- since


DAYS = ("2026-01-01", "2026-01-05", "2026-01-09")


def ids(app: App, since: str) -> set[object]:
    return {row["id"] for row in rows(app, Source.progress, Within(since=date.fromisoformat(since)))}


def test_since_keeps_the_cards_that_something_happened_to():
    """A review, a mark, an undo, an import: each says that a card has to be read again; nothing else does."""
    a, b, c, d = CARDS[:4]
    log = [
        a_review(1, DAYS[0], card=a),
        a_review(2, DAYS[0], card=b),
        a_review(3, DAYS[0], card=c),
        a_review(4, DAYS[0], card=d),
        a_review(5, DAYS[1], card=a),
        a_mark(6, DAYS[1], "suspend")._replace(card=b),
        an_undo(7, DAYS[1], a_review(3, DAYS[0]).id),
    ]

    with kept(log) as app:
        assert {a, b, c, d} == ids(app, DAYS[0])
        assert {a, b, c} == ids(app, DAYS[1])
        assert set() == ids(app, DAYS[2])

        app.store.append([a_review(9, DAYS[0], card=d, batch="019b" + "f" * 28)])

        assert {d} == ids(app, DAYS[2])


def test_since_begins_with_the_study_day_and_not_at_midnight():
    """Three in the morning belongs to the day before."""
    night = datetime.fromisoformat("2026-01-09T02:00:00+00:00")
    log = [a_review(1, DAYS[0]), a_mark(2, DAYS[0], "flag")._replace(at=night)]

    with kept(log) as app:
        assert {CARDS[0]} == ids(app, "2026-01-08")
        assert set() == ids(app, "2026-01-09")


def test_reviews_since_are_what_they_are_in_the_whole_export():
    """The days before are walked through, so that no old card looks new."""
    log = [a_review(1, DAYS[0]), a_review(2, DAYS[1], 1), a_review(3, DAYS[2])]

    with kept(log) as app:
        whole = rows(app, Source.reviews)
        late = rows(app, Source.reviews, Within(since=date(2026, 1, 5), until=date(2026, 1, 5)))

    assert whole[1:2] == late
    assert ["new", "young", "young"] == [row["kind"] for row in whole]
    assert [False, False, True] == [row["relearned"] for row in whole]


def test_the_ends_of_the_calendar_are_in_it():
    """A clock that was far ahead loses no review; the first day that there is begins somewhere."""
    log = [a_review(1, "0001-01-02"), a_review(2, "9999-12-30", card=CARDS[1])]

    with kept(log) as app:
        assert ["0001-01-02", "9999-12-30"] == [row["day"] for row in rows(app, Source.reviews)]
        assert 2 == len(rows(app, Source.reviews, Within(since=date.min, until=date.max)))
        assert {CARDS[0], CARDS[1]} == ids(app, "0001-01-01")
        assert set() == ids(app, "9999-12-31")


def test_progress_counts_the_answers_that_moved_a_schedule():
    """A drill and cram are in no count, nor are they the last review."""
    log = [a_review(1, DAYS[0], 3), a_review(2, DAYS[0], mode="drill"), a_review(3, DAYS[1], mode="cram")]

    with kept(log, (CARDS[0],)) as app:
        (row,) = rows(app, Source.progress)

    assert (1, DAYS[0]) == (row["reviews"], row["last_review"][:10])


def test_decks_and_tags_narrow_every_table():
    """Also cards that only the log knows, which have no tags."""
    log = [
        a_review(1, DAYS[0]),
        a_review(2, DAYS[0], card=CardId("git/gone")),
        a_review(3, DAYS[0], card=CardId("x/y")),
    ]

    with kept(log, (CARDS[0],), ("all",)) as app:
        for within, there in ((Within(decks=("git",)), {"git/gone"}), (Within(tags=("all",)), {CARDS[0]})):
            assert there == {row["id"] for row in rows(app, Source.progress, within)}
            assert there == {row["card"] for row in rows(app, Source.reviews, within)}
            assert {name.partition("/")[0] for name in there} == {
                row["deck"] for row in rows(app, Source.stats, within)
            }
            base = database(app, within)
            assert there == {name for (name,) in base.execute("select card from reviews")}
            assert [] == base.execute("pragma foreign_key_check").fetchall()
            base.close()


# ---------------------------------------------------------------- values


def test_a_review_has_all_that_is_known_of_it():
    """The hour is that of the person's clock; what is not known is empty; what was typed is there only when asked for."""
    log = [a_review(1, DAYS[0], offset_minutes=330, took_ms=5, verdict="fail", tries=2, hints=1, typed="=x")]

    with kept(log) as app:
        (row,) = rows(app, Source.reviews)
        (typed,) = rows(app, lambda found: found.reviews(typed=True))
        with source(app) as found:
            text = "".join(as_csv(found.reviews(typed=True)))

    assert {
        "id": log[0].id,
        "card": "venv/create",
        "deck": "venv",
        "day": "2026-01-01",
        "at": "2026-01-01T12:01:00.000Z",
        "hour": 17,
        "grade": 4,
        "grade_name": "good",
        "kind": "new",
        "relearned": False,
        "mode": "scheduled",
        "took_ms": 5,
        "verdict": "fail",
        "tries": 2,
        "hints": 1,
        "device": log[0].device,
    } == row
    assert {**row, "typed": "=x"} == typed
    assert "'=x" == next(csv.DictReader(io.StringIO(text)))["typed"]


def test_a_database_explains_itself():
    """Every column of every table has a meaning; the tables refer to each other and are indexed; lists are JSON."""
    with kept([a_review(1, DAYS[0])], (CARDS[0],), ("one", "two")) as app:
        base = database(app)
    tables = {
        name
        for (name,) in base.execute("select name from sqlite_schema where type = 'table' and name not like 'sqlite%'")
    }
    explained = {(table, column) for table, column in base.execute("select table_name, column_name from columns")}

    assert {"about", "cards", "columns", "days", "decks", "reviews"} == tables
    assert {
        (table, column)
        for table in ("cards", "days", "decks", "reviews")
        for _, column, *_ in base.execute(f"pragma table_info({table})")
    } == explained
    assert {"cards", "decks"} == {row[2] for row in base.execute("pragma foreign_key_list(reviews)")}
    assert ("cards.database/1",) == base.execute("select value from about where name = 'schema'").fetchone()
    assert [("one",), ("two",)] == base.execute("select value from cards, json_each(tags)").fetchall()
    assert [(1, "Venv")] == base.execute("select cards, title from decks").fetchall()
    base.close()


def test_json_lines_are_the_rows():
    """Each a JSON object, in the order of the columns."""
    with kept([a_review(1, DAYS[0]), a_review(2, DAYS[1])]) as app:
        with source(app) as found:
            lines = "".join(as_jsonl(found.stats())).splitlines()
        assert rows(app, Source.stats) == [json.loads(line) for line in lines]
