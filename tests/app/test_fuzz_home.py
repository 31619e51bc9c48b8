"""The small files of a home, and of a sync folder, without sense: each command works or says in a line what is wrong.

Normally some dozens; `FUZZ_SECONDS=600 pytest -n0 tests/app/test_fuzz_home.py` goes on for ten minutes.
"""

import json
import random
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cli.inside import cards
from endless import bent, by_hand, for_a_long_time

from flashcards.app import App, trusting

DECK = """
deck: d
cards:
  - id: a
    front: Make `a`.
    answer: touch a
    run:
      shell: bash
      checks:
        - script: test -e a
  - id: b
    front: Which?
    back: That.
"""
PLAN = '[["0", "made.yaml", 12345, ""], ["1", "pictures/x.media/a.png", 99, "b1"]]'
COMMANDS = (
    ["due"],
    ["config"],
    ["config", "grades"],
    ["trust", "d", "--json"],
    ["sync"],
    ["sync", "--dry-run"],
    ["doctor"],
    ["list"],
    ["undo"],
)
SIGNS = (
    b"[",
    b"{",
    b'"',
    b"9" * 40,
    b"null",
    b"-1",
    b"1e999",
    b"\0",
    b"\xff",
    b"\\ud800",
    b"../",
    b"true",
    b"\n",
    b"=",
    b"[x]\n",
    b'{"a":',
)
VALUES: tuple[Any, ...] = (
    None,
    True,
    -1,
    10**30,
    1.5,
    "",
    "x" * 3000,
    "\0",
    "../../x",
    [],
    {},
    [[[]]],
    "2026-13-45",
    "\ud800",
)
ANSWERS = range(9)
"""Exit codes of DESIGN: everything a command says with a message of its own."""


@pytest.fixture
def lived(home: Path, tmp_path: Path) -> dict[Path, bytes]:
    """A home with every small file that there is, and what stands in each."""
    deck, shared, stage = tmp_path / "d.yaml", tmp_path / "shared", home / "decks" / ".incoming-abc"
    deck.write_text(DECK)
    shared.mkdir()
    for words in (["import", deck], ["config", "grades", "0-5"], ["sync", shared, "--yes"]):
        cards(*words, check=True)
    app = App()
    trusting.allow(app, trusting.differences(app, "d"))
    app.close()
    stage.mkdir(parents=True)
    (stage / "plan.json").write_text(PLAN)
    names = ("*.json", "*.toml", "decks/.incoming-abc/plan.json")
    found = [*(one for name in names for one in home.glob(name)), *shared.rglob("*.json")]
    assert {"config.toml", "trust.json", "sync.json", "sync-decks.json", "plan.json"} <= {one.name for one in found}
    return {one: one.read_bytes() for one in found}


def with_a_value(dice: random.Random, data: bytes) -> bytes:
    """JSON with one value, somewhere, another one."""
    whole = json.loads(data)
    places: list[Callable[[Any], None]] = []
    _places(whole, places)
    if places:
        dice.choice(places)(dice.choice(VALUES))
    return json.dumps(whole).encode()


def _places(value: Any, found: list[Callable[[Any], None]]) -> None:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inside:
        found.append(partial(value.__setitem__, key))
        _places(one, found)


def tried(lived: dict[Path, bytes], dice: random.Random) -> None:
    """One of the files is spoilt; a command; all files as they were."""
    spoilt = dice.choice([*lived])
    data = lived[spoilt]
    is_json = spoilt.suffix == ".json" and dice.random() < 0.6
    spoilt.parent.mkdir(exist_ok=True)
    spoilt.write_bytes(with_a_value(dice, data) if is_json else bent(dice, data, SIGNS))
    words = dice.choice(COMMANDS)
    ran = cards(*words)

    assert ran.code in ANSWERS, (words, spoilt, ran)
    assert "Traceback" not in ran.err, (words, spoilt, ran)
    assert ran.code == 0 or ran.err or ran.out, (words, spoilt)
    for path, whole in lived.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "plan",
    [
        '[["0", 7, 1, ""]]',
        '[["0", "../cards.db", 1, ""]]',
        '[["0", "\\ud800", 1, ""]]',
        '[["0", "a", 1, "\\u0000"]]',
        "[" * 5000,
    ],
    ids=["number", "outside", "half", "nul", "deep"],
)
def test_a_plan_that_makes_no_sense_moves_nothing(lived: dict[Path, bytes], plan: str) -> None:
    """What an import would have left behind is put away all the same."""
    found = next(path for path in lived if path.name == "plan.json")
    found.write_text(plan)
    cards("sync", check=True)

    assert (False, True) == (found.exists(), (found.parents[2] / "cards.db").exists())


@pytest.mark.parametrize("facts", ["[]", "[1e999, 0, 0]", "{}", '"x"', "[[], 0, 0]"])
def test_facts_that_make_no_sense_are_as_good_as_none(lived: dict[Path, bytes], facts: str) -> None:
    """What is remembered of the decks in a folder may be lost without harm."""
    found = next(path for path in lived if path.name == "sync-decks.json")
    whole = re.sub(rb'"facts": \[[^]]*\]', b'"facts": ' + facts.encode(), lived[found])
    assert whole != lived[found]
    found.write_bytes(whole)

    assert "nothing new\n" == cards("sync", check=True).out


def test_any_small_file(lived: dict[Path, bytes]) -> None:
    """Settings, trust, what is remembered of a folder, plans: one of them without sense."""
    for seed in range(40):
        tried(lived, random.Random(seed))


@by_hand
@pytest.mark.timeout(0)
def test_for_a_long_time(lived: dict[Path, bytes]) -> None:
    """The same for as long as one likes."""
    for_a_long_time(partial(tried, lived))
