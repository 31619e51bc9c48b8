"""One sitting: its laws over random actions, and its corners by hand."""

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from desk import CANNOT, EVENING, PASS, Machine, MemoryDesk, card, cards
from hypothesis import example, given
from hypothesis import strategies as st

from flashcards.due import Rules
from flashcards.errors import BadRequest, StoreLocked
from flashcards.log import LONGEST_TEXT
from flashcards.model import Card, CardId, Event, Grade, Mark, Review, Verdict
from flashcards.schedulers.sm2 import Sm2
from flashcards.session import Answer, Done, LeechRule, Options, Question, Session, Tick, View
from flashcards.session.leeches import strikes

AGAIN, HARD, GOOD, EASY = Grade.WRONG, Grade.HARD, Grade.GOOD, Grade.EASY
ALL_GRADES = Options(scale=tuple(Grade), leech=LeechRule(lapses=1))
"""Every grade, and a card that lapsed once is a leech: the laws hold for those, too."""


def name_of(view: View) -> str:
    """The card on screen, or why the sitting is over."""
    if isinstance(view, Done):
        return view.reason
    return (view.question if isinstance(view, Answer) else view).card.id


def asked(view: View) -> View:
    """The view without its notice."""
    return view._replace(notice="") if isinstance(view, Question) else view


def graded(session: Session, *grades: int) -> list[str]:
    """Reveals and grades, card by card; what was on screen before each grade."""
    shown = []
    for grade in grades:
        shown.append(name_of(session.view))
        session.reveal()
        session.grade(Grade(grade))
    return shown


def play(session: Session) -> list[str]:
    """All that still comes, each card graded good."""
    shown = []
    while not isinstance(session.view, Done):
        shown += graded(session, GOOD)
    return shown


def reviews(desk: MemoryDesk) -> list[Review]:
    return [event for event in desk.events if isinstance(event, Review)]


# ---------------------------------------------------------------- laws

POOL: list[Card] = [
    card("d/ls", answer={"": "ls -la"}, accept={"": ("ls -al",)}, run={"shell": "bash"}),
    card("d/pipe", after=("d/ls", "d/a")),
    card("d/ls~reverse"),
    *cards("a", "b", "c", "e", "f"),
]
Act = Callable[[MemoryDesk, Session], None]


def _grade(grade: int) -> Act:
    def act(_: MemoryDesk, session: Session) -> None:
        if isinstance(session.view, Question):
            session.reveal()
        session.grade(Grade(grade))

    return act


def _if_possible(act: Act) -> Act:
    def tried(desk: MemoryDesk, session: Session) -> None:
        before, events = session.view, len(desk.events)
        try:
            act(desk, session)
        except BadRequest:
            assert (before, events) == (session.view, len(desk.events)), "what is refused changes nothing"

    return tried


def _act(name: str, *args: object) -> Act:
    return lambda _, session: getattr(session, name)(*args)


def _stopped(_: Tick) -> Verdict:
    raise KeyboardInterrupt


def _run(text: str) -> Act:
    def act(_: MemoryDesk, session: Session) -> None:
        with suppress(KeyboardInterrupt):
            session.run(text)

    return act


grading = st.integers(0, 5).map(_grade)
marking = st.sampled_from(["bury", "suspend", "flag"]).map(_act)
leaving = st.sampled_from(["skip", "flag"]).map(_act)
showing = st.sampled_from([None, "", "ls -la", "ls -al", "rm -rf /"]).map(lambda text: _act("reveal", text))
running = st.sampled_from(["ls -la", "ls -l", "uv", "stop", ""]).map(_run)
back = st.sampled_from(["undo", "undo", "regrade"]).map(_act)
short_wait = st.floats(0, 300).map(lambda seconds: lambda desk, _: desk.wait(seconds))
long_wait = st.integers(0, 30).map(lambda hours: lambda desk, _: desk.wait(hours * 3600))
elsewhere = st.tuples(st.sampled_from([c.id for c in POOL]), st.integers(0, 5)).map(
    lambda pair: lambda desk, _: desk.grade_elsewhere(*pair)
)


def acts(*kinds: st.SearchStrategy[Act]) -> st.SearchStrategy[list[Act]]:
    return st.lists(st.one_of(grading, *kinds), max_size=30)


def _sit(doing: list[Act], *, options: Options | None = None, learnt: bool = True) -> tuple[MemoryDesk, Session]:
    desk = _desk(learnt=learnt)
    session = desk.sitting(options or ALL_GRADES)
    for act in doing:
        _if_possible(act)(desk, session)
    return desk, session


def _desk(*, learnt: bool) -> MemoryDesk:
    """A desk with new cards and, if `learnt`, two that were begun a week ago: one failed, one known."""
    machine = Machine({"ls -la": PASS, "uv": CANNOT, "stop": _stopped})
    desk = MemoryDesk(POOL, at=EVENING - timedelta(days=7), verifier=machine)
    if learnt:
        desk.grade_elsewhere("d/a", 5)
        desk.grade_elsewhere("d/f", 1)
    desk.at = EVENING
    return desk


@given(acts(marking, leaving, showing, running, back, short_wait, long_wait, elsewhere))
def test_the_memories_equal_the_replay_of_the_log(doing):
    """Whatever is done, over rollovers and beside another terminal: the log alone tells everything."""
    desk, _ = _sit(doing)

    named = {getattr(event, "card", None) for event in desk.events} - {None}
    assert {name: desk.replayed().get(name, desk.look(name)) for name in named} == {n: desk.look(n) for n in named}


@given(acts(marking, leaving, showing, running, short_wait))
def test_as_many_undos_as_actions_lead_back_to_the_first_view(doing):
    """Every action that left a trace can be taken back, and after all of them nothing has happened."""
    desk = _desk(learnt=True)
    session = desk.sitting(ALL_GRADES)
    first, memories = asked(session.view), {c.id: desk.look(c.id)._replace(order=("", "")) for c in POOL}

    undoable = 0
    for act in doing:
        before = session.view
        _if_possible(act)(desk, session)
        undoable += session.view is not before and not _only_tried(before, session.view)
    if isinstance(session.view, Answer):  # a look at the answer alone is no action
        session.skip()
        undoable += 1
    for _ in range(undoable):
        session.undo()

    assert first == asked(session.view)
    assert memories == {c.id: desk.look(c.id)._replace(order=("", "")) for c in POOL}
    with pytest.raises(BadRequest, match="nothing to undo"):
        session.undo()


def _only_tried(before: View, after: View) -> bool:
    """Whether the answer was shown or a command run for the same card, and nothing else."""
    question = after.question if isinstance(after, Answer) else after
    return (
        isinstance(before, Question)
        and isinstance(question, Question)
        and (question is before or question.tries > before.tries)
    )


@given(acts(marking, leaving, running, back, long_wait, elsewhere))
def test_undoing_everything_leaves_nothing_standing_of_this_device(doing):
    """Also over rollovers, where the first view cannot come back."""
    desk, session = _sit(doing, learnt=False)

    with pytest.raises(BadRequest, match="nothing to undo"):
        _undo_everything(session)

    mine = [event for event in desk.events if event.device == "here"]
    taken_back = {event.target for event in mine if type(event).__name__ == "Undo"}
    acts = [event for event in mine if isinstance(event, Review | Mark)]
    assert [] == [event for event in acts if not {event.id, event.batch} & taken_back]


def _undo_everything(session: Session) -> None:
    while True:
        session.undo()


@given(st.lists(st.integers(0, 5), max_size=40))
def test_cards_below_four_come_back_in_order_until_four(grades):
    """SM-2, step 7: first all cards, then the failed ones, round and round in the order they failed."""
    desk = MemoryDesk(cards("a", "b", "c"))
    session = desk.sitting(ALL_GRADES)

    shown = graded(session, *grades[: _rounds(grades)])

    queue = ["d/a", "d/b", "d/c"]
    for index, name in enumerate(shown):
        assert queue.pop(0) == name
        queue += [name] if grades[index] < GOOD else []
    assert (queue[0] if queue else "finished") == name_of(session.view)


def _rounds(grades: list[int]) -> int:
    """How many of the grades are asked for before three cards have had a good one."""
    good = [index for index, grade in enumerate(grades) if grade >= GOOD]
    return good[2] + 1 if len(good) >= 3 else len(grades)


@given(acts(leaving, showing, short_wait))
def test_drills_never_move_the_schedule(doing):
    """Only the first grade of a study day counts; the memory of the schedule stays through every drill."""
    desk = _desk(learnt=True)
    session = desk.sitting(ALL_GRADES)

    for act in doing:
        count, states = len(desk.events), {c.id: desk.look(c.id).state for c in POOL}
        _if_possible(act)(desk, session)
        for event in desk.events[count:]:
            if isinstance(event, Review) and event.mode == "drill":
                assert states[event.card] == desk.look(event.card).state
    scheduled = [(r.card, r.day) for r in reviews(desk) if r.mode == "scheduled"]
    assert len(set(scheduled)) == len(scheduled)


@given(acts(leaving, showing, back, long_wait, elsewhere), st.booleans())
def test_the_label_of_a_choice_is_the_day_that_the_grade_sets(doing, fuzz):
    """Buttons and schedule cannot disagree, with fuzz or without, for cards and for drills."""
    desk = _desk(learnt=True)
    desk.scheduler = Sm2(fuzz=fuzz)
    session = desk.sitting(ALL_GRADES)
    for act in doing:
        _if_possible(act)(desk, session)
        if isinstance(session.view, Question):
            promised = session.reveal()
            choice = promised.choices[len(desk.events) % 6]
            session.grade(choice.grade)

            due = desk.look(promised.question.card.id).state.due
            assert (due, (due - desk.day()).days) == (choice.due, choice.interval_days)


@given(st.lists(st.integers(0, 5), max_size=12), st.booleans())
def test_a_sitting_that_was_cut_off_goes_on_with_the_same_card(grades, learnt):
    """All that a sitting needs is in the log: the cards to come, and the drills in their order."""
    names = ["a", "b", "c", "e"]
    desk = MemoryDesk(cards(*names), at=EVENING - timedelta(days=7))
    for name in names if learnt else []:
        desk.grade_elsewhere(f"d/{name}", 5)
        desk.wait(60)
    desk.at = EVENING
    session = desk.sitting(ALL_GRADES)
    for grade in grades:
        if not isinstance(session.view, Done):
            desk.wait(5)
            graded(session, grade)

    coming = desk.plan()

    assert [*coming.main, *coming.drills] == play(session)


@example([_act("suspend")] * 20)
@given(acts(marking, leaving, showing, running, back, short_wait, long_wait, elsewhere))
def test_numbers_stay_within_the_sitting(doing):
    """The place of a card never passes the total, and the end accounts for every card once."""
    desk = _desk(learnt=True)
    session = desk.sitting(ALL_GRADES)
    for act in doing:
        _if_possible(act)(desk, session)
        view = session.view.question if isinstance(session.view, Answer) else session.view
        if isinstance(view, Question):
            assert (1 if view.total else 0) <= view.number <= view.total
        else:
            assert view.right_at_once <= view.reviewed


# ---------------------------------------------------------------- refusals


def test_grading_before_the_answer_is_shown_is_refused():
    """A grade for an answer nobody saw says nothing."""
    desk = MemoryDesk(cards("a"))
    session = desk.sitting()

    with pytest.raises(BadRequest, match="no answer on screen"):
        session.grade(GOOD)

    assert [] == desk.events


@pytest.mark.parametrize("method", ["reveal", "skip", "bury", "suspend", "flag", "undo", "regrade"])
def test_an_empty_sitting_refuses_everything_but_its_end(method):
    """There is no card to act on and nothing to take back."""
    session = MemoryDesk([]).sitting()

    with pytest.raises(BadRequest):
        getattr(session, method)()

    assert "finished" == session.quit().reason


def test_an_answer_is_shown_once():
    """A second reveal would throw the typed text away."""
    session = MemoryDesk(cards("a")).sitting()
    session.reveal()

    with pytest.raises(BadRequest, match="already shown"):
        session.reveal("late")


@pytest.mark.parametrize("text", ["x" * (LONGEST_TEXT + 1), "\ud800"])
def test_text_that_no_log_line_holds_is_refused_before_it_is_shown(text):
    """What is graded must be readable from the log again."""
    session = MemoryDesk([card("d/a", answer={"": "x"})]).sitting()
    before = session.view

    with pytest.raises(BadRequest):
        session.reveal(text)

    assert before == session.view


# ---------------------------------------------------------------- what is asked and stored


def test_a_typed_answer_is_compared_stored_and_suggests_a_grade():
    """The machine suggests, the person grades; the log keeps both the text and the grade given."""
    desk = MemoryDesk([card("d/ls", answer={"": "ls -la"})])
    session = desk.sitting()

    view = session.reveal("ls -la")
    session.grade(EASY)

    assert ("exact", GOOD) == (view.comparison.kind, view.suggested)
    assert ("ls -la", EASY) == (reviews(desk)[0].typed, reviews(desk)[0].grade)


@pytest.mark.parametrize(
    ("shell", "platform", "expected"), [("zsh", "linux", "p"), ("fish", "macos", "m"), ("", "", "")]
)
def test_the_answer_is_that_of_the_shell_or_of_the_platform(shell, platform, expected):
    """Where no text fits, the card is answered in the head."""
    desk = MemoryDesk([card("d/a", answer={"posix": "p", "macos": "m"})])

    question = desk.sitting(Options(shell=shell, platform=platform)).view

    assert (expected, bool(expected)) == (question.answer, question.typed)


@pytest.mark.parametrize(("typed", "kind"), [("grep -r fooo", "slip"), ("grep -r food", "wrong")])
def test_what_the_deck_calls_wrong_is_no_slip(typed, kind):
    """One letter away from the answer, but the author knows better."""
    desk = MemoryDesk([card("d/a", answer={"": "grep -r foo"}, wrong={"": ("grep -r food",)})])

    assert kind == desk.sitting().reveal(typed).comparison.kind


def test_a_review_says_when_where_and_in_which_mode():
    """The whole record of one grade."""
    desk = MemoryDesk(cards("a"))
    session = desk.sitting()
    desk.wait(5.31)

    graded(session, HARD)

    expected = Review(
        id=desk.events[0].id,
        card=CardId("d/a"),
        grade=HARD,
        at=EVENING + timedelta(seconds=5.31),
        offset_minutes=0,
        day=EVENING.date(),
        mode="scheduled",
        took_ms=5310,
        device="here",
    )
    assert [expected] == desk.events


def test_a_grade_is_stored_before_the_next_card_is_asked():
    """A sitting that is cut off has lost nothing."""
    desk = MemoryDesk(cards("a", "b"))
    told: list[object] = []
    outside = desk.desk()
    watched = outside._replace(
        record=lambda event: told.append(type(event).__name__) or desk.record(event),
        load=lambda name: told.append(name) or desk.cards[name],
    )
    session = Session(("d/a", "d/b"), (), watched)

    graded(session, GOOD)

    assert ["d/a", "Review", "d/b"] == told


def test_a_store_that_fails_leaves_the_sitting_where_it_was():
    """Neither grade nor undo is forgotten: both can be tried again."""
    desk = MemoryDesk(cards("a", "b"))
    locked = [False]

    def record(event: Event) -> object:
        if locked[0]:
            raise StoreLocked("db")
        return desk.record(event)

    session = Session(("d/a", "d/b"), (), desk.desk()._replace(record=record))
    session.reveal()
    locked[0] = True
    with pytest.raises(StoreLocked):
        session.grade(GOOD)
    locked[0] = False
    assert "d/b" == name_of(session.grade(GOOD))
    locked[0] = True
    with pytest.raises(StoreLocked):
        session.undo()
    locked[0] = False

    assert "d/a" == name_of(session.undo())


def test_questions_are_numbered_and_drills_count_apart():
    """Two of three were asked; the first comes back at the end."""
    session = MemoryDesk(cards("a", "b", "c")).sitting()
    places = []

    for grade in (AGAIN, GOOD, GOOD):
        places.append((session.view.number, session.view.total, session.view.drills, session.view.phase))
        graded(session, grade)
    places.append((session.view.number, session.view.total, session.view.drills, session.view.phase))

    assert [(1, 3, 0, "new"), (2, 3, 1, "new"), (3, 3, 1, "new"), (3, 3, 1, "drill")] == places


def test_a_known_card_is_a_review_and_says_how_late_it_is():
    """Due a day after its first good grade, asked three days after that."""
    desk = MemoryDesk(cards("a"))
    desk.grade_elsewhere("d/a", GOOD)
    desk.at += timedelta(days=4)

    view = desk.sitting().view

    assert ("review", 3) == (view.phase, view.overdue_days)


# ---------------------------------------------------------------- undo, regrade


def test_undo_takes_back_the_grade_and_asks_the_card_again():
    """In the log an undo names what it takes back; the memory is as if nothing had been."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()
    graded(session, AGAIN)

    view = session.undo()

    assert ("d/a", 1, 0) == (view.card.id, view.number, view.drills)
    assert (desk.events[0].id, "here") == (desk.events[1].target, desk.events[1].device)
    assert None is desk.look("d/a").state


def test_the_last_grade_can_be_undone_from_the_end():
    """The end of a sitting is a view like any other."""
    session = MemoryDesk(cards("a")).sitting()
    graded(session, GOOD)
    assert "finished" == name_of(session.view)

    assert "d/a" == name_of(session.undo())
    graded(session, EASY)
    assert 1 == session.view.reviewed


def test_regrade_keeps_the_typed_text_and_the_time():
    """The answer is on screen again as it was; the time that was spent on it still counts."""
    desk = MemoryDesk([card("d/ls", answer={"": "ls -la"})])
    session = desk.sitting()
    desk.wait(10)
    session.reveal("ls -a")
    session.grade(AGAIN)

    view = session.regrade()
    desk.wait(2)
    session.grade(HARD)

    assert ("ls -a", "wrong") == (view.typed, view.comparison.kind)
    assert [(AGAIN, 10_000), (HARD, 12_000)] == [(r.grade, r.took_ms) for r in reviews(desk)]
    assert "ls -a" == reviews(desk)[1].typed


def test_regrade_without_a_grade_is_refused():
    """After a skip there is no grade to give anew."""
    session = MemoryDesk(cards("a", "b")).sitting()
    session.skip()

    with pytest.raises(BadRequest, match="no grade"):
        session.regrade()


def test_quitting_can_be_undone_with_the_last_grade():
    """A hasty `q` loses nothing."""
    session = MemoryDesk(cards("a", "b")).sitting()
    graded(session, GOOD)
    session.quit()

    assert "d/a" == name_of(session.undo())


# ---------------------------------------------------------------- skip, bury, suspend, flag


def test_a_skipped_card_leaves_no_trace():
    """It is due in the next sitting as it was in this one."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()

    view = session.skip()

    assert ("d/b", []) == (name_of(view), desk.events)
    assert "d/a" == name_of(desk.sitting().view)


def test_a_buried_card_comes_back_with_the_next_study_day():
    """Not at midnight: at 04:00."""
    desk = MemoryDesk(cards("a"))
    desk.sitting().bury()

    desk.at = datetime(2026, 11, 23, 3, 59, tzinfo=UTC)
    assert () == desk.plan().main
    desk.at = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
    assert "d/a" == name_of(desk.sitting().view)


def test_a_suspended_card_stays_away_until_it_is_resumed():
    """However many days pass."""
    desk = MemoryDesk(cards("a"))
    desk.sitting().suspend()

    desk.at += timedelta(days=400)
    assert () == desk.plan().main
    desk.mark_elsewhere("d/a", "resume")
    assert ("d/a",) == desk.plan().main


def test_a_drill_that_is_put_away_does_not_come_back():
    """Neither in this sitting nor in the next one of the day."""
    desk = MemoryDesk(cards("a"))
    session = desk.sitting()
    graded(session, AGAIN)

    assert "finished" == name_of(session.bury())
    assert "finished" == name_of(desk.sitting().view)


def test_a_flag_goes_on_and_off_and_keeps_the_answer_on_screen():
    """The typed text stays where it is."""
    desk = MemoryDesk([card("d/ls", answer={"": "ls"})])
    session = desk.sitting()
    before = session.reveal("l")

    on, off = session.flag(), session.flag()

    assert (True, "l") == (on.question.flagged, on.typed)
    assert before == off
    assert ["flag", "unflag"] == [event.mark for event in desk.events]


# ---------------------------------------------------------------- cards that a success opens


def chained() -> MemoryDesk:
    """`d/b` waits for `d/a`, and `d/c` for `d/b`; `d/e` waits for nothing."""
    return MemoryDesk([card("d/c", after=("d/b",)), card("d/b", after=("d/a",)), *cards("a", "e")])


def test_a_success_opens_what_waited_for_it():
    """A deck that builds up is learnt in one sitting, one card after the other."""
    desk = chained()

    assert ["d/a", "d/e", "d/b", "d/c"] == play(desk.sitting())


def test_a_failure_opens_nothing_until_the_drill_succeeds():
    """Then the cards that waited come, and are numbered on."""
    session = chained().sitting()

    shown = graded(session, AGAIN, GOOD, AGAIN, GOOD)

    assert ["d/a", "d/e", "d/a", "d/a"] == shown
    assert ("d/b", "new", 3, 3) == (name_of(session.view), session.view.phase, session.view.number, session.view.total)


def test_a_card_is_opened_once():
    """A second success does not bring it again: neither waiting nor skipped."""
    session = chained().sitting()

    graded(session, GOOD, GOOD)

    assert (3, 3) == (session.view.number, session.view.total)
    assert "finished" == name_of(session.skip())


def test_undo_closes_again_what_the_grade_had_opened():
    """Without the success the others go on waiting; with it they come once."""
    session = chained().sitting()
    graded(session, GOOD, GOOD)
    assert "d/b" == name_of(session.view)
    session.undo()
    session.undo()

    session.skip()

    assert ("d/e", 2) == (name_of(session.view), session.view.total)
    session.undo()
    assert ["d/a", "d/e", "d/b", "d/c"] == play(session)


# ---------------------------------------------------------------- time


def test_time_beyond_the_ceiling_does_not_count():
    """Who went for coffee did not think for an hour."""
    desk = MemoryDesk(cards("a"))
    session = desk.sitting(Options(idle_seconds=60))
    desk.wait(3600)

    graded(session, GOOD)

    assert (60_000, 60_000) == (reviews(desk)[0].took_ms, session.view.took_ms)


def test_the_watch_stands_still_while_the_program_sleeps():
    """Pausing twice is pausing once; the next card starts from nought."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()
    desk.wait(3)
    session.pause()
    session.pause()
    desk.wait(20)
    session.resume()
    session.resume()
    desk.wait(4)
    graded(session, GOOD)
    desk.wait(1)
    graded(session, GOOD)

    assert [7000, 1000] == [r.took_ms for r in reviews(desk)]


def test_minutes_end_the_sitting_after_the_card_on_screen():
    """The card that is shown may be finished; the next one does not come."""
    desk = MemoryDesk(cards("a", "b", "c"))
    session = desk.sitting(Options(minutes=5))
    graded(session, GOOD)
    desk.wait(300)

    graded(session, AGAIN)

    assert ("minutes", 2, 2) == (session.view.reason, session.view.reviewed, session.view.left)


def test_what_is_undone_is_asked_again_even_when_the_time_is_up():
    """Otherwise a grade could be taken back and not given anew."""
    desk = MemoryDesk([card("d/a", answer={"": "a"}), *cards("b")])
    session = desk.sitting(Options(minutes=5))
    session.reveal("typed")
    desk.wait(301)
    session.grade(GOOD)
    assert "minutes" == name_of(session.view)

    assert "typed" == session.regrade().typed
    assert "minutes" == name_of(session.grade(HARD))


def test_drills_end_with_the_study_day():
    """After 04:00 the failed card is a card of the new day, and not of this sitting."""
    desk = MemoryDesk(cards("a", "b"), at=datetime(2026, 11, 23, 3, 50, tzinfo=UTC))
    session = desk.sitting()
    graded(session, AGAIN)
    desk.wait(20 * 60)

    graded(session, GOOD)

    assert ("finished", 0) == (session.view.reason, session.view.left)
    assert ("d/a",) == desk.plan().main


def test_a_card_that_is_on_screen_at_the_rollover_counts_for_the_new_day():
    """Shown at 03:50, graded at 04:10: it belongs to the day on which it was graded."""
    desk = MemoryDesk(cards("a"), at=datetime(2026, 11, 23, 3, 50, tzinfo=UTC))
    session = desk.sitting()
    desk.wait(20 * 60)

    graded(session, GOOD)

    state = desk.look("d/a").state
    assert ("2026-11-23", "2026-11-24") == (reviews(desk)[0].day.isoformat(), state.due.isoformat())


def test_a_drill_that_is_on_screen_at_the_rollover_moves_the_schedule():
    """It is the first grade of the new day, whatever it was when it was shown."""
    desk = MemoryDesk(cards("a"), at=datetime(2026, 11, 23, 3, 50, tzinfo=UTC))
    session = desk.sitting()
    graded(session, AGAIN)
    desk.wait(20 * 60)

    answer = session.reveal()
    session.grade(GOOD)

    assert ["scheduled", "scheduled"] == [r.mode for r in reviews(desk)]
    assert answer.choices[2].due == desk.look("d/a").state.due


# ---------------------------------------------------------------- another terminal


def test_a_card_graded_in_another_terminal_is_not_asked_twice():
    """The next card comes, with a word about why."""
    desk = MemoryDesk(cards("a", "b", "c"))
    session = desk.sitting()
    desk.grade_elsewhere("d/b", GOOD)

    graded(session, GOOD)

    assert ("d/c", 3) == (session.view.card.id, session.view.number)
    assert "`d/b` was graded meanwhile in another terminal" == session.view.notice


@pytest.mark.parametrize(("mark", "value"), [("suspend", None), ("bury", "2026-11-23")])
def test_a_card_put_away_in_another_terminal_is_not_asked(mark, value):
    """Cards and drills alike."""
    desk = MemoryDesk(cards("a", "b", "c"))
    session = desk.sitting()
    graded(session, AGAIN)
    desk.mark_elsewhere("d/c", mark, value)
    desk.mark_elsewhere("d/a", mark, value)

    graded(session, GOOD)

    assert ("finished", 0) == (session.view.reason, session.view.left)


def test_a_put_away_card_is_named_to_the_person():
    """The notice stands on the next question, and there alone."""
    desk = MemoryDesk(cards("a", "b", "c", "e"))
    session = desk.sitting()
    desk.mark_elsewhere("d/b", "suspend")

    graded(session, GOOD)
    notice = session.view.notice
    graded(session, GOOD)

    assert ("`d/b` was put away meanwhile", "") == (notice, session.view.notice)


def test_a_drill_finished_in_another_terminal_does_not_come_back():
    """Four there is four here."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()
    graded(session, AGAIN)
    desk.grade_elsewhere("d/a", GOOD, mode="drill")

    graded(session, GOOD)

    assert "finished" == name_of(session.view)


def test_a_card_graded_elsewhere_while_it_is_on_screen_becomes_a_drill():
    """Of two grades on one day the first counts, whichever terminal it came from."""
    desk = MemoryDesk(cards("a"))
    session = desk.sitting()
    session.reveal()
    desk.grade_elsewhere("d/a", EASY)
    before = desk.look("d/a").state

    session.grade(GOOD)

    assert "drill" == reviews(desk)[-1].mode
    assert before == desk.look("d/a").state


def test_a_flag_stands_behind_what_a_fast_clock_did():
    """A flag of a clock that ran ahead comes off when the person takes it off."""
    desk = MemoryDesk(cards("a"))
    desk.wait(3600)
    desk.mark_elsewhere("d/a", "flag")
    desk.wait(-3600)
    session = desk.sitting()

    session.flag()

    assert not desk.look("d/a").flagged
    assert desk.memories == desk.replayed()


def test_a_grade_that_came_second_is_named_to_the_person():
    """Nobody believes that a grade moved the schedule when another terminal's had done so already."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()
    session.reveal()
    desk.wait(1)
    desk.grade_elsewhere("d/a", EASY)
    desk.wait(1)

    session.grade(GOOD)

    assert "`d/a` was graded in another terminal first; your grade counts as a drill" == session.view.notice


def test_a_grade_that_came_first_needs_no_words():
    """The ordinary grade, its undo and the grade given anew say nothing of other terminals."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()

    notices = []
    for act in (
        session.reveal,
        lambda: session.grade(AGAIN),
        session.undo,
        session.reveal,
        lambda: session.grade(GOOD),
    ):
        desk.wait(1)
        view = act()
        notices.append(view.question.notice if isinstance(view, Answer) else view.notice)

    assert [""] * 5 == notices


# ---------------------------------------------------------------- cram, end


def test_cram_asks_anything_and_moves_nothing():
    """Suspended cards and cards failed today as well; no drill follows, no state changes."""
    desk = MemoryDesk(cards("a", "b"))
    desk.grade_elsewhere("d/a", AGAIN)
    desk.mark_elsewhere("d/b", "suspend")
    before = {name: desk.look(name)._replace(order=("", "")) for name in ("d/a", "d/b")}
    session = Session(("d/a", "d/b"), (), desk.desk(), Options(cram=True))
    phase = session.view.phase

    shown = graded(session, AGAIN, EASY)

    assert ("cram", ["d/a", "d/b"], "finished") == (phase, shown, name_of(session.view))
    assert ["cram", "cram"] == [r.mode for r in reviews(desk)[1:]]
    assert before == {name: desk.look(name)._replace(order=("", "")) for name in ("d/a", "d/b")}


def test_the_end_counts_cards_drills_and_what_is_left():
    """Four cards: right, failed and drilled, skipped, left."""
    desk = MemoryDesk(cards("a", "b", "c", "e"))
    session = desk.sitting()
    for grade in (HARD, AGAIN):
        desk.wait(2)
        graded(session, grade)
    session.skip()

    done = session.quit()

    assert Done(reason="quit", reviewed=2, right_at_once=1, drilled=0, skipped=1, took_ms=4000, left=3) == done


def test_every_drill_is_counted():
    """A card that needs three tries was drilled twice, reviewed once and not right at once."""
    session = MemoryDesk(cards("a")).sitting()

    graded(session, AGAIN, HARD, GOOD)

    done = session.view
    assert ("finished", 1, 0, 2, 0) == (done.reason, done.reviewed, done.right_at_once, done.drilled, done.left)


def test_a_sitting_of_drills_alone_has_no_cards_of_its_own():
    """What an earlier sitting left over is finished first thing."""
    desk = MemoryDesk(cards("a", "b"))
    desk.grade_elsewhere("d/a", AGAIN)
    session = desk.sitting(rules=Rules(day=desk.day(), limit=0))

    assert ("drill", 0, 1) == (session.view.phase, session.view.total, session.view.drills)
    graded(session, GOOD)
    assert (0, 1) == (session.view.reviewed, session.view.drilled)


# ---------------------------------------------------------------- leeches


def _lapsing(lapses: int, rule: LeechRule, *, typed: str = "rm") -> tuple[MemoryDesk, Session]:
    """A card that was known and forgotten in turn; the last of the lapses is about to be graded."""
    desk = MemoryDesk([card("d/ls", answer={"": "ls"}), card("d/b")])
    desk.mark_elsewhere("d/b", "suspend")
    for lapse in range(lapses):
        desk.grade_elsewhere("d/ls", GOOD)
        desk.at += timedelta(days=1)
        if lapse < lapses - 1:
            desk.grade_elsewhere("d/ls", AGAIN)
            desk.at += timedelta(days=1)
    desk.mark_elsewhere("d/b", "resume")
    desk.at += timedelta(days=30)
    session = desk.sitting(Options(leech=rule))
    session.reveal(typed)
    return desk, session


def test_the_lapse_that_reaches_the_threshold_suspends_and_says_so():
    """With the way back, and what was typed; the card does not come back today."""
    desk, session = _lapsing(3, LeechRule(lapses=3))

    view = session.grade(AGAIN)

    assert ("d/b", True) == (name_of(view), desk.look("d/ls").suspended)
    assert (
        "`d/ls` is a leech, 3 lapses, and is suspended: `cards resume d/ls` brings it back; typed wrong: rm"
        == view.notice
    )
    assert (["d/b"], True) == (play(session), session.view.reason == "finished")


def test_a_leech_can_be_flagged_instead():
    """It goes on being asked, also today."""
    desk, session = _lapsing(1, LeechRule(lapses=1, action="flag"))

    view = session.grade(AGAIN)

    assert (True, False) == (desk.look("d/ls").flagged, desk.look("d/ls").suspended)
    assert "`cards flag --off d/ls`" in view.notice
    assert ["d/b", "d/ls"] == play(session)


@pytest.mark.parametrize("rule", [LeechRule(lapses=0), LeechRule(lapses=4)], ids=["off", "below"])
def test_other_lapses_do_nothing(rule):
    """Neither where the rule is off nor below the threshold."""
    desk, session = _lapsing(3, rule)

    session.grade(AGAIN)

    assert (1, None) == (len([e for e in desk.events if e.device == "here"]), desk.events[-1].batch)


def test_a_review_and_its_leech_are_one_action():
    """One transaction, one batch, one undo."""
    desk, session = _lapsing(1, LeechRule(lapses=1))
    stored = []
    session._desk = session._desk._replace(record=lambda *events: stored.append(events) or desk.record(*events))
    before = desk.look("d/ls")

    session.grade(AGAIN)
    session.undo()

    (review, mark), (undo,) = stored
    assert ({review.id}, True) == ({review.batch, mark.batch, undo.target}, mark.id > review.id)
    assert before._replace(order=()) == desk.look("d/ls")._replace(order=())
    assert ("d/ls", "") == (name_of(session.view), session.view.notice)


@pytest.mark.parametrize(
    ("threshold", "struck"), [(8, [8, 12, 16, 20]), (5, [5, 8, 11, 14, 17, 20]), (1, list(range(1, 21))), (0, [])]
)
def test_a_leech_is_acted_on_at_the_threshold_and_every_half_after(threshold, struck):
    """Resumed at a count it stays until it lapsed half as often again."""
    assert struck == [lapses for lapses in range(21) if strikes(lapses, threshold)]


def test_the_last_card_of_a_sitting_can_be_a_leech():
    """The end says so."""
    desk, session = _lapsing(1, LeechRule(lapses=1))
    desk.mark_elsewhere("d/b", "suspend")

    view = session.grade(AGAIN)

    assert isinstance(view, Done)
    assert "`d/ls` is a leech" in view.notice


def test_a_leech_that_was_resumed_is_not_put_away_by_the_next_success():
    """Only a lapse can."""
    desk, session = _lapsing(1, LeechRule(lapses=1))
    session.grade(AGAIN)
    desk.mark_elsewhere("d/ls", "resume")
    desk.at += timedelta(days=1)

    again = desk.sitting(Options(leech=LeechRule(lapses=1)))
    graded(again, GOOD)

    assert not desk.look("d/ls").suspended


def test_a_grade_that_was_given_first_and_stored_second_is_named_to_the_person():
    """The other terminal was told that its grade counts; so this one says that there are two."""
    desk = MemoryDesk(cards("a", "b"))
    session = desk.sitting()
    session.reveal()

    def a_moment_late(*events):
        desk.wait(1)
        desk.grade_elsewhere("d/a", EASY)
        return desk.record(*events)

    session._desk = session._desk._replace(record=a_moment_late)

    session.grade(GOOD)

    assert "`d/a` was graded in another terminal as well; your grade came first and counts" == session.view.notice
    assert desk.memories == desk.replayed()
