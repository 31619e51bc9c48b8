"""`cards import`: decks and logs in, all or nothing, every change named."""

import json
from pathlib import Path

import pytest
from cli.inside import cards, progress

FIRST = """
    deck: d
    title: First
    cards:
      - {id: a, front: A, back: b}
      - {id: b, front: B, back: b}
      - {id: c, front: C, back: b}
      - {id: gone, front: Gone, back: b}
"""
SECOND = """
    deck: d
    title: First
    cards:
      - {id: c, front: C, back: b}
      - {id: a, front: A anew, back: b}
      - {id: b, front: B, back: b}
      - {id: fresh, front: Fresh, back: b}
"""
GOOD = "deck: good\ncards:\n  - {id: a, front: f, back: b}\n"
BAD = "deck: bad\ncards:\n  - {id: a, front: [f], back: b}\n  - {id: A, front: f, back: b}\n"
REVIEW = '{"card":"d/a","grade":4,"at":"2026-11-21T12:00:00Z"}\n'


def names() -> list[str]:
    return [card for card, row in progress().items() if row["state"] != "retired"]


# ---------------------------------------------------------------- decks


def test_a_first_import_says_what_came(home: Path, deck_file):
    """One line a file: deck and number of cards; the same file again is no change."""
    path = deck_file(FIRST)

    assert f"{path}  d: 4 new\n" == cards("import", path, check=True).out
    assert f"{path}  d: no change\n" == cards("import", path, check=True).out


def test_a_dry_run_names_every_card_and_changes_nothing(home: Path, deck_file):
    """New, changed, moved and retired cards, one a line."""
    cards("import", deck_file(FIRST), check=True)
    before = progress()

    path = deck_file(SECOND)
    out = cards("import", path, "--dry-run", check=True).out

    assert (
        f"""\
{path}  d: 1 new, 1 changed (history kept), 1 moved, 1 retired (restored if it returns)
  moved     d/c  C
  changed   d/a  A anew
  new       d/fresh  Fresh
  retired   d/gone  Gone
nothing was changed: a dry run
"""
        == out
    )
    assert before == progress()


def test_a_dry_run_on_an_empty_home_takes_nothing_in(home: Path, deck_file):
    """The cards are listed as new, and there is still no deck."""
    out = cards("import", deck_file(FIRST), "-n", check=True).out

    assert "  new       d/a  A\n" in out
    assert {} == progress()


def test_the_order_of_the_file_is_the_order_of_new_cards(home: Path, deck_file):
    """A card that moved comes up at its new place."""
    cards("import", deck_file(FIRST), check=True)
    cards("import", deck_file(SECOND), check=True)

    assert ["d/c", "d/a", "d/b", "d/fresh"] == json.loads(cards("due", "--json", check=True).out)["cards"]


def test_history_stays_with_the_id(home: Path, deck_file):
    """A card keeps its schedule through a change of text, and through leaving and coming back."""
    cards("import", deck_file(FIRST), check=True)
    cards("review", "--plain", stdin="\n3\n" * 4, check=True)
    before = progress()["d/gone"]

    cards("import", deck_file(SECOND), check=True)
    retired, changed = progress()["d/gone"], progress()["d/a"]
    back = cards("import", deck_file(FIRST), check=True).out

    assert ("retired", before["due"]) == (retired["state"], retired["due"])
    assert ("A anew", "review") == (changed["front"], changed["state"])
    assert "1 returned (with its history)" in back
    assert before == progress()["d/gone"]


def test_a_retired_card_is_not_asked(home: Path, deck_file):
    """What left its deck is not due."""
    cards("import", deck_file(FIRST), check=True)
    cards("import", deck_file(SECOND), check=True)

    assert ["d/gone"] == [line.split()[0] for line in cards("list", "--state", "retired").out.splitlines()]
    assert "d/gone" not in cards("due", "--json").out


def test_a_folder_gives_its_decks_and_leaves_other_yaml_alone(home: Path, deck_file):
    """Sub-folders are looked into, hidden ones are not; a YAML file that is no deck does not matter."""
    deck_file(GOOD, "one.yaml")
    deck_file(GOOD.replace("good", "two"), "sub/two.yml")
    deck_file("services:\n  web: {image: x}\n", "compose.yaml")
    deck_file(BAD, ".hidden/bad.yaml")
    deck_file("hello", "notes.txt")
    deck_file(REVIEW.replace("d/a", "good/a"), "log.jsonl")
    folder = deck_file("a: 1", "ci.yml").parent

    out = cards("import", folder, check=True).out

    assert ["good/a", "two/a"] == names()
    assert 3 == len(out.splitlines())
    assert "review" == progress()["good/a"]["state"]


def test_a_named_file_must_be_a_deck(home: Path, deck_file):
    """Whoever names a file means it."""
    ran = cards("import", deck_file("services:\n  web: {image: x}\n", "compose.yaml"))

    assert (3, "") == (ran.code, ran.out)
    assert "compose.yaml:" in ran.err


def test_a_pattern_is_expanded(home: Path, deck_file):
    """For shells that leave patterns alone, and for quoted ones."""
    deck_file(GOOD, "one.yaml")
    folder = deck_file(GOOD.replace("good", "two"), "two.yaml").parent

    cards("import", f"{folder}/*.yaml", check=True)

    assert ["good/a", "two/a"] == names()


def test_an_empty_name_is_not_this_folder(home: Path):
    """`cards import "$DECKS"` where nobody has set that: nothing comes in; and nothing goes out either."""
    ran = cards("import", "")
    assert (2, "error: the name of a file is empty\nhint: name a file; `.` is this folder\n") == (ran.code, ran.err)

    cards("import", "venv", "git", check=True)
    assert 2 == cards("export", "deck", "-o", "").code


def test_a_folder_without_a_deck_is_an_error(home: Path, tmp_path: Path):
    """It is named, and the suffixes are said."""
    (tmp_path / "empty").mkdir()

    ran = cards("import", tmp_path / "empty")

    assert (1, "") == (ran.code, ran.out)
    assert f"error: `{tmp_path / 'empty'}` has no deck in it\n" in ran.err


def test_one_bad_file_stops_all(home: Path, deck_file):
    """All faults of all files are shown with file, line and column; nothing is taken in."""
    good, bad = deck_file(GOOD, "good.yaml"), deck_file(BAD, "bad.yaml")

    ran = cards("import", good, bad)

    assert (3, "") == (ran.code, ran.out)
    assert f"error: {bad}:3:20: " in ran.err
    assert f"error: {bad}:4:10: " in ran.err
    assert "[f]" in ran.err
    assert ran.err.endswith("\nnothing was changed: 1 of 2 files has errors (--skip-bad takes the others)\n")
    assert {} == progress()


def test_skip_bad_takes_the_others(home: Path, deck_file):
    """The faults are still shown, and the exit code is still 3."""
    ran = cards("import", deck_file(GOOD, "good.yaml"), deck_file(BAD, "bad.yaml"), "--skip-bad")

    assert 3 == ran.code
    assert ran.err.endswith("\n1 of 2 files has errors; the others were taken in\n")
    assert ["good/a"] == names()


def test_skip_bad_without_a_good_file_changes_nothing(home: Path, deck_file):
    """And does not claim otherwise."""
    ran = cards("import", deck_file(BAD, "bad.yaml"), "--skip-bad")

    assert 3 == ran.code
    assert ran.err.endswith("\nnothing was changed: 1 of 1 file has errors\n")


def test_one_deck_in_two_files_is_an_error_that_names_both(home: Path, deck_file):
    """In one import, and against a file that was imported before and is still there."""
    one, two = deck_file(GOOD, "one.yaml"), deck_file(GOOD, "two.yaml")

    together = cards("import", one, two)
    cards("import", one, check=True)
    later = cards("import", two)

    assert [3, 3] == [together.code, later.code]
    for ran in (together, later):
        assert f"error: {two}:1:1: the deck `good` is also in `{one}`\n" in ran.err
    assert f"{one}\n" in cards("decks", check=True).out


@pytest.mark.parametrize(
    "start",
    ["\ufeffdeck: good\ncards:\n", '"deck": good\ncards:\n', "deck:\n  good\ncards:\n", "{deck: good, cards: ["],
)
def test_the_other_file_may_be_written_in_any_way(home: Path, deck_file, start: str):
    """Nothing is retired because the deck's name has a byte order mark, quotes or a brace before it."""
    one = deck_file(
        f"{start}{'' if '{' in start else '- '}{{front: a, back: b}}{']}' if '{' in start else ''}\n", "one.yaml"
    )
    cards("import", one, check=True)

    later = cards("import", deck_file(GOOD, "two.yaml"))

    assert (3, True) == (later.code, f"the deck `good` is also in `{one}`" in later.err)


def test_a_file_of_the_same_name_in_another_folder_takes_no_deck_away(home: Path, tmp_path: Path):
    """`a/words.csv` and `b/words.csv`: only a source with a card in common is a newer one."""
    one, other = tmp_path / "a" / "words.csv", tmp_path / "b" / "words.csv"
    for path, text in ((one, "dog,perro\n"), (other, "dog,Hund\n"), (other, "cat,Katze\n")):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        ran = cards("import", path)

    assert (3, True) == (ran.code, "`words` with other cards" in ran.err)
    assert "Hund" in (home / "decks" / "words.yaml").read_text()
    assert 0 == cards("import", other, "--replace").code


def test_notes_of_a_folder_that_share_a_deck_are_one_deck(home: Path, tmp_path: Path):
    """A tag names a deck wherever it stands; a note may join later, and what two of them ask is told apart."""
    notes = tmp_path / "vault"
    notes.mkdir()
    tagged = "#flashcards/es\n"
    (notes / "a.md").write_text(f"{tagged}\nhola::hello\n")
    alone = cards("import", notes, check=True).out
    (notes / "b.md").write_text(f"---\ntags: [x]\n---\n{tagged}\nhola::hi\nsol::sun\n")
    joined = cards("import", notes, check=True).out
    again = cards("import", notes, check=True).out
    (notes / "b.md").unlink()
    left = cards("import", notes, check=True).out

    assert ["1 new", "2 new", "no change"] == [told.split("es: ")[1].split("\n")[0] for told in (alone, joined, again)]
    assert "2 retired" in left
    assert {"es/hola", "es/b-hola", "es/sol"} == set(progress())


def test_an_id_that_two_notes_give_is_told_with_both(home: Path, tmp_path: Path):
    """Nothing is taken in."""
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text(f"# T\n<!-- deck: t -->\n\nQ: {name}\nA: b\n<!-- id: one -->\n")

    ran = cards("import", tmp_path)

    assert (3, True) == (ran.code, "b.md:1:1: the id `one` of the deck `t` is taken in" in ran.err)


def test_a_deck_that_came_along_does_not_take_the_place_of_ones_own(home: Path, deck_file):
    """`cards import git` where a person has a deck `git`; the other way is how a copy becomes one's own."""
    own = deck_file(GOOD.replace("deck: good", "deck: git"), "own.yaml")
    cards("import", own, check=True)

    refused, replaced = cards("import", "git"), cards("import", "git", "--replace")
    back = cards("import", own)

    assert (3, True) == (refused.code, f"the deck `git` is also in `{own}`" in refused.err)
    assert [0, 0] == [replaced.code, back.code]


def test_standard_input_is_asked_for_its_name(home: Path):
    """Two things that were pasted are not two versions of one deck."""
    ran = cards("import", "-", "--format", "csv", stdin="dog,perro\n")

    assert (3, True) == (ran.code, "hint: --deck NAME does\n" in ran.err)
    assert 0 == cards("import", "-", "--format", "csv", "--deck", "spanish", stdin="dog,perro\n").code


def test_replace_takes_the_deck_from_the_other_file(home: Path, deck_file):
    """And says where it was."""
    one, two = deck_file(GOOD, "one.yaml"), deck_file(GOOD, "two.yaml")
    cards("import", one, check=True)

    out = cards("import", two, "--replace", check=True).out

    assert f"{two}  good: no change (was in {one})\n" == out
    assert f"{two}\n" in cards("decks", check=True).out


def test_a_deck_may_move_with_its_file(home: Path, deck_file):
    """The old file is gone, so there is nothing to decide."""
    one = deck_file(GOOD, "one.yaml")
    cards("import", one, check=True)
    two = one.rename(one.with_name("two.yaml"))

    assert f" (was in {one})\n" in cards("import", two, check=True).out


def test_import_as_json(home: Path, deck_file):
    """The promise of cards.import/1, with faults too."""
    cards("import", deck_file(FIRST), check=True)
    log = deck_file(REVIEW, "x.jsonl")

    good = json.loads(cards("import", deck_file(SECOND), log, "--json", check=True).out)
    bad = cards("import", deck_file(BAD, "bad.yaml"), "--json")

    assert ("cards.import/1", True, []) == (good["schema"], good["changed"], good["problems"])
    assert {"card": "d/a", "kind": "changed", "front": "A anew"} in good["decks"][0]["changes"]
    assert [{"path": str(log), "events": 1, "new": 1, "again": False}] == good["logs"]
    found = json.loads(bad.out)
    assert (3, False) == (bad.code, found["changed"])
    assert {"path", "line", "column", "message", "hint"} <= set(found["problems"][0])


# ---------------------------------------------------------------- logs


def test_a_log_says_how_much_is_news(home: Path, deck_file):
    """The second time nothing is."""
    log = deck_file(REVIEW * 2, "x.jsonl")

    assert f"{log}  2 events, 2 new\n" == cards("import", log, check=True).out
    assert f"{log}  2 events, 0 new\n" == cards("import", log, check=True).out


def test_a_bad_line_of_a_log_is_named(home: Path, deck_file):
    """File and line of every fault, and nothing of that file is taken in."""
    log = deck_file(
        REVIEW + '{"card":"d/a","grade":9,"at":"2026-11-21T12:00:00Z"}\n\n{"grade":4}\nnonsense\n', "x.jsonl"
    )

    ran = cards("import", log)

    assert (3, "") == (ran.code, ran.out)
    assert [f"error: {log}:{line}:1: " in ran.err for line in (1, 2, 3, 4, 5)] == [False, True, False, True, True]
    assert "`grade` is 9, expected 0 to 5" in ran.err
    assert {} == progress()


def test_a_dry_run_of_a_log_changes_nothing(home: Path, deck_file):
    """It only counts."""
    log = deck_file(REVIEW, "x.jsonl")

    assert f"{log}  1 event, 1 new\nnothing was changed: a dry run\n" == cards("import", log, "-n", check=True).out
    assert {} == progress()


# ---------------------------------------------------------------- files that change


@pytest.fixture
def learner(home: Path, deck_file) -> Path:
    """Someone with the first version of a deck."""
    path: Path = deck_file(FIRST)
    cards("import", path, check=True)
    return path


def test_review_notices_a_changed_deck(learner: Path, deck_file):
    """One line says what changed, once; the new text is asked at once."""
    deck_file(SECOND)

    first, second = cards("review", "--plain", check=True), cards("review", "--plain", check=True)

    note = "d changed on disk: 1 new, 1 changed (history kept), 1 moved, 1 retired (restored if it returns)\n"
    assert first.out.startswith(note)
    assert "card 1 of 4: d/c, new\n" in first.out
    assert "changed on disk" not in second.out


def test_a_broken_deck_is_named_while_the_last_good_one_goes_on(learner: Path):
    """A fault in the file stops nobody from learning, and is said until it is mended."""
    learner.write_text("deck: d\ncards:\n  - {id: a, front: [x], back: b}\n", encoding="utf-8")

    for _ in range(2):
        out = cards("review", "--plain", stdin="\n", check=True).out
        assert out.startswith(f"{learner}:3:")
        assert "; the last good version goes on\n" in out
        assert "card 1 of 4: d/a, new\nA\n" in out


def test_a_deck_file_that_is_gone_changes_nothing(learner: Path):
    """A disk that is not mounted retires no card."""
    learner.unlink()

    out = cards("review", "--plain", check=True).out

    assert out.startswith("\ncard 1 of 4: d/a, new\n")


def test_a_touched_file_is_no_news(learner: Path):
    """The same text with another date is not worth a word."""
    learner.write_bytes(learner.read_bytes())

    assert "changed" not in cards("review", "--plain", check=True).out


def test_json_review_says_changes_on_the_error_stream(learner: Path, deck_file):
    """Standard output belongs to the protocol."""
    deck_file(SECOND)

    ran = cards("review", "--json", check=True)

    assert ran.err.startswith("d changed on disk: ")
    assert all(json.loads(line) for line in ran.out.splitlines())


def test_a_dry_run_with_a_bad_file_claims_to_have_taken_nothing(home: Path, deck_file, tmp_path: Path):
    """With --skip-bad too: the last line must not say that the others were taken in."""
    good = deck_file("deck: d\ncards:\n  - {id: a, front: f, back: b}\n")
    bad = tmp_path / "bad.yaml"
    bad.write_text("deck: [", encoding="utf-8")

    ran = cards("import", good, bad, "--dry-run", "--skip-bad")

    assert 3 == ran.code
    assert "nothing was changed: a dry run; 1 of 2 files has errors" in ran.err
    assert "" == cards("list").out
