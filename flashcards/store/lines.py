"""Events as rows of the log's table: imported reviews come by the hundred thousand, so theirs are built by hand."""

from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any

from flashcards.log import VERSION, stamp, to_line
from flashcards.model import Event, Review


def row_of(event: Event) -> tuple[Any, ...]:
    """The event as a row of `events`."""
    if type(event) is Review:
        return _row(event)
    return (
        event.id,
        getattr(event, "kind", type(event).__name__.lower()),
        getattr(event, "card", None),
        stamp(event.at),
        None,
        event.device,
        event.batch,
        getattr(event, "target", None),
        to_line(event),
    )


def _row(event: Review) -> tuple[Any, ...]:
    """A review's; its line is what `log.to_line` makes of it, in a fifth of the time where nothing was typed or run."""
    name, card, grade, at, offset, day, mode, took, verdict, tries, hints, typed, device, batch = event
    moment, its_day = stamp(at), day.isoformat()
    if (verdict, tries, hints, typed) == NOTHING_MORE and type(took) is int and type(offset) is int:
        line = (
            f'{{"v":{VERSION},"id":{quoted(name)},"kind":"review","card":{quoted(card)},"grade":{int(grade)},'
            f'"at":"{moment}","offset":{offset},"day":"{its_day}","mode":"{mode}","took_ms":{took},'
            f"{_end(device, batch)}"
        )
    else:
        line = to_line(event)
    return name, "review", card, moment, its_day, device, batch, None, line


NOTHING_MORE = (None,) * 4
"""Verdict, tries, hints and what was typed."""


@lru_cache(maxsize=100)
def _end(device: str, batch: str | None) -> str:
    """The last fields of a line, the same for a whole import."""
    return f'"device":{quoted(device)}}}' if batch is None else f'"device":{quoted(device)},"batch":{quoted(batch)}}}'
