"""`cards log`: who did what when, newest first, with what was taken back struck out."""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from flashcards.app import App
from flashcards.app.history import Deed, Period, deeds, events_of, sought_by, undone_at
from flashcards.cli.log_words import kind, says
from flashcards.cli.options import Whole, complete_cards, complete_decks, echo_all, is_narrow, opened, say, width
from flashcards.cli.spans import between
from flashcards.errors import CardsError, NotFound
from flashcards.log import stamp, to_line
from flashcards.store.actions import KINDS, Actions, Sought
from flashcards.ui.words import escaped, interval, line, signs

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

SCHEMA = "cards.log-view/1"
REDACT = "redact"
USUAL = 30
"""Actions in a pipe, where no screen says how many fit."""
LEAST = 10
EPILOG = """\b
Examples:
  cards log                          what was done last
  cards log venv/create --all        everything about a card
  cards log -d git --since 7d        a deck, the last seven days
  cards log --kind import -n 5       the last five imports
  cards log redact --last            take what was typed last out of history
  cards log --json | jq -r '.actions[] | select(.undone) | .says'
"""


class Look(NamedTuple):
    """How the lines are to look."""

    today: date
    plain: bool
    ids: bool
    devices: bool
    """Whether there is more than one, so that each line names its own."""
    sign: str
    """Of what was taken back."""


def complete_devices(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> "list[CompletionItem]":
    """Devices that wrote in the log and begin so; silent when there is no database."""
    from click.shell_completion import CompletionItem  # 1 ms, only for completion

    try:
        with _read() as (_, actions):
            names = actions.devices() if actions else []
            return [CompletionItem(name) for name in names if name.startswith(incomplete)]
    except CardsError:
        return []


class Log(click.Command):
    """`cards log redact …` is a command of its own; a card of that name is named with its deck, or alone."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,  # noqa: ANN401  (handed on to click)
    ) -> click.Context:
        """The context of whichever of the two is meant."""
        if args[:1] == [REDACT] and (len(args) > 1 or not _is_card(REDACT)):
            return self.get_command(parent, REDACT).make_context(f"{info_name} {REDACT}", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)

    @property
    def commands(self) -> dict[str, click.Command]:
        """The one, for the document of all commands."""
        return {REDACT: self.get_command(None, REDACT)}

    def get_command(self, _context: click.Context | None, _name: str) -> click.Command:
        """Imports it."""
        from flashcards.cli.log_redact import command

        return command


def _is_card(name: str) -> bool:
    with opened(in_passing=True) as app:
        return app.has_store and bool(app.store.find(name))


@click.command("log", cls=Log, epilog=EPILOG)
@click.argument("names", nargs=-1, metavar="[CARD]...", shell_complete=complete_cards)
@click.option(
    "-d", "--deck", "decks", multiple=True, metavar="DECK", shell_complete=complete_decks, help="Only this deck."
)
@click.option(
    "--device", "devices", multiple=True, metavar="NAME", shell_complete=complete_devices, help="Only of this device."
)
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    metavar="KIND",
    type=click.Choice([*KINDS]),
    help=f"Only actions of this kind: {', '.join(KINDS)}.",
)
@click.option("--since", metavar="DAY", help="The first day: 2026-01-31, or 30d, 4w, 1y for the last so many.")
@click.option("--until", metavar="DAY", help="The last day: 2026-01-31, or 30d, 4w, 1y ago.")
@click.option("-n", "--limit", type=Whole(0), metavar="N", help="At most so many actions; 0 for all of them.")
@click.option("--reverse", is_flag=True, help="The same ones, the oldest first.")
@click.option("--all", "every", is_flag=True, help="Also each event of an import and of other batches.")
@click.option("--ids", is_flag=True, help="With the id of each line.")
@click.option("--plain", is_flag=True, help="In sentences, without columns or colour.")
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
def command(
    *,
    names: tuple[str, ...],
    since: str | None,
    until: str | None,
    limit: int | None,
    reverse: bool,
    every: bool,
    ids: bool,
    plain: bool,
    as_json: bool,
    **sought: Any,  # noqa: ANN401  (as `sought_by` names them)
) -> None:
    """Show who did what when, newest first.

    What was taken back stays, struck out and with the word `undone`. An
    import is one line, where it was brought. Times are those of the place
    where a card was graded.
    """
    with _read() as (app, actions):
        period = Period(*between(app, since, until))
        if actions is None:
            _refuse_names(names)
            _print_nothing(as_json=as_json, empty=True)
            return
        wanted = sought_by(app, actions, cards=names, **sought)
        most = limit if limit is not None else _fitting()
        # All of a long log does not fit into memory to be turned round; it is read the other way.
        shown = _Shown(deeds(app, actions, wanted._replace(oldest_first=reverse and not most), period), most)
        rows: Iterable[Deed] = reversed([*shown]) if reverse and most else shown
        inside = _Inside(app, actions, wanted) if every else None
        if as_json:
            echo_all(_json(rows, shown, inside))
            return
        look = Look(
            today=app.today,
            plain=plain,
            ids=ids,
            devices=plain or len(actions.devices()) > 1,
            sign=signs(sys.stdout.encoding).wrong,
        )
        if not _print(rows, inside, look):
            _print_nothing(as_json=False, empty=(wanted, period) == (Sought(), Period()))
        elif shown.more and sys.stdout.isatty():
            say(f"there is more: `-n {most * 2}` shows it", err=True)


@contextmanager
def _read() -> Iterator[tuple[App, Actions | None]]:
    """The app and the log; no log where nothing was ever stored, and asking does not create it."""
    with opened() as app:
        if not app.has_store:
            yield app, None
            return
        with closing(Actions(app.store.path)) as actions:
            yield app, actions


class _Shown:
    """So many of them, and whether there are more; 0 for all."""

    def __init__(self, rows: Iterator[Deed], most: int) -> None:
        self._rows = rows
        self._most = most
        self.more = False

    def __iter__(self) -> Iterator[Deed]:
        yield from islice(self._rows, self._most or None)
        self.more = bool(self._most) and next(self._rows, None) is not None


class _Inside(NamedTuple):
    """Looks into batches."""

    app: App
    actions: Actions
    sought: Sought

    def of(self, deed: Deed) -> Iterator[Deed]:
        """The events of a batch."""
        return events_of(self.app, self.actions, deed, self.sought) if deed.action.is_batch else iter(())


def _refuse_names(names: tuple[str, ...]) -> None:
    """Nothing is stored, so no card has such a name."""
    for name in names:
        raise NotFound(f"no card called `{name}`", hint="there is none yet: `cards review` starts")


def _print_nothing(*, as_json: bool, empty: bool) -> None:
    if as_json:
        echo_all(_json((), None, None))
    else:
        click.echo("nothing was done yet" if empty else "nothing in the log is like that", err=True)


def _fitting() -> int:
    """Actions that fit on the screen."""
    from shutil import get_terminal_size

    if not sys.stdout.isatty():
        return USUAL
    lines = get_terminal_size((0, USUAL)).lines - 2
    return max(lines // 2 if is_narrow() else lines, LEAST)


# ---------------------------------------------------------------- JSON


def _json(rows: Iterable[Deed], shown: _Shown | None, inside: _Inside | None) -> Iterator[str]:
    """One object, written as it is read: a log may be longer than memory."""
    yield f'{{"schema": "{SCHEMA}", "actions": ['
    between_them = "\n  "
    for deed in rows:
        fields = as_dict(deed)
        if inside and deed.action.is_batch:
            fields["inside"] = [as_dict(one) for one in inside.of(deed)]
        yield between_them + escaped(json.dumps(fields, ensure_ascii=False))
        between_them = ",\n  "
    yield f'\n], "more": {json.dumps(bool(shown and shown.more))}}}\n'


def as_dict(deed: Deed) -> dict[str, Any]:
    """An action as `cards.log-view/1` has it; within a version fields are only added."""
    action = deed.action
    undone = action.undone
    return {
        "id": action.id,
        "at": stamp(deed.at),
        "local": deed.at.isoformat(timespec="milliseconds"),
        "day": deed.day.isoformat(),
        "device": action.event.device,
        "kind": kind(action),
        "says": says(action, deed.target),
        "events": action.events,
        "cards": [*action.cards] if action.is_batch else list(filter(None, [getattr(action.event, "card", None)])),
        "undone": {"id": undone.id, "at": stamp(undone.at), "device": undone.device} if undone else None,
        "redacted": action.redacted,
        "event": None if action.is_batch else json.loads(to_line(action.event)),
    }


# ---------------------------------------------------------------- lines


def _print(rows: Iterable[Deed], inside: _Inside | None, look: Look) -> bool:
    found = False
    for deed in rows:
        found = True
        _print_one(deed, look)
        for one in inside.of(deed) if inside else ():
            _print_one(one, look, indent=2)
    return found


def _print_one(deed: Deed, look: Look, indent: int = 0) -> None:
    device = line(deed.action.event.device)
    when, ago = f"{deed.at:%Y-%m-%d %H:%M}", _ago((look.today - deed.day).days)
    if look.plain:
        name = f" [{line(deed.action.id)}]" if look.ids else ""
        say(f"{when}, {ago}, on {device}: {_undone(deed)}{says(deed.action, deed.target)}{name}", indent, 2)
        return
    sign = look.sign if deed.action.undone else " "
    if is_narrow():
        click.echo(f"{' ' * indent}{sign} {when}  {ago}{f'  {device}' if look.devices else ''}"[: width()])
        _print_folded(" " * (indent + 4), deed, look)
    else:
        _print_folded(f"{' ' * indent}{sign} {when}  {ago:<10} {f'{device:<14} ' if look.devices else ''}", deed, look)


def _print_folded(head: str, deed: Deed, look: Look) -> None:
    """What was done behind `head`, folded, with the undone part struck out where the terminal can."""
    from textwrap import wrap

    undone, margin = _undone(deed), " " * len(head)
    room = max(width() - len(head), LEAST)
    whole = undone + says(deed.action, deed.target)
    texts = [whole] if len(whole) <= room else wrap(whole, room, break_on_hyphens=False)
    name = line(deed.action.id) if look.ids else ""
    fits = len(texts[-1]) + 2 + len(name) <= room
    for number, text in enumerate(texts):
        plain = undone if undone and number == 0 and text.startswith(undone) else ""
        shown = plain + click.style(text[len(plain) :], strikethrough=True) if undone else text
        last = number == len(texts) - 1
        click.echo(
            (margin if number else head)
            + shown
            + (f"  {click.style(name, dim=True)}" if name and last and fits else "")
        )
    if name and not fits:
        click.echo(f"    {click.style(name, dim=True)}")


def _undone(deed: Deed) -> str:
    """The word, and by what: `undone 18:05: `, `undone 2026-11-23 09:00 on desk: `."""
    undo = deed.action.undone
    if undo is None:
        return ""
    where = f" on {line(undo.device)}" if undo.device != deed.action.event.device else ""
    at = undone_at(undo)
    return f"undone {at:%H:%M}{where}: " if at.date() == deed.at.date() else f"undone {at:%Y-%m-%d %H:%M}{where}: "


def _ago(days: int) -> str:
    if days in {0, 1}:
        return "yesterday" if days else "today"
    return f"{interval(days)} ago" if days > 0 else f"in {interval(-days)}"
