"""What a log comes to once it was brought back to another state: restores, their undos, and what stands then."""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import a_restore, a_review, an_undo, logs, tangles, who
from thorough import times

from flashcards.log import LineError, from_line, to_line
from flashcards.model import Restore, Undo
from flashcards.union import standing

DAY = "2026-03-01"


def takes_back(act, log):
    """What an act that is in force takes back."""
    if isinstance(act, Restore):
        return {*act.takes}
    undone = [e for e in log if isinstance(e, Restore) and act.target in {e.id, e.batch}]
    return {act.target}.union(*(restore.brings for restore in undone))


def is_hit(act, other, log):
    """Whether `other`, if it is in force, takes `act` back; an undo cannot name another, but what brought one."""
    names = takes_back(other, log)
    if isinstance(act, Undo):
        return act.id in names - {getattr(other, "target", None)}
    return bool({act.id, act.batch} & names)


def is_in_force(act, log):
    """By the definition: nothing in force takes it back."""
    acts = [e for e in log if isinstance(e, (Undo, Restore))]
    return not any(is_hit(act, e, log) and is_in_force(e, log) for e in acts)


def goes_round(log):
    """Whether acts name each other in a circle: then the definition has no answer, and their order is made up."""
    acts = [e for e in log if isinstance(e, (Undo, Restore))]
    named = {e.id: {e.target} if isinstance(e, Undo) else {*e.takes, *e.brings} for e in acts}
    reached = {e.id: {one.id for one in acts if {one.id, one.batch} & named[e.id]} for e in acts}
    for _ in acts:
        reached = {name: ones.union(*(reached[one] for one in ones)) for name, ones in reached.items()}
    return any(name in ones for name, ones in reached.items())


@given(logs() | tangles())
@settings(max_examples=times(150, 20_000), suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_what_stands_is_what_no_act_in_force_takes_back(log):
    """Event by event, against the definition, which needs no order of the acts."""
    assume(not goes_round(log))
    acts = [e for e in log if isinstance(e, (Undo, Restore)) and is_in_force(e, log)]
    gone = set().union(*(takes_back(act, log) for act in acts))

    expected = [e for e in log if not isinstance(e, Undo) and not {e.id, e.batch} & gone]

    assert expected == standing(reversed(log))


def test_a_restore_takes_back_what_came_later_and_lets_stand_what_was_undone_since():
    """The log is then what it was: the later review is gone, the review that had been undone is back."""
    early, late = a_review(1, DAY), a_review(3, DAY)
    undo = an_undo(2, DAY, early.id)

    restore = a_restore(4, DAY, takes=[undo.id, late.id])

    assert [early, restore] == standing([early, undo, late, restore])


def test_the_undo_of_a_restore_takes_back_what_it_had_brought():
    """All is as it was before the restore."""
    early, late, brought = a_review(1, DAY), a_review(3, DAY), a_review(9, "2026-02-01")
    undo = an_undo(2, DAY, early.id)
    restore = a_restore(4, DAY, takes=[undo.id, late.id], brings=[brought.id])

    actual = standing([brought, early, undo, late, restore, an_undo(5, DAY, restore.id)])

    assert [late] == actual


def test_an_undo_that_a_restore_had_brought_goes_with_it():
    """What it had taken back stands again."""
    review = a_review(1, DAY)
    undo = an_undo(2, DAY, review.id)
    restore = a_restore(3, DAY, brings=[undo.id])

    assert [restore] == standing([review, undo, restore])
    assert [review] == standing([review, undo, restore, an_undo(4, DAY, restore.id)])


def test_a_restore_in_pieces_is_undone_as_one():
    """Pieces that share a batch go together, with all that any of them brought."""
    one, two = a_review(1, DAY), a_review(2, DAY)
    pieces = [a_restore(n, DAY, brings=[e.id])._replace(batch="b") for n, e in ((3, one), (4, two))]

    assert [one, two, *pieces] == standing([one, two, *pieces])
    assert [] == standing([one, two, *pieces, an_undo(5, DAY, "b")])


def test_what_was_restored_can_be_undone_again():
    """A restore voids the undos that it names, no later ones."""
    review = a_review(1, DAY)
    undo, restore = an_undo(2, DAY, review.id), a_restore(3, DAY, takes=[an_undo(2, DAY, review.id).id])

    assert [restore] == standing([review, undo, restore, an_undo(4, DAY, review.id)])


def test_a_restore_of_a_restore():
    """To go back behind a restore takes that one back; to undo that lets the first hold again."""
    review = a_review(1, DAY)
    first = a_restore(2, DAY, takes=[review.id])
    second = a_restore(3, DAY, takes=[first.id])

    assert [first] == standing([review, first])
    assert [review, second] == standing([review, first, second])
    assert [first] == standing([review, first, second, an_undo(4, DAY, second.id)])


@given(logs(), st.randoms(use_true_random=False))
def test_what_stands_does_not_depend_on_the_order_in_which_events_came(log, dice):
    """Two devices that got the same events in other orders agree."""
    shuffled = [*log]
    dice.shuffle(shuffled)

    assert standing(log) == standing(shuffled)


@given(who(), st.lists(st.sampled_from(("a", "0" * 32, "anki:1")), max_size=3))
def test_a_restore_comes_back_from_its_line(common, ids):
    """Every field of it."""
    restore = Restore(takes=tuple(ids), brings=tuple(ids[:1]), **common)

    assert restore == from_line(to_line(restore))


@pytest.mark.parametrize("takes", ["x", [1], [None], ["a\nb"], ["x" * 1_001], ["x"] * 1_001, {"a": 1}])
def test_ids_that_make_no_sense_are_refused(takes):
    """No list, no texts, too long, too many."""
    line = json.dumps({"id": "1", "kind": "restore", "at": "2026-03-01T12:00:00Z", "takes": takes})

    with pytest.raises(LineError, match="`takes`"):
        from_line(line)
