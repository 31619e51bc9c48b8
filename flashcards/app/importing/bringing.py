"""Bringing decks in from elsewhere: read by their format, made into YAML in the home, then taken in like any deck."""

import re
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, NamedTuple

from flashcards import clock
from flashcards.app import App, brought, library, restores
from flashcards.app.importing.arrival import Arrival, Bringing, Wishes
from flashcards.app.library import Reading
from flashcards.app.ordinary import unreadable
from flashcards.app.placing import Placing, ToPlace, is_inside, same
from flashcards.app.returning import unknown
from flashcards.formats import by_name, foreign
from flashcards.formats.emit import to_yaml
from flashcards.formats.gathered import deck_of_file, title_of_file
from flashcards.formats.plain import Beside, Brought, Options, PlainDeck
from flashcards.formats.readers import DECK_ID
from flashcards.formats.source import visible
from flashcards.model import Event, Problem, Review

if TYPE_CHECKING:
    from flashcards.formats.plain import Format
    from flashcards.store import Store

MADE = re.compile(rb"# Made by `cards import` from ([^\r\n]*); blake2b:([0-9a-f]{40})\r?\n")
"""The first line of a file in the home: where it came from, and a hash of all that follows."""
NOTES = (".md", ".markdown")
"""Files that may share a deck with others of their folder."""
KEPT = ".anki"
"""What is kept for the way back to another program; ours, so a newer one takes its place."""
UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]|^(?i:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)')
"""Signs, and names of devices, that some system keeps to itself."""
NAME_BYTES = 240
"""Of one part of a path; most file systems take 255."""


class Into(NamedTuple):
    """Where a source goes, and what it is called."""

    folder: Path
    store: "Store"
    name: str
    replace: bool
    also: tuple[str, ...] = ()
    """What the source may have been called before."""


# ---------------------------------------------------------------- reading


def read(app: App, arrival: Arrival, wishes: Wishes) -> Bringing:
    """What a file would bring; changes nothing. Its faults are data."""
    try:
        if arrival.format == "yaml":
            return _verbatim(app, arrival, wishes)
        form = by_name(_module_of(arrival.format)) if arrival.format else foreign(arrival.path)
        assert form is not None  # noqa: S101  (it was found by its suffix)
        return _made(app, arrival, wishes, form)
    except OSError as error:
        raise unreadable(Path(arrival.name), error) from None


def read_all(app: App, arrivals: Sequence[Arrival], wishes: Wishes) -> Iterator[Bringing]:
    """What the files would bring; notes of a folder that share a deck bring it together."""
    notes = [one for one in arrivals if one.folder and one.path.suffix.lower() in NOTES]
    yield from (read(app, one, wishes) for one in arrivals if not (one.folder and one.path.suffix.lower() in NOTES))
    if notes:
        from flashcards.app.importing import vault  # the reader of Markdown: 20 ms

        for note in vault.read(notes, Options(deck=wishes.deck)):
            yield _of_brought(app, note.arrival, wishes, note.brought)


def _module_of(name: str) -> str:
    return {"tsv": "csv"}.get(name, name)


def _made(app: App, arrival: Arrival, wishes: Wishes, form: "Format") -> Bringing:
    """Of a format other than YAML."""
    stem = wishes.deck or deck_of_file(arrival.name)
    device = app.store.meta("device") or "import" if wishes.dry_run else app.device
    options = Options(deck=wishes.deck, columns=wishes.columns, media=f"{stem}.media", device=device)
    return _of_brought(app, arrival, wishes, form.read(arrival.path, arrival.name, options))


def _of_brought(app: App, arrival: Arrival, wishes: Wishes, brought: Brought) -> Bringing:
    """What was read, as decks and files of the home."""
    stem = wishes.deck or deck_of_file(arrival.name)
    if title := title_of_file(arrival.name) if not wishes.deck else "":
        decks = (one._replace(title=one.title or title) if one.id == stem else one for one in brought.decks)
        brought = brought._replace(decks=tuple(decks))
    silent = not arrival.named and not brought.decks and not brought.problems
    start = Bringing(name=arrival.name, problems=brought.problems, notes=brought.notes, silent=silent)
    if brought.problems or silent:
        return start
    if not brought.decks:
        return start.refused(
            Problem.of_file(arrival.name, "there is no card in it", "`cards import --help` names the formats")
        )
    into = Into(Path(app.places.decks), app.store, start.name, wishes.replace, arrival.also)
    return _with_history(app, _with_files(into, start, brought, stem), brought)


def _with_files(into: Into, start: Bringing, brought: Brought, stem: str) -> Bringing:
    """The decks as files of the home, and the files beside them."""
    readings, files = [], []
    problems: list[Problem] = [*_names(start.name, brought.decks)]
    if not problems:
        for deck in brought.decks:
            reading, file = _one_deck(into, deck.id, to_yaml(deck).encode())
            problems += reading.problems
            readings.append(reading)
            files += [file] if file else []
    for one in brought.beside:
        found = _beside(into, stem, one)
        if isinstance(found, Problem):
            problems.append(found)
        elif found:
            files.append(found)
    whole = start._replace(readings=tuple(readings), files=tuple(files))
    return whole.refused(*problems) if problems else whole


def _with_history(app: App, start: Bringing, brought: Brought) -> Bringing:
    """The events under one batch, so that one undo takes all of them back."""
    if brought.events is None or start.problems:
        return start
    batch = app.new_id(clock.now()) if app.store.meta("device") else "dry-run"
    events, fresh = unknown(app.store, brought.events(batch))
    reviews = sum(type(event) is Review and event.id in fresh for event in events)
    again = bool(restores.revived(app.store, events))
    return start._replace(events=events, fresh_reviews=reviews, fresh_events=len(fresh), again=again)


def _verbatim(app: App, arrival: Arrival, wishes: Wishes) -> Bringing:
    """A deck file from standard input or an address: its text as it is, under a first line that says so."""
    from flashcards.formats.yaml import MAX_BYTES, parse, too_big

    start = Bringing(name=arrival.name)
    data = arrival.path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    if len(data) > MAX_BYTES:
        return start.refused(too_big(len(data), arrival.name))
    deck, problems = parse(data, arrival.name)
    if deck is None or problems:
        return start.refused(*problems)
    into = Into(Path(app.places.decks), app.store, arrival.name, wishes.replace)
    reading, file = _one_deck(into, deck.id, data)
    whole = start._replace(readings=(reading,), files=(file,) if file else ())
    return whole.refused(*reading.problems) if reading.problems else whole


def _names(name: str, decks: Sequence[PlainDeck]) -> Iterator[Problem]:
    """What keeps decks from having a file each; their names are checked again, since files are made of them."""
    seen = set()
    for deck in decks:
        if not DECK_ID.fullmatch(deck.id) or len(deck.id.encode()) > NAME_BYTES - len(".yaml"):
            says = f"`{visible(deck.id, 60)}` cannot be the name of a deck"
            yield Problem.of_file(name, says, "give it one with --deck")
        elif deck.id in seen:
            yield Problem.of_file(name, f"the deck `{deck.id}` is in it twice", "rename one of them")
        seen.add(deck.id)


def _one_deck(into: Into, deck: str, body: bytes) -> tuple[Reading, ToPlace | None]:
    """A deck's change, and its file if that is not there as it is; a file that a person changed is a problem."""
    name, path = into.name, into.folder / f"{deck}.yaml"
    said = path.read_bytes() if path.is_file() else None
    found = MADE.match(said) if said is not None else None
    if said is not None and found and said[found.end() :] == body:
        return _called(library.read(into.store, path), name), None
    if said is not None and not into.replace and (why := _not_ours(found, said, (name, *into.also))):
        hint = "--replace takes the one that comes; or keep yours and do not import it"
        return Reading(path=name, change=None, problems=(Problem.of_file(name, f"`{path}` {why}", hint),)), None
    end = "\r\n" if body.partition(b"\n")[0].endswith(b"\r") else "\n"  # as below, so that a new card is written alike
    data = f"# Made by `cards import` from {_shown(name)}; blake2b:{_hash(body)}{end}".encode() + body
    file = ToPlace(target=path, open=lambda: BytesIO(data))
    return _called(library.read_data(into.store, path, data), name), file


def _not_ours(found: re.Match[bytes] | None, said: bytes, names: Sequence[str]) -> str:
    """Why this source may not take the place of a file that is there; "" where it may."""
    if found is None:
        return "was not made by `cards import`"
    if found[2].decode() != _hash(said[found.end() :]):
        return "was changed by hand"
    if found[1].decode("utf-8", "replace") not in map(_shown, names):
        return f"came from `{visible(found[1].decode('utf-8', 'replace'), 60)}`"
    return ""


def _called(reading: Reading, name: str) -> Reading:
    """A reading under the name of its source; what is wrong with the YAML is said of that."""
    problems = tuple(p._replace(path=f"{name} (as YAML)") for p in reading.problems)
    return reading._replace(path=name, problems=problems)


def _hash(body: bytes) -> str:
    return library.digest(body).removeprefix("blake2b:")


def _shown(name: str) -> str:
    """The name of a source without the folders above it, and an address without what may be secret in it."""
    short = name.partition("?")[0] if "://" in name else PurePath(name).name or name
    return visible(short, 200).encode("utf-8", "replace").decode()


# ---------------------------------------------------------------- files beside


def _beside(into: Into, stem: str, one: Beside) -> ToPlace | Problem | None:
    """The file, if it has to be written; what would lie outside, or in the place of another, is a problem."""
    target = into.folder.joinpath(*one.name.split("/"))
    if not is_safe(one.name, stem) or not is_inside(into.folder, target):
        message = f"the file `{visible(one.name, 60)}` would lie outside `{stem}.media`"
        return Problem.of_file(into.name, message, "do not trust where it came from")
    if target.is_file() and same(target, one.open):
        return None
    if target.exists() and not (target.is_file() and (into.replace or target.suffix == KEPT)):
        hint = "--replace takes the one that comes; or move yours away"
        return Problem.of_file(into.name, f"`{target}` is there already and is another file", hint)
    return ToPlace(target=target, open=one.open)


def is_safe(name: str, stem: str) -> bool:
    """Whether a file beside the deck stays in `<stem>.media`, on every system."""
    parts = name.split("/")
    if parts[0] != f"{stem}.media" and parts != [f"{stem}{KEPT}"]:
        return False
    fine = all(
        part == part.lstrip(" ").rstrip(" .")
        and part not in {"", ".", ".."}
        and not UNSAFE.search(part)
        and len(part.encode("utf-8", "replace")) <= NAME_BYTES
        for part in parts
    )
    return fine and (len(parts) > 1 or parts[0].endswith(KEPT))


# ---------------------------------------------------------------- taking in


def together(
    app: App, readings: Sequence[Reading], bringings: Sequence[Bringing], *, replace: bool
) -> tuple[list[Reading], list[Bringing]]:
    """Deck files and what is brought, compared with each other: a deck that comes from two places is a problem."""
    every = [*readings, *(reading for one in bringings for reading in one.readings)]
    checked = library.check_together(app.store, every, replace=replace)
    own, rest = checked[: len(readings)], iter(checked[len(readings) :])
    return own, [_checked(one, [next(rest) for _ in one.readings]) for one in bringings]


def _checked(one: Bringing, readings: list[Reading]) -> Bringing:
    problems = [problem for reading in readings for problem in reading.problems]
    return one.refused(*problems) if problems else one._replace(readings=tuple(readings))


def take(
    app: App,
    readings: Sequence[Reading],
    bringings: Sequence[Bringing],
    events: Sequence[Event] = (),
    *,
    by_hand: bool = True,
    then: Callable[[], object] = bool,
) -> None:
    """Files, decks and events, and what is done `then`: all of it or nothing.

    `by_hand`: a person named what comes, so that an undo takes it back.
    """
    with Placing(Path(app.places.decks), app.store) as placing, app.store.together():
        placing.stage(file for one in bringings for file in one.files)
        changes = [reading.change for reading in readings if reading.change]
        changes += [placing.dated(r.change) for one in bringings for r in one.readings if r.change]
        new = brought.new_decks(app.store, changes) if by_hand else set[str]()
        library.take(app.store, changes)
        logged = restores.imported(app, events)
        history = (event for one in bringings if one.fresh_events for event in one.events)
        app.store.append([*logged, *history])
        for one in bringings:
            batch = one.events[0].batch if one.fresh_events else None
            takes = restores.revived(app.store, one.events) if one.again else ()
            back = restores.restore_events(app, takes=takes, batch=batch)
            app.store.append(back)
            # Where a log beside it has the same events, none has come under this batch.
            known = app.store.known_batches([batch]) if batch else ()
            if action := next(iter([*known, *(event.batch or event.id for event in back)]), ""):
                own = new.intersection(reading.change.deck.id for reading in one.readings if reading.change)
                brought.note(app.store, own, action)
                new -= own
        brought.note(app.store, new, restores.action_of(logged))
        placing.publish()
        then()
