"""`cards log`: who did what when, newest first; what was taken back stays, struck out and named."""

import json
from contextlib import closing
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from anki_packages import BASIC, database, package
from cli.inside import cards
from strategies import a_review, event_id

from flashcards.cli.log import complete_devices
from flashcards.model import CardId
from flashcards.store import Store
from flashcards.store.actions import Actions, Sought

DECK = """
    deck: d
    cards:
      - {id: a, front: f, answer: ls}
      - {id: b, front: f, back: b}
      - {id: c, front: f, back: b}
"""
FOREIGN = "\n".join(
    [
        # An id and a batch that another program made up stand where their moments are.
        '{"id":"zzz","card":"x/old","grade":4,"at":"2026-11-01T12:00:00Z","device":"desk"}',
        '{"id":"!","kind":"mark","card":"x/old","mark":"flag","at":"2026-11-02T12:00:00Z","device":"desk","batch":"trip"}',
        '{"id":"u","kind":"undo","target":"trip","at":"2026-11-21T12:00:00Z","device":"desk"}',
        '{"id":"v","kind":"undo","target":"nowhere","at":"2026-11-03T12:00:00Z","device":"desk"}',
        '{"id":"w","kind":"vote","card":"x/old","at":"2026-11-04T12:00:00Z","device":"desk","n":[1]}',
        json.dumps(
            {"id": "t", "card": "x/old", "grade": 1, "at": "2026-11-05T12:00:00Z", "typed": "\x1b[31mrm\u202e x"}
        ),
    ]
)


@pytest.fixture
def day(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A day of a person: a grade in Tokyo, marks and a setting at home, some of them taken back."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-21T09:00:00+09:00")
    cards("import", deck_file(DECK), check=True)
    cards("review", "--plain", "--limit", "1", stdin="ls\n3\n", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    cards("suspend", "a", "b", check=True)
    cards("config", "fuzz", "true", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:05:00+01:00")
    cards("undo", check=True)
    cards("reset", "b", check=True)
    return home


def view(*args: object) -> list[dict[str, Any]]:
    """What the command says to a program."""
    found = json.loads(cards("log", "--json", *args, check=True).out)
    assert "cards.log-view/1" == found["schema"]
    actions: list[dict[str, Any]] = found["actions"]
    return actions


def said(*args: object) -> list[str]:
    return [one["says"] for one in view(*args)]


def test_a_line_for_each_action_newest_first(day: Path):
    """When, by the clock where the person was, and what; what was undone says so in a sign and a word."""
    assert (
        "  2026-11-22 18:05  today      started anew: d/b\n"
        "  2026-11-22 18:05  today      took back: setting fuzz true\n"
        "✗ 2026-11-22 18:00  today      undone 18:05: setting fuzz true\n"
        "  2026-11-22 18:00  today      suspended 2 cards: d/a, d/b\n"
        "  2026-11-21 09:00  yesterday  graded good: d/a, `ls`\n"
    ) == cards("log", check=True).out
    device = view()[0]["device"]
    assert (
        f"2026-11-22 18:05, today, on {device}: started anew: d/b\n"
        f"2026-11-22 18:05, today, on {device}: took back: setting fuzz true\n"
        f"2026-11-22 18:00, today, on {device}: undone 18:05: setting fuzz true\n"
    ) == cards("log", "--plain", "-n", "3", check=True).out


def test_the_log_as_json(day: Path):
    """The promise of cards.log-view/1: fields are only added."""
    undone = view()[2]
    event = undone.pop("event")
    undo = view()[1]

    assert {
        "id": event["id"],
        "at": "2026-11-22T17:00:00.000Z",
        "local": "2026-11-22T18:00:00.000+01:00",
        "day": "2026-11-22",
        "device": event["device"],
        "kind": "setting",
        "says": "setting fuzz true",
        "events": 1,
        "cards": [],
        "redacted": False,
        "undone": {"id": undo["id"], "at": "2026-11-22T17:05:00.000Z", "device": event["device"]},
    } == undone
    assert (event["id"], "undo") == (undo["event"]["target"], undo["kind"])
    assert "2026-11-21T09:00:00.000+09:00" == view()[-1]["local"]
    assert [True, False] == [json.loads(cards("log", "--json", "-n", n).out)["more"] for n in (4, 5)]


def test_what_is_asked_for(day: Path):
    """Cards, decks, days, devices, kinds, in either order; an undo belongs to what it took back."""
    grade, marks, reset = "graded good: d/a, `ls`", "suspended 2 cards: d/a, d/b", "started anew: d/b"
    cards("undo", check=True)

    assert [f"took back: {reset}", reset, marks] == said("b")
    assert [marks, grade] == said("d/a") == said("d/a", "--device", view()[0]["device"], "--deck", "d")
    assert [grade] == said("--until", "1d") == said("--kind", "grade", "--since", "2026-11-21")
    assert [marks] == said("--kind", "suspend") == said("a", "--since", "today")
    assert [grade, marks] == said("-d", "d", "--reverse")[:2]
    assert [] == said("--since", "2026-11-23") == said("c")
    ran = cards("log", "c")
    assert (0, "", "nothing in the log is like that\n") == ran


def test_what_cannot_be_asked_for(day: Path):
    """A slip is told with what was meant."""
    for args, code, says in (
        (["d/aa"], 4, "error: no card called `d/aa`\nhint: did you mean `d/a`?\n"),
        (["-d", "dd"], 4, "error: no deck called `dd`\nhint: did you mean `d`?\n"),
        (["--device", "?"], 4, "error: no device called `?` wrote in this log\n"),
        (["--since", "soon"], 2, "error: `soon` is no day for --since\n"),
        (["--kind", "x"], 2, "error: invalid value for `--kind`: `x` is not one of"),
    ):
        ran = cards("log", *args)

        assert (code, "") == (ran.code, ran.out)
        assert ran.err.startswith(says)


def test_asking_a_home_without_a_database_makes_none(home: Path):
    """There is nothing to tell, and nothing is written."""
    assert (0, "", "nothing was done yet\n") == cards("log")
    assert [] == view()
    assert 4 == cards("log", "d/a").code
    assert not home.exists()


def test_an_import_is_one_line_where_it_was_brought(day: Path, tmp_path: Path):
    """With its counts; `--all` shows its events, which are years old; one undo strikes all of it out."""
    known = {"type": 2, "queue": 2, "due": 2600, "ivl": 15, "factor": 2500, "reps": 2, "did": 10}
    notes = [(1, "g1", BASIC, "", ("uno", "one")), (2, "g2", BASIC, "", ("dos", "two"))]
    answers = [(1_600_000_000_000 + n, 11 + n % 2, 3, 15, 1, 2500, 5000, 1) for n in range(3)]
    both = [{"id": 11, "nid": 1, **known}, {"id": 12, "nid": 2, **known, "queue": -1}]
    Path(tmp_path, "x.apkg").write_bytes(package(database(notes, both, answers)))
    cards("import", tmp_path / "x.apkg", check=True)

    (whole,) = view("--all", "--kind", "import")
    assert whole["says"].startswith("imported the history of 2 cards: 3 answers, 2 schedules, 1 mark (spanish-verbs/")
    assert ("import", 6, "2026-11-22") == (whole["kind"], whole["events"], whole["day"])
    assert 2 == len(whole["cards"])
    assert ["2020-09-13"] * 5 == [one["day"] for one in whole["inside"]]
    assert "reset" == view("-n", "2")[1]["kind"]
    told = cards("undo", check=True).out.splitlines()
    assert "took back: the imported history of 2 cards, 6 events" == told[0]
    assert told[1].startswith("took back: the import of deck spanish-verbs; its file stays")
    assert all(one["undone"] for one in view("--all", "--kind", "import")[0]["inside"])
    assert "  undone 18:05: imported the history of 2 cards" in cards("log", "-n", "2", check=True).out


def test_the_import_of_a_log_is_an_action(day: Path, tmp_path: Path):
    """One undo takes it back, and to import it again lets it stand again; of a restore it says as much."""
    log = tmp_path / "x.jsonl"
    log.write_text("".join(f'{{"card":"d/c","grade":4,"at":"2026-03-0{n}T12:00:00Z"}}\n' for n in (1, 2)))

    assert "2 events, 2 new\n" in cards("import", log, check=True).out
    assert "imported a log: 2 events came" == said("-n", "1")[0]
    assert "took back: the import of 2 events (2026-11-22 18:05)\n" == cards("undo", check=True).out
    assert [True, True] == [bool(one["undone"]) for one in view("d/c")]
    assert [0] == [one["reviews"] for one in listed() if one["id"] == "d/c"]

    assert "2 events, 0 new, what was undone comes back\n" in cards("import", log, check=True).out
    assert "brought back what had been undone" == said("-n", "1")[0] == said("--kind", "import", "-n", "1")[0]
    assert [] == said("--kind", "restore")
    assert said() == said("-n", 10**20)
    assert [False, False] == [bool(one["undone"]) for one in view("d/c")]
    assert "2 events, 0 new\n" in cards("import", log, check=True).out
    assert "import" == view("-n", "1")[0]["kind"]

    assert "took back: the return of what had been undone (2026-11-22 18:05)\n" == cards("undo", check=True).out
    assert [True, True] == [bool(one["undone"]) for one in view("d/c")]


def test_a_log_that_says_itself_what_was_undone_brings_nothing_back(day: Path, tmp_path: Path):
    """To import it twice is to import it once, also where an import in it had been undone."""
    log, all_of_it = tmp_path / "x.jsonl", tmp_path / "all.jsonl"
    log.write_text('{"card":"d/c","grade":4,"at":"2026-03-01T12:00:00Z"}\n')
    cards("import", log, check=True)
    cards("undo", check=True)
    all_of_it.write_text(cards("export", "log", check=True).out)

    assert " events, 0 new\n" in cards("import", all_of_it, check=True).out

    assert all_of_it.read_text() == cards("export", "log", check=True).out


def test_an_undo_that_came_from_a_clock_ahead_goes_with_its_import(day: Path, tmp_path: Path):
    """One undo leads back, however late the other device believed it was."""
    log, undo = tmp_path / "x.jsonl", tmp_path / "y.jsonl"
    log.write_text('{"id":"zz","card":"d/c","grade":4,"at":"2026-03-01T12:00:00Z"}\n')
    undo.write_text('{"id":"zzu","kind":"undo","target":"zz","at":"2027-03-01T12:00:00Z","device":"fast"}\n')
    cards("import", log, check=True)

    cards("import", undo, check=True)
    (gone,) = [one["reviews"] for one in listed() if one["id"] == "d/c"]
    cards("undo", check=True)
    (back,) = [one["reviews"] for one in listed() if one["id"] == "d/c"]

    assert (0, 1) == (gone, back)


def test_a_batch_that_came_counts_as_its_events(day: Path, tmp_path: Path):
    """The import names it once."""
    log, batch = tmp_path / "x.jsonl", event_id(7)
    lines = ({"card": "d/c", "grade": 4, "at": f"2026-03-0{n}T12:00:00Z", "batch": batch} for n in (1, 2, 3))
    log.write_text("".join(f"{json.dumps(line)}\n" for line in lines))

    cards("import", log, check=True)

    assert "imported a log: 3 events came" == said("-n", "1")[0]
    assert "took back: the import of 3 events (2026-11-22 18:05)\n" == cards("undo", check=True).out


def test_files_of_another_program_that_share_a_batch_are_undone_one_by_one(day: Path, tmp_path: Path):
    """Such a name is often the same in every file."""
    for day_of, name in ((1, "wrong"), (2, "right")):
        line = {"card": "d/c", "grade": 4, "at": f"2026-03-0{day_of}T12:00:00Z", "batch": "anki"}
        Path(tmp_path, f"{name}.jsonl").write_text(json.dumps(line) + "\n")
    cards("import", tmp_path / "wrong.jsonl", check=True)
    cards("undo", check=True)

    cards("import", tmp_path / "right.jsonl", check=True)

    assert [1] == [one["reviews"] for one in listed() if one["id"] == "d/c"]


def test_a_reset_under_a_clock_that_was_wrong_is_a_reset(day: Path, monkeypatch: pytest.MonkeyPatch):
    """What it takes back of later is a means; also one undo says what it was."""
    monkeypatch.setenv("CARDS_NOW", "2027-05-01T18:00:00+01:00")
    cards("flag", "c", check=True)
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:10:00+01:00")
    cards("reset", "c", check=True)

    (told, _) = view("--kind", "reset")

    assert ("reset", "started anew: d/c", ["d/c"]) == (told["kind"], told["says"], told["cards"])
    assert "took back: d/c started anew (2026-11-22 18:10)\n" == cards("undo", check=True).out


def test_a_package_that_was_undone_comes_back(day: Path, tmp_path: Path):
    """Its events are known, so nothing comes; yet the undo of it no longer counts."""
    known = {"type": 2, "queue": 2, "due": 2600, "ivl": 15, "factor": 2500, "reps": 2, "did": 10}
    notes = [(1, "g1", BASIC, "", ("uno", "one"))]
    answers = [(1_600_000_000_000 + n, 11, 3, 15, 1, 2500, 5000, 1) for n in range(3)]
    Path(tmp_path, "x.apkg").write_bytes(package(database(notes, [{"id": 11, "nid": 1, **known}], answers)))
    cards("import", tmp_path / "x.apkg", check=True)
    (before,) = [one for one in listed() if one["deck"] != "d"]
    cards("undo", check=True)
    (undone,) = [one for one in listed() if one["deck"] != "d"]

    told = cards("import", tmp_path / "x.apkg", check=True).out

    assert "no new reviews, what was undone comes back" in told
    (after,) = [one for one in listed() if one["deck"] != "d"]
    assert before == after != undone

    cards("undo", check=True)
    later = (1_600_100_000_000, 11, 3, 15, 1, 2500, 5000, 1)
    Path(tmp_path, "x.apkg").write_bytes(package(database(notes, [{"id": 11, "nid": 1, **known}], [*answers, later])))
    cards("import", tmp_path / "x.apkg", check=True)

    assert said("-n", "1")[0].startswith("imported the history of 1 card: 1 answer, 1 schedule (")


def listed() -> list[dict[str, Any]]:
    return [json.loads(row) for row in cards("list", "--json", check=True).out.splitlines()]


def test_a_leech_is_one_line(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch):
    """The grade and the mark that came with it."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    cards("import", deck_file(DECK), check=True)
    cards("import", deck_file('{"card":"d/b","grade":4,"at":"2026-11-01T12:00:00Z"}\n', "x.jsonl"), check=True)
    cards("config", "leech_lapses", "1", check=True)
    cards("review", "--plain", "--limit", "1", stdin="\n1\n", check=True)

    assert "graded again: d/b; a leech, suspended" == said("--kind", "grade")[0]


def test_what_others_wrote(day: Path, deck_file):
    """Made-up ids stand where their moments are; newer kinds, lost targets and hostile texts are told, and safe."""
    cards("import", deck_file(FOREIGN, "x.jsonl"), check=True)
    told = [
        "took back: flagged: x/old",
        "graded good: d/a, `ls`",
        "graded again: x/old, `rm x`",
        "something that a newer version knows: vote",
        "took back what this log does not have: nowhere",
        "flagged: x/old",
        "graded good: x/old",
    ]

    assert told == said()[-7:]
    assert said("-n", "0")[::-1] == said("-n", "0", "--reverse") == said("-n", "99", "--reverse")
    assert [told[0], *told[2:4], *told[5:]] == said("x/old") == said("-d", "x")
    out = cards("log", "--ids", check=True).out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "✗ 2026-11-02 13:00  20d ago    desk           undone 2026-11-21 13:00: flagged: x/old  trip\n" in out
    assert ["desk"] == [item.value for item in complete_devices(None, None, "des")]  # type: ignore[arg-type]


def test_a_narrow_screen_and_a_terminal_that_can_strike_out(day: Path, monkeypatch: pytest.MonkeyPatch):
    """At 40 columns nothing is cut; with colour what was undone is struck out besides its sign and its word."""
    monkeypatch.setenv("COLUMNS", "40")
    out = cards("log", "--ids", "--all", check=True).out

    assert max(map(len, out.splitlines())) <= 40
    assert all(one["id"] in out for one in view())
    assert "✗ 2026-11-22 18:00  today\n    undone 18:05: setting fuzz true\n" in out
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    assert "today      undone 18:05: \x1b[9msetting fuzz true\x1b[0m\n" in cards("log", check=True).out


def test_a_clock_that_was_set_back_does_not_turn_the_order(day: Path, monkeypatch: pytest.MonkeyPatch):
    """What a device did last stands first, whatever the clock said."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-20T18:00:00+01:00")
    cards("flag", "c", check=True)

    assert ["flagged: d/c", "started anew: d/b"] == said("-n", "2")
    assert ["flagged: d/c"] == said("--until", "today")


def test_the_newest_lines_of_a_long_log_are_found_without_reading_it(tmp_path: Path):
    """Whether all is asked for, a deck, a device or a card."""
    store = Store(tmp_path / "cards.db")
    first = a_review(0, "2026-03-01")
    log = [
        first._replace(id=event_id(n), card=CardId(f"d/c{n % 100}"), at=first.at + timedelta(seconds=n))
        for n in range(4_000)
    ]
    store.append(log)
    store.close()
    steps = 0

    def count() -> None:
        nonlocal steps
        steps += 100

    with closing(Actions(tmp_path / "cards.db")) as actions:
        actions._connection.set_progress_handler(count, 100)
        for sought in (
            Sought(),
            Sought(decks=("d",)),
            Sought(devices=(log[0].device,)),
            Sought(devices=(log[0].device, "other"), kinds=("grade",)),
            Sought(cards=(log[7].card,)),
        ):
            steps = 0
            assert 5 == len([*islice(actions.actions(sought), 5)])
            assert steps < 8_000, sought
