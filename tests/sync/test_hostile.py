"""Files of a folder that are broken, foreign, huge or meant to hurt: told, passed by, and nothing else is hindered."""

import gzip
import json
import os
import time
import tracemalloc
import zlib
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import a_mark, a_review
from sync.devices import Device
from thorough import times

from flashcards.app.device import new_id
from flashcards.errors import CardsError
from flashcards.log import LAST_ID, LineError, from_line, to_line
from flashcards.store.lines import row_of
from flashcards.sync.names import named, safe_device
from flashcards.sync.parsing import parse
from flashcards.sync.reading import LONGEST_LINE, Lines, Mark, Opened, UnfitError, blocks, survey

DAY = "2026-03-02"
GOOD = "".join(to_line(a_review(n, DAY, device="desk-1111")) + "\n" for n in range(1, 6))
OTHER = "".join(to_line(a_review(n, DAY, device="phone-2222")) + "\n" for n in range(10, 13))
LAST = "".join(to_line(a_review(n, DAY, device="tower-3333")) + "\n" for n in range(20, 22))


@pytest.fixture
def device(tmp_path):
    one = Device(tmp_path, "a")
    one.sync()
    return one


def put(device, name, data):
    (device.logs / name).write_bytes(data.encode() if isinstance(data, str) else data)


def kinds(done, *, of=None):
    return sorted({one.kind for one in done.told if of is None or one.file == of})


@pytest.mark.parametrize(
    ("name", "data", "kind", "taken"),
    [
        ("desk-1111.jsonl", GOOD[:-30], "waiting", 4),
        ("desk-1111.jsonl", GOOD[:300] + "\0" * 400 + "\n" + GOOD, "faulty", 5),
        ("desk-1111.jsonl", GOOD + '{"v":2,"id":"x","kind":"review"}\n', "newer", 0),
        ("desk-1111.jsonl", GOOD + ' { "id": "x", "kind" : "dream", "v" :  12 }\n', "newer", 0),
        ("desk-1111.jsonl", GOOD.replace('"grade":4', '"grade":400', 1), "faulty", 4),
        ("desk-1111.jsonl", GOOD.replace('"took_ms":', '"x":', 1).replace('"offset":0', '"offset":' + "9" * 5000, 1), "faulty", 4),
        ("desk-1111.jsonl", GOOD + "[" * 100_000 + "\n", "faulty", 5),
        ("desk-1111.jsonl", GOOD + "x" * (LONGEST_LINE + 9) + "\n" + OTHER, "faulty", 8),
        ("desk-1111.jsonl", GOOD + "rubbish\n" * 60_000, "faulty", 5),
        ("desk-1111.jsonl", GOOD.replace(DAY, "2026-02-30", 1), "faulty", 4),
        ("desk-1111.jsonl", GOOD.replace("venv/create", "venv\\u001b[2J/create", 1), "faulty", 4),
        ("desk-1111.jsonl", GOOD.encode("utf-16"), "faulty", 0),
        ("desk-1111.jsonl", "\ufeff" + GOOD.replace("\n", "\r\n"), None, 5),
        ("desk-1111.jsonl", "", None, 0),
        ("desk-1111.jsonl", "\n\n  \n" + GOOD, None, 5),
        ("desk-1111.2026-02.jsonl.gz", gzip.compress(GOOD.encode()), None, 5),
        ("desk-1111.2026-02.jsonl.gz", gzip.compress(GOOD.encode()) + gzip.compress(OTHER.encode()) + b"\0" * 99, None, 8),
        ("desk-1111.2026-02.jsonl.gz", gzip.compress(GOOD.encode())[:-20], "broken", 0),
        ("desk-1111.2026-02.jsonl.gz", gzip.compress(GOOD.encode())[:-8] + b"12345678", "broken", 0),
        ("desk-1111.2026-02.jsonl.gz", GOOD, None, 5),
        ("desk-1111.jsonl", gzip.compress(GOOD.encode()), None, 5),
        ("desk-1111 (conflicted copy 2026-03-02).jsonl", GOOD, "copy", 5),
        ("desk-1111.sync-conflict-20260302-101010-ABCDEFG.jsonl", GOOD, "copy", 5),
        ("desk-1111 (1).jsonl", GOOD, "copy", 5),
        ("desk-1111.jsonl~", GOOD, "copy", 5),
        ("desk-1111.2026-02.jsonl (1).gz", gzip.compress(GOOD.encode()), "copy", 5),
        ("\x1b[31m\u202e..%2f..\\evil.jsonl", GOOD, "copy", 5),
        (".syncthing.desk-1111.jsonl.tmp", GOOD, None, 0),
        ("~syncthing~desk-1111.jsonl.tmp", GOOD, None, 0),
        (".desk-1111.jsonl.Xy12ab", GOOD, None, 0),
        ("README.txt", "hello", None, 0),
    ],
)  # fmt: skip
@pytest.mark.timeout(100)
def test_what_is_wrong_with_a_file_hinders_nothing_else(device, name, data, kind, taken):
    """Of each file what is sound is taken, the rest is told, and the file of another device comes in whole."""
    put(device, name, data)
    put(device, "tower-3333.jsonl", LAST)
    done = device.sync()
    again = device.sync()

    assert taken + 2 == len(device.lines())
    assert {*LAST.splitlines()} <= {*device.lines()}
    assert ([kind] if kind else []) == [one for one in kinds(done, of=name) if one != "line"]
    assert ([kind] if kind else []) == kinds(again, of=name)
    assert done.complete is (kind in {None, "copy", "waiting"})
    assert (device.logs / name).read_bytes() == (data.encode() if isinstance(data, str) else data)


def test_a_line_that_is_longer_than_any_event_is_none():
    """Of a kind to come as well, whose text nobody else bounds."""
    start = '{"v":1,"id":"x","kind":"dream","at":"2026-03-02T10:00:00Z","of":"'
    longest = start + "x" * (LONGEST_LINE - len(start) - 2) + '"}'
    parsed = [parse(line.encode()) for line in (longest, longest.replace("x", "xx", 1))]

    assert [(1, 0), (0, 1)] == [(len(one.events), one.faults_count) for one in parsed]


def test_a_file_that_was_broken_is_taken_once_it_is_whole(device):
    """Half of a sealed file, then all of it; a line without its end, then its end."""
    data = gzip.compress(GOOD.encode())
    put(device, "desk-1111.2026-02.jsonl.gz", data[:60])
    put(device, "phone-2222.jsonl", OTHER[:-20])
    device.sync()
    put(device, "desk-1111.2026-02.jsonl.gz", data)
    put(device, "phone-2222.jsonl", OTHER)
    done = device.sync()

    assert {"desk-1111": 5, "phone-2222": 1} == done.got
    assert () == done.told


def test_a_bomb_of_gzip_is_refused_in_little_memory_and_time(device):
    """A hundred megabytes of nothing in a hundred kilobytes are not expanded to their end."""
    engine = zlib.compressobj(9, wbits=31)
    data = b"".join(engine.compress(bytes(1 << 20)) for _ in range(100)) + engine.flush()
    put(device, "desk-1111.2026-02.jsonl.gz", data)
    begun = time.monotonic()
    tracemalloc.start()
    done = device.sync()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert ["broken"] == kinds(done)
    assert peak < 20_000_000
    assert time.monotonic() - begun < 50


def test_nothing_is_followed_out_of_the_folder(device, tmp_path):
    """Links, folders and pipes under names of files are told and left alone, ours among them is replaced."""
    secret = tmp_path / "secret.jsonl"
    secret.write_text(GOOD)
    (device.logs / "desk-1111.jsonl").symlink_to(secret)
    (device.logs / "dir-1111.jsonl").mkdir()
    os.mkfifo(device.logs / "pipe-1111.jsonl")
    (device.logs / f"{device.device}.jsonl").unlink(missing_ok=True)
    (device.logs / f"{device.device}.jsonl").symlink_to(secret)
    device.append([a_review(99, DAY)])
    done = device.sync()

    assert 1 == len(device.lines())
    assert GOOD == secret.read_text()
    assert not (device.logs / f"{device.device}.jsonl").is_symlink()
    assert {"desk-1111.jsonl", "dir-1111.jsonl", "pipe-1111.jsonl", f"{device.device}.jsonl"} == {
        one.file for one in done.told
    }
    assert 1 == done.sent


def test_a_folder_of_logs_that_is_a_link_is_refused(device, tmp_path):
    """Nothing is written through it."""
    device.logs.rename(tmp_path / "elsewhere")
    device.logs.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(CardsError, match="no folder"):
        device.sync()


def test_a_place_of_ours_that_is_taken_lets_ours_wait(device):
    """Others' events come in, ours are told to wait, and go out once they can."""
    own = device.logs / f"{device.device}.jsonl"
    own.unlink(missing_ok=True)
    own.mkdir()
    put(device, "desk-1111.jsonl", GOOD)
    device.append([a_mark(50, DAY, "flag")._replace(device=device.device)])
    done = device.sync()
    waits = device.sync()
    own.rmdir()
    last = device.sync()

    assert (0, {"desk-1111": 5}, False) == (done.sent, done.got, done.complete)
    assert (0, False) == (waits.sent, waits.complete)
    assert "unwritten" in kinds(done)
    assert (1, True) == (last.sent, last.complete)
    assert 1 == len(own.read_text().splitlines())


def test_a_newer_folder_is_refused_untouched(device):
    """Its marker says so; nothing is read and nothing written."""
    (device.folder / "cards-sync.json").write_text('{"version": 2, "id": "abc"}')
    put(device, "desk-1111.jsonl", GOOD)
    device.append([a_review(50, DAY)])
    before = {path: path.read_bytes() for path in device.folder.rglob("*") if path.is_file()}

    with pytest.raises(CardsError, match="newer"):
        device.sync()
    assert before == {path: path.read_bytes() for path in device.folder.rglob("*") if path.is_file()}
    assert 1 == len(device.lines())


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "[" * 90_000, '{"version": 1}', '{"version": 1, "id": "../x"}', "\0" * 99]
)
def test_a_marker_that_makes_no_sense_is_told(device, text):
    """It may have come over in half; nothing is changed."""
    (device.folder / "cards-sync.json").write_text(text)

    with pytest.raises(CardsError, match="makes no sense"):
        device.sync()


def test_ids_at_the_end_of_all_ids_do_not_end_ours(device):
    """Events under our name that we never wrote, with the last ids there are and from far future, come in as others."""
    own = device.device
    far = [a_review(n, "9000-01-01", device=own)._replace(id=f"{LAST_ID + n:032x}") for n in (-5, 0, 5)]
    put(device, "desk-1111.jsonl", "".join(to_line(event) + "\n" for event in far))
    device.sync()
    with device.open() as app:
        first = new_id(app.store, a_review(1, DAY).at)
        device.append([a_review(1, DAY, device=own)._replace(id=first)])
        second = new_id(app.store, a_review(1, DAY).at)
    device.append([a_review(2, DAY, device=own)._replace(id=second)])
    done = device.sync()

    assert first != second
    assert 2 == done.sent
    assert 0 == device.sync().sent


@pytest.mark.parametrize(
    "text", ["{}", "null", "[]", '{"version": 1, "folders": {}}', "\0", '{"version":1,"folders":{"x y":{"files":5}}}']
)
def test_a_memory_that_is_lost_or_wrong_does_no_harm(device, text):
    """Everything is read again; nothing is sent or taken twice."""
    put(device, "desk-1111.jsonl", GOOD)
    device.append([a_review(50, DAY)])
    device.sync()
    state = device.home / "sync.json"
    state.write_text(text)
    done = device.sync()

    assert (0, {}, ()) == (done.sent, done.got, done.told)


def test_a_memory_that_lies_does_no_harm(device):
    """Every number of it wrong: what is missing is found all the same."""
    put(device, "desk-1111.jsonl", GOOD)
    device.append([a_review(50, DAY)])
    device.sync()
    path = device.home / "sync.json"
    state = json.loads(path.read_text())
    (folder,) = state["folders"].values()
    folder["events"] += 1
    folder["files"]["desk-1111.jsonl"][2][1] += 1
    folder["files"]["desk-1111.jsonl"][0] += 1
    path.write_text(json.dumps(state))
    (device.logs / "desk-1111.jsonl").write_text(GOOD + OTHER)
    device.append([a_review(51, DAY)])
    done = device.sync()

    assert (1, {"desk-1111": 3}) == (done.sent, done.got)


# ---------------------------------------------------------------- any bytes


LINE = st.sampled_from(
    [
        *GOOD.splitlines(),
        to_line(a_mark(7, DAY, "bury", "2026-03-05")),
        to_line(a_review(8, DAY, typed="é\n", batch="b")),
    ]
)


@st.composite
def bent_lines(draw):
    """A line with a slip: a character changed, a piece taken out, put in or doubled."""
    line = draw(LINE)
    at, end = sorted(draw(st.tuples(*[st.integers(0, len(line))] * 2)))
    piece = draw(
        st.sampled_from(
            [
                "",
                "0",
                "9" * 30,
                '"',
                "\\",
                "\u202e",
                "\x85",
                "é",
                "-",
                "null",
                "{",
                "T25:00",
                ",",
                "\\u0000",
                "\\ud800",
                '"v":2,',
                "0000-00-00",
            ]
        )
    )
    return line[:at] + draw(st.sampled_from([piece, line[at:end] * 2])) + line[draw(st.sampled_from([at, end])) :]


@settings(max_examples=times(200, 20_000))
@given(st.lists(LINE | bent_lines(), max_size=4))
def test_many_lines_at_once_are_read_as_strictly_as_one(lines):
    """The quick way takes exactly what the careful one takes, in the same words."""
    text = "\n".join(line.replace("\n", " ") for line in lines)
    expected = []
    for line in text.split("\n"):
        try:
            expected.append(to_line(from_line(line)))
        except LineError:
            continue
    found = parse(text.encode("utf-8", "surrogatepass"))

    assert sorted(expected) == sorted([*(row[0] for row in found.rows), *map(to_line, found.events)])
    for line, *columns in found.rows:
        row = row_of(from_line(line))
        assert [row[0], row[2], row[3], row[4], row[5], row[6] or ""] == [columns[n] for n in (0, 1, 3, 4, 6, 7)]


@settings(max_examples=times(100, 5_000))
@given(
    st.lists(st.binary(max_size=20) | st.sampled_from([b"\n", b"\n\n", b"x" * 30]), max_size=8),
    st.integers(0, 60),
    st.integers(1, 9),
)
def test_a_file_is_read_the_same_in_pieces_and_at_once(pieces, cut, size):
    """However it is cut, and wherever the last look ended: the same whole lines, the same mark."""
    data = b"".join(pieces)
    whole = Lines()
    lines = [line for block in whole.blocks(iter([data])) for line in block.split(b"\n")]
    first = Lines()
    some = [
        line
        for block in first.blocks(data[:cut][n : n + size] for n in range(0, cut, size))
        for line in block.split(b"\n")
    ]
    rest = Lines(first.mark)
    some += [line for block in rest.blocks(iter([data[first.mark.offset :]])) for line in block.split(b"\n")]

    assert data.split(b"\n")[:-1] == lines == some
    assert (
        whole.mark
        == rest.mark
        == Mark(data.rfind(b"\n") + 1, zlib.crc32(data[: data.rfind(b"\n") + 1]), data.count(b"\n"))
    )


FUZZ_SECONDS = float(os.environ.get("FUZZ_SECONDS", "0"))


@settings(max_examples=times(60, 3000))
@given(
    data=st.binary(max_size=200)
    | st.lists(LINE | bent_lines() | st.text(max_size=9), max_size=6).map(
        lambda lines: "\n".join(lines).encode("utf-8", "replace")
    ),
    squeeze=st.booleans(),
    cut=st.integers(0, 400),
)
def test_any_bytes_are_read_or_told(tmp_path_factory, data, squeeze, cut):
    """Nothing but `UnfitError` comes out of a file, whatever is in it."""
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_bytes((gzip.compress(data) if squeeze else data)[: cut or None])
    read(path)


def read(path: Path) -> None:
    try:
        with Opened(str(path)) as file:
            found = survey(file)
            for block in blocks(file, found, Lines(found.start)):
                parse(block)
    except UnfitError:
        pass


@pytest.mark.skipif(not FUZZ_SECONDS, reason="FUZZ_SECONDS says how long")
def test_bytes_of_real_files_bent_for_as_long_as_is_asked(tmp_path):
    """Flips, cuts and doubled pieces in files of events, plain and compressed."""
    dice, path, rounds = Random(os.urandom(8)), tmp_path / "bent.jsonl", 0
    seeds = [(GOOD + OTHER).encode(), gzip.compress((GOOD + OTHER).encode())]
    until = time.monotonic() + FUZZ_SECONDS
    while time.monotonic() < until:
        data = bytearray(dice.choice(seeds))
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(data))
            match dice.randrange(4):
                case 0:
                    data[at] = dice.randrange(256)
                case 1:
                    del data[at : at + dice.randrange(40)]
                    data = data or bytearray(b"x")
                case 2:
                    data[at:at] = data[at : at + dice.randrange(80)]
                case _:
                    data[at:at] = dice.choice([b"\n", b'"v":2,', b"\0", b"\xff", b"9" * 50, b"\\", b'"'])
        path.write_bytes(data)
        read(path)
        rounds += 1
    print(f"{rounds:,} files")


def test_names_of_devices_stand_in_names_of_files_as_they_can():
    """Whatever a device is called, its files are its own, lie in the folder and are recognised."""
    for device in ("laptop-3f2a", "../../etc/x", "a b", "é", "", "con/..", "x" * 500):
        file = named(f"{safe_device(device)}.jsonl")

        assert file is not None
        assert (safe_device(device), False) == (file.device, file.is_copy)
        assert "/" not in file.name
        assert len(file.name) < 200
