"""What was done, when, where the person was, and what took it back: the log for a person to read."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import NamedTuple

from flashcards import clock
from flashcards.app import App, nearest
from flashcards.errors import NotFound
from flashcards.model import CardId, Restore, Review, Undo
from flashcards.store.actions import Action, Actions, Sought, moment_of

MARGIN = timedelta(days=3)
"""A study day and the moments of UTC in it lie at most so far apart."""


class Period(NamedTuple):
    """Study days; None is without end."""

    since: date | None = None
    until: date | None = None


ALWAYS = Period()


class Deed(NamedTuple):
    """An action as it is told."""

    action: Action
    at: datetime
    """On the clock where the person was, as far as the log says it; else on that of this machine."""
    day: date
    """The study day."""
    target: Action | None = None
    """What an undo took back, if the log has it."""


def deeds(app: App, actions: Actions, sought: Sought, period: Period = ALWAYS) -> Iterator[Deed]:
    """What was done in a period, newest first, drawn one by one."""
    roughly = sought._replace(since=_moment(period.since, -MARGIN), until=_moment(period.until, MARGIN))
    for action in actions.actions(roughly):
        deed = deed_of(app, actions, action)
        if (period.since or deed.day) <= deed.day <= (period.until or deed.day):
            yield deed


def events_of(app: App, actions: Actions, deed: Deed, sought: Sought) -> Iterator[Deed]:
    """The events of a batch that are asked for, newest first."""
    for action in actions.events_of(deed.action, sought):
        yield deed_of(app, actions, action)


def deed_of(app: App, actions: Actions, action: Action) -> Deed:
    """When and where an action was done. What was brought was done when it was brought, however old it is."""
    event = action.event
    target = actions.target_of(event) if isinstance(event, Undo) else None
    brought = None if event.id == action.id else moment_of(action.id)
    if brought:
        return Deed(action=action, at=here(brought), day=_day(app, brought), target=target)
    if isinstance(event, Review):
        return Deed(action=action, at=there(event), day=event.day)
    return Deed(action=action, at=here(event.at), day=_day(app, event.at), target=target)


def undone_at(undo: Undo | Restore) -> datetime:
    """When something was taken back, on the clock of this machine."""
    return here(undo.at)


def sought_by(
    app: App,
    actions: Actions,
    *,
    cards: Iterable[str] = (),
    decks: tuple[str, ...] = (),
    devices: tuple[str, ...] = (),
    kinds: tuple[str, ...] = (),
) -> Sought:
    """What the names of a person ask for; raises NotFound with the nearest name."""
    for deck in decks:
        if not actions.knows_deck(deck):  # one that is gone has its history still
            app.decks([deck])
    known = actions.devices() if devices else []
    for device in devices:
        if device not in known:
            hint = nearest(device, known) or f"there are {', '.join(f'`{one}`' for one in known[:10])}"
            raise NotFound(f"no device called `{device}` wrote in this log", hint=hint)
    names: list[CardId] = [app.card(name).memory.card for name in dict.fromkeys(cards)]
    return Sought(cards=tuple(names), decks=decks, devices=devices, kinds=kinds)


def there(review: Review) -> datetime:
    """When it was given, on the clock of that place."""
    with suppress(OverflowError):  # the ends of the calendar
        return review.at.astimezone(timezone(timedelta(minutes=review.offset_minutes)))
    return review.at


def here(at: datetime) -> datetime:
    """A moment on the clock of this machine."""
    with suppress(OverflowError, ValueError, OSError):
        return at.astimezone(clock.zone())
    return at


def _day(app: App, at: datetime) -> date:
    with suppress(OverflowError, ValueError, OSError):
        return app.day(at)
    return at.date()


def _moment(day: date | None, margin: timedelta) -> datetime | None:
    if day is not None:
        with suppress(OverflowError):
            return datetime.combine(day, time(), UTC) + margin
    return None
