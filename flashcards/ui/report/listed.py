"""The tables that are no charts: decks, tags, the hardest cards, commands and what was typed instead of them. Pure."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from flashcards.stats import DayCount, retained
from flashcards.ui.report import titles
from flashcards.ui.report.titles import Tile, many, number
from flashcards.ui.words import line, percent

if TYPE_CHECKING:
    from flashcards.app.statistics import DeckNumbers, Hard, Statistics

LONGEST = 240
"""Characters of a text from a deck or an answer."""
LONGEST_NAME = 40
"""Characters of a tag in a title."""
MOST_DECKS, MOST_TAGS = 100, 15


class Measure(NamedTuple):
    """A share with a bar; `share` is None where there is nothing to measure."""

    share: float | None
    text: str
    low: bool = False


class DeckRow(NamedTuple):
    """A deck or a tag."""

    name: str
    id: str
    cards: str
    due: str
    reviews: str
    mature: Measure
    retention: Measure


class HardRow(NamedTuple):
    """A card that is hard to keep."""

    front: Sequence[tuple[bool, str]]
    """In pieces: whether it is code, and its text."""
    deck: str
    typed: str
    lapses: str
    again: str
    leech: bool


class Mistaken(NamedTuple):
    """A wrong command, and how often it was typed."""

    typed: str
    card: str
    times: str
    share: float


def deck_rows(numbers: "Statistics") -> list[DeckRow]:
    """Decks in their order."""
    return [_deck_row(deck, numbers.target) for deck in numbers.decks[:MOST_DECKS]]


def _deck_row(deck: "DeckNumbers", target: float) -> DeckRow:
    name, identity = text(deck.title), text(deck.deck)
    return DeckRow(
        name=name or identity,
        id="" if name in {"", identity} else identity,
        cards=number(deck.stages.cards),
        due=number(deck.due),
        reviews=number(deck.done.reviews),
        mature=_part(deck.stages.mature, deck.stages.cards),
        retention=_retained(deck.done, target),
    )


def tag_rows(numbers: "Statistics") -> list[DeckRow]:
    """The most frequent tags."""
    return [
        DeckRow(
            name=text(tag.tag),
            id="",
            cards=number(tag.stages.cards),
            due="",
            reviews=number(tag.done.reviews),
            mature=_part(tag.stages.mature, tag.stages.cards),
            retention=_retained(tag.done, numbers.target),
        )
        for tag in numbers.tags[:MOST_TAGS]
    ]


def _part(part: int, whole: int) -> Measure:
    return Measure(part / whole, percent(part / whole)) if whole else Measure(None, "–")


def _retained(done: DayCount, target: float) -> Measure:
    share = retained(done).all
    if share.value is None:
        return Measure(None, "–")
    return Measure(share.value, percent(share.value), round(share.value * 100) < round(target * 100))


def hard_rows(numbers: "Statistics") -> list[HardRow]:
    """The cards that are forgotten most, with what was typed instead."""
    return [_hard_row(hard) for hard in numbers.hardest]


def _hard_row(hard: "Hard") -> HardRow:
    deck, _, card = hard.card.partition("/")
    return HardRow(
        front=pieces(text(hard.front) or text(card)),
        deck=text(deck),
        typed=text(hard.typed or ""),
        lapses=number(hard.lapses),
        again=f"{number(hard.done.again)} of {number(hard.done.reviews)}",
        leech=hard.leech,
    )


def pieces(front: str) -> list[tuple[bool, str]]:
    """What stands between backticks is code, if each has its partner."""
    parts = front.split("`")
    if len(parts) % 2 == 0:
        return [(False, front)]
    return [(place % 2 == 1, part) for place, part in enumerate(parts) if part]


def text(foreign: str) -> str:
    """A text from a deck or a person: one line, nothing invisible in it, not endless. The template escapes it."""
    short = line(foreign[: LONGEST * 2])
    return short if len(short) <= LONGEST else f"{short[:LONGEST]}…"


def commands(numbers: "Statistics") -> tuple[Tile, ...]:
    """Figures of the commands that were run; none where none were."""
    done = numbers.commands
    if not done.judged:
        return ()
    return (
        Tile("Right at the first try", percent(done.first_try / done.judged), f"of {many(done.judged, 'command')}"),
        Tile("Right in the end", percent(done.passed / done.judged), f"{number(done.passed)} passed"),
        Tile("Tries", f"{done.tries / done.judged:.2f}", "for each command"),
        Tile("Hints", f"{done.hints / done.judged:.2f}", "for each command"),
        Tile("Not verifiable", number(done.cannot), "on the machine where asked"),
    )


def mistake_rows(numbers: "Statistics") -> list[Mistaken]:
    """The wrong commands that were typed most."""
    most = max((mistake.times for mistake in numbers.mistakes), default=1)
    return [
        Mistaken(text(mistake.typed), text(mistake.card), number(mistake.times), mistake.times / most)
        for mistake in numbers.mistakes
    ]


def other_titles(numbers: "Statistics") -> dict[str, str]:
    """Of the parts without a chart."""
    done = numbers.commands
    return {
        "decks": titles.of_decks([retained(deck.done).all for deck in numbers.decks], numbers.target),
        "tags": titles.of_tags(
            [(text(tag.tag)[:LONGEST_NAME], retained(tag.done).all) for tag in numbers.tags],
            retained(numbers.total).all,
        ),
        "hardest": titles.of_hardest([hard.lapses for hard in numbers.hardest], numbers.leeches),
        "commands": titles.of_commands(done.judged, done.first_try, done.cannot),
    }
