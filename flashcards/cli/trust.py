"""`cards trust`: read what a deck would run, allow exactly that, or take it back."""

import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import click

from flashcards import clock
from flashcards.app import App
from flashcards.app.trusting import OPEN, Subject, allow, load, revoke, subjects
from flashcards.cli.options import complete_decks, json_option, opened, print_json, say, width
from flashcards.errors import BadRequest, Refused
from flashcards.ui.words import count, safe

EPILOG = """\b
Examples:
  cards trust git             read what it would run, then decide
  cards trust --list          what is allowed, and since when
  cards trust git --revoke
"""
KIND_COLUMNS = 9
QUIET_SECONDS = 0.05
"""How long nothing may arrive before the question is asked."""
MOST_PIECES = 40
"""Pieces of a paste that are thrown away; a key that is held down does not hold up the question for ever."""
CONTEXT = 3
"""Lines that are shown round a change, as `diff -u` has them."""


@click.command("trust", epilog=EPILOG)
@click.argument("deck", required=False, shell_complete=complete_decks)
@click.option("as_list", "--list", is_flag=True, help="Show which cards are allowed, and since when.")
@click.option("as_revoked", "--revoke", is_flag=True, help="Take back what was allowed of the deck.")
@json_option
def command(deck: str | None, *, as_list: bool, as_revoked: bool, as_json: bool) -> None:
    """Read what a deck would run, and allow it.

    Nothing that a deck brings along runs before you have read it here. What
    you allow is kept on this machine; whatever of it changes asks again.
    """
    _check(deck, as_list=as_list, as_revoked=as_revoked, as_json=as_json)
    with opened() as app:
        if deck is not None and not any(card.startswith(f"{deck}/") for card in load(app)):
            app.decks([deck])  # a deck that is gone can still be taken back
        if as_list:
            _list(app, deck, as_json=as_json)
        elif as_revoked and deck:
            gone = revoke(app, deck)
            click.echo(
                f"{count(len(gone), 'card')} of {deck}: no longer allowed" if gone else f"{deck}: none was allowed"
            )
        elif deck:
            app.decks([deck])
            _notice(app, deck)
            found = subjects(app, deck)
            _print_json(deck, found) if as_json else _ask(app, deck, found)


def _check(deck: str | None, *, as_list: bool, as_revoked: bool, as_json: bool) -> None:
    """Raises BadRequest for options that make no sense together."""
    if deck is None and not as_list:
        raise BadRequest("no deck is named", hint="`cards decks` lists them, `cards trust --list` what is allowed")
    if as_revoked and (as_list or as_json):
        other = "--list" if as_list else "--json"
        raise BadRequest(f"--revoke and {other} contradict each other", hint="give one of them")


def _notice(app: App, deck: str) -> None:
    """Reads the deck's file again if it changed: what is shown is what the next review would run."""
    from flashcards.app.watching import suspects

    changed = [source for source in suspects(app.store) if source.deck == deck]
    if changed:
        from flashcards.app.library import notice  # PyYAML: 20 ms, for a deck that changed

        for reading in notice(app.store, changed):
            for problem in reading.problems[:1]:
                where = f"{problem.path}:{problem.line}: {problem.message}"
                click.echo(f"{safe(where)}; the last good version goes on", err=True)


# ---------------------------------------------------------------- asking


def _ask(app: App, deck: str, found: Sequence[Subject]) -> None:
    """Shows what is open and asks; raises Refused unless the person typed the whole word."""
    waiting = [subject for subject in found if subject.state in OPEN]
    own = any(subject.commands for subject in found)
    if not own:
        say(f"nothing of {deck}'s own would run; only what you type")
    if not waiting:
        say(_settled(deck, found, own=own))
        return
    shown = [_writable(row) for row in _page(deck, waiting)]
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        click.echo("\n".join(shown))
        if own:
            raise BadRequest(
                "nothing was allowed: there is no terminal to ask in", hint=f"type it in one: cards trust {deck}"
            )
        return
    _show(shown)
    _forget_what_was_typed()
    question = "type yes to allow exactly these, anything else to refuse:"
    if click.prompt(question, default="", show_default=False, prompt_suffix=" ") != "yes":
        raise Refused("nothing was allowed", hint=f"`cards trust {deck}` asks again")
    allow(app, waiting)
    say(f"allowed: {count(len(waiting), 'card')} of {deck}; `cards trust {deck} --revoke` takes it back")


def _settled(deck: str, found: Sequence[Subject], *, own: bool) -> str:
    if not found:
        return f"no card of {deck} has anything to run"
    if all(subject.state == "shipped" for subject in found):
        return f"{deck} came with the program and is as it came: there is nothing to allow"
    return f"all that {deck} would run is allowed" if own else f"its answers may run in `cards check {deck} --run`"


def _show(rows: Sequence[str]) -> None:
    """On the screen, or through the pager where it does not fit."""
    from shutil import get_terminal_size

    if len(rows) + 2 > get_terminal_size().lines:
        click.echo_via_pager("\n".join(rows), color=False)
        click.echo(rows[0])
    else:
        click.echo("\n".join(rows))


def _forget_what_was_typed() -> None:
    """Only what is typed after the question is an answer: two pasted lines must not say yes to themselves.

    A paste arrives in pieces, and a busy kernel hands them on late; so it must have been quiet for a moment.
    """
    with suppress(ImportError, OSError):
        import termios
        from select import select

        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        for _ in range(MOST_PIECES):
            if not select([sys.stdin], [], [], QUIET_SECONDS)[0]:
                break
            termios.tcflush(sys.stdin, termios.TCIFLUSH)


# ---------------------------------------------------------------- what is shown


def _page(deck: str, waiting: Sequence[Subject]) -> Iterator[str]:
    """Everything that is to be decided, folded so that no pager can leave out the end of a line."""
    own = [subject for subject in waiting if subject.commands]
    rest = [subject for subject in waiting if not subject.commands]
    if own:
        number = count(sum(subject.commands for subject in own), "command")
        yield from _folded(f"{deck} would run {number} of its own, in the sandbox, before and after what you type:")
        yield from _cards(own)
        yield ""
    if rest:
        cards = count(len(rest), "card")
        yield from _folded(
            f"`cards check {deck} --run` would run the answers of {cards}, and nothing else of the deck:"
        )
        yield from _cards(rest)
        yield ""


def _cards(waiting: Iterable[Subject]) -> Iterator[str]:
    for subject in waiting:
        yield ""
        changed = subject.before is not None
        yield f"{subject.card}  changed since you allowed it" if changed else subject.card
        for row in _difference(subject) if changed else _whole(subject):
            yield from _folded(row, hang=KIND_COLUMNS + 4)


def _whole(subject: Subject) -> Iterator[str]:
    """Every line of a card that was never read."""
    for kind, text in subject.lines:
        if kind != "card":  # it stands above
            yield f"  {kind:<{KIND_COLUMNS}}{text}"


def _difference(subject: Subject) -> Iterator[str]:
    """What is gone and what is new since the person read the card, with what stands round it."""
    from difflib import SequenceMatcher  # 4 ms, for a card that changed

    old, new = list(subject.before.lines if subject.before else ()), list(subject.lines)
    for group in SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT):
        for what, old_from, old_to, new_from, new_to in group:
            if what == "equal":
                yield from (_changed(" ", line) for line in new[new_from:new_to] if line[0] != "card")
                continue
            yield from (_changed("-", line) for line in old[old_from:old_to])
            yield from (_changed("+", line) for line in new[new_from:new_to])


def _changed(sign: str, line: tuple[str, str]) -> str:
    return f"{sign} {line[0]:<{KIND_COLUMNS}}{line[1]}"


def _writable(row: str) -> str:
    """What the terminal has no letter for is spelled out: a `?` would look the same for all of them."""
    encoding = sys.stdout.encoding or "ascii"
    return row.encode(encoding, "backslashreplace").decode(encoding)


def _folded(text: str, hang: int = 0) -> Iterator[str]:
    """A line in pieces of the width of the screen, cut anywhere: every character of it counts."""
    from flashcards.formats.source import cells

    room, piece, used = width(), "", 0
    for character in text:
        wide = cells(character)
        if used + wide > room and piece.strip():
            yield piece
            piece, used = " " * hang, hang
        piece, used = piece + character, used + wide
    yield piece


# ---------------------------------------------------------------- lists


def _list(app: App, deck: str | None, *, as_json: bool) -> None:
    """What is allowed, and whether it still is what was read."""
    known = {card: one for card, one in load(app).items() if deck in {None, card.partition("/")[0]}}
    decks = sorted({card.partition("/")[0] for card in known})
    now = {subject.card: subject for name in decks for subject in subjects(app, name)}
    rows = [(card, one.at, _state(now.get(card))) for card, one in known.items()]
    if as_json:
        print_json("cards.trust/1", cards=[{"id": card, "at": at.isoformat(), "state": s} for card, at, s in rows])
        return
    for card, at, state in rows:
        local = at.astimezone(clock.zone())
        click.echo(f"{card}  {local:%Y-%m-%d %H:%M}" + ("" if state == "allowed" else f"  {state}"))
    if not rows:
        click.echo("nothing is allowed", err=True)


def _state(subject: Subject | None) -> str:
    """A card that has nothing to run any more, or is in no deck, is gone."""
    return "gone" if subject is None else subject.state


def _print_json(deck: str, found: Sequence[Subject]) -> None:
    print_json("cards.trust/1", deck=deck, cards=[_plain(subject) for subject in found])


def _plain(subject: Subject) -> dict[str, Any]:
    before = subject.before
    return {
        "id": subject.card,
        "state": subject.state,
        "commands": subject.commands,
        "hash": subject.hash,
        "lines": subject.lines,
        "allowed": {"hash": before.hash, "at": before.at.isoformat(), "lines": before.lines} if before else None,
    }
