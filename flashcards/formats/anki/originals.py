"""What is kept of a package, opened again; and its notes with the texts that changed since."""

import re
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from flashcards.errors import CardsError
from flashcards.formats.anki import kept
from flashcards.formats.anki.collection import Collection, NoteRow, NoteType
from flashcards.formats.anki.database import Database, collection
from flashcards.formats.anki.media import linked
from flashcards.formats.anki.notes import EMPTY_BACK, tags_of, written_tag
from flashcards.formats.anki.package import MODERN, BrokenPackageError, Package, faults, unpack_collection
from flashcards.formats.html import to_markdown
from flashcards.formats.html_out import relinked, to_html, to_text

SHOWN = re.compile(r"\{\{\s*([^#^/{}][^{}]*?)\s*\}\}")
SOUND_LINK = re.compile(
    r"(?<!!)\[[^\[\]]*\]\(<?([^()\s<>]+\.(?:mp3|ogg|opus|oga|wav|m4a|flac|aac|3gp|mp4|webm))>?\)", re.IGNORECASE
)


class Original(NamedTuple):
    """One package as it came."""

    path: Path
    kept: kept.Kept
    collection: Collection
    media: str
    """The folder of its files, as the decks beside name it."""


def find(folder: Path) -> list[Path]:
    """What is kept in the folder of a deck."""
    return sorted(folder.glob(f"*{kept.SUFFIX}"))


def open_original(path: Path) -> Original:
    """The package kept at `path`; raises CardsError where it was damaged since."""
    try:
        with faults(path.name), zipfile.ZipFile(path) as archive:
            facts = kept.from_json(archive.read(kept.CARDS))
        with faults(path.name):
            package = Package(path=path, member=facts.member, packed=facts.member == MODERN)
            found = collection(Database(unpack_collection(package)))
    except (BrokenPackageError, OSError, ValueError, KeyError):
        hint = "import the package again, or move this file away to export what the deck says"
        raise CardsError(f"`{path}` cannot be read: it holds what came from Anki", hint=hint) from None
    return Original(path=path, kept=facts, collection=found, media=f"{path.stem}.media")


# ---------------------------------------------------------------- texts that changed


class Names(NamedTuple):
    """How files are called in the deck, by the package's name, and the other way round."""

    ours: Mapping[str, str]
    folder: str
    theirs: Mapping[str, str]
    """By what the texts of the deck say."""


def refilled(note: NoteRow, kind: NoteType, card: Mapping[str, Any], names: Names) -> NoteRow | None:
    """The note with what its one plain card says now; None where its templates do not say which field is which.

    A field whose text is as it was keeps its HTML.
    """
    places = _places(kind, card)
    if places is None:
        return None
    fields = note.flds.split("\x1f")
    for place, text, verbatim in places:
        if place < len(fields) and to_markdown(linked(fields[place], names.ours, names.folder)) != text:
            fields[place] = to_text(text) if verbatim else filled(text, names.theirs)
    tags = list(map(str, card.get("tags", ())))
    if tags == tags_of(note):
        return note._replace(flds="\x1f".join(fields))
    written = f" {' '.join(map(written_tag, tags))} " if tags else ""
    return note._replace(flds="\x1f".join(fields), tags=written)


def filled(text: str, theirs: Mapping[str, str]) -> str:
    """A text of a deck as a field, its files under the names of the package."""

    def sound(found: re.Match[str]) -> str:
        return f"[sound:{theirs[found[1]]}]" if found[1] in theirs else found[0]

    return to_html(relinked(SOUND_LINK.sub(sound, text), theirs))


def _places(kind: NoteType, card: Mapping[str, Any]) -> list[tuple[int, str, bool]] | None:
    """Which field holds which text of the card, and whether that is no Markdown."""
    asked, typed = _fields(kind, kind.templates[0].question) if kind.templates else ([], [])
    answer, _ = _fields(kind, kind.templates[0].answer) if kind.templates else ([], [])
    behind = [name for name in answer if name not in asked and name not in typed]
    if len(asked) != 1 or len(behind) + len(typed) > 1:
        return None
    found = [(asked[0], str(card.get("cloze") or card.get("front", "")), False)]
    if "answer" in card:
        if not typed or not isinstance(card["answer"], str) or card.get("back", EMPTY_BACK) != EMPTY_BACK:
            return None
        found.append((typed[0], card["answer"], True))
    elif back := [*behind, *typed]:
        found.append((back[0], str(card.get("back", "")).replace(EMPTY_BACK, ""), False))
    elif card.get("back", EMPTY_BACK) != EMPTY_BACK:
        return None
    if "reverse" in card:
        other = _fields(kind, kind.templates[1].question)[0] if len(kind.templates) > 1 else []
        if len(other) != 1:
            return None
        found.append((other[0], str(card["reverse"]), False))
    return _without_conflict([(kind.fields.index(name), text, verbatim) for name, text, verbatim in found])


def _without_conflict(places: list[tuple[int, str, bool]]) -> list[tuple[int, str, bool]] | None:
    """One text for each field; None where a back and a reverse went different ways."""
    texts: dict[int, str] = {}
    for place, text, _ in places:
        if texts.setdefault(place, text) != text:
            return None
    return places


def _fields(kind: NoteType, template: str) -> tuple[list[str], list[str]]:
    """The fields that a template shows, and those that it has typed; each once."""
    shown: list[str] = []
    typed: list[str] = []
    for written in SHOWN.findall(template):
        *filters, name = written.split(":")
        if name in kind.fields:
            into = typed if "type" in filters else shown
            into += [] if name in into else [name]
    return shown, typed


def base_names(original: Original, prefix: str = "") -> Names:
    """The names of an original's files."""
    folder = original.media
    theirs = {f"{prefix}{folder}/{ours}": name for name, ours in original.kept.media.items()}
    return Names(ours=original.kept.media, folder=folder, theirs=theirs)


def now_there(note: kept.KeptNote, cards: Mapping[str, Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """The plain cards that a note has now, in the order of Anki's; `cards` are by `deck/id`."""
    names = dict.fromkeys(note.cards[ordinal].partition("~")[0] for ordinal in sorted(note.cards))
    return [cards[name] for name in names if name in cards]
