"""Replay: what is known of a card is the fold of its standing events in order."""

from datetime import date, timedelta
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracle import after, replayed
from strategies import (
    CARDS,
    START,
    a_mark,
    a_review,
    an_undo,
    baselines,
    event_id,
    events,
    grades,
    logs,
    marks,
    renames,
    reviews,
    settings_events,
    sm2_states,
    split_logs,
    unknowns,
)

from flashcards.log import from_line, order, to_line
from flashcards.model import MODES, Baseline, Event, Grade, Memory, Review, Setting, Sm2State, Undo
from flashcards.replay import advance, counts, fold, renamed, replay, state_from, state_to
from flashcards.schedulers.sm2 import Sm2
from flashcards.union import merge, standing

CARD = CARDS[0]
MONDAY, TUESDAY, NEXT_WEEK = "2026-03-02", "2026-03-03", "2026-03-09"
SM2 = Sm2()


def text(_event: Event) -> Sm2:
    """SM-2 by its text, for every event."""
    return SM2


def memory_of(*log: Event) -> Memory:
    """What is known of the one card of these tests."""
    return replay(log, text)[CARD]


def day(written: str) -> date:
    """A study day."""
    return date.fromisoformat(written)


# ---------------------------------------------------------------- reviews


def test_one_review_by_hand():
    """The whole memory after one grade."""
    review = a_review(1, MONDAY, Grade.GOOD)
    expected = Memory(
        card=CARD,
        state=Sm2State(repetitions=1, ease_hundredths=250, interval_days=1, due=day(TUESDAY), lapses=0),
        reviews=1,
        last_at=review.at,
        last_day=day(MONDAY),
        first_day=day(MONDAY),
        passed=True,
        order=("2026-03-02T12:01:00.000Z", event_id(1)),
    )

    assert expected == memory_of(review)


def test_the_first_review_of_a_study_day_counts():
    """Later grades of that day, better or worse, leave the schedule where it was."""
    first = a_review(1, MONDAY, Grade.HARD)

    alone, together = memory_of(first), memory_of(first, a_review(2, MONDAY, 5), a_review(3, MONDAY, 0))

    assert alone.state == together.state
    assert (1, first.at, day(MONDAY)) == (together.reviews, together.last_at, together.last_day)


def test_the_study_day_decides_and_not_the_date():
    """Two reviews on one date may count for two study days, and two dates be one."""
    late = a_review(1, MONDAY, 4, day=day("2026-03-01"))
    next_morning = a_review(2, MONDAY, 4)
    after_midnight = a_review(3, TUESDAY, 4, day=day(MONDAY))

    assert 2 == memory_of(late, next_morning).reviews
    assert 1 == memory_of(next_morning, after_midnight).reviews


def test_a_review_for_a_day_already_past_is_a_drill():
    """After a flight westward the calendar may run back; the schedule does not."""
    first = a_review(1, TUESDAY, 4)

    actual = memory_of(first, a_review(2, TUESDAY, 5, day=day(MONDAY)))

    assert memory_of(first).state == actual.state
    assert 1 == actual.reviews


@pytest.mark.parametrize(
    ("sequence", "expected"),
    [((3,), MONDAY), ((4,), None), ((1, 3), MONDAY), ((1, 4), None), ((5, 3), MONDAY), ((0, 5, 2), MONDAY)],
)
def test_a_card_is_drilled_until_it_gets_a_four(sequence, expected):
    """Step 7: below 4 it comes back the same study day, at 4 it is done; the last grade decides."""
    log = [a_review(n, MONDAY, grade) for n, grade in enumerate(sequence)]

    actual = memory_of(*log).drill

    assert (day(expected) if expected else None) == actual


def test_drills_of_their_own_mode_move_nothing_but_the_drill():
    """A review that says it is a drill does not count, not even as the first of its day."""
    start = memory_of(a_review(1, MONDAY, 2))

    actual = memory_of(a_review(1, MONDAY, 2), a_review(2, TUESDAY, 3, mode="drill"))

    assert start._replace(drill=day(TUESDAY), passed=True, order=actual.order) == actual


@given(logs(card=st.just(CARD)), grades)
def test_cram_changes_nothing(log, grade):
    """Practice outside the schedule leaves only its place in the log."""
    start = fold(CARD, log, text)
    cram = a_review(9, "2026-04-01", grade, mode="cram")

    actual = advance(start, cram, SM2)

    assert start._replace(order=order(cram)) == actual
    assert start == actual._replace(order=start.order)


def test_imported_reviews_are_steps_without_drills():
    """History from elsewhere builds the state; nobody has to drill it."""
    log = [a_review(1, MONDAY, 4, mode="imported"), a_review(2, NEXT_WEEK, 3, mode="imported")]

    actual = memory_of(*log)

    assert memory_of(*(review._replace(mode="scheduled") for review in log)).state == actual.state
    assert (2, day(NEXT_WEEK), None, True) == (actual.reviews, actual.last_day, actual.drill, actual.passed)


def test_imported_reviews_leave_a_drill_alone():
    """A drill of today is not ended by history that arrives today."""
    actual = memory_of(a_review(1, MONDAY, 1), a_review(2, MONDAY, 5, mode="imported"))

    assert day(MONDAY) == actual.drill


@pytest.mark.parametrize(
    ("sequence", "expected"), [((2,), False), ((3,), True), ((2, 5), True), ((4, 0), True), ((0, 1, 2), False)]
)
def test_passed_means_a_three_or_more_ever(sequence, expected):
    """Drills count for it too; a later failure does not take it away."""
    log = [a_review(n, MONDAY, grade) for n, grade in enumerate(sequence)]

    assert expected is memory_of(*log).passed


def test_first_day_stays_and_last_day_moves():
    """The first is the day on which the card was new, the last that of the newest review that counts."""
    log = [a_review(n, when, 4) for n, when in enumerate((MONDAY, TUESDAY, NEXT_WEEK))]

    actual = memory_of(*log)

    assert (day(MONDAY), day(NEXT_WEEK), log[-1].at) == (actual.first_day, actual.last_day, actual.last_at)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("last", "expected"), [(None, True), (MONDAY, True), (TUESDAY, False), (NEXT_WEEK, False)])
def test_what_counts(mode, last, expected):
    """The first of its study day, and neither drill nor cram."""
    memory = Memory(card=CARD, last_day=day(last) if last else None)

    actual = counts(memory, a_review(1, TUESDAY, mode=mode))

    assert (expected and mode in {"scheduled", "imported"}) is actual


daily = st.lists(st.tuples(st.integers(-2, 3), grades), max_size=40)


@given(daily, st.sampled_from(("text", "code")))
def test_a_log_of_reviews_equals_the_oracle(walk, variant):
    """Days with several reviews, gaps, and days that run back: state, count, last day and drill."""
    pairs, today = [], day(MONDAY)
    for wait, grade in walk:
        today += timedelta(days=wait)
        pairs.append((today, int(grade)))
    log = [a_review(n, MONDAY, grade, day=when) for n, (when, grade) in enumerate(pairs)]
    expected = replayed(pairs, variant)

    actual = fold(CARD, log, lambda _event: Sm2(variant=variant))

    known = expected.known and expected.known.row()
    state = actual.state and [*actual.state._replace(due=actual.state.due.isoformat())]
    assert (known, expected.counted, expected.last_day, expected.drill) == (
        state, actual.reviews, actual.last_day, actual.drill
    )  # fmt: skip


# ---------------------------------------------------------------- marks


def test_reset_begins_anew_card_and_day():
    """After a reset the card is new, and the day has room for a first review again."""
    known = [a_review(1, "2026-03-01", 5), a_review(2, MONDAY, 1), a_mark(3, MONDAY, "bury", NEXT_WEEK)]
    log = [*known, a_mark(4, MONDAY, "reset")]

    actual = memory_of(*log)
    again = memory_of(*log, a_review(5, MONDAY, 5))

    assert Memory(card=CARD, reviews=2, order=actual.order) == actual
    assert memory_of(a_review(5, MONDAY, 5))._replace(reviews=3) == again


def test_reset_leaves_suspension_and_flag():
    """They say something about the card, not about what is known of it."""
    log = [a_mark(1, MONDAY, "suspend"), a_mark(2, MONDAY, "flag"), a_mark(3, MONDAY, "reset")]

    actual = memory_of(*log)

    assert (True, True) == (actual.suspended, actual.flagged)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["suspend"], {"suspended": True}),
        (["suspend", "resume"], {}),
        (["resume"], {}),
        (["flag"], {"flagged": True}),
        (["flag", "unflag"], {}),
        (["bury"], {"buried_until": day(NEXT_WEEK)}),
        (["bury", "unbury"], {}),
        (["suspend", "flag", "bury"], {"suspended": True, "flagged": True, "buried_until": day(NEXT_WEEK)}),
        (["due"], {}),
        (["redact"], {}),
        (["mark-of-the-future"], {}),
    ],
)
def test_marks_say_what_they_say(names, expected):
    """Each mark sets or clears its own field, and a mark nobody knows changes nothing."""
    log = [a_mark(n, MONDAY, name, NEXT_WEEK if name in {"bury", "due"} else None) for n, name in enumerate(names)]

    actual = memory_of(*log)

    assert Memory(card=CARD, order=actual.order, **expected) == actual


def test_due_moves_the_day_and_nothing_else():
    """The interval stays, so the next review goes on from it."""
    start = memory_of(a_review(1, MONDAY, 4))

    actual = memory_of(a_review(1, MONDAY, 4), a_mark(2, MONDAY, "due", NEXT_WEEK))

    assert start._replace(state=start.state._replace(due=day(NEXT_WEEK)), order=actual.order) == actual


def test_a_review_that_counts_ends_a_burial():
    """A drill does not; the review that counts does."""
    bury = a_mark(2, MONDAY, "bury", NEXT_WEEK)

    drilled = memory_of(a_review(1, MONDAY, 1), bury, a_review(3, MONDAY, 4))
    reviewed = memory_of(a_review(1, MONDAY, 1), bury, a_review(3, TUESDAY, 4))

    assert (day(NEXT_WEEK), None) == (drilled.buried_until, reviewed.buried_until)


# ---------------------------------------------------------------- baselines, settings


def a_baseline(number: int, brought: Sm2State, **changes) -> Baseline:
    """The `number`th event by hand: brings a state on Monday."""
    at = a_review(number, MONDAY).at
    plain = Baseline(id=event_id(number), card=CARD, scheduler="sm2", state=state_to(brought), at=at, device="import")
    return plain._replace(**changes)


@given(sm2_states(), grades)
def test_a_baseline_is_where_replay_goes_on(state, grade):
    """Imported reviews before it are history; the next review steps from the state that was brought."""
    history = [a_review(1, MONDAY, 0, mode="imported"), a_baseline(2, state)]

    brought, reviewed = memory_of(*history), memory_of(*history, a_review(3, TUESDAY, grade))

    assert (state, True) == (brought.state, brought.passed)
    assert SM2.step(state, grade, START, day(TUESDAY), CARD) == reviewed.state


def test_the_newest_baseline_wins():
    """In the order of the log, not of arrival."""
    old = Sm2State(repetitions=3, ease_hundredths=250, interval_days=15, due=day(NEXT_WEEK))
    new = old._replace(interval_days=40, lapses=2)

    actual = memory_of(a_baseline(2, new), a_baseline(1, old)).state

    assert new == actual


def test_a_baseline_says_that_the_card_was_learnt_before():
    """It is no new card of the day on which it comes; where there was a first day, that stays."""
    brought = a_baseline(2, Sm2State(repetitions=1, ease_hundredths=250, interval_days=1, due=day(TUESDAY)))
    alone, later = memory_of(brought), memory_of(a_review(1, MONDAY, 0), brought)

    assert [(True, date.min), (True, day(MONDAY))] == [(one.passed, one.first_day) for one in (alone, later)]


def test_a_baseline_of_another_scheduler_is_passed_by():
    """Its numbers mean nothing here, whatever they are."""
    start = memory_of(a_review(1, MONDAY, 4))

    actual = memory_of(a_review(1, MONDAY, 4), a_baseline(2, start.state, scheduler="fsrs", state={"stability": 3.5}))

    assert start == actual._replace(order=start.order)


def test_each_event_meets_the_scheduler_of_its_time():
    """`scheduler_for` is asked for every event, so a change of settings does not rewrite what was before it."""
    log = [a_review(n, when, 1 if n == 1 else 4) for n, when in enumerate((MONDAY, TUESDAY, NEXT_WEEK))]

    def scheduler_for(event: Event) -> Sm2:
        return Sm2(variant="code" if event.at >= log[1].at else "text")

    known = after(after(after(None, 4, day(MONDAY), "text"), 1, day(TUESDAY), "code"), 4, day(NEXT_WEEK), "code")
    actual = fold(CARD, log, scheduler_for).state

    assert known.row() == [*actual._replace(due=actual.due.isoformat())]
    assert 196 == actual.ease_hundredths


def test_the_salt_is_the_card():
    """With fuzz, the same history of two cards may fall due on two days."""
    state = Sm2State(repetitions=4, ease_hundredths=250, interval_days=40, due=day(MONDAY))
    log = [e._replace(card=card) for card in CARDS for e in (a_baseline(1, state), a_review(2, TUESDAY, 4))]
    log = [event._replace(id=event_id(n)) for n, event in enumerate(log)]
    fuzzed = Sm2(fuzz=True)

    actual = {card: memory.state.due for card, memory in replay(log, lambda _event: fuzzed).items()}

    assert {card: fuzzed.step(state, Grade.GOOD, START, day(TUESDAY), card).due for card in CARDS} == actual
    assert len(set(actual.values())) > 1


@given(sm2_states())
def test_states_survive_their_json_form(state):
    """There and back, through the log line too; ease is a factor in JSON."""
    line = to_line(a_baseline(1, state))

    assert state == state_from(state_to(state)) == state_from(from_line(line).state)


def test_state_in_json_by_hand():
    """236 hundredths are 2.36, due is a date; lapses may be left out or null."""
    state = Sm2State(repetitions=3, ease_hundredths=236, interval_days=15, due=day("2026-12-07"), lapses=1)
    expected = {"repetitions": 3, "ease": 2.36, "interval_days": 15, "due": "2026-12-07", "lapses": 1}

    assert expected == state_to(state)
    assert state._replace(lapses=0) == state_from({**expected, "lapses": None})
    assert state._replace(lapses=0) == state_from({k: v for k, v in expected.items() if k != "lapses"})


# ---------------------------------------------------------------- undo


@given(logs(max_size=12), events().filter(lambda event: not isinstance(event, Undo)))
def test_undo_leads_back_to_where_it_was(log, event):
    """An event and its undo leave the memory of every card as if neither had been."""
    log = [e for e in log if e.id != event.id]
    undo = an_undo(1, "2026-06-01", event.id)

    assert replay(log, text) == replay([*log, event, undo], text)


def test_undo_of_a_batch_takes_back_all_of_it():
    """An import of reviews, marks and baselines goes at once."""
    state = Sm2State(repetitions=3, ease_hundredths=250, interval_days=15, due=day(NEXT_WEEK))
    mark = a_mark(3, MONDAY, "suspend")._replace(batch="import-1")
    batch = [a_review(2, MONDAY, 4, batch="import-1"), mark, a_baseline(4, state, batch="import-1")]
    before = a_review(1, "2026-03-01", 4)

    actual = memory_of(before, *batch, an_undo(5, MONDAY, "import-1"))

    assert memory_of(before) == actual


def test_undoing_the_first_of_a_day_makes_the_second_count():
    """What counts is asked anew of what stands."""
    first, second = a_review(1, MONDAY, 1), a_review(2, MONDAY, 5)

    actual = memory_of(first, second, an_undo(3, MONDAY, first.id))

    assert memory_of(second) == actual


def test_an_undo_of_an_undo_is_nothing_to_a_memory():
    """The review stays taken back, and can be graded anew."""
    review, again = a_review(1, MONDAY, 1), a_review(4, MONDAY, 5)
    undo = an_undo(2, MONDAY, review.id)

    actual = memory_of(review, undo, an_undo(3, MONDAY, undo.id), again)

    assert memory_of(again) == actual


# ---------------------------------------------------------------- the fold as a whole

standing_events = st.one_of(reviews(), reviews(), marks(), baselines(), unknowns())


@given(st.lists(standing_events, max_size=20, unique_by=lambda event: event.id).map(lambda log: sorted(log, key=order)))
def test_advance_one_by_one_equals_replay(log):
    """What a session keeps up to date is what a rebuild would find."""
    kept: dict[str, Memory] = {}
    for event in log:
        if event.card is not None:
            kept[event.card] = advance(kept.get(event.card, Memory(card=event.card)), event, SM2)

        assert replay(log[: log.index(event) + 1], text) == kept


@given(split_logs(), st.randoms(use_true_random=False))
def test_replay_does_not_ask_in_which_order_logs_were_merged(parts, dice):
    """Three devices that met in any order know the same."""
    expected = replay(merge(*parts), text)
    shuffled = [event for part in parts for event in part]
    dice.shuffle(shuffled)

    assert expected == replay(merge(parts[2], merge(parts[1], parts[0])), text)
    assert expected == replay(reversed(merge(shuffled)), text)


@given(logs())
def test_replay_of_a_log_equals_replay_of_its_lines(log):
    """What travels as text is known the same on the other side."""
    assert replay(log, text) == replay([from_line(to_line(event)) for event in log], text)


@given(logs())
def test_cards_do_not_know_each_other(log):
    """The memory of a card is the fold of its own events, and every card with a standing one has a memory."""
    stands = sorted((e for e in standing(log) if getattr(e, "card", None)), key=lambda e: (e.card, order(e)))
    expected = {card: fold(card, list(its), text) for card, its in groupby(stands, key=lambda e: e.card)}

    assert expected == replay(log, text)


@given(logs())
def test_what_is_known_makes_sense(log):
    """Laws between the fields of a memory, whatever happened."""
    for card, memory in replay(log, text).items():
        assert card == memory.card
        assert (memory.last_at is None) == (memory.last_day is None)
        assert memory.last_day is None or memory.first_day <= memory.last_day
        assert memory.last_day is None or memory.state is not None
        assert memory.order > ("", "")
        if memory.state:
            assert memory.state.ease_hundredths >= 130
            assert 1 <= memory.state.interval_days <= 36_500


@given(settings_events(), logs(max_size=8))
def test_settings_and_undos_are_no_cards(setting, log):
    """Events without a card make no memory and change none."""
    log = [event for event in log if not isinstance(event, Setting) and event.id != setting.id]
    setting = setting._replace(batch=None)

    assert replay(log, text) == replay([setting, *log], text)


def test_unknown_kinds_leave_their_place_only():
    """An event of the future that names a card is seen, and changes nothing that this version knows."""
    line = '{"kind":"poke","id":"f","card":"venv/create","at":"2026-03-09T12:00:00Z"}'
    start = memory_of(a_review(1, MONDAY, 4))

    actual = memory_of(a_review(1, MONDAY, 4), from_line(line))

    assert start._replace(order=("2026-03-09T12:00:00.000Z", "f")) == actual


def test_an_empty_log_knows_nothing():
    """No events, no cards; a card without events is new."""
    assert {} == replay([], text)
    assert Memory(card=CARD) == fold(CARD, [], text)


@given(st.lists(reviews(st.just(CARD)), min_size=1, max_size=8, unique_by=lambda review: review.id))
def test_replay_does_not_change_what_it_is_given(log):
    """The list and its events are as before."""
    copy = list(map(Review._make, log))

    replay(log, text)

    assert copy == log


# ---------------------------------------------------------------- other names, other meanings


def a_rename(number: int, when: str, new: str, old: str) -> Event:
    """The `number`th event by hand: `new` takes over the history of `old`."""
    return a_mark(number, when, "was", old)._replace(card=new)


def test_a_renamed_card_has_the_history_of_its_old_name():
    """What was answered under the old name counts, before the mark and after it, and nothing is left of the old one."""
    early, late = a_review(1, MONDAY, 4), a_review(3, NEXT_WEEK, 5)
    mark = a_rename(2, TUESDAY, "venv/make", CARD)
    under_one_name = replay([early, late], text)[CARD]

    known = replay([late, mark, early], text)

    assert {"venv/make": under_one_name._replace(card="venv/make")} == known


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([("b", "a"), ("c", "b")], {"a": "c", "b": "c"}),
        ([("b", "a"), ("a", "b")], {"b": "a"}),
        ([("b", "a"), ("a", "b"), ("b", "a")], {"a": "b"}),
        ([("b", "a"), ("c", "a")], {"a": "c"}),
        ([("b", "a"), ("c", "b"), ("a", "c")], {"b": "a", "c": "a"}),
        ([("a", "a")], {}),
    ],
)
def test_the_newer_of_two_renames_that_quarrel_wins(pairs, expected):
    """Chains are followed; there and back leads home; nothing loops."""
    assert expected == renamed(pairs)


def test_a_chain_of_ten_thousand_renames_is_followed_at_once():
    """The cost grows with the length of the chain, not with its square."""
    chain = [(str(number + 1), str(number)) for number in range(10_000)]

    assert {"10000"} == {*renamed(chain).values()} == {*renamed(chain[::-1]).values()}


@given(st.lists(st.one_of(reviews(), renames()), max_size=14, unique_by=lambda event: event.id), st.randoms())
def test_renames_do_not_ask_for_the_order_in_which_they_came(log, dice):
    """However the log was put together, every event counts for exactly one card."""
    expected = replay(log, text)
    dice.shuffle(log)

    assert expected == replay(log, text)
    assert max(map(order, log), default=("", "")) == max((m.order for m in expected.values()), default=("", ""))


def test_a_revision_resets_once():
    """Two devices that noticed revision 2 on different days reset the card on the first of them."""
    first = a_mark(2, TUESDAY, "reset", "2")
    between = a_review(3, "2026-03-04", 4)
    second = a_mark(4, "2026-03-05", "reset", "2")

    once = memory_of(a_review(1, MONDAY, 4), first, between)
    twice = memory_of(a_review(1, MONDAY, 4), first, between, second)
    without_first = memory_of(a_review(1, MONDAY, 4), first, between, second, an_undo(9, NEXT_WEEK, first.id))

    assert (once.state, once.rev) == (twice.state, twice.rev)
    assert (None, 2) == (without_first.state, without_first.rev)
