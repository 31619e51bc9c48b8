"""Which cards come up: caps, order, siblings, prerequisites, and that no more is drawn than is needed."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from desk import MemoryDesk, card
from hypothesis import given
from hypothesis import strategies as st

from flashcards.due import Candidate, Caps, Plan, Queues, Rules, Seen, interleave, plan
from flashcards.model import CardId

DAY = date(2026, 11, 22)
YESTERDAY = DAY - timedelta(days=1)
TOMORROW = DAY + timedelta(days=1)
NO_CAPS = Caps(new=10_000, reviews=10_000)


def candidate(name: str, due: date | None = None, **fields) -> Candidate:
    deck, _, _ = name.partition("/")
    return Candidate(**{"card": name, "deck": deck, "note": name.partition("~")[0], "due": due, **fields})


def seen(name: str, *, was_new: bool = False) -> Seen:
    return Seen(note=CardId(name.partition("~")[0]), deck=name.partition("/")[0], was_new=was_new, card=CardId(name))


def planned(
    reviews: Iterable[Candidate] | Queues = (),
    new: Iterable[Candidate] | Queues = (),
    drills: Iterable[Candidate] = (),
    *,
    before: Iterable[Seen] = (),
    met: Iterable[str] = (),
    **rules,
) -> Plan:
    passed = set(met)
    return plan(reviews, new, drills, before, Rules(**{"day": DAY, **rules}), passed.__contains__)


def main(*args, **fields) -> list[str]:
    return list(planned(*args, **fields).main)


def series(deck: str, count: int, due: date | None = None) -> list[Candidate]:
    return [candidate(f"{deck}/{index}", due) for index in range(count)]


# ---------------------------------------------------------------- order


def test_overdue_cards_come_first_and_the_oldest_before_all():
    """What has waited longest is asked first, before today's cards and before new ones."""
    old = [candidate("d/a", DAY - timedelta(days=9)), candidate("d/b", YESTERDAY), candidate("d/c", DAY)]

    coming = main(old, [candidate("d/n")])

    assert ["d/a", "d/b"] == coming[:2]
    assert {"d/c", "d/n"} == set(coming[2:])


def test_new_cards_are_spread_evenly_among_those_due_today():
    """Four reviews and two new cards: one new card in each half."""
    coming = main(series("r", 4, DAY), series("n", 2))

    assert ["r/0", "n/0", "r/1", "r/2", "n/1", "r/3"] == coming


def test_new_cards_are_not_mixed_into_the_backlog():
    """Overdue cards are worked off before the first new one."""
    coming = main([*series("o", 3, YESTERDAY), *series("r", 1, DAY)], series("n", 3))

    assert ["o/0", "o/1", "o/2"] == coming[:3]


@given(st.integers(0, 40), st.integers(0, 40))
def test_interleaving_keeps_both_orders_and_is_even(many, few):
    """At every point the share of new cards so far is within one card of their share of the whole."""
    old, young = [CardId(f"o/{i}") for i in range(many)], [CardId(f"y/{i}") for i in range(few)]

    mixed = interleave(old, young)

    assert old == [c for c in mixed if c.startswith("o/")]
    assert young == [c for c in mixed if c.startswith("y/")]
    for end in range(len(mixed) + 1):
        so_far = sum(c.startswith("y/") for c in mixed[:end])
        assert abs(so_far - end * few / max(1, many + few)) <= 1


def test_new_cards_keep_the_order_of_the_deck():
    """A deck is taught in the order in which it was written."""
    coming = main([], [candidate("d/zebra"), candidate("d/ant"), candidate("d/mule")])

    assert ["d/zebra", "d/ant", "d/mule"] == coming


def test_cards_ahead_of_their_day_count_as_todays():
    """A person who asks for tomorrow's cards gets them after the overdue ones."""
    coming = main([candidate("d/late", YESTERDAY), candidate("d/soon", DAY + timedelta(days=3))])

    assert ["d/late", "d/soon"] == coming


# ---------------------------------------------------------------- caps


def test_the_cap_on_new_cards_counts_what_was_begun_today():
    """Twenty a day are twenty a day, however many sittings they take."""
    begun = [seen(f"x/{i}", was_new=True) for i in range(18)]

    assert ["d/0", "d/1"] == main([], series("d", 5), before=begun, caps=Caps(new=20))


def test_the_cap_on_reviews_counts_what_was_reviewed_today():
    """New cards of today do not use up the reviews."""
    done = [seen("x/1"), seen("x/2"), seen("x/3", was_new=True)]

    assert ["d/0"] == main(series("d", 5, DAY), before=done, caps=Caps(reviews=3))


def test_a_deck_with_a_cap_of_its_own_has_its_own_allowance():
    """It neither uses the allowance of the others nor is held back by them."""
    new = [*series("a", 5), *series("b", 5), *series("c", 5)]

    coming = main([], new, caps=Caps(new=3, new_by_deck={"b": 2}))

    assert ["a/0", "a/1", "a/2", "b/0", "b/1"] == coming


def test_the_cap_of_a_deck_counts_what_was_seen_of_that_deck():
    """What another deck used does not count against it."""
    before = [seen("b/x"), seen("a/x"), seen("a/y")]

    coming = main(
        [*series("a", 3, DAY), *series("b", 3, DAY)], before=before, caps=Caps(reviews=3, reviews_by_deck={"b": 2})
    )

    assert ["a/0", "b/0"] == coming


def test_more_seen_than_the_cap_allows_means_none():
    """A cap that was lowered during the day takes nothing back and gives nothing more."""
    begun = [seen(f"x/{i}", was_new=True) for i in range(9)]

    assert [] == main([], series("d", 5), before=begun, caps=Caps(new=5))


@pytest.mark.parametrize("cap", [0, -1])
def test_a_cap_of_nought_means_none(cap):
    """No new cards: none are asked."""
    coming = planned(series("r", 1, DAY), series("n", 3), caps=Caps(new=cap))

    assert Plan(main=("r/0",), reviews=1, new=0, drills=()) == coming


def test_the_limit_cuts_the_sitting_and_the_numbers_follow():
    """`--limit 3` asks three cards; the counts say what these three are."""
    coming = planned(series("r", 4, DAY), series("n", 2), limit=3)

    assert ("r/0", "n/0", "r/1") == coming.main
    assert (2, 1) == (coming.reviews, coming.new)


def test_drills_ignore_caps_limit_and_siblings():
    """They were begun today and have to be finished today."""
    drills = [candidate("d/a", DAY + timedelta(days=1)), candidate("d/a~reverse", DAY + timedelta(days=1))]

    coming = planned(drills=drills, before=[seen("d/a"), seen("d/a")], caps=Caps(new=0, reviews=0), limit=0)

    assert ("d/a", "d/a~reverse") == coming.drills


caps = st.builds(
    Caps,
    new=st.integers(0, 6),
    reviews=st.integers(0, 6),
    new_by_deck=st.dictionaries(st.sampled_from("abc"), st.integers(0, 4)),
    reviews_by_deck=st.dictionaries(st.sampled_from("abc"), st.integers(0, 4)),
)
names = st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 30)), unique=True, max_size=40)


def _within(caps: Caps, coming: list[str], before: list[Seen], *, new: bool) -> bool:
    everything, own = (caps.new, caps.new_by_deck) if new else (caps.reviews, caps.reviews_by_deck)
    used = Counter(s.deck for s in before if s.was_new == new)
    given_now = Counter(name.partition("/")[0] for name in coming)
    of_others = sum(n for deck, n in given_now.items() if deck not in own)
    used_by_others = sum(n for deck, n in used.items() if deck not in own)
    left = max(0, everything - used_by_others)
    return of_others <= left and all(given_now[deck] <= max(0, cap - used[deck]) for deck, cap in own.items())


@given(
    names, caps, st.lists(st.builds(seen, st.sampled_from(["a/x", "b/y", "d/z"]), was_new=st.booleans()), max_size=9)
)
def test_no_cap_is_ever_passed_and_none_is_left_unused(pairs, limits, before):
    """Cards seen and cards coming fit the caps; a card that stays out has a full cap to blame."""
    pool = [f"{deck}/{index}" for deck, index in pairs]
    reviews, new = pool[::2], pool[1::2]

    coming = planned(
        [candidate(name, DAY) for name in reviews], [candidate(name) for name in new], before=before, caps=limits
    )

    for group, is_new in ((reviews, False), (new, True)):
        asked = [name for name in coming.main if name in set(group)]
        assert _within(limits, asked, before, new=is_new)
        for left_out in set(group) - set(asked):
            assert not _within(limits, [*asked, left_out], before, new=is_new)
    assert len(set(coming.main)) == len(coming.main) == coming.reviews + coming.new


# ---------------------------------------------------------------- siblings, prerequisites, filters


def test_a_card_and_its_reverse_never_come_on_one_day():
    """The one would give the other away; the review goes before the new card."""
    assert ["d/a~reverse"] == main([candidate("d/a~reverse", DAY)], [candidate("d/a")])
    assert ["d/a"] == main([], [candidate("d/a"), candidate("d/a~reverse")])


def test_a_sibling_waits_if_the_other_was_seen_today():
    """Also when that was in an earlier sitting."""
    assert ["d/b"] == main([], [candidate("d/a~reverse"), candidate("d/b")], before=[seen("d/a")])


def test_a_card_of_today_does_not_come_again_with_siblings():
    """Ahead of its day a card is due again; whoever wants siblings still does not want the card itself twice."""
    pool = [candidate("d/a", TOMORROW), candidate("d/a~reverse", TOMORROW)]

    assert ["d/a~reverse"] == main(pool, before=[seen("d/a")], separate_siblings=False)


def test_siblings_come_together_if_the_person_wants_it():
    """`separate_siblings` can be switched off."""
    new = [candidate("d/a"), candidate("d/a~reverse")]

    assert ["d/a", "d/a~reverse"] == main([], new, before=[seen("d/a~c1")], separate_siblings=False)


def test_a_sibling_that_waits_uses_no_cap():
    """The allowance goes to a card that is asked."""
    new = [candidate("d/a"), candidate("d/a~reverse"), candidate("d/b")]

    assert ["d/a", "d/b"] == main([], new, caps=Caps(new=2))


def test_a_card_without_room_under_the_cap_does_not_hold_back_its_sibling():
    """Only what is asked today keeps its siblings away."""
    reviews = [candidate("full/a", DAY, note="n")]

    coming = main(reviews, [candidate("open/a", note="n")], caps=Caps(reviews_by_deck={"full": 0}))

    assert ["open/a"] == coming


def test_a_new_card_waits_for_its_prerequisites():
    """All of them have to be met."""
    new = [candidate("d/b", after=("d/a", "d/x")), candidate("d/c", after=("d/a",))]

    assert ["d/c"] == main([], new, met=["d/a"])
    assert ["d/b", "d/c"] == main([], new, met=["d/a", "d/x"])


def test_the_plan_says_which_cards_are_new_and_which_had_waited():
    """Only cards that made it into the sitting are named."""
    new = [candidate("d/a"), candidate("d/b", after=("d/x",)), candidate("d/c", after=("d/x",))]

    coming = planned(series("r", 1, DAY), new, met=["d/x"], limit=3)

    assert (("d/a", "r/0", "d/b"), {"d/a", "d/b"}, ("d/b",)) == (coming.main, coming.fresh, coming.after)


def test_a_card_that_was_begun_does_not_wait_for_a_prerequisite_that_was_added_later():
    """Prerequisites hold back new cards alone."""
    assert ["d/b"] == main([candidate("d/b", DAY, after=("d/a",))])


def test_a_card_that_waits_for_a_prerequisite_does_not_hold_back_its_sibling():
    """The reverse may come while the card itself cannot."""
    assert ["d/a~reverse"] == main([], [candidate("d/a", after=("d/x",)), candidate("d/a~reverse")])


@pytest.mark.parametrize(("platform", "expected"), [("linux", ["d/a", "d/b"]), ("windows", ["d/a", "d/c"])])
def test_a_card_is_asked_on_its_platforms_alone(platform, expected):
    """No platform means all of them; this holds for reviews and drills as well."""
    pool = [candidate("d/a"), candidate("d/b", platform=("linux", "macos")), candidate("d/c", platform=("windows",))]

    coming = planned([], pool, pool, platform=platform)

    assert expected == list(coming.main) == list(coming.drills)


def test_only_cards_with_one_of_the_tags_are_asked():
    """Tags narrow reviews, new cards and drills alike."""
    pool = [candidate("d/a", tags=("git", "x")), candidate("d/b", tags=("x",)), candidate("d/c", tags=("ssh",))]

    coming = planned([], pool, pool, tags=frozenset({"git", "ssh"}))

    assert ["d/a", "d/c"] == list(coming.main) == list(coming.drills)


notes = st.lists(st.sampled_from([f"d/{n}{s}" for n in "abcdef" for s in ("", "~reverse", "~c1")]), unique=True)


@given(notes, notes, st.lists(st.sampled_from([f"d/{n}" for n in "abcdef"]).map(seen)))
def test_at_most_one_card_of_a_note_on_one_day(reviews, new, before):
    """Counted with what was seen already, whatever the mixture of reviews and new cards."""
    new = [name for name in new if name not in reviews]

    coming = main([candidate(name, DAY) for name in reviews], [candidate(name) for name in new], before=before)

    met_today = [name.partition("~")[0] for name in coming] + list({s.note for s in before})
    assert len(set(met_today)) == len(met_today)


# ---------------------------------------------------------------- lazy


class _Counting:
    """Candidates without end that count how many were drawn."""

    def __init__(self, deck: str, due: date | None = None) -> None:
        self.deck = deck
        self.due = due
        self.drawn = 0

    def __iter__(self) -> Iterator[Candidate]:
        while True:
            self.drawn += 1
            yield candidate(f"{self.deck}/{self.drawn}", self.due)


def test_no_more_candidates_are_drawn_than_the_caps_take():
    """The cost of a plan depends on the caps and not on the size of the collection."""
    reviews, new = _Counting("r", DAY), _Counting("n")

    planned(reviews, new, caps=Caps(new=20, reviews=200))

    assert (200, 20) == (reviews.drawn, new.drawn)


def test_nothing_is_drawn_when_the_caps_are_used_up():
    """The second plan of a finished day costs nothing."""
    new = _Counting("d")

    planned([], new, caps=Caps(new=0))

    assert 0 == new.drawn


def test_a_deck_with_room_and_no_cards_does_not_open_the_others():
    """A cap of its own that a small deck cannot fill costs no walk through a large collection."""
    small, large, due = series("small", 2), _Counting("large"), _Counting("old", DAY)
    caps = Caps(new=20, reviews=200, new_by_deck={"small": 5}, reviews_by_deck={"small": 7})

    coming = planned(Queues([], due), Queues(small, large), caps=caps)

    assert (200, 22) == (coming.reviews, coming.new)
    assert (200, 20) == (due.drawn, large.drawn)


pools = st.lists(st.tuples(st.sampled_from("xyz"), st.integers(0, 2)), max_size=20)


@given(pools, st.dictionaries(st.sampled_from("xyz"), st.integers(0, 4)), st.integers(0, 4))
def test_queues_plan_what_one_queue_plans(pairs, by_deck, cap):
    """One queue a cap, or all cards in one: the same cards in the same order."""
    cards = [
        candidate(f"{deck}/{place}", YESTERDAY - timedelta(days=late), place=place)
        for place, (deck, late) in enumerate(pairs)
    ]
    cards.sort(key=lambda one: (one.due, one.place))
    caps = Caps(reviews=cap, reviews_by_deck=by_deck)

    queues = [[one for one in cards if one.deck == deck] for deck in by_deck]
    others = [one for one in cards if one.deck not in by_deck]

    assert planned(cards, caps=caps) == planned(Queues(*queues, others), caps=caps)


def test_what_is_passed_over_is_drawn_once():
    """Siblings and other platforms cost one draw each, no more."""
    new = _Counting("d")

    planned([], new, before=[seen("d/1"), seen("d/2")], caps=Caps(new=3))

    assert 5 == new.drawn


# ---------------------------------------------------------------- the day a card is asked

ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"]


@given(
    st.sampled_from(ZONES),
    st.dates(date(2024, 1, 1), date(2027, 12, 31)),
    st.sampled_from([time(3, 30), time(4), time(5), time(12)]),
)
def test_a_card_is_asked_from_the_start_of_its_day_by_the_clock_on_the_wall(zone, day, day_start):
    """Not one second earlier, in any zone, also on the days when the clocks change."""
    start = datetime.combine(day, day_start, ZoneInfo(zone)).astimezone(UTC)
    desk = MemoryDesk([card("d/a")], at=start - timedelta(days=1, hours=2), zone=ZoneInfo(zone), day_start=day_start)
    desk.grade_elsewhere("d/a", 4)
    due = desk.look(CardId("d/a")).state.due
    opens = datetime.combine(due, day_start, ZoneInfo(zone)).astimezone(UTC)

    desk.at = opens - timedelta(seconds=1)
    before = desk.plan().main
    desk.at = opens
    after = desk.plan().main

    assert ((), ("d/a",)) == (before, after)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [("Europe/Berlin", date(2026, 3, 28), 23), ("Europe/Berlin", date(2026, 10, 24), 25), ("UTC", DAY, 24)],
)
def test_a_study_day_is_as_long_as_the_clocks_make_it(zone, day, hours):
    """The day before the clocks go forward has 23 hours, the one before they go back 25."""
    here = ZoneInfo(zone)
    desk = MemoryDesk([card("d/a")], zone=here, at=datetime.combine(day, time(4), here).astimezone(UTC))
    desk.grade_elsewhere("d/a", 4)

    desk.at += timedelta(hours=hours, seconds=-1)
    before = desk.plan().main
    desk.at += timedelta(seconds=1)

    assert ((), ("d/a",)) == (before, desk.plan().main)


def test_a_late_evening_belongs_to_its_day():
    """At 03:59 it is still yesterday: the card of tomorrow does not come at midnight."""
    desk = MemoryDesk([card("d/a")], at=datetime(2026, 11, 22, 23, 50, tzinfo=UTC))
    desk.grade_elsewhere("d/a", 4)

    desk.at = datetime(2026, 11, 23, 3, 59, 59, tzinfo=UTC)

    assert () == desk.plan().main
