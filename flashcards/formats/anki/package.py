"""The container: a ZIP of Anki's, in its three versions, read with limits."""

import json
import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from flashcards.formats.anki import protobuf

MOST_MEMBERS = 200_000
MOST_DIRECTORY_BYTES = 64 << 20
LARGEST_COLLECTION = 2 << 30
"""Bytes of the database, unpacked (ours); a life of reviews is a tenth of that."""
LARGEST_LIST = 64 << 20
LARGEST_MEDIA = 256 << 20
LARGEST_OF_ALL_MEDIA = 8 << 30
LARGEST_RATIO = 200
"""How many times larger than packed the database may be, beyond `SMALL` (ours)."""
SMALL = 64 << 20
PIECE = 1 << 20
MODERN, OLD, OLDEST = "collection.anki21b", "collection.anki21", "collection.anki2"
VERSIONS = {1: OLDEST, 2: OLD, 3: MODERN}
SQLITE = b"SQLite format 3\0"
DAMAGED = "export it again from Anki, and copy it anew"


class BrokenPackageError(Exception):
    """A package cannot be taken: what is wrong, and the cure."""

    def __init__(self, message: str, hint: str = DAMAGED) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Media(NamedTuple):
    """A file of the package: the name that texts use, the member that holds it, its size (0 if unknown)."""

    name: str
    member: str
    size: int


class Package(NamedTuple):
    """What is where. `member` is empty for a bare database."""

    path: Path
    member: str
    media: tuple[Media, ...] = ()
    packed: bool = False
    """Whether its files are packed by zstd."""


def look(path: Path) -> Package:
    """The package at `path`, its list of media read and checked; raises what `faults` turns into one line."""
    with path.open("rb") as file:
        if file.read(len(SQLITE)) == SQLITE:
            return Package(path=path, member="")
    with _zip(path) as archive:
        names = archive.namelist()
        if len(names) > MOST_MEMBERS:
            raise BrokenPackageError(f"it has {len(names)} members, more than {MOST_MEMBERS}")
        for name in names:
            _check_name(name)
        member = _collection_of(archive, set(names))
        packed = member == MODERN
        media = _media(archive, packed=packed) if "media" in names else ()
        return Package(path=path, member=member, media=media, packed=packed)


def unpack_collection(package: Package) -> str:
    """Writes the database to a temporary file of its own and returns the name of that."""
    handle, name = tempfile.mkstemp(prefix="cards-", suffix=".anki")
    try:
        with os.fdopen(handle, "wb") as target:
            if package.member:
                with _zip(package.path) as archive:
                    info = archive.getinfo(package.member)
                    most = max(SMALL, LARGEST_RATIO * max(info.compress_size, 1))
                    with _member(archive, package.member, packed=package.packed) as source:
                        _copy(source, target, min(most, LARGEST_COLLECTION), package.member)
            else:
                with package.path.open("rb") as source:
                    _copy(source, target, LARGEST_COLLECTION, package.path.name)
        _leave_wal(Path(name))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return name


def open_media(package: Package, media: Media) -> BinaryIO:
    """The bytes of a file of the package, unpacked into memory or, if large, into a temporary file."""
    target = tempfile.SpooledTemporaryFile(max_size=PIECE)  # noqa: SIM115  (the caller closes it)
    try:
        with (
            faults(media.member),
            _zip(package.path) as archive,
            _member(archive, media.member, packed=package.packed) as source,
        ):
            _copy(source, cast("BinaryIO", target), media.size or LARGEST_MEDIA, media.member)
    except BaseException:
        target.close()
        raise
    target.seek(0)
    return cast("BinaryIO", target)


@contextmanager
def faults(member: str) -> Iterator[None]:
    """Turns what the libraries say about broken bytes into a BrokenPackageError that names the member."""
    import sqlite3
    import struct
    import zlib
    from lzma import LZMAError

    from zstandard import ZstdError  # 13 ms, only for packages

    try:
        yield
    except (zipfile.BadZipFile, zlib.error, LZMAError, ZstdError, EOFError, struct.error) as error:
        raise BrokenPackageError(f"`{member}` is damaged: {_words(error)}") from None
    except sqlite3.Error as error:
        raise BrokenPackageError(f"`{member}` is no database of Anki's, or damaged: {_words(error)}") from None
    except NotImplementedError as error:
        raise BrokenPackageError(f"`{member}` cannot be unpacked: {_words(error)}") from None
    except RuntimeError as error:  # an encrypted member; RecursionError too
        raise BrokenPackageError(f"`{member}` cannot be read: {_words(error)}") from None
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise BrokenPackageError(f"`{member}` does not say what Anki writes there: {_words(error)}") from None


def _words(error: BaseException) -> str:
    """What a library said, on one short line."""
    return " ".join(str(error).split())[:120] or type(error).__name__


def _zip(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    except zipfile.BadZipFile:
        raise BrokenPackageError("it is no package: neither a ZIP nor a database") from None


def _check_name(name: str) -> None:
    parts = name.replace("\\", "/").split("/")
    if name.startswith(("/", "\\")) or ".." in parts or ":" in parts[0] or "\0" in name:
        raise BrokenPackageError(f"`{name[:80]}` leads out of the package", "do not trust where it came from")


def _collection_of(archive: zipfile.ZipFile, names: set[str]) -> str:
    """The member that is the collection: as `meta` says; never the dummy for older versions of Anki."""
    if "meta" in names:
        with archive.open("meta") as file:
            version = protobuf.number(protobuf.message(file.read(1000)).get(1))
        if version not in VERSIONS:
            raise BrokenPackageError(f"it has version {version}, expected 1 to 3", "upgrade cards")
        member = VERSIONS[version]
    else:
        member = next((name for name in (MODERN, OLD, OLDEST) if name in names), "")
    if member not in names:
        raise BrokenPackageError(f"it has no `{member or OLDEST}`, the collection")
    return member


@contextmanager
def _member(archive: zipfile.ZipFile, name: str, *, packed: bool) -> Iterator[BinaryIO]:
    with archive.open(name) as file:
        if not packed:
            yield cast("BinaryIO", file)
            return
        from zstandard import ZstdDecompressor

        unpacker = ZstdDecompressor(max_window_size=1 << 27)
        with unpacker.stream_reader(file, read_across_frames=True) as source:
            yield cast("BinaryIO", source)


def _copy(source: BinaryIO, target: BinaryIO, most: int, member: str) -> None:
    size = 0
    while piece := source.read(PIECE):
        size += len(piece)
        if size > most:
            raise BrokenPackageError(f"`{member}` unpacks to more than {most} bytes")
        target.write(piece)


def _media(archive: zipfile.ZipFile, *, packed: bool) -> tuple[Media, ...]:
    listed = BytesIO()
    with faults("media"):
        with _member(archive, "media", packed=packed) as source:
            _copy(source, listed, LARGEST_LIST, "media")
        found = _modern_list(listed.getvalue()) if packed else _old_list(listed.getvalue() or b"{}")
        members = set(archive.namelist())
        sizes: Mapping[str, int] = {} if packed else {info.filename: info.file_size for info in archive.infolist()}
        media = tuple(
            Media(name=name, member=member, size=size or sizes.get(member, 0))
            for member, name, size in found
            if member in members
        )
    for one in media:
        if not one.name or one.name in {".", ".."} or any(sign in one.name for sign in "/\\\0"):
            raise BrokenPackageError(f"`media` names a file `{one.name[:80]}`", "do not trust where it came from")
    if any(one.size > LARGEST_MEDIA for one in media) or sum(one.size for one in media) > LARGEST_OF_ALL_MEDIA:
        raise BrokenPackageError("its pictures and sounds are too large", "export it without media")
    return media


def _modern_list(data: bytes) -> Iterator[tuple[str, str, int]]:
    entries = (value for number, value in protobuf.fields(data) if number == 1 and isinstance(value, bytes))
    for index, entry in enumerate(entries):
        said = protobuf.message(entry)
        yield str(index), protobuf.text(said.get(1)), protobuf.number(said.get(2))


def _old_list(data: bytes) -> Iterator[tuple[str, str, int]]:
    for member, name in json.loads(data).items():
        yield str(member), name if isinstance(name, str) else "", 0


def _leave_wal(path: Path) -> None:
    """Says in the header that there is no write-ahead log: Anki's files are in that mode, and have none."""
    with path.open("r+b") as file:
        header = file.read(20)
        if header[:16] == SQLITE and header[18:20] == b"\2\2":
            file.seek(18)
            file.write(b"\1\1")


def copy_member(package: Package, target: zipfile.ZipFile) -> None:
    """Puts the collection's member, as it is, into another ZIP."""
    name = package.member or OLDEST
    info = zipfile.ZipInfo(name)
    info.compress_type = zipfile.ZIP_STORED if package.packed else zipfile.ZIP_DEFLATED
    with target.open(info, "w", force_zip64=True) as copy:
        if package.member:
            with _zip(package.path) as archive, archive.open(name) as source:
                shutil.copyfileobj(source, copy)
        else:
            with package.path.open("rb") as source:
                shutil.copyfileobj(source, copy)
