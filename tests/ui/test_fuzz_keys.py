"""Keys of no sense: a sitting at a terminal and one over lines bear whatever is sent.

Normally one sitting and some dozens; `FUZZ_SECONDS=600 pytest -n0 tests/ui/test_fuzz_keys.py` goes on for ten minutes.
"""

import io
import json
import os
import random
import signal
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest
from desk import CANNOT, FAIL, PASS, Machine, MemoryDesk, card, cards
from endless import bent, by_hand, for_a_long_time
from ui.person import CTRL_C, CTRL_D, CTRL_G, CTRL_L, ENTER, ESC, Person

from flashcards.errors import BadRequest
from flashcards.log import from_line
from flashcards.session import Ready
from flashcards.ui import lines, plain

DRIVER = Path(__file__).with_name("driver.py")
SCENES = ("typed", "plain", "mixed", "code", "japanese", "six", "cram", "opens", "locked", "run", "ask", "unable")
KEYS = (
    *"1234567890ahgeusbf!rq?yn EV:/\t", ENTER, ENTER, ENTER, " ", " ", ESC, CTRL_D, CTRL_G, CTRL_L, "\n", "\x7f", "\x01", "\x05", "\x0b", "\x12", "\x15", "\x17", "\x00", "\x18\x05",
    "\x1b[A", "\x1b[B", "\x1b[D", "\x1b[3~", "\x1b[1;5C", "\x1bOP", "\x1b[", "\x1bO", "\x1b[200~", "\x1b[201~", "\x1b[200~4 4\r4\x1b[201~", "\x1b[5;3R", "\x1b[I", "\x1b]11;rgb:0/0/0\x07",
    "\x1b[<0;1;1M", "\x1bu", "again", "good", "source venv/bin/activate", "git branch", "魚", "é", "\u202e", "\U0001f980", "x" * 3000, "\\", "'", '"', ":u\r", ":q", ":e\r",
)  # fmt: skip
BYTES = (b"\xff", b"\xc3", b"\x9b", b"\x80\x80", b"\xf0\x9f")
CODES = {0, 120, 129, 130}
"""Done or quit; the window was closed, before or behind the last words; ctrl-c."""
LINES = ("reveal", "answer", "run", "allow", "grade", "undo", "regrade", "skip", "bury", "suspend", "flag", "dance")
VALUES = (
    0,
    1,
    3,
    5,
    6,
    -1,
    10**40,
    1.5,
    True,
    False,
    None,
    "",
    "ls -la",
    "x" * 5000,
    "\0",
    "\ud800",
    "\x1b[2J",
    [],
    {},
    [[[]]],
    {"do": "quit"},
)
SIGNS = (b'"', b"{", b"}", b"[" * 2000, b"\\ud800", b"9" * 5000, b"NaN", b"\n", b"\0", b'"grade":', b'"do":"undo"')


def typed_at_a_terminal(folder: Path, dice: random.Random) -> None:
    """A person whose cat walks over the keys, and who then closes the window or presses ctrl-c."""
    log = folder / f"log-{dice.random()}"
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "CARDS_HOME": str(folder),
        "TERM": "xterm-256color",
        "LC_ALL": "C.UTF-8",
    }
    command = [sys.executable, str(DRIVER), dice.choice(SCENES), str(log)]
    person = Person(command, dice.choice((20, 40, 80, 200)), dice.choice((5, 24, 60)), env, log)
    try:
        for _ in range(dice.randrange(1, 12)):
            keys = "".join(dice.choices(KEYS, k=dice.randrange(1, 30))).encode()
            sent(person, keys + dice.choice((b"", b"", b"", *BYTES)))
            while person.child.isalive() and person.read() and dice.random() < 0.5:
                pass
        if dice.random() < 0.5 and person.child.isalive():
            sent(person, 2 * CTRL_C.encode())
    finally:
        person.close()
    assert "Traceback" not in person.raw.decode(errors="replace"), person.raw
    ended = person.child
    too_early_or_late = ended.signalstatus in {signal.SIGINT, signal.SIGHUP}  # Python was beginning, or at its end
    assert ended.exitstatus in CODES or too_early_or_late, (ended.exitstatus, ended.signalstatus, person.raw)
    for event in person.events():
        from_line(json.dumps(event))


def sent(person: Person, data: bytes) -> None:
    """What the terminal takes; nobody waits for a program that has ended, or is still beginning."""
    os.set_blocking(person.child.fileno(), False)
    with suppress(OSError):
        os.write(person.child.fileno(), data)
    os.set_blocking(person.child.fileno(), True)


def a_desk() -> MemoryDesk:
    shell = card(
        "shell/ls", answer={"": "ls -la"}, accept={"": ("ls -al",)}, front="List all files.", run={"shell": "bash"}
    )
    answers = {"ls -la": PASS, "x": FAIL, "y": CANNOT}
    return MemoryDesk([shell, *cards("a", "b", "c")], verifier=Machine(answers, Ready(runs="ask")))


def said_in_lines(dice: random.Random) -> None:
    """Every line gets its answer, and the memories are those of the log."""
    said = []
    for _ in range(dice.randrange(1, 40)):
        fields = {"do": dice.choice(LINES), dice.choice(("grade", "text", "yes", "x")): dice.choice(VALUES)}
        line = json.dumps(fields).encode()
        said.append(bent(dice, line, SIGNS).replace(b"\n", b" ") if dice.random() < 0.3 else line)
    desk, write = a_desk(), io.StringIO()
    text = b"\n".join(said).decode("utf-8", "surrogateescape") + "\n"
    assert lines.run(desk.sitting(), read=io.StringIO(text, newline="\n"), write=write) == 0
    assert all(json.loads(line) for line in write.getvalue().splitlines())
    assert desk.replayed() == {n: m for n, m in desk.memories.items() if n in desk.replayed()}


def said_plainly(dice: random.Random) -> None:
    """A line that makes no sense is told, or ends a script; the memories are those of the log."""
    words = (
        "",
        "",
        "1",
        "2",
        "3",
        "4",
        "good",
        "again",
        ":u",
        ":s",
        ":b",
        ":!",
        ":f",
        ":r",
        ":?",
        ":e",
        ":g",
        "::x",
        "ls -la",
        "yes",
        "no",
        "x" * 4000,
        "\x1b[2J",
        "\0",
        "\ud800",
        "日本",
        ":q",
        "9",
    )
    desk, write = a_desk(), io.StringIO()
    text = "\n".join(dice.choices(words, k=dice.randrange(1, 40))) + "\n"
    with suppress(BadRequest):
        plain.run(desk.sitting(), read=io.StringIO(text), write=write, forgiving=dice.random() < 0.5)
    assert "\x1b" not in write.getvalue()
    assert desk.replayed() == {n: m for n, m in desk.memories.items() if n in desk.replayed()}


def test_any_keys(tmp_path: Path) -> None:
    """A sitting ends as always."""
    typed_at_a_terminal(tmp_path, random.Random(3))


@pytest.mark.parametrize("act", [said_in_lines, said_plainly])
def test_any_lines(act) -> None:
    """Lines that mean something, with values that mean nothing."""
    for seed in range(60):
        act(random.Random(seed))


@by_hand
@pytest.mark.timeout(0)
@pytest.mark.parametrize("act", ["keys", "lines", "plain"])
def test_for_a_long_time(tmp_path: Path, act: str) -> None:
    """The same for as long as one likes."""
    acts = {"keys": partial(typed_at_a_terminal, tmp_path), "lines": said_in_lines, "plain": said_plainly}
    for_a_long_time(acts[act], share=0.6 if act == "keys" else 0.2)
