"""Namespaces of our own: another file system, no network, no other processes. Needs user namespaces, or root.

The root is made anew and empty; what a command may read is bound into it,
read-only. So nothing has to be hidden, and a path that nobody thought of is
not there.
"""

from __future__ import annotations

import os

from flashcards.verify.sandbox import kernel, policy
from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NEW_MOUNTS, NEW_CGROUP, NEW_HOST, NEW_IPC = 0x00020000, 0x02000000, 0x04000000, 0x08000000
NEW_USERS, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NOBODY = 65534
"""Who a command is where root started it: root's files are not its own, and the kernel counts its processes."""
CONTROL, HOME, WORK, TEMPORARY = "/ctl", "/home/learner", "/home/learner/work", "/tmp"
OLD = "/old"
LOCKED = kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
QUIET = kernel.MS_NOSUID | kernel.MS_NODEV


def separate() -> None:
    """Leaves the namespaces of the person; the next child is process 1 of its own. Raises OSError."""
    uid, gid = os.getuid(), os.getgid()
    new = NEW_MOUNTS | NEW_CGROUP | NEW_HOST | NEW_IPC | NEW_PROCESSES | NEW_NETWORK
    if uid == 0:
        require_nobody()
        kernel.call("unshare", new)
        return
    kernel.call("unshare", new | NEW_USERS)
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(text)


def build(visible: Iterable[str], files: Mapping[str, bytes]) -> None:
    """Makes the new root and moves there: `visible` read-only, `files` in `/ctl`, an empty home. Raises OSError."""
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("cards", "/tmp", "tmpfs", QUIET, "mode=0755,size=4m")
    os.chdir("/tmp")
    os.mkdir("old")
    kernel.call("pivot_root", ".", "old")
    os.chdir("/")
    _space()  # before what is visible: a program that lies under the temporary folder would be hidden by it
    bound: list[str] = []
    for path in showable(visible):
        if not any(path.startswith(f"{above}/") for above in bound):
            bound += [path] if _show(path) else []
    _devices()
    _processes()
    _control(files)
    kernel.call("sethostname", "cards", 5)
    kernel.call("umount2", OLD, kernel.MNT_DETACH)
    os.rmdir(OLD)
    kernel.lock_mount("/", LOCKED, 0)


def require_nobody() -> None:
    """Raises OSError in a user namespace that has root alone, as some containers do: there nobody is nobody."""
    for kind in ("uid", "gid"):
        with open(f"/proc/self/{kind}_map", encoding="ascii") as file:
            ranges = [(int(first), int(count)) for first, _, count in map(str.split, file)]
        if not any(first <= NOBODY < first + count for first, count in ranges):
            raise OSError(f"as root it needs somebody to become, and this user namespace has no {kind} {NOBODY}")


def become_nobody() -> None:
    """Root becomes somebody who owns nothing."""
    if os.getuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)


def showable(visible: Iterable[str]) -> list[str]:
    """What can be shown, what holds another before it; nothing that would hide the run's own folders."""
    own = (CONTROL, WORK, TEMPORARY)
    return sorted((path for path in visible if not any(f"{one}/".startswith(f"{path}/") for one in own)), key=len)


def _show(path: str) -> bool:
    """Binds a path of the old root into the new one, read-only; whether there is such a folder now."""
    old = OLD + path
    if os.path.islink(old):
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(os.readlink(old), path)
        return False
    if not os.path.exists(old):
        return False
    _place(path, folder=os.path.isdir(old))
    kernel.mount(old, path, None, kernel.MS_BIND | kernel.MS_REC)
    kernel.lock_mount(path, LOCKED)
    return True


def _place(path: str, *, folder: bool) -> None:
    """Something to mount on."""
    if folder:
        os.makedirs(path, exist_ok=True)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, 0o444))


def _devices() -> None:
    for name in policy.DEVICES:
        path = f"/dev/{name}"
        _place(path, folder=False)
        kernel.mount(OLD + path, path, None, kernel.MS_BIND)
        kernel.lock_mount(path, kernel.MOUNT_ATTR_NOSUID, 0)
    for name, target in (("fd", ""), ("stdin", "/0"), ("stdout", "/1"), ("stderr", "/2")):
        os.symlink(f"/proc/self/fd{target}", f"/dev/{name}")


def _processes() -> None:
    os.mkdir("/proc")
    kernel.mount("proc", "/proc", "proc", QUIET | kernel.MS_NOEXEC)


def _control(files: Mapping[str, bytes]) -> None:
    """The scripts of this run: in the root, which is read-only in a moment."""
    os.mkdir(CONTROL)
    for name, text in files.items():
        path = f"{CONTROL}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(text)
        os.chmod(path, control_mode(name))


def control_mode(name: str) -> int:
    """Programs of the control folder can be executed, the rest is read."""
    return 0o755 if name.startswith("bin/") else 0o644


def _space() -> None:
    """Home and temporary folder on one small file system in memory; it ends with the run."""
    space = f"mode=0755,size={policy.FOLDER_BYTES},nr_inodes={policy.FOLDER_ENTRIES}"
    os.mkdir("/space")
    kernel.mount("cards", "/space", "tmpfs", QUIET, space)
    for inside, path in (("home", HOME), ("tmp", TEMPORARY)):
        os.mkdir(f"/space/{inside}")
        os.makedirs(path, exist_ok=True)
        kernel.mount(f"/space/{inside}", path, None, kernel.MS_BIND)
        _owned(path)
    os.mkdir(WORK)
    _owned(WORK)
    kernel.call("umount2", "/space", kernel.MNT_DETACH)
    os.rmdir("/space")


def _owned(path: str) -> None:
    if os.getuid() == 0:
        os.chown(path, NOBODY, NOBODY)
