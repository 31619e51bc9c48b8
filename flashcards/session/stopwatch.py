"""Counts the time that a person spends on a card."""

from collections.abc import Callable


class Stopwatch:
    """Counts the time in which the person is there."""

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self.restart()

    def restart(self) -> None:
        """Begins anew."""
        self._since: float | None = self._ticks()
        self._counted = 0.0

    def pause(self) -> None:
        """Stops; the person, or the program, is away."""
        if self._since is not None:
            self._counted += self._ticks() - self._since
            self._since = None

    def resume(self) -> None:
        """Goes on."""
        if self._since is None:
            self._since = self._ticks()

    def add(self, milliseconds: int) -> None:
        """Counts what was counted before."""
        self._counted += milliseconds / 1000

    def milliseconds(self) -> int:
        """What was counted so far."""
        running = 0.0 if self._since is None else self._ticks() - self._since
        return int((self._counted + running) * 1000)
