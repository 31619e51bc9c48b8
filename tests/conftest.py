"""What every test may ask for: a home of its own, the real program, a deck on disk."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch as replaced

import pytest
from hypothesis import HealthCheck, settings
from thorough import times

EXAMPLES = times(40, 1000)
PATIENT = settings(deadline=None, max_examples=EXAMPLES, suppress_health_check=[HealthCheck.too_slow])
"""Other programs may be at work on the machine."""
settings.register_profile("dev", PATIENT)
settings.register_profile("ci", PATIENT, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")

if getattr(signal, "SIGHUP", None) and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup, too, the program that is tried ends at a hang-up

FOREIGN = ("CARDS_", "_CARDS_", "XDG_", "LC_")
"""Variables of the person who runs the tests that must not reach the program."""
FOREIGN_NAMES = (
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "EDITOR",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "PAGER",
    "VISUAL",
)


class Ran(NamedTuple):
    """What the program left behind: exit code, standard output, standard error."""

    code: int
    out: str
    err: str


@pytest.fixture(autouse=True, scope="session")
def _never_the_real_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A test that forgets to ask for a home meets an empty one, not the person's."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARDS_HOME", str(tmp_path_factory.mktemp("nobody")))
        yield


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_arrives() -> None:
    """A shell starts what runs in the background deaf to Ctrl-C, and deafness is inherited."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def sandbox() -> str:
    """The level of this machine's best sandbox; where there is none the test is left out, with the probe's reason."""
    from flashcards.verify import levels

    found = levels.best()
    if found is None or found.level is None:
        tried = [levels.tried(backend) for backend in ("namespaces", "bubblewrap", "landlock")]
        pytest.skip("no sandbox here: " + "; ".join(f"{one.backend}: {one.why or one.level}" for one in tried))
    return found.level


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The CARDS_HOME of this test, in an environment that is the same on every machine.

    What the program itself writes into the environment (`FORCE_COLOR`) ends with the test.
    """
    with replaced.dict(os.environ), pytest.MonkeyPatch.context() as patch:
        for name in [*os.environ]:
            if name.startswith(FOREIGN) or name in FOREIGN_NAMES:
                patch.delenv(name)
        patch.setenv("CARDS_HOME", str(tmp_path / "home"))
        patch.setenv("HOME", str(tmp_path / "user"))
        patch.setenv("LC_ALL", "C.UTF-8")
        patch.setenv("TERM", "xterm-256color")
        patch.setenv("TZ", "UTC")
        time.tzset()
        (tmp_path / "user").mkdir()
        yield tmp_path / "home"
    time.tzset()


@pytest.fixture
def run(home: Path) -> Callable[..., Ran]:
    """The real program in a process of its own: `run("due", "--json", input="", env={}, check=False)`.

    Without `input` there is no standard input; `env` is added to the environment of `home`;
    `check` turns a non-zero exit into a failure that shows both streams.
    """

    def run(*args: str | Path, input: str = "", env: Mapping[str, str] | None = None, check: bool = False) -> Ran:  # noqa: A002  (as in subprocess.run)
        done = subprocess.run(
            [sys.executable, "-m", "flashcards", *map(str, args)],
            input=input,
            env={**os.environ, "CARDS_HOME": str(home), **(env or {})},
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )
        ran = Ran(done.returncode, done.stdout, done.stderr)
        assert not check or ran.code == 0, f"cards {' '.join(map(str, args))}: {ran}"
        return ran

    return run


@pytest.fixture
def deck_file(tmp_path: Path) -> Callable[..., Path]:
    """Writes a deck, indented as the test likes it, and gives its path: `deck_file(text, name="deck.yaml")`."""

    def deck_file(text: str, name: str = "deck.yaml") -> Path:
        path = tmp_path / "decks" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return deck_file
