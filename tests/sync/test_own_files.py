"""What a device writes: only new lines, durably, sealed by the month, mended where the folder is not as it was left."""

import gzip
import os
import shutil

import pytest
from strategies import a_mark, a_review, an_undo, event_id
from sync.devices import Device, carry

from flashcards.app import taking_in
from flashcards.log import to_line
from flashcards.sync.own import MANY_LINES

DAY = "2026-03-02"


@pytest.fixture
def at(monkeypatch):
    """Sets the clock."""
    monkeypatch.setenv("CARDS_NOW", "2026-03-02T12:00:00+00:00")
    return lambda moment: monkeypatch.setenv("CARDS_NOW", f"{moment}T12:00:00+00:00")


@pytest.fixture
def pair(tmp_path, at):
    """Two devices with a folder each."""
    return Device(tmp_path, "a"), Device(tmp_path, "b")


def review(device, number, **changes):
    return a_review(number, DAY, device=device.device, **changes)


def own(device, name="{}.jsonl"):
    return device.logs / name.format(device.device)


def test_only_new_lines_are_added(pair):
    """What stands in the file stays byte for byte; a sync without news touches nothing."""
    one, _ = pair
    one.append([review(one, 1), review(one, 2)])
    first = one.sync()
    before = own(one).read_bytes()
    one.append([review(one, 3)])
    second = one.sync()
    after, touched = own(one).read_bytes(), own(one).stat().st_mtime_ns
    state = (one.home / "sync.json").stat().st_mtime_ns
    third = one.sync()

    assert [2, 1, 0] == [first.sent, second.sent, third.sent]
    assert after == before + (to_line(review(one, 3)) + "\n").encode()
    assert (touched, state) == (own(one).stat().st_mtime_ns, (one.home / "sync.json").stat().st_mtime_ns)


def test_what_came_from_others_is_not_sent_on(pair):
    """Their files have it."""
    one, two = pair
    one.append([review(one, 1)])
    one.sync()
    carry(one, two)
    done = two.sync()

    assert (0, {one.device: 1}, 1) == (done.sent, done.got, done.cards)
    assert not own(two).exists()


def test_what_was_imported_from_elsewhere_is_sent_whoever_wrote_it(pair):
    """Events under names of strangers, older than all of ours: the folder does not have them, so we bring them."""
    one, _ = pair
    one.append([review(one, 50)])
    one.sync()
    one.append([a_review(n, DAY, device="import") for n in range(5)])
    one.append([review(one, 51)])

    assert [6, 0] == [one.sync().sent, one.sync().sent]


def test_a_month_that_is_over_is_sealed(pair, at):
    """Compressed under its name, equal bytes from equal lines; then the file begins anew."""
    one, two = pair
    one.append([review(one, 1)])
    one.sync()
    lines = own(one).read_bytes()
    at("2026-04-01")
    one.append([review(one, 2)])
    done = one.sync()
    sealed = own(one, "{}.2026-03.jsonl.gz")
    data = sealed.read_bytes()
    carry(one, two)

    assert 1 == done.sent
    assert lines == gzip.decompress(data)
    assert bytes(4) == data[4:8]
    assert to_line(review(one, 2)) + "\n" == own(one).read_text()
    assert {one.device: 2} == two.sync().got


def test_a_month_without_news_is_sealed_as_well(pair, at):
    """A quiet device leaves no file open for ever."""
    one, _ = pair
    one.append([review(one, 1)])
    one.sync()
    at("2026-05-09")

    assert 0 == one.sync().sent
    assert [f"{one.device}.2026-03.jsonl.gz"] == [path.name for path in one.logs.iterdir()]
    assert () == one.sync().told


def test_a_crash_while_sealing_leaves_lines_twice_and_the_next_time_once(pair, at):
    """The compressed file is there and the other one as well: nothing is lost, nothing stays doubled."""
    one, _ = pair
    one.append([review(one, 1)])
    one.sync()
    before = own(one).read_bytes()
    at("2026-04-01")
    one.sync()
    own(one).write_bytes(before)
    os.utime(own(one), (1_772_452_800, 1_772_452_800))
    done = one.sync()

    assert (0, ()) == (done.sent, done.told)
    assert before == gzip.decompress(own(one, "{}.2026-03.jsonl.gz").read_bytes())
    assert not own(one).exists()


def harm_cut(path):
    path.write_bytes(path.read_bytes()[:-50])


def harm_gone(path):
    path.unlink()


def harm_older(path):
    path.write_bytes(path.read_bytes().split(b"\n")[0] + b"\n")


def harm_half(path):
    path.write_bytes(path.read_bytes()[100:])


def harm_zeros(path):
    path.write_bytes(bytes(len(path.read_bytes())))


def harm_folder_anew(path):
    shutil.rmtree(path.parent)


@pytest.mark.parametrize("harm", [harm_cut, harm_gone, harm_older, harm_half, harm_zeros, harm_folder_anew])
def test_our_file_is_mended_where_it_is_not_what_we_left(pair, harm):
    """Cut, gone, put back, half, zeros: what is missing is written again, and another device gets all of it."""
    one, two = pair
    one.append([review(one, n) for n in range(1, 6)])
    one.sync()
    harm(own(one))
    one.append([review(one, 6)])
    done = one.sync()
    carry(one, two)
    two.sync()

    assert ((), True) == (done.told, done.complete)
    assert one.lines() == two.lines()
    assert 6 == len(two.lines())
    assert {to_line(review(one, n)) for n in range(1, 7)} == {*own(one).read_text().splitlines()}
    assert 0 == one.sync().sent


def test_a_sealed_file_of_ours_that_is_damaged_is_sent_anew(pair, at):
    """Flipped bytes in the compressed file: its lines go out again, the damaged file goes."""
    one, two = pair
    one.append([review(one, n) for n in range(1, 6)])
    one.sync()
    at("2026-04-01")
    one.sync()
    sealed = own(one, "{}.2026-03.jsonl.gz")
    sealed.write_bytes(sealed.read_bytes()[:30] + b"\xff" * 20)
    done = one.sync()
    carry(one, two)
    two.sync()

    assert 5 == done.sent
    assert one.lines() == two.lines()


def test_another_folder_is_filled_on_its_own(pair, tmp_path):
    """A stick beside the usual folder gets everything, and the usual one goes on as it was."""
    one, _ = pair
    stick = tmp_path / "stick"
    stick.mkdir()
    one.append([review(one, 1)])

    assert [1, 1, 0, 0] == [one.sync().sent, one.sync(stick).sent, one.sync().sent, one.sync(stick).sent]


def test_a_store_that_was_put_back_gets_everything_again(pair):
    """An old copy of the database beside a newer memory of the folder: what it lacks comes in, though numbers agree."""
    one, two = pair
    two.append([review(two, n) for n in range(1, 4)])
    two.sync()
    carry(two, one)
    one.sync()
    copy = (one.home / "cards.db").read_bytes()
    two.append([review(two, 4)])
    two.sync()
    carry(two, one)
    one.sync()
    (one.home / "cards.db").write_bytes(copy)
    one.append([a_review(9, DAY, device="import")])
    done = one.sync()

    assert ({two.device: 1}, 1) == (done.got, done.sent)
    assert 5 == len(one.lines())


def test_what_another_device_lost_is_brought_back_after_a_day(pair, at):
    """A file that went may be on its way; if it stays away, we bring what it had to those who never saw it."""
    one, two = pair
    two.append([review(two, 1)])
    two.sync()
    carry(two, one)
    one.sync()
    own(one, f"{two.device}.jsonl").unlink()
    soon = one.sync()
    at("2026-03-04")
    later = one.sync()

    assert [0, 1, 0] == [soon.sent, later.sent, one.sync().sent]
    assert to_line(review(two, 1)) + "\n" == own(one).read_text()


def test_a_loss_that_a_clock_years_ahead_noted_is_not_waited_for(pair, at):
    """Once the clock is right, it is not ten years until what another device lost is brought back."""
    one, two = pair
    two.append([review(two, 1)])
    two.sync()
    carry(two, one)
    one.sync()
    own(one, f"{two.device}.jsonl").unlink()
    at("2036-03-02")
    ahead = one.sync()
    at("2026-03-02")

    assert [0, 1, 0] == [ahead.sent, one.sync().sent, one.sync().sent]


def test_a_month_that_others_seal_is_no_loss(pair, at):
    """Their lines went from one file to the other."""
    one, two = pair
    two.append([review(two, 1)])
    two.sync()
    carry(two, one)
    one.sync()
    at("2026-04-02")
    two.sync()
    carry(two, one)
    soon = one.sync()
    at("2026-04-09")

    assert (0, 0, {}) == (soon.sent, one.sync().sent, soon.got)


def test_a_text_that_was_taken_out_goes_from_our_files_as_well(pair, at):
    """From the open one and from sealed ones, here and, once the mark has come over, on the other device."""
    one, two = pair
    one.append([review(one, 1, typed="hunter2")])
    one.sync()
    at("2026-04-02")
    one.append([review(one, 2, typed="hunter2 again")])
    one.sync()
    carry(one, two)
    two.sync()
    marks = [a_mark(n + 10, DAY, "redact", review(one, n).id)._replace(device=two.device) for n in (1, 2)]
    two.append(marks)
    two.sync()
    carry(two, one)
    one.sync()
    files = [path for device in pair for path in own(device).parent.glob(f"{device.device}*")]
    texts = [gzip.decompress(p.read_bytes()) if p.suffix == ".gz" else p.read_bytes() for p in files]

    assert 3 == len(files)
    assert not any(b"hunter2" in text for text in texts)
    assert one.lines() == two.lines()
    assert (0, 0) == (one.sync().sent, two.sync().sent)


@pytest.mark.parametrize("first", [5, 6])
def test_two_words_for_one_event_end_in_one_on_every_device(pair, first):
    """The one that a merge keeps, whoever met the other's first; what gave way is kept aside, without what was typed."""
    one, two = pair
    words = {took: review(one, 1, took_ms=took, typed="secret") for took in (5, 6)}
    one.append([words[first]])
    two.append([words[11 - first]])
    for _ in range(2):
        one.sync()
        carry(one, two)
        two.sync()
        carry(two, one)
    last = [one.sync(), two.sync()]
    lost = (two if first == 5 else one).home / "replaced.jsonl"

    assert one.lines() == two.lines() == [to_line(words[5])]
    assert one.derived() == two.derived() == two.derived(anew=True)
    assert [(0, 0)] * 2 == [(done.sent, sum(done.got.values())) for done in last]
    assert to_line(words[6]._replace(typed=None)) + "\n" == lost.read_text()


def test_a_year_offline_is_fine(pair, at):
    """Both go on by themselves, month by month; then one sync each is enough."""
    one, two = pair
    for month in range(1, 13):
        at(f"2026-{month:02}-15")
        for n, device in enumerate(pair):
            device.append([review(device, 100 * month + 10 * n + k) for k in range(3)])
            device.sync()
    carry(one, two)
    carry(two, one)
    first, second = one.sync(), two.sync()

    assert [36, 36] == [sum(first.got.values()), sum(second.got.values())]
    assert one.lines() == two.lines()
    assert 72 == len(one.lines())
    assert one.derived() == two.derived()


def test_very_many_lines_are_compressed_at_once(pair):
    """A long history goes out as one small file, and fills an empty log in one go, with all that follows from it."""
    one, two = pair
    many = [review(one, n % 700, id=event_id(n), card=f"d/c{n % 500}", took_ms=n) for n in range(MANY_LINES + 5)]
    acts = [an_undo(800 + n, DAY, many[n].id)._replace(device=one.device, id=event_id(90_000 + n)) for n in range(3)]
    one.append(many + acts + [a_mark(900, DAY, "redact", many[7].id)._replace(id=event_id(95_000))])
    done = one.sync()
    carry(one, two)
    got = two.sync()

    assert len(many) + 4 == done.sent == sum(got.got.values())
    assert [f"{one.device}.2026-03.jsonl.gz"] == [path.name for path in one.logs.iterdir()]
    assert one.lines() == two.lines()
    assert one.derived() == two.derived() == two.derived(anew=True)
    assert [0, 0] == [one.sync().sent, two.sync().sent]


@pytest.mark.slow
def test_a_file_that_turns_out_unfit_leaves_nothing_in_a_log_that_is_filled(pair):
    """Its lines were written already when its end was seen to be missing; what others have comes in whole."""
    one, two = pair
    many = [review(one, n % 700, id=event_id(n), card=f"d/c{n % 500}", took_ms=n) for n in range(MANY_LINES + 5)]
    one.append(many)
    one.sync()
    carry(one, two)
    (sealed,) = two.logs.iterdir()
    (two.logs / "desk-1111.2026-01.jsonl.gz").write_bytes(sealed.read_bytes()[:-100])
    (two.logs / "phone-2222.jsonl").write_text("".join(to_line(e) + "\n" for e in many[:99]) + '{"v":2}\n')
    sealed.unlink()
    (two.logs / "tower-3333.jsonl").write_text(to_line(a_review(1, DAY)) + "\n")
    done = two.sync()

    assert ["broken", "newer"] == sorted(told.kind for told in done.told)
    assert ({"tower-3333": 1}, 1) == (done.got, done.cards)
    assert [to_line(a_review(1, DAY))] == two.lines()
    assert two.derived() == two.derived(anew=True)


@pytest.mark.slow
@pytest.mark.parametrize("known", [[7, 8], [50_001], [7, 50_000, 50_001]])
def test_a_log_that_has_little_is_filled_in_one_go_as_well(pair, known):
    """What it had stays and goes out, what both have is there once, what they say otherwise is settled."""
    one, two = pair
    many = [review(one, n % 700, id=event_id(n), card=f"d/c{n % 500}", took_ms=n) for n in range(MANY_LINES + 5)]
    one.append(many)
    one.sync()
    carry(one, two)
    two.append([review(two, n % 700, id=event_id(n), card="d/c7", took_ms=0) for n in known])
    two.sync()
    carry(two, one)
    one.sync()
    carry(one, two)
    last = [two.sync(), one.sync()]

    assert len(many) + len({*known} - {*range(MANY_LINES)}) == len(one.lines())
    assert one.lines() == two.lines()
    assert one.derived() == two.derived() == two.derived(anew=True)
    assert [(0, 0)] * 2 == [(done.sent, sum(done.got.values())) for done in last]


@pytest.mark.parametrize("name", ["desk-1111.jsonl", "desk-1111 (conflicted copy).jsonl"])
def test_many_bytes_of_which_little_comes_are_read_once(pair, monkeypatch, name):
    """One line of many megabytes, or a log and its copies: a device that has little takes what there is."""
    monkeypatch.setattr(taking_in, "MANY_BYTES", 2_000)
    one, two = pair
    one.append([review(one, 1)])
    lines = "".join(to_line(review(two, n)) + "\n" for n in (2, 3))
    one.logs.mkdir()
    (one.logs / "desk-1111.jsonl").write_text(lines)
    (one.logs / name).write_text(lines + "x" * 20_000 + "\n")
    done = one.sync()
    (one.home / "sync.json").unlink()
    again = one.sync()

    assert (1, {"desk-1111": 2}, 3) == (done.sent, done.got, len(one.lines()))
    assert (0, {}, 0) == (again.sent, again.got, again.cards)


def test_a_dry_run_changes_nothing(pair):
    """It says what would go out and come in."""
    one, two = pair
    two.append([review(two, 1), review(two, 2)])
    two.sync()
    carry(two, one)
    one.append([review(one, 5)])
    before = {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()}
    done = one.sync(dry_run=True)

    assert (1, {two.device: 2}, 0) == (done.sent, done.got, done.cards)
    assert before == {path: path.read_bytes() for path in one.folder.rglob("*") if path.is_file()}
    assert not (one.home / "sync.json").exists()
    assert 1 == len(one.lines())
    with one.open() as app:
        assert app.has_store
