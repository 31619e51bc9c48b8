"""The forecast of due cards as a calendar: an event for each study day, by the library `icalendar`."""

from collections.abc import Generator
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, NamedTuple

from flashcards import __version__, clock, stats
from flashcards.app.overview import minutes

if TYPE_CHECKING:
    from icalendar import Event

    from flashcards.app import App

NAME = "cards"
"""What the calendar is called where it is shown."""
LEAST = timedelta(minutes=5)
"""How long an event is at least: a shorter one cannot be seen in a week."""


class StudyDay(NamedTuple):
    """What comes due on a study day, in all and by deck."""

    day: date
    cards: int
    decks: tuple[tuple[str, int], ...]


class Wanted(NamedTuple):
    """What a person wants in the calendar."""

    decks: tuple[str, ...] = ()
    """Empty for all."""
    days: int = 30
    at: time | None = None
    """When the event begins, by the clock of wherever the person is; None for the whole day."""
    alarm: bool = False


def ahead(app: "App", wanted: Wanted) -> list[StudyDay]:
    """The study days on which cards come due, today first, with all that is overdue."""
    today = app.today
    by_deck: dict[str, dict[date, int]] = {}
    for deck, due, cards in app.store.dues_by_deck(today + timedelta(days=wanted.days - 1)):
        if not wanted.decks or deck in wanted.decks:
            by_deck.setdefault(deck, {})[due] = cards
    forecasts = {deck: stats.forecast(dues, today, wanted.days) for deck, dues in by_deck.items()}
    found = []
    for place in range(wanted.days):
        decks = [(deck, numbers[place]) for deck, numbers in sorted(forecasts.items()) if numbers[place]]
        if decks:
            cards = sum(number for _, number in decks)
            found.append(StudyDay(today + timedelta(days=place), cards, tuple(decks)))
    return found


def write(app: "App", wanted: Wanted) -> Generator[str]:
    """The calendar, as text with the line ends that the format asks for."""
    from icalendar import Calendar  # 90 ms, 190 modules: time zones, vCards and all

    calendar = Calendar()
    calendar.add("prodid", f"-//cards-review//cards {__version__}//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", NAME)
    calendar.add("x-wr-calname", NAME)
    for study_day in ahead(app, wanted):
        calendar.add_component(_event(app, study_day, wanted))
    yield calendar.to_ical().decode()


def _event(app: "App", study_day: StudyDay, wanted: Wanted) -> "Event":
    from icalendar import Event

    event = Event()
    now = clock.now()
    event.add("uid", uid(study_day.day, wanted.decks))
    event.add("dtstamp", now)
    # Some calendars take an event anew only where this number grew.
    event.add("sequence", int(now.timestamp()) // 60)
    event.add("summary", f"{study_day.cards} {'card' if study_day.cards == 1 else 'cards'} due")
    event.add("description", "\n".join(f"{deck}: {cards}" for deck, cards in study_day.decks))
    event.add("transp", "TRANSPARENT")
    if wanted.at is None:
        event.add("dtstart", study_day.day)
        event.add("dtend", study_day.day + timedelta(days=1))
        return event
    begin = _moment(study_day.day, wanted.at, app.day_start)
    event.add("dtstart", begin)
    event.add("dtend", begin + max(LEAST, timedelta(minutes=minutes(app, study_day.cards))))
    if wanted.alarm:
        _ring(event)
    return event


def _ring(event: "Event") -> None:
    from icalendar import Alarm

    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", event["summary"])
    alarm.add("trigger", timedelta())
    event.add_component(alarm)


def _moment(day: date, at: time, day_start: time) -> datetime:
    """A time of day of a study day: before `day_start` it is the night after. It has no zone, and so goes along."""
    return datetime.combine(day if at >= day_start else day + timedelta(days=1), at)


def uid(day: date, decks: tuple[str, ...]) -> str:
    """The name of a day's event: the same at every export, so that it takes the place of the one before."""
    return "-".join([f"{day:%Y%m%d}", *sorted(set(decks))]) + "@cards-review"
