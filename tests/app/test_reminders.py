"""Timers, property lists and crontab lines: what is written is read back as it was meant, whatever the folders are called."""

import os
import plistlib
import re
import shlex
import shutil
import subprocess
from datetime import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flashcards.app import reminders
from flashcards.app.reminders import Reminder
from flashcards.errors import BadRequest, CardsError

NASTY = " %'\"\\$`;#&|<>(){}*?!~=@:+-ü€"
PATHS = st.text(st.sampled_from(f"{NASTY}ahn0/"), max_size=20).map(lambda text: f"/{text}x")
TIMES = st.times().map(lambda at: at.replace(second=0, microsecond=0))
WANTED = st.builds(
    lambda path, home, at: Reminder((path, "remind", "--now"), (("CARDS_HOME", home),), at), PATHS, PATHS, TIMES
)


# ---------------------------------------------------------------- what the readers make of it


def systemd_words(text: str) -> list[str]:
    """The words of a line, as systemd.syntax(7) and systemd.unit(5) read them: quotes, escapes, specifiers."""
    assert not re.search("%[^%]", text.replace("%%", "")), "a specifier"
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|([^\s"\'\\]+)', text)
    return [re.sub(r"\\(.)", r"\1", quoted).replace("%%", "%") if quoted else plain for quoted, plain in found]


def unset_dollars(words: list[str]) -> list[str]:
    """The arguments as systemd.service(5) hands them on: `$$` is a dollar, and no variable is named."""
    assert not any("$" in word.replace("$$", "") for word in words), "a variable"
    return [word.replace("$$", "$") for word in words]


def cron_command(line: str, escapes: str) -> str:
    r"""The command that crontab(5) finds in a line; of some, `\\` is an escape like `\%`."""
    _, _, _, _, _, command = line.split(" ", 5)
    bare = re.sub(rf"\\([{re.escape(escapes)}])", "", command)
    assert "%" not in bare, "the end of the command"
    return re.sub(rf"\\([{re.escape(escapes)}])", r"\1", command)


def value(text: str, key: str) -> str:
    """What a unit says after `key=`."""
    (found,) = (line.partition("=")[2] for line in text.splitlines() if line.startswith(f"{key}="))
    return found


# ---------------------------------------------------------------- laws


@given(WANTED)
@example(Reminder(("/a 100%h/c'\"\\x", "remind"), (("CARDS_HOME", '/%t/"\\'),), time(7, 5)))
@settings(max_examples=60)
def test_systemd_reads_what_was_meant(wanted: Reminder) -> None:
    """Program and environment arrive as they are; a name that systemd takes for no program goes through a shell."""
    text = reminders.service_text(wanted)
    words = unset_dollars(systemd_words(value(text, "ExecStart")))

    if words[0] == "/bin/sh":
        assert ["/bin/sh", "-c", 'exec "$0" "$@"'] == words[:3]
        words = words[3:]
    else:
        assert not set("'\"\\$") & set(words[0])
    assert wanted.program == tuple(words)
    assert [f"{name}={home}" for name, home in wanted.environment] == systemd_words(value(text, "Environment"))
    assert f"*-*-* {wanted.at:%H:%M}:00" == value(reminders.timer_text(wanted), "OnCalendar")


@given(WANTED, st.sampled_from(["%", "%\\"]))
@example(Reminder(("/a\\%b\\\\c\\'d", "remind"), (("CARDS_HOME", "/%"),), time(0, 0)), "%\\")
@settings(max_examples=60)
def test_cron_reads_what_was_meant(wanted: Reminder, escapes: str) -> None:
    """The shell gets the words as they are, from each kind of cron."""
    begin, line, end = reminders.cron_block(wanted).splitlines()

    words = [f"{name}={home}" for name, home in wanted.environment] + [*wanted.program]
    assert words == shlex.split(cron_command(line, escapes))
    assert f"{wanted.at.minute} {wanted.at.hour} * * *" == " ".join(line.split(" ")[:5])
    assert (reminders.BEGIN, reminders.END) == (begin, end)


@given(WANTED)
@settings(max_examples=30)
def test_launchd_reads_what_was_meant(wanted: Reminder) -> None:
    """The property list says the same."""
    agent = plistlib.loads(reminders.plist_text(wanted).encode())

    assert (list(wanted.program), dict(wanted.environment)) == (
        agent["ProgramArguments"],
        agent["EnvironmentVariables"],
    )
    assert {"Hour": wanted.at.hour, "Minute": wanted.at.minute} == agent["StartCalendarInterval"]


LINES = st.text(st.sampled_from("# */%ab\t\r\x0b\x85\u2028\n"), max_size=60)


@given(LINES, WANTED, WANTED)
@settings(max_examples=60)
def test_a_crontab_keeps_every_line_that_is_not_ours(crontab: str, first: Reminder, second: Reminder) -> None:
    """In and out again leaves it as it was, twice is once, and a new time takes the place of the old."""
    once = reminders.with_block(crontab, reminders.cron_block(first))
    ended = crontab if crontab.endswith("\n") or not crontab else f"{crontab}\n"

    assert ended == reminders.without_block(once)
    assert once == reminders.with_block(once, reminders.cron_block(first))
    assert ended + reminders.cron_block(second) == reminders.with_block(once, reminders.cron_block(second))
    middle = f"{once}# after\n"
    assert f"{ended}{reminders.cron_block(second)}# after\n" == reminders.with_block(
        middle, reminders.cron_block(second)
    )


@pytest.mark.parametrize("marks", ["{0}\n", "{1}\n", "{1}\n{0}\n", "{0}\n{0}\n{1}\n", "{0}\na\n{1}\n{0}\nb\n{1}\n"])
def test_marks_that_are_no_pair_are_not_guessed_at(marks: str) -> None:
    """Somebody edited the lines: a person decides."""
    crontab = "0 1 * * * mine\n" + marks.format(reminders.BEGIN, reminders.END)

    with pytest.raises(CardsError, match="not as one pair"):
        reminders.without_block(crontab)
    with pytest.raises(CardsError, match="not as one pair"):
        reminders.with_block(crontab, "")


# ---------------------------------------------------------------- what is run


def test_the_program_is_named_in_full(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As it was started, and not what that links to; else by its Python."""
    real, link = tmp_path / "v1" / "cards", tmp_path / "bin" / "cards"
    for path in (real, link):
        path.parent.mkdir()
    real.write_text("#!/bin/sh\n")
    real.chmod(0o755)
    link.symlink_to(real)
    monkeypatch.setenv("PATH", str(link.parent))

    for started in ("cards", str(link)):
        monkeypatch.setattr("sys.argv", [started])
        assert (str(link),) == reminders.program()
    monkeypatch.setattr("sys.argv", ["/x/flashcards/__main__.py"])
    assert ("-P", "-m", "flashcards") == reminders.program()[1:]


def test_the_timer_finds_the_same_database(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What says where it lies goes along, as a full path; what is the system's own way does not."""
    monkeypatch.setenv("CARDS_HOME", "~/my cards")
    assert (("CARDS_HOME", f"{os.environ['HOME']}/my cards"),) == reminders.environment()

    monkeypatch.delenv("CARDS_HOME")
    assert () == reminders.environment()

    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    monkeypatch.setenv("XDG_CONFIG_HOME", "not/whole")
    assert (("XDG_DATA_HOME", "/data"),) == reminders.environment()


@pytest.mark.parametrize("name", ["a\nb", "a\tb", "a\udce4b"])
def test_what_no_timer_can_say_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A line end would begin another line of a crontab."""
    monkeypatch.setenv("CARDS_HOME", f"/{name}")

    with pytest.raises(BadRequest, match="cannot stand in a timer"):
        reminders.reminder(time(19, 30))


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize("name", ["plain", "a b", "100%h%%", "it's", 'a"b', "a\\b\\\\", "$HOME${x}$$", "a;b #c", "ü=€"])
def test_systemd_itself_takes_the_units(tmp_path: Path, name: str) -> None:
    """It reads them without a complaint, and finds the program that they name."""
    program = tmp_path / name / "cards"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    wanted = Reminder((str(program), "remind", "--now"), (("CARDS_HOME", str(program.parent)),), time(19, 30))
    timer, service = tmp_path / "cards-remind.timer", tmp_path / "cards-remind.service"
    timer.write_text(reminders.timer_text(wanted), encoding="utf-8")
    service.write_text(reminders.service_text(wanted), encoding="utf-8")

    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", timer, service],
        env={"PATH": os.environ["PATH"], "XDG_RUNTIME_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    if "initialize manager" in done.stderr:
        pytest.skip("systemd does not run here at all")

    assert (0, "") == (done.returncode, done.stderr)
