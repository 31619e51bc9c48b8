"""Checks of the database: whole, the log sense, the derived tables what a replay makes, no event from the future."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards import clock
from flashcards.app.backups import newest_first
from flashcards.app.checkup import ALL_OF, FIX, NEWEST, Finding, count, guarded
from flashcards.errors import CardsError, StoreDamaged, StoreLocked
from flashcards.log import EPOCH, LineError, from_line
from flashcards.places import bundled_names
from flashcards.store import backup, derived, health
from flashcards.store.actions import moment_of
from flashcards.union import differing

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.app.checkup.remains import Rescue
    from flashcards.store.health import Integrity

MOST_DETAILS = 20
WORDS = {
    "missing": ("note", "none yet", "cards import FILE makes it"),
    "empty": ("note", "empty", ""),
    "newer": ("damage", "written by a newer version of cards", "upgrade cards; nothing was changed"),
    "foreign": ("damage", "belongs to another program", "set CARDS_HOME to a folder of your own"),
    "unreadable": ("damage", "cannot be read", "make it a file that you may read and write"),
    "bare log": ("damage", "gone, only its write-ahead log is left", FIX),
}


def integrity(app: "App", *, full: bool) -> "Integrity":
    """Whether the file is whole."""
    with app.sign("looking at the database"):
        return health.integrity(app.places.database, full=full)


def finding(app: "App", found: "Integrity") -> Finding:
    """That in words."""
    facts = {"path": app.places.database, "state": found.state, "thorough": found.thorough, "faults": found.faults}
    if found.state == "ok":
        looked = "every page and index" if found.thorough else "every page; --full looks at the indexes, too"
        return Finding("database", "ok", f"whole: {looked}", facts=facts)
    if found.state == "damaged":
        mend = "reindex" if found.only_indexes else "save"
        says = f"damaged: {found.faults[0]}"
        return Finding("database", "damage", says, FIX, found.faults, mend, facts=facts)
    if found.state == "empty" and backup.listed(app.places.backups):
        return Finding("database", "damage", "empty, though there are backups", FIX, mend="save", facts=facts)
    level, says, cure = WORDS[found.state]
    if backup.listed(app.places.backups):
        if found.state == "missing":
            level, says, cure = "problem", "gone, though there are backups", "cards restore latest"
        elif found.state == "foreign" or Path(app.places.database).is_dir():
            cure = "move it away, then cards restore latest"
    cure = "make room" if health.FULL in found.faults else cure
    says = "; ".join((says, *found.faults))
    mend = "save" if found.state == "bare log" else ""
    return Finding("database", level, says, cure, mend=mend, facts=facts)  # type: ignore[arg-type]


def whole(app: "App", *, full: bool) -> Iterator[Finding]:
    """What is looked at in a file that is whole."""
    path = app.places.database
    yield from guarded("schema", lambda: _schema(path))
    yield from guarded("log", lambda: _log(app, full=full))
    yield from guarded("clock", lambda: _clock(app))
    yield from guarded("replay", lambda: _replay(app, full=full))
    yield from guarded("no card", lambda: _orphans(path))


def _schema(path: str) -> Finding | None:
    with health.reading(path) as connection:
        missing, is_made = health.missing_parts(connection), health.facts(connection)["derived"] is not None
        strange = health.strange_triggers(connection)
        broken = [name for name, sql in missing.items() if sql.strip().startswith("create table")]
    if strange:
        return Finding("schema", "damage", f"a trigger that cards did not make: {', '.join(strange)}", FIX, mend="save")
    if broken:
        return Finding("schema", "damage", f"not as it was made: {', '.join(broken)}", FIX, mend="save")
    if missing and not is_made:
        return Finding("schema", "note", "a backup that was put in place; the next command makes the rest of it")
    if missing:
        says = f"{count(len(missing), 'part')} of the log not there: {', '.join(missing)}"
        return Finding("schema", "problem", says, FIX, mend="schema", targets=tuple(missing))
    return None


def _log(app: "App", *, full: bool) -> Finding:
    path = app.places.database
    with health.reading(path) as connection:
        events = int(health.facts(connection)["events"])
        newest = None if full or events <= ALL_OF else NEWEST
        with app.sign("reading the log"):
            found = health.log_faults(connection, newest)
    facts = {"events": found.of, "looked_at": found.looked_at, "bad": len(found.bad)}
    if found.bad:
        says = f"{count(len(found.bad), 'event')} that make{'s' * (len(found.bad) == 1)} no sense"
        details = tuple(f"{name}: {why}" for name, why in found.bad[:MOST_DETAILS])
        return Finding("log", "damage", says, FIX, details, "save", facts=facts)
    if full and (other := _unlike_backup(app)):
        says = f"{count(len(other), 'event')} not as in the newest backup"
        return Finding("log", "damage", says, FIX, tuple(other[:MOST_DETAILS]), "save", facts=facts)
    parts = count(found.of, "event")
    parts += "" if found.looked_at == found.of else f", the newest {found.looked_at:,} read; --full reads all"
    if found.jumps:
        jumps = count(len(found.jumps), "event")
        details = tuple(f"{name} says {at}" for name, at in found.jumps[:MOST_DETAILS])
        says = f"{parts}; {jumps} written while the clock was set back"
        return Finding("log", "note", says, "", details, facts=facts)
    return Finding("log", "ok", parts, facts=facts)


def _unlike_backup(app: "App") -> list[str]:
    """Events that the newest backup has in other words, save for a text that was taken out."""
    found = newest_first(app.places.backups)
    if not found:
        return []
    try:
        with (
            app.sign("comparing the log with the newest backup"),
            backup.opened(found[0].path) as held,
            health.reading(app.places.database) as connection,
        ):
            unlike = list(health.unlike(connection, held.lines()))
    except (StoreDamaged, StoreLocked):
        raise
    except CardsError:  # the line on backups tells what is wrong with it
        return []
    pairs = ((from_line(mine), from_line(theirs)) for mine, theirs in unlike)
    return [f"{mine.id}: {lines[0]}" for mine, theirs in pairs if (lines := differing(mine, theirs))]


def _clock(app: "App") -> Finding | None:
    now = clock.now()
    tomorrow = (clock.local().date() + timedelta(days=1)).isoformat()
    with health.reading(app.places.database) as connection:
        ids, days, newest = health.future(connection, (now - EPOCH) // timedelta(milliseconds=1), tomorrow)
    if not ids and not days:
        return Finding("clock", "ok", "no event is from the future")
    ahead = moment_of(newest) if ids else None
    until = ahead.isoformat()[:16] if ahead else ""
    says = f"{count(max(ids, days), 'event')} from the future" + (f", the newest of {until} UTC" if until else "")
    cure = "set the clock; cards log names them, cards reset CARD brings back a card of them"
    return Finding("clock", "note", says, cure, facts={"events": ids, "days": days, "newest": newest})


def _replay(app: "App", *, full: bool) -> Finding:
    from flashcards.app.library import deck_in
    from flashcards.store.mirror import differences

    path = app.places.database
    with health.reading(path) as connection:
        facts = health.facts(connection)
    if facts["derived"] is None:
        return Finding("replay", "note", "not made yet; the next command makes it")
    if facts["derived"] != derived.VERSION:
        return Finding("replay", "note", "made by another version; the next command makes it anew")
    if facts["events"] > ALL_OF and not full:
        return Finding("replay", "ok", "not looked at: --full replays the whole log")
    with app.sign("replaying the log"):
        try:
            found = differences(path, deck_in)
        except LineError as error:
            return Finding("replay", "damage", error.message, FIX, mend="save")
        except (ValueError, KeyError, TypeError) as error:
            return Finding("replay", "damage", f"the log cannot be replayed: {error}", FIX, mend="save")
    if found:
        tables = ", ".join(one.table for one in found)
        details = tuple(f"{one.table}: {count(one.rows, 'row')}, such as {', '.join(one.keys)}" for one in found)
        mend = "save" if not full and _unlike_backup(app) else "derived"  # which of the two is wrong
        return Finding("replay", "damage", f"not what the log says: {tables}", FIX, details, mend)
    return Finding("replay", "ok", "schedules and counts are what the log says")


def _orphans(path: str) -> Finding | None:
    with health.reading(path) as connection:
        if health.facts(connection)["derived"] is None:
            return None
        found = list(health.orphans(connection))
    if not found:
        return None
    events = sum(events for _, _, events in found)
    says = f"{count(events, 'event')} of cards that no deck has; they are kept"
    details = tuple(f"{deck}: {count(cards, 'card')}, {count(events, 'event')}" for deck, cards, events in found)
    facts = {"decks": {deck: {"cards": cards, "events": events} for deck, cards, events in found}}
    known = [name for name in bundled_names() if name in facts["decks"]]
    cure = f"`cards import {' '.join(known)}`" if known else f"import the deck {found[0][0]} with them in it"
    return Finding("no card", "note", says, f"{cure}, and they count again", details, facts=facts)


# ---------------------------------------------------------------- what can be saved


def rescue(app: "App") -> "Rescue":
    """Reads all that is left of a damaged database."""
    from flashcards.app.checkup import remains

    with app.sign("reading what is left of the database"):
        return remains.look(app.places)


def rescued(found: "Rescue") -> Finding:
    """That in words."""
    lost = len(found.lost)
    parts = "; ".join(f"{count(one.alone, 'event')} from {one.name}" for one in found.parts if one.alone)
    says = f"{count(len(found.lines), 'event')} and {count(len(found.decks), 'deck')} can be saved"
    says += f": {parts}" if parts else ""
    says += f"; {lost:,} known lost" if lost else "; none known lost"
    details = tuple(f"{one.name}: {count(one.events, 'event')}" for one in found.parts if one.events)
    details += tuple(f"deck {deck}: from {where}" for deck, (_, _, where) in sorted(found.decks.items()))
    details += tuple(f"lost: {name}" for name in sorted(found.lost)[:MOST_DETAILS])
    facts = {
        "events": len(found.lines),
        "doubtful": found.doubtful,
        "from": [one._asdict() for one in found.parts],
        "decks": {deck: where for deck, (_, _, where) in sorted(found.decks.items())},
        "lost": sorted(found.lost),
    }
    return Finding("to save", "note", says, details=details, facts=facts)
