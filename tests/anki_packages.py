"""Packages for the tests, made by hand: schema 11 as JSON, schema 18 as tables, in all three containers."""

import io
import json
import sqlite3
import zipfile

ROWS = """
create table col (id integer, crt integer, mod integer, scm integer, ver integer, dty integer, usn integer, ls integer,
    conf text, models text, decks text, dconf text, tags text);
create table notes (id integer primary key, guid text, mid integer, mod integer, usn integer, tags text, flds text,
    sfld integer, csum integer, flags integer, data text);
create table cards (id integer primary key, nid integer, did integer, ord integer, mod integer, usn integer,
    type integer, queue integer, due integer, ivl integer, factor integer, reps integer, lapses integer, left integer,
    odue integer, odid integer, flags integer, data text);
create table revlog (id integer primary key, cid integer, usn integer, ease integer, ivl integer, lastIvl integer,
    factor integer, time integer, type integer);
"""
MODERN = """
create table config (KEY text primary key, usn integer, mtime_secs integer, val blob) without rowid;
create table notetypes (id integer primary key, name text collate unicase, mtime_secs integer, usn integer, config blob);
create table fields (ntid integer, ord integer, name text collate unicase, config blob, primary key (ntid, ord));
create table templates (ntid integer, ord integer, name text collate unicase, mtime_secs integer, usn integer,
    config blob, primary key (ntid, ord));
create table decks (id integer primary key, name text collate unicase, mtime_secs integer, usn integer, common blob,
    kind blob);
"""
CREATED = 1_577_836_800
"""2020-01-01, midnight in UTC."""
BASIC, BOTH, CLOZE, TYPED = 1, 2, 3, 4
BACK = "{{FrontSide}}<hr id=answer>{{Back}}"
TYPES = {
    BASIC: ("Basic", 0, ("Front", "Back"), [("{{Front}}", BACK)]),
    BOTH: ("Both", 0, ("Front", "Back"), [("{{Front}}", BACK), ("{{Back}}", "{{FrontSide}}<hr id=answer>{{Front}}")]),
    CLOZE: ("Cloze", 1, ("Text", "Extra"), [("{{cloze:Text}}", "{{cloze:Text}}<br>{{Extra}}")]),
    TYPED: ("Typed", 0, ("Front", "Back"), [("{{Front}}<br>{{type:Back}}", "{{Front}}<hr id=answer>{{type:Back}}")]),
}
DECKS = {1: "Default", 10: "Spanish::Verbs"}


def varint(number):
    out = b""
    while number > 127:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])


def field(number, value):
    """One field of a message: a number, bytes or text."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def database(notes, cards=(), reviews=(), *, modern=False, west=0, extra=""):
    """The bytes of a collection. Notes are (id, guid, type, tags, fields), cards dicts over defaults."""
    connection = sqlite3.connect(":memory:")
    connection.create_collation("unicase", lambda a, b: (a > b) - (a < b))
    connection.executescript(ROWS + (MODERN if modern else ""))
    conf = {"creationOffset": west, "rollover": 4}
    models = {
        str(key): {
            "name": name,
            "type": kind,
            "flds": [{"name": f, "ord": i} for i, f in enumerate(fields)],
            "tmpls": [{"name": f"Card {i + 1}", "ord": i, "qfmt": q, "afmt": a} for i, (q, a) in enumerate(templates)],
        }
        for key, (name, kind, fields, templates) in TYPES.items()
    }
    decks = {str(key): {"name": name, "dyn": 0} for key, name in DECKS.items()}
    texts = ("", "", "") if modern else map(json.dumps, (conf, models, decks))
    connection.execute(
        "insert into col values (1, ?, 0, 0, ?, 0, 0, 0, ?, ?, ?, '', '')", [CREATED, 18 if modern else 11, *texts]
    )
    if modern:
        for key, value in conf.items():
            connection.execute("insert into config values (?, 0, 0, ?)", [key, json.dumps(value).encode()])
        for key, (name, kind, fields, templates) in TYPES.items():
            connection.execute("insert into notetypes values (?, ?, 0, 0, ?)", [key, name, field(1, kind)])
            for place, one in enumerate(fields):
                connection.execute("insert into fields values (?, ?, ?, x'')", [key, place, one])
            for place, (q, a) in enumerate(templates):
                blob = field(1, q) + field(2, a)
                connection.execute(
                    "insert into templates values (?, ?, ?, 0, 0, ?)", [key, place, f"Card {place}", blob]
                )
        for key, name in DECKS.items():
            row = [key, name.replace("::", "\x1f"), field(1, field(1, 1))]
            connection.execute("insert into decks values (?, ?, 0, 0, x'', ?)", row)
    for key, guid, kind, tags, fields in notes:
        row = [key, guid, kind, f" {tags} ", "\x1f".join(fields)]
        connection.execute("insert into notes values (?, ?, ?, 1600000000, 0, ?, ?, 0, 0, 0, '')", row)
    plain = dict(did=10, ord=0, mod=1_600_000_000, usn=0, type=0, queue=0, due=1, ivl=0, factor=0, reps=0, lapses=0)
    plain |= dict(left=0, odue=0, odid=0, flags=0, data="")
    for card in cards:
        row = {**plain, **card}
        names = ("id", "nid", "did", "ord", "mod", "usn", "type", "queue", "due", "ivl", "factor", "reps", "lapses")
        row = [row[name] for name in (*names, "left", "odue", "odid", "flags", "data")]
        connection.execute(f"insert into cards values ({', '.join('?' * 18)})", row)
    connection.executemany("insert into revlog values (?, ?, 0, ?, ?, ?, ?, ?, ?)", reviews)
    connection.executescript(extra)
    connection.commit()
    data = bytearray(connection.serialize())
    connection.close()
    if modern:
        data[18:20] = b"\2\2"  # as Anki leaves it: write-ahead log
    return bytes(data)


def package(data, *, media=None, modern=False, meta=None, members=None):
    """A ZIP around a collection; `media` are bytes by name, `members` are further members as they are."""
    from zstandard import ZstdCompressor

    def packed(raw):
        if not modern:
            return raw
        compressor = ZstdCompressor().compressobj()  # a stream: no size in its frame
        return compressor.compress(raw) + compressor.flush()

    media = media or {}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        if modern:
            archive.writestr("meta", field(1, 3) if meta is None else meta)
        archive.writestr(
            "collection.anki2", database([(1, "dummy", BASIC, "", ("please update", "x"))], [dict(id=1, nid=1)])
        )
        archive.writestr("collection.anki21b" if modern else "collection.anki21", packed(data))
        if modern:
            listed = b"".join(field(1, field(1, name) + field(2, len(raw))) for name, raw in media.items())
            archive.writestr("media", packed(listed))
        else:
            archive.writestr("media", json.dumps({str(i): name for i, name in enumerate(media)}))
        for index, raw in enumerate(media.values()):
            archive.writestr(str(index), packed(raw))
        for name, raw in (members or {}).items():
            archive.writestr(name, raw)
    return out.getvalue()


NOTES = [
    (1, "g1", BASIC, "a::b leech", ("<b>Hola</b>", 'Hello <img src="x y.png"> [sound:a.mp3]')),
    (2, "g2", BOTH, "", ("uno", "one")),
    (3, "g3", CLOZE, "", ("{{c1::Madrid}} is in {{c2::Spain::land}}", "extra")),
    (4, "g4", TYPED, "", ("list all", "ls -a")),
    (5, "#g5", CLOZE, "", ("{{c1::outer {{c2::inner}}}} rest", "")),
]
CARDS = [
    dict(id=11, nid=1, type=2, queue=-1, due=100, ivl=30, factor=2300, reps=5, lapses=1, flags=3),
    dict(id=21, nid=2, type=2, queue=2, due=5, odue=200, odid=10, did=99, ivl=9, factor=0, reps=3),
    dict(id=22, nid=2, ord=1),
    dict(id=31, nid=3, type=3, queue=1, due=1_600_000_600, ivl=1, factor=1300, reps=9, lapses=2),
    dict(id=32, nid=3, ord=1),
    dict(id=41, nid=4, type=1, queue=3, due=7, reps=1, left=1001),
    dict(id=51, nid=5),
    dict(id=52, nid=5, ord=1, queue=-2),
]
REVIEWS = [
    (1_590_000_000_000, 11, 3, 10, 4, 2500, 5000, 1),
    (1_590_000_000_001, 11, 1, -600, 10, 2300, 61_000, 1),
    (1_590_000_000_002, 11, 0, 30, 10, 2300, 0, 4),
    (1_590_000_000_003, 21, 3, 9, 9, 0, 100, 3),
    (1_590_000_000_004, 22, 4, 4, 0, 2500, 100, 0),
]


def rows(package, sql):
    """What a query finds in a package that was written."""
    with zipfile.ZipFile(package) as archive:
        data = archive.read("collection.anki21")
    connection = sqlite3.connect(":memory:")
    try:
        connection.deserialize(data)
        return connection.execute(sql).fetchall()
    finally:
        connection.close()
