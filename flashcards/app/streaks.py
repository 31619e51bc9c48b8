"""The streak: the study days with an answer, and which of the missing ones a journey jumped over."""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from flashcards import clock, stats
from flashcards.app import App
from flashcards.stats import Moment, Streak
from flashcards.stats.streaks import LONGEST_GAP, MOST_SPARED
from flashcards.store import Store


def current(app: App) -> int:
    """The streak up to now; days behind a gap that ends one for sure are not even looked up."""
    soon = app.today + timedelta(days=MOST_SPARED)
    lived = (day for day in app.store.review_days() if day <= soon)
    return streaks(app, app.store, {*_up_to_a_break(lived)}).current


def _up_to_a_break(days: Iterable[date]) -> Iterator[date]:
    later = None
    for day in days:
        if later and (later - day).days > LONGEST_GAP + 1:
            return
        yield day
        later = day


def streaks(app: App, store: Store, used: Collection[date]) -> Streak:
    """The streak up to now and the longest one; only the days around short gaps are looked at more closely."""
    today, now = app.today, clock.now()
    ahead = [day for day in (today + timedelta(days=n) for n in range(1, MOST_SPARED + 1)) if day in used]
    latest = stats.lived(today, _moments(store.first_of(ahead)), now) if ahead else today
    gaps = stats.gaps(used, today, latest)
    if not gaps:
        return stats.streaks(used, today, latest=latest)
    last = _moments(store.last_of(before for before, _ in gaps))
    first = _moments(store.first_of(after for _, after in gaps))
    here = Moment(now, clock.offset_minutes(now, clock.zone()))
    spare = {
        after: stats.spared((after - before).days - 1, last[before], first.get(after, here)) for before, after in gaps
    }
    return stats.streaks(used, today, spare, latest)


def _moments(found: dict[date, tuple[datetime, int]]) -> dict[date, Moment]:
    return {day: Moment(*when) for day, when in found.items()}
