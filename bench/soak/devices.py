"""A device: its home, its clock, and what a person does there; each act is a process that may be killed at any moment."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from threading import Lock, Timer

from bench.soak.ledger import Key, Ledger

PROGRAM = [sys.executable, "-m", "flashcards"]
DECKS, CARDS = ("alpha", "beta"), 40
KILLED = -9
LONGEST_SECONDS = 0.9
"""Before a process that is to be killed is killed; most of them take less."""
KILLS, SYNCS, BACK, AHEAD = 0.3, 0.12, 0.02, 0.08
"""The shares of processes that are killed, of acts that are a sync, of clocks that jump."""
PATIENT = 120
NOT_FOUND = 4
"""The exit code where a card or a deck is not there."""
DECK_TAKEN_BACK = "took back: the import of deck "
TAKEN_BACK, MARKS = "took back: ", ("suspend", "flag", "reset", "bury")


class Device:
    """One home and its clock."""

    def __init__(self, name: str, folder: Path, ledger: Ledger, seed: int) -> None:
        self.name, self.home, self.ledger = name, folder / name, ledger
        self.shared, self.files = folder / "shared", folder / "files"
        self._now = datetime(2026, 3, 1, 8, tzinfo=UTC)
        self._dice, self._lock = Random(f"{seed} {name}"), Lock()

    def now(self) -> str:
        """A moment that no other process of this device gets; sometimes days later, sometimes days before."""
        with self._lock:
            self._now += timedelta(milliseconds=self._dice.randrange(1_000, 300_000))
            if self._dice.random() < AHEAD:
                self._now += timedelta(days=self._dice.randrange(1, 12))
            elif self._dice.random() < BACK:
                self._now -= timedelta(days=self._dice.randrange(1, 6))
            return self._now.isoformat(timespec="milliseconds")

    def start(self, *args: object) -> "subprocess.Popen[str]":
        """The real program, with pipes at all ends."""
        env = {**os.environ, "CARDS_HOME": str(self.home), "CARDS_NOW": self.now(), "CARDS_NO_RUN": "1"}
        return subprocess.Popen(
            [*PROGRAM, *map(str, args)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=env,
        )

    def run(self, *args: object) -> "subprocess.CompletedProcess[str]":
        """One command that nobody kills."""
        process = self.start(*args)
        out, err = process.communicate(timeout=PATIENT)
        return subprocess.CompletedProcess(args, process.returncode, out, err)


class Person:
    """Somebody who does things on a device, one after the other, and writes down what was promised."""

    def __init__(self, device: Device, seed: int, *, imports: bool = False) -> None:
        self.device, self.ledger = device, device.ledger
        self.dice = Random(f"{seed} {device.name} {imports}")
        self._name = f"{device.name}-{'b' if imports else 'a'}"
        self._numbers = count(1)
        self._acts: list[Callable[[], object]] = (
            [self.grade] * 5 + [self.mark] * 2 + [self.undo, self.resume, self.look]
        )
        if imports:
            self._acts += [self.import_deck, self.import_log]

    def act(self) -> None:
        """One thing."""
        self.ledger.note("acts")
        act = self.sync if self.dice.random() < SYNCS else self.dice.choice(self._acts)
        act()

    # ------------------------------------------------------------ acts

    def grade(self) -> None:
        """Some cards, by the protocol for other programs: every answer has words of its own."""
        more = ["--cram"] if self.dice.random() < 0.3 else ["--ahead", "2"]
        process = self.device.start("review", "--json", "--no-run", "--new", "500", "--reviews", "500", *more)
        with self._harm(process):
            for reply in self._replies(process, self.dice.randrange(1, 15)):
                self.ledger.promise(reply)
        self._ended(process, "review")

    def _replies(self, process: "subprocess.Popen[str]", cards: int) -> Iterator[Key]:
        """Answers and grades; each key that was acknowledged by the view after it."""
        assert process.stdin is not None
        assert process.stdout is not None
        said = iter(process.stdout.readline, "")
        next(said, None)
        view = next(said, None)
        for _ in range(cards):
            if view is None or json.loads(view).get("view") != "question":
                break
            key = ("review", f"{self._name}-{next(self._numbers)}")
            self.ledger.ask(key)
            lines = ({"do": "answer", "text": key[1]}, {"do": "grade", "grade": self.dice.randrange(6)})
            try:
                process.stdin.write("".join(json.dumps(line) + "\n" for line in lines))
                process.stdin.flush()
            except BrokenPipeError:
                break
            next(said, None)
            view = next(said, None)
            if view is not None and "error" not in json.loads(view):
                yield key

    def mark(self) -> None:
        """Some cards are put away, flagged or started anew, together."""
        mark, cards = self.dice.choice(MARKS), self._cards()
        keys = [("mark", mark, card) for card in cards]
        self.ledger.ask(*keys, *[("restore",)] * (mark == "reset"))  # it takes back what a fast clock did
        if self._do(mark, *cards):
            self.ledger.promise(*keys)

    def resume(self) -> None:
        """Cards are asked again; those that were not away say so."""
        cards = self._cards()
        self.ledger.ask(*(("mark", mark, card) for card in cards for mark in ("unbury", "resume")))
        for line in self._do("resume", *cards).splitlines():
            if line.endswith("is asked again"):
                self.ledger.promise(*(("mark", mark, line.split()[0]) for mark in ("unbury", "resume")))

    def undo(self) -> None:
        """A step or a few back."""
        steps = self.dice.randrange(1, 4)
        self.ledger.ask(*[("undo",)] * steps)
        for line in self._do("undo", steps).splitlines():
            if line.startswith(DECK_TAKEN_BACK):  # no event; whoever wants the deck imports it again
                name = line.removeprefix(DECK_TAKEN_BACK).partition(";")[0]
                self.device.run("import", self.device.files / f"{name}.yaml")
            elif line.startswith(TAKEN_BACK):
                self.ledger.promise(("undo",))

    def look(self) -> None:
        """What only reads."""
        self._do(*self.dice.choice((("due", "--short"), ("stats", "--json"), ("list",), ("log",), ("export", "log"))))

    def import_deck(self) -> None:
        """A deck that says something else by now: a card is gone, or back, another has new words."""
        name = self.dice.choice(DECKS)
        write_deck(self.device.files / f"{name}.yaml", name, self.dice)
        self._do("import", self.device.files / f"{name}.yaml")

    def import_log(self) -> None:
        """A log from elsewhere, all of it or nothing."""
        number = next(self._numbers)
        path = self.device.files / f"log-{number}.jsonl"
        ids = write_log(path, number, self.dice)
        keys = [("imported", one) for one in ids]
        self.ledger.ask(*keys, ("restore",))
        self.ledger.whole.append(frozenset(ids))
        if self._do("import", path):
            self.ledger.promise(*keys)

    def sync(self) -> None:
        """With the folder that all share."""
        if self._do("sync", self.device.shared, "--yes"):
            self.ledger.note("syncs")

    # ------------------------------------------------------------ processes

    def _cards(self) -> list[str]:
        deck = self.dice.choice(DECKS)
        return [f"{deck}/c{n}" for n in self.dice.sample(range(CARDS - 5), self.dice.randrange(1, 4))]

    def _do(self, *args: object) -> str:
        """What a command said before its end, whichever that was."""
        process = self.device.start(*args)
        with self._harm(process):
            out, _ = process.communicate(timeout=PATIENT)
        self._ended(process, " ".join(map(str, args)))
        return out if process.returncode == 0 or str(args[0]) in {*MARKS, "undo", "resume"} else ""

    def _harm(self, process: "subprocess.Popen[str]") -> "Harm":
        doomed = self.dice.random() < KILLS
        return Harm(process, self.dice.uniform(0, LONGEST_SECONDS) if doomed else None)

    def _ended(self, process: "subprocess.Popen[str]", what: str) -> None:
        assert process.stderr is not None
        _, err = process.communicate(timeout=PATIENT) if not process.stdout.closed else ("", "")
        self.ledger.note("processes")
        if process.returncode == KILLED:
            self.ledger.note("kills")
        elif process.returncode == NOT_FOUND:  # an undo of the other person, or one that was killed, took a deck out
            self.ledger.note("decks brought back")
            for name in DECKS:
                self.device.run("import", self.device.files / f"{name}.yaml")
        elif process.returncode:
            self.ledger.refuse(f"{self._name}: cards {what}: exit {process.returncode}: {err.strip()[-400:]}")


class Harm:
    """A kill -9 after some time, if the process still runs then."""

    def __init__(self, process: "subprocess.Popen[str]", seconds: float | None) -> None:
        self._timer = Timer(seconds, process.kill) if seconds is not None else None

    def __enter__(self) -> None:
        if self._timer:
            self._timer.start()

    def __exit__(self, *_: object) -> None:
        if self._timer:
            self._timer.join()


def write_deck(path: Path, name: str, dice: Random | None = None) -> None:
    """Forty cards that are answered with words; with dice a few are missing, and some have other words."""
    lines = [f"deck: {name}\ncards:\n"]
    for number in range(CARDS):
        gone = dice is not None and number >= CARDS - 5 and dice.random() < 0.3
        words = f" (as of {dice.randrange(100)})" if dice and dice.random() < 0.1 else ""
        if not gone:
            lines.append(f"  - id: c{number}\n    front: Question {number}{words}?\n    answer: answer {number}\n")
    replacement = path.with_suffix(".new")
    replacement.write_text("".join(lines))
    replacement.replace(path)


def write_log(path: Path, number: int, dice: Random) -> list[str]:
    """Twelve reviews of somebody else's; their ids."""
    ids, lines = [], []
    at = datetime(2026, 1, 1, 8, tzinfo=UTC) + timedelta(days=dice.randrange(60))
    for place in range(12):
        at += timedelta(minutes=dice.randrange(1, 90))
        ids.append(f"{int(at.timestamp() * 1000):012x}{number:010x}{place:010x}")
        event = {
            "v": 1, "id": ids[-1], "kind": "review", "card": f"{dice.choice(DECKS)}/c{dice.randrange(CARDS)}",
            "grade": dice.randrange(6), "at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z", "offset": 0, "day": f"{at:%Y-%m-%d}",
            "mode": "scheduled", "device": "elsewhere",
        }  # fmt: skip
        lines.append(json.dumps(event) + "\n")
    path.write_text("".join(lines))
    return ids
