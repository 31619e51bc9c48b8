"""What a hostile program would try, one function an attack; typed into the sandbox as text, never imported.

`WORLD` is what there is outside. An attack that gets through returns
something true, or simply returns; one that is held raises OSError.
"""

# An attacker has few words, and calls the system by its own:
# ruff: noqa: BLE001, PLW1510, SIM115, PTH101, PTH102, PTH104, PTH108, PTH110, PTH115, PTH116, PTH123, PTH208, PTH211

import ctypes
import json
import os
import platform
import signal
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
WORLD: dict = json.loads(sys.argv[1])
VICTIM = WORLD["victim"]
FILE, KEY = f"{VICTIM}/diary", f"{VICTIM}/.ssh/id_ed25519"


def called(number, *arguments):
    """A system call by number, each argument as wide as the kernel's."""
    wide = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def by_libc(name, *arguments):
    result = getattr(libc, name)(*arguments)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def leaks(path):
    """Whether what can be read there gives a secret away."""
    with open(path, "rb") as file:
        return WORLD["secret"].encode() in file.read(1 << 20)


def first(paths, attempt):
    """Whether an attack gets through to one of several."""
    for path in paths:
        try:
            if attempt(path) is not False:
                return True
        except OSError:
            continue
    raise PermissionError


def parent(pid):
    try:
        return int(open(f"/proc/{pid}/stat").read().rpartition(") ")[2].split()[1])
    except OSError:
        return 0


CHECKER = parent(os.getppid())
"""Above us stands the shell, and above that what checks it."""


def outside():
    return [WORLD["bystander"], WORLD["host"], CHECKER]


# ---------------------------------------------------------------- files


def read_a_file():
    return open(FILE).read()


def read_a_key():
    return open(KEY).read()


def list_the_home():
    return os.listdir(VICTIM)


def write_a_file():
    open(FILE, "a").write("x")


def make_a_file():
    open(f"{VICTIM}/new", "w").write("x")


def make_a_folder():
    os.mkdir(f"{VICTIM}/new")


def make_a_link():
    os.symlink("/", f"{VICTIM}/new")


def make_a_pipe():
    os.mkfifo(f"{VICTIM}/new")


def remove_a_file():
    os.unlink(FILE)


def rename_a_file():
    os.rename(FILE, f"{FILE}.new")


def carry_a_file_away():
    os.rename(FILE, "carried")


def hard_link():
    os.link(FILE, "linked")
    return open("linked").read()


def read_through_a_link():
    os.symlink(VICTIM, "way")
    return open("way/diary").read()


def truncate_by_path():
    os.truncate(FILE, 0)


def set_an_attribute():
    os.setxattr(FILE, "user.x", b"x")


def change_the_owner():
    os.chown(FILE, os.getuid(), os.getgid())


def write_the_shared_temporary_folder():
    open(WORLD["shared"], "w").write("x")


def read_an_attribute():
    first((FILE, VICTIM), os.listxattr)


def read_a_known_attribute():
    os.getxattr(FILE, "user.secret", follow_symlinks=False)


def watch_a_folder():
    by_libc("inotify_add_watch", by_libc("inotify_init1", 0), VICTIM.encode(), 0xFFF)


def watch_everything():
    by_libc("fanotify_init", 0, 0)


def set_flags_by_path():
    called(469, -100, ctypes.c_char_p(FILE.encode()), ctypes.create_string_buffer(24), 24, 0)


def read_the_passwords():
    return open("/etc/shadow").read()


def write_a_setting_of_the_kernel():
    open("/proc/sys/kernel/core_pattern", "a").close()


def change_the_machine():
    open("/etc/hosts", "a").close()


def change_a_program():
    first(("/usr/bin/env", "/bin/sh", sys.executable), lambda path: open(path, "ab").close())


def change_the_scripts_of_this_run():
    folder = os.environ["PYTHONPATH"]
    first((f"{folder}/answer", f"{folder}/new"), lambda path: open(path, "a").close())


def remove_the_scripts_of_this_run():
    os.unlink(f"{os.environ['PYTHONPATH']}/answer")


# ---------------------------------------------------------------- what is only disclosed without namespaces


def stat_a_file():
    return os.stat(FILE)


def change_permissions():
    os.chmod(FILE, 0o640)


def change_dates():
    os.utime(FILE, (1, 1))


# ---------------------------------------------------------------- the network, sockets


def tcp():
    socket.create_connection(("127.0.0.1", WORLD["tcp"]), 1)


def udp():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", WORLD["udp"]))


def abstract_socket():
    socket.socket(socket.AF_UNIX).connect("\0" + WORLD["abstract"])


def path_socket():
    socket.socket(socket.AF_UNIX).connect(WORLD["stream"])


def datagram_by_path():
    socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"x", WORLD["datagram"])


def pair_of_datagrams():
    socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"x", WORLD["datagram"])


def pair_of_raw_sockets():
    socket.socketpair(socket.AF_UNIX, socket.SOCK_RAW)[0].sendto(b"x", WORLD["datagram"])


def netlink():
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)


def uring():
    called(425, 1, ctypes.create_string_buffer(120))


# ---------------------------------------------------------------- other processes


def environment_of_others():
    first(outside(), lambda pid: leaks(f"/proc/{pid}/environ"))


def environment_of_anybody():
    first([n for n in os.listdir("/proc") if n.isdigit()], lambda pid: leaks(f"/proc/{pid}/environ"))


def memory_of_others():
    first(outside(), lambda pid: open(f"/proc/{pid}/mem", "rb").close())


def root_of_others():
    first(outside(), lambda pid: os.listdir(f"/proc/{pid}/root"))


def folder_of_others():
    first(outside(), lambda pid: os.listdir(f"/proc/{pid}/cwd"))


def descriptors_of_others():
    first(outside(), lambda pid: os.readlink(f"/proc/{pid}/fd/0"))


def report_of_this_run():
    first([f"/proc/{CHECKER}/fd/{n}" for n in range(64)], lambda path: open(path, "wb").close())


def descriptors_that_were_left_open():
    for number in range(3, 256):
        try:
            info = os.readlink(f"/proc/self/fd/{number}")
        except OSError:
            continue
        if number != 8 and not info.startswith(("/proc/", "anon_inode", "/home", "/usr")):
            return f"{number}: {info}"
    raise PermissionError


def kill_the_bystander():
    os.kill(WORLD["bystander"], signal.SIGKILL)


def kill_the_checker():
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGSTOP, signal.SIGKILL):
        os.kill(CHECKER, number)
    raise PermissionError  # process 1 of a world of its own does not hear it


def kill_the_keeper():
    host = WORLD["host"]
    if not os.path.exists(f"/proc/{host}/task/{host}/children"):
        raise PermissionError
    above = [int(n) for n in os.listdir("/proc") if n.isdigit() and parent(n) == host]
    first(above, lambda pid: os.kill(pid, signal.SIGKILL))


def own_a_pipe():
    import fcntl

    def attempt(pid):
        reading, writing = os.pipe()
        fcntl.fcntl(reading, fcntl.F_SETOWN, pid)
        fcntl.fcntl(reading, fcntl.F_SETFL, os.O_ASYNC)
        os.write(writing, b"x")

    first((os.getpid(), *outside()), attempt)


def own_a_pipe_as_a_thread():
    import fcntl

    first((os.getpid(), *outside()), lambda pid: fcntl.fcntl(0, 15, pid.to_bytes(8, "little")))


def choose_the_signal():
    import fcntl

    fcntl.fcntl(0, fcntl.F_SETSIG, signal.SIGKILL)


def own_a_socket():
    import fcntl

    ends = socket.socketpair()
    first((0x8901, 0x8902), lambda request: fcntl.ioctl(ends[0], request, os.getpid().to_bytes(4, "little")))


def trace_others():
    first(outside(), lambda pid: by_libc("ptrace", 16, pid, 0, 0))


def read_memory_by_call():
    first(outside(), lambda pid: called(310 if platform.machine() == "x86_64" else 270, pid, None, 0, None, 0, 0))


def take_a_descriptor():
    first(outside(), lambda pid: called(438, os.pidfd_open(pid), 1, 0))


def limit_others():
    import resource

    above = (WORLD["bystander"], WORLD["host"], CHECKER)
    first(above, lambda pid: resource.prlimit(pid, resource.RLIMIT_NOFILE, (9, 9)))


def slow_others_down():
    first((WORLD["bystander"], WORLD["host"]), lambda pid: os.setpriority(os.PRIO_PROCESS, pid, 7))


def slow_the_user_down():
    os.setpriority(os.PRIO_USER, WORLD["uid"], 7)
    raise PermissionError if WORLD["alone"] else SystemExit  # in a world of its own that is nobody else


def pin_others():
    first((WORLD["bystander"], WORLD["host"]), lambda pid: os.sched_setaffinity(pid, {0}))


# ---------------------------------------------------------------- walls


def unshare_users():
    by_libc("unshare", 0x10000000)


def unshare_mounts():
    by_libc("unshare", 0x00020000)


def clone_users():
    called(56 if platform.machine() == "x86_64" else 220, 0x10000000 | signal.SIGCHLD, 0, 0, 0, 0)


def enter_a_namespace():
    by_libc("setns", os.open("/proc/self/ns/user", os.O_RDONLY), 0)


def mount_something():
    by_libc("mount", b"none", b".", b"tmpfs", 0, None)


def make_a_mount_writable():
    by_libc("mount", None, b"/usr", None, 4096 | 32, None)


def uncover_what_a_mount_hides():
    by_libc("umount2", b"/proc", 2)


def change_root():
    os.chroot(".")


def become_root():
    if os.getuid() == 0:
        raise PermissionError  # nothing to become
    os.setuid(0)


def get_a_capability():
    import subprocess

    status = subprocess.run(["/bin/sh", "-c", "cat /proc/self/status"], capture_output=True, text=True).stdout
    effective = next(line for line in status.splitlines() if line.startswith("CapEff"))
    if int(effective.split()[1], 16) == 0:
        raise PermissionError


def give_up_the_filter():
    status = open("/proc/self/status").read()
    if "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status:
        raise PermissionError


# ---------------------------------------------------------------- terminals, memory that stays


def open_the_terminal():
    os.open("/dev/tty", os.O_RDWR)


def write_to_a_terminal():
    os.write(os.open(WORLD["pty"], os.O_WRONLY | os.O_NOCTTY), b"\33]52;c;aGFja2Vk\7")


def open_a_disk():
    first(("/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/mem", "/dev/kmsg"), lambda path: open(path, "rb").close())


def memory_that_outlives_us():
    by_libc("shmget", 0x0BADCAFE, 1 << 20, 0o1600)


def queue_that_outlives_us():
    by_libc("msgget", 0x0BADCAFE, 0o1600)


def named_queue_that_outlives_us():
    by_libc("mq_open", b"/cards-attack", 0o102, 0o600, None)


def memory_that_nobody_counts():
    os.memfd_create("x")


def memory_that_is_secret():
    called(447, 0)


def keys_of_the_person():
    called(250 if platform.machine() == "x86_64" else 219, 0, -3, 0, 0, 0)


# ---------------------------------------------------------------- all of them


def attacks():
    return {
        name: value
        for name, value in globals().items()
        if getattr(value, "__code__", None) and value.__code__.co_argcount == 0 and name not in {"outside", "attacks"}
    }


def outcome(attack):
    try:
        attack()
    except (OSError, AttributeError) as error:
        return f"held: {error}"
    except BaseException as error:
        return f"through: {error!r}"
    return "through"


print(json.dumps({name: outcome(attack) for name, attack in attacks().items()}))
