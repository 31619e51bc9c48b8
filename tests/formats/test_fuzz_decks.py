"""Decks and logs of no sense: their readers never raise, never hang, and say what is wrong where nothing comes in.

Normally some dozens of them; `FUZZ_SECONDS=600 pytest -n0 tests/formats/test_fuzz_decks.py` goes on for ten minutes each.
"""

import os
import random
import time
from itertools import count, islice
from pathlib import Path

import pytest

from flashcards.formats.lints import lint
from flashcards.formats.yaml import parse, parse_notes
from flashcards.log import LineError, from_line, to_line

SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))
DECKS = [
    path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parents[2].joinpath("decks").glob("*.yaml"))
]
SIGNS = (
    "deck: x\n", "cards:\n", "  - id: a\n", "    front: f\n", "    back: b\n", "    answer: [", "    run:\n", "      checks:\n", "        - any: []\n",
    "    cloze: '{{c1::a}}'\n", "    was: [a, b]\n", "    after: [a]\n", "    rev: 2\n", "    rev: 1e400\n", "    tags: [", "]", "{", "}", "&a ", "*a", "<<: *a\n",
    "!!python/object:os.system x", "!!binary aGk=", "---\n", "...\n", "%YAML 9.9\n", "? x\n: y\n", "|\n", "|2-\n", ">\n", "'", '"', "\\x00", "\t", " #", "# lint: off\n",
    "# lint: off gives-away", ": ", "- ", "-", "~", "null", "0x1F", "1_000", "12:30:45", "\r", "\r\n", "\x85", "\u2028", "\ufeff", "\x00", "\x1b[31m", "日本", "🦀", "é",
)  # fmt: skip
LINES = (
    '{"kind":"review","card":"a/b","grade":4,"at":"2026-03-02T17:00:00Z","offset":120,"took_ms":6000,"typed":"x"}',
    '{"v":1,"id":"01","kind":"mark","card":"a/b","mark":"bury","value":"2026-03-03","at":"2026-03-02T17:00:00Z","device":"d"}',
    '{"v":1,"id":"02","kind":"baseline","card":"a/b","scheduler":"sm2","state":{"repetitions":1,"ease":2.5,"interval_days":3,"due":"2026-03-03"},"at":"2026-03-02T17:00:00Z","device":"d"}',
    '{"v":1,"id":"03","kind":"undo","target":"02","at":"2026-03-02T17:00:00Z","device":"d"}',
    '{"v":1,"id":"04","kind":"setting","name":"fuzz","value":true,"at":"2026-03-02T17:00:00Z","device":"d"}',
)  # fmt: skip
VALUES = ("1e999", "-1", "9007199254740993", "[]", "{}", "[[[[[[[[[[1]]]]]]]]]]", '""', '"\\u0000"', '"\\ud800"', "null", "true", "NaN", '"9999-12-31T23:59:59+00:00"')  # fmt: skip


def changed(dice: random.Random) -> bytes:
    """A sound deck with lines left out, doubled and moved, signs put in, bytes changed."""
    lines = dice.choice(DECKS).splitlines(keepends=True)
    first = dice.randrange(len(lines))
    lines = lines[:3] + lines[first : first + dice.randrange(60)]
    for _ in range(dice.randrange(4)):
        at = dice.randrange(len(lines))
        lines[at : at + dice.randrange(3)] = dice.choices(lines, k=dice.randrange(3))
        lines = lines or ["\n"]
    text = "".join(lines)
    for _ in range(dice.randrange(6)):
        at = dice.randrange(len(text) + 1)
        text = text[:at] + dice.choice(SIGNS) * dice.choice((1, 1, 1, 40)) + text[at:]
    data = bytearray(text.encode())
    for _ in range(dice.choice((0, 0, 3))):
        at = dice.randrange(len(data) or 1)
        data[at : at + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(data)


def tried(data: bytes) -> None:
    """Either a deck or problems with places, the same from both readers; lints of what can be read."""
    started = time.process_time()
    deck, problems = parse(data, "x.yaml")
    parsed = parse_notes(data, "x.yaml")
    assert (deck is None) == bool(problems)
    assert (deck, problems) == (parsed.deck, list(parsed.problems))
    assert all(problem.line >= 1 and problem.column >= 1 and problem.message for problem in problems)
    for one in lint(parsed.notes, parsed.source, parsed.deck) if parsed.source else ():
        assert one.problem.line >= 1
    assert time.process_time() - started < 5


def a_line(dice: random.Random) -> str:
    """A line of a log with one value or some characters changed."""
    line = dice.choice(LINES)
    if dice.random() < 0.7:
        fields = line[1:-1].split(',"')
        at = dice.randrange(len(fields))
        fields[at] = fields[at].partition(":")[0] + ":" + dice.choice(VALUES)
        return "{" + ',"'.join(fields) + "}"
    at = dice.randrange(len(line))
    return (
        line[:at] + dice.choice(("", '"', "\\", "\x00", "{", "}", ",", "é", "\ud800")) + line[at + dice.randrange(3) :]
    )


def read(line: str) -> None:
    """An event that survives its own line, or one clear error."""
    try:
        event = from_line(line)
    except LineError:
        return
    assert event == from_line(to_line(event))


def test_a_byte_behind_an_old_line_end_has_its_place():
    """A lone carriage return ends a line for YAML, so it does for the place of a byte that is no UTF-8."""
    (problem,) = parse(b"# " + b"a" * 40 + b"\rb " + b"c" * 60 + b"\xbe x\ndeck: d\n", "x.yaml")[1]
    assert (2, 63) == (problem.line, problem.column)


def test_any_deck():
    """A deck that was changed anywhere is read or refused."""
    for seed in range(60):
        tried(changed(random.Random(seed)))


def test_any_line():
    """A line of a log that was changed anywhere is read or refused."""
    for seed in range(400):
        read(a_line(random.Random(seed)))


@pytest.mark.skipif(not SECONDS, reason="FUZZ_SECONDS says for how long")
@pytest.mark.timeout(0)
@pytest.mark.parametrize(("make", "act"), [(changed, tried), (a_line, read)], ids=["deck", "line"])
def test_for_a_long_time(make, act):
    """The same for as long as one likes; the seed of a finding is in its name."""
    until = time.monotonic() + SECONDS / 2
    for many in count():
        for seed in islice(count(many * 100 + int(until)), 100):
            data = make(random.Random(seed))
            try:
                act(data)
            except BaseException as error:
                raise AssertionError((seed, data)) from error
        if time.monotonic() > until:
            print(f"{act.__name__}: {(many + 1) * 100} tried")
            return
