"""`cards doctor`: looks at everything, says what is wrong with its cure, and mends what can be mended."""

from typing import TYPE_CHECKING, Any

import click

from flashcards.cli.options import json_option, opened, print_json, say
from flashcards.errors import CardsError
from flashcards.ui.waiting import waiting
from flashcards.ui.words import line

if TYPE_CHECKING:
    from collections.abc import Sequence

    from flashcards.app import App
    from flashcards.app.checkup import Checkup
    from flashcards.verify.levels import Tried

EPILOG = """\b
Examples:
  cards doctor                  look at everything
  cards doctor --full -v        take the time, say all of it
  cards doctor --fix --dry-run  what would be mended
  cards doctor --probe          build each kind of sandbox and attack it

\b
Exit codes: 0 all is well, or there are only notes; 5 the database has
problems; 1 something else has.
"""


@click.command("doctor", epilog=EPILOG)
@click.option("--full", is_flag=True, help="Read every index and event, replay the log, compare it with a backup.")
@click.option("-v", "--verbose", is_flag=True, help="Say all that was found.")
@click.option("--fix", is_flag=True, help="Mend what can be mended, after a backup; save a damaged database.")
@click.option("--dry-run", is_flag=True, help="With --fix: only say what it would do.")
@click.option("-y", "--yes", is_flag=True, help="With --fix: do not ask.")
@click.option("--probe", is_flag=True, help="Try the sandboxes now; without it nothing is started.")
@json_option
@click.pass_context
def command(
    context: click.Context,
    *,
    full: bool,
    verbose: bool,
    fix: bool,
    dry_run: bool,
    yes: bool,
    probe: bool,
    as_json: bool,
) -> None:
    """Look at everything, and mend what can be mended.

    It reads and changes nothing, whatever state the database is in, unless
    `--fix` asks for it. A damaged database is never written to: what it still
    yields goes into a fresh one, with what backups and the sync folder have,
    and the damaged file is kept beside it.

    How well commands are contained is found out by building a sandbox and
    attacking it from inside, with `--probe`: `strong` hides your files and the
    network, `good` keeps commands from reading and writing them, and where
    neither can be had nothing is run.
    """
    from flashcards.app import checkup, diagnosis

    if dry_run and not fix:
        raise click.UsageError("--dry-run goes with --fix")
    with opened(in_passing=True) as app:
        if probe:
            with waiting("attacking sandboxes"):
                diagnosis.probe(app)
        found = checkup.look(app, full=full)
        mended = _mended(app, found, dry_run=dry_run, yes=yes, quiet=as_json) if fix else []
        if mended and not dry_run:
            from flashcards.app.checkup import mending

            found = mending.look_again(app)
        _show(app, found, mended, fix=fix, dry_run=dry_run, verbose=verbose or probe, as_json=as_json)
    context.exit(checkup.EXIT_CODES[found.worst])


def _mended(app: "App", found: "Checkup", *, dry_run: bool, yes: bool, quiet: bool) -> list[str]:
    """What was done, or would be; told at once, in case that something fails later."""
    from flashcards.app.checkup import mending

    texts = mending.plan(found) if dry_run else mending.carry_out(app, found, lambda asked: yes or _asked(asked))
    done = []
    for text in texts:
        done.append(text)
        if not quiet:
            say(f"{'would ' if dry_run else ''}{line(text)}", hang=2)
    if not done and not quiet:
        say("there is nothing that --fix could mend")
    return done


def _asked(question: str) -> bool:
    """Where nobody can be asked, it is left as it is."""
    import sys

    return sys.stdin.isatty() and click.confirm(line(question), default=True)


def _show(
    app: "App", found: "Checkup", mended: list[str], *, fix: bool, dry_run: bool, verbose: bool, as_json: bool
) -> None:
    from flashcards.app import diagnosis
    from flashcards.cli import doctor_screen

    known = diagnosis.known(app)
    facts = _facts(app, known.tried if known else ())
    if as_json:
        print_json("cards.doctor/1", **facts, **_checkup(found), fixed=mended, dry_run=dry_run)
        return
    if dry_run:
        return
    if fix:
        click.echo()
    doctor_screen.show(found, facts, verbose=verbose)


def _checkup(found: "Checkup") -> dict[str, Any]:
    return {
        "worst": found.worst,
        "areas": [
            {
                "area": one.area,
                "level": one.level,
                "says": one.says,
                "cure": one.cure,
                "details": list(one.details),
                "fix": one.mend,
                "facts": one.facts,
            }
            for one in found.findings
        ],
    }


def _facts(app: "App", tried: "Sequence[Tried]") -> dict[str, Any]:
    """What is known of running commands."""
    from flashcards.app import diagnosis
    from flashcards.app.checkup.rights import open_to_others
    from flashcards.config import Config
    from flashcards.verify import levels

    config = Config(app.places.config, ())  # both settings stand in the file, so that the database is not asked
    try:
        run, sandbox = str(config.get("run")), str(config.get("sandbox"))
    except CardsError:  # one of the findings
        run, sandbox = "ask", "auto"
    used = diagnosis.best(tried, sandbox)
    return {
        "run": run,
        "platform_can_run": diagnosis.can_run(),
        "probed": bool(tried),
        "level": used.level if used else None,
        "backend": used.backend if used else None,
        "claim": used.claim if used else "",
        "sandboxes": [{**one._asdict(), "claim": one.claim} for one in tried],
        "cures": levels.cures() if diagnosis.can_run() and (used is None or used.level != "strong") else [],
        "shells": diagnosis.shells(),
        "home": {"database": app.places.database, "open_to_others": open_to_others(app)},
    }
