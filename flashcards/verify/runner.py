"""One run from outside: starts the sandbox, watches the time, reads the report, leaves nothing behind."""

import marshal
import os
import secrets
import select
import selectors
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import IO, Any, Literal, NamedTuple

from flashcards import clock
from flashcards.model import Verdict
from flashcards.verify import folders, job, programs, report
from flashcards.verify.counting import counted
from flashcards.verify.sandbox import bubblewrap, kernel, namespaces

Backend = Literal["namespaces", "bubblewrap", "landlock", "none"]
BACKENDS: tuple[Backend, ...] = ("namespaces", "bubblewrap", "landlock", "none")
"""The best first."""
OWN_ROOTS = frozenset({"namespaces", "bubblewrap"})
"""Those with a root and processes of their own."""
TICK_SECONDS = 0.08
GOING_SECONDS = 2.5
"""How long a sandbox has to end by itself when its work is over, or when it is told to."""
END_SECONDS = 5.0
"""How long the end of everything may take after it was asked for."""
ENTER = "import sys; sys.path.append({root!r}); from flashcards.verify.sandbox import enter; enter.main()"
OWN_ROOT = job.Place(
    control=namespaces.CONTROL, home=namespaces.HOME, work=namespaces.WORK, temporary=namespaces.TEMPORARY
)
LAST_STREAM = 2
LONGEST_WORD = 500
ENDED_THE_CHECKER = "the command ended what checks it"

Tick = Callable[[float], object]


class Outcome(NamedTuple):
    """What came out of a sandbox, before anybody believes it."""

    data: bytes
    errors: str
    timed_out: bool

    @property
    def last_word(self) -> str:
        """The last line of the errors, without what a terminal would obey."""
        line = self.errors.strip().rpartition("\n")[2][:LONGEST_WORD]
        return "".join(sign if sign.isprintable() else "?" for sign in line)


def judge(request: job.Request, backend: Backend, level: str, tick: Tick = bool) -> Verdict:
    """Runs the answer and judges it; an interrupt ends the run and passes on."""
    if not job.shell_program(request.shell):
        missing = f"the shell `{request.shell}` is not installed"
        return Verdict(kind="cannot", reason=missing, cure=report.cure(request.shell), level=level, shell=request.shell)
    seconds = (request.card.run or {}).get("timeout", job.DEFAULT_SECONDS)
    found = programs.find(job.names_of_programs(request.card, request.shell))
    if request.ready_pip:
        found = found._replace(visible=(*found.visible, request.ready_pip))

    def made(place: job.Place) -> dict[str, Any]:
        return job.make(request, place, secrets.token_hex(16), found)

    try:
        outcome = run(made, backend, found, job.longest_seconds(request.card), tick)
    except OSError as error:
        return _cannot(f"the sandbox could not be built: {error}", level, request.shell)
    if outcome.timed_out:
        return _cannot("the checks of this card do not come to an end", level, request.shell)
    try:
        return report.verdict(outcome.data, seconds=seconds, level=level, shell=request.shell)
    except report.TooLongError as error:
        return _cannot(str(error), level, request.shell)
    except report.BadReportError:
        why = outcome.last_word
        return _cannot(f"the sandbox could not be built: {why}" if why else ENDED_THE_CHECKER, level, request.shell)


def _cannot(reason: str, level: str, shell: str) -> Verdict:
    return Verdict(kind="cannot", reason=reason, cure="cards doctor", level=level, shell=shell)


def run(
    made: Callable[[job.Place], dict[str, Any]],
    backend: Backend,
    found: programs.Programs,
    seconds: float,
    tick: Tick = bool,
) -> Outcome:
    """Does a job in a sandbox, to its end or for `seconds`. Raises OSError where none can be built."""
    with ExitStack() as stack:
        _open_the_first(stack)
        own_root = backend in OWN_ROOTS
        nobody = backend == "landlock" and os.getuid() == 0
        place = OWN_ROOT if own_root else _on_disk(stack.enter_context(_folder(nobody=nobody)).path)
        wanted = {
            **made(place),
            "backend": backend,
            "visible": list(found.visible),
            "alone": own_root,
            "host": os.getpid(),
            "by_root": os.getuid() == 0,
            "nobody": nobody,
        }
        wanted["files"].update(_links(found))
        if not own_root:
            _write(place.control, wanted["files"])
        return _started(stack, wanted, backend, seconds, tick)


def _open_the_first(stack: ExitStack) -> None:
    """Sees to it that none of ours gets the number of a standard stream, where some of these were closed."""
    while (descriptor := os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)) <= LAST_STREAM:
        stack.callback(os.close, descriptor)
    os.close(descriptor)


def _folder(*, nobody: bool) -> folders.RunFolder:
    """A run folder; raises OSError where root's Python and folders are closed to the nobody that root has to become.

    Landlock alone guards no permissions, and root owns every file of the machine.
    """
    if not nobody:
        return folders.RunFolder()
    namespaces.require_nobody()
    for path in (*programs.agent_python(), folders.base()):
        if not programs.is_open_to_all(path):
            raise OSError(f"as root it needs a Python and a temporary folder for everybody, and `{path}` is closed")
    return folders.RunFolder(owner=namespaces.NOBODY)


def _on_disk(path: str) -> job.Place:
    return job.Place(
        control=f"{path}/control",
        home=f"{path}/home",
        work=f"{path}/home/work",
        temporary=f"{path}/tmp",  # noqa: S108  (in our own folder)
    )


def _links(found: programs.Programs) -> dict[str, str]:
    """Programs that stand in a folder of their own: a line of shell each, since the file they name must know itself."""
    return {f"bin/{name}": f'#!/bin/sh\nexec {_quoted(path)} "$@"\n' for name, path in found.links}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def _write(folder: str, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        os.chmod(path, namespaces.control_mode(name))


# ---------------------------------------------------------------- the process


def _started(stack: ExitStack, wanted: dict[str, Any], backend: Backend, seconds: float, tick: Tick) -> Outcome:
    procs = stack.enter_context(counted())
    wanted["group"] = os.path.basename(os.path.dirname(procs))
    lifeline, hold = os.pipe()
    held = os.fdopen(hold, "wb", 0)  # an object, so that it is closed once, and never another in its place
    stack.callback(held.close)
    stack.callback(os.close, lifeline)
    wanted["lifeline"] = lifeline
    passed = [lifeline]
    words = [programs.agent_python()[0], "-I", "-S", "-c", ENTER.format(root=_root())]
    if backend == "bubblewrap":
        texts = {
            name: _in_memory(stack, text.encode("utf-8", "surrogateescape")) for name, text in wanted["files"].items()
        }
        passed = [*texts.values()]
        visible = [*wanted["visible"], os.path.join(_root(), "flashcards")]
        words = [*bubblewrap.command(shutil.which("bwrap") or "bwrap", visible, texts), *words]
    if procs:
        words = ["/bin/sh", "-c", 'echo $$ >"$0"; exec "$@"', procs, *words]
    errors = _in_memory(stack, b"")
    process = subprocess.Popen(  # noqa: S603  (the words are ours; the answer is a file inside)
        words,
        stdin=_in_memory(stack, marshal.dumps(wanted)),
        stdout=subprocess.PIPE,
        stderr=errors,
        pass_fds=passed,
        start_new_session=True,
        env={"LC_ALL": "C.UTF-8"},
        cwd="/",
    )
    going = 0.0 if backend in OWN_ROOTS else GOING_SECONDS  # these the kernel ends with their keeper
    try:
        data, timed_out = _listened(process, seconds, tick)
        going = going if timed_out else GOING_SECONDS
    finally:
        _end(process, held, going)
    return Outcome(data, os.pread(errors, 10_000, 0).decode("utf-8", "replace"), timed_out)


def _root() -> str:
    """The folder that holds the package, for an interpreter that knows nothing of it."""
    return os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def _in_memory(stack: ExitStack, data: bytes) -> int:
    """A file without a name: it cannot be found, and is gone with us."""
    descriptor = os.memfd_create("cards", os.MFD_CLOEXEC)
    stack.callback(os.close, descriptor)
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def _listened(process: "subprocess.Popen[bytes]", seconds: float, tick: Tick) -> tuple[bytes, bool]:
    """Reads the report to its end, ticking; whether the time was up first."""
    assert process.stdout is not None  # noqa: S101  (for the type checker)
    parts: list[bytes] = []
    size = 0
    began = clock.ticks()
    with selectors.DefaultSelector() as waiting:
        waiting.register(process.stdout, selectors.EVENT_READ)
        while True:
            if not waiting.select(TICK_SECONDS):  # first what is there: we may have been stopped for a while
                passed = clock.ticks() - began
                if passed > seconds:
                    return b"", True
                tick(passed)
                continue
            part = os.read(process.stdout.fileno(), 1 << 16)
            size += len(part)
            if not part or size > report.MOST_BYTES:
                return b"".join(parts), False
            parts.append(part)


def _end(process: "subprocess.Popen[bytes]", held: IO[bytes], going: float) -> None:
    """Ends the sandbox with all that is in it; a second interrupt does not stop this."""
    assert process.stdout is not None  # noqa: S101  (for the type checker)
    process.stdout.close()
    held.close()  # the keeper ends everything below it and goes
    with _patient():
        if not _ended(process, going):
            process.kill()
        process.wait(END_SECONDS)


def _ended(process: "subprocess.Popen[bytes]", seconds: float) -> bool:
    """Whether a process ends within so many seconds; `wait` with a time-out would look every 50 ms."""
    if process.poll() is not None:
        return True
    handle = os.pidfd_open(process.pid)
    try:
        return bool(select.select([handle], [], [], seconds)[0])
    finally:
        os.close(handle)


@contextmanager
def _patient() -> Iterator[None]:
    """Holds back Ctrl-C for the moment that the end takes."""
    try:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    except (AttributeError, ValueError):
        yield
        return
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def is_supported() -> bool:
    """Whether this system is one on which commands can be run at all."""
    return sys.platform == "linux" and kernel.is_known()
