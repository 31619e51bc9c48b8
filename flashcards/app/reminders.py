"""What makes this machine remind a person every day: the text of timers, property lists and crontab lines.

Nothing is started or written here; `app.reminding` does that.
"""

import os
import re
import sys
from datetime import time
from pathlib import Path
from shutil import which
from typing import Literal, NamedTuple

from flashcards.errors import BadRequest, CardsError
from flashcards.places import config_folder
from flashcards.platforms import here, is_installed

Kind = Literal["systemd", "launchd", "cron"]

MARK = "written by `cards remind`, which also takes it away"
"""Stands in every file of ours: no other one is written over or deleted."""
UNIT = "cards-remind"
LABEL = "cards-review.remind"
BEGIN = "# begin cards remind"
END = "# end cards remind"
CARRIED = ("XDG_DATA_HOME", "XDG_CONFIG_HOME")
"""Where the database lies, which a timer's own environment does not tell."""
PLAIN = re.compile(r"[\w/.,:@+=-]+", re.ASCII)
"""A word that needs no quotes anywhere."""


class Reminder(NamedTuple):
    """What is run, and when."""

    program: tuple[str, ...]
    environment: tuple[tuple[str, str], ...]
    at: time


class File(NamedTuple):
    """A file as it shall be."""

    path: str
    text: str


def reminder(at: time) -> Reminder:
    """A reminder that runs this very program, on the database in use; raises BadRequest."""
    found = Reminder((*program(), "remind", "--now"), environment(), at)
    for text in (*found.program, *(value for _, value in found.environment)):
        if any(ord(sign) < ord(" ") or sign == "\x7f" or "\ud800" <= sign <= "\udfff" for sign in text):
            raise BadRequest(f"`{text}` cannot stand in a timer", hint="rename the folder: letters, signs and blanks")
    return found


def program() -> tuple[str, ...]:
    """How to start this program from anywhere."""
    started = sys.argv[0]
    if Path(started).name.removesuffix(".exe") == "cards":
        found = which(started)
        if found:  # not what it links to: an upgrade moves that
            return (str(Path(found).absolute()),)
    return sys.executable, "-P", "-m", "flashcards"


def environment() -> tuple[tuple[str, str], ...]:
    """What a timer must be told of this environment, so that it finds the same database."""
    home = os.environ.get("CARDS_HOME")
    if home:
        return (("CARDS_HOME", str(Path(home).expanduser().absolute())),)
    return tuple((name, os.environ[name]) for name in CARRIED if Path(os.environ.get(name, "")).is_absolute())


def kind_here() -> Kind:
    """What this machine reminds with: launchd, systemd where it serves this person, else cron; raises CardsError."""
    if here() == "macos":
        return "launchd"
    if here() != "linux":
        raise CardsError(
            "reminders are for Linux and macOS so far", hint="let the task scheduler run: cards remind --now"
        )
    runtime = os.environ.get("XDG_RUNTIME_DIR") or f"/run/user/{os.getuid()}"
    return "systemd" if is_installed("systemctl") and Path(runtime, "systemd").is_dir() else "cron"


def files(kind: Kind, wanted: Reminder) -> list[File]:
    """The files of a reminder; none for cron, whose line stands in the crontab."""
    if kind == "systemd":
        service, timer = paths(kind)
        return [File(service, service_text(wanted)), File(timer, timer_text(wanted))]
    if kind == "launchd":
        (path,) = paths(kind)
        return [File(path, plist_text(wanted))]
    return []


def paths(kind: Kind) -> list[str]:
    """Where the files of a reminder lie."""
    if kind == "systemd":
        folder = Path(config_folder(), "systemd", "user")
        return [str(folder / f"{UNIT}.{ending}") for ending in ("service", "timer")]
    return [str(Path.home() / "Library" / "LaunchAgents" / f"{LABEL}.plist")] if kind == "launchd" else []


# ---------------------------------------------------------------- systemd


def service_text(wanted: Reminder) -> str:
    """The unit that looks and tells."""
    told = [f"Environment={_systemd(f'{name}={value}')}" for name, value in wanted.environment]
    return "\n".join(
        [
            f"# {MARK}",
            "[Unit]",
            "Description=Cards: tell what is due",
            "",
            "[Service]",
            "Type=oneshot",
            *told,
            f"ExecStart={_exec_start(wanted.program)}",
            "",
        ]
    )


def timer_text(wanted: Reminder) -> str:
    """The unit that starts it every day; a time that was slept through is made up for."""
    return "\n".join(
        [
            f"# {MARK}",
            "[Unit]",
            "Description=Cards: every day a look at what is due",
            "",
            "[Timer]",
            f"OnCalendar=*-*-* {wanted.at:%H:%M}:00",
            "Persistent=true",
            "",
            "[Install]",
            "WantedBy=timers.target",
            "",
        ]
    )


def _exec_start(words: tuple[str, ...]) -> str:
    """A command line for systemd, which takes no quote, backslash or dollar in the name of a program."""
    if re.search(r"['\"\\$]", words[0]):
        words = ("/bin/sh", "-c", 'exec "$0" "$@"', *words)
    return " ".join(_systemd(word).replace("$", "$$") for word in words)


def _systemd(word: str) -> str:
    """A word as unit files want it: quoted, `%` doubled."""
    if PLAIN.fullmatch(word):
        return word
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"'


# ---------------------------------------------------------------- launchd


def plist_text(wanted: Reminder) -> str:
    """The property list of an agent; one that was slept through runs at waking."""
    import plistlib  # an XML parser comes along, 15 ms

    agent = {
        "Label": LABEL,
        "ProgramArguments": list(wanted.program),
        "StartCalendarInterval": {"Hour": wanted.at.hour, "Minute": wanted.at.minute},
        **({"EnvironmentVariables": dict(wanted.environment)} if wanted.environment else {}),
    }
    text = plistlib.dumps(agent, sort_keys=False).decode()
    return text.replace("<dict>", f"<!-- {MARK} -->\n<dict>", 1)


# ---------------------------------------------------------------- cron


def cron_block(wanted: Reminder) -> str:
    """The lines for a crontab, between marks by which they are found again."""
    words = [*(f"{name}={_cron(value)}" for name, value in wanted.environment), *map(_cron, wanted.program)]
    return f"{BEGIN}\n{wanted.at.minute} {wanted.at.hour} * * * {' '.join(words)}\n{END}\n"


def _cron(word: str) -> str:
    r"""A word quoted for the shell, and then for cron, where `%` ends the command.

    Crons differ in what they make of `\\`, so a backslash is always followed
    by a quote, and `\%` is the only pair that they see.
    """
    if PLAIN.fullmatch(word):
        return word
    quoted = word.replace("'", "'\"'\"'").replace("\\", "\\''").replace("%", "\\%")
    return f"'{quoted}'"


def with_block(crontab: str, block: str) -> str:
    """A crontab with our lines: in their old place, or at the end. Raises CardsError."""
    before, ours, after = _split(crontab)
    if not ours and before and not before.endswith("\n"):
        before += "\n"
    return f"{before}{block}{after}"


def without_block(crontab: str) -> str:
    """A crontab without our lines, every other one as it was. Raises CardsError."""
    before, _, after = _split(crontab)
    return before + after


def block_of(crontab: str) -> str:
    """Our lines; empty where there are none. Raises CardsError."""
    return _split(crontab)[1]


def _split(crontab: str) -> tuple[str, str, str]:
    """What stands before our lines, they themselves, what comes after; raises where the marks are no pair."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", crontab)
    marks = [place for place, line in enumerate(lines) if line.strip() in {BEGIN, END}]
    if not marks:
        return crontab, "", ""
    if [lines[place].strip() for place in marks] != [BEGIN, END]:
        raise CardsError(
            f"the crontab has `{BEGIN}` and `{END}`, but not as one pair",
            hint="crontab -e mends it; nothing was changed",
        )
    first, last = marks
    return "".join(lines[:first]), "".join(lines[first : last + 1]), "".join(lines[last + 1 :])
