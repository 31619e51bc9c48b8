"""What the checks look at: the work folder, the shell before and after, what was printed."""

from __future__ import annotations

import os
import time
from itertools import islice

from flashcards.verify.sandbox.light import TYPE_CHECKING, NamedTuple, signal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from flashcards.verify.inside.process import Ended, Watch
    from flashcards.verify.inside.record import State

PATTERN_SECONDS = 1.0
"""A pattern that needs longer is a bomb. Of the processor's time: a machine may be busy with other things."""
PATTERNS_SECONDS = 3.0
"""All patterns of a card together."""
OWN_SECONDS = 8.0
"""Of this process, for all it does; the system would end it a little later."""
SLOW_PATTERN = "a pattern of this deck does not come to an end"
MOST_NAMES = 400
LISTED_LEVELS = 3
LONGEST_SHOWN = 200


class TooSlowError(Exception):
    """Something of the deck does not come to an end."""


PROGRAMS_SECONDS = 20.0
"""What all programs of a card's checks may take together."""


class Patience:
    """What time is left for the checks, and for patterns among them."""

    def __init__(self) -> None:
        self.left = PATTERNS_SECONDS
        self.programs_left = PROGRAMS_SECONDS

    def go_on(self) -> None:
        """Raises TooSlowError where thousands of checks have used up the time."""
        if time.process_time() > OWN_SECONDS:
            raise TooSlowError("the checks of this card do not come to an end")

    def matches(self, pattern: str, text: str) -> bool:
        """Whether a pattern of the deck is found in the text, `^` and `$` at every line. Raises TooSlowError."""
        import re  # 10 ms, for the decks that use one

        began = time.process_time()
        if self.left <= 0:
            raise TooSlowError(SLOW_PATTERN)
        try:
            with InTime(min(PATTERN_SECONDS, self.left)):
                return re.search(pattern, text, re.MULTILINE) is not None
        finally:
            self.left -= time.process_time() - began


class World(NamedTuple):
    """All there is to look at after the answer. Not all of it may be known: see `after`."""

    work: str
    initial: Mapping[str, str]
    """The environment before the setup."""
    before: State | None
    after: State | None
    """None: the shell was lost."""
    lost: str
    """Why it was lost."""
    ended: Ended
    names: frozenset[str]
    """What lay in the work folder before the answer; folders end with `/`."""
    made: tuple[str, ...]
    """What is new there, outermost names only: `env/`, `b`."""
    gone: tuple[str, ...]
    """What is no longer there."""
    scripts: Mapping[int, int]
    shell: str
    watch: Watch
    patience: Patience

    def at(self, path: str) -> str:
        """A path of a check, from the work folder."""
        return os.path.normpath(os.path.join(self.work, path))

    def filled(self, text: str) -> str:
        """A value of the deck with its `${…}` filled in; an unknown variable is empty."""
        if "${" not in text:
            return text
        parts = text.split("${")
        return parts[0] + "".join(self._variable(part) for part in parts[1:])

    def _variable(self, part: str) -> str:
        name, brace, rest = part.partition("}")
        if not brace:
            return "${" + part
        moment, _, key = name.partition(".")
        fixed = {"bin": "bin", "exe": "", "work": self.work}
        if name in fixed:
            return fixed[name] + rest
        moments: Mapping[str, Mapping[str, str]] = {
            "initial": self.initial,
            "before": self.before.environment if self.before else self.initial,
            "after": self.after.environment if self.after else {},
        }
        return (moments[moment].get(key, "") if moment in moments else "${" + name + "}") + rest


def outermost(names: Iterable[str]) -> tuple[str, ...]:
    """Of folders and what lies in them the folders alone."""
    found: list[str] = []
    for name in sorted(names):  # what lies in a folder comes right after it
        if not (found and found[-1].endswith("/") and name.startswith(found[-1])):
            found.append(name)
    return tuple(found)


def listing(folder: str, levels: int = LISTED_LEVELS) -> frozenset[str]:
    """The names in a folder, three levels deep, as many as anybody would read; of git's own folder the name alone."""
    found: list[str] = []
    level = [""]
    for _ in range(levels):
        names = [name for prefix in level for name in _names(folder, prefix)]
        found += names
        level = [name for name in names if name.endswith("/") and not name.endswith(".git/")]
        if len(found) >= MOST_NAMES:
            break
    return frozenset(found[:MOST_NAMES])


def _names(folder: str, prefix: str) -> list[str]:
    """What lies in one folder, folders with `/` at the end."""
    try:
        with os.scandir(os.path.join(folder, prefix)) as found:
            entries = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in islice(found, MOST_NAMES)]
    except OSError:
        return []
    return [f"{prefix}{name}/" if is_folder else prefix + name for name, is_folder in sorted(entries)]


class InTime:
    """Raises TooSlowError where a pattern goes on for too long; `re` looks for signals while it searches."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGVTALRM, self._stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, self._seconds)

    def __exit__(self, *_: object) -> None:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, self._before)

    def _stop(self, *_: object) -> None:
        raise TooSlowError(SLOW_PATTERN)


def shown(text: str | bytes) -> str:
    """A value as the learner may read it: one line, cut."""
    words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    line = words.removesuffix("\n").replace("\n", "⏎")
    return line if len(line) <= LONGEST_SHOWN else line[: LONGEST_SHOWN - 1] + "…"
