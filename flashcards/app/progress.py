"""Progress as rows: what is known of every card, under the names of `exports.columns.PROGRESS`."""

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from flashcards.app import App
from flashcards.log import stamp
from flashcards.model import is_leech
from flashcards.store import Row


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


def as_jsonl(app: App, decks: Sequence[str] = ()) -> Generator[str]:
    """One JSON object a line."""
    import json

    for row in rows(app, decks):
        yield json.dumps(row, ensure_ascii=False) + "\n"
