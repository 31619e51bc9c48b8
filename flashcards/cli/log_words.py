"""What was done, in words: one line for an event, and for a batch its counts."""

from flashcards.cli.undo import MARKED
from flashcards.model import GRADE_NAMES, Baseline, Event, Mark, Restore, Review, Setting, Undo
from flashcards.store.actions import Action
from flashcards.ui.words import count, line

LONGEST = 200
"""Characters of what was typed; `--json` has all of it."""
NAMED = 3
"""Cards of a batch that are named."""
MODES = {"scheduled": "", "drill": " in a drill", "cram": " in a cram"}
KIND_OF_MARK = {"unbury": "resume", "unflag": "flag", "was": "rename"}


def kind_of(event: Event) -> str:
    """What an event is, in the words of `--kind`; `unknown` for what a newer version wrote."""
    if isinstance(event, Review):
        return "import" if event.mode == "imported" else "grade"
    if isinstance(event, Mark):
        return KIND_OF_MARK.get(event.mark, event.mark)
    if isinstance(event, Baseline):
        return "import"
    return type(event).__name__.lower()


def kind(action: Action) -> str:
    """What an action is."""
    if isinstance(action.event, Restore):
        return "restore" if action.takes > action.undos else "import"
    return "import" if action.is_batch and _imports(action) else kind_of(action.event)


def says(action: Action, target: Action | None = None) -> str:
    """What was done; of an undo, what it took back."""
    if isinstance(action.event, Undo):
        return _undo(action.event, target)
    if isinstance(action.event, Restore):
        return _restored(action)
    said = line(_batch(action) if action.is_batch and action.events > 1 else _event(action.event))
    return f"{said}; what was typed is taken out" if action.redacted else said


def _undo(undo: Undo, target: Action | None) -> str:
    if target is None:
        return line(f"took back what this log does not have: {undo.target}")
    return (
        "took back an undo, which changes nothing" if isinstance(target.event, Undo) else f"took back: {says(target)}"
    )


def _restored(action: Action) -> str:
    """A restore, or the import of a log: what came, and what was taken back."""
    came = f"{_many(action.brings, 'event')} came" if action.brings else ""
    if not action.takes:
        return f"imported a log: {came or 'nothing new'}"
    if action.takes == action.undos:
        return f"brought back what had been undone{', ' if came else ''}{came}"
    return f"restored an earlier state: {action.takes:,} taken back{', ' if came else ''}{came}"


def _event(event: Event) -> str:
    match event:
        case Review():
            return _review(event)
        case Mark():
            return _mark(event)
        case Baseline():
            return f"took over a schedule: {event.card}"
        case Setting():
            value = str(event.value).lower() if isinstance(event.value, bool) else event.value
            where = f" for the deck {event.deck}" if event.deck else ""
            return f"setting {event.name} {'back to its default' if value is None else value}{where}"
        case _:
            return f"something that a newer version knows: {getattr(event, 'kind', '')}"


def _review(review: Review) -> str:
    grade = GRADE_NAMES[review.grade]
    if review.mode == "imported":
        return f"imported an answer, graded {grade}: {review.card}"
    typed = f", `{cut(line(review.typed))}`" if review.typed else ""
    tries = f", {'1 try' if review.tries == 1 else f'{review.tries} tries'}" if review.tries else ""
    verdict = f" ({review.verdict}{tries})" if review.verdict else ""
    return f"graded {grade}{MODES[review.mode]}: {review.card}{typed}{verdict}"


def _mark(mark: Mark) -> str:
    match mark.mark:
        case "was":
            return f"{mark.card} took over the history of {mark.value}"
        case "bury":
            return f"buried until {mark.value}: {mark.card}"
        case "due":
            return f"set due on {mark.value}: {mark.card}"
        case "redact":
            return f"took a text out of the log: {mark.card}"
        case "reset" if mark.value:
            return f"started anew, as revision {mark.value}: {mark.card}"
        case _:
            return f"{MARKED.get(mark.mark, mark.mark)}: {mark.card}"


def _batch(action: Action) -> str:
    action = action._replace(contents=tuple(one for one in action.contents if one[0] != "restore"))  # a means only
    marks = [said for kind, said, _ in action.contents if kind == "mark"]
    if _imports(action):
        return _import(action)
    if not action.contents:
        return f"{action.events:,} events at once"
    if marks == ["redact"]:
        return f"took {_many(action.events, 'text')} out of the log: {_names(action)}"
    if len(marks) < len(action.contents):
        return _mixed(action, marks)
    if marks == ["was"]:
        return f"{count(action.cards_count, 'card')} took over other histories: {_names(action)}"
    words = MARKED.get("resume" if set(marks) == {"unbury", "resume"} else marks[0], marks[0])
    if len(marks) > 1 and set(marks) != {"unbury", "resume"}:
        words = ", ".join(MARKED.get(mark, mark) for mark in marks)
    number = f" {count(action.cards_count, 'card')}" if action.cards_count > 1 else ""
    return f"{words}{number}: {_names(action)}"


def _mixed(action: Action, marks: list[str]) -> str:
    """A grade that made a leech; or what only another program puts together."""
    if isinstance(action.event, Review) and len(marks) == action.events - 1:
        return f"{_event(action.event)}; a leech, {', '.join(MARKED.get(mark, mark) for mark in marks)}"
    told: dict[str, int] = {}
    for kind, said, number in action.contents:
        word = "graded" if kind == "review" else MARKED.get(said, said) or kind
        told[word] = told.get(word, 0) + number
    return f"{_many(action.events, 'event')} at once: {', '.join(f'{n:,} {word}' for word, n in told.items())}"


def _import(action: Action) -> str:
    if not action.contents:
        return f"imported the history of many cards: {action.events:,} events"
    reviews = sum(number for kind, _, number in action.contents if kind == "review")
    schedules = sum(number for kind, _, number in action.contents if kind == "baseline")
    marks = sum(number for kind, _, number in action.contents if kind == "mark")
    told = [(reviews, "answer"), (schedules, "schedule"), (marks, "mark")]
    parts = ", ".join(_many(number, noun) for number, noun in told if number)
    cards = _many(action.cards_count, "card")
    return f"imported the history of {cards}: {parts} ({_names(action)})"


def _imports(action: Action) -> bool:
    if not action.contents:
        return kind_of(action.event) == "import"
    return any(kind == "baseline" or said == "imported" for kind, said, _ in action.contents)


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun if number == 1 else f'{noun}s'}"


def _names(action: Action) -> str:
    more = max(action.cards_count, len(action.cards)) - NAMED
    return ", ".join(action.cards[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


def cut(text: str) -> str:
    """What was typed, as far as a line of a list has room for it."""
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
