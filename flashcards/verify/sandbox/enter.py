"""Builds the walls around this very process, in order, and then lets the agent work inside them.

Runs as `python -I -S -c "…enter.main()"`, with the job on standard input and
the report going to standard output. Above the contained process stands a
keeper that outlives it: it sees to it that nothing survives, also when
`cards` itself is killed.
"""

import marshal
import os
import select
import signal
import sys
from collections.abc import Mapping
from typing import Any

from flashcards.verify.sandbox import kernel, landlock, limits, namespaces, policy, seccomp

LAST_MOMENT_SECONDS = 2.0
"""How long the keeper goes on killing what forks faster than it looks."""
STDIN, REPORT = 0, 1


def main() -> None:
    """Reads the job, builds what it asks for, works, reports."""
    from flashcards.verify.inside import agent

    job: dict[str, Any] = marshal.loads(_read_all(STDIN))  # noqa: S302  (from the program itself; JSON costs 15 ms)
    if "probe" in job:
        from flashcards.verify.inside import probe  # noqa: F401  (behind the walls the package is out of sight)
    report = os.dup(REPORT)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, STDIN)
    os.dup2(nothing, REPORT)
    os.close(nothing)
    backend = job["backend"]
    if backend != "bubblewrap":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL if backend == "namespaces" else 0)
        if backend == "namespaces":
            _in_namespaces(job, report)
        else:
            _below_a_keeper(job, report)
    _contain(job)
    agent.work(job, report)


def _read_all(descriptor: int) -> bytes:
    parts = []
    while part := os.read(descriptor, 1 << 20):
        parts.append(part)
    return b"".join(parts)


# ---------------------------------------------------------------- who watches over the contained process


def _in_namespaces(job: Mapping[str, Any], report: int) -> None:
    """Goes on as process 1 of new namespaces; with it the kernel ends everything in them."""
    if os.getppid() != job["host"]:
        os._exit(1)
    namespaces.separate()
    alive, keep = os.pipe()
    child = os.fork()
    if child:
        os.close(report)
        os.close(alive)
        os.waitpid(child, 0)
        os._exit(0)
    os.close(keep)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    if select.select([alive], [], [], 0)[0]:  # the keeper died before it was watched
        os._exit(1)
    os.setsid()
    files = {name: text.encode("utf-8", "surrogateescape") for name, text in job["files"].items()}
    namespaces.build(job["visible"], files)
    namespaces.become_nobody()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # a change of owner clears it


def _below_a_keeper(job: Mapping[str, Any], report: int) -> None:
    """Goes on in a child; its parent keeps every orphan, and ends all of them with the child or with `cards`."""
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    child = os.fork()
    if child:
        os.close(report)
        _keep(child, job["lifeline"])
    os.close(job["lifeline"])
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()


def _keep(child: int, lifeline: int) -> None:
    handle = os.pidfd_open(child)
    select.select([handle, lifeline], [], [])
    end_all(os.getpid())
    os._exit(0)


def end_all(of: int) -> None:
    """Kills everything below a process, again and again until nothing is left."""
    import time  # only at the end

    until = time.monotonic() + LAST_MOMENT_SECONDS
    while time.monotonic() < until:
        below = limits.descendants(of)
        for process in below:
            try:
                os.kill(process, signal.SIGKILL)
            except OSError:
                continue
        reap()
        if not below:
            return


def reap() -> bool:
    """Takes in every child that has ended; whether there are children left."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


# ---------------------------------------------------------------- the walls


def _contain(job: Mapping[str, Any]) -> None:
    """Drops every power and closes the walls, in the order in which each can still be built."""
    os.umask(0o022)
    backend, folders = job["backend"], job["folders"]
    hidden = backend in {"namespaces", "bubblewrap"}
    version = landlock.version()
    if backend != "none":
        kernel.drop_capabilities()
        if version:
            readable = [*job["visible"], "/proc", folders["control"]]
            devices = [f"/dev/{name}" for name in policy.DEVICES]
            landlock.restrict(readable, [folders["home"], folders["temporary"]], devices)
        elif not hidden:
            raise OSError("this kernel has no Landlock")
    counts = os.getuid() != 0
    limits.restrict(cpu_seconds=job["cpu_seconds"], counts_processes=counts)
    if backend != "none":
        seccomp.restrict(
            hidden=hidden,
            guards_truncate=version >= landlock.WITH_TRUNCATE,
            guards_signals=hidden or version >= landlock.WITH_SCOPES,
        )
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # what it starts cannot look into it
    os.chdir(folders["work"])


if __name__ == "__main__":
    sys.exit("this module is started by flashcards.verify.runner")
