"""`cards show`: one card whole: content, schedule, what each grade would do, history."""

import click

from flashcards import clock
from flashcards.app import App
from flashcards.app.progress import record
from flashcards.cli.options import complete_cards, json_option, opened, print_json
from flashcards.cli.undo import describe
from flashcards.log import to_line
from flashcards.model import FOUR_GRADES, GRADE_NAMES, Card, Review
from flashcards.store import Row
from flashcards.ui.words import interval, safe


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
        click.echo(f"\nhistory: {len(reviews)} answers" if reviews else "\nhistory: none")
        for event in events[-20:]:
            typed = f"  {safe(event.typed)}" if isinstance(event, Review) and event.typed else ""
            click.echo(f"  {describe(event).removeprefix(f'{row.memory.card} ')}{typed}")


def _plain(value: object) -> object:
    """Read-only mappings as dicts, for JSON."""
    if hasattr(value, "items"):
        return {key: _plain(inner) for key, inner in value.items()}
    return value


def _print_content(card: Card) -> None:
    click.echo(f"\n{safe(card.front)}\n")
    for where, text in card.answer.items():
        click.echo(f"  answer{f' ({where})' if where else ''}: {safe(text)}")
    for where, texts in card.accept.items():
        click.echo(f"  also right{f' ({where})' if where else ''}: {safe(', '.join(texts))}")
    if card.back:
        click.echo("\n".join(f"  {text}" for text in safe(card.back).splitlines()))
    for word, text in card.explain:
        click.echo(f"  {safe(word):<12} {safe(text)}")
    for name in ("tags", "after", "platform"):
        if getattr(card, name):
            click.echo(f"  {name}: {', '.join(getattr(card, name))}")
    if card.run:
        click.echo(f"  run: {len(card.run.get('checks', ()))} checks, not run in this version")


def _print_schedule(app: App, row: Row) -> None:
    memory, state = row.memory, row.memory.state
    if state is None:
        click.echo("\nschedule: new")
    else:
        click.echo(
            f"\nschedule: due {state.due}, interval {interval(state.interval_days)},"
            f" ease {state.ease_hundredths / 100:.2f}, {state.repetitions} in a row, {state.lapses} lapses"
        )
    words = [word for word, on in (("suspended", memory.suspended), ("flagged", memory.flagged)) if on]
    if memory.buried_until and memory.buried_until > app.today:
        words.append(f"buried until {memory.buried_until}")
    if words:
        click.echo(", ".join(words))
    at, day = clock.now(), app.today
    futures = [(g, app.store.scheduler.step(state, g, at, day, memory.card)) for g in FOUR_GRADES]
    click.echo("if graded now: " + ", ".join(f"{GRADE_NAMES[g]} {interval((s.due - day).days)}" for g, s in futures))
