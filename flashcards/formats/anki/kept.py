"""What is kept beside decks that came from Anki, so that a way back loses nothing.

One ZIP called `<stem>.anki`, where `<stem>` is that of the package:

- the collection's member as it was, under its own name (`collection.anki21b`, `collection.anki21`, `collection.anki2`);
- `cards.json`, UTF-8: `{"format": 1, "member": …, "notes": {…}, "media": {…}}`.

`notes` maps a note's guid to `[deck, id, hash, ordinals]`: the id of the deck that holds it, the id of its
first card there, `text_hash` of what the deck said at the import, and the ids of all cards by Anki's ordinal
(`{"0": "spanish/a-abc", "1": "spanish/a-abc~reverse"}`). A note whose hash is the same still is
exported as the original row; any other is made anew from the deck's text.
`media` maps the name in the package to the name that the deck's texts use (without folder).
"""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple

FORMAT = 1
CARDS = "cards.json"
SUFFIX = ".anki"


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=list)


class KeptNote(NamedTuple):
    """What is kept of one note."""

    deck: str
    id: str
    hash: str
    """`text_hash` of its plain cards at the import."""
    cards: Mapping[int, str]
    """Our whole card ids (`deck/id~suffix`) by Anki's `ord`."""


class Kept(NamedTuple):
    """What `cards.json` says."""

    member: str
    notes: Mapping[str, KeptNote]
    """By guid."""
    media: Mapping[str, str]


def text_hash(*cards: Mapping[str, Any]) -> str:
    """A hash of what a deck says in the plain cards of a note, in order; not of their ids and old names."""
    from hashlib import blake2b  # 3 ms of OpenSSL, and only packages need it

    texts = [{key: card[key] for key in sorted(card) if key not in {"id", "was"}} for card in cards]
    written = _ENCODER.encode(texts)
    return blake2b(written.encode("utf-8", "replace"), digest_size=8).hexdigest()


def to_json(kept: Kept) -> bytes:
    """The bytes of `cards.json`."""
    notes = {guid: [note.deck, note.id, note.hash, note.cards] for guid, note in kept.notes.items()}
    whole = {"format": FORMAT, "member": kept.member, "notes": notes, "media": kept.media}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()


def from_json(data: bytes) -> Kept:
    """What the bytes of `cards.json` say; raises ValueError where they are not ours."""
    try:
        whole = json.loads(data)
        if whole["format"] != FORMAT:
            raise ValueError(whole["format"])
        notes = {
            str(guid): KeptNote(str(deck), str(name), str(digest), {int(n): str(card) for n, card in cards.items()})
            for guid, (deck, name, digest, cards) in whole["notes"].items()
        }
        media = {str(theirs): str(ours) for theirs, ours in whole["media"].items()}
        return Kept(member=str(whole["member"]), notes=notes, media=media)
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"not what is kept of a package: {error}") from None
