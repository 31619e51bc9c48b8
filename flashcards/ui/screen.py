"""Draws the views of a sitting with rich: question, answer, end, keys. Writes, never reads.

Everything flows down the terminal and stays in its scrollback; only the foot,
the lines with the keys, is wiped when it has served. Nothing is said by
colour alone, and every text of a card or a person passes through `words.safe`.
"""

import os
import sys
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.console import Console
from rich.text import Text

from flashcards.model import GRADE_NAMES, Grade, Verdict
from flashcards.session import Answer, Choice, Done, Question, Ready
from flashcards.ui import grading, markdown, words

ACCENT, RIGHT, WRONG, UNSURE, DIM = "cyan", "green", "red", "yellow", "dim"
RIGHT_TEXT = f"bold {ACCENT}"
"""The answer itself."""
MEASURE = 88
"""Columns of prose; longer lines are hard to read. Commands and code take the whole width."""
BAR = 18
"""Columns of the progress bar where there is room."""
ROOMY = 60
"""Columns from which there is room for bars and long words."""
LABEL = 10
"""Columns of `yours` and `answer`."""
TAB = 4
"""Columns of a tab in a command."""
Keys = Sequence[tuple[str, str]]
"""Keys and what they do, the most useful first."""


class Summary(NamedTuple):
    """What the end screen says about today; the sitting itself does not know it."""

    retention_today: float | None = None
    """0 to 1; None where nothing was reviewed."""
    streak: int = 0
    """Study days in a row."""
    decks: tuple[tuple[str, int, int], ...] = ()
    """Title, known cards, all cards."""
    next_due: tuple[tuple[str, int], ...] = ()
    """When, and how many cards: ("tomorrow", 4)."""
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """A text beside its lead; it is wrapped at `indent`."""

    lead: Text | str = ""
    text: Text = Text()
    indent: int = 2
    wide: bool = False
    """Commands, output and paths take the whole width; prose does not."""


class Screen:
    """Where a sitting is drawn."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, markup=False, emoji=False)
        self.signs = words.signs(self.console.encoding)
        self._foot = 0
        self._foot_width = 0

    @property
    def width(self) -> int:
        """Columns now."""
        return self.console.width

    @property
    def color(self) -> bool:
        """Whether colours may be used."""
        return not self.console.no_color

    # ------------------------------------------------------------ the views

    def question(self, view: Question, *, plain: bool = False) -> None:
        """Deck and progress, then the question; `plain` where nothing heavy may be imported yet."""
        self._say("")
        self._say(_header(view, self.width, self.signs))
        if view.notice:
            self._say(Text(words.line(view.notice), DIM))
        self._say("")
        self._blocks(view.card.front, plain=plain)
        self._say("")

    def attempt(self, view: Question) -> None:
        """The command that did not pass, what was found, what it printed."""
        if view.attempt is not None:
            self._ran(view, view.attempt.typed, view.attempt.verdict)
            self._say("")

    def answer(self, view: Answer, excuse: Ready | None = None) -> None:
        """What the command did or where the text differs, what the words mean, the back of the card.

        `excuse` says why the command was not run.
        """
        card, shown = view.question.card, False
        if view.verdict is not None and view.comparison is None:
            self._effect(view, view.verdict)
            shown = True
        elif view.question.typed:
            self._text(view, excuse)
            shown = True
        if card.explain:
            self._say("" if shown else None)
            self.table(((f"`{words.line(word)}`", words.line(text)) for word, text in card.explain), indent=2)
            shown = True
        if card.back:
            self._say("" if shown else None)
            self._blocks(card.back)
        self._say("")

    def done(self, view: Done, summary: Summary, *, begun: bool = True) -> None:
        """The end: counts, retention, decks, streak, when the next cards come; not `begun` where nothing came up."""
        from flashcards.ui import ending  # nothing of it is on the way to the first question

        dot = f" {self.signs.dot} "
        self._say("")
        self._pieces(ending.counts(view, summary) if begun else [ending.NOTHING], dot)
        if view.notice:
            self._say(words.line(view.notice))
        for line in ending.decks(summary.decks, self.width, self.signs):
            self._say(line)
        self._pieces(ending.outlook(summary), dot)
        for note in summary.notes:
            self.dim(note)
        self._say("")

    def graded(self, choice: Choice, *, again: bool, interval: bool = True, opened: int = 0) -> None:
        """What a grade did, in place of the keys; `opened` cards had waited for it, and the sitting grows."""
        parts = [GRADE_NAMES[choice.grade]]
        parts += [words.interval(choice.interval_days)] if interval else []
        parts += ["once more today"] if again else []
        parts += [f"opens {words.count(opened, 'card')}"] if opened > 0 else []
        self.dim(f"{self.signs.go} {f' {self.signs.dot} '.join(parts)}")

    def help(self, scale: Sequence[Grade]) -> None:
        """Every key."""
        self.wipe()
        for title, keys in grading.explained(scale):
            self._say("")
            self._say(Text(title, "bold"))
            self.table(keys, indent=2)

    def verdict(self, verdict: Verdict) -> None:
        """What one run showed, without a sitting around it."""
        from flashcards.ui import verdict as drawing  # nothing of it is on the way to the first question

        self._rows(drawing.rows(verdict, self.signs))
        self.dim(drawing.measured(verdict))

    @property
    def roomy(self) -> bool:
        """Whether there is room for keys in full."""
        return self.width >= ROOMY

    def let_go(self) -> None:
        """The last that is drawn before a signal ends the program, where there still is a terminal."""
        try:
            self.wipe()
            self.flush()
        except OSError:  # hung up: what is left in the buffer goes nowhere, and does not change the exit code
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    # ------------------------------------------------------------ lines

    def dim(self, text: str) -> None:
        """A line of little weight."""
        self._say(Text(words.line(text), DIM))

    def error(self, message: str, hint: str) -> None:
        """Something went wrong and the person should know."""
        self.wipe()
        self._say("")
        self._say(Text.assemble((f"{self.signs.wrong} ", WRONG), (words.line(message), "bold")))
        if hint:
            self._indented(Text(words.line(hint)), 8, "  hint:")
        self._say("")

    def table(self, rows: Iterable[tuple[str, str]], *, indent: int = 0) -> None:
        """Two columns, the second wrapped beside the first; under it where the screen is narrow."""
        pairs = [(markdown.inline(left), markdown.inline(right)) for left, right in rows]
        most = max(self.width // 3, LABEL)
        column = min(max((left.cell_len for left, _ in pairs), default=0), most) + 4
        for left, right in pairs:
            if left.cell_len > column - 2:
                self._indented(left, indent, "")
                self._indented(right, indent + column, "")
            else:
                self._indented(right, indent + column, Text(" " * indent) + left)

    def keys(self, keys: Keys, width: int) -> str:
        """The line of keys: as many as fit in `width` columns, the last one always, for it leads to the others."""
        shown = [f"{key} {word}" for key, word in keys]
        while True:
            for between in (f" {self.signs.dot} ", "  "):
                line = between.join(shown)
                if len(line) <= width or len(shown) == 1:
                    return line
            del shown[-2]

    def suggestion(self, grade: Grade, why: str = "") -> Text:
        """The line that offers the suggested grade, and why it is that one."""
        line = Text.assemble((f"{self.signs.go} {GRADE_NAMES[grade]}", f"bold {ACCENT}"), ", enter to accept")
        return line.append(f" {self.signs.dot} {why}", DIM) if why else line

    def command(self, view: Question, typed: str) -> Text:
        """The prompt, and behind it what was typed there."""
        return Text.assemble((prompt(view, self.signs), ACCENT), words.safe(typed).expandtabs(TAB))

    def note(self, text: str) -> list[Text]:
        """A word to the person, to stand in the foot; nothing for no words."""
        if not text:
            return []
        return [Text.assemble((f"{self.signs.unsure} ", UNSURE)).append_text(markdown.inline(words.line(text)))]

    # ------------------------------------------------------------ the foot

    def clear(self) -> None:
        """An empty screen."""
        self._foot = 0
        self.console.clear()

    def flush(self) -> None:
        """Everything written is on its way to the terminal."""
        self.console.file.flush()

    def foot(self, lines: Sequence[Text | str]) -> None:
        """The last lines of the screen, without a line end: they are wiped when they have served."""
        self.wipe()
        shown = [part for line in lines for part in self._wrapped(line, self.width - 1)]
        for index, line in enumerate(shown):
            self.console.print(line, end="" if index == len(shown) - 1 else "\n", soft_wrap=True)
        self._foot, self._foot_width = len(shown), self.width
        self.console.file.flush()

    def wipe(self) -> None:
        """Takes the foot off the screen; after a resize it stays, since nobody knows where it is."""
        rows, self._foot = self._foot, 0
        if not rows:
            return
        if self.console.is_terminal and self._foot_width == self.width:
            up = f"\x1b[{rows - 1}A" if rows > 1 else ""
            self.console.file.write(f"\r{up}\x1b[J")
        else:
            self.console.file.write("\n")

    def leave(self) -> None:
        """The foot stays where it is: the shell had the screen, and what stands there now is not ours."""
        self._foot = 0

    def park(self, prompt: str) -> None:
        """Draws the foot of an answer line that is about to open: the prompt, and the cursor behind it."""
        if not self.console.is_terminal:
            return
        rows = self._foot
        up = f"\x1b[{rows - 1}A" if rows > 1 else ""
        self.console.file.write(f"\r{up}\x1b[{len(prompt)}C")
        self.console.file.flush()
        self._foot = 1

    # ------------------------------------------------------------ pieces

    def _say(self, line: Text | str | None) -> None:
        if line is None:
            return
        self.wipe()
        self.console.print(line, width=min(self.width, MEASURE), overflow="fold")

    def _wrapped(self, line: Text | str, width: int) -> list[Text]:
        text = Text(line) if isinstance(line, str) else line
        return list(text.wrap(self.console, max(width, 1), overflow="fold")) or [Text()]

    def _blocks(self, source: str, *, plain: bool = False) -> None:
        for block in markdown.blocks(source, plain=plain):
            if block.gap:
                self._say("")
            self._indented(block.text, block.indent, Text(block.lead), wide=block.code)

    def _indented(self, text: Text, indent: int, lead: Text | str, *, wide: bool = False) -> None:
        """`text` wrapped beside `lead`."""
        self.wipe()
        width = self.width if wide else min(self.width, MEASURE)
        first = Text().append_text(Text(lead) if isinstance(lead, str) else lead)  # its style ends with it
        for line in self._wrapped(text, max(width - indent, LABEL)):
            first.append(" " * (indent - first.cell_len))
            first.append_text(line)
            first.rstrip()
            self.console.print(first, soft_wrap=True)
            first = Text()

    def _pieces(self, pieces: Sequence[str], between: str) -> None:
        """Short facts in one line, or in several, broken between the facts."""
        line = ""
        for piece in pieces:
            if line and len(line + between + piece) > min(self.width, MEASURE):
                self._say(Text(line))
                line = ""
            line = line + between + piece if line else piece
        self._say(Text(line) if line else None)

    def _ran(self, view: Question, typed: str, verdict: Verdict) -> None:
        """`bash ▸ python3 -m venv venv     0.4 s  strong`, and below it what running it showed."""
        from flashcards.ui import verdict as drawing  # nothing of it is on the way to the first question

        lead, text = Text(prompt(view, self.signs), ACCENT), Text(words.safe(typed).expandtabs(TAB))
        measured = drawing.measured(verdict)
        room = min(self.width, MEASURE) - lead.cell_len - text.cell_len - len(measured)
        if "\n" not in typed and room >= 2:  # noqa: PLR2004  (columns between the two)
            text.append(" " * room).append(measured, DIM)
            measured = ""
        self._indented(text, lead.cell_len, lead, wide=True)
        if measured:
            self.dim(measured)
        self._say("")
        self._rows(drawing.rows(verdict, self.signs))

    def _effect(self, view: Answer, verdict: Verdict) -> None:
        """An answer that was judged by its effect; the deck's own text where another one did it, too."""
        from flashcards.ui import comparison  # as above

        typed = view.typed or ""
        self._ran(view.question, typed, verdict)
        if typed.strip() != view.question.answer.strip():
            self._say("")
            self._rows([comparison.main(view)])

    def _text(self, view: Answer, excuse: Ready | None) -> None:
        """An answer that was compared, and why: the machine could not say, or the command was not run at all."""
        from flashcards.ui import comparison  # as above
        from flashcards.ui import verdict as drawing

        self._rows(comparison.rows(view, self.width, self.signs))
        if view.verdict is not None:
            self._say("")
            self._rows(drawing.rows(view.verdict, self.signs))
        elif excuse is not None:
            self._say("")
            self._rows(drawing.not_run(excuse.why_not, excuse.cure, self.signs), DIM)

    def _rows(self, rows: Iterable[Row], style: str = "") -> None:
        for row in rows:
            lead = Text(row.lead) if isinstance(row.lead, str) else row.lead
            text = row.text.copy()
            text.stylize(style)
            self._indented(text, row.indent, lead, wide=row.wide)


def prompt(view: Question, signs: words.Signs) -> str:
    """What stands before the answer line: the shell in which it is meant, where the effect of a command counts."""
    name = words.line(view.shell) if view.card.run else ""
    return f"{name} {signs.go} " if name else f"{signs.go} "


# ---------------------------------------------------------------- question


def _header(view: Question, width: int, signs: words.Signs) -> Text:
    """`venv  3/7 ━━━──────          review · due 2 days ago`, shorter where it has to be."""
    width = min(width, MEASURE)
    left = Text.assemble((words.line(view.card.deck), "bold"), f"  {view.number}/{view.total} ")
    if width >= ROOMY:
        done = view.total if view.phase == "drill" else view.number - 1
        full = BAR * done // max(view.total, 1)
        left.append(signs.full * full, ACCENT).append(signs.rest * (BAR - full), DIM)
    left.rstrip()
    for right in _standing(view, f" {signs.dot} "):
        room = width - left.cell_len - len(right)
        if room >= 2:  # noqa: PLR2004  (columns between the two)
            return left.append(" " * room).append(right, DIM)
    return left


def _standing(view: Question, dot: str) -> list[str]:
    """Where the card stands, in words; long, then shorter."""
    phase = {"new": "new", "review": "review", "drill": "once more", "cram": "cram", "practice": "practice"}[view.phase]
    late = words.overdue(view.overdue_days) if view.phase == "review" else ""
    left = f"{view.drills} left" if view.phase == "drill" else ""
    flag = "flagged" if view.flagged else ""
    found = [[flag, phase, late, left], [phase, late, left], [late or left or phase], [phase]]
    return [dot.join(filter(None, parts)) for parts in found]
