"""Cards that may have been reworded: asked about one by one at a terminal, told where nobody can be asked."""

import sys

import click

from flashcards.app.importing import Intake
from flashcards.app.library import Reading
from flashcards.app.matching import Proposal
from flashcards.cli.options import say
from flashcards.ui.words import count, line

MANY = 5
"""From so many questions on it is worth to say how to answer all at once."""


def settle(intake: Intake, *, accept: bool, ask: bool) -> Intake:
    """The import with the histories that were accepted; what was not stays a proposal."""
    number = len(proposed(intake))
    if ask and not accept and number >= MANY:
        say(f"{count(number, 'card')} may have been reworded; --accept-renames keeps the history of all", err=True)

    def settled(reading: Reading) -> Reading:
        change = reading.change
        if change is None or not change.proposals or not (accept or ask):
            return reading
        taken = [one for one in change.proposals if accept or _agrees(one)]
        return reading._replace(change=change.accepting(taken))

    return intake._replace(
        readings=tuple(map(settled, intake.readings)),
        brought=tuple(one._replace(readings=tuple(map(settled, one.readings))) for one in intake.brought),
    )


def proposed(intake: Intake) -> list[Proposal]:
    """What is still open."""
    readings = [*intake.readings, *(r for one in intake.brought for r in one.readings)]
    return [one for reading in readings if reading.change for one in reading.change.proposals]


def tell(intake: Intake) -> None:
    """One line for each open proposal, and how to take them."""
    found = proposed(intake)
    for one in found:
        say(f"{_in_words(one)}: {line(one.front)[:60]}", hang=2, err=True)
    if found:
        say(
            "hint: the same sources with --accept-renames keep their history; or write `was:` with the old id", err=True
        )


def can_ask() -> bool:
    """Whether a person sits there."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _agrees(one: Proposal) -> bool:
    say(_in_words(one), err=True)
    say(f"was: {line(one.old_front)[:100]}", 2, 5, err=True)
    say(f"now: {line(one.front)[:100]}", 2, 5, err=True)
    return click.confirm("keep its history?", default=None, err=True)


def _in_words(one: Proposal) -> str:
    return f"{one.card} may be {one.old} reworded ({one.percent} % alike)"
