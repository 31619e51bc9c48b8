"""Taking decks in: from files, folders and globs, all or nothing, history kept, changes on disk noticed."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import CARDS, a_review

from flashcards.app import library
from flashcards.app.finding import find_files
from flashcards.app.library import Change, notice, read, read_all, take
from flashcards.app.watching import suspects
from flashcards.errors import CardsError, UnknownFormat
from flashcards.store import Store

DAY = a_review(1, "2027-01-01").day

WriteDeck = Callable[..., Path]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(tmp_path / "home" / "cards.db")
    yield store
    store.close()


@pytest.fixture
def write(tmp_path: Path) -> WriteDeck:
    """Writes a deck of plain cards: `write("venv", create="How?", other="What?")`, to a file of its name."""

    def write(deck: str, *, name: str = "", title: str = "", **fronts: str) -> Path:
        path = tmp_path / "decks" / (name or f"{deck}.yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        cards = "".join(f"  - id: {one}\n    front: '{front}'\n    back: b\n" for one, front in fronts.items())
        path.write_text(
            f"deck: {deck}\ntitle: '{title}'\ncards:\n{cards}" if title else f"deck: {deck}\ncards:\n{cards}"
        )
        return path

    return write


def take_in(store: Store, *paths: Path) -> list[Change]:
    """Reads and takes in; what changed."""
    readings = read_all(store, paths)
    assert [()] * len(paths) == [reading.problems for reading in readings]
    take(store, [reading.change for reading in readings])
    return [change for reading in readings for change in reading.change.changes]


def kinds(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.kind, change.card) for change in changes]


def look(store: Store):
    """What `cards review` does first."""
    return notice(store, suspects(store))


def tables(store: Store) -> list[list[tuple[object, ...]]]:
    names = ("events", "decks", "memory", "cards", "meta")
    return [store._connection.execute(f"select * from {name} order by 1").fetchall() for name in names]


def later(path: Path) -> None:
    """Gives the file another date, as an editor does that writes the same text."""
    facts = path.stat()
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns + 1_000_000_000))


# ---------------------------------------------------------------- finding


def test_a_folder_gives_its_decks_and_logs_and_nothing_else(write, tmp_path):
    """Other YAML, hidden files and folders, links to nowhere and editors' locks are passed over."""
    folder = write("venv", a="A?").parent
    write("git", name="sub/git.yml", a="A?")
    write("hidden", name=".git/hidden.yaml", a="A?")
    write("backup", name=".venv.yaml", a="A?")
    (folder / "compose.yaml").write_text("services:\n  deck: none\n")
    (folder / "notes.txt").write_text("deck: no\n")
    (folder / "log.jsonl").write_text("")
    (folder / ".#venv.yaml").symlink_to("me@machine.1234")
    (folder / "gone.yaml").symlink_to("nowhere.yaml")
    decks, logs = find_files([str(folder)])

    assert [folder / "sub" / "git.yml", folder / "venv.yaml"] == decks
    assert [folder / "log.jsonl"] == logs


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with names are a thing of Unix")
def test_a_pipe_in_a_folder_does_not_hold_the_import_up(write):
    """Only files are opened: nobody will ever write into this one."""
    path = write("venv", a="A?")
    os.mkfifo(path.parent / "pipe.yaml")

    assert ([path], []) == find_files([str(path.parent)])


def test_a_file_named_in_two_ways_is_taken_once(write, tmp_path):
    """Directly, in its folder, by a pattern and through a link: one deck, no quarrel about its name."""
    path = write("venv", a="A?")
    link = tmp_path / "link.yaml"
    link.symlink_to(path)
    decks, _ = find_files(
        [str(path), str(path.parent), f"{path.parent}/*.yaml", f"{path.parent}/../decks/venv.yaml", str(link)]
    )

    assert [path] == decks


def test_a_pattern_finds_files_in_folders(write, tmp_path):
    """Two stars go down, and the order is that of the names."""
    write("b", name="x/b.yaml", a="A?")
    write("a", name="y/z/a.yaml", a="A?")
    decks, _ = find_files([f"{tmp_path}/decks/**/*.yaml"])

    assert ["b.yaml", "a.yaml"] == [path.name for path in decks]


@pytest.mark.parametrize("source", ["*.yaml", "nothing", "~nobody-of-this-name/decks/*.yaml"])
def test_a_source_that_names_nothing_is_an_error(source, tmp_path):
    """Neither an empty folder nor a pattern without a match passes for an import."""
    (tmp_path / "nothing").mkdir()

    with pytest.raises(CardsError) as caught:
        find_files([source if source.startswith("~") else str(tmp_path / source)])
    assert caught.value.hint


@pytest.mark.parametrize("name", ["deck.txt", "deck", "deck.json"])
def test_a_file_of_no_known_format_is_refused(tmp_path, name):
    """The error has the code for it and says what is known."""
    (tmp_path / name).write_text("deck: a")

    with pytest.raises(UnknownFormat, match=name) as caught:
        find_files([str(tmp_path / name)])
    assert (6, True) == (caught.value.exit_code, ".jsonl" in caught.value.hint)


def test_a_file_that_is_not_there_is_an_error(store, tmp_path):
    """The name is in the message."""
    with pytest.raises(CardsError, match=r"gone\.yaml"):
        read_all(store, find_files([str(tmp_path / "gone.yaml")])[0])


# ---------------------------------------------------------------- changes


def test_an_import_tells_every_change_and_a_second_one_none(store, write):
    """New, changed, retired, moved and returned cards are told by name; twice is the same as once."""
    first = take_in(store, write("d", a="A?", b="B?", c="C?", e="E?"))
    second = take_in(store, write("d", c="C?", a="A?", b="Other?"))
    third = take_in(store, write("d", c="C?", a="A?", b="Other?", e="E?"))
    before = tables(store)
    fourth = take_in(store, Path(store.decks()[0].path))

    assert [("new", "d/a"), ("new", "d/b"), ("new", "d/c"), ("new", "d/e")] == kinds(first)
    assert [("moved", "d/c"), ("changed", "d/b"), ("retired", "d/e")] == kinds(second)
    assert [("returned", "d/e")] == kinds(third)
    assert [] == fourth
    assert before == tables(store)


def test_a_retired_card_tells_its_last_text(store, write):
    """A person recognises it by its question."""
    take_in(store, write("d", a="A?", b="B?"))
    (change,) = take_in(store, write("d", a="A?"))

    assert Change(card="d/b", kind="retired", front="B?") == change


def test_history_stays_whatever_changes(store, write):
    """Text, place, title and file may all change: the memory is the same, and so is the log."""
    take_in(store, write("venv", create="How?", other="What?"))
    store.append([a_review(1, "2026-03-02")])
    known, log = store.memory(CARDS[0]), list(store.events())
    path = write("venv", name="renamed.yaml", title="Title", other="What?", create="Why?")
    (path.parent / "venv.yaml").unlink()
    take_in(store, path)
    row = store.card(CARDS[0])

    assert ("Why?", False, known) == (row.card.front, row.retired, row.memory)
    assert (log, 1) == (list(store.events()), store.count_due(DAY))


def test_reading_changes_nothing(store, write):
    """A dry run reads, compares and leaves every row alone."""
    take_in(store, write("d", a="A?"))
    before = tables(store)
    read_all(store, [write("d", b="B?"), write("new", a="A?")])

    assert before == tables(store)


def test_a_deck_with_faults_gives_all_of_them_and_no_change(store, deck_file):
    """Faults are data with their place in the file."""
    reading = read(store, deck_file("deck: d\ncards:\n  - id: a\n    frnt: x\n  - id: a b\n"))

    assert reading.change is None
    assert 2 <= len(reading.problems)
    assert all(problem.path == reading.path and problem.line for problem in reading.problems)


@given(st.permutations(list(range(9))))
def test_the_fewest_cards_moved(places):
    """What did not move stands in order, and nothing smaller would do."""
    moved = library._out_of_order(places)
    kept = [place for place in places if place not in moved]
    subsets = [[p for n, p in enumerate(places) if bits >> n & 1] for bits in range(1 << len(places))]

    assert sorted(kept) == kept
    assert max(len(one) for one in subsets if sorted(one) == one) == len(kept)


# ---------------------------------------------------------------- one deck, one file


def test_a_deck_in_two_files_is_a_problem_that_names_both(store, write):
    """Neither file wins in silence."""
    one, two = write("d", name="one.yaml", a="A?"), write("d", name="two.yaml", b="B?")
    first, second = read_all(store, [one, two])

    assert first.change
    assert second.change is None
    assert (str(two), True) == (second.problems[0].path, str(one) in second.problems[0].message)


def test_a_deck_that_another_file_still_has_is_refused_unless_replaced(store, write):
    """The file that was taken in first is named; `replace` takes the other one."""
    one = write("d", name="one.yaml", a="A?")
    take_in(store, one)
    two = write("d", name="two.yaml", a="A?")
    (refused,), (replaced,) = read_all(store, [two]), read_all(store, [two], replace=True)

    assert str(one) in refused.problems[0].message
    assert str(one) == replaced.change.moved_from


@pytest.mark.parametrize("said", ["deck: d2", "deck: 'd-2'", "deck: other # was d"])
def test_a_file_that_now_has_another_deck_is_no_obstacle(store, write, said):
    """The old file was given to another deck, maybe one whose name begins the same."""
    one = write("d", name="one.yaml", a="A?")
    take_in(store, one)
    one.write_text(one.read_text().replace("deck: d", said))
    (reading,) = read_all(store, [write("d", name="two.yaml", a="A?")])

    assert (reading.problems, str(one)) == ((), reading.change.moved_from)


@pytest.mark.parametrize("said", ["deck: d", "deck:  'd'", 'deck: "d"   # mine'])
def test_a_file_that_still_has_the_deck_is_found_however_it_is_written(store, write, said):
    """Quotes, spaces and comments around the name make no difference."""
    one = write("d", name="one.yaml", a="A?")
    take_in(store, one)
    one.write_text(one.read_text().replace("deck: d", said))
    (reading,) = read_all(store, [write("d", name="two.yaml", a="A?")])

    assert reading.problems


# ---------------------------------------------------------------- changes on disk


def test_a_changed_file_is_noticed_once(store, write):
    """Its changes are taken in and told; the next look says nothing."""
    take_in(store, write("d", a="A?"))
    write("d", a="Another?", b="B?")
    (reading,) = look(store)

    assert [("changed", "d/a"), ("new", "d/b")] == kinds(list(reading.change.changes))
    assert "Another?" == store.card("d/a").card.front
    assert [] == look(store)


def test_a_change_of_the_same_size_is_noticed_by_its_date(store, write):
    """Size alone would not tell."""
    path = write("d", a="A?")
    take_in(store, path)
    write("d", a="B?")
    later(path)
    (reading,) = look(store)

    assert 1 == reading.change.count("changed")


def test_a_file_that_says_the_same_is_not_told(store, write, monkeypatch):
    """A new date alone is remembered, so that the next look need not read the file."""
    path = write("d", a="A?")
    take_in(store, path)
    later(path)
    first = look(store)

    assert ([], []) == (first, suspects(store))
    assert path.stat().st_mtime_ns == store.decks()[0].mtime_ns
    assert store.decks(sources=True)[0].source


def test_a_broken_file_is_named_and_the_last_good_version_goes_on(store, write):
    """The problem has its place; cards, schedule and stored text stay; the mended file is taken in."""
    path = write("venv", create="A?")
    take_in(store, path)
    store.append([a_review(1, "2026-03-02")])
    before = tables(store)
    path.write_text("deck: venv\ncards:\n  - id: [create\n")
    (first,), (again,) = look(store), look(store)
    after, due = tables(store), store.count_due(DAY)
    write("venv", create="Mended?")
    (mended,) = look(store)

    assert (None, None) == (first.change, again.change)
    assert (str(path), True) == (first.problems[0].path, first.problems[0].line > 0)
    assert (before, 1) == (after, due)
    assert 1 == mended.change.count("changed")


def test_a_file_that_is_gone_changes_nothing(store, write):
    """Its cards are asked as before."""
    path = write("d", a="A?")
    take_in(store, path)
    before = tables(store)
    path.unlink()

    assert [] == look(store)
    assert before == tables(store)


def test_a_file_that_became_another_deck_does_not_touch_the_first(store, write):
    """Its cards are neither retired nor mixed with those of the other."""
    path = write("d", a="A?")
    take_in(store, path)
    before = tables(store)
    path.write_text(path.read_text().replace("deck: d", "deck: other"))

    assert [] == look(store)
    assert before == tables(store)


def test_only_the_deck_that_changed_is_read(store, write):
    """Another deck is not told, and its date not even compared by content."""
    take_in(store, write("d", a="A?"), write("e", a="A?"))
    write("e", a="A?", b="B?")

    assert ["e"] == [source.deck for source in suspects(store)]
    assert ["e"] == [reading.change.deck.id for reading in look(store)]


def test_the_stored_text_of_a_deck_is_that_of_its_last_good_file(store, write):
    """Byte for byte, so that the index can be made again without the file."""
    path = write("d", a="Ä?")
    take_in(store, path)

    assert path.read_bytes() == library.zlib.decompress(store.decks(sources=True)[0].source)


# ---------------------------------------------------------------- the command


def test_an_import_with_a_fault_takes_in_nothing(run, write, deck_file):
    """One bad file of three: exit code 3, its place is shown, no deck and no event came in."""
    good = write("good", a="A?")
    log = good.parent / "log.jsonl"
    log.write_text('{"card":"good/a","grade":4,"at":"2026-03-02T12:00:00Z"}\n')
    bad = deck_file("deck: bad\ncards:\n  - id: a\n", "bad.yaml")
    ran = run("import", good, bad, log)
    decks, events = run("list", "--json").out, run("export", "log").out

    assert (3, True) == (ran.code, f"{bad}:3" in ran.err)
    assert ("", "") == (decks, events)


def test_skip_bad_takes_in_the_others(run, write, deck_file):
    """The good file is there afterwards, and the exit code still tells of the bad one."""
    good, bad = write("good", a="A?"), deck_file("deck: bad\ncards:\n  - id: a\n", "bad.yaml")
    ran = run("import", "--skip-bad", good, bad)

    assert (3, True) == (ran.code, '"good/a"' in run("list", "--json").out)


def test_a_review_tells_of_a_changed_deck_in_one_line(run, write):
    """The line comes before the first question, and the question is the new one."""
    run("import", write("d", a="A?"), check=True)
    write("d", a="Another?")
    ran = run("review", "--plain", check=True)

    assert "d changed on disk: 1 changed" in ran.out.splitlines()[0]
    assert "Another?" in ran.out


def test_a_review_names_a_broken_deck_and_goes_on(run, write):
    """The fault has its place, and the last good question is asked."""
    path = write("d", a="A?")
    run("import", path, check=True)
    path.write_text("deck: d\ncards:\n  - id: [a\n")
    ran = run("review", "--plain", check=True)

    assert ran.out.startswith(f"{path}:")
    assert "the last good version goes on" in ran.out.splitlines()[0]
    assert "A?" in ran.out


def test_a_folder_of_decks_is_not_listed_anew_for_each_of_them(store: Store, write, monkeypatch: pytest.MonkeyPatch):
    """A thousand notes take a thousand times as long as one, not a million times."""
    paths = [write(f"d{number}", one="a") for number in range(20)]
    take_in(store, *paths)
    lists: list[str] = []
    decks = store.decks
    monkeypatch.setattr(store, "decks", lambda **kinds: lists.append("") or decks(**kinds))

    take_in(store, *paths)

    assert len(lists) <= 2
