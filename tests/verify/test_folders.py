"""Where run folders lie, and that one which cannot be made whole is not there at all."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from flashcards.verify import folders

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="commands are run on Linux only")

ALONE = ["unshare", "--user", "--map-root-user", "--mount"]
"""A user namespace with a root and nobody else, as some containers are."""


def _alone(code: str, folder: Path, before: str = "") -> str:
    """What Python says there, with this as its temporary folder."""
    if not shutil.which("unshare") or subprocess.run([*ALONE, "true"], capture_output=True, check=False).returncode:
        pytest.skip("this user cannot make user namespaces")
    line = f'{before}; exec "$@"'.lstrip("; ")
    done = subprocess.run(
        [*ALONE, "sh", "-c", line, "sh", sys.executable, "-c", code],
        env={**os.environ, "TMPDIR": str(folder), "CARDS_HOME": str(folder / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A temporary folder with a plain name."""
    path = tmp_path / "plain"
    path.mkdir()
    monkeypatch.setenv("TMPDIR", str(path))
    return path


def test_the_folder_that_the_person_chose_is_taken(place: Path) -> None:
    """`TMPDIR` is where run folders lie."""
    assert str(place) == folders.base()


@pytest.mark.parametrize("name", ["with space", "qu'ote", "dollar$", "ünïcode", "col:on", "missing", "file"])
def test_a_folder_that_will_not_do_is_passed_over(name: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A path that needs quotes would make right answers wrong, and what is not there holds nothing."""
    if name == "file":
        (place / name).touch()
    elif name != "missing":
        (place / name).mkdir()
    monkeypatch.setenv("TMPDIR", str(place / name))

    assert folders.base() in {"/tmp", "/var/tmp"}


def test_a_folder_in_which_no_program_runs_is_passed_over(place: Path) -> None:
    """A mount with `noexec` would make every script of a run fail."""
    code = "from flashcards.verify import folders; print(folders.base())"

    found = _alone(code, place, f"mount -t tmpfs -o noexec,mode=0777 none {place}")

    assert found.strip() in {"/tmp", "/var/tmp"}


def test_where_no_folder_will_do_the_reason_is_said(place: Path) -> None:
    """Each place is named with what is wrong with it."""
    code = """if True:
        from flashcards.verify import folders
        try:
            folders.base()
        except OSError as error:
            print(error)
    """
    wrong = "mount -t tmpfs -o noexec none"
    both = f"{wrong} {place}; [ -L /var/tmp ] || {wrong} /var/tmp; P=$PWD; {wrong} /tmp"
    if Path(sys.prefix).is_relative_to("/tmp") or Path(folders.__file__).is_relative_to("/tmp"):
        pytest.skip("the program itself lies there")

    said = _alone(code, place, both)

    assert "no temporary folder can be used" in said
    assert "`/tmp` is mounted so that no program runs there" in said


def test_a_folder_that_cannot_be_made_whole_is_not_there(place: Path) -> None:
    """Where the owner of what a command writes cannot be set, nothing stays: no folder, no descriptor."""
    code = """if True:
        import os
        from flashcards.verify import folders
        before = os.listdir("/proc/self/fd")
        try:
            folders.RunFolder(owner=65534)
        except OSError:
            print(os.listdir(folders.base()), before == os.listdir("/proc/self/fd"))
    """

    assert "[] True" == _alone(code, place).strip()


def test_where_root_is_alone_the_reason_is_said(place: Path) -> None:
    """Root that can become nobody else gets words, not a number."""
    code = """if True:
        from flashcards.verify import levels
        print(levels.tried("namespaces").why)
        print(levels.tried("landlock").why)
    """

    said = _alone(code, place).splitlines()

    assert [2, 2] == [len(said), sum("this user namespace has no uid 65534" in line for line in said)], said
