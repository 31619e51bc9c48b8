"""Hostile and broken packages: one clear line, no traceback, nothing outside, no hang."""

import os
import sqlite3
import time
import zipfile

import anki_packages as packages
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from flashcards.errors import CardsError
from flashcards.formats import anki
from flashcards.formats.anki import package as container
from flashcards.formats.anki.database import Database
from flashcards.formats.plain import Options
from flashcards.model import Problem

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
"""How long the long fuzz runs; by hand."""
FREE_PAGES = 39
"""The last byte of their number in the header of a database."""
OPTIONS = Options(media="s.media")
FAULTS = (CardsError,)


def everything(path):
    """Reads all that a package gives; returns its problem, or what was raised in its place."""
    found = anki.read(path, "s.apkg", OPTIONS)
    if found.problems:
        assert () == found.decks
        (problem,) = found.problems
        return problem
    try:
        for _ in found.events("batch"):
            pass
        for one in found.beside:
            assert not one.name.startswith("/")
            assert ".." not in one.name.split("/")
            one.open().close()
    except CardsError as error:
        return error
    return None


def refused(tmp_path, data):
    """The one line with which a package is refused."""
    path = tmp_path / "s.apkg"
    path.write_bytes(data)
    problem = everything(path)
    assert isinstance(problem, Problem)
    assert problem.message
    assert "\n" not in problem.message
    return problem.message


GOOD = packages.database(packages.NOTES, packages.CARDS, packages.REVIEWS)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/../../evil", "..\\evil", "C:\\evil"])
def test_a_member_that_leads_out_is_refused(tmp_path, name):
    """A package with such a name is not taken at all."""
    assert "leads out" in refused(tmp_path, packages.package(GOOD, members={name: b"x"}))


@pytest.mark.parametrize("modern", [False, True])
@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "a/b", "..", "a\\b", ""])
def test_media_that_lead_out_are_refused(tmp_path, name, modern):
    """The list of media may name files, never folders."""
    data = packages.database([], modern=modern)
    assert "names a file" in refused(tmp_path, packages.package(data, media={name: b"x"}, modern=modern))


@pytest.mark.parametrize(
    ("extra", "word"),
    [
        ("create trigger t after insert on notes begin delete from notes; end;", "trigger"),
        ("create view v as select * from notes;", "view"),
        ("create virtual table f using fts5(x);", "virtual table"),
        ("drop table revlog;", "no table `revlog`"),
        ("alter table cards drop column due;", "no column `due`"),
        ("delete from col;", "no row"),
        ("update col set models = '[1]';", "does not say"),
        ("update col set models = '{\"1\": 3}';", "does not say"),
        ("update col set models = 'no';", "does not say"),
    ],
)
def test_a_database_that_is_no_collection_is_refused(tmp_path, extra, word):
    """What could act, and what lacks a part, is named."""
    assert word in refused(tmp_path, packages.package(packages.database([], extra=extra)))


def test_nothing_in_a_database_can_act(tmp_path):
    """Read-only, without trust in its schema, defensive where Python lets us say so; nothing but reading is allowed."""
    path = tmp_path / "collection"
    path.write_bytes(GOOD)
    database = Database(str(path))
    for sql in ("delete from notes", "attach 'x' as x", "pragma query_only = off", "select load_extension('x')"):
        with pytest.raises(sqlite3.DatabaseError):
            database.connection.execute(sql)
    database.connection.set_authorizer(None)
    names = ("trusted_schema", "query_only", "cell_size_check")
    found = [database.connection.execute(f"pragma {name}").fetchone()[0] for name in names]
    database.connection.execute("pragma query_only = off")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        database.connection.execute("delete from notes")
    if hasattr(database.connection, "getconfig"):
        assert database.connection.getconfig(sqlite3.SQLITE_DBCONFIG_DEFENSIVE)
    database.close()

    assert [0, 1, 1] == found


def test_a_damaged_database_is_refused(tmp_path):
    """Its rows can all be read, but its pages do not fit together; who knows what is missing."""
    data = bytearray(GOOD)
    data[FREE_PAGES] = 7

    assert "damaged" in refused(tmp_path, packages.package(bytes(data)))


def test_deep_json_is_refused(tmp_path):
    """A thousand brackets do not end the program."""
    extra = f"update col set models = '{'[' * 100_000}';"
    assert "does not say" in refused(tmp_path, packages.package(packages.database([], extra=extra)))


def test_a_bomb_is_refused(tmp_path, monkeypatch):
    """What unpacks to far more than it is stops at a limit, in both kinds of packing."""
    monkeypatch.setattr(container, "SMALL", 1 << 20)
    bomb = GOOD + bytes(8 << 20)

    for modern in (False, True):
        message = refused(tmp_path, packages.package(bomb, modern=modern))
        assert "unpacks to more than" in message


def test_a_media_bomb_stops_at_its_said_size(tmp_path):
    """A picture is no larger than the list says."""
    path = tmp_path / "s.apkg"
    data = packages.package(packages.database([], modern=True), media={"a.png": b"x" * 100}, modern=True)
    path.write_bytes(data)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    from zstandard import ZstdCompressor

    members["0"] = ZstdCompressor().compress(bytes(1 << 20))
    with zipfile.ZipFile(path, "w") as archive:
        for name, raw in members.items():
            archive.writestr(name, raw)

    found = anki.read(path, "s.apkg", OPTIONS)
    with pytest.raises(CardsError, match="unpacks to more than 100"):
        found.beside[0].open()


@pytest.mark.parametrize(
    ("meta", "word"), [(b"\x08\x09", "version 9"), (b"", "version 0"), (b"\xff" * 12, "damaged|does not say")]
)
def test_a_strange_version_is_refused(tmp_path, meta, word):
    """A later version is not guessed at."""
    import re

    assert re.search(word, refused(tmp_path, packages.package(GOOD, modern=True, meta=meta)))


@pytest.mark.parametrize("data", [b"", b"PK", b"hello", b"SQLite format 3\0", b"SQLite format 3\0" + bytes(5000)])
def test_what_is_no_package_is_refused(tmp_path, data):
    """Neither a ZIP nor a database."""
    refused(tmp_path, data)


@pytest.mark.parametrize("modern", [False, True])
def test_a_truncated_collection_is_refused_or_read(tmp_path, modern):
    """Cut anywhere, a package gives one line and no traceback."""
    whole = packages.package(packages.database(packages.NOTES, packages.CARDS, modern=modern), modern=modern)
    path = tmp_path / "s.apkg"
    for share in range(0, 100, 7):
        path.write_bytes(whole[: len(whole) * share // 100])
        assert everything(path) is not None


def test_odd_values_in_columns_are_taken(tmp_path):
    """Text where numbers belong, numbers beyond the calendar, NULs and nulls: cards come, nothing breaks."""
    extra = """
        update cards set due = 9e18, ivl = -5, factor = 'x', reps = 1e300, mod = 9223372036854775807, type = 2;
        update revlog set id = -5 where ease = 1;
        update revlog set time = -1, cid = 'x' where ease = 3;
        update notes set flds = cast(x'00ff41' as text), tags = null, guid = null where id = 2;
        update notes set flds = x'ffff', guid = 'g1' where id = 3;
        update col set crt = 9223372036854775807, conf = '{"creationOffset": 1e300, "rollover": "x"}';
    """
    path = tmp_path / "s.apkg"
    path.write_bytes(packages.package(packages.database(packages.NOTES, packages.CARDS, packages.REVIEWS, extra=extra)))

    assert everything(path) is None
    found = anki.read(path, "s.apkg", OPTIONS)
    names = [card["id"] for card in found.decks[0].cards]
    assert len(names) == len(set(names))


def small(modern):
    data = packages.database(packages.NOTES, packages.CARDS, packages.REVIEWS, modern=modern)
    return packages.package(data, media={"a.png": b"x"}, modern=modern)


WHOLE = {modern: small(modern) for modern in (False, True)}
RAW = {modern: packages.database(packages.NOTES, packages.CARDS, packages.REVIEWS, modern=modern) for modern in WHOLE}
CHANGES = st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), min_size=1, max_size=8)


def changed(whole, changes):
    data = bytearray(whole)
    for place, byte in changes:
        data[int(place * len(data))] = byte
    return bytes(data)


@given(changes=CHANGES, modern=st.booleans(), bare=st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_changed_bytes_never_break_it(tmp_path, changes, modern, bare):
    """Any bytes of the package or of its database may be others."""
    path = tmp_path / "s.apkg"
    path.write_bytes(changed(RAW[modern] if bare else WHOLE[modern], changes))
    everything(path)


@pytest.mark.skipif(not SECONDS, reason="set FUZZ_SECONDS to run it")
@pytest.mark.timeout(0)
def test_changed_bytes_for_a_long_time(tmp_path):
    """The same for minutes, by hand; every single package takes less than ten seconds."""
    import random

    path, ends, count = tmp_path / "s.apkg", time.monotonic() + SECONDS, 0
    while time.monotonic() < ends:
        dice = random.Random(count)
        modern, kind = dice.random() < 0.5, dice.randrange(3)
        whole = RAW[modern] if kind else WHOLE[modern]
        data = changed(whole, [(dice.random(), dice.randrange(256)) for _ in range(dice.randrange(1, 40))])
        if kind == 2:
            data = packages.package(data, modern=modern)
        path.write_bytes(data[: dice.randrange(len(data))] if dice.random() < 0.1 else data)
        started = time.monotonic()
        try:
            everything(path)
        except Exception:
            print("seed", count)
            raise
        assert time.monotonic() - started < 10, count
        count += 1
    print(count, "packages")
