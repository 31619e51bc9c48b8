"""A sitting in which typed commands are run: what is judged, suggested, stored, and how it is tried again."""

import pytest
from desk import CANNOT, EVENING, FAIL, PASS, Machine, MemoryDesk, card, cards
from hypothesis import given
from hypothesis import strategies as st

from flashcards.errors import BadRequest
from flashcards.model import Grade, Review, Verdict
from flashcards.session import Answer, Attempt, Question, Ready, Session, Tick

AGAIN, HARD, GOOD, EASY = Grade.WRONG, Grade.HARD, Grade.GOOD, Grade.EASY
LS = card("d/ls", answer={"": "ls -la"}, accept={"": ("ls -al",)}, run={"shell": "bash"})
HINTED = FAIL._replace(hints=("that lists only what is not hidden",))
RIGHT, WRONG, OTHER = "ls -la", "ls -l", "dir /a"


def at_work(answers: dict[str, Verdict] | None = None, state: Ready | None = None) -> tuple[MemoryDesk, Session]:
    """A desk whose machine passes `ls -la`, and its sitting over one card and another."""
    machine = Machine({RIGHT: PASS, WRONG: HINTED, OTHER: PASS} | (answers or {}), state)
    desk = MemoryDesk([LS, *cards("other")], verifier=machine)
    return desk, desk.sitting()


def review(desk: MemoryDesk) -> Review:
    found = desk.events[-1]
    assert isinstance(found, Review)
    return found


def stored(desk: MemoryDesk) -> tuple[str | None, str | None, int | None, int | None]:
    """What the log keeps of the tries."""
    found = review(desk)
    return found.typed, found.verdict, found.tries, found.hints


# ---------------------------------------------------------------- pass, fail, try again


def test_a_pass_shows_the_answer_and_suggests_good():
    """By its effect, not by its text: nothing is compared."""
    desk, session = at_work()

    view = session.run(OTHER)

    assert isinstance(view, Answer)
    assert (PASS, None, GOOD, OTHER) == (view.verdict, view.comparison, view.suggested, view.typed)
    session.grade(GOOD)
    assert (OTHER, "pass", 1, 0) == stored(desk)


def test_a_failure_leaves_the_question_standing_with_the_try():
    """The answer is not given away, and nothing is stored."""
    desk, session = at_work()

    view = session.run(WRONG)

    assert isinstance(view, Question)
    assert (Attempt(WRONG, HINTED), 1, 1) == (view.attempt, view.tries, view.hints)
    assert [] == desk.events


def test_a_pass_after_a_failure_suggests_hard():
    """The text that passed is stored, with the number of tries and of hints."""
    desk, session = at_work()
    session.run(WRONG)
    session.run("ls")

    view = session.run(RIGHT)
    session.grade(HARD)

    assert HARD == view.suggested
    assert (RIGHT, "pass", 3, 1) == stored(desk)


def test_giving_up_after_a_try_suggests_again_and_keeps_the_try():
    """What was typed last is the slip that statistics want to know."""
    desk, session = at_work()
    session.run(WRONG)

    view = session.reveal("")
    session.grade(AGAIN)

    assert (AGAIN, None) == (view.suggested, view.verdict)
    assert (WRONG, "fail", 1, 1) == stored(desk)


def test_one_try_alone_shows_the_answer_and_suggests_again():
    """For a script, which must stay in step."""
    desk, session = at_work()

    view = session.run(WRONG, retry=False)
    session.grade(AGAIN)

    assert (AGAIN, HINTED) == (view.suggested, view.verdict)
    assert (WRONG, "fail", 1, 1) == stored(desk)


def test_an_answer_that_was_not_run_has_no_verdict():
    """Nothing is claimed that nobody saw."""
    desk = MemoryDesk([LS])
    session = desk.sitting()

    session.reveal(RIGHT)
    session.grade(GOOD)

    assert (RIGHT, None, None, None) == stored(desk)


@pytest.mark.parametrize(
    ("usual_ms", "seconds", "expected"), [(None, 1, GOOD), (10_000, 6, EASY), (10_000, 6.1, GOOD), (1000, 5, GOOD)]
)
def test_a_first_pass_clearly_faster_than_before_suggests_easy(usual_ms, seconds, expected):
    """Six tenths of the usual time; where too little is known, it is good."""
    desk, session = at_work()
    desk.usual |= {LS.id: usual_ms} if usual_ms else {}
    desk.wait(seconds)

    assert expected == session.run(RIGHT).suggested


def test_a_fast_second_try_is_still_hard():
    """Speed does not make up for a slip."""
    desk, session = at_work()
    desk.usual[LS.id] = 60_000
    session.run(WRONG)

    assert HARD == session.run(RIGHT).suggested


# ---------------------------------------------------------------- cannot


@pytest.mark.parametrize(("typed", "expected"), [(RIGHT, GOOD), ("ls -al", GOOD), ("uv x", None)])
def test_what_cannot_be_verified_is_compared_and_never_called_wrong(typed, expected):
    """Another text may do the same: where it differs, nothing is suggested."""
    desk, session = at_work({typed: CANNOT})

    view = session.run(typed)
    session.grade(HARD)

    assert (CANNOT, expected) == (view.verdict, view.suggested)
    assert view.comparison is not None
    assert (typed, "cannot", 1, 0) == stored(desk)


def test_what_cannot_be_verified_after_a_failure_suggests_hard_at_most():
    """The first try is not forgotten because the machine gave up."""
    _, session = at_work({"ls -al": CANNOT})
    session.run(WRONG)

    assert HARD == session.run("ls -al").suggested


# ---------------------------------------------------------------- interrupted


def stopped(desk: MemoryDesk, seconds: float) -> object:
    """A command that runs for a while until the person stops it."""

    def answer(tick: Tick) -> Verdict:
        desk.wait(seconds)
        tick(seconds)
        raise KeyboardInterrupt

    return answer


def test_an_interrupt_stops_the_command_and_leaves_the_question():
    """Neither a try nor a verdict: the next run is the first."""
    desk, session = at_work()
    desk.verifier.answers["sleep 9"] = stopped(desk, 9)
    before = session.view

    with pytest.raises(KeyboardInterrupt):
        session.run("sleep 9")

    assert before is session.view
    assert GOOD == session.run(RIGHT).suggested


def test_an_interrupt_that_reached_the_command_first_is_no_try():
    """It died of the same key; what was found then says nothing of what was typed."""
    desk, session = at_work()
    before = session.view

    def interrupted(_: float) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.run(WRONG, interrupted)

    assert (before, 1) == (session.view, len(desk.verifier.ran))


def test_the_machine_s_time_is_not_the_person_s():
    """Neither the time of a run nor of one that was stopped, nor what a ctrl-z within it did to the watch."""
    desk, session = at_work()

    def slow(tick: Tick) -> Verdict:
        desk.wait(20)
        session.pause()
        session.resume()
        desk.wait(20)
        return PASS

    desk.verifier.answers |= {"sleep 9": stopped(desk, 9), "make": slow}
    desk.wait(3)
    with pytest.raises(KeyboardInterrupt):
        session.run("sleep 9")
    desk.wait(4)
    session.run("make")
    desk.wait(1)

    session.grade(GOOD)

    assert 8000 == review(desk).took_ms


def test_the_seconds_are_told_while_it_runs():
    """For a sign of life on screen."""
    desk, session = at_work()
    desk.verifier.answers["sleep 9"] = stopped(desk, 9)
    seconds = []

    with pytest.raises(KeyboardInterrupt):
        session.run("sleep 9", seconds.append)

    assert [9] == seconds


# ---------------------------------------------------------------- regrade, undo, flag


def test_regrade_keeps_the_verdict_and_the_tries():
    """The answer is on screen again as it was, and what is stored says so."""
    desk, session = at_work()
    session.run(WRONG)
    before = session.run(RIGHT)
    session.grade(HARD)

    again = session.regrade()
    session.grade(GOOD)

    assert before == again
    assert (RIGHT, "pass", 2, 1) == stored(desk)


def test_regrade_keeps_what_was_given_up():
    """The tries of a card that was given up are stored with the new grade, too."""
    desk, session = at_work()
    session.run(WRONG)
    session.reveal("")
    session.grade(AGAIN)

    session.regrade()
    session.grade(HARD)

    assert (WRONG, "fail", 1, 1) == stored(desk)


def test_undo_forgets_the_tries():
    """The card is asked anew, from the first try."""
    _, session = at_work()
    session.run(WRONG)
    session.run(RIGHT)
    session.grade(HARD)

    view = session.undo()

    assert (None, 0, 0) == (view.attempt, view.tries, view.hints)
    assert GOOD == session.run(RIGHT).suggested


def test_a_flag_between_two_tries_keeps_the_first():
    """Flagging is no new start."""
    _, session = at_work()
    session.run(WRONG)

    assert Attempt(WRONG, HINTED) == session.flag().attempt
    assert HARD == session.run(RIGHT).suggested


def test_a_skipped_card_leaves_no_trace_of_its_tries():
    """What was tried belongs to no grade."""
    desk, session = at_work()
    session.run(WRONG)

    view = session.skip()

    assert (None, 0) == (view.attempt, view.tries)
    assert [] == desk.events


# ---------------------------------------------------------------- whether it runs at all


def test_nothing_runs_before_the_person_has_agreed():
    """Nor after a no; a yes holds from then on."""
    desk, session = at_work(state=Ready(runs="ask"))
    with pytest.raises(BadRequest, match="not run here") as refused:
        session.run(RIGHT)
    assert "the person has to agree first" == refused.value.hint
    assert "no" == session.allow(yes=False).ready.runs
    with pytest.raises(BadRequest, match="not run here"):
        session.run(RIGHT)
    assert [] == desk.verifier.ran

    view = session.allow(yes=True)

    assert "yes" == view.ready.runs
    assert PASS == session.run(RIGHT).verdict
    assert [("d/ls", "", RIGHT)] == desk.verifier.ran


@pytest.mark.parametrize("one", [card("d/a", run={"shell": "bash"}), card("d/b", answer={"": "x"})])
def test_a_card_with_nothing_to_type_or_nothing_to_check_is_not_run(one):
    """However ready the machine is."""
    session = MemoryDesk([one], verifier=Machine({})).sitting()

    assert Ready(runs="no") == session.view.ready
    with pytest.raises(BadRequest, match="not run here"):
        session.run("x")


@pytest.mark.parametrize("typed", ["", " \n", "\ud800", "x" * 2_000_000])
def test_what_is_no_command_is_refused_before_it_runs(typed):
    """Nothing, or what no log line holds."""
    desk, session = at_work()
    before = session.view

    with pytest.raises(BadRequest):
        session.run(typed)

    assert (before, []) == (session.view, desk.verifier.ran)


def test_nothing_runs_once_the_answer_is_shown():
    """It would be no test of anything."""
    desk, session = at_work()
    session.reveal("")

    with pytest.raises(BadRequest, match="already shown"):
        session.run(RIGHT)
    with pytest.raises(BadRequest, match="already shown"):
        session.allow(yes=True)
    assert [] == desk.verifier.ran


def test_the_shell_is_the_one_the_desk_names_for_the_card():
    """And the person's own where the desk names none."""
    machine = Machine({RIGHT: PASS})
    desk = MemoryDesk([LS], verifier=machine)
    session = Session((LS.id,), (), desk.desk()._replace(shell_for=lambda one: one.run["shell"]))

    session.run(RIGHT)

    assert ("bash", [("d/ls", "bash", RIGHT)]) == (session.view.question.shell, machine.ran)


# ---------------------------------------------------------------- a law


@given(st.lists(st.sampled_from([RIGHT, WRONG, "ls", OTHER]), min_size=1, max_size=8))
def test_tries_end_with_the_first_pass(texts):
    """As many tries as commands up to it; the suggestion follows from their number alone."""
    desk, session = at_work()
    tried = []
    for text in texts:
        if isinstance(session.view, Question):
            tried.append(text)
            session.run(text)

    passed = tried[-1] in {RIGHT, OTHER}
    assert passed == isinstance(session.view, Answer)
    assert not any(text in {RIGHT, OTHER} for text in tried[:-1])
    view = session.view if passed else session.reveal("")
    assert (AGAIN if not passed else GOOD if len(tried) == 1 else HARD) == view.suggested
    session.grade(view.suggested)
    assert (tried[-1], "pass" if passed else "fail", len(tried), tried.count(WRONG)) == stored(desk)
    assert EVENING == review(desk).at
