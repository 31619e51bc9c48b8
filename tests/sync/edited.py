"""Devices with a deck that people edit, for the tests by real carriers."""

from collections.abc import Sequence
from pathlib import Path

from sync.devices import Device

from flashcards import clock
from flashcards.app import writing
from flashcards.app.synced import Done
from flashcards.app.travelling import Wanted
from flashcards.model import CardId, Grade, Review

FRENCH = """\
deck: french
cards:
  - id: chat
    front: le chat
    back: the cat

  - id: chien
    front: le chien
    back: the dog

  - id: cheval
    front: le cheval
    back: the horse
"""


class Home(Device):
    """A device, and its own copy of the sync folder, which a carrier keeps in step with the others."""

    @property
    def deck(self) -> Path:
        return self.home / "decks" / "french.yaml"

    def sync(self, **wanted: Sequence[str]) -> Done:
        return super().sync(decks=Wanted(**wanted))

    def answer(self, card: str, grade: int = 4) -> None:
        with self.open() as app:
            at = clock.now()
            who = {"id": app.new_id(at), "card": CardId(card), "device": app.device}
            app.store.append([Review(grade=Grade(grade), at=at, offset_minutes=0, day=app.day(at), **who)])

    def import_deck(self) -> None:
        self.deck.parent.mkdir(parents=True)
        self.deck.write_text(FRENCH, encoding="utf-8")
        with self.open() as app:
            writing.take_in(app, [self.deck])

    def edit(self, old: str, new: str) -> None:
        text = self.deck.read_text("utf-8")
        assert old in text
        self.deck.write_text(text.replace(old, new), encoding="utf-8")

    def known(self) -> dict[str, object]:
        with self.open() as app:
            return {row.memory.card: (row.card and row.card.back, row.memory) for row in app.store.all_rows()}


def same(homes: Sequence[Home]) -> bool:
    """Whether all of them know the same, word for word."""
    return all(home.lines() == homes[0].lines() and home.known() == homes[0].known() for home in homes)
