"""Settings: one table, three places, and what each value may be."""

import os
import tomllib
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import event_id

from flashcards.config import BY_NAME, ENTRIES, Config, parse
from flashcards.errors import BadRequest, CardsError
from flashcards.model import Setting

VALUES = {
    "new_per_day": ("7", 7),
    "reviews_per_day": ("0", 0),
    "day_start": ("5:30", "05:30"),
    "separate_siblings": ("no", False),
    "fuzz": ("on", True),
    "sm2_variant": ("code", "code"),
    "leech_lapses": ("4", 4),
    "leech_action": ("flag", "flag"),
    "grades": ("0-5", "0-5"),
    "idle_seconds": ("90", 90),
    "run": ("yes", "yes"),
    "sandbox": ("landlock", "landlock"),
    "backups": ("no", False),
    "sync": ("/media/stick/cards", "/media/stick/cards"),
    "sync_decks": ("no", False),
    "color": ("never", "never"),
}
"""For every setting: what a person writes, and the value."""
ANY_TEXT = {"sync"}
"""Settings for which no text is nonsense."""
IN_FILE = [entry.name for entry in ENTRIES if entry.home == "file"]
IN_LOG = [entry.name for entry in ENTRIES if entry.home == "log"]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where config.toml of this test would be."""
    return tmp_path / "config" / "config.toml"


def config(file: Path, *settings: Setting, **environment: str) -> Config:
    return Config(file, settings, environment)


def setting(name: str, value, deck: str | None = None) -> Setting:
    return Setting(
        id=event_id(1), name=name, value=value, at=datetime(2026, 3, 1, tzinfo=UTC), device="here-0001", deck=deck
    )


def written(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


# ---------------------------------------------------------------- the table


def test_every_setting_is_tried_here():
    """A new setting comes with an example, a help text and a default that it accepts."""
    assert set(BY_NAME) == set(VALUES)
    assert all(entry.help and parse(entry, str(entry.default)) == entry.default for entry in ENTRIES)


@pytest.mark.parametrize("name", VALUES)
def test_a_value_is_read_as_a_person_writes_it(name):
    """Text becomes the value, of the type of the default."""
    text, value = VALUES[name]
    found = parse(BY_NAME[name], text)

    assert (value, type(BY_NAME[name].default)) == (found, type(found))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("new_per_day", "many"),
        ("new_per_day", "-1"),
        ("new_per_day", "1.5"),
        ("new_per_day", ""),
        ("new_per_day", "٣"),
        ("idle_seconds", "0"),
        ("fuzz", "maybe"),
        ("fuzz", ""),
        ("sm2_variant", "TEXT"),
        ("day_start", "25:00"),
        ("day_start", "4"),
        ("color", "blue"),
        ("grades", "1-5"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_with_a_cure(name, text):
    """The error says what would make sense."""
    with pytest.raises(BadRequest) as caught:
        parse(BY_NAME[name], text)
    assert (2, True) == (caught.value.exit_code, bool(caught.value.hint))


@pytest.mark.parametrize("text", ["1000001", "9" * 50, "9" * 5000])
def test_a_number_beyond_all_use_is_cut(text):
    """Nobody reviews more than a million cards a day."""
    assert 10**6 == parse(BY_NAME["new_per_day"], text)


def test_a_setting_that_does_not_exist_is_named(file):
    """A slip is not passed over in silence."""
    with pytest.raises(BadRequest, match="no setting called `colour`"):
        config(file).get("colour")


# ---------------------------------------------------------------- who wins


@pytest.mark.parametrize("name", VALUES)
def test_without_anything_the_default_holds(file, name):
    """And it says that it is the default."""
    assert (BY_NAME[name].default, "default") == config(file).explain(name)


@pytest.mark.parametrize("name", VALUES)
def test_the_environment_beats_everything(file, name):
    """`CARDS_NAME` holds over log and file, and is checked like any value."""
    text, value = VALUES[name]
    variable = f"CARDS_{name.upper()}"
    stored = config(written(file, f'{name} = "nonsense"\n'), setting(name, "nonsense"), **{variable: text})

    assert (value, variable) == stored.explain(name)
    if name in ANY_TEXT:
        return
    with pytest.raises(BadRequest):
        config(file, **{variable: "nonsense"}).get(name)


@pytest.mark.parametrize("name", VALUES)
def test_an_empty_variable_is_no_variable(file, name):
    """As shells leave it behind."""
    assert (BY_NAME[name].default, "default") == config(file, **{f"CARDS_{name.upper()}": ""}).explain(name)


@pytest.mark.parametrize("name", IN_LOG)
def test_a_setting_of_the_log_holds(file, name):
    """The last one wins; None takes it back; the file has no say."""
    _, value = VALUES[name]
    default = BY_NAME[name].default
    written(file, f'{name} = "nonsense"\n')

    assert (value, "log") == config(file, setting(name, default), setting(name, value)).explain(name)
    assert (default, "default") == config(file, setting(name, value), setting(name, None)).explain(name)


@pytest.mark.parametrize("name", IN_LOG)
@pytest.mark.parametrize("value", ["of a later version", 1.5, -3, [1]])
def test_a_value_of_another_version_is_the_default(file, name, value):
    """What this version cannot read stops nothing."""
    assert BY_NAME[name].default == config(file, setting(name, value)).get(name)


@pytest.mark.parametrize("name", IN_FILE)
def test_a_setting_of_the_file_holds(file, name):
    """Numbers may be written with quotes or without; the log has no say."""
    text, value = VALUES[name]
    written(file, f'{name} = "{text}"\n')

    assert (value, str(file)) == config(file, setting(name, "nonsense")).explain(name)


def test_a_deck_may_have_its_own_value(file):
    """By deck the last one wins, None takes it back, and the value for all stays apart."""
    found = config(
        file,
        setting("new_per_day", 5, "venv"),
        setting("new_per_day", 9, "git"),
        setting("new_per_day", 30),
        setting("new_per_day", None, "git"),
        setting("new_per_day", 3, "venv"),
        setting("new_per_day", "nonsense", "odd"),
    )

    assert (30, {"venv": 3, "odd": 20}) == (found.get("new_per_day"), found.by_deck("new_per_day"))


# ---------------------------------------------------------------- the file


@pytest.mark.parametrize("name", IN_FILE)
def test_a_value_that_is_written_is_read_again(file, name):
    """Written, read, taken out: the folder is made when it is missing."""
    _, value = VALUES[name]
    config(file).write(name, value)
    there = config(file).get(name)
    config(file).write(name, None)

    assert (value, (BY_NAME[name].default, "default")) == (there, config(file).explain(name))


lines = st.sampled_from(("# a note", "", "grades = '0-5'", "theirs = 1", 'idle_seconds=3 # "why"', "'color' = 'never'"))


@given(st.lists(lines, unique=True), st.booleans(), st.sampled_from(["0-5", "1-4", None]))
def test_writing_leaves_all_other_lines_as_they_are(tmp_path_factory, above, table, value):
    """Comments, foreign keys and tables stay, in their order, and the file can still be read."""
    file = tmp_path_factory.mktemp("config") / "config.toml"
    below = ["[theirs_too]", "grades = 'A-F'"] if table else []
    written(file, "".join(f"{line}\n" for line in (*above, *below)))
    others = [line for line in (*above, *below) if line != "grades = '0-5'"]
    config(file).write("grades", value)
    found = file.read_text().splitlines()

    assert others == [line for line in found if not line.startswith('grades = "')]
    assert value == tomllib.loads(file.read_text()).get("grades")
    assert (value or "1-4") == config(file).get("grades")


def test_a_link_stays_a_link(tmp_path):
    """Keepers of dotfiles link the file from elsewhere: what it points to is written."""
    kept, file = tmp_path / "dotfiles.toml", tmp_path / "config.toml"
    kept.write_text("# mine\n")
    file.symlink_to(kept)
    config(file).write("grades", "0-5")

    assert (True, '# mine\ngrades = "0-5"\n') == (file.is_symlink(), kept.read_text())


@pytest.mark.parametrize(
    "content",
    [
        b"grades = \n",
        b"grades = '1-4'\ngrades = '0-5'\n",
        b"color = '\xff'\n",
        b"idle_seconds = " + b"9" * 5000,
        b"run = " + b"[" * 5000,
    ],
    ids=["nothing", "twice", "no text", "long number", "deep"],
)
def test_a_file_that_cannot_be_understood_is_named_and_left_alone(file, content):
    """Reading and writing both say so, with the cure; not a byte is changed."""
    file.parent.mkdir()
    file.write_bytes(content)

    with pytest.raises(CardsError, match=r"config\.toml") as reading:
        config(file).get("grades")
    with pytest.raises(CardsError, match=r"config\.toml"):
        config(file).write("color", "never")
    assert (content, True) == (file.read_bytes(), bool(reading.value.hint))


def test_a_folder_in_the_place_of_the_file_is_named(file):
    """Neither reading nor writing falls over."""
    file.mkdir(parents=True)

    with pytest.raises(CardsError, match=r"cannot read .*config\.toml"):
        config(file).get("grades")
    with pytest.raises(CardsError, match=r"config\.toml"):
        config(file).write("grades", "0-5")


def test_a_file_that_cannot_be_made_is_named(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "config").write_text("")

    with pytest.raises(CardsError, match="cannot write") as caught:
        config(tmp_path / "config" / "config.toml").write("grades", "0-5")
    assert caught.value.hint


# ---------------------------------------------------------------- the command


def test_settings_of_the_log_travel_and_those_of_the_file_do_not(run, home):
    """Each goes where the table says, holds in the next process, and shows in the file or in the log."""
    run("config", "new_per_day", "7", check=True)
    run("config", "grades", "0-5", check=True)
    log, values = run("export", "log", check=True).out, run("config", check=True).out

    assert ('"name":"new_per_day","value":7' in log, "grades" in log) == (True, False)
    assert {"grades": "0-5"} == tomllib.loads((home / "config.toml").read_text())
    assert [True, True] == [
        any(name in one and value in one for one in values.splitlines())
        for name, value in (("new_per_day", "7"), ("grades", "0-5"))
    ]


def test_a_broken_file_stops_with_a_cure_and_not_with_a_traceback(run, home):
    """The exit code is 1, and the file is named."""
    home.mkdir()
    (home / "config.toml").write_text("nonsense\n")
    ran = run("config", "grades")

    assert (1, True, False) == (ran.code, f"{home}{os.sep}config.toml" in ran.err, "Traceback" in ran.err)
    assert "hint: " in ran.err
