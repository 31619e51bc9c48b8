"""`cards export`: progress and log for other programs, whole files only."""

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.inside import cards, progress

from flashcards.cli.output import write

DECK = """
    deck: d
    tags: [all, some]
    cards:
      - {id: a, front: "=HYPERLINK(1)", back: b, tags: [x]}
      - {id: b, front: "-2+3", back: b}
      - {id: c, front: 'He said "no, never"', back: b}
      - {id: d, front: "two\\nlines — ü", back: b}
      - {id: e, front: " +1", back: b}
"""
FIELDS = [
    "id", "deck", "front", "state", "repetitions", "ease", "interval_days", "due", "lapses", "reviews",
    "last_review", "retention", "suspended", "buried_until", "flagged", "tags",
    "leech",
]  # fmt: skip


@pytest.fixture
def decks(home: Path, deck_file, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A deck with a learnt, a lapsed, a suspended, a flagged and a buried card, and one that only the log knows."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    log = deck_file(
        '{"card":"d/a","grade":5,"at":"2026-11-10T12:00:00Z"}\n'
        '{"card":"d/a","grade":1,"at":"2026-11-11T12:00:00Z"}\n'
        '{"card":"d/b","grade":3,"at":"2026-11-21T12:00:00Z"}\n'
        '{"card":"gone/x","grade":4,"at":"2026-11-21T12:00:00Z"}\n',
        "x.jsonl",
    )
    cards("import", deck_file(DECK), log, check=True)
    cards("suspend", "c", check=True)
    cards("flag", "d/d", check=True)
    cards("bury", "e", check=True)
    return home


# ---------------------------------------------------------------- progress


def test_progress_as_json(decks: Path):
    """The promise of cards.progress/1: every field of every card, null where there is nothing."""
    whole = json.loads(cards("export", "progress", "--format", "json", check=True).out)

    assert {"schema", "at", "cards"} == set(whole)
    assert ("cards.progress/1", "2026-11-22T17:00:00.000Z") == (whole["schema"], whole["at"])
    assert {tuple(FIELDS)} == {tuple(row) for row in whole["cards"]}
    lapsed, _, suspended, flagged, buried, gone = whole["cards"]
    assert {
        "id": "d/a",
        "deck": "d",
        "front": "=HYPERLINK(1)",
        "state": "review",
        "repetitions": 0,
        "ease": 2.6,
        "interval_days": 1,
        "due": "2026-11-12",
        "lapses": 1,
        "reviews": 2,
        "last_review": "2026-11-11T12:00:00.000Z",
        "suspended": False,
        "buried_until": None,
        "flagged": False,
        "tags": ["all", "some", "x"],
        "leech": False,
    } == {name: value for name, value in lapsed.items() if name != "retention"}
    assert 0 < lapsed["retention"] < 1
    assert ("new", True, 0, None, None, None) == (
        suspended["state"],
        suspended["suspended"],
        suspended["repetitions"],
        suspended["ease"],
        suspended["interval_days"],
        suspended["due"],
    )
    assert flagged["flagged"]
    assert "2026-11-23" == buried["buried_until"]
    assert ("gone/x", "retired", None, "2026-11-22") == (gone["id"], gone["state"], gone["front"], gone["due"])


def test_progress_as_lines_has_the_same_rows(decks: Path):
    """JSON lines are the rows of the JSON object."""
    lines = cards("export", "progress", "-f", "jsonl", check=True).out.splitlines()

    assert list(progress().values()) == [json.loads(line) for line in lines]


def test_progress_as_csv_has_the_same_columns(decks: Path):
    """RFC 4180: a header, CR LF, quotes where needed; empty for null."""
    text = cards("export", "progress", "-f", "csv", check=True).out
    header, *rows = csv.reader(io.StringIO(text, newline=""))

    assert FIELDS == header
    assert list(progress()) == [row[0] for row in rows]
    assert 'He said "no, never"' == rows[2][2]
    assert "two\nlines — ü" == rows[3][2]
    assert ["new", "0", "", "", "", "0", "0", "", "", "true", ""] == rows[2][3:14]
    assert ["all some x", "false"] == rows[0][-2:]
    assert all(line.endswith("\r") for line in text.split("\n") if line and not line.endswith('"two'))


def test_no_cell_of_csv_is_a_formula(decks: Path):
    """A text that a spreadsheet would run gets an apostrophe in front; numbers stay numbers."""
    rows = list(csv.reader(io.StringIO(cards("export", "progress", "-f", "csv", check=True).out, newline="")))[1:]

    assert ["'=HYPERLINK(1)", "'-2+3", "' +1"] == [rows[0][2], rows[1][2], rows[4][2]]
    assert not [cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]


def test_progress_of_one_deck(decks: Path):
    """--deck leaves out the others, and what only the log knows."""
    assert {"d"} == {row["deck"] for row in progress("--deck", "d").values()}


@pytest.mark.parametrize(("name", "start"), [("p.csv", "id,deck"), ("p.json", "{"), ("p.jsonl", "{"), ("p", "{")])
def test_the_name_of_the_file_says_the_format(decks: Path, tmp_path: Path, name: str, start: str):
    """-f beats the suffix, the suffix beats json; the file has what standard output would get."""
    path = tmp_path / name

    ran = cards("export", "progress", "-o", path, check=True)

    assert "" == ran.out
    form = path.suffix[1:] or "json"
    assert path.read_bytes().decode().startswith(start)
    assert cards("export", "progress", "-f", form, check=True).out == path.read_bytes().decode()


def test_a_file_is_replaced_whole_or_not_at_all(decks: Path, tmp_path: Path):
    """An export that fails leaves the old file, and nothing half-written beside it."""
    path = tmp_path / "out" / "progress.csv"
    path.parent.mkdir()
    path.write_text("old", encoding="utf-8")

    failed = cards("export", "progress", "-d", "nix", "-o", path)

    assert (4, "old") == (failed.code, path.read_text(encoding="utf-8"))

    cards("export", "progress", "-o", path, check=True)

    assert [path] == list(path.parent.iterdir())
    assert path.read_bytes().startswith(b"id,deck,")


def test_a_place_that_cannot_be_written_is_named(decks: Path, tmp_path: Path):
    """A folder that is not there, or a folder in place of the file."""
    for path in (tmp_path / "nowhere" / "x.csv", tmp_path):
        ran = cards("export", "progress", "-o", path)

        assert (1, "") == (ran.code, ran.out)
        assert ran.err.startswith(f"error: cannot write `{path}`: ")
    assert ["decks", "home", "user"] == sorted(path.name for path in tmp_path.iterdir())


def test_an_export_that_is_cut_off_leaves_the_old_file(tmp_path: Path):
    """Whatever happens in the middle: the file is the old one, and nothing lies beside it."""
    path = tmp_path / "log.jsonl"
    path.write_text("old", encoding="utf-8")

    def pieces() -> Iterator[str]:
        yield "half"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(pieces(), str(path))

    assert ([path], "old") == (list(tmp_path.iterdir()), path.read_text(encoding="utf-8"))


def test_no_export_takes_the_place_of_what_the_program_keeps(decks: Path, home: Path, tmp_path: Path):
    """The history would be gone: by its own name, by another one, for any format and for the page."""
    database, other = home / "cards.db", tmp_path / "other.db"
    other.symlink_to(database)
    before = cards("export", "log", check=True).out

    for path in (database, other, home / "config.toml"):
        for command in (["export", "progress", "-f", "csv", "-o"], ["stats", "--html"]):
            ran = cards(*command, path)
            assert (2, True) == (ran.code, "is a file that cards itself needs" in ran.err)
    assert 2 == cards("export", "progress", "-f", "sqlite", "-o", database).code
    assert before == cards("export", "log", check=True).out


def test_an_export_through_a_link_changes_what_it_leads_to(decks: Path, tmp_path: Path):
    """The link stays a link, also where it leads to nothing yet; nothing is left beside either of them."""
    (tmp_path / "out").mkdir()
    for name in ("old.csv", "new.csv"):
        (tmp_path / f"link-{name}").symlink_to(tmp_path / "out" / name)
    (tmp_path / "out" / "old.csv").write_text("old", encoding="utf-8")

    for name in ("old.csv", "new.csv"):
        cards("export", "progress", "-o", tmp_path / f"link-{name}", check=True)

        assert (tmp_path / f"link-{name}").is_symlink()
        assert (tmp_path / "out" / name).read_bytes().startswith(b"id,deck,")
    assert ["new.csv", "old.csv"] == sorted(one.name for one in (tmp_path / "out").iterdir())


def test_a_pipe_is_written_to_and_not_replaced(decks: Path, tmp_path: Path):
    """`-o /dev/null` and named pipes stay what they are."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    cards("export", "log", "-o", pipe, check=True)

    assert pipe.is_fifo()
    assert os.read(reader, 100_000).startswith(b'{"v":1,')
    os.close(reader)


# ---------------------------------------------------------------- log


def test_the_log_brings_a_new_home_to_the_same_place(decks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Export, import in an empty home with the same deck: the same progress, to the last field."""
    cards("review", "--plain", stdin="\n1\n\n3\n\n4\n", check=True)
    cards("undo", check=True)
    cards("config", "new_per_day", "7", check=True)
    before, log = progress(), tmp_path / "log.jsonl"
    cards("export", "log", "-o", log, check=True)

    monkeypatch.setenv("CARDS_HOME", str(tmp_path / "another"))
    cards("import", tmp_path / "decks" / "deck.yaml", log, check=True)

    assert before == progress()
    assert "7" == cards("config", "new_per_day", check=True).out.strip()
    here, there = log.read_text(encoding="utf-8").splitlines(), cards("export", "log", check=True).out.splitlines()
    (more,) = [line for line in there if line not in here]
    assert here == [line for line in there if line != more]
    assert '"kind":"restore","takes":[]' in more


def test_the_log_is_lines_of_version_1(decks: Path):
    """In the order of their moments, each with what every event has."""
    events = [json.loads(line) for line in cards("export", "log", check=True).out.splitlines()]

    assert all({"v", "id", "kind", "at", "device"} <= set(event) for event in events)
    assert sorted(events, key=lambda event: (event["at"], event["id"])) == events
    assert ["review"] * 4 + ["restore"] + ["mark"] * 3 == [event["kind"] for event in events]


def test_an_empty_home_exports_nothing(home: Path):
    """No card, no event, no error."""
    assert [] == list(progress())
    assert "" == cards("export", "log", check=True).out
    assert [FIELDS] == list(csv.reader(io.StringIO(cards("export", "progress", "-f", "csv", check=True).out)))
