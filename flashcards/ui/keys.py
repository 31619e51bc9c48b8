"""The terminal while a sitting lasts: one mode, keys one at a time, nothing that is typed is lost.

The mode is set once, before anything else is imported, and never flushed
(TCSANOW), so that what is typed ahead is kept and not echoed. Signals stay
the terminal's own: ctrl-c and ctrl-z work, and whatever ends or stops the
program gives the terminal back first.
"""

import os
import select
import signal
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType, TracebackType
from typing import Any, Self, TypeVar

T = TypeVar("T")

PASTE_ON, PASTE_OFF = b"\x1b[?2004h", b"\x1b[?2004l"
PASTE_BEGIN, PASTE_END = "\x1b[200~", "\x1b[201~"
SHOW_CURSOR = b"\x1b[?25h\x1b[0m"
WORD_SECONDS = 0.3
"""Between two letters of a word; behind a single key nothing comes for longer."""
ESCAPE_SECONDS = 0.05
"""A terminal sends the rest of a key's sequence at once; a person does not."""
ENDING = (signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM))

NAMES = {
    "\r": "enter",
    "\n": "enter",
    " ": "space",
    "\x04": "ctrl-d",
    "\x07": "ctrl-g",
    "\x08": "backspace",
    "\x0c": "ctrl-l",
    "\x7f": "backspace",
}


def usable() -> bool:
    """Whether there is a terminal to draw on: both ends are one, and it is not a dumb one."""
    if os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"}:
        return False
    try:
        import termios  # noqa: F401  (not everywhere)
    except ImportError:
        return False
    return sys.stdin.isatty() and sys.stdout.isatty()


class Tty:
    """Holds the terminal: `with Tty() as tty:` around the whole sitting."""

    def __init__(self, fd_in: int = 0, fd_out: int = 1) -> None:
        self.fd_in, self.fd_out = fd_in, fd_out
        self.on_pause: Callable[[], object] = bool
        """Called before the program is stopped."""
        self.on_resume: Callable[[], object] = bool
        """Called when it goes on."""
        self._decoder = getincrementaldecoder("utf-8")("replace")
        self._text = ""
        self._resumed = self._gone = self._busy = False
        self._caught = self._ended = 0
        self._handlers: dict[int, Any] = {}

    def __enter__(self) -> Self:
        import termios

        self._before = termios.tcgetattr(self.fd_in)
        self._wake_out, self._wake_in = os.pipe()
        os.set_blocking(self._wake_in, False)
        self._hear(signal.SIGTSTP, self._stop)
        self._hear(signal.SIGCONT, self._go_on)
        for number in ENDING:
            self._hear(number, self._end)
        self.claim()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        os.close(self._wake_in)
        os.close(self._wake_out)
        if self._ended and error is not None and not isinstance(error, SystemExit):
            # The signal came in the middle of another library, which made something else of it.
            raise SystemExit(128 + self._ended) from None

    # ------------------------------------------------------------ the mode

    def claim(self) -> None:
        """Sets our mode; also after another reader had the terminal, or the shell."""
        import termios

        self._resumed = False
        mode = [*self._before[:6], list(self._before[6])]
        mode[0] &= ~termios.ICRNL
        mode[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
        mode[6][termios.VQUIT] = b"\0"  # a core dump is nobody's wish here
        self._set(mode, PASTE_ON)

    def release(self) -> None:
        """Gives the terminal back as it was found."""
        self._set(self._before, PASTE_OFF + SHOW_CURSOR)

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Meanwhile the terminal is another program's, as it was found, and ctrl-z stops both of us as always."""
        self.release()
        ours = {number: signal.signal(number, signal.SIG_DFL) for number in (signal.SIGTSTP, signal.SIGCONT)}
        try:
            yield
        finally:
            for number, handler in ours.items():
                signal.signal(number, handler)
            self.claim()

    def _set(self, mode: list[Any], signs: bytes) -> None:
        import termios

        try:
            termios.tcsetattr(self.fd_in, termios.TCSANOW, mode)
            os.write(self.fd_out, signs)
        except (OSError, termios.error):
            self._gone = True  # hung up: there is no terminal left to set

    def resumed(self) -> bool:
        """Whether the program was stopped and goes on, so that the screen is not what it was; said once."""
        resumed, self._resumed = self._resumed, False
        return resumed

    # ------------------------------------------------------------ keys

    def key(self) -> str:
        """Waits for one key: a character, or a name such as `enter`, `space`, `escape`, `ctrl-d`, `paste`.

        `redraw` says that the program was stopped and goes on; `eof` that the terminal is gone.
        Raises KeyboardInterrupt for ctrl-c.
        """
        if not self._fill(None, woken=True):
            return "redraw" if self.resumed() else "eof"
        character = self._take()
        if character == "\x1b":
            return self._escape()
        if character == "\x03":  # typed ahead while another reader had the terminal
            raise KeyboardInterrupt
        if character == "\x1a":
            os.kill(os.getpid(), signal.SIGTSTP)
            return self.key()
        return NAMES.get(character, character)

    def feed(self, text: str) -> None:
        """Puts back what another reader took and did not use."""
        self._text = text + self._text

    def ahead(self) -> str:
        """Takes out what was typed until now, for a question that it must not answer; `feed` gives it back."""
        while self._fill(0, more=True):
            pass
        return self.drain()

    def swallow(self, word: str) -> None:
        """Takes away the rest of a word that was begun as a key, and the enter behind it, if they follow at once."""
        while self._fill(WORD_SECONDS, more=True) and len(self._text) <= len(word):
            pass
        rest = self._text[: len(word)]
        if rest and word.startswith(rest.lower()):
            self._text = self._text[len(rest) :].removeprefix("\r")

    def drain(self) -> str:
        """What was read here and not used, for another reader."""
        while self._decoder.getstate()[0] and self._fill(ESCAPE_SECONDS, more=True):
            pass
        text, self._text = self._text, ""
        return text

    def _escape(self) -> str:
        """The name of a key that began with ESC; a letter behind it is left for the next call."""
        if not self._fill(ESCAPE_SECONDS) or self._text[0] not in "[O":
            return "escape"
        sequence = self._take()
        while self._fill(ESCAPE_SECONDS):
            sequence += self._take()
            if "@" <= sequence[-1] <= "~":
                break
        return self._paste() if "\x1b" + sequence == PASTE_BEGIN else "other"

    def _paste(self) -> str:
        """Swallows a paste whole, however long."""
        while PASTE_END not in self._text and self._fill(None, more=True):
            if PASTE_END not in self._text:
                self._text = self._text[-len(PASTE_END) :]
        self._text = self._text.partition(PASTE_END)[2]
        return "paste"

    def _take(self) -> str:
        character, self._text = self._text[0], self._text[1:]
        return character

    def _fill(self, seconds: float | None, *, more: bool = False, woken: bool = False) -> bool:
        """Waits until there is a character (or, with `more`, another one); False if there comes none.

        With `woken` it also ends when the program was stopped and goes on.
        """
        known = len(self._text) if more else 0
        while len(self._text) <= known and not self._gone and not (woken and self._resumed):
            ready, _, _ = select.select([self.fd_in, self._wake_out], [], [], seconds)
            if not ready:
                return False
            if self._wake_out in ready:
                os.read(self._wake_out, 64)
            if self.fd_in in ready:
                self._read()
        return len(self._text) > known

    def _read(self) -> None:
        try:
            data = os.read(self.fd_in, 1024)
        except OSError:
            data = b""
        self._gone = not data
        self._text += self._decoder.decode(data)

    # ------------------------------------------------------------ signals

    def undisturbed(self, act: Callable[[], T]) -> T:
        """Does `act` whole: ctrl-c, ctrl-z and kill wait until it is done (a second ctrl-c or kill does not)."""
        self._busy = True
        try:
            return act()
        finally:
            self._busy = False
            self.attend()

    def attend(self) -> None:
        """Does what a signal has asked for meanwhile: also within a long `undisturbed`, where it does no harm."""
        busy, self._busy = self._busy, False
        caught, self._caught = self._caught, 0
        try:
            if caught == signal.SIGTSTP:
                self._stop(caught, None)
            elif caught:
                self._leave(caught)
        finally:
            self._busy = busy

    def _hear(self, number: int, handler: Callable[[int, FrameType | None], None]) -> None:
        self._handlers[number] = signal.signal(number, handler)

    def _end(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  (signal.signal's shape)
        if self._busy and not self._caught:
            self._caught = number
            return
        self._leave(number)

    def _leave(self, number: int) -> None:
        self._ended = 0 if number == signal.SIGINT else number
        _raise(number)

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        """Ctrl-Z: the terminal back to the shell, then really stop."""
        if self._busy:  # never asleep with the store locked
            self._caught = self._caught or number
            return
        self.on_pause()
        self.release()
        signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGTSTP)
        signal.signal(signal.SIGTSTP, self._stop)

    def _go_on(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.claim()
        self.on_resume()
        self._resumed = True
        with suppress(BlockingIOError):  # it is awake already
            os.write(self._wake_in, b"!")


def _raise(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)
