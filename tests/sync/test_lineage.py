"""Which text of a deck may take the place of another: never one over what its writer had not in hand."""

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thorough import times

from flashcards.sync.lineage import MOST_FORMER, Known, agreed, way

A, B, C = "blake2b:aaaaaaaa", "blake2b:bbbbbbbb", "blake2b:cccccccc"


@pytest.mark.parametrize(
    ("here", "there", "known", "held", "expected"),
    [
        pytest.param(A, A, Known(), [], "same", id="both have it"),
        pytest.param(A, "", Known(), [], "out", id="new here"),
        pytest.param(A, "", Known(A), [], "out", id="gone from the folder: a folder keeps what a device has"),
        pytest.param("", A, Known(), [[A]], "in", id="new there"),
        pytest.param("", A, Known(), [], "unsure", id="new there, and nobody says that it is whole"),
        pytest.param("", A, Known(A), [], "removed", id="taken out here"),
        pytest.param("", B, Known(A), [[B, A]], "removed", id="taken out here, changed there"),
        pytest.param(B, A, Known(A), [], "out", id="only here changed"),
        pytest.param(A, B, Known(A), [[B, A]], "in", id="only there changed"),
        pytest.param(A, B, Known(A), [[C, B, A]], "unsure", id="on its way: the list is of a later text"),
        pytest.param(A, B, Known(A), [], "unsure", id="nobody says that it is whole"),
        pytest.param(A, B, Known(A), [[B]], "apart", id="who wrote it did not know ours"),
        pytest.param(A, B, Known(A, sure=False), [[B]], "in", id="ours was only found, and perhaps half of it"),
        pytest.param(C, B, Known(A), [[B, A]], "apart", id="both changed"),
        pytest.param(A, B, Known(), [], "apart", id="two that never met"),
        pytest.param(A, B, Known(), [[B, A]], "in", id="forgotten here, known there"),
        pytest.param(C, A, Known(C, (C, B, A)), [[A]], "out", id="a carrier put an old text back"),
        pytest.param(C, A, Known(C, (C, B, A)), [], "out", id="the same, and nobody holds it any more"),
        pytest.param(C, A, Known(B, (B, A)), [[A]], "out", id="the same, and ours has changed since"),
        pytest.param(B, A, Known(lineage=(B, A)), [[A]], "out", id="forgotten, but ours follows theirs"),
        pytest.param(B, A, Known(), [[A], [B, A]], "out", id="forgotten, but we said so"),
        pytest.param(A, B, Known(A), [[B, A]], "in", id="put back to what it was, and we said so"),
        pytest.param(B, A, Known(lineage=(B, A)), [[A, B]], "apart", id="forgotten, and each follows the other"),
        pytest.param(A, B, Known(B, (B, A)), [[B, A]], "out", id="gone back to an old text here"),
        pytest.param(B, A, Known(B, (B, A)), [[A, B]], "in", id="gone back to an old text there"),
    ],
)
def test_what_happens_to_a_deck(here, there, known, held, expected):
    """Only one side changed: it goes to the other. Both did: each keeps its own."""
    assert expected == way(here, there, known, held)


def test_a_lineage_is_bounded():
    """A deck that is edited every day for ten years does not make the lists longer."""
    known = Known()
    for number in range(3 * MOST_FORMER):
        known = agreed(f"blake2b:{number:08x}", known, [])

    assert MOST_FORMER == len(known.lineage)
    assert known.agreed == known.lineage[0]


# ---------------------------------------------------------------- several devices, any carrier


class Device:
    """A home and its copy of the folder; a text is a number, and `parents` is what truly led to it."""

    def __init__(self) -> None:
        self.here = self.there = ""
        self.known = Known()
        self.lists: dict[int, tuple[str, ...]] = {}
        self.backup = ("", Known())


class World:
    """Three devices that edit one deck, sync, and have their folders carried about in part and in any order."""

    def __init__(self) -> None:
        self.devices = [Device() for _ in range(3)]
        self.parents: dict[str, set[str]] = {}
        self.kept: set[str] = set()

    def edit(self, who: int) -> None:
        one = self.devices[who]
        fresh = f"blake2b:{len(self.parents):08x}"
        self.parents[fresh] = {one.here} if one.here else set()
        one.here = fresh

    def sync(self, who: int) -> None:
        one = self.devices[who]
        held = [*one.lists.values()]
        found = way(one.here, one.there, one.known, held)
        if found == "out":
            assert not one.there or self.follows(one.here, one.there), "a text was put over one that it does not follow"
            one.known = agreed(one.here, one.known, held, over=one.there)
            one.there = one.here
        elif found in {"in", "unsure"}:
            if found == "unsure":
                self.kept.add(one.here)
            elif one.here and one.known.sure:
                assert self.follows(one.there, one.here), "a text came in over one that it does not follow"
            one.known = agreed(one.there, one.known, held, over=one.here, sure=found == "in")
            one.here = one.there
        elif found == "same" and one.here:
            one.known = agreed(one.here, one.known, held, sure=one.known.sure or one.known.agreed != one.here)
        if one.known.sure and one.here and one.known.lineage[:1] == (one.here,):
            one.lists[who] = one.known.lineage

    def put_back(self, who: int, *, forget: bool) -> None:
        """The home becomes what it was at the last backup, or has lost what it remembers of the folder."""
        one = self.devices[who]
        if forget:
            one.known = Known()
        else:
            now = (one.here, one.known)
            one.here, one.known = one.backup
            one.backup = now

    def carry(self, source: int, target: int, part: str) -> None:
        one, other = self.devices[source], self.devices[target]
        if part in {"text", "all"} and one.there:
            other.there = one.there
        if part in {"lists", "all"}:
            other.lists |= {device: texts for device, texts in one.lists.items() if device != target}

    def follows(self, text: str, former: str) -> bool:
        todo, seen = [text], set()
        while todo:
            now = todo.pop()
            if now == former or former in self.kept:
                return True
            if now not in seen:
                seen.add(now)
                todo += self.parents[now]
        return False


class Act(NamedTuple):
    """Something that happens in the world."""

    name: str
    who: int
    to: int
    part: str


ACTS = st.builds(
    Act,
    name=st.sampled_from(["edit", "sync", "sync", "sync", "carry", "carry", "carry", "put back", "forget"]),
    who=st.integers(0, 2),
    to=st.integers(0, 2),
    part=st.sampled_from(["text", "lists", "all", "all", "all"]),
)


@settings(max_examples=times(100, 10_000), deadline=None)
@given(acts=st.lists(ACTS, max_size=40))
def test_no_text_is_lost_whatever_the_carrier_does(acts):
    """Texts and lists come in part, late, twice, and over each other: nothing gives way to what does not follow it."""
    world = World()
    for act in acts:
        if act.name == "edit":
            world.edit(act.who)
        elif act.name == "sync":
            world.sync(act.who)
        elif act.name in {"put back", "forget"}:
            world.put_back(act.who, forget=act.name == "forget")
        elif act.who != act.to:
            world.carry(act.who, act.to, act.part)


@settings(max_examples=times(50, 2_000), deadline=None)
@given(editors=st.lists(st.integers(0, 2), min_size=1, max_size=10))
def test_where_one_edits_at_a_time_all_come_to_the_same_text(editors):
    """Each edit reaches everybody before the next: the usual life of a person with several machines."""
    world = World()
    for who in editors:
        world.edit(who)
        for one in (who, *(other for other in range(3) if other != who)):
            world.sync(one)
            for other in range(3):
                if other != one:
                    world.carry(one, other, "all")
        assert 1 == len({device.here for device in world.devices})
