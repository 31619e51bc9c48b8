"""Progress as rows: what is known of every card, under names that are a promise."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from flashcards import clock
from flashcards.app import App
from flashcards.log import stamp
from flashcards.session.leeches import is_leech
from flashcards.store import Row

SCHEMA = "cards.progress/1"
FORMULA_STARTS = ("=", "+", "-", "@", "|", "%")
COLUMNS = (
    "id",
    "deck",
    "front",
    "state",
    "repetitions",
    "ease",
    "interval_days",
    "due",
    "lapses",
    "reviews",
    "last_review",
    "retention",
    "suspended",
    "buried_until",
    "flagged",
    "tags",
    "leech",
)


def rows(app: App, decks: Sequence[str] = ()) -> Iterator[dict[str, Any]]:
    """One row a card, in the order of decks and files; then retired ones and those that only the log knows."""
    for row in app.store.all_rows(decks):
        yield record(app, row)


def record(app: App, row: Row) -> dict[str, Any]:
    """The row of one card. `retention` is the probability that it is remembered today."""
    card, memory = row.card, row.memory
    state = memory.state
    return {
        "id": memory.card,
        "deck": memory.card.partition("/")[0],
        "front": card.front if card else None,
        "state": "retired" if row.retired else ("review" if state else "new"),
        "repetitions": state.repetitions if state else 0,
        "ease": state.ease_hundredths / 100 if state else None,
        "interval_days": state.interval_days if state else None,
        "due": state.due.isoformat() if state else None,
        "lapses": state.lapses if state else 0,
        "reviews": memory.reviews,
        "last_review": stamp(memory.last_at) if memory.last_at else None,
        "retention": round(app.store.scheduler.recall(state, app.today), 4) if state else None,
        "suspended": memory.suspended,
        "buried_until": memory.buried_until.isoformat() if memory.buried_until else None,
        "flagged": memory.flagged,
        "tags": list(card.tags) if card else [],
        "leech": is_leech(state.lapses, app.leech_lapses) if state else False,
    }


def as_json(app: App, decks: Sequence[str] = ()) -> Generator[str]:
    """One JSON object, in pieces, so that memory stays flat."""
    import json

    yield f'{{"schema": "{SCHEMA}", "at": "{stamp(clock.now())}", "cards": ['
    comma = "\n"
    for row in rows(app, decks):
        yield comma + json.dumps(row, ensure_ascii=False)
        comma = ",\n"
    yield "\n]}\n"


def as_jsonl(app: App, decks: Sequence[str] = ()) -> Generator[str]:
    """One JSON object a line."""
    import json

    for row in rows(app, decks):
        yield json.dumps(row, ensure_ascii=False) + "\n"


def as_csv(app: App, decks: Sequence[str] = ()) -> Generator[str]:
    """RFC 4180 with a header; no cell can be taken for a formula by a spreadsheet."""
    import csv
    from io import StringIO

    buffer = StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows(app, decks):
        writer.writerow([cell(row[name]) for name in COLUMNS])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
    yield buffer.getvalue()


def cell(value: object) -> object:
    """A value as a CSV cell; text that a spreadsheet would run as a formula gets an apostrophe in front."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        value = " ".join(map(str, value))
    if isinstance(value, str) and (value.lstrip().startswith(FORMULA_STARTS) or value.startswith(("\t", "\r", "\n"))):
        return f"'{value}"
    return value
