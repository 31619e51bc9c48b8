"""A person at a real terminal: types at a child process, and sees its screen through a terminal emulator."""

import json
import os
import signal
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pexpect
import pyte

PATIENCE = 40
"""Seconds that a test waits for something to appear; a busy machine needs them, a quiet one never does."""
LAST_WORDS = 5
"""Seconds that a child has to end by itself when its window is closed."""
ENTER, ESC = "\r", "\x1b"
CTRL_C, CTRL_D, CTRL_G, CTRL_L, CTRL_Z = "\x03", "\x04", "\x07", "\x0c", "\x1a"
PASTED = "\x1b[200~{}\x1b[201~"


def new_terminal() -> list[Any]:
    """The mode of a terminal that nobody has touched; on a busy machine the child is quicker than a look at its own."""
    leader, follower = os.openpty()
    try:
        return termios.tcgetattr(follower)
    finally:
        os.close(leader)
        os.close(follower)


def close_window(child: "pexpect.spawn[Any]", patience: float = PATIENCE) -> None:
    """The terminal is gone, the system hangs up; waits for the end of the child.

    `close` of the library gives a child three tenths of a second, and takes an end that comes later for a failure.
    """
    child.ptyproc.fileobj.close()
    deadline = time.monotonic() + patience
    while child.isalive() and time.monotonic() < deadline:
        time.sleep(0.005)


def put_away(child: "pexpect.spawn[Any]") -> None:
    """Closes the window, and ends a child that does not mind."""
    close_window(child, LAST_WORDS)
    if child.isalive():
        child.kill(signal.SIGKILL)
        child.wait()
    child.ptyproc.delayafterclose = 0
    child.close()


class Person:
    """Types at the child's terminal and looks at its screen."""

    def __init__(self, command: list[str], columns: int, rows: int, env: dict[str, str], log: Path) -> None:
        self.child = pexpect.spawn(command[0], command[1:], dimensions=(rows, columns), env=env, echo=True)
        self.child.delaybeforesend = None
        self.fresh = new_terminal()
        self.screen = pyte.HistoryScreen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.log = log

    def type(self, *keys: str) -> None:
        """Sends keys at once."""
        self.child.send("".join(keys))

    def see(self, *texts: str) -> str:
        """Waits until all of `texts` are on the screen."""
        return self.look(lambda shown: all(text in shown for text in texts), f"{texts}")

    def gone(self, text: str) -> str:
        """Waits until `text` is off the screen."""
        return self.look(lambda shown: text not in shown, f"no {text!r}")

    def look(self, done: Callable[[str], bool], what: str) -> str:
        """Waits until the screen is as `done` wants it."""
        deadline = time.monotonic() + PATIENCE
        while not done(self.shown()):
            if time.monotonic() > deadline or not self.read():
                assert done(self.shown()), f"waited for {what}, saw:\n{self.shown()}"
        return self.shown()

    def shown(self) -> str:
        """The screen as text."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    def read(self) -> bool:
        """Takes what the child wrote; False if it will not write any more."""
        try:
            data = self.child.read_nonblocking(4096, timeout=0.5)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += data
        self.stream.feed(data)
        return True

    def leaves(self) -> int:
        """Waits for the end of the child; its exit code, or -n for signal n."""
        deadline = time.monotonic() + PATIENCE
        while self.read():
            assert time.monotonic() < deadline, f"still running:\n{self.shown()}"
        self.child.wait()
        return self.child.exitstatus if self.child.exitstatus is not None else -self.child.signalstatus

    def close(self) -> None:
        """Closes the window; the child ends."""
        put_away(self.child)

    def events(self) -> list[dict[str, object]]:
        """What was recorded."""
        return [json.loads(line) for line in self.log.read_text().splitlines()] if self.log.exists() else []

    def grades(self) -> list[object]:
        """The grades that were recorded, undone ones too."""
        return [event["grade"] for event in self.events() if event["kind"] == "review"]


Sit = Callable[..., Person]
