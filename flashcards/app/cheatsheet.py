"""A cheat-sheet in Markdown: the commands of a deck to be looked up and run, the rest as short text."""

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from flashcards.app import App
from flashcards.model import Card, Memory

if TYPE_CHECKING:
    from flashcards.store import Row

Only = Literal["all", "mastered", "failing"]
MASTERED_DAYS = 21
"""From this interval on a card counts as mastered; other programs call it mature (Anki does)."""
LANGUAGES = {"bash": "bash", "zsh": "zsh", "fish": "fish", "pwsh": "powershell", "cmd": "bat", "windows": "bat"}
"""What a fenced block says of its shell; `sh` for all others."""
TICKS = re.compile("`+")


def write(app: App, decks: Sequence[str], only: Only = "all") -> Iterator[str]:
    """The cheat-sheet of the decks, in pieces."""
    titles = {source.deck: source.title for source in app.store.decks()}
    for deck in decks or titles:
        yield f"# {_one_line(titles[deck] or deck)}\n"
        rows = [row for row in app.store.all_rows([deck]) if row.card and not row.retired]
        notes: dict[str, list[Row]] = {}
        for row in rows:
            if row.card:
                notes.setdefault(row.card.note, []).append(row)
        for group in notes.values():
            if any(fits(row.memory, only) for row in group) and group[0].card:
                yield "\n" + "\n\n".join(_entry(group[0].card)) + "\n"


def fits(memory: Memory, only: Only) -> bool:
    """Whether a card is to be there."""
    if only == "all":
        return True
    state = memory.state
    if state is None:
        return False
    mastered = state.repetitions > 0 and state.interval_days >= MASTERED_DAYS
    return mastered if only == "mastered" else not mastered and (state.lapses > 0 or state.repetitions == 0)


def _entry(card: Card) -> Iterator[str]:
    """The paragraphs of a card."""
    if card.kind == "cloze":
        yield card.back
    elif is_command(card):
        for shell, answer in card.answer.items():
            yield _block(card.front, answer, LANGUAGES.get(shell, "sh"))
    else:
        yield f"**{_one_line(card.front)}**"
        yield from dict.fromkeys(card.answer.values())
    if card.kind != "cloze" and card.back:
        yield card.back
    if card.explain:
        yield "\n".join(f"- {_code(word)}: {_one_line(said)}" for word, said in card.explain)


def is_command(card: Card) -> bool:
    """Whether the answer is for a shell: it is run, explained word by word, or another one elsewhere."""
    return bool(card.answer) and bool(card.run or card.explain or set(card.answer) != {""})


def _block(question: str, answer: str, language: str) -> str:
    """A fenced block that can be run as it is: the question as a comment, then the command."""
    mark = "::" if language == "bat" else "#"
    comment = "\n".join(f"{mark} {line}".rstrip() for line in question.splitlines())
    fence = _fence(f"{comment}\n{answer}", 3)
    return f"{fence}{language}\n{comment}\n{answer}\n{fence}"


def _code(word: str) -> str:
    tick = _fence(word, 1)
    space = " " if word.startswith("`") or word.endswith("`") else ""
    return f"{tick}{space}{_one_line(word)}{space}{tick}"


def _fence(text: str, least: int) -> str:
    """More backticks than there are anywhere in the text."""
    longest = max((len(found) for found in TICKS.findall(text)), default=0)
    return "`" * max(least, longest + 1)


def _one_line(text: str) -> str:
    return " ".join(text.split())
