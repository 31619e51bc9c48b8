"""Days as a person names them when looking back: `2026-01-01`, `30d`, `4w`, `1y`, `today`."""

from datetime import date, timedelta

from flashcards.app import App
from flashcards.errors import BadRequest

LENGTHS = {"d": 1, "w": 7, "y": 365}
"""Days of each unit; a year is that of the statistics."""
FARTHEST = 40_000


def since(app: App, text: str) -> date:
    """The first day; of `30d` that is the first of 30 days with today as the last."""
    length = _length(text)
    return _named(app, text, "--since") if length is None else app.today - timedelta(days=max(length - 1, 0))


def until(app: App, text: str) -> date:
    """The last day; `30d` is 30 days ago, so that it meets another stretch that begins with `--since 30d`."""
    length = _length(text)
    return _named(app, text, "--until") if length is None else app.today - timedelta(days=length)


def between(app: App, first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """Both days, in their order."""
    begin = None if first is None else since(app, first)
    end = None if last is None else until(app, last)
    if begin and end and begin > end:
        raise BadRequest(f"--since {begin} is after --until {end}", hint="name the earlier day first")
    return begin, end


def _length(text: str) -> int | None:
    """Days of `30d`; None for what is no length."""
    number, unit = text[:-1], LENGTHS.get(text[-1:])
    if unit is None or not (number.isascii() and number.isdigit()) or len(number) > len(str(FARTHEST)):
        return None
    days = int(number) * unit
    return days if days <= FARTHEST else None


def _named(app: App, text: str, option: str) -> date:
    ago = {"today": 0, "yesterday": 1}.get(text)
    if ago is not None:
        return app.today - timedelta(days=ago)
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadRequest(
            f"`{text}` is no day for {option}", hint="such as 2026-01-31, or 30d, 4w, 1y back from today"
        ) from None
