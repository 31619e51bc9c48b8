"""One sitting in a real terminal: draw the view, wait for a key, call the method it stands for."""

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rich.text import Text

from flashcards.errors import BadRequest, CardsError, StoreChanged, StoreGone
from flashcards.model import FOUR_GRADES, CardId, Grade
from flashcards.session import Answer, Done, Question, Ready, Session, View
from flashcards.ui import grading, markdown, offers, screen
from flashcards.ui.keys import Tty
from flashcards.ui.screen import Screen, Summary

if TYPE_CHECKING:
    from flashcards.ui.answer_line import AnswerLine, Line

INTERRUPTED, HUNG_UP = 130, 129


def run(
    session: Session,
    *,
    tty: Tty,
    summary: Callable[[Done], Summary] | None = None,
    notes: Sequence[str] = (),
    on_painted: Callable[[], object] = bool,
    edit: Callable[[CardId], str] | None = None,
) -> int:
    """Lets a person go through `session`; returns the exit code: 0, or 130 after ctrl-c.

    `notes` stand before the first question. `on_painted` is called once, when
    the first screen is complete. `edit` edits a card. The caller holds `tty`, from before anything
    else was imported.
    """
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")
    sitting = _Sitting(session, tty, summary or (lambda _: Summary()))
    sitting.on_painted, sitting.edit = on_painted, edit
    tty.on_pause, tty.on_resume = session.pause, session.resume
    return sitting.run(notes)


class _Sitting:
    """The loop, and what it has to remember between two keys."""

    def __init__(self, session: Session, tty: Tty, summary: Callable[[Done], Summary]) -> None:
        self.session = session
        self.tty = tty
        self.summary = summary
        self.screen = Screen()
        self.on_painted: Callable[[], object] = bool
        self.edit: Callable[[CardId], str] | None = None
        self._line: AnswerLine | None = None
        self._drawn: View | None = None
        self._practice = isinstance(session.view, Question) and session.view.phase == "practice"
        self._begun = not isinstance(session.view, Done) or session.view.left > 0
        self._again = False
        self._painted = False
        self._note = ""
        self._draft = ""
        self._steps = 0
        self._excused: set[str] = set()
        self._scale: tuple[Grade, ...] = FOUR_GRADES
        self._commands: dict[str, Callable[[], object]] = {
            "u": self._undo,
            "r": self._regrade,
            "s": lambda: self._step(session.skip, "skipped"),
            "b": lambda: self._step(session.bury, "buried until tomorrow"),
            "!": lambda: self._step(session.suspend, "suspended"),
            "f": self._flag,
            "e": self._edit_or_easy,
            "E": self._edit,
            "q": lambda: self._do(session.quit),
            "?": self._help,
        }
        if self._practice:
            self._commands = {key: self._commands[key] for key in offers.IN_PRACTICE}

    def run(self, notes: Sequence[str]) -> int:
        code: int | None = None
        try:
            for note in notes:
                self.screen.dim(note)
            while code is None:
                code = self._turn()
        except KeyboardInterrupt:
            code = INTERRUPTED
        except (SystemExit, CardsError):  # killed, or no store any more: the shell's prompt begins a line of its own
            self.screen.let_go()
            raise
        self.screen.wipe()
        if not isinstance(self._drawn, Done) and not self._practice:
            self._draw(self.session.quit())
        return code

    # ------------------------------------------------------------ one turn

    def _turn(self) -> int | None:
        """Draws what is new, waits for one key or one line, acts; an exit code ends the sitting."""
        view = self.session.view
        if isinstance(view, Done) and self._practice:
            return 0
        if view is not self._drawn:
            self.tty.undisturbed(lambda: self._draw(view))  # rich keeps what an interrupted print left over
        if isinstance(view, Done):
            return self._leave() if self._steps else 0
        if isinstance(view, Question) and view.typed:
            return self._type(view)
        return self._press(view)

    def _draw(self, view: View) -> None:
        again, self._drawn = self._again, view
        self._again = False
        if isinstance(view, Question):
            self._draw_question(view, whole=again or view.attempt is None)
        elif isinstance(view, Answer):
            self._scale = tuple(choice.grade for choice in view.choices)
            if again:
                self.screen.question(view.question)
            self.screen.answer(view, self._excuse(view))
        else:
            self.screen.done(view, self._summary(view), begun=self._begun)

    def _draw_question(self, view: Question, *, whole: bool = True) -> None:
        """The question; after a try only what came of it, for the question stands above."""
        if whole:
            self.screen.question(view, plain=not self._painted)
        self.screen.attempt(view)

    def _excuse(self, view: Answer) -> Ready | None:
        """Why nothing was run, each reason once in a sitting."""
        from flashcards.ui import findings  # nothing of it is on the way to the first question

        found = findings.excuse(view)
        if found is None or found.why_not in self._excused:
            return None
        self._excused.add(found.why_not)
        return found

    def _draw_again(self) -> None:
        """The next turn draws the view anew, an answer below its question: what stood there has gone."""
        self._drawn, self._again = None, True

    def _summary(self, view: Done) -> Summary:
        try:
            return self.summary(view)
        except CardsError as error:  # the sitting itself is safe; only the numbers are missing
            return Summary(notes=(error.message,))

    def _key(self, foot: Sequence[Text]) -> str:
        """Shows the foot, and waits for a key below it."""
        note, self._note = self._note, ""
        self.tty.undisturbed(lambda: self.screen.foot([*foot[:-1], *self.screen.note(note), *foot[-1:]]))
        self._is_painted()
        key = self.tty.key()
        if key == "eof":
            raise SystemExit(HUNG_UP)
        if key == "redraw":
            self.screen.leave()
            self._draw_again()
        elif key == "paste":
            self._note = "paste ignored: press one key"
        elif key == "ctrl-l":
            self.screen.clear()
            self._draw_again()
        return key

    def _is_painted(self) -> None:
        if not self._painted:
            self._painted = True
            self.on_painted()

    def _hints(self, keys: screen.Keys) -> Text:
        return Text(self.screen.keys(keys, self.screen.width - 1), "dim")

    # ------------------------------------------------------------ a question or an answer, one key

    def _press(self, view: Question | Answer) -> int | None:
        answer = view if isinstance(view, Answer) else None
        if answer and self._practice:
            return self._after_practice()
        key = self._key(self._grade_foot(answer) if answer else [self._hints(offers.READ_KEYS)])
        if key == "ctrl-d":
            return 0
        if key in self._commands:
            self._commands[key]()
        elif answer:
            self._grade(answer, key)
        elif key in {"space", "enter"}:
            self._do(self.session.reveal)
        elif key in offers.GRADING:
            self._note = "look at the answer first: space"
        elif len(key) == 1:
            self._note = f"no key `{key}` here" if key.isprintable() else ""
        return None

    def _after_practice(self) -> int | None:
        """An answer that is not graded: leave, or once more."""
        key = self._key([self._hints(offers.PRACTICE_KEYS)])
        if key == "r":
            self._do(self.session.again)
        elif len(key) == 1 and key not in offers.LEAVING:
            self._note = "enter leaves, r asks once more"
        return 0 if key in offers.LEAVING else None

    def _grade_foot(self, answer: Answer) -> list[Text]:
        foot = grading.rows(answer.choices, self.screen.width, intervals=answer.question.phase != "cram")
        if answer.suggested is None:
            return [*foot, self._hints(offers.GRADE_KEYS)]
        from flashcards.ui import findings  # as above

        return [*foot, self.screen.suggestion(answer.suggested, findings.praise(answer))]

    def _grade(self, answer: Answer, key: str) -> None:
        choice = grading.grade_of(key, answer.choices)
        if choice is None and key == "enter" and answer.suggested is not None:
            choice = grading.choice_of(answer.suggested, answer.choices)
        if choice is None:
            if len(key) == 1 or key in {"enter", "space"}:
                self._note = f"press one of {grading.grade_keys(answer.choices)}"
            return
        grade = choice.grade
        if self._do(lambda: self.session.grade(grade)):
            self._steps += 1
            cram = answer.question.phase == "cram"
            after = self.session.view
            opened = after.total - answer.question.total if isinstance(after, Question) else 0
            again = grade < Grade.GOOD and not cram and not self.session.put_away
            self.screen.graded(choice, again=again, interval=not cram, opened=opened)

    # ------------------------------------------------------------ a question with an answer line

    def _type(self, view: Question) -> int | None:
        line = self._read(view)
        if line.act == "stop":
            raise KeyboardInterrupt
        if line.act == "gone":
            raise SystemExit(HUNG_UP)
        if line.act == "end":
            return 0
        if line.act in self._commands:
            self._commands[line.act]()
            return None
        if len(line.act) == 1:
            self._draft, self._note = line.text, f"`{line.act}` does nothing in a practice"
            return None
        if line.act == "typed":
            self._submit(view, line.text)
        elif not self._do(lambda: self.session.reveal("")):
            self._draft = line.text
        return None

    def _submit(self, view: Question, typed: str) -> None:
        """Runs what was typed, or compares it; the text is in the line again if that goes wrong."""
        self._draft = typed
        if view.ready.runs == "ask" and not self._consents(view, typed):
            return
        view = self.session.view if isinstance(self.session.view, Question) else view
        if view.ready.runs == "yes":
            self._run(view, typed)
        else:
            self._do(lambda: self.session.reveal(typed))
        if not isinstance(self.session.view, Question):
            self._draft = ""

    def _consents(self, view: Question, typed: str) -> bool:
        """Whether the person has answered if commands may run; what was typed ahead was no answer, and is dropped."""
        ahead, key = self.tty.ahead(), ""
        foot = [
            self.screen.command(view, typed),
            Text(),
            Text(offers.CONSENT, "bold"),
            markdown.inline(offers.CONSENT_MEANS),
            Text(),
        ]
        while key not in offers.YES | offers.NO:
            keys = offers.CONSENT_KEYS if self.screen.roomy else offers.SHORT_CONSENT_KEYS
            key = self._key([*foot, self._hints(keys)])
            if key in {"redraw", "ctrl-l"}:
                break
            self._note = "press y or n"
        self._note = ""
        if key in offers.YES | offers.NO:
            self.tty.swallow(offers.REST_OF[key.lower()])
        else:
            self.tty.feed(ahead)
        return key in offers.YES | offers.NO and self._do(lambda: self.session.allow(yes=key in offers.YES))

    def _run(self, view: Question, typed: str) -> None:
        """Runs a command; ctrl-c stops it, and not the review."""

        def act() -> None:
            from flashcards.ui.running import Running  # nothing of it is on the way to the first question

            command = self.screen.command(view, typed)
            running = Running(self.screen, self.tty, command, lambda: self._draw_question(view))
            running.begin()
            self.session.run(typed, running.tick)

        try:
            self._do(act, otherwise="nothing was judged: try again")
        except KeyboardInterrupt:
            self._note = "stopped" if self.session.view is view else ""
        self.screen.wipe()

    def _read(self, view: Question) -> "Line":
        prompt = screen.prompt(view, self.screen.signs)
        if self._line is None:
            self.tty.undisturbed(lambda: self._draw_line(view, prompt))
            self._is_painted()
        from flashcards.ui import answer_line  # 150 ms, while the person reads

        self._line = self._line or answer_line.AnswerLine(self.tty, color=self.screen.color)
        words = answer_line.Words(
            prompt=prompt,
            keys=lambda width, text: self.screen.keys(offers.typing(view, text, roomy=self.screen.roomy), width),
            menu=lambda width: self.screen.keys(offers.MENU_KEYS, width),
            empty="nothing typed: enter again shows the answer",
        )
        self.screen.wipe()
        if self.tty.resumed():
            self._draw_question(view)
        self.screen.flush()
        text, note, self._draft, self._note = self._draft, self._note, "", ""
        return self._line.read(words, text=text, note=note, redraw=lambda: self._draw_question(view))

    def _draw_line(self, view: Question, prompt: str) -> None:
        """The answer line as it will stand there, while what reads it is still to be imported."""
        self.screen.foot(
            [prompt + self._draft, "", self._hints(offers.typing(view, self._draft, roomy=self.screen.roomy))]
        )
        self.screen.park(prompt + self._draft)

    # ------------------------------------------------------------ the end

    def _leave(self) -> int | None:
        key = self._key([self._hints(offers.DONE_KEYS)])
        if key in offers.LEAVING:
            return 0
        if key in {"u", "r"}:
            self._commands[key]()
        return None

    # ------------------------------------------------------------ commands

    def _undo(self) -> None:
        if self._do(self.session.undo):
            self._steps -= 1
            self.screen.dim("undone")

    def _regrade(self) -> None:
        if self._do(self.session.regrade):
            self._steps -= 1
            self.screen.dim("grade it anew")

    def _step(self, act: Callable[[], View], done: str) -> None:
        if self._do(act):
            self._steps += 1
            self.screen.dim(done)

    def _flag(self) -> None:
        if self._do(self.session.flag):
            self._steps += 1
            view = self._drawn = self.session.view
            question = view.question if isinstance(view, Answer) else view
            self._note = "flagged" if isinstance(question, Question) and question.flagged else "no longer flagged"

    def _edit_or_easy(self) -> None:
        view = self.session.view
        return self._grade(view, "e") if isinstance(view, Answer) else self._edit()

    def _edit(self) -> None:
        from flashcards.ui import editing  # nothing of it is on the way to the first question

        self._note = editing.edit(self.session, self.tty, self.screen, self.edit)
        self._draw_again()

    def _help(self) -> None:
        self.screen.help(self._scale)
        self._draw_again()

    def _do(
        self, act: Callable[[], object], *, otherwise: str = "not stored: the card is still here, try again"
    ) -> bool:
        """Does one thing whole; what goes wrong is said, and the card stays where it is."""
        try:
            self.tty.undisturbed(act)
        except BadRequest as refused:
            self._note = refused.message + (f" ({refused.hint})" if refused.hint else "")
            return False
        except (StoreChanged, StoreGone):  # no second try would be stored either
            raise
        except CardsError as error:
            self.screen.error(error.message, error.hint)
            self._note = otherwise
            return False
        return True
