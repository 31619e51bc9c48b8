"""`python -m bench.soak --minutes 10`: harm for so long, then what was acknowledged against what is there."""

import argparse
import os
import sys
import tempfile
import threading
import time
from pathlib import Path

from bench.soak.checking import SHOWN, Found, check, lines, plant
from bench.soak.devices import DECKS, Device, Person, write_deck
from bench.soak.ledger import Ledger

LAST_ROUNDS = 3
"""Syncs of every device at the end, unharmed: what one brings in the second another gets in the third."""


def prepared(folder: Path, ledger: Ledger, seed: int) -> list[Device]:
    """Three devices with the same decks."""
    for name in ("shared", "files", "user"):
        (folder / name).mkdir()
    os.environ["HOME"] = str(folder / "user")
    devices = [Device(name, folder, ledger, seed) for name in ("desk", "laptop", "phone")]
    for name in DECKS:
        write_deck(folder / "files" / f"{name}.yaml", name)
    for device in devices:
        unharmed(device, "import", folder / "files")
        unharmed(device, "config", "leech_lapses", "0")
    return devices


def unharmed(device: Device, *args: object) -> None:
    """A command that nobody kills, so that it has to end well."""
    ran = device.run(*args)
    if ran.returncode:
        device.ledger.refuse(f"{device.name}: cards {' '.join(map(str, args))}: {ran.stderr.strip()}")


def soak(devices: list[Device], seed: int, seconds: float) -> None:
    """Two people at the first device, one of whom imports; one at each of the others.

    They go on until something was graded: a count of nothing says nothing.
    """
    desk, *others = devices
    people = [Person(desk, seed), Person(desk, seed, imports=True), *(Person(device, seed) for device in others)]
    until = time.monotonic() + seconds

    def live(person: Person) -> None:
        while time.monotonic() < until or not person.ledger.has("review"):
            person.act()

    threads = [threading.Thread(target=live, args=[person]) for person in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def counted(devices: list[Device], ledger: Ledger, before: set[str]) -> list[Found]:
    """Every device, after all of them have synced in peace."""
    for _ in range(LAST_ROUNDS):
        for device in devices:
            unharmed(device, "sync", device.shared, "--yes")
    return checked(devices, ledger, before)


def checked(devices: list[Device], ledger: Ledger, before: set[str]) -> list[Found]:
    """Every device as it is."""
    everywhere = {line.split('"id":"')[1][:32] for device in devices for line in lines(device)}
    return [check(device, ledger, before, everywhere) for device in devices]


def told(found: list[Found], ledger: Ledger, before: set[str], seconds: float) -> int:
    """Prints the count; how many differences there are."""
    counts, acknowledged = ledger.counts, ledger.promised.total()
    print(f"{seconds:.0f} s, {counts['processes']:,} processes, {counts['kills']:,} kills, {counts['syncs']:,} syncs")
    print(f"{acknowledged:,} events acknowledged")
    for one in found:
        print(f"{one.device}: {one.events - len(before):,} events present, {len(one.differences)} differences")
        for difference in one.differences[:SHOWN]:
            print(f"  {difference}")
    for said in ledger.refused[:SHOWN]:
        print(f"refused: {said}")
    total = sum(len(one.differences) for one in found) + len(ledger.refused)
    print(f"differences: {total}")
    return total


def main() -> int:
    """The exit code: 1 for any difference."""
    parser = argparse.ArgumentParser(prog="python -m bench.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10, help="for how long (default: 10)")
    parser.add_argument("--seed", type=int, default=1, help="another run of luck (default: 1)")
    parser.add_argument("--plant", choices=("missing", "derived"), help="do what must never happen, and see it noticed")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cards-soak-") as name:
        ledger, begun = Ledger(), time.monotonic()
        devices = prepared(Path(name), ledger, options.seed)
        before = {line.split('"id":"')[1][:32] for device in devices for line in lines(device)}
        soak(devices, options.seed, options.minutes * 60)
        found = counted(devices, ledger, before)
        if options.plant:
            plant(devices[0], options.plant, ledger)
            found = checked(devices, ledger, before)
        return int(told(found, ledger, before, time.monotonic() - begun) > 0)


if __name__ == "__main__":
    sys.exit(main())
