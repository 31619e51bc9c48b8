"""Seccomp: the system calls that a contained command does not get. See `policy` for each reason."""

from __future__ import annotations

import ctypes
import errno
import os
import struct

from flashcards.verify.sandbox import kernel, landlock, policy
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Steps = list[tuple[int, int, int, int]]
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""The few operations of the filter's machine that are used (BPF: ld, jeq, jge, jset, ret)."""
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
CALL, ARCHITECTURE, FIRST, SECOND = 0, 4, 16, 24
"""Offsets in struct seccomp_data; of the arguments the lower half (little-endian)."""
NEW_NAMESPACES = 0x7E020080
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME."""
UNIX_SOCKETS, DATAGRAM_BIT = 1, 2
"""A pair of datagram sockets can be turned to anybody's; SOCK_DGRAM and SOCK_RAW have this bit, SOCK_STREAM has not."""
EVERYBODY = 0xFFFFFFFF
"""kill(-1): every process of the person."""
SET_MODE_FILTER = 1


def restrict(*, alone: bool, landlock_version: int, protected: Iterable[int]) -> None:
    """Denies this process and its children the calls of the policy, for good. Raises OSError.

    `alone` says that namespaces hide the person's files and processes.
    Elsewhere `protected` are processes that no signal must reach.
    """
    steps = _of_all()
    if not alone:
        steps += _among_others()
        if landlock_version < landlock.WITH_TRUNCATE:
            steps += _refused(policy.WITHOUT_MOUNTS, errno.EPERM)
        if landlock_version < landlock.WITH_SCOPES:
            steps += _without_signals_to(protected)
    program = b"".join(struct.pack("HBBI", *step) for step in [*steps, (RETURN, 0, 0, ALLOW)])
    code = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code)))
    kernel.call("seccomp", SET_MODE_FILTER, 0, header)


def _of_all() -> Steps:
    """What holds on every machine: foreign calling conventions, calls by number, calls by argument."""
    steps: Steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[kernel.machine()]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, CALL),
        (JUMP_AT_LEAST, 0, 1, kernel.FIRST_UNKNOWN),  # x86_64 counts the calls of its 32-bit twin from 2**30 on
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
    ]
    steps += _refused(policy.DENIED, errno.EPERM)
    steps += _refused(policy.PRETENDED_MISSING, errno.ENOSYS)
    steps += _refused(policy.WITHOUT_ATTRIBUTES, errno.ENOTSUP)
    steps += _if_argument("clone", FIRST, JUMP_ANY_BIT, NEW_NAMESPACES)
    steps += _unless_argument("socketpair", FIRST, UNIX_SOCKETS)
    steps += _if_argument("socketpair", SECOND, JUMP_ANY_BIT, DATAGRAM_BIT)
    for name in policy.LIMITS_ONLY_ITSELF:
        steps += _unless_argument(name, FIRST, 0)
    for name, request in policy.DENIED_REQUESTS:
        steps += _if_argument(name, SECOND, JUMP_EQUAL, request)
    return steps


def _among_others() -> Steps:
    """What else holds where other files and processes are in sight."""
    steps = _refused(policy.MISSING_AMONG_OTHERS, errno.ENOSYS)
    steps += _refused(policy.ATTRIBUTES_OF_OTHERS, errno.ENOTSUP)
    for name in policy.ONLY_ITSELF:
        steps += _unless_argument(name, FIRST, 0)
    for name, kind in policy.ONLY_ITSELF_OF_A_KIND.items():
        steps += _unless_argument(name, FIRST, kind) + _unless_argument(name, SECOND, 0)
    return steps


def _without_signals_to(protected: Iterable[int]) -> Steps:
    """No signal by number to these, their threads, their groups or everybody; none by handle at all."""
    targets = {target & 0xFFFFFFFF for process in protected for target in _names_of(process)}
    steps = _refused(("pidfd_send_signal",), errno.ENOSYS)
    for name in policy.SIGNALS:
        for target in (EVERYBODY, *sorted(targets)):
            steps += _if_argument(name, FIRST, JUMP_EQUAL, target)
    return steps


def _names_of(process: int) -> set[int]:
    """The numbers under which a signal finds a process: its threads' and, negative, its group's."""
    try:
        threads = {int(name) for name in os.listdir(f"/proc/{process}/task")}
    except OSError:  # processes of others can be hidden
        threads = set()
    return {process, -process, -os.getpgid(process), *threads} - {0}


def _refused(names: Iterable[str], code: int) -> Steps:
    return [step for name in names for step in _if_call(name, [(RETURN, 0, 0, FAIL | code)])]


def _if_call(name: str, then: Steps) -> Steps:
    number = kernel.number(name)
    return [] if number < 0 else [(JUMP_EQUAL, 0, len(then), number), *then]


def _if_argument(name: str, offset: int, test: int, value: int) -> Steps:
    """EPERM where an argument of the call passes the test; then the number is loaded again."""
    return _if_call(
        name, [(LOAD, 0, 0, offset), (test, 0, 1, value), (RETURN, 0, 0, FAIL | errno.EPERM), (LOAD, 0, 0, CALL)]
    )


def _unless_argument(name: str, offset: int, value: int) -> Steps:
    """EPERM where an argument of the call is anything else."""
    return _if_call(
        name, [(LOAD, 0, 0, offset), (JUMP_EQUAL, 1, 0, value), (RETURN, 0, 0, FAIL | errno.EPERM), (LOAD, 0, 0, CALL)]
    )
