"""Nothing outlives a run: neither what was put in the background, nor what forks faster than anybody counts, nor a kill."""

import os
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from flashcards.model import Verdict
from flashcards.verify import counting, folders, runner
from flashcards.verify.sandbox import limits, policy

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="commands are run on Linux only")

CHECK = {"checks": [{"file_exists": ["done"]}], "needs": ["python3"], "timeout": 3}
DOUBLE_FORK = "import os,time\nif not os.fork():\n os.setsid()\n if not os.fork(): time.sleep(float(MARK))"
HOPPER = "import os\nwhile 1:\n try:\n  if os.fork(): os._exit(0)\n except OSError: pass"
"""A process that is never there for long: each lives just until it has made the next."""
BEHIND = {
    "background": "sleep MARK &",
    "own session": "setsid sleep MARK &",
    "own session, forked": "setsid -f sleep MARK",
    "disowned": "sleep MARK & disown",
    "deaf": "(trap '' HUP TERM INT; sleep MARK) &",
    "without environment": "env -i setsid sleep MARK &",
    "holds the output": "(sleep MARK; echo late) &",
    "holds the record": "sleep MARK 8>&8 &",
    "forked twice": f"python3 -c '{DOUBLE_FORK}'",
    "stopped": "sleep MARK & kill -STOP $!",
    "coprocess": "coproc sleep MARK",
}
BOMBS = {
    "plain": "bash -c 'b() { b | b & b; }; b' MARK",
    "background": "bash -c 'while :; do bash -c \"while :; do sleep 9 & done\" MARK & done' MARK",
    "own session": "bash -c 'while :; do setsid bash -c \"while :; do setsid sleep MARK & done\" MARK & done' MARK",
    "forked twice": "python3 -c 'import os\nwhile 1:\n try:\n  if not os.fork() and not os.fork(): os.setsid()\n except OSError: pass' MARK",
    "hops": f"for i in 1 2 3 4 5 6 7 8; do python3 -c '{HOPPER}' MARK & done; touch done; sleep .3",
}
PATIENT = 20.0
"""Seconds; the marked processes would go on for years."""


def _gone(alive: Callable[[str], list[int]], marker: str, within: float = PATIENT) -> bool:
    until = time.monotonic() + within
    while alive(marker):
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.mark.parametrize("name", BEHIND)
def test_what_is_left_running_ends_with_the_verdict(
    name: str, any_backend: runner.Backend, judge: Callable[..., Verdict], alive, marker: str, nothing_left: None
) -> None:
    """A job in the background is neither waited for nor survives; the answer is judged."""
    line = BEHIND[name].replace("MARK", marker)

    verdict = judge(CHECK, f"{line}\ntouch done", backend=any_backend)

    assert verdict.kind == "pass", verdict  # what is waited for is stopped, and fails
    assert [] == alive(marker)


def test_what_finishes_at_once_may_finish(sandbox: runner.Backend, judge: Callable[..., Verdict]) -> None:
    """`touch a &` has made its file when the checks look."""
    assert judge(CHECK, "(sleep .02; touch done) &", backend=sandbox).kind == "pass"


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name != "plain" else ()) for name in BOMBS]
)
def test_a_fork_bomb_ends_with_the_verdict(
    name: str, backend: runner.Backend, judge: Callable[..., Verdict], alive, marker: str, nothing_left: None
) -> None:
    """There are never many processes, none of them is left, and the bomb does not pass."""
    most = _peak_meanwhile(lambda: judge({**CHECK, "timeout": 2}, BOMBS[name].replace("MARK", marker), backend=backend))

    assert most.verdict.kind in {"fail", "cannot"} or name == "hops", most.verdict
    assert most.seconds < PATIENT
    assert most.processes < 2 * policy.PROCESSES + 20
    assert [] == alive(marker)


class _Peak:
    """A verdict, how long it took, and how many processes there were below us meanwhile."""

    def __init__(self, verdict: Verdict, seconds: float, processes: int) -> None:
        self.verdict, self.seconds, self.processes = verdict, seconds, processes


def _peak_meanwhile(act: Callable[[], Verdict]) -> _Peak:
    import threading

    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            most[0] = max(most[0], len(limits.descendants(os.getpid())))

    looker = threading.Thread(target=look)
    looker.start()
    began = time.monotonic()
    try:
        return _Peak(act(), time.monotonic() - began, most[0])
    finally:
        over.set()
        looker.join()


# ---------------------------------------------------------------- `cards` itself is killed

HOST = """
    import sys
    from flashcards.model import Card, CardId
    from flashcards.verify import job, runner

    card = Card(id=CardId("t/c"), deck="t", note=CardId("t/c"), kind="typed", front="f", answer={"": "x"},
                run={"checks": [{"file_exists": ["done"]}], "timeout": 60})
    print("ready", flush=True)
    runner.judge(job.Request(card, "bash", sys.argv[2]), sys.argv[1], "as tried")
"""
LEFT_BEHIND = (
    "mkdir d; touch d/f; chmod 000 d; sleep MARK & setsid sleep MARK & env -i setsid -f sleep MARK; sleep MARK"
)


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder for run folders that no other test uses; root has to find one that is open to everybody."""
    with tempfile.TemporaryDirectory(prefix="cards-test-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("TMPDIR", folder)
        monkeypatch.setattr("tempfile.tempdir", None)
        yield Path(folder)


@pytest.fixture
def host(any_backend: runner.Backend, alive, marker: str, place: Path) -> "Iterator[subprocess.Popen[str]]":
    """A process that is in the middle of a run, with four sleepers inside."""
    words = [sys.executable, "-c", textwrap.dedent(HOST), any_backend, LEFT_BEHIND.replace("MARK", marker)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        until = time.monotonic() + 2 * PATIENT
        while sum("sleep" in _name(pid) for pid in alive(marker)) < 4:
            assert time.monotonic() < until, process.communicate()
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        yield process
        process.kill()


def _name(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return ""


def test_a_killed_program_leaves_no_process(
    host: "subprocess.Popen[str]", any_backend: runner.Backend, alive, marker: str, place: Path
) -> None:
    """After `kill -9` of the program in the middle of a run everything inside ends; what lies on disk is swept."""
    host.kill()
    host.wait()

    assert _gone(alive, marker)
    assert folders.sweep() == (0 if any_backend in {"namespaces", "bubblewrap"} else 1)
    assert [] == list(place.iterdir())
    assert [] == [path for group in counting.PLACES for path in Path(group).glob(f"cards-{host.pid}-*")]


def test_an_interrupted_program_takes_everything_along(
    host: "subprocess.Popen[str]", alive, marker: str, place: Path
) -> None:
    """Ctrl-C in the middle of a run ends what is inside and removes its folder before the program ends."""
    host.send_signal(signal.SIGINT)
    _, errors = host.communicate(timeout=2 * PATIENT)

    assert "KeyboardInterrupt" in errors
    assert _gone(alive, marker)
    assert [] == list(place.iterdir())


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_program_that_is_told_to_end_leaves_no_process(
    number: signal.Signals, host: "subprocess.Popen[str]", alive, marker: str
) -> None:
    """Whatever signal ends the program, nothing inside goes on."""
    host.send_signal(number)
    host.wait()

    assert _gone(alive, marker)


# ---------------------------------------------------------------- the broom


def _old_run(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    (folder / folders.MARK).write_bytes(folders.MARK_TEXT)
    (folder / "home").mkdir()
    return folder


def test_only_what_is_left_of_a_run_is_swept(place: Path) -> None:
    """The broom takes folders of ours that nobody uses, and nothing that just looks like it."""
    ours = "cards-run-" + "0a" * 12
    _old_run(place, ours)
    closed = _old_run(place, "cards-run-" + "1a" * 12)
    closed.chmod(0)
    kept = [
        _old_run(place, "cards-ci.Ab12Cd"),
        _old_run(place, "cards-run-backup"),
        _old_run(place, "cards-run-" + "2a" * 12 + ".old"),
        place / ("cards-run-" + "3a" * 12),
        place / ("cards-run-" + "4a" * 12),
        place / ("cards-run-" + "5a" * 12),
        _old_run(place, "cards-run-" + "6a" * 12),
    ]
    kept[3].symlink_to(kept[0])
    kept[4].mkdir()  # no mark
    kept[5].write_text("no folder")
    (kept[6] / folders.MARK).write_text("something else")
    with folders.RunFolder() as used:
        kept.append(Path(used.path))

        swept = folders.sweep()

        assert 2 == swept
        assert sorted(kept) == sorted(place.iterdir())
        assert (kept[0] / "home").is_dir()
    assert sorted(kept[:-1]) == sorted(place.iterdir())


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to somebody else")
def test_the_folder_of_somebody_else_is_not_swept(place: Path) -> None:
    """A folder that another user owns stays, whatever its name."""
    folder = _old_run(place, "cards-run-" + "0a" * 12)
    os.chown(folder, 12345, 12345)

    assert 0 == folders.sweep()
    assert folder.is_dir()


@pytest.mark.root
@pytest.mark.skipif(os.geteuid() != 0, reason="only root has control groups here")
def test_a_control_group_is_swept_when_its_program_is_gone() -> None:
    """The group of a program that lives stays; that of one which is gone is taken away with all that is in it."""
    with counting.counted() as procs:
        if not procs:
            pytest.skip("no control group can be made here")
        group = Path(procs).parent
        ended = subprocess.run(["true"], check=True)
        assert ended.returncode == 0
        left = group.with_name(f"cards-{2**22 + 1}-{'0a' * 8}")
        left.mkdir()
        with subprocess.Popen(["sleep", "1000"]) as sleeper:
            (left / "cgroup.procs").write_text(str(sleeper.pid))

            counting.sweep()

            assert sleeper.wait(PATIENT) == -signal.SIGKILL
        assert not left.exists()
        assert group.is_dir()
    assert not group.exists()


def test_a_run_folder_is_ours_alone(place: Path) -> None:
    """Nobody else on the machine can look into it; afterwards it is gone, whatever was left there."""
    with folders.RunFolder() as folder:
        mode = Path(folder.path).stat().st_mode & 0o777
        (Path(folder.path) / "home" / "work" / "x").mkdir()
        (Path(folder.path) / "home" / "work").chmod(0)

        assert 0o700 == mode
    assert [] == list(place.iterdir())
