"""What is taken back, kept beside the log: in whatever order undos and restores come, it is what the union says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import a_review, an_undo, logs, tangles
from thorough import times

from flashcards.log import from_line
from flashcards.store import Store
from flashcards.union import act_of, gone


@contextmanager
def a_store() -> Iterator[Store]:
    with TemporaryDirectory() as folder:
        store = Store(Path(folder, "cards.db"))
        try:
            yield store
        finally:
            store.close()


def kept(store: Store) -> set[str]:
    return {name for (name,) in store._select("select name from gone")}


@given(st.one_of(tangles(), tangles(), logs()), st.data())
@settings(max_examples=times(25, 2_000), suppress_health_check=[HealthCheck.too_slow])
def test_the_table_equals_the_union_after_every_event(log, data):
    """An undo is simply added, unless a restore is about it: that path and the long one say the same."""
    with a_store() as store:
        came = []
        for event in data.draw(st.permutations(log)):
            came.append(event)
            store.append([event])
            assert gone(act for one in came if (act := act_of(one))) == kept(store)
        before = kept(store), [*store.events(standing=True)]
        store.rebuild()
        assert before == (kept(store), [*store.events(standing=True)])


def test_whether_events_are_undos_is_asked_of_each():
    """One undo among them, or beside them, makes no undo of the others."""
    review = a_review(1, "2026-03-02")
    undos = [an_undo(n, "2026-03-02", review.id) for n in (2, 3)]
    with a_store() as store:
        store.append([review, *undos])

        assert [True, True, False, False] == [
            store.are_undos([event.id for event in some]) for some in ([], undos, [review], [*undos, review])
        ]
        assert not store.are_undos(["nothing"])


@pytest.mark.parametrize("kind", ["undo", "restore"])
def test_what_stands_at_the_end_of_the_calendar_can_be_taken_back(kind):
    """Behind the last moment and the last id there is no place; who names another stands behind it all the same."""
    what = '"target":"a"' if kind == "undo" else '"takes":["a"],"brings":[]'
    last, now = '"at":"9999-12-31T23:59:59.999Z"', '"at":"2026-11-22T18:00:00Z"'
    far = from_line(f'{{"v":1,"id":"zz","kind":"{kind}",{what},{last}}}')
    back = from_line(f'{{"v":1,"id":"0","kind":"restore","takes":["zz"],"brings":[],{now}}}')
    undone = from_line(f'{{"v":1,"id":"1","kind":"undo","target":"0",{now}}}')

    def away(*events):
        return gone(act for event in events if (act := act_of(event))) & {"a"}

    assert ({"a"}, set(), {"a"}) == (away(far), away(back, far), away(far, back, undone))


def test_acts_that_name_each_other_in_a_circle_come_to_one_end():
    """Whoever makes up such a log: in whatever order its lines come, all devices say the same of it, and soon."""
    many = 3_000
    lines = [
        f'{{"v":1,"id":"r{n}","kind":"restore","takes":["r{(n + 1) % many}","b"],"brings":["u{n}"],"batch":"b",'
        f'"at":"2026-01-01T00:00:00Z"}}'
        for n in range(many)
    ] + [f'{{"v":1,"id":"u{n}","kind":"undo","target":"b","at":"9999-01-01T00:00:00Z"}}' for n in range(many)]
    acts = [act for line in lines if (act := act_of(from_line(line)))]

    assert gone(acts) == gone(acts[::-1])
