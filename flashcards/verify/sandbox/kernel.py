"""The kernel by name: system calls that Python does not have, through ctypes. Raises OSError like Python's own."""

from __future__ import annotations

import ctypes
import errno
import os

from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

libc = ctypes.CDLL(None, use_errno=True)
_syscall = libc.syscall
_syscall.restype = ctypes.c_long

NUMBERS: Mapping[str, tuple[int, int]] = {
    "socket": (41, 198),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "getxattr": (191, 8),
    "lgetxattr": (192, 9),
    "listxattr": (194, 11),
    "llistxattr": (195, 12),
    "setxattrat": (463, 463),
    "getxattrat": (464, 464),
    "listxattrat": (465, 465),
    "removexattrat": (466, 466),
    "chown": (92, -1),
    "lchown": (94, -1),
    "fchownat": (260, 54),
    "truncate": (76, 45),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "fanotify_init": (300, 262),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "clone": (56, 220),
    "clone3": (435, 435),
    "kill": (62, 129),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prctl": (157, 167),
    "capset": (126, 91),
    "seccomp": (317, 277),
    "socketpair": (53, 199),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "mq_open": (240, 180),
    "inotify_init": (253, -1),
    "inotify_init1": (294, 26),
    "prlimit64": (302, 261),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setscheduler": (144, 119),
    "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    "tkill": (200, 130),
    "tgkill": (234, 131),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
    "pidfd_send_signal": (424, 424),
    "landlock_create_ruleset": (444, 444),
    "landlock_add_rule": (445, 445),
    "landlock_restrict_self": (446, 446),
}
"""Numbers on x86_64 and aarch64; -1 where the call does not exist."""
MACHINES = ("x86_64", "aarch64")
FIRST_UNKNOWN = 467
"""Calls from here on are newer than this list (`open_tree_attr`, `file_setattr`, …)."""

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, PR_SET_SECUREBITS = 1, 4, 38, 36, 28
SECURE_NOROOT_LOCKED = 0b11
"""A program that root starts gets no capabilities back, and nobody turns that off again."""
CAPABILITY_VERSION = 0x20080522

MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 8, 4096, 16384, 1 << 18
MOUNT_ATTR_RDONLY, MOUNT_ATTR_NOSUID, MOUNT_ATTR_NODEV = 1, 2, 4
MNT_DETACH = 2
AT_FDCWD, AT_RECURSIVE = -100, 0x8000


def machine() -> str:
    """The processor, as the kernel calls it."""
    return os.uname().machine


def is_known() -> bool:
    """Whether the numbers of system calls are known here; a program of 32 bits has others."""
    return machine() in MACHINES and ctypes.sizeof(ctypes.c_void_p) == 8  # noqa: PLR2004


def number(name: str) -> int:
    """The number of a call here; -1 where it does not exist. Raises OSError on a machine that is not known."""
    if not is_known():
        raise OSError(errno.ENOSYS, f"the system calls of `{machine()}` are not known")
    return NUMBERS[name][MACHINES.index(machine())]


def call(name: str, *arguments: object) -> int:
    """Makes a system call; text is passed as a path. Raises OSError."""
    passed = [ctypes.c_long(a) if isinstance(a, int) else _pointer(a) for a in arguments]
    result = int(_syscall(ctypes.c_long(number(name)), *passed))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return result


def _pointer(argument: object) -> object:
    if argument is None:
        return ctypes.c_void_p(None)
    return ctypes.c_char_p(os.fsencode(argument)) if isinstance(argument, str) else argument


def prctl(option: int, value: int) -> None:
    """Changes one thing of this process. Raises OSError."""
    call("prctl", option, value, 0, 0, 0)


def drop_capabilities() -> None:
    """This process and all that it starts have no powers but those of any program."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    if os.getuid() == 0:
        prctl(PR_SET_SECUREBITS, SECURE_NOROOT_LOCKED)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    nothing = (ctypes.c_uint32 * 6)()
    call("capset", header, nothing)


def mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """Mounts. Raises OSError."""
    call("mount", source, target, kind, flags, options)


def lock_mount(path: str, attributes: int, flags: int = AT_RECURSIVE) -> None:
    """Sets attributes of a mount and of all mounts below it; they can be added, never lost (Linux 5.12)."""
    settings = (ctypes.c_uint64 * 4)(attributes, 0, 0, 0)
    call("mount_setattr", AT_FDCWD, path, flags, settings, ctypes.sizeof(settings))
