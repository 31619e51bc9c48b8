"""What happens inside real Anki: run by an interpreter of its own that has the package `anki`, never by ours.

`make FOLDER NOTES REVIEWS` builds a collection and exports it: new.apkg, old.apkg, new.colpkg, old.colpkg.
`import PACKAGE FACTS` imports a package into a fresh collection, prints what it took as JSON,
and writes one line of JSON for each fact that must survive.
`history COLLECTION TABLE` makes a collection of a review log; `graphs COLLECTION` prints what its statistics take.
"""

import hashlib
import json
import random
import resource
import struct
import sys
import tempfile
import time
import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

from anki.collection import (
    AddNoteRequest,
    Collection,
    ExportAnkiPackageOptions,
    ImportAnkiPackageOptions,
    ImportAnkiPackageRequest,
)

DAY = 86_400
KINDS = ("Basic", "Basic (and reversed card)", "Basic (optional reversed card)", "Cloze", "Basic (type in the answer)")
TAGS = ("verb", "noun", "grammar::past", "grammar::future::near", "räksmörgås", "leech", "marked", "日本語")
MARKUP = (
    "<b>bold</b> and <i>italic</i> {}",
    "line<br>break {}",
    "<div>one {}</div><div>two</div>",
    "<ul><li>a {}</li><li>b</li></ul>",
    "<ol><li>first {}</li></ol>",
    "&lt;tag&gt; &amp; entity&nbsp;{}",
    '<span style="color: rgb(255, 0, 0)">red {}</span>',
    "<pre><code>x = {} * 2\ny = x</code></pre>",
    "\\(a^2 + {}\\) and \\[b\\]",
    '<a href="https://example.org/?a=1&amp;b={}">link</a>',
    "<table><tr><td>{}</td><td>cell</td></tr></table>",
    "007 {}",
    "  spaces around {}  ",
    "*stars* _lines_ `ticks` # {}",
    "<b>unclosed {}",
    "日本語 {} <ruby>漢<rt>かん</rt></ruby>",
    "H<sub>2</sub>O x<sup>{}</sup>",
    "{{{{c1::no cloze}}}} here {}",
    "emoji 🎉 {}",
    '<img src="picture-{}.png"> seen',
    "[sound:sound-{}.mp3] heard",
    "plain {}",
    "plain {}",
    "plain {}",
)


def png(seed):
    """A picture of one point, its colour by `seed`."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)
    point = zlib.compress(bytes([0, seed % 256, seed // 256 % 256, 7]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", point) + chunk(b"IEND", b"")


def text(dice, number):
    """A field with some markup; its picture or sound is one of ten."""
    form = dice.choice(MARKUP)
    return form.format(number % 10 if "picture" in form or "sound" in form else number)


def fields(kind, dice, number):
    front, back = f"{number}: {text(dice, number)}", text(dice, number + 1)
    if kind == "Cloze":
        gaps = " ".join(
            f"{{{{c{gap}::gap {gap}{'::hint' if gap == 2 else ''}}}}}"
            for gap in dice.choice(((1,), (1, 2), (1, 3), (5,)))
        )
        return [f"{number} <b>says</b> {gaps} end", back]
    if "optional" in kind:
        return [front, back, dice.choice(("", "y"))]
    return [front, back or "x"]


def make(folder, notes, reviews):
    folder.mkdir(parents=True, exist_ok=True)
    dice = random.Random(7)
    col = Collection(str(folder / "source.anki2"))
    media(col)
    decks = [col.decks.id(name) for name in deck_names()]
    requests = []
    for number in range(notes):
        kind = KINDS[number % len(KINDS)]
        note = col.new_note(col.models.by_name(kind))
        note.guid = f"{'#' if number % 50 == 0 else ''}g{number:06}"
        note.fields[:] = fields(kind, dice, number)
        note.tags = dice.sample(TAGS, dice.choice((0, 0, 1, 2)))
        requests.append(AddNoteRequest(note, decks[number % len(decks)]))
    col.add_notes(requests)
    schedule(col, dice, reviews)
    for name, legacy in (("new", False), ("old", True)):
        options = ExportAnkiPackageOptions(
            with_scheduling=True, with_deck_configs=False, with_media=True, legacy=legacy
        )
        col.export_anki_package(out_path=str(folder / f"{name}.apkg"), limit=None, options=options)
    for name, legacy in (("new", False), ("old", True)):
        col.export_collection_package(str(folder / f"{name}.colpkg"), True, legacy)
        col.reopen()
    col.close()


def deck_names():
    return [
        "Default",
        "Spanish",
        "Spanish::Verbs",
        "Spanish::Verbs::Irregular",
        "日本語::漢字",
        "A & B",
        *(f"Deep::{n}" for n in range(14)),
    ]


def media(col):
    for number in range(10):
        col.media.write_data(f"picture-{number}.png", png(number))
        col.media.write_data(f"sound-{number}.mp3", f"ID3 sound {number}".encode())


def schedule(col, dice, reviews):
    """States of every sort, by hand: answering a hundred thousand times takes minutes."""
    today, crt = col.sched.today, col.crt
    now = int(time.time())
    col.db.execute("update col set crt = ?, mod = ?", crt - 900 * DAY, now * 1000)
    today += 900
    cards = col.db.all(
        "select cards.id, cards.nid, notes.guid, cards.ord from cards join notes on notes.id = cards.nid order by guid, ord"
    )
    rows, log = [], []
    each = max(1, reviews // max(1, len(cards) * 3 // 4))
    moment = (now - 800 * DAY) * 1000
    for place, (card, *_) in enumerate(cards):
        sort = (
            "new",
            "review",
            "review",
            "review",
            "review",
            "learning",
            "interday",
            "relearning",
            "suspended",
            "buried",
            "new suspended",
        )[place % 11]
        count = 0 if sort.startswith("new") else each
        row, entries = state(sort, dice, place, today, now, count)
        rows.append((*row, card))
        for entry in entries:
            moment += dice.randint(60, 600)
            log.append((moment, card, -1, *entry))
    while len(log) < reviews:
        moment += 1000
        log.append((moment, log[len(log) % 97][1], -1, 3, 5, 3, 2500, 4000, 1))
    col.db.executemany(
        "update cards set type=?, queue=?, due=?, ivl=?, factor=?, reps=?, lapses=?, left=?, flags=?, data=? where id=?",
        rows,
    )
    col.db.executemany("insert into revlog values (?,?,?,?,?,?,?,?,?)", log[:reviews])


def state(sort, dice, place, today, now, count):
    """The columns of a card and the entries of its past."""
    flags = dice.choice((0, 0, 0, 1, 4, 7))
    if sort.startswith("new"):
        return (0, -1 if "suspended" in sort else 0, place + 1, 0, 0, 0, 0, 0, flags, "{}"), []
    ivl, factor, lapses = dice.randint(1, 400), dice.randint(130, 320) * 10, dice.randint(0, 9)
    due = today + dice.randint(-30, 300)
    entries = [
        (
            dice.randint(1, 4),
            dice.choice((-600, 1, ivl)),
            dice.choice((-60, 0, 3)),
            factor,
            dice.randint(500, 60_000),
            1,
        )
        for _ in range(count)
    ]
    if count > 3 and place % 7 == 0:
        entries[-2] = (0, ivl, 3, factor, 0, 4)
    queue, kind, left = 2, 2, 0
    if sort == "learning":
        queue, kind, left, due, ivl, factor, lapses = 1, 1, 2002, now + 600, 0, 0, 0
    elif sort == "interday":
        queue, kind, left, due, ivl, factor, lapses = 3, 1, 1001, today + 2, 0, 0, 0
    elif sort == "relearning":
        queue, kind, left, due = 1, 3, 1001, now + 300
    elif sort in {"suspended", "buried"}:
        queue = -1 if sort == "suspended" else -2
    data = json.dumps({"pos": place}) if place % 3 else "{}"
    return (kind, queue, due, ivl, factor, max(count, 1), lapses, left, flags, data), entries


def imported(package, facts):
    """Imports into a fresh collection; prints what it took."""
    with tempfile.TemporaryDirectory(prefix="cards-anki-side-") as folder:
        path = Path(folder, "fresh.anki2")
        col = Collection(str(path))
        before = time.perf_counter(), spent()
        if package.suffix == ".colpkg":
            col.close()
            from anki._backend import RustBackend

            RustBackend().import_collection_package(
                col_path=str(path),
                backup_path=str(package),
                media_folder=str(Path(folder, "fresh.media")),
                media_db=str(Path(folder, "fresh.media.db2")),
            )
            col = Collection(str(path))  # it took the place of another, and is not checked before it is opened
        else:
            options = ImportAnkiPackageOptions(with_scheduling=True, with_deck_configs=False)
            col.import_anki_package(ImportAnkiPackageRequest(package_path=str(package), options=options))
        took = {"seconds": time.perf_counter() - before[0], "cpu": spent() - before[1]}
        took["megabytes"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        lines = sorted(json.dumps(fact, ensure_ascii=False) for fact in dump(col))
        facts.write_text("".join(f"{line}\n" for line in lines))
        col.close()
    print(json.dumps(took))


def spent():
    """Seconds of processors so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def dump(col):
    """Every fact that must survive, in an order of its own."""
    west = col.get_config("creationOffset", 0) or 0
    first = datetime.fromtimestamp(col.crt, timezone(timedelta(minutes=-west))).date()
    types = {kind.id: kind.name for kind in col.models.all_names_and_ids()}
    for guid, mid, mod, tags, flds in col.db.all("select guid, mid, mod, tags, flds from notes"):
        yield ["note", guid, types[mid], mod, sorted(tags.split()), flds.split("\x1f")]
    decks = {deck.id: deck.name for deck in col.decks.all_names_and_ids()}
    sql = "select notes.guid, ord, cards.did, type, queue, due, ivl, factor, reps, lapses, left, cards.flags, cards.data, odue, odid from cards join notes on notes.id = nid"
    for guid, ord_, did, kind, queue, due, *rest, data, odue, odid in col.db.all(sql):
        yield [
            "card",
            guid,
            ord_,
            decks[did],
            kind,
            queue,
            shown_due(kind, due, first),
            *rest,
            json.loads(data or "{}"),
            odue,
            odid,
        ]
    sql = "select notes.guid, ord, revlog.id, ease, revlog.ivl, lastIvl, revlog.factor, time, revlog.type from revlog join cards on cards.id = cid join notes on notes.id = nid"
    for row in col.db.all(sql):
        yield ["review", *row]
    for file in sorted(Path(col.media.dir()).iterdir()):
        yield ["media", file.name, hashlib.sha1(file.read_bytes()).hexdigest()]


def shown_due(kind, due, first):
    """A date, where it counts days."""
    days = kind == 2 or (kind in {1, 3} and due < 1_000_000_000)
    return (first + timedelta(days=due)).isoformat() if days else due


def history(file, table):
    """A collection with the reviews of a table: milliseconds, card, deck, grade, time, 1 where it was a drill."""
    col = Collection(str(file))
    rows = [[int(field) for field in line.split("\t")] for line in table.open(encoding="utf-8")]
    cards = {card: deck for _, card, deck, *_ in rows}
    decks = [col.decks.id(f"deck {number}") for number in range(max(cards.values()) + 1)]
    kind, now = col.models.by_name("Basic")["id"], int(time.time())
    notes = (
        (card + 1, f"note-{card}", kind, now, -1, "", f"front {card}\x1fback", f"front {card}", 0, 0, "")
        for card in cards
    )
    col.db.executemany("insert into notes values (?,?,?,?,?,?,?,?,?,?,?)", notes)
    dice = random.Random(1)
    schedules = (
        (
            *(card + 1, card + 1, decks[deck], 0, now, -1, 2, 2, col.sched.today + dice.randrange(300)),
            *(dice.randrange(1, 400), dice.choice((1300, 2000, 2500, 2700)), 20, dice.randrange(4), 0, 0, 0, 0, ""),
        )
        for card, deck in cards.items()
    )
    col.db.executemany("insert into cards values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", schedules)
    log = (
        (at, card + 1, -1, ease, dice.randrange(1, 400), dice.randrange(1, 300), 2500, took, 3 if drill else 1)
        for at, card, _, ease, took, drill in rows
    )
    col.db.executemany("insert into revlog values (?,?,?,?,?,?,?,?,?)", log)
    col.close()


def graphs(file):
    """What its statistics take, over the whole history, in an open program."""
    col = Collection(str(file))
    start, cpu = time.perf_counter(), time.process_time()
    col._backend.graphs(search="", days=0)
    print(json.dumps({"seconds": time.perf_counter() - start, "cpu": time.process_time() - cpu}))
    col.close()


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make(Path(sys.argv[2]).resolve(), int(sys.argv[3]), int(sys.argv[4]))
    elif sys.argv[1] == "history":
        history(Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve())
    elif sys.argv[1] == "graphs":
        graphs(Path(sys.argv[2]).resolve())
    else:
        imported(Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve())
