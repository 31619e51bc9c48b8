"""Checks decks: their files for faults, and with consent their own answers by running them."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, NamedTuple

from flashcards.app.finding import find_files
from flashcards.app.ordinary import bytes_of
from flashcards.app.running import Policy, Runner
from flashcards.model import Card, CardId, Deck, Problem
from flashcards.pauses import without_pauses
from flashcards.places import bundled_names, real_path
from flashcards.platforms import here
from flashcards.verify import selftest

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.formats.lints import Lint


class Checked(NamedTuple):
    """One deck file: the deck, or what is wrong with it; and what is probably not meant."""

    path: str
    deck: Deck | None
    problems: tuple[Problem, ...] = ()
    lints: "tuple[Lint, ...]" = ()


def files(app: "App", names: Sequence[str]) -> list[Path]:
    """The deck files that names stand for: decks that were taken in, files, folders, patterns."""
    if not names:
        return [Path(real_path(source.path)) for source in app.store.decks()] if app.has_store else []
    found: list[Path] = []
    known = {source.deck: real_path(source.path) for source in app.store.decks()} if app.has_store else {}
    for name in names:
        if name in known and not os.path.exists(name):  # noqa: PTH110  (the text is a name or a path)
            found.append(Path(known[name]))
        else:
            found += _named(app, name)
    return list(dict.fromkeys(found))


def _named(app: "App", name: str) -> list[Path]:
    """The files of a path or a pattern; a bare word that is neither was meant as a deck. Raises CardsError."""
    if re.fullmatch(r"[a-z0-9-]+", name) and not os.path.exists(name) and name not in bundled_names():  # noqa: PTH110
        app.decks([name])
    return find_files([name])[0]


def check(paths: Iterable[Path], *, lints: bool = False) -> list[Checked]:
    """Reads deck files and says what is wrong; starts no process, changes nothing."""
    checked = []
    for path in paths:
        data = bytes_of(path)
        with without_pauses():
            checked.append(_checked(data, path) if lints else _read(data, path))
    return checked


def _read(data: bytes, path: Path) -> Checked:
    """A deck, or what is wrong with it."""
    from flashcards.formats.yaml import parse

    deck, problems = parse(data, str(path))
    return Checked(str(path), _placed(deck, path), tuple(problems))


def _checked(data: bytes, path: Path) -> Checked:
    """The same, and what is odd in it."""
    from flashcards.formats.lints import lint
    from flashcards.formats.yaml import parse_notes

    found = parse_notes(data, str(path))
    deck = _placed(found.deck, path)
    odd = lint(found.notes, found.source, deck) if found.source else []
    told = {problem.line for problem in found.problems}  # what is odd there comes of the same slip
    lints = tuple(one for one in odd if one.problem.line not in told)
    return Checked(str(path), deck, tuple(found.problems), lints)


def _placed(deck: Deck | None, path: Path) -> Deck | None:
    return deck._replace(path=str(path.resolve())) if deck else None


def runnable(checked: Iterable[Checked]) -> list[tuple[Card, str]]:
    """The cards that have something to run here, each with the folder of its deck."""
    return [
        (card, os.path.dirname(one.deck.path))  # noqa: PTH120  (text, as the runner has it)
        for one in checked
        if one.deck
        for card in one.deck.cards
        if selftest.can_run(card, here())
    ]


def untrusted(app: "App", cards: Sequence[tuple[Card, str]]) -> list[CardId]:
    """Those whose answers and checks nobody has allowed to run."""
    from flashcards.app import trusting

    folders = {card.id: folder for card, folder in cards}
    return trusting.untrusted(app, [card for card, _ in cards], lambda card: trusting.beside(folders[card.id], card))


def prove(
    app: "App",
    cards: Sequence[tuple[Card, str]],
    shells: Sequence[str],
    *,
    real: bool = False,
    jobs: int = 0,
    each: Callable[[selftest.Result, int, int], object] = lambda *_: None,
) -> list[selftest.Result]:
    """Runs every answer of the cards, in parallel; `each` hears of every result, how many are done, and of how many.

    The caller has the person's consent. Results come in the order of the deck.
    """
    folders = {card.id: folder for card, folder in cards}
    runner = Runner(app, Policy(consented=True, real=real, trusted=True))
    runner.level  # noqa: B018  (found out once, before the threads)
    planned = list(selftest.trials([card for card, _ in cards], here(), shells))

    stopped = Event()

    def tick(_seconds: float) -> None:
        if stopped.is_set():  # workers hear no ctrl-c
            raise KeyboardInterrupt

    def one(trial: selftest.Trial) -> selftest.Result:
        return selftest.tried(trial, lambda card, shell, text: runner.judge(card, shell, text, folders[card.id], tick))

    results: list[selftest.Result] = []
    with runner.many(card for card, _ in cards), ThreadPoolExecutor(jobs or os.cpu_count() or 2) as pool:
        try:
            for result in pool.map(one, planned):
                results.append(result)
                each(result, len(results), len(planned))
        except BaseException:
            stopped.set()
            pool.shutdown(cancel_futures=True)
            raise
    return results


def misses(results: Iterable[selftest.Result]) -> Iterator[selftest.Result]:
    """What did not come out as the deck says."""
    return (result for result in results if result.outcome == "miss")
