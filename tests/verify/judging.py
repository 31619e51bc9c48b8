"""Judges answers in the best sandbox of this machine; a test that needs one is skipped where there is none."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from typing import Any

import pytest

from flashcards.formats import yaml
from flashcards.model import Card, CardId, Deck, Finding, Verdict
from flashcards.verify import job, levels, runner

ROOT = Path(__file__).parents[2]
SHELLS = ("bash", "zsh", "sh", "fish")
Check = Mapping[str, Any]


def mounts() -> list[str]:
    """What is mounted, without what others mount meanwhile among temporary files: a run of ours does it in its folder."""
    lines = Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()
    among, ours = f"{gettempdir()}/", "/cards-run-"
    return [line for line in lines if ours in line or not line.split()[4].startswith(among)]


def typed_card(*checks: Check, **run: Any) -> Card:
    """A card that is typed, with these checks and other keys of `run`, as the deck format has them after reading."""
    name = CardId("t/x")
    return Card(id=name, deck="t", note=name, kind="typed", front="f", answer={"": "x"}, run={"checks": checks, **run})


@cache
def deck(name: str) -> Deck:
    """A deck that travels with the program."""
    parsed, problems = yaml.parse((ROOT / "decks" / name).read_bytes(), name)
    assert problems == []
    assert parsed is not None
    return parsed


def card_of(key: str) -> Card:
    """A card of such a deck, by its key: `venv/create`."""
    return next(card for card in deck(f"{key.partition('/')[0]}.yaml").cards if card.id == key)


def judge(card: Card, typed: str, shell: str = "bash", **request: Any) -> Verdict:
    """The verdict on one answer."""
    sandbox = levels.best()
    if sandbox is None:
        pytest.skip("; ".join(f"{tried.backend}: {tried.why}" for tried in map(levels.tried, runner.BACKENDS)))
    if not job.shell_program(shell):
        pytest.skip(f"{shell} is not installed")
    return runner.judge(job.Request(card, shell, typed, **request), sandbox.backend, str(sandbox.level))


def run(typed: str, *checks: Check, shell: str = "bash", **rest: Any) -> Verdict:
    """The verdict on one answer to a card that has just these checks."""
    return judge(typed_card(*checks, **rest), typed, shell)


def found(typed: str, *checks: Check, shell: str = "bash", **rest: Any) -> list[Finding]:
    """The findings; a run that says nothing is a failure of the test."""
    verdict = run(typed, *checks, shell=shell, **rest)
    assert verdict.kind != "cannot", verdict
    return list(verdict.findings)


def told(finding: Finding) -> str:
    """A finding in one line: `+ it holds`, `- it does not | expected | found`, `? nobody knows`."""
    sign = {True: "+", False: "-", None: "?"}[finding.ok]
    return " | ".join(filter(None, (f"{sign} {finding.says}", finding.expected, finding.found)))


def words(verdict: Verdict) -> str:
    """All that a learner may read of a verdict."""
    lines = [verdict.reason, verdict.cure, *map(told, verdict.findings), *verdict.hints, *verdict.notes]
    return "\n".join([*lines, verdict.output])


@contextmanager
def home_like() -> Iterator[Path]:
    """A folder that a sandbox does not show by itself, as a home is; `/tmp` would be covered by the sandbox's own."""
    with TemporaryDirectory(prefix="cards-tests-", dir="/var/tmp") as folder:
        Path(folder).chmod(0o755)  # where root runs the tests, a command is somebody else
        yield Path(folder)
