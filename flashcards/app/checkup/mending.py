"""`cards doctor --fix`: mends what can be mended without a doubt, a backup first, and says what it did."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from flashcards.app import App, backups, trusting
from flashcards.app.checkup import Checkup, Finding, count, look, remains, saving
from flashcards.errors import CardsError
from flashcards.log import from_line
from flashcards.store import mend

IN_PLACE = ("reindex", "schema", "derived", "cut off")
"""What is written into the database itself; a damaged page is never written over, but left behind in the old file."""
PRIVATE_FOLDER, PRIVATE_FILE = 0o700, 0o600

DONE = {"make": "made", "take": "took", "delete": "deleted", "forget": "forgot"}

Asks = Callable[[str], bool]


def plan(found: Checkup) -> list[str]:
    """What would be done, in words."""
    return [_words(one, found) for one in _wanted(found)]


def carry_out(app: App, found: Checkup, asks: Asks) -> Iterator[str]:
    """Does it; what was done, one by one. `asks` is for what a person may want otherwise."""
    wanted = _wanted(found)
    app.close()
    if any(one.mend in IN_PLACE for one in wanted):
        path = backups.now(app, "before-fix")
        yield f"made a backup: {path}"
    for one in wanted:
        if one.mend == "trust" and not asks(f"forget what you allowed of {', '.join(one.targets)}?"):
            yield f"left what you allowed of {', '.join(one.targets)}"
            continue
        extra = _ACTS[one.mend](app, found, one)
        first, _, rest = _words(one, found).partition(" ")
        yield f"{DONE[first]} {rest}{extra}"


def _wanted(found: Checkup) -> list[Finding]:
    """What can be mended, each once; where a fresh database is made, nothing in the old one is."""
    wanted: dict[str, Finding] = {}
    for one in found.findings:
        if one.mend:
            wanted.setdefault(one.mend, one)
    if "save" in wanted:
        for name in IN_PLACE:
            wanted.pop(name, None)
        if found.rescue is None or not (found.rescue.lines or found.rescue.decks):
            wanted.pop("save")
    return list(wanted.values())


def _words(one: Finding, found: Checkup) -> str:
    lines = len(found.rescue.lines) if found.rescue else 0
    decks = len(found.rescue.decks) if found.rescue else 0
    return {
        "save": f"make a fresh database of {count(lines, 'event')} and {count(decks, 'deck')}; the damaged one is kept",
        "reindex": "make the indexes anew",
        "schema": f"make again: {', '.join(one.targets)}",
        "derived": "make schedules and counts anew from the log and the decks",
        "cut off": "take in the events at the broken end of a write-ahead log",
        "rights": f"take rights from others: {', '.join(one.targets)}",
        "stray": f"delete what a kill left: {', '.join(one.targets)}",
        "trust": f"forget what was allowed of {', '.join(one.targets)}",
    }[one.mend]


# ---------------------------------------------------------------- acts


def _save(app: App, found: Checkup, _one: Finding) -> str:
    if found.rescue is None:
        return ""
    try:
        with app.sign("making a fresh database of what is left"):
            kept = saving.save(app.places, found.rescue)
    except OSError as error:
        raise CardsError(
            f"cannot make a fresh database: {error.strerror}", hint="make room in the home; the damaged file is kept"
        ) from None
    return f" as {Path(kept).name}"


def _reindex(app: App, _found: Checkup, _one: Finding) -> str:
    with app.sign("making the indexes anew"):
        mend.reindex(app.places.database)
    return ""


def _schema(app: App, _found: Checkup, one: Finding) -> str:
    mend.restore_parts(app.places.database, one.targets)
    return ""


def _derived(app: App, _found: Checkup, _one: Finding) -> str:
    mend.forget_derived(app.places.database)
    _ = app.store  # opening makes them
    return ""


def _cut_off(app: App, found: Checkup, one: Finding) -> str:
    app.store.append([from_line(line) for line in remains.cut_off(app.places).values()])
    return _stray(app, found, one)


def _rights(_app: App, _found: Checkup, one: Finding) -> str:
    for name in one.targets:
        path = Path(name)
        try:
            path.chmod(PRIVATE_FOLDER if path.is_dir() else PRIVATE_FILE)
        except OSError as error:
            raise CardsError(f"cannot change the rights of `{path}`: {error.strerror}", hint="ask its owner") from None
    return ""


def _stray(_app: App, _found: Checkup, one: Finding) -> str:
    for name in one.targets:
        path = Path(name)
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    return ""


def _trust(app: App, _found: Checkup, one: Finding) -> str:
    for deck in one.targets:
        trusting.revoke(app, deck)
    return ""


_ACTS: dict[str, Callable[[App, Checkup, Finding], str]] = {
    "save": _save,
    "reindex": _reindex,
    "schema": _schema,
    "derived": _derived,
    "cut off": _cut_off,
    "rights": _rights,
    "stray": _stray,
    "trust": _trust,
}


def look_again(app: App) -> Checkup:
    """How it is now."""
    app.close()
    return look(app)
