"""By real carriers between real homes: git with its merges and conflicts, rsync in both directions and cut off."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from sync.edited import Home, same


def ran(*command: str | Path, cwd: Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(cwd),
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        **{f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")},
    }
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert not check or done.returncode == 0, done
    return done


# ---------------------------------------------------------------- git

needs_git = pytest.mark.skipif(not shutil.which("git"), reason="without git")


@pytest.fixture
def three(tmp_path: Path) -> list[Home]:
    """Three homes on clones of one bare repository; the first has a deck, and everybody got it."""
    ran("git", "init", "-q", "--bare", "-b", "main", "origin.git", cwd=tmp_path)
    homes = [Home(tmp_path, name) for name in ("a", "b", "c")]
    for home in homes:
        ran("git", "clone", "-q", "origin.git", home.folder.name, cwd=tmp_path)
        ran("git", "checkout", "-q", "-B", "main", cwd=home.folder)
    homes[0].import_deck()
    homes[0].sync()
    push(homes[0])
    for home in homes[1:]:
        pull(home)
        home.sync()
        push(home)
    pull(homes[0])
    pull(homes[1])
    return homes


def pull(home: Home) -> bool:
    """What the others pushed; whether it merged by itself."""
    return (
        ran("git", "pull", "-q", "--no-rebase", "--no-edit", "origin", "main", cwd=home.folder, check=False).returncode
        == 0
    )


def commit(home: Home) -> None:
    ran("git", "add", "-A", cwd=home.folder)
    ran("git", "commit", "-q", "--allow-empty", "-m", home.name, cwd=home.folder)


def push(home: Home) -> None:
    commit(home)
    ran("git", "push", "-q", "origin", "main", cwd=home.folder)


def carry_by_git(home: Home) -> bool:
    """Sync, commit, pull, push and sync: an evening on one machine. Whether it merged by itself."""
    home.sync()
    commit(home)
    if not pull(home):
        return False
    ran("git", "push", "-q", "origin", "main", cwd=home.folder)
    home.sync()
    return True


@needs_git
def test_git_merges_logs_and_decks_of_three_homes(three):
    """All answer offline, two edit different cards: git merges both, and all come to the same."""
    for number, home in enumerate(three):
        home.answer("french/chat", 3 + number % 3)
        home.answer(("french/chien", "french/cheval", "french/chat")[number])
    three[1].edit("the cat", "a cat")
    three[2].edit("the horse", "a horse")

    for home in three * 3:
        assert carry_by_git(home)

    assert same(three)
    for home in three:
        assert "a cat" in home.deck.read_text("utf-8")
        assert "a horse" in home.deck.read_text("utf-8")
        assert home.sync() == home.sync()
    assert 6 == len(three[0].lines())


@needs_git
def test_a_conflict_of_git_in_a_deck_hinders_no_answer(three):
    """Two wrote the same line: the file has marks of git in it until somebody decides; the answers travel all the same."""
    one, other = three[1], three[2]
    one.edit("the cat", "a cat")
    other.edit("the cat", "some cat")
    one.answer("french/chat")
    other.answer("french/chien")
    assert carry_by_git(one)
    assert not carry_by_git(other)
    assert "<<<<<<<" in (other.folder / "decks" / "french.yaml").read_text("utf-8")

    done = other.sync()

    assert ["french"] == [told.deck for told in done.decks.told]
    assert "some cat" in other.deck.read_text("utf-8")
    assert set(one.lines()) < set(other.lines())

    ran("git", "checkout", "-q", "--theirs", "decks/french.yaml", cwd=other.folder)
    push(other)
    assert "`cards sync --mine french` keeps yours" in other.sync().decks.told[0].cure
    other.sync(theirs=("french",))
    for home in three * 2:
        assert carry_by_git(home)

    assert same(three)
    assert "a cat" in other.deck.read_text("utf-8")


@needs_git
@pytest.mark.slow
def test_two_that_began_the_folder_at_once_are_mended_by_one_look(tmp_path):
    """Each made the folder's mark: git calls that a conflict, and the cure of the message works."""
    ran("git", "init", "-q", "--bare", "-b", "main", "origin.git", cwd=tmp_path)
    homes = [Home(tmp_path, name) for name in ("a", "b")]
    for home in homes:
        ran("git", "clone", "-q", "origin.git", home.folder.name, cwd=tmp_path)
        ran("git", "checkout", "-q", "-B", "main", cwd=home.folder)
        home.answer("french/chat")
        home.sync()
    push(homes[0])
    commit(homes[1])
    ran(
        "git",
        "pull",
        "-q",
        "--no-rebase",
        "--allow-unrelated-histories",
        "origin",
        "main",
        cwd=homes[1].folder,
        check=False,
    )
    ran("git", "checkout", "-q", "--theirs", "cards-sync.json", cwd=homes[1].folder)
    push(homes[1])

    for home in homes * 2:
        assert carry_by_git(home)

    assert same(homes)
    assert 2 == len(homes[0].lines())


# ---------------------------------------------------------------- rsync

needs_rsync = pytest.mark.skipif(not shutil.which("rsync"), reason="without rsync")


@pytest.fixture
def pair(tmp_path: Path) -> list[Home]:
    """Two homes, each with a folder of its own; the second got the deck of the first."""
    homes = [Home(tmp_path, name) for name in ("a", "b")]
    homes[0].import_deck()
    homes[0].sync()
    if shutil.which("rsync"):
        carry_by_rsync(*homes)
        homes[1].sync()
    return homes


def carry_by_rsync(source: Home, target: Home, *more: str) -> None:
    ran("rsync", "-a", *more, f"{source.folder}/", f"{target.folder}/", cwd=source.folder)


@needs_rsync
@pytest.mark.parametrize(
    "options",
    [
        pytest.param((), id="careless"),
        pytest.param(("--update",), id="update", marks=pytest.mark.slow),
        pytest.param(("--update", "--inplace"), id="inplace", marks=pytest.mark.slow),
        pytest.param(("--checksum",), id="checksum", marks=pytest.mark.slow),
    ],
)
def test_rsync_in_both_directions_brings_both_to_the_same(pair, options):
    """Also without `--update`, where an older copy of a device's own file is put over it."""
    one, other = pair
    for _ in range(2):
        one.answer("french/chat")
        other.answer("french/chien")
        one.sync()
        other.sync()
        carry_by_rsync(one, other, *options)
        carry_by_rsync(other, one, *options)
        one.sync()
        other.sync()
        carry_by_rsync(other, one, *options)
        carry_by_rsync(one, other, *options)
        one.sync()
        other.sync()

    carry_by_rsync(one, other, "--update")
    other.sync()
    carry_by_rsync(other, one, "--update")
    one.sync()

    assert same(pair)
    assert 4 == len(one.lines())
    assert () == one.sync().decks.told == other.sync().decks.told


@needs_rsync
def test_an_edit_is_not_undone_by_an_old_copy(pair):
    """Rsync without `--update` puts the text of before into the folder; ours follows it, so it goes there again."""
    one, other = pair
    other.edit("the cat", "a cat")
    other.sync()
    carry_by_rsync(one, other, "--checksum")
    assert "the cat" in (other.folder / "decks" / "french.yaml").read_text("utf-8")

    done = other.sync()

    assert (("french",), ()) == (done.decks.sent, done.decks.told)
    assert "a cat" in other.deck.read_text("utf-8")


@needs_rsync
@pytest.mark.parametrize("share", [0.6, *(pytest.param(share, marks=pytest.mark.slow) for share in (0.0, 0.3, 0.95))])
def test_a_transfer_that_was_cut_off_is_made_good_by_the_next(pair, share):
    """With `--partial` half a file stays under its own name: what is whole in it counts, the rest waits."""
    one, other = pair
    for card in ("french/chat", "french/chien", "french/cheval"):
        one.answer(card)
    one.edit("the horse", "a horse")
    one.sync()
    carry_by_rsync(one, other, "--partial")
    cut = [path for path in other.folder.rglob("*") if path.is_file() and path.name != "cards-sync.json"]
    for path in cut:
        os.truncate(path, int(path.stat().st_size * share))

    other.sync()
    other.answer("french/chat")
    assert 3 == sum(1 for _, (back, _) in other.known().items() if back)
    carry_by_rsync(one, other, "--partial", "--checksum")
    other.sync()
    carry_by_rsync(other, one, "--partial", "--update")
    one.sync()

    assert same(pair)
    assert 4 == len(one.lines())
    assert "a horse" in other.deck.read_text("utf-8")


@needs_rsync
def test_a_copied_home_that_syncs_is_a_device_of_its_own(pair, tmp_path):
    """`rsync -a` of a whole home to another place: both go on, and neither writes into the other's file."""
    one, other = pair
    shutil.copytree(tmp_path / "a", tmp_path / "d")
    clone = Home(tmp_path, "d")
    shutil.copytree(one.folder, clone.folder, dirs_exist_ok=True)
    one.answer("french/chat")
    clone.answer("french/chat")
    one.sync()
    clone.sync()
    carry_by_rsync(one, other, "--update")
    carry_by_rsync(clone, other, "--update")
    other.sync()

    assert 2 == len(other.lines())
    assert 2 == len({path.name.partition(".")[0] for path in (other.folder / "log").iterdir()})


@needs_rsync
def test_a_copied_disk_is_noticed_by_what_lies_in_its_own_file(pair, tmp_path):
    """Nothing here tells the two apart but a file that holds what this one never wrote."""
    one, other = pair
    one.answer("french/chat")
    one.sync()
    shutil.copytree(one.folder.parent / "a", tmp_path / "image")
    one.answer("french/chien")
    one.sync()
    carry_by_rsync(one, other, "--update")
    shutil.rmtree(tmp_path / "a")
    (tmp_path / "image").rename(tmp_path / "a")  # the disk as it was
    carry_by_rsync(other, one, "--update")

    done = one.sync()

    assert ["renamed"] == [told.kind for told in done.told]
    assert 2 == len(one.lines())
    assert [] == [told for told in one.sync().told if told.kind == "renamed"]
