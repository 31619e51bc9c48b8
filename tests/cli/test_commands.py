"""Every command: its help, its place in the documents, and what all of them do alike."""

import json
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pexpect
import pytest
from cli.inside import cards
from click.testing import CliRunner
from ui.person import PATIENCE

from flashcards import __version__, cli

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "commands.md"


def walk(group: click.Group, *names: str) -> Iterator[tuple[str, ...]]:
    """The names of all commands, groups included."""
    for name in group.list_commands(click.Context(group)):
        yield (*names, name)
        command = group.get_command(click.Context(group), name)
        if isinstance(command, click.Group):
            yield from walk(command, *names, name)


def helped(*names: str, columns: int = 80) -> str:
    return CliRunner().invoke(cli.cards, [*names, "--help"], prog_name="cards", terminal_width=columns).output


ALL = list(walk(cli.cards))
NAMES = list(cli.COMMANDS)


# ---------------------------------------------------------------- help


def test_the_table_is_complete():
    """Each command of the table has one line of help, and no line stands for nothing."""
    assert NAMES == list(cli.SHORT_HELP)


@pytest.mark.parametrize("name", NAMES)
def test_the_help_of_a_command_begins_like_the_table(name: str):
    """`cards --help` and `cards X --help` say the same first line."""
    command = cli.cards.get_command(click.Context(cli.cards), name)

    assert command is not None
    assert cli.SHORT_HELP[name] == (command.help or "").partition("\n")[0]
    assert f"  {cli.SHORT_HELP[name]}" in helped()


@pytest.mark.parametrize("names", ALL, ids=" ".join)
def test_every_command_shows_an_example(names: tuple[str, ...]):
    """The examples call the program by its name, and lines of them fit an ordinary terminal."""
    _, _, examples = helped(*names).partition("Example")

    assert "\n    cards " in examples
    assert max(map(len, helped(*names).splitlines())) <= 90


@pytest.mark.parametrize("names", ALL, ids=" ".join)
def test_every_option_explains_itself(names: tuple[str, ...]):
    """No option stands in the help without words."""
    command: click.Command = cli.cards
    for name in names:
        assert isinstance(command, click.Group)
        found = command.get_command(click.Context(command), name)
        assert found is not None
        command = found

    silent = [p.name for p in command.params if isinstance(p, click.Option) and not (p.help or "").endswith(".")]

    assert [] == silent


@pytest.mark.parametrize("names", ALL, ids=" ".join)
def test_every_command_is_in_the_documents(names: tuple[str, ...]):
    """docs/commands.md has a section for it, with its help as it is now."""
    title = " ".join(["cards", *names])
    text = "\n".join(line.rstrip() for line in helped(*names).rstrip().splitlines())

    assert f"\n## `{title}`\n\n```text\n{text}\n```\n" in PAGE.read_text(encoding="utf-8"), (
        "write it anew: cog -r docs/commands.md"
    )


@pytest.mark.slow
def test_the_page_of_commands_is_fresh():
    """`cog --check` finds nothing to write, whatever the width of the terminal."""
    pytest.importorskip("cogapp", reason="cog comes with the lint extra")
    done = subprocess.run(
        [sys.executable, "-m", "cogapp", "--check", PAGE], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert 0 == done.returncode, done.stdout


def test_the_help_imports_no_command():
    """`cards --help` is answered from the table."""
    script = (
        "import sys; from flashcards.cli import run; run(['--help']);"
        "print(sorted(m for m in sys.modules if m.startswith('flashcards.')), file=sys.stderr)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert "['flashcards.cli', 'flashcards.cli.lazy', 'flashcards.errors']\n" == done.stderr


@pytest.mark.parametrize("columns", [40, 80])
def test_help_fits_a_narrow_terminal(columns: int):
    """Prose and options fold; only the lines of examples may be longer."""
    text = helped("review", columns=columns).partition("Examples")[0]

    assert max(map(len, text.splitlines())) <= columns


def test_examples_fit_a_narrow_terminal(home: Path):
    """What one is for stands below it."""
    command = shlex.join([sys.executable, "-m", "flashcards", "restore", "--help"])
    shown = pexpect.run(command, dimensions=(60, 40), encoding="utf-8", timeout=PATIENCE)

    assert "    cards restore latest --dry-run\r\n        what would change\r\n" in shown
    assert max(map(len, shown.splitlines())) <= 40


# ---------------------------------------------------------------- version


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_the_version_is_one_line(run, flag: str):
    """Both spellings answer the same."""
    assert (0, f"cards {__version__}\n", "") == run(flag)


def test_the_version_is_answered_before_click_is_there():
    """Nothing heavy is imported for it."""
    script = (
        "import sys; sys.argv = ['cards', '--version']; from flashcards.__main__ import main; main();"
        "print('click' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert f"cards {__version__}\nFalse\n" == done.stdout


# ---------------------------------------------------------------- slips


@pytest.mark.parametrize(
    ("arguments", "code", "message", "hint"),
    [
        (["reviw"], 2, "no command `reviw`", "did you mean `review`?"),
        (["xyzzy"], 2, "no command `xyzzy`", "`cards --help` lists the commands"),
        (["due", "--jsn"], 2, "no such option `--jsn`", "did you mean `--json`?"),
        (["show"], 2, "missing argument `CARD`", "`cards show --help` shows how"),
        (["undo", "0"], 2, "`[STEPS]`", "`cards undo --help` shows how"),
        (["import"], 2, "missing argument `SOURCE...`", "`cards import --help` shows how"),
        (["export", "progress", "-f", "xml"], 2, "`xml` is not one of `csv`, `json`, `jsonl`", "--help"),
        (["completion", "powershell"], 2, "`powershell` is not one of", "--help"),
        (["config", "nix"], 2, "no setting called `nix`", "`cards config` lists them"),
        (["config", "new_per_day", "many"], 2, "`new_per_day` cannot be `many`", "a whole number from 0"),
        (["config", "new_per_day", "3", "--unset"], 2, "contradict", "one of them"),
        (["config", "--unset"], 2, "no setting is named", "`cards config`"),
        (["config", "color", "always", "-d", "venv"], 2, "`color` is the same for all decks", "leave out --deck"),
        (["config", "day_start", "25:00"], 2, "`25:00` is not a time of day", "04:00"),
        (["review", "vnv"], 4, "no deck called `vnv`", "did you mean `venv`?"),
        (["review", "--limit", "0"], 2, "`--limit`", "--help"),
        (["due", "nix"], 4, "no deck called `nix`", "`cards decks` lists them"),
        (["list", "--deck", "nix"], 4, "no deck called `nix`", "`cards decks` lists them"),
        (["config", "new_per_day", "-d", "nix"], 4, "no deck called `nix`", "`cards decks` lists them"),
        (["export", "progress", "-d", "nix"], 4, "no deck called `nix`", "`cards decks` lists them"),
        (["show", "crate"], 4, "no card called `crate`", "did you mean `venv/create`?"),
        (["suspend", "create", "nope"], 4, "no card called `nope`", "`cards list` lists them"),
        (["reset", "venv/nope"], 4, "no card called `venv/nope`", "`cards list` lists them"),
        (["import", "nope.yaml"], 1, "cannot read `nope.yaml`", "check the name of the file"),
        (["import", "nope*.yaml"], 1, "`nope*.yaml` matches no file", ".yaml"),
        (["import", "nope.xyz"], 6, "`nope.xyz` is of no known format", ".jsonl"),
        (
            ["import", "old.db.gz"],
            6,
            "`old.db.gz` is no deck and no log",
            "if it is a backup: `cards restore old.db.gz`",
        ),
        (["import", "nope.apkg"], 1, "cannot read `nope.apkg`", "check the name of the file"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slip_is_named_and_cured(home: Path, arguments: list[str], code: int, message: str, hint: str):
    """One line that says what is wrong and one with the cure, on standard error; standard output is empty."""
    cards("import", ROOT / "decks", check=True)

    ran = cards(*arguments)

    assert (code, "") == (ran.code, ran.out)
    first, _, rest = ran.err.partition("\n")
    assert first.startswith("error: ")
    assert message in first
    assert hint in rest
    assert not first.endswith(".")
    assert "Usage" not in ran.err
    assert rest.startswith("hint: ")


def test_a_slip_in_one_name_changes_nothing(home: Path):
    """All names are looked up before the first card is touched."""
    cards("import", ROOT / "decks", check=True)

    cards("suspend", "create", "nope")

    assert "" == cards("list", "--suspended", check=True).out


# ---------------------------------------------------------------- json


@pytest.mark.parametrize(
    ("arguments", "schema"),
    [
        (["due", "--json"], "cards.due/1"),
        (["decks", "--json"], "cards.decks/1"),
        (["stats", "--json"], "cards.stats/1"),
        (["config", "--json"], "cards.config/1"),
        (["export", "progress"], "cards.progress/1"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
@pytest.mark.parametrize("empty", [True, False], ids=["empty home", "with a deck"])
def test_machine_output_is_one_versioned_object(home: Path, arguments: list[str], schema: str, empty: bool):
    """JSON says its schema, with decks and without."""
    if not empty:
        cards("import", ROOT / "decks", check=True)

    ran = cards(*arguments, check=True)

    assert schema == json.loads(ran.out)["schema"]
    assert "" == ran.err
