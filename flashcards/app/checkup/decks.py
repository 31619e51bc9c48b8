"""Checks of decks and of what may run: files that are gone or have faults, texts that were spoilt, entries of trust."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from flashcards.app.checkup import FIX, Finding, count, guarded
from flashcards.app.checkup.files import is_settled
from flashcards.app.finding import is_deck
from flashcards.app.ordinary import contents
from flashcards.errors import CardsError
from flashcards.places import BUNDLED, real_path
from flashcards.store import DeckSource
from flashcards.store.mirror import Reader
from flashcards.store.salvage import is_whole

if TYPE_CHECKING:
    from flashcards.app import App

TEMPLATE = ("The question?", "What is shown with the answer")
"""What the editor of a new card begins with."""
MOST_NAMED = 3


def all_of(app: "App") -> Iterator[Finding]:
    """The store is put in place of the app's own, since opening that one may write."""
    if not app.is_open:
        app.__dict__["store"] = Reader(app.places.database)
    yield from guarded("decks", lambda: _decks(app))
    yield from guarded("trust", lambda: _trust(app))


def _decks(app: "App") -> Finding:
    from flashcards.app import watching
    from flashcards.app.library import digest

    sources = app.store.decks(sources=True)
    spoilt = [source.deck for source in sources if not is_whole(source, digest)]
    if spoilt:
        says = f"the text of {', '.join(spoilt)} is damaged"
        return Finding("decks", "damage", says, FIX, mend="save", targets=tuple(spoilt))
    gone = [source for source in sources if not Path(real_path(source.path)).exists()]
    suspects = [source for source in watching.suspects(app.store) if source not in gone]
    faulty = {source.deck: said for source in suspects if (said := _faults(source))}
    left = [source.deck for source in sources if source not in gone and _has_template(source)]
    facts = {"decks": len(sources), "gone": [one.deck for one in gone], "faulty": len(faulty), "templates": left}
    details = tuple(f"{one.deck}: `{one.path}` is gone" for one in gone) + tuple(faulty.values())
    if left and not details:
        says = f"{count(len(sources), 'deck')}; an unwritten card is in {', '.join(left)}, left by a killed editor"
        return Finding("decks", "note", says, f"cards edit {left[0]}", details, facts=facts)
    if not details:
        return Finding("decks", "ok", count(len(sources), "deck"), facts=facts)
    parts = [f"{count(len(gone), 'file')} gone ({_few(one.deck for one in gone)})"] if gone else []
    parts += [f"{count(len(faulty), 'file')} with faults ({_few(faulty)})"] if faulty else []
    cure = "cards import FILE, wherever it is now" if gone else f"cards check {next(iter(faulty))}"
    says = f"{count(len(sources), 'deck')}; {', '.join(parts)}: what was last read goes on"
    return Finding("decks", "note", says, cure, details, facts=facts)


def _has_template(source: DeckSource) -> bool:
    """Whether `cards new --edit` was killed before anything was written; while an editor is open it is in its place."""
    path = Path(real_path(source.path))
    if not is_deck(path) or source.path.startswith(BUNDLED) or not is_settled(path):
        return False
    try:
        data = contents(path)[0]
    except OSError:
        return False
    return all(text.encode() in data for text in TEMPLATE)


def _few(decks: Iterable[str]) -> str:
    """The first names of many."""
    names = [*decks]
    return ", ".join(names[:MOST_NAMED]) + (", …" if names[MOST_NAMED:] else "")


def _faults(source: DeckSource) -> str:
    """What is wrong with a file that looks different; "" if it can be read."""
    from flashcards.formats import for_path

    path = Path(real_path(source.path))
    try:
        deck, problems = for_path(path).parse(contents(path)[0], str(path))
    except CardsError as error:
        return f"{source.deck}: {error.message}"
    except OSError as error:
        return f"{source.deck}: cannot read `{path}`: {error.strerror}"
    if problems:
        return f"{source.deck}: `{path}` has {count(len(problems), 'fault')}"
    if deck is not None and source.deck not in (deck.id, *deck.was):
        return f"{source.deck}: `{path}` is the deck `{deck.id}` now"
    return ""


def _trust(app: "App") -> Finding | None:
    from flashcards.app import trusting

    allowed = trusting.load(app)
    if not allowed:
        return None
    decks = sorted({card.partition("/")[0] for card in allowed})
    known = {source.deck for source in app.store.decks()}
    gone = [deck for deck in decks if deck not in known]
    open_ones = {deck: trusting.differences(app, deck) for deck in decks if deck in known}
    changed = [deck for deck, found in open_ones.items() if any(one.state == "changed" for one in found)]
    facts = {"decks": decks, "gone": gone, "changed": changed}
    details = tuple(f"{deck}: no such deck any more" for deck in gone)
    details += tuple(f"{deck}: changed since you allowed it, so it does not run" for deck in changed)
    if gone:
        says = f"allowed once, but no deck any more: {', '.join(gone)}"
        return Finding("trust", "note", says, FIX, details, "trust", tuple(gone), facts)
    if changed:
        says = f"changed since you allowed it: {', '.join(changed)}"
        return Finding("trust", "note", says, f"cards trust {changed[0]}", details, facts=facts)
    return Finding("trust", "ok", f"{count(len(decks), 'deck')} may run commands", details=tuple(decks), facts=facts)
