"""Pictures and sounds: names that are safe everywhere, and texts that name them so."""

import re
from collections.abc import Mapping, Sequence
from html import escape, unescape
from unicodedata import normalize
from urllib.parse import quote, unquote

from flashcards.formats.anki.package import Media

UNSAFE = re.compile(r"[^\w.-]+")
LONGEST_NAME = 100
RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$)", re.IGNORECASE)
"""Names that Windows keeps for devices."""
SOURCE = re.compile(
    r"""(<(?:img|audio|video|source)\b[^<>]*?\bsrc\s*=\s*)(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
SOUND = re.compile(r"\[sound:([^\[\]]+)\]")


def safe_names(media: Sequence[Media]) -> dict[str, str]:
    """A name for each file by the name in the package: letters, digits, `.`, `_`, `-`, no two alike in any case."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for one in media:
        if one.name in found:
            continue
        name = safe_name(one.name)
        if name.casefold() in taken:
            name = f"{_hash(one.name)}-{name}"
        taken.add(name.casefold())
        found[one.name] = name
    return found


def safe_name(name: str) -> str:
    """`name` as a file may be called anywhere."""
    safe = UNSAFE.sub("_", normalize("NFC", name)).strip("._- ")
    if len(safe.encode()) > LONGEST_NAME:
        stem, dot, suffix = safe.rpartition(".")
        stem, suffix = (stem, suffix[:10]) if dot else (safe, "")
        cut = stem.encode()[: LONGEST_NAME - 30].decode("utf-8", "ignore")
        safe = f"{cut}-{_hash(name)}" + (f".{suffix}" if suffix else "")
    if not safe or RESERVED.match(safe):
        return f"file-{_hash(name)}" + (f"-{safe}" if safe else "")
    return safe


def linked(html: str, names: Mapping[str, str], folder: str) -> str:
    """`html` with its pictures and sounds named as they will lie beside the deck."""
    if "src" in html or "SRC" in html:
        html = SOURCE.sub(
            lambda found: f'{found[1]}"{_link(found[2] or found[3] or found[4] or "", names, folder)}"', html
        )
    if "[sound:" in html:
        html = SOUND.sub(lambda found: _sound(found[1], names, folder), html)
    return html


def with_media(html: str, names: Mapping[str, str]) -> str:
    """`html` with files of a package under other names."""
    if "src" in html or "SRC" in html:
        html = SOURCE.sub(lambda found: f'{found[1]}"{_other(found[2] or found[3] or found[4] or "", names)}"', html)
    return SOUND.sub(lambda found: f"[sound:{_other(found[1], names)}]", html) if "[sound:" in html else html


def _other(written: str, names: Mapping[str, str]) -> str:
    name = unescape(written)
    for one in (name, normalize("NFC", name), normalize("NFC", unquote(name))):
        if one in names:
            return escape(names[one])
    return written.replace('"', "%22")


def _sound(name: str, names: Mapping[str, str], folder: str) -> str:
    return f'<a href="{_link(name, names, folder)}">{escape(unescape(name))}</a>'


def _link(written: str, names: Mapping[str, str], folder: str) -> str:
    name = unescape(written)
    for one in (name, normalize("NFC", name), normalize("NFC", unquote(name))):
        if one in names:
            return quote(f"{folder}/{names[one]}" if folder else names[one], safe="/")
    return written.replace('"', "%22")


def _hash(name: str) -> str:
    from hashlib import blake2b

    return blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()
