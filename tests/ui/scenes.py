"""The sittings that tests drive: what cards there are, and what goes wrong."""

import json
import sys
import time
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from desk import Machine, MemoryDesk, card

from flashcards.errors import StoreLocked
from flashcards.log import to_line
from flashcards.model import Card, CardId, Event, Finding, Grade, Memory, Verdict
from flashcards.session import Done, Options, Ready, Session, Tick
from flashcards.ui import terminal
from flashcards.ui.keys import Tty
from flashcards.ui.screen import Summary

ACTIVATE = card(
    "venv/activate",
    front="Activate the virtual environment in `venv` in this shell.",
    answer={"": "source venv/bin/activate"},
    accept={"": (". venv/bin/activate",)},
    explain=(("source", "run a file in this shell"), ("venv/bin/activate", "the file that changes this shell")),
    back="A script that is *run* gets a shell of its own, which ends at once.",
    run={"shells": ["bash", "zsh"], "checks": [{"env_set": "VIRTUAL_ENV"}, {"exit_code": 0}]},
)
MEANING = card(
    "venv/meaning", front="In `python3 -m venv venv`, what does `-m` do?", back="It runs a **module** as a script."
)
LIST = card("git/list", front="List the branches.", answer={"": "git branch"}, back="An asterisk marks yours.")
CODE = card(
    "git/code",
    front="What does this print?\n\n```bash\nfor i in 1 2; do\n  echo $i\ndone\n```\n\n- first\n- second",
    back="1\n2",
)
JAPANESE = card("nihon/sakana", front="fish", answer={"": "魚を食べる"})

SCENES: Mapping[str, list[Card]] = {
    "typed": [ACTIVATE, LIST],
    "plain": [MEANING, CODE, card("venv/last", front="Last one?", back="Yes.")],
    "mixed": [ACTIVATE, MEANING, LIST],
    "code": [CODE, MEANING],
    "japanese": [JAPANESE],
    "six": [MEANING],
    "cram": [MEANING],
    "opens": [MEANING, card("venv/next", front="And then?", back="This.", after=(MEANING.id,))],
    "locked": [MEANING],
    "none": [],
    "run": [ACTIVATE, LIST],
    "ask": [ACTIVATE, LIST],
    "unable": [ACTIVATE, ACTIVATE._replace(id=CardId("venv/again")), LIST],
}
HELD = Verdict(
    kind="pass",
    findings=(Finding(ok=True, says="`$VIRTUAL_ENV` is set in this shell"),),
    took_ms=400,
    level="strong",
    output="\x1b]0;owned\x07hello\n",
)
LOST = Verdict(
    kind="fail",
    findings=(Finding(ok=False, says="`$VIRTUAL_ENV` is not set in this shell", expected="venv", found="nothing"),),
    hints=("that ran `activate` in a new shell, which ended at once",),
    took_ms=300,
    level="strong",
)
STATES = {
    "run": Ready(runs="yes"),
    "ask": Ready(runs="ask"),
    "unable": Ready(runs="no", why_not="no sandbox here", cure="cards doctor"),
}


class Sandbox(Machine):
    """Runs nothing. `sleep` goes on until it is stopped or the file `go` is there, and tidies up behind itself."""

    def __init__(self, scene: str, path: Path) -> None:
        answers = {"source venv/bin/activate": HELD, "bash venv/bin/activate": LOST, "sleep": self.slow}
        super().__init__(answers, STATES[scene])
        self.path = path

    def slow(self, tick: Tick) -> Verdict:
        """Passes when the test lets it go."""
        began = time.monotonic()
        self.note("began")
        try:
            while not Path(f"{self.path}.go").exists():
                time.sleep(0.05)
                tick(time.monotonic() - began)
        finally:
            self.note("tidied")
        return HELD

    def note(self, what: str) -> None:
        """Says in a file what happens."""
        with Path(f"{self.path}.runs").open("a") as file:
            file.write(what + "\n")


class Witness(MemoryDesk):
    """Writes each event to a file, as a store would keep it; the scene `locked` fails the first time."""

    def __init__(self, scene: str, path: Path) -> None:
        super().__init__(SCENES[scene], verifier=Sandbox(scene, path) if scene in STATES else None)
        self.path = path
        self.fails = scene == "locked"

    def record(self, event: Event) -> Mapping[CardId, Memory]:
        """Stores the event, or fails once."""
        if self.fails:
            self.fails = False
            raise StoreLocked(Path("cards.db"))
        with self.path.open("a") as file:
            file.write(to_line(event) + "\n")
        return super().record(event)


class Watched(Session):
    """Writes to a file when the watch stands still and when it goes on."""

    path = Path()

    def pause(self) -> None:
        """Stops the watch."""
        self._note("pause")
        super().pause()

    def resume(self) -> None:
        """Lets the watch go on."""
        super().resume()
        self._note("resume")

    def _note(self, what: str) -> None:
        with self.path.open("a") as file:
            file.write(what + "\n")


def play(tty: Tty, scene: str, path: Path) -> int:
    """One sitting; the exit code."""
    desk = Witness(scene, path)
    if scene in {"typed", *STATES}:
        desk.at -= timedelta(days=3)
        desk.grade_elsewhere("venv/activate", Grade.GOOD)
        desk.at += timedelta(days=3)
        path.unlink()
    scale = tuple(Grade) if scene == "six" else Options().scale
    Watched.path = Path(f"{path}.watch")
    session = Watched(
        [c.id for c in SCENES[scene] if not c.after],
        [],
        desk.desk(),
        Options(scale=scale, cram=scene == "cram", shell="bash"),
    )

    def painted() -> None:
        Path(f"{path}.new").write_text(json.dumps(sorted(sys.modules)))
        Path(f"{path}.new").rename(f"{path}.modules")  # whole, for whoever waits for it

    return terminal.run(session, tty=tty, summary=_summary, notes=["backlog 340 · 200 today"], on_painted=painted)


def _summary(done: Done) -> Summary:
    return Summary(
        retention_today=0.86 if done.reviewed else None,
        streak=13,
        decks=(("venv", 12, 16), ("git", 5, 11)),
        next_due=(("tomorrow", 4), ("this week", 9)),
    )
