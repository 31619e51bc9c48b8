"""`cards export progress`, `stats` and `reviews`: one set of rows in every format, whole files, nothing for a screen."""

import csv
import io
import json
import os
import pty
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from cli.inside import cards
from jsonschema import Draft7Validator, FormatChecker
from markdown_it import MarkdownIt

from flashcards.app.exports.columns import DECKS, PROGRESS, REVIEWS, STATS, page
from flashcards.app.exports.page import STYLE
from flashcards.cli import export_bar
from flashcards.ui import waiting

HOSTILE = '<script>alert(1)</script> | *no* `code` [x](y) & "q" \\| a_b_c'
EXPORTS = {export.name: export for export in (PROGRESS, STATS, REVIEWS)}
DOCS = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
TURNED = "\u202e"
"""From here on a screen would write from right to left."""


@pytest.fixture
def decks(home: Path, deck_file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two decks, a hostile text among them, and some weeks of reviews of which one was taken back."""
    monkeypatch.setenv("CARDS_NOW", "2026-11-22T18:00:00+01:00")
    log = deck_file(
        '{"card":"d/a","grade":5,"at":"2026-10-10T12:00:00Z","took_ms":3000}\n'
        '{"card":"d/a","grade":1,"at":"2026-11-11T12:00:00Z","took_ms":4000,"typed":"=1+1","verdict":"fail","tries":2}\n'
        '{"card":"d/b","grade":3,"at":"2026-11-21T12:00:00Z"}\n'
        '{"card":"gone/x","grade":4,"at":"2026-11-21T12:00:00Z"}\n',
        "x.jsonl",
    )
    deck = {"deck": "d", "title": "D", "cards": [
        {"id": "a", "front": HOSTILE, "back": "b", "tags": ["x"]},
        {"id": "b", "front": f"two\nlines — ü {TURNED}gnp", "back": "b"},
    ]}  # fmt: skip
    other = "deck: e\ncards:\n  - {id: z, front: =z, back: b, tags: [y]}\n"
    cards("import", deck_file(json.dumps(deck)), deck_file(other, "e.yaml"), log, check=True)
    return home


def out(*args: object) -> str:
    return cards("export", *args, check=True).out


class Cells(HTMLParser):
    """The cells of the table in a page, and every tag that it has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.add(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")
        self._in = tag

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in in {"td", "th"}:
            self.rows[-1][-1] += data


def shown(row: dict[str, Any]) -> list[str]:
    """The values of a row as a page shows them."""
    words = {True: "yes", False: "", None: ""}
    return [
        words[value] if isinstance(value, bool | None) else " ".join(value) if isinstance(value, list) else str(value)
        for value in row.values()
    ]


# ---------------------------------------------------------------- the same rows everywhere


def test_csv_and_json_lines_have_the_same_rows(decks: Path):
    """In the order of the promised columns; empty for null."""
    for name in ("progress", "stats", "reviews"):
        rows = [json.loads(line) for line in out(name, "-f", "jsonl").splitlines()]
        header, *cells = csv.reader(io.StringIO(out(name, "-f", "csv"), newline=""))
        names = [column for column in EXPORTS[name].names if column != "typed"]

        assert names == header == list(rows[0])
        assert [row[names[0]] for row in rows] == [row[0] for row in cells]
        assert ["" if value is None else value for value in rows[0].values()][4:7] == [
            int(cell) if cell.isdigit() else float(cell) if re.fullmatch(r"\d\.\d+", cell) else cell
            for cell in cells[0][4:7]
        ]


def test_a_page_has_the_same_rows_and_nothing_that_runs(decks: Path):
    """Texts are escaped, no script, no address; the policy allows the page's own style and nothing else."""
    for name in ("progress", "stats"):
        rows = [json.loads(line) for line in out(name, "-f", "jsonl").splitlines()]
        page = out(name, "-f", "html")
        read = Cells(page)

        assert [column.replace("_", " ") for column in EXPORTS[name].names] == read.rows[0]
        assert [[cell.replace(TURNED, "") for cell in shown(row)] for row in rows] == read.rows[1:]
        assert not read.tags & {"script", "img", "link", "a", "iframe"}
        assert "http" not in page.replace("http-equiv", "")
        policy = re.search(r'content="(default-src [^"]+)"', page)
        assert policy
        assert re.fullmatch(r"default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='", policy[1])
        assert page.count("<style>") == page.count(f"<style>{STYLE}</style>") == 1


def test_markdown_has_the_same_rows(decks: Path):
    """Read back by a reader of Markdown, every text is what it was; a line end is a break."""
    for name in ("progress", "stats"):
        rows = [json.loads(line) for line in out(name, "-f", "jsonl").splitlines()]
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(out(name, "-f", "md"))
        read = Cells(html.replace("<br>", " "))

        assert list(EXPORTS[name].names) == read.rows[0]
        assert [[" ".join(cell.replace(TURNED, "").split()) for cell in shown(row)] for row in rows] == read.rows[1:]
        assert "script" not in read.tags


def test_the_json_of_stats_is_that_of_cards_stats(decks: Path):
    """Every number, under the same name and version."""
    numbers = json.loads(out("stats"))

    assert "cards.stats/1" == numbers["schema"]
    assert json.loads(cards("stats", "--json", check=True).out) == numbers
    assert "2026-11-20" == json.loads(out("stats", "--since", "2026-11-20"))["since"]


def test_a_database_is_whole_and_readable(decks: Path, tmp_path: Path):
    """Integrity, keys, the same rows as CSV; an old file is replaced; nothing lies beside it."""
    file = tmp_path / "out" / "x.db"
    file.parent.mkdir()
    file.write_text("old", encoding="utf-8")

    ran = cards("export", "reviews", "-o", file, "--typed", check=True)

    assert ("", [file]) == (ran.out, list(file.parent.iterdir()))
    base = sqlite3.connect(file)
    assert [("ok",)] == base.execute("pragma integrity_check").fetchall()
    assert [] == base.execute("pragma foreign_key_check").fetchall()
    assert [(row["id"],) for row in csv.DictReader(io.StringIO(out("reviews", "-f", "csv")))] == base.execute(
        "select id from reviews order by at, id"
    ).fetchall()
    assert [("=1+1",)] == base.execute("select typed from reviews where typed is not null").fetchall()
    assert [("d", "D"), ("e", None), ("gone", None)] == base.execute(
        "select deck, title from decks order by deck"
    ).fetchall()
    base.close()


# ---------------------------------------------------------------- the schema


def strict(schema: Any) -> Any:
    """The schema, but a field that it does not name is a fault."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: strict(value) for key, value in schema.items()}
    return made | {"additionalProperties": False} if "properties" in schema else made


def test_exports_are_as_their_schema_says(decks: Path, home: Path):
    """Draft 7; every field that is written is named there, and every field that is named is written."""
    for name in ("progress", "stats", "reviews"):
        schema = strict(json.loads(out(name, "--schema")))
        Draft7Validator.check_schema(schema)
        row = schema if name == "reviews" else {**schema["definitions"]["row"], "definitions": schema["definitions"]}
        lines = Draft7Validator(row, format_checker=FormatChecker())

        for line in out(name, "-f", "jsonl").splitlines():
            lines.validate(json.loads(line))
        if name == "reviews":
            lines.validate(json.loads(out(name, "--typed").splitlines()[0]))
        else:
            whole = Draft7Validator(schema, format_checker=FormatChecker())
            whole.validate(json.loads(out(name)))
            with pytest.raises(Exception, match="is a required property"):
                whole.validate({})


def test_a_schema_needs_no_home(home: Path):
    """Asking what the columns are makes no database."""
    cards("export", "progress", "--schema", check=True)

    assert not home.exists()


# ---------------------------------------------------------------- what cannot be


NONSENSE = (
    (("progress", "-f", "sqlite"), 2, "a database needs a file of its own"),
    (("progress", "-f", "sqlite", "-o", "/dev/null"), 2, "`/dev/null` is no file"),
    (("reviews", "-o", "nowhere/x.sqlite"), 1, "cannot write `nowhere/x.sqlite`"),
    (("reviews", "-f", "html"), 2, "`html` is not one of"),
    (("stats", "--since", "yesteryear"), 2, "`yesteryear` is no day"),
    (("progress", "-d", "nix"), 4, "no deck called `nix`"),
)


def test_what_makes_no_sense_is_said(decks: Path):
    """In a line, with a cure, before anything is written."""
    for args, code, says in NONSENSE:
        ran = cards("export", *args)

        assert (code, "") == (ran.code, ran.out)
        assert says in ran.err
        assert "hint: " in ran.err


def test_a_missing_library_is_named_with_its_cure(decks: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Parquet is an extra; without it the old file stays."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    path = tmp_path / "x.parquet"
    path.write_bytes(b"old")

    ran = cards("export", "reviews", "-o", path)

    assert (6, "", b"old") == (ran.code, ran.out, path.read_bytes())
    assert "hint: pip install 'cards-review[parquet]'" in ran.err


def test_an_empty_home_has_headers_and_no_rows(home: Path, tmp_path: Path):
    """Every format of every export."""
    for name in ("progress", "stats", "reviews"):
        assert 1 == out(name, "-f", "csv").count("\r\n")
        assert "" == out(name, "-f", "jsonl")
    assert 1 == len(Cells(out("stats", "-f", "html")).rows)
    assert 2 == out("progress", "-f", "md").count("\n")
    cards("export", "stats", "-o", tmp_path / "x.sqlite", check=True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_screen_gets_nothing_that_it_would_obey(decks: Path):
    """Marks that turn the direction of writing are left out on a screen, and kept in a file; Parquet is refused."""

    def on_screen(*args: str) -> tuple[int, str]:
        here, there = pty.openpty()
        command = [sys.executable, "-m", "flashcards", "export", *args]
        done = subprocess.run(command, stdin=there, stdout=there, stderr=there, timeout=60, check=False)
        os.close(there)
        text = b""
        while len(text) < 100_000:
            try:
                text += os.read(here, 100_000)
            except OSError:
                break
        os.close(here)
        return done.returncode, text.decode()

    code, text = on_screen("progress", "-f", "csv")

    assert (0, True, False) == (code, "gnp" in text, TURNED in text)
    assert TURNED in out("progress", "-f", "csv")
    code, text = on_screen("reviews", "-f", "parquet")
    assert (2, True) == (code, "Parquet is nothing for a screen" in text)


def test_a_long_export_shows_how_far_it_is(home: Path, monkeypatch: pytest.MonkeyPatch):
    """A bar on the error stream, only for a person, gone at the end; the rows pass as they are."""

    class Screen(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Screen()
    monkeypatch.setattr(waiting, "PATIENCE_SECONDS", 0)
    monkeypatch.setattr(export_bar, "STEP", 1)

    def rows() -> Iterator[int]:
        yield from range(7)
        while "6/10" not in screen.getvalue():  # as long as a long export takes
            continue
        yield 7

    bar = export_bar.Bar(10)
    monkeypatch.setattr("sys.stderr", screen)
    with bar.sign():
        passed = [*bar.watched(rows())]

    assert [*range(8)] == passed
    assert "writing" in screen.getvalue()
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with export_bar.Bar(10).sign():
        assert [1] == [*export_bar.Bar(10).watched(iter([1]))]


# ---------------------------------------------------------------- Parquet


def test_parquet_has_the_same_rows(decks: Path, tmp_path: Path):
    """Days are dates, moments have their zone, lists are lists, null is null; also without a row."""
    pytest.importorskip("pyarrow")
    from pyarrow import parquet

    for name in ("progress", "stats", "reviews"):
        path = tmp_path / f"{name}.parquet"
        cards("export", name, "-o", path, check=True)
        table = parquet.read_table(path)
        rows = [json.loads(line) for line in out(name, "-f", "jsonl").splitlines()]

        assert list(rows[0]) == table.column_names
        assert rows == [{key: as_json(value) for key, value in row.items()} for row in table.to_pylist()]
        assert EXPORTS[name].schema.encode() == table.schema.metadata[b"schema"]
    cards("export", "reviews", "--since", "today", "-o", path, check=True)
    assert 0 == parquet.read_table(path).num_rows


def as_json(value: Any) -> Any:
    if hasattr(value, "hour"):
        return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return value.isoformat() if hasattr(value, "isoformat") else value


# ---------------------------------------------------------------- flat memory


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="the peak is asked of Unix")
def test_memory_does_not_grow_with_the_log(home: Path):
    """Of ten times as many reviews the peak is about the same."""
    measure = """
import resource, sys
from flashcards.cli import run
run(["export", "reviews", "-f", "csv", "-o", sys.argv[1]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
    fill = """
import sys
from datetime import UTC, datetime, timedelta
from flashcards.model import CardId, EventId, Grade, Review
from flashcards.app import App

app, begin, count = App(), datetime(2020, 1, 1, 12, tzinfo=UTC), int(sys.argv[1])
with app.store.together():
    app.store.append(
        Review(id=EventId(f"{number:032x}"), card=CardId(f"d/{number % 300}"), grade=Grade.GOOD, offset_minutes=0,
               at=begin + timedelta(minutes=number), day=(begin + timedelta(minutes=number)).date(), device="here")
        for number in range(count)
    )
app.close()
"""
    peaks = []
    for count in (4_000, 40_000):
        env = {**os.environ, "CARDS_HOME": str(home / str(count))}
        for code, argument in ((fill, str(count)), (measure, os.devnull)):
            done = subprocess.run(
                [sys.executable, "-c", code, argument], env=env, capture_output=True, text=True, check=True
            )
        peaks.append(int(done.stdout))

    assert peaks[1] < peaks[0] * 1.3


# ---------------------------------------------------------------- the page about it


def test_the_page_explains_every_column():
    """docs/exports.md has the tables as they are made from the columns."""
    for export in (*EXPORTS.values(), DECKS):
        assert page(export) in DOCS


def test_the_recipe_for_datasette_works(decks: Path, tmp_path: Path):
    """The database writes its own metadata: the meaning of every column."""
    recipe = re.search(r'^sqlite3 cards\.sqlite "(select .+)" > metadata\.json$', DOCS, flags=re.MULTILINE)
    assert recipe
    cards("export", "progress", "-o", tmp_path / "x.sqlite", check=True)

    base = sqlite3.connect(tmp_path / "x.sqlite")
    (text,) = base.execute(recipe[1]).fetchone()
    base.close()

    columns = json.loads(text)["databases"]["cards"]["tables"]["reviews"]["columns"]
    assert "from the question to the grade (milliseconds)" == columns["took_ms"]


@pytest.mark.parametrize(("what", "name"), [("progress", "x.xlsx"), ("reviews", "x.html")])
def test_a_name_that_says_another_format_is_refused(home: Path, tmp_path: Path, what: str, name: str):
    """Nobody wants JSON in a file for a spreadsheet; `--format` decides where it is named."""
    ran = cards("export", what, "-o", str(tmp_path / name))
    assert (6, False) == (ran.code, (tmp_path / name).exists())
    assert "--format" in ran.err
    cards("export", what, "-o", str(tmp_path / name), "--format", "csv", check=True)
    assert (tmp_path / name).read_text().startswith("id,")


def test_the_standard_output_may_be_named(home: Path):
    """As a file: also where it is a pipe, which has no name of its own."""
    program = str(Path(sys.executable).with_name("cards"))
    ran = subprocess.run(
        [program, "export", "progress", "-o", "/dev/stdout", "-f", "csv"], capture_output=True, text=True, check=True
    )
    assert ran.stdout.startswith("id,deck,front")
