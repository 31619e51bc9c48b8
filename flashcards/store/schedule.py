"""Which scheduler was in force when an event happened: the settings of the log as a timeline."""

from bisect import bisect_right
from collections.abc import Iterable

from flashcards import schedulers
from flashcards.log import order
from flashcards.model import Event, Scheduler, Setting

NAMES = ("scheduler", "sm2_variant", "fuzz")
"""The settings that move schedules; a change of one holds from that moment on."""


class Timeline:
    """The schedulers of a log's life."""

    def __init__(self, settings: Iterable[Setting]) -> None:
        relevant = sorted((s for s in settings if s.name in NAMES and s.deck is None), key=order)
        self._from = [order(setting) for setting in relevant]
        self._schedulers = [schedulers.get()]
        options: dict[str, object] = {}
        for setting in relevant:
            options[setting.name] = setting.value
            self._schedulers.append(_build(options))

    def at(self, event: Event) -> Scheduler:
        """The scheduler in force when `event` happened."""
        if not self._from:
            return self._schedulers[0]
        return self._schedulers[bisect_right(self._from, order(event))]

    def now(self) -> Scheduler:
        """The scheduler in force."""
        return self._schedulers[-1]


def _build(options: dict[str, object]) -> Scheduler:
    """A scheduler for what stands in the log; values of a later version fall back to the default."""
    name = options.get("scheduler") if options.get("scheduler") in schedulers.NAMES else "sm2"
    return schedulers.get(
        str(name),
        variant="code" if options.get("sm2_variant") == "code" else "text",
        fuzz=options.get("fuzz") is True,
    )
