"""What is taken back, kept beside the log: in whatever order undos and restores come, it is what the union says."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import logs, tangles
from thorough import times

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
