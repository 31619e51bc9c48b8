"""A sitting line by line: for scripts, screen readers and terminals that can do nothing.

Text goes out in blocks, a line comes in for every prompt; nothing is redrawn,
boxed or coloured, and Markdown stays as it was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TextIO

from flashcards.answers import Comparison
from flashcards.errors import BadRequest
from flashcards.model import GRADE_NAMES, Grade
from flashcards.session import Answer, Choice, Done, Question, Session, View
from flashcards.ui.words import count, duration, safe
from flashcards.ui.words import line as one_line

Summary = Callable[[Done], Iterable[str]]

KEYS = (
    "at a question: the answer, or an empty line to see it",
    "at an answer: 1 2 3 4, or again hard good easy, or a h g e; an empty line takes the suggestion",
    "commands: u undo, s skip, b bury, ! suspend, f flag, r regrade, q quit, ? keys",
    "at a question commands begin with a colon, as in :u; :g gives up; an answer such as :x is written ::x",
)


def run(
    session: Session,
    *,
    read: TextIO,
    write: TextIO,
    notes: Iterable[str] = (),
    summary: Summary | None = None,
    forgiving: bool = False,
) -> int:
    """Asks until the cards, the input or the person is done; the exit code.

    `notes` are lines to say first, `summary` makes the last ones. A line that
    makes no sense raises BadRequest, so that a script never goes on with the
    wrong card; `forgiving`, for a person, says what is wrong and asks again.
    """
    talk = _Talk(session, read, write, forgiving=forgiving)
    talk.say(notes)
    if isinstance(session.view, Done) and not session.view.left:
        talk.say(["nothing is due"])
        return 0
    if forgiving:
        talk.say(["at every prompt `:?` lists the commands, `:q` quits"])
    while not isinstance(session.view, Done):
        talk.show(session.view)
        line = talk.ask(session.view)
        if line is None:
            session.quit()
        else:
            talk.take(line)
    talk.say((summary or summed)(session.view))
    return 0


class _Talk:
    """The two streams, and what was said last."""

    def __init__(self, session: Session, read: TextIO, write: TextIO, *, forgiving: bool) -> None:
        self._session = session
        self._read = read
        self._write = write
        self._forgiving = forgiving
        self._shown: View | None = None

    def say(self, lines: Iterable[str]) -> None:
        """Writes the lines, each made safe."""
        self._write.writelines(f"{safe(line)}\n" for text in lines for line in text.split("\n"))
        self._write.flush()

    def show(self, view: View) -> None:
        """Writes a view, once."""
        if view is not self._shown:
            self._shown = view
            self.say(_block(view))

    def ask(self, view: View) -> str | None:
        """The next line, without its end; None at the end of input."""
        if self._forgiving:
            self._write.write(_prompt(view))
            self._write.flush()
        line = self._read.readline()
        if not line and self._forgiving:
            self.say([""])
        return line.removesuffix("\n").removesuffix("\r") if line else None

    def take(self, line: str) -> None:
        """Does what the line says."""
        try:
            command = _command(line, self._session.view, forgiving=self._forgiving)
            if command is None:
                _answer_or_grade(self._session, line)
            elif command == "?":
                self.say(KEYS)
            else:
                _COMMANDS[command](self._session)
                self._tell_flag(command)
        except BadRequest as error:
            if not self._forgiving:
                raise
            self.say([error.message, *([f"hint: {error.hint}"] if error.hint else [])])

    def _tell_flag(self, command: str) -> None:
        """A flag alone is no reason to read the card out again."""
        view = self._session.view
        if command == "f" and not isinstance(view, Done):
            self._shown = view
            question = view.question if isinstance(view, Answer) else view
            self.say(["flagged" if question.flagged else "no longer flagged"])


# ---------------------------------------------------------------- in

_COMMANDS: Mapping[str, Callable[[Session], View]] = MappingProxyType(
    {
        "u": Session.undo,
        "s": Session.skip,
        "b": Session.bury,
        "!": Session.suspend,
        "f": Session.flag,
        "r": Session.regrade,
        "q": Session.quit,
        "g": lambda session: session.reveal(""),
    }
)
_WORDS = MappingProxyType(
    {
        "undo": "u",
        "skip": "s",
        "bury": "b",
        "suspend": "!",
        "flag": "f",
        "regrade": "r",
        "quit": "q",
        "keys": "?",
    }
)
_LETTERS = MappingProxyType({"a": Grade.WRONG, "h": Grade.HARD, "g": Grade.GOOD, "e": Grade.EASY})
_NAMES: Mapping[str, Grade] = MappingProxyType({name: grade for grade, name in GRADE_NAMES.items()})


def _command(line: str, view: View, *, forgiving: bool) -> str | None:
    """The letter of the command that the line is, or None for an answer or a grade; raises BadRequest.

    A person (`forgiving`) needs no colon where nothing is to be typed, and does no harm with one at an answer;
    a script that is out of step has to be stopped.
    """
    word = line.strip().lower()
    at_answer = isinstance(view, Answer)
    if at_answer or (forgiving and isinstance(view, Question) and not view.typed):
        bare = word.removeprefix(":") if forgiving else word
        letter = _WORDS.get(bare, bare)
        if letter == "?" or (letter in _COMMANDS and letter != "g"):
            return letter
    if at_answer or not line.startswith(":") or line.startswith("::"):
        return None
    letter = _WORDS.get(word[1:], word[1:])
    if letter != "?" and letter not in _COMMANDS:
        raise BadRequest(
            f"no command `{one_line(word)[:40]}`",
            hint="`:?` lists them; an answer that begins with a colon is written with two",
        )
    return letter


def _answer_or_grade(session: Session, line: str) -> None:
    if isinstance(session.view, Answer):
        session.grade(_grade(line, session.view))
    elif isinstance(session.view, Question):
        session.reveal(line.removeprefix(":") if session.view.typed else None)


def _grade(line: str, answer: Answer) -> Grade:
    """The grade that the line names: a digit, a name, a letter, or nothing for the suggestion."""
    text = line.strip().lower()
    grades = _digits(answer) | {n: g for n, g in (_NAMES | _LETTERS).items() if g in _scale(answer)}
    if not text and answer.suggested is not None:
        return answer.suggested
    if text not in grades:
        raise BadRequest(
            f"`{one_line(line)[:40]}` is no grade" if text else "no grade, and nothing is suggested",
            hint="grades: " + ", ".join(f"{d} {GRADE_NAMES[g]}" for d, g in _digits(answer).items()),
        )
    return grades[text]


def _scale(answer: Answer) -> list[Grade]:
    return [choice.grade for choice in answer.choices]


def _digits(answer: Answer) -> dict[str, Grade]:
    """What the digits mean: the grade itself on the scale of 0 to 5, else its place from 1."""
    scale = _scale(answer)
    whole = Grade.BLACKOUT in scale
    return {str(int(grade) if whole else place): grade for place, grade in enumerate(scale, 1)}


# ---------------------------------------------------------------- out


def summed(done: Done) -> Iterator[str]:
    """The end of a sitting in two lines."""
    yield ""
    yield (
        f"done: {count(done.reviewed, 'card')}, {done.right_at_once} right at once, "
        f"{count(done.drilled, 'drill')}, {done.skipped} skipped, {duration(done.took_ms)}"
    )
    if done.left:
        yield f"{count(done.left, 'card')} left"


def _block(view: View) -> Iterator[str]:
    yield ""
    if isinstance(view, Question):
        yield from _question(view)
    elif isinstance(view, Answer):
        yield from _answer(view)


def _question(question: Question) -> Iterator[str]:
    if question.notice:
        yield f"note: {question.notice}"
    drill = question.phase == "drill"
    place = f"{count(question.drills, 'card')} to come back" if drill else f"card {question.number} of {question.total}"
    details: list[str] = [question.card.id, question.phase]
    if question.overdue_days:
        details.append(f"{count(question.overdue_days, 'day')} overdue")
    if question.flagged:
        details.append("flagged")
    yield f"{place}: {', '.join(details)}"
    yield question.card.front


def _answer(answer: Answer) -> Iterator[str]:
    question = answer.question
    if answer.comparison:
        yield _verdict(answer.comparison, answer.typed or "")
    texts = [text for text in (question.answer, question.card.back) if text]
    yield from _labelled("answer", texts[0] if texts else "")
    yield from texts[1:]
    for part, meaning in question.card.explain:
        yield f"{part}: {meaning}"
    digits = {grade: digit for digit, grade in _digits(answer).items()}
    for choice in answer.choices:
        yield f"{digits[choice.grade]} {GRADE_NAMES[choice.grade]}: {_interval(choice)}"
    if answer.suggested is not None:
        yield f"suggested: {GRADE_NAMES[answer.suggested]}"


def _verdict(comparison: Comparison, typed: str) -> str:
    if not typed.strip():
        return "given up"
    word = {"slip": "nearly", "wrong": "wrong"}.get(comparison.kind, "right")
    return f"{word}: {comparison.note}" if comparison.note else word


def _labelled(label: str, text: str) -> Iterator[str]:
    """`label: text`, the text below its label if it has several lines."""
    yield f"{label}:\n{text}" if "\n" in text else f"{label}: {text}"


def _interval(choice: Choice) -> str:
    return f"in {count(choice.interval_days, 'day')}" if choice.interval_days > 0 else "today"


def _prompt(view: View) -> str:
    if isinstance(view, Answer):
        digits = list(_digits(view))
        suggested = f", empty for {GRADE_NAMES[view.suggested]}" if view.suggested is not None else ""
        return f"grade {digits[0]}-{digits[-1]}{suggested}> "
    return "answer> " if isinstance(view, Question) and view.typed else "enter to see the answer> "
