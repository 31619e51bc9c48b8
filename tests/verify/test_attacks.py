"""Attacks on the sandbox: every row is really tried, on every sandbox that works here; see docs/security.md.

`hostile.py` holds what a program tries by system calls; all of it happens in
one run a sandbox, and each row is a test of its own. What a shell would be
told to do stands here.
"""

import errno
import json
import os
import pty
import re
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from flashcards.model import Verdict
from flashcards.ui import words
from flashcards.verify import levels, programs, runner
from flashcards.verify.sandbox import kernel, landlock, policy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="commands are run on Linux only")

HERE = Path(__file__).parent
SECRET = "canary-5f1c9a"
CHECK = {"checks": [{"file_exists": ["done"]}], "needs": ["python3"], "timeout": 20}
DISCLOSED = {
    "stat_a_file": "chmod",
    "change_permissions": "chmod",
    "change_dates": "chmod",
    "kill_the_bystander": "signal",
}
"""Rows that Landlock cannot hold, and the hole of the probe that says so; see `test_what_is_disclosed`."""
NAMES = re.findall(r"^def (\w+)\(\):", (HERE / "hostile.py").read_text(), re.MULTILINE)
ATTACKS = sorted(set(NAMES) - {"outside", "attacks", *DISCLOSED})


class World(NamedTuple):
    """What lies outside: the person's files, sockets that somebody listens on, a program, a terminal."""

    victim: Path
    listeners: Mapping[str, socket.socket]
    bystander: "subprocess.Popen[bytes]"
    terminal: int
    told: dict[str, Any]
    """What the attackers are told of it."""

    def heard(self) -> list[str]:
        """Whoever was reached by something."""
        return [name for name, listener in self.listeners.items() if _got(listener)]

    def printed(self) -> bytes:
        """What arrived on the terminal."""
        with suppress(BlockingIOError):
            return os.read(self.terminal, 1000)
        return b""


def _got(listener: socket.socket) -> bool:
    try:
        if listener.type == socket.SOCK_STREAM:
            listener.accept()[0].close()
        else:
            listener.recv(100)
    except BlockingIOError:
        return False
    return True


def _victim(folder: Path) -> Path:
    for name, text in (("diary", SECRET), (".ssh/id_ed25519", SECRET), ("deep/er/file", "x"), ("empty", "")):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        with suppress(OSError):  # not every file system has attributes
            os.setxattr(path, "user.secret", SECRET.encode())
    return folder


def _snapshot(folder: Path) -> dict[str, object]:
    """Everything that could have been changed there; the moment of change tells what was changed back, too."""
    found = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        info = path.lstat()
        names = os.listxattr(path, follow_symlinks=False)
        content = path.read_bytes() if path.is_file() else b""
        found[str(path)] = (
            info.st_mode,
            info.st_uid,
            info.st_nlink,
            info.st_mtime_ns,
            info.st_ctime_ns,
            names,
            content,
        )
    return found


def _listeners(stack: ExitStack, folder: Path) -> dict[str, socket.socket]:
    kinds = {
        "tcp": (socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
        "udp": (socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
        "abstract": (socket.AF_UNIX, socket.SOCK_STREAM, f"\0cards-test-{os.getpid()}-{os.urandom(4).hex()}"),
        "stream": (socket.AF_UNIX, socket.SOCK_STREAM, f"{folder}/s"),
        "datagram": (socket.AF_UNIX, socket.SOCK_DGRAM, f"{folder}/d"),
    }
    made = {}
    for name, (family, kind, address) in kinds.items():
        made[name] = stack.enter_context(socket.socket(family, kind))
        made[name].setblocking(False)
        made[name].bind(address)
        if kind == socket.SOCK_STREAM:
            made[name].listen()
    return made


def _world(stack: ExitStack, place: Path, victim: Path) -> World:
    short = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="cards-test-", dir="/tmp")))
    listeners = _listeners(stack, short)
    bystander = stack.enter_context(subprocess.Popen(["sleep", "1000"], env={"TOKEN": SECRET}))
    stack.callback(bystander.kill)
    terminal, slave = pty.openpty()
    os.set_blocking(terminal, False)
    for end in (terminal, slave):
        stack.callback(os.close, end)
    told = {
        "victim": str(victim),
        "secret": SECRET,
        "shared": f"{short}/shared",
        "tcp": listeners["tcp"].getsockname()[1],
        "udp": listeners["udp"].getsockname()[1],
        "abstract": listeners["abstract"].getsockname()[1:].decode(),
        "stream": f"{short}/s",
        "datagram": f"{short}/d",
        "bystander": bystander.pid,
        "host": os.getpid(),
        "uid": os.getuid(),
        "pty": os.ttyname(slave),
        "alone": False,
    }
    return World(victim, listeners, bystander, terminal, told)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world outside, with a home in the temporary folder."""
    with ExitStack() as stack:
        yield _world(stack, tmp_path, _victim(tmp_path / "victim"))


def typed_python(name: str, *arguments: object) -> str:
    """The line that runs one of the scripts beside this file, typed as a learner would paste it."""
    text = (HERE / name).read_text()
    return f"python3 - {shlex.join(map(str, arguments))} <<'END'; touch done\n{text}\nEND\n"


# ---------------------------------------------------------------- by system calls: one run, a test for each row


class Attacked(NamedTuple):
    """What came of all attacks of one run."""

    verdict: Verdict
    outcomes: Mapping[str, str]
    unchanged: bool
    heard: list[str]
    printed: bytes
    bystander_lives: bool


_attacked: dict[str, Attacked] = {}


@pytest.fixture
def attacked(
    backend: runner.Backend, judge: Callable[..., Verdict], tmp_path_factory: pytest.TempPathFactory, request: Any
) -> Attacked:
    """All attacks on one sandbox, done when the first row asks for them."""
    if backend not in _attacked:
        with ExitStack() as stack:
            place = tmp_path_factory.mktemp("world")
            world = _world(stack, place, _victim(place / "victim"))
            _attacked[backend] = _all_attacks(world, backend, judge)
    return _attacked[backend]


def _all_attacks(world: World, backend: runner.Backend, judge: Callable[..., Verdict]) -> Attacked:
    before = _snapshot(world.victim)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARDS_TEST_TOKEN", SECRET)
        told = {**world.told, "alone": backend != "landlock"}
        verdict = judge(CHECK, typed_python("hostile.py", json.dumps(told)), backend=backend)
    lines = [line for line in verdict.output.splitlines() if line.startswith("{")]
    outcomes = json.loads(lines[0]) if lines else {}
    lives = world.bystander.poll() is None
    return Attacked(verdict, outcomes, before == _snapshot(world.victim), world.heard(), world.printed(), lives)


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_held(name: str, attacked: Attacked) -> None:
    """Nothing that a program tries by system calls gets through."""
    assert attacked.outcomes, attacked.verdict
    assert attacked.outcomes[name].startswith("held"), attacked.outcomes[name]


def test_nothing_outside_notices(attacked: Attacked, backend: runner.Backend) -> None:
    """After all of it the files are as they were, nobody was called, nothing was printed; the answer is judged."""
    holes = levels.tried(backend).holes

    assert attacked.verdict.kind == "pass", attacked.verdict
    assert attacked.unchanged or "chmod" in holes
    assert [] == attacked.heard
    assert b"" == attacked.printed
    assert SECRET not in attacked.verdict.output.replace(json.dumps(SECRET), "")
    assert attacked.bystander_lives or "signal" in holes


@pytest.mark.parametrize(("name", "hole"), DISCLOSED.items())
def test_what_is_disclosed(name: str, hole: str, attacked: Attacked, backend: runner.Backend) -> None:
    """What Landlock alone cannot hold gets through exactly where the probe found that, and the level says so."""
    holes = levels.tried(backend).holes

    assert (hole in holes) == attacked.outcomes[name].startswith("through"), attacked.outcomes[name]
    assert backend == "landlock" or not holes


def test_the_list_of_attacks_is_complete(attacked: Attacked) -> None:
    """A function that somebody adds to the attackers is a row of the table."""
    assert sorted(attacked.outcomes) == sorted([*ATTACKS, *DISCLOSED])


def test_secrets_of_the_parent_do_not_come_along(
    backend: runner.Backend, judge: Callable[..., Verdict], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither the environment nor open files of the program that asks are there inside."""
    monkeypatch.setenv("TOKEN", SECRET)
    with tempfile.TemporaryFile() as file:
        file.write(SECRET.encode())
        file.flush()
        os.set_inheritable(file.fileno(), True)
        line = "env; cat /proc/self/environ /proc/$$/environ; ls -l /proc/self/fd; for f in /proc/self/fd/*; do"
        line += " [ ${f##*/} -lt 3 ] || head -c 100 <&${f##*/} 2>/dev/null; done; touch done"

        verdict = judge(CHECK, line, backend=backend)

    assert verdict.kind == "pass"
    assert SECRET not in verdict.output


def test_a_home_that_is_real_is_out_of_sight(backend: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """The person's own home, not just a folder in a temporary place, can neither be listed nor read."""
    home = Path("~").expanduser()
    try:
        folder = Path(tempfile.mkdtemp(prefix=".cards-test-", dir=home))
    except OSError:
        pytest.skip("the home of this user cannot be written to")
    try:
        victim = _victim(folder / "victim")
        before = _snapshot(victim)
        quoted = shlex.quote(str(victim))
        line = f"ls {home}; cat {quoted}/diary; rm -rf {quoted}; echo x > {quoted}/new; ln -s {quoted} l; rm -rf l/*"

        verdict = judge(CHECK, f"{line}; touch done", backend=backend)

        assert verdict.kind == "pass", verdict
        assert before == _snapshot(victim)
        assert SECRET not in verdict.output
    finally:
        shutil.rmtree(folder)


# ---------------------------------------------------------------- what a shell is told to do


@pytest.mark.parametrize(
    "line",
    [
        "rm -rf ~",
        "rm -rf ~/.[!.]* ~/*",
        "rm -rf --no-preserve-root /",
        "rm -rf ../* ../../* ../../../*",
        "chmod -R 000 . .. ~ ${TMPDIR}",
        "chmod 000 ../..",
        "find / -xdev -delete",
        "ln -s VICTIM link; rm -rf link/*; rm -rf link/",
        "ln -s VICTIM link; echo x > link/diary; cp /dev/null link/diary; mv link/diary .",
        "cd VICTIM && rm -rf *",
        "> VICTIM/diary; dd if=/dev/zero of=VICTIM/diary bs=1 count=1; tee VICTIM/diary; sed -i s/./x/ VICTIM/diary",
        "echo $$ > /sys/fs/cgroup/pids/cgroup.procs; echo $$ > /sys/fs/cgroup/cgroup.procs",
    ],
)
def test_a_destructive_line_reaches_only_what_is_thrown_away(
    line: str, world: World, backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """Whatever is removed, emptied or closed, the person's files stay as they were, and a verdict comes."""
    before = _snapshot(world.victim)

    verdict = judge(CHECK, line.replace("VICTIM", shlex.quote(str(world.victim))), backend=backend)

    assert verdict.kind == "fail", verdict
    assert before == _snapshot(world.victim)
    assert SECRET not in verdict.output


@pytest.mark.parametrize(
    "line",
    [
        "sudo -n true",
        "sudo true",
        "ssh -o StrictHostKeyChecking=no localhost",
        "su",
        "read answer",
        "cat",
        "python3",
        "bash -i",
        "head -c1 /dev/tty",
        "exec < /dev/tty",
        "stty -a < /dev/tty; stty raw; tput clear; reset",
        "printf '\\033]52;c;aGFja2Vk\\007' > PTY",
    ],
)
def test_nobody_asks_at_the_terminal(
    line: str, world: World, any_backend: runner.Backend, judge: Callable[..., Verdict]
) -> None:
    """What waits for a person meets the end of its input at once; no byte arrives on a terminal."""
    if any_backend == "none" and "PTY" in line:
        pytest.skip("nothing keeps a command from the terminal there")

    verdict = judge(CHECK, line.replace("PTY", world.told["pty"]), backend=any_backend)

    assert verdict.kind == "fail"
    assert verdict.reason == ""  # not that it waited until it was stopped
    assert b"" == world.printed()


@pytest.mark.parametrize(
    "line",
    [
        "kill -9 $PPID",
        "kill -INT $PPID",
        "kill -STOP $PPID",
        "kill -9 -1",
        "kill -9 0",
        "kill -9 $$",
        "exec true",
        "exec 8>&-",
        "set -n",
        "exec 8>/dev/null; printf 'forged' >&8",
        "builtin() { :; }; printf() { :; }; trap() { :; }; exit() { :; }",
        "PATH=; unset HOME; readonly IFS",
    ],
)
def test_who_ends_the_checker_does_not_pass(
    line: str, world: World, backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """Whatever becomes of the shell or of what checks it: the program lives, and wrong work does not pass."""
    verdict = judge(CHECK, line, backend=backend)

    assert verdict.kind in {"fail", "cannot"}, verdict
    assert world.bystander.poll() is None


@pytest.mark.parametrize("name", ["answer", "script", "sitecustomize.py", "new"])
def test_the_control_folder_cannot_be_written(
    name: str, backend: runner.Backend, judge: Callable[..., Verdict]
) -> None:
    """The scripts of a run cannot be changed, removed or replaced from inside."""
    line = f"c=$PYTHONPATH; echo x > $c/{name}; ln -sf /dev/null $c/{name}; rm -f $c/{name}; ls -a $c > done"

    verdict = judge(
        {"checks": [{"file_matches": {"done": "(?s)answer.*script"}}, {"absent": [name]}]}, line, backend=backend
    )

    assert verdict.kind == "pass", verdict


@pytest.mark.parametrize(
    "printed",
    [
        r"\033]0;title\007",
        r"\033]8;;http://example.org\007link\033]8;;\007",
        r"\033]52;c;aGFja2Vk\007",
        r"\033[2J\033[H",
        r"\033[31m",
        r"\033Pq\033\\",
        r"\302\233\062J",
        r"\342\200\256txt",
        r"\010\010\010",
        r"a\rb",
        r"\377\376",
    ],
)
def test_what_a_command_prints_moves_nothing_on_the_terminal(
    printed: str, sandbox: runner.Backend, judge: Callable[..., Verdict]
) -> None:
    """Control sequences come out as text, once the words of the screen are made of them."""
    verdict = judge(CHECK, f"printf '{printed}'; printf '{printed}' >&2; touch done", backend=sandbox)

    shown = words.safe(verdict.output)

    assert verdict.kind == "pass"
    assert re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown) is None


# ---------------------------------------------------------------- what is shown


@pytest.mark.parametrize("prefix", ["", "..", ".local"])
def test_a_python_that_lives_in_the_home_itself_does_not_show_it(prefix: str, home: Path, judge: Any) -> None:
    """A prefix that is somebody's home, lies above it, or holds our own data, is not made visible."""
    user = Path("~").expanduser()
    (user / ".local/bin").mkdir(parents=True)
    (user / "bin").mkdir()
    shim = user / "bin" / "python3"
    base = os.path.normpath(user / prefix)
    shim.write_text(f"#!/bin/sh\nprintf '%s\\n' {user}/bin/python3 {base} {base}\n")
    shim.chmod(0o755)
    os.environ["CARDS_HOME"] = str(user / ".local/share/cards")

    found = programs.find(["python3"], path=str(user / "bin"))

    assert [] == [path for path in found.visible if user.is_relative_to(path) or str(user / ".local") == path]


def test_what_in_etc_is_not_for_everybody_is_left_out(tmp_path: Path) -> None:
    """Whoever owns the settings of the machine still reads only what everybody may."""
    for name, mode in (("hosts", 0o644), ("shadow", 0o640), ("ssh/config", 0o644), ("ssh/key", 0o600), ("x/y", 0o644)):
        path = tmp_path / "etc" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
        path.chmod(mode)
    (tmp_path / "etc" / "private").mkdir(mode=0o700)
    (tmp_path / "etc" / "private" / "open").write_text("x")
    (tmp_path / "etc" / "link").symlink_to("shadow")

    shown = sorted(landlock.public(str(tmp_path / "etc")))

    assert [f"{tmp_path}/etc/{name}" for name in ("hosts", "ssh/config", "x")] == shown


# ---------------------------------------------------------------- the filter


def _outcomes(numbers: list[int], backend: runner.Backend, judge: Callable[..., Verdict]) -> dict[int, str]:
    verdict = judge(CHECK, typed_python("hostile_calls.py", json.dumps(numbers)), backend=backend)
    assert verdict.kind == "pass", verdict
    return {int(number): ended for number, ended in json.loads(verdict.output).items()}


def test_every_denied_call_ends_as_the_policy_says(backend: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """Denied calls end with EPERM, pretended and unknown ones with ENOSYS, attributes with ENOTSUP; made by number, past every library."""
    missing = [*policy.PRETENDED_MISSING, *(policy.MISSING_AMONG_OTHERS if backend == "landlock" else ())]
    expected = {kernel.number(name): "EPERM" for name in policy.DENIED}
    expected |= {kernel.number(name): "ENOSYS" for name in missing}
    unsupported = [*policy.WITHOUT_ATTRIBUTES, *(policy.ATTRIBUTES_OF_OTHERS if backend == "landlock" else ())]
    expected |= {kernel.number(name): errno.errorcode[errno.ENOTSUP] for name in unsupported}
    expected |= dict.fromkeys((kernel.FIRST_UNKNOWN, 500, 0x40000000 + 39), "ENOSYS")
    expected.pop(-1, None)

    assert expected == _outcomes(list(expected), backend, judge)


@pytest.mark.skipif(kernel.machine() != "x86_64", reason="only x86_64 has a second way into the kernel")
def test_the_second_way_into_the_kernel_is_closed(backend: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """A program that makes the calls of a 32-bit one, whose numbers are others, is killed."""
    code = r"""
import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # getpid by int 0x80
ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))()
"""
    verdict = judge(CHECK, f"python3 -c {shlex.quote(code)}; [ $? = 159 ] && touch done", backend=backend)

    assert verdict.kind == "pass", verdict  # 128 + SIGSYS


HEADERS = {
    "x86_64": ("/usr/include/x86_64-linux-gnu/asm/unistd_64.h", "/usr/include/asm/unistd_64.h"),
    "aarch64": ("/usr/include/asm-generic/unistd.h",),
}


@pytest.mark.parametrize("machine", kernel.MACHINES)
def test_the_numbers_of_the_calls_are_those_of_the_kernel(machine: str) -> None:
    """Every number is that of the kernel's own headers; what these do not know is the same everywhere."""
    header = next((path for path in map(Path, HEADERS[machine]) if path.is_file()), None)
    if header is None:
        pytest.skip("the headers of the kernel are not installed: apt install linux-libc-dev")
    pattern = re.compile(r"^#define __NR(?:3264)?_(\w+)\s+(\d+)$", re.MULTILINE)
    theirs = {name: int(number) for name, number in pattern.findall(header.read_text())}
    ours = {name: numbers[kernel.MACHINES.index(machine)] for name, numbers in kernel.NUMBERS.items()}

    known = {name: number for name, number in ours.items() if name in theirs}
    others = {number for name, number in ours.items() if name not in theirs}

    assert {name: theirs[name] for name in known} == known
    assert len(known) > 80
    assert all(number == -1 or number >= 424 for number in others)


# ---------------------------------------------------------------- more than a run may take


def test_a_loop_that_ignores_signals_is_stopped_in_time(
    any_backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """Neither a busy loop deaf to signals nor a long sleep outlives the time of the card."""
    verdict = judge(
        {**CHECK, "timeout": 1}, "trap '' TERM INT HUP; touch done; while :; do sleep 1000; done", backend=any_backend
    )

    assert (verdict.kind, verdict.reason) == ("fail", "stopped after 1 s")


def test_endless_output_is_stopped(
    any_backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """A gigabyte of output ends the command, is not kept, and does not pass."""
    verdict = judge(CHECK, "touch done; yes | head -c 1G", backend=any_backend)

    assert (verdict.kind, verdict.reason) == ("fail", "stopped: it printed more than 8 MiB")
    assert len(verdict.output) < 200_000


def test_much_output_is_no_mistake(sandbox: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """A megabyte of output is cut, and the answer passes."""
    verdict = judge(CHECK, "yes | head -c 1M; touch done", backend=sandbox)

    assert verdict.kind == "pass"


NAMELESS = "files without a name"
DISK_FILLERS = {
    "one file": "head -c 1G /dev/zero > big",
    "many files": "for i in $(seq 40); do head -c 20M /dev/zero > f$i; done; sleep HOLD",
    "the temporary folder": "for i in $(seq 40); do head -c 20M /dev/zero > $TMPDIR/f$i; done; sleep HOLD",
    "behind a closed way": "chmod 000 ../..; while :; do f=$((f+1)); head -c 20M /dev/zero > $f || break; done; sleep HOLD",
    "closed folders": "for i in $(seq 40); do mkdir d$i; head -c 20M /dev/zero > d$i/f; chmod 000 d$i; done; sleep HOLD",
    "empty files": "seq 200000 | xargs touch 2>&-; sleep HOLD",
    "folders": "seq 200000 | xargs mkdir 2>&-; sleep HOLD",
    "deep": 'python3 -c \'import os, time\nfor i in range(3000): os.mkdir("0123456789"); os.chdir("0123456789")\ntime.sleep(HOLD)\'',
    NAMELESS: "python3 -c 'import os, time\nf=[]\nfor i in range(100):\n f.append(open(str(i), \"wb\")); os.unlink(str(i)); f[-1].write(bytes(60<<20)); f[-1].flush()\ntime.sleep(HOLD)'",
}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.alone if name == NAMELESS else ()) for name in DISK_FILLERS]
)
def test_a_full_disk(name: str, backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None) -> None:
    """Nobody fills the disk: a file system of the run's own is full, elsewhere the command is stopped.

    Files without a name are only seen by what the disk has lost, and what one run takes the others miss as well.
    """
    stopped = name != "one file" and backend == "landlock"
    line = DISK_FILLERS[name].replace("HOLD", "50" if stopped else "0")

    verdict = judge({**CHECK, "timeout": 50}, f"{line}; touch done", backend=backend)

    assert verdict.reason in {"stopped: it wrote more than 256 MiB or 50,000 files", *([] if stopped else [""])}, (
        verdict
    )


def test_a_disk_that_one_command_fills(
    sandbox: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """The largest file ends where the policy says."""
    verdict = judge(CHECK, "head -c 1G /dev/zero > big; stat -c %s big; rm big; touch done", backend=sandbox)

    assert verdict.kind == "pass"
    assert str(policy.FILE_BYTES) in verdict.output


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 8])
def test_too_much_memory(
    processes: int, any_backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """Eight gigabytes are not given, neither to one program nor to several."""
    code = "import sys,time\nb=[]\nwhile len(b)<8*16:\n b.append(b'x'*(64<<20))\ntime.sleep(9)"
    line = f"for i in $(seq {processes}); do python3 -c {shlex.quote(code)} & done; wait -n; [ $? = 0 ] && touch done"

    verdict = judge({**CHECK, "timeout": 9}, line, backend=any_backend)

    assert verdict.kind == "fail", verdict


SHARED_MEMORY = """
import mmap, os, time
for _ in range(2):
    if os.fork() == 0:
        kept = []
        for _ in range(8):
            kept.append(mmap.mmap(-1, 128 << 20))
            for at in range(0, 128 << 20, 4096):
                kept[-1][at] = 1
            kept[-1].madvise(mmap.MADV_DONTNEED)
        break
time.sleep(60)
"""


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_shared_memory_that_no_process_shows(judge: Callable[..., Verdict], nothing_left: None) -> None:
    """Pages that a program has let go of, and that are still there, end it as well.

    One sandbox after the other: what is looked at is the memory of the machine.
    """
    line = f"touch done; python3 -c {shlex.quote(SHARED_MEMORY)}"
    working = [backend for backend in runner.BACKENDS if levels.tried(backend).level]

    verdicts = {backend: judge({**CHECK, "timeout": 60}, line, backend=backend) for backend in working}

    assert {"stopped: it took more than 1.5 GiB of memory"} == {one.reason for one in verdicts.values()}, verdicts
    assert {"fail"} == {one.kind for one in verdicts.values()}


def test_memory_in_files_that_nobody_sees(sandbox: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """A file in memory alone cannot be made: no limit would count it."""
    line = "python3 -c 'import os; os.memfd_create(\"x\")' 2>/dev/null || touch done"

    assert judge(CHECK, line, backend=sandbox).kind == "pass"


# ---------------------------------------------------------------- hostile trees


@pytest.mark.parametrize(
    "line",
    [
        "mkdir -p a/b; touch a/b/c; chmod 000 a/b a .",
        'python3 -c \'import os\nfor i in range(700): os.mkdir("0123456789"); os.chdir("0123456789")\'',
        "ln -s VICTIM link; ln -s .. up; ln -s / root; mkfifo pipe; ln -s loop loop",
        "touch -- -rf '*' \"$(printf 'a\\nb')\" \"$(printf '\\377')\"; mkdir ' '",
        "touch a; chmod 000 a; chmod 4755 a; mkdir b; chmod 1777 b; chmod 2755 b",
        pytest.param("seq 100000 | xargs touch", marks=pytest.mark.slow),
        pytest.param("for i in $(seq 30); do mkdir $i; (cd $i; seq 1500 | xargs mkdir); done", marks=pytest.mark.slow),
    ],
)
def test_a_hostile_tree_is_taken_away(
    line: str, world: World, backend: runner.Backend, judge: Callable[..., Verdict], nothing_left: None
) -> None:
    """Whatever was left in the work folder is gone afterwards, and nothing else is."""
    before = _snapshot(world.victim)

    verdict = judge(CHECK, line.replace("VICTIM", str(world.victim)), backend=backend)

    assert verdict.kind == "fail"
    assert before == _snapshot(world.victim)


def test_descriptors_run_out_inside_alone(backend: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """A program that opens everything it may is told that there is no more; the verdict comes as ever."""
    code = (
        "import errno\nf=[]\ntry:\n while 1: f.append(open('/dev/null'))\nexcept OSError as e: print(e.errno, len(f))"
    )

    verdict = judge(CHECK, f"python3 -c {shlex.quote(code)}; touch done", backend=backend)

    assert verdict.kind == "pass"
    assert verdict.output.startswith(f"{errno.EMFILE} 2")


JUDGED = """
import os, sys
from flashcards.model import Card, CardId
from flashcards.verify import job, runner

for number in range(3):
    os.close(number) if str(number) in sys.argv[1] else None
card = Card(id=CardId("t/c"), deck="t", note=CardId("t/c"), kind="typed", front="f", answer={"": "a"},
            run={"checks": [{"file_exists": ["done"]}]})
kinds = [runner.judge(job.Request(card, "bash", typed), sys.argv[2], "x").kind for typed in ("touch done", "true")]
with open(sys.argv[3], "w") as file:
    print(*kinds, [number for number in range(3) if os.path.exists(f"/proc/self/fd/{number}")], file=file)
"""


@pytest.mark.parametrize("closed", ["0", "1", "2", "012"])
def test_closed_streams_make_no_answer_right(closed: str, any_backend: runner.Backend, tmp_path: Path) -> None:
    """A program that was started without its standard streams judges as ever, and has no more of them afterwards."""
    done = subprocess.run([sys.executable, "-c", JUDGED, closed, any_backend, tmp_path / "said"], check=False)

    assert 0 == done.returncode
    left = [number for number in range(3) if str(number) not in closed]
    used = {number for number in range(3) if str(number) in closed}
    said = (tmp_path / "said").read_text()
    assert f"pass fail {sorted({*left, min(used)})}\n" == said  # the lowest is the file in which it says so


def test_no_core_is_kept(backend: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """A crash leaves no core, and wakes nobody who collects them: 1 byte is what the kernel takes for never."""
    line = "python3 -c 'import resource; print(resource.getrlimit(resource.RLIMIT_CORE))'; bash -c 'kill -SEGV $$'; ls; touch done"

    verdict = judge(CHECK, line, backend=backend)

    assert verdict.kind == "pass"
    assert "(1, 1)" in verdict.output
