"""What comes from others never acts on a terminal: hostile texts in every field of a home, and every command run on it."""

import csv
import io
import json
import os
import re
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pexpect
import pytest
from anki_packages import BASIC, database, package
from hypothesis import given
from hypothesis import strategies as st

from flashcards import cli
from flashcards.ui.words import safe

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
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
OURS = re.compile(r"\x1b\[[0-9;]*m|\r\x1b\[K|\r\n")
"""What the commands themselves write: colours, and a line of progress that is drawn again."""
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
    return base


@pytest.fixture
def evil_home(planted: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of the planted folder, filled by the first test that asks for it."""
    monkeypatch.setenv("CARDS_HOME", str(planted / "home"))
    monkeypatch.setenv("CARDS_NOW", "2026-11-29T18:00:00+01:00")
    monkeypatch.setenv("COLUMNS", "100")
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
    "log --all",
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
    "check DECK",
    "check --run DECK",
    "import FOLDER --dry-run",
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
    "backup NOWHERE",
    "restore",
    "restore NOWHERE",
    "restore BAD_LOG",
    "log redact HOSTILE",
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
        "NOWHERE": str(planted / "nowhere" / HOSTILE.replace("\0", "")[:40]),
        "CARD_OF_LOG": f"{PRINTABLE}/{PRINTABLE}",
        "HOSTILE": HOSTILE.replace("\0", ""),
    }
    return [names.get(word, word.replace("HOSTILE", names["HOSTILE"])) for word in command.split()]


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
