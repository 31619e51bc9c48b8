"""An empty log filled with another device's: the same log and the same tables as if its events had come one by one."""

from contextlib import closing

import pytest
from hypothesis import given, settings
from strategies import a_mark, a_review, logs
from thorough import times

from flashcards.log import to_line
from flashcards.redaction import redacted
from flashcards.store.derived import TABLES
from flashcards.store.exchanged import Exchanged
from flashcards.sync.parsing import parse
from flashcards.union import merge


class BadFileError(Exception):
    """Something is wrong with a file."""


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """A store without events."""
    path = tmp_path_factory.mktemp("blank") / "cards.db"
    Exchanged(path).close()
    return path


@pytest.fixture(scope="module")
def fresh(blank, tmp_path_factory):
    """Gives a copy of it: to make one takes longer than the tests."""
    path = tmp_path_factory.mktemp("fresh") / "cards.db"

    def fresh():
        path.write_bytes(blank.read_bytes())
        return closing(Exchanged(path))

    return fresh


def block(events):
    found = parse("\n".join(map(to_line, events)).encode())
    assert 0 == found.faults_count
    return found.rows, found.events


def lines(store):
    return [line for (line,) in store._select("select line from events order by at, id")]


def derived(store):
    return {table: sorted(store._select(f"select * from {table}"), key=repr) for table in TABLES}


@settings(max_examples=times(30, 400))
@given(logs(), logs(max_size=4))
def test_what_is_filled_equals_what_is_appended(fresh, log, other):
    """With undos, restores, renames, resets, marks that take texts out, events that came twice."""
    with fresh() as store:
        store.fill([[block(log[:3]), block(log[3:])], [block(other)]], BadFileError)
        found = lines(store), derived(store)
        store.rebuild()

        assert derived(store) == found[1]
        if not {e.id for e in log} & {e.id for e in other}:
            assert [to_line(event) for event in redacted(merge(log, other))] == found[0]


@pytest.mark.parametrize("value", [None, a_review(1, "2026-03-02").id])
def test_a_text_that_a_mark_takes_out_is_not_kept(fresh, value):
    """The mark names the answer, or all answers of its card up to its place; it may come in a file before them."""
    mark, review = a_mark(2, "2026-03-02", "redact", value), a_review(1, "2026-03-02", typed="hunter2")
    with fresh() as store:
        store.fill([[block([mark])], [block([review])]], BadFileError)

        assert [to_line(review._replace(typed=None)), to_line(mark)] == lines(store)


def test_a_file_that_fails_on_its_way_adds_nothing(fresh):
    """What it had written is taken back; the files before and behind it are there."""
    one, two, three = (a_review(n, "2026-03-02", card=f"d/{n}") for n in range(3))

    def bad():
        yield block([two])
        raise BadFileError

    with fresh() as store:
        counted = store.fill([[block([one])], bad(), [block([three])]], BadFileError)

        assert (2, 2) == counted
        assert [to_line(one), to_line(three)] == lines(store)


def test_a_fill_that_ends_in_a_fault_leaves_everything_as_it_was(fresh):
    """Any other error is no matter of one file: nothing is added, and the indexes and triggers are there."""
    names = "select type, name from sqlite_master order by 1, 2"

    def bad():
        yield block([a_review(1, "2026-03-02")])
        raise KeyboardInterrupt

    with fresh() as store:
        before = [*store._select(names)]
        with pytest.raises(KeyboardInterrupt):
            store.fill([bad()], BadFileError)

        assert before == [*store._select(names)]
        assert [] == lines(store)
