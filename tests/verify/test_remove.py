"""What a run left in its folder is taken away, whatever it is; nothing else is."""

import os
import socket
import sys
from pathlib import Path

import pytest

from flashcards.verify.sandbox.remove import remove

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="runs leave folders on Unix only")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder to be taken away, beside one that must stay."""
    (tmp_path / "kept" / "inner").mkdir(parents=True)
    (tmp_path / "kept" / "file").write_text("kept")
    (tmp_path / "folder").mkdir()
    return tmp_path / "folder"


def _deep(folder: Path, levels: int) -> None:
    """More levels than a path has room for, each closed behind us."""
    here = os.open(folder, os.O_RDONLY)
    opened = [here]
    for _ in range(levels):
        os.mkdir("0123456789", dir_fd=here)
        here = os.open("0123456789", os.O_RDONLY, dir_fd=here)
        opened.append(here)
        if len(opened) > 2:
            os.close(opened.pop(0))
    for descriptor in opened:
        os.close(descriptor)


def _closed(folder: Path) -> None:
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "b" / "c").write_text("x")
    for path in (folder / "a" / "b" / "c", folder / "a" / "b", folder / "a", folder):
        path.chmod(0)


def _links(folder: Path) -> None:
    kept = folder.parent / "kept"
    for name, target in (
        ("folder", kept),
        ("file", kept / "file"),
        ("nothing", "nowhere"),
        ("up", ".."),
        ("root", "/"),
    ):
        (folder / name).symlink_to(target)
    (folder / "loop").symlink_to("loop")
    os.link(kept / "file", folder / "hard")


def _kinds(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.path.relpath(folder / "s"))
    (folder / "odd").mkdir(mode=0o1777)
    (folder / "odd" / "program").touch(mode=0o4755)


def _names(folder: Path) -> None:
    for name in (b"-rf", b"*", b"a\nb", b" ", b"\xff\xfe", b"x" * 255, "é".encode(), b"..."):
        (folder / os.fsdecode(name)).mkdir()
        (folder / os.fsdecode(name) / os.fsdecode(name)).touch()


def _many(folder: Path) -> None:
    for number in range(500):
        (folder / str(number)).touch()
    for number in range(50):
        (folder / f"d{number}" / "e" / "f").mkdir(parents=True)


TREES = {
    "nothing": lambda folder: None,
    "deep": lambda folder: _deep(folder, 700),
    "closed": _closed,
    "links": _links,
    "kinds": _kinds,
    "names": _names,
    "many": _many,
}


@pytest.mark.parametrize("tree", TREES)
def test_a_tree_is_gone_and_nothing_else(tree: str, folder: Path) -> None:
    """No depth, no permission, no link and no name keeps a folder from being removed, or leads out of it."""
    TREES[tree](folder)

    remove(str(folder))

    assert ["kept"] == [path.name for path in folder.parent.iterdir()]
    assert "kept" == (folder.parent / "kept" / "file").read_text()
    assert (folder.parent / "kept" / "inner").is_dir()


def test_a_link_in_place_of_the_folder_is_not_followed(folder: Path) -> None:
    """Whoever puts a link where the folder was loses the link's target nothing."""
    link = folder.parent / "link"
    link.symlink_to(folder.parent / "kept")

    with pytest.raises(OSError, match="link"):
        remove(str(link))

    assert "kept" == (folder.parent / "kept" / "file").read_text()


def test_a_folder_that_is_not_there_is_said(folder: Path) -> None:
    """Nothing is guessed: a name that leads nowhere is an error."""
    with pytest.raises(FileNotFoundError):
        remove(str(folder / "nothing"))


def test_no_descriptor_is_left_open(folder: Path) -> None:
    """Every folder that was opened on the way is closed, also where something fails."""
    before = sorted(path.name for path in Path("/proc/self/fd").iterdir()) if Path("/proc/self/fd").is_dir() else []
    _many(folder)

    remove(str(folder))
    with pytest.raises(FileNotFoundError):
        remove(str(folder))

    assert before == (sorted(path.name for path in Path("/proc/self/fd").iterdir()) if before else [])
