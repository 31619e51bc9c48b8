"""A process in whose children the program comes to harm: at the n-th statement, for want of a page, by an interrupt.

Each job is one command, run in a fork of this process, so that nothing has to be imported again; a `kill -9` of it
is a real one. Dice are the same in every child, so that two runs of a command write the same events.
"""

import importlib
import json
import os
import pkgutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

PATIENT = 60
"""Seconds after which a child that does nothing is taken for dead."""
NEVER = 1 << 30


class Harm(NamedTuple):
    """What happens to the child, and when."""

    kind: str = "none"
    """none, kill, interrupt (at the statement `number`), full (no more than `number` pages more), break."""
    number: int = NEVER


class Ended(NamedTuple):
    """How the child ended."""

    code: int
    """The exit code, or -n for signal n."""
    out: str
    err: str
    statements: tuple[str, ...] = ()
    """What it asked of its databases; only where no harm was done."""


class Nursery:
    """Starts the process, and hands it jobs one by one."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(Path(__file__))], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(
        self,
        home: Path,
        args: Sequence[object],
        harm: Harm = Harm(),  # noqa: B008  (it cannot be changed)
        *,
        stdin: str = "",
        env: Mapping[str, str] | None = None,
    ) -> Ended:
        """One command with that home, in a child of its own."""
        whole = {"CARDS_HOME": str(home), **(env or {})}
        job = {"args": [*map(str, args)], "harm": harm, "stdin": stdin, "env": whole}
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        ended = Ended(**json.loads(self._process.stdout.readline()))
        return ended._replace(statements=tuple(ended.statements))

    def close(self) -> None:
        """Ends the process."""
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(PATIENT)


@contextmanager
def opened() -> Iterator[Nursery]:
    """A nursery, closed at the end."""
    nursery = Nursery()
    try:
        yield nursery
    finally:
        nursery.close()


# ---------------------------------------------------------------- inside that process


class Watched(sqlite3.Connection):
    """A connection that counts what is asked of it, and does harm in time."""

    harm = Harm()
    numbers = count(1)
    told: list[str] | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.harm.kind == "full" and "cards.db" in str(args[0]):
            (pages,) = self.execute("pragma page_count").fetchone()
            self.execute(f"pragma max_page_count = {max(pages, 1) + self.harm.number}")
        self.set_trace_callback(self._asked)

    def _asked(self, statement: str) -> None:
        if self.told is not None:
            self.told.append(statement)
        elif next(self.numbers) == self.harm.number:
            if self.harm.kind == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            self.interrupt()


def alone(home: Path, args: Sequence[object], env: Mapping[str, str]) -> list[str]:
    """The command line of one job in a process of its own."""
    whole = {"CARDS_HOME": str(home), **env}
    return [sys.executable, __file__, json.dumps({"args": [*map(str, args)], "harm": Harm(), "env": whole})]


def main() -> None:
    """Runs jobs until there are no more."""
    import flashcards

    for found in pkgutil.walk_packages(flashcards.__path__, "flashcards."):
        if "__main__" not in found.name and ".inside" not in found.name and ".sandbox" not in found.name:
            importlib.import_module(found.name)
    for line in sys.stdin:
        job = json.loads(line)
        with tempfile.TemporaryDirectory() as folder:
            files = [Path(folder, name) for name in ("in", "out", "err", "told")]
            files[0].write_text(job["stdin"])
            child = os.fork()
            if not child:
                in_child(job, files)
            _, status = os.waitpid(child, 0)
            said = [file.read_text(errors="replace") if file.exists() else "" for file in files]
        told = json.loads(said[3]) if said[3] else []
        code = os.waitstatus_to_exitcode(status)
        print(json.dumps(Ended(code, said[1], said[2], told)._asdict()), flush=True)


def in_child(job: dict[str, Any], files: list[Path]) -> None:
    """Runs the command and never returns."""
    code = 70
    try:
        for number, file in enumerate(files[:3]):
            flags = os.O_RDONLY if not number else os.O_WRONLY | os.O_CREAT | os.O_TRUNC
            os.dup2(os.open(file, flags, 0o600), number)
        sys.stdin, sys.stdout, sys.stderr = (open(n, "w" if n else "r", encoding="utf-8") for n in range(3))  # noqa: PTH123, SIM115  (numbers, open to the end)
        os.environ.update(job["env"])
        time.tzset()
        dice = count(int(os.environ.get("DICE", "1")))
        os.urandom = lambda size: next(dice).to_bytes(max(size, 8), "big")[-size:]
        Watched.harm = Harm(*job["harm"])
        Watched.told = [] if Watched.harm.kind == "none" else None
        connect = sqlite3.connect
        sqlite3.connect = lambda *args, **options: connect(*args, **{"factory": Watched, **options})
        from flashcards import cli

        code = cli.run(job["args"])
        if Watched.told is not None and files:
            files[3].write_text(json.dumps(Watched.told))
    except BaseException:  # noqa: BLE001  (a child must not go on in its parent's loop)
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    if len(sys.argv) > 1:  # one job, in this process itself: harm comes from outside
        in_child(json.loads(sys.argv[1]), [])
    main()
