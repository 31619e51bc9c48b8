"""Texts taken out of history: a pure rule, the same in whatever order marks and answers come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import a_mark, a_review, event_id, logs, split_logs, who

from flashcards.log import to_line
from flashcards.model import Mark, Review
from flashcards.redaction import Redactions, redacted, redactions, without_texts
from flashcards.union import merge

SECRET = "hunter2"


def typed_of(events):
    return {event.id: event.typed for event in events if isinstance(event, Review)}


@st.composite
def redacted_logs(draw):
    """A log with marks that take texts out of some of its reviews."""
    log = draw(logs())
    reviews = [event for event in log if isinstance(event, Review)]
    for review in draw(st.lists(st.sampled_from(reviews), unique=True)) if reviews else []:
        mark = Mark(card=review.card, mark="redact", value=review.id, **draw(who()))
        log += [mark] if mark.id not in {event.id for event in log} else []
    return log


def test_a_mark_takes_the_text_out_of_the_review_that_it_names():
    """All the rest of the review stays, and so do the texts of other reviews."""
    one, other = (a_review(n, "2026-03-02", typed=SECRET, took_ms=900) for n in (1, 2))
    mark = a_mark(3, "2026-03-02", "redact", one.id)

    assert [one._replace(typed=None), other, mark] == redacted([one, other, mark])


def test_a_mark_without_an_event_takes_out_what_was_typed_for_its_card_before_it():
    """It is for all answers of the card up to its own place in the log."""
    early, late = a_review(1, "2026-03-02", typed=SECRET), a_review(3, "2026-03-02", typed="ls")
    elsewhere = a_review(0, "2026-03-02", typed="cd", card="git/log")
    mark = a_mark(2, "2026-03-02", "redact")

    assert {early.id: None, late.id: "ls", elsewhere.id: "cd"} == typed_of(redacted([early, late, elsewhere, mark]))


def test_other_marks_take_no_text_out():
    """Whatever they name."""
    review = a_review(1, "2026-03-02", typed=SECRET)
    marks = [
        a_mark(n, "2026-03-02", mark, value) for n, (mark, value) in enumerate((("flag", None), ("was", review.id)), 2)
    ]

    assert [review, *marks] == redacted([review, *marks])
    assert Redactions() == redactions(marks)


def test_a_mark_may_come_before_its_event():
    """What is known is applied to what comes."""
    mark = a_mark(1, "2026-03-02", "redact", event_id(2))

    assert [None] == [e.typed for e in redacted([a_review(2, "2026-03-02", typed=SECRET)], redactions([mark]))]


def test_an_undo_does_not_bring_a_text_back():
    """Whether a mark stands is not asked."""
    review = a_review(1, "2026-03-02", typed=SECRET)
    mark = a_mark(2, "2026-03-02", "redact", review.id)

    assert redactions([mark]) == Redactions(frozenset([review.id]))


@pytest.mark.parametrize("by", ["event", "card", "both"])
def test_of_a_line_only_the_text_goes_that_a_mark_names(by):
    """However the line is written; all others are left as they are, byte for byte."""
    named, other = a_review(1, "2026-03-02", typed=SECRET), a_review(5, "2026-03-02", typed=SECRET)
    marks = {"event": [a_mark(3, "2026-03-02", "redact", named.id)], "card": [a_mark(3, "2026-03-02", "redact")]}
    change = without_texts(redactions(marks.get(by) or [*marks["event"], *marks["card"]]))
    line, bare = to_line(named), to_line(named._replace(typed=None))
    kept = [
        to_line(other),
        to_line(a_review(2, "2026-03-02", card="git/log", typed=SECRET)),
        to_line(marks["card"][0]),
        f'{{"v":1,"id":"{event_id(0)}","kind":"x","at":"2026-03-01T10:00:00.000Z","typed":"{SECRET}"}}',
        '{"id": "not ours", "typed" : 1',
    ]

    assert [bare, bare] == [change(line), change(line.replace('{"v":1,', '{ "v":1, '))]
    assert kept == [change(one) for one in kept]


@given(redacted_logs())
def test_taking_out_twice_is_taking_out_once(log):
    """Idempotent, and never more than the texts go."""
    once = redacted(log)

    assert once == redacted(once)
    assert [e._replace(typed=None) if isinstance(e, Review) else e for e in log] == [
        e._replace(typed=None) if isinstance(e, Review) else e for e in once
    ]


@given(redacted_logs(), st.data())
def test_the_order_in_which_parts_come_does_not_matter(log, data):
    """Taking out before a merge or after it comes to the same."""
    cut = data.draw(st.integers(0, len(log)))
    one, other = log[:cut], log[cut:]

    assert redacted(merge(one, other)) == redacted(merge(redacted(other), redacted(one)))


def test_of_two_versions_that_differ_in_the_text_alone_the_one_without_stays():
    """Also beside others whose texts sort before it."""
    texts = [a_review(1, "2026-03-02", typed=text) for text in ("", "a", "b")]
    bare = texts[0]._replace(typed=None)

    assert [[bare]] * 6 == [merge(*pair) for one in texts for pair in (([one], [bare]), ([bare], [one]))]
    assert [texts[0]] == merge(texts[::-1]) == merge(texts)


@pytest.mark.parametrize("field", ["grade", "device", "batch"])
def test_a_text_does_not_decide_between_versions_that_differ_elsewhere(field):
    """Else a device that takes it out before a merge would keep another version than one that does so after it."""
    first, second = {"grade": (1, 4), "device": ("a", "b"), "batch": ("a", "b")}[field]
    one = a_review(1, "2026-03-02", **{"typed": "b", field: first})
    other = one._replace(**{"typed": "a", field: second})
    kept = [
        getattr(merged[0], field)
        for mine in (one, one._replace(typed=None))
        for theirs in (other, other._replace(typed=None))
        for merged in (merge([mine], [theirs]), merge([theirs], [mine]))
    ]

    assert [first] * 8 == kept


@given(split_logs(), st.data())
def test_merge_prefers_the_version_without_the_text(parts, data):
    """Commutative, associative and idempotent also where some copies of an event have lost their text."""
    whole = merge(*parts)
    gone = data.draw(st.sets(st.sampled_from([e.id for e in whole]))) if whole else set()
    a, b, c = (
        [
            e._replace(typed=None) if isinstance(e, Review) and e.id in gone and data.draw(st.booleans()) else e
            for e in p
        ]
        for p in parts
    )
    merged = merge(a, b, c)

    assert merged == merge(c, merge(b, a)) == merge(merge(a, b), c) == merge(merged, merged, a)
    lost = {e.id for part in (a, b, c) for e in part if isinstance(e, Review) and e.typed is None}
    assert lost <= {e.id for e in merged if isinstance(e, Review) and e.typed is None} | (
        {e.id for e in merged} - {e.id for e in merged if isinstance(e, Review)}
    )
