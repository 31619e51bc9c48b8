"""The one place that asks the time, and the rule which study day a moment belongs to."""

import os
import time
from datetime import UTC, date, datetime, timedelta, tzinfo
from datetime import time as wall_time

from flashcards.errors import BadRequest

DAY_START = wall_time(4, 0)
"""When a new study day begins, in local wall time; a late evening still belongs to its day."""
EARLY, LATE = wall_time(3, 0), wall_time(21, 0)
"""Around midnight: no clocks are set back by more than three hours."""
FROZEN_YEARS = range(1971, 9000)
"""What `CARDS_NOW` may say: ids count from 1970, and due days need room."""


def now() -> datetime:
    """The moment, aware and in UTC, whole milliseconds; `CARDS_NOW` freezes it."""
    moment = _frozen() or datetime.now(UTC)
    return moment.astimezone(UTC).replace(microsecond=moment.microsecond // 1000 * 1000)


def zone() -> tzinfo | None:
    """Where the person is: the offset of `CARDS_NOW`, or None for the machine's own zone.

    The machine may have travelled since the last question: a sitting stays open while it sleeps.
    """
    frozen = _frozen()
    if frozen is None and hasattr(time, "tzset"):  # Windows has none, and none is needed there
        time.tzset()
    return frozen.tzinfo if frozen else None


def local() -> datetime:
    """The moment, on the clock of wherever the person is."""
    return now().astimezone(zone())


def is_frozen() -> bool:
    """Whether `CARDS_NOW` stands in for the calendar."""
    return bool(os.environ.get("CARDS_NOW"))


def ticks() -> float:
    """Seconds of a clock that only goes forward and stands still while the machine sleeps."""
    return time.monotonic()


def study_day(at: datetime, zone: tzinfo | None, day_start: wall_time = DAY_START) -> date:
    """The study day of the moment `at`: the local date, or the one before until `day_start`.

    `zone` None means the machine's own zone. A day with a daylight-saving
    change begins at `day_start` like any other; where that hour comes twice,
    the first time counts, so that no day begins anew.
    """
    local = at.astimezone(zone)
    day = local.date()
    if _may_come_again(local, day_start) and _has_begun(day + timedelta(days=1), at, zone, day_start):
        return day + timedelta(days=1)
    if local.time() >= day_start or _has_begun(day, at, zone, day_start):
        return day
    return day - timedelta(days=1)


def _has_begun(day: date, at: datetime, zone: tzinfo | None, day_start: wall_time) -> bool:
    return at >= datetime.combine(day, day_start, zone).astimezone(UTC)


def _may_come_again(local: datetime, day_start: wall_time) -> bool:
    """Whether clocks that are set back at midnight may have led from a new day, just begun, to the evening before."""
    return day_start < EARLY and local.time() >= LATE and local.date() < date.max


def offset_minutes(at: datetime, zone: tzinfo | None) -> int:
    """Minutes east of UTC at the moment `at`."""
    offset = at.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds()) // 60


def parse_day_start(text: str) -> wall_time:
    """`HH:MM` as a time of day; raises BadRequest."""
    try:
        hour, minute = text.split(":")
        return wall_time(int(hour), int(minute))
    except ValueError:
        raise BadRequest(f"`{text}` is not a time of day", hint="write it as HH:MM, such as 04:00") from None


def _frozen() -> datetime | None:
    text = os.environ.get("CARDS_NOW")
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise BadRequest(
            f"CARDS_NOW is `{text}`, which is not a moment with its offset",
            hint="write it as 2026-11-22T18:00:00+01:00",
        )
    if moment.year not in FROZEN_YEARS:
        raise BadRequest(
            f"CARDS_NOW is `{text}`, which is too far away",
            hint=f"choose a year from {FROZEN_YEARS[0]} to {FROZEN_YEARS[-1]}",
        )
    return moment
