"""What Hypothesis draws from: moments, grades, events and logs of a few cards on three devices.

Pools are small on purpose, so that events meet: the same card on the same
study day, an undo of an event that is there, two moments that agree. Whatever
is drawn here could have been written by the program, so it must survive the
log format, the store and a replay.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from flashcards.formats.plain import PlainDeck
from flashcards.log import MARKS, next_id, order, stamp
from flashcards.model import (
    MODES,
    Baseline,
    CardId,
    Event,
    EventId,
    Grade,
    Mark,
    Restore,
    Review,
    Setting,
    Sm2State,
    Undo,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import DrawFn, SearchStrategy

CARDS = tuple(map(CardId, ("venv/create", "venv/layout~c1", "venv/create~reverse", "git/log")))
DEVICES = ("laptop-3f2a", "desk-91bc", "phone-07de")
START = datetime(2026, 3, 1, tzinfo=UTC)
"""Every drawn moment lies in the sixteen days from here."""
SPAN_MS = 16 * 24 * 3_600_000

cards = st.sampled_from(CARDS)
devices = st.sampled_from(DEVICES)
grades = st.sampled_from(Grade)
dice = st.integers(0, 2**80 - 1)
days = st.dates(date(2026, 2, 25), date(2026, 3, 25))
typed_texts = st.text(st.characters(codec="utf-8"), max_size=30)
"""What a person may type: any characters that UTF-8 has, control characters too."""
names = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz0123456789_-"), min_size=1, max_size=8)
batches = st.none() | st.sampled_from(("batch-1", "batch-2"))


def moments() -> SearchStrategy[datetime]:
    """Aware UTC moments in whole milliseconds; half of them on a coarse grid, so that some agree."""
    fine = st.integers(0, SPAN_MS)
    coarse = st.integers(0, 16 * 4).map(lambda quarter: quarter * 6 * 3_600_000)
    return (fine | coarse).map(lambda ms: START + timedelta(milliseconds=ms))


@st.composite
def sm2_states(draw: DrawFn) -> Sm2State:
    """States that SM-2 can come to, or that a baseline may bring."""
    return Sm2State(
        repetitions=draw(st.integers(0, 40)),
        ease_hundredths=draw(st.integers(130, 500)),
        interval_days=draw(st.integers(1, 36_500)),
        due=draw(days),
        lapses=draw(st.integers(0, 12)),
    )


@st.composite
def who(draw: DrawFn) -> dict[str, Any]:
    """What every event has: id, moment, device and batch, the id made as the program makes it."""
    at = draw(moments())
    return {"id": next_id(at, "", draw(dice)), "at": at, "device": draw(devices), "batch": draw(batches)}


@st.composite
def reviews(draw: DrawFn, card: SearchStrategy[CardId] = cards) -> Review:
    """Reviews whose study day lies within a day of their moment."""
    common = draw(who())
    return Review(
        card=draw(card),
        grade=draw(grades),
        offset_minutes=draw(st.sampled_from((0, 0, 60, 345, -600, 840, -720))),
        day=common["at"].date() + timedelta(days=draw(st.integers(-1, 1))),
        mode=draw(st.sampled_from(("scheduled", "scheduled", "scheduled", *MODES))),
        took_ms=draw(st.none() | st.integers(0, 600_000)),
        verdict=draw(st.sampled_from((None, "pass", "fail", "cannot"))),
        tries=draw(st.none() | st.integers(0, 9)),
        hints=draw(st.none() | st.integers(0, 9)),
        typed=draw(st.none() | typed_texts),
        **common,
    )


@st.composite
def marks(draw: DrawFn, card: SearchStrategy[CardId] = cards) -> Mark:
    """Marks of every name, with a date where one is needed."""
    mark = draw(st.sampled_from([one for one in MARKS if one != "was"]))
    value = draw(days).isoformat() if mark in {"bury", "due"} else draw(st.none() | names | st.sampled_from("1234"))
    return Mark(card=draw(card), mark=mark, value=value, **draw(who()))


@st.composite
def renames(draw: DrawFn, card: SearchStrategy[CardId] = cards) -> Mark:
    """Marks that carry the history of one card over to another, or back, or nowhere."""
    return Mark(card=draw(card), mark="was", value=draw(card), **draw(who()))


@st.composite
def baselines(draw: DrawFn, card: SearchStrategy[CardId] = cards) -> Baseline:
    """States from elsewhere: for SM-2, or for a scheduler that is not in force."""
    state = draw(sm2_states())
    numbers = {
        "repetitions": state.repetitions,
        "ease": state.ease_hundredths / 100,
        "interval_days": state.interval_days,
        "due": state.due.isoformat(),
        "lapses": state.lapses,
    }
    other = {"stability": 12.5, "weights": [0.4, 1, None], "of": {"name": "fsrs", "fuzz": False}}
    scheduler, brought = draw(st.sampled_from((("sm2", numbers), ("fsrs", other))))
    return Baseline(card=draw(card), scheduler=scheduler, state=brought, **draw(who()))


@st.composite
def settings_events(draw: DrawFn) -> Setting:
    """Settings of every type of value, for all decks or for one."""
    finite = st.floats(allow_nan=False, allow_infinity=False)
    value = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | typed_texts
    return Setting(
        name=draw(st.sampled_from(("scheduler", "sm2_variant", "fuzz", "day_start"))),
        value=draw(value),
        deck=draw(st.sampled_from((None, "venv", "git"))),
        **draw(who()),
    )


@st.composite
def undos(draw: DrawFn, targets: SearchStrategy[str]) -> Undo:
    """Undos of what `targets` draws: ids of events, names of batches."""
    return Undo(target=draw(targets), **draw(who()))


@st.composite
def unknowns(draw: DrawFn) -> Unknown:
    """Events of a kind from the future, as they stood in their line: odd spaces, odd fields."""
    common, card = draw(who()), draw(st.none() | cards)
    fields = {"v": 1, "kind": f"x-{draw(names)}", **common, "at": stamp(common["at"]), "new": [draw(names), 1.5, None]}
    fields = {name: value for name, value in {**fields, "card": card}.items() if value is not None}
    line = json.dumps(
        fields, ensure_ascii=draw(st.booleans()), separators=draw(st.sampled_from(((",", ":"), (" , ", ": "))))
    )
    return Unknown(kind=str(fields["kind"]), line=line, card=card, **common)


def events(card: SearchStrategy[CardId] = cards) -> SearchStrategy[Event]:
    """One event of any kind, undos of nothing included."""
    nothing = st.sampled_from(("0" * 32, "batch-1", "batch-3"))
    return st.one_of(
        reviews(card), reviews(card), marks(card), baselines(card), settings_events(), unknowns(), undos(nothing)
    )


@st.composite
def restores(draw: DrawFn, targets: SearchStrategy[str]) -> Restore:
    """Restores that take back some of what `targets` draws, and had brought some."""
    some = st.lists(targets.map(EventId), max_size=3).map(tuple)
    return Restore(takes=draw(some), brings=draw(some), **draw(who()))


@st.composite
def logs(
    draw: DrawFn, max_size: int = 16, card: SearchStrategy[CardId] = cards, *, restored: bool = True
) -> list[Event]:
    """A log in order, ids unique, with undos of its own events, batches and undos, and restores in some."""
    drawn = draw(st.lists(events(card), max_size=max_size, unique_by=lambda event: event.id))
    restored = restored and draw(st.integers(0, 3)) == 0
    for _ in range(draw(st.integers(0, 4)) if drawn else 0):
        targets = [event.id for event in drawn] + [event.batch for event in drawn if event.batch]
        one_of = st.sampled_from(targets)
        act = draw(undos(one_of) | restores(one_of) if restored else undos(one_of))
        if act.id not in targets:
            drawn.append(act)
    return sorted(drawn, key=order)


@st.composite
def split_logs(draw: DrawFn, parts: int = 3, max_size: int = 16) -> list[list[Event]]:
    """One log as `parts` copies of it that each miss something and overlap, in no order."""
    whole = draw(logs(max_size))
    homes = [draw(st.sets(st.integers(0, parts - 1), min_size=1)) for _ in whole]
    return [draw(st.permutations([e for e, home in zip(whole, homes, strict=True) if n in home])) for n in range(parts)]


def event_id(number: int) -> EventId:
    """A readable id for tests that write their events by hand."""
    return EventId(f"{number:032x}")


def a_review(number: int, when: str, grade: int = 4, **changes: Any) -> Review:
    """The `number`th review by hand: of `venv/create`, `number` minutes past noon of study day `when`."""
    noon = datetime.fromisoformat(f"{when}T12:00:00Z") + timedelta(minutes=number)
    plain = Review(
        id=event_id(number),
        card=CARDS[0],
        grade=Grade(grade),
        at=noon,
        offset_minutes=0,
        day=date.fromisoformat(when),
        device=DEVICES[0],
    )
    return plain._replace(**changes)


def a_mark(number: int, when: str, mark: str, value: str | None = None) -> Mark:
    """The `number`th event by hand: a mark of `venv/create` on study day `when`."""
    at = datetime.fromisoformat(f"{when}T12:00:00Z") + timedelta(minutes=number)
    return Mark(id=event_id(number), card=CARDS[0], mark=mark, value=value, at=at, device=DEVICES[0])


def an_undo(number: int, when: str, target: str) -> Undo:
    """The `number`th event by hand: takes back `target`, an id or the name of a batch."""
    at = datetime.fromisoformat(f"{when}T12:00:00Z") + timedelta(minutes=number)
    return Undo(id=event_id(number), target=target, at=at, device=DEVICES[0])


def a_restore(number: int, when: str, *, takes: Iterable[str] = (), brings: Iterable[str] = ()) -> Restore:
    """The `number`th event by hand."""
    at = datetime.fromisoformat(f"{when}T12:00:00Z") + timedelta(minutes=number)
    ids = tuple(map(EventId, takes)), tuple(map(EventId, brings))
    return Restore(event_id(number), *ids, at=at, device=DEVICES[0])


@st.composite
def tangles(draw: DrawFn) -> list[Event]:
    """A few reviews and many undos and restores, which name each other, earlier ones and later ones."""
    log: list[Event] = [a_review(1, "2026-03-01"), a_review(2, "2026-03-01")]
    ids = st.integers(1, 9).map(event_id)
    for number in range(3, draw(st.integers(4, 9))):
        some = st.lists(ids, max_size=3)
        undo = st.builds(lambda target, n=number: an_undo(n, "2026-03-01", target), ids)
        restore = st.builds(
            lambda takes, brings, n=number: a_restore(n, "2026-03-01", takes=takes, brings=brings), some, some
        )
        log.append(draw(undo | restore))
    return log


# ---------------------------------------------------------------- decks

AWKWARD = (
    " ", "\n", "\n\n", "  ", "\t", "#", " #", ": ", ":", "- ", "'", '"', "\\", "|", ">", "[", "]", "{", "}", ",", "&", "*",
    "!", "%", "@", "`", "?", "~", "no", "3.10", "é", "日本", "\u2028", "\xa0", "---", "...", "x", "echo hi", "{{", "}}", "::",
)  # fmt: skip
"""What texts are made of that give a format trouble."""
deck_texts = (
    st.lists(st.sampled_from(AWKWARD), min_size=1, max_size=8).map("".join).filter(str.strip)
    | st.sampled_from(AWKWARD[30:])
).filter(lambda text: text.strip() and "{{c" not in text)
"""Texts that a deck may hold: neither empty nor all blank."""
ids = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,8}", fullmatch=True)
tags = st.lists(st.from_regex(r"[a-z][a-z0-9:_-]{0,6}", fullmatch=True), min_size=1, max_size=3, unique=True)
answers = deck_texts | st.dictionaries(st.sampled_from(("posix", "fish", "windows", "macos")), deck_texts, min_size=1)
answer_lists = (
    deck_texts
    | st.lists(deck_texts, min_size=1, max_size=3)
    | st.dictionaries(
        st.sampled_from(("posix", "fish", "linux")), st.lists(deck_texts, min_size=1, max_size=2), min_size=1
    )
)
explanations = st.dictionaries(deck_texts, deck_texts, min_size=1, max_size=3) | st.lists(
    st.dictionaries(deck_texts, deck_texts, min_size=1, max_size=1), min_size=1, max_size=3
)
gap_texts = st.sampled_from(("one", "two words", "`code`", "é: x"))


@st.composite
def runs(draw: DrawFn) -> dict[str, Any]:
    """What runs a command: steps before it, checks after it, a hint."""
    names = st.sampled_from(("a", "b/c", "venv"))
    checks = (
        st.builds(lambda name: {"file_exists": name}, names)
        | st.builds(lambda name, text: {"file_equals": {name: text}, "msg": "no"}, names, deck_texts)
        | st.builds(lambda text: {"stdout": {"equals": text, "contains": [text]}}, deck_texts)
        | st.builds(lambda name: {"any": [{"absent": [name, "x y"]}, {"not": {"is_venv": name}}]}, names)
        | st.just({"exit_code": ["0", "1"]})
    )
    found = {
        "shells": draw(st.lists(st.sampled_from(("bash", "zsh", "fish")), min_size=1, max_size=2, unique=True)),
        "needs": ["python3", "python3 -m venv"],
        "timeout": "5s",
        "setup": [{"dir": "a"}, {"file": "x", "content": draw(deck_texts), "mode": "0644"}],
        "checks": draw(st.lists(checks, min_size=1, max_size=3)),
        "hints": [{"when": {"exit_code": "1", "missing": ["a"]}, "say": draw(deck_texts)}],
    }
    return {key: value for key, value in found.items() if key in {"checks", "setup"} or draw(st.booleans())}


@st.composite
def plain_cards(draw: DrawFn, *, with_runs: bool = True) -> dict[str, Any]:
    """A card as its file says it: shown, typed or with gaps; id aside."""
    maybe = st.fixed_dictionaries(
        {},
        optional={
            "tags": tags,
            "platform": st.sampled_from((["linux"], ["linux", "macos"])),
            "explain": explanations,
            "rev": st.sampled_from(("1", "2", "17")),
        },
    )
    card = draw(maybe)
    kind = draw(st.sampled_from(("shown", "shown", "typed", "cloze")))
    if kind == "cloze":
        gaps = [f"{draw(deck_texts)} {{{{c{n}::{draw(gap_texts)}}}}}" for n in range(1, draw(st.integers(1, 2)) + 1)]
        return {"cloze": " ".join(gaps), **card, **({"back": draw(deck_texts)} if draw(st.booleans()) else {})}
    card["front"] = draw(deck_texts)
    if kind == "shown" or draw(st.booleans()):
        card["back"] = draw(deck_texts)
    if draw(st.booleans()):
        card["reverse"] = draw(deck_texts)
    if kind == "typed":
        card["answer"] = draw(answers)
        more = {"accept": answer_lists, "wrong": answer_lists, **({"run": runs()} if with_runs else {})}
        card |= draw(st.fixed_dictionaries({}, optional=more))
    return card


@st.composite
def plain_decks(draw: DrawFn, max_size: int = 4) -> PlainDeck:
    """A deck without faults, as the formats give and take it; each card has its id, the later ones may come after."""
    found = draw(st.lists(plain_cards(), min_size=1, max_size=max_size))
    names = draw(st.lists(ids, min_size=len(found), max_size=len(found), unique=True))
    listed = []
    for number, (name, card) in enumerate(zip(names, found, strict=True)):
        listed.append({"id": name, **card})
        if number and draw(st.booleans()):
            before = st.sampled_from(names[:number])
            listed[-1]["after"] = draw(st.lists(before, min_size=1, max_size=2, unique=True))
    return PlainDeck(
        id=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,8}", fullmatch=True)),
        title=draw(st.just("") | deck_texts),
        tags=tuple(draw(st.just([]) | tags)),
        cards=tuple(listed),
    )
