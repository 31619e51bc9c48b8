"""`cards export deck` and `cards export cheatsheet`: decks for other programs, and for a look."""

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cli.inside import cards

from flashcards.places import bundled_deck, bundled_names

DECK = """\
# A comment stays.
deck: d
title: "A deck"
tags: [all]
cards:
  - {id: make, front: "Make a folder: how?\\nSay it.", answer: mkdir x, back: It says nothing.,
     explain: {mkdir: makes, "`x`": its name}}
  - {id: shells, front: "Where?", answer: {posix: pwd, windows: cd}}
  - {id: word, front: the house, answer: la casa}
  - {id: gap, cloze: "It is {{c1::here}} or {{c2::there}}."}
  - {id: two, front: A, back: b, reverse: B?}
"""


@pytest.fixture
def deck(home: Path, deck_file) -> Path:
    """The deck, taken in."""
    path = deck_file(DECK, "d.yaml")
    cards("import", path, check=True)
    return path


@pytest.mark.parametrize("output", ["d.yaml", "."])
def test_what_was_written_into_a_deck_since_is_not_exported_over(deck: Path, output: str):
    """Its file is the only place where that stands; where it says the same nothing is lost."""
    same = cards("export", "deck", "d", "-o", deck.parent / output)
    deck.write_text(f"{DECK}  - {{front: new, back: one}}\n")

    ran = cards("export", "deck", "d", "-o", deck.parent / output)

    assert [0, 2] == [same.code, ran.code]
    assert "is where the deck `d` has its text" in ran.err
    assert deck.read_text().endswith("new, back: one}\n")


def test_the_yaml_of_a_deck_is_its_text(deck: Path, tmp_path: Path):
    """Byte for byte; taking it in again changes nothing."""
    out = tmp_path / "out.yaml"
    cards("export", "deck", "d", "-o", out, check=True)
    deck.unlink()

    assert DECK == cards("export", "deck", "d", check=True).out == out.read_text()
    assert f"{out}  d: no change" in cards("import", out, check=True).out


def test_every_deck_goes_into_a_folder(home: Path, tmp_path: Path):
    """A file each, and all of them come back without a change."""
    cards("import", *bundled_names(), check=True)
    cards("export", "deck", "-o", f"{tmp_path}/all/", check=True)

    for name in bundled_names():
        assert Path(bundled_deck(name)).read_bytes() == (tmp_path / "all" / f"{name}.yaml").read_bytes()
    again = cards("import", tmp_path / "all", check=True).out
    assert len(bundled_names()) == len(again.splitlines())
    assert all(": no change" in line for line in again.splitlines())


def test_several_decks_are_no_yaml_file(home: Path):
    """The way out is named."""
    cards("import", "venv", "git", check=True)
    refused = cards("export", "deck")

    assert (2, True) == (refused.code, "-o decks/" in refused.err)


def test_tables_json_and_markdown(deck: Path, tmp_path: Path):
    """By the name of the file or by --format; a table with tabs has tabs."""
    said = json.loads(cards("export", "deck", "d", "--format", "json", check=True).out)
    table = [*csv.DictReader(io.StringIO(cards("export", "deck", "d", "--format", "csv", check=True).out))]
    tabs = cards("export", "deck", "d", "--format", "tsv", check=True).out
    cards("export", "deck", "d", "-o", tmp_path / "d.md", check=True)

    assert ("cards.deck/1", "d", ["all"]) == (said["schema"], said["decks"][0]["id"], said["decks"][0]["tags"])
    assert ["make", "shells", "word", "gap", "two"] == [row["id"] for row in table]
    assert table == [*csv.DictReader(io.StringIO(tabs), delimiter="\t")]
    assert "Make a folder" in (tmp_path / "d.md").read_text()


@pytest.mark.parametrize("form", ["csv", "tsv", "md"])
def test_a_deck_survives_the_way_through_another_format(deck: Path, home: Path, tmp_path: Path, form: str):
    """Out, and into another home: the same cards."""
    path = tmp_path / f"d.{form}"
    cards("export", "deck", "d", "-o", path, check=True)
    before = cards("list", "--json", check=True).out
    shutil.rmtree(home)
    cards("import", path, check=True)

    assert before == cards("list", "--json", check=True).out


def test_nothing_to_write(home: Path):
    """No deck of that name, no deck at all."""
    assert (4, 4) == (cards("export", "deck", "d").code, cards("export", "deck").code)


# ---------------------------------------------------------------- cheat-sheet


def test_a_cheat_sheet_has_commands_to_run(deck: Path):
    """The question is a comment, words are a list, what is no command is text; a reverse is not told twice."""
    assert (
        cards("export", "cheatsheet", "--deck", "d", check=True).out
        == """\
# A deck

```sh
# Make a folder: how?
# Say it.
mkdir x
```

It says nothing.

- `mkdir`: makes
- `` `x` ``: its name

```sh
# Where?
pwd
```

```bat
:: Where?
cd
```

**the house**

la casa

It is **here** or there.

**A**

b
"""
    )


def test_a_cheat_sheet_of_what_is_mastered_or_failing(deck: Path, monkeypatch: pytest.MonkeyPatch, deck_file):
    """21 days or more; or forgotten, or not known yet; new cards are in neither."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00Z")
    lines = ['{"card":"d/word","grade":1,"at":"2026-11-20T12:00:00Z"}\n']
    lines += [
        f'{{"card":"d/make","grade":5,"at":"2026-{at}T12:00:00Z"}}\n' for at in ("09-01", "09-02", "09-08", "09-25")
    ]
    cards("import", deck_file("".join(lines), "log.jsonl"), check=True)
    mastered = cards("export", "cheatsheet", "--mastered", check=True).out
    failing = cards("export", "cheatsheet", "--failing", check=True).out

    assert (True, False) == ("mkdir x" in mastered, "la casa" in mastered)
    assert (False, True) == ("mkdir x" in failing, "la casa" in failing)
    assert "pwd" not in mastered + failing
    assert 2 == cards("export", "cheatsheet", "--failing", "--mastered").code


@pytest.mark.parametrize("name", bundled_names())
def test_every_block_of_the_bundled_decks_is_good_shell(home: Path, name: str):
    """`sh -n` reads each block without a complaint."""
    cards("import", name, check=True)
    sheet = cards("export", "cheatsheet", "--deck", name, check=True).out
    blocks = re.findall(r"^(`{3,})sh\n(.*?)^\1$", sheet, re.DOTALL | re.MULTILINE)
    assert len(blocks) > 5
    script = "\n".join(f"f{number}() {{\n{block}\n}}" for number, (_, block) in enumerate(blocks))
    done = subprocess.run(["sh", "-n"], input=script, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
