"""Three devices, careless carriers, wrong clocks: once everything was carried, all have the same log."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import split_logs
from sync.devices import Device, carry
from thorough import times

from flashcards.log import to_line
from flashcards.model import Review, Unknown
from flashcards.redaction import redacted
from flashcards.union import merge

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    """Three homes of which each example takes a copy: to make a database costs more than to copy it."""
    root = tmp_path_factory.mktemp("blank")
    for name in "abc":
        Device(root, name)
    return root


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("devices")


def three(blank, place):
    """Three fresh devices that never met."""
    shutil.rmtree(place)
    place.mkdir()
    for name in "abc":
        shutil.copytree(blank / name, place / name)
    return [Device(place, name) for name in "abc"]


def settled(devices):
    """Everything is carried, and everybody syncs, until nothing is new."""
    for _ in range(3):
        for one in devices:
            one.sync()
        for one in devices:
            for other in devices:
                if one is not other:
                    carry(one, other)
    return [one.sync() for one in devices]


def at_some_time(dice):
    """A clock that is off by up to two months."""
    os.environ["CARDS_NOW"] = (BEGIN + timedelta(days=dice.uniform(-60, 60))).isoformat(timespec="seconds")


@settings(max_examples=times(6, 400), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(split_logs(max_size=12), st.integers(0, 2**32))
def test_all_devices_come_to_the_same_log(blank, place, monkeypatch, parts, seed):
    """Whatever came first, half or twice: equal logs, equal derived tables, equal to a merge of all that was written."""
    dice, devices = Random(seed), three(blank, place)
    writers = [one.device for one in devices] + ["import"]
    parts = [
        [e if isinstance(e, Unknown) else e._replace(device=writers[int(e.id, 16) % 4]) for e in part] for part in parts
    ]
    in_other_words = [e._replace(took_ms=7) for e in parts[0] if isinstance(e, Review) and dice.random() < 0.2]
    monkeypatch.setenv("CARDS_NOW", BEGIN.isoformat())
    devices[2].append(in_other_words)
    rest = [list(part) for part in parts]
    rest[2] = [e for e in rest[2] if e.id not in {other.id for other in in_other_words}]
    written = [*in_other_words]
    while any(rest):
        at_some_time(dice)
        number = dice.randrange(3)
        one = devices[number]
        some, rest[number] = rest[number][:3], rest[number][3:]
        known = {json.loads(line)["id"] for line in one.lines()}
        written += [e for e in some if e.id not in known]  # a store keeps what it has
        one.append(some)
        if dice.random() < 0.7:
            one.sync()
        source, target = dice.sample(devices, 2)
        carry(source, target, dice)
    last = settled(devices)
    wanted = [to_line(event) for event in redacted(merge(written))]

    assert [wanted] * 3 == [one.lines() for one in devices]
    assert [0] * 3 == [one.sent + sum(one.got.values()) for one in last]
    first = devices[0].derived(anew=True)
    assert [first] * 3 == [one.derived() for one in devices]
