"""The store: whatever comes in, in whatever order, what is derived equals the replay of the log."""

import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from desk import card
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from strategies import (
    CARDS,
    DEVICES,
    a_mark,
    a_review,
    an_undo,
    event_id,
    logs,
    names,
    renames,
    split_logs,
    undos,
    who,
)
from thorough import times

from flashcards import schedulers
from flashcards.due import Seen
from flashcards.log import from_line, order, stamp, to_line
from flashcards.model import Card, CardId, Deck, Event, Memory, Review, Scheduler, Setting
from flashcards.redaction import redacted
from flashcards.replay import rename, renamed, replay
from flashcards.store import DeckSource, Store, connect, derived
from flashcards.union import merge, standing

# ---------------------------------------------------------------- helpers

DECKS = ("venv", "git")
EXTRA = (CardId("venv/never"), CardId("git/never"))
"""Cards of the decks that no log names."""


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """An empty store."""
    store = Store(tmp_path / "cards.db")
    yield store
    store.close()


@cache
def empty() -> bytes:
    """A database as it is when it is new; copying it is faster than making it."""
    with TemporaryDirectory() as folder:
        Store(Path(folder, "cards.db")).close()
        return Path(folder, "cards.db").read_bytes()


@contextmanager
def stores(number: int = 1) -> Iterator[list[Store]]:
    """So many open stores of one new database, as so many terminals."""
    with TemporaryDirectory() as folder:
        Path(folder, "cards.db").write_bytes(empty())
        opened = [Store(Path(folder, "cards.db")) for _ in range(number)]
        try:
            yield opened
        finally:
            for store in opened:
                store.close()


@st.composite
def scheduled_logs(draw):
    """A log in which the scheduler's settings change in the middle, and some of the changes are taken back."""
    log = draw(logs(max_size=10))
    for number, grade in enumerate(draw(st.lists(st.sampled_from((1, 3, 5)), max_size=8)), 1):
        log.append(a_review(number, f"2026-03-{2 * number:02}", grade))  # a card far enough that the variants differ
    values = {"sm2_variant": ("code", "text"), "fuzz": (True, False), "scheduler": ("sm2", "of-the-future")}
    for _ in range(draw(st.integers(0, 4))):
        name = draw(st.sampled_from(sorted(values)))
        log.append(Setting(name=name, value=draw(st.sampled_from(values[name])), **draw(who())))
    log += draw(st.lists(renames(), max_size=4))
    targets = [event.id for event in log] + [event.batch for event in log if event.batch]
    if targets:
        log += draw(st.lists(undos(st.sampled_from(targets)), max_size=3))
    assume(len({event.id for event in log}) == len(log))
    return log


@st.composite
def deliveries(draw):
    """A log, and a way in which it arrives: chunks that overlap, in any order, each to one of two terminals."""
    log = draw(scheduled_logs())
    arriving = [*draw(st.permutations(log)), *draw(st.lists(st.sampled_from(log), max_size=6) if log else st.just([]))]
    chunks = []
    while arriving:
        size = draw(st.integers(1, len(arriving)))
        chunks.append((draw(st.integers(0, 1)), arriving[:size]))
        arriving = arriving[size:]
    return log, chunks


def naive_scheduler(log: Iterable[Event]):
    """The scheduler in force at each event, from the settings before it, one by one."""
    changes = [event for event in standing(log) if isinstance(event, Setting) and event.deck is None]

    def at(event: Event) -> Scheduler:
        in_force: dict[str, object] = {}
        for change in changes:
            if order(change) <= order(event):
                in_force[change.name] = change.value
        variant = "code" if in_force.get("sm2_variant") == "code" else "text"
        return schedulers.get(variant=variant, fuzz=in_force.get("fuzz") is True)

    return at


def naive_memories(log: Iterable[Event]) -> dict[CardId, Memory]:
    """What replay makes of the whole log; empty memories for the cards that it does not name."""
    merged = merge(log)
    known = replay(merged, naive_scheduler(merged))
    now = aliases_of(merged)
    return {one: known.get(now.get(one, one), Memory(card=one))._replace(card=one) for one in CARDS + EXTRA}


def aliases_of(log: Iterable[Event]) -> dict[CardId, CardId]:
    return renamed(pair for event in standing(log) if (pair := rename(event)))


def memories(store: Store) -> dict[CardId, Memory]:
    return {one: store.memory(one) for one in CARDS + EXTRA}


def tables(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of ours."""
    names_of = ("events", "decks", "meta", "memory", "cards", "renames", "aliases")
    return {name: store._connection.execute(f"select * from {name} order by 1, 2").fetchall() for name in names_of}


def source(deck: str, **changes) -> DeckSource:
    plain = DeckSource(deck=deck, title=f"The deck {deck}", path=f"/{deck}.yaml", size=1, mtime_ns=2, hash="h:1")
    return plain._replace(**changes)


def deck(name: str, *ids: str) -> tuple[Deck, DeckSource]:
    """A deck of plain cards, as `put_decks` takes it."""
    return Deck(id=name, cards=tuple(card(f"{name}/{one}") for one in ids)), source(name)


def both_decks() -> list[tuple[Deck, DeckSource]]:
    every = [one.partition("/") for one in CARDS + EXTRA]
    return [deck(name, *(rest for its_deck, _, rest in every if its_deck == name)) for name in DECKS]


def a_setting(number: int, when: str, name: str, value: object) -> Setting:
    return Setting(
        id=event_id(number),
        name=name,
        value=value,
        at=datetime.fromisoformat(f"{when}T12:00:00Z") + timedelta(minutes=number),
        device=DEVICES[0],
    )


# ---------------------------------------------------------------- the law


@given(deliveries(), st.integers(0, 30))
@settings(max_examples=times(30, 700), suppress_health_check=[HealthCheck.too_slow])
def test_memories_equal_the_replay_of_the_log(delivery, decks_after):
    """In any order, in any chunks, with duplicates, from two terminals: memories equal the replay."""
    log, chunks = delivery
    with stores(2) as terminals:
        for number, (terminal, chunk) in enumerate(chunks):
            if number == decks_after:
                terminals[0].put_decks(both_decks())
            terminals[terminal].append(chunk)

        assert naive_memories(log) == memories(terminals[0]) == memories(terminals[1])
        assert redacted(merge(log)) == list(terminals[0].events())
        assert standing(redacted(log)) == list(terminals[1].events(standing=True))


@given(deliveries(), st.booleans())
@settings(max_examples=times(15, 300), suppress_health_check=[HealthCheck.too_slow])
def test_a_rebuild_changes_nothing(delivery, decks_first):
    """After `rebuild` every row of every table is what it was."""
    log, chunks = delivery
    with stores() as (store,):
        if decks_first:
            store.put_decks(both_decks())
        for _, chunk in chunks:
            store.append(chunk)
        if not decks_first:
            store.put_decks(both_decks())
        before = tables(store)

        now = aliases_of(log)
        assert len({now.get(one.card, one.card) for one in log if getattr(one, "card", None)}) == store.rebuild()
        assert before == tables(store)


@given(split_logs())
@settings(max_examples=times(15, 300), suppress_health_check=[HealthCheck.too_slow])
def test_appending_twice_is_the_same_as_once(parts):
    """Events that are there already change nothing and touch no card."""
    with stores() as (store,):
        for part in parts:
            store.append(part)
        before = tables(store)
        touched = [store.append(part) for part in parts]

        assert [{}] * len(parts) == touched
        assert before == tables(store)


@given(deliveries())
@settings(max_examples=times(15, 300), suppress_health_check=[HealthCheck.too_slow])
def test_append_returns_the_memories_of_the_cards_it_touched(delivery):
    """What comes back is what is stored, and no other card changed, unless a setting moved them all."""
    _, chunks = delivery
    with stores() as (store,):
        for _, chunk in chunks:
            before = memories(store)
            touched = store.append(chunk)
            after = memories(store)

            assert {one: after[one] for one in touched} == touched
            if not any(isinstance(one, Setting) for one in store.events()):
                changed = {store.resolve(one) for one in touched}  # a former id shares the memory of its card
                others = [one for one in before if one not in touched and store.resolve(one) not in changed]
                assert {one: before[one] for one in others} == {one: after[one] for one in others}


# ---------------------------------------------------------------- undo


def test_an_undo_may_come_before_its_target(store):
    """An event whose undo is already there never counts."""
    review = a_review(1, "2026-03-02")
    store.append([an_undo(2, "2026-03-02", review.id)])
    store.append([review])

    assert Memory(card=CARDS[0]) == store.memory(CARDS[0])


def test_an_undone_review_leaves_the_next_one_as_the_first_of_its_day(store):
    """After review, undo, review of one day the second review moves the schedule."""
    first, second = a_review(1, "2026-03-02", grade=1), a_review(3, "2026-03-02", grade=5)
    for event in (first, an_undo(2, "2026-03-02", first.id), second):
        store.append([event])

    assert 260 == store.memory(CARDS[0]).state.ease_hundredths
    assert 1 == store.memory(CARDS[0]).reviews


def test_an_undo_of_a_batch_takes_back_all_of_it_even_what_comes_late(store):
    """A late event of an undone batch does not count, and neither does what was there."""
    one = a_review(1, "2026-03-02", batch="b")
    late = a_review(2, "2026-03-05", batch="b")
    store.append([one, an_undo(3, "2026-03-06", "b")])
    store.append([late])

    assert Memory(card=CARDS[0]) == store.memory(CARDS[0])
    assert [] == list(store.events(standing=True))


def test_an_undone_setting_gives_the_schedule_back(store):
    """A variant that is taken back leaves every memory as if it had never been."""
    reviews = [a_review(n, f"2026-03-{n:02}", grade=n % 4 + 1) for n in range(2, 20, 3)]
    store.append(reviews)
    before = memories(store)
    code = a_setting(1, "2026-03-01", "sm2_variant", "code")
    store.append([code])
    between = memories(store)
    store.append([an_undo(99, "2026-03-28", code.id)])

    assert before == memories(store)
    assert before != between


def test_a_late_review_is_graded_by_the_scheduler_of_its_moment(store):
    """A setting that is there already does not reach back to reviews from before it."""
    store.append([a_setting(99, "2026-03-20", "sm2_variant", "code")])
    for number, grade in enumerate((1, 1, 4), 1):
        store.append([a_review(number, f"2026-03-0{number}", grade)])
    before = store.memory(CARDS[0]).state.ease_hundredths
    store.append([a_review(4, "2026-03-25", 1)])

    assert (250, 196) == (before, store.memory(CARDS[0]).state.ease_hundredths)


def test_a_setting_of_another_terminal_holds_at_once(tmp_path):
    """A terminal that was open before another one changed the scheduler goes on with the new one."""
    here, there = Store(tmp_path / "cards.db"), Store(tmp_path / "cards.db")
    here.append([a_review(1, "2026-03-02", grade=4)])
    there.append([a_setting(2, "2026-03-02", "sm2_variant", "code")])
    code = here.scheduler
    here.append([a_review(3, "2026-03-04", grade=4), a_review(4, "2026-03-20", grade=4)])
    found, log = memories(here), list(here.events())
    here.close()
    there.close()

    assert "code" == code.variant
    assert naive_memories(log) == found


# ---------------------------------------------------------------- the last action


def test_the_last_action_is_seen_by_another_process(tmp_path):
    """What one terminal did, another takes back."""
    here, there = Store(tmp_path / "cards.db"), Store(tmp_path / "cards.db")
    review = a_review(1, "2026-03-02")
    here.append([review])
    found = there.last_actions(DEVICES[0], 1)
    here.close()
    there.close()

    assert [[review]] == found


def test_the_last_action_is_this_devices_own(store):
    """What came from another device is not taken back here."""
    mine, theirs = a_review(1, "2026-03-02"), a_review(2, "2026-03-03", device=DEVICES[1])
    store.append([mine, theirs])

    assert [[mine]] == store.last_actions(DEVICES[0], 2)
    assert [] == store.last_actions("nobody", 2)


def test_undo_after_undo_goes_back_through_everything(store):
    """Each undo reveals the action before it, down to nothing."""
    events = [a_review(1, "2026-03-02"), a_mark(2, "2026-03-02", "flag"), a_review(3, "2026-03-03")]
    store.append(events)
    taken = []
    while found := next(iter(store.last_actions(DEVICES[0], 1)), []):
        taken += found
        store.append([an_undo(10 + len(taken), "2026-03-04", found[0].id)])

    assert events[::-1] == taken
    assert Memory(card=CARDS[0]) == store.memory(CARDS[0])


def test_the_last_action_of_a_batch_is_what_still_stands_of_it_in_order(store):
    """A batch comes as a whole, in order, without what was already taken back and without undos."""
    one, two, three = (a_review(n, f"2026-03-0{n}", batch="b", id=event_id(10 - n)) for n in (1, 2, 3))
    store.append([three, one, two, an_undo(4, "2026-03-04", two.id)._replace(batch="b")])

    assert [[one, three]] == store.last_actions(DEVICES[0], 3)


@given(logs(max_size=12))
@settings(max_examples=times(15, 1000), suppress_health_check=[HealthCheck.too_slow])
def test_actions_taken_back_many_at_once_are_those_taken_back_one_by_one(log):
    """However many are asked for, they come in the same order, whatever batches and restores are among them."""
    one_by_one = _all_taken_back(log, 1)

    assert one_by_one == _all_taken_back(log, 2) == _all_taken_back(log, 50)


def _all_taken_back(log: list[Event], most: int) -> list[list[Event]]:
    """What undos find, `most` at once, until nothing is left."""
    taken: list[list[Event]] = []
    with stores() as (store,):
        store.append(log)
        while found := store.last_actions(DEVICES[0], most):
            undos = []
            for events in found:
                taken.append(events)
                undos.append(an_undo(len(taken), "2200-01-01", events[0].batch or events[0].id))
            store.append(undos)
            assert len(taken) <= len(log)
    return taken


def test_the_newest_id_is_the_greatest_of_the_device(store):
    """Ids are compared within a device, whatever the moments say."""
    store.append([a_review(7, "2026-03-02"), a_review(3, "2026-03-09"), a_review(9, "2026-03-02", device="other")])

    assert event_id(7) == store.newest_id(DEVICES[0])
    assert "" == store.newest_id("nobody")


# ---------------------------------------------------------------- questions about the log


@given(logs())
@settings(max_examples=times(20, 400), suppress_health_check=[HealthCheck.too_slow])
def test_questions_about_the_log_equal_a_walk_through_it(log):
    """Events of a card, days with reviews, reviews of a day, settings, unknown ids."""
    with stores() as (store,):
        store.append(log[: len(log) // 2])
        assert len(log) - len(log) // 2 == store.count_unknown({event.id for event in log})
        store.append(log[len(log) // 2 :])
        kept = redacted(log)
        reviews = [event for event in standing(kept) if isinstance(event, Review)]
        studied = sorted({review.day for review in reviews}, reverse=True)

        assert studied == list(store.review_days())
        assert {day: [r for r in reviews if r.day == day] for day in studied} == {
            day: store.reviews_of(day) for day in studied
        }
        assert [event for event in standing(kept) if isinstance(event, Setting)] == store.settings()
        for one in CARDS:
            assert [e for e in kept if getattr(e, "card", None) == one] == list(store.events(one))


def test_a_line_of_the_log_stays_as_it_was(store):
    """Events of kinds that this version does not know leave the store byte for byte."""
    line = '{"v":1, "id":"0000000000000000000000000000000f","kind":"x-new","at":"2026-03-01T00:00:00.000Z","ä":[1.50]}'
    store.append([from_line(line)])

    assert [line] == [to_line(event) for event in store.events()]


def test_moments_are_those_of_the_reviews_of_the_cards_that_are_asked_for(store):
    """By them a package is known that brings what it was given; a mark is no answer, and undone ones are."""
    one, other = a_review(1, "2026-03-02"), a_review(3, "2026-03-02", card=CARDS[1])
    store.append([one, a_mark(2, "2026-03-02", "flag"), other, an_undo(4, "2026-03-02", one.id)])

    assert {one.card: {stamp(one.at)}} == store.moments([one.card])
    assert {one.card: {stamp(one.at)}, other.card: {stamp(other.at)}} == store.moments(CARDS)


# ---------------------------------------------------------------- which cards come up


@example([a_review(1, "2026-03-02", 1), a_mark(2, "2026-03-02", "bury", "2026-03-04")], 1, ())
@given(scheduled_logs(), st.integers(0, 99), st.sampled_from(((), ("venv",), ("git",), ("venv", "git"), ("nobody",))))
@settings(max_examples=times(30, 700), suppress_health_check=[HealthCheck.too_slow])
def test_what_comes_up_equals_a_walk_over_the_memories(log, pick, decks):
    """Due, new and drills with their order and counts, seen cards, forecast and known cards."""
    with stores() as (store,):
        store.put_decks(both_decks()[::-1])
        store.append(log)
        known = naive_memories(log)
        today = a_day_that_matters(known, pick)
        mine = [m for m in known.values() if not decks or m.card.partition("/")[0] in decks]
        up = [m for m in mine if not m.suspended and (m.buried_until is None or m.buried_until <= today)]
        places = {one.id: n for n, one in enumerate(c for deck, _ in both_decks()[::-1] for c in deck.cards)}
        due = sorted((m for m in up if m.state and m.state.due <= today), key=lambda m: (m.state.due, places[m.card]))
        new = sorted((m for m in up if m.state is None), key=lambda m: places[m.card])
        drills = sorted((m for m in up if m.drill == today), key=lambda m: (m.order, places[m.card]))

        assert [(m.card, m.state.due) for m in due] == [(c.card, c.due) for c in store.reviews_due(today, today, decks)]
        assert [m.card for m in new] == [c.card for c in store.new_cards(today, decks)]
        assert [m.card for m in drills] == [c.card for c in store.drills(today, decks)]
        assert len(due) == store.count_due(today, decks)
        now = aliases_of(log)
        own = {one: memory for one, memory in known.items() if now.get(one, one) == one}
        assert sorted(seen_cards(own, today)) == sorted(store.seen(today))
        assert forecast(known, today) == sorted(store.dues_by_deck(today))
        assert known_cards(known) == store.known_by_deck()


def a_day_that_matters(known: dict[CardId, Memory], pick: int) -> date:
    """One of the days that stand in a memory: due, reviewed, to drill or buried."""
    found = {m.state.due for m in known.values() if m.state}
    found |= {day for m in known.values() for day in (m.last_day, m.drill, m.buried_until) if day}
    ordered = sorted(found | {date(2026, 3, 9)})
    return ordered[pick % len(ordered)]


def seen_cards(known: dict[CardId, Memory], day: date) -> list[Seen]:
    seen = [memory for memory in known.values() if memory.last_day == day]
    return [
        Seen(
            note=CardId(m.card.partition("~")[0]),
            deck=m.card.partition("/")[0],
            was_new=m.first_day == day,
            card=m.card,
        )
        for m in seen
    ]


def forecast(known: dict[CardId, Memory], until: date) -> list[tuple[str, date, int]]:
    """A card that is buried is due on the day on which it is back."""
    dues = [
        (m.card.partition("/")[0], max(m.state.due, m.buried_until or m.state.due))
        for m in known.values()
        if m.state and not m.suspended
    ]
    return sorted((*due, dues.count(due)) for due in set(dues) if due[1] <= until)


def known_cards(known: dict[CardId, Memory]) -> dict[str, tuple[int, int]]:
    result = {}
    for name in DECKS:
        mine = [m for m in known.values() if m.card.startswith(f"{name}/")]
        result[name] = (sum(m.state is not None and m.state.repetitions > 0 for m in mine), len(mine))
    return result


def test_the_drill_that_waits_longest_comes_first(store):
    """Cards that have to come back do so in the order in which they were last asked, not in that of the deck."""
    store.put_decks([deck("d", "a", "b", "c")])
    for number, one in enumerate("cab", 1):
        store.append([a_review(number, "2026-03-02", 1, card=CardId(f"d/{one}"))])

    assert ["d/c", "d/a", "d/b"] == [one.card for one in store.drills(date(2026, 3, 2))]


def test_a_suspended_card_comes_back_when_it_is_resumed(store):
    """Suspension takes a card out of every list, and its undo brings it back."""
    store.put_decks([deck("venv", "create")])
    store.append([a_review(1, "2026-03-02", grade=4), a_mark(2, "2026-03-02", "suspend")])
    away = store.count_due(date(2026, 4, 1))
    store.append([an_undo(3, "2026-03-02", event_id(2))])

    assert (0, 1) == (away, store.count_due(date(2026, 4, 1)))


def test_candidates_carry_what_the_plan_asks_for(store):
    """Note, prerequisites, platforms and tags come out of the index as they went in."""
    one = card("venv/a~reverse", after=(CardId("venv/b"),), platform=("linux",), tags=("x", "y"))
    store.put_decks([(Deck(id="venv", cards=(one,)), source("venv"))])
    (found,) = store.new_cards(date(2026, 3, 1))

    assert ("venv/a~reverse", "venv", "venv/a", ("venv/b",), ("linux",), ("x", "y")) == (
        found.card,
        found.deck,
        found.note,
        found.after,
        found.platform,
        found.tags,
    )


# ---------------------------------------------------------------- decks


def test_a_card_that_left_its_deck_is_retired_and_comes_back_with_its_history(store):
    """Neither leaving nor returning touches the memory; a retired card is not asked."""
    store.put_decks([deck("venv", "create", "b")])
    store.append([a_review(1, "2026-03-02")])
    known = store.memory(CARDS[0])
    store.put_decks([deck("venv", "b")])
    gone = store.card(CARDS[0])
    asked = [one.card for one in store.reviews_due(date(2027, 1, 1), date(2027, 1, 1))]
    store.put_decks([deck("venv", "b", "create")])
    back = store.card(CARDS[0])

    assert (True, known) == (gone.retired, gone.memory)
    assert [] == asked
    assert (False, known) == (back.retired, back.memory)
    assert 1 == store.count_due(date(2027, 1, 1))


def test_what_was_learnt_while_a_card_was_away_counts_when_it_is_back(store):
    """Reviews and marks that another device brings for a retired card hold after its return."""
    store.put_decks([deck("venv", "create", "b")])
    store.put_decks([deck("venv", "b")])
    store.append([a_review(1, "2026-03-02"), a_mark(2, "2026-03-02", "suspend")])
    store.put_decks([deck("venv", "create", "b")])
    suspended = store.count_due(date(2027, 1, 1))
    store.append([a_mark(3, "2026-03-02", "resume")])

    assert (0, 1) == (suspended, store.count_due(date(2027, 1, 1)))


def test_a_card_keeps_its_history_when_its_text_changes(store):
    """The text is new, the memory is old."""
    store.put_decks([deck("venv", "create")])
    store.append([a_review(1, "2026-03-02")])
    known = store.memory(CARDS[0])
    store.put_decks([(Deck(id="venv", cards=(card("venv/create", front="Other?"),)), source("venv", hash="h:2"))])
    row = store.card(CARDS[0])

    assert ("Other?", known) == (row.card.front, row.memory)
    assert 1 == store.count_due(date(2027, 1, 1))


def test_a_history_that_came_before_its_deck_waits_for_it(store):
    """A log may be imported first: the cards are known the moment their deck comes."""
    store.append([a_review(1, "2026-03-02"), a_mark(2, "2026-03-02", "bury", "2026-03-05")])
    orphan = store.card(CARDS[0])
    store.put_decks([deck("venv", "create")])

    assert (None, True) == (orphan.card, orphan.retired)
    assert (0, 1) == (store.count_due(date(2026, 3, 4)), store.count_due(date(2026, 3, 5)))


def test_new_cards_follow_the_order_of_decks_and_files(store):
    """Decks in the order in which they came, cards in the order of the file, also after a move."""
    store.put_decks([deck("b", "one", "two", "three"), deck("a", "one")])
    before = [one.card for one in store.new_cards(date(2026, 3, 1))]
    store.put_decks([deck("b", "three", "one", "two")])
    after = [one.card for one in store.new_cards(date(2026, 3, 1))]

    assert ["b/one", "b/two", "b/three", "a/one"] == before
    assert ["b/three", "b/one", "b/two", "a/one"] == after


def test_a_deck_does_not_touch_another(store):
    """Taking in one deck leaves cards and places of the others alone, retired ones too."""
    store.put_decks([deck("a", "one", "two"), deck("b", "one")])
    store.put_decks([deck("a", "one")])
    before = store.deck_cards("a")
    store.put_decks([deck("b", "two", "three")])

    assert before == store.deck_cards("a")
    assert {"b/one": True, "b/two": False, "b/three": False} == {
        one: gone for one, (_, _, gone) in store.deck_cards("b").items()
    }


def test_taking_in_a_deck_twice_changes_nothing(store):
    """The second time leaves every row as it was."""
    store.append([a_review(1, "2026-03-02")])
    store.put_decks(both_decks())
    before = tables(store)
    store.put_decks(both_decks())

    assert before == tables(store)


def test_decks_come_in_all_or_not_at_all(store):
    """A fault in the second deck takes back the first."""
    before = tables(store)
    broken = (Deck(id="b", cards=(card("b/one")._replace(tags=object()),)), source("b"))

    with pytest.raises(TypeError):
        store.put_decks([deck("a", "one"), broken])
    assert before == tables(store)


def test_together_is_one_transaction(store):
    """Decks and events inside `together` stay or go as one."""
    before = tables(store)

    def take_both() -> None:
        with store.together():
            store.put_decks([deck("venv", "create")])
            store.append([a_setting(2, "2026-03-01", "sm2_variant", "code"), a_review(1, "2026-03-02")])
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        take_both()
    assert before == tables(store)
    assert "text" == store.scheduler.variant


texts = st.text(st.characters(codec="utf-8"), max_size=12)
variants = st.dictionaries(st.sampled_from(("", "bash", "posix", "windows")), texts, max_size=2)
run_tables = st.none() | st.fixed_dictionaries(
    {
        "shells": st.lists(names, max_size=2),
        "checks": st.lists(st.dictionaries(names, st.booleans() | texts), max_size=2),
    }
)


@st.composite
def whole_cards(draw) -> Card:
    """Cards with anything in any field."""
    return card(
        draw(st.sampled_from(CARDS)),
        kind=draw(st.sampled_from(("basic", "typed", "cloze", "reverse"))),
        front=draw(texts),
        back=draw(texts),
        answer=draw(variants),
        accept=draw(variants.map(lambda found: {key: (text, text) for key, text in found.items()})),
        wrong=draw(variants.map(lambda found: {key: (text,) for key, text in found.items()})),
        explain=tuple(draw(st.lists(st.tuples(texts, texts), max_size=2))),
        tags=tuple(draw(st.lists(names, max_size=2))),
        after=tuple(draw(st.lists(st.sampled_from(CARDS), max_size=2))),
        platform=tuple(draw(st.lists(st.sampled_from(("linux", "macos")), max_size=2))),
        run=draw(run_tables),
        rev=draw(st.integers(1, 9)),
        was=tuple(draw(st.lists(names, max_size=2))),
        line=draw(st.integers(0, 99)),
    )


@given(whole_cards(), st.integers(0, 99))
@example(card("d/empty", front=""), 0)
def test_a_card_survives_its_text(one, line):
    """The index gives back the card that it was given, but for the line, which makes no other text."""
    text = derived.card_text(one)

    assert one._replace(line=0) == derived.card_from(text)
    assert text == derived.card_text(one._replace(line=line))


# ---------------------------------------------------------------- the log only grows


@pytest.mark.parametrize(
    "act", ["update events set line = 'x'", "delete from events", "delete from events where 0 = 0"]
)
def test_the_log_refuses_change(store, act):
    """Rows of the log are neither updated nor deleted, whoever asks."""
    store.append([a_review(1, "2026-03-02")])
    before = tables(store)

    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        store._connection.execute(act)
    assert before == tables(store)


@pytest.mark.parametrize("words", ["insert or replace", "insert or ignore", "insert", "replace"])
def test_the_log_does_not_let_itself_be_replaced(store, words):
    """A row with an id that is there is passed over, however it is written."""
    store.append([a_review(1, "2026-03-02")])
    before = tables(store)
    store._connection.execute(
        f"{words} into events select id, 'x', card, at, day, device, batch, target, 'x' from events"
    )

    assert before == tables(store)


def test_the_log_is_strict(store):
    """A value of the wrong type is refused by the table itself."""
    with pytest.raises(sqlite3.IntegrityError, match="cannot store BLOB"):
        store._connection.execute("insert into events values (x'00', 'x', null, 'x', null, 'x', null, null, 'x')")


def test_an_append_that_breaks_off_leaves_nothing(store):
    """Events come from anywhere; when their source fails, none is kept."""

    def events() -> Iterator[Event]:
        yield a_review(1, "2026-03-02")
        raise OSError("the pipe broke")

    with pytest.raises(OSError, match="the pipe broke"):
        store.append(events())
    assert [] == list(store.events())
    assert Memory(card=CARDS[0]) == store.memory(CARDS[0])


def test_a_grade_is_committed_when_append_returns(tmp_path):
    """Another connection sees the event and its memory at once."""
    store = Store(tmp_path / "cards.db")
    store.append([a_review(1, "2026-03-02")])
    other = sqlite3.connect(tmp_path / "cards.db")
    found = [other.execute(f"select count(*) from {name}").fetchone()[0] for name in ("events", "memory")]
    other.close()
    store.close()

    assert [1, 1] == found


# ---------------------------------------------------------------- several processes, a full disk


def write_fifty(path: Path, writer: int, start: "multiprocessing.synchronize.Event") -> None:
    """What each of the writers does: its own events, one transaction each, all on the same few cards."""
    connect.BUSY_SECONDS = 60  # a slow disk is not what is tried here
    start.wait()
    store = Store(path)
    for number in range(50):
        day = f"2026-03-{1 + number % 28:02}"
        mine = {"id": event_id(1000 * writer + number), "card": CARDS[number % 4], "device": f"w{writer}"}
        store.append([a_review(number, day, number % 6, **mine)])
    store.close()


def test_eight_processes_write_at_once_and_nothing_is_lost(tmp_path):
    """Eight writers of fifty events: four hundred events, and memories that equal their replay."""
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Event()
    writers = [spawn.Process(target=write_fifty, args=(tmp_path / "cards.db", n, start)) for n in range(8)]
    for writer in writers:
        writer.start()
    start.set()
    for writer in writers:
        writer.join(90)
    store = Store(tmp_path / "cards.db")
    log, found = list(store.events()), memories(store)
    store.close()

    assert [0] * 8 == [writer.exitcode for writer in writers]
    assert 400 == len(log)
    assert naive_memories(log) == found


FULL_DISK = """
import resource, sys
from strategies import a_review
from flashcards.errors import StoreError
from flashcards.store import Store

store = Store(sys.argv[1])
store.append([a_review(1, "2026-03-02")])
soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, hard))
stored = 1
try:
    for number in range(2, 10_000):
        store.append([a_review(number, "2026-03-03", typed="x" * 50_000)])
        stored = number
except StoreError as error:
    print(stored, error.exit_code, error.hint)
resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
store.append([a_review(stored + 1, "2026-03-03")])
print(len(list(store.events())))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are a thing of Unix")
def test_a_full_disk_refuses_the_grade_and_keeps_all_before_it(tmp_path):
    """The grade that found no room is named with a cure, those before it are stored, and it can be given again."""
    tests = Path(__file__).parent.parent
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, tmp_path / "cards.db"],
        env={"PYTHONPATH": str(tests)},
        capture_output=True,
        text=True,
        check=False,
    )
    first, _, last = done.stdout.partition("\n")
    stored, code, hint = first.split(" ", 2)

    assert ("", "5") == (done.stderr, code)
    assert "then do it again" in hint
    assert 1 < int(stored) < 10_000
    assert int(stored) + 1 == int(last)
