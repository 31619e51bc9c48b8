"""`cards config`: where a setting lives, who wins, and what is refused."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest
from cli.inside import cards

from flashcards.config import ENTRIES

DECK = "deck: d\ncards:\n  - {id: a, front: f, back: b}\n"


@pytest.fixture
def deck(home: Path, deck_file) -> Path:
    cards("import", deck_file(DECK), check=True)
    return home


def shown(name: str, *options: str) -> str:
    return cards("config", name, *options, check=True).out.strip()


def test_every_setting_is_listed_with_its_meaning(home: Path):
    """Name, value and a line of help for each entry of the table."""
    lines = cards("config", check=True).out.splitlines()

    assert [entry.name for entry in ENTRIES] == [line.split()[0] for line in lines]
    assert all(entry.help in line for entry, line in zip(ENTRIES, lines, strict=True))


@pytest.mark.parametrize(
    ("name", "value", "canonical"),
    [
        ("new_per_day", "5", "5"),
        ("reviews_per_day", "0", "0"),
        ("day_start", "3:30", "03:30"),
        ("separate_siblings", "no", "false"),
        ("fuzz", "on", "true"),
        ("sm2_variant", "code", "code"),
        ("grades", "0-5", "0-5"),
        ("idle_seconds", "30", "30"),
        ("color", "never", "never"),
    ],
)
def test_a_setting_is_set_read_and_unset(home: Path, name: str, value: str, canonical: str):
    """What was set is read by the next process, and --unset goes back to the default."""
    before = shown(name)

    assert f"{name} is now {canonical}" == cards("config", name, value, check=True).out.strip()
    assert canonical == shown(name)
    assert f"{name} is now {before}" == cards("config", name, "--unset", check=True).out.strip()
    assert before == shown(name)


def test_a_deck_may_have_a_value_of_its_own(deck: Path):
    """Set, shown and taken back for one deck; the others keep theirs."""
    cards("config", "new_per_day", "5", check=True)
    assert "new_per_day is now 2 for d\n" == cards("config", "new_per_day", "2", "-d", "d", check=True).out

    assert ("5", "2") == (shown("new_per_day"), shown("new_per_day", "-d", "d"))
    assert "\n  d                2\n" in cards("config", check=True).out

    cards("config", "new_per_day", "--unset", "-d", "d", check=True)
    assert ("5", "5") == (shown("new_per_day"), shown("new_per_day", "-d", "d"))


def test_the_environment_beats_what_is_stored(deck: Path, monkeypatch: pytest.MonkeyPatch):
    """And the list says where the value comes from."""
    cards("config", "new_per_day", "5", check=True)
    cards("config", "color", "never", check=True)
    monkeypatch.setenv("CARDS_NEW_PER_DAY", "7")

    out = cards("config", check=True).out

    assert "7" == shown("new_per_day")
    assert "new_per_day        7       new cards a study day [CARDS_NEW_PER_DAY]\n" in out
    assert "color              never   colour in the terminal [" in out
    assert "config.toml]" in out


def test_a_bad_value_in_the_environment_is_refused(deck: Path, monkeypatch: pytest.MonkeyPatch):
    """It is named, and no command goes on with another value."""
    monkeypatch.setenv("CARDS_NEW_PER_DAY", "many")

    ran = cards("due")

    assert (2, "") == (ran.code, ran.out)
    assert "error: `new_per_day` cannot be `many`\nhint: a whole number from 0\n" == ran.err


def test_a_broken_file_of_settings_is_named(deck: Path):
    """The file belongs to a person: it is never repaired behind their back."""
    (deck / "config.toml").write_text("grades = \n", encoding="utf-8")

    ran = cards("review", "--plain")

    assert (1, "") == (ran.code, ran.out)
    assert ran.err.startswith(f"error: cannot read `{deck / 'config.toml'}`: ")
    assert "\nhint: mend the file, or delete it\n" in ran.err


def test_other_lines_of_the_file_stay(home: Path):
    """Comments and settings of other versions survive a change."""
    home.mkdir()
    (home / "config.toml").write_text('# mine\ngrades = "1-4"\nlater = 3\n', encoding="utf-8")

    cards("config", "grades", "0-5", check=True)

    assert '# mine\nlater = 3\ngrades = "0-5"\n' == (home / "config.toml").read_text(encoding="utf-8")


def test_settings_as_json(deck: Path):
    """Values keep their types."""
    settings = json.loads(cards("config", "--json", check=True).out)["settings"]

    assert {entry.name: entry.default for entry in ENTRIES} == settings
    assert {"new_per_day": 20} == json.loads(cards("config", "new_per_day", "--json", check=True).out)["settings"]


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of Unix")
def test_what_the_home_gets_is_private_whatever_the_umask_says(home: Path, tmp_path: Path) -> None:
    """Also in a folder that was open to everybody before; a file of settings keeps the rights that it was given."""
    home.mkdir(exist_ok=True)
    home.chmod(0o755)
    (tmp_path / "d.csv").write_text("front,back\na,b\n", encoding="utf-8")
    before = os.umask(0)
    try:
        cards("config", "color", "never", check=True)
        cards("import", tmp_path / "d.csv", check=True)
        modes = {name: stat.S_IMODE((home / name).stat().st_mode) for name in ("cards.db", "config.toml", "decks")}
        (home / "config.toml").chmod(0o640)
        cards("config", "color", "auto", check=True)
        kept = stat.S_IMODE((home / "config.toml").stat().st_mode)
    finally:
        os.umask(before)

    assert ({"cards.db": 0o600, "config.toml": 0o600, "decks": 0o700}, 0o640) == (modes, kept)
