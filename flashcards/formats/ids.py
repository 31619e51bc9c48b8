"""Ids for cards that have none: the text as a slug, and a short hash where slugs agree."""

import re
from collections import Counter
from collections.abc import Sequence
from unicodedata import normalize

SLUG_CHARACTERS = 40
HASH_DIGITS = 6
"""24 bits: among a thousand equal slugs two hashes agree once in thirty decks; that is reported, never guessed."""
NOT_SLUG = re.compile(r"[^a-z0-9]+")


def slug(text: str) -> str:
    """`text` in lower-case ASCII with dashes, at most 40 characters, cut at a word; may be empty."""
    folded = normalize("NFKD", text[: 40 * SLUG_CHARACTERS]).encode("ascii", "ignore").decode().lower()
    whole = NOT_SLUG.sub("-", folded).strip("-")
    if len(whole) <= SLUG_CHARACTERS:
        return whole
    cut = whole[: SLUG_CHARACTERS + 1]
    return (cut[: cut.rfind("-")] if "-" in cut else cut[:SLUG_CHARACTERS]).strip("-")


def from_texts(texts: Sequence[str], taken: frozenset[str] = frozenset()) -> list[str]:
    """An id for each text: its slug; with a hash where two agree, where it is taken, or where it is empty."""
    slugs = [slug(text) for text in texts]
    count = Counter(slugs)
    return [
        base if base and count[base] == 1 and base not in taken else "-".join(filter(None, (base, short_hash(text))))
        for base, text in zip(slugs, texts, strict=True)
    ]


def short_hash(text: str) -> str:
    """The first 6 hex digits of the text's SHA-256."""
    from hashlib import sha256  # 3 ms of OpenSSL, and most cards have an id

    return sha256(text.encode()).hexdigest()[:HASH_DIGITS]
