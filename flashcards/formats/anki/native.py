"""Our own cards as notes of Anki, and back: what a person sees in fields, the whole card as JSON in a last one."""

import json
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from html import escape, unescape
from typing import Any, NamedTuple
from unicodedata import normalize

from flashcards.formats.anki.collection import NoteType, Template
from flashcards.formats.anki.media import linked
from flashcards.formats.html import to_markdown
from flashcards.formats.html_out import relinked, to_html, to_text
from flashcards.formats.made import cloze

KEPT = "Cards"
"""The field that no template shows."""
FORMAT = 1
CSS = """
.card { font-family: system-ui, sans-serif; font-size: 20px; line-height: 1.5; max-width: 40em; margin: 0 auto;
  padding: 1em; color: #1a1a1a; background-color: #fcfcfa; }
.card p { margin: 0.6em 0; }
code, pre { font-family: ui-monospace, monospace; font-size: 0.92em; background: #efefec; border-radius: 4px; }
code { padding: 0.1em 0.3em; }
pre { padding: 0.6em 0.8em; overflow-x: auto; text-align: left; }
pre code { padding: 0; background: none; }
img { max-width: 100%; }
table { border-collapse: collapse; } td, th { border: 1px solid #bbb; padding: 0.2em 0.6em; }
.explain { color: #666; font-size: 0.85em; text-align: left; }
.explain dt { float: left; clear: left; margin-right: 0.8em; } .explain dd { margin: 0; overflow: hidden; }
.cloze { font-weight: bold; color: #1d5fa8; }
hr#answer { border: 0; border-top: 1px solid #ccc; margin: 1em 0; }
.nightMode.card, .nightMode .card { color: #e6e6e3; background-color: #222; }
.nightMode code, .nightMode pre { background: #333; } .nightMode pre code { background: none; }
.nightMode .explain { color: #aaa; } .nightMode .cloze { color: #8ab8f0; }
.nightMode td, .nightMode th { border-color: #555; } .nightMode hr#answer { border-top-color: #444; }
""".strip()
AFTER = "{{#Back}}<div>{{Back}}</div>{{/Back}}{{#Explain}}<div class=explain>{{Explain}}</div>{{/Explain}}"
REVERSE = Template(
    name="Reverse",
    question="{{#Reverse}}{{Reverse}}{{/Reverse}}",
    answer="{{FrontSide}}<hr id=answer>{{Front}}",
)
BASIC = NoteType(
    id=1_600_000_000_101,
    name="Cards (basic)",
    fields=("Front", "Back", "Explain", "Reverse", KEPT),
    templates=(
        Template(name="Card", question="{{Front}}", answer="{{FrontSide}}<hr id=answer>" + AFTER),
        REVERSE,
    ),
    css=CSS,
)
TYPED = NoteType(
    id=1_600_000_000_102,
    name="Cards (typed)",
    fields=("Front", "Answer", "Back", "Explain", "Reverse", KEPT),
    templates=(
        Template(
            name="Card",
            question="{{Front}}<br>{{type:Answer}}",
            answer="{{Front}}<hr id=answer>{{type:Answer}}" + AFTER,
        ),
        REVERSE._replace(answer=REVERSE.answer + "{{#Back}}<div>{{Back}}</div>{{/Back}}"),
    ),
    css=CSS,
)
CLOZE = NoteType(
    id=1_600_000_000_103,
    name="Cards (cloze)",
    kind="cloze",
    fields=("Text", "Back", "Explain", KEPT),
    templates=(Template(name="Gap", question="{{cloze:Text}}", answer="{{cloze:Text}}<hr id=answer>" + AFTER),),
    css=CSS,
)
NOTE_TYPES = {kind.id: kind for kind in (BASIC, TYPED, CLOZE)}
KEYS = {"Front": "front", "Answer": "answer", "Back": "back", "Reverse": "reverse", "Text": "cloze"}
"""The key of a card that a field shows."""


class Header(NamedTuple):
    """What a deck says of itself; every note carries it, since Anki moves and deletes notes one by one."""

    id: str
    title: str = ""
    tags: tuple[str, ...] = ()
    was: tuple[str, ...] = ()


class Note(NamedTuple):
    """A card as a note: its kind, its fields, and the suffixes of its cards by Anki's `ord`."""

    kind: NoteType
    fields: tuple[str, ...]
    ordinals: Mapping[int, str]


# ---------------------------------------------------------------- out


def encode(header: Header, card: Mapping[str, Any], names: Mapping[str, str]) -> Note:
    """A plain card as a note; `names` are those that its files have in the package, by the deck's."""
    card = renamed(card, names)
    kind = kind_of(card)
    shown = [_shown(name, card) for name in kind.fields[:-1]]
    said = {name: value for name, value in header._asdict().items() if value}
    whole = json.dumps({"format": FORMAT, "deck": said, "card": card}, separators=(",", ":"), default=list)
    return Note(kind=kind, fields=(*shown, escape(whole)), ordinals=suffixes(card))


def suffixes(card: Mapping[str, Any]) -> dict[int, str]:
    """The suffixes of the cards that are made of a plain one, by Anki's `ord`."""
    if card.get("cloze"):
        return {number - 1: f"~c{number}" for number in cloze(str(card["cloze"])).numbers()}
    return {0: "", 1: "~reverse"} if card.get("reverse") else {0: ""}


def kind_of(card: Mapping[str, Any]) -> NoteType:
    """The note type that shows a plain card."""
    if card.get("cloze"):
        return CLOZE
    return TYPED if card.get("answer") else BASIC


def _shown(name: str, card: Mapping[str, Any]) -> str:
    """The HTML of one field."""
    if name == "Explain":
        pairs = [f"<dt><code>{to_text(word)}</code></dt><dd>{to_html(says)}</dd>" for word, says in _pairs(card)]
        return f"<dl>{''.join(pairs)}</dl>" if pairs else ""
    value = card.get(KEYS[name], "")
    return to_text(_one(value)) if name == "Answer" else to_html(str(value))


def _pairs(card: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The answer word by word: a mapping, or a list of them where a word comes twice."""
    explain = card.get("explain") or {}
    parts = [explain] if isinstance(explain, Mapping) else explain
    return [(str(word), str(says)) for part in parts for word, says in part.items()]


def _one(answer: Any) -> str:  # noqa: ANN401  (text, or texts by shell or platform)
    """The answer for everywhere, else the first of its variants."""
    if isinstance(answer, Mapping):
        return str(answer.get("posix") or next(iter(answer.values()), ""))
    return str(answer)


def renamed(card: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """The card, its links to files renamed in every text that is shown."""
    shown = ("front", "back", "cloze", "reverse")
    return {key: relinked(value, names) if key in shown else value for key, value in card.items()}


def guid(deck: str, card: str) -> str:
    """What Anki knows the note by, here and at every later export."""
    return blake2b(f"{deck}/{card}".encode(), digest_size=10).hexdigest()


# ---------------------------------------------------------------- back


def is_native(kind: NoteType) -> bool:
    """Whether we made this note type; Anki puts a sign behind a name that it has already."""
    return kind.fields[-1:] == (KEPT,) and any(
        kind.name.startswith(ours.name) and kind.fields == ours.fields for ours in NOTE_TYPES.values()
    )


def decode(fields: Sequence[str], names: Mapping[str, str]) -> tuple[Header, dict[str, Any]] | None:
    """The deck and the plain card of a note of ours; None where its last field does not say them.

    What was edited in Anki wins over what was kept. `names` are those that files have in the deck, by the package's.
    """
    try:
        whole = json.loads(unescape(fields[-1]))
        header, card = _header(whole["deck"]), dict(whole["card"])
        before = encode(header, card, {})
        if whole["format"] != FORMAT or len(before.fields) != len(fields):
            return None
        for name, old, new in zip(before.kind.fields[:-1], before.fields, fields, strict=False):
            if name in KEYS and normalize("NFC", old) != normalize("NFC", new):
                _edited(card, KEYS[name], to_markdown(linked(new, names, "")))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return header, renamed(card, names)


def said_by(flds: str) -> tuple[Header, str] | None:
    """The deck and the id of the card that a note of ours says it is; None where it says none."""
    try:
        whole = json.loads(unescape(flds.rpartition("\x1f")[2]))
        return _header(whole["deck"]), str(whole["card"]["id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _header(said: Mapping[str, Any]) -> Header:
    return Header(
        id=str(said["id"]),
        title=str(said.get("title", "")),
        tags=tuple(map(str, said.get("tags", ()))),
        was=tuple(map(str, said.get("was", ()))),
    )


def _edited(card: dict[str, Any], key: str, text: str) -> None:
    """Of an answer with variants, the one that was shown is another."""
    before = card.get(key)
    if text and isinstance(before, Mapping):
        card[key] = {**before, "posix" if before.get("posix") else next(iter(before)): text}
    elif text:
        card[key] = text
    elif key in {"back", "reverse"}:
        card.pop(key, None)
