"""One process inside the sandbox: started, listened to, and ended in time."""

from __future__ import annotations

import os
import select
import time

from flashcards.verify.sandbox import ending, landlock, limits, policy
from flashcards.verify.sandbox.light import TYPE_CHECKING, NamedTuple, signal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

RECORD = 8
"""The descriptor on which a shell writes what it knows; dash can name single digits only."""
TICK_SECONDS = 0.1
"""How often the whole run is measured."""
GRACE_SECONDS = 0.15
"""What still runs when a command has ended may finish within this time: `touch a &` is done by then."""
LOOK_SECONDS = 0.005
"""Between two looks in that time. One that comes later, on a busy machine, counts as if it had come then."""
MOST_GRACE_SECONDS = 4 * GRACE_SECONDS
END_SECONDS = 0.5
"""How long the end of all that a command left running may take."""
VANISHED_BYTES = 4 * policy.FOLDER_BYTES
"""What the disk may lose meanwhile to others; beyond it, it went into files without a name, which nobody can count."""
AT_ONCE = 1 << 16
IGNORED = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGPIPE,
    signal.SIGTERM,
    signal.SIGXFSZ,
)
"""What Python or we ignore (`yes | head` needs it), and what may have been ignored where we were started: by `nohup`,
by a shell that started us in the background. A command meets all of it as at a prompt."""


class Ended(NamedTuple):
    """How a process ended and what it printed."""

    status: int | None
    """The exit status; None if a signal or a limit ended it."""
    why: str
    """Empty where it ended by itself; else `time`, `output`, `memory`, `processes`, `disk`, or `signal 9`."""
    out: bytes
    err: bytes
    mixed: bytes
    """Both, in the order in which they came."""
    took_seconds: float


class Watch(NamedTuple):
    """What the process may take, and where it writes."""

    seconds: float
    folders: tuple[str, ...]
    alone: bool
    """Whether every process that we see is below us: then we are process 1."""
    scoped: bool = False
    """Whether signals have to be kept from reaching us."""
    free_bytes: int = 0
    """What was free on the disk when the process began."""
    shared_bytes: int = 0
    """The machine's shared memory at that time."""


class _Streams:
    """The two streams of a process: kept up to a bound, counted beyond it.

    What was printed at the same moment is read from the errors first: a mark
    that was written there stands before whatever was printed after it.
    """

    def __init__(self) -> None:
        self.kept: dict[int, list[bytes]] = {}
        self.mixed: list[bytes] = []
        self.total = 0
        self._sizes: dict[int, int] = {}

    def add(self, descriptor: int) -> None:
        os.set_blocking(descriptor, False)
        self.kept[descriptor], self._sizes[descriptor] = [], 0

    def read(self, descriptor: int) -> bool:
        """Takes what is there; False at the end of the stream."""
        try:
            data = os.read(descriptor, AT_ONCE)
        except BlockingIOError:
            return True
        self.total += len(data)
        room = policy.OUTPUT_KEPT_BYTES - self._sizes[descriptor]
        if data and room > 0:
            self.kept[descriptor].append(data[:room])
            self.mixed.append(data[:room])
            self._sizes[descriptor] += len(data)
        return bool(data)

    def closed(self) -> tuple[bytes, bytes, bytes]:
        """Reads what is left in the pipes; what was kept of the first, of the second, of both in their order."""
        for descriptor in reversed(self.kept):
            before = -1
            while before < self.total <= policy.OUTPUT_BYTES:
                before = self.total
                self.read(descriptor)
            os.close(descriptor)
        out, err = (b"".join(parts) for parts in self.kept.values())
        return out, err, b"".join(self.mixed)


def run(
    argv: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    watch: Watch,
    record: int | None = None,
) -> Ended:
    """Runs a program to its end or to a limit; what it leaves running has ended, too, when this returns."""
    watch = watch._replace(free_bytes=limits.free_bytes(watch.folders), shared_bytes=limits.shared_bytes())
    began = time.monotonic()
    child, streams = _start(argv, environment, folder, watch, record)
    why = _listen(child, streams, watch, began)
    status = _wait(child, why)
    took = time.monotonic() - began
    why = why or _grace(streams, watch)
    if not ending.end_all(END_SECONDS, alone=watch.alone):
        why = why or "processes"  # whatever is there still could change what the checks see
    why = why or ("disk" if _full(watch) else "")  # a look may have begun before the most was written
    out, err, mixed = streams.closed()
    if not why and status < 0:
        why = f"signal {-status}"
    return Ended(status if status >= 0 and not why else None, why, out, err, mixed, took)


def _start(
    argv: Sequence[str], environment: Mapping[str, str], folder: str, watch: Watch, record: int | None
) -> tuple[int, _Streams]:
    """The child and what it prints."""
    (out, child_out), (err, child_err) = os.pipe(), os.pipe()
    child = os.fork()
    if not child:
        _become(argv, environment, folder, (child_out, child_err, record), scoped=watch.scoped)
    os.close(child_out)
    os.close(child_err)
    streams = _Streams()
    streams.add(out)
    streams.add(err)
    return child, streams


def _become(
    argv: Sequence[str],
    environment: Mapping[str, str],
    folder: str,
    streams: tuple[int, int, int | None],
    *,
    scoped: bool,
) -> None:
    """The child: its streams, its place, then the program."""
    try:
        os.setsid()
        out, err, record = streams
        nothing = os.open(os.devnull, os.O_RDONLY)
        for source, target in ((nothing, 0), (out, 1), (err, 2)):
            os.dup2(source, target)
        if record is not None:
            os.dup2(record, RECORD)
        os.closerange(3, RECORD)
        os.closerange(RECORD if record is None else RECORD + 1, policy.OPEN_FILES)
        for ignored in IGNORED:
            signal.signal(ignored, signal.SIG_DFL)
        if scoped:
            landlock.scope_signals()
        os.chdir(folder)
        os.execve(argv[0], list(argv), environment)  # noqa: S606  (that is the purpose)
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
    os._exit(127)


def _listen(child: int, streams: _Streams, watch: Watch, began: float) -> str:
    """Reads until the child ends; why it has to be ended before, if it does."""
    handle = os.pidfd_open(child)
    poll = select.poll()
    for descriptor in (handle, *streams.kept):
        poll.register(descriptor, select.POLLIN)
    deadline, measured = began + watch.seconds, began + TICK_SECONDS
    try:
        while True:
            now = time.monotonic()
            if now >= deadline:
                return "time"
            if now >= measured:
                if why := _beyond(watch):
                    return why
                measured = time.monotonic() + TICK_SECONDS
            ready = {found for found, _ in poll.poll(max(1, 1000 * (min(deadline, measured) - now)))}
            for descriptor in reversed(streams.kept):
                if descriptor in ready and not streams.read(descriptor):
                    poll.unregister(descriptor)
            if streams.total > policy.OUTPUT_BYTES:
                return "output"
            if handle in ready:
                return ""
    finally:
        os.close(handle)


def _beyond(watch: Watch) -> str:
    """Which limit the whole run has passed; empty for none."""
    below = limits.descendants(os.getpid())
    if len(below) > policy.PROCESSES:
        return "processes"
    if max(sum(below.values()), limits.shared_bytes() - watch.shared_bytes) > policy.MEMORY_BYTES:
        return "memory"
    return "disk" if _full(watch) else ""


def _full(watch: Watch) -> bool:
    """A file system of the run's own says it at once; elsewhere what lies there has to be counted."""
    for folder in watch.folders:
        try:
            space = os.statvfs(folder)
        except OSError:  # somebody has closed the way to it
            return True
        if space.f_blocks * space.f_frsize > policy.FOLDER_BYTES:
            vanished = watch.free_bytes - limits.free_bytes(watch.folders)
            return vanished > VANISHED_BYTES or limits.too_large(watch.folders)
        if space.f_files - space.f_ffree > policy.FOLDER_ENTRIES:
            return True
    return False


def _wait(child: int, why: str) -> int:
    """The exit status; negative for a signal."""
    if why:
        try:
            os.kill(child, signal.SIGKILL)
        except ProcessLookupError:
            pass
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _grace(streams: _Streams, watch: Watch) -> str:
    """Lets what runs in the background finish, if it does so at once."""
    began = now = time.monotonic()
    left = GRACE_SECONDS
    poll = select.poll()
    for stream in reversed(streams.kept):
        poll.register(stream, select.POLLIN)
    while ending.reap() and left > 0 and now < began + MOST_GRACE_SECONDS:
        before, now = now, time.monotonic()
        left -= min(now - before, LOOK_SECONDS)
        for stream, _ in poll.poll(1000 * LOOK_SECONDS):
            if not streams.read(stream):
                poll.unregister(stream)
        if streams.total > policy.OUTPUT_BYTES:
            return "output"
    return _beyond(watch) if ending.reap() else ""
