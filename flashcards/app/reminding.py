"""Tells a person what is due, and puts the timer for that in place; the one module that starts programs for it."""

import os
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, get_args

from flashcards.app import reminders
from flashcards.app.planning import make_plan
from flashcards.app.reminders import MARK, File, Kind, Reminder
from flashcards.errors import CardsError
from flashcards.platforms import here, is_installed

if TYPE_CHECKING:
    from flashcards.app import App

PATIENCE_SECONDS = 30
"""How long a program may take; a desktop that is not there is waited for by some."""


class Step(NamedTuple):
    """Something that is done to install or remove a reminder, and how it is told."""

    does: str
    """`write`, `delete`, `run`, `try` (which may fail), or what happens to the crontab: `add` or `take out`."""
    what: str
    text: str = ""
    """Of a file or of the crontab's lines."""
    words: tuple[str, ...] = ()
    """Of a program."""


# ---------------------------------------------------------------- telling


def due_now(app: "App") -> int:
    """How many cards come up now; nothing where there is no database yet, and none is made."""
    if not app.has_store:
        return 0
    planned = make_plan(app)
    return len(planned.main) + len(planned.drills)


def notify(cards: int) -> bool:
    """Shows a notification on the desktop; False where there is none, or nobody to show it."""
    title = f"{cards} {'card' if cards == 1 else 'cards'} due"
    if here() == "macos":
        words = ["osascript", "-e", f'display notification "cards review" with title "{title}"']
    else:
        words = ["notify-send", "--app-name=cards", title, "cards review"]
    if not is_installed(words[0]):
        return False
    try:
        done = subprocess.run(  # noqa: S603  (the words are ours)
            words, env=_with_session_bus(), capture_output=True, timeout=PATIENCE_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _with_session_bus() -> dict[str, str]:
    """The environment, and in it the way to the desktop, of which cron knows nothing."""
    bus = Path(f"/run/user/{os.getuid()}/bus")
    found = {"DBUS_SESSION_BUS_ADDRESS": f"unix:path={bus}"} if bus.exists() else {}
    return {**found, **os.environ}


# ---------------------------------------------------------------- what would be done


def to_install(kind: Kind, wanted: Reminder) -> list[Step]:
    """What puts a reminder in place, step by step; nothing is done yet."""
    if kind == "cron":
        return [Step("add", "to the crontab", text=reminders.cron_block(wanted))]
    files = reminders.files(kind, wanted)
    writes = [Step("write", path, text=text) for path, text in files]
    if kind == "launchd":
        agent = files[0].path
        return [_try("launchctl", "bootout", _agent()), *writes, _run("launchctl", "bootstrap", _domain(), agent)]
    timer = f"{reminders.UNIT}.timer"
    return [*writes, _systemctl("daemon-reload"), _systemctl("enable", timer), _systemctl("restart", timer)]


def to_remove(kind: Kind) -> list[Step]:
    """What takes a reminder away, step by step; nothing where there is none."""
    if kind == "cron":
        block = reminders.block_of(_crontab()) if is_installed("crontab") else ""
        return [Step("take out", "of the crontab", text=block)] if block else []
    deletes = [Step("delete", path) for path in reminders.paths(kind) if os.path.lexists(path)]
    if not deletes:
        return []
    if kind == "launchd":
        return [_try("launchctl", "bootout", _agent()), *deletes]
    timers = [Path(step.what).name for step in deletes if step.what.endswith(".timer")]
    return [*(_systemctl("disable", "--now", timer) for timer in timers), *deletes, _systemctl("daemon-reload")]


def to_give_way(chosen: Kind) -> list[Step]:
    """What takes reminders of other kinds away, so that nobody is told twice; what is out of reach hinders nothing."""
    found = []
    for kind in get_args(Kind):
        with suppress(CardsError):
            steps = to_remove(kind) if kind != chosen else []
            for step in steps:
                if step.does == "delete":
                    _ours(step.what)
            found += [step._replace(does="try") if step.does == "run" else step for step in steps]
    return found


def _systemctl(*words: str) -> Step:
    return _run("systemctl", "--user", *words)


def _run(*words: str) -> Step:
    return Step("run", " ".join(words), words=words)


def _try(*words: str) -> Step:
    return Step("try", " ".join(words), words=words)


def _domain() -> str:
    return f"gui/{os.getuid()}"


def _agent() -> str:
    return f"{_domain()}/{reminders.LABEL}"


# ---------------------------------------------------------------- doing it


def do(steps: Iterable[Step]) -> None:
    """Does it all; where a step fails, the files are as they were. Raises CardsError."""
    steps = list(steps)
    with _files_kept([step.what for step in steps if step.does in {"write", "delete"}]):
        for step in steps:
            if step.does == "write":
                _write(File(step.what, step.text))
            elif step.does == "delete":
                Path(step.what).unlink(missing_ok=True)
            elif step.words:
                _start(step)
            else:
                _change_crontab(step)


@contextmanager
def _files_kept(paths: list[str]) -> Iterator[None]:
    """Raises where a file is not ours; puts all of them back after a failure."""
    before = {path: _ours(path) for path in paths}
    try:
        yield
    except BaseException:  # a program that is waited for may be interrupted
        for path, text in before.items():
            with suppress(OSError):
                if text is None:
                    Path(path).unlink(missing_ok=True)
                else:
                    Path(path).write_text(text, encoding="utf-8")
        raise


def _ours(path: str) -> str | None:
    try:
        text = Path(path).read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CardsError(f"cannot read `{path}`: {error.strerror}", hint="nothing was changed") from None
    if MARK not in text:
        raise CardsError(f"`{path}` was not written by cards", hint="move it away first; nothing was changed")
    return text


def _write(file: File) -> None:
    try:
        Path(file.path).parent.mkdir(parents=True, exist_ok=True)
        Path(file.path).write_text(file.text, encoding="utf-8")
    except OSError as error:
        raise CardsError(f"cannot write `{file.path}`: {error.strerror}", hint="nothing was changed") from None


def _start(step: Step) -> None:
    done = _ran(*step.words)
    if done.returncode and step.does == "run":
        raise CardsError(_failed(step.what, done), hint="nothing was changed; `--cron` is another way")


def _change_crontab(step: Step) -> None:
    before = _crontab()
    after = reminders.with_block(before, step.text) if step.does == "add" else reminders.without_block(before)
    if after == before:
        return
    done = _ran("crontab", "-", given=after)
    if done.returncode:
        raise CardsError(_failed("crontab -", done), hint="nothing was changed")


def _crontab() -> str:
    """The person's crontab; empty where there is none, and only there: what cannot be read is not written over."""
    done = _ran("crontab", "-l")
    if not done.returncode:
        return done.stdout
    said = done.stderr.lower()
    if not done.stdout and ("no crontab" in said or "no such file" in said):
        return ""
    raise CardsError(_failed("crontab -l", done), hint="nothing was changed")


def _ran(*words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """A program of the system, run to its end."""
    try:
        done = subprocess.run(  # noqa: S603  (the words are ours)
            words,
            input=_bytes(given),
            env={**os.environ, "LC_ALL": "C"},
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return subprocess.CompletedProcess(words, done.returncode, _text(done.stdout), _text(done.stderr))
    except FileNotFoundError:
        raise CardsError(
            f"there is no program `{words[0]}` here", hint="choose another way: --systemd, --launchd or --cron"
        ) from None
    except subprocess.TimeoutExpired:
        raise CardsError(f"`{' '.join(words)}` does not end", hint="nothing was changed") from None
    except OSError as error:
        raise CardsError(f"cannot start `{words[0]}`: {error.strerror}", hint="nothing was changed") from None


def _text(data: bytes) -> str:
    """Bytes as text that gives them back: a crontab may hold what is no UTF-8, and line ends of its own."""
    return data.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _failed(what: str, done: subprocess.CompletedProcess[str]) -> str:
    said = (done.stderr or done.stdout).strip().splitlines()
    return f"`{what}` failed" + (f": {said[-1]}" if said else "")
