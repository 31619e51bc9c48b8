"""What a person reads between sittings: the glance, what is due, decks, lists, one card, numbers."""

import json
from pathlib import Path

import pytest
from cli.inside import cards

DECK = """
    deck: d
    title: A small deck
    tags: [all]
    cards:
      - {id: ls, front: List all files., answer: ls -a, accept: [ls --all], back: Also hidden ones., tags: [command]}
      - {id: why, front: Why?, back: Because., reverse: Because of what?}
      - {id: later, front: Later?, back: Yes., after: [why]}
"""
OTHER = """
    deck: e
    cards:
      - {id: why, front: Why, back: So.}
"""


@pytest.fixture
def evening(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    return home


@pytest.fixture
def decks(evening: Path, deck_file) -> Path:
    """Two decks; one card learnt, one failed today."""
    cards("import", deck_file(DECK, "d.yaml"), deck_file(OTHER, "e.yaml"), check=True)
    cards("review", "d", "--plain", stdin="ls -a\n3\n\n1\n", check=True)
    return evening


# ---------------------------------------------------------------- glance


def test_an_empty_home_gets_the_first_step(evening: Path):
    """`cards` says how to begin."""
    assert (
        """\
no decks yet

cards review        start with a deck that came along
cards import FILE   take in a deck of your own
"""
        == cards(check=True).out
    )
    assert not evening.exists()


def test_a_home_on_a_disk_that_is_not_there_is_said(evening: Path, monkeypatch: pytest.MonkeyPatch):
    """Nobody is left to think that all is lost."""
    monkeypatch.setenv("CARDS_HOME", str(evening / "stick" / "cards"))

    for command in ([], ["due"]):
        assert f"there is no folder `{evening / 'stick'}`, where CARDS_HOME lies" in cards(*command, check=True).err
    assert "" == cards("due", "--short", check=True).err
    assert not evening.exists()


def test_a_home_whose_database_is_gone_names_the_way_back(decks: Path):
    """Nobody starts anew over the backups of years: glance, review and doctor tell of them."""
    (decks / "cards.db").unlink()

    assert "1 backup" in cards("doctor", "-v").out
    assert "gone, though there are backups\n" in cards("doctor").out
    assert "\ncards restore       go back to a backup: there are some\n" in cards(check=True).out
    assert cards("review", check=True).err.startswith("there are backups: `cards restore` goes back to one\n")


def test_the_glance_says_what_is_due_and_what_to_type(decks: Path):
    """Counts, pace, streak, a week for each deck, the next command; nothing that is zero."""
    assert (
        """\
2 due today · 1 new, 1 to drill · about 1 min · streak 1 day
d               1   ▁█▁▁▁▁▁   next week 2
e               1   ▁▁▁▁▁▁▁   next week 0

cards review          start
cards stats           progress
"""
        == cards(check=True).out
    )


def test_the_glance_says_when_nothing_is_due(decks: Path):
    """Then the next step is looking ahead."""
    cards("review", "--plain", stdin="\n4\n\n4\n\n4\n", check=True)

    out = cards(check=True).out

    assert out.startswith("nothing is due · streak 1 day\n")
    assert "\ncards review --ahead " in out


@pytest.mark.parametrize(
    "command", [(), ("due",), ("decks",), ("list",), ("show", "d/ls"), ("stats",), ("config",)], ids=str
)
@pytest.mark.parametrize("columns", [40, 80])
def test_output_fits_the_terminal(decks: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...], columns: int):
    """At 40 columns nothing is broken by the terminal in the middle of a word; a path stays whole."""
    monkeypatch.setenv("COLUMNS", str(columns))

    lines = cards(*command, check=True).out.splitlines()

    assert [] == [line for line in lines if len(line) > columns and "/d.yaml" not in line and "/e.yaml" not in line]


def test_output_into_a_pipe_is_not_cut(decks: Path, deck_file):
    """Without a terminal there is no width."""
    front = "word " * 15
    cards("import", deck_file(f"deck: l\ncards:\n  - {{id: x, front: {front}, back: b}}\n", "l.yaml"), check=True)

    assert f"{front.strip()}\n" in cards("show", "x", check=True).out


def test_no_colour_without_a_terminal(decks: Path):
    """A pipe gets plain text."""
    assert "\x1b" not in cards(check=True).out + cards("show", "d/ls", check=True).out


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False), ({"CLICOLOR_FORCE": "1"}, True)],
    ids=str,
)
def test_no_color_beats_force_color(decks: Path, monkeypatch: pytest.MonkeyPatch, environment, coloured: bool):
    """FORCE_COLOR colours a pipe, NO_COLOR takes it back."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert coloured == ("\x1b[" in cards(check=True).out)


@pytest.mark.parametrize(("setting", "coloured"), [("always", True), ("never", False), ("auto", False)])
def test_the_setting_colours_a_pipe(decks: Path, setting: str, coloured: bool):
    """`color` is heard where the environment says nothing."""
    cards("config", "color", setting, check=True)

    assert coloured == ("\x1b[" in cards(check=True).out)


def test_a_locale_without_unicode_gets_plain_signs(decks: Path, run):
    """The sparkline and the dots have a form in ASCII."""
    out = run(env={"PYTHONIOENCODING": "ascii", "CARDS_NOW": "2026-11-22T18:00:00+01:00"}, check=True).out

    assert out.isascii()
    assert "_#_____" in out
    assert "?" not in out


# ---------------------------------------------------------------- due


def test_due_lists_decks_with_their_numbers(decks: Path):
    """One line a deck, drills included."""
    assert [["e", "1"], ["d", "1"]] == [line.split() for line in cards("due", check=True).out.splitlines()]


def test_due_short_is_for_prompts(evening: Path, deck_file):
    """A few words when something is due, silence when nothing is or nothing exists."""
    assert (0, "", "") == cards("due", "--short")
    assert not evening.exists(), "a prompt creates nothing"

    cards("import", deck_file(DECK), check=True)

    assert (0, "2 due\n", "") == cards("due", "--short")

    cards("suspend", "ls", "why", "later", "why~reverse", check=True)

    assert (0, "", "") == cards("due", "--short")


def test_due_json_names_the_cards_in_order(decks: Path):
    """The promise of cards.due/1."""
    assert {
        "schema": "cards.due/1",
        "day": "2026-11-22",
        "due": 2,
        "reviews": 0,
        "new": 1,
        "drills": 1,
        "backlog": 0,
        "cards": ["e/why", "d/why"],
    } == json.loads(cards("due", "--json", check=True).out)


def test_due_check_is_for_scripts(decks: Path):
    """0 if something is due, 1 if not; of one deck or tag where asked."""
    assert 0 == cards("due", "--check").code
    assert 0 == cards("due", "--check", "e").code
    assert 1 == cards("due", "--check", "--tag", "command").code
    assert 0 == cards("due", "--check", "--tag", "all").code


def test_due_check_on_an_empty_home_is_1(evening: Path):
    """Nothing is due where there is nothing."""
    assert (1, "") == cards("due", "--check", "--short")[:2]


@pytest.mark.parametrize("command", ["due", "decks"])
def test_without_decks_the_first_step_is_said(evening: Path, command: str):
    """Before the database exists and after."""
    first = cards(command, check=True).out
    cards("config", "new_per_day", "3", check=True)

    assert first.startswith("no decks yet: `cards review` ")
    assert first == cards(command, check=True).out


# ---------------------------------------------------------------- decks and lists


def test_decks_say_where_they_come_from(decks: Path):
    """Title, counts and file of each deck."""
    out = cards("decks", check=True).out

    assert out.startswith("d             A small deck\n  4 cards, 1 known, 1 due\n  /")
    assert "/decks/d.yaml\ne" in out


def test_decks_as_json(decks: Path):
    """The promise of cards.decks/1."""
    first, second = json.loads(cards("decks", "--json", check=True).out)["decks"]

    assert {"deck", "title", "due", "new", "known", "cards", "week", "path"} == set(first)
    assert ("d", "A small deck", 4, 1) == (first["deck"], first["title"], first["cards"], first["known"])
    assert ("e", 1) == (second["deck"], second["new"])


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ([], ["d/ls", "d/why", "d/why~reverse", "d/later", "e/why"]),
        (["--deck", "e"], ["e/why"]),
        (["--deck", "e", "--deck", "d", "--state", "review"], ["d/ls", "d/why"]),
        (["--tag", "command"], ["d/ls"]),
        (["--tag", "command", "--tag", "all", "--state", "new"], ["d/why~reverse", "d/later"]),
        (["--flagged"], ["d/later"]),
        (["--suspended"], ["e/why"]),
        (["--flagged", "--suspended"], []),
        (["--state", "retired"], []),
    ],
    ids=lambda value: " ".join(value) if value and value[0].startswith("-") else "",
)
def test_list_filters(decks: Path, filters: list[str], names: list[str]):
    """Filters narrow the list, in text and as JSON lines; several tags or decks widen it."""
    cards("flag", "later", check=True)
    cards("suspend", "e/why", check=True)

    text, lines = cards("list", *filters, check=True).out, cards("list", "--json", *filters, check=True).out

    assert names == [line.split()[0] for line in text.splitlines()]
    assert names == [json.loads(line)["id"] for line in lines.splitlines()]


# ---------------------------------------------------------------- show


def test_show_tells_all_about_a_card(decks: Path):
    """Content, schedule, what each grade would do, history."""
    assert (
        """\
d/ls

List all files.

  answer: ls -a
  also right:
    ls --all
  Also hidden ones.
  tags: all, command

schedule: due 2026-11-23, interval 1d, ease 2.50, 1 in a row, 0 lapses
graded today: another grade is a drill and leaves the schedule

history: 1 answer
  2026-11-22 18:00  good     1d                   ls -a
"""
        == cards("show", "ls", check=True).out
    )


def test_show_takes_a_short_name_where_it_is_clear(decks: Path):
    """`id` alone is enough if one deck has it; else the candidates are named."""
    assert "d/later" == cards("show", "later", check=True).out.splitlines()[0]

    ran = cards("show", "why")

    assert (4, "") == (ran.code, ran.out)
    assert "error: `why` is a card of several decks\nhint: name one: `d/why`, `e/why`\n" == ran.err


def test_show_json_has_card_content_and_log(decks: Path):
    """The promise of cards.card/1."""
    found = json.loads(cards("show", "d/ls", "--json", check=True).out)

    assert ("cards.card/1", "d/ls") == (found["schema"], found["card"]["id"])
    assert "ls -a" == found["content"]["answer"][""]
    assert [("review", 4, "ls -a")] == [(e["kind"], e["grade"], e["typed"]) for e in found["log"]]


def test_show_knows_a_card_of_the_log_alone(evening: Path, tmp_path: Path):
    """A card that no deck has is shown with its history."""
    log = tmp_path / "x.jsonl"
    log.write_text('{"card":"gone/x","grade":5,"at":"2026-01-01T12:00:00Z"}\n', encoding="utf-8")
    cards("import", log, check=True)

    out = cards("show", "gone/x", check=True).out

    assert out.startswith("gone/x  (retired)\n")
    assert "history: 1 answer" in out


def test_show_cannot_be_steered_by_a_deck(evening: Path, deck_file):
    """Escape sequences in a deck are refused, and those that were typed never reach the terminal."""
    bad = cards(
        "import", deck_file('deck: b\ncards:\n  - {id: x, front: "a\\e]0;owned\\a\\e[2Jb", back: b}\n', "b.yaml")
    )
    cards("import", deck_file("deck: d\ncards:\n  - {id: x, front: f, answer: ls}\n"), check=True)
    cards("review", "--plain", stdin="\x1b[31mls\n4\n", check=True)

    assert 3 == bad.code
    assert "\x1b" not in bad.err
    assert "  easy  " in cards("show", "x", check=True).out
    assert "\x1b" not in cards("show", "x", check=True).out


# ---------------------------------------------------------------- stats


def test_stats_as_json(decks: Path):
    """The promise of cards.stats/1."""
    found = json.loads(cards("stats", "--json", check=True).out)

    assert {"schema", "day", "periods", "streak_days", "longest_streak_days", "forecast", "decks"} <= set(found)
    assert ("2026-11-22", 1, 31) == (found["day"], found["streak_days"], len(found["forecast"]))
    assert {"name", "reviews", "new", "right", "retention", "took_ms"} <= set(found["periods"][0])
    assert {"deck", "title", "known", "cards"} <= set(found["decks"][0])


def test_a_list_without_cards_says_so_beside_its_output(home: Path, deck_file):
    """On the error stream: a script still counts no line."""
    nothing = cards("list", check=True)
    cards("import", deck_file("deck: d\ncards:\n  - {id: a, front: f, back: b}\n"), check=True)
    flagged = cards("list", "--flagged", check=True)

    assert ("", True) == (nothing.out, "no cards yet" in nothing.err)
    assert ("", "no card is like that\n") == (flagged.out, flagged.err)
    assert "" == cards("list", "--flagged", "--json", check=True).err


@pytest.mark.parametrize(("option", "kind"), [("--limit", "whole number"), ("--minutes", "number")])
def test_a_wrong_number_is_called_a_number(home: Path, option: str, kind: str):
    """Not an `integer range`."""
    assert f"is not a valid {kind}" in cards("review", option, "x").err
