"""`cards show`: one card whole: content, schedule, what each grade would do, history."""

import click

from flashcards import clock
from flashcards.app import App
from flashcards.app.history import there
from flashcards.app.leeches import mistakes
from flashcards.app.progress import record
from flashcards.cli.log_words import cut
from flashcards.cli.options import complete_cards, is_narrow, json_option, opened, print_json, say
from flashcards.cli.undo import describe
from flashcards.log import to_line
from flashcards.model import FOUR_GRADES, GRADE_NAMES, Card, Event, Grade, Memory, Review, Sm2State, is_leech
from flashcards.replay import state_to
from flashcards.session.leeches import in_words
from flashcards.store import Row
from flashcards.ui.words import count, duration, interval, line, safe

LEAST_TOLD_MS = 500
"""Less is no time that a person took."""
SHOWN = 20
"""The latest events of a card."""


@click.command("show", epilog="\b\nExamples:\n  cards show venv/create\n  cards show create --json")
@click.argument("name", metavar="CARD", shell_complete=complete_cards)
@json_option
def command(name: str, *, as_json: bool) -> None:
    """Show a card, its schedule and its history."""
    import json

    with opened() as app:
        row = app.card(name)
        events = list(app.store.history(row.memory.card))
        wrong = mistakes(app, row.memory.card)
        if as_json:
            print_json(
                "cards.card/1",
                card=record(app, row),
                content=_plain(row.card._asdict() if row.card else None),
                log=[json.loads(to_line(event)) for event, _ in events],
                grades=[{"grade": grade, "name": name, **state_to(state)} for grade, name, state in _futures(app, row)],
                mistakes=[{"typed": text, "times": times} for text, times in wrong],
            )
            return
        click.echo(click.style(line(row.memory.card), bold=True) + ("  (retired)" if row.retired else ""))
        if row.card:
            _print_content(row.card)
        _print_schedule(app, row)
        if wrong:
            click.echo()
            say(f"typed wrong: {in_words([(line(text), times) for text, times in wrong])}", hang=2)
        _print_history(row, events)


def _print_history(row: Row, events: list[tuple[Event, Memory]]) -> None:
    reviews = sum(isinstance(event, Review) for event, _ in events)
    click.echo(f"\nhistory: {count(reviews, 'answer')}" if reviews else "\nhistory: none")
    known = [Memory(card=row.memory.card), *(memory for _, memory in events)]
    for before, (event, memory) in list(zip(known, events, strict=False))[-SHOWN:]:
        if not isinstance(event, Review):
            say(line(describe(event).removeprefix(f"{row.memory.card} ")), indent=2, hang=2)
            continue
        at = there(event)
        when = f"{at:%Y-%m-%d}" if is_narrow() else f"{at:%Y-%m-%d %H:%M}"
        moved = memory.state if memory.reviews > before.reviews else None
        after = interval(moved.interval_days) if moved else event.mode
        took = duration(event.took_ms or 0) if (event.took_ms or 0) >= LEAST_TOLD_MS else ""
        told, name = _told(event), GRADE_NAMES[event.grade]
        if is_narrow():
            say(f"{when}  {name:<6} {after:<6} {took}".rstrip(), indent=2, hang=2)
            if told:
                say(told.strip(), indent=4, hang=2)
        else:
            say(f"{when}  {name:<8} {after:<9} {took:<9}{told}".rstrip(), indent=2, hang=6)


def _told(review: Review) -> str:
    """What was typed, and what running it showed: `  touch b  (pass, 2 tries)`."""
    typed = f"  {cut(line(review.typed))}" if review.typed else ""
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
            say(line(f"{name}: {', '.join(getattr(card, name))}"), indent=2, hang=2)
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
    leech = state is not None and is_leech(state.lapses, app.leech_lapses)
    words = [
        word for word, on in (("suspended", memory.suspended), ("flagged", memory.flagged), ("a leech", leech)) if on
    ]
    if memory.buried_until and memory.buried_until > app.today:
        words.append(f"buried until {memory.buried_until}")
    if words:
        click.echo(", ".join(words))
    if memory.last_day is not None and memory.last_day >= app.today:
        say("graded today: another grade is a drill and leaves the schedule")
        return
    click.echo("if graded now:")
    for _, name, future in _futures(app, row):
        days = interval((future.due - app.today).days)
        click.echo(f"  {name:<6} {days:<6} {future.due}  ease {future.ease_hundredths / 100:.2f}")


def _futures(app: App, row: Row) -> list[tuple[Grade, str, Sm2State]]:
    """What each grade would lead to, if it were the first of today."""
    at, day, step = clock.now(), app.today, app.store.scheduler.step
    return [(g, GRADE_NAMES[g], step(row.memory.state, g, at, day, row.memory.card)) for g in FOUR_GRADES]
