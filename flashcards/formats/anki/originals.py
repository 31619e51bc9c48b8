"""What is kept of a package, opened again; and its notes with the texts that changed since."""

import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from filecmp import cmp
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from flashcards.errors import CardsError
from flashcards.formats.anki import kept
from flashcards.formats.anki.collection import CardRow, Collection, NoteRow, NoteType
from flashcards.formats.anki.database import Database, collection
from flashcards.formats.anki.media import linked
from flashcards.formats.anki.native import Header, encode
from flashcards.formats.anki.notes import EMPTY_BACK, make, tags_of, written_tag
from flashcards.formats.anki.notes import Names as MadeNames
from flashcards.formats.anki.package import MODERN, BrokenPackageError, Package, faults, unpack_collection
from flashcards.formats.anki.writer import free_name
from flashcards.formats.html import to_markdown
from flashcards.formats.html_out import relinked, to_html, to_text
from flashcards.formats.plain import Beside
from flashcards.formats.plain_yaml import words

SHOWN = re.compile(r"\{\{\s*([^#^/{}][^{}]*?)\s*\}\}")
SOUND_LINK = re.compile(
    r"(?<!!)\[[^\[\]]*\]\(<?([^()\s<>]+\.(?:mp3|ogg|opus|oga|wav|m4a|flac|aac|3gp|mp4|webm))>?\)", re.IGNORECASE
)


SEPARATOR = "\x1f"
TEXTS = ("front", "cloze", "answer", "back", "reverse")
"""The keys of a card that come from fields."""
Cards = Mapping[int, Mapping[str, Any]]


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


def recoded(note: NoteRow, kind: NoteType, header: Header, card: Mapping[str, Any], names: Names) -> NoteRow:
    """A note of our own with what its card says now."""
    made = encode(header, card, names.theirs)
    flds = SEPARATOR.join(field.replace(SEPARATOR, "") for field in made.fields)
    tags = dict.fromkeys((*header.tags, *words(card.get("tags", ()))))
    same = made.kind.fields == kind.fields  # Anki gives a note type of ours another number where it has one
    return note._replace(flds=flds, tags=_stored(tags), mid=note.mid if same else made.kind.id)


def refilled(note: NoteRow, kind: NoteType, facts: kept.KeptNote, now: Cards, names: Names) -> NoteRow | None:
    """The note with what its plain cards say now; None where its templates do not say which field is which.

    `now` are the cards that are left, by the first `ord` of each. A field whose text is as it was keeps its HTML.
    """
    before, fields = _before(note, kind, facts, names), note.flds.split(SEPARATOR)
    fields += [""] * (len(kind.fields) - len(fields))
    texts: dict[int, dict[str | None, bool]] = {}
    """By field: what it has to say for each key that it shows, and whether that is no Markdown."""
    moved = set()
    for ordinal, card in now.items():
        old, places = before.get(ordinal, {}), _places(kind, ordinal, typed="answer" in card)
        for key in (key for key in TEXTS if key in old or key in card):
            was, says = (str(one.get(key, "")).replace(EMPTY_BACK, "") for one in (old, card))
            if key in places:
                held = to_markdown(linked(fields[places[key]], names.ours, names.folder))
                text = says if key == "answer" else _inside(held, was, says)
                texts.setdefault(places[key], {})[text] = key == "answer"
            if was != says and not (key == "back" and key not in places and says == card.get("front")):
                moved.add(places.get(key, -1))
    if any(place < 0 or len(texts[place]) != 1 or None in texts[place] for place in moved):
        return None
    for place in moved:
        ((text, verbatim),) = texts[place].items()
        fields[place] = to_text(str(text)) if verbatim else filled(str(text), names.theirs)
    row = note._replace(flds=SEPARATOR.join(fields)) if moved else note
    tags = list(dict.fromkeys(tag for card in now.values() for tag in words(card.get("tags", ()))))
    return row if tags == tags_of(note) else row._replace(tags=_stored(tags))


def _before(note: NoteRow, kind: NoteType, facts: kept.KeptNote, names: Names) -> dict[int, dict[str, Any]]:
    """The plain cards that the note gave at the import, by the first `ord` of each."""
    decks = {deck: number for number, deck in enumerate({card.partition("/")[0] for card in facts.cards.values()}, 1)}
    numbers = dict.fromkeys(CardRow._fields, 0)
    rows = [
        CardRow(**{**numbers, "ord": ordinal, "did": decks[card.partition("/")[0]], "data": ""})  # type: ignore[arg-type]
        for ordinal, card in sorted(facts.cards.items())
    ]
    made = make(note, kind, rows, MadeNames(media=names.ours, folder=names.folder, decks={}))
    found: dict[int, dict[str, Any]] = {}
    for ordinal, place, _ in reversed(made.ordinals):
        if ordinal in facts.cards:
            found[ordinal] = made.cards[place]
    return found


def _inside(held: str, was: str, says: str) -> str | None:
    """What a field has to hold for a text that `says` so, where `was` was what it showed; None if nobody knows."""
    if held == was:
        return says
    start = was[: -len(held)] if held else was
    return says[len(start) :] if held and was.endswith(held) and says.startswith(start) else None


def _stored(tags: Iterable[str]) -> str:
    """Tags as a column."""
    return f" {' '.join(map(written_tag, tags))} " if tags else ""


def filled(text: str, theirs: Mapping[str, str]) -> str:
    """A text of a deck as a field, its files under the names of the package."""

    def sound(found: re.Match[str]) -> str:
        return f"[sound:{theirs[found[1]]}]" if found[1] in theirs else found[0]

    return to_html(relinked(SOUND_LINK.sub(sound, text), theirs))


def _places(kind: NoteType, ordinal: int, *, typed: bool) -> dict[str, int]:
    """Which field shows which text of the card that the template of this `ord` asks."""
    template = 0 if kind.kind == "cloze" else ordinal
    if template >= len(kind.templates):
        return {}
    asked, entered = _fields(kind, kind.templates[template].question)
    answer, _ = _fields(kind, kind.templates[template].answer)
    behind = [name for name in answer if name not in asked and name not in entered]
    found = {"cloze" if kind.kind == "cloze" else "front": asked, "back": behind if typed else [*behind, *entered]}
    if typed:
        found["answer"] = entered
    if template == 0 and kind.kind == "basic" and len(kind.templates) > 1:
        found["reverse"] = _fields(kind, kind.templates[1].question)[0]
    return {key: kind.fields.index(names[0]) for key, names in found.items() if len(names) == 1}


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


def base_names(original: Original, renamed: Mapping[str, str]) -> Names:
    """The names of an original's files; `renamed` are those that get another one."""
    folder = original.media
    theirs = {f"{folder}/{ours}": renamed.get(name, name) for name, ours in original.kept.media.items()}
    return Names(ours=original.kept.media, folder=folder, theirs=theirs)


# ---------------------------------------------------------------- files


def different_files(found: Sequence[Original]) -> Iterator[dict[str, str]]:
    """For each original the new names of files that are called like another file of one before it."""
    used = {name.casefold() for one in found for name in one.kept.media}
    first: dict[str, Path] = {}
    for original in found:
        renamed: dict[str, str] = {}
        for name, ours in original.kept.media.items():
            path = original.path.parent / original.media / ours
            if not _alike(first.setdefault(name, path), path):
                renamed[name] = free_name(name, used)
        yield renamed


def _alike(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        return cmp(one, other, shallow=False)
    except OSError:  # what is gone is left out
        return True


def original_files(found: Sequence[Original], renamed: Sequence[Mapping[str, str]]) -> list[Beside]:
    """The files of the packages, under the names that Anki knows."""
    files: dict[str, Beside] = {}
    for original, others in zip(found, renamed, strict=True):
        for name, ours in original.kept.media.items():
            path = original.path.parent / original.media / ours
            called = others.get(name, name)
            files.setdefault(called, Beside(name=called, open=opener(path)))
    return list(files.values())


def opener(path: Path) -> Callable[[], BinaryIO]:
    """What opens the file, each time anew."""
    return lambda: path.open("rb")
