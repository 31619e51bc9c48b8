"""`cards remind`: printed, installed, removed, with programs of the system that write down what they got."""

import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from cli.inside import cards

CRONTAB = """
tab="$0.tab"
case $1 in
  -l) if [ -f "$tab" ]; then cat "$tab"; else echo "no crontab for you" >&2; exit 1; fi ;;
  -) cat >"$tab" ;;
esac
"""
DECK = "deck: d\ncards: [{id: a, front: 1, back: 1}, {id: b, front: 2, back: 2}]\n"


@pytest.fixture
def tool(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Puts a program of the system on the path, which writes its arguments into NAME.log: `tool("systemctl", "exit 1")`."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "cat"):
        (folder / name).symlink_to(str(shutil.which(name)))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("CARDS_PLATFORM", "linux")

    def tool(name: str, does: str = "") -> Path:
        path = folder / name
        path.write_text(f'#!/bin/sh\necho "$*" >>"$0.log"\n{does}\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    return tool


@pytest.fixture
def served(tool: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which systemd serves the person; the folder of the units."""
    (tmp_path / "run" / "systemd").mkdir(parents=True)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    tool("systemctl")
    return Path(os.environ["HOME"], ".config", "systemd", "user")


def asked(tool: Path) -> list[str]:
    """What a program of the system was called with."""
    log = tool.with_name(f"{tool.name}.log")
    return log.read_text().splitlines() if log.exists() else []


def systemctl(tmp_path: Path) -> list[str]:
    """The same, of systemctl."""
    return asked(tmp_path / "tools" / "systemctl")


# ---------------------------------------------------------------- printed


def test_printing_changes_nothing(served: Path, tmp_path: Path) -> None:
    """The units stand on standard output, how to go on does not."""
    ran = cards("remind", "--at", "7:05", check=True)

    assert f"# {served}/cards-remind.service\n" in ran.out
    assert (
        f"\nEnvironment=CARDS_HOME={tmp_path}/home\nExecStart={sys.executable} -P -m flashcards remind --now\n"
        in ran.out
    )
    assert "\nOnCalendar=*-*-* 07:05:00\nPersistent=true\n" in ran.out
    assert "hint: `cards remind --install` puts it in place\n" == ran.err
    assert ([], False, False) == (systemctl(tmp_path), served.exists(), (tmp_path / "home").exists())


@pytest.mark.parametrize(
    ("platform", "flag", "begins"),
    [("linux", "", "# begin cards remind\n30 19 * * * "), ("macos", "", "<?xml"), ("linux", "--launchd", "<?xml")],
)
def test_each_machine_has_its_own_way(
    tool: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, platform: str, flag: str, begins: str
) -> None:
    """Without systemd it is cron, on macOS launchd; any can be asked for."""
    monkeypatch.setenv("CARDS_PLATFORM", platform)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")
    tool("systemctl")

    assert cards("remind", *filter(None, [flag]), check=True).out.startswith(begins)


@pytest.mark.parametrize(
    ("args", "platform", "said"),
    [
        (["--install", "--remove"], "linux", "error: --install and --remove exclude each other"),
        (["--cron", "--launchd"], "linux", "error: --launchd and --cron exclude each other"),
        (["--at", "soon"], "linux", "error: `soon` is not a time of day"),
        ([], "windows", "error: reminders are for Linux and macOS so far"),
        (["--cron", "--install"], "linux", "error: nobody is here to say yes"),
        (["--cron", "--install", "--yes"], "linux", "error: there is no program `crontab` here"),
    ],
)
def test_what_makes_no_sense_is_refused(
    tool: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, args: list[str], platform: str, said: str
) -> None:
    """With a hint how to go on."""
    monkeypatch.setenv("CARDS_PLATFORM", platform)
    monkeypatch.setenv("XDG_RUNTIME_DIR", "/nowhere")

    ran = cards("remind", *args)

    assert ran.code in {1, 2}
    assert said in ran.err
    assert "hint: " in ran.err


# ---------------------------------------------------------------- systemd


def test_a_timer_is_installed_moved_and_removed(served: Path, tmp_path: Path) -> None:
    """Every step is shown; the second time takes the place of the first; nothing stays behind."""
    shown = cards("remind", "--install", "--dry-run", check=True).out
    assert ([], False) == (systemctl(tmp_path), served.exists())

    done = cards("remind", "--install", "--yes", check=True).out
    assert (
        shown.removesuffix("nothing was changed\n")
        + "installed: every day at 19:30; `cards remind --remove` takes it away\n"
        == done
    )
    assert f"write {served}/cards-remind.timer\n" in done
    enabling = ["--user daemon-reload", "--user enable cards-remind.timer", "--user restart cards-remind.timer"]
    assert enabling == systemctl(tmp_path)

    cards("remind", "--install", "--yes", "--at", "08:00", check=True)
    assert "OnCalendar=*-*-* 08:00:00" in (served / "cards-remind.timer").read_text()

    assert "removed\n" in cards("remind", "--remove", "--yes", check=True).out
    assert ["--user disable --now cards-remind.timer", "--user daemon-reload"] == systemctl(tmp_path)[6:]
    assert [] == [*served.iterdir()]
    assert "there is no reminder to remove\n" == cards("remind", "--remove", check=True).out


def test_one_of_another_kind_gives_way(served: Path, tool: Callable[..., Path], tmp_path: Path) -> None:
    """Nobody is told twice a day; what would be taken away is shown with the rest, and somebody else's file stays."""
    table = tool("crontab", CRONTAB).with_name("crontab.tab")
    cards("remind", "--cron", "--install", "--yes", check=True)

    assert "take out of the crontab\n" in cards("remind", "--install", "--yes", check=True).out
    assert "" == table.read_text()

    tool("systemctl", "exit 1")  # systemd serves nobody any more
    done = cards("remind", "--cron", "--install", "--yes", check=True).out
    assert f"delete {served}/cards-remind.timer\n" in done
    assert ([], 1) == ([*served.iterdir()], table.read_text().count("remind --now"))

    (served / "cards-remind.timer").write_text("[Timer]\n")
    cards("remind", "--cron", "--install", "--yes", check=True)
    assert "[Timer]\n" == (served / "cards-remind.timer").read_text()


def test_a_failure_leaves_the_files_as_they_were(served: Path, tool: Callable[..., Path], tmp_path: Path) -> None:
    """First where there were none, then where there was another time; removing too."""
    broken = 'case $2 in daemon-reload) echo "no bus" >&2; exit 1;; esac'
    tool("systemctl", broken)
    ran = cards("remind", "--install", "--yes")
    assert (1, "error: `systemctl --user daemon-reload` failed: no bus") == (ran.code, ran.err.split("\nhint")[0])
    assert [] == [*served.iterdir()]

    tool("systemctl")
    cards("remind", "--install", "--yes", check=True)
    before = {path: path.read_text() for path in served.iterdir()}
    tool("systemctl", broken)
    for args in (["--install", "--at", "08:00"], ["--remove"]):
        assert 1 == cards("remind", *args, "--yes").code
        assert before == {path: path.read_text() for path in served.iterdir()}


@pytest.mark.parametrize("act", ["--install", "--remove"])
def test_a_file_of_somebody_else_stays(served: Path, tmp_path: Path, act: str) -> None:
    """A unit of the same name that we did not write is neither written over nor deleted."""
    served.mkdir(parents=True)
    (served / "cards-remind.timer").write_text("[Timer]\n")

    ran = cards("remind", act, "--yes")

    assert (1, "[Timer]\n", []) == (ran.code, (served / "cards-remind.timer").read_text(), systemctl(tmp_path))
    assert "was not written by cards" in ran.err


# ---------------------------------------------------------------- cron


def test_the_crontab_keeps_what_others_wrote(tool: Callable[..., Path]) -> None:
    """Byte for byte, whatever it is; installing twice is once, removing leaves nothing of ours."""
    crontab = tool("crontab", CRONTAB)
    table = crontab.with_name("crontab.tab")
    others = b"MAILTO=me\r\n\t0 1 * * * a \\% b \xff\x0b\n\n"
    table.write_bytes(others)

    for _ in range(2):
        cards("remind", "--cron", "--install", "--yes", check=True)
        assert table.read_bytes().startswith(others)
        assert 1 == table.read_bytes().count(b"remind --now")
    assert ["-l", "-", "-l"] == asked(crontab)

    cards("remind", "--remove", "--yes", check=True)
    assert others == table.read_bytes()


def test_a_first_crontab_is_made(tool: Callable[..., Path]) -> None:
    """Where there was none."""
    crontab = tool("crontab", CRONTAB)

    cards("remind", "--cron", "--install", "--yes", check=True)

    assert 3 == len(crontab.with_name("crontab.tab").read_text().splitlines())


def test_a_crontab_that_cannot_be_read_is_not_written(tool: Callable[..., Path]) -> None:
    """What fails is told, and is not taken for an empty crontab."""
    crontab = tool("crontab", 'echo "you are not allowed" >&2; exit 1')

    ran = cards("remind", "--cron", "--install", "--yes")

    assert (1, ["-l"]) == (ran.code, asked(crontab))
    assert "error: `crontab -l` failed: you are not allowed" in ran.err


# ---------------------------------------------------------------- launchd


def test_an_agent_is_loaded_anew_and_removed(tool: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs already is stopped first, which may fail; then it is loaded."""
    monkeypatch.setenv("CARDS_PLATFORM", "macos")
    launchctl = tool("launchctl", "case $1 in bootout) exit 3;; esac")
    agent = Path(os.environ["HOME"], "Library", "LaunchAgents", "cards-review.remind.plist")

    cards("remind", "--install", "--yes", check=True)
    assert agent.exists()
    domain = f"gui/{os.getuid()}"
    assert [f"bootout {domain}/cards-review.remind", f"bootstrap {domain} {agent}"] == asked(launchctl)

    cards("remind", "--remove", "--yes", check=True)
    assert not agent.exists()


# ---------------------------------------------------------------- asked


def test_a_person_is_asked_first(tool: Callable[..., Path]) -> None:
    """The steps are shown, and enter alone is no yes."""
    crontab = tool("crontab", CRONTAB)
    program = f"import sys; sys.path[:0] = {sys.path!r}; from flashcards.__main__ import main; main()"
    words = ["-c", program, "remind", "--cron", "--install"]
    child = pexpect.spawn(sys.executable, words, timeout=60, env=dict(os.environ))
    child.expect_exact("# end cards remind")
    child.expect_exact("do it? [y/N]")
    child.send("\r")
    child.expect_exact("nothing was changed")
    child.expect(pexpect.EOF)

    assert [] == asked(crontab)


# ---------------------------------------------------------------- now


@pytest.mark.parametrize(
    ("platform", "program", "said"),
    [
        ("linux", "notify-send", ["--app-name=cards 2 cards due cards review"]),
        ("macos", "osascript", ['-e display notification "cards review" with title "2 cards due"']),
    ],
)
def test_what_is_due_is_told_on_the_desktop(
    tool: Callable[..., Path], deck_file, monkeypatch: pytest.MonkeyPatch, platform: str, program: str, said: list[str]
) -> None:
    """Only when something is due; where nobody shows it, it is printed, for the mail of cron."""
    monkeypatch.setenv("CARDS_PLATFORM", platform)
    shower = tool(program)
    assert (0, "", "") == cards("remind", "--now")
    cards("import", deck_file(DECK), check=True)
    assert (0, "", "") == cards("remind", "--now")
    assert said == asked(shower)

    tool(program, "exit 1")
    assert (0, "2 cards due: cards review\n", "") == cards("remind", "--now")
    shower.unlink()
    assert (0, "2 cards due: cards review\n", "") == cards("remind", "--now")

    cards("suspend", "a", "b", check=True)
    tool(program)
    assert (0, "", "") == cards("remind", "--now")
    assert 2 == len(asked(shower))
