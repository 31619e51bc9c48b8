"""Review logs in and out: a union of events, so twice is the same as once and order does not matter."""

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from strategies import CARDS, a_review, logs, split_logs

from flashcards.app import logs as app_logs
from flashcards.errors import CardsError
from flashcards.log import to_line
from flashcards.redaction import redacted
from flashcards.store import Store
from flashcards.union import merge

BARE = '{"card":"d/a","grade":4,"at":"2026-03-02T12:00:00Z"}'
"""A line as other programs write it: no id, no version."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(tmp_path / "home" / "cards.db")
    yield store
    store.close()


@pytest.fixture
def log_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a log of lines, texts or bytes, and gives its path."""

    def log_file(*lines: str | bytes, name: str = "log.jsonl") -> Path:
        path = tmp_path / name
        path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
        return path

    return log_file


def take_in(store: Store, *paths: Path) -> list[app_logs.LogReading]:
    readings = [app_logs.read(store, path) for path in paths]
    store.append([event for reading in readings for event in reading.events])
    return readings


# ---------------------------------------------------------------- out and in


@given(logs())
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
def test_a_log_that_is_written_and_read_is_the_same_log(log):
    """Into another store and back: the same lines, byte for byte, and nothing new the second time."""
    with TemporaryDirectory() as folder:
        here, there = Store(Path(folder, "here.db")), Store(Path(folder, "there.db"))
        here.append(log)
        file = Path(folder, "log.jsonl")
        written = list(app_logs.write(here))
        file.write_text("".join(f"{line}\n" for line in written), encoding="utf-8", newline="\n")
        (first,) = take_in(there, file)
        (second,) = take_in(there, file)
        read = list(app_logs.write(there))
        here.close()
        there.close()

    assert ((), (), len(log), 0) == (first.problems, second.problems, first.fresh, second.fresh)
    assert [to_line(event) for event in log] == written == read


@given(split_logs())
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
def test_logs_of_several_devices_become_one_in_any_order(parts):
    """Files that overlap, imported in two orders, give the merge of them."""
    with TemporaryDirectory() as folder:
        files = [Path(folder, f"{number}.jsonl") for number in range(len(parts))]
        for file, part in zip(files, parts, strict=True):
            file.write_text("".join(f"{to_line(event)}\n" for event in part), encoding="utf-8", newline="\n")
        found = []
        for order in (files, files[::-1]):
            store = Store(Path(folder, f"{len(found)}.db"))
            take_in(store, *order)
            found.append(list(store.events()))
            store.close()

    assert [redacted(merge(*parts))] * 2 == found


# ---------------------------------------------------------------- foreign logs


def test_reviews_without_an_id_are_the_same_when_they_come_again(store, log_file):
    """The id follows from card, grade and moment; reviews that agree in all three are told apart by their order."""
    path = log_file(BARE, BARE, BARE.replace("d/a", "d/b"), BARE)
    (first,) = take_in(store, path)
    (second,) = take_in(store, path)

    assert (4, 4, 0) == (len(first.events), first.fresh, second.fresh)
    assert 4 == len(list(store.events()))


def test_a_longer_log_of_the_same_reviews_adds_only_what_is_new(store, log_file):
    """A log that grew is imported again: what was there is known."""
    take_in(store, log_file(BARE, BARE))
    (grown,) = take_in(store, log_file(BARE, BARE, BARE, BARE.replace("03-02", "03-09")))

    assert 2 == grown.fresh


def test_lines_with_an_id_are_never_counted_apart(store, log_file):
    """The same line twice in one file is one event."""
    line = to_line(a_review(1, "2026-03-02"))
    (reading,) = take_in(store, log_file(line, line))

    assert (1, 1) == (reading.fresh, len(list(store.events())))


def test_empty_lines_marks_of_order_and_foreign_ends_do_not_matter(store, log_file):
    """A byte order mark, Windows line ends and blank lines are no faults."""
    (reading,) = take_in(
        store, log_file(b"\xef\xbb\xbf" + BARE.encode() + b"\r", "", "   ", BARE.replace("d/a", "d/ä"))
    )

    assert ((), 2) == (reading.problems, reading.fresh)


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("not json", "not a line of JSON"),
        ("[1, 2]", "not a JSON object"),
        (BARE.replace("4", "9", 1), "`grade`"),
        (BARE.replace('"card":"d/a",', ""), "`card` is missing"),
        ('{"v":2,"card":"d/a","grade":4,"at":"2026-03-02T12:00:00Z"}', "newer"),
        (BARE.encode().replace(b"d/a", b"d/\xff"), "`card`"),
        (BARE.encode().replace(b'"card"', b'"device":"\xe4","card"'), "`device`"),
    ],
)
def test_a_faulty_line_is_named_with_its_number(store, log_file, line, message):
    """Faults are data: the number of the line, what is wrong, and an excerpt that can be printed."""
    reading = app_logs.read(store, log_file(BARE, "", line, BARE.replace("d/a", "d/b")))
    (problem,) = reading.problems

    assert (3, 1) == (problem.line, problem.column)
    assert message in problem.message
    assert problem.excerpt.isprintable()
    assert 2 == len(reading.events)


def test_a_line_without_end_does_not_fill_the_memory(store, log_file):
    """A line of megabytes is a fault, and the lines after it are still read."""
    reading = app_logs.read(store, log_file(b"x" * 3_000_000, BARE))

    assert reading.problems
    assert max(len(problem.excerpt) for problem in reading.problems) <= app_logs.EXCERPT
    assert 1 == len(reading.events)


def test_a_log_that_is_not_there_is_an_error(store, tmp_path):
    """The name is in the message."""
    with pytest.raises(CardsError, match=r"gone\.jsonl"):
        app_logs.read(store, tmp_path / "gone.jsonl")


def test_reading_changes_nothing(store, log_file):
    """A dry run counts what is new and adds nothing."""
    reading = app_logs.read(store, log_file(BARE))

    assert (1, []) == (reading.fresh, list(store.events()))


# ---------------------------------------------------------------- the command


def test_export_and_import_carry_everything_to_another_machine(run, tmp_path, deck_file):
    """Grades, marks, settings and undos of one home give the same cards, due days and streak in another."""
    deck = deck_file("deck: d\ncards:\n- {id: a, front: A?, back: a}\n- {id: b, front: B?, back: b}\n")
    other = {"CARDS_HOME": str(tmp_path / "other")}
    run("import", deck, check=True)
    run("review", "--plain", input="\n1\n\n4\n", check=True)
    run("suspend", "d/b", check=True)
    run("config", "new_per_day", "7", check=True)
    run("flag", "d/a", check=True)
    run("undo", check=True)
    run("export", "log", "-o", tmp_path / "log.jsonl", check=True)
    run("import", deck, tmp_path / "log.jsonl", env=other, check=True)
    again = run("import", tmp_path / "log.jsonl", env=other, check=True).out

    for command in (("list", "--json"), ("due", "--json"), ("stats", "--json")):
        assert run(*command, check=True).out == run(*command, env=other, check=True).out
    here, there = (run("export", "log", env=env, check=True).out.splitlines() for env in ({}, other))
    assert ["restore"] == [json.loads(line)["kind"] for line in there if line not in here]
    assert {*here} <= {*there}
    assert "0 new" in again
    assert 6 <= len((tmp_path / "log.jsonl").read_text().splitlines())


def test_history_survives_the_loss_of_the_database(run, home, tmp_path, deck_file):
    """From the log and the deck alone everything is as it was, due days included."""
    deck = deck_file("deck: venv\ncards:\n- {id: create, front: A?, back: a}\n")
    run("import", deck, check=True)
    (tmp_path / "old.jsonl").write_text(
        "".join(f"{to_line(a_review(n, f'2026-03-{n:02}', n % 5, card=CARDS[0]))}\n" for n in range(1, 20, 3))
    )
    run("import", tmp_path / "old.jsonl", check=True)
    before = run("list", "--json", check=True).out
    run("export", "log", "-o", tmp_path / "all.jsonl", check=True)
    shutil.rmtree(home)
    run("import", tmp_path / "all.jsonl", deck, check=True)

    assert before == run("list", "--json", check=True).out
    assert '"reviews": 7' in before
