"""What many runs have in common, made once: pip, unpacked and compiled, for each new environment to copy.

A run shows it read-only, as it shows the person's Python; nothing of a deck
or of an answer has touched it.
"""

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager

from flashcards.model import Card
from flashcards.verify import folders, job, programs

NEED = "python3 -m ensurepip"
"""What cards need whose environments have pip."""
SECONDS = 30.0
"""After this the runs go on without, each on its own."""


def is_worth_it(cards: Iterable[Card]) -> bool:
    """Whether some of these cards make environments with pip."""
    return any(NEED in (card.run or {}).get("needs", ()) for card in cards)


@contextmanager
def pip() -> Iterator[str]:
    """The folder for as long as it is needed; empty where it cannot be had. An interrupt takes it away, too."""
    with ExitStack() as stack:
        yield _made(stack)


def _made(stack: ExitStack) -> str:
    try:
        folder = stack.enter_context(folders.RunFolder(owner=os.getuid()))
        place = f"{folder.path}/control/pip"
        os.mkdir(place)
        os.chmod(place, 0o755)  # noqa: S103  (whoever is inside has to read it)
    except OSError:
        return ""
    return place if _laid_out(place) else ""


def _laid_out(place: str) -> bool:
    python = shutil.which("python3", path=os.pathsep.join(programs.find(["python3"]).folders))
    if not python:
        return False
    words = [python, "-I", job.seed_path(), place]
    try:
        made = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603  (the person's own Python, with our own code)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return made.returncode == 0
