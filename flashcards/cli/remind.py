"""`cards remind`: a timer that tells every day what is due; printed, installed, removed."""

import sys
from datetime import time
from typing import get_args

import click

from flashcards.app import reminders, reminding
from flashcards.app.reminders import Kind
from flashcards.app.reminding import Step
from flashcards.cli.options import opened, say
from flashcards.clock import parse_day_start
from flashcards.errors import BadRequest
from flashcards.ui.words import count, line, safe

EPILOG = """\b
Examples:
  cards remind                       print it, to look at
  cards remind --at 07:45 --install  put it in place
  cards remind --remove              take it away
"""


@click.command("remind", epilog=EPILOG)
@click.option("--at", default="19:30", show_default=True, metavar="HH:MM", help="When, every day.")
@click.option("--systemd", is_flag=True, help="As a timer of systemd.")
@click.option("--launchd", is_flag=True, help="As an agent of launchd.")
@click.option("--cron", is_flag=True, help="As a line of the crontab.")
@click.option("--install", is_flag=True, help="Put it in place, after a yes.")
@click.option("--remove", is_flag=True, help="Take it away, after a yes.")
@click.option("--dry-run", is_flag=True, help="Only show what --install or --remove would do.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@click.option("--now", is_flag=True, help="Remind now, if something is due: what the timer runs.")
def command(
    *,
    at: str,
    systemd: bool,
    launchd: bool,
    cron: bool,
    install: bool,
    remove: bool,
    dry_run: bool,
    yes: bool,
    now: bool,
) -> None:
    """Be reminded every day, if something is due.

    Prints what this machine needs for that, and changes nothing. With
    --install it is put in place: first it shows every step, then it asks.
    One that is there already gives way, whichever kind it is.
    """
    asked = dict(zip(("systemd", "launchd", "cron"), (systemd, launchd, cron), strict=True))
    kind = _only_one({f"--{name}": name for name, wanted in asked.items() if wanted})
    act = _only_one({n: n for n, wanted in (("--install", install), ("--remove", remove), ("--now", now)) if wanted})
    moment = parse_day_start(at)
    if act == "--now":
        _remind()
    elif act == "--install":
        chosen = _kind(kind) if kind else reminders.kind_here()
        steps = [*reminding.to_install(chosen, reminders.reminder(moment)), *reminding.to_give_way(chosen)]
        if _agreed(steps, dry_run=dry_run, yes=yes):
            reminding.do(steps)
            say(f"installed: every day at {moment:%H:%M}; `cards remind --remove` takes it away")
    elif act == "--remove":
        _remove(kind, dry_run=dry_run, yes=yes)
    else:
        _print(_kind(kind) if kind else reminders.kind_here(), moment)


def _only_one(named: dict[str, str]) -> str:
    if len(named) > 1:
        raise BadRequest(f"{' and '.join(named)} exclude each other", hint="leave one out")
    return next(iter(named.values()), "")


def _kind(name: str) -> Kind:
    return next(kind for kind in get_args(Kind) if kind == name)


def _remind() -> None:
    with opened(in_passing=True) as app:
        cards = reminding.due_now(app)
        if cards and not reminding.notify(cards):
            click.echo(f"{count(cards, 'card')} due: cards review")  # cron sends it as mail, systemd keeps it


def _remove(kind: str, *, dry_run: bool, yes: bool) -> None:
    """One kind, or all that are in place."""
    kinds = [_kind(kind)] if kind else get_args(Kind)
    steps = [step for one in kinds for step in reminding.to_remove(one)]
    if not steps:
        click.echo("there is no reminder to remove")
    elif _agreed(steps, dry_run=dry_run, yes=yes):
        reminding.do(steps)
        click.echo("removed")


def _print(kind: Kind, at: time) -> None:
    """The text alone on standard output; where it belongs, as a comment or on standard error."""
    wanted = reminders.reminder(at)
    files = reminders.files(kind, wanted)
    if kind == "systemd":
        click.echo("\n".join(f"# {safe(path)}\n{safe(text)}" for path, text in files), nl=False)
    elif kind == "launchd":
        click.echo(safe(files[0].text), nl=False)
        say(f"this belongs into {line(files[0].path)}", err=True)
    else:
        click.echo(safe(reminders.cron_block(wanted)), nl=False)
    say("hint: `cards remind --install` puts it in place", err=True)


def _agreed(steps: list[Step], *, dry_run: bool, yes: bool) -> bool:
    """Shows every step; whether it shall be done."""
    for step in steps:
        click.echo(f"{step.does} {line(step.what)}")
        for one in safe(step.text).splitlines():
            click.echo(f"    {one}".rstrip())
    if dry_run:
        click.echo("nothing was changed")
        return False
    if yes:
        return True
    if not sys.stdin.isatty():
        raise BadRequest("nobody is here to say yes", hint="--yes says it; nothing was changed")
    if click.confirm("do it?", default=False):
        return True
    click.echo("nothing was changed")
    return False
