"""`cards show`: one card whole: content, schedule, what each grade would do, history."""

import click

from flashcards import clock
from flashcards.app import App
from flashcards.app.progress import record
from flashcards.cli.options import complete_cards, json_option, opened, print_json, say
from flashcards.cli.undo import describe
from flashcards.log import to_line
from flashcards.model import FOUR_GRADES, GRADE_NAMES, Card, Review
from flashcards.store import Row
from flashcards.ui.words import count, interval, line, safe


@click.command("show", epilog="\b\nExamples:\n  cards show venv/create\n  cards show create --json")
@click.argument("name", metavar="CARD", shell_complete=complete_cards)
@json_option
def command(name: str, *, as_json: bool) -> None:
    """Show a card, its schedule and its history."""
    import json

    with opened() as app:
        row = app.card(name)
        events = list(app.store.events(row.memory.card, standing=True))
        if as_json:
            log = [json.loads(to_line(event)) for event in events]
            content = row.card._asdict() if row.card else None
            print_json("cards.card/1", card=record(app, row), content=_plain(content), log=log)
            return
        click.echo(click.style(row.memory.card, bold=True) + ("  (retired)" if row.retired else ""))
        if row.card:
            _print_content(row.card)
        _print_schedule(app, row)
        reviews = [event for event in events if isinstance(event, Review)]
        click.echo(f"\nhistory: {count(len(reviews), 'answer')}" if reviews else "\nhistory: none")
        for event in events[-20:]:
            told = _told(event) if isinstance(event, Review) else ""
            click.echo(f"  {describe(event).removeprefix(f'{row.memory.card} ')}{told}")


def _told(review: Review) -> str:
    """What was typed, and what running it showed: `  touch b  (pass, 2 tries)`."""
    typed = f"  {safe(review.typed)}" if review.typed else ""
    if not review.verdict:
        return typed
    return f"{typed}  ({safe(review.verdict)}, {'1 try' if review.tries == 1 else f'{review.tries or 0} tries'})"


def _plain(value: object) -> object:
    """Read-only mappings as dicts, for JSON."""
    if hasattr(value, "items"):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def _print_content(card: Card) -> None:
    click.echo()
    _print_text(card.front)
    click.echo()
    for where, text in card.answer.items():
        _print_text(f"answer{f' ({where})' if where else ''}: {text}", indent=2)
    for where, texts in card.accept.items():
        _print_text("\n  ".join([f"also right{f' ({where})' if where else ''}:", *texts]), indent=2)
    if card.back:
        _print_text(card.back, indent=2)
    if card.explain:
        click.echo()
    for word, text in card.explain:
        say(f"{line(word):<10}  {line(text)}", indent=2, hang=12)
    for name in ("tags", "after", "platform"):
        if getattr(card, name):
            say(f"{name}: {', '.join(getattr(card, name))}", indent=2, hang=2)
    if card.run:
        shells = ", ".join(card.run.get("shells", ()))
        click.echo(f"  run: {count(len(card.run.get('checks', ())), 'check')}" + (f", in {shells}" if shells else ""))


def _print_text(text: str, indent: int = 0) -> None:
    """A text of a deck, line by line, each folded to the width."""
    for one in safe(text).splitlines():
        say(one, indent=indent)


def _print_schedule(app: App, row: Row) -> None:
    memory, state = row.memory, row.memory.state
    if state is None:
        click.echo("\nschedule: new")
    else:
        click.echo()
        say(
            f"schedule: due {state.due}, interval {interval(state.interval_days)},"
            f" ease {state.ease_hundredths / 100:.2f}, {state.repetitions} in a row, {count(state.lapses, 'lapse')}"
        )
    words = [word for word, on in (("suspended", memory.suspended), ("flagged", memory.flagged)) if on]
    if memory.buried_until and memory.buried_until > app.today:
        words.append(f"buried until {memory.buried_until}")
    if words:
        click.echo(", ".join(words))
    at, day = clock.now(), app.today
    futures = [(g, app.store.scheduler.step(state, g, at, day, memory.card)) for g in FOUR_GRADES]
    say("if graded now: " + ", ".join(f"{GRADE_NAMES[g]} {interval((s.due - day).days)}" for g, s in futures))
