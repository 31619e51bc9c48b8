"""Syncs that are killed, meet each other, or meet a review and an import: the next one is complete."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from contextlib import closing
from itertools import count

import pytest
from strategies import a_review, event_id
from sync.devices import Device, carry
from thorough import times

from flashcards.log import to_line
from flashcards.store import Store

DAY = "2026-03-02"
PATIENT = 60


def start(device, *args, now="2026-03-02T12:00:00+00:00"):
    return subprocess.Popen(
        [sys.executable, "-m", "flashcards", *map(str, args)],
        env={**os.environ, "CARDS_HOME": str(device.home), "CARDS_NOW": now},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*children):
    found = [(*child.communicate(timeout=PATIENT), child.returncode) for child in children]
    assert [0] * len(children) == [code for _, _, code in found], found
    return [out for out, _, _ in found]


def reviews(device, first, many):
    return [
        a_review(n % 700, DAY, id=event_id(n), card=f"d/c{n % 50}", device=device.device)
        for n in range(first, first + many)
    ]


@pytest.fixture
def pair(home, tmp_path, monkeypatch):
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T12:00:00+00:00")
    return Device(tmp_path, "a"), Device(tmp_path, "b")


@pytest.mark.parametrize(
    "rounds", [pytest.param(2), pytest.param(times(8, 300), marks=[pytest.mark.slow, pytest.mark.timeout(1800)])]
)
def test_a_sync_that_is_killed_is_complete_the_next_time(pair, rounds):
    """Killed at random moments while it takes in, writes and seals: in the end both have all, and no file has rubbish."""
    one, two = pair
    dice, killed, number = random.Random(rounds), 0, 0
    begun = time.monotonic()
    finish(start(one, "sync", one.folder))
    took = time.monotonic() - begun
    for turn in count():
        if turn >= rounds and killed:
            break
        now = f"2026-{turn // 2 % 12 + 1:02}-{1 + turn % 28:02}T12:00:00+00:00"
        for device in pair:
            device.append(reviews(device, number, 400))
            number += 400
            child = start(device, "sync", device.folder, now=now)
            time.sleep(dice.uniform(took * 0.5, took * 1.3))
            child.send_signal(signal.SIGKILL)
            child.communicate(timeout=PATIENT)
            killed += child.returncode == -signal.SIGKILL
        carry(one, two)
        carry(two, one)
    for _ in range(2):
        for device in pair:
            finish(start(device, "sync", device.folder))
        carry(one, two)
        carry(two, one)
    told = [
        json.loads(out)["told"] for out in finish(*(start(device, "sync", device.folder, "--json") for device in pair))
    ]

    assert [[], []] == told
    assert number == len(one.lines())
    assert one.lines() == two.lines()
    assert one.derived() == two.derived() == two.derived(anew=True)


def test_two_syncs_at_once_send_each_line_once(pair):
    """The second waits for the first, and finds nothing left to do."""
    one, _ = pair
    finish(start(one, "sync", one.folder))
    one.append(reviews(one, 0, 500))
    finish(*(start(one, "sync") for _ in range(3)))

    assert one.lines() == sorted((one.logs / f"{one.device}.jsonl").read_text().splitlines(), key=one.lines().index)
    assert 500 == len(one.lines())


@pytest.mark.slow
def test_a_sync_beside_writers_loses_nothing(pair, tmp_path):
    """Reviews that are appended and a log that is imported meanwhile are there, and sent now or the next time."""
    one, two = pair
    finish(start(one, "sync", one.folder))
    log = tmp_path / "old.jsonl"
    log.write_text(
        "".join(to_line(a_review(n % 700, DAY, id=event_id(50_000 + n), device="import")) + "\n" for n in range(3000))
    )
    two.append(reviews(two, 10_000, 3000))
    finish(start(two, "sync", two.folder))
    carry(two, one)
    children = [start(one, "sync"), start(one, "import", log), start(one, "sync")]
    with closing(Store(one.places.database)) as store:
        for event in reviews(one, 0, 60):
            store.append([event])
    finish(*children)
    finish(start(one, "sync"))
    carry(one, two)
    finish(start(two, "sync"))

    assert 6060 == sum('"review"' in line for line in one.lines())
    assert one.lines() == two.lines()
    assert one.derived() == two.derived() == two.derived(anew=True)
