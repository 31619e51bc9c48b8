"""Writes deck files: ids, new cards, new decks, cards that move; each file whole or not at all."""

import errno
import os
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from flashcards.app import library, partials
from flashcards.app.finding import is_deck
from flashcards.app.library import DeckChange
from flashcards.app.ordinary import bytes_of
from flashcards.errors import BadRequest, CardsError, DeckProblems, NotFound
from flashcards.formats import ids, splice
from flashcards.formats.deckfile import Deckfile
from flashcards.places import BUNDLED, real_path, stored_path

if TYPE_CHECKING:
    from flashcards.app import App


class Written(NamedTuple):
    """A file that was read, and what it shall hold."""

    path: Path
    before: bytes
    after: bytes


# ---------------------------------------------------------------- files


def own_file(stored: str, deck: str) -> Path:
    """The file of a deck that may be written; raises where it belongs to the program, or is gone."""
    path = Path(real_path(stored))
    if stored.startswith(BUNDLED):
        raise BadRequest(
            f"the deck `{deck}` belongs to the program: an upgrade would undo what is written there",
            hint=f"cards export deck {deck} -o {deck}.yaml, then cards import {deck}.yaml makes it yours",
        )
    if not path.is_file():
        raise NotFound(f"`{path}`, the file of `{deck}`, is gone", hint="`cards import FILE` says where it is now")
    return path


def deck_file(app: "App", name: str) -> Path:
    """The file to write into that a person named: a deck that was taken in, or a file."""
    known = {source.deck: source.path for source in app.store.decks()}
    if name in known:
        return own_file(known[name], name)
    path = Path(name)
    if is_deck(path):
        if not path.exists():
            raise NotFound(
                f"there is no file `{name}`", hint=f"`cards deck new {ids.slug(path.stem) or 'NAME'}` makes one"
            )
        return own_file(stored_path(str(path)), path.stem)
    try:
        app.decks([name])  # raises, with the nearest name
    except NotFound as error:
        if name and ids.slug(name) == name:
            error.hint = f"{error.hint}; `cards deck new {name}` makes one"
        raise
    raise NotFound(f"no deck called `{name}`")


def only_deck(app: "App") -> str:
    """The one deck that a person owns; raises where there is none, or more than one."""
    own = [source.deck for source in app.store.decks() if not source.path.startswith(BUNDLED)]
    if len(own) == 1:
        return own[0]
    if own:
        raise BadRequest("which deck?", hint="name one of them: " + ", ".join(own))
    raise BadRequest("there is no deck of your own yet", hint="`cards deck new NAME` makes one")


def replace(written: Written) -> None:
    """Puts the new text in the place of the old, at once; raises where somebody else was faster.

    A link stays a link. What a kill leaves behind has no name that an import would read.
    """
    target = Path(os.path.realpath(written.path))
    if bytes_of(target) != written.before:
        raise CardsError(f"`{written.path}` was changed meanwhile; nothing was written", hint="try again")
    if not os.access(target, os.W_OK):  # a rename would not ask
        raise CardsError(f"`{written.path}` may only be read; nothing was written", hint=f"chmod u+w {written.path}")
    try:
        facts = target.stat()
        partial = partials.beside(target)
        partial.unlink(missing_ok=True)
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(written.after)
                file.flush()
                _like(partial, facts)
                os.fsync(file.fileno())
            partial.replace(target)
        except BaseException:
            with suppress(OSError):
                partial.unlink()
            raise
        partials.sweep(target)
    except OSError as error:
        raise _cannot_write(written.path, error, "check the rights of the file and of its folder") from None


def _like(path: Path, facts: os.stat_result) -> None:
    """The rights and, as far as one may, the owner of another file."""
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(path, facts.st_uid, facts.st_gid)
    path.chmod(stat.S_IMODE(facts.st_mode))


def _cannot_write(path: Path, error: OSError, hint: str) -> CardsError:
    full = error.errno in {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}
    return CardsError(
        f"cannot write `{path}`: {error.strerror}; it is as it was", hint="make room on the disk" if full else hint
    )


def replace_all(files: Sequence[Written]) -> None:
    """The same for files that belong together: where one cannot be written, those before it are as they were."""
    done: list[Written] = []
    try:
        for one in files:
            replace(one)
            done.append(one)
    except BaseException:
        for one in reversed(done):
            with suppress(CardsError):
                replace(one._replace(before=one.after, after=one.before))
        raise


def take_in(app: "App", paths: Sequence[Path]) -> list[DeckChange]:
    """Takes deck files in together; raises DeckProblems."""
    readings = library.read_all(app.store, paths)
    problems = [problem for reading in readings for problem in reading.problems]
    if problems:
        raise DeckProblems(problems, message="written, but not taken in")
    changes = [reading.change for reading in readings if reading.change]
    library.take(app.store, changes)
    return changes


# ---------------------------------------------------------------- ids


def write_ids(paths: Sequence[Path]) -> list[tuple[Path, int]]:
    """Writes the ids that the cards go by into files; nothing where one of them has faults."""
    planned: list[tuple[Written, int]] = []
    for path in paths:
        stored = stored_path(real_path(str(path)))
        before = bytes_of(own_file(stored, path.stem) if path.exists() else path)
        after, count = splice.with_ids(before, str(path))
        planned.append((Written(path, before, after), count))
    for written, count in planned:
        if count:
            replace(written)
    return [(written.path, count) for written, count in planned]


# ---------------------------------------------------------------- a new card


def new_id(path: Path, card: Mapping[str, Any]) -> str:
    """An id for a card, made of its text; raises where a card of the deck asks the same already."""
    file = Deckfile(bytes_of(path), str(path))
    text = str(card.get("front") or card.get("cloze"))
    for note in file.notes:
        if text.strip() in {str(note.found.values.get(key, "")).strip() for key in ("front", "cloze")}:
            raise BadRequest(
                f"`{file.deck.id}/{note.id}` asks the same already",
                hint=f"cards edit {file.deck.id}/{note.id} changes it; --id NAME makes another card",
            )
    return ids.from_texts([text], frozenset(note.id for note in file.notes))[0]


def with_new(path: Path, card: Mapping[str, Any]) -> Written:
    """The deck file with one more card."""
    before = bytes_of(path)
    return Written(path, before, splice.with_card(before, str(path), card))


# ---------------------------------------------------------------- cards that move


def moved(app: "App", names: Sequence[str], deck: str) -> list[Written]:
    """What moving cards into another deck makes of the files, the deck they go to first."""
    target = deck_file(app, deck)
    to = Deckfile(bytes_of(target), str(target)).deck.id
    files: dict[Path, Written] = {}
    for name in dict.fromkeys(map(app.text_of, names)):
        home, _, card = name.partition("/")
        source = deck_file(app, home)
        if source.samefile(target):
            raise BadRequest(f"`{name}` is in that deck already")
        for path in (target, source):
            files.setdefault(path, Written(path, data := bytes_of(path), data))
        cut = splice.without_card(files[source].after, str(source), card)
        block, content = splice.with_was(cut.block, home, cut.card, to)
        there = splice.with_card_text(files[target].after, str(target), block, content)
        files[source] = files[source]._replace(after=cut.data)
        files[target] = files[target]._replace(after=there)
    return list(files.values())


# ---------------------------------------------------------------- a new deck


def make(path: Path, text: str) -> None:
    """Writes a file that is not there yet, whole or not at all; never over another."""
    try:
        with path.open("x", encoding="utf-8") as file:
            try:
                file.write(text)
                file.flush()
            except BaseException:
                path.unlink()
                raise
    except FileExistsError:
        raise BadRequest(f"`{path}` is there already", hint="-o FILE names another") from None
    except FileNotFoundError:
        says = f"cannot write `{path}`: there is no folder `{path.parent}`"
        raise CardsError(says, hint=f"mkdir -p {path.parent}") from None
    except OSError as error:
        raise CardsError(f"cannot write `{path}`: {error.strerror}", hint="-o FILE names another place") from None
