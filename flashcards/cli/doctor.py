"""`cards doctor`: how well this machine can contain commands, and how to make it better."""

from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import json_option, opened, print_json, say
from flashcards.ui.waiting import waiting
from flashcards.ui.words import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flashcards.app import App
    from flashcards.verify.levels import Tried

EPILOG = """\b
Examples:
  cards doctor            what is known
  cards doctor --probe    build each kind of sandbox and attack it
"""
LEFT = 10


@click.command("doctor", epilog=EPILOG)
@click.option("--probe", is_flag=True, help="Try the sandboxes now; without it nothing is started.")
@json_option
def command(*, probe: bool, as_json: bool) -> None:
    """Show how well commands are contained here.

    A level is found out by building a sandbox and attacking it from inside:
    `strong` hides your files and the network, `good` keeps commands from
    reading and writing them, and where neither can be had nothing is run.
    """
    from flashcards.app import diagnosis

    with opened() as app:
        known = diagnosis.known(app)
        tried: Sequence[Tried] = known.tried if known else ()
        if probe:
            with waiting("attacking sandboxes"):
                tried = diagnosis.probe(app)
        facts = _facts(app, tried)
    if as_json:
        print_json("cards.doctor/1", **facts)
    else:
        _tell(facts)


def _facts(app: "App", tried: "Sequence[Tried]") -> dict[str, Any]:
    from flashcards.app import diagnosis
    from flashcards.verify import levels

    used = diagnosis.best(tried, str(app.config.get("sandbox")))
    return {
        "run": app.config.get("run"),
        "platform_can_run": diagnosis.can_run(),
        "probed": bool(tried),
        "level": used.level if used else None,
        "backend": used.backend if used else None,
        "claim": used.claim if used else "",
        "sandboxes": [{**one._asdict(), "claim": one.claim} for one in tried],
        "cures": levels.cures() if diagnosis.can_run() and (used is None or used.level != "strong") else [],
        "shells": diagnosis.shells(),
        "home": {"database": app.places.database, "open_to_others": diagnosis.open_to_others(app)},
    }


def _tell(facts: dict[str, Any]) -> None:
    _row("sandbox", _sandbox(facts))
    for one in facts["sandboxes"]:
        why = one["why"] or (one["claim"] if one["level"] != "strong" else "")
        say(f"{one['backend']:<12}{one['level'] or 'not here'}" + (f": {line(why)}" if why else ""), LEFT, 12)
    for cure in facts["cures"]:
        say(f"better: {cure}", LEFT, 2)
    _row("commands", _COMMANDS[facts["run"]])
    missing = [name for name, there in facts["shells"].items() if not there]
    there = " ".join(name for name, there in facts["shells"].items() if there)
    _row("shells", there + (f" (not installed: {' '.join(missing)})" if missing else ""))
    for number, one in enumerate(facts["home"]["open_to_others"]):
        _row("" if number else "home", line(one))


_COMMANDS = {
    "ask": "not run before you have agreed once: `cards review` asks, `cards config run yes` does as well",
    "yes": "run in the sandbox, since you agreed; `cards config run never` ends that",
    "never": "never run, what is typed is compared; `cards config run ask` changes that",
}


def _sandbox(facts: dict[str, Any]) -> str:
    if not facts["platform_can_run"]:
        return "commands are run on Linux only, so far; elsewhere what is typed is compared"
    if not facts["probed"]:
        return "not tried since this machine was started: `cards doctor --probe` finds out"
    if facts["level"] is None:
        return "none that protects your files, so nothing is run; what is typed is compared"
    return f"{facts['level']}: {facts['claim']}"


def _row(name: str, text: str) -> None:
    say(f"{name:<{LEFT}}{text}", hang=LEFT)
