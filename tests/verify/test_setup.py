"""What is there before the answer: every step of a setup, where it may reach, and what happens when it fails."""

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from verify.judging import SHELLS, card_of, home_like, judge, run, typed_card, words

from flashcards.verify import prepared
from flashcards.verify.inside.process import Watch
from flashcards.verify.inside.setup import Maker, SetupError

SHOW = "git log --all --format='%s %an %ae %at %ct'"
WHEN = "Learner learner@example.org 1767268800 1767268800"


def printed(typed: str, *setup: dict[str, Any], **rest: Any) -> str:
    """What an answer prints after this setup."""
    verdict = run(typed, {"exit_code": [0]}, setup=list(setup), **rest)
    assert verdict.kind == "pass", words(verdict)
    return verdict.output


def reason(*setup: dict[str, Any], shell: str = "bash", **rest: Any) -> str:
    """Why nothing can be said after this setup."""
    verdict = run("true", {"absent": ["nope"]}, shell=shell, setup=list(setup), **rest)
    assert verdict.kind == "cannot", words(verdict)
    return verdict.reason.removeprefix("the setup of this card did not work: ")


# ---------------------------------------------------------------- files and directories


@pytest.mark.parametrize(
    ("setup", "typed", "expected"),
    [
        ([{"dir": "d"}], "ls -F", "d/\n"),
        ([{"dir": "a/b/c"}, {"dir": "a/b"}], "find . -type d | sort", ".\n./a\n./a/b\n./a/b/c\n"),
        ([{"file": "f"}], "stat -c '%s %a' f", "0 644\n"),
        ([{"file": "f", "content": "x\ny\n"}], "cat f", "x\ny\n"),
        ([{"file": "a/b/f", "content": "x"}], "cat a/b/f", "x"),
        ([{"file": "f", "mode": "0755"}], "stat -c %a f", "755\n"),
        ([{"file": "f", "mode": "0000"}], "stat -c %a f", "0\n"),
        ([{"file": "f", "content": "ä€\udcff"}], "od -An -tx1 f", " c3 a4 e2 82 ac ff\n"),
        ([{"file": "f", "content": "one"}, {"file": "f", "content": "two"}], "cat f", "two"),
        ([{"file": "run", "content": "#!/bin/sh\necho ran\n", "mode": "0755"}], "./run", "ran\n"),
        ([{"file": "ä b'c\"$"}], "ls -N", "ä b'c\"$\n"),
        ([{"dir": "d"}], "umask; stat -c %a . d", "0022\n755\n755\n"),
        ([{"venv": "v"}], "v/bin/python -c 'import sys; print(sys.prefix)'", "/home/learner/work/v\n"),
        ([{"venv": "v"}], "test -e v/bin/pip || echo without pip", "without pip\n"),
    ],
)
def test_files_are_made(setup: list[dict[str, Any]], typed: str, expected: str):
    """Each step leaves what it says, with the permissions of a person's own files."""
    assert printed(typed, *setup).replace("/private", "") == expected


def test_files_beside_the_deck_are_copied():
    """`copy` brings the bytes of an asset, under its own name or another."""
    card = typed_card(
        {"exit_code": [0]}, setup=[{"copy": "data/x.bin"}, {"copy": "data/x.bin", "to": "y", "mode": "0700"}]
    )

    verdict = judge(card, "cmp data/x.bin y && od -An -tx1 y && stat -c %a y", assets={"data/x.bin": b"\0\xff\n"})

    assert verdict.output == " 00 ff 0a\n700\n", words(verdict)


@pytest.mark.parametrize("shell", SHELLS)
def test_an_environment_is_activated_in_the_shell(shell: str):
    """The answer begins in an active environment."""
    checks = {"env_path_equals": {"VIRTUAL_ENV": "v"}}, {"command_resolves_within": {"python": "v/bin"}}

    verdict = judge(typed_card(*checks, setup=[{"venv": "v"}, {"activate": "v"}]), "true", shell)

    assert verdict.kind == "pass", words(verdict)


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", ["v w", "v'w", "v$w", 'v"w', "v\\w"])
def test_an_environment_may_have_any_name(name: str, shell: str):
    """Names are quoted for the shell that reads them."""
    script = {"posix": "mkdir -p bin; echo 'export A=on' > bin/x", "fish": "mkdir -p bin"}
    suffix = ".fish" if shell == "fish" else ""
    content = "set -gx A on\n" if suffix else "export A=on\n"
    setup = [{"file": f"{name}/bin/activate{suffix}", "content": content}, {"activate": name}, {"script": script}]

    verdict = judge(typed_card({"env_equals": {"A": "on"}}, setup=setup), "true", shell)

    assert verdict.kind == "pass", words(verdict)


# ---------------------------------------------------------------- git


GIT: list[tuple[list[dict[str, Any]], str, str]] = [
    ([{"git": "."}], "git status -sb", "## No commits yet on main\n"),
    ([{"git": "r"}], "git -C r status -sb", "## No commits yet on main\n"),
    ([{"git": "."}, {"git": "."}], "git status -sb", "## No commits yet on main\n"),
    ([{"git": ".", "commit": "first"}], SHOW, f"first {WHEN}\n"),
    ([{"git": ".", "branch": "b"}], "git status -sb", "## No commits yet on b\n"),
    ([{"git": ".", "branch": "main"}], "git status -sb", "## No commits yet on main\n"),
    ([{"file": "a"}, {"git": ".", "stage": ["a"]}], "git status -s", "A  a\n"),
    ([{"file": "a"}, {"file": "b"}, {"git": ".", "stage": "a"}], "git status -s", "A  a\n?? b\n"),
    ([{"file": "a"}, {"file": "d/b"}, {"git": ".", "stage": ["."]}], "git status -s", "A  a\nA  d/b\n"),
    ([{"file": "a"}, {"git": ".", "commit": "add"}], "git status -s; git ls-files", "a\n"),
    (
        [{"file": ".gitignore", "content": "x\n"}, {"file": "x"}, {"git": ".", "commit": "c"}],
        "git ls-files",
        ".gitignore\n",
    ),
    (
        [{"git": ".", "commit": "one"}, {"git": ".", "branch": "b", "commit": "two"}, {"git": ".", "branch": "main"}],
        "git branch; git log --all --format=%s",
        "  b\n* main\ntwo\none\n",
    ),
    (
        [{"git": ".", "commit": "one"}, {"git": ".", "branch": "f/x"}, {"git": ".", "branch": "main"}, {"git": "."}],
        "git branch",
        "  f/x\n* main\n",
    ),
    (
        [{"git": ".", "commit": "one"}, {"file": "n"}, {"git": ".", "stash": "work"}],
        "git stash list; ls",
        "stash@{0}: On main: work\n",
    ),
    (
        [{"git": ".", "commit": "c"}, {"file": "x"}, {"git": ".", "branch": "b", "stage": "x", "commit": "d"}],
        "git show --stat --format=%s | head -1",
        "d\n",
    ),
    ([{"git": "."}], "git config user.name; git config user.email", "Learner\nlearner@example.org\n"),
    ([{"git": ".", "commit": "one"}], "git commit -qam two --allow-empty && git log --format=%s", "two\none\n"),
    ([{"git": ".", "commit": 'it\'s "$x" -m\nbody'}], "git log --format=%B", 'it\'s "$x" -m\nbody\n\n'),
]


@pytest.mark.parametrize(("setup", "typed", "expected"), GIT)
def test_repositories_are_made(setup: list[dict[str, Any]], typed: str, expected: str):
    """Branch, index, commit and stash are what the steps say, and a step twice is no harm."""
    assert printed(typed, *setup) == expected


def test_a_setup_makes_the_same_commits_on_every_day():
    """Hashes depend on nothing but the deck, so a deck may name them."""
    setup = [{"file": "a", "content": "x"}, {"git": ".", "commit": "first"}]

    assert printed("git rev-parse HEAD", *setup) == "0801fe375fd65caa6775ffd1c6e677a0259ecd0f\n"


def test_the_learners_commits_have_their_own_dates():
    """Only the setup lives on a fixed day."""
    assert "2026-01-01T12:00" not in printed("git commit -q --allow-empty -m x; git log --format=%aI", {"git": "."})


def test_a_machine_without_git_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Nothing can be said, and there is a cure."""
    for program in ("bash", "env", "python3"):
        (tmp_path / program).symlink_to(shutil.which(program) or "/nowhere")
    monkeypatch.setattr("flashcards.verify.programs.ROOTS", ("/lib", "/lib64", "/etc"))
    monkeypatch.setenv("PATH", str(tmp_path))

    verdict = run("true", {"absent": ["x"]}, setup=[{"git": "."}])

    assert verdict.kind == "cannot"


# ---------------------------------------------------------------- out of bounds


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    """A maker whose work directory has something beside it."""
    (tmp_path / "work" / "in").mkdir(parents=True)
    (tmp_path / "secret").write_text("kept")
    return Maker(str(tmp_path / "work"), dict(os.environ), Watch(seconds=5, folders=(), alone=False))


OUTSIDE = ["../x", "/tmp/x-of-cards", "in/../../x", "..", "/", "in/../../secret", "./../secret"]


@pytest.mark.parametrize("path", OUTSIDE)
@pytest.mark.parametrize("kind", ["dir", "file", "venv", "git", "copy"])
def test_no_step_leaves_the_work_directory(maker: Maker, kind: str, path: str, tmp_path: Path):
    """The format refuses such paths already; the maker does, too."""
    with pytest.raises(SetupError, match="the work directory"):
        maker.make([{kind: "in/x" if kind == "copy" else path, "to": path, "data": b"", "content": "overwritten"}])

    assert (tmp_path / "secret").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret", "work"]


@pytest.mark.parametrize("kind", ["dir", "file", "venv", "git", "copy"])
@pytest.mark.parametrize("target", ["..", "../secret", "/tmp", "/"])
def test_no_step_follows_a_link_out(maker: Maker, kind: str, target: str, tmp_path: Path):
    """A link that an earlier step or a copied tree left is no way out."""
    (tmp_path / "work" / "link").symlink_to(target)

    for path in ("link", "link/x") if target != "../secret" else ("link",):
        with pytest.raises(SetupError, match="leads through a link"):
            maker.make([{kind: "in/x" if kind == "copy" else path, "to": path, "data": b"x", "content": "x"}])

    assert (tmp_path / "secret").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret", "work"]


def test_a_link_of_an_environment_is_no_way_out():
    """An environment has a link to the machine's own Python, which no file can be written through."""
    assert reason({"venv": "v"}, {"file": "v/bin/python3", "content": "x"}) == ("`v/bin/python3` leads through a link")


# ---------------------------------------------------------------- what fails


@pytest.mark.parametrize(
    ("setup", "expected"),
    [
        ([{"file": "a"}, {"dir": "a"}], "dir a: File exists"),
        ([{"file": "a"}, {"file": "a/b"}], "file a/b: File exists"),
        ([{"dir": "a"}, {"file": "a"}], "file a: Is a directory"),
        ([{"file": "x" * 300}], "File name too long"),
        ([{"file": "a"}, {"git": "a"}], "git a: File exists"),
        ([{"git": ".", "stage": ["nope"]}], "git add: fatal: pathspec 'nope' did not match any files"),
        ([{"git": ".", "branch": "a..b"}], "git switch: fatal: 'a..b' is not a valid branch name"),
        ([{"git": ".", "stash": "x"}], "git stash: "),
        ([{"activate": "nope"}], "No such file"),
        ([{"script": {"": "echo gone wrong >&2; false"}}], "gone wrong"),
        ([{"script": {"": "exit 4"}}], "a step ended with status 4"),
    ],
)
def test_a_setup_that_fails_is_nobodys_fault(setup: list[dict[str, Any]], expected: str):
    """The verdict is `cannot`, with the reason in one line."""
    assert expected in reason(*setup)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_has_its_script(shell: str):
    """A setup script is taken for the shell, its family, or all; where there is none nothing is done."""
    script = {"bash": "export A=bash", "posix": "export A=posix", "fish": "set -gx A fish"}
    expected = {"bash": "bash", "fish": "fish"}.get(shell, "posix")
    setup = [{"script": script}, {"script": {"bash": "touch only-bash"}}, {"script": {"": "touch all"}}]
    left = {"file_exists": ["only-bash"]} if shell == "bash" else {"absent": ["only-bash"]}

    verdict = judge(typed_card({"env_equals": {"A": expected}}, {"file_exists": ["all"]}, left, setup=setup), "", shell)

    assert verdict.kind == "pass", words(verdict)


@pytest.mark.parametrize("shell", SHELLS)
def test_an_answer_is_not_run_after_a_setup_that_failed(shell: str):
    """It would meet a world that the deck did not mean."""
    verdict = run("echo ran", {"absent": ["x"]}, shell=shell, setup=[{"script": {"": "false"}}])

    assert (verdict.kind, verdict.output) == ("cannot", "")


def test_a_script_that_ends_the_shell_is_a_setup_that_failed():
    """Not a fault of the answer, which never ran."""
    assert reason({"script": {"": "exit 0"}}) == "it ended the shell"
    assert reason({"script": {"": "exec true"}}) == "it ended the shell"


@pytest.mark.slow
@pytest.mark.parametrize("shell", SHELLS)
def test_a_script_that_never_ends_is_a_setup_that_failed(shell: str):
    """It is stopped, and says after how long."""
    assert reason({"script": {"": "sleep 500"}}, shell=shell, timeout=1) == "it did not end within 10 s"


# ---------------------------------------------------------------- what a card needs


def test_a_need_that_is_missing_is_nobodys_fault():
    """A program or a module of Python that is not there makes a failure `cannot`, and a pass stays a pass."""
    for need, cure in (("no-such-tool", "no-such-tool"), ("python3 -m no_such_module", "python3")):
        verdict = run("true", {"file_exists": ["b"]}, needs=["python3", need])
        assert verdict.kind == "cannot"
        assert verdict.reason == f"`{need}` is not installed here, or does not work in the sandbox"
        assert verdict.cure.endswith(f"install {cure}")
        assert verdict.findings == ()
        assert run("touch b", {"file_exists": ["b"]}, needs=[need]).kind == "pass"


def test_a_need_that_is_there_changes_nothing():
    """A failure stays one."""
    assert run("true", {"file_exists": ["b"]}, needs=["python3", "python3 -m venv", "git"]).kind == "fail"


@pytest.fixture
def poor_python(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Python without `ensurepip`, as Debian has it, first in `PATH`."""
    library = Path(os.__file__).parent
    with home_like() as home:
        here = home / "lib" / library.name
        here.mkdir(parents=True)
        for entry in library.iterdir():
            if entry.name not in {"ensurepip", "site-packages"}:
                (here / entry.name).symlink_to(entry)
        (home / "bin").mkdir()
        shutil.copy(os.path.realpath(sys._base_executable), home / "bin" / "python3")
        monkeypatch.setenv("PATH", f"{home}/bin:{os.environ['PATH']}")
        yield


@pytest.mark.usefixtures("poor_python")
def test_a_python_without_its_installer_is_nobodys_fault():
    """Debian has the module `venv` in one package and what it needs in another."""
    verdict = judge(card_of("venv/create"), "python3 -m venv venv")
    without = judge(card_of("venv/create"), "python3 -m venv --without-pip venv")

    assert verdict.kind == "cannot", words(verdict)
    assert verdict.reason.startswith("`python3 -m ensurepip` is not installed here")
    assert verdict.cure.endswith("install python3-venv")
    assert without.kind == "pass", words(without)


# ---------------------------------------------------------------- pip, unpacked or by itself


LISTED = "find . ! -name '*.pyc' ! -name __pycache__ ! -name RECORD -printf '%P %y %m\\n' | sort"
SUMMED = "find . -type f ! -name '*.pyc' ! -name RECORD -exec sha256sum {} + | sort"
RECORDED = "grep -hv '\\.pyc,' lib/python3*/site-packages/*.dist-info/RECORD | cut -d, -f1 | sort"
TOLD = "; ".join(f"{show} > ../list; wc -l < ../list; sha256sum < ../list" for show in (LISTED, SUMMED, RECORDED))
COMPILED = "find lib -path '*/pip/*' -name '*.pyc' | wc -l"


def made(typed: str, **request: Any) -> str:
    """What an answer prints after `python3 -m venv venv`, as a hash where it is long."""
    card = typed_card({"exit_code": [0]}, timeout=60, needs=["python3"])
    verdict = judge(card, f"python3 -m venv venv && cd venv && {typed}", **request)
    assert verdict.kind == "pass", words(verdict)
    return verdict.output


def test_an_unpacked_pip_works():
    """It says its version, lists what is there, and the verdict tells that it was unpacked."""
    card = typed_card({"exit_code": [0]}, {"stdout": {"matches": "^pip +[0-9.]+$"}}, timeout=60)

    verdict = judge(card, "python3 -m venv venv && venv/bin/pip --version && venv/bin/python -m pip list")

    assert verdict.kind == "pass", words(verdict)
    assert len(verdict.notes) == 1
    assert "unpacked" in verdict.notes[0]


def test_an_unpacked_pip_takes_itself_away():
    """Nothing of it stays behind, also where it was laid out for many runs."""
    with prepared.pip() as ready:
        output = made(
            f"{COMPILED}; bin/pip uninstall -qy pip; ls -d bin/pip* lib/python3*/site-packages/pip*; true",
            ready_pip=ready,
        )

    assert int(output.split()[0]) > 100
    assert "No such file" in output
    assert "dist-info" not in output


def test_what_was_laid_out_for_another_python_is_not_taken(tmp_path: Path):
    """Pip is unpacked as ever where there is nothing for this Python."""
    assert made(f"{COMPILED}; bin/pip --version", ready_pip=str(tmp_path)).startswith("0\npip ")


@pytest.mark.slow
def test_an_unpacked_pip_is_what_its_installer_makes():
    """Files, permissions, contents and records are the same; only byte code and hashes in records are left out."""
    with prepared.pip() as ready:
        copied = made(TOLD, ready_pip=ready)
    real = made(TOLD, seed_pip=False)

    assert made(TOLD) == real
    assert copied == real


@pytest.mark.slow
def test_pip_may_install_itself():
    """With `--real` nothing of ours is in the way, and nothing is said."""
    card = typed_card({"is_venv": ["venv"]}, {"env_unset": ["PYTHONPATH"]}, timeout=60)

    verdict = judge(card, 'test -z "$PYTHONPATH" && python3 -m venv venv && venv/bin/pip --version', seed_pip=False)

    assert verdict.kind == "pass", words(verdict)
    assert verdict.exit_code == 0
    assert verdict.notes == ()


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.8", "3.9", "3.10", "3.12", "3.13"])
def test_every_python_makes_its_environments(version: str, monkeypatch: pytest.MonkeyPatch):
    """Whichever Python a learner has, pip works in what it makes."""
    found = sorted(Path("/root/.pyenv/versions").glob(f"{version}.*/bin")) if os.access("/root", os.X_OK) else []
    if not found:
        pytest.skip(f"there is no Python {version} here")
    monkeypatch.setenv("PATH", f"{found[-1]}:{os.environ['PATH']}")
    card = typed_card(
        {"is_venv": ["venv"]}, {"stdout": {"contains": [f"(python {version})"]}}, timeout=60, needs=["python3"]
    )

    verdict = judge(card, "python3 -m venv venv && venv/bin/pip --version")

    assert verdict.kind == "pass", words(verdict)


@pytest.mark.parametrize(
    "typed", ["python3 -m venv --without-pip venv", "python3 -c 'import venv; venv.create(\"venv\")'", "mkdir venv"]
)
def test_nothing_is_said_of_pip_where_there_is_none(typed: str):
    """The note stands only where pip was unpacked."""
    assert run(typed, {"dir_exists": ["venv"]}).notes == ()
