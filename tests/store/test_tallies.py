"""The counts of the statistics: whatever comes in, in whatever order, they equal the walk through the log."""

import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from desk import card
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from strategies import CARDS, a_mark, a_review, cards, event_id, logs, renames, undos
from thorough import times

from flashcards.log import to_line
from flashcards.model import Baseline, CardId, Deck, Event, Memory
from flashcards.redaction import redacted
from flashcards.replay import rename, renamed
from flashcards.stats import Commands, DayCount, Graded, commands, graded, is_known, per_day, plus
from flashcards.stats.counting import counted
from flashcards.store import DeckSource, derived, tallies
from flashcards.store.answers import Answers, Mistake, Within
from flashcards.union import merge, standing

TODAY = date(2026, 3, 10)
TAGS = {CARDS[0]: ("command",), CARDS[3]: ("command", "log")}


BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def store(tmp_path: Path):
    """An empty store that counts."""
    store = Answers(tmp_path / "cards.db")
    yield store
    store.close()


# ---------------------------------------------------------------- two other ways to count

ORACLE = """
    with stood as (
        select coalesce(new, line ->> 'card') as card, line ->> 'at' as at, line ->> 'id' as id, line
        from log left join names on old = line ->> 'card'
        where line ->> 'kind' in ('review', 'mark', 'baseline')
        and not exists (select 1 from log other where other.line ->> 'kind' = 'undo'
            and other.line ->> 'target' in (log.line ->> 'id', coalesce(log.line ->> 'batch', '-')))
    ), resets as (
        select card, at, id, line,
            case when line ->> 'kind' = 'mark' and line ->> 'mark' = 'reset' then coalesce(line ->> 'value', '') end as reset,
            case when line ->> 'kind' = 'review' then line ->> 'day' end as day,
            case when line ->> 'kind' = 'baseline' then coalesce(line ->> '$.state.interval_days', 0) end as known
        from stood
    ), revisions as (
        select *, case when length(reset) between 1 and 6 and reset not glob '*[^0-9]*' then cast(reset as integer) end as rev
        from resets
    ), effective as (
        select *, reset is not null and (rev is null or rev > max(1, coalesce(max(rev) over (
            partition by card order by at, id rows between unbounded preceding and 1 preceding), 1))) as anew
        from revisions
    ), spans as (
        select *, sum(anew) over (partition by card order by at, id) as span,
            case when line ->> 'mode' not in ('drill', 'cram') then day end as eligible
        from effective
    ), asked as (
        select *, max(eligible) over past as last,
            last_value(known) over past as known_now, count(known) over past as brought
        from spans
        window past as (partition by card, span order by at, id rows between unbounded preceding and 1 preceding)
    ), counting as (
        select *, (eligible is not null and (last is null or eligible > last)) as counts from asked where day is not null
    )
    select card, id, day, counts, counts and last is null and not brought as new, julianday(day) - julianday(last) as gap,
        cast(strftime('%H', at, (line ->> 'offset') || ' minutes') as integer) as hour
    from counting order by at, id
"""


def by_sql(log: Iterable[Event], names: dict[CardId, CardId]) -> dict[str, tuple[str, bool, bool, float | None, int]]:
    """Of every standing review its day, whether it counts, was new, the days since, and the hour: by SQL of its own."""
    base = sqlite3.connect(":memory:")
    base.execute("create table log (line text)")
    base.execute("create table names (old text, new text)")
    base.executemany("insert into log values (?)", [(to_line(event),) for event in log])
    base.executemany("insert into names values (?, ?)", names.items())
    found = {i: (d, bool(c), bool(n), gap, hour) for _, i, d, c, n, gap, hour in base.execute(ORACLE)}
    base.close()
    return found


def names_of(log: Iterable[Event]) -> dict[CardId, CardId]:
    return renamed(pair for event in standing(log) if (pair := rename(event)))


def walked(log: Iterable[Event]) -> list[Graded]:
    return [*graded(standing(log), names_of(log))]


def by(key, reviews: Iterable[Graded]) -> dict[object, DayCount]:
    sums: dict[object, DayCount] = {}
    for one in reviews:
        place = key(one)
        sums[place] = plus(sums.get(place, DayCount()), counted(one))
    return dict(sorted(sums.items()))


@st.composite
def long_logs(draw, *, restored=True):
    """Months of a few cards on three devices, in many zones; with drills, undos, resets, renames, baselines."""
    log = draw(logs(max_size=12, restored=restored))
    far = st.tuples(cards, st.integers(0, 90), st.sampled_from((1, 3, 4, 5)))
    for number, (name, day, grade) in enumerate(draw(st.lists(far, max_size=12)), 1):
        when = date(2026, 3, 1) + timedelta(days=day)
        log.append(a_review(number, when.isoformat(), grade, card=name))
    log += draw(st.lists(renames(), max_size=2))
    targets = [event.id for event in log] + [event.batch for event in log if event.batch]
    if targets:
        log += draw(st.lists(undos(st.sampled_from(targets)), max_size=3))
    assume(len({event.id for event in log}) == len(log))
    return log


@given(long_logs(restored=False))
@settings(max_examples=times(40, 1500), suppress_health_check=[HealthCheck.too_slow])
def test_what_a_review_was_equals_what_sql_says_of_the_lines(log):
    """An independent reading of the definitions, over the lines of the log, finds the same."""
    found = by_sql(log, names_of(log))
    says = {}
    for one in walked(log):
        review = one.review
        hour = (review.at + timedelta(minutes=review.offset_minutes)).hour
        says[review.id] = (review.day.isoformat(), one.counts, one.new, found[review.id][3], hour)
        if one.counts and not one.new and found[review.id][3] is not None:
            assert (found[review.id][3] >= 21) == (one.kind == 3)
    assert found == says


@given(long_logs(), st.data())
@settings(max_examples=times(15, 800), suppress_health_check=[HealthCheck.too_slow])
def test_the_counts_equal_a_walk_through_the_log(log, data):
    """Looked at before, between and after what comes in, in any order, everything counted is what a walk counts."""
    arriving = data.draw(st.permutations(log))
    with TemporaryDirectory() as folder:
        store = Answers(Path(folder, "cards.db"))
        while arriving:
            size = data.draw(st.integers(1, len(arriving)))
            store.append(arriving[:size])
            arriving = arriving[size:]
            if data.draw(st.booleans()):
                store.count_answers()
        whole = redacted(merge(log))
        reviews, names = walked(whole), names_of(whole)

        def now(one: Graded) -> CardId:
            return names.get(one.review.card, one.review.card)

        assert per_day(standing(whole), names) == store.days()
        assert (
            by(lambda one: (one.review.at + timedelta(minutes=one.review.offset_minutes)).hour, reviews)
            == store.hours()
        )
        assert by(lambda one: now(one).partition("/")[0], reviews) == store.by_deck()
        assert by(now, reviews) == store.by_card()
        assert commands(reviews) == store.commands()
        within = Within(since=date(2026, 3, 3), until=date(2026, 3, 20), decks=("venv",))
        inside = [
            one for one in reviews if within.since <= one.review.day <= within.until and now(one).startswith("venv/")
        ]
        assert by(lambda one: one.review.day, inside) == store.days(within)
        assert by(now, inside) == store.by_card(within)
        assert commands(inside) == store.commands(within)
        rows = {name: everything(store, name) for name in ("answered", "tally", "effort")}
        store.rebuild()
        store.count_answers()
        assert rows == {name: everything(store, name) for name in rows}
        store.close()


def everything(store: Answers, table: str) -> list[tuple[object, ...]]:
    return store._connection.execute(f"select * from {table} order by 1, 2, 3").fetchall()


def put(store: Answers) -> None:
    """Two decks; some cards have tags."""
    for deck in ("venv", "git"):
        its = tuple(card(one)._replace(tags=TAGS.get(one, ())) for one in CARDS if one.startswith(deck))
        store.put_decks([(Deck(id=deck, cards=its), DeckSource(deck, deck, f"/{deck}.yaml", 1, 2, "h"))])


def test_only_the_cards_that_an_event_named_are_read_again(store: Answers):
    """A grade costs the statistics one card; nothing is noted before somebody looked."""
    store.append([a_review(1, "2026-03-01"), a_review(2, "2026-03-01", card=CARDS[3])])
    assert (0, 2) == (len(everything_of(store, "stale")), store.uncounted)

    store.count_answers()
    store.append([a_review(3, "2026-03-02")])

    assert ([(CARDS[0],)], 0) == (everything_of(store, "stale"), store.uncounted)
    assert {date(2026, 3, 1): 2, date(2026, 3, 2): 1} == {day: count.reviews for day, count in store.days().items()}
    assert [] == everything_of(store, "stale")


def everything_of(store: Answers, table: str) -> list[tuple[object, ...]]:
    return store._connection.execute(f"select * from {table}").fetchall()


def test_many_cards_at_once_are_counted_by_one_walk(store: Answers, monkeypatch):
    """Above the limit the log is read from the start, and the result is the same."""
    monkeypatch.setattr(tallies, "MANY_CARDS", 2)
    store.append([a_review(1, "2026-03-01")])
    store.count_answers()
    store.append([a_review(number, "2026-03-02", card=one) for number, one in enumerate(CARDS, 2)])

    assert [1, 4] == [count.reviews for count in store.days().values()]


def test_what_comes_while_everything_is_counted_is_counted_as_well(store: Answers, monkeypatch):
    """Others write between the look at the log and the moment when the rows are put in place; nothing is missed."""
    other = Answers(store.path)
    store.append([a_review(1, "2026-03-01")])
    begin = Answers._put

    def put_and_write(self, table: str, rows) -> None:
        begin(self, table, rows)
        if table == "collected":
            other.append([a_review(2, "2026-03-02")])

    monkeypatch.setattr(Answers, "_put", put_and_write)

    assert [1, 1] == [count.reviews for count in store.days().values()]
    assert store.days() == other.days()
    other.close()


def test_two_who_count_everything_at_once_end_with_the_same(store: Answers, monkeypatch):
    """The one that was overtaken does not put older rows in place."""
    other = Answers(store.path)
    store.append([a_review(1, "2026-03-01")])
    begin, turns = Answers._count_all, []

    def overtaken(self, token: str) -> bool:
        turns.append(token)
        if len(turns) == 1:
            self._connection.execute("update meta set value = 'somebody else' where name = 'answered'")
            assert begin(self, token) is False
            other.append([a_review(2, "2026-03-02")])
            other.count_answers()
            return False
        return begin(self, token)

    monkeypatch.setattr(Answers, "_count_all", overtaken)

    assert [1, 1] == [count.reviews for count in store.days().values()]
    assert 2 == len(turns)
    other.close()


def test_at_rest_all_is_of_one_moment_and_counted(store: Answers, monkeypatch):
    """What comes between the counting and the moment is counted as well; what comes later is of another moment."""
    other = Answers(store.path)
    store.append([a_review(1, "2026-03-01")])
    count, turns = Answers.count_answers, []

    def count_and_write(self) -> None:
        count(self)
        if not turns:
            turns.append(other.append([a_review(2, "2026-03-02")]))

    monkeypatch.setattr(Answers, "count_answers", count_and_write)

    with store.at_rest():
        other.append([a_review(3, "2026-03-03")])
        assert [1, 1] == [one.reviews for one in store.days().values()]
        assert [2] == [one.reviews for one in store.by_deck().values()]
    assert 3 == len(store.days())
    other.close()


def test_a_tag_leads_to_its_cards(store: Answers):
    """Any of the tags will do; by day, by hour, by card, for commands and mistakes."""
    put(store)
    fail = {"verdict": "fail", "typed": "git lgo", "tries": 2}
    store.append([a_review(1, "2026-03-01"), a_review(2, "2026-03-01", 1, card=CARDS[3], **fail)])
    store.append([a_review(3, "2026-03-01", card=CARDS[1])])
    log, any_of = Within(tags=("log",)), Within(tags=("log", "command"))

    assert [1, 2] == [sum(count.reviews for count in store.days(one).values()) for one in (log, any_of)]
    assert [1, 2] == [sum(count.reviews for count in store.hours(one).values()) for one in (log, any_of)]
    assert {CARDS[3]} == set(store.by_card(log))
    assert Commands(judged=1, tries=2) == store.commands(log)
    assert [Mistake(CARDS[3], "git lgo", 1)] == store.mistakes(any_of)
    assert [] == store.mistakes(Within(tags=("nothing",)))
    assert [("git", "young", 1)] == [row[:3] for row in store.stages(TODAY, log)]
    rows, counts = store.by_tag(TODAY, any_of)
    assert {("command", 2), ("log", 1)} == {(row.key, sum(r.cards for r in rows if r.key == row.key)) for row in rows}
    assert {"command": 2, "log": 1} == {tag: count.reviews for tag, count in counts.items()}
    assert {"command": 1, "log": 1} == {tag: count.again for tag, count in store.by_tag(TODAY, april(log))[1].items()}


def test_what_a_card_did_before_it_was_retired_counts_for_its_tags(store: Answers):
    """The row of a tag is the sum of what is found where the tag is asked about; the card itself is gone."""
    put(store)
    store.append([a_review(1, "2026-03-01"), a_review(2, "2026-03-01", card=CARDS[3])])
    store.put_decks([(Deck(id="venv", cards=()), DeckSource("venv", "venv", "/venv.yaml", 1, 2, "h2"))])

    rows, counts = store.by_tag(TODAY)

    assert {("command", 1), ("log", 1)} == {(row.key, row.cards) for row in rows}
    assert {tag: count.reviews for tag, count in counts.items()} == {"command": 2, "log": 1}
    for tag, its in counts.items():
        assert [its] == [*store.days(Within(tags=(tag,))).values()]


def test_no_answer_takes_longer_than_a_day(store: Answers):
    """However large the numbers of a foreign log are, they can be summed up, in both ways to the same."""
    log = [
        a_review(number, f"2026-03-{number % 28 + 1:02}", took_ms=2**53, verdict="fail", tries=2**53)
        for number in range(1, 1100)
    ]
    store.append(log)

    assert per_day(standing(log)) == store.days()
    assert 1099 * 86_400_000 == sum(count.took_ms for count in store.by_deck().values())
    assert 28 * 2**53 == store.commands().tries


def test_the_state_of_another_scheduler_may_say_anything(store: Answers):
    """A baseline whose interval is no number brings a card with none, in both ways of counting."""
    said = ("soon", "30", 30, 30.5, 1e300, True, None, [40], {"days": 40})
    log = [
        event
        for n, interval in enumerate(said)
        for event in (
            Baseline(event_id(n + 1), CardId(f"d/c{n}"), "other", {"interval_days": interval}, BEGIN, "laptop"),
            a_review(n + 20, "2026-03-02", card=f"d/c{n}"),
        )
    ]
    store.append(log)

    assert per_day(standing(log)) == store.days()
    assert 3 == sum(count.mature for count in store.days().values())


def april(within: Within) -> Within:
    return within._replace(since=date(2026, 3, 1), until=date(2026, 4, 30))


def test_a_wrong_answer_is_one_by_its_verdict_or_else_by_its_grade(store: Answers):
    """What passed is no mistake however it was graded; what was typed and not run is judged by its grade."""
    store.append(
        [
            a_review(1, "2026-03-01", 1, verdict="pass", typed="right after all"),
            a_review(2, "2026-03-02", 4, verdict="fail", typed="wrong"),
            a_review(3, "2026-03-03", 1, typed="wrong"),
            a_review(4, "2026-03-04", 1, verdict="cannot", typed="other"),
            a_review(5, "2026-03-05", 4, typed="good"),
        ]
    )

    assert [Mistake(CARDS[0], "wrong", 2), Mistake(CARDS[0], "other", 1)] == store.mistakes()
    assert {CARDS[0]: "wrong"} == store.most_typed([CARDS[0], CARDS[1]])
    assert 1 == len(store.mistakes(most=1))


@given(logs(max_size=20), st.permutations(("decks", "log", "rebuild")))
@settings(max_examples=times(15, 300), suppress_health_check=[HealthCheck.too_slow])
def test_how_far_the_cards_are_is_what_their_memories_say(log, ways):
    """Whether the decks come before the log or after it, and after a rebuild: by stage, day, interval and lapses."""
    acts = {"decks": put, "log": lambda store: store.append(log), "rebuild": Answers.rebuild}
    with TemporaryDirectory() as folder:
        store = Answers(Path(folder, "cards.db"))
        for way in ways:
            acts[way](store)
        memories = [store.memory(one) for one in CARDS]
        states = [
            memory.state._replace(due=max(memory.state.due, memory.buried_until or date.min))
            for memory in memories
            if memory.state and not memory.suspended
        ]

        def stage(memory: Memory) -> str:
            if memory.suspended or memory.state is None:
                return "suspended" if memory.suspended else "new"
            return "mature" if memory.state.interval_days >= 21 else "young"

        rows = store.stages(TODAY)
        assert Counter(map(stage, memories)) == Counter(row.stage for row in rows for _ in range(row.cards))
        assert sum(map(is_known, memories)) == sum(row.known for row in rows)
        assert sum(state.due <= TODAY for state in states) == sum(row.due for row in rows)
        assert Counter(state.interval_days for state in states) == store.spread("interval")
        assert Counter(state.ease_hundredths for state in states) == store.spread("ease")
        assert Counter(memory.state.lapses for memory in memories if memory.state) == store.spread("lapses")
        assert sorted(states) == sorted(store.schedules(date.max))
        assert sorted((s.due, s.interval_days < 21) for s in states) == [
            (due, bool(young))
            for due, *both in store.dues(date.max)
            for young in (0, 1)
            for _ in range(both[1 - young])
        ]
        lapses = sorted(
            (memory.state.lapses for memory in memories if memory.state and memory.state.lapses), reverse=True
        )
        assert lapses[:2] == [number for _, _, number in store.lapsed(2)]
        store.close()


def test_a_card_that_has_the_history_of_another_is_as_far_as_that_one(store: Answers):
    """Its lapses lead to the reviews under the name they are counted by; what is retired is left out."""
    old = CardId("venv/old")
    store.append([a_review(1, "2026-03-01", card=old), a_review(2, "2026-03-02", 1, card=old, typed="no")])
    store.append([a_mark(3, "2026-03-02", "was", value=old)])
    put(store)

    assert [(CARDS[0], CARDS[0], 1)] == store.lapsed(9)
    assert {CARDS[0]: 2} == {name: count.reviews for name, count in store.by_card(cards=[CARDS[0]]).items()}
    assert [("git", "new", 1), ("venv", "new", 2), ("venv", "young", 1)] == [row[:3] for row in store.stages(TODAY)]


def test_the_columns_are_the_fields_of_a_count():
    """The table stands where the first question must not wait for the statistics, so its names are written twice."""
    assert DayCount._fields == derived.COUNTS
