"""Puts a collection and its media into a package that every Anki of the last years imports."""

import json
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from shutil import copyfileobj

from flashcards.formats.anki import schema11
from flashcards.formats.anki.collection import Collection
from flashcards.formats.plain import Beside

MEMBER = "collection.anki21"
PIECE = 1 << 20
"""Bytes that are handed on at a time."""
PACKED = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".mp3", ".ogg", ".opus", ".m4a", ".mp4", ".webm", ".avif"}
"""What does not get smaller."""
SAME_DATE = (2020, 1, 1, 0, 0, 0)
"""The same collection gives the same package."""
LEVEL = 1
"""Of deflate: a third of the time of the usual 6, for a tenth more bytes."""


def pack(collection: Collection, media: Sequence[Beside] = ()) -> Iterator[bytes]:
    """The pieces of a package: made in a temporary folder, so that no size of it fills the memory."""
    with tempfile.TemporaryDirectory(prefix="cards-anki-") as folder:
        database, package = Path(folder, MEMBER), Path(folder, "package")
        schema11.save(collection, database)
        with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as archive:
            with database.open("rb") as file, archive.open(_member(MEMBER), "w", force_zip64=True) as member:
                copyfileobj(file, member, PIECE)
            _put_media(archive, media)
        database.unlink()
        with package.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


def _put_media(archive: zipfile.ZipFile, media: Sequence[Beside]) -> None:
    """Each file under its number, and the list of their names; a file that is gone is left out."""
    names: dict[str, str] = {}
    for one in media:
        try:
            file = one.open()
        except OSError:
            continue
        number = str(len(names))
        packed = Path(one.name).suffix.lower() in PACKED
        with file, archive.open(_member(number, packed=packed), "w", force_zip64=True) as member:
            copyfileobj(file, member, PIECE)
        names[number] = unicodedata.normalize("NFC", one.name.rpartition("/")[2])
    archive.writestr(_member("media"), json.dumps(names, ensure_ascii=False))


def _member(name: str, *, packed: bool = False) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name, SAME_DATE)
    member.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    return member
