"""Small wording for the screen: safe text, intervals, durations, counts, and signs for every locale."""

import re
from collections.abc import Iterator
from typing import NamedTuple

DAYS_IN_A_YEAR = 365.25
DAYS_IN_A_MONTH = DAYS_IN_A_YEAR / 12

_UNSAFE = r"""(?x)
    \x1b [\[] [0-?]* [ -/]* [@-~]                     # a control sequence: colours, cursor, paste marks
  | \x1b [\]PX^_] .*? (?: \x07 | \x1b\\ | \x9c | $ )  # OSC, DCS, SOS, PM, APC up to their end
  | \x9b [0-?]* [ -/]* [@-~]
  | [\x90\x98\x9d\x9e\x9f] .*? (?: \x07 | \x1b\\ | \x9c | $ )
  | \x1b [ -/]* [0-~]?
  | [\x00-\x08\x0b-\x1f\x7f-\x9f]                     # what is left of C0 and C1, all but tab and line feed
  | [\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]
  | [\xad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\U0001d173-\U0001d17a]
  | [\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]      # tags; what selects variants of letters stays
"""
_JOINERS = r"(?<![^\x00-\x7f])[\u200c\u200d]+|(?<=[\u200c\u200d])[\u200c\u200d]+"
"""They belong between letters of some scripts and inside emoji; anywhere else they only hide."""
_INVISIBLE_THOUGH_PRINTABLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
MOST_MARKS = 8
"""Marks above and below one letter; no script writes so many, and a pile of them runs over the lines around it."""
_PILES = r"[^\x00-\x7f]{9,}"
"""Where there may be one: more signs beyond ASCII in a row than that."""


class Signs(NamedTuple):
    """The few signs a screen uses."""

    right: str
    wrong: str
    unsure: str
    full: str
    rest: str
    block: str
    light: str
    dot: str
    go: str
    spin: str
    """The frames of something that turns."""


UNICODE = Signs(
    right="✓", wrong="✗", unsure="?", full="━", rest="─", block="█", light="░", dot="·", go="▸", spin="⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
)
ASCII = Signs(right="+", wrong="x", unsure="?", full="=", rest="-", block="#", light=".", dot=".", go=">", spin="|/-\\")


def signs(encoding: str | None) -> Signs:
    """The signs that `encoding` can write."""
    try:
        "".join(UNICODE).encode(encoding or "ascii")
    except (UnicodeError, LookupError):
        return ASCII
    return UNICODE


def safe(text: str) -> str:
    """`text` without anything that a terminal would obey: escape sequences, controls, bidi and invisible marks.

    Tabs and line ends stay. Every text of a deck or of a person passes here before it is drawn.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.replace("\n", "").isprintable() or not _INVISIBLE_THOUGH_PRINTABLE.isdisjoint(text):
        # Few texts; the expressions are compiled for them.
        text = re.sub(_JOINERS, "", re.sub(_UNSAFE, "", text, flags=re.DOTALL))
    return text if text.isascii() else re.sub(_PILES, lambda found: "".join(_few_marks(found[0], "")), text)


def one_for_one(text: str, sign: str) -> str:
    """`text` with a sign in the place of what hides or turns letters round: as long as before, for a cursor in it.

    Controls stay: who asks shows them in a way of its own.
    """
    if text.isascii():
        return text
    shown = (one if one < "\xa0" or one in "\u200c\u200d" or safe(one) else sign for one in text)
    return "".join(_few_marks("".join(shown), sign))


def _few_marks(text: str, instead: str | None) -> Iterator[str]:
    """The signs of a text; what is too much of a pile of marks is `instead`, or where that is None, an escape."""
    marks = 0
    for sign in text:
        marks = marks + 1 if _is_mark(sign) else 0
        yield sign if marks <= MOST_MARKS else _units_of(sign) if instead is None else instead


def _is_mark(sign: str) -> bool:
    """Whether it stands on the letter before it: what may go on with a name but is neither letter nor digit.

    The tables of Unicode would tell, for a millisecond at the start.
    """
    return not sign.isalnum() and (f"a{sign}".isidentifier() or sign in _ENCLOSING)


_ENCLOSING = frozenset("\u0488\u0489\u20dd\u20de\u20df\u20e0\u20e2\u20e3\u20e4\ua670\ua671\ua672")


def escaped(json: str) -> str:
    """JSON text with its controls, bidi and invisible marks written as JSON's escapes: the same to every reader."""
    if not json.replace("\n", "").isprintable() or not _INVISIBLE_THOUGH_PRINTABLE.isdisjoint(json):
        json = re.sub(r"[^\n -~]", _as_escape, json)
    return json if json.isascii() else re.sub(_PILES, lambda found: "".join(_few_marks(found[0], None)), json)


def _as_escape(found: re.Match[str]) -> str:
    hidden = not found[0].isprintable() or found[0] in _INVISIBLE_THOUGH_PRINTABLE
    return _units_of(found[0]) if hidden else found[0]


def _units_of(sign: str) -> str:
    return "".join(f"\\u{unit:04x}" for unit in _units(sign))


def _units(text: str) -> list[int]:
    """The code units of UTF-16, in which JSON counts."""
    data = text.encode("utf-16-be", "surrogatepass")
    return [int.from_bytes(data[at : at + 2], "big") for at in range(0, len(data), 2)]


def line(text: str) -> str:
    """`text` made safe, on one line."""
    return " ".join(safe(text).split())


def count(number: int, noun: str) -> str:
    """A number and its noun: `1 card`, `1,200 cards`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def interval(days: int) -> str:
    """A distance in days, short: `today`, `15d`, `4.2mo`, `1.3y`."""
    if days <= 0:
        return "today"
    if days < DAYS_IN_A_MONTH:
        return f"{days}d"
    months = days / DAYS_IN_A_MONTH
    if round(months, 1) < 12:  # noqa: PLR2004  (months in a year)
        return f"{_short(months)}mo"
    return f"{_short(days / DAYS_IN_A_YEAR)}y"


def overdue(days: int) -> str:
    """How late a card comes: `due 2 days ago`, or nothing on its day."""
    return f"due {count(days, 'day')} ago" if days > 0 else ""


def duration(milliseconds: int) -> str:
    """Time spent: `45 s`, `3 min 10 s`, `1 h 5 min`."""
    seconds = round(milliseconds / 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = ((hours, "h"), (minutes, "min"), (seconds if not hours else 0, "s"))
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 s"


def seconds(number: float) -> str:
    """How long a command took: `7 ms`, `0.4 s`, `12.0 s`, `1 min 5 s`."""
    if number < 0.1:  # noqa: PLR2004  (a tenth is the least that the next line can say)
        return f"{int(number * 1000)} ms"
    return f"{number:.1f} s" if number < 60 else duration(int(number * 1000))  # noqa: PLR2004  (seconds in a minute)


def percent(share: float) -> str:
    """A share, 0 to 1, as whole per cent: `86 %`."""
    return f"{round(share * 100)} %"


def _short(number: float) -> str:
    """One digit behind the point, none from ten on or where it is a nought."""
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}".removesuffix(".0")  # noqa: PLR2004  (prints as 10)
