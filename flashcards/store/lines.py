"""Events as rows of the log's table: what is imported comes by the hundred thousand, so its lines are built by hand."""

from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any

from flashcards.log import VERSION, compact, stamp, to_line
from flashcards.model import Baseline, Event, Mark, Restore, Review

ACTS = ""
"""The target of a restore, which has many: so that the index of targets finds it with the undos."""


def row_of(event: Event) -> tuple[Any, ...]:
    """The event as a row of `events`."""
    if isinstance(event, Review):
        return _review(event)
    if isinstance(event, (Mark, Baseline)):
        return _of_card(event)
    return (
        event.id,
        getattr(event, "kind", type(event).__name__.lower()),
        getattr(event, "card", None),
        stamp(event.at),
        None,
        event.device,
        event.batch,
        ACTS if isinstance(event, Restore) else getattr(event, "target", None),
        to_line(event),
    )


def _of_card(event: Mark | Baseline) -> tuple[Any, ...]:
    """A mark's or a baseline's; the line is what `log.to_line` makes of it."""
    name, card, moment, device, batch = event.id, event.card, stamp(event.at), event.device, event.batch
    kind, said, end = "mark", "", _end(device, batch)
    if isinstance(event, Baseline):
        kind = "baseline"
        said = f'"scheduler":{quoted(event.scheduler)},"state":{compact(event.state)}'
    else:
        said = f'"mark":{quoted(event.mark)}'
        if event.value is not None:
            end = _end(device, batch, event.value)
    start = f'{{"v":{VERSION},"id":{quoted(name)},"kind":"{kind}","card":{quoted(card)},'
    return name, kind, card, moment, None, device, batch, None, f'{start}{said},"at":"{moment}",{end}'


def _review(event: Review) -> tuple[Any, ...]:
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


@lru_cache(maxsize=1000)
def _end(device: str, batch: str | None, value: str | None = None) -> str:
    """The last fields of a line, the same for a whole import."""
    fields = (("device", device), ("value", value), ("batch", batch))
    return ",".join(f'"{name}":{quoted(said)}' for name, said in fields if said is not None) + "}"
