"""By a real Syncthing between three homes, by hand (`THOROUGH=1`): it takes a minute, and a conflict is made on purpose."""

import os
import shutil
import socket
import subprocess
import time
import urllib.request
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from sync.edited import Home, same
from thorough import IS_ON

pytestmark = [
    pytest.mark.skipif(not IS_ON, reason="by hand: THOROUGH=1"),
    pytest.mark.skipif(not shutil.which("syncthing"), reason="without syncthing"),
    pytest.mark.slow,
    pytest.mark.timeout(400),
]
OFF = {
    "globalAnnounceEnabled": "false",
    "localAnnounceEnabled": "false",
    "relaysEnabled": "false",
    "natEnabled": "false",
    "startBrowser": "false",
    "crashReportingEnabled": "false",
    "urAccepted": "-1",
    "autoUpgradeIntervalH": "0",
    "reconnectionIntervalS": "1",
}
PATIENCE_SECONDS = 60


class Carrier:
    """One Syncthing, for the folder of one home; it knows the others and nobody else."""

    def __init__(self, home: Home, root: Path) -> None:
        self.home, self.root = home, root / f"{home.name}-syncthing"
        self.port, self.gui = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        subprocess.run(
            ["syncthing", "generate", "--home", self.root], check=True, capture_output=True, env=self.environment()
        )
        self.config = ET.parse(self.root / "config.xml")
        self.identity = self.config.find("device").get("id")
        self.key = self.config.find("gui/apikey").text

    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.root), "STNOUPGRADE": "1", "STNORESTART": "1"}

    def meet(self, all_of_them: "list[Carrier]") -> None:
        """Writes down whom it knows, and what it carries."""
        top = self.config.getroot()
        for one in [*top.findall("folder"), *top.findall("device")]:
            top.remove(one)
        top.find("gui/address").text = f"127.0.0.1:{self.gui}"
        options = top.find("options")
        for name, value in {**OFF, "listenAddress": f"tcp://127.0.0.1:{self.port}"}.items():
            for old in options.findall(name):
                options.remove(old)
            ET.SubElement(options, name).text = value
        folder = ET.SubElement(
            top, "folder", id="cards", path=str(self.home.folder), type="sendreceive",
            rescanIntervalS="3600", fsWatcherEnabled="true", fsWatcherDelayS="1",
        )  # fmt: skip
        ET.SubElement(folder, "maxConflicts").text = "-1"
        for one in all_of_them:
            ET.SubElement(folder, "device", id=one.identity)
            known = ET.SubElement(top, "device", id=one.identity, name=one.home.name)
            ET.SubElement(known, "address").text = f"tcp://127.0.0.1:{one.port}"
        self.config.write(self.root / "config.xml")

    def start(self) -> None:
        command = [
            "syncthing",
            "serve",
            "--home",
            self.root,
            "--no-browser",
            "--no-restart",
            f"--logfile={self.root}/log",
        ]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment()
        )

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def scan(self) -> None:
        """Looks at the folder now; the watcher would a second later."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.gui}/rest/db/scan?folder=cards", method="POST", headers={"X-API-Key": self.key}
        )
        with suppress(OSError), urllib.request.urlopen(request, timeout=10):
            pass


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@pytest.fixture
def carriers(tmp_path: Path) -> Iterator[list[Carrier]]:
    """Three homes, each with a Syncthing that is not started yet."""
    found = [Carrier(Home(tmp_path, name), tmp_path) for name in ("a", "b", "c")]
    for one in found:
        one.meet(found)
    yield found
    for one in found:
        one.stop()


def until(carriers: list[Carrier], holds: Callable[[], bool]) -> float:
    """Waits; how long it took."""
    begun = time.monotonic()
    while not holds():
        assert time.monotonic() - begun < PATIENCE_SECONDS, [list(tree(one.home.folder)) for one in carriers]
        for one in carriers:
            if one.process:
                one.scan()
        time.sleep(0.5)
    return time.monotonic() - begun


def tree(folder: Path) -> dict[str, bytes]:
    """What Syncthing carries of a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".stfolder" not in path.parts and not path.name.startswith((".syncthing.", "~syncthing~"))
    }


def carried(carriers: list[Carrier]) -> bool:
    """Whether all folders hold the same."""
    return all(tree(one.home.folder) == tree(carriers[0].home.folder) for one in carriers)


@pytest.fixture
def running(carriers: list[Carrier]) -> list[Carrier]:
    """All of them carry, the first home has a deck and an answer, and everybody got both."""
    first = carriers[0].home
    first.import_deck()
    first.answer("french/chat")
    first.sync()
    for one in carriers:
        one.start()
    until(carriers, lambda: carried(carriers) and len(tree(first.folder)) >= 4)
    for one in carriers:
        one.home.sync()
    until(carriers, lambda: carried(carriers))
    return carriers


def test_answers_of_three_reach_everybody(running):
    """Nobody waits for anybody: each syncs when it likes."""
    homes = [one.home for one in running]
    for home in homes:
        home.answer("french/chien")
        home.sync()
    until(running, lambda: carried(running) and len(list((homes[0].folder / "log").iterdir())) == 3)
    for home in homes:
        home.sync()

    assert same(homes)
    assert 4 == len(homes[0].lines())


@pytest.mark.parametrize("copies", ["-1", "0"])
def test_a_deck_that_two_changed_meanwhile(running, copies):
    """Syncthing lets one win and puts the other beside it, or throws it away; its device still has it, and is told."""
    homes = [one.home for one in running]
    for one in running:
        one.stop()
        one.config.find("folder/maxConflicts").text = copies
        one.config.write(one.root / "config.xml")
    homes[1].edit("the cat", "a cat")
    homes[1].sync()
    homes[2].edit("the cat", "some cat")
    homes[2].sync()
    for one in running:
        one.start()
    until(running, lambda: carried(running) and "the cat" not in deck_of(running[0]))
    assert (copies == "-1") == any(".sync-conflict-" in name for name in tree(homes[0].folder))

    told = [home.sync().decks.told for home in homes]

    assert 1 == sum(map(bool, told))
    assert ("a cat" in homes[1].deck.read_text("utf-8"), "some cat" in homes[2].deck.read_text("utf-8")) == (True, True)
    next(home for home, one in zip(homes, told, strict=True) if one).sync(theirs=("french",))
    until(running, lambda: carried(running))
    for home in homes * 2:
        assert () == home.sync().decks.told
    assert same(homes)


def test_a_copied_disk_writes_into_the_same_file(running):
    """Syncthing makes a conflict of it; nothing in the copy is lost, and the device takes a fresh name."""
    homes = [one.home for one in running]
    log = next((homes[0].folder / "log").iterdir())
    running[0].stop()
    foreign = log.read_bytes().replace(b'"id":"01', b'"id":"02')
    for one in running[1:]:
        (one.home.folder / "log" / log.name).write_bytes(foreign)
    homes[0].answer("french/cheval")
    homes[0].sync()
    running[0].start()
    until(running, lambda: carried(running) and any("sync-conflict" in name for name in tree(homes[1].folder)))

    said = [[one.kind for one in home.sync().told] for home in homes]

    assert "renamed" in said[0]
    for _ in range(2):
        until(running, lambda: carried(running))
        for home in homes:
            home.sync()
    assert same(homes)
    assert 3 == len(homes[0].lines())


def deck_of(carrier: Carrier) -> str:
    return (carrier.home.folder / "decks" / "french.yaml").read_text("utf-8")
