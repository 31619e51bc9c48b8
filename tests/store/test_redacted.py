"""Texts taken out of the log: whichever comes first, and no byte of them is left in any file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_mark, a_review, an_undo, event_id
from test_redaction import redacted_logs
from thorough import times

from flashcards.log import to_line
from flashcards.model import CardId
from flashcards.redaction import redacted
from flashcards.store import Store, connect
from flashcards.store.answers import Answers
from flashcards.store.derived import VERSION
from flashcards.store.tallies import Tallies
from flashcards.union import merge

SECRET = "hunter2-Tr0ub4dor"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the database of this test lies."""
    return tmp_path / "cards.db"


def a_secret(number: int = 1, **changes):
    return a_review(number, "2026-03-02", 1, typed=SECRET, took_ms=900, **changes)


def redact(number: int, target: str):
    return a_mark(number, "2026-03-02", "redact", target)


def typed(store: Store) -> dict[str, str | None]:
    return {event.id: event.typed for event in store.events() if hasattr(event, "typed")}


def found_in(folder: Path) -> list[str]:
    """The files that hold the secret."""
    return [file.name for file in sorted(folder.rglob("*")) if file.is_file() and SECRET.encode() in file.read_bytes()]


def test_of_two_marks_for_a_card_the_later_holds_whichever_came_first(path):
    """What comes after them from another device loses its text up to the later one."""
    late = [a_secret(number) for number in (2, 4, 6)]
    for order in (1, -1):
        with closing(Store(path.with_name(f"{order}.db"))) as store:
            for number in (3, 5)[::order]:
                store.append([a_mark(number, "2026-03-02", "redact")])
            store.append(late)

            assert [None, None, SECRET] == [*typed(store).values()]


def test_what_was_typed_goes_from_the_log(path):
    """The review stays with all else that it says."""
    with closing(Store(path)) as store:
        store.append([a_secret(), a_review(2, "2026-03-03", typed="ls")])
        store.append([redact(3, event_id(1))])

        assert [a_secret()._replace(typed=None), redact(3, event_id(1)), a_review(2, "2026-03-03", typed="ls")] == [
            *store.events()
        ]


def test_no_byte_of_it_is_left(path, monkeypatch):
    """Neither in pages that are free nor in the write-ahead log, however long the text moved about before."""
    others = [
        a_review(5, "2026-03-02", 1, typed=f"echo {n} {'x' * 300}", id=event_id(n * 7919)) for n in range(10, 300)
    ]
    with closing(Answers(path)) as store:
        store._connection.execute("pragma secure_delete = off")  # as some builds of SQLite have it
        for event in (others[0], a_secret(), *reversed(others[1:60])):
            store.append([event])
        store.append([*others[60:], an_undo(6, "2026-03-03", event_id(10 * 7919))])
        store.mistakes()
        store.note_meta("derived", "0")
    with monkeypatch.context() as patch:
        patch.setattr(connect, "PRAGMAS", (*connect.PRAGMAS, "pragma secure_delete = off"))
        Store(path).close()  # the tables are made anew, and what was in them lies in free pages
    with closing(Store(path)) as store:
        store.append([a_review(7, "2026-03-03")])
        before = found_in(path.parent)
        store.append([redact(8, event_id(1))])

        assert before
        assert [] == found_in(path.parent)
    assert [] == found_in(path.parent)


def test_the_log_is_append_only_again(path):
    """What forbids a change is there before and after."""
    with closing(Store(path)) as store:
        store.append([a_secret()])
        before = store._connection.execute("select sql from sqlite_master where type = 'trigger' order by 1").fetchall()
        store.append([redact(2, event_id(1))])
        after = store._connection.execute("select sql from sqlite_master where type = 'trigger' order by 1").fetchall()

        assert before == after
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            store._connection.execute("update events set line = ''")


def test_a_mark_that_came_first_waits_for_its_event(path):
    """An old log brings the text again: it is met without it, and nothing has to be swept."""
    with closing(Store(path)) as store:
        store.append([redact(2, event_id(1))])
        store.append([a_secret(), a_secret(5)])

        assert {event_id(1): None, event_id(5): SECRET} == typed(store)


@pytest.mark.parametrize("many", [0, 2_000])
def test_a_mark_that_comes_along_is_applied_at_once(path, many):
    """The text never reaches the file, also in a long import."""
    more = [a_review(n, "2026-03-04") for n in range(10, 10 + many)]
    with closing(Store(path)) as store:
        store.append([redact(2, event_id(1)), *more, a_secret()])

        assert typed(store)[event_id(1)] is None
    assert [] == found_in(path.parent)


def test_a_mark_far_behind_its_event_in_a_long_import(path):
    """Pieces of an import are written one by one; what an earlier one brought is taken out again."""
    more = [a_review(9, "2026-03-04", id=event_id(n)) for n in range(10, 10_010)]
    with closing(Store(path)) as store:
        store.append([a_review(9, "2026-03-04")])
        store.append([a_secret(), *more, redact(12, event_id(1))._replace(id=event_id(20_000))])

        assert typed(store)[event_id(1)] is None
    assert [] == found_in(path.parent)


def test_a_mark_for_a_card_takes_out_what_was_typed_before_it(path):
    """Also what comes later, if it is older than the mark."""
    mark = a_mark(10, "2026-03-02", "redact")
    with closing(Store(path)) as store:
        store.append([a_secret(1), a_secret(2, card=CardId("git/log"))])
        store.append([mark])
        store.append([a_secret(3), a_secret(11)])

        assert {1: None, 2: SECRET, 3: None, 11: SECRET} == {int(name, 16): text for name, text in typed(store).items()}


def test_the_memories_stay_as_they_were(path):
    """No schedule depends on what was typed."""
    with closing(Store(path)) as store:
        store.append([a_secret(), a_review(2, "2026-03-08", 4, typed="ls")])
        before = store.memory(CardId("venv/create"))
        store.append([redact(3, event_id(1))])

        assert before._replace(order=()) == store.memory(CardId("venv/create"))._replace(order=())


def test_the_statistics_forget_it_and_nothing_else(path):
    """Other wrong answers, and all counts, are as before."""
    with closing(Answers(path)) as store:
        store.append([a_secret(1), a_secret(2), a_review(3, "2026-03-03", 1, typed="sl")])
        before = store.days()
        wrong = store.mistakes()
        store.append([redact(4, event_id(1)), redact(5, event_id(2))])

        assert [SECRET, "sl"] == [mistake.typed for mistake in wrong]
        assert ["sl"] == [mistake.typed for mistake in store.mistakes()]
        assert before == store.days()
    assert [] == found_in(path.parent)


def test_what_was_counted_under_another_name_goes_too(path):
    """A card that was renamed since the statistics were last looked at has two names in them."""
    with closing(Answers(path)) as store:
        store.append([a_secret(1), a_review(2, "2026-03-03", 1, typed="sl", card=CardId("git/log"))])
        store.mistakes()
        store.append([a_mark(3, "2026-03-03", "was", "venv/create")._replace(card=CardId("git/log"))])
        store.append([redact(4, event_id(1))])

        assert [] == found_in(path.parent)
        assert [("git/log", "sl")] == [mistake[:2] for mistake in store.mistakes()]


def test_a_count_that_was_under_way_begins_anew(path):
    """Who reads the whole log for the statistics may have read the text before it was taken out."""
    with closing(Tallies(path)) as store, closing(Tallies(path)) as other:
        store.append([a_secret()])
        token = store._begin_counting()
        with store._collected():
            store._put("collected", [("venv/create", 0, 1, 1, 1, 0, 1, 900, None, None, None, SECRET)])
        other.append([redact(2, event_id(1))])
        with store._transaction():
            mine = store.meta("answered") == token

        assert not mine


def test_another_process_that_reads_is_waited_for_and_then_told(path, monkeypatch):
    """While somebody looks at what was there before, its bytes stay; the next sweep takes them."""
    with closing(Store(path)) as store:
        store.append([a_secret()])
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from events").fetchone()
            store.append([redact(2, event_id(1))])
            blocked = store.sweep(50)

        assert not blocked
        assert store.sweep()
        assert [] == found_in(path.parent)


def test_an_older_program_kept_the_text_and_this_one_takes_it_out(path):
    """A mark that had no effect when it came has it once the tables are made anew."""
    with closing(Store(path)) as store:
        store.append([redact(2, event_id(1)), a_secret()])
        store._connection.execute("drop trigger events_no_update")
        store._connection.execute("update events set line = ? where id = ?", [to_line(a_secret()), event_id(1)])
        store._connection.execute(
            "create trigger events_no_update before update on events begin select raise(abort, 'no'); end"
        )
        store._connection.execute("delete from meta where name = 'derived'")
    assert found_in(path.parent)
    with closing(Store(path)) as store:
        assert {event_id(1): None} == typed(store)
        assert store.meta("derived") == VERSION
    assert [] == found_in(path.parent)


def test_undo_passes_it_by(path):
    """What was taken out stays out; the action before it is what is taken back."""
    with closing(Store(path)) as store:
        store.append([a_secret()])
        store.append([redact(2, event_id(1))])

        assert [event_id(1)] == [event.id for event in store.last_actions("laptop-3f2a", 2)[0]]


def test_the_same_text_in_other_answers_is_found(path):
    """All that was typed, nothing that only has it inside."""
    texts = [SECRET, "ls", f"echo {SECRET}", SECRET]
    with closing(Store(path)) as store:
        store.append([a_review(n, "2026-03-02", typed=text) for n, text in enumerate(texts, 1)])

        assert [4, 1] == [int(name, 16) for name in store.typed_alike([SECRET, "pwd"])]


def test_an_event_is_named_by_a_part_of_its_id(path):
    """Its beginning, its end, all of it, or its batch; what fits several gives several."""
    with closing(Store(path)) as store:
        ids = [a_secret(1, id=event_id(0xABCDE)), a_secret(2, id=event_id(0xBBCDE))]
        store.append([*ids, a_secret(3, batch="ffff-batch")])

        assert [0xABCDE] == [int(name, 16) for name in store.typed_in("0abcde")]
        assert [0xABCDE, 0xBBCDE] == [int(name, 16) for name in store.typed_in("bcde")]
        assert [3] == [int(name, 16) for name in store.typed_in("ffff-batch")]
        assert [3, 0xABCDE, 0xBBCDE] == [int(name, 16) for name in store.typed_in("0000")]
        assert [] == [*store.typed_in("cde")]
        assert [0xBBCDE] == [int(name, 16) for name in store.typed_in(event_id(0xBBCDE))]


@settings(max_examples=times(20, 400))
@given(redacted_logs(), st.data())
def test_the_store_holds_what_the_rule_says(log, data):
    """In whatever order and pieces events come, the log is the merged one without what its marks take out."""
    rest = data.draw(st.permutations(log))
    cut = data.draw(st.integers(0, len(rest)))
    with TemporaryDirectory() as folder, closing(Store(Path(folder, "cards.db"))) as store:
        store.append(rest[:cut])
        store.append(rest[cut:])

        assert list(map(to_line, redacted(merge(log)))) == list(map(to_line, store.events()))
