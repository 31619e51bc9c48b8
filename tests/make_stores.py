"""Make the golden stores: `python tests/make_stores.py NAME [CHECKOUT]` lets the program of a checkout fill a home.

Three files come of it in `tests/golden/stores/`: the database as that program left it, its own export of the log, and
what it knew of every card; and where it makes such things, a backup and a folder for other devices. They are never made anew: what an old program wrote is written. `--all` is how those that
are there were made, from the history of this repository.
"""

from __future__ import annotations

import gzip
import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import textwrap
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).parent.parent
FOLDER = Path(__file__).parent / "golden" / "stores"
PLACE = Path("/tmp/cards-golden")
HISTORY = {
    "derived-01": "f02993c",
    "derived-03": "91b3493",
    "derived-04": "d8ec55c",
    "derived-05": "fd8ec57",
    "derived-06": "0bc99e7",
    "derived-07": "6a567dc",
    "derived-08": "88fed46",
    "derived-09": "fce325b",
    "derived-10": "64fed97",
}
"""The name of a golden store, by the version of its derived tables, and the commit that made it. No program had 2."""
DECK = """
    deck: shell
    cards:
      - {id: list, front: List all files., answer: ls -a, accept: [ls -A], tags: [files]}
      - {id: where, front: Where are you?, answer: pwd, reverse: What does `pwd` do?}
      - {id: home, front: What is `~`?, back: Your home directory.}
      - {id: move, cloze: "{{c1::mv}} moves, {{c2::cp}} copies."}
      - {id: lost, front: Who wrote `ed`?, back: Ken Thompson.}
"""
RENAMED = DECK.replace("{id: home,", "{id: tilde, was: home,").replace("{id: lost,", "{id: lost, rev: 2,")
FOREIGN = """
    {"card":"shell/list","grade":2,"at":"2025-12-01T18:03:11Z"}
    {"card":"shell/list","grade":4,"at":"2025-12-02T20:03:11+02:00","mode":"imported"}
    {"card":"shell/list","grade":4,"at":"2025-12-02T20:03:11+02:00","mode":"imported"}
    {"card":"gone/card","grade":5,"at":"2025-12-03T18:03:11Z","took_ms":900,"typed":"naïve \\u0007 \\ud83d\\ude00"}
    {"v":1,"id":"b1","kind":"baseline","card":"shell/where","scheduler":"sm2","state":{"repetitions":4,"ease":2.36,"interval_days":15,"due":"2026-03-05","lapses":1},"at":"2026-02-18T18:04:37.419Z","device":"phone-91c0","batch":"anki-2026"}
    {"v":1,"id":"b2","kind":"baseline","card":"shell/where","scheduler":"other","state":{"stability":12.5},"at":"2026-02-19T18:04:37.419Z","device":"phone-91c0","batch":"anki-2026"}
    {"v":1,"id":"n1","kind":"note","card":"shell/list","at":"2026-02-20T18:06:25.450Z","device":"phone-91c0","text":"ask Ada",  "odd": [1, null]}
    {"v":1,"id":"u1","kind":"undo","target":"nobody","at":"2026-02-21T18:06:25.450Z","device":"phone-91c0"}
    {"v":1,"id":"m1","kind":"mark","card":"shell/home","mark":"due","value":"2026-03-09","at":"2026-03-03T18:06:25.450Z","device":"phone-91c0"}
    {"v":1,"id":"m2","kind":"mark","card":"gone/card","mark":"was","value":"gone/former","at":"2026-03-03T18:07:25.450Z","device":"phone-91c0"}
"""
DAYS = (
    ("2026-03-02T18:00:00+01:00", ("import", "{deck}")),
    ("2026-03-02T18:01:00+01:00", ("review", "--plain"), "ls\n1\npwd\n4\n\n3\n\n5\n\n4\n\n1\n\n3\n\n4\n\n4\n"),
    ("2026-03-02T18:20:00+01:00", ("undo",)),
    ("2026-03-02T18:21:00+01:00", ("review", "--plain"), "\n4\n\n4\n\n4\n\n4\n"),
    ("2026-03-02T18:30:00+01:00", ("import", "{foreign}")),
    ("2026-03-03T02:00:00+01:00", ("review", "--plain"), "pwd\n4\n\n3\n\n2\n"),
    ("2026-03-03T08:00:00+01:00", ("flag", "shell/list")),
    ("2026-03-03T08:01:00+01:00", ("bury", "shell/lost")),
    ("2026-03-03T08:02:00+01:00", ("suspend", "shell/move~c1", "shell/move~c2")),
    ("2026-03-03T08:03:00+01:00", ("resume", "shell/move~c2")),
    ("2026-03-03T08:04:00+01:00", ("reset", "shell/where~reverse")),
    ("2026-03-03T08:06:00+01:00", ("config", "new_per_day", "5")),
    ("2026-03-03T08:07:00+01:00", ("config", "day_start", "03:00")),
    ("2026-03-03T08:09:00+01:00", ("suspend", "shell/list")),
    ("2026-03-03T08:10:00+01:00", ("undo",)),
    ("2026-03-03T18:00:00+01:00", ("review", "--plain"), "ls -a\n4\n\n1\n\n4\n\n4\n"),
    ("2026-03-09T18:00:00-10:00", ("review", "--plain"), "ls -A\n4\npwd\n5\n\n4\n\n1\n\n4\n\n4\n"),
    ("2026-03-10T09:00:00-10:00", ("import", "{renamed}")),
    ("2026-03-16T18:00:00+09:00", ("review", "--plain"), "ls\n1\nls -a\n3\n\n4\n\n5\n\n4\n\n4\n"),
    ("2026-03-16T19:00:00+09:00", ("stats",)),
    ("2026-03-16T20:00:00+09:00", ("log", "redact", "--card", "gone/card", "--yes")),
    ("2026-03-16T21:00:00+09:00", ("undo",)),
    ("2026-03-16T22:00:00+09:00", ("flag", "shell/tilde")),
    ("2026-03-16T22:01:00+09:00", ("restore", "2026-03-09", "--yes")),
    ("2026-03-16T22:02:00+09:00", ("undo",)),
    ("2026-03-16T22:03:00+09:00", ("restore", "2026-03-16", "--yes", "--only-missing")),
    ("2026-03-16T22:04:00+09:00", ("restore", "2026-03-10", "--yes")),
    ("2026-03-17T19:00:00+09:00", ("review", "--plain"), "ls -a\n4\n\n4\n\n4\n"),
)
"""What a person did, when. A command that a program did not know yet is passed by."""
DEVICE = "laptop-3f2a"
LATER = "2026-03-17T20:00:00+09:00"
"""When everything was done and is kept."""


def make(name: str, checkout: Path) -> None:
    """Fills a home with the program of a checkout and keeps what it left."""
    shutil.rmtree(PLACE, ignore_errors=True)
    texts = {"deck": DECK, "renamed": RENAMED, "foreign": FOREIGN}
    files = {key: PLACE / ("foreign.jsonl" if key == "foreign" else "shell.yaml") for key in texts}
    PLACE.mkdir(mode=0o700)
    for at, args, *typed in DAYS:
        for key, text in texts.items():
            if f"{{{key}}}" in args:
                files[key].write_text(textwrap.dedent(text).lstrip(), encoding="utf-8")
        said = _run(checkout, at, *(arg.format(**files) for arg in args), typed="".join(typed))
        print(f"{said.returncode} {' '.join(args)}: {(said.stderr or said.stdout).strip().splitlines()[-1:]}")
        _name_device()
    FOLDER.mkdir(parents=True, exist_ok=True)
    for part, *args in (("log.jsonl", "log"), ("progress.json", "progress", "--format", "json")):
        said = _run(checkout, LATER, "export", *args, typed="")
        assert said.returncode == 0, said.stderr
        _keep(f"{name}.{part}.gz", said.stdout.encode())
    _keep(f"{name}.db.gz", (PLACE / "cards.db").read_bytes())
    _keep_others(name, checkout)
    shutil.rmtree(PLACE)


def _keep_others(name: str, checkout: Path) -> None:
    """A backup, and a folder for other devices, of a program that makes such things."""
    folder = PLACE.with_name("cards-golden-sync")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if _run(checkout, LATER, "backup", str(PLACE / "backup.db.gz"), typed="").returncode == 0:
        shutil.copy(PLACE / "backup.db.gz", FOLDER / f"{name}.backup.db.gz")
    if _run(checkout, LATER, "sync", str(folder), "--yes", typed="").returncode == 0:
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                found = tarfile.TarInfo(str(path.relative_to(folder)))
                found.size = path.stat().st_size
                archive.addfile(found, io.BytesIO(path.read_bytes()))
        _keep(f"{name}.sync.tar.gz", packed.getvalue())
    shutil.rmtree(folder)


def _run(checkout: Path, at: str, *args: str, typed: str) -> subprocess.CompletedProcess[str]:
    env = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("CARDS_", "XDG_"))},
        "CARDS_HOME": str(PLACE),
        "HOME": str(PLACE / "user"),
        "CARDS_NOW": at,
        "PYTHONPATH": str(checkout),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "CARDS_NO_RUN": "1",
    }
    command = [sys.executable, "-P", "-m", "flashcards", *args]
    return subprocess.run(
        command, input=typed, env=env, cwd=PLACE, capture_output=True, encoding="utf-8", timeout=60, check=False
    )


def _name_device() -> None:
    """A device is called after its machine, which is nobody's business here."""
    with closing(sqlite3.connect(PLACE / "cards.db")) as connection, connection:
        connection.execute("insert or replace into meta (name, value) values ('device', ?)", [DEVICE])


def _keep(name: str, content: bytes) -> None:
    path = FOLDER / name
    path.write_bytes(gzip.compress(content, mtime=0))
    print(f"{path.relative_to(ROOT)}: {len(content):,} bytes, {path.stat().st_size:,} compressed")


def make_all() -> None:
    """Those of the history."""
    for name, commit in HISTORY.items():
        checkout = PLACE.with_name("cards-golden-source")
        shutil.rmtree(checkout, ignore_errors=True)
        checkout.mkdir()
        packed = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "x", "-C", str(checkout)], input=packed, check=True)
        make(name, checkout)
        shutil.rmtree(checkout)


if __name__ == "__main__":
    if sys.argv[1:] == ["--all"]:
        make_all()
    else:
        make(sys.argv[1], Path(sys.argv[2]).resolve() if len(sys.argv) > 2 else ROOT)
