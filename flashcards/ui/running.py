"""The foot while a command runs: the command, and from a moment on a sign of life with the way to stop it."""

from collections.abc import Callable

from rich.text import Text

from flashcards.ui import words
from flashcards.ui.keys import Tty
from flashcards.ui.screen import DIM, Screen

PATIENCE_SECONDS = 0.3
"""What is done by then needs no sign."""
FRAMES_A_SECOND = 10
MOST_ROWS = 6
"""Lines of a long command that are shown meanwhile."""


class Running:
    """Drawn by `tick` a few times a second, which is also where a signal may end the run."""

    def __init__(self, screen: Screen, tty: Tty, command: Text, redraw: Callable[[], object]) -> None:
        self.screen = screen
        self.tty = tty
        self.command = command.split("\n")[:MOST_ROWS]
        self.redraw = redraw

    def begin(self) -> None:
        """The command stands where it was typed."""
        self.screen.foot(self.command)

    def tick(self, seconds: float) -> None:
        """Shows that the command runs; ctrl-c, ctrl-z and a kill wait for this place, where they do no harm."""
        self.tty.attend()
        if self.tty.resumed():
            self.screen.leave()
            self.redraw()
        if seconds >= PATIENCE_SECONDS:
            self.screen.foot([*self.command, "", self._sign(seconds)])

    def _sign(self, seconds: float) -> Text:
        signs = self.screen.signs
        frame = signs.spin[int(seconds * FRAMES_A_SECOND) % len(signs.spin)]
        return Text(f"{frame} {words.seconds(seconds)} {signs.dot} ctrl-c stops it", DIM)
