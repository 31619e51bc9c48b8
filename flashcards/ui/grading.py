"""The grades on screen: which key gives which, what each would do, and every other key in words."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from rich.text import Text

from flashcards.model import GRADE_NAMES, Grade
from flashcards.session import Choice
from flashcards.ui import words

LETTERS: Mapping[str, Grade] = MappingProxyType({"a": Grade.WRONG, "h": Grade.HARD, "g": Grade.GOOD, "e": Grade.EASY})
"""Beside the numbers, at every scale."""
KEY, INTERVAL = "bold cyan", "dim"
FIRST_GAP, LEAST_GAP = 4, 2
"""Columns between two choices."""


def grade_of(key: str, choices: Sequence[Choice]) -> Choice | None:
    """The choice behind a key: its number, or `a h g e`."""
    for index, choice in enumerate(choices):
        if key == _key(choice, index, len(choices)) or LETTERS.get(key) == choice.grade:
            return choice
    return None


def choice_of(grade: Grade, choices: Sequence[Choice]) -> Choice | None:
    """The choice of a grade; the nearest below it where the scale leaves it out."""
    return max((choice for choice in choices if choice.grade <= grade), default=None)


def grade_keys(choices: Sequence[Choice]) -> str:
    """The keys that grade, in a row: `1 2 3 4`."""
    return " ".join(_key(choice, index, len(choices)) for index, choice in enumerate(choices))


def rows(choices: Sequence[Choice], width: int, *, intervals: bool = True) -> list[Text]:
    """The grades with their keys and next intervals: one row, or a grid where `width` columns ask for it.

    Without `intervals` where no grade moves the schedule.
    """
    cells = [_cell(choice, index, len(choices), interval=intervals) for index, choice in enumerate(choices)]
    for gap in (FIRST_GAP, LEAST_GAP):
        row = Text(" " * gap).join(cells)
        if row.cell_len < width:
            return [row]
    wide = max(cell.cell_len for cell in cells) + LEAST_GAP
    return _grid(cells, max((width - 1) // wide, 1), wide)


def explained(scale: Sequence[Grade]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Every key and what it does, under a heading each."""
    if len(scale) > len(LETTERS):
        grades = " ".join(str(int(grade)) for grade in scale)
    else:
        grades = " ".join(str(index + 1) for index in range(len(scale)))
    names = ", ".join(GRADE_NAMES[grade] for grade in scale)
    everywhere = [
        ("space  enter", "show the answer"),
        (grades, f"{names} (or a h g e)"),
        ("enter", "take the grade that is suggested"),
        ("u", "undo, as often as you like"),
        ("s", "skip: the card stays due"),
        ("b", "bury: the card comes back tomorrow"),
        ("!", "suspend: the card stays away until you resume it"),
        ("f", "flag the card, or take the flag off"),
        ("e  E", "edit the card in your editor; with the grades on screen `e` is easy, `E` edits"),
        ("r", "grade the last card anew"),
        ("q", "quit; what is graded stays graded"),
    ]
    typing = [
        ("enter", "check or run the answer; twice on an empty line: see the answer"),
        ("ctrl-g", "give up and see the answer"),
        ("esc, then a key", "any of `u s b ! f e r q ?`, while the line is empty"),
        ("esc, then enter", "a new line in the answer"),
        ("ctrl-c", "stop the command that runs; clear the line; leave if it is empty"),
        ("ctrl-d", "leave, if the line is empty"),
        ("ctrl-z", "to the shell; `fg` comes back, the watch stands still"),
    ]
    return [("keys", everywhere), ("while an answer is typed", typing)]


def _key(choice: Choice, index: int, many: int) -> str:
    """1 to 4 for four grades; for SM-2's six the grade itself."""
    return str(int(choice.grade)) if many > len(LETTERS) else str(index + 1)


def _cell(choice: Choice, index: int, many: int, *, interval: bool) -> Text:
    cell = Text.assemble((_key(choice, index, many), KEY), f" {GRADE_NAMES[choice.grade]}")
    return cell.append(f" {words.interval(choice.interval_days)}", INTERVAL) if interval else cell


def _grid(cells: Sequence[Text], columns: int, wide: int) -> list[Text]:
    rows: list[Text] = []
    for at in range(0, len(cells), columns):
        row = Text()
        for cell in cells[at : at + columns]:
            row.append_text(cell).append(" " * (wide - cell.cell_len))
        row.rstrip()
        rows.append(row)
    return rows
