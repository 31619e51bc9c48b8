"""Whose code may run: the trust file of this machine, and what has changed since a person read it."""

import json
import os
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from flashcards import clock
from flashcards.errors import CardsError, Refused
from flashcards.model import NOTHING, Card, CardId
from flashcards.places import real_path
from flashcards.verify.trust import Line, code, commands, digest, executable, lines

if TYPE_CHECKING:
    from flashcards.app import App

Assets = Mapping[str, bytes]
State = Literal["new", "changed", "allowed", "shipped"]
"""`shipped`: it came with the program, and nobody has touched it."""
OPEN: tuple[State, ...] = ("new", "changed")

VERSION = 1
MOST_ASSET_BYTES = 4 << 20
"""A larger file beside a deck counts as missing, as where it is run."""
HASH_CHARACTERS = len("sha256:") + 64
READ = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0)
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Allowed(NamedTuple):
    """What a person has read and allowed of one card."""

    hash: str
    lines: tuple[Line, ...]
    at: datetime


class Subject(NamedTuple):
    """One card that has something to run: what it is now, and what was allowed before."""

    card: CardId
    commands: int
    """How many commands of its own the deck has in it; with none, only its answers would run, in `cards check`."""
    hash: str
    lines: tuple[Line, ...]
    state: State
    before: Allowed | None = None


# ---------------------------------------------------------------- deciding


def is_allowed(app: "App", card: Card, assets: Assets | None = None) -> bool:
    """Whether a card may be run in a review; `assets` are the very files that will be used, if they were read already.

    Raises Refused where the trust file cannot be relied on.
    """
    return not code(card) or not untrusted(app, [card], None if assets is None else lambda _: assets)


def untrusted(app: "App", cards: Iterable[Card], assets: Callable[[Card], Assets] | None = None) -> list[CardId]:
    """The cards with something to run that nobody has allowed as they are now, deck code or not.

    `cards check --run` executes the answers of a deck, so it asks for all of
    them; it also says which files lie beside a deck that is not imported.
    """
    assets_of = assets or _stored_assets(app)
    found = {card.id: digest(executable(card, assets_of(card))) for card in cards if card.run}
    open_ones = [card for card, now in found.items() if not _is_shipped(card, now)]
    known = load(app) if open_ones else {}  # what came with the program runs even where the file is spoilt
    return [card for card in open_ones if card not in known or known[card].hash != found[card]]


def subjects(app: "App", deck: str) -> list[Subject]:
    """Every card of a deck that has something to run, those with code of the deck first."""
    known, assets = load(app), _stored_assets(app)
    rows = app.store.all_rows([deck])
    cards = [row.card for row in rows if row.card and row.card.run and not row.retired]
    found = [_subject(card, assets(card), known) for card in cards]
    return sorted(found, key=lambda subject: not subject.commands)


def differences(app: "App", deck: str) -> list[Subject]:
    """The cards of a deck that a person has yet to read: new ones, and those that changed."""
    return [subject for subject in subjects(app, deck) if subject.state in OPEN]


def allow(app: "App", shown: Iterable[Subject]) -> None:
    """Keeps what a person has read and said yes to: these objects, nothing is read again."""
    at = clock.now()
    now = {subject.card: Allowed(subject.hash, subject.lines, at) for subject in shown}
    _save(app, {**load(app), **now})


def revoke(app: "App", deck: str) -> list[CardId]:
    """Takes back all that was allowed of a deck; which cards that were."""
    known = load(app)
    gone = [card for card in known if card.partition("/")[0] == deck]
    if gone:
        _save(app, {card: allowed for card, allowed in known.items() if card not in gone})
    return gone


def _subject(card: Card, assets: Assets, known: Mapping[CardId, Allowed]) -> Subject:
    parts = executable(card, assets)
    now, before = digest(parts), known.get(card.id)
    return Subject(card.id, commands(card), now, lines(parts), _state(card.id, now, before), before)


def _state(card: CardId, now: str, before: Allowed | None) -> State:
    if before is not None and before.hash == now:
        return "allowed"
    if _is_shipped(card, now):
        return "shipped"
    return "new" if before is None else "changed"


def _is_shipped(card: CardId, now: str) -> bool:
    from flashcards.verify.shipped import SHIPPED  # a long table, for cards with something to run

    return SHIPPED.get(card) == now


# ---------------------------------------------------------------- files beside a deck


def beside(folder: str, card: Card) -> Assets:
    """The files that a card copies, out of the folder of its deck; what cannot be had is left out."""
    found = {name: _contents(folder, name) for name in names_beside(card)}
    return {name: data for name, data in found.items() if data is not None}


def _stored_assets(app: "App") -> Callable[[Card], Assets]:
    """The same by the decks that the store knows."""
    return lambda card: beside(folder_of(app, card.deck), card) if names_beside(card) else NOTHING


def folder_of(app: "App", deck: str) -> str:
    """Where the file of a deck lies."""
    source = app.store.deck_called(deck)
    return os.path.dirname(real_path(source.path if source else ""))  # noqa: PTH120  (pathlib: 3 ms before a question)


def names_beside(card: Card) -> list[str]:
    """The files beside its deck that a card copies, each once."""
    return list(dict.fromkeys(step["copy"] for step in (card.run or NOTHING).get("setup", ()) if "copy" in step))


def _contents(folder: str, name: str) -> bytes | None:
    """A plain file that lies in the folder, links followed; None for anything else."""
    from pathlib import Path  # 3 ms, for cards that copy something

    try:
        path = Path(folder, name).resolve()
        if not path.is_relative_to(Path(folder).resolve()):
            return None
        with _descriptor(path, READ) as descriptor:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return None
            data = _read(descriptor, MOST_ASSET_BYTES + 1)
    except (OSError, RuntimeError, ValueError):  # links in a circle, a name that no file can have
        return None
    return data if len(data) <= MOST_ASSET_BYTES else None


# ---------------------------------------------------------------- the trust file


def load(app: "App") -> dict[CardId, Allowed]:
    """What is allowed on this machine; raises Refused for a file that anybody else may have written."""
    path = app.places.trust
    try:
        with _descriptor(path, READ | getattr(os, "O_NOFOLLOW", 0)) as descriptor:
            _check_owner(path, os.fstat(descriptor))
            data = _read(descriptor)
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise _refused(path, "cannot be read", error.strerror or "") from None
    return _parsed(path, data)


@contextmanager
def _descriptor(path: "str | os.PathLike[str]", flags: int) -> Iterator[int]:
    """An open file: what is looked at is what is read."""
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _read(descriptor: int, most: int = -1) -> bytes:
    with open(descriptor, "rb", closefd=False) as file:
        return file.read(most)


def _check_owner(path: str, facts: os.stat_result) -> None:
    if not stat.S_ISREG(facts.st_mode):
        raise _refused(path, "is no file")
    if hasattr(os, "geteuid") and facts.st_uid != os.geteuid():
        raise _refused(path, "belongs to somebody else")
    if facts.st_mode & OTHERS_MAY_WRITE:
        raise _refused(path, "may be written by others", hint=f"see who may have changed it, then: chmod 600 {path}")


def _refused(path: str, what: str, why: str = "", hint: str = "") -> Refused:
    words = f"the trust file `{path}` {what}" + (f": {why}" if why else "")
    return Refused(words, hint=hint or "delete it, then `cards trust DECK` asks again; until then no deck's code runs")


def _parsed(path: str, data: bytes) -> dict[CardId, Allowed]:
    try:
        found = json.loads(data)
        version = found["version"]
        cards = (
            {CardId(card): _allowed(card, one) for card, one in found["cards"].items()} if version == VERSION else {}
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise _refused(path, "is damaged") from None
    if isinstance(version, int) and version > VERSION:
        raise _refused(path, "was written by a newer version of cards", hint="upgrade cards; nothing was changed")
    if version != VERSION:
        raise _refused(path, "is damaged")
    return cards


def _allowed(card: str, found: Mapping[str, Any]) -> Allowed:
    """One entry; raises ValueError for what we would not have written."""
    shown = tuple((kind, text) for kind, text in found["lines"])
    at = datetime.fromisoformat(found["at"])
    texts = [card, found["hash"], *(part for line in shown for part in line)]
    if not all(isinstance(text, str) and text.isprintable() for text in texts) or at.tzinfo is None:
        raise ValueError
    if len(found["hash"]) != HASH_CHARACTERS or not found["hash"].startswith("sha256:"):
        raise ValueError
    return Allowed(found["hash"], shown, at)


def _save(app: "App", allowed: Mapping[CardId, Allowed]) -> None:
    """Puts a whole new file in the place of the old one, readable for nobody else."""
    cards = {
        card: {"hash": one.hash, "lines": one.lines, "at": one.at.isoformat()} for card, one in sorted(allowed.items())
    }
    text = json.dumps({"version": VERSION, "cards": cards}, ensure_ascii=False, indent=1) + "\n"
    path = app.places.trust
    try:
        _replace(path, text.encode())
    except OSError as error:
        raise CardsError(
            f"cannot write `{path}`: {error.strerror}", hint="nothing was changed; see who may write there"
        ) from None


def _replace(path: str, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all, whenever the power goes."""
    from pathlib import Path  # 3 ms each, and only after a person said yes
    from tempfile import mkstemp

    from flashcards.store.backup_file import settle

    folder = Path(path).parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = mkstemp(dir=folder, prefix="trust.", suffix=".new")  # 0600, whatever the umask says
    replacement = Path(name)
    try:
        with open(descriptor, "wb") as file:  # noqa: PTH123  (it is open already)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        replacement.replace(path)
    except OSError:
        replacement.unlink()
        raise
    settle(str(folder))
