"""What comes from others never acts on a terminal: hostile texts in every field of a home, and every command run on it."""

import contextlib
import csv
import io
import json
import os
import re
import shutil
import sys
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from unittest.mock import patch

import pexpect
import pytest
from anki_packages import BASIC, database, package
from hypothesis import given
from hypothesis import strategies as st
from ui.person import ENTER, PASTED, Person

from flashcards import cli
from flashcards.formats.cells import guarded, is_formula, unguarded
from flashcards.ui.words import escaped, safe

TITLE, CLIPBOARD, LINK = (
    "\x1b]0;OWNED\x07",
    "\x1b]52;c;T1dORUQ=\x1b\\",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
)
MOVES = "\x1b[2J\x1b[7;77H\x1b[?1049h\x1b[6n\x1bc\x9b5;5H\x90q\x9c\x9dOWNED\x9c\b\b\b\x07\x7f\x00"
RETURNS = "kept\rOWNED"
ORDER = "a\u202eb\u2066c\u2069d\u200ee\u061cf"
HIDDEN = "r\u200bm\u2060 \u00ad-\u200drf\U000e0041\U000e0042\u3164"
PILE = "Z" + "\u0301\u0489" * 60
MARKUP = "[bold]XMARK[/bold][link=http://evil.example]XLINK[/link]"
PRINTABLE = f"{MARKUP}{PILE}"
"""What even a name in a log may hold."""
TEXT = f"{ORDER} {HIDDEN} {PRINTABLE} =cmd|'/c calc'!A1"
"""What a deck may hold: it is refused for control characters."""
HOSTILE = f"\ufeff{TITLE}{CLIPBOARD}{LINK}{MOVES}{RETURNS} {TEXT}"
"""What a file name, a typed text or a message may hold."""

FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
)
OURS = re.compile(r"\x1b\[[0-9;]*m|\r\x1b\[K|\r\n|\x1b\[\?25[lh]|\r(?:\x1b\[1A)*\x1b\[2K")
"""What the commands themselves write: colours, and a line of progress that is drawn again; on a slow machine its sign."""
SCREEN = re.compile(
    r"\x1b\[(?:[0-9;]*[mABCDGHJKdr]|\?(?:25|2004|7|1|12|2026)[hl]|[0-9]*[ST]|>[0-9]*u|[0-9]* q)|\x1b[78=>M]|[\r\b\x07]"
)
"""What a screen of ours may write: colours, the cursor, erasing, its own modes; no title, clipboard or link."""


def acts(output: str, ours: re.Pattern[str] = OURS) -> list[str]:
    """What of an output would act on a terminal, each with what stands around it."""
    rest = ours.sub("", output)
    found = [rest[max(0, hit.start() - 30) : hit.end() + 30] for hit in FORBIDDEN.finditer(rest)]
    found += [rest[max(0, at - 20) : at + 20] for at in _piles(rest)]
    text = "".join(rest.split())  # a line may be folded anywhere
    marks, literal = text.count("XMARK"), text.count("]XMARK") + text.count("…XMARK")
    return found + ([f"{marks - literal} of {marks} lost their markup"] if marks != literal else [])


def _piles(text: str) -> Iterator[int]:
    marks = 0
    for at, sign in enumerate(text):
        marks = marks + 1 if unicodedata.category(sign)[0] == "M" else 0
        if marks == 10:
            yield at


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def deck_text() -> str:
    """A deck with the text in every field that is text."""
    said = quoted(TEXT)
    return f"""\
deck: evil
title: {said}
tags: [{said}]
cards:
  - id: typed
    front: {said}
    answer: {said}
    accept: [{said}]
    wrong: [{quoted(TEXT + "w")}]
    back: {said}
    explain: {{{said}: {said}}}
    run:
      checks:
        - stdout: {{equals: {said}}}
          msg: {said}
      hints:
        - {{when: {{answer: '^x'}}, say: {said}}}
      setup:
        - script: {said}
        - file: x
          content: {said}
  - id: shown
    front: {said}
    back: {said}
    reverse: {said}
  - id: gaps
    cloze: "{{{{c1::one}}}} {TEXT[:-30].replace(chr(34), "").replace(chr(92), "")}"
  - id: plain
    front: {said}
    back: {said}
    after: [typed]
"""


def log_lines() -> str:
    """A log whose names, moments and typed texts are made to harm."""
    said = {"typed": HOSTILE, "verdict": MARKUP, "device": PRINTABLE}
    at, who = "2026-11-20T18:00:00Z", {"device": PRINTABLE}
    lines = [
        {"card": "evil/typed", "grade": 1, "at": at, **said},
        {"card": "evil/typed", "grade": 1, "at": "2026-11-20T18:01:00Z", "mode": "drill", **said},
        {"card": f"{PRINTABLE}/{PRINTABLE}", "grade": 4, "at": at, **said},
        {"card": "evil/shown", "grade": 1, "at": at, "batch": PRINTABLE, **said},
        {"id": "x1", "kind": "note", "card": f"{MARKUP}/x", "at": at, "text": HOSTILE, **who},
        {"id": "x2", "kind": "setting", "name": MARKUP, "value": HOSTILE, "at": at, **who},
        {"id": "x3", "kind": "setting", "name": "new_per_day", "value": HOSTILE, "at": at, **who},
        {"id": "x4", "kind": "mark", "mark": MARKUP, "card": "evil/plain", "value": PRINTABLE, "at": at, **who},
        {"id": f"x5{PRINTABLE}", "kind": "undo", "target": PRINTABLE, "at": at, **who},
        {"id": "x6", "kind": "baseline", "card": "evil/plain", "scheduler": MARKUP, "state": {"a": HOSTILE}, "at": at},
        {"id": "x7", "kind": PRINTABLE, "card": "evil/plain", "at": at, **who},
        {"id": "x8", "kind": "setting", "name": "new_per_day", "value": 7, "deck": f"{MARKUP}", "at": at, **who},
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a home, and beside it files and folders whose names and contents are hostile."""
    base = tmp_path_factory.mktemp("planted")
    name = HOSTILE.replace("/", "_").replace("\0", "")[:60]
    folder = base / name
    folder.mkdir()
    (folder / "deck.yaml").write_text(deck_text(), encoding="utf-8")
    (base / "log.jsonl").write_text(log_lines(), encoding="utf-8")
    bad = f"deck: bad\ntitle: {quoted(TEXT)}\ncards:\n  - id: {quoted(TEXT)}\n    {quoted(TEXT)}: {quoted(TEXT)}\n    front: [{TEXT[:9]}\n"
    (folder / f"bad{TITLE.replace('/', '')}{ORDER}.yaml").write_text(bad, encoding="utf-8")
    odd = f"deck: odd\ncards:\n  - {{id: a, front: x, back: y, {quoted(TEXT)}: 1, after: [{quoted(TEXT)}], tags: [{quoted(TEXT)}]}}\n"
    (folder / "odd.yaml").write_text(odd, encoding="utf-8")
    (folder / "raw.yaml").write_bytes(
        f"deck: raw\ncards:\n  - front: {HOSTILE}\n    back: x\n".encode("utf-8", "replace")
    )
    (folder / "table.csv").write_text(f'front,back,{TEXT}\n"{TEXT}","{HOSTILE}",x\n', encoding="utf-8")
    (folder / "notes.md").write_text(f"# {HOSTILE}\n\n{HOSTILE}::{HOSTILE}\n\n[a]({HOSTILE})\n", encoding="utf-8")
    (folder / "bad.jsonl").write_text(
        json.dumps({"kind": HOSTILE, "card": HOSTILE, "at": HOSTILE}) + "\n" + HOSTILE, "utf-8"
    )
    html = f"{TEXT}<script>alert(1)</script><b>{TITLE}</b>"
    notes = [(7, f"g{TITLE}", BASIC, f"t{ORDER}", (html, html))]
    data = package(database(notes, [dict(id=70, nid=7)]), media={f"{TITLE}{ORDER}.png": b"\x89PNG"})
    (folder / f"p{TITLE.replace('/', '')}.apkg").write_bytes(data)
    plant_sync(base / "carried")
    return base


def plant_sync(folder: Path) -> None:
    """A sync folder with hostile names, lines and decks."""
    name = f"x{TITLE}{LINK}{ORDER}".replace("/", "_")
    for part in ("log", "decks"):
        (folder / part).mkdir(parents=True)
    (folder / "cards-sync.json").write_text('{"cards": "sync folder", "version": 1, "id": "0123456789abcdef"}\n')
    (folder / "log" / "other-1111.jsonl").write_text(log_lines(), "utf-8")
    (folder / "log" / f"{name}.jsonl").write_text(f"{HOSTILE}\n" + log_lines(), "utf-8")
    (folder / "log" / f"other-1111 (conflicted copy {name}).jsonl").write_text("half a line", "utf-8")
    (folder / "log" / f"{name}.2026-10.jsonl.gz").write_bytes(b"no gzip")
    (folder / "decks" / f"{name}.yaml").write_text(deck_text(), "utf-8")
    (folder / "decks" / "other.yaml").write_text(deck_text().replace("deck: evil", "deck: other"), "utf-8")
    (folder / "decks" / "bad.yaml").write_text(f"deck: bad\ncards:\n  - {quoted(TEXT)}: 1\n", "utf-8")


@pytest.fixture
def evil_home(planted: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the planted folder, filled by the first test that asks for it."""
    monkeypatch.setenv("CARDS_HOME", str(planted / "home"))
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T18:00:00+01:00")
    if not (planted / "home").exists():
        folder = next(one for one in planted.iterdir() if one.name.startswith("\ufeff"))
        for source in (folder / "deck.yaml", planted / "log.jsonl"):
            code, said = ran("import", source)
            assert code == 0, said
    return planted


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


def ran(*arguments: object, stdin: str = "", terminal: bool = False) -> tuple[int, str]:
    """A command inside this process: exit code, and all that it wrote, as to a terminal or not."""
    kind = Terminal if terminal else io.TextIOWrapper
    out, err = (kind(io.BytesIO(), encoding="utf-8", newline="") for _ in range(2))
    read = io.TextIOWrapper(io.BytesIO(stdin.encode()), encoding="utf-8")
    with patch("sys.stdin", read), patch("sys.stdout", out), patch("sys.stderr", err), patch.dict(os.environ):
        os.environ["COLUMNS"] = "44" if terminal else "100"
        code = cli.run([str(argument) for argument in arguments])
        out.flush()
        err.flush()
    return code, (out.buffer.getvalue() + err.buffer.getvalue()).decode("utf-8", "surrogatepass")  # type: ignore[attr-defined]


COMMANDS = [
    "",
    "list",
    "list XMARK",
    "list --json",
    "list --leech",
    "show evil/typed",
    "show evil/typed --json",
    "show evil/shown",
    "show evil/gaps~c1",
    "show CARD_OF_LOG",
    "show HOSTILE",
    "due",
    "due --json",
    "due --short",
    "decks",
    "decks --json",
    "stats",
    "stats --plain",
    "stats --json",
    "stats --deck HOSTILE",
    "stats --tag HOSTILE",
    "log",
    "log --all --ids",
    "log --plain --all --ids --limit 0",
    "log --all --json --limit 0",
    "log --json",
    "log evil/typed",
    "log --kind HOSTILE",
    "log --device HOSTILE",
    "suspend CARD_OF_LOG",
    "resume CARD_OF_LOG",
    "bury CARD_OF_LOG",
    "flag CARD_OF_LOG",
    "reset CARD_OF_LOG",
    "undo",
    "undo HOSTILE",
    "check FOLDER",
    "check FOLDER --json",
    "check FOLDER --format github",
    "check DECK",
    "check --run DECK",
    "import FOLDER --dry-run",
    "import FOLDER --json --dry-run",
    "import TABLE --columns HOSTILE",
    "import TABLE --deck HOSTILE",
    "import FOLDER --skip-bad",
    "import BAD_NAME",
    "import BAD_LOG",
    "import TABLE",
    "import PACKAGE --dry-run",
    "import NOWHERE",
    "export progress",
    "export progress --format json",
    "export progress --format md",
    "export reviews",
    "export reviews --format jsonl",
    "export stats",
    "export log",
    "export deck evil",
    "export deck evil --format csv",
    "export deck evil --format md",
    "export deck evil --format json",
    "export cheatsheet",
    "export calendar",
    "export HOSTILE",
    "export progress -o NOWHERE",
    "review --plain",
    "review --json",
    "review HOSTILE",
    "run evil/typed",
    "run HOSTILE",
    "doctor",
    "doctor --json",
    "trust evil",
    "trust --list",
    "trust HOSTILE",
    "remind",
    "remind --at HOSTILE",
    "config",
    "config HOSTILE HOSTILE",
    "config new_per_day HOSTILE",
    "config day_start HOSTILE",
    "deck remove HOSTILE",
    "deck new HOSTILE",
    "move evil/plain HOSTILE",
    "new HOSTILE",
    "edit HOSTILE",
    "schema",
    "completion bash",
    "--HOSTILE",
    "HOSTILE",
    "sync NOWHERE",
    "sync FOLDER --dry-run",
    "sync CARRIED --yes --verbose",
    "sync CARRIED --yes --json",
    "backup",
    "backup --list",
    "backup NOWHERE",
    "restore latest --yes",
    "restore",
    "restore NOWHERE",
    "restore BAD_LOG",
    "log redact HOSTILE",
    "log redact evil/typed",
    "doctor --full --verbose",
    "doctor --fix --dry-run",
]


def spelled(command: str, planted: Path) -> list[str]:
    """The words of a command, with what they stand for."""
    folder = next(one for one in planted.iterdir() if one.name.startswith("\ufeff"))
    names = {
        "FOLDER": str(folder),
        "DECK": str(folder / "deck.yaml"),
        "BAD_NAME": str(next(one for one in folder.iterdir() if one.name.startswith("bad\x1b"))),
        "BAD_LOG": str(folder / "bad.jsonl"),
        "TABLE": str(folder / "table.csv"),
        "PACKAGE": str(next(folder.glob("*.apkg"))),
        "CARRIED": str(planted / "carried"),
        "NOWHERE": str(planted / "nowhere" / HOSTILE.replace("\0", "")[:40]),
        "CARD_OF_LOG": f"{PRINTABLE}/{PRINTABLE}",
        "HOSTILE": HOSTILE.replace("\0", ""),
    }
    return [names.get(word, word.replace("HOSTILE", names["HOSTILE"])) for word in command.split()]


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize("how", ["--plain", "--json"])
def test_an_answer_that_is_typed_into_a_pipe_is_shown_as_text(how: str, terminal: bool, evil_home: Path):
    """A paste of somebody else's text, in the line by line review and in the one for programs."""
    typed = HOSTILE.replace("\0", "").replace("\r", "")
    lines = {
        "--plain": f"{typed}\n4\n" * 4,
        "--json": json.dumps({"do": "reveal", "typed": HOSTILE}) + "\n" + f"{typed}\n",
    }
    _, output = ran("review", how, "--cram", stdin=lines[how], terminal=terminal)

    assert "XMARK" in output
    assert [] == acts(output)


@pytest.mark.parametrize("command", ["", "config", "due", "list", "doctor", "stats --plain", "config --json"])
def test_settings_from_a_file_and_the_environment_are_shown_as_text(
    command: str, home: Path, monkeypatch: pytest.MonkeyPatch
):
    """A file of settings that makes no sense is told with what stands in it."""
    home.mkdir()
    value = json.dumps(HOSTILE)  # JSON's escapes are those of TOML, but for halves of characters
    for name, text in (("grades", "grades"), ("color", "color"), (HOSTILE, value)):
        (home / "config.toml").write_text(f"{text} = {value}\n", "utf-8")
        assert [] == acts(ran(*command.split())[1]), name
    (home / "config.toml").write_text(f"{HOSTILE}\n".replace("\0", ""), "utf-8")
    assert [] == acts(ran(*command.split())[1])
    (home / "config.toml").unlink()
    monkeypatch.setenv("CARDS_DAY_START", HOSTILE.replace("\0", ""))
    monkeypatch.setenv("CARDS_NEW_PER_DAY", HOSTILE.replace("\0", ""))
    assert [] == acts(ran(*command.split())[1])


@pytest.mark.parametrize("words", ["cards review ", "cards show ", "cards review --tag "])
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_what_a_shell_completes_is_text(shell: str, words: str, evil_home: Path, monkeypatch: pytest.MonkeyPatch):
    """The shell writes it on the line as it comes."""
    monkeypatch.setenv("_CARDS_COMPLETE", f"{shell}_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", "" if shell == "fish" else str(len(words.split(" ")) - 1))

    assert [] == acts(completed(words.split(" ")[1:]))


def completed(words: list[str]) -> str:
    """What is offered behind these words, as the shell gets it."""
    from click.shell_completion import get_completion_class

    complete = get_completion_class(os.environ["_CARDS_COMPLETE"].partition("_")[0])
    assert complete
    return complete(cli.cards, {}, "cards", "_CARDS_COMPLETE").complete()


@pytest.mark.parametrize("text", [TITLE, CLIPBOARD, LINK, MOVES, RETURNS, ORDER, HIDDEN, PILE])
def test_this_test_sees_what_acts(text: str):
    """Each hostile text would be found."""
    assert acts(text)


def test_every_command_is_tried():
    """A new command is tried on the hostile home as well."""
    assert set(cli.COMMANDS) <= {command.split(" ")[0] for command in COMMANDS}


VERBATIM = ("export progress", "export reviews", "export log", "export deck", "export cheatsheet", "export stats")
"""What another program reads gets every sign; on a screen these are made safe like all else."""


@pytest.mark.parametrize("terminal", [False, True], ids=["pipe", "terminal"])
@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_lets_a_text_act_on_the_terminal(command: str, terminal: bool, evil_home: Path):
    """Whatever a home, a file, its name or an argument holds, what is printed is text."""
    _, output = ran(*spelled(command, evil_home), stdin="\n4\n\n4\n", terminal=terminal)

    assert terminal or not command.startswith(VERBATIM) or output
    if terminal or not command.startswith(VERBATIM):
        assert [] == acts(output)


# ---------------------------------------------------------------- the real program at a real terminal


def test_a_sitting_at_a_terminal_draws_hostile_texts_as_text(evil_home: Path, tmp_path: Path):
    """Questions, answers, typed texts and the end in a pseudo-terminal: only sequences of our own screens come."""
    shutil.copytree(evil_home / "home", tmp_path / "copy")
    env = {**os.environ, "CARDS_HOME": str(tmp_path / "copy"), "CARDS_NO_RUN": "1"}
    command = [sys.executable, "-m", "flashcards", "review", "--cram"]
    person = Person(command, 100, 40, env, tmp_path / "log")
    person.see("XMARK")
    pasted = HOSTILE.replace("\0", "").replace("\x1b", "\x16\x1b")
    for keys in (PASTED.format(pasted), ENTER, "4", *([ENTER, "4"] * 4), "q"):
        person.type(keys)
        settle(person)
    raw = person.raw.decode("utf-8", "replace")
    person.close()

    assert 5 < raw.count("XMARK")
    assert "\x1b[7;77H" not in raw
    assert [] == acts(raw, SCREEN)


def settle(person: Person) -> None:
    """Reads until nothing more comes for a moment."""
    size = -1
    while size != len(person.raw):
        size = len(person.raw)
        with contextlib.suppress(pexpect.TIMEOUT, pexpect.EOF):
            person.raw += person.child.read_nonblocking(65536, timeout=0.15)


# ---------------------------------------------------------------- files for other programs


class Page(HTMLParser):
    """The elements and the text of a page; what stands in scripts and styles is ours or data."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.acts: list[str] = []
        self.text = ""
        self._in = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in = tag
        self.tags.append(tag)
        self.acts += [name for name, value in attrs if name.startswith("on") or (value or "").startswith("javascript:")]

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in not in {"script", "style"}:
            self.text += data


@pytest.mark.parametrize("command", ["stats --html", "export progress -o"])
def test_no_page_is_broken_out_of(command: str, evil_home: Path, tmp_path: Path):
    """No text starts an element, and none has marks that turn letters round or hide."""
    code, said = ran(*command.split(), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    found = Page(page)

    assert 0 == code, said
    assert "XMARK" in page
    assert not {"img", "iframe", "object", "bold"} & set(found.tags)
    assert [] == found.acts
    assert [] == [
        found.text[at.start() - 20 : at.end() + 20] for at in FORBIDDEN.finditer(found.text.replace("\u200d", ""))
    ]


@pytest.mark.parametrize("ending", ["csv", "tsv"])
def test_a_table_of_cards_is_safe_in_a_spreadsheet_and_comes_back(ending: str, home: Path, tmp_path: Path):
    """No cell starts a formula, and another home gets the same cards of it."""
    starts = ("=1+1", "+1", "-m", "@SUM(A1)", "\tx", "\uff1d1", "'=1", "''-x", "'plain", "|x", " =1")
    listed = "".join(
        f"  - {{id: c{n}, front: {quoted(one)}, back: {quoted(one)}, answer: {quoted(one)}, explain: {{{quoted(one)}: a}}}}\n"
        for n, one in enumerate(starts)
    )
    (tmp_path / "d.yaml").write_text(f"deck: d\ntitle: {quoted('=1+1')}\ncards:\n{listed}", "utf-8")
    assert 0 == ran("import", tmp_path / "d.yaml")[0]
    before = [ran("show", f"d/c{n}", "--json")[1].partition('"log"')[0] for n in range(len(starts))]
    assert 0 == ran("export", "deck", "d", "-o", tmp_path / f"d.{ending}")[0]
    text = (tmp_path / f"d.{ending}").read_text("utf-8")
    cells = [
        cell
        for row in csv.reader(io.StringIO(text, newline=""), delimiter="\t" if ending == "tsv" else ",")
        for cell in row
    ]

    assert [] == [
        cell for cell in cells if cell.lstrip().startswith(tuple("=+-@|%\uff1d")) or cell[:1] in set("\t\r\n")
    ]
    with patch.dict(os.environ, {"CARDS_HOME": str(tmp_path / "other")}):
        assert 0 == ran("import", tmp_path / f"d.{ending}")[0]
        after = [ran("show", f"d/c{n}", "--json")[1].partition('"log"')[0] for n in range(len(starts))]
    assert [_unplaced(one) for one in before] == [_unplaced(one) for one in after]


def _unplaced(shown: str) -> str:
    """Without the line in its file, and without the numbers of a schedule."""
    return re.sub(r'"line": \d+', "", shown.partition('"content"')[2])


@given(st.text(alphabet=st.sampled_from("=+-@|%'\t\r\n ax\uff1d"), max_size=6) | st.text())
def test_a_guarded_cell_is_no_formula_and_gives_back_what_it_was(cell: str):
    """Whatever it starts with, apostrophes included."""
    assert cell == unguarded(guarded(cell))
    assert not is_formula(guarded(cell))


@given(st.text())
def test_safe_text_has_nothing_that_acts_or_hides(text: str):
    """Any text at all, and twice made safe is once made safe."""
    found = safe(text)

    assert [] == acts(found)
    assert found == safe(found)


@given(st.text(st.characters(codec="utf-8")))
def test_escaped_json_says_the_same_in_letters_that_do_not_act(text: str):
    """What JSON allows to write otherwise is, and what is read is the text."""
    found = escaped(json.dumps(text, ensure_ascii=False))

    assert text == json.loads(found)
    assert [] == acts(found.replace("\u200c", "").replace("\u200d", ""))


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f469\u200d\U0001f4bb",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "Ti\u1ebfng Vi\u1ec7t",
        "z\u0301\u0323",
        "\u845b\U000e0100\u98fe",
        "\u1820\u180b",
    ],
)
def test_what_people_write_stays(text: str):
    """Joined emoji, Persian, stacked accents, variants of letters."""
    assert text == safe(text)
