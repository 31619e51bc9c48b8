"""Landlock: what of the file system, of TCP and of signals is left. Works without any privilege (Linux 5.13)."""

from __future__ import annotations

import ctypes
import os
import stat

from flashcards.verify.sandbox import kernel
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
ALL_OF_FIRST = (1 << 13) - 1
READ = EXECUTE | READ_FILE | READ_DIR
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""What can be granted for something that is no folder."""
BIND_TCP, CONNECT_TCP = 1, 2
SCOPE_ABSTRACT_UNIX_SOCKET, SCOPE_SIGNAL = 1, 2
VERSION_FLAG = 1
WITH_TRUNCATE, WITH_NETWORK, WITH_IOCTL, WITH_SCOPES = 3, 4, 5, 6
"""The version of Landlock that brought each."""
SETTINGS = "/etc"
"""Whoever owns this could read the secrets in it: hashes of passwords, keys of the machine."""


def version() -> int:
    """The kernel's version of Landlock; 0 where there is none."""
    try:
        return kernel.call("landlock_create_ruleset", None, 0, VERSION_FLAG)
    except OSError:
        return 0


def restrict(
    readable: Iterable[str], writable: Iterable[str], devices: Iterable[str], listed: Iterable[str] = ()
) -> None:
    """Leaves this process and its children these paths and nothing else; of `listed` the names. Raises OSError.

    No TCP; with version 6 no abstract unix sockets and no signals to anything
    outside either. What of it the kernel is too old for, it does not do: see
    `version` and the probe.
    """
    known = version()
    handled = _files(known)
    ruleset = _ruleset(handled, BIND_TCP | CONNECT_TCP, SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL, known)
    try:
        for path in readable:
            if path == SETTINGS and owns(path):
                _allow(ruleset, path, READ_DIR)
                for part in public(path):
                    _allow(ruleset, part, READ & handled)
            else:
                _allow(ruleset, path, READ & handled)
        for path in writable:
            _allow(ruleset, path, handled)
        for path in listed:
            _allow(ruleset, path, READ_DIR & handled)
        for path in devices:
            _allow(ruleset, path, (READ_FILE | WRITE_FILE | TRUNCATE) & handled)
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def scope_signals() -> None:
    """From here on signals reach only this process and its children; its parent is out of reach."""
    if version() < WITH_SCOPES:
        return
    ruleset = _ruleset(REFER, 0, SCOPE_SIGNAL, version())
    try:
        _allow(ruleset, "/", REFER)  # a layer that is silent about moves between folders forbids them
        kernel.call("landlock_restrict_self", ruleset, 0)
    finally:
        os.close(ruleset)


def owns(path: str) -> bool:
    """Whether a path belongs to who we are, so that no permission keeps us out of it."""
    return os.stat(path).st_uid == os.getuid()


def public(path: str) -> Iterator[str]:
    """What everybody may read of a path, in as few parts as possible."""
    mode = os.lstat(path).st_mode
    if stat.S_ISLNK(mode) or not mode & stat.S_IROTH or (stat.S_ISDIR(mode) and not mode & stat.S_IXOTH):
        return
    if not stat.S_ISDIR(mode):
        yield path
        return
    inner = [f"{path}/{name}" for name in os.listdir(path)]
    parts = {name: list(public(name)) for name in inner}
    if all(parts[name] == [name] or os.path.islink(name) for name in inner):
        yield path
        return
    for found in parts.values():
        yield from found


def _files(known: int) -> int:
    handled = ALL_OF_FIRST
    handled |= REFER if known > 1 else 0
    handled |= TRUNCATE if known >= WITH_TRUNCATE else 0
    return handled | (IOCTL_DEV if known >= WITH_IOCTL else 0)


def _ruleset(files: int, network: int, scopes: int, known: int) -> int:
    rights = [files, network, scopes]
    size = 3 if known >= WITH_SCOPES else 2 if known >= WITH_NETWORK else 1
    attributes = (ctypes.c_uint64 * 3)(*rights[:size])
    return kernel.call("landlock_create_ruleset", attributes, size * 8, 0)


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Grants rights below `path`; what is not there needs none."""
    try:
        fd = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not os.path.isdir(path):
            rights &= OF_A_FILE
        packed = rights.to_bytes(8, "little") + fd.to_bytes(4, "little")  # struct landlock_path_beneath_attr
        rule = ctypes.create_string_buffer(packed, len(packed))
        kernel.call("landlock_add_rule", ruleset, 1, rule, 0)
    finally:
        os.close(fd)
