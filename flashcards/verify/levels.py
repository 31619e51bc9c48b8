"""How well this machine can contain a command: found out by attacking each sandbox from inside, once a process.

Nothing is concluded from what is installed. A level is what the attacks could
not do, and the words on screen are made from that.
"""

import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Literal, NamedTuple

from flashcards.places import places
from flashcards.verify import job, programs, report, runner

Level = Literal["strong", "good", "weak"]
HOLES: Mapping[str, str] = {
    "stat": "names, dates and link targets of your files can be seen",
    "chmod": "permissions and dates of your own files could be changed",
    "signal": "other programs of yours could be stopped",
    "processes": "the names of running programs can be seen",
}
"""What level `good` may leave open, and how that is said."""
PROBE_SECONDS = 10.0
NO_NETWORK = "no network"


class Tried(NamedTuple):
    """What became of one kind of sandbox."""

    backend: runner.Backend
    level: Level | None
    """None: it cannot be built here."""
    holes: tuple[str, ...] = ()
    """Attacks that succeeded."""
    why: str = ""
    """Why it cannot be built."""

    @property
    def claim(self) -> str:
        """What it protects, in words that come from the attacks."""
        if self.level == "strong":
            return f"your files cannot be seen or changed, {NO_NETWORK}"
        if self.level == "good":
            open_still = "; ".join(HOLES[hole] for hole in HOLES if hole in self.holes)
            return f"your files cannot be read or written, {NO_NETWORK}; {open_still}"
        return "nothing protects your files"


_KNOWN: dict[runner.Backend, Tried] = {}
"""What was found out in this process; a kernel does not change under it."""


def tried(backend: runner.Backend) -> Tried:
    """What became of this kind of sandbox, found out at the first call. Starts processes of ours alone."""
    if backend not in _KNOWN:
        _KNOWN[backend] = _attacked(backend)
    return _KNOWN[backend]


def all_tried() -> list[Tried]:
    """Everything that was found out so far."""
    return [found for found in _KNOWN.values() if found.backend != "none"]


def _attacked(backend: runner.Backend) -> Tried:
    """Builds a sandbox of this kind and attacks it from inside."""
    if backend == "none":
        return Tried(backend, "weak")
    if not runner.is_supported():
        return Tried(backend, None, why="commands are run on Linux only, on x86_64 and aarch64")
    if backend == "bubblewrap" and not shutil.which("bwrap"):
        return Tried(backend, None, why="`bwrap` is not installed")
    try:
        with _targets() as targets:
            outcome = runner.run(lambda place: _probe(place, targets), backend, programs.find([]), PROBE_SECONDS)
        could = report.probe(outcome.data)
    except OSError as error:
        return Tried(backend, None, why=str(error))
    except report.BadReportError:
        return Tried(backend, None, why=outcome.last_word or "it ended without a word")
    holes = {name for name, possible in could.items() if possible} | ({"home"} if _is_shown() else set())
    found = tuple(name for name in could if name in holes)
    return Tried(backend, level_of(found), found)


def _is_shown() -> bool:
    """Whether the person's home or our own data lies where programs do, which every sandbox shows.

    The probe may miss it: what it tries to open there can be closed to everybody.
    """
    private = (os.path.expanduser("~"), os.path.dirname(places().database))
    return any(programs.is_visible(path, programs.visible_roots()) for path in private)


def level_of(holes: Sequence[str]) -> Level:
    """What a sandbox is worth through which these attacks got."""
    return "strong" if not holes else "good" if HOLES.keys() >= set(holes) else "weak"


def best(chosen: str = "auto", *, allow_weak: bool = False) -> Tried | None:
    """The best sandbox of this machine, or the one that was chosen; None where there is none that protects files."""
    candidates = [backend for backend in runner.BACKENDS if chosen in {"auto", backend} and backend != "none"]
    found = [tried(backend) for backend in _lazily(candidates)]
    good = [one for one in found if one.level in {"strong", "good"}]
    if good:
        return min(good, key=lambda one: one.level != "strong")
    return tried("none") if allow_weak and runner.is_supported() else None


def _lazily(candidates: Sequence[runner.Backend]) -> Iterator[runner.Backend]:
    """No more than have to be tried: the first strong one ends it."""
    for backend in candidates:
        yield backend
        if tried(backend).level == "strong":
            return


def cures() -> list[str]:
    """What a person could do to get a better level here."""
    found = []
    if _setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns") == "1" and os.getuid():
        found.append("let programs make user namespaces: sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0")
    if _setting("/proc/sys/user/max_user_namespaces") == "0" and os.getuid():
        found.append("allow user namespaces: sudo sysctl user.max_user_namespaces=10000")
    if _setting("/proc/sys/kernel/unprivileged_userns_clone") == "0" and os.getuid():
        found.append("allow user namespaces: sudo sysctl kernel.unprivileged_userns_clone=1")
    if not shutil.which("bwrap"):
        found.append(report.cure("bubblewrap"))
    return found


def _setting(path: str) -> str:
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return ""


# ---------------------------------------------------------------- what is attacked


@contextmanager
def _targets() -> Iterator[dict[str, object]]:
    """A file in our own data folder, a port and a socket that somebody listens on, a process."""
    import socket  # 5 ms, once a process

    data = os.path.dirname(places().database)
    os.makedirs(data, mode=0o700, exist_ok=True)
    folder = os.path.join(data, f".probe-{secrets.token_hex(6)}")
    os.mkdir(folder, 0o700)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        victim = os.path.join(folder, "victim")
        with open(victim, "w", encoding="ascii") as file:
            file.write("canary")
        port = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
        port.bind(("127.0.0.1", 0))
        port.listen()
        path = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
        here = os.path.join(folder, "s")
        path.bind(here if len(here) < 100 else f"\0cards-{secrets.token_hex(8)}")  # noqa: PLR2004  (sun_path has 108 bytes)
        path.listen()
        yield {
            "file": victim,
            "home": _home_entry(),
            **stack.enter_context(_bystander()),
            "ways": _ways(os.path.realpath(victim)),
            "port": port.getsockname()[1],
            "socket": path.getsockname() if isinstance(path.getsockname(), str) else here,
        }


@contextmanager
def _bystander() -> Iterator[dict[str, object]]:
    """A process of the person that has nothing to do with the run; ourselves are guarded better than others."""
    words = ["/bin/sh", "-c", "read -r line"]  # it ends with us, whatever becomes of us
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:  # noqa: S603  (the words are ours)
        with open(f"/proc/{process.pid}/stat", encoding="utf-8", errors="replace") as file:
            began = file.read().rpartition(") ")[2].split()[19]
        yield {"process": process.pid, "began": began}


def _ways(path: str) -> list[tuple[str, int, int]]:
    """A path and all that it lies in, each with its identity: inside, another folder may have the same name."""
    found = []
    while path != "/":
        info = os.stat(path)
        found.append((path, info.st_dev, info.st_ino))
        path = os.path.dirname(path)
    return found


def _home_entry() -> str:
    """Something in the person's home that nobody has to see; empty for an empty home."""
    home = os.path.expanduser("~")
    needed = [*programs.find([]).visible, os.path.dirname(os.path.abspath(__file__))]  # bubblewrap shows our own, too
    try:
        names = sorted(os.listdir(home))
    except OSError:
        return ""
    paths = (os.path.join(home, name) for name in names)
    return next((path for path in paths if not any((seen + "/").startswith(path + "/") for seen in needed)), "")


def _probe(place: job.Place, targets: dict[str, object]) -> dict[str, object]:
    return {"probe": targets, "files": {}, "folders": place._asdict(), "cpu_seconds": 5}
