"""Write the hashes of what the bundled decks run: `python tests/make_shipped.py` makes `flashcards/verify/shipped.py` anew.

Do it after every change of a deck in `decks/`, when you have read what it runs.
"""

from pathlib import Path

from flashcards.app.trusting import beside
from flashcards.formats import yaml
from flashcards.verify.trust import digest, executable

ROOT = Path(__file__).parents[1]
PATH = ROOT / "flashcards" / "verify" / "shipped.py"
HEAD = '''"""Hashes of what runs in the decks that come with the program; `python tests/make_shipped.py` writes them anew."""

from collections.abc import Mapping

SHIPPED: Mapping[str, str] = {
'''


def hashes(folder: Path) -> dict[str, str]:
    """The hash of every card of the decks in a folder that has something to run."""
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        deck, problems = yaml.parse(path.read_bytes(), str(path))
        if deck is None or problems:
            raise SystemExit(f"{path}: {len(problems)} problems; `cards check {path}` shows them")
        found |= {card.id: digest(executable(card, beside(str(folder), card))) for card in deck.cards if card.run}
    return found


def text(folder: Path) -> str:
    """The module, as it should be."""
    return HEAD + "".join(f'    "{card}": "{now}",\n' for card, now in hashes(folder).items()) + "}\n"


if __name__ == "__main__":
    PATH.write_text(text(ROOT / "decks"), encoding="utf-8")
