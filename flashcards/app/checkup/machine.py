"""Checks of what is around: the sandbox, the terminal, the versions of what the program is built on."""

import os
import platform
import shutil
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from flashcards import __version__
from flashcards.app import diagnosis
from flashcards.app.checkup import Finding, guarded
from flashcards.config import ENTRIES, Config
from flashcards.store.connect import STEPS

if TYPE_CHECKING:
    from flashcards.app import App

NEEDED = ("click", "PyYAML", "rich", "prompt_toolkit", "Pygments", "sqlite-utils")
NARROW, LOW = 40, 10
OLDEST_SQLITE = (3, 38, 0)
"""It knows `->>`, which the schedules are read with."""


def all_of(app: "App") -> Iterator[Finding]:
    """Nothing of it needs the home."""
    yield from guarded("settings", lambda: _settings(app))
    yield from guarded("sandbox", lambda: _sandbox(app))
    yield from guarded("terminal", _terminal)
    yield from guarded("versions", _versions)


def _settings(app: "App") -> None:
    """Nothing to tell, unless they cannot be read."""
    config = Config(app.places.config, ())
    for entry in ENTRIES:
        config.get(entry.name)


def _sandbox(app: "App") -> Finding:
    """In one line; all that is known of it stands under a heading of its own."""
    if not diagnosis.can_run():
        return Finding("sandbox", "ok", "commands are run on Linux only; elsewhere what is typed is compared")
    known = diagnosis.known(app)
    if known is None:
        return Finding("sandbox", "ok", "not tried since this machine was started; cards doctor --probe finds out")
    used = diagnosis.best(known.tried, str(Config(app.places.config, ()).get("sandbox")))
    if used is None or used.level is None:
        return Finding("sandbox", "note", "none that protects your files, so nothing is run", "cards doctor --probe -v")
    return Finding("sandbox", "ok", f"{used.level}: {used.claim}")


def _terminal() -> Finding:
    """As this process sees it."""
    columns, rows = shutil.get_terminal_size()
    encoding = (sys.stdout.encoding or "ascii").lower()
    name, is_terminal = os.environ.get("TERM", ""), sys.stdout.isatty()
    colour = _colours(name)
    inside = " in tmux" if os.environ.get("TMUX") else " in screen" if os.environ.get("STY") else ""
    says = f"{columns} x {rows}, {colour}, {encoding.upper()}{inside}"
    facts = {"columns": columns, "rows": rows, "term": name, "encoding": encoding, "is_terminal": is_terminal}
    if not is_terminal:
        return Finding("terminal", "ok", f"none: the output goes elsewhere ({encoding.upper()})", facts=facts)
    if "utf" not in encoding:
        return Finding("terminal", "note", f"{says}: signs become + x ? =", "export LC_ALL=C.UTF-8", facts=facts)
    if name in {"", "dumb"}:
        return Finding(
            "terminal", "note", f"{says}: TERM says that it can do nothing", "cards review --plain", facts=facts
        )
    if columns < NARROW or rows < LOW:
        return Finding("terminal", "note", f"{says}: very small", "make the window larger", facts=facts)
    return Finding("terminal", "ok", says, facts=facts)


def _colours(name: str) -> str:
    if os.environ.get("NO_COLOR"):
        return "no colours (NO_COLOR)"
    if os.environ.get("COLORTERM") in {"truecolor", "24bit"}:
        return "all colours"
    return "256 colours" if "256color" in name else "16 colours"


def _versions() -> Finding:
    from importlib.metadata import PackageNotFoundError, version

    from flashcards.store import derived, health

    there, missing = dict[str, str](), []
    for name in NEEDED:
        try:
            there[name] = version(name)
        except PackageNotFoundError:
            missing.append(name)
    sqlite = health.sqlite_version()
    facts = {
        "cards": __version__,
        "python": platform.python_version(),
        "sqlite": sqlite,
        "database": STEPS[-1],
        "derived": derived.VERSION,
        "libraries": there,
    }
    says = f"cards {__version__}, Python {platform.python_version()}, SQLite {sqlite}"
    formats = f"database format {STEPS[-1]}, derived tables {derived.VERSION}"
    details = (formats, *(f"{name} {found}" for name, found in there.items()))
    if missing:
        return Finding(
            "versions", "problem", f"not installed: {', '.join(missing)}", "install cards anew", details, facts=facts
        )
    if tuple(map(int, sqlite.split("."))) < OLDEST_SQLITE:
        return Finding("versions", "problem", f"SQLite {sqlite} is too old", "use a newer Python", details, facts=facts)
    return Finding("versions", "ok", says, details=details, facts=facts)
