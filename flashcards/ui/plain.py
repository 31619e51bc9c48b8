"""A sitting line by line: for scripts, screen readers and terminals that can do nothing.

Text goes out in blocks, a line comes in for every prompt; nothing is redrawn,
boxed or coloured, and Markdown stays as it was written.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import TextIO

from flashcards.errors import BadRequest
from flashcards.model import GRADE_NAMES, CardId, Grade
from flashcards.session import Answer, Done, Question, Session, View
from flashcards.ui import findings, spoken
from flashcards.ui.words import line as one_line
from flashcards.ui.words import safe

Summary = Callable[[Done], Iterable[str]]

CONSENT = (
    "what you type runs in a throw-away folder and environment, never in your files;",
    "`cards doctor` says how well this machine contains it",
)
CONSENT_PROMPT = "run what you type in a sandbox? yes or no> "
EDIT = "edit"
"""A word, for at an answer `e` is the grade easy."""
YES, NO = frozenset({"y", "yes"}), frozenset({"n", "no"})
KEYS = (
    "at a question: the answer, or an empty line to see it",
    "at an answer: 1 2 3 4, or again hard good easy, or a h g e; an empty line takes the suggestion",
    "commands: u undo, s skip, b bury, ! suspend, f flag, r regrade, q quit, ? keys; :e edits the card",
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
    edit: Callable[[CardId], str] | None = None,
) -> int:
    """Asks until the cards, the input or the person is done; the exit code.

    `notes` are lines to say first, `summary` makes the last ones. A line that
    makes no sense raises BadRequest, so that a script never goes on with the
    wrong card; `forgiving`, for a person, says what is wrong and asks again.
    For the same reason a script has one try for each command that is run, and
    is never asked whether one may be; a person has as many as they like.
    """
    talk = _Talk(session, read, write, forgiving=forgiving)
    talk.edit = edit
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
    talk.say((summary or spoken.summed)(session.view))
    return 0


class _Talk:
    """The two streams, and what was said last."""

    def __init__(self, session: Session, read: TextIO, write: TextIO, *, forgiving: bool) -> None:
        self._session = session
        self._read = read
        self._write = write
        self._forgiving = forgiving
        self._shown: View | None = None
        self._excused: set[str] = set()
        self.edit: Callable[[CardId], str] | None = None
        """Lets the person edit a card, and says what came of it."""

    def say(self, lines: Iterable[str]) -> None:
        """Writes the lines, each made safe."""
        self._write.writelines(f"{safe(line)}\n" for text in lines for line in text.split("\n"))
        self._write.flush()

    def show(self, view: View) -> None:
        """Writes a view, once."""
        if view is not self._shown:
            self._shown = view
            self.say(self._block(view))

    def ask(self, view: View) -> str | None:
        """The next line, without its end; None at the end of input."""
        return self._prompted(spoken.prompt(view))

    def _prompted(self, prompt: str) -> str | None:
        if self._forgiving:
            self._write.write(safe(prompt))
            self._write.flush()
        line = self._read.readline()
        if not line and self._forgiving:
            self.say([""])
        return line.removesuffix("\n").removesuffix("\r") if line else None

    def _block(self, view: View) -> Iterator[str]:
        yield ""
        if isinstance(view, Question):
            yield from spoken.effect(view.attempt.verdict) if view.attempt else spoken.question(view)
        elif isinstance(view, Answer):
            yield from spoken.judged(view)
            yield from self._excuse(view)
            yield from spoken.answer(view)

    def _excuse(self, view: Answer) -> Iterator[str]:
        """Why nothing was run, each reason once in a sitting."""
        found = findings.excuse(view)
        if found is not None and found.why_not not in self._excused:
            self._excused.add(found.why_not)
            yield from spoken.not_run(found.why_not, found.cure)

    def take(self, line: str) -> None:
        """Does what the line says."""
        try:
            command = _command(line, self._session.view, forgiving=self._forgiving)
            if command is None:
                self._answer_or_grade(line)
            elif command == "?":
                self.say(KEYS)
            elif command == EDIT:
                self._edited()
            else:
                _COMMANDS[command](self._session)
                self._tell_flag(command)
        except BadRequest as error:
            if not self._forgiving:
                raise
            self.say([error.message, *([f"hint: {error.hint}"] if error.hint else [])])

    def _edited(self) -> None:
        """The card as it is after the editor; a script has no editor."""
        if self.edit is None:
            raise BadRequest("nothing can be edited here", hint="`cards edit CARD` does it")
        from flashcards.ui import editing  # only where it is asked for

        self.say([editing.done(self._session, self.edit)])

    def _answer_or_grade(self, line: str) -> None:
        view = self._session.view
        if isinstance(view, Answer):
            self._session.grade(_grade(line, view))
        elif isinstance(view, Question) and view.typed:
            self._submit(line.removeprefix(":"))
        elif isinstance(view, Question):
            self._session.reveal(None)

    def _submit(self, typed: str) -> None:
        """Runs what was typed, or compares it; an empty line gives up."""
        if typed.strip() and self._runs():
            self._run(typed)
        elif isinstance(self._session.view, Question):
            self._session.reveal(typed)

    def _runs(self) -> bool:
        """Whether commands are run; a person who was not asked yet is asked now."""
        view = self._session.view
        if self._forgiving and isinstance(view, Question) and view.ready.runs == "ask":
            self.say(CONSENT)
            view = self._consent()
        return isinstance(view, Question) and view.ready.runs == "yes"

    def _consent(self) -> View:
        """The view after a yes or a no; the end of input is the end of the sitting."""
        while True:
            line = self._prompted(CONSENT_PROMPT)
            if line is None:
                return self._session.quit()
            word = line.strip().lower()
            if word in YES | NO:
                return self._session.allow(yes=word in YES)

    def _run(self, typed: str) -> None:
        """One run; ctrl-c of a person stops the command, and not the review."""
        if not self._forgiving:
            self._session.run(typed, retry=False)
            return
        view = self._session.view
        try:
            self._session.run(typed)
        except KeyboardInterrupt:
            self.say(["", "stopped"] if self._session.view is view else [])

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
        letter = EDIT if bare == "e" and (not at_answer or word == ":e") else _WORDS.get(bare, bare)
        if letter in {"?", EDIT} or (letter in _COMMANDS and letter != "g"):
            return letter
    if at_answer or not line.startswith(":") or line.startswith("::"):
        return None
    letter = EDIT if word == ":e" else _WORDS.get(word[1:], word[1:])
    if letter not in {"?", EDIT} and letter not in _COMMANDS:
        raise BadRequest(
            f"no command `{one_line(word)[:40]}`",
            hint="`:?` lists them; an answer that begins with a colon is written with two",
        )
    return letter


def _grade(line: str, answer: Answer) -> Grade:
    """The grade that the line names: a digit, a name, a letter, or nothing for the suggestion."""
    text = line.strip().lower()
    grades = spoken.digits(answer) | {n: g for n, g in (_NAMES | _LETTERS).items() if g in spoken.scale(answer)}
    if not text and answer.suggested is not None:
        return answer.suggested
    if text not in grades:
        raise BadRequest(
            f"`{one_line(line)[:40]}` is no grade" if text else "no grade, and nothing is suggested",
            hint="grades: " + ", ".join(f"{d} {GRADE_NAMES[g]}" for d, g in spoken.digits(answer).items()),
        )
    return grades[text]
