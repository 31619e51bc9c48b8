"""One sitting: question, answer, grade, undo, skip, bury, suspend. Knows no terminal, file or SQL.

A front end draws `session.view` and calls the methods; every method returns
the new view. What happened leaves through `record`, one event at a time and
before the next card shows, so a sitting that is cut off has lost nothing.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal

from flashcards.errors import BadRequest, NotFound
from flashcards.log import not_before
from flashcards.model import Card, CardId, Event, Grade, Mark, Memory, Mode, Review, Undo, Verdict, pick
from flashcards.session import judging, leeches
from flashcards.session.moment import reviewed_at
from flashcards.session.place import Place, Step, done
from flashcards.session.stopwatch import Stopwatch
from flashcards.session.views import Answer, Attempt, Choice, Desk, Done, Options, Phase, Question, Ready, Tick, View


class Session:
    """One sitting over the cards in `main`, then over the drills left from earlier today."""

    def __init__(
        self, main: Sequence[CardId], drills: Sequence[CardId], desk: Desk, options: Options | None = None
    ) -> None:
        self._desk = desk
        self._options = options or Options()
        self._place = Place(main=tuple(main), drills=tuple(drills), total=len(main), taken=frozenset(main))
        self._steps: list[Step] = []
        self._began = desk.clock.ticks()
        self._watch = Stopwatch(desk.clock.ticks)
        self._notice = ""
        self.put_away = False
        """Whether the card that was graded last went away with it: a leech."""
        self.view: View = self._next()

    # ------------------------------------------------------------ what the person does

    def reveal(self, typed: str | None = None) -> View:
        """Shows the answer; for a typed card with what the person typed (empty: gave up)."""
        question = self._question("the answer is already shown")
        judging.check_storable(typed or "")
        self.view = self._answer(question, typed)
        return self.view

    def allow(self, *, yes: bool) -> View:
        """The person's answer to whether commands may be run in a sandbox; the question stands with it."""
        question = self._question("the answer is already shown")
        if self._desk.verifier is not None:
            self._desk.verifier.allow(yes=yes)
        self.view = question._replace(ready=self._ready(question.card, question.shell))
        return self.view

    def run(self, typed: str, tick: Tick = bool, *, retry: bool = True) -> View:
        """Runs what was typed. A pass shows the answer; after a failure the question stands again if `retry`.

        An interrupt ends the command, passes on, and leaves the question as it was.
        """
        question = self._question("the answer is already shown")
        if question.ready.runs != "yes" or self._desk.verifier is None:
            asked = "the person has to agree first" if question.ready.runs == "ask" else "its text can be compared"
            raise BadRequest("this card's command is not run here", hint=question.ready.cure or asked)
        if not typed.strip():
            raise BadRequest("there is nothing to run", hint="an empty answer gives up")
        judging.check_storable(typed)
        spent = self._watch.milliseconds()
        try:
            verdict = self._desk.verifier.run(question.card, question.shell, typed, tick)
            tick(verdict.took_ms / 1000)  # an interrupt that ended the command itself is no try
        finally:  # what passed meanwhile was the machine's time, whoever paused and resumed in it
            self._watch.restart()
            self._watch.add(spent)
        hints = question.hints + bool(verdict.hints)
        question = question._replace(attempt=Attempt(typed, verdict), tries=question.tries + 1, hints=hints)
        self.view = question if verdict.kind == "fail" and retry else self._answer(question, typed, verdict)
        return self.view

    def again(self) -> View:
        """Asks the card of a practice once more."""
        if not self._options.practice or not isinstance(self.view, Answer):
            raise BadRequest("only a card that is practised can be asked again")
        self.view = self._next()
        return self.view

    def grade(self, grade: Grade) -> View:
        """Grades the card that is shown, stores that, goes on."""
        answer = self.view
        if not isinstance(answer, Answer):
            raise BadRequest("there is no answer on screen to grade", hint="look at the answer first")
        if self._options.practice:
            raise BadRequest("a practice is not graded")
        with self._desk.together():
            review = self._review(answer, grade)
            before = self._desk.look(review.card)
            review, *marks = leeches.together(review, before, self._desk, self._options.leech)
            after = self._record(review.card, review, *marks)
        for mark in marks:
            lapses = after.state.lapses if after.state else 0
            self._notice = leeches.told(mark, lapses, self._desk.mistakes(review.card))
        if self._place.main and not self._options.cram:
            self._notice = judging.also_graded(review, marks, before, after) or self._notice
        self.put_away = after.suspended
        self._push(review, answer)
        self._place = self._graded(review, after)
        if after.passed and not before.passed:
            self._place = self._with_more()
        self.view = self._next()
        return self.view

    def undo(self) -> View:
        """Takes back the last action of this sitting, any number of times."""
        if not self._steps:
            raise BadRequest("nothing to undo in this sitting", hint="`cards undo` takes back what was done before it")
        step = self._steps[-1]
        if step.event is not None:
            at = self._desk.clock.now()
            target = step.event.batch or step.event.id
            undo = Undo(id=self._desk.new_id(at), target=target, at=at, device=self._desk.device)
            self._desk.record(undo)
        self._steps.pop()  # not before the store has it
        self._place = step.place
        self.view = self._next(timed=False)
        return self.view

    def regrade(self) -> View:
        """Takes back the last grade and shows that answer again, for another grade."""
        if not self._steps or self._steps[-1].answer is None:
            raise BadRequest("no grade of this sitting to give anew", hint="take back what came after it first")
        step, answer = self._steps[-1], self._steps[-1].answer
        question = self.undo()
        if isinstance(question, Question) and question.card.id == answer.question.card.id:
            self._watch.add(getattr(step.event, "took_ms", None) or 0)
            tried = answer.question
            self.view = self._answer(_tried(question, tried), answer.typed, answer.verdict)
        return self.view

    def skip(self) -> View:
        """Leaves the card for another sitting; nothing is stored."""
        self._card()
        self._push(None, None)
        place = self._dropped()
        self._place = place._replace(skipped=place.skipped + 1)
        self.view = self._next()
        return self.view

    def bury(self) -> View:
        """Puts the card away until the next study day."""
        tomorrow = self._desk.clock.day(self._desk.clock.now()) + timedelta(days=1)
        return self._put_away("bury", tomorrow.isoformat())

    def suspend(self) -> View:
        """Puts the card away until it is resumed."""
        return self._put_away("suspend", None)

    def flag(self) -> View:
        """Flags the card, or takes the flag off; the card stays."""
        card = self._card()
        flagged = self._desk.look(card.id).flagged
        mark = self._mark(card.id, "unflag" if flagged else "flag", None)
        self._record(card.id, mark)
        self._push(mark, None)
        if isinstance(self.view, Answer):
            self.view = self.view._replace(question=self.view.question._replace(flagged=not flagged))
        elif isinstance(self.view, Question):
            self.view = self.view._replace(flagged=not flagged)
        return self.view

    def reread(self) -> View:
        """Shows the card with the text that its deck has now; one that has left it gives way to the next."""
        card, view = self._card(), self.view
        try:
            fresh = self._ask(card.id, self._desk.look(card.id), self._desk.clock.day(self._desk.clock.now()))
        except NotFound as error:
            self._notice, self._place = error.message, self._dropped()
            self.view = self._next()
            return self.view
        if isinstance(view, Answer):
            self.view = self._answer(_tried(fresh, view.question), view.typed, view.verdict)
        elif isinstance(view, Question):
            self.view = _tried(fresh, view)
        return self.view

    def quit(self) -> View:
        """Ends the sitting; what was graded stays graded."""
        if not isinstance(self.view, Done):
            self.view = self._done("quit")
        return self.view

    def pause(self) -> None:
        """Stops the watch: the person, or the program, was sent to sleep."""
        self._watch.pause()

    def resume(self) -> None:
        """Lets the watch go on."""
        self._watch.resume()

    # ------------------------------------------------------------ which card is next

    def _next(self, *, timed: bool = True) -> View:
        """The view of the next card; what was taken back is shown even if the time is up."""
        day = self._desk.clock.day(self._desk.clock.now())
        while True:
            if timed and self._time_is_up():
                return self._done("minutes")
            card_id = self._head()
            if card_id is None:
                return self._done("finished")
            memory = self._desk.look(card_id)
            reason = self._gone(memory, day)
            if reason is None:
                self._watch.restart()
                try:
                    return self._ask(card_id, memory, day)
                except NotFound as error:
                    reason = error.message
            self._notice = self._notice or reason
            self._place = self._dropped()

    def _time_is_up(self) -> bool:
        minutes = self._options.minutes
        return minutes is not None and self._desk.clock.ticks() - self._began >= minutes * 60

    def _head(self) -> CardId | None:
        place = self._place
        return next(iter(place.main or place.drills), None)

    def _gone(self, memory: Memory, day: date) -> str | None:
        """Why the card at the head is not asked any more: a notice, "" for no words, None if it is asked."""
        if self._options.cram or self._options.practice:
            return None
        if memory.suspended or (memory.buried_until is not None and memory.buried_until > day):
            return f"`{memory.card}` was put away meanwhile"
        if self._place.main:
            done = memory.last_day is not None and memory.last_day >= day
            return f"`{memory.card}` was graded meanwhile in another terminal" if done else None
        return None if memory.drill == day else ""

    def _ask(self, card_id: CardId, memory: Memory, day: date) -> Question:
        place, options = self._place, self._options
        card = self._desk.load(card_id)
        notice, self._notice = self._notice, ""
        due = memory.state.due if memory.state else day
        number = place.total - len(place.main) + (1 if place.main else 0)
        shell = self._desk.shell_for(card) if self._desk.shell_for else options.shell
        answer = pick(card.answer, shell, options.platform) or ""
        return Question(
            card=card,
            number=number,
            total=place.total,
            phase=self._phase(memory),
            overdue_days=max(0, (day - due).days),
            drills=len(place.drills),
            flagged=memory.flagged,
            answer=answer,
            notice=notice,
            shell=shell,
            ready=self._ready(card, shell) if answer else Ready(runs="no"),
        )

    def _ready(self, card: Card, shell: str) -> Ready:
        verifier = self._desk.verifier
        return verifier.ready(card, shell) if verifier is not None and card.run else Ready(runs="no")

    def _phase(self, memory: Memory) -> Phase:
        if self._options.practice:
            return "practice"
        if self._options.cram:
            return "cram"
        if not self._place.main:
            return "drill"
        return "review" if memory.state else "new"

    def _dropped(self) -> Place:
        """The place without the card at the head."""
        place = self._place
        return place._replace(main=place.main[1:]) if place.main else place._replace(drills=place.drills[1:])

    def _done(self, reason: Literal["finished", "minutes", "quit"]) -> Done:
        notice, self._notice = self._notice, ""
        return done(self._place, reason, notice)

    # ------------------------------------------------------------ answer and grade

    def _answer(self, question: Question, typed: str | None, verdict: Verdict | None = None) -> Answer:
        comparison = suggested = None
        if verdict is not None and verdict.kind != "cannot":
            usual = self._desk.usual_ms(question.card.id)
            suggested = judging.by_effect(question, verdict, self._watch.milliseconds(), usual)
        elif question.typed and typed is not None:
            comparison = judging.compared(typed, question, self._options.platform)
            suggested = judging.by_text(question, comparison.grade, verdict)
        practice = self._options.practice
        choices = () if practice else self._choices(question.card.id)
        return Answer(
            question=question,
            choices=choices,
            typed=typed,
            comparison=comparison,
            verdict=verdict,
            suggested=None if practice else suggested,
        )

    def _choices(self, card: CardId) -> tuple[Choice, ...]:
        """What each grade would do, from the same `step` that grading will take."""
        at = self._desk.clock.now()
        day, memory = self._desk.clock.day(at), self._desk.look(card)
        if self._mode(memory, day) != "scheduled":
            return tuple(self._drill_choice(grade, memory, day) for grade in self._options.scale)
        states = [(g, self._desk.scheduler.step(memory.state, g, at, day, card)) for g in self._options.scale]
        return tuple(Choice(grade=g, interval_days=(s.due - day).days, due=s.due) for g, s in states)

    def _drill_choice(self, grade: Grade, memory: Memory, day: date) -> Choice:
        """Drills never move the schedule: every grade keeps the day that is set."""
        due = memory.state.due if memory.state else day
        return Choice(grade=grade, interval_days=(due - day).days, due=due)

    def _mode(self, memory: Memory, day: date) -> Mode:
        if self._options.cram:
            return "cram"
        return "scheduled" if memory.last_day is None or day > memory.last_day else "drill"

    def _review(self, answer: Answer, grade: Grade) -> Review:
        desk, now, card = self._desk, self._desk.clock.now(), answer.question.card.id
        day, tried, memory = desk.clock.day(now), answer.question.attempt, desk.look(card)
        return Review(
            id=desk.new_id(now),
            card=card,
            grade=grade,
            at=reviewed_at(now, day, memory, mode := self._mode(memory, day)),
            offset_minutes=desk.clock.offset_minutes(now),
            day=day,
            mode=mode,
            took_ms=min(self._watch.milliseconds(), int(self._options.idle_seconds * 1000)),
            typed=answer.typed or (tried.typed if tried else answer.typed),
            verdict=tried.verdict.kind if tried else None,
            tries=answer.question.tries or None,
            hints=answer.question.hints if tried else None,
            device=desk.device,
        )

    def _graded(self, review: Review, after: Memory) -> Place:
        first_time = bool(self._place.main)
        place = self._dropped()
        if after.drill == review.day and not after.suspended and not self._options.cram:
            place = place._replace(drills=(*place.drills, review.card))
        return place._replace(
            reviewed=place.reviewed + first_time,
            right_at_once=place.right_at_once + (first_time and review.grade >= Grade.HARD),
            drilled=place.drilled + (not first_time),
            took_ms=place.took_ms + (review.took_ms or 0),
        )

    def _with_more(self) -> Place:
        """The place with the cards that a first success has opened."""
        place = self._place
        more = () if self._options.cram else tuple(self._desk.more(place.taken))
        return place._replace(main=place.main + more, total=place.total + len(more), taken=place.taken.union(more))

    # ------------------------------------------------------------ small things

    def _put_away(self, mark: str, value: str | None) -> View:
        card = self._card()
        event = self._mark(card.id, mark, value)
        self._record(card.id, event)
        self._push(event, None)
        self._place = self._dropped()
        self.view = self._next()
        return self.view

    def _mark(self, card: CardId, mark: str, value: str | None) -> Mark:
        now = self._desk.clock.now()
        at = not_before(now, self._desk.look(card).order[0])
        return Mark(id=self._desk.new_id(now), card=card, mark=mark, value=value, at=at, device=self._desk.device)

    def _record(self, card: CardId, *events: Event) -> Memory:
        return self._desk.record(*events).get(card, Memory(card=card))

    def _push(self, event: Event | None, answer: Answer | None) -> None:
        self._steps.append(Step(place=self._place, event=event, answer=answer))

    def _card(self) -> Card:
        if isinstance(self.view, Done):
            raise BadRequest("the sitting is over")
        return self.view.question.card if isinstance(self.view, Answer) else self.view.card

    def _question(self, otherwise: str) -> Question:
        if not isinstance(self.view, Question):
            raise BadRequest("the sitting is over" if isinstance(self.view, Done) else otherwise)
        return self.view


def _tried(question: Question, before: Question) -> Question:
    """The question, with the tries that were made at it before."""
    return question._replace(attempt=before.attempt, tries=before.tries, hints=before.hints)
