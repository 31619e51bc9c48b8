"""Decks taken into a store: for the first time, and again as they were."""

from collections.abc import Callable, Iterator
from gc import disable, enable
from itertools import count
from pathlib import Path

import yaml

from bench.homes import deck_text
from bench.measure import Measured, Timer, compare_work, worked
from flashcards.app import library
from flashcards.store import Store


def imports(folder: Path, cards: int, repeats: int) -> Iterator[Measured]:
    """A first import, and one of a file that did not change, against the bare loading of its YAML."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "house.yaml"
    path.write_text(deck_text("house-0", cards), encoding="utf-8")
    data = path.read_bytes()
    loaded = worked(without_gc(lambda: yaml.load(data, Loader=yaml.CSafeLoader)))
    yield compare_work(f"first import, {cards:,} cards / yaml.load (C)", 1.2, first(folder, path), loaded, repeats)
    yield compare_work(f"unchanged import, {cards:,} cards / yaml.load (C)", 0.2, again(folder, path), loaded, repeats)


def first(folder: Path, path: Path) -> Timer:
    """Into a store that does not know the deck; making the empty store is no part of it."""
    numbers = count()

    def timer() -> float:
        store = Store(folder / f"{next(numbers)}.db")
        try:
            return worked(lambda: take_in(store, path))()
        finally:
            store.close()

    return timer


def again(folder: Path, path: Path) -> Timer:
    """Into a store that has the deck as it is."""
    store = Store(folder / "again.db")
    take_in(store, path)
    return worked(lambda: take_in(store, path))


def take_in(store: Store, path: Path) -> None:
    """What `cards import` does."""
    readings = library.read_all(store, [path])
    library.take(store, [reading.change for reading in readings if reading.change])


def without_gc(work: Callable[[], object]) -> Callable[[], object]:
    """The work without pauses of the garbage collector."""

    def quiet() -> object:
        disable()
        try:
            return work()
        finally:
            enable()

    return quiet
