"""Which cards a person asked for, and in what order: filters over the rows of `progress`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any, NamedTuple

from flashcards.app import App
from flashcards.app.leeches import mistakes
from flashcards.app.progress import record
from flashcards.errors import BadRequest
from flashcards.model import CardId
from flashcards.store.search import Query

Fields = dict[str, Any]
FARTHEST = 36_500
"""Days that `+N` may look ahead."""


class Wanted(NamedTuple):
    """What a person asked for; every filter that is set has to hold."""

    decks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    state: str | None = None
    """`new`, `review`, `retired`, or `due`, which is due today."""
    due: date | None = None
    """Due on this day or before, and not put away unless that is asked for."""
    leech: bool = False
    flagged: bool = False
    suspended: bool = False
    buried: bool = False
    words: tuple[str, ...] = ()
    sort: str | None = None
    limit: int | None = None


ORDERS: Mapping[str, Callable[[Fields], Any]] = {
    "due": lambda row: row["due"] or "9",  # without a day behind all that have one
    "lapses": lambda row: -row["lapses"],
    "ease": lambda row: row["ease"] or 100,
    "id": lambda row: row["id"],
}
"""The most pressing first; what is equal stays in the order of decks and files."""


def listed(app: App, wanted: Wanted) -> Iterator[Fields]:
    """The rows asked for; those of leeches with `mistakes`, where leeches are asked for."""
    query = Query(wanted.words)
    found = app.store.search(query, wanted.decks) if query.terms else app.store.all_rows(wanted.decks)
    rows: Iterable[Fields] = filter(_filter(app, wanted), (record(app, row) for row in found))
    if wanted.sort:
        rows = sorted(rows, key=ORDERS[wanted.sort])
    for row in islice(rows, wanted.limit):
        if wanted.leech:
            row["mistakes"] = [{"typed": text, "times": times} for text, times in mistakes(app, CardId(row["id"]))]
        yield row


def _filter(app: App, wanted: Wanted) -> Callable[[Fields], bool]:
    today = app.today.isoformat()
    state = None if wanted.state == "due" else wanted.state
    until = wanted.due or (app.today if wanted.state == "due" else None)

    def is_buried(row: Fields) -> bool:
        return bool(row["buried_until"] and row["buried_until"] > today)

    def is_due(row: Fields) -> bool:
        away = (row["suspended"] and not wanted.suspended) or (is_buried(row) and not wanted.buried)
        return bool(until and row["state"] == "review" and row["due"] <= until.isoformat() and not away)

    tests: list[tuple[object, Callable[[Fields], object]]] = [
        (wanted.tags, lambda row: not set(wanted.tags).isdisjoint(row["tags"])),
        (state, lambda row: row["state"] == state),
        (until, is_due),
        (wanted.leech, lambda row: row["leech"]),
        (wanted.flagged, lambda row: row["flagged"]),
        (wanted.suspended, lambda row: row["suspended"]),
        (wanted.buried, is_buried),
    ]
    asked = [test for on, test in tests if on]
    return lambda row: all(test(row) for test in asked)


def parse_day(app: App, text: str) -> date:
    """A day as a person writes it: `2026-11-22`, `today`, `tomorrow`, `+7d`, `+7`; raises BadRequest."""
    ahead = {"today": "0", "tomorrow": "1"}.get(text, text[1:].removesuffix("d") if text.startswith("+") else "")
    try:
        if ahead.isascii() and ahead.isdigit() and int(ahead[:9]) <= FARTHEST:
            return app.today + timedelta(days=int(ahead[:9]))
        return date.fromisoformat(text)
    except (ValueError, OverflowError):
        raise BadRequest(
            f"`{text}` is no day", hint="such as 2026-11-22, tomorrow or +7d; words to search for stand before --due"
        ) from None
