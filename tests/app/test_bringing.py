"""Bringing decks in from elsewhere: files of the home, history as one action, nothing outside, nothing by halves."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from cli.inside import cards, progress

from flashcards import formats
from flashcards.app.importing.bringing import is_safe
from flashcards.app.placing import Placing, ToPlace
from flashcards.formats.plain import Beside, Brought, Options, PlainDeck
from flashcards.model import CardId, Event, EventId, Grade, Problem, Review
from flashcards.store import Store

AT = datetime(2020, 5, 1, 12, tzinfo=UTC)


class Boxes:
    """A format of another package: a JSON file that says what it brings."""

    name = "boxes"
    suffixes = (".box",)

    def read(self, path: Path, name: str, options: Options) -> Brought:
        said = json.loads(path.read_text())
        if "problem" in said:
            return Brought(problems=(Problem(path=name, line=3, column=1, message=said["problem"]),))
        decks = tuple(PlainDeck(id=options.deck or deck, cards=tuple(cards)) for deck, cards in said["decks"].items())
        count = said.get("reviews", 0)

        def events(batch: str) -> Iterator[Event]:
            for number in range(count):
                yield Review(
                    id=EventId(f"{number + 1:032x}"), card=CardId(f"{decks[0].id}/a"), grade=Grade.GOOD, at=AT + timedelta(days=number),
                    offset_minutes=0, day=date(2020, 5, 1 + number), mode="imported", device=options.device, batch=batch,
                )  # fmt: skip

        beside = tuple(
            Beside(name=n, open=lambda t=t: io.BytesIO(t.encode())) for n, t in said.get("beside", {}).items()
        )
        return Brought(decks=decks, notes=tuple(said.get("notes", ())), events=events if count else None, beside=beside)

    def write(self, decks, beside=()):
        yield b""


@pytest.fixture(autouse=True)
def _boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The format is there, as if a package had brought it."""
    monkeypatch.setattr(formats, "_installed", lambda: {"boxes": Boxes()})


@pytest.fixture
def box(tmp_path: Path) -> Callable[..., Path]:
    """Writes a box: `box(decks={"d": {"a": "front"}}, reviews=3)`."""

    def box(name: str = "some.box", *, decks=None, **more: object) -> Path:
        path = tmp_path / name
        listed = {
            deck: [{"id": one, "front": front, "back": "b"} for one, front in fronts.items()]
            for deck, fronts in (decks or {"d": {"a": "A?"}}).items()
        }
        path.write_text(json.dumps({"decks": listed, **more}))
        return path

    return box


def everything(folder: Path) -> dict[str, bytes]:
    """All files below, the database aside."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("cards.db"))
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_source_becomes_a_deck_file_in_the_home(home: Path, box):
    """Its first line says where it came from; decks, history and notes are told."""
    path = box(decks={"d": {"a": "A?", "b": "B: #1"}}, reviews=3, notes=["one was left out"])
    out = cards("import", path, check=True).out

    assert f"{path}  d: 2 new; 3 reviews\n  note: one was left out\n" == out
    text = (home / "decks" / "d.yaml").read_text()
    assert text.startswith("# Made by `cards import` from some.box; blake2b:")
    assert text.endswith(
        'deck: d\ncards:\n  - id: a\n    front: A?\n    back: b\n  - id: b\n    front: "B: #1"\n    back: b\n'
    )
    assert 3 == progress()["d/a"]["reviews"]


def test_the_same_source_again_changes_nothing(home: Path, box):
    """No card, no event, no file; from another folder too."""
    path = box(reviews=3, beside={"some.media/x.png": "x"})
    cards("import", path, check=True)
    before, log = everything(home), cards("export", "log").out
    stamps = {one: one.stat().st_mtime_ns for one in (home / "decks").rglob("*")}
    again = cards("import", path, check=True).out
    (path.parent / "other").mkdir()
    moved = path.rename(path.parent / "other" / path.name)
    cards("import", moved, check=True)

    assert f"{path}  d: no change; no new reviews\n" == again
    assert (before, log) == (everything(home), cards("export", "log").out)
    assert stamps == {one: one.stat().st_mtime_ns for one in (home / "decks").rglob("*")}


def test_one_undo_takes_the_history_back(home: Path, box):
    """All of it, although it is older than what was done here before."""
    cards("import", box(decks={"d": {"a": "A?", "b": "B?"}}), check=True)
    cards("suspend", "d/b", check=True)
    cards("import", box(decks={"d": {"a": "A?", "b": "B?"}}, reviews=3), check=True)
    assert 3 == progress()["d/a"]["reviews"]
    cards("undo", check=True)

    assert (0, True) == (progress()["d/a"]["reviews"], progress()["d/b"]["suspended"])


def test_a_dry_run_writes_nothing_at_all(home: Path, box):
    """No file, no card, no event, no name for this device."""
    out = cards("import", box(reviews=2, beside={"some.media/x": "x"}), "-n", check=True).out

    assert "d: 1 new; 2 reviews\n  new       d/a  A?\n" in out
    assert ({}, {}, "") == (everything(home), progress(), cards("export", "log").out)
    assert not (home / "decks").exists()


def test_a_file_that_was_changed_by_hand_is_not_overwritten(home: Path, box):
    """One clear problem; --replace takes the new one; a source that is made into the same text is no trouble."""
    path = box()
    cards("import", path, check=True)
    made = home / "decks" / "d.yaml"
    made.write_text(made.read_text().replace("A?", "Mine?"))
    refused = cards("import", box(decks={"d": {"a": "New?"}}))

    assert (3, True, "Mine?") == (refused.code, "was changed by hand" in refused.err, made.read_text().split()[-3])
    cards("import", path, "--replace", check=True)
    assert "New?" in made.read_text()


def test_another_source_does_not_take_the_place_of_a_deck_unasked(home: Path, box, tmp_path: Path):
    """Cards of the first would be retired in silence; both are named, and nothing changes without --replace."""
    path = Path(box())
    cards("import", path, check=True)
    made = home / "decks" / "d.yaml"
    before = made.read_bytes()
    other = path.with_name(f"other{path.suffix}")
    other.write_bytes(Path(box(decks={"d": {"b": "B?"}})).read_bytes())

    refused = cards("import", other)
    assert (3, True, True) == (refused.code, path.name in refused.err, other.name in refused.err)
    assert before == made.read_bytes()
    cards("import", other, "--replace", check=True)
    assert "B?" in made.read_text()


def test_an_update_of_the_source_is_an_update_of_the_deck(home: Path, box):
    """As long as nobody touched the file in the home."""
    cards("import", box(), check=True)
    out = cards("import", box(decks={"d": {"a": "Anew?", "c": "C?"}}), check=True).out

    assert "d: 1 new, 1 changed (history kept)" in out
    assert "no change" in cards("import", home / "decks" / "d.yaml").out
    assert not cards("review", "--plain").out.startswith("d changed on disk")


def test_a_deck_of_a_persons_own_file_is_not_taken_over(home: Path, box, deck_file):
    """The file is named; nothing is written."""
    own = deck_file("deck: d\ncards: [{id: a, front: mine, back: b}]\n")
    cards("import", own, check=True)
    refused = cards("import", box())

    assert (3, True) == (refused.code, f"the deck `d` is also in `{own}`" in refused.err)
    assert not (home / "decks").exists()


@pytest.mark.parametrize(
    "name", ["../x", "some.media/../../x", "/etc/x", "other.media/x", "x", "some.media", "some.media/", "some.media/a\\b",
             "some.media/C:x", "some.media/a\0b", "some.media/.", "some.media//x", "some.media/x." , "some.media/" + "x" * 300],
)  # fmt: skip
def test_no_file_lands_outside(home: Path, box, name: str):
    """A name that leads away, or that some system reads so, refuses the whole source."""
    refused = cards("import", box(beside={name: "evil"}))

    assert not is_safe(name, "some")
    assert (3, True, {}) == (refused.code, "would lie outside" in refused.err, everything(home))


def test_a_link_in_the_folder_is_not_followed_outside(home: Path, box, tmp_path: Path):
    """A folder of media that leads elsewhere gets nothing."""
    (home / "decks").mkdir(parents=True)
    (tmp_path / "away").mkdir()
    (home / "decks" / "some.media").symlink_to(tmp_path / "away")

    assert 3 == cards("import", box(beside={"some.media/x": "evil"})).code
    assert [] == [*(tmp_path / "away").iterdir()]


def test_another_file_beside_is_not_overwritten(home: Path, box):
    """The same file is no trouble, a different one is told; --replace takes it."""
    cards("import", box(beside={"some.media/a/x": "one"}), check=True)
    refused = cards("import", box(beside={"some.media/a/x": "two"}))
    picture = home / "decks" / "some.media" / "a" / "x"

    assert (3, "one") == (refused.code, picture.read_text())
    cards("import", box(beside={"some.media/a/x": "two"}), "--replace", check=True)
    assert "two" == picture.read_text()


def test_problems_of_a_source_stop_everything(home: Path, box, deck_file):
    """With their line; the good deck beside it waits, or comes with --skip-bad."""
    good, bad = deck_file("deck: good\ncards: [{id: a, front: f, back: b}]\n"), box("bad.box", problem="is torn")
    refused = cards("import", good, bad)

    assert (3, True, {}) == (refused.code, f"{bad}:3:1: is torn" in refused.err, progress())
    assert 3 == cards("import", good, bad, "--skip-bad").code
    assert ["good/a"] == list(progress())


@pytest.mark.parametrize(
    "decks", [{"A b": {"a": "A?"}}, {"../x": {"a": "A?"}}, {"d": {"a": " "}}, {"d": {"A": "x"}}, {}]
)
def test_what_cannot_be_a_deck_is_refused(home: Path, box, decks):
    """A name that no deck can have, texts that no card can have, nothing at all: told, and nothing is written."""
    path = box(decks=decks)
    if not decks:
        path.write_text('{"decks": {}}')
    refused = cards("import", path)

    assert (3, {}) == (refused.code, everything(home))
    assert "Traceback" not in refused.err


def test_a_failure_leaves_everything_as_it_was(home: Path, box, monkeypatch: pytest.MonkeyPatch):
    """The disk refuses the second file: the first is back, the decks and the log are as before."""
    cards("import", box(beside={"some.media/x": "1"}), check=True)
    before, known = everything(home), progress()
    replace = Path.replace

    def full(self: Path, target: Path) -> Path:
        if target.name == "e.yaml":
            raise OSError(28, "No space left on device")
        return replace(self, target)

    monkeypatch.setattr(Path, "replace", full)
    refused = cards("import", box(decks={"d": {"a": "Anew?"}, "e": {"a": "E?"}}, reviews=3))

    assert (1, True) == (refused.code, "No space left" in refused.err)
    assert (before, known) == (everything(home), progress())
    assert ["d.yaml", "some.media"] == sorted(one.name for one in (home / "decks").iterdir())


def test_a_file_with_a_name_that_no_id_can_hold_is_seen_by_it(home: Path, tmp_path: Path):
    """The id is a hash then, which tells nobody anything."""
    path = tmp_path / "日本.csv"
    path.write_text("犬,dog\n", encoding="utf-8")

    assert 0 == cards("import", path).code
    assert "日本" in cards("decks").out


def test_a_format_of_another_package_is_named_like_ours(home: Path):
    """In and out; one that nobody has is told with those that there are."""
    coming = cards(
        "import", "-", "--format", "boxes", stdin='{"decks": {"d": [{"id": "a", "front": "A", "back": "b"}]}}'
    )
    going = cards("export", "deck", "d", "--format", "boxes")
    nobody = cards("export", "deck", "d", "--format", "crates")
    package = cards("export", "deck", "d", "-o", home / "d.apkg")

    assert [(0, "standard input  d: 1 new\n"), (0, "")] == [(coming.code, coming.out), (going.code, going.out)]
    assert (2, True) == (nobody.code, "`crates` is not one of" in nobody.err)
    assert (2, True) == (package.code, "hint: cards export anki -o " in package.err)


@pytest.mark.parametrize("committed", [False, True])
def test_an_interrupt_takes_files_back_only_where_the_database_has_not_them(tmp_path: Path, committed: bool):
    """Ctrl-C while the disk is waited for is heard behind the commit: then the files are in their place as well."""
    store, target = Store(tmp_path / "cards.db"), tmp_path / "decks" / "d.yaml"
    target.parent.mkdir()
    target.write_bytes(b"old")
    with suppress(KeyboardInterrupt), Placing(target.parent, store) as placing:
        with store.together():
            placing.stage([ToPlace(target, lambda: io.BytesIO(b"new"))])
            placing.publish()
            if not committed:
                raise KeyboardInterrupt
        raise KeyboardInterrupt
    store.close()

    assert (b"new" if committed else b"old") == target.read_bytes()
    assert [target] == [*target.parent.iterdir()]


KILLED = """
import os, signal, sys
from pathlib import Path
from app import test_bringing as test
from flashcards import cli, formats
from flashcards.app.placing import Placing
formats._installed = lambda: {"boxes": test.Boxes()}
publish, left = Path.replace, [int(sys.argv[1])]
def replace(self, target):
    left[0] -= 1
    if left[0] < 0:
        os.kill(os.getpid(), signal.SIGKILL)
    return publish(self, target)
Path.replace = replace
cli.run(["import", sys.argv[2]])
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("after", [0, 1, 9])
def test_a_kill_leaves_old_or_new(home: Path, box, after: int):
    """Whole files and one transaction: the import again, and all is there; nothing lies about."""
    cards("import", box(decks={"d": {"a": "Old?"}}), check=True)
    path = box(decks={"d": {"a": "New?"}, "e": {"a": "E?"}}, reviews=2)
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", KILLED, str(after), str(path)]
    done = subprocess.run(command, env={**os.environ, "PYTHONPATH": tests}, capture_output=True, check=False)
    known = progress()

    assert -signal.SIGKILL == done.returncode, done.stderr
    assert known["d/a"]["front"] in {"Old?", "New?"}
    assert (known["d/a"]["reviews"], "e/a" in known) in {(0, False), (2, True)}
    cards("import", path, check=True)
    assert (2, "New?") == (progress()["d/a"]["reviews"], progress()["d/a"]["front"])
    assert ["d.yaml", "e.yaml"] == sorted(one.name for one in (home / "decks").iterdir() if one.name[0] != ".")
