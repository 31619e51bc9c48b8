"""The log: ids, order, merge, what stands, and the lines of JSON that it travels in."""

import json
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import (
    CARDS,
    DEVICES,
    a_mark,
    a_review,
    an_undo,
    baselines,
    dice,
    events,
    marks,
    moments,
    reviews,
    settings_events,
    split_logs,
    undos,
    unknowns,
)

from flashcards.log import (
    ID_DIGITS,
    LAST_ID,
    STEP,
    LineError,
    from_line,
    is_ours,
    next_id,
    not_before,
    order,
    revision,
    stamp,
    to_line,
)
from flashcards.model import Baseline, Event, EventId, Grade, Mark, Review, Setting, Undo, Unknown
from flashcards.union import merge, standing

AT = datetime(2026, 11, 22, 18, 3, 11, 412_000, tzinfo=UTC)
MONDAY = "2026-03-02"
KINDS = {
    "reviews": reviews(),
    "marks": marks(),
    "baselines": baselines(),
    "settings": settings_events(),
    "undos": undos(st.sampled_from(("0" * 32, "batch-1"))),
    "unknowns": unknowns(),
}


def lines(log: list[Event]) -> list[str]:
    """A log as it would be written."""
    return [to_line(event) for event in log]


def review_line(**changes: object) -> str:
    """The shortest line of a review, changed; `...` leaves a field out."""
    fields = {"card": "venv/create", "grade": 4, "at": "2026-11-22T18:03:11.412Z", **changes}
    return json.dumps({name: value for name, value in fields.items() if value is not ...})


# ---------------------------------------------------------------- ids


@given(st.lists(st.tuples(moments(), dice), min_size=2, max_size=20))
def test_ids_of_a_device_only_grow(throws):
    """Each id sorts behind the one before, even when the clock is set back or stands still."""
    ids = [next_id(throws[0][0], "", throws[0][1])]
    for at, throw in throws[1:]:
        ids.append(next_id(at, ids[-1], throw))

    assert sorted(set(ids)) == ids
    assert {32} == {len(identity) for identity in ids}


@given(moments(), dice, dice)
def test_ids_sort_by_time_to_the_millisecond(at, early_dice, late_dice):
    """A later millisecond sorts later, whatever the dice say and whichever device threw them."""
    early = next_id(at, "", early_dice)
    late = next_id(at + timedelta(milliseconds=1), "", late_dice)

    assert early < late


def test_id_is_milliseconds_then_dice():
    """12 hex digits of milliseconds since 1970, then 20 of dice."""
    expected = "00000000002a" + "0" * 18 + "ff"

    actual = next_id(datetime(1970, 1, 1, 0, 0, 0, 42_000, tzinfo=UTC), "", 255)

    assert expected == actual


def test_every_millisecond_has_its_own_prefix():
    """No millisecond is cut to the one before, as it would be on the way through a float of seconds."""
    seconds = [datetime(2026, 11, 22, 18, 3, 11, tzinfo=UTC), datetime(2039, 5, 6, 21, 21, 30, tzinfo=UTC)]
    expected = [int(second.timestamp()) * 1000 + ms for second in seconds for ms in range(1000)]

    moments = [second + timedelta(milliseconds=ms) for second in seconds for ms in range(1000)]
    actual = [int(next_id(at, "", 0)[:12], 16) for at in moments]

    assert expected == actual


@pytest.mark.parametrize("year", [1, 1969, 9999])
def test_ids_have_32_digits_in_any_year(year):
    """History from before 1970 counts as 1970, and the dice still tell it apart."""
    at = datetime(year, 6, 1, tzinfo=UTC)

    actual = {next_id(at, "", 7), next_id(at, "", 8)}

    assert 2 == len(actual)
    assert all(len(identity) == 32 and int(identity, 16) >= 0 and identity[0] != "-" for identity in actual)


@given(moments(), st.sets(dice, min_size=2, max_size=20))
def test_devices_do_not_collide_in_a_millisecond(at, throws):
    """At one moment, other dice give another id."""
    assert len(throws) == len({next_id(at, "", throw) for throw in throws})


def test_two_processes_behind_the_same_newest_id_do_not_collide():
    """A frozen or set-back clock leaves the dice alone to tell two terminals apart."""
    newest = next_id(AT, "", 0)

    assert 1000 == len({next_id(AT - timedelta(hours=1), newest, throw << 16) for throw in range(1000)})


def test_a_made_up_id_at_the_end_of_all_ids_is_not_continued():
    """A line with the greatest id of all takes no room from those that follow: they go by their time again."""
    assert next_id(AT, "", 7) == next_id(AT, "f" * 32, 7)
    assert ID_DIGITS == len(next_id(AT, f"{LAST_ID - 1:032x}", STEP)) == len(next_id(AT, f"{LAST_ID:032x}", STEP))


# ---------------------------------------------------------------- order


@given(moments(), moments())
def test_stamps_sort_like_moments(one, other):
    """Text comparison of stamps is comparison in time."""
    assert (one < other) == (stamp(one) < stamp(other))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (AT, "2026-11-22T18:03:11.412Z"),
        (AT.astimezone(timezone(timedelta(hours=5, minutes=45))), "2026-11-22T18:03:11.412Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime(987, 6, 5, 4, 3, 2, 1_999, tzinfo=UTC), "0987-06-05T04:03:02.001Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC), "9999-12-31T23:59:59.999Z"),
    ],
)
def test_stamp_is_utc_of_24_characters(at, expected):
    """Years have four digits, seconds three decimals, and the zone is Z."""
    actual = stamp(at)

    assert expected == actual


def test_order_is_the_moment_and_then_the_id():
    """After the clock was set back, a newer id sorts by its moment; ids decide only between equal moments."""
    early, late = a_review(9, MONDAY, at=AT), a_review(1, MONDAY, at=AT + timedelta(milliseconds=1))
    same = a_review(10, MONDAY, at=AT)

    assert [early, same, late] == standing([late, same, early]) == merge([same, late], [early])


# ---------------------------------------------------------------- merge


@given(split_logs())
def test_merge_is_commutative_associative_and_idempotent(parts):
    """However logs meet, the union is the same, in order."""
    one, two, three = parts
    expected = lines(merge(one, two, three))

    assert expected == lines(merge(three, one, two))
    assert expected == lines(merge(merge(one, two), three)) == lines(merge(one, merge(two, three)))
    assert expected == lines(merge(merge(one, two, three), one, three, two))


@given(split_logs())
def test_merge_is_the_union_in_order(parts):
    """Nothing is lost or doubled, and the result is sorted by moment and id."""
    actual = merge(*parts)

    assert {event.id for part in parts for event in part} == {event.id for event in actual}
    assert sorted({order(event) for event in actual}) == [order(event) for event in actual]


@given(st.permutations([True, 1, 1.0, "1", None, 2]), st.integers(0, 5))
def test_merge_settles_events_that_share_an_id(values, cut):
    """Should an id ever be used twice, every device keeps the same one; 1, 1.0 and true are not the same."""
    clash = [Setting(id=EventId("7" * 32), name="fuzz", value=value, at=AT, device="a") for value in values]
    expected = [min(map(to_line, clash))]

    assert expected == lines(merge(clash))
    assert expected == lines(merge(clash[cut:], clash[:cut]))
    assert expected == lines(merge(merge(clash[:cut]), clash[cut:]))


def test_merge_tells_kinds_apart_that_are_equal_as_tuples():
    """A mark and a setting with the same fields in the same places are two events."""
    mark = Mark(id=EventId("7" * 32), card=CARDS[0], mark="due", at=AT, device="a")
    setting = Setting(id=EventId("7" * 32), name=CARDS[0], value="due", at=AT, device="a")

    assert mark == setting
    assert lines(merge([mark], [setting])) == lines(merge([setting], [mark]))


# ---------------------------------------------------------------- standing


def test_an_undo_takes_back_its_event():
    """Neither the event nor its undo stands."""
    kept, gone = a_review(1, "2026-03-01"), a_review(2, "2026-03-02")

    actual = standing([kept, gone, an_undo(3, "2026-03-02", gone.id)])

    assert [kept] == actual


def test_an_undo_takes_back_a_whole_batch():
    """All events of the batch go, of every kind, and nothing else."""
    batch = [a_review(n, "2026-03-01", batch="import-1") for n in (1, 2)]
    mark = a_mark(3, "2026-03-01", "suspend")._replace(batch="import-1")
    other = a_review(4, "2026-03-01", batch="import-2")

    actual = standing([*batch, mark, other, an_undo(5, "2026-03-01", "import-1")])

    assert [other] == actual


def test_an_undo_of_an_undo_is_nothing():
    """What was taken back stays so; the review itself can be graded anew."""
    review = a_review(1, "2026-03-01")
    undo = an_undo(2, "2026-03-01", review.id)

    actual = standing([review, undo, an_undo(3, "2026-03-01", undo.id)])

    assert [] == actual


def test_an_undo_holds_wherever_it_sorts():
    """A device whose clock is behind may write its undo before the event."""
    review = a_review(2, "2026-03-01")

    actual = standing([an_undo(1, "2026-02-01", review.id), review])

    assert [] == actual


def test_an_undo_of_nothing_takes_nothing():
    """The target may be an event that has not arrived yet; events without a batch are not a batch."""
    review = a_review(1, "2026-03-01")

    actual = standing([review, an_undo(2, "2026-03-01", "not-here-yet"), an_undo(3, "2026-03-01", "None")])

    assert [review] == actual


# ---------------------------------------------------------------- lines: there and back


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_survives_its_line(kind):
    """An event equals what is read from its line, types too, and the line is one line of UTF-8."""

    @given(KINDS[kind])
    def law(event: Event) -> None:
        line = to_line(event)

        actual = from_line(line)

        assert (type(event), repr(event)) == (type(actual), repr(actual))
        assert line == to_line(actual)
        assert not {"\n", "\r"} & set(line)
        assert line == line.encode().decode()

    law()


def test_lines_of_version_1():
    """The promise of the format, byte for byte; absent fields are left out."""
    common = {"id": EventId("0" * 31 + "1"), "at": AT, "device": "laptop-3f2a"}
    review = Review(
        card=CARDS[0], grade=Grade.GOOD, offset_minutes=120, day=date(2026, 11, 22), took_ms=5310, verdict="pass",
        tries=1, hints=0, typed="né\n", batch="b", **common,
    )  # fmt: skip
    state = {"repetitions": 3, "ease": 2.36, "interval_days": 15, "due": "2026-12-07"}
    head, who = '{"v":1,"id":"00000000000000000000000000000001","kind":', '"at":"2026-11-22T18:03:11.412Z"'
    end = '"device":"laptop-3f2a"'
    expected = [
        f'{head}"review","card":"venv/create","grade":4,{who},"offset":120,"day":"2026-11-22","mode":"scheduled","took_ms":5310,"verdict":"pass","tries":1,"hints":0,"typed":"né\\n",{end},"batch":"b"}}',
        f'{head}"undo","target":"b",{who},{end}}}',
        f'{head}"mark","card":"venv/create","mark":"bury",{who},{end},"value":"2026-11-23"}}',
        f'{head}"baseline","card":"venv/create","scheduler":"sm2","state":{{"repetitions":3,"ease":2.36,"interval_days":15,"due":"2026-12-07"}},{who},{end}}}',
        f'{head}"setting","name":"fuzz","value":true,{who},{end},"deck":"venv"}}',
    ]

    actual = lines(
        [
            review,
            Undo(target="b", **common),
            Mark(card=CARDS[0], mark="bury", value="2026-11-23", **common),
            Baseline(card=CARDS[0], scheduler="sm2", state=state, **common),
            Setting(name="fuzz", value=True, deck="venv", **common),
        ]
    )

    assert expected == actual


@given(events())
def test_unknown_fields_and_order_of_fields_do_not_matter(event):
    """A line that another program wrote, with its fields reversed and one of its own, gives the same event."""
    fields = json.loads(to_line(event))
    turned = json.dumps(dict(reversed([*fields.items(), ("colour", "blue")])))

    actual = from_line(turned)

    if isinstance(event, Unknown):
        assert turned == to_line(actual)
    else:
        assert event == actual


@pytest.mark.parametrize("line", ['{"kind":"poke","id":"1","at":"2026-11-22T18:03Z" , "é": [1.50, "\\u00e9\\ud800"]}'])
def test_unknown_kinds_are_passed_on_verbatim(line):
    """Spaces, escapes, numbers and order stay as they were written; only the ends are trimmed."""
    actual = from_line(f"  {line}\n")

    assert isinstance(actual, Unknown)
    assert ("poke", "1", "import") == (actual.kind, actual.id, actual.device)
    assert line == to_line(actual)


# ---------------------------------------------------------------- lines: what is derived


def test_a_bare_review_gets_its_defaults():
    """Card, grade and moment are enough."""
    actual = from_line(review_line())

    assert ("scheduled", "import", 0, date(2026, 11, 22)) == (
        actual.mode,
        actual.device,
        actual.offset_minutes,
        actual.day,
    )
    assert (AT, Grade.GOOD) == (actual.at, actual.grade)
    assert (None, None, None) == (actual.took_ms, actual.typed, actual.batch)


@pytest.mark.parametrize(
    ("at", "offset", "expected"),
    [
        ("2026-11-22T03:59:59.999Z", 0, "2026-11-21"),
        ("2026-11-22T04:00:00Z", 0, "2026-11-22"),
        ("2026-11-22T18:30:00Z", 570, "2026-11-23"),
        ("2026-11-22T18:30:00Z", 569, "2026-11-22"),
        ("2026-11-22T00:00:00Z", -1439, "2026-11-20"),
        ("2026-11-22T23:00:00-05:00", 0, "2026-11-23"),
        ("0001-01-01T04:00:00Z", 0, "0001-01-01"),
        ("9999-12-31T23:59:59Z", 240, "9999-12-31"),
    ],
)
def test_a_missing_day_follows_from_moment_and_offset(at, offset, expected):
    """The local date, or the one before until 04:00."""
    actual = from_line(review_line(at=at, offset=offset)).day.isoformat()

    assert expected == actual


def test_a_derived_id_is_stable_and_told_apart():
    """The same line gives the same id; card, grade, moment and ordinal each make another."""
    plain = from_line(review_line()).id
    others = [
        from_line(review_line(), ordinal=1),
        from_line(review_line(grade=5)),
        from_line(review_line(card="venv/layout")),
        from_line(review_line(at="2026-11-22T18:03:11.413Z")),
    ]

    assert plain == from_line(review_line(at="2026-11-22T19:03:11.412999+01:00", typed="x", id="")).id
    assert 5 == len({plain, *(other.id for other in others)})
    assert "01a2046d24b4f23689789b382363d09c" == plain


def test_an_id_that_is_there_is_kept():
    """Whatever its shape; the ordinal does not touch it."""
    actual = from_line(review_line(id="mine-1"), ordinal=7).id

    assert "mine-1" == actual


def test_moments_are_cut_to_milliseconds():
    """What is read has no more digits than what is written, so both are one event."""
    actual = from_line(review_line(at="2026-11-22T18:03:11.412987Z"))

    assert actual.at == AT
    assert actual == from_line(to_line(actual))


def test_an_empty_batch_is_none():
    """An undo of nothing must not find all events whose batch is an empty text."""
    actual = from_line(json.dumps({"kind": "mark", "card": "a/b", "mark": "flag", "at": stamp(AT), "batch": ""}))

    assert actual.batch is None


def test_a_mark_without_an_id_gets_one_too():
    """Its value counts: two devices that bury until the same day agree."""
    until = [
        from_line(json.dumps({"kind": "mark", "card": "a/b", "mark": "bury", "value": day, "at": stamp(AT)})).id
        for day in ("2026-11-23", "2026-11-23", "2026-11-24")
    ]

    assert until[0] == until[1] != until[2]


# ---------------------------------------------------------------- lines: what is wrong

BOMB = "[" * 900 + "]" * 900
BAD_REVIEWS = [
    ({"card": ...}, "`card` is missing"),
    ({"card": None}, "`card` is missing"),
    ({"card": "create"}, "`card` is `create`, expected deck/id"),
    ({"card": ["venv/create"]}, "`card` is a list, expected text"),
    ({"card": "venv/cre\x1bate"}, "`card` has characters that do not belong there, or is too long"),
    ({"card": "a/" + "b" * 100_000}, "`card` has characters that do not belong there, or is too long"),
    ({"grade": ...}, "`grade` is missing"),
    ({"grade": True}, "`grade` is true, expected a whole number"),
    ({"grade": 4.0}, "`grade` is 4.0, expected a whole number"),
    ({"grade": "4"}, '`grade` is "4", expected a whole number'),
    ({"grade": 6}, "`grade` is 6, expected 0 to 5"),
    ({"grade": -1}, "`grade` is -1, expected 0 to 5"),
    ({"grade": 10**50}, f"`grade` is {'1' + '0' * 39}, expected 0 to 5"),
    ({"at": ...}, "`at` is missing"),
    ({"at": 1_700_000_000}, "`at` is 1700000000, expected text"),
    ({"at": "yesterday"}, "`at` is `yesterday`, expected a moment such as 2026-11-22T18:03:11.412Z"),
    ({"at": "2026-11-22T18:03:11"}, "`at` is `2026-11-22T18:03:11`, which has no offset"),
    ({"at": "2026-11-22"}, "`at` is `2026-11-22`, which has no offset"),
    ({"at": "2026-02-30T00:00Z"}, "`at` is `2026-02-30T00:00Z`, expected a moment such as 2026-11-22T18:03:11.412Z"),
    ({"at": "0001-01-01T00:00+05:00"}, "`at` is `0001-01-01T00:00+05:00`, beyond the calendar"),
    ({"at": "9999-12-31T23:59-05:00"}, "`at` is `9999-12-31T23:59-05:00`, beyond the calendar"),
    ({"at": "0001-01-01T00:00Z"}, "`at` is `0001-01-01T00:00:00.000Z`, beyond the calendar"),
    ({"at": "9999-12-31T23:00Z", "offset": 1439}, "`at` is `9999-12-31T23:00:00.000Z`, beyond the calendar"),
    ({"offset": 1440}, "`offset` is 1440, out of range"),
    ({"offset": -1440}, "`offset` is -1440, out of range"),
    ({"offset": 10**30}, f"`offset` is {10**30}, out of range"),
    ({"offset": 0.5}, "`offset` is 0.5, expected a whole number"),
    ({"day": "2026-11-31"}, "`day` is `2026-11-31`, expected a date such as 2026-11-22"),
    ({"day": ""}, "`day` is ``, expected a date such as 2026-11-22"),
    ({"day": 20261122}, "`day` is 20261122, expected text"),
    ({"mode": "Scheduled"}, "`mode` is `Scheduled`, expected one of scheduled, drill, cram, imported"),
    ({"took_ms": -1}, "`took_ms` is -1, out of range"),
    ({"took_ms": 2**53 + 1}, "`took_ms` is 9007199254740993, out of range"),
    ({"took_ms": 1.5}, "`took_ms` is 1.5, expected a whole number"),
    ({"tries": False}, "`tries` is false, expected a whole number"),
    ({"hints": {}}, "`hints` is an object, expected a whole number"),
    ({"typed": 5}, "`typed` is 5, expected text"),
    ({"typed": "\ud800"}, "`typed` has characters that do not belong there, or is too long"),
    ({"typed": "x" * 100_001}, "`typed` has characters that do not belong there, or is too long"),
    ({"device": "a\u202eb"}, "`device` has characters that do not belong there, or is too long"),
    ({"device": "a\nb"}, "`device` has characters that do not belong there, or is too long"),
    ({"id": 7}, "`id` is 7, expected text"),
    ({"v": 2}, "log version `2` is newer than 1"),
    ({"v": 0}, "`v` is 0, out of range"),
    ({"v": "1"}, '`v` is "1", expected a whole number'),
    ({"v": True}, "`v` is true, expected a whole number"),
    ({"kind": ["review"]}, "`kind` is a list, expected text"),
    ({"kind": "poke"}, "`id` is missing"),
]


@pytest.mark.parametrize(("changes", "expected"), BAD_REVIEWS, ids=lambda value: str(value)[:40])
def test_bad_reviews_are_named(changes, expected):
    """The message says which field is wrong, what it is, and what was expected."""
    with pytest.raises(LineError) as caught:
        from_line(review_line(**changes))

    assert expected == caught.value.message


def other_line(kind: str, **fields: object) -> str:
    """A line of another kind, with all that every kind has."""
    return json.dumps({"kind": kind, "id": "1", "at": stamp(AT), **fields})


def baseline_line(**changes: object) -> str:
    """A baseline for SM-2, its state changed; `...` leaves a number out."""
    state = {"repetitions": 3, "ease": 2.36, "interval_days": 15, "due": "2026-12-07", "lapses": 0, **changes}
    state = {name: value for name, value in state.items() if value is not ...}
    return other_line("baseline", card="a/b", scheduler="sm2", state=state)


BAD_LINES = [
    ("", "not a line of JSON"),
    ("{", "not a line of JSON"),
    ("\ufeff{}", "not a line of JSON"),
    ("{} {}", "not a line of JSON"),
    (BOMB * 200, "not a line of JSON"),
    ("[" * 100_000, "not a line of JSON"),
    ('{"a":' * 100_000, "not a line of JSON"),
    ("[]", "not a JSON object"),
    ("null", "not a JSON object"),
    ('"review"', "not a JSON object"),
    ("NaN", "not a line of JSON"),
    ('{"grade": NaN}', "not a line of JSON"),
    ('{"grade": Infinity}', "not a line of JSON"),
    ('{"grade": -1e999}', "not a line of JSON"),
    (f'{{"grade": {"9" * 5000}}}', "not a line of JSON"),
    (f'{{"at": {BOMB}}}', "`at` is a list, expected text"),
    (other_line("undo"), "`target` is missing"),
    (other_line("undo", target="x", id=""), "`id` is missing"),
    (other_line("mark", card="a/b"), "`mark` is missing"),
    (other_line("mark", card="a/b", mark="bury"), "`value` is missing"),
    (other_line("mark", card="a/b", mark="due", value="soon"), "`value` is `soon`, expected a date such as 2026-11-22"),
    (other_line("mark", card="a/b", mark="was", value="b"), "`value` is `b`, expected deck/id"),
    (other_line("mark", mark="flag"), "`card` is missing"),
    (other_line("setting", value=1), "`name` is missing"),
    (other_line("setting", name="fuzz", value=[1]), "`value` is a list, expected text, a number, true or false"),
    (other_line("setting", name="fuzz", value=10**20), f"`value` is {10**20}, which is too much for a setting"),
    (other_line("setting", name="a", value="\udfff"), '`value` is "\\udfff", which is too much for a setting'),
    (other_line("baseline", card="a/b", scheduler="sm2"), "`state` is missing"),
    (other_line("baseline", card="a/b", scheduler="sm2", state=[]), "`state` is a list, expected an object"),
    (
        other_line("baseline", card="a/b", scheduler="x", state={"a": [[[[[[[[1]]]]]]]]}),
        "`state` is nested too deep, or has values that do not belong there",
    ),
    (
        other_line("baseline", card="a/b", scheduler="x", state={"\ud800": 1}),
        "`state` is nested too deep, or has values that do not belong there",
    ),
    (baseline_line(repetitions=...), "`repetitions` is missing"),
    (baseline_line(repetitions=-1), "`repetitions` is -1, out of range"),
    (baseline_line(ease="2.5"), '`ease` is "2.5", expected a number'),
    (baseline_line(ease=1.29), "`ease` is 1.29, expected 1.3 or more"),
    (baseline_line(interval_days=0), "`interval_days` is 0, out of range"),
    (baseline_line(interval_days=36_501), "`interval_days` is 36501, out of range"),
    (baseline_line(due="2026-13-01"), "`due` is `2026-13-01`, expected a date such as 2026-11-22"),
    (baseline_line(lapses=True), "`lapses` is true, expected a whole number"),
    ('{"kind":"poke","id":"1",\n"at":"2026-11-22T18:03Z"}', "not one line of text"),
    ('{"kind":"poke","id":"1","at":"2026-11-22T18:03Z","x":"\udc80"}', "not one line of text"),
]


@pytest.mark.parametrize(("line", "expected"), BAD_LINES, ids=lambda value: str(value)[:40])
def test_bad_lines_are_named(line, expected):
    """Broken JSON, bombs, wrong shapes of the other kinds: each gets its message."""
    with pytest.raises(LineError) as caught:
        from_line(line)

    assert expected == caught.value.message


def test_hints_say_the_cure():
    """A naive moment and a newer version say what to do."""
    hints = []
    for line in (review_line(at="2026-11-22T18:03:11"), review_line(v=2)):
        with pytest.raises(LineError) as caught:
            from_line(line)
        hints.append(caught.value.hint)

    assert ["add Z for UTC", "upgrade cards; nothing was changed"] == hints


def test_the_highest_and_lowest_that_fit():
    """The edges of every range are inside."""
    edges = {"took_ms": 2**53, "tries": 0, "offset": -1439, "typed": "x" * 100_000, "batch": ""}

    actual = from_line(review_line(**edges))
    restored = from_line(other_line("restore", takes=["x" * 1_000] * 1_000))

    assert (2**53, 0, -1439, 100_000, None) == (
        actual.took_ms, actual.tries, actual.offset_minutes, len(actual.typed), actual.batch
    )  # fmt: skip
    assert 100_000 == len(from_line(other_line("setting", name="a", value="x" * 100_000)).value)
    assert (1_000, 1_000) == (len(restored.takes), len(restored.takes[0]))
    assert from_line(baseline_line(ease=1.3, interval_days=36_500, lapses=None)).state["ease"] == 1.3


FIELDS = [
    "v",
    "id",
    "kind",
    "card",
    "grade",
    "at",
    "offset",
    "day",
    "mode",
    "took_ms",
    "verdict",
    "tries",
    "hints",
    "typed",
    "device",
    "batch",
    "target",
    "mark",
    "value",
    "scheduler",
    "state",
    "name",
    "deck",
    "repetitions",
    "ease",
    "interval_days",
    "due",
    "lapses",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(("review", "mark", "baseline", "setting", "undo", "bury", "due", "sm2", "a/b", "2026-01-01"))
    | st.sampled_from((stamp(AT), "0001-01-01T00:00Z", "9999-12-31T23:59:59.999999Z", "2026-01-01T00:00+23:59:59"))
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner)
)


def read_or_refuse(line: str) -> None:
    """Reading gives an event that can be written and read again, or a LineError."""
    try:
        event = from_line(line)
    except LineError:
        return
    again = to_line(event)

    assert repr(event) == repr(from_line(again))
    assert again.encode()
    assert order(event)


@given(st.text())
def test_any_text_is_an_event_or_a_line_error(text):
    """No text raises anything else."""
    read_or_refuse(text)


@given(st.dictionaries(st.sampled_from(FIELDS), values))
def test_any_object_is_an_event_or_a_line_error(fields):
    """No JSON raises anything else, and what is read can be written."""
    read_or_refuse(json.dumps(fields))


@given(events(), st.sampled_from(FIELDS), values)
def test_a_good_line_with_one_bad_field_is_an_event_or_a_line_error(event, name, value):
    """One field of a good line, of any kind, replaced by anything."""
    fields = json.loads(to_line(event))

    read_or_refuse(json.dumps({**fields, name: value}))


def test_a_log_of_three_devices_has_no_favourite():
    """The order of equal moments is the order of their ids, not of devices or arrival."""
    same = [a_review(1, "2026-03-01", id=EventId(f"{n:032x}"), device=DEVICES[3 - n]) for n in (3, 1, 2)]

    actual = merge(same[:1], same[1:])

    assert [f"{n:032x}" for n in (1, 2, 3)] == [event.id for event in actual]


def test_a_day_far_from_its_moment_is_refused():
    """A study day is at most two days from the moment; else one bad line would freeze a card for good."""
    near = {"card": "d/a", "grade": 4, "at": "2026-03-02T10:00:00Z", "day": "2026-03-04"}
    far = near | {"day": "9999-12-31"}

    assert date(2026, 3, 4) == from_line(json.dumps(near)).day
    with pytest.raises(LineError, match="far from `at`"):
        from_line(json.dumps(far))


def test_a_foreign_id_is_not_continued():
    """An id that is no number of ours does not stop the next one."""
    at = datetime(2026, 3, 2, tzinfo=UTC)

    assert next_id(at, "", 7) == next_id(at, "zzz", 7) == next_id(at, "z" * 32, 7)


def test_an_id_is_ours_by_its_shape():
    """Nobody else ever makes up the same."""
    others = ("", "0" * 32, "anki:1", "z" * 32, next_id(AT, "", 7)[1:], f"{next_id(AT, '', 7)}0")

    assert is_ours(next_id(AT, "", 7))
    assert [False] * len(others) == [is_ours(one) for one in others]


def test_nothing_is_later_than_the_end_of_the_calendar():
    """What was written there by a false clock cannot be gone behind: what comes next keeps its own moment."""
    assert AT == not_before(AT, "9999-12-31T23:59:59.999Z")
    assert AT == not_before(AT, stamp(AT))
    assert AT + timedelta(milliseconds=2) == not_before(AT, stamp(AT + timedelta(milliseconds=1)))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 0),
        ("999999", 999_999),
        ("1000000", None),
        ("-1", None),
        ("²", None),
        ("٣", None),
        ("", None),
        (None, None),
    ],
)
def test_a_revision_is_a_small_whole_number(value, expected):
    """A reset with another value is one of the person's own."""
    assert expected == revision(value)
