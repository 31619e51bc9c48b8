"""Builds the walls around this very process, in order, and then lets the agent work inside them.

Runs as `python -I -S -c "…enter.main()"`, with the job on standard input and
the report going to standard output. Above the contained process stands a
keeper that outlives it: it sees to it that nothing survives, also when
`cards` itself is killed.
"""

from __future__ import annotations

import marshal
import os
import select
import sys

from flashcards.verify.sandbox import ending, kernel, landlock, limits, namespaces, policy, seccomp
from flashcards.verify.sandbox.light import TYPE_CHECKING, signal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LAST_MOMENT_SECONDS = 2.0
"""How long the keeper goes on killing what starts faster than it looks."""
STDIN, REPORT = 0, 1


def main() -> None:
    """Reads the job, builds what it asks for, works, reports."""
    from flashcards.verify.inside import agent

    job: dict[str, Any] = marshal.loads(_read_all(STDIN))  # noqa: S302  (from the program itself; JSON costs 15 ms)
    if "probe" in job:
        from flashcards.verify.inside import probe  # noqa: F401  (behind the walls the package is out of sight)
    report = os.dup(REPORT)
    job["record"] = os.memfd_create("record", os.MFD_CLOEXEC)  # before nobody can make one
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # process 1 hears nothing but what it listens to
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, STDIN)
    os.dup2(nothing, REPORT)
    os.close(nothing)
    job["counted"] = _is_counted(job["group"])
    backend = job["backend"]
    if backend != "bubblewrap":
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL if backend == "namespaces" else 0)
        if backend == "namespaces":
            _in_namespaces(job, report)
        else:
            _below_a_keeper(job, report)
    _contain(job)
    agent.work(job, report)


def _is_counted(group: str) -> bool:
    """Whether this process has really arrived in the control group that was made for it."""
    with open("/proc/self/cgroup", encoding="utf-8", errors="replace") as file:
        return bool(group) and group in file.read()


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
    """Goes on in a child; its parent keeps every orphan, and ends all of them with the child or with `cards`.

    The keeper stands outside the walls, where no signal from inside arrives.
    """
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    keeper = os.getpid()
    child = os.fork()
    if child:
        os.close(report)
        _keep(child, job["lifeline"])
    os.close(job["lifeline"])
    if job["nobody"]:
        namespaces.become_nobody()
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)  # after the change of owner, which clears it
    if os.getppid() != keeper:
        os._exit(1)
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    os.setsid()


def _keep(child: int, lifeline: int) -> None:
    handle = os.pidfd_open(child)
    select.select([handle, lifeline], [], [])
    ending.end_all(LAST_MOMENT_SECONDS)
    os._exit(0)


# ---------------------------------------------------------------- the walls


def _contain(job: Mapping[str, Any]) -> None:
    """Drops every power and closes the walls, in the order in which each can still be built."""
    os.umask(0o022)
    walled = job["backend"] != "none"
    version = landlock.version()
    if walled:
        kernel.drop_capabilities()
        _restrict_files(job, version)
    counts = os.getuid() != 0 and not job["counted"]
    limits.restrict(cpu_seconds=job["cpu_seconds"], counts_processes=counts)
    if walled:
        watching = (os.getpid(), os.getppid(), job["host"])
        seccomp.restrict(alone=job["alone"], landlock_version=version, protected=watching)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)  # what it starts cannot look into it
    os.chdir(job["folders"]["work"])


def _restrict_files(job: Mapping[str, Any], version: int) -> None:
    """Landlock, behind namespaces as well: it costs little, and each makes up for what the other forgot."""
    folders = job["folders"]
    if version:
        readable = [*job["visible"], "/proc", folders["control"]]
        devices = [f"/dev/{name}" for name in policy.DEVICES]
        # In a root of its own there is nothing to hide in the names, and `ls /` works; root's own names stay hidden.
        listed = ["/"] if job["alone"] and not (job["backend"] == "bubblewrap" and job["by_root"]) else []
        landlock.restrict(readable, [folders["home"], folders["temporary"]], devices, listed)
    elif not job["alone"]:
        raise OSError("this kernel has no Landlock")


if __name__ == "__main__":
    sys.exit("this module is started by flashcards.verify.runner")
