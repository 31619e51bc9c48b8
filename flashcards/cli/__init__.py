"""The command line: one table of commands, one place that turns errors into exit codes."""

import errno
import os
import sys
from contextlib import suppress
from typing import Any

import click

from flashcards import __version__
from flashcards.cli.lazy import LazyGroup, NoRoomError, ReaderGoneError
from flashcards.errors import CardsError, DeckProblems

COMMANDS = {
    "review": ("review", "Learn"),
    "run": ("practise", "Learn"),
    "due": ("due", "Learn"),
    "remind": ("remind", "Learn"),
    "undo": ("undo", "Learn"),
    "log": ("log", "Learn"),
    "stats": ("stats", "Learn"),
    "decks": ("decks", "Cards"),
    "list": ("list", "Cards"),
    "show": ("show", "Cards"),
    "new": ("new", "Cards"),
    "edit": ("edit", "Cards"),
    "move": ("move", "Cards"),
    "suspend": ("marks:suspend", "Cards"),
    "resume": ("marks:resume", "Cards"),
    "bury": ("marks:bury", "Cards"),
    "flag": ("marks:flag", "Cards"),
    "reset": ("marks:reset", "Cards"),
    "import": ("imports", "In and out"),
    "export": ("export", "In and out"),
    "sync": ("sync", "In and out"),
    "deck": ("deck", "Decks"),
    "check": ("check", "Decks"),
    "trust": ("trust", "Decks"),
    "schema": ("schema", "Decks"),
    "backup": ("backup", "The program"),
    "restore": ("restore", "The program"),
    "doctor": ("doctor", "The program"),
    "config": ("config", "The program"),
    "completion": ("completion", "The program"),
}
"""Name: (module under flashcards.cli, with the attribute if it is not `command`; section of the help)."""

SHORT_HELP = {
    "review": "Review the cards that are due.",
    "run": "Practise a command, without a grade.",
    "due": "Show what is due.",
    "remind": "Be reminded every day, if something is due.",
    "undo": "Take back the last action, again and again.",
    "log": "Show who did what when, newest first.",
    "stats": "Show progress: what was done, what is known, what comes.",
    "decks": "List the decks.",
    "list": "List the cards.",
    "show": "Show a card, its schedule and its history.",
    "new": "Write a new card.",
    "edit": "Change a card in your editor.",
    "move": "Move cards to another deck.",
    "suspend": "Put cards away until they are resumed.",
    "resume": "Ask suspended or buried cards again.",
    "bury": "Put cards away until tomorrow.",
    "flag": "Flag cards, to find them again.",
    "reset": "Start cards anew; their history is kept.",
    "import": "Take in decks, files of other programs and review logs.",
    "export": "Write decks, progress or the log to a file.",
    "sync": "Bring this device and a folder to the same log.",
    "deck": "Make a deck, or take one out.",
    "check": "Check decks, and prove their answers.",
    "trust": "Read what a deck would run, and allow it.",
    "schema": "Write the deck format as JSON Schema, for editors.",
    "backup": "Put all history and all decks into one file.",
    "restore": "Go back to a backup.",
    "doctor": "Look at everything, and mend what can be mended.",
    "config": "Show or change settings.",
    "completion": "Make the shell complete commands and decks.",
}
"""The first line of each command's help, here so that `--help` imports none of them."""

EPILOG = """\b
Examples:
  cards                     what is due, and what to type next
  cards review              the daily habit
  cards import decks/       take in a folder of decks
  cards export progress --format csv -o progress.csv

Exit codes: 0 done, 1 other error, 2 usage, 3 a deck has problems,
4 no such deck or card, 5 database damaged, locked or newer,
6 format unknown, 7 no sandbox or not allowed, 8 checks failed,
130 interrupted.
"""


@click.group(
    cls=LazyGroup,
    table=COMMANDS,
    short_help=SHORT_HELP,
    invoke_without_command=True,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, "-V", "--version", message="cards %(version)s")
@click.pass_context
def cards(context: click.Context) -> None:
    """Spaced repetition for people who live in a terminal.

    Without a command: what is due, the streak, and what to type next.
    """
    _settle_colour(context)
    if context.invoked_subcommand is None:
        from flashcards.cli.glance import glance

        glance()


def run(arguments: list[str] | None = None) -> int:
    """Runs the command line; returns the exit code. A traceback is a bug of ours and is not hidden."""
    _forgive_streams()
    try:
        result = cards.main(arguments, prog_name="cards", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except click.exceptions.NoArgsIsHelpError as error:  # `cards export` alone: the help is the answer
        click.echo(error.format_message(), err=True)
        return error.exit_code
    except click.ClickException as error:
        _show_usage(error)
        return error.exit_code
    except ReaderGoneError:
        # `cards list | head`: nothing is wrong.
        _forget_output()
        return 0
    except (click.Abort, KeyboardInterrupt):
        click.echo(err=True)
        return 130
    except Exception as error:
        told = _denied(error) or _damage(error) or error
        if not isinstance(told, CardsError):
            raise
        _show(told)
        if isinstance(error, NoRoomError):
            _forget_output()
        return told.exit_code
    return result if isinstance(result, int) else 0


def _forgive_streams() -> None:
    """What a terminal cannot show becomes a question mark, and no error; a stream that is closed (`>&-`) is empty."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, mode))  # noqa: PTH123, SIM115  (as long as the process lives)
        elif hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _denied(error: Exception) -> CardsError | None:
    """What the machine has not, or not for this user, wherever a command came to it."""
    if isinstance(error, PermissionError) and error.filename:
        return CardsError(f"cannot use `{error.filename}`: {error.strerror}", hint="check who may enter its folder")
    if isinstance(error, FileNotFoundError) and not error.filename:  # so says os.getcwd alone
        return CardsError("the folder that you are in is gone", hint="go to another: cd")
    if isinstance(error, OSError) and error.errno in {errno.EMFILE, errno.ENFILE}:
        return CardsError("too many files are open", hint="close other programs, or allow more: ulimit -n 256")
    if isinstance(error, MemoryError):
        return CardsError("there is not enough memory", hint="close other programs, or split what is read")
    return None


def _damage(error: Exception) -> CardsError | None:
    """The damage of the database behind an error that nobody reckoned with, if there is any."""
    from flashcards.log import LineError

    if isinstance(error, CardsError) and not isinstance(error, LineError):
        return None
    from flashcards.app.suspicion import damage
    from flashcards.places import places

    return damage(places().database)


def _forget_output() -> None:
    """What is left in the buffer goes nowhere."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _show_usage(error: click.ClickException) -> None:
    """What click has to say, in our words: `error:`, names in backticks, `hint:`."""
    from flashcards.ui.words import line

    message, _, meant = line(error.format_message().replace("'", "`")).partition(" Did you mean ")
    click.echo(f"error: {message[:1].lower()}{message[1:].rstrip('.')}", err=True)
    context = getattr(error, "ctx", None)
    if meant:
        click.echo(f"hint: did you mean {meant}", err=True)
    elif context is not None:
        click.echo(f"hint: `{context.command_path} --help` shows how", err=True)


def _show(error: CardsError) -> None:
    from flashcards.cli.options import say
    from flashcards.ui.words import safe

    if isinstance(error, DeckProblems) and error.problems:
        from flashcards.ui.problems import render_all

        click.echo(render_all(error.problems), err=True)
        click.echo(err=True)
        texts = [error.message, f"hint: {error.hint}" if error.hint else ""]
    else:
        texts = [f"error: {error.message}" if error.message else "", f"hint: {error.hint}" if error.hint else ""]
    for text in filter(None, texts):
        for one in safe(text).split("\n"):
            say(one, err=True)


def _settle_colour(context: click.Context) -> None:
    """NO_COLOR, then FORCE_COLOR and CLICOLOR_FORCE, then the setting, then whether it is a terminal."""
    forced: Any = os.environ.get("FORCE_COLOR") or os.environ.get("CLICOLOR_FORCE")
    if os.environ.get("NO_COLOR"):
        context.color = False
    elif forced:
        context.color = True
    else:
        from flashcards.config import Config
        from flashcards.places import places

        with suppress(CardsError):  # a fault in the file is told by the command that needs it, and `config` can mend it
            context.color = {"always": True, "never": False}.get(Config(places().config, ()).get("color"))
    if context.color is not None:
        # rich asks the environment, and so does whatever it draws with.
        os.environ["FORCE_COLOR" if context.color else "NO_COLOR"] = "1"
