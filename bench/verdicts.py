"""Verdicts inside a running review: what judging one answer takes, by level; and what a thousand leave behind."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

from bench.measure import Measured, Timer, call, compare
from flashcards.formats import for_path
from flashcards.model import Card, CardId
from flashcards.verify import folders, job, levels, runner

DECK = Path(__file__).parent.parent / "decks" / "venv.yaml"
TOUCH = Card(
    id=CardId("bench/touch"),
    deck="bench",
    note=CardId("bench/touch"),
    kind="typed",
    front="Make the file `b`.",
    answer={"": "touch b"},
    run={"checks": [{"file_exists": ["b"]}]},
)
BUDGETS = {"namespaces": 7, "bubblewrap": 7, "landlock": 5}
"""For `touch b`; what the better containment costs more."""
ACTIVATE_BUDGET = 11


def judged(card: Card, typed: str, backend: runner.Backend) -> Callable[[], None]:
    """One answer judged, and seen to pass."""

    def work() -> None:
        verdict = runner.judge(job.Request(card, "bash", typed), backend, backend)
        if verdict.kind != "pass":
            raise SystemExit(f"`{typed}` did not pass behind {backend}: {verdict}")

    return work


def verdicts(nothing: Timer, repeats: int) -> Iterator[Measured]:
    """Each sandbox that this machine has, against a bare Python."""
    deck, _ = for_path(DECK).parse(DECK.read_bytes(), str(DECK))
    activate = next(card for card in deck.cards if card.id == "venv/activate") if deck else TOUCH
    for backend, budget in BUDGETS.items():
        found = levels.tried(backend)
        if found.level is None:
            print(f"{backend}: not here ({found.why})")
            continue
        name = f"{found.level} ({backend})"
        touch = call(judged(TOUCH, "touch b", backend))
        yield compare(f"`touch b` judged, {name} / python -c pass", budget, touch, nothing, repeats)
        source = call(judged(activate, "source venv/bin/activate", backend))
        yield compare(f"`activate` judged, {name} / python -c pass", ACTIVATE_BUDGET, source, nothing, repeats)


def left_behind(many: int) -> str:
    """Judges `many` answers and counts what is more than before: folders, descriptors, processes, mounts, memory."""
    found = levels.best()
    if found is None:
        return "no sandbox here: nothing to leave behind"
    work = judged(TOUCH, "touch b", found.backend)
    for _ in range(many // 10):
        work()
    before = _counts()
    for _ in range(many):
        work()
    after = _counts()
    more = ", ".join(f"{name} {after[name] - before[name]:+}" for name in before)
    return f"{many} verdicts, {found.level} ({found.backend}): {more}"


def _counts() -> dict[str, int]:
    mounts = Path("/proc/self/mountinfo").read_text(encoding="utf-8").count("\n")
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    return {
        "run folders": sum(1 for _ in Path(folders.base()).glob("cards-run-*")),
        "descriptors": sum(1 for _ in Path("/proc/self/fd").iterdir()),
        "children": len(children),
        "mounts": mounts,
        "KiB of memory": getrusage(RUSAGE_SELF).ru_maxrss,
    }
