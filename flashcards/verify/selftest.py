"""A deck proves itself: its own answers must pass, its `wrong` ones must fail, and doing nothing must fail."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from flashcards.model import Card, Verdict, pick
from flashcards.verify import job
from flashcards.verify.shells import SHELLS

Part = Literal["answer", "accept", "wrong", "nothing"]
MUST_PASS: tuple[Part, ...] = ("answer", "accept")


class Trial(NamedTuple):
    """One text of a card in one shell, and what has to come of it."""

    card: Card
    shell: str
    part: Part
    text: str

    @property
    def expected(self) -> str:
        """`pass` or `fail`."""
        return "pass" if self.part in MUST_PASS else "fail"


class Result(NamedTuple):
    """What came of it."""

    trial: Trial
    verdict: Verdict

    @property
    def outcome(self) -> Literal["right", "miss", "untried"]:
        """`untried`: this machine cannot say, for want of a tool that only some answers use."""
        if self.verdict.kind == self.trial.expected:
            return "right"
        return "untried" if self.verdict.kind == "cannot" and self.trial.part != "answer" else "miss"


def trials(cards: Iterable[Card], platform: str, shells: Iterable[str] = ()) -> Iterator[Trial]:
    """Everything there is to try of these cards, in every shell that each is meant for and that is installed."""
    for card in cards:
        for shell in shells_of(card, shells):
            yield from _of_card(card, shell, platform)


def shells_of(card: Card, wanted: Iterable[str] = ()) -> list[str]:
    """The shells in which a card can be tried here."""
    run = card.run or {}
    only = set(wanted)
    meant = run.get("shells") or ("bash",)
    return [name for name in meant if name in SHELLS and (not only or name in only) and job.shell_program(name)]


def can_run(card: Card, platform: str) -> bool:
    """Whether a card has something to run on this platform."""
    return card.run is not None and (not card.run.get("platform") or platform in card.run["platform"])


def _of_card(card: Card, shell: str, platform: str) -> Iterator[Trial]:
    if answer := pick(card.answer, shell, platform):
        yield Trial(card, shell, "answer", answer)
    for text in pick(card.accept, shell, platform) or ():
        yield Trial(card, shell, "accept", text)
    for text in pick(card.wrong, shell, platform) or ():
        yield Trial(card, shell, "wrong", text)
    yield Trial(card, shell, "nothing", "")


def tried(trial: Trial, judge: Callable[[Card, str, str], Verdict]) -> Result:
    """Tries one."""
    return Result(trial, judge(trial.card, trial.shell, trial.text))
