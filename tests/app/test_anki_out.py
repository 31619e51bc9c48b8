"""`cards export anki`: what came from Anki goes back, what happened here goes with it."""

import subprocess

import pytest
from anki_packages import rows

from flashcards.formats.anki import writer
from flashcards.formats.plain import PlainDeck

DECK = """\
deck: shell
title: The shell
cards:
  - id: list
    front: List files.
    answer: ls
    reverse: What does `ls` do?
  - id: gap
    cloze: "{{c1::cd}} changes the folder"
"""


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CARDS_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+00:00")
    return tmp_path


def run(*arguments):
    from flashcards.cli import run as program

    assert 0 == program([str(argument) for argument in arguments])


def test_reviews_of_our_own_become_entries_and_schedules(home):
    """A graded card is a review card with its interval, ease and every answer; a suspended one stays away."""
    (home / "shell.yaml").write_text(DECK)
    (home / "log.jsonl").write_text(
        '{"v":1,"kind":"review","card":"shell/list","grade":4,"at":"2026-11-20T10:00:00.000Z","took_ms":4000}\n'
        '{"v":1,"kind":"review","card":"shell/list","grade":3,"at":"2026-11-21T10:00:00.000Z","took_ms":5000}\n'
    )
    run("import", home / "shell.yaml", home / "log.jsonl")
    run("suspend", "shell/gap~c1")

    run("export", "anki", "-o", home / "out.apkg")

    cards = rows(home / "out.apkg", "select ord, type, queue, ivl, factor, reps from cards order by id")
    assert [(0, 2, 2, 6, 2360, 2), (1, 0, 0, 0, 0, 0), (0, 0, -1, 0, 0, 0)] == cards
    log = rows(home / "out.apkg", "select id, ease, ivl, lastIvl, factor, time, type from revlog order by id")
    assert [(1795168800000, 3, 1, 0, 2500, 4000, 0), (1795255200000, 2, 6, 1, 2360, 5000, 1)] == log


def test_a_package_that_nothing_happened_to_goes_back_as_it_was(home):
    """Notes keep their ids and fields."""
    deck = PlainDeck(
        id="x", title="X", cards=({"id": "a", "front": "f", "back": "b"}, {"id": "b", "front": "g", "back": "h"})
    )
    (home / "x.apkg").write_bytes(b"".join(writer.write([deck])))
    run("import", home / "x.apkg")
    before = rows(home / "x.apkg", "select guid, flds from notes order by id")

    run("export", "anki", "-o", home / "out.apkg")

    assert before == rows(home / "out.apkg", "select guid, flds from notes order by id")


def test_another_ending_is_refused_and_nothing_written(home, capsys):
    """Anki goes by the name of the file."""
    from flashcards.cli import run as program

    assert 2 == program(["export", "anki", "-o", str(home / "out.zip")])
    assert "does not end in .apkg" in capsys.readouterr().err
    assert not (home / "out.zip").exists()


@pytest.mark.parametrize("options", [(), ("--deck", "mine")])
def test_a_package_may_be_called_anything(home, options):
    """What is kept for the way back is named like the media, whatever the file is called, and is found again."""
    (home / "shell.yaml").write_text(DECK)
    run("import", home / "shell.yaml")
    run("export", "anki", "-o", home / "My Deck (1).apkg")
    guids = rows(home / "My Deck (1).apkg", "select guid from notes order by guid")

    run("import", home / "My Deck (1).apkg", "--replace", *options)
    (kept,) = (home / "home" / "decks").glob("*.anki")
    run("export", "anki", "-o", home / "back.apkg")

    assert ("mine" if options else "my-deck-1") == kept.stem
    assert set(guids) <= set(rows(home / "back.apkg", "select guid from notes"))


@pytest.mark.slow
@pytest.mark.timeout(900)  # it is installed first
def test_real_anki_finds_no_difference(tmp_path):
    """What Anki exports comes back to Anki with every note, card, entry and file as it was."""
    from bench.anki import interpreter, trips

    try:
        python = interpreter(tmp_path / "anki")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("Anki cannot be installed here")

    assert [[]] * 4 == [trip.differences for trip in trips(python, tmp_path, (300, 3_000))]
