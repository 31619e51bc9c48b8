"""`cards run`: practise one card's command, without a grade."""

import sys
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import complete_cards, opened, print_json
from flashcards.errors import BadRequest, CardsError, NotFound, Refused
from flashcards.platforms import RUNNABLE

if TYPE_CHECKING:
    from flashcards.app import App
    from flashcards.app.running import Runner
    from flashcards.model import Card, Verdict

EPILOG = """\b
Examples:
  cards run venv/create                                    until it passes
  cards run create --shell fish                            in another shell
  cards run create --answer 'python3 -m venv venv' --json  for scripts and editors

\b
Exit codes: 0 it passed, 8 it failed, 7 it cannot be verified here,
4 there is no such card.
"""
EXIT_CODES = {"pass": 0, "fail": 8, "cannot": 7}


class ChecksFailed(CardsError):
    """The answer did not do what it should; all has been said."""

    exit_code = 8


@click.command("run", epilog=EPILOG)
@click.argument("name", metavar="CARD", shell_complete=complete_cards)
@click.option("--answer", metavar="TEXT", help="Run this text, once; giving it is the consent. `-` reads it.")
@click.option("--shell", type=click.Choice(RUNNABLE), help="The shell to run it in, instead of your own.")
@click.option("--real", is_flag=True, help="Let pip install itself into new environments, which takes seconds.")
@click.option("--allow-weak", is_flag=True, help="Run it even where nothing protects your files.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object; needs --answer.")
def command(*, name: str, answer: str | None, shell: str | None, real: bool, allow_weak: bool, as_json: bool) -> None:
    """Practise a command, without a grade.

    What you type is run in a sandbox, and you see what it did, as often as you
    like. Nothing is stored.
    """
    from flashcards.app.running import Policy, Runner

    with opened() as app:
        card = _card(app, name)
        chosen = _shell(card, shell)
        policy = Policy(consented=answer is not None, real=real, allow_weak=allow_weak)
        runner = Runner(app, policy)
        if answer is not None:
            code = _once(runner, card, chosen, sys.stdin.read() if answer == "-" else answer, as_json=as_json)
        elif as_json:
            raise BadRequest("`--json` prints one verdict", hint="say what to run: --answer TEXT")
        else:
            code = _practise(app, runner, card, chosen)
    raise click.exceptions.Exit(code)


def _card(app: "App", name: str) -> "Card":
    card = app.card(name).card
    if card is None:
        raise NotFound(f"`{name}` is in no deck", hint="`cards list` lists the cards")
    if not card.run:
        raise BadRequest(f"`{card.id}` has nothing to run", hint=f"`cards show {card.id}` shows the card")
    return card


def _shell(card: "Card", wanted: str | None) -> str:
    """The shell that was asked for, or the person's own if the card is meant for it."""
    from flashcards.platforms import shell, shell_of

    shells = (card.run or {}).get("shells", ())
    if wanted and shells and wanted not in shells:
        raise BadRequest(f"`{card.id}` is not meant for {wanted}", hint="one of " + ", ".join(shells))
    return wanted or shell_of(shells, shell())


def _once(runner: "Runner", card: "Card", shell: str, text: str, *, as_json: bool) -> int:
    """Runs one text; what is not allowed to run cannot be verified, and that is said in the same form."""
    from flashcards.model import Verdict

    ready = runner.ready(card, shell)
    if ready.runs == "yes":
        verdict = runner.run(card, shell, text)
    else:
        why = ready.why_not or "not run: running commands is turned off"
        verdict = Verdict(kind="cannot", reason=why, cure=ready.cure, shell=shell)
    if as_json:
        print_json("cards.run/1", card=card.id, **as_fields(verdict))
    else:
        _tell(verdict)
    return EXIT_CODES[verdict.kind]


def _tell(verdict: "Verdict") -> None:
    """The verdict as a review shows it."""
    from flashcards.ui.screen import Screen

    screen = Screen()
    screen.verdict(verdict)
    screen.flush()


def _practise(app: "App", runner: "Runner", card: "Card", shell: str) -> int:
    """Asks the card in a terminal until it passes or the person leaves."""
    from flashcards.app.reviewing import practice
    from flashcards.ui.keys import Tty, usable

    if not usable():
        raise BadRequest("there is no terminal to practise in", hint="say what to run: --answer TEXT")
    ready = runner.ready(card, shell)
    if ready.runs == "no":
        raise Refused(ready.why_not or "running commands is turned off", hint=ready.cure or "cards config run ask")
    with Tty() as tty:
        from flashcards.ui import terminal

        return terminal.run(practice(app, runner, card, shell), tty=tty)


def as_fields(verdict: "Verdict") -> dict[str, Any]:
    """A verdict under the names that are a promise."""
    return {
        "verdict": verdict.kind,
        "checks": [found._asdict() for found in verdict.findings],
        "level": verdict.level,
        "took_ms": verdict.took_ms,
        "shell": verdict.shell,
        "exit_code": verdict.exit_code,
        "reason": verdict.reason,
        "cure": verdict.cure,
        "hints": list(verdict.hints),
        "notes": list(verdict.notes),
        "output": verdict.output,
    }
