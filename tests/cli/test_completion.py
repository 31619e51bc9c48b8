"""The shell completes commands, options, decks, tags, cards and settings."""

import shutil
import subprocess
from pathlib import Path

import pytest
from cli.inside import cards

DECKS = Path(__file__).parents[2] / "decks"


@pytest.fixture
def decks(home: Path, deck_file) -> Path:
    cards(
        "import",
        DECKS,
        deck_file("deck: vim\ntitle: Vim\ncards:\n  - {id: a, front: f, back: b, tags: [mode]}\n"),
        check=True,
    )
    return home


def completed(run, line: str) -> list[str]:
    """What bash would offer for the last word of the line."""
    words = line.split(" ")
    env = {"_CARDS_COMPLETE": "bash_complete", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    return [offer.partition(",")[2] for offer in run(env=env).out.splitlines() if offer]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_is_valid(home: Path, shell: str):
    """Each shell reads its script without a complaint."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    script = cards("completion", shell, check=True).out

    done = subprocess.run([shell, "-n"], input=script, capture_output=True, text=True, check=False)

    assert (0, "") == (done.returncode, done.stderr)
    assert "_CARDS_COMPLETE" in script


def test_the_script_works_in_a_real_bash(decks: Path):
    """Sourced into bash, the function offers what the program knows."""
    script = cards("completion", "bash", check=True).out
    bin_folder = Path(shutil.which("python3") or "/usr/bin/python3").parent
    program = decks.parent / "bin"
    program.mkdir()
    import sys

    (program / "cards").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flashcards "$@"\n', encoding="utf-8")
    (program / "cards").chmod(0o755)
    ask = 'COMP_WORDS=(cards review v); COMP_CWORD=2; _cards_completion cards; printf "%s\\n" "${COMPREPLY[@]}"'

    done = subprocess.run(
        ["bash", "-c", f"PATH={program}:{bin_folder}:/usr/bin:/bin\n{script}\n{ask}"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert ["venv", "vim"] == done.stdout.split()


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("cards re", ["review", "remind", "resume", "reset", "restore"]),
        ("cards review v", ["venv", "vim"]),
        ("cards review --tag mo", ["mode"]),
        ("cards list --deck ve", ["venv"]),
        ("cards show venv/act", ["venv/activate", "venv/activate~reverse", "venv/activate-windows"]),
        ("cards config new", ["new_per_day"]),
        ("cards config new_per_day 3 --deck vi", ["vim"]),
        ("cards export ", ["anki", "calendar", "cheatsheet", "deck", "log", "progress", "reviews", "stats"]),
        ("cards export progress --format j", ["json", "jsonl"]),
        ("cards due --sh", ["--short"]),
        ("cards review nothing", []),
    ],
)
def test_names_complete(decks: Path, run, line: str, offers: list[str]):
    """Commands from the table, the rest from the database."""
    assert offers == completed(run, line)


def test_completion_on_an_empty_home_is_silent_and_creates_nothing(home: Path, run):
    """Pressing tab is no reason to make a database."""
    assert [] == completed(run, "cards review v")
    assert not home.exists()


def test_completion_survives_a_damaged_database(decks: Path, run):
    """Nothing to offer is better than a message in the middle of a line."""
    (decks / "cards.db").write_bytes(b"no database" * 1000)

    assert [] == completed(run, "cards review v")
