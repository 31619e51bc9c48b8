"""The whole log replayed in one walk: every card's memory, without a look at each card.

The log lies on disk in the order of its ids. To read it in that order and to sort what a schedule needs of it is
several times quicker than to look up each card's events.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from flashcards.log import LineError, from_line, order
from flashcards.model import MODES, CardId, Event, EventId, Grade, Memory, Review
from flashcards.replay import SchedulerFor, fold
from flashcards.store.events import STANDING

# A review's grade and mode are cut out of its line, which is a fifth of the work of reading it as JSON. Inside a text
# every quotation mark has a backslash before it, so that a key is found nowhere else. A plus keeps the index of cards
# away, which would look up every row.
GRADE, MODE = "instr(line, '\"grade\":')", 'instr(line, \'"mode":"\')'
NEEDED = f"""
    {STANDING}, substr(line, {GRADE} + 8, 1), substr(line, {MODE} + 8, 1),
    case when kind = 'review' and {GRADE} and {MODE} then null else line end
"""
ROWS = f"select +card, +at, id, day, {NEEDED} from events where +card is not null order by 1, 2, 3"  # noqa: S608
ROWS_OF = f"""
    select card, at, id, day, {NEEDED} from events
    where card in (select value from json_each(?)) order by card, at, id
"""  # noqa: S608  (constants)
"""The same of some cards alone, by the index of cards."""
GRADES = {str(int(grade)): grade for grade in Grade}
MODE_OF = {mode[0]: mode for mode in MODES}

study_day = lru_cache(maxsize=4096)(date.fromisoformat)
"""The day of a text, of which there are few."""


def replayed(
    rows: Iterable[tuple[Any, ...]], names: Mapping[CardId, CardId], scheduler_for: SchedulerFor
) -> Iterator[Memory]:
    """The memories of all cards that `ROWS` name; `names` says which card a former id stands for."""
    joined = {*names, *names.values()}
    several: defaultdict[CardId, list[Event]] = defaultdict(list)
    for card, its_rows in groupby(rows, itemgetter(0)):
        events = [_event(row) for row in its_rows if row[4]]
        if card in joined:
            several[names.get(card, card)] += events
        else:
            yield fold(card, events, scheduler_for)
    for card, events in several.items():
        yield fold(card, sorted(events, key=order), scheduler_for)


def _event(row: tuple[Any, ...]) -> Event:
    """An event as far as a schedule needs it."""
    card, at, identity, day, _, grade, mode, line = row
    if line is not None:
        return from_line(line)
    try:
        moment = datetime.fromisoformat(at)
        return Review(EventId(identity), card, GRADES[grade], moment, 0, study_day(day), MODE_OF[mode])
    except (KeyError, TypeError, ValueError):
        raise LineError(f"event `{identity}` of the log makes no sense", hint="restore it from a backup") from None
