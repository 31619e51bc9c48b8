"""Rows of the exports, drawn one by one: cards, study days, reviews; values as JSON knows them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from flashcards import clock
from flashcards.app import App
from flashcards.app.exports.columns import DATABASE, DECKS, PROGRESS, REVIEWS, STATS, Export
from flashcards.app.progress import record
from flashcards.app.statistics_out import counted
from flashcards.log import stamp
from flashcards.model import GRADE_NAMES
from flashcards.stats import Course, Kind
from flashcards.store import Row
from flashcards.store.answers import ALL, Within
from flashcards.store.database_out import Table
from flashcards.store.exported import Exported, Told

Values: TypeAlias = tuple[Any, ...]
"""One row, in the order of the columns."""
KINDS = tuple(kind.name.lower() for kind in Kind)


class Sheet(NamedTuple):
    """An export as it was asked for."""

    export: Export
    rows: Iterator[Values]
    total: int
    """About how many rows there are to walk through."""


class Source:
    """Where the rows come from: a connection of its own, closed at the end."""

    def __init__(self, app: App, within: Within = ALL) -> None:
        self.app = app
        self.within = within
        self.store = Exported(app.store.path)

    def progress(self) -> Sheet:
        """The cards."""
        return Sheet(PROGRESS, map(self._card, self._cards()), self.store.count_cards())

    def stats(self) -> Sheet:
        """The study days, by deck."""
        self.store.count_answers()
        return Sheet(STATS, self._days(), 0)

    def reviews(self, *, typed: bool = False) -> Sheet:
        """The standing reviews; what was typed only if that is asked for."""
        export = REVIEWS if typed else REVIEWS.without("typed")
        return Sheet(export, self._reviews(len(export.columns)), self.store.count_reviews())

    def _cards(self) -> Iterator[Row]:
        since = self.within.since
        return self.store.cards(self.within, _begin(since, self.app) if since else None)

    def _card(self, row: Row) -> Values:
        return tuple(record(self.app, row).values())

    def _days(self) -> Iterator[Values]:
        names = STATS.names[2:]
        for day, deck, count in self.store.day_decks(self.within):
            numbers = counted(count)
            yield (_iso(day), deck, *(numbers[name] for name in names))

    def _reviews(self, columns: int) -> Iterator[Values]:
        import json

        read, courses = json.JSONDecoder().decode, dict[str, Course]()
        since = self.within.since.isoformat() if self.within.since else ""
        until = (self.within.until or date.max).isoformat()
        for told in self.store.told(self.within):
            course = courses.get(told.card) or courses.setdefault(told.card, Course())
            fields = read(told.line)
            if told.kind == "review":
                day = told.day or ""
                kind, relearned = course.review(_ordinal(day), fields["grade"], fields["mode"])
                if since <= day <= until:
                    yield _review(told, fields, KINDS[kind], relearned=relearned)[:columns]
            elif told.kind == "baseline":
                course.baseline(fields["state"].get("interval_days"))
            elif fields["mark"] == "reset":
                course.reset(fields.get("value"))

    def tables(self, *, typed: bool, watched: Callable[[Sheet], Iterator[Values]]) -> Iterator[Table]:
        """All of it as tables that refer to each other; the reviews are `watched` as they pass."""
        decks = ((deck, *rest) for deck, rest in self.store.deck_titles().items())
        yield Table("decks", DECKS.means, DECKS.columns, decks, DECKS.key)
        refers = (("deck", "decks", "deck"),)
        yield Table(
            "cards",
            PROGRESS.means,
            PROGRESS.columns,
            self.progress().rows,
            PROGRESS.key,
            refers,
            (("deck",), ("due",)),
        )
        sheet = self.reviews(typed=typed)
        yield Table(
            "reviews",
            REVIEWS.means,
            sheet.export.columns,
            watched(sheet),
            REVIEWS.key,
            (("card", "cards", "id"), *refers),
            (("card", "at"), ("day",), ("deck", "day")),
        )
        yield Table("days", STATS.means, STATS.columns, self._days(), STATS.key, refers, (("deck",),))


@contextmanager
def source(app: App, within: Within = ALL) -> Iterator[Source]:
    """Where rows come from, as long as they are drawn."""
    found = Source(app, within)
    try:
        yield found
    finally:
        found.store.close()


def about(app: App, within: Within) -> dict[str, str]:
    """What a database says of itself."""
    from flashcards import __version__

    asked = {
        "since": within.since and within.since.isoformat(),
        "until": within.until and within.until.isoformat(),
        "only_decks": " ".join(within.decks),
        "only_tags": " ".join(within.tags),
    }
    return {
        "schema": DATABASE,
        "at": stamp(clock.now()),
        "day": app.today.isoformat(),
        "program": f"cards {__version__}",
        **{name: value for name, value in asked.items() if value},
    }


def _review(told: Told, fields: dict[str, Any], kind: str, *, relearned: bool) -> Values:
    at, grade = told.at, fields["grade"]
    return (
        told.id,
        told.card,
        told.card.partition("/")[0],
        told.day,
        at,
        (int(at[11:13]) * 60 + int(at[14:16]) + fields["offset"]) // 60 % 24,
        grade,
        GRADE_NAMES[grade],
        kind,
        relearned,
        fields["mode"],
        fields.get("took_ms"),
        fields.get("verdict"),
        fields.get("tries"),
        fields.get("hints"),
        fields["device"],
        fields.get("typed"),
    )


def _begin(day: date, app: App) -> datetime:
    """The moment when a study day begins, here."""
    try:
        return datetime.combine(day, app.day_start, clock.zone()).astimezone(UTC)
    except (OverflowError, ValueError):  # the first or the last day of the calendar, in a zone that has it no more
        return datetime.combine(day, app.day_start, UTC)


def _iso(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


@lru_cache(maxsize=512)
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal()
