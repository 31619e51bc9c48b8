"""Seccomp: the system calls that a contained command does not get. See `policy` for each reason."""

import ctypes
import errno
import struct

from flashcards.verify.sandbox import kernel, policy

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""The few operations of the filter's machine that are used (BPF: ld, jeq, jge, jset, ret)."""
ALLOW, KILL, FAIL = 0x7FFF0000, 0x80000000, 0x00050000
CALL, ARCHITECTURE, FIRST_LOW, SECOND_LOW = 0, 4, 16, 24
"""Offsets in struct seccomp_data (little-endian)."""
X32 = 0x40000000
"""From here on x86_64 counts the calls of its 32-bit twin, which a list of numbers would miss."""
NEW_NAMESPACES = 0x7E020080
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, NEWTIME."""
TYPE_INTO_TERMINAL, TERMINAL_SUBCALL = 0x5412, 0x541C
"""TIOCSTI and TIOCLINUX put letters into a terminal as if a person had typed them."""
EVERYBODY = 0xFFFFFFFF
"""kill(-1): every process of the person."""
SET_MODE_FILTER = 1


def restrict(*, hidden: bool, guards_truncate: bool, guards_signals: bool) -> None:
    """Denies this process and its children the calls of the policy, for good. Raises OSError.

    `hidden` says that a mount namespace hides the person's files; the others
    say what something else guards already.
    """
    denied = [*policy.DENIED, *([] if hidden or guards_truncate else policy.WITHOUT_MOUNTS)]
    program = _program(denied, everybody=not guards_signals)
    code = ctypes.create_string_buffer(program)
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(code)))
    kernel.call("seccomp", SET_MODE_FILTER, 0, header)


def _program(denied: list[str], *, everybody: bool) -> bytes:
    """The filter: refuse foreign calling conventions, then one comparison a call, then what depends on an argument."""
    steps = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, ARCHITECTURES[kernel.machine()]),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, CALL),
        (JUMP_AT_LEAST, 0, 1, X32),
        (RETURN, 0, 0, FAIL | errno.ENOSYS),
    ]
    for name in denied:
        steps += _if_call(name, [(RETURN, 0, 0, FAIL | errno.EPERM)])
    for name in policy.PRETENDED_MISSING:
        steps += _if_call(name, [(RETURN, 0, 0, FAIL | errno.ENOSYS)])
    steps += _if_argument("clone", FIRST_LOW, JUMP_ANY_BIT, NEW_NAMESPACES)
    for request in (TYPE_INTO_TERMINAL, TERMINAL_SUBCALL):
        steps += _if_argument("ioctl", SECOND_LOW, JUMP_EQUAL, request)
    if everybody:
        steps += _if_argument("kill", FIRST_LOW, JUMP_EQUAL, EVERYBODY)
    steps.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _if_call(name: str, then: list[tuple[int, int, int, int]]) -> list[tuple[int, int, int, int]]:
    number = kernel.number(name)
    return [] if number < 0 else [(JUMP_EQUAL, 0, len(then), number), *then]


def _if_argument(name: str, offset: int, test: int, value: int) -> list[tuple[int, int, int, int]]:
    """EPERM where an argument of the call passes the test; then the number is loaded again."""
    then = [(LOAD, 0, 0, offset), (test, 0, 1, value), (RETURN, 0, 0, FAIL | errno.EPERM), (LOAD, 0, 0, CALL)]
    return _if_call(name, then)
