"""Takes what was typed out of history: which answers, the marks that say so, and every file that is ours to clean."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from flashcards import clock
from flashcards.app import App, device
from flashcards.errors import BadRequest, CardsError, NotFound
from flashcards.log import ids_from
from flashcards.model import CardId, Event, EventId, Mark, Review
from flashcards.redaction import REDACT, without_texts
from flashcards.store import backup
from flashcards.store.redacted import PATIENCE_MS

SHOWN = 3
"""Events that are named where several fit."""
SHORTEST = 6
"""Characters of a text that is looked for in other files; a shorter one stands everywhere."""
LARGEST_FILE = 256 * 1024 * 1024
SWEEPING = "writing the database anew, so that no byte is left"
REWRITING = "taking it out of the backups"


class Cleaned(NamedTuple):
    """What was cleaned, and what could not be."""

    database: bool = True
    """Whether no byte is left in the files of the database."""
    backups: tuple[str, ...] = ()
    """The backups that were written anew."""
    failed: tuple[tuple[str, str], ...] = ()
    """Backups that could not be, and why."""
    elsewhere: tuple[str, ...] = ()
    """Other files of the home in which one of the texts was found."""
    alike: tuple[EventId, ...] = ()
    """Other answers in which one of the texts was typed."""

    @property
    def complete(self) -> bool:
        """Whether all that is ours is clean."""
        return self.database and not self.failed


# ---------------------------------------------------------------- which answers


def named(app: App, events: Iterable[str], cards: Iterable[str], *, last: bool) -> list[Review]:
    """The answers that are meant; with and without a text. Raises NotFound."""
    found: dict[EventId, Review] = {}
    for name in events:
        found |= _event(app, name)
    for name in cards:
        found |= {review.id: review for review in _of_card(app, name)}
    if last:
        newest = device.last_typed(app.store)
        if newest is None:
            raise NotFound("nothing was typed on this device", hint="`cards log --ids` names what was done")
        found[newest.id] = newest
    return list(found.values())


def _event(app: App, name: str) -> dict[EventId, Review]:
    found = app.store.typed_in(name)
    batch = {review.batch for review in found.values()} == {name}
    if not found:
        raise NotFound(f"no answer of the log is called `{name}`", hint="`cards log --ids` names them")
    if len(found) > 1 and not batch:
        ids = ", ".join(f"`{one}`" for one in list(found)[:SHOWN])
        raise NotFound(f"`{name}` fits {len(found)} answers", hint=f"name one: {ids}")
    return found


def _of_card(app: App, name: str) -> list[Review]:
    """Also of a card that no deck has any more."""
    card = CardId(name) if "/" in name and next(app.store.events(CardId(name)), None) else app.card(name).memory.card
    return [event for event in app.store.events(card) if isinstance(event, Review)]


# ---------------------------------------------------------------- taking out


def take_out(app: App, reviews: Sequence[Review]) -> list[Event]:
    """Writes a mark for each answer, all at once; the store takes the texts out as it reads them."""
    now = clock.now()
    with app.store.together():
        first, own = app.new_id(now), app.device
        batch = first if len(reviews) > 1 else None
        marks: list[Event] = [
            Mark(identity, review.card, REDACT, now, value=review.id, device=own, batch=batch)
            for identity, review in zip(ids_from(first, now), reviews, strict=False)
        ]
        app.store.append(marks)
    return marks


def clean(app: App, texts: Collection[str] = (), *, patient: bool = True) -> Cleaned:
    """Takes what marks name out of every file of this home; `texts` are looked for where nobody asked us to write."""
    with app.sign(SWEEPING):
        swept = _sweep(app, patient=patient)
    with app.sign(REWRITING):
        backups, failed = _clean_backups(app)
    alike = app.store.typed_alike(texts) if texts else []
    return Cleaned(swept, tuple(backups), tuple(failed), tuple(_elsewhere(app, texts)), tuple(alike))


def _sweep(app: App, *, patient: bool) -> bool:
    try:
        return app.store.sweep() if patient else app.store.sweep(PATIENCE_MS)
    except CardsError:  # no room for a second copy, or somebody writes for long
        return False


def _clean_backups(app: App) -> tuple[list[str], list[tuple[str, str]]]:
    """The ones that were written anew, and the ones that could not be; a backup in the making is waited for."""
    cleaned: list[str] = []
    failed: list[tuple[str, str]] = []
    count, change = app.store.count_redactions(), without_texts(app.store.redactions())
    folder = app.places.backups
    if not Path(folder).is_dir():
        app.store.note_cleaned(count)
        return cleaned, failed
    with backup.only_one(folder) as mine:
        if not mine:
            return [], [(folder, "another process has been making a backup there for long")]
        for one in backup.listed(folder):
            try:
                if backup.rewrite(one.path, change):
                    cleaned.append(one.path)
            except CardsError as error:
                failed.append((one.path, error.message))
            except OSError as error:
                failed.append((one.path, str(error.strerror)))
    app.store.note_cleaned(count, in_vain=today() if failed else "")
    return cleaned, failed


def today() -> str:
    """The day, on which what went wrong is not tried again unasked."""
    return clock.now().date().isoformat()


def at_the_end(app: App) -> list[str]:
    """Finishes what marks ask for that came from elsewhere, or what a process that was killed left; what to tell."""
    if not app.is_open or app.store.is_read_only or app.store.is_clean(today()):
        return []
    try:
        cleaned = clean(app, patient=False)
    except (CardsError, OSError) as error:
        return [f"a text that was taken out of history may still lie in old files: {error}"]
    told = [] if cleaned.database else [STILL_READ]
    return told + [
        f"a text that was taken out may still lie in the backup `{path}`: {why}" for path, why in cleaned.failed
    ]


STILL_READ = (
    "a text that was taken out may still lie in the database's files: end other `cards`, make room, "
    "then run `cards doctor`"
)


# ---------------------------------------------------------------- what is out of reach


def _elsewhere(app: App, texts: Iterable[str]) -> Iterable[str]:
    """Other files of the home that hold one of the texts: an export, a damaged database that was kept."""
    sought = [form for text in texts if len(text) >= SHORTEST for form in _forms(text)]
    database = Path(app.places.database)
    ours = {database, *(database.with_name(database.name + end) for end in ("-wal", "-shm", "-busy"))}
    ours |= {Path(app.places.decks), Path(app.places.trust)}
    ours |= {Path(one.path) for one in backup.listed(app.places.backups)}
    for path in sorted(database.parent.rglob("*")) if sought else ():
        if ours.isdisjoint((path, *path.parents)) and _holds(path, sought):
            yield str(path)


def _forms(text: str) -> set[bytes]:
    """The text as it may stand in a file: as it is, or as JSON has it."""
    from json import dumps

    return {text.encode(), dumps(text)[1:-1].encode(), dumps(text, ensure_ascii=False)[1:-1].encode()}


def _holds(path: Path, sought: Sequence[bytes]) -> bool:
    """Whether a plain file, or a compressed one, holds any of them."""
    import gzip
    import zlib

    with suppress(OSError, EOFError, zlib.error):
        if path.is_file() and not path.is_symlink() and path.stat().st_size <= LARGEST_FILE:
            with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
                content = file.read(LARGEST_FILE)
            return any(one in content for one in sought)
    return False


def check(reviews: Sequence[Review], known: set[str]) -> tuple[list[Review], list[Review]]:
    """Those with a text, and those whose text was taken out before; raises BadRequest where there is neither."""
    typed = [review for review in reviews if review.typed]
    before = [review for review in reviews if review.typed is None and review.id in known]
    if not typed and not before:
        raise BadRequest("nothing was typed there", hint="`cards log --ids` shows what was typed")
    return typed, before
