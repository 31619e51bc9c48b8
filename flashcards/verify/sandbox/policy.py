"""What a contained command may see, use and call; every denial with its reason."""

from __future__ import annotations

from types import MappingProxyType

from flashcards.verify.sandbox.light import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOTS = (
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/run/current-system",
)
"""Where systems keep programs and what these read. Nothing of a person lies there; all of it is read-only inside."""
DEVICES = ("null", "zero", "full", "random", "urandom")
"""The devices that a command may use. No terminal, no disk."""

MEBIBYTE = 2**20
FILE_BYTES = 64 * MEBIBYTE
"""The largest file: enough for an archive, too little to fill a disk."""
ADDRESS_SPACE_BYTES = 4096 * MEBIBYTE
"""Of one process; some programs reserve gigabytes that they never touch."""
MEMORY_BYTES = 1536 * MEBIBYTE
"""Of all processes together, what is in their address spaces (a shared page counts in each); beyond it all of them end.

Shared memory can be in none of them and still be used: so the machine's must
not grow by more than this either, whoever makes it grow. A run's own file
system is in it, and smaller.
"""
FOLDER_BYTES = 256 * MEBIBYTE
FOLDER_ENTRIES = 50_000
"""What the work folder and the temporary one hold together."""
OPEN_FILES = 256
PROCESSES = 64
"""More than were there before."""
OUTPUT_KEPT_BYTES = 64 * 1024
OUTPUT_BYTES = 8 * MEBIBYTE
"""A command that prints more ends there."""

DENIED: Mapping[str, str] = MappingProxyType(
    {
        # The network, whole: Landlock knows TCP alone.
        "socket": "UDP, raw and unix sockets: docker.sock, ssh-agent and the session bus obey whoever connects",
        "io_uring_setup": "opens sockets and files without any of the calls named here",
        "io_uring_enter": "the same",
        "io_uring_register": "the same",
        # Other processes.
        "ptrace": "reads and steers other processes",
        "process_vm_readv": "reads their memory",
        "process_vm_writev": "writes it",
        "process_madvise": "touches it",
        "kcmp": "compares their secrets",
        "pidfd_getfd": "takes their open files",
        # Walls: nobody builds new ones, or goes round these.
        "unshare": "new namespaces bring capabilities, and with them most of the kernel's attack surface",
        "setns": "enters other namespaces",
        "mount": "changes what a path means",
        "umount2": "uncovers what a mount hides",
        "pivot_root": "changes the root",
        "chroot": "changes the root",
        "open_tree": "the newer way to mount",
        "move_mount": "the same",
        "fsopen": "the same",
        "fsconfig": "the same",
        "fsmount": "the same",
        "fspick": "the same",
        "mount_setattr": "makes a mount writable",
        "name_to_handle_at": "names files without their paths",
        "open_by_handle_at": "opens files without their paths",
        # What changes files and is covered neither by Landlock nor needed by a learner.
        "chown": "owners of files that Landlock does not guard",
        "lchown": "the same",
        "fchownat": "the same",
        # The machine.
        "bpf": "programs in the kernel",
        "perf_event_open": "watches the kernel and other processes",
        "userfaultfd": "the tool of many kernel exploits",
        "add_key": "keys of the person",
        "request_key": "the same",
        "keyctl": "the same",
        "init_module": "code in the kernel",
        "finit_module": "the same",
        "delete_module": "the same",
        "kexec_load": "another kernel",
        "kexec_file_load": "the same",
        "reboot": "ends everything",
        "swapon": "the machine's memory",
        "swapoff": "the same",
        "acct": "the machine's books",
        "quotactl": "the machine's books",
        "quotactl_fd": "the same",
        "syslog": "what the kernel says to the administrator",
        "sethostname": "the machine's name",
        "setdomainname": "the same",
        "settimeofday": "the machine's clock",
        "clock_settime": "the same",
        "adjtimex": "the same",
        "clock_adjtime": "the same",
        "fanotify_init": "watches other people's files",
        "vhangup": "the person's terminal",
        "personality": "turns off what makes exploits hard",
    }
)
"""Calls that end with EPERM, and why."""
DENIED_REQUESTS: Mapping[tuple[str, int], str] = MappingProxyType(
    {
        ("ioctl", 0x5412): "TIOCSTI puts letters into a terminal as if a person had typed them",
        ("ioctl", 0x541C): "TIOCLINUX does so as well",
        ("ioctl", 0x8901): "FIOSETOWN lets the kernel send signals to anybody when a socket has something to say",
        ("ioctl", 0x8902): "SIOCSPGRP, the same",
        ("fcntl", 8): "F_SETOWN, the same for every pipe",
        ("fcntl", 15): "F_SETOWN_EX, the same",
        ("fcntl", 10): "F_SETSIG chooses which signal it is, also one that kills",
    }
)
"""Calls that end with EPERM where their second argument is this number."""
WITHOUT_ATTRIBUTES: Mapping[str, str] = MappingProxyType(
    {
        "setxattr": "changes attributes of files that Landlock does not guard",
        "lsetxattr": "the same",
        "fsetxattr": "the same",
        "setxattrat": "the same",
        "removexattr": "the same",
        "lremovexattr": "the same",
        "fremovexattr": "the same",
        "removexattrat": "the same",
    }
)
"""Calls that end with ENOTSUP, as on a file system that has no attributes: `cp -a` goes on without."""
WITHOUT_MOUNTS: Mapping[str, str] = MappingProxyType(
    {"truncate": "cuts files by path; Landlock guards it only from its third version on"}
)
"""Denied as well where no mount namespace hides the person's files and Landlock is older."""
PRETENDED_MISSING: Mapping[str, str] = MappingProxyType(
    {
        "clone3": "its flags lie in memory, where a filter cannot read them; libc falls back to clone",
        "memfd_create": "a file that no folder counts and no limit of memory sees",
        "memfd_secret": "the same",
        "shmget": "memory that outlives whoever made it, where the person's own lies",
        "msgget": "the same",
        "semget": "the same",
        "mq_open": "the same",
    }
)
"""Calls that end with ENOSYS, so that a library takes the older way. So do all that are newer than `kernel` knows."""
MISSING_AMONG_OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "inotify_init": "tells the names of files that change in folders which cannot be read",
        "inotify_init1": "the same",
    }
)
"""As well, where the person's files and processes are in sight: no namespace hides them."""
ATTRIBUTES_OF_OTHERS: Mapping[str, str] = MappingProxyType(
    {
        "getxattr": "reads attributes of files that Landlock does not guard: where they came from, who may read them",
        "lgetxattr": "the same",
        "listxattr": "the same",
        "llistxattr": "the same",
        "getxattrat": "the same",
        "listxattrat": "the same",
    }
)
"""There these end with ENOTSUP, too."""
LIMITS_ONLY_ITSELF: Mapping[str, str] = MappingProxyType(
    {"prlimit64": "a limit set on another program, or on what checks this one, ends it as a signal would"}
)
"""Everywhere the first argument of this call has to be 0: the caller."""
ONLY_ITSELF: Mapping[str, str] = MappingProxyType(
    {
        "sched_setaffinity": "slows other programs down",
        "sched_setscheduler": "the same",
        "sched_setparam": "the same",
        "sched_setattr": "the same",
    }
)
"""Calls whose first argument is a process; where others are in sight, it has to be 0: the caller."""
ONLY_ITSELF_OF_A_KIND: Mapping[str, int] = MappingProxyType({"setpriority": 0, "ioprio_set": 1})
"""Calls that say in the first argument whether the second is a process, a group or a user; the number of `process`."""
SIGNALS = ("kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo")
"""Calls that send signals; those who watch over the run are out of their reach, where Landlock does not see to it."""
