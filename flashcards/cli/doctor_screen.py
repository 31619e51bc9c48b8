"""The screen of `cards doctor`: one line for each part, its cure below it where it needs one."""

import sys
from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import say
from flashcards.ui.words import line, signs

if TYPE_CHECKING:
    from flashcards.app.checkup import Checkup, Finding

LEFT = 12
COMMANDS = {
    "ask": "not run before you have agreed once: `cards review` asks, `cards config run yes` does as well",
    "yes": "run in the sandbox, since you agreed; `cards config run never` ends that",
    "never": "never run, what is typed is compared; `cards config run ask` changes that",
}


def show(found: "Checkup", facts: dict[str, Any], *, verbose: bool) -> None:
    """All of it."""
    for one in found.findings:
        _finding(one, verbose=verbose)
        if one.area == "sandbox":
            _commands(facts, verbose=verbose)
    click.echo()
    say(_verdict(found))


def _verdict(found: "Checkup") -> str:
    count = {level: sum(one.level == level for one in found.findings) for level in ("note", "problem", "damage")}
    bad = count["problem"] + count["damage"]
    fixes = any(one.mend for one in found.findings)
    if not bad:
        return "all is well" + (f"; {count['note']} to note" if count["note"] else "")
    said = f"{bad} {'problem' if bad == 1 else 'problems'}"
    return f"{said}; cards doctor --fix --dry-run says what can be mended" if fixes else said


def _finding(one: "Finding", *, verbose: bool) -> None:
    _row(one.area, one.level, line(one.says))
    if one.cure and one.level != "ok":
        say(line(one.cure), LEFT, 2)
    if verbose:
        for text in one.details:
            say(line(text), LEFT, 2)


def _row(name: str, level: str, text: str) -> None:
    known = signs(sys.stdout.encoding)
    sign = {"ok": known.right, "note": known.dot}.get(level, known.wrong)
    say(f"{sign} {name:<{LEFT - 2}}{text}", hang=LEFT)


def _commands(facts: dict[str, Any], *, verbose: bool) -> None:
    """What is known of running commands: in short, or each sandbox with what would make it better."""
    if verbose:
        for one in facts["sandboxes"]:
            why = one["why"] or (one["claim"] if one["level"] != "strong" else "")
            say(f"{one['backend']:<12}{one['level'] or 'not here'}" + (f": {line(why)}" if why else ""), LEFT, 12)
        for cure in facts["cures"]:
            say(f"better: {cure}", LEFT, 2)
    _row("commands", "ok", COMMANDS[facts["run"]])
    missing = [name for name, there in facts["shells"].items() if not there]
    there = " ".join(name for name, there in facts["shells"].items() if there)
    _row("shells", "ok", there + (f" (not installed: {' '.join(missing)})" if missing else ""))
