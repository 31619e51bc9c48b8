"""A person at the real program in a pseudo-terminal, for the tests of crashes."""

import os
import sys
import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ui.person import Person

ME = [sys.executable, "-m", "flashcards"]
CARDS = 40


class Sitter(Person):
    """Types at the real program."""

    def is_sane(self) -> bool:
        """The terminal is as it was: mode, paste marks off, cursor shown."""
        return (
            self.fresh == termios.tcgetattr(self.child.child_fd)
            and self.raw.rfind(b"\x1b[?2004l") >= self.raw.rfind(b"\x1b[?2004h")
            and self.raw.rfind(b"\x1b[?25h") >= self.raw.rfind(b"\x1b[?25l")
        )

    def grade(self, key: str = "3") -> None:
        """Looks at the answer, and grades it; the next card is not waited for."""
        self.see("space show the answer")
        self.type(" ")
        self.see("1 again")
        self.type(key)

    def end(self) -> None:
        """Ends the sitting, and leaves its last page."""
        self.type("q")
        self.see("enter leave")
        self.type("q")

    def words(self) -> str:
        """The screen without line ends and runs of blanks."""
        return " ".join(self.shown().split())


Start = Callable[..., Sitter]


@contextmanager
def sittings(folder: Path) -> Iterator[Start]:
    """Starts the program: `start("review", home=home)`."""
    people: list[Sitter] = []

    def start(*args: str, home: Path, env: Mapping[str, str] | None = None, before: str = "") -> Sitter:
        whole = {**os.environ, "CARDS_HOME": str(home), **(env or {})}
        command = ["sh", "-c", f'{before}; exec "$@"', "sh", *ME, *args] if before else [*ME, *args]
        people.append(Sitter(command, 80, 30, whole, folder / "no-log"))
        return people[-1]

    yield start
    for person in people:
        person.close()


def write_deck(path: Path, cards: int = CARDS, front: str = "Question") -> Path:
    """A deck of cards that are answered in the head."""
    lines = [f"  - id: c{n}\n    front: {front} {n}?\n    back: Answer {n}.\n" for n in range(cards)]
    path.write_text(f"deck: d\ncards:\n{''.join(lines)}")
    return path
