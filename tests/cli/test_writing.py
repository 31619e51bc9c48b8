"""New cards, edits, moves and decks on the command line, as a person or a script meets them."""

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from cli.inside import cards, progress

from flashcards.app import editing
from flashcards.formats.ids import slug
from flashcards.formats.yaml import parse

DeckFile = Callable[..., Path]
TEXT = """\
deck: mine
cards:
  # about one
  - id: one
    front: One?
    back: eins   # German

  - id: two
    front: Two?
    answer: zwei
"""


@pytest.fixture
def mine(home: Path, deck_file: DeckFile) -> Path:
    """A deck of the person's own, taken in."""
    path = deck_file(TEXT, "mine.yaml")
    cards("import", path, check=True)
    return path


@pytest.fixture
def editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """An editor that does what a line of shell says with the file; what it was called with is in the file it gives."""

    def editor(script: str, name: str = "vim") -> Path:
        program, said = tmp_path / name, tmp_path / "said"
        program.write_text(f'#!/bin/sh\necho "$@" >> {said}\nfor file; do :; done\n{script}\n')
        program.chmod(0o755)
        monkeypatch.setenv("EDITOR", str(program))
        return said

    return editor


# ---------------------------------------------------------------- ids


def test_ids_are_written_once_and_keep_the_rights_of_the_file(home: Path, deck_file: DeckFile) -> None:
    """How many is told; a second time there is nothing to do; the history goes by the same names."""
    path = deck_file("deck: x\ncards:\n- front: One?\n  back: a\n- cloze: a {{c1::b}}\n")
    path.chmod(0o640)
    cards("import", path, check=True)
    before = set(progress())

    first, second = cards("check", "--write-ids", path), cards("check", "--write-ids", path)

    assert "2 ids written" in first.err
    assert "has all its ids" in second.err
    assert 0o640 == stat.S_IMODE(path.stat().st_mode)
    assert "- front: One?\n  id: one\n  back: a\n- cloze: a {{c1::b}}\n  id: a-b\n" in path.read_text()
    cards("import", path, check=True)
    assert before == set(progress())
    assert [path] == list(path.parent.iterdir())


def test_files_of_the_program_and_files_with_errors_get_no_ids(home: Path, deck_file: DeckFile) -> None:
    """The first is told with the cure, the second with all its problems; neither is touched."""
    cards("import", "venv", check=True)
    bad = deck_file("deck: x\ncards:\n- front: One?\n")

    assert (2, True) == ((ran := cards("check", "--write-ids", "venv")).code, "belongs to the program" in ran.err)
    assert (1, True) == ((ran := cards("check", "--write-ids", "no.yaml")).code, "cannot read `no.yaml`" in ran.err)
    assert (3, True) == ((ran := cards("check", "--write-ids", bad)).code, "neither `answer`" in ran.err)


# ---------------------------------------------------------------- new


def test_a_new_card_is_appended_and_taken_in(mine: Path) -> None:
    """With its options, in the style of the file; what it is and what comes next is told."""
    ran = cards("new", "mine", "--front", "Three?", "--answer", "drei", "--tag", "a", check=True)

    assert TEXT + "\n  - id: three\n    front: Three?\n    answer: drei\n    tags: [a]\n" == mine.read_text()
    assert "cards review mine" in ran.out
    assert "mine/three" in progress()


def test_a_person_is_asked_for_what_makes_a_card(mine: Path) -> None:
    """Question, answer, what is shown, tags; an empty answer makes a card that is answered in the head."""
    ran = cards("new", stdin="Three?\n\ndrei\na, b\ny\n", check=True)

    assert TEXT + "\n  - id: three\n    front: Three?\n    back: drei\n    tags: [a, b]\n" == mine.read_text()
    assert "append it?" in ran.out


@pytest.mark.parametrize("said", ["", "Three?\n", "Three?\n\ndrei\n\n", "Three?\n\ndrei\n\nn\n"])
def test_who_stops_half_way_has_written_nothing(mine: Path, said: str) -> None:
    """The end of the input, as ctrl-c, and a no."""
    ran = cards("new", "mine", stdin=said)

    assert ran.code == (0 if said.endswith("\nn\n") else 130)
    assert TEXT == mine.read_text()


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["mine", "--front", "One?", "--back", "x"], 2, "`mine/one` asks the same already"),
        (["mine", "--front", "New?"], 2, "no answer"),
        (["mine", "--back", "x"], 2, "no question"),
        (["mine", "--front", "New?", "--back", "x", "--id", "one"], 2, "has a card `one`"),
        (["mine", "--front", "New?", "--back", "x", "--id", "Ö"], 1, "nothing was changed"),
        (["mine", "--cloze", "no gap"], 1, "hides nothing"),
        (["nobody", "--front", "New?", "--back", "x"], 4, "`cards deck new nobody` makes one"),
        (["none.yaml", "--front", "New?", "--back", "x"], 4, "cards deck new none"),
        (["venv", "--front", "New?", "--back", "x"], 2, "belongs to the program"),
        (["mine", "--edit"], 1, "no editor is set"),
    ],
)
def test_a_card_that_cannot_be_is_told_and_not_written(mine: Path, options: list[str], code: int, says: str) -> None:
    """What is wrong, and the cure; the file stays as it is."""
    cards("import", "venv", check=True)

    ran = cards("new", *options)

    assert code == ran.code
    assert says in ran.err
    assert TEXT == mine.read_text()


def test_a_new_card_is_written_in_the_editor(mine: Path, editor: Callable[..., Path]) -> None:
    """A template at the end of the file, the editor at its line; a template left as it was goes out again."""
    said = editor("sed -i 's/The question?/Three?/; s/the-question/three/' \"$file\"")
    ran = cards("new", "mine", "--edit", check=True)
    assert f"+12 {mine}\n" == said.read_text()
    assert "mine/three in" in ran.out

    written = mine.read_text()
    editor(":")
    ran = cards("new", "mine", "--edit", check=True)
    assert "nothing was written" in ran.out
    assert written == mine.read_text()


# ---------------------------------------------------------------- edit


def test_a_card_is_edited_at_its_line_and_keeps_its_history(mine: Path, editor: Callable[..., Path]) -> None:
    """The change is taken in and told."""
    cards("review", "mine", "--plain", stdin="\n4\n:q\n")
    said = editor('sed -i s/Two./Deux?/ "$file"')

    ran = cards("edit", "two", check=True)

    assert f"+8 {mine}\n" == said.read_text()
    assert "mine/two: text changed, history kept\n" == ran.out
    assert "Deux?" == progress()["mine/two"]["front"]
    assert 1 == progress()["mine/one"]["reviews"]
    editor(":")
    assert "mine/two: nothing changed\n" == cards("edit", "two").out


def test_a_faulty_edit_is_shown_and_can_be_mended(mine: Path, editor: Callable[..., Path]) -> None:
    """Back to the editor at the line of the fault, or leave: the last good version stays."""
    said = editor('grep -q "bck:" "$file" && sed -i s/bck:/back:/ "$file" || sed -i s/back:/bck:/ "$file"')
    ran = cards("edit", "one", stdin="y\n")
    assert (0, f"+4 {mine}\n+6 {mine}\n") == (ran.code, said.read_text())
    assert "unknown key `bck`" in ran.err

    ran = cards("edit", "one", stdin="n\n")

    assert 3 == ran.code
    assert "the last good version goes on" in ran.err
    assert "One?" == progress()["mine/one"]["front"]


def test_what_a_person_wrote_stays_in_the_file_however_bad_it_is(mine: Path, editor: Callable[..., Path]) -> None:
    """Not taken in, it is not taken away either; the next edit begins at the card again."""
    editor('echo "  - [: {" >> "$file"')
    ran = cards("edit", "one", stdin="n\n")
    assert (3, "error: not taken in: line 11: ") == (ran.code, ran.err[ran.err.index("error: not") :][:30])
    assert TEXT + "  - [: {\n" == mine.read_text()
    assert "mine/one" in cards("review", "mine", "--plain", stdin=":q\n", check=True).out

    said = editor('sed -i 11d "$file"')
    cards("edit", "one", check=True)

    assert f"+4 {mine}" == said.read_text().splitlines()[-1]
    assert TEXT == mine.read_text()


def test_an_editor_that_fails_is_told_with_what_came_of_it(mine: Path, editor: Callable[..., Path]) -> None:
    """Nothing, as after `:cq`; or something, which stays in the file and waits for an import."""
    editor("exit 3")
    ran = cards("edit", "one")
    assert (1, True) == (ran.code, ran.err.endswith("/vim` ended with 3; nothing was changed\n"))
    assert (1, TEXT) == (cards("new", "mine", "--edit").code, mine.read_text())

    editor('sed -i s/One./Uno?/ "$file"; exit 3')
    ran = cards("edit", "one")

    assert (1, f"hint: cards import {mine} takes it in") == (ran.code, ran.err.splitlines()[-1])
    assert ("One?", TEXT.replace("One?", "Uno?")) == (progress()["mine/one"]["front"], mine.read_text())
    cards("import", mine, check=True)
    assert "Uno?" == progress()["mine/one"]["front"]


def test_an_editor_may_have_spaces_and_arguments(
    mine: Path, editor: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is split as a shell would."""
    said = editor(":", name="my ed")
    monkeypatch.setenv("EDITOR", f"'{tmp_path}/my ed' --new 'a b'")

    cards("edit", "one", check=True)

    assert f"--new a b {mine}\n" == said.read_text()


def test_a_new_card_with_a_fault_stays_in_the_file(mine: Path, editor: Callable[..., Path]) -> None:
    """It is shown, the editor is offered again, and the text is where it was written."""
    editor('sed -i "s/The question?/Three?/; s/back: What is shown/bck: What is shown/" "$file"')

    ran = cards("new", "mine", "--edit", stdin="n\n")

    assert "unknown key `bck`" in ran.err
    assert "the last good version goes on" in ran.err
    assert 3 == ran.code
    assert "front: Three?\n    bck: What is shown with the answer\n" in mine.read_text()
    assert {"mine/one", "mine/two"} == set(progress())


@pytest.mark.parametrize("other", ["Who wrote the very first one?", "Ha?"])
def test_a_card_without_id_keeps_its_history_in_the_editor(
    home: Path, deck_file: DeckFile, editor: Callable[..., Path], other: str
) -> None:
    """Its name is made of its text, so it has another name; the history goes with it, however little is left of it."""
    path = deck_file("deck: x\ncards:\n- front: Who wrote the first one?\n  back: b\n- front: other\n  back: b\n")
    cards("import", path, check=True)
    cards("review", "x", "--plain", stdin="\n4\n:q\n")
    editor(f'sed -i "s/Who wrote the first one?/{other}/" "$file"')

    ran = cards("edit", "x/who-wrote-the-first-one", check=True)

    assert "history kept" in ran.out
    assert 1 == progress()[f"x/{slug(other)}"]["reviews"]


def test_a_card_that_took_the_place_of_another_is_not_taken_for_it(
    home: Path, deck_file: DeckFile, editor: Callable[..., Path]
) -> None:
    """One was deleted and another written at the end: that is no rewording."""
    path = deck_file("deck: x\ncards:\n- front: one\n  back: b\n- front: two\n  back: b\n")
    cards("import", path, check=True)
    cards("review", "x", "--plain", stdin="\n4\n:q\n")
    editor("""sed -i '3,4d' "$file"; printf -- '- front: Ha?\\n  back: c\\n' >> "$file" """)

    cards("edit", "x/one", check=True)

    assert 0 == progress()["x/ha"]["reviews"]


def test_a_deck_that_is_called_something_else_is_not_taken_in(mine: Path, editor: Callable[..., Path]) -> None:
    """The editor is for a card; the name of the deck is what history goes by."""
    editor('sed -i "s/deck: mine/deck: yours/" "$file"')

    ran = cards("edit", "one", stdin="n\n")

    assert (3, True) == (ran.code, "is called `yours` now" in ran.err)
    assert {"mine/one", "mine/two"} == set(progress())


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("vi", ["+7", "f"]),
        ("nano -w", ["-w", "+7", "f"]),
        ("hx", ["f:7"]),
        ("code -n", ["-n", "--wait", "-g", "f:7"]),
        ("code --wait", ["--wait", "-g", "f:7"]),
        ("subl", ["--wait", "f:7"]),
        ("gedit", ["f"]),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, expected: list[str]
) -> None:
    """By its name; one that is not known gets the file alone."""
    program = tmp_path / said.split(maxsplit=1)[0]
    program.touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("VISUAL", said)

    assert expected == editing.command(Path("f"), 7)[1:]


@pytest.mark.parametrize(("editor", "says"), [("", "no editor is set"), ("nowhere-ed", "no editor `nowhere-ed`")])
def test_without_an_editor_the_cure_is_told(
    mine: Path, monkeypatch: pytest.MonkeyPatch, editor: str, says: str
) -> None:
    """And a deck of the program itself is not opened."""
    monkeypatch.setenv("EDITOR", editor)
    cards("import", "venv", check=True)

    assert (1, True) == ((ran := cards("edit", "one")).code, says in ran.err and "export EDITOR=nano" in ran.err)
    assert (2, True) == ((ran := cards("edit", "venv/create")).code, "belongs to the program" in ran.err)


# ---------------------------------------------------------------- decks


def test_a_new_deck_is_a_good_one_and_overwrites_nothing(home: Path, tmp_path: Path) -> None:
    """It passes its check; a second one at the same place is refused."""
    path = tmp_path / "spanish.yaml"
    cards("deck", "new", "spanish", "--title", "Spanish: 1", "-o", path, check=True)
    text = path.read_text()

    deck, problems = parse(path.read_bytes(), "spanish.yaml")
    again = cards("deck", "new", "spanish", "-o", path)

    assert [] == problems
    assert deck is not None
    assert ("spanish", "Spanish: 1") == (deck.id, deck.title)
    assert (2, text) == (again.code, path.read_text())
    assert 2 == cards("deck", "new", "Not A Name", "-o", tmp_path / "x.yaml").code
    assert 0 == cards("check", path).code


# ---------------------------------------------------------------- move


def test_a_card_moves_with_its_comments_and_its_history(mine: Path, deck_file: DeckFile) -> None:
    """`was:` says where it came from; both decks are taken in; a dry run shows the difference and changes nothing."""
    other = deck_file("deck: other\ncards:\n- id: a\n  front: A\n  back: b\n", "other.yaml")
    cards("import", other, check=True)
    cards("review", "mine", "--plain", stdin="\n4\n:q\n")
    dry = cards("move", "one", "other", "--dry-run", check=True)
    assert ("+- id: one\n+  was: [mine/one]\n" in dry.out, TEXT) == (True, mine.read_text())

    cards("move", "one", "other", check=True)

    moved = "# about one\n- id: one\n  was: [mine/one]\n  front: One?\n  back: eins   # German\n"
    assert "deck: other\ncards:\n- id: a\n  front: A\n  back: b\n" + moved == other.read_text()
    assert "deck: mine\ncards:\n  - id: two\n    front: Two?\n    answer: zwei\n" == mine.read_text()
    assert 1 == progress()["other/one"]["reviews"]


def test_a_move_that_cannot_be_changes_nothing(mine: Path, deck_file: DeckFile) -> None:
    """An id that is taken there, a deck of the program, the deck it is in."""
    other = deck_file("deck: other\ncards:\n- id: one\n  front: A\n  back: b\n", "other.yaml")
    cards("import", other, "venv", check=True)
    before = other.read_text()

    assert [2, 2, 2, 4] == [
        cards("move", "mine/one", "other").code,
        cards("move", "mine/one", "venv").code,
        cards("move", "mine/one", "mine").code,
        cards("move", "mine/three", "other").code,
    ]
    assert (TEXT, before) == (mine.read_text(), other.read_text())


def test_a_cloze_is_moved_and_edited_by_its_own_name(
    mine: Path, deck_file: DeckFile, editor: Callable[..., Path]
) -> None:
    """Only its gaps are cards; where a card is asked for, they are named."""
    other = deck_file(
        "deck: other\ncards:\n- id: gap\n  cloze: a {{c1::b}} {{c2::c}}\n- front: x\n  back: y\n", "other.yaml"
    )
    cards("import", other, check=True)
    editor('sed -i "s/cloze: a/cloze: d/" "$file"')

    edited, moved = cards("edit", "gap"), cards("move", "other/gap", "mine")
    asked = cards("suspend", "mine/gap")

    assert [(0, "other/gap: text changed, history kept\n"), (0, True)] == [
        (edited.code, edited.out),
        (moved.code, "{{c1::b}}" in mine.read_text()),
    ]
    assert "hint: its cards are `mine/gap~c1`, `mine/gap~c2`\n" in asked.err


def test_a_deck_is_taken_out_and_comes_back_with_its_history(mine: Path) -> None:
    """Its file stays; nothing of it is asked or listed meanwhile, but as retired."""
    cards("review", "mine", "--plain", stdin="\n4\n:q\n")
    before, text = progress(), mine.read_text()

    removed = cards("deck", "remove", "mine", check=True)
    between = (cards("decks").out, cards("due", "--short").out, mine.read_text())
    cards("import", mine, check=True)

    assert f"mine is taken out, its history is kept; `cards import {mine}` brings it back\n" == removed.out
    assert ("mine" in between[0], "", text) == (False, *between[1:])
    assert before == progress()
    assert 4 == cards("deck", "remove", "nope").code


def test_a_deck_without_a_file_is_taken_out_behind_a_backup(mine: Path) -> None:
    """Nothing else has its text; what is told brings it back."""
    cards("review", "mine", "--plain", stdin="\n4\n:q\n")
    before, text = progress(), mine.read_text()
    mine.unlink()

    told = cards("deck", "remove", "mine", check=True).out
    way = told.partition("`cards ")[2].partition("`")[0].split()
    cards(*way, "--yes", check=True)

    assert ("restore", "--only-missing", before) == (way[0], way[2], progress())
    paths = {one["deck"]: one["path"] for one in json.loads(cards("decks", "--json").out)["decks"]}
    assert text == Path(paths["mine"]).read_text()
