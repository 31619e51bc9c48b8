"""Harm at every statement of every transaction: all of it is stored or nothing, and the next run goes on.

With every change a few statements of some commands; `-m slow` tries all commands, `THOROUGH=1` every statement.
"""

import random
import sys
from collections.abc import Iterable

import pytest
from crash.nursery import NEVER, Harm
from crash.scenes import SCENES, Desk
from crash.trial import Trial
from thorough import BY_HAND, IS_ON, SLOW

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="forks and signals of Unix")
MOST_PAGES = 60
"""More than any of these commands makes."""


def numbers(trial: Trial, kind: str, few: int) -> list[int]:
    """Where to do harm: at the last commit and some others, or everywhere."""
    count = len(trial.statements)
    if kind == "full":
        return [0, *range(1, MOST_PAGES if IS_ON and few > 1 else few)]
    everywhere = range(1, count + 1)
    if few >= count or (IS_ON and few > 1):
        return [*everywhere]
    commits = [n for n in everywhere if trial.statements[n - 1] == "commit"]
    begun = next(n for n in everywhere if trial.statements[n - 1].startswith("begin"))
    dice = random.Random(few)
    return [*commits[-1:], *dice.sample(range(begun, count + 1), few - 1)]


def tried(desk: Desk, scene: str, kind: str, few: int) -> int:
    """Harm of one kind at some places; how many."""
    trial = Trial(desk, SCENES[scene])
    places = numbers(trial, kind, few)
    for number in places:
        trial.harm(Harm(kind, number))
    print(f"{kind} {scene}: {len(places)} of {len(trial.statements)} statements")
    return len(places)


def at(*scenes: str, slow: Iterable[str] = ()) -> pytest.MarkDecorator:
    """Some scenes with every change, some slowly, all by hand."""
    cases = [pytest.param(one, 1) for one in scenes]
    cases += [pytest.param(one, 1, marks=SLOW) for one in slow if one not in scenes]
    cases += [pytest.param(one, 2, marks=BY_HAND) for one in SCENES]
    return pytest.mark.parametrize(("scene", "few"), cases)


@at("import", "package", "grade", "sync", slow=SCENES)
def test_kill_9_at_a_statement_leaves_all_or_nothing(desk: Desk, scene: str, few: int) -> None:
    """The process is killed before the n-th statement of a command runs."""
    assert tried(desk, scene, "kill", few)


@at("import", slow=("undo",))
def test_a_statement_that_fails_leaves_all_or_nothing(desk: Desk, scene: str, few: int) -> None:
    """The n-th statement of a command is broken off: the error is told in a line, and nothing is half."""
    assert tried(desk, scene, "interrupt", few)


@at("grade", slow=("package",))
def test_a_database_that_cannot_grow_keeps_all_or_nothing(desk: Desk, scene: str, few: int) -> None:
    """SQLite finds room for n pages and no more."""
    assert tried(desk, scene, "full", few)


def test_the_harm_is_real(desk: Desk) -> None:
    """A kill between two transactions that belong together would be seen."""
    trial = Trial(desk, SCENES["grade"])
    trial.scene = trial.scene._replace(at_once=True)
    commits = [n for n, statement in enumerate(trial.statements, 1) if statement == "commit"]

    with pytest.raises(AssertionError):
        trial.harm(Harm("kill", commits[len(commits) // 2]))
    assert NEVER > len(trial.statements)
