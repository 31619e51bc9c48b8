"""The level is what the attacks of the probe found, on this kernel and on kernels that lack something."""

import errno
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from flashcards.verify import levels, programs, runner
from flashcards.verify.sandbox import kernel, landlock

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="commands are run on Linux only")

REFUSE = """
    import ctypes, json, struct, sys
    from flashcards.verify import levels, runner
    from flashcards.verify.sandbox import kernel, seccomp

    refused = json.loads(sys.argv[1])
    steps = [(seccomp.LOAD, 0, 0, seccomp.CALL)]
    for name, code in refused.items():
        if name == "new namespaces":
            steps += seccomp._if_argument("clone", seccomp.FIRST, seccomp.JUMP_ANY_BIT, seccomp.NEW_NAMESPACES)
            steps += seccomp._if_call("clone3", [(seccomp.RETURN, 0, 0, seccomp.FAIL | 38)])
        else:
            steps += seccomp._if_call(name, [(seccomp.RETURN, 0, 0, seccomp.FAIL | code)])
    steps.append((seccomp.RETURN, 0, 0, seccomp.ALLOW))
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    header = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(program)))
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    kernel.call("seccomp", 1, 0, header)

    best = levels.best()
    tried = {backend: levels.tried(backend)._asdict() for backend in runner.BACKENDS}
    print(json.dumps({"best": best and [best.backend, best.level, best.claim], "tried": tried}))
"""
"""Lives on with a kernel that refuses these calls, and asks for the level there."""
EPERM, ENOSYS = errno.EPERM, errno.ENOSYS
AS_IN_A_CONTAINER = {"new namespaces": EPERM, "unshare": EPERM, "setns": EPERM, "mount": EPERM}


def _on_a_kernel_without(refused: Mapping[str, int], home: Path) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(REFUSE), json.dumps(refused)],
        env={**os.environ, "CARDS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _needs(backend: runner.Backend) -> None:
    if levels.tried(backend).level is None:
        pytest.skip(f"{backend}: {levels.tried(backend).why}")


# ---------------------------------------------------------------- on this kernel


def test_a_machine_with_landlock_has_a_good_level_at_least() -> None:
    """Where the kernel has what Landlock needs, somebody who is not root is never without a sandbox."""
    if not landlock.version():
        pytest.skip("this kernel has no Landlock")
    if os.getuid() == 0 and not programs.is_open_to_all(programs.agent_python()[0]):
        pytest.skip("root's Python is closed to others here")

    assert levels.tried("landlock").level == "good", levels.tried("landlock").why


def test_a_sandbox_of_its_own_root_is_strong(backend: runner.Backend) -> None:
    """Behind namespaces no attack gets through; behind Landlock alone some do, and are known."""
    tried = levels.tried(backend)

    if backend == "landlock":
        assert "good" == tried.level
        assert {"stat", "processes"} <= set(tried.holes) <= levels.HOLES.keys()
    else:
        assert ("strong", ()) == (tried.level, tried.holes)


def test_the_words_say_what_the_attacks_found(backend: runner.Backend) -> None:
    """Each hole is said, none that is not there; no network is claimed by all."""
    tried = levels.tried(backend)

    said = {hole for hole, words in levels.HOLES.items() if words in tried.claim}

    assert set(tried.holes) == said
    assert "no network" in tried.claim


@pytest.mark.parametrize(
    ("holes", "level"),
    [
        ((), "strong"),
        (("stat",), "good"),
        (tuple(levels.HOLES), "good"),
        (("read",), "weak"),
        (("network", "stat"), "weak"),
    ],
)
def test_one_hole_that_is_not_disclosed_is_weak(holes: tuple[str, ...], level: str) -> None:
    """A sandbox through which files can be read, or a network reached, is none."""
    assert level == levels.level_of(holes)


def test_without_walls_all_attacks_get_through() -> None:
    """The attacks of the probe are real: where nothing is built, each of them succeeds."""
    with levels._targets() as targets:
        outcome = runner.run(lambda place: levels._probe(place, targets), "none", programs.find([]), 10)

        found = json.loads(outcome.data)["probe"]

    assert [] == [name for name, through in found.items() if through is False and (name != "home" or targets["home"])]


def test_every_sandbox_is_tried_and_none_leaves_anything(home: Path, backend: runner.Backend) -> None:
    """The probe builds each sandbox and attacks from inside; in the data folder nothing stays of it."""
    tried = levels._attacked(backend)

    assert tried.level in {"strong", "good"}
    assert [] == [path for path in home.rglob("*") if not path.is_dir()]
    assert [] == list(home.glob("**/.probe-*"))


def test_the_best_is_the_first_strong_one_or_what_was_chosen(backend: runner.Backend) -> None:
    """A choice is kept to, also where there is something better; what nobody chose is the best there is."""
    strong = [one for one in runner.BACKENDS if levels.tried(one).level == "strong"]

    assert levels.best(backend) == levels.tried(backend)
    assert not strong or levels.best() == levels.tried(strong[0])


def test_weak_is_never_the_best_unless_allowed() -> None:
    """What protects nothing is taken only where it is asked for by name and allowed."""
    assert levels.best("none") is None
    allowed = levels.best("none", allow_weak=True)
    assert allowed is not None
    assert "weak" == allowed.level


@pytest.mark.parametrize("what", ["HOME", "CARDS_HOME"])
def test_a_home_among_the_programs_is_weak(
    what: str, backend: runner.Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What every sandbox shows is no place for a person's files, also where the first of them is closed to all."""
    shown, home = tmp_path / "opt", tmp_path / "opt/me"
    (home / ".a").mkdir(parents=True, mode=0)
    (home / "diary").write_text("secret")
    roots = programs.visible_roots()
    monkeypatch.setattr(programs, "visible_roots", lambda: (*roots, str(shown)))
    monkeypatch.setenv(what, str(home))

    tried = levels._attacked(backend)

    assert "weak" == tried.level, tried
    assert "home" in tried.holes


def test_what_is_bound_beside_the_files_of_a_person_does_not_show_them(backend: runner.Backend, tmp_path: Path) -> None:
    """A package that lies below /var does not make a strong sandbox good."""
    if backend == "landlock":
        pytest.skip("names can be seen there anyway")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)
        package = shutil.ignore_patterns("__pycache__")
        shutil.copytree(Path(levels.__file__).parents[1], f"{folder}/flashcards", ignore=package)
        code = f"from flashcards.verify import levels; print(levels.tried({backend!r}))"
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "CARDS_HOME": str(tmp_path), "PYTHONPATH": folder},
            capture_output=True,
            text=True,
            check=True,
            cwd=folder,
        )

    assert "level='strong'" in done.stdout


def test_somebody_without_other_programs_gets_the_same_level() -> None:
    """The process that is attacked is one of ours, so there always is one, and it ends."""
    with levels._targets() as targets:
        process = targets["process"]
        lines = Path(f"/proc/{process}/status").read_text()

        assert f"PPid:\t{os.getpid()}" in lines

    assert not Path(f"/proc/{process}").exists()


# ---------------------------------------------------------------- on other kernels


def test_where_namespaces_are_refused_the_level_is_good(home: Path) -> None:
    """As in Docker: user namespaces are refused, Landlock works, and the words say what it leaves open."""
    _needs("landlock")

    found = _on_a_kernel_without(AS_IN_A_CONTAINER, home)

    backend, level, claim = found["best"]
    assert ("landlock", "good") == (backend, level)
    assert "names, dates and link targets of your files can be seen" in claim
    assert "unshare" in found["tried"]["namespaces"]["why"]
    assert found["tried"]["bubblewrap"]["level"] is None
    assert found["tried"]["bubblewrap"]["why"]


def test_on_a_kernel_that_cannot_lock_mounts_bubblewrap_is_strong(home: Path) -> None:
    """Before Linux 5.12 our own namespaces cannot be built; bubblewrap's can."""
    _needs("bubblewrap")

    found = _on_a_kernel_without({"mount_setattr": ENOSYS}, home)

    assert ["bubblewrap", "strong"] == found["best"][:2]
    assert "mount_setattr" in found["tried"]["namespaces"]["why"]


def test_without_landlock_namespaces_are_still_strong(home: Path) -> None:
    """Before Linux 5.13 there is no Landlock; a root of its own holds without it."""
    _needs("namespaces")

    found = _on_a_kernel_without({"landlock_create_ruleset": ENOSYS}, home)

    assert ["namespaces", "strong"] == found["best"][:2]
    assert found["tried"]["landlock"]["level"] is None


@pytest.mark.parametrize(
    ("refused", "why"),
    [
        ({**AS_IN_A_CONTAINER, "landlock_create_ruleset": ENOSYS}, "no Landlock"),
        ({**AS_IN_A_CONTAINER, "landlock_restrict_self": EPERM}, "landlock_restrict_self"),
        ({"seccomp": ENOSYS}, "seccomp"),
    ],
)
def test_where_no_sandbox_can_be_built_nothing_is_run(refused: Mapping[str, int], why: str, home: Path) -> None:
    """A wall that cannot be built is an error, never left out: then there is no level, and the reason is said."""
    _needs("landlock")

    found = _on_a_kernel_without(refused, home)

    assert found["best"] is None
    assert why in found["tried"]["landlock"]["why"]


OLD_LANDLOCK = """

_newest = version


def version() -> int:
    return min(2, _newest())
"""
OWN_A_PIPE = (
    "import fcntl, os, sys; r, w = os.pipe(); fcntl.fcntl(r, fcntl.F_SETOWN, int(sys.argv[1]));"
    " fcntl.fcntl(r, fcntl.F_SETSIG, 9); fcntl.fcntl(r, fcntl.F_SETFL, os.O_ASYNC); os.write(w, bytes(1))"
)
ON_OLD_LANDLOCK = """
    import json, sys
    from flashcards.model import Card, CardId
    from flashcards.verify import job, levels, runner

    def judged(typed):
        card = Card(id=CardId("t/c"), deck="t", note=CardId("t/c"), kind="typed", front="f", answer={"": "x"},
                    run={"checks": [{"file_exists": ["done"]}], "timeout": 5, "needs": ["python3"]})
        return runner.judge(job.Request(card, "bash", typed), "landlock", "good")

    lines = json.loads(sys.argv[1])
    print(json.dumps([levels.tried("landlock").holes, {line: judged(line).output for line in lines}]))
"""


def test_on_an_older_landlock_the_watchers_are_out_of_reach(
    home: Path, tmp_path: Path, marker: str, alive: Any
) -> None:
    """Before its sixth version Landlock lets signals through: the hole is disclosed, and those who watch are spared.

    Ubuntu 24.04 and Debian 12 have such kernels.
    """
    _needs("landlock")
    package = Path(levels.__file__).parents[1]
    shutil.copytree(package, tmp_path / "old" / "flashcards", ignore=shutil.ignore_patterns("__pycache__"))
    with (tmp_path / "old/flashcards/verify/sandbox/landlock.py").open("a") as file:
        file.write(OLD_LANDLOCK)
    keeper = "$(cut -d' ' -f4 /proc/$PPID/stat)"
    lines = [
        "kill -9 $PPID && echo through",
        f"kill -9 {keeper} && echo through",
        f"kill -9 -{keeper} && echo through",
        f"kill -9 $(cut -d' ' -f4 /proc/{keeper}/stat) && echo through",
        f"kill -9 -$(cut -d' ' -f5 /proc/$(cut -d' ' -f4 /proc/{keeper}/stat)/stat) && echo through",
        f"python3 -c '{OWN_A_PIPE}' {keeper} && echo through",
        f"python3 -c '{OWN_A_PIPE}' -{keeper} && echo through",
        "kill -9 -1 && echo through",
        f"sleep {marker} & kill $! && echo let",
        f"setsid sleep {marker} & truncate -s 0 ~/x; echo let",
    ]

    done = subprocess.run(
        ["sh", "-c", '"$@"; exit $?', "sh", sys.executable, "-c", textwrap.dedent(ON_OLD_LANDLOCK), json.dumps(lines)],
        start_new_session=True,  # the group of `cards` has another number than itself
        env={**os.environ, "CARDS_HOME": str(home), "PYTHONPATH": str(tmp_path / "old")},
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )

    holes, outputs = json.loads(done.stdout)
    assert [] == [line for line in lines[:-2] if "not permitted" not in outputs[line] or "through" in outputs[line]]
    assert [] == [(line, outputs[line]) for line in lines[-2:] if "let" not in outputs[line]]
    assert os.getuid() == 0 or "signal" in holes
    assert [] == alive(marker)


@pytest.mark.skipif(kernel.machine() != "x86_64" or not shutil.which("setarch"), reason="only x86_64 can pretend so")
def test_on_a_processor_that_is_not_known_nothing_is_run(home: Path) -> None:
    """Where the numbers of the system calls are not known, no filter is built from the wrong ones."""
    code = "from flashcards.verify import levels, runner; print([levels.tried(b).why for b in runner.BACKENDS], levels.best())"
    done = subprocess.run(
        ["setarch", "i686", sys.executable, "-c", code],
        env={**os.environ, "CARDS_HOME": str(home)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert "on x86_64 and aarch64" in done.stdout
    assert done.stdout.strip().endswith("None")


def test_a_sandbox_that_cannot_be_built_is_not_replaced_by_a_weaker_one(
    judge: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run whose walls fail says so, and is not tried again with fewer."""
    monkeypatch.setattr(programs, "agent_python", lambda: ("/nonexistent/python", "/nonexistent"))

    verdict = judge({"checks": [{"file_exists": ["a"]}]}, "touch a", backend="namespaces")

    assert ("cannot", "cards doctor") == (verdict.kind, verdict.cure)
    assert "the sandbox could not be built" in verdict.reason


def test_this_machine_is_as_good_as_its_ci_says() -> None:
    """`.ci/run` names the level that such a machine has at least, so that no sandbox is lost unnoticed."""
    promised = os.environ.get("CI_SANDBOX_LEVEL")
    if not promised:
        pytest.skip("nobody has named a level for this machine")
    found = levels.best()

    assert found is not None
    assert found.level in {"good": {"good", "strong"}, "strong": {"strong"}}[promised]
