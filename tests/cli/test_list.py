"""`cards list`: filters, search over all that cards say, order, and names for other commands."""

import json
from pathlib import Path

import pytest
from cli.inside import cards

DECK = """
    deck: d
    tags: [all]
    cards:
      - {id: create, front: Make one., answer: python3 -m venv venv, back: The *second* one., tags: [command]}
      - {id: layout, front: Where do packages go?, back: "Into `lib/python3.X/site-packages`."}
      - {id: path, front: "What shows $PATH?", answer: 'echo "$PATH"', accept: [printenv PATH], explain: {echo: Übung}}
      - {id: glob, front: "All files?", answer: "ls -d -- *", back: "a\\\\nb"}
"""


@pytest.fixture
def decks(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four cards: one due, one due later with three lapses and two new; the log knows another."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    log = [
        '{"card":"d/create","grade":4,"at":"2026-11-01T12:00:00Z"}',
        *(
            f'{{"card":"d/layout","grade":{grade},"at":"2026-11-{day:02}T12:00:00Z","typed":"{typed}"}}'
            for day, (grade, typed) in enumerate(
                [(4, ""), (1, "lib"), (4, "ok"), (1, "bin"), (4, ""), (1, "lib"), (4, ""), (5, ""), (5, "")], 10
            )
        ),
        '{"card":"gone/venv","grade":5,"at":"2026-11-20T12:00:00Z"}',
    ]
    cards("import", deck_file(DECK), deck_file("\n".join(log) + "\n", "x.jsonl"), check=True)
    cards("config", "leech_lapses", "3", check=True)
    return home


def names(*args: str) -> list[str]:
    """The cards that `cards list` finds, without their decks."""
    rows = map(json.loads, cards("list", "--json", *args, check=True).out.splitlines())
    return [row["id"].partition("/")[2] for row in rows]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["venv"], ["create", "venv"]),
        (["-m"], ["create"]),
        (["--search", "-m"], ["create"]),
        (["site-packages"], ["layout"]),
        (["packages"], ["layout"]),
        (["pack"], ["layout"]),
        (["ackages"], []),
        (["$PATH"], ["path"]),
        (["*"], ["create", "glob"]),
        (["--", "--"], ["glob"]),
        (["ubung"], ["path"]),
        (["ÜBUNG"], ["path"]),
        (["printenv"], ["path"]),
        (["packages go"], ["layout"]),
        (["go packages"], []),
        (["go", "packages"], ["layout"]),
        (["--search", 'go "do packages"'], ["layout"]),
        (["--search", '"'], ["path"]),
        (["\\n"], ["glob"]),
        (["d/glob"], ["glob"]),
        (["command"], ["create"]),
        (["all", "file"], ["glob"]),
        (["NEAR(", "AND"], []),
        (["venv", "-d", "d"], ["create"]),
        ([" "], ["create", "layout", "path", "glob", "venv"]),
    ],
    ids=str,
)
def test_words_are_found_in_all_that_a_card_says(decks: Path, words: list[str], found: list[str]):
    """Whole words or their beginnings, signs included, accents and capitals aside; all of them have to be there."""
    assert found == names(*words)


def test_a_search_reads_what_changed_since_the_last(decks: Path, deck_file):
    """New text is found, old text is not, a card that left is still found."""
    assert ["layout"] == names("where")

    cards(
        "import",
        deck_file(DECK.replace("Where do packages go", "Which folder holds modules").replace("id: glob", "id: star")),
        check=True,
    )

    assert (["layout"], [], ["star", "glob"]) == (names("modules"), names("where"), names("files"))


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        (["--state", "new"], ["path", "glob"]),
        (["--state", "retired"], ["venv"]),
        (["--state", "due"], ["create"]),
        (["--due"], ["create"]),
        (["--due", "today", "--leech"], []),
        (["--due", "+30d"], ["create", "layout"]),
        (["--due", "2026-11-01"], []),
        (["--leech"], ["layout"]),
        (["--tag", "command"], ["create"]),
        (["--suspended"], ["path"]),
        (["--buried"], ["glob"]),
        (["--sort", "id", "--state", "new"], ["glob", "path"]),
        (["--sort", "lapses", "-n", "1"], ["layout"]),
        (["--sort", "ease", "-n", "1"], ["create"]),
        (["--sort", "due", "-d", "d"], ["create", "layout", "path", "glob"]),
    ],
    ids=str,
)
def test_filters_hold_together(decks: Path, filters: list[str], found: list[str]):
    """Each takes cards away; the order is the deck's, or the one asked for."""
    cards("suspend", "path", check=True)
    cards("bury", "glob", check=True)

    assert found == names(*filters)


def test_what_is_put_away_is_not_due(decks: Path):
    """Unless that is asked for."""
    cards("suspend", "create", check=True)

    assert ([], ["create"]) == (names("--due"), names("--due", "--suspended"))


@pytest.mark.parametrize("day", ["venv", "2026-13-01", "+", "+x", "+99999999999d"])
def test_what_is_no_day_is_refused(decks: Path, day: str):
    """With examples of days."""
    ran = cards("list", "--due", day)

    assert (2, "") == (ran.code, ran.out)
    assert f"`{day}` is no day\nhint: such as 2026-11-22" in ran.err


def test_a_long_option_that_does_not_exist_is_a_mistake(decks: Path):
    """Also beside a word that looks like an option."""
    assert {2} == {cards("list", *args).code for args in (["--flaged"], ["-m", "--flaged"], ["--flaged", "-m"])}


def test_leeches_are_shown_with_what_was_typed_wrong(decks: Path):
    """The most frequent first."""
    row = json.loads(cards("list", "--leech", "--json", check=True).out)

    assert "\n  3 lapses; typed wrong: lib (2 times), bin\n" in cards("list", "--leech", check=True).out
    assert (True, [{"typed": "lib", "times": 2}, {"typed": "bin", "times": 1}]) == (row["leech"], row["mistakes"])


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_lists_fit_the_terminal(decks: Path, deck_file, monkeypatch: pytest.MonkeyPatch, columns: int):
    """Lines are cut, the line below a leech is folded, and a long name stands alone where there is little room."""
    cards(
        "import",
        deck_file("deck: long\ncards: [{front: What is a name of so many words, back: b}]\n", "long.yaml"),
        check=True,
    )
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = (cards("list", check=True).out + cards("list", "--leech", check=True).out).splitlines()

    assert [] == [line for line in lines if len(line) > columns]


def test_names_come_from_a_pipe(decks: Path):
    """One a line, with quotes or without; all of them or none."""
    ran = cards("suspend", "-", stdin='d/create\n"d/glob"\n\nd/create\n', check=True)

    assert ["d/create", "d/glob"] == [line.partition(" ")[0] for line in ran.out.splitlines()]
    assert 4 == cards("flag", "-", "path", stdin="nobody\n").code
    assert [] == names("--flagged")
    assert ("", "") == cards("reset", "-", stdin="", check=True)[1:]
