"""Opens a person's editor at a card, and takes in what was changed; the one place that starts it."""

import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from shutil import which
from typing import TYPE_CHECKING, NamedTuple

from flashcards.app import library, matching, writing
from flashcards.app.library import DeckChange
from flashcards.app.ordinary import bytes_of
from flashcards.errors import CardsError
from flashcards.formats import splice
from flashcards.model import CardId, Problem

if TYPE_CHECKING:
    from flashcards.app import App

PLUS = frozenset(
    (
        "vi",
        "vim",
        "nvim",
        "view",
        "gvim",
        "nano",
        "pico",
        "emacs",
        "emacsclient",
        "micro",
        "kak",
        "mg",
        "joe",
        "ne",
        "vis",
    )
)
"""Editors that take `+LINE FILE`."""
COLON = frozenset(("hx", "helix", "subl", "zed"))
"""Editors that take `FILE:LINE`."""
GOTO = frozenset(("code", "codium", "code-insiders", "cursor", "windsurf"))
"""Editors that take `-g FILE:LINE`."""
WAITS = frozenset(("subl", "zed")) | GOTO
"""Editors that must be told to wait until the file is closed."""


class Edited(NamedTuple):
    """What came of an edit."""

    change: DeckChange | None = None
    problems: tuple[Problem, ...] = ()
    """Why the change was not taken in: the last good version goes on."""


Again = Callable[[tuple[Problem, ...]], bool]
"""Shows what is wrong; whether the person goes back to the editor."""


def card(app: "App", name: CardId, again: Again) -> Edited:
    """Lets a person edit the file of a card, at its line, until it is good or they leave it."""
    deck, _, rest = name.partition("/")
    source = app.store.deck_called(deck)
    if source is None:
        raise CardsError(f"no deck called `{deck}`")
    path = writing.own_file(source.path, deck)
    note = rest.partition("~")[0]
    line = splice.line_of(bytes_of(path), str(path), note) or _first_fault(app, path)
    return file(app, path, line, deck, again, edits=f"{deck}/{note}")


def file(app: "App", path: Path, line: int, deck: str, again: Again, *, edits: str = "") -> Edited:
    """The same, for a file and a line (0: anywhere); a card without an id that `edits` names keeps its history."""
    while True:
        run(path, line)
        reading = library.read_all(app.store, [path])[0]
        if reading.change and deck not in {reading.change.deck.id, *reading.change.deck.was}:
            says = f"the deck is called `{reading.change.deck.id}` now, and was `{deck}`"
            cure = f"call it `{deck}` again, or `cards import` takes it in as another deck"
            problem = Problem.of_file(str(path), says, cure)
            reading = reading._replace(change=None, problems=(problem,))
        if reading.change:
            change = reading.change
            same = [p for p in change.proposals if any(one.old.partition("~")[0] == edits for one in p.renames)]
            if edits and not (same or change.renames or change.unchanged):
                same += matching.in_place(app.store, deck, change.deck.cards, CardId(edits))
            change = change.accepting(same)
            library.take(app.store, [change])
            return Edited(change=change)
        line = reading.problems[0].line
        if not again(reading.problems):
            return Edited(problems=reading.problems)


def _first_fault(app: "App", path: Path) -> int:
    """Where a file cannot be read, a card is not found, and this is where the work is."""
    return next((problem.line for problem in library.read_all(app.store, [path])[0].problems), 0)


# ---------------------------------------------------------------- the editor


def command(path: Path, line: int) -> list[str]:
    """The person's editor, and where it shall begin; raises CardsError where there is none."""
    said = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
    name = "VISUAL" if os.environ.get("VISUAL") else "EDITOR"
    try:
        words = shlex.split(said)
    except ValueError:
        raise CardsError(f"`{name}` cannot be read: a quote is open", hint="export EDITOR=nano") from None
    if not words:
        raise CardsError("no editor is set", hint="say which, as in: export EDITOR=nano")
    if which(words[0]) is None:
        raise CardsError(f"there is no editor `{words[0]}`", hint=f"{name} names it; as in: export {name}=nano")
    kind = Path(words[0]).name.removesuffix(".exe")
    if kind in WAITS and not {"-w", "--wait"} & set(words):
        words.append("--wait")
    return [*words, *_place(kind, str(path), line)]


def _place(kind: str, path: str, line: int) -> list[str]:
    if line and kind in PLUS:
        return [f"+{line}", path]
    if line and kind in GOTO:
        return ["-g", f"{path}:{line}"]
    return [f"{path}:{line}" if line and kind in COLON else path]


def run(path: Path, line: int = 0) -> None:
    """Runs the editor to its end, and gives the terminal back as it was; ctrl-c is the editor's own."""
    words, before = command(path, line), bytes_of(path)
    with _terminal_kept(), _deaf_to_ctrl_c():
        try:
            code = subprocess.Popen(words).wait()  # noqa: S603  (the person's own editor)
        except OSError as error:
            raise CardsError(f"cannot start `{words[0]}`: {error.strerror}", hint="export EDITOR=nano") from None
    if code in {0, -signal.SIGINT, 128 + signal.SIGINT}:
        return
    if bytes_of(path) == before:
        raise CardsError(f"`{words[0]}` ended with {code}; nothing was changed")
    raise CardsError(
        f"`{words[0]}` ended with {code}; what it saved is in `{path}`, and was not taken in",
        hint=f"cards import {path} takes it in",
    )


@contextmanager
def _deaf_to_ctrl_c() -> Iterator[None]:
    """A handler, not SIG_IGN: deafness would be inherited by the editor."""
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _terminal_kept() -> Iterator[None]:
    """An editor that is killed leaves its mode behind."""
    try:
        import termios
    except ImportError:  # not everywhere
        yield
        return
    mode = None
    with suppress(termios.error, OSError, ValueError):
        mode = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    finally:
        if mode is not None:
            with suppress(termios.error, OSError):
                termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, mode)


def told(edited: Edited, names: Sequence[CardId] = ()) -> str:
    """What came of an edit, in a line."""
    if edited.change is None:
        first = edited.problems[0]
        return f"not taken in: line {first.line}: {first.message}; the last good version goes on"
    kinds = {one.card: one.kind for one in edited.change.changes}
    renamed = [one.card for one in edited.change.renames if one.old in names or one.old.partition("~")[0] in names]
    if renamed and renamed[0] in kinds:
        return f"its name is `{renamed[0]}` now, history kept"
    if not kinds:
        return "nothing changed"
    notes = {name.partition("~")[0] for name in names}
    own = {kind for one, kind in kinds.items() if one.partition("~")[0] in notes}
    others = sum(one.partition("~")[0] not in notes for one in kinds)
    parts = []
    if "changed" in own:
        parts.append("text changed, history kept")
    elif own:
        parts.append(f"the card is {min(own)}")
    if others:
        parts.append(f"{others} other {'card' if others == 1 else 'cards'} changed")
    return ", ".join(parts)
